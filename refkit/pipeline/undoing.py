"""Taking back refkit's last change to a file, and showing what that would change."""

from __future__ import annotations

from pathlib import Path

from refkit import edits, encodings, files
from refkit.files import EditedSince, Undone, Version


def undo(path: str | Path, *, dry_run: bool = False) -> Undone:
    """Take back the last run of refkit that changed the file at `path`, in all the files that it changed.

    Parameters: `path`, a library or manuscript; `dry_run`, change nothing. Returns what was, or would be, taken back.
    Raises `EditedSince` where one of the files is no longer as refkit left it, `UsageError` where there is nothing to
    take back, `LibraryError` where it cannot be written.
    """
    return files.undo(Path(path), dry_run=dry_run)


def shown_undoing(undone: Undone) -> str:
    """What taking back changes in what refkit wrote, as a unified diff; refkit's own notes are left out."""
    return "".join(_diff(v, v.written, v.before) for v in undone.versions if not v.is_own)


def shown_edits(error: EditedSince) -> str:
    """What was changed since refkit wrote it, so that it cannot be taken back, as a unified diff."""
    return "".join(_diff(v, v.written, v.now) for v in error.undone.versions if v.is_edited)


def said(undone: Undone, *, dry_run: bool = False) -> str:
    """The sentence that says what was, or would be, taken back."""
    names = [files.shown(version.path) for version in undone.versions if not version.is_own]
    names = names or [files.shown(version.path) for version in undone.versions]
    first = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    verb = ("would be" if dry_run else "is") if len(names) == 1 else ("would be" if dry_run else "are")
    if all(version.is_own for version in undone.versions):
        return f"Only what refkit noted of it {verb} as before {undone.called}: that run changed nothing else."
    return f"{first} {verb} as before {undone.called}."


def _diff(version: Version, old: bytes | None, new: bytes | None) -> str:
    name = files.shown(version.path)
    if old is not None and new is not None and (b"\0" in old[:4096] or b"\0" in new[:4096]):
        return f"{name} differs: {len(old):,} bytes become {len(new):,}.\n"
    before, after = (encodings.decode(data or b"")[0] for data in (old, new))
    if old is None or not after:
        return edits.diff(name, before, after, created=old is None)
    return edits.diff_of(name, before, edits.between(before, after))
