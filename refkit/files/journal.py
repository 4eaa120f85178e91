"""Several files at once: one run is one step over all the files that it changes.

All new bytes are first written beside their files and put down as a step (`steps`); only then is each swapped in.
Whatever kills a run, what it left tells the next one how far it came, and that one finishes it or takes it back, so
that the files are all as before or all as after.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from refkit.errors import LibraryError
from refkit.files import steps
from refkit.files.locks import FOLDER, hold, holds, home, make_place, place
from refkit.files.saving import (
    Signature,
    check,
    dress,
    fingerprint,
    read_whole,
    real_path,
    reason,
    save,
    swap,
    sync_folder,
    unchanged,
    unwritable,
    write_through,
)
from refkit.files.steps import Step, Touched
from refkit.model import Note, Severity

STEPS = 20
"""How many steps are kept of each file where nobody says otherwise."""
_MOST_BYTES = 256 * 1024 * 1024
"""How much the steps of one folder may take, compressed."""
_EXCLUSIVE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_NAME_LIMIT = 240
"""Bytes of a file's name that leave room for `.json`; file systems allow 255."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """New bytes for a file, tied to the fingerprint of what they replace; `data` None removes it."""

    path: Path
    expected: str
    data: bytes | None


def base_path(path: Path) -> Path:
    """Where it is kept what refkit last wrote into the library at `path`: `.refkit/NAME.json` beside it."""
    real = real_path(path)
    name = real.name
    if len(os.fsencode(name)) > _NAME_LIMIT:
        name = f"{name[:40]}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}"
    return real.parent / FOLDER / f"{name}.json"


@contextmanager
def locked(paths: Iterable[Path]) -> Iterator[tuple[Note, ...]]:
    """Keep other runs of refkit off the folders of these files while the block runs; a thread may do so repeatedly.

    What a killed run left is put right first; yields notes on that. Raises `LibraryError` where another run does not
    finish within a minute, or where what was left cannot be put right.
    """
    folders = tuple(dict.fromkeys(home(path) for path in paths))
    if holds(folders):
        yield ()
        return
    notes: list[Note] = []
    while True:
        for folder in folders:
            notes += _recover(folder)
        with hold(folders):
            if not any(steps.listed(folder, steps.PENDING) for folder in folders):
                yield tuple(notes)
                return


def recover(path: Path) -> tuple[Note, ...]:
    """Finish, or take back, what a killed run left half-done in the folder of `path`. Raises `LibraryError`."""
    return tuple(_recover(home(path)))


# --- changing ----------------------------------------------------------------------------------------


