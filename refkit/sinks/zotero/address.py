"""What a call names in Zotero: `zotero:`, `zotero:Thesis/Chapter 2`, `zotero:My Group/Thesis`; its collections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from refkit.errors import UsageError

MINE = "My Library"
"""What Zotero calls the user's own library."""


@dataclass(frozen=True, slots=True)
class LibraryName:
    """A Zotero library: `users` or `groups`, its number (0 is the user at this machine), and its name."""

    kind: str
    number: int
    name: str = MINE

    @property
    def path(self) -> str:
        """Its part of the API's paths."""
        return f"/{self.kind}/{self.number}"


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection by its key, and its name with those of its parents before it, parted by slashes."""

    key: str
    path: str

    @property
    def name(self) -> str:
        """Its own name, without those of its parents."""
        return self.path.rpartition("/")[2]


def is_address(given: str) -> bool:
    """Whether an input of a call names something in Zotero."""
    return given[:7].lower() == "zotero:"


def library_of(wanted: str, own: LibraryName, groups: Iterable[LibraryName]) -> LibraryName:
    """The library that the setting `zotero_library` names. Raises `UsageError` where there is none, or two."""
    said = wanted.strip()
    if not said or said.casefold() == MINE.casefold():
        return own
    groups = list(groups)
    if numbered := re.fullmatch(r"(users?|groups?)/(\d+)", said.strip("/")):
        kind, number = numbered[1].rstrip("s") + "s", int(numbered[2])
        if kind == "users" and number in (0, own.number):
            return own
        found = [group for group in groups if kind == "groups" and group.number == number]
    else:
        found = [group for group in groups if group.name.casefold() == said.casefold()]
    if len(found) == 1:
        return found[0]
    names = ", ".join([MINE, *(f"{group.name} (groups/{group.number})" for group in groups)])
    if found:
        raise UsageError(f"There are {len(found)} Zotero groups called {wanted!r}.", f"Say which: {names}.")
    raise UsageError(f"There is no Zotero library {wanted!r} that refkit can reach.", f"There are: {names}.")


def split(address: str, preset: str, own: LibraryName, groups: Sequence[LibraryName]) -> tuple[LibraryName, str]:
    """The library and the collection's path ("" for the whole library) that a `zotero:` address names.

    A first part that is a library's name means that library; else all of it is a collection of the library that the
    setting names (`preset`).
    """
    said = address[7:].strip().strip("/") if is_address(address) else address.strip().strip("/")
    first, _, rest = said.partition("/")
    if re.fullmatch(r"(?:users|groups)/\d+(?:/.*)?", said):
        number, _, path = rest.partition("/")
        return library_of(f"{first}/{number}", own, groups), path
    named = {MINE.casefold(), *(group.name.casefold() for group in groups)}
    for name in (said, first):
        if name and name.casefold() in named:
            return library_of(name, own, groups), "" if name == said else rest
    return library_of(preset, own, groups), said


def paths(rows: Mapping[str, tuple[str, str]]) -> list[Collection]:
    """Collections with their whole paths. Parameters: `rows`, key → name and parent's key ("" at the top)."""

    def path(key: str, seen: frozenset[str]) -> str:
        name, parent = rows[key]
        return f"{path(parent, seen | {key})}/{name}" if parent in rows and parent not in seen | {key} else name

    return [Collection(key, path(key, frozenset())) for key in rows]


def choose(wanted: str, collections: Sequence[Collection]) -> Collection | None:
    """The collection of this path, or this key, or the only one of this name; None where there is none.

    Raises `UsageError` where two bear the name.
    """
    said = wanted.strip().strip("/")
    for exactly in (True, False):
        wanted_name = said if exactly else said.casefold()
        for names in ([c.path for c in collections], [c.key for c in collections], [c.name for c in collections]):
            shown = names if exactly else [name.casefold() for name in names]
            found = [c for c, name in zip(collections, shown, strict=True) if name == wanted_name]
            if len(found) == 1:
                return found[0]
            if found:
                listed = "; ".join(f"{c.path} ({c.key})" for c in found)
                raise UsageError(f"There are {len(found)} Zotero collections {wanted!r}: {listed}.", "Say its key.")
    return None
