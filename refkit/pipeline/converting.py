"""A whole library → another format."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from refkit import formats, keys, match
from refkit.model import Entry, Library
from refkit.pipeline.libraries import library_format
from refkit.pipeline.output import Result
from refkit.readers import text as text_reader
from refkit.report import DuplicateRow, LibraryCounts, Report
from refkit.settings import Settings


def convert(name: str, data: bytes, form: formats.Format, settings: Settings) -> Result:
    """A whole library in another format; keys stay as they are, and entries without one get one.

    Parameters: `name`, what the user called the library; `data`, its bytes; `form`, the format wanted. Raises
    `InputError` for what is no library.
    """
    text, _, notes = text_reader.decode(data)
    library = library_format(name, text).load(text)
    report = Report(notes=[dataclasses.replace(n, path=name) for n in (*notes, *library.notes)])
    return converted(library, form, settings, report)


def converted(library: Library, form: formats.Format, settings: Settings, report: Report) -> Result:
    """A library that was read in another format; the report gets what is to be said of it."""
    entries = keyed(library, settings)
    report.library = LibraryCounts(None, added=len(entries))
    report.duplicates = duplicates_among(entries)
    new_text = form.dump(entries, settings)
    report.notes += form.check(new_text)
    return Result(new_text, entries, report, form.name)


def keyed(library: Library, settings: Settings) -> tuple[Entry, ...]:
    """A library's entries, those without a key with one."""
    taken = [entry.key for entry in library.entries if entry.key]
    new = iter(keys.assign([e.work for e in library.entries if not e.key], taken, settings.key_pattern))
    return tuple(e if e.key else dataclasses.replace(e, key=next(new)) for e in library.entries)


def duplicates_among(entries: Sequence[Entry]) -> list[DuplicateRow]:
    """The entries that are, or may be, one work, with the reason: a preprint and its article, a work with two DOIs."""
    groups = match.clusters([entry.work for entry in entries])
    return [DuplicateRow(tuple(entries[i].key for i in g.members), str(g.verdict), g.why) for g in groups]