def commit(
    changes: Sequence[FileChange], *, command: str, keep: bool = True, most: int = STEPS, drops: str = ""
) -> tuple[Note, ...]:
    """Put all changes in place as one step: all of them, or, where one cannot be, none.

    Parameters: `command`, what the user called, without secrets, shown by undo; `keep`, whether undo can take it back;
    `most`, how many steps are kept of each file; `drops`, the step that this one takes back. Returns notes. Raises
    `Changed` where a file is no longer what was expected, `LibraryError` where one cannot be written.
    """
    given = [(change, fingerprint(change.data)) for change in changes]
    real = [(change, new) for change, new in given if new != change.expected]
    wanted = {real_path(change.path): (change, new) for change, new in real}
    if len(wanted) < len(real):
        raise ValueError("two changes of one file in one step")
    if not wanted:
        return ()
    with locked(wanted) as notes:
        only = real[0][0]
        if len(wanted) == 1 and not keep and not drops and only.data is not None:
            save(only.path, only.data, expected=only.expected)
            return notes
        step, seen = _step(wanted, command, keep, drops)
        _carry_out(step, seen)
        more = [note for folder in step.folders for note in _prune(folder, step, most)] if keep else []
        return (*notes, *_hard_links(seen.values()), *more)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen of a file when it was last what it should be: what the user calls it, and how it was."""

    called: Path
    signature: Signature
    links: int


def _step(
    wanted: dict[Path, tuple[FileChange, str]], command: str, keep: bool, drops: str
) -> tuple[Step, dict[Path, _Seen]]:
    """The step that these changes make, each file being what it is expected to be."""
    files: list[Touched] = []
    contents: dict[Path, tuple[bytes | None, bytes | None]] = {}
    seen: dict[Path, _Seen] = {}
    for target, (change, new) in wanted.items():
        old, signed = check(target, change.expected, called=change.path)
        seen[target] = _Seen(change.path, signed, 1 if old is None else target.stat().st_nlink)
        folder = home(target)
        sizes = (None if old is None else len(old), None if change.data is None else len(change.data))
        name = target.relative_to(folder).as_posix()
        files.append(Touched(folder, name, change.expected, new, sizes))
        contents[target] = old, change.data
    step_id, when = steps.new_id(list(dict.fromkeys(file.folder for file in files)))
    return Step(step_id, command, when, tuple(files), keep, drops, contents), seen


def _carry_out(step: Step, seen: dict[Path, _Seen]) -> None:
    """Write everything down, then swap file by file; where one cannot be swapped, the others go back."""
    begun: list[Touched] = []
    called = seen[step.files[0].path].called
    try:
        for file in step.files:
            called = seen[file.path].called
            _write_fresh(step, file)
        called = seen[step.files[0].path].called
        steps.write(step)
        for file in step.files:
            called = seen[file.path].called
            unchanged(file.path, seen[file.path].signature, called=called)
            begun.append(file)
            _put(step, file)
    except BaseException as error:
        try:
            _take_back(step, begun)
        except (OSError, LibraryError) as worse:
            raise LibraryError(
                f"{called} cannot be written: {reason(error) if isinstance(error, OSError) else error}, and what was"
                f" written already could not be taken back.",
                "The next run of refkit will put it right; what was there before is kept in .refkit/undo.",
            ) from worse
        if isinstance(error, OSError):
            raise unwritable(called, error) from error
        raise
    with contextlib.suppress(OSError):  # all files are as they should be; the next run tidies up
        for folder in step.folders:
            steps.finish(step, folder)


def _write_fresh(step: Step, file: Touched) -> None:
    """The new bytes of a file, beside it and down to the disk, with its owner and permissions."""
    data = step.contents[file.path][1]
    if data is None:
        return
    make_place(file.folder)
    fresh = step.fresh(file)
    write_through(os.open(fresh, _EXCLUSIVE, 0o600), data)
    dress(fresh, file.path)


def _put(step: Step, file: Touched) -> None:
    """Make a file what the step says, in one operation. Raises `OSError`."""
    if file.new == fingerprint(None):
        file.path.unlink(missing_ok=True)
        sync_folder(file.path.parent)
    else:
        swap(step.fresh(file), file.path)


def _take_back(step: Step, begun: Sequence[Touched]) -> None:
    """Give the files that were swapped already their old bytes, and drop the step. Raises `OSError`, `LibraryError`."""
    for file in reversed(begun):
        if _state(file) == "new":
            _restore(step, file)
    for folder in step.folders:
        steps.drop(step, folder)


def _restore(step: Step, file: Touched) -> None:
    """Give a file its old bytes. Raises `OSError`."""
    old = step.contents[file.path][0]
    if old is None:
        file.path.unlink(missing_ok=True)
        sync_folder(file.path.parent)
        return
    former = step.former(file)
    former.unlink(missing_ok=True)
    write_through(os.open(former, _EXCLUSIVE, 0o600), old)
    dress(former, file.path)
    swap(former, file.path)


def _hard_links(seen: Iterable[_Seen]) -> Iterator[Note]:
    for each in seen:
        if each.links > 1:
            said = f"{each.called} had other names (hard links); these still hold the earlier version."
            yield Note("hard-links", said, Severity.WARNING, path=str(each.called))


# --- putting right what a killed run left ------------------------------------------------------------


def _recover(folder: Path) -> list[Note]:
    notes: list[Note] = []
    for found in steps.listed(folder, steps.PENDING):
        # Other folders have their say only where they have the same step.
        concerned = [f for f in found.folders if f == folder or _same(found, f, steps.PENDING)]
        with hold(concerned):
            if _same(found, folder, steps.PENDING):
                notes.append(_put_right(found))
    if steps.leftovers(folder):
        with hold([folder]), contextlib.suppress(OSError):
            for path in steps.leftovers(folder):
                path.unlink(missing_ok=True)
    return notes


def _same(step: Step, folder: Path, suffix: str) -> bool:
    there = steps.find(step.id, folder, suffix)
    return there is not None and there.files == step.files


def _put_right(step: Step) -> Note:
    """Finish a step that was killed half-way, or take it back; all its folders that have it are locked."""
    folders = [folder for folder in step.folders if _same(step, folder, steps.PENDING)]
    files = [file for file in step.files if file.folder in folders]
    # Where a folder has it as done already, all its files were swapped.
    over = any(_same(step, folder, steps.DONE) for folder in step.folders)
    forward = over or _may_go_on(step, files)
    try:
        if forward:
            try:
                _go_on(step, files)
            except OSError:
                if over:
                    raise
                forward = False
        if not forward:
            _go_back(step, files)
        for folder in folders:
            if forward:
                steps.finish(step, folder)
            steps.drop(step, folder)
    except (OSError, LibraryError) as error:
        names = ", ".join(str(file.path) for file in files)
        raise LibraryError(
            f"The run {step.called} was stopped half-way, and {names} could not be put"
            f" right: {reason(error) if isinstance(error, OSError) else error}.",
            f"See to that and run refkit again, or, to leave the files as they are, remove"
            f" {', '.join(str(place(folder) / (step.id + steps.PENDING)) for folder in folders)}.",
        ) from error
    how = "finished" if forward else "taken back"
    said = f"The run {step.called} was stopped half-way; it has been {how}."
    return Note("recovered", said, Severity.WARNING, path=str(files[0].path))


def _state(file: Touched) -> str:
    """`new` or `old` as the step says, `edited` where it is neither."""
    now = fingerprint(read_whole(file.path))
    return "new" if now == file.new else "old" if now == file.old else "edited"


def _may_go_on(step: Step, files: Sequence[Touched]) -> bool:
    """Whether a step had begun to swap its files, and the rest can still be swapped.

    A file that somebody edited since was swapped before where its new bytes no longer wait; if they still do, its
    owner went on from the old one, and the others go back too.
    """
    states = {file: _state(file) for file in files}
    waiting = {file for file in files if _is_waiting(step, file)}
    begun = any(state == "new" or (state == "edited" and file not in waiting) for file, state in states.items())
    whole = all(
        state == "new" or (file not in waiting if state == "edited" else file in waiting or file.sizes[1] is None)
        for file, state in states.items()
    )
    return begun and whole


def _is_waiting(step: Step, file: Touched) -> bool:
    try:
        return fingerprint(read_whole(step.fresh(file))) == file.new
    except LibraryError:
        return False


def _go_on(step: Step, files: Sequence[Touched]) -> None:
    for file in files:
        if _state(file) == "old":
            _put(step, file)


def _go_back(step: Step, files: Sequence[Touched]) -> None:
    for file in files:
        if _state(file) == "new":
            part = steps.find(step.id, file.folder, steps.PENDING, contents=True)
            if part is not None:
                _restore(part, file)


# --- how much is kept --------------------------------------------------------------------------------


def _prune(folder: Path, latest: Step, most: int) -> Iterator[Note]:
    """Drop steps beyond the last `most` of each file, and the oldest where all together are too large."""
    so_far: dict[str, int] = {}
    size = 0
    for step in steps.listed(folder, steps.DONE):
        path = place(folder) / f"{step.id}{steps.DONE}"
        names = [file.name for file in step.files if file.folder == folder]
        for name in names:
            so_far[name] = so_far.get(name, 0) + 1
        with contextlib.suppress(OSError):
            its = path.stat().st_size
            if not any(so_far[name] <= most for name in names):
                path.unlink()
            elif its > _MOST_BYTES and step.id == latest.id:
                steps.strip(step.id, folder)
                said = f"What this run changed in {folder} is too large to be kept; refkit undo cannot take it back."
                yield Note("undo-not-kept", said, Severity.WARNING, path=str(folder))
            elif size + its > _MOST_BYTES:
                path.unlink()
            else:
                size += its
