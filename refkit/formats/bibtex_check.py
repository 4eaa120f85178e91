"""A second opinion on BibTeX that refkit wrote: bibtexparser must read in it what refkit's own scanner reads.

Two parsers that were written apart and agree are the reason to believe that others will read it too.
"""

from __future__ import annotations

import logging

from refkit.formats.bibtex_scan import scan
from refkit.model import Note, Severity

Read = tuple[str, str, tuple[tuple[str, str], ...]]
"""An entry as a parser sees it: type, key, and (field name, raw value) in order."""


def check(text: str) -> list[Note]:
    """What bibtexparser reads otherwise than refkit, as one note an entry; none where both agree."""
    if not text:
        return []
    ours, theirs = _ours(text), _theirs(text)
    notes = []
    for key in dict.fromkeys([*ours, *theirs]):
        if ours.get(key) != theirs.get(key):
            message = f"The entry {key} is read otherwise by bibtexparser: look at it before you rely on it."
            notes.append(Note("second-opinion", message, Severity.WARNING, place=key))
    return notes


def _ours(text: str) -> dict[str, Read]:
    return {
        block.key: (block.type.lower(), block.key, tuple((name, raw.strip()) for name, raw in block.pairs))
        for block in scan(text)
        if block.kind == "entry"
    }


def _theirs(text: str) -> dict[str, Read]:
    from bibtexparser.entrypoint import parse_string

    # What it complains of is told by the comparison; without a handler its complaints would go to standard error.
    logging.getLogger("bibtexparser").addHandler(logging.NullHandler())
    library = parse_string(text, parse_stack=[])
    return {
        entry.key: (entry.entry_type.lower(), entry.key, tuple((f.key, str(f.value).strip()) for f in entry.fields))
        for entry in library.entries
    }
