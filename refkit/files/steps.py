"""Steps on disk: what a run changed in which files, and how these were before and after.

A step is one file in the `.refkit/undo` of each folder that it touches: a line of JSON, then the old and the new bytes
of this folder's files, compressed together (zstd, so that what both have in common costs nothing). Its name says
how far it is: `ID.pending` while its files are being swapped, `ID.step` when all of them are.

A folder answers for its own files alone: what its step says of others holds only where their own folders have the same
step. So a folder from a stranger cannot make refkit write anywhere else.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from refkit.errors import LibraryError
from refkit.files.locks import FOLDER, make_place, place
from refkit.files.saving import fingerprint, sync, sync_folder

PENDING, DONE = ".pending", ".step"
_NEW, _OLD, _PART = ".new", ".old", ".part"
_WAITING = (_NEW, _OLD, _PART)
_WINDOW = 27
"""log2 of how far back the same bytes are recognised: 128 MB."""
_ID = re.compile(r"[12]\d{7}T\d{12}-[0-9a-f]{6}")
_HEADER_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Touched:
    """One file of a step: where it is, the fingerprints before and after, and the sizes (None where it was absent)."""

    folder: Path
    name: str
    old: str
    new: str
    sizes: tuple[int | None, int | None]

    @property
    def path(self) -> Path:
        """The file itself."""
        return self.folder / self.name


@dataclass(frozen=True, slots=True)
class Step:
    """One run's changes.

    `keep` says whether it stays for undo when it is done; `drops` names the step that it takes back, and that goes
    with it.
    """

    id: str
    command: str
    when: str
    files: tuple[Touched, ...]
    keep: bool = True
    drops: str = ""
    contents: Mapping[Path, tuple[bytes | None, bytes | None]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def called(self) -> str:
        """The step as one would speak of it: the command, and when it was."""
        return called(self.command, self.when)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that its files belong to."""
        return tuple(dict.fromkeys(file.folder for file in self.files))

    def fresh(self, file: Touched) -> Path:
        """Where the new bytes of a file wait to be swapped in."""
        return place(file.folder) / f"{self.id}.{self.files.index(file)}{_NEW}"

    def former(self, file: Touched) -> Path:
        """Where the old bytes of a file wait to be swapped back in."""
        return self.fresh(file).with_suffix(_OLD)


def called(command: str, when: str) -> str:
    """A run as one would speak of it: the command, and when it was (ISO 8601, UTC).

    It may come from a stranger's folder, and a terminal obeys control codes.
    """
    said = f"`{command}` ({when[:16].replace('T', ' ')} UTC)"
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in said)


def new_id(folders: Sequence[Path]) -> tuple[str, str]:
    """The name of a step that begins now, later than all in these folders whatever the clock says; and the time."""
    now = datetime.now(UTC)
    stamp = now.strftime("%Y%m%dT%H%M%S%f")
    last = max((path.name[: len(stamp)] for folder in folders for path in _named(folder, DONE, PENDING)), default="")
    if last >= stamp:
        digits = int(last.replace("T", "")) + 1
        stamp = f"{digits:020d}"
        stamp = f"{stamp[:8]}T{stamp[8:]}"
    return f"{stamp}-{secrets.token_hex(3)}", now.isoformat(timespec="seconds")


# --- writing -----------------------------------------------------------------------------------------


def write(step: Step) -> None:
    """Put a step down as pending, in all its folders, down to the disk. Raises `OSError`."""
    for folder in step.folders:
        there = make_place(folder)
        part = there / f"{step.id}{_PART}"
        with _create(part) as stream:
            _write_one(step, folder, stream)
        _restrict(part, [file.path for file in step.files if file.folder == folder])
        part.rename(there / f"{step.id}{PENDING}")
        sync_folder(there)


