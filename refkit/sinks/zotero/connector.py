"""Zotero's connector server, the way in that browsers use: it takes items, files and a collection, and shows nothing.

Source: Zotero's sources, 7.0.32 to 10.0 (behaviour). Items land in the collection that is selected in Zotero, or are
moved at once to the one that is wanted; keys, versions and collections of their own are ignored.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refkit.errors import TargetError
from refkit.formats import zotero_schema
from refkit.formats.zotero_uri import item_uri
from refkit.model import Work
from refkit.net import Call, Client, Fault, Reply, Upload
from refkit.sinks.zotero.address import Collection, choose
from refkit.sinks.zotero.api import BATCH
from refkit.sinks.zotero.local import silent
from refkit.sinks.zotero.receipts import Parcel, Receipt


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Zotero items go: the id of a library ("L1") or collection ("C12"), its path, and the library's name."""

    target: str
    path: str
    library: str


class Connector:
    """The connector server of the Zotero that runs on this machine."""

    kind = "connector"
    own_keys = False

    def __init__(self, client: Client) -> None:
        """Look whether Zotero runs. Raises `NotRunning`, and `TargetError` where something else answers."""
        self.client = client
        outcome = client.get(self._call("/connector/ping", b"{}"))
        if isinstance(outcome, Fault):
            raise silent(outcome)
        self.zotero = outcome.headers.get("x-zotero-version", "")
        if outcome.status != 200 or "x-zotero-connector-api-version" not in outcome.headers:
            raise TargetError("What runs at Zotero's address is not Zotero.", "Check the setting zotero_url.")
        self.schema = zotero_schema.schema_of(self.zotero)
        self.sessions: dict[str, tuple[str, str]] = {}
        """Name of a parcel → the session that it was sent in, and its id there, for its files."""
        self.place = Place("", "", "")

    def _call(self, path: str, body: bytes | Upload, content: str = "application/json", **more: Any) -> Call:
        headers = (("Content-Type", content), ("X-Zotero-Connector-API-Version", "3"), *more.pop("headers", ()))
        return Call(
            "zotero-desktop", "single", path, accept="*/*", method="POST", body=body, headers=headers,
            takes=frozenset((400, 403, 404, 500, 501)), **more,
        )  # fmt: skip

    def _ask(self, path: str, value: Mapping[str, Any]) -> Reply:
        outcome = self.client.get(self._call(path, json.dumps(value).encode("utf-8")))
        if isinstance(outcome, Fault):
            raise TargetError(f"Zotero does not answer any more: {outcome.why}", "Run the same command again.")
        return outcome

    # --- where it goes ---------------------------------------------------------------------------

    def look(self, library: str, collection: str) -> None:
        """Choose where items go. Parameters: `library`, its name, "" for what is selected in Zotero; `collection`, its
        path or name.

        Raises `TargetError` where nothing there can be edited, or there is no such place (it cannot be made here), and
        `UsageError` where two bear the name.
        """
        reply = self._ask("/connector/getSelectedCollection", {})
        said = json.loads(reply.body) if reply.status == 200 else {}
        if not isinstance(said, Mapping) or "libraryName" not in said:
            raise TargetError("Zotero does not say which library is selected.", "Select a collection in Zotero.")
        selected = str(said["libraryName"])
        places = list(_places(said.get("targets") or ()))
        wanted = library or selected
        mine = [place for place in places if place.library.casefold() == wanted.casefold()]
        if collection or wanted.casefold() != selected.casefold():
            self.place = _chosen(mine, wanted, collection)
        else:
            if not said.get("editable", True):
                raise TargetError(
                    f"The library that is selected in Zotero, {selected}, is read-only.",
                    "Select one that you can edit, or name one with --collection.",
                )
            self.place = Place("", str(said.get("name") or selected), selected)

    @property
    def named(self) -> str:
        """What to call the place."""
        where = self.place.path or self.place.library
        return f"{where} in Zotero"

    @property
    def memory(self) -> str:
        """The name under which refkit remembers what it sent there."""
        return f"connector-{self.place.library}"

    def dress(self, data: dict[str, Any], work: Work, taken: Mapping[str, Any]) -> dict[str, Any]:
        """A new item with the URI by which documents know its work."""
        if uri := item_uri(work):
            data["relations"] = {"dc:replaces": [uri]}
        return data

    # --- sending ---------------------------------------------------------------------------------

    def send(self, parcels: Sequence[Parcel], tell: Callable[[Mapping[str, Receipt]], None]) -> None:
        """Send new items. Parameters: `tell`, told after each batch what became of its items, by name.

        Raises `TargetError` where no library takes them.
        """
        for tags, group in _by_tags(parcels):
            for start in range(0, len(group), BATCH):
                batch = group[start : start + BATCH]
                tell(self._save(batch, tags))

    def _save(self, batch: Sequence[Parcel], tags: tuple[str, ...]) -> dict[str, Receipt]:
        session = secrets.token_hex(8)
        items = [{**p.data, "id": f"{session}-{number}", "tags": []} for number, p in enumerate(batch)]
        for parcel, item in zip(batch, items, strict=True):
            self.sessions[parcel.name] = session, str(item["id"])
        body = json.dumps({"sessionID": session, "uri": "https://doi.org/", "items": items}, ensure_ascii=False)
        outcome = self.client.get(self._call("/connector/saveItems", body.encode("utf-8")))
        if isinstance(outcome, Fault):
            return {
                parcel.name: Receipt("refused", why=f"Zotero broke off; look whether it is there. {outcome.why}")
                for parcel in batch
            }
        # The session is of this very request: that it exists says that the first try was carried out.
        if outcome.status not in (201, 409):
            return self._refused(batch, outcome)
        if tags or self.place.target:
            said: dict[str, Any] = {"sessionID": session}
            # Tags of an item would count as automatic, and vanish where the user has switched these off.
            said |= {"tags": list(tags)} if tags else {}
            said |= {"target": self.place.target} if self.place.target else {}
            if lacking := self._updated(said):
                return {parcel.name: Receipt("done", why=lacking) for parcel in batch}
        return {parcel.name: Receipt("done") for parcel in batch}

    def _updated(self, said: Mapping[str, Any]) -> str:
        """Give what a session saved its tags and its place; "", or a sentence where it is there without them."""
        outcome = self.client.get(self._call("/connector/updateSession", json.dumps(said).encode("utf-8")))
        if isinstance(outcome, Reply) and outcome.status in (200, 201, 204):
            return ""
        why = outcome.why if isinstance(outcome, Fault) else f"Zotero said {outcome.status}."
        where = f"It is not in {self.place.path}" if self.place.target else ""
        tags = f"{'and' if where else 'It'} has no tags" if said.get("tags") else ""
        return f"It was added, but not all of it: {' '.join(text for text in (where, tags) if text)}. {why}"

    def _refused(self, batch: Sequence[Parcel], reply: Reply) -> dict[str, Receipt]:
        try:
            said = json.loads(reply.body)
        except ValueError:
            said = None
        if isinstance(said, Mapping) and said.get("libraryEditable") is False:
            raise TargetError("No library in Zotero can be edited now.", "Is Zotero still starting, or syncing?")
        why = f"Zotero refused it ({reply.status}); look there whether some of these items were saved."
        return {parcel.name: Receipt("refused", why=why) for parcel in batch}

    def attach(self, name: str, path: Path, title: str, content: str, url: str) -> str:
        """Send a file as the attachment of an item that was sent in this run; "" or why it was not taken.

        Parameters: `url`, of the work; a path of this machine would be shown to all who share the library. The title is
        written with JSON's own escapes, so that the header is ASCII.
        """
        session, parent = self.sessions[name]
        about = json.dumps({"sessionID": session, "parentItemID": parent, "title": title, "url": url})
        call = self._call(
            "/connector/saveAttachment", Upload(path), content, headers=(("X-Metadata", about),), again=False
        )
        outcome = self.client.get(call)
        if isinstance(outcome, Fault):
            return outcome.why
        if outcome.status == 201:
            return ""
        return (
            "Zotero may not keep files in this library." if outcome.status == 200 else f"Zotero said {outcome.status}."
        )


