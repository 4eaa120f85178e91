"""Inputs: found in folders, opened for reading, never written to."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from refkit.errors import InputError, ReadError
from refkit.files.saving import reason

SETTINGS_NAMES = ("refkit.toml", "pyproject.toml")
_SIBLING_LIMIT = 64 * 1024 * 1024


def open_input(path: Path, name: str) -> BinaryIO:
    """Open the file at `path` for reading; `name` is what the user called it. Raises `ReadError`."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ReadError(f"{name} is not a regular file.", "Give a file, a folder, or - for standard input.")
        return path.open("rb")
    except OSError as error:
        raise ReadError(f"{name} cannot be read: {reason(error)}.") from error


def head(path: Path, size: int = 4096) -> bytes:
    """The first `size` bytes of a file, b"" where it cannot be read (its reader says why)."""
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError:
        return b""


def walk(folder: Path, leave_out: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """All regular files below `folder`, in a stable order; hidden ones and `leave_out` (resolved paths) are left out.

    Links to folders are not followed, so that a loop cannot trap the walk. Raises `InputError` where `folder` itself
    cannot be listed; folders below it that cannot be are yielded themselves, so that their reader can say so.
    """
    try:
        children = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be listed: {reason(error)}.") from error
    for child in children:
        if child.name.startswith("."):
            continue
        if child.is_dir():
            if child.is_symlink():
                continue
            try:
                yield from walk(child, leave_out)
            except InputError:
                yield child
        elif child.resolve() not in leave_out:
            yield child


def opener_beside(path: Path) -> Callable[[str], bytes | None]:
    """A function that reads files named relative to `path`'s folder, never outside of it (for LaTeX's input)."""
    folder = path.resolve().parent

    def open_sibling(name: str) -> bytes | None:
        try:
            target = (folder / name).resolve()
            if not target.is_relative_to(folder) or not target.is_file() or target.stat().st_size > _SIBLING_LIMIT:
                return None
            return target.read_bytes()
        except (OSError, ValueError):
            return None

    return open_sibling


def spool(stream: BinaryIO) -> Path:
    """Copy a stream that cannot be rewound (standard input) into a temporary file; the caller removes it."""
    with tempfile.NamedTemporaryFile(prefix="refkit-", delete=False) as file:
        try:
            shutil.copyfileobj(stream, file, 1024 * 1024)
        except BaseException:
            file.close()
            Path(file.name).unlink(missing_ok=True)
            raise
        return Path(file.name)


def remove(path: Path) -> None:
    """Remove one of refkit's own temporary files."""
    path.unlink(missing_ok=True)


def size(path: Path) -> int:
    """The size of a file in bytes, 0 where it cannot be told (its reader says why)."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def is_readable(path: Path) -> bool:
    """Whether this process may read the file."""
    return os.access(path, os.R_OK)


def kind_of_path(path: Path) -> str:
    """`file`, `folder`, `other` (a device, a pipe) or `absent`. Raises `InputError` where not even that can be told."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "absent"
    except (OSError, ValueError) as error:
        if isinstance(error, PermissionError):
            raise InputError(f"{path} cannot be looked at: {reason(error)}.") from error
        return "absent"
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def settings_files(folder: Path, user_folder: Path) -> list[tuple[Path, str]]:
    """The settings files that hold here, nearest first, with their texts.

    `refkit.toml` (or `pyproject.toml` with a `[tool.refkit]` table) in `folder` or the nearest folder above that has
    one, then `config.toml` in `user_folder`.
    """
    found: list[tuple[Path, str]] = []
    for place in (folder.resolve(), *folder.resolve().parents):
        for name in SETTINGS_NAMES:
            text = _text_or_none(place / name)
            if text is not None and (name == "refkit.toml" or "[tool.refkit" in text):
                found.append((place / name, text))
                break
        if found:
            break
    text = _text_or_none(user_folder / "config.toml")
    if text is not None:
        found.append((user_folder / "config.toml", text))
    return found


def _text_or_none(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8.", "Save it as UTF-8, which TOML requires.") from error
