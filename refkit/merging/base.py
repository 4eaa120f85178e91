"""What refkit last wrote into a library, kept beside it: the base of the three-way merge, and where each value is from.

The side file `.refkit/NAME.json` is sorted and stable, so that it reads well in a diff. It also holds the user's "these
two differ", the former keys of merged entries, and values that merging two entries set aside.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from refkit.errors import LibraryError
from refkit.match.identifiers import canonical_doi

VERSION = 1
"""The side file's version; a newer one is not read, since what it means is not known here."""

_LONG = 300
"""A value with more characters is remembered by its hash: an abstract need not stand in two files."""


TITLES = frozenset(("title", "ti", "t1"))
"""What formats call the field that holds a work's title."""


@dataclass(frozen=True, slots=True)
class Said:
    """What refkit wrote into a field: the text (or its hash), which source said it, and when that was fetched."""

    text: str
    source: str
    fetched: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What refkit knows of one entry that it wrote to.

    `key` is the key it had then, `doi` its DOI or ""; `fields` what refkit last wrote, by the field's name; `aliases`
    the keys of entries that were merged into it; `aside` the values of theirs that contradict it, by field and key.
    """

    key: str
    doi: str = ""
    fields: Mapping[str, Said] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    aside: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the entry goes by in the side file: its DOI, else its key."""
        return self.doi or self.key

    @property
    def title(self) -> str | None:
        """The title that refkit wrote, which it does only where it made the entry; None where it did not."""
        return next((said.text for name, said in self.fields.items() if name.casefold() in TITLES), None)

    def wrote(self, name: str) -> Said | None:
        """What refkit wrote into the field of this name, whatever the case of its letters; None where it did not."""
        found = self.fields.get(name)
        if found is not None:
            return found
        folded = name.casefold()
        return next((said for other, said in self.fields.items() if other.casefold() == folded), None)


def remembered(text: str) -> str:
    """A value as the base keeps it: blanks and line breaks alike count for nothing, long ones become a hash."""
    plain = " ".join(text.split()).encode("utf-8", "backslashreplace").decode("utf-8")
    if len(plain) <= _LONG:
        return plain
    return "sha256:" + hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def is_as_written(said: Said, text: str) -> bool:
    """Whether a field still holds what refkit wrote into it."""
    return said.text == remembered(text)


@dataclass(frozen=True, slots=True)
class Base:
    """A library's side file: entries by name, and pairs of entries (each a DOI or a key) that the user said differ."""

    entries: Mapping[str, Written] = field(default_factory=dict)
    different: frozenset[tuple[str, str]] = frozenset()
    rest: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def parse(text: str | None, name: str) -> Base:
        """The base in a side file's text; members that this version does not know are kept.

        Parameters: `text`, None where there is no side file; `name`, what to call it in errors. Raises `LibraryError`
        where it cannot be read: it is neither ignored nor written over.
        """
        if text is None or not text.strip():
            return Base()
        hint = "Mend it, take it from your version control, or remove it: then every value counts as yours."
        try:
            whole = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise LibraryError(f"{name} is broken: {error}.", hint) from error
        if not isinstance(whole, dict) or not isinstance(whole.get("version"), int):
            raise LibraryError(f"{name} is no side file of refkit: it names no version.", hint)
        if whole["version"] > VERSION:
            raise LibraryError(f"{name} was written by a newer refkit.", "Update refkit to merge into this library.")
        try:
            entries = [_written(str(given), row) for given, row in whole.pop("entries", {}).items()]
            different = frozenset(pair(x, y) for x, y in whole.pop("different", ()))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise LibraryError(f"{name} is broken: an entry in it is not as refkit writes it.", hint) from error
        del whole["version"]
        return Base({written.name: written for written in entries}, different, whole)

    def text(self) -> str:
        """The side file's text, the same for the same base; "" where it holds nothing."""
        if not (self.entries or self.different or self.rest):
            return ""
        whole: dict[str, Any] = {"version": VERSION, **self.rest}
        if self.entries:
            whole["entries"] = {name: _row(self.entries[name]) for name in sorted(self.entries)}
        if self.different:
            whole["different"] = [list(both) for both in sorted(self.different)]
        text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        # A key in an odd encoding holds bytes that are no text; JSON has a spelling for them.
        return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)

    def saying_different(self, pairs: Iterable[tuple[str, str]]) -> Base:
        """The base with pairs more that the user said differ; each side is a DOI or a key."""
        return replace(self, different=self.different | {pair(x, y) for x, y in pairs})


def pair(x: str, y: str) -> tuple[str, str]:
    """Two names in a stable order, a DOI in its normal form."""
    first, second = sorted((canonical_doi(x) or x, canonical_doi(y) or y))
    return first, second


def _written(name: str, row: Mapping[str, Any]) -> Written:
    """One entry of the side file; which source said a field stands over the fields (`from`)."""
    fields: dict[str, Said] = {}
    for group in row.get("from", ()):
        source, fetched = str(group["source"]), str(group.get("fetched", ""))
        fields.update({str(key): Said(str(text), source, fetched) for key, text in group["fields"].items()})
    doi = canonical_doi(name)
    aside = {str(key): {str(k): str(v) for k, v in row["aside"][key].items()} for key in row.get("aside", {})}
    rest = {key: value for key, value in row.items() if key not in {"key", "from", "aliases", "aside"}}
    key = str(row.get("key", name))
    return Written(key, doi, fields, tuple(str(alias) for alias in row.get("aliases", ())), aside, rest)


def _row(written: Written) -> dict[str, Any]:
    row: dict[str, Any] = {**written.rest, "key": written.key}
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for name, said in written.fields.items():
        groups.setdefault((said.source, said.fetched), {})[name] = said.text
    if groups:
        row["from"] = [
            {"source": source, **({"fetched": fetched} if fetched else {}), "fields": dict(sorted(fields.items()))}
            for (source, fetched), fields in sorted(groups.items())
        ]
    if written.aliases:
        row["aliases"] = sorted(written.aliases)
    if written.aside:
        row["aside"] = {name: dict(sorted(values.items())) for name, values in sorted(written.aside.items())}
    return row
