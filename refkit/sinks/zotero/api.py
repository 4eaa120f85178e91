"""What Zotero's web service and the API of its desktop have in common: libraries, paged reading, writing in batches.

Source: Zotero Web API 3 ("Basics", "Write requests", "Syncing"); the desktop answers under `/api` in the same way.
"""

from __future__ import annotations

import json
import secrets
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from refkit.errors import ServiceError, TargetError
from refkit.formats import zotero_schema
from refkit.model import JsonValue, Progress
from refkit.net import Call, Client, Fault, Reply
from refkit.sinks.zotero.address import Collection, LibraryName, paths
from refkit.sinks.zotero.receipts import Parcel, Receipt, as_json, failed_in, made_in, receipt_of

BATCH = 50
"""Objects in one write request, the most that are taken."""

LARGEST_BATCH = 4_000_000
"""Bytes of one write request; a batch of long abstracts is sent in parts."""

NOT_REGULAR = frozenset(("note", "attachment", "annotation"))
_TRIES_WHILE_LOCKED = 5
_MOST_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Contents:
    """A library as it was read: data of its regular items by key, its version, and what it calls its schema."""

    items: Mapping[str, Mapping[str, Any]]
    version: int
    schema: int = zotero_schema.VERSION


class Api(ABC):
    """A Zotero library behind an API."""

    service = ""
    root = ""
    page = 100
    own_keys = False
    """Whether new items may be given keys by refkit."""

    def __init__(self, client: Client, library: LibraryName, schema: int = zotero_schema.VERSION) -> None:
        self.client, self.library, self.schema = client, library, schema
        self.progress: Progress | None = None
        self.occupied: set[str] = set()
        """Keys that new items may not have, though no item that can be seen has them: of items in the trash."""

    @abstractmethod
    def headers(self, writing: bool) -> tuple[tuple[str, str], ...]:
        """The headers of a request, with the keys that it needs."""

    @abstractmethod
    def refused(self, reply: Reply) -> TargetError:
        """What a 401 or 403 means here."""

    # --- requests --------------------------------------------------------------------------------

    def ask(
        self,
        path: str,
        params: tuple[tuple[str, str], ...] = (),
        *,
        looks_right: Callable[[JsonValue], bool] | None = None,
    ) -> Reply:
        """A read request's answer. Raises `TargetError` where Zotero refuses, `ServiceError` where it is silent."""
        return self.read(self.call(path, params, looks_right=looks_right))

    def read(self, call: Call, outcome: Reply | Fault | None = None) -> Reply:
        """The answer to a read request, asked again where the library is just being written to.

        Parameters: `outcome`, what came of it before, None where it was not asked yet. Raises as `ask` does.
        """
        for _ in range(_TRIES_WHILE_LOCKED):
            outcome = outcome or self.client.get(call)
            if isinstance(outcome, Fault) or outcome.status not in (409, 412):
                break
            outcome = None
        return self.checked(outcome or self.client.get(call), call.path.removeprefix(self.root))

    def call(self, path: str, params: tuple[tuple[str, str], ...] = (), **more: Any) -> Call:
        """A read request as a call."""
        return Call(self.service, "list", self.root + path, params, takes=_TAKEN, headers=self.headers(False), **more)

    def checked(self, outcome: Reply | Fault, path: str) -> Reply:
        """The answer, where it is one that can be worked with."""
        if isinstance(outcome, Fault):
            raise ServiceError(outcome.why)
        if outcome.status in (401, 403):
            raise self.refused(outcome)
        if outcome.status == 404:
            raise TargetError(f"Zotero has no {path.strip('/')}.", "Was it deleted, or is it another user's?")
        if outcome.status not in (200, 304):
            raise ServiceError(f"Zotero answered a request for {path.strip('/')} with {outcome.status}.")
        return outcome

    def write(self, path: str, objects: Sequence[Mapping[str, Any]], token: str) -> Reply | Fault:
        """A write request's answer, whatever its status; by its token a repeated one is not carried out twice."""
        headers = (*self.headers(True), ("Content-Type", "application/json"), ("Zotero-Write-Token", token))
        body = json.dumps(list(objects), ensure_ascii=False).encode("utf-8")
        return self.client.get(
            Call(self.service, "single", self.root + path, method="POST", body=body, headers=headers, takes=_TAKEN)
        )

    def post_form(self, path: str, form: Mapping[str, Any]) -> Reply | Fault:
        """The answer to a step of a file's upload, for a file that the item has not yet."""
        given = (("Content-Type", "application/x-www-form-urlencoded"), ("If-None-Match", "*"))
        return self.client.get(
            Call(self.service, "single", self.root + path, accept="*/*", method="POST", takes=_TAKEN,
                 body=urlencode(form).encode(), headers=(*self.headers(True), *given))
        )  # fmt: skip

    # --- reading ---------------------------------------------------------------------------------

    def groups(self, user: str) -> list[LibraryName]:
        """The groups that this user is in."""
        found = self.ask(f"/users/{user}/groups", looks_right=_is_list).json
        return [
            LibraryName("groups", int(row["id"]), str(row.get("data", {}).get("name", "")))
            for row in found
            if isinstance(row, Mapping) and str(row.get("id", "")).isdigit()
        ]

    def collections(self) -> list[Collection]:
        """All collections of the library, with their paths."""
        rows = {}
        for data, _ in self._pages("/collections"):
            if data.get("deleted") or not data.get("key"):
                continue
            rows[str(data.get("key"))] = str(data.get("name", "")), str(data.get("parentCollection") or "")
        return paths(rows)

    def contents(self, collection: str = "") -> Contents:
        """The regular items of the library or of one collection.

        Where the library changes while it is read, pages shift, and it is read again, so that no item is missed.
        """
        where = f"/collections/{collection}/items/top" if collection else "/items/top"
        items: dict[str, Mapping[str, Any]] = {}
        versions: set[int] = set()
        for _ in range(_MOST_LOOKS):
            versions.clear()
            for data, version in self._pages(where):
                versions.add(version)
                if data.get("itemType") not in NOT_REGULAR and data.get("key") and not data.get("deleted"):
                    items[str(data.get("key"))] = data
            if len(versions) <= 1:
                break
        return Contents(items, max(versions, default=0), self.schema)

    def state(self) -> str:
        """What changes when the library does, by the smallest request that says it: its version, how many items it
        has, and which was modified last."""
        newest = (("limit", "1"), ("format", "json"), ("sort", "dateModified"), ("direction", "desc"))
        reply = self.ask(f"{self.library.path}/items/top", newest, looks_right=_is_list)
        last = [(data.get("key"), data.get("version"), data.get("dateModified")) for data, _ in _rows(reply)]
        return f"{_version(reply)} {reply.headers.get('total-results', '')} {last}"

    def _pages(self, path: str) -> Iterator[tuple[Mapping[str, Any], int]]:
        """The data of all objects, page by page, several requests at once after the first."""
        where = self.library.path + path

        def call(start: int) -> Call:
            numbers = (("limit", str(self.page)), ("start", str(start)), ("sort", "dateAdded"), ("direction", "asc"))
            given = (("format", "json"), ("include", "data"), *numbers)
            return self.call(where, given, looks_right=_is_list, about=start)

        first_call = call(0)
        outcome = self.client.get(first_call)
        if isinstance(outcome, Reply) and outcome.status == 404 and where == f"{self.library.path}/items/top":
            # A server that does not know this shorter list: children are left out when the items are looked at.
            yield from self._pages("/items")
            return
        first = self.read(first_call, outcome)
        self.schema = _schema(first, self.schema)
        yield from _rows(first)
        if not first.json:
            yield {}, _version(first)
        total = first.headers.get("total-results", "")
        if not total.isdigit():
            yield from self._pages_without_total(call, len(first.json or ()))
            return
        calls = deque(call(start) for start in range(self.page, int(total), self.page))
        if calls and self.progress is not None:
            self.progress.start("reading Zotero", len(calls))
        pages: dict[int, Reply] = {}
        for asked, outcome in self.client.each(calls) if calls else ():
            pages[asked.about] = self.read(asked, outcome)
            if self.progress is not None:
                self.progress.advance()
        if pages and self.progress is not None:
            self.progress.stop()
        for start in sorted(pages):  # in the order in which the user put them in, whichever page came first
            yield from _rows(pages[start])

    def _pages_without_total(self, call: Callable[[int], Call], found: int) -> Iterator[tuple[Mapping[str, Any], int]]:
        """The pages after the first where nobody says how many there are: until one is not full."""
        start = self.page
        while found == self.page:
            reply = self.read(call(start))
            yield from _rows(reply)
            found, start = len(reply.json or ()), start + self.page

    # --- writing ---------------------------------------------------------------------------------

    def make_collection(self, wanted: str) -> Collection:
        """Make a collection, and those above it that are missing. Raises `TargetError` where Zotero refuses."""
        known = {c.path: c.key for c in self.collections()}
        path, parent = "", ""
        for name in wanted.strip("/").split("/"):
            path = f"{path}/{name}" if path else name
            if path in known:
                parent = known[path]
                continue
            data = {"name": name, "parentCollection": parent or False}
            reply = self.write(f"{self.library.path}/collections", [data], new_token())
            key = made_in(self.checked_write(reply)).get("0", "")
            if not key:
                raise TargetError(f"Zotero did not make the collection {path!r}.", "Make it in Zotero, and try again.")
            parent = key
        return Collection(parent, wanted.strip("/"))

    def send(self, parcels: Sequence[Parcel], tell: Callable[[Mapping[str, Receipt]], None]) -> None:
        """Send items in batches.

        Parameters: `tell`, told after each batch what became of its items, by name. Raises `TargetError` where Zotero
        lets nothing in at all.
        """
        waiting = deque(self._batches(parcels))
        locked = 0
        while waiting:
            batch = waiting.popleft()
            reply = self.write(f"{self.library.path}/items", [_object(parcel) for parcel in batch], new_token())
            if isinstance(reply, Reply) and reply.status == 413 and len(batch) > 1:
                middle = len(batch) // 2
                waiting.extendleft((batch[middle:], batch[:middle]))
                continue
            if isinstance(reply, Reply) and reply.status == 409 and locked < _TRIES_WHILE_LOCKED:
                locked += 1
                waiting.append(batch)
                continue
            tell(self._with_notes(batch, self._receipts(batch, reply)))

    def _with_notes(self, batch: Sequence[Parcel], receipts: dict[str, Receipt]) -> dict[str, Receipt]:
        """Send the notes of new items, and add to the receipts what became of them.

        Only now it is sure whose keys these are: a note that came along with an item whose key turns out to be that of
        one in the trash would be that one's.
        """
        notes = [
            (parcel.name, html)
            for parcel in batch
            if parcel.is_new and receipts[parcel.name].outcome == "done"
            for html in parcel.data.get("notes", ())
        ]
        told = self.add_notes([(receipts[name].key, html) for name, html in notes])
        for (name, _), receipt in zip(notes, told, strict=True):
            receipts[name] = receipts[name].without(receipt, "its note")
        return receipts

    def add_notes(self, notes: Sequence[tuple[str, str]]) -> list[Receipt]:
        """Send child notes, and say what became of each. Parameters: `notes`, the item's key and the note's HTML."""
        receipts: list[Receipt] = []
        for start in range(0, len(notes), BATCH):
            part = [note_item(key, html) for key, html in notes[start : start + BATCH]]
            told = self._notes_receipts(self.write(f"{self.library.path}/items", part, new_token()))
            receipts += [told(str(place)) for place in range(len(part))]
        return receipts

    def _notes_receipts(self, reply: Reply | Fault) -> Callable[[str], Receipt]:
        """What became of the note at a position of a request."""
        if isinstance(reply, Reply) and reply.status == 412 and b"token" in reply.body.lower():
            return lambda place: Receipt("done")  # the request was repeated, and had been carried out before
        try:
            answer = self.checked_write(reply)
        except (ServiceError, TargetError) as error:
            refused = Receipt("refused", why=str(error))
            return lambda place: refused
        made, failed = made_in(answer), failed_in(answer)
        return lambda place: receipt_of(place, made, failed)

    def _batches(self, parcels: Sequence[Parcel]) -> Iterator[Sequence[Parcel]]:
        batch: list[Parcel] = []
        size = 0
        for parcel in parcels:
            weight = len(json.dumps(_object(parcel)))
            if batch and (len(batch) == BATCH or size + weight > LARGEST_BATCH):
                yield batch
                batch, size = [], 0
            batch.append(parcel)
            size += weight
        if batch:
            yield batch

    def _receipts(self, batch: Sequence[Parcel], reply: Reply | Fault) -> dict[str, Receipt]:
        if isinstance(reply, Fault):
            return {parcel.name: Receipt("unsure", why=reply.why) for parcel in batch}
        if reply.status in (412, 428):
            return {parcel.name: Receipt("unsure", why="The library changed meanwhile.") for parcel in batch}
        self.checked_write(reply)
        made, failed = made_in(reply), failed_in(reply)
        receipts = {}
        for place, parcel in enumerate(batch):
            receipts[parcel.name] = receipt_of(str(place), made, failed)
            if parcel.is_new and failed.get(str(place), {}).get("code") == 412:
                self.occupied.add(str(parcel.data.get("key")))
        return receipts

    def checked_write(self, outcome: Reply | Fault) -> Reply:
        """The answer to a write request that was understood. Raises `TargetError` or `ServiceError` for any other."""
        if isinstance(outcome, Fault):
            raise ServiceError(outcome.why)
        if outcome.status in (401, 403):
            raise self.refused(outcome)
        if outcome.status != 200 or not isinstance(as_json(outcome), Mapping):
            said = outcome.body.decode("utf-8", "replace")[:200]
            raise TargetError(f"Zotero refused what was sent ({outcome.status}): {said}")
        return outcome


_TAKEN = frozenset((401, 403))


def _object(parcel: Parcel) -> dict[str, Any]:
    """What is sent of an item; its notes are items of their own."""
    return {name: value for name, value in parcel.data.items() if name != "notes"}


def note_item(parent: str, html: str) -> dict[str, Any]:
    """A child note of the item with this key."""
    return {"itemType": "note", "parentItem": parent, "note": html, "tags": [], "collections": [], "relations": {}}


def new_token() -> str:
    """A write token: 32 characters that no other request bears."""
    return secrets.token_hex(16)


def _is_list(value: JsonValue) -> bool:
    return isinstance(value, list)


def _version(reply: Reply) -> int:
    said = reply.headers.get("last-modified-version", "")
    return int(said) if said.isdigit() else 0


def _schema(reply: Reply, known: int) -> int:
    said = reply.headers.get("zotero-schema-version", "")
    return int(said) if said.isdigit() else known


def _rows(reply: Reply) -> Iterator[tuple[Mapping[str, Any], int]]:
    for row in reply.json or ():
        data = row.get("data") if isinstance(row, Mapping) else None
        if isinstance(data, Mapping):
            yield data, _version(reply)
