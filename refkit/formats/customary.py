"""The order in which a library writes its fields, learned from its entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

_MOST = 200
"""So many names have an order; an entry of thousands has none worth learning."""


def customary_order(rows: Iterable[Sequence[str]]) -> list[str]:
    """The names in the order in which most entries have them.

    Parameters: `rows`, the names of each entry's fields in order.
    """
    places: dict[str, list[float]] = {}
    follows: Counter[tuple[str, str]] = Counter()
    for row in rows:
        names = list(dict.fromkeys(row))
        for index, name in enumerate(names):
            places.setdefault(name, []).append(index / len(names))
        follows.update(pairwise(names))
    if len(places) > _MOST:
        used = sorted(places, key=lambda name: (-len(places[name]), name))
        places = {name: places[name] for name in used[:_MOST]}
    order = sorted(places, key=lambda name: (sum(places[name]) / len(places[name]), name))
    for _ in order:
        swapped = False
        for index in range(len(order) - 1):
            first, second = order[index], order[index + 1]
            if follows[second, first] > follows[first, second]:
                order[index], order[index + 1] = second, first
                swapped = True
        if not swapped:
            break
    return order


class Ranking:
    """The places of names in a library's order; one that it does not use goes behind its usual neighbour."""

    def __init__(self, order: Sequence[str], usual: Sequence[str]) -> None:
        """Parameters: `order`, the library's names in its order; `usual`, all names in the format's own."""
        self.first = order[0] if order else ""
        self._ranks = {name: float(place) for place, name in enumerate(order)}
        used = set(self._ranks)
        before = -1.5
        for place, name in enumerate(usual):
            if name in used:
                before = self._ranks[name]
            else:
                self._ranks[name] = before + 0.5 + place / 1000
        self._last = before + 0.5 + len(usual) / 1000

    def __getitem__(self, name: str) -> float:
        return self._ranks.get(name, self._last)


def are_sorted(rows: Iterable[Sequence[str]], share: float = 0.9) -> bool:
    """Whether so large a share of the rows, of more than a few names each, is in ascending order."""
    long = [row for row in rows if len(row) > 3]
    return bool(long) and sum(list(row) == sorted(row) for row in long) >= share * len(long)
