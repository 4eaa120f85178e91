"""CSL-JSON: a work is already one of its items. Source: CSL 1.0.2 `csl-data.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from refkit.formats.csljson_zotero import flavoured
from refkit.formats.plain import word_set
from refkit.model import Entry, Library, Note, Origin, Severity, Span, Work
from refkit.settings import Settings

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


def load(text: str, dialect: str = "") -> Library:
    """The library in a CSL-JSON file: an array of items, one item, or an object with `items` or `references`.

    Items get the spans of their objects in the text. What is no item is noted and left.
    """
    entries: list[Entry] = []
    notes: list[Note] = []
    try:
        found = list(_items(text))
    except ValueError as error:
        return Library(text, "csljson", (), (Note("broken-json", f"This is not JSON: {error}.", Severity.ERROR),))
    for number, (value, span) in enumerate(found, 1):
        if isinstance(value, dict) and ("type" in value or "title" in value or "id" in value):
            entries.append(_entry(value, span))
        else:
            notes.append(
                Note("no-item", f"Item {number} is no CSL-JSON item. It is kept as it is.", Severity.WARNING, span)
            )
    return Library(text, "csljson", tuple(entries), tuple(notes))


def _items(text: str) -> list[tuple[Any, Span]]:
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    if at >= len(text):
        return []
    if text[at] == "[":
        return _array(decoder, text, at)
    value, end = decoder.raw_decode(text, at)
    if isinstance(value, dict):
        for name in ("items", "references"):
            if isinstance(value.get(name), list):
                start = text.index("[", text.index(f'"{name}"', at))
                return _array(decoder, text, start)
    return [(value, Span(at, end))]


def _array(decoder: json.JSONDecoder, text: str, at: int) -> list[tuple[Any, Span]]:
    found: list[tuple[Any, Span]] = []
    at = _skip(text, at + 1)
    while at < len(text) and text[at] != "]":
        value, end = decoder.raw_decode(text, at)
        found.append((value, Span(at, end)))
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise json.JSONDecodeError("a comma or a bracket is expected", text, at)
    if at >= len(text):
        raise json.JSONDecodeError("the array is not closed", text, at)
    return found


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n\ufeff":
        at += 1
    return at


def _entry(value: dict[str, Any], span: Span) -> Entry:
    return Entry(
        str(value.get("id", "")),
        work_of(value),
        span,
        tuple((name, json.dumps(field, ensure_ascii=False)) for name, field in value.items()),
    )


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
        elif name in KNOWN:
            csl[name] = (
                field
                if name in DATES or isinstance(field, str) or name in NAMES or name in ("categories", "custom")
                else str(field)
            )
        else:
            beside[name] = field
    csl.setdefault("type", "document")
    return Work(csl, {"csljson": beside} if beside else {}, Origin("library"))
