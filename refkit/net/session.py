"""The pooled session; its connections ask for their turn when they are open and ready to send, not before.

Opening a connection takes a tenth of a second and more. A turn taken before that would let the first request arrive so
late that the second, on an open connection, came too close to it.
"""

from __future__ import annotations

import contextlib
import http.cookiejar
import threading
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from refkit.net.messages import Upload

_here = threading.local()


class NotSent(Exception):
    """The turn did not come: the run is over, or the service was stopped meanwhile."""


@contextlib.contextmanager
def turns(take: Callable[[], None]) -> Iterator[None]:
    """Let the connections of this thread call `take` before they send; it waits for the turn, or raises `NotSent`."""
    _here.take = take
    try:
        yield
    finally:
        _here.take = None


class _Parts:
    """A file between two texts as one stream whose length is known, so that it is sent as one piece."""

    def __init__(self, upload: Upload, stream: BinaryIO) -> None:
        self._before, self._stream, self._after = upload.before, stream, upload.after
        self._length = len(upload.before) + upload.path.stat().st_size + len(upload.after)

    def __len__(self) -> int:
        return self._length

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, fewer where one part ends and the next begins."""
        if self._before:
            piece, self._before = self._before, b""
        elif not (piece := self._stream.read(size)):
            piece, self._after = self._after, b""
        return piece


@contextlib.contextmanager
def opened(body: bytes | Upload | None) -> Iterator[Any]:
    """A body in the form in which `requests` sends it; files are opened anew for each try."""
    if not isinstance(body, Upload):
        yield body
        return
    with body.path.open("rb") as stream:
        yield _Parts(body, stream)


def _take_turn(connection: HTTPConnection) -> None:
    if connection.sock is None:
        connection.connect()
    take = getattr(_here, "take", None)
    if take is not None:
        take()


class _Connection(HTTPConnection):
    def request(self, *arguments: Any, **options: Any) -> None:
        _take_turn(self)
        super().request(*arguments, **options)


class _SecureConnection(HTTPSConnection):
    def request(self, *arguments: Any, **options: Any) -> None:
        _take_turn(self)
        super().request(*arguments, **options)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager


def new_session() -> requests.Session:
    """A session that several threads may use."""
    session = requests.Session()
    # No cookies, so that threads share nothing that changes; no passwords from a .netrc file.
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    session.auth = lambda request: request
    adapter = _Adapter(pool_connections=8, pool_maxsize=8, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
