"""Which optional fields a library carries by its owner's own habit, whatever refkit has added to it since.

A format knows its libraries' habits, but counts all entries alike. Entries that refkit adds from another library come
with all their fields; if these counted, a second run would fill the owner's entries with what he never had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import cached_property

from refkit.formats.dates import date_rows
from refkit.formats.editing import Editing
from refkit.formats.plain import word_set

OPTIONAL = word_set(
    """abstract keyword URL accessed language title-short container-title-short PMID PMCID note annote event-title
    event-date event-place publisher publisher-place ISSN ISBN number-of-pages number-of-volumes original-date
    original-title archive archive_location source call-number status section medium dimensions"""
)
"""Variables that a good entry may do without; all others are filled wherever they are missing."""

_NEEDED = {
    **dict.fromkeys(("book", "chapter", "paper-conference", "report", "thesis", "entry-encyclopedia"),
                    word_set("publisher publisher-place")),
    **dict.fromkeys(("webpage", "software", "dataset", "post-weblog", "post"), word_set("publisher URL")),
}  # fmt: skip
"""CSL type → optional variables that its entries need all the same."""

_OPTIONAL_IN = {"article-journal": frozenset(("editor",)), "article-magazine": frozenset(("editor",))}
"""CSL type → variables that its entries may do without too: who edits a journal is seldom told."""

_SAMPLE = 300
"""So many of the owner's entries tell what is customary."""


class Customs:
    """What the owner of a library customarily writes."""

    def __init__(self, editing: Editing, added: Collection[int], asked: Collection[str], known: bool) -> None:
        """Parameters: `added`, positions of entries that refkit made; `asked`, fields that the user asked for; `known`,
        whether refkit remembers which it made: where it does not, nothing optional is filled."""
        self._editing, self._added, self._known = editing, added, known
        self._asked = {"keyword" if name == "keywords" else name for name in asked}

    def has(self, variable: str, csl_type: str) -> bool:
        """Whether entries of a type customarily state a variable; `month` asks for dates finer than a year."""
        optional = variable == "month" or variable in OPTIONAL or variable in _OPTIONAL_IN.get(csl_type, ())
        if variable in self._asked or not optional:
            return True
        if variable in _NEEDED.get(csl_type, ()):
            return True
        if not self._known:
            return False
        count, kept = self._counted.get(csl_type) or self._counted.get("") or (0, Counter[str]())
        return count > 0 and 2 * kept[variable] >= count

    @cached_property
    def _counted(self) -> dict[str, tuple[int, Counter[str]]]:
        """Type (and "" for all) → the owner's entries of it, and in how many of them each variable stands."""
        counts: Counter[str] = Counter()
        kept: dict[str, Counter[str]] = {}
        for place, entry in enumerate(self._editing.library.entries):
            if place in self._added:
                continue
            csl = entry.work.csl
            said = {name for name, value in csl.items() if value}
            if any(len(row) > 1 for row in date_rows(csl.get("issued"))):
                said.add("month")
            for kind in ("", str(csl.get("type", ""))):
                counts[kind] += 1
                kept.setdefault(kind, Counter()).update(said)
            if counts[""] >= _SAMPLE:
                break
        return {kind: (counts[kind], kept[kind]) for kind in counts}
