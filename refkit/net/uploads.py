"""What a service wants to know of a file before it is sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from refkit.errors import ReadError


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file's size in bytes, its MD5, and when it was last changed (ms since 1970)."""

    size: int
    md5: str
    changed: int


def size_of(path: Path) -> int:
    """A file's size in bytes. Raises `ReadError` where it cannot be read."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}.") from error


def facts_of(path: Path) -> FileFacts:
    """All of it; the file is read once. Raises `ReadError` where it cannot be read."""
    try:
        found = path.stat()
        with path.open("rb") as stream:
            md5 = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}.") from error
    return FileFacts(found.st_size, md5, int(found.st_mtime * 1000))
