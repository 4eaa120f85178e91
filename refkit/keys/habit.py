"""The pattern of a library's own keys, told from the keys that it has: new keys are made like the old ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from refkit.keys import DEFAULT
from refkit.keys.patterns import part
from refkit.model import Entry, Work

_ASKED = 80
"""So many entries, evenly over the library, are enough to tell."""

_TELLING = 2
"""One key is like a pattern by chance."""

_NAMES = ("auth", "auth:lower", "auth:upper", "auth:3", "auth:3:lower", "auth:4", "auth:4:lower", "authors",
    "authors:lower", "authors:2", "authetal", "authetal:lower", "authorsalpha", "edtr", "edtr:lower")  # fmt: skip
_YEARS = ("year", "shortyear")
_TITLES = ("title:1", "title:1:lower", "shorttitle", "shorttitle:lower", "title:2", "title:2:lower", "title:abbr:lower",
    "shorttitle:abbr", "shorttitle:underscores:lower", "shorttitle:hyphens:lower", "title", "title:lower")  # fmt: skip
_PLACES = ("journal:abbr", "journal:abbr:lower", "volume", "firstpage")
PIECES = {"name": _NAMES, "year": _YEARS, "title": _TITLES, "place": _PLACES}
"""What keys are made of, the simplest first; each kind is used once."""

SEPARATORS = ("", ":", "_", "-", ".", "/", "+")
_CLASH = re.compile(r"[a-z]{0,2}")


def pattern_of(entries: Sequence[Entry], asked: str = DEFAULT) -> str:
    """The pattern that gives most of the keys of a library, or `asked` where none gives at least half of them.

    Parameters: `entries`, the library's; `asked`, the pattern in the settings: one that the user chose himself stays.
    """
    if asked != DEFAULT or len(entries) < _TELLING:
        return asked
    count = min(len(entries), _ASKED)
    seen: Counter[str] = Counter()
    for index in range(count):
        entry = entries[index * len(entries) // count]
        seen.update(dict.fromkeys(_patterns(entry.key, entry.work)).keys())
    if not seen:
        return asked
    best, votes = max(seen.items(), key=lambda item: (item[1], -_cost(item[0])))
    return best if votes >= _TELLING and 2 * votes >= count else asked


def _cost(pattern: str) -> int:
    """How far from simple a pattern is, to choose among those that give the same keys."""
    order = [name for names in PIECES.values() for name in names]
    return sum(100 + order.index(piece) for piece in re.findall(r"\[([^\]]*)\]", pattern)) if pattern else 0


def _patterns(key: str, work: Work) -> list[str]:
    """The patterns that would give this key for this work."""
    values: dict[str, list[tuple[str, str]]] = {}
    for kind, names in PIECES.items():
        found = ((name, part(name)(work)) for name in names)
        values[kind] = [(name, value) for name, value in found if value and len(value) <= len(key)]
    out: list[str] = []
    _follow(key, 0, "", values, frozenset(), out)
    return out


def _follow(
    key: str, at: int, pattern: str, values: dict[str, list[tuple[str, str]]], used: frozenset[str], out: list[str]
) -> None:
    if len(used) > 1 and _CLASH.fullmatch(key, at):
        out.append(pattern)
    if at == len(key):
        return
    for separator in SEPARATORS if at else ("",):
        if not key.startswith(separator, at):
            continue
        start = at + len(separator)
        for kind, found in values.items():
            if kind in used:
                continue
            for name, value in found:
                if _same(key[start : start + len(value)], value, name):
                    _follow(key, start + len(value), f"{pattern}{separator}[{name}]", values, used | {kind}, out)


def _same(piece: str, value: str, name: str) -> bool:
    """Whether a piece of a key is this value; a name may have capitals inside (`LeCun`)."""
    if piece == value:
        return True
    return (
        name in ("auth", "edtr") and piece[:1] == value[:1] and piece.lower() == value.lower() and not piece.isupper()
    )
