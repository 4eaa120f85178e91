"""The order in which a library writes its fields, learned from its entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise


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


def rank_in(order: Sequence[str], name: str, usual: Sequence[str]) -> float:
    """The place of a name in a library's order; one that it does not use goes behind its neighbour in `usual`."""
    if name in order:
        return float(order.index(name))
    place = usual.index(name) if name in usual else len(usual)
    for before in reversed(usual[:place]):
        if before in order:
            return order.index(before) + 0.5 + place / 1000
    return place / 1000 - 1


def are_sorted(rows: Iterable[Sequence[str]], share: float = 0.9) -> bool:
    """Whether so large a share of the rows, of more than a few names each, is in ascending order."""
    long = [row for row in rows if len(row) > 3]
    return bool(long) and sum(list(row) == sorted(row) for row in long) >= share * len(long)
