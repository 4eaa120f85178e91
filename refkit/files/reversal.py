"""Taking back what a run did, as long as the files are as it left them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from refkit.errors import LibraryError, UsageError
from refkit.files import steps
from refkit.files.journal import FileChange, base_path, commit, locked
from refkit.files.locks import FOLDER, home
from refkit.files.saving import argument, fingerprint, read_whole, real_path, shown
from refkit.files.steps import Step, Touched


@dataclass(frozen=True, slots=True)
class Version:
    """A file as it is `now`, as refkit left it (`written`), and as it was `before` that; None where it is not there."""

    path: Path
    before: bytes | None
    written: bytes | None
    now: bytes | None

    @property
    def is_own(self) -> bool:
        """Whether it is refkit's own notes on a library, which no user looks at."""
        return self.path.parent.name == FOLDER

    @property
    def is_edited(self) -> bool:
        """Whether somebody changed it after refkit did; refkit's own notes may be missing without harm."""
        return self.now != self.written and not (self.is_own and self.now is None)


@dataclass(frozen=True, slots=True)
class Undone:
    """What was, or would be, taken back: the command that had written it, when (ISO 8601), and the files."""

    command: str
    when: str
    versions: tuple[Version, ...]

    @property
    def called(self) -> str:
        """The run as one would speak of it."""
        return steps.called(self.command, self.when)


_NOTHING = Undone("", "", ())


class EditedSince(LibraryError):
    """A step cannot be taken back, because a file was edited since; `undone` is what would have been taken back."""

    def __init__(self, message: str, hint: str = "", undone: Undone = _NOTHING) -> None:
        super().__init__(message, hint)
        self.undone = undone


def undo(path: Path, *, dry_run: bool = False) -> Undone:
    """Take back the last step that touched `path`, in all the files that it changed.

    A file that the step made is removed, and what refkit remembers of a library (`base_path`) goes back too.
    Parameters: `dry_run`, change nothing. Raises `EditedSince` where a file is no longer as refkit left it,
    `UsageError` where there is nothing to take back, `LibraryError` where it cannot be.
    """
    with locked([path]):
        found = _last(path)
    with locked([file.path for file in found.files]):
        step = steps.find(found.id, home(path), steps.DONE)
        if step is None:
            raise LibraryError(f"{path} changed while refkit was working.", "Nothing was written; run refkit again.")
        undone = Undone(step.command, step.when, _versions(step, path))
        _refuse_edited(step, undone)
        if not dry_run:
            changes = [FileChange(v.path, fingerprint(v.now), v.before) for v in reversed(undone.versions)]
            commit(changes, command=f"refkit undo {path.name}", keep=False, drops=step.id)
            for folder in step.folders:  # also those in which there was nothing left to do
                steps.forget(step.id, folder, steps.DONE)
        return undone


def _last(path: Path) -> Step:
    real, base = real_path(path), base_path(path)
    for step in steps.listed(home(path), steps.DONE):
        if any(file.path in (real, base) or _is_same(file.path, real) for file in step.files):
            return step
    if barred := steps.unreadable(home(path)):
        raise LibraryError(f"What refkit changed in {path} cannot be told: {shown(barred[0])} may not be read.")
    raise UsageError(
        f"There is no change of refkit to {path} that could be taken back.",
        "Earlier versions are kept in .refkit/undo beside a file, as many as the setting undo_steps says.",
    )


def _is_same(one: Path, other: Path) -> bool:
    """Whether two names are one file's, where the file system does not tell `A` from `a`."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _versions(step: Step, path: Path) -> tuple[Version, ...]:
    parts = {folder: steps.find(step.id, folder, steps.DONE, contents=True) for folder in step.folders}
    versions = []
    for file in step.files:
        part = parts[file.folder]
        if part is None or part.files != step.files:
            raise LibraryError(
                f"{step.called} changed {path} together with {file.path}, of which no earlier version is at hand.",
                "Nothing was changed.",
            )
        before, written = part.contents[file.path]
        versions.append(Version(file.path, before, written, read_whole(file.path)))
    return tuple(versions)


def _refuse_edited(step: Step, undone: Undone) -> None:
    edited = [version for version in undone.versions if version.is_edited]
    if not edited:
        return
    # Whoever edits a library does not think of refkit's notes on it.
    names = " and ".join([shown(v.path) for v in edited if not v.is_own] or [shown(v.path) for v in edited])
    later = _later(step, edited)
    if later is not None:
        raise LibraryError(
            f"{step.called} cannot be taken back alone: {later.called} changed {names} after it.",
            f"Take that back first: refkit undo {argument(edited[0].path)}",
        )
    raise EditedSince(
        f"Not taken back: {names} changed since {step.called}.",
        "Nothing was written. To take back only what refkit did, apply it as a patch:"
        f" refkit undo --dry-run {argument(edited[0].path)} | patch -p0",
        undone,
    )


def _later(step: Step, edited: Sequence[Version]) -> Step | None:
    """The later step of refkit that made these files what they are, if it was one."""
    for version in edited:
        for other in steps.listed(home(version.path), steps.DONE):
            if other.id > step.id and any(_made(file, version) for file in other.files):
                return other
    return None


def _made(file: Touched, version: Version) -> bool:
    return file.path == version.path and file.new == fingerprint(version.now)
