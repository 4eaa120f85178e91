"""One loopback HTTP service: routing to `answer`, faults, limits, and a log of all that was asked."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from tests.server.faults import Faults
from tests.server.limits import Rate, Referee

FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def fold(doi: str) -> str:
    return doi.translate(FOLD)


@dataclass
class Request:
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    target: str


@dataclass
class Answer:
    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any, status: int = 200, **headers: str) -> Answer:
        return cls(status, json.dumps(value).encode(), headers={k.replace("_", "-"): v for k, v in headers.items()})


@dataclass
class Asked:
    """One request as it came: `kind` (list, single, search), the DOIs in it, the status it got, and when."""

    kind: str
    target: str
    dois: tuple[str, ...]
    pool: str
    headers: dict[str, str]
    status: int = 0
    fault: str = ""
    at: float = 0.0


class Service(ABC):
    """A service on a port of its own; `asked` holds every request. Subclasses say what kind it is and answer it."""

    name = "service"
    rates: ClassVar[dict[tuple[str, str], Rate]] = {}

    def __init__(self, port: int = 0) -> None:
        self.faults = Faults()
        self.referee = Referee(dict(self.rates))
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.service = self
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    # --- for tests -------------------------------------------------------------------------------

    def count(self, kind: str | None = None, status: int | None = None) -> int:
        """How many requests came, of one kind or with one status only."""
        with self._lock:
            return sum((kind is None or a.kind == kind) and (status is None or a.status == status) for a in self.asked)

    def times_asked(self, doi: str) -> int:
        """In how many requests `doi` was asked for and answered without a fault."""
        return sum(fold(doi) in a.dois for a in self.asked if not a.fault and a.status in (200, 301, 302, 404))

    def forget(self) -> None:
        """Empty the log."""
        with self._lock:
            self.asked.clear()

    # --- for subclasses --------------------------------------------------------------------------

    def kind_of(self, request: Request) -> tuple[str, tuple[str, ...]]:
        """The kind of a request for the limits, and the DOIs that it asks for."""
        return "list", ()

    def pool_of(self, request: Request) -> str:
        """The pool that a request belongs to."""
        return "public"

    def limit_headers(self, pool: str, kind: str) -> dict[str, str]:
        """What the service says of its limits in every answer."""
        return {}

    @abstractmethod
    def answer(self, request: Request, kind: str, pool: str) -> Answer:
        """What the service answers when all is well."""


class QuietServer(ThreadingHTTPServer):
    """A server of the tests, which takes many clients at once."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no matter for the server."""


class QuietHandler(BaseHTTPRequestHandler):
    """Its handler: connections stay open, an answer goes out in one piece, and nothing is logged."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass


class _Server(QuietServer):
    service: Service


class _Handler(QuietHandler):
    server: _Server

    def do_GET(self) -> None:
        service = self.server.service
        parts = urlsplit(self.path)
        headers = {k.lower(): v for k, v in self.headers.items()}
        request = Request(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, self.path)
        kind, dois = service.kind_of(request)
        pool = service.pool_of(request)
        asked = Asked(kind, self.path, dois, pool, headers, at=time.monotonic())
        with service._lock:
            service.asked.append(asked)
        refused = service.referee.enter(pool, "single" if kind == "single" else "list")
        try:
            if refused:
                answer = Answer(429, b"", "text/html")
                asked.fault = refused
            else:
                asked.fault = service.faults.next()
                if service.faults.delay:
                    time.sleep(service.faults.delay)
                answer = self._faulty(asked.fault) or service.answer(request, kind, pool)
            answer.headers.update(service.limit_headers(pool, kind))
        finally:
            service.referee.leave(pool)
        asked.status = answer.status
        self._send(answer, asked.fault)

    def _faulty(self, fault: str) -> Answer | None:
        page = b"<!DOCTYPE html><html><body><h1>Bad things happen</h1></body></html>"
        after = (
            {"Retry-After": self.server.service.faults.retry_after} if self.server.service.faults.retry_after else {}
        )
        match fault:
            case "401" | "403":
                return Answer(int(fault), page, "text/html")
            case "429":
                return Answer(429, b"", "text/html", after)
            case "500":
                return Answer(500, b'{"status":"error"}', headers={"exception-name": "java.lang.NullPointerException"})
            case "503":
                return Answer(503, page, "text/html", after)
            case "html":
                return Answer(200, page, "text/html")
            case "nonsense":
                return Answer(200, b'{"message": ["this is not what was asked for"]}')
            case "empty":
                return Answer(200, b"")
            case "slow":
                time.sleep(1.0)
        return None

    def _send(self, answer: Answer, fault: str) -> None:
        if fault == "reset":
            # Linger of 0 s makes closing a connection reset it.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) // 2 if fault == "short" else len(answer.body)))
        self.end_headers()
        if fault == "drip":
            for byte in answer.body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)
        if fault == "truncate":
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.close_connection = True
            return
        self.wfile.write(answer.body)
