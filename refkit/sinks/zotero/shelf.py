"""A Zotero library as merging sees it: its items as entries, their fields, and what is to be added or filled.

Merging decides here as it does for files (`refkit.merging`); what it would write is collected instead of edited.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from refkit.formats import csljson, zotero_table
from refkit.formats import zotero_schema as schema
from refkit.formats.editing import Field
from refkit.formats.zotero_dates import date_text
from refkit.formats.zotero_items import Parts, entry_of, item, label, parts
from refkit.model import Edit, Entry, Library, Origin, Work
from refkit.settings import Settings


class Shelf:
    """A Zotero library open for merging.

    Parameters: `items`, data of the API's answers, regular items only; `settings`; `version`, of the library's schema.
    After a plan `added` are the entries that are new and `changed` the fields to set, by position.
    """

    def __init__(self, items: Sequence[Mapping[str, Any]], settings: Settings, version: int) -> None:
        self.items = items
        self.version = version
        self.added: list[Entry] = []
        self.changed: dict[int, list[Field]] = {}
        self._settings = settings
        self._parts: dict[int, Parts] = {}
        entries = tuple(_entry(data) for data in items)
        self.keys = {entry.key.casefold() for entry in entries}
        self._library = Library("", "zotero", entries)
        self._places = {id(entry): place for place, entry in enumerate(self._library.entries)}

    @property
    def library(self) -> Library:
        """The items as entries; one without a citation key goes by its item's key."""
        return self._library

    @property
    def settings(self) -> Settings:
        """The caller's settings."""
        return self._settings

    def place_of(self, entry: Entry) -> int:
        """The position of one of the library's entries."""
        return self._places[id(entry)]

    def glance(self, position: int) -> Mapping[str, Any]:
        """What `match.Screen` looks at, straight from an item's data: a large library is not read in full for a few
        works."""
        data = self.items[position]
        name = _TITLES.get(str(data.get("itemType")), "title")
        said = {"title": data.get(name), "page": data.get("pages"), "URL": data.get("url"), "note": data.get("extra")}
        said |= {name: data.get(name) for name in ("DOI", "ISBN", "PMID", "PMCID", "volume")}
        seen: dict[str, Any] = {name: value for name, value in said.items() if isinstance(value, str) and value}
        for name, value in _IDENTIFIER_LINE.findall(seen.get("note", "")):
            seen.setdefault(name.upper(), value)
        if year := _YEAR.search(str(data.get("date") or "")):
            return {**seen, "issued": {"date-parts": [[int(year[0])]]}}
        return seen

    def _csl(self, position: int) -> Mapping[str, Any]:
        return self._library.entries[position].work.csl

    def fields(self, work: Work, position: int | None = None) -> tuple[Field, ...]:
        """What Zotero's fields would say of a work: fields, creators by type, lines of Extra. Tags and notes are the
        user's own."""
        kind = str(self.items[position].get("itemType")) if position is not None else ""
        made = parts(Entry("", work), version=self.version, kind=kind)
        if position is not None:
            self._parts[position] = made
        of = {
            name: variable
            for variable in (*zotero_table.BASES, *zotero_table.DATES)
            if (name := self._name(variable, made.kind))
        }
        rows = [Field("itemType", made.kind, "type")]
        rows += [Field(name, text, of.get(name, "")) for name, text in made.fields.items()]
        rows += [
            Field(creator, text, zotero_table.variable_of_creator(creator, made.kind))
            for creator, text in _creators(made.creators).items()
        ]
        return (*rows, *(Field(label(name), text, name) for name, text in made.lines if name != "type"))

    def _name(self, variable: str, kind: str) -> str:
        return zotero_table.own_field(variable, kind, self.version)

    def present(self, position: int, field: Field) -> Field | None:
        """An item's own statement of what `field` states: in a field, in creators, or in a line of Extra."""
        data, csl, variable = self.items[position], self._csl(position), field.variable
        if variable == "type":
            return Field("itemType", str(data.get("itemType")), "type")
        name = self._name(variable, str(data.get("itemType"))) if variable else field.name
        if name and str(data.get(name) or "").strip():
            return Field(name, str(data[name]), variable)
        if variable and (value := csl.get(variable)):
            return Field(field.name, _shown(variable, value), variable)
        return None

    def twin_of(self, work: Work) -> Entry | None:
        """The item that says the same as a work without a title and identifiers, by which nobody could tell it."""
        if work.csl.get("title") or work.csl.get("DOI"):
            return None
        wanted = _said_by(item(Entry("", work), version=self.version))
        for data, entry in zip(self.items, self._library.entries, strict=True):
            if not data.get("title") and _said_by(data) == wanted:
                return entry
        return None

    def edits(
        self,
        *,
        add: Sequence[Entry] = (),
        change: Mapping[int, Sequence[Field]] | None = None,
        remove: Collection[int] = (),
        aliases: Mapping[int, Sequence[str]] | None = None,
    ) -> list[Edit]:
        """Collect what is to be done; a Zotero library is no text, so that there are no edits."""
        self.added = list(add)
        self.changed = {position: list(fields) for position, fields in (change or {}).items()}
        return []

    def check(self, edited: str, edits: Sequence[Edit]) -> str:
        """Nothing can be wrong with a text that there is not."""
        return ""

    def filled(self, position: int, fields: Iterable[Field]) -> dict[str, Any]:
        """What an item's data become when these fields are set; only those that are empty are, and only the names that
        change are in the answer."""
        data, made = self.items[position], self._parts[position]
        creators = [dict(creator) for creator in data.get("creators") or ()]
        lines: list[str] = []
        out: dict[str, Any] = {}
        for field in fields:
            if field.name in made.fields and not str(data.get(field.name) or "").strip():
                out[field.name] = made.fields[field.name]
            elif (new := [c for c in made.creators if c["creatorType"] == field.name]) and not any(
                c.get("creatorType") == field.name for c in creators
            ):
                creators += new
            elif field.variable and field.variable not in self._csl(position):
                lines += [f"{label(name)}: {text}" for name, text in made.lines if name == field.variable]
        if len(creators) > len(data.get("creators") or ()):
            out["creators"] = creators
        if lines:
            out["extra"] = "\n".join([*([str(data["extra"])] if data.get("extra") else []), *lines])
        return out


