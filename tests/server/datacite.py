"""A loopback DataCite REST API: `/dois?ids=…` with its page size of 25, and `/dois/{doi}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from tests.server import limits
from tests.server.service import Answer, Request, Service, fold


class DataCite(Service):
    """Serves `records` (JSON:API resources)."""

    name = "datacite"
    rates = limits.DATACITE

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.records: dict[str, Mapping[str, Any]] = {}

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        self.records.update((fold(r["attributes"]["doi"]), r) for r in records)

    def kind_of(self, request: Request) -> tuple[str, tuple[str, ...]]:
        if request.path.startswith("/dois/"):
            return "single", (fold(unquote(request.path.removeprefix("/dois/"))),)
        return "list", tuple(fold(d) for d in request.params.get("ids", "").split(",") if d)

    def pool_of(self, request: Request) -> str:
        polite = "mailto" in request.params or "mailto:" in request.headers.get("user-agent", "")
        return "polite" if polite else "public"

    def answer(self, request: Request, kind: str, pool: str) -> Answer:
        dois = self.kind_of(request)[1]
        if kind == "single":
            record = self.records.get(dois[0])
            missing = {"errors": [{"status": "404", "title": "The resource you are looking for doesn't exist."}]}
            return Answer.of({"data": record}) if record else Answer.of(missing, 404)
        size = min(int(request.params.get("page[size]", "25")), 1000)
        found = [self.records[d] for d in sorted(set(dois)) if d in self.records]
        return Answer.of({"data": found[:size], "meta": {"total": len(found), "totalPages": 1, "page": 1}})
