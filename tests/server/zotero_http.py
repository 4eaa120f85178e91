"""What the loopback Zoteros share: real HTTP with all methods, faults on purpose, and a log of all that was asked."""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.server.service import QuietHandler, QuietServer

KINDS = ("412", "429", "500", "503", "reset", "lost", "backoff")
"""`backoff` asks for a pause in an answer that is fine.

`reset` drops the connection before anything is done, `lost` after it was done: the answer never arrives."""


@dataclass
class Asked:
    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes
    status: int = 0
    fault: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    silent: bool = False
    """Close the connection without an answer."""

    @classmethod
    def of(cls, value: Any, status: int = 200, **headers: str) -> Answer:
        return cls(status, json.dumps(value).encode(), {k.replace("_", "-"): v for k, v in headers.items()})


class ZoteroHttp(ABC):
    """A server on a port of its own; `asked` holds every request in order."""

    def __init__(self, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self.shares: dict[str, float] = {}
        self.script: list[str] = []
        self.backoff = "0.05"
        self.too_early: list[str] = []
        """Requests that came before the pause that an answer's `Backoff` asked for was over."""
        self._closed_until = 0.0
        self._random = random.Random(7)
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.zotero = self
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> Any:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def forget(self) -> None:
        self.asked.clear()

    def writes(self) -> list[Asked]:
        """All requests that could change something."""
        return [a for a in self.asked if a.method != "GET" and self.is_write(a)]

    def is_write(self, asked: Asked) -> bool:
        return True

    def fault(self) -> str:
        if self.script:
            return self.script.pop(0)
        roll = self._random.random()
        for kind, share in self.shares.items():
            roll -= share
            if roll < 0:
                return kind
        return ""

    def respond(self, asked: Asked) -> Answer:
        """The answer, one request at a time, with the faults of the day."""
        with self._lock:
            self.asked.append(asked)
            if time.monotonic() < self._closed_until:
                self.too_early.append(f"{asked.method} {asked.path}")
            asked.fault = self.fault()
            match asked.fault:
                case "412" | "500":
                    answer = Answer(
                        int(asked.fault), b"Library has been modified since specified version", {}, "text/plain"
                    )
                case "429" | "503":
                    answer = Answer(int(asked.fault), b"", {"Backoff": self.backoff, "Retry-After": "0"}, "text/plain")
                case "reset":
                    answer = Answer(0, silent=True)
                case "lost":
                    self.answer(asked)
                    answer = Answer(0, silent=True)
                case _:
                    answer = self.answer(asked)
            if asked.fault == "backoff":
                answer.headers["Backoff"] = self.backoff
            if "Backoff" in answer.headers:
                self._closed_until = time.monotonic() + float(self.backoff)
            asked.status = answer.status
            return answer

    @abstractmethod
    def answer(self, asked: Asked) -> Answer:
        """What the real one answers."""


class _Server(QuietServer):
    zotero: ZoteroHttp


class _Handler(QuietHandler):
    server: _Server

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        headers = {k.lower(): v for k, v in self.headers.items()}
        length = headers.get("content-length", "")
        body = self.rfile.read(int(length)) if length.isdigit() else b""
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        answer = self.server.zotero.respond(Asked(self.command, unquote(parts.path), params, headers, body))
        if answer.silent:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        self.send_response(answer.status)
        if answer.status != 204:
            self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # http.server's names


def page(rows: Iterable[Any], asked: Asked, most: int | None) -> tuple[list[Any], int]:
    """One page of rows as `limit` and `start` say, and how many there are."""
    rows = list(rows)
    start, limit = int(asked.params.get("start", "0")), int(asked.params.get("limit", "25" if most else "0"))
    limit = min(limit, most) if most else limit or len(rows)
    return rows[start : start + limit], len(rows)
