"""A loopback Crossref REST API, with the habits of the real one that cost clients their records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from tests.server import limits
from tests.server.service import Answer, Request, Service, fold

DOI = re.compile(r"10\.[0-9]{4,}(\.[0-9]+)*/\S+")
LIST_PARAMETERS = {
    "filter",
    "rows",
    "offset",
    "mailto",
    "query",
    "query.bibliographic",
    "select",
    "sort",
    "order",
    "cursor",
}
LONGEST_LINE = 4096
TYPES = (
    "book-section monograph report-component report peer-review book-track journal-article book-part other book "
    "journal-volume book-set reference-entry proceedings-article journal component book-chapter proceedings-series "
    "report-series proceedings database standard reference-book posted-content journal-issue dissertation grant "
    "dataset book-series edited-book"
).split()
EMPTY = {"title": [], "subtitle": [], "relation": {}, "subject": [], "reference": []}


class Crossref(Service):
    """Serves `records` (as under `message`) and 301s for `aliases` (DOI → DOI), and searches by words."""

    name = "crossref"
    rates = limits.CROSSREF

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.records: dict[str, Mapping[str, Any]] = {}
        self.aliases: dict[str, str] = {}
        self.left_out: set[str] = set()
        """DOIs that lists leave out though single requests have them."""
        self.tokens: set[str] = set()
        self.blocked = False
        self.pool_header: str | None = None
        """Answer as if the request belonged to this pool, whatever the client sent."""
        self._not_found = 0

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        self.records.update((fold(r["DOI"]), r) for r in records)

    # --- who asks what ---------------------------------------------------------------------------

    def kind_of(self, request: Request) -> tuple[str, tuple[str, ...]]:
        if request.path.startswith("/works/"):
            return "single", (fold(unquote(request.path.removeprefix("/works/"))),)
        if "query.bibliographic" in request.params:
            return "search", ()
        return "list", tuple(fold(d) for d in _doi_filters(request.params.get("filter", "")))

    def pool_of(self, request: Request) -> str:
        if self.pool_header is not None:
            return self.pool_header
        if request.headers.get("crossref-plus-api-token", "").removeprefix("Bearer ") in self.tokens:
            return "plus"
        polite = "mailto" in request.params or "mailto:" in request.headers.get("user-agent", "")
        return "polite" if polite else "public"

    def limit_headers(self, pool: str, kind: str) -> dict[str, str]:
        rate = self.referee.rates[pool, "single" if kind == "single" else "list"]
        suffix = "" if pool == "plus" else "-single" if kind == "single" else "-array"
        headers = {"x-api-pool": pool + suffix, "x-rate-limit-limit": str(rate.count)}
        return headers | {"x-rate-limit-interval": f"{rate.seconds}s", "x-concurrency-limit": str(rate.at_once)}

    # --- answers ---------------------------------------------------------------------------------

    def answer(self, request: Request, kind: str, pool: str) -> Answer:
        if self.blocked:
            return Answer(403, b"<html>Blocked</html>", "text/html")
        if "crossref-plus-api-token" in request.headers and pool != "plus":
            return Answer(401, b"", "text/plain")
        if len(request.target) > LONGEST_LINE:
            return Answer(414, b"", "text/html")
        if request.path == "/works":
            return self._list(request)
        if request.path.startswith("/works/"):
            return self._single(request)
        if request.path == "/types":
            items = [{"id": kind, "label": kind.replace("-", " ").title()} for kind in TYPES]
            message = {"total-results": len(items), "items": items}
            return Answer.of({"status": "ok", "message-type": "type-list", "message": message})
        return self._resource_not_found()

    def _single(self, request: Request) -> Answer:
        if set(request.params) - {"mailto"}:
            return _refusal("parameter-not-allowed", next(iter(request.params)), "This route does not support it")
        raw = request.path.removeprefix("/works/")
        doi = fold(unquote(raw))
        if doi in self.aliases:
            return Answer(301, b"", "text/html", {"Location": f"/works/{self.aliases[doi]}"})
        record = self.records.get(doi)
        if record is None:
            return self._resource_not_found()
        message = EMPTY | dict(record) | {"score": 1}
        return Answer.of({"status": "ok", "message-type": "work", "message-version": "1.0.0", "message": message})

    def _resource_not_found(self) -> Answer:
        self._not_found += 1
        mislabelled = self._not_found % 3 == 0
        return Answer(404, b"Resource not found.", "application/json;charset=utf-8" if mislabelled else "text/plain")

    def _list(self, request: Request) -> Answer:
        for name in request.params:
            if name not in LIST_PARAMETERS:
                return _refusal("parameter-not-allowed", name, f"This route does not support {name}")
        rows = request.params.get("rows", "20")
        if not rows.isdecimal() or int(rows) > 1000:
            return _refusal("integer-not-valid", rows, "Integer specified as rows must be 0 to 1000")
        if "query.bibliographic" in request.params:
            found = self._search(request.params["query.bibliographic"])
        else:
            wanted = []
            for name, value in _filters(request.params.get("filter", "")):
                if name != "doi":
                    return _refusal(
                        "filter-not-available", name, f"Filter {name} specified but there is no such filter"
                    )
                if not DOI.fullmatch(value):
                    return _refusal("doi-not-valid", value, "DOI specified is not valid")
                wanted.append(fold(value))
            found = [r for d, r in sorted(self.records.items()) if d in set(wanted) and d not in self.left_out]
        items = [_without_empty(r) for r in found[: int(rows)]]
        message = {"facets": {}, "total-results": len(found), "items": items, "items-per-page": int(rows), "query": {}}
        return Answer.of({"status": "ok", "message-type": "work-list", "message-version": "1.0.0", "message": message})

    def _search(self, words: str) -> list[Mapping[str, Any]]:
        wanted = set(re.findall(r"\w{3,}", words.casefold()))

        def score(record: Mapping[str, Any]) -> int:
            return len(wanted & set(re.findall(r"\w{3,}", json.dumps(record.get("title", "")).casefold())))

        return [r for r in sorted(self.records.values(), key=score, reverse=True) if score(r)]


def _filters(text: str) -> list[tuple[str, str]]:
    """The filters in a parameter, read as the server of 2019 reads them.

    The text is split at commas; a piece without a colon is glued to "the last" filter. After the first gluing the
    filters are kept the other way round, and "the last" is the wrong one: with commas in two DOIs, they swap tails.
    """
    pieces: list[str] = []
    turned = False
    for piece in text.split(",") if text else []:
        if ":" not in piece and pieces:
            last = pieces.pop()
            pieces.insert(0, f"{last},{piece}")
            turned = True
        elif turned:
            pieces.insert(0, piece)
        else:
            pieces.append(piece)
    return [(name, value) for name, _, value in (p.partition(":") for p in pieces)]


def _doi_filters(text: str) -> list[str]:
    return [value for name, value in _filters(text) if name == "doi"]


def _without_empty(record: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in record.items() if v not in ([], {}, None, "")} | {"score": 0.0}


def _refusal(kind: str, value: str, message: str) -> Answer:
    failure = [{"type": kind, "value": value, "message": message}]
    return Answer.of({"status": "failed", "message-type": "validation-failure", "message": failure}, 400)
