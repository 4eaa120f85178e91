"""Entries that come back from a copy of the library: they say what an entry says, however little that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from refkit.formats.editing import Editing
from refkit.match.profile import KINDS
from refkit.merging.arrivals import Arrival, Newcomer, fingerprint
from refkit.merging.values import About, same


class Copies:
    """A library's entries by their keys and by what they say; nothing is read before it is asked for."""

    def __init__(self, editing: Editing, aliases: Mapping[str, str]) -> None:
        self._editing, self._aliases = editing, aliases
        self._entries = editing.library.entries
        self._fingerprints: dict[int, str] = {}

    def of(self, one: Newcomer, looked_at: Sequence[int], is_barred: Callable[[int], bool]) -> int | None:
        """The position of the entry that a newcomer from a library is a copy of, if any.

        Parameters: `one`; `looked_at`, positions of entries that look like it; `is_barred`, whether the user said that
        it is not the entry at a position. An entry with its key comes first; then those that say exactly the same.
        """
        for arrival in one.own:
            named = [place for place in self._by_key.get(arrival.key, ()) if not is_barred(place)]
            exact = next((place for place in named if self._says(place) == fingerprint(arrival.work)), None)
            if exact is None:
                exact = next((place for place in named if self._agrees(arrival, place)), None)
            if exact is not None:
                return exact
        for arrival in one.own:
            said = fingerprint(arrival.work)
            # An entry with a title was looked at already where it is like the newcomer; one without never was.
            untitled: Sequence[int] = () if arrival.work.csl.get("title") else self._untitled.get(said, ())
            for place in (*looked_at, *untitled):
                if self._says(place) == said and not is_barred(place):
                    return place
        return None

    def _agrees(self, arrival: Arrival, place: int) -> bool:
        """Whether an entry says something that an arrival says, and nothing against it."""
        yours, theirs = self._entries[place].work.csl, arrival.work.csl
        kinds = {KINDS.get(str(csl.get("type", "")), "") for csl in (yours, theirs)} - {""}
        about = About(yours, arrival.work, self._aliases)
        shared = {name for name in theirs if name in yours and name != "type"}
        # A year or a language alone is shared by chance, and so are keys such as 1.
        if len(kinds) > 1 or not shared - {"issued", "language"}:
            return False
        return all(same(name, yours[name], theirs[name], about) for name in shared)

    def _says(self, place: int) -> str:
        if place not in self._fingerprints:
            self._fingerprints[place] = fingerprint(self._entries[place].work)
        return self._fingerprints[place]

    @cached_property
    def _by_key(self) -> dict[str, list[int]]:
        return _listed((entry.key, place) for place, entry in enumerate(self._entries) if entry.key)

    @cached_property
    def _untitled(self) -> dict[str, list[int]]:
        """What entries without a title at the first glance say, each with their positions."""
        places = (place for place in range(len(self._entries)) if not self._editing.glance(place).get("title"))
        return _listed((self._says(place), place) for place in places)


def _listed(rows: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for key, place in rows:
        found.setdefault(key, []).append(place)
    return found
