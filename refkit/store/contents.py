"""What a store's folder holds: shown, exported and removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeVar

from refkit.errors import InputError
from refkit.store import cache
from refkit.store.database import Database, iso, open_to_read

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """One collection: where its files are, and what is loaded of them; `whole` is false while a load is unfinished."""

    path: str
    records: int
    bytes: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Info:
    """What is in the store: `sources` counts records by source and agency, times are ISO 8601 (UTC)."""

    path: str
    bytes: int = 0
    records: int = 0
    aliases: int = 0
    absences: int = 0
    oldest: str | None = None
    newest: str | None = None
    sources: dict[str, int] = field(default_factory=dict)
    collections: tuple[CollectionInfo, ...] = ()


def info(folder: Path) -> Info:
    """What `folder` holds. Raises `InputError` for a file that cannot be read."""
    path = folder / cache.name()
    loaded = tuple(_collection(p) for p in sorted(folder.glob("collection-*.sqlite")))
    if not path.is_file():
        return Info(str(path), collections=loaded)
    counts = _with(path, Database.counts)
    sources = {f"{name} ({agency})" if agency else name: n for (name, agency), n in counts["sources"].items()}
    oldest, newest = (iso(counts[k]) if counts[k] is not None else None for k in ("oldest", "newest"))
    size, records, aliases, absences = path.stat().st_size, counts["records"], counts["aliases"], counts["absences"]
    return Info(str(path), size, records, aliases, absences, oldest, newest, sources, loaded)


def clear(folder: Path, *, collections: bool) -> int:
    """Remove the cache, what was set aside of it, and with `collections` the collections; the bytes that were freed."""
    patterns = ["records-*.sqlite*", *(["collection-*.sqlite*"] if collections else [])]
    freed = 0
    for path in (p for pattern in patterns for p in folder.glob(pattern)):
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            continue  # another process removed it
        except OSError as error:
            raise InputError(f"{path} cannot be removed: {error.strerror or error}.") from None
        freed += size
    return freed


def export(folder: Path, stream: BinaryIO) -> int:
    """Write all cached records to `stream`, one JSON object a line."""
    path = folder / cache.name()
    if not path.is_file():
        return 0

    def write(database: Database) -> int:
        count = 0
        for kept in database.everything():
            stream.write(kept.packer.unpack(kept.packed) + b"\n")
            count += 1
        return count

    return _with(path, write)


def _collection(path: Path) -> CollectionInfo:
    try:
        database = open_to_read(path)
        try:
            whole = database.about("state") == "whole"
            return CollectionInfo(database.about("path") or "", database.appended(), path.stat().st_size, whole)
        finally:
            database.close()
    except sqlite3.Error:
        return CollectionInfo(f"(damaged: {path.name})", 0, path.stat().st_size, False)


def _with(path: Path, act: Callable[[Database], T]) -> T:
    try:
        database = open_to_read(path)
        try:
            return act(database)
        finally:
            database.close()
    except sqlite3.Error as error:
        raise InputError(f"The record store {path} cannot be read: {error}.") from None
