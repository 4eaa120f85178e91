"""CSL-JSON: a work is already one of its items. Source: CSL 1.0.2 `csl-data.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from refkit.errors import LibraryError
from refkit.formats.csljson_scan import Element, Layout, scan, value_at
from refkit.formats.csljson_zotero import flavoured
from refkit.formats.lazy import Source
from refkit.formats.plain import word_set
from refkit.model import Entry, Library, Note, Origin, Severity, Span, Work
from refkit.settings import Settings

if TYPE_CHECKING:
    from refkit.formats.editing import Editing

NAMES = word_set(
    """author chair collection-editor compiler composer container-author contributor curator director editor
    editorial-director executive-producer guest host illustrator interviewer narrator organizer
    original-author performer producer recipient reviewed-author script-writer series-creator translator"""
)
"""Name variables of CSL 1.0.2."""

DATES = word_set("""accessed available-date event-date issued original-date submitted""")
"""Date variables of CSL 1.0.2."""

STRINGS = word_set(
    """language journalAbbreviation shortTitle abstract annote archive archive_collection archive_location
    archive-place authority call-number chapter-number citation-number citation-label collection-number
    collection-title container-title container-title-short dimensions division DOI edition event event-title
    event-place first-reference-note-number genre ISBN ISSN issue jurisdiction keyword locator medium note
    number number-of-pages number-of-volumes original-publisher original-publisher-place original-title page
    page-first part part-title PMCID PMID printing publisher publisher-place references reviewed-genre
    reviewed-title scale section source status supplement title title-short URL version volume volume-title
    volume-title-short year-suffix part-number printing-number supplement-number citation-key"""
)
"""Text and number variables of CSL 1.0.2, with the schema's old names."""

KNOWN = NAMES | DATES | STRINGS | {"type", "categories", "custom"}
_NAME_PARTS = (
    "family",
    "given",
    "dropping-particle",
    "non-dropping-particle",
    "suffix",
    "comma-suffix",
    "static-ordering",
    "literal",
    "parse-names",
)


def item(entry: Entry) -> dict[str, Any]:
    """One CSL-JSON item, valid against the schema, with the user's own further keys as they were."""
    out: dict[str, Any] = {"id": entry.key, "type": entry.work.csl.get("type") or "document"}
    for name, value in entry.work.csl.items():
        if name not in ("id", "type") and name in KNOWN:
            out[name] = value
    own = entry.work.extra.get("csljson")
    if isinstance(own, Mapping):
        out.update((name, value) for name, value in own.items() if name not in out)
    return out


def dump(entries: Sequence[Entry], settings: Settings, dialect: str = "") -> str:
    """Entries as the text of a CSL-JSON file: an array, one item's field a line."""
    left_out = set(settings.leave_out)
    items = [{name: value for name, value in item(entry).items() if name not in left_out} for entry in entries]
    if settings.csl_dialect == "zotero":
        items = [flavoured(one, NAMES, DATES) for one in items]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def edit(text: str, settings: Settings, dialect: str = "", encodable: Callable[[str], bool] | None = None) -> Editing:
    """A CSL-JSON library open for editing in place."""
    from refkit.formats.csljson_edit import CslJsonEditing

    return CslJsonEditing(text, settings, encodable)


def load(text: str, dialect: str = "") -> Library:
    """The library in a CSL-JSON file: an array of items, one item, one item a line, or an object with `items` or
    `references`.

    Items get the spans of their objects in the text. What is no item is noted and left.
    """
    try:
        layout = scan(text)
    except LibraryError as error:
        return Library(text, "csljson", (), (Note("broken-json", error.message, Severity.ERROR),))
    entries = tuple(entry_at(text, element) for element in layout.elements if element.said is not None)
    return Library(text, "csljson", entries, tuple(notes(layout)))


def notes(layout: Layout) -> Iterator[Note]:
    """What is odd about a library's list: elements that are no items, and ids that are used twice."""
    seen: set[str] = set()
    for number, element in enumerate(layout.elements, 1):
        span = Span(element.start, element.end)
        if element.said is None:
            what = f"Item {number} is no CSL-JSON item. It is kept as it is."
            yield Note("no-item", what, Severity.WARNING, span)
        elif key := str(element.said.get("id", "")):
            if key in seen:
                yield Note("duplicate-key", f"The id {key!r} is used twice.", Severity.WARNING, span)
            seen.add(key)


def entry_at(text: str, element: Element, key: str | None = None) -> Entry:
    """One item as an entry, read when it is looked at.

    Parameters: `key`, what it is called; where it is None, its `id`, "" where it has none.
    """
    if key is None:
        key = str((element.said or {}).get("id", ""))
    return _Source(text, element.start).entry(key, Span(element.start, element.end))


class _Source(Source):
    __slots__ = ("at", "text")

    def __init__(self, text: str, at: int) -> None:
        super().__init__()
        self.text, self.at = text, at

    def rows(self) -> list[tuple[str, str]]:
        return [(name, json.dumps(field, ensure_ascii=False)) for name, field in value_at(self.text, self.at).items()]

    def parts(self) -> dict[str, dict[str, Any]]:
        work = work_of(value_at(self.text, self.at))
        return {"csl": dict(work.csl), "extra": dict(work.extra)}


def key_of(said: Mapping[str, Any]) -> str:
    """What an item is called: its `id`, else its citation key, its DOI, or its title's first words and its year."""
    for name in ("id", "citation-key", "DOI"):
        if said.get(name) not in (None, ""):
            return str(said[name])
    words = re.findall(r"[^\W_]+", str(said.get("title", "")).lower())[:6]
    year = re.search(r"\d{4}", json.dumps(said.get("issued", "")))
    return "-".join([*words, *([year[0]] if year else [])]) if words else ""


def work_of(value: Mapping[str, Any]) -> Work:
    """The work of one CSL-JSON item; keys that CSL does not know go beside it."""
    csl: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    for name, field in value.items():
        if name == "id" or field is None or field == "" or field == []:
            continue
        if name in NAMES and isinstance(field, list):
            csl[name] = [
                {part: name_[part] for part in _NAME_PARTS if name_.get(part)}
                for name_ in field
                if isinstance(name_, dict)
            ]
        elif name in NAMES and isinstance(field, str):
            csl[name] = [{"literal": field}]
        elif name in KNOWN - NAMES:
            csl[name] = (
                field if name in DATES or isinstance(field, str) or name in ("categories", "custom") else str(field)
            )
        else:
            beside[name] = field
    csl.setdefault("type", "document")
    return Work(csl, {"csljson": beside} if beside else {}, Origin("library"))