def _create(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb")


def _write_one(step: Step, folder: Path, stream: BinaryIO) -> None:
    import zstandard

    stream.write(json.dumps(_as_json(step, folder), ensure_ascii=True).encode("ascii") + b"\n")
    pieces = [data for file in step.files if file.folder == folder for data in step.contents[file.path] if data]
    size = sum(map(len, pieces))
    options = zstandard.ZstdCompressionParameters.from_level(
        1,
        source_size=size,
        window_log=min(_WINDOW, max(10, size.bit_length())),
        enable_ldm=size > 1 << 20,
        ldm_min_match=128,
        ldm_hash_rate_log=9,
    )
    # Not its stream writer: where the disk is full, that would complain of missing bytes instead.
    packer = zstandard.ZstdCompressor(compression_params=options).compressobj(size=size)
    for piece in pieces:
        stream.write(packer.compress(piece))
    stream.write(packer.flush())
    stream.flush()
    sync(stream.fileno())


def _restrict(part: Path, files: Sequence[Path]) -> None:
    """Let those read earlier versions who may read the files themselves."""
    if os.name != "posix":
        return
    mode = 0o666
    for path in files:
        with contextlib.suppress(OSError):
            mode &= path.stat().st_mode
    with contextlib.suppress(OSError):
        part.chmod(mode | 0o600)


def _as_json(step: Step, folder: Path) -> dict[str, Any]:
    return {
        "refkit": 1,
        "id": step.id,
        "command": step.command,
        "when": step.when,
        "keep": step.keep,
        "drops": step.drops,
        "files": [
            {
                "folder": _relative(file.folder, folder),
                "name": file.name,
                "old": file.old,
                "new": file.new,
                "sizes": file.sizes,
            }
            for file in step.files
        ],
    }


def _relative(folder: Path, start: Path) -> str:
    """How one folder is reached from another, so that both may be moved together; whole where drives differ."""
    try:
        return Path(os.path.relpath(folder, start)).as_posix()
    except ValueError:
        return folder.as_posix()


def forget(step_id: str, folder: Path, suffix: str) -> None:
    """Remove a step from a folder. Raises `OSError`."""
    (place(folder) / f"{step_id}{suffix}").unlink(missing_ok=True)


def drop(step: Step, folder: Path) -> None:
    """Forget a pending step of which nothing remains: first the word of it, then what waits. Raises `OSError`."""
    forget(step.id, folder, PENDING)
    forget(step.id, folder, _PART)
    for file in step.files:
        if file.folder == folder:
            step.fresh(file).unlink(missing_ok=True)
            step.former(file).unlink(missing_ok=True)


def strip(step_id: str, folder: Path) -> None:
    """Keep of a step only what it was, without the bytes. Raises `OSError`."""
    path = place(folder) / f"{step_id}{DONE}"
    part = path.with_suffix(_PART)
    with path.open("rb") as stream, _create(part) as short:
        short.write(stream.readline(_HEADER_LIMIT))
    part.replace(path)


def finish(step: Step, folder: Path) -> None:
    """Mark a step as done in a folder: it is kept for undo, or goes, with the one that it takes back."""
    there = place(folder)
    if step.drops:
        forget(step.drops, folder, DONE)
    if step.keep:
        with contextlib.suppress(FileNotFoundError):
            (there / f"{step.id}{PENDING}").replace(there / f"{step.id}{DONE}")
    else:
        forget(step.id, folder, PENDING)
    sync_folder(there)


# --- reading -----------------------------------------------------------------------------------------


def listed(folder: Path, suffix: str) -> list[Step]:
    """The steps of a folder, newest first, without their contents; what cannot be read is no step."""
    found = (read(path, folder) for path in sorted(_named(folder, suffix), reverse=True))
    return [step for step in found if step is not None]


def _named(folder: Path, *suffixes: str) -> Iterator[Path]:
    yield from (p for p in children(place(folder)) if p.suffix in suffixes and _ID.fullmatch(p.stem))


def children(folder: Path) -> list[Path]:
    """What lies in a folder; nothing where there is none, or it cannot be read."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def leftovers(folder: Path) -> list[Path]:
    """Bytes that wait to be swapped in, of steps that are not pending."""
    waiting = [p for p in children(place(folder)) if p.suffix in _WAITING and _ID.fullmatch(p.name.split(".")[0])]
    pending = {path.stem for path in _named(folder, PENDING)} if waiting else set()
    return [path for path in waiting if path.name.split(".")[0] not in pending]


def unreadable(folder: Path) -> list[Path]:
    """What would have to be read to know the steps of a folder, and may not be."""
    concerned = (folder, place(folder), *_named(folder, DONE))
    return [path for path in concerned if os.access(path, os.F_OK) and not os.access(path, os.R_OK)]


def find(step_id: str, folder: Path, suffix: str, *, contents: bool = False) -> Step | None:
    """The step of this name in a folder, None where it has none."""
    return read(place(folder) / f"{step_id}{suffix}", folder, contents=contents)


def read(path: Path, folder: Path, *, contents: bool = False) -> Step | None:
    """Read a step, with the bytes of its folder's own files if wanted; None where it is not there or damaged."""
    try:
        with path.open("rb") as stream:
            if not _is_trusted(os.fstat(stream.fileno()), folder.stat()):
                return None
            step = _parse(json.loads(stream.readline(_HEADER_LIMIT)), folder)
            if step.id != path.stem:
                return None
            return _with_contents(step, folder, stream) if contents else step
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _is_trusted(step: os.stat_result, folder: os.stat_result) -> bool:
    """Whether a step may be believed: not where anybody may put files, but only their owner replace them (`/tmp`)."""
    if sys.platform == "win32" or folder.st_mode & 0o1002 != 0o1002:
        return True
    return step.st_uid in (os.geteuid(), 0)


def _parse(row: Any, folder: Path) -> Step:
    files = []
    for each in row["files"]:
        where = (folder / each["folder"]).resolve() if each["folder"] != "." else folder
        old, new = each["sizes"]
        files.append(Touched(where, _safe_name(each["name"]), str(each["old"]), str(each["new"]), (old, new)))
    if row["refkit"] != 1 or not files:
        raise ValueError("a step of another version of refkit")
    drops = PurePosixPath(row["drops"]).name
    return Step(str(row["id"]), str(row["command"]), str(row["when"]), tuple(files), bool(row["keep"]), drops)


def _safe_name(name: str) -> str:
    """A name that stays in its folder: a file of it, or refkit's own notes on one. Raises `ValueError`."""
    parts = PurePosixPath(name).parts
    if len(parts) == 2 and parts[0] == FOLDER:
        parts = parts[1:]
    if len(parts) != 1 or parts[0] in ("..", FOLDER) or ("\\" in name and os.name == "nt"):
        raise ValueError(f"{name!r} is not a file of the folder")
    return name


def _with_contents(step: Step, folder: Path, stream: BinaryIO) -> Step:
    """The step with its folder's bytes, each checked against its fingerprint; without any where they are damaged."""
    import zstandard

    contents: dict[Path, tuple[bytes | None, bytes | None]] = {}
    unpacker = zstandard.ZstdDecompressor(max_window_size=1 << (_WINDOW + 1))
    try:
        with unpacker.stream_reader(stream, closefd=False) as packed:
            for file in step.files:
                if file.folder == folder:
                    old, new = (None if size is None else _take(packed, size) for size in file.sizes)
                    if (fingerprint(old), fingerprint(new)) != (file.old, file.new):
                        raise LibraryError(f"What refkit kept of {file.path} is damaged.", "It cannot be taken back.")
                    contents[file.path] = old, new
    except (zstandard.ZstdError, EOFError) as error:
        raise LibraryError(
            f"refkit kept no earlier version of what {step.called} changed: it was too large, or is damaged.",
            "It cannot be taken back.",
        ) from error
    return Step(step.id, step.command, step.when, step.files, step.keep, step.drops, contents)


def _take(packed: Any, size: int) -> bytes:
    pieces = []
    while size:
        piece = packed.read(min(size, 1 << 24))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
