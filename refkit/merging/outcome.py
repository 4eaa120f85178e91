"""What merging decided: decisions, edits, the new base and the duplicates that were found."""

from __future__ import annotations

from dataclasses import dataclass

from refkit.merging.base import Base
from refkit.model import Decision, Edit


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Entries that are (`same`) or may be (`unsure`) one work, by their keys, and why.

    `members` are their positions, where all are in the library; `merged` says whether the plan merges them.
    """

    keys: tuple[str, ...]
    verdict: str
    why: str
    members: tuple[int, ...] = ()
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What merging decided.

    `decisions`, one for each arrival in turn, or one for each group of duplicates; `edits` to the library's text;
    `base` as it is afterwards; `duplicates` found on the way; `renamed`, the keys that went, each with the key of the
    entry that took its place, for the manuscripts that cite them.
    """

    decisions: tuple[Decision, ...]
    edits: tuple[Edit, ...]
    base: Base
    duplicates: tuple[Duplicate, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