class _Said(Mapping[str, Any]):
    """An item's CSL item, which is made when somebody looks into it."""

    __slots__ = ("_data", "_read")

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._read: Mapping[str, Any] | None = None

    def _whole(self) -> Mapping[str, Any]:
        if self._read is None:
            self._read = entry_of(self._data).work.csl
        return self._read

    def __getitem__(self, name: str) -> Any:
        return self._whole()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())


_TITLES = {kind: name for kind in schema.types() if (name := schema.field_of("title", kind)) != "title"}
_YEAR = re.compile(r"\b\d{4}\b")
_IDENTIFIER_LINE = re.compile(r"^(DOI|PMID|PMCID|ISBN): *(\S+)", re.IGNORECASE | re.MULTILINE)
_KEY_LINE = re.compile(r"^citation key: *(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)


def _entry(data: Mapping[str, Any]) -> Entry:
    """An item as an entry with its fields, by which the base knows it again; one without a citation key goes by its
    item's key."""
    rows = tuple((name, value) for name, value in data.items() if isinstance(value, str) and value)
    pinned = _KEY_LINE.search(str(data.get("extra") or ""))
    key = data.get("citationKey") or (pinned[1] if pinned else "") or data.get("key") or ""
    work = Work(_Said(data), {"zotero": {"key": data.get("key")}}, Origin("zotero"))
    return Entry(str(key), work, fields=rows)


_NOT_SAID = frozenset(
    """key version citationKey tags notes collections relations dateAdded dateModified deleted parentItem library
    accessDate extra creators""".split()
)


def _said_by(data: Mapping[str, Any]) -> dict[str, str]:
    """All that an item says of its work."""
    lines = [line for line in str(data.get("extra") or "").splitlines() if not _KEY_LINE.match(line)]
    said = {name: str(value) for name, value in data.items() if value and name not in _NOT_SAID}
    return said | _creators(data.get("creators") or ()) | {"extra": "\n".join(lines).strip()}


def _creators(creators: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Creators by type, as one line each."""
    found: dict[str, list[str]] = {}
    for creator in creators:
        name = creator.get("name") or ", ".join(n for n in (creator.get("lastName"), creator.get("firstName")) if n)
        found.setdefault(str(creator.get("creatorType")), []).append(name)
    return {kind: "; ".join(names) for kind, names in found.items()}


def creators_of(kind: str, text: str) -> list[dict[str, str]]:
    """The creators in such a line; for libraries that refkit only remembers."""
    found = []
    for name in text.split("; "):
        last, comma, first = name.partition(", ")
        found.append({"creatorType": kind} | ({"lastName": last, "firstName": first} if comma else {"name": name}))
    return found


def _shown(variable: str, value: Any) -> str:
    if variable in csljson.DATES and isinstance(value, Mapping):
        return date_text(value)
    if isinstance(value, (list, tuple)):
        shown = (p.get("literal") or ", ".join(n for n in (p.get("family"), p.get("given")) if n) for p in value)
        return "; ".join(shown)
    return str(value)
