"""In which order the fields of a BibTeX library's entries stand, learned from pairs of fields.

What the library does not show is in the order in which refkit writes (`bibtex_table`).
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence

from refkit.formats.bibtex_table import BIBLATEX_NAMES, BIBTEX_NAMES

_ENTRIES = 500
"""So many entries, the last ones, tell enough."""

_FIELDS = 60
"""And so many fields of each."""


def _usual() -> dict[str, int]:
    """Field → its place in the order in which refkit writes."""
    places: dict[str, int] = {}
    for row in (*BIBTEX_NAMES, *BIBLATEX_NAMES):
        for name in ("date", "year", "month", "day") if row.csl == "issued" else (row.default, *row.by_type.values()):
            if name:
                places.setdefault(name, len(places))
    return places


USUAL = _usual()


class Order:
    """The order of fields in a library."""

    def __init__(self, entries: Sequence[Sequence[str]]) -> None:
        """Parameters: `entries`, the names (small letters) of each entry's fields, in order."""
        self._before: Counter[tuple[str, str]] = Counter()
        told = [list(dict.fromkeys(names[:_FIELDS])) for names in entries[-_ENTRIES:]]
        for names in told:
            self._before.update(itertools.combinations(names, 2))
        long = [names for names in told if len(names) > 3]
        self._alphabetical = bool(long) and 5 * sum(names == sorted(names) for names in long) >= 4 * len(long)

    def precedes(self, one: str, other: str) -> bool:
        """Whether a field usually stands before another."""
        if self._alphabetical:
            return one < other
        ahead, behind = self._before[one, other], self._before[other, one]
        if max(ahead, behind) > 2 * min(ahead, behind):
            return ahead > behind
        last = len(USUAL)
        return USUAL.get(one, last) < USUAL.get(other, last)

    def is_followed(self, names: Sequence[str]) -> bool:
        """Whether an entry's fields mostly stand in this order."""
        pairs = list(itertools.combinations(names[:_FIELDS], 2))
        return 4 * sum(self.precedes(other, one) for one, other in pairs) <= len(pairs)

    def place(self, name: str, names: Sequence[str]) -> int:
        """Before how many of an entry's fields, counted from the first, a new one goes: where it breaks the order
        least, and as far back as possible.

        Parameters: `names`, those that the entry has, small letters, in order.
        """
        wrong = best = sum(not self.precedes(name, other) for other in names)
        place = 0
        for index, other in enumerate(names):
            wrong += 1 if self.precedes(name, other) else -1
            if wrong <= best:
                best, place = wrong, index + 1
        return place

    def sorted(self, names: Iterable[str]) -> list[str]:
        """The names of a new entry's fields in the library's order."""
        out: list[str] = []
        for name in names:
            out.insert(self.place(name, out), name)
        return out