def _by_tags(parcels: Iterable[Parcel]) -> list[tuple[tuple[str, ...], list[Parcel]]]:
    """Items with the same tags together: tags are given to all items of a session."""
    groups: dict[tuple[str, ...], list[Parcel]] = {}
    for parcel in parcels:
        tags = tuple(str(tag["tag"]) for tag in parcel.data.get("tags", ()))
        groups.setdefault(tags, []).append(parcel)
    return list(groups.items())


def _places(targets: Iterable[Mapping[str, Any]]) -> Iterator[Place]:
    """The libraries and collections that Zotero lists, each below its parents by its level."""
    names: list[str] = []
    for row in targets:
        level = int(row.get("level") or 0)
        names = [*names[:level], str(row.get("name"))]
        yield Place(str(row.get("id")), "/".join(names[1:]), names[0])


def _chosen(places: Sequence[Place], library: str, wanted: str) -> Place:
    if not places:
        raise TargetError(f"Zotero shows no library {library!r}.", "It lists those that you can edit.")
    if not wanted:
        return places[0]
    below = {place.target: place for place in places if place.path}
    found = choose(wanted, [Collection(place.target, place.path) for place in below.values()])
    if found is None:
        raise TargetError(
            f"There is no collection {wanted!r} in {library}, and it cannot be made this way.",
            "Make it in Zotero, or switch on the local API of Zotero 10 (docs/zotero.md).",
        )
    return below[found.key]
