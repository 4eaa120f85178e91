"""Plan, and write what was planned as one step; again where another program saves one of the files meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from refkit import files
from refkit.model import Note
from refkit.settings import Settings

_TRIES = 5
"""How often it is planned: who saves a file so often will not mind running refkit again."""

Planned = TypeVar("Planned")


def committed(
    paths: Iterable[Path],
    plan: Callable[[], Planned],
    changes: Callable[[Planned], Sequence[files.FileChange]],
    settings: Settings,
    *,
    command: str,
) -> tuple[Planned, tuple[Note, ...]]:
    """Write what `plan` gives, with all files locked, and return it with what there is to say about the writing.

    Parameters: `paths`, all that may be written; `plan`, which reads the files as they are now; `changes`, what is
    written of a plan, the library first; `command`, what the step is called where it can be taken back. Raises
    `LibraryError` where a file cannot be written or will not keep still: then none is changed.
    """
    with files.locked(sorted(set(paths))) as locked:
        for left in reversed(range(_TRIES)):
            planned = plan()
            try:
                said = files.commit(changes(planned), command=command, keep=settings.remember, most=settings.undo_steps)
            except files.Changed:
                if not left:
                    raise
                continue
            return planned, (*locked, *said)
    raise AssertionError("unreachable: the last try returns or raises")
