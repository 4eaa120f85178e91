"""The fields of a work as a CSL-JSON library would write them, and what its own items say already.

A field's name is its member's, its text JSON; a line `DOI: 10.1/x` of a note is the field "note DOI".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from refkit.formats.addresses import is_doi_alone, is_doi_url
from refkit.formats.csljson import DATES, KNOWN, NAMES, item
from refkit.formats.csljson_habits import SYNONYMS, Habits, Parsed, is_empty
from refkit.formats.csljson_zotero import flavoured
from refkit.formats.dates import date_rows
from refkit.formats.editing import Field
from refkit.formats.journals import abbreviated
from refkit.model import Entry, Work
from refkit.settings import Settings

_LINE = r"(?im)^[ \t]*{}[ \t]*[:=][ \t]*(\S[^\r\n]*?)[ \t]*$"


def written(value: Any) -> str:
    """A value as the text of a field."""
    return json.dumps(value, ensure_ascii=False)


def fields_for(work: Work, settings: Settings, habits: Habits, own: Parsed | None) -> Iterator[Field]:
    """What a library writes for a work, or for its counterpart `own`, in the library's order."""
    left_out = set(settings.leave_out)
    members = {name: value for name, value in item(Entry("", work)).items() if name not in left_out and name != "id"}
    if settings.csl_dialect == "zotero":
        members = flavoured(members, NAMES, DATES)
    if own is not None and "type" in own.values:
        members.pop("type", None)
    from_library = work.origin.source == "library"
    if not habits.doi_links and is_doi_url(members):
        members.pop("URL")
    out: dict[str, Field] = {}
    for name, value in members.items():
        if is_empty(value) or not (from_library or habits.writes(_standard(name))):
            continue
        if name == "container-title" and (habits_short := _short(work, settings)):
            value = habits_short
        own_name = next((known for known in _names(name) if own is not None and known in own.values), habits.name(name))
        out.setdefault(own_name, Field(own_name, written(in_form(name, value, habits, own)), _variable(name)))
    yield from sorted(out.values(), key=lambda field: habits.rank(field.name))


def _short(work: Work, settings: Settings) -> str:
    if settings.journal != "abbreviated" or work.csl.get("type") != "article-journal":
        return ""
    return str(work.csl.get("container-title-short") or abbreviated(str(work.csl["container-title"])))


def _standard(name: str) -> str:
    return {"shortTitle": "title-short", "journalAbbreviation": "container-title-short"}.get(name, name)


def _names(name: str) -> tuple[str, ...]:
    """A member's name and its synonyms."""
    same = next((names for names in SYNONYMS if name in names), frozenset((name,)))
    return (name, *sorted(same - {name}))


def _variable(name: str) -> str:
    return _standard(name) if name in KNOWN else ""


def in_form(name: str, value: Any, habits: Habits, own: Parsed | None) -> Any:
    """A value in the form that the library has for it: years as texts, dates as they are written out, dashes."""
    if name in DATES and isinstance(value, dict):
        had = own.values.get(name) if own is not None else None
        raw = isinstance(had, dict) and "raw" in had and "date-parts" not in had if had else habits.raw_dates
        rows = date_rows(value)
        if raw and rows and "season" not in value:
            said = ["-".join(f"{part:0{4 if index == 0 else 2}d}" for index, part in enumerate(row)) for row in rows]
            return {"raw": "/".join(said)}
        if habits.year_texts and rows:
            return {**value, "date-parts": [[str(row[0]), *row[1:]] for row in rows]}
    if name == "page" and habits.dash != "-" and isinstance(value, str):
        return re.sub(r"(?<=\w)-(?=\w)", habits.dash, value)
    return value


def own_field(own: Parsed, field: Field) -> Field | None:
    """The item's own field that states what `field` states, under whatever name; None where it has none."""
    member, _, label = field.name.partition(" ")
    variable = field.variable or _variable(member)
    if label:
        return _noted(own, label, variable)
    for name in (*_names(member), *_names(variable)):
        if name in own.values and not is_empty(own.values[name]):
            return Field(name, written(own.values[name]), variable)
    if not variable or variable not in _names(member):
        return None
    url = own.values.get("URL")
    if variable == "DOI" and isinstance(url, str) and is_doi_alone(url):
        return Field("URL", written(url), variable)
    return _noted(own, variable, variable)


def _noted(own: Parsed, label: str, variable: str) -> Field | None:
    """A line `PMID: 1` of a note, as Zotero keeps what it has no field for."""
    note = own.values.get("note")
    found = re.search(_LINE.format(re.escape(label)), note) if isinstance(note, str) else None
    if found:
        return Field(f"note {label}", written(found[1]), variable)
    if variable == "DOI" and isinstance(note, str) and is_doi_alone(note):
        return Field("note", written(note), variable)
    return None


def noted(note: str, label: str, said: str) -> str:
    """A note with the value behind a label replaced, or with a line for it at its end."""
    found = re.search(_LINE.format(re.escape(label)), note)
    if found:
        return note[: found.start(1)] + said + note[found.end(1) :]
    return f"{note}\n{label}: {said}" if note else f"{label}: {said}"
