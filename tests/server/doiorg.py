"""A loopback doi.org: which agency registered a DOI (`/doiRA/`, `/ra/`), whether it exists, and content negotiation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from tests.server import limits
from tests.server.crossref import DOI
from tests.server.service import Answer, Request, Service, fold

if TYPE_CHECKING:
    from tests.server.services import Services

LONGEST_TARGET = 8192


class DoiOrg(Service):
    """Knows the DOIs of all the loopback services, and those in `agencies` (DOI → agency)."""

    name = "doi"
    rates = limits.DOI

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.agencies: dict[str, str] = {}
        self.items: dict[str, Mapping[str, Any]] = {}
        """CSL-JSON that an agency gives for a DOI; doi.org sends on to the agency, here another path of its own."""
        self.short: dict[str, str] = {}
        """Short DOIs (`10/abc`) and what they stand for."""
        self.landing_pages: dict[str, str] = {}
        """Where doi.org sends on to instead."""
        self.services: Services | None = None

    def agency(self, doi: str) -> str | None:
        if doi in self.agencies:
            return self.agencies[doi]
        if self.services is None:
            return None
        if doi in self.services.crossref.records or doi in self.services.crossref.aliases:
            return "Crossref"
        return "DataCite" if doi in self.services.datacite.records else None

    def kind_of(self, request: Request) -> tuple[str, tuple[str, ...]]:
        for start in ("/doiRA/", "/ra/"):
            if request.path.startswith(start):
                pieces = request.path.removeprefix(start).split(",")
                return "list", tuple(fold(unquote(p)) for p in pieces)
        return "single", (fold(unquote(request.path.removeprefix("/data")[1:])),)

    def answer(self, request: Request, kind: str, pool: str) -> Answer:
        if request.path.startswith("/api/handles/"):
            return self._handle(unquote(request.path.removeprefix("/api/handles/")))
        if len(request.target) > LONGEST_TARGET:
            return Answer(414, b"", "text/html")
        if kind == "list":
            return Answer.of([self._row(d) for d in self.kind_of(request)[1]])
        return self._resolve(request)

    def _handle(self, handle: str) -> Answer:
        if handle in self.short:
            value = {"index": 1, "type": "HS_ALIAS", "data": {"format": "string", "value": self.short[handle]}}
            return Answer.of({"responseCode": 1, "handle": handle, "values": [value]})
        return Answer.of({"responseCode": 100, "handle": handle}, 404)

    def _resolve(self, request: Request) -> Answer:
        """Send on to the agency's data, or to a page that has none; `/data/…` stands for the agency's own service."""
        at_agency = request.path.startswith("/data/")
        doi = fold(unquote(request.path.removeprefix("/data/") if at_agency else request.path[1:]))
        if at_agency and doi in self.items:
            return Answer(200, json.dumps(self.items[doi]).encode(), "application/vnd.citationstyles.csl+json")
        if at_agency:
            return Answer(200, b"<!DOCTYPE html><html>A landing page</html>", "text/html")
        if self.agency(doi) is None:
            return Answer(404, b"<html><title>Error: DOI Not Found</title></html>", "text/html;charset=utf-8")
        target = self.landing_pages.get(doi) or f"{self.url}/data/{quote(doi, safe='')}"
        return Answer(302, b"", "text/html;charset=utf-8", {"Location": target, "Vary": "Accept"})

    def _row(self, doi: str) -> dict[str, str]:
        if not DOI.fullmatch(doi):
            return {"DOI": doi, "status": "Invalid DOI"}
        agency = self.agency(doi)
        return {"DOI": doi, "RA": agency} if agency else {"DOI": doi, "status": "DOI does not exist"}
