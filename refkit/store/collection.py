"""Collections of records that the user has: loaded once into a file of their own, and found again by what they were.

A collection belongs to a path, and is good as long as the files there have the size and time that they had. Loading
commits every few thousand records together with the place it has come to, so an interrupted load goes on from there.
"""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from refkit.errors import InputError
from refkit.model import Doi, Note, Progress
from refkit.store import recordfiles
from refkit.store.database import FORMAT, Database, Kept, open_to_read
from refkit.store.packing import train
from refkit.store.recordfiles import Raw

RUN = 10_000
"""Records that are committed together."""

SAMPLES = 2_000
"""Records from whose likes the dictionary is trained."""

MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load came to."""

    path: str
    records: int
    files: int
    bytes: int
    seconds: float
    already: bool = False


def file_for(path: Path, folder: Path) -> Path:
    """The file of the collection at `path`, whether it is there or not."""
    key = hashlib.blake2b(str(path.resolve()).encode("utf-8", "replace"), digest_size=8).hexdigest()
    return folder / f"collection-{FORMAT}-{key}.sqlite"


def find(path: Path, folder: Path) -> Database | None:
    """The collection loaded from `path`, or that the file there is itself; None where there is none that is good."""
    if is_database(path):
        return open_to_read(path)
    file = file_for(path, folder)
    if not file.is_file():
        return None
    try:
        database = open_to_read(file)
    except sqlite3.Error:
        return None
    if database.about("state") == "whole" and database.about("stamp") == _stamp(recordfiles.files(path)):
        return database
    database.close()
    return None


def look_up(path: Path, folder: Path, wanted: Iterable[Doi]) -> dict[Doi, Kept] | None:
    """The records of the wanted DOIs in the collection at `path`; None where it was not loaded.

    Raises `InputError` where `path` is a file of records that refkit made and that cannot be read.
    """
    try:
        database = find(path, folder)
        if database is None:
            return None
        try:
            return dict(database.records(wanted))
        finally:
            database.close()
    except sqlite3.Error as error:
        if is_database(path):
            raise InputError(f"{path} is no collection of records that refkit can read: {error}.") from None
        return None  # only a copy: the files themselves are read through


def is_database(path: Path) -> bool:
    """Whether there is a SQLite file at `path`."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def load(path: Path, folder: Path, notes: list[Note], progress: Progress | None = None) -> Loaded:
    """Load the records at `path` (see `recordfiles`) into their collection; what is loaded already is not read again.

    Raises `InputError` where there is nothing to load, or no place to load it to.
    """
    began = time.monotonic()
    files = recordfiles.files(path)
    if not files:
        raise InputError(f"{path} holds no files of records (.json, .jsonl, .gz, .tar).")
    file = file_for(path, folder)
    size = recordfiles.size(files)
    if (ready := find(path, folder)) is not None:
        count = ready.counts()["records"]
        ready.close()
        return Loaded(str(path), count, len(files), size, time.monotonic() - began, already=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        database = _begin(file, path, _stamp(files))
        try:
            _Loader(database, notes, progress).run(files)
            count = database.counts()["records"]
        finally:
            database.close()
    except (sqlite3.Error, OSError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"The records of {path} cannot be loaded into {file}: {why}.") from None
    return Loaded(str(path), count, len(files), size, time.monotonic() - began)


def _begin(file: Path, path: Path, stamp: str) -> Database:
    """The collection's file: the one that was begun, or a new one where that was of other files, or damaged."""
    try:
        database = Database(file)
        if database.about("stamp") in (stamp, None):
            with database.transaction():
                database.say("path", str(path.resolve()))
                database.say("stamp", stamp)
                database.say("state", "begun")
            return database
        database.close()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        pass  # damaged: it is only a copy of what is read again now
    file.unlink()
    return _begin(file, path, stamp)


def _stamp(files: list[Path]) -> str:
    """What the files are like now: their names, sizes and times."""
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        status = file.stat()
        digest.update(f"{file.name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode("utf-8", "replace"))
    return digest.hexdigest()


class _Loader:
    """Reads files into a database, run by run; `done` there says how many records of which file are in."""

    def __init__(self, database: Database, notes: list[Note], progress: Progress | None) -> None:
        self._database = database
        self._notes = notes
        self._progress = progress

    def run(self, files: list[Path]) -> None:
        number, taken = map(int, (self._database.about("done") or "0 0").split())
        if self._progress is not None:
            sizes = [file.stat().st_size for file in files]
            self._progress.start("Loading records", sum(sizes))
            self._progress.advance(sum(sizes[:number]))
        for index, file in enumerate(files[number:], number):
            self._load(file, index, taken if index == number else 0)
        with self._database.transaction():
            self._database.make_findable()
            self._database.say("state", "whole")
        if self._progress is not None:
            self._progress.stop()

    def _load(self, file: Path, index: int, taken: int) -> None:
        told = self._progress.advance if self._progress is not None else None
        records = itertools.islice(recordfiles.read(file, self._notes, told), taken, None)
        # Only names and bytes are held on to: parsed, a record is five times as large.
        named = ((_names(raw), raw.data) for raw in records)
        fetched = int(file.stat().st_mtime)
        if index == 0 and taken == 0:
            samples = list(itertools.islice(named, SAMPLES))
            content = train([data for _, data in samples])
            if content is not None:
                with self._database.transaction():
                    self._database.add_dictionary(content)
            named = itertools.chain(samples, named)  # type: ignore[assignment]  # both are iterators of the same pairs
        pack = self._database.packer().pack
        while run := [(names, pack(data)) for names, data in itertools.islice(named, RUN)]:
            taken += len(run)
            with self._database.transaction():
                self._database.add(run, self._database.source("records", ""), fetched, find_later=True)
                self._database.say("done", f"{index} {taken}")
        with self._database.transaction():
            self._database.say("done", f"{index + 1} 0")


def _names(raw: Raw) -> list[Doi]:
    own = recordfiles.doi_of(raw.value)
    return [own, *recordfiles.aliases(raw.value)] if own else []
