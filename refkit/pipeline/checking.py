"""Do manuscript and library fit: citations without an entry, entries never cited, DOIs that are still bare. Offline."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from refkit.manuscripts import Cited, Wanted
from refkit.model import Note, Severity, Work
from refkit.pipeline.citing import is_key, libraries_of, refuse_without_library
from refkit.pipeline.entries import Entries, entries_of
from refkit.pipeline.manuscript_files import ManuscriptFile, expand
from refkit.report import CitationRow, Report
from refkit.settings import Settings

_ALIKE = 0.72
"""How alike a key must be to be suggested (difflib's ratio)."""


def check(paths: Sequence[Path], settings: Settings, wanted: Wanted, *, libraries: Sequence[Path] = ()) -> Report:
    """What does not fit between manuscripts and their libraries; nothing is asked and nothing written.

    Raises as `refkit.pipeline.citing.cite` does. The report's citations are `same`, `missing` or `bare`.
    """
    report = Report()
    opened = list(expand(paths, wanted))
    refuse_without_library(opened, libraries)
    groups: dict[tuple[Path, ...], list[ManuscriptFile]] = {}
    for one in opened:
        groups.setdefault(tuple(libraries_of(one, libraries)), []).append(one)
    for named, members in groups.items():
        if not named:
            continue
        known = entries_of(named, settings)
        cited: set[str] = set()
        for one in members:
            rows = list(_rows(one, known))
            report.citations += rows
            report.notes += [_note(row) for row in rows if row.action in ("missing", "bare")]
            cited |= {row.key for row in rows if row.key}
        if not any(one.read.all_cited for one in members):
            report.notes += _never_cited(known, cited)
    return report


def _rows(one: ManuscriptFile, known: Entries) -> list[CitationRow]:
    rows = []
    for cited in one.read.cited:
        there = cited.key in known.keys or cited.key in one.read.defined or cited.work is not None
        why = "" if there else _suggestion(cited, known.keys)
        action = "same" if there else "missing"
        span = cited.span
        rows.append(CitationRow(one.name, span.start, span.end, action, None, cited.key, why, cited.place))
    for item in one.read.items:
        span, doi = item.span, item.readings[0].doi
        if is_key(item, known):
            rows.append(CitationRow(one.name, span.start, span.end, "same", None, item.written, "", item.place))
            continue
        key = next((known.by_doi[r.doi][0] for r in item.readings if r.doi in known.by_doi), None)
        why = f"the library has it as {key}" if key else "the library has no entry with this DOI"
        rows.append(CitationRow(one.name, span.start, span.end, "bare", doi, key, why, item.place))
    return sorted(rows, key=lambda row: (row.start, row.end))


def _note(row: CitationRow) -> Note:
    if row.action == "bare":
        said = f"{row.doi} is still bare: {row.why}."
        return Note("doi-bare", said, Severity.ERROR, path=row.path, place=row.place)
    said = f"{row.key} is cited, but no library has such an entry" + (f"; {row.why}" if row.why else "") + "."
    return Note("citation-missing", said, Severity.ERROR, path=row.path, place=row.place)


def _suggestion(cited: Cited, keys: Mapping[str, Work]) -> str:
    """The entry that may be meant: the same key in other case, else the most alike, else one of that name and year."""
    lower = {key.lower(): key for key in keys}
    if cited.key.lower() in lower:
        return f"did you mean {lower[cited.key.lower()]}?"
    near = difflib.get_close_matches(cited.key.lower(), lower, n=1, cutoff=_ALIKE) if len(lower) < 20_000 else []
    if near:
        return f"did you mean {lower[near[0]]}?"
    named = _by_name(cited.key, keys)
    return f"did you mean {named}?" if named else ""


def _by_name(key: str, keys: Mapping[str, Work]) -> str:
    match = re.match(r"([^\W\d_]{3,})\D*?((?:1[5-9]|20)\d\d)", key)
    if match is None:
        return ""
    name, year = match[1].lower(), match[2]
    for other, work in keys.items():
        people = work.csl.get("author") or work.csl.get("editor") or [{}]
        family = str(people[0].get("family") or people[0].get("literal") or "").lower()
        issued = work.csl.get("issued")
        if family and family == name and year in str(issued):
            return other
    return ""


def _never_cited(known: Entries, cited: Collection[str]) -> list[Note]:
    rest = [key for key in known.keys if key not in cited]
    if not rest:
        return []
    listed = ", ".join(rest[:20]) + (f" and {len(rest) - 20:,} more" if len(rest) > 20 else "")
    one = len(rest) == 1
    said = f"{len(rest):,} {'entry is' if one else 'entries are'} never cited: {listed}."
    return [Note("never-cited", said, Severity.WARNING, path=str(known.target))]
