"""The decisions of merging, pure: which works are in a library already, and what becomes of each.

`plan` brings works into a library; `dedupe` merges the entries of one library that are one work. Both only decide: the
edits that they give are carried out by `refkit.edits`, and saved by `refkit.files`. The rules are docs/merging.md's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from refkit.formats.editing import Editing
from refkit.merging.arrivals import Arrival
from refkit.merging.base import Base
from refkit.merging.duplicates import Deduping
from refkit.merging.outcome import Duplicate, Plan
from refkit.merging.planning import Planning
from refkit.settings import Settings

__all__ = ["Arrival", "Base", "Duplicate", "Plan", "dedupe", "plan"]

NO_ALIASES: Mapping[str, str] = {}


def plan(
    editing: Editing,
    arrivals: Sequence[Arrival],
    base: Base,
    settings: Settings,
    aliases: Mapping[str, str] = NO_ALIASES,
    taken: Collection[str] = (),
) -> Plan:
    """Decide what becomes of works in a library; the same whatever their order.

    Parameters: `editing`, the library; `arrivals`; `base`, what refkit last wrote there; `settings`, of which `prefer`
    counts; `aliases`, DOIs that the registry says are other names of a DOI; `taken`, further keys that no new entry may
    get. Raises `UsageError` for a preference that is none and `LibraryError` where the library's text allows no edits.
    """
    return Planning(editing, arrivals, base, settings, aliases, taken).run()


def dedupe(
    editing: Editing,
    base: Base,
    *,
    accepted: Collection[tuple[str, ...]] = (),
    aliases: Mapping[str, str] = NO_ALIASES,
) -> Plan:
    """Merge the entries of a library that are one work by an identifier, and list all others that are or may be.

    Parameters: `editing`, the library; `base`, which also knows the entries that the user said differ; `accepted`,
    groups of keys, as `Plan.duplicates` gives them, that the user said are one work; `aliases` as in `plan`. Raises
    `LibraryError` where the library's text allows no edits.
    """
    return Deduping(editing, base, accepted, aliases).run()
