"""One SQLite file of records, found by DOI; the answer cache is one, and so is each collection that was loaded.

Records are appended, and `place` says where the one of a DOI lies: 64 bits of the DOI's hash are its key, and the
record itself says whether it is the right one. `absence` holds what services said about DOIs that have no record.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from refkit.model import Doi, JsonValue
from refkit.store import lenient
from refkit.store.packing import Packed, Packer, place
from refkit.store.recordfiles import aliases, doi_of

FORMAT = 1
"""Grows when an older refkit could not read a newer file; it is also in the file's name."""

MAPPED = 1 << 40
"""Bytes of a collection that may be mapped into memory: all of them, as far as the system allows."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (number INTEGER PRIMARY KEY, source INTEGER NOT NULL, fetched INTEGER NOT NULL,
    dictionary INTEGER NOT NULL, blob BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS place (hash INTEGER PRIMARY KEY, record INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS alias (doi TEXT PRIMARY KEY, target TEXT NOT NULL, fetched INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS absence (doi TEXT PRIMARY KEY, reason TEXT NOT NULL, agency TEXT, fetched INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS source (number INTEGER PRIMARY KEY, name TEXT NOT NULL, agency TEXT NOT NULL,
    UNIQUE (name, agency));
CREATE TABLE IF NOT EXISTS dictionary (number INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it is kept: the DOI it names itself, where it came from, and when (seconds since 1970)."""

    doi: Doi
    packed: Packed
    packer: Packer
    source: str
    agency: str
    fetched: int

    def value(self) -> dict[str, JsonValue]:
        """The record, unpacked and parsed."""
        value: dict[str, JsonValue] = lenient.loads(self.packer.unpack(self.packed))
        return value


@dataclass(frozen=True, slots=True)
class Absence:
    """What was said of a DOI that has no record: the reason, the agency where there is one, and when."""

    reason: str
    agency: str
    fetched: int


class NewerFormat(sqlite3.DatabaseError):
    """The file was written by a newer refkit."""


class Database:
    """A file of records. Raises `sqlite3.Error` as SQLite does; who opens it decides what that means.

    Parameters: `path`, None for one in memory; `read_only`, for a collection that is only looked at.
    """

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        self.path = path
        if path is None:
            self._sql = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        elif read_only:
            self._sql = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=30,
                check_same_thread=False,
                isolation_level=None,
            )
        else:
            self._sql = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
        try:
            self._prepare(read_only)
        except BaseException:
            self._sql.close()
            raise
        self._sources: dict[tuple[str, str], int] = {}
        self._packer: Packer | None = None

    def _prepare(self, read_only: bool) -> None:
        (version,) = self._sql.execute("PRAGMA user_version").fetchone()
        if version > FORMAT:
            raise NewerFormat(f"format {version}")
        if read_only:
            if version == 0:
                raise sqlite3.DatabaseError("no records in it")
            self._sql.execute(f"PRAGMA mmap_size = {MAPPED}")
            return
        if version == 0:
            self._sql.execute("PRAGMA page_size = 16384")
        self._sql.execute("PRAGMA journal_mode = TRUNCATE")
        self._sql.execute("PRAGMA synchronous = NORMAL")
        if version == 0:
            with self.transaction():
                for statement in _SCHEMA.split(";"):
                    self._sql.execute(statement)
                self._sql.execute(f"PRAGMA user_version = {FORMAT}")

    def close(self) -> None:
        self._sql.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and alone among all processes."""
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._sql.execute("ROLLBACK")
            raise
        self._sql.execute("COMMIT")

    # --- reading ---------------------------------------------------------------------------------

    def records(self, wanted: Iterable[Doi]) -> Iterator[tuple[Doi, Kept]]:
        """The records that are there of the wanted DOIs, also under the other names they were kept by."""
        names = self._source_names()
        for chunk in _chunks(wanted):
            others = self._aliases(chunk)
            by_place: dict[int, list[Doi]] = {}
            for doi in chunk:
                by_place.setdefault(place(others[doi][0] if doi in others else doi), []).append(doi)
            marks = ",".join("?" * len(by_place))
            rows = self._sql.execute(
                "SELECT p.hash, r.source, r.fetched, r.dictionary, r.blob FROM place p"
                f" JOIN record r ON r.number = p.record WHERE p.hash IN ({marks})",
                tuple(by_place),
            )
            for key, source, fetched, dictionary, blob in rows:
                kept, also = self._checked(Packed(dictionary, blob), names[source], fetched)
                for doi in by_place[key]:
                    target, learnt = others.get(doi, (doi, fetched))
                    if target == kept.doi or target in also:
                        yield doi, kept if learnt >= fetched else replace(kept, fetched=learnt)

    def _aliases(self, chunk: list[Doi]) -> dict[Doi, tuple[Doi, int]]:
        marks = ",".join("?" * len(chunk))
        rows = self._sql.execute(f"SELECT doi, target, fetched FROM alias WHERE doi IN ({marks})", tuple(chunk))
        return {Doi(doi): (Doi(target), fetched) for doi, target, fetched in rows}

    def absences(self, wanted: Iterable[Doi]) -> Iterator[tuple[Doi, Absence]]:
        """What is known of the wanted DOIs that have no record."""
        for chunk in _chunks(wanted):
            marks = ",".join("?" * len(chunk))
            rows = self._sql.execute(
                f"SELECT doi, reason, agency, fetched FROM absence WHERE doi IN ({marks})", tuple(chunk)
            )
            for doi, reason, agency, fetched in rows:
                yield Doi(doi), Absence(reason, agency or "", fetched)

    def everything(self) -> Iterator[Kept]:
        """All records in the order in which they came, each once, only the newest of a DOI."""
        names = self._source_names()
        rows = self._sql.execute(
            "SELECT source, fetched, dictionary, blob FROM record"
            " WHERE number IN (SELECT record FROM place) ORDER BY number"
        )
        for source, fetched, dictionary, blob in rows:
            yield self._checked(Packed(dictionary, blob), names[source], fetched)[0]

    def _checked(self, packed: Packed, source: tuple[str, str], fetched: int) -> tuple[Kept, list[Doi]]:
        """The record and its other names. Raises `sqlite3.DatabaseError` where it is damaged."""
        packer = self.packer()
        try:
            value = lenient.loads(packer.unpack(packed))
        except ValueError as error:
            raise sqlite3.DatabaseError(f"a record cannot be unpacked: {error}") from None
        doi = doi_of(value) if isinstance(value, dict) else None
        if doi is None:
            raise sqlite3.DatabaseError("a record has no DOI")
        return Kept(doi, packed, packer, *source, fetched), aliases(value)

    def _source_names(self) -> dict[int, tuple[str, str]]:
        return {n: (name, agency) for n, name, agency in self._sql.execute("SELECT number, name, agency FROM source")}

    def packer(self) -> Packer:
        """The packer with this file's dictionaries; the newest is used for writing."""
        if self._packer is None:
            found = dict(self._sql.execute("SELECT number, content FROM dictionary").fetchall())
            self._packer = Packer(found, max(found, default=1))
        return self._packer

    # --- writing (inside a transaction) ----------------------------------------------------------

    def add_dictionary(self, content: bytes) -> None:
        """Use `content` as the dictionary of what is written from now on."""
        (number,) = self._sql.execute("SELECT max(1, coalesce(max(number), 1)) + 1 FROM dictionary").fetchone()
        self._sql.execute("INSERT INTO dictionary VALUES (?, ?)", (number, content))
        self._packer = None

    def source(self, name: str, agency: str) -> int:
        """The number that stands for a source and an agency."""
        if (name, agency) not in self._sources:
            self._sql.execute("INSERT OR IGNORE INTO source (name, agency) VALUES (?, ?)", (name, agency))
            (number,) = self._sql.execute(
                "SELECT number FROM source WHERE name = ? AND agency = ?", (name, agency)
            ).fetchone()
            self._sources[name, agency] = number
        return self._sources[name, agency]

    def add(
        self, rows: Iterable[tuple[Iterable[Doi], Packed]], source: int, fetched: int, *, find_later: bool = False
    ) -> int:
        """Append records, each found by all its names; how many there were.

        With `find_later` they are found only after `make_findable`, which is much quicker for many.
        """
        (number,) = self._sql.execute("SELECT coalesce(max(number), 0) FROM record").fetchone()
        records: list[tuple[Any, ...]] = []
        places: list[tuple[int, int]] = []
        for names, packed in rows:
            number += 1
            records.append((number, source, fetched, packed.dictionary, packed.blob))
            places.extend((place(name), number) for name in names)
        self._sql.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?)", records)
        if find_later:
            self._sql.execute("CREATE TABLE IF NOT EXISTS later (hash INTEGER NOT NULL, record INTEGER NOT NULL)")
            self._sql.executemany("INSERT INTO later VALUES (?, ?)", places)
        else:
            self._sql.executemany("INSERT OR REPLACE INTO place VALUES (?, ?)", places)
        return len(records)

    def make_findable(self) -> None:
        """Let the records be found that were added with `find_later`: sorted once, instead of one page for each."""
        if self._sql.execute("SELECT 1 FROM sqlite_master WHERE name = 'later'").fetchone():
            self._sql.execute("INSERT OR REPLACE INTO place SELECT hash, record FROM later ORDER BY hash, record")
            self._sql.execute("DROP TABLE later")

    def replace(self, doi: Doi, packed: Packed, source: int, fetched: int) -> None:
        """Keep a record under `doi` in the place of what was there; the DOI is no longer absent, and no alias."""
        self._sql.execute("DELETE FROM record WHERE number = (SELECT record FROM place WHERE hash = ?)", (place(doi),))
        self.add([([doi], packed)], source, fetched)
        self._sql.execute("DELETE FROM absence WHERE doi = ?", (doi,))
        self._sql.execute("DELETE FROM alias WHERE doi = ?", (doi,))

    def add_alias(self, doi: Doi, target: Doi, fetched: int) -> None:
        """Keep that a DOI is another name of `target`."""
        self._sql.execute("INSERT OR REPLACE INTO alias VALUES (?, ?, ?)", (doi, target, fetched))
        self._sql.execute("DELETE FROM absence WHERE doi = ?", (doi,))

    def add_absence(self, doi: Doi, absence: Absence) -> None:
        """Keep that a DOI has no record."""
        row = (doi, absence.reason, absence.agency or None, absence.fetched)
        self._sql.execute("INSERT OR REPLACE INTO absence VALUES (?, ?, ?, ?)", row)

    # --- about itself ----------------------------------------------------------------------------

    def about(self, name: str) -> str | None:
        """One statement of the file about itself."""
        row = self._sql.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def say(self, name: str, value: str) -> None:
        """Make a statement about the file."""
        self._sql.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    def counts(self) -> dict[str, Any]:
        """Records by source, aliases, absences, and the oldest and newest time."""
        sql = self._sql
        by_source = (
            "SELECT s.name, s.agency, count(*) FROM record r JOIN source s ON s.number = r.source GROUP BY s.number"
        )
        oldest, newest = sql.execute("SELECT min(fetched), max(fetched) FROM record").fetchone()
        (aliases,) = sql.execute("SELECT count(*) FROM alias").fetchone()
        (absences,) = sql.execute("SELECT count(*) FROM absence WHERE reason != 'unlisted'").fetchone()
        sources = {(name, agency): count for name, agency, count in sql.execute(by_source)}
        return {
            **{"records": self.size(), "aliases": aliases, "absences": absences},
            **{"sources": sources, "oldest": oldest, "newest": newest},
        }

    def appended(self) -> int:
        """How many records were added, also those that are not found yet, or no longer."""
        return int(self._sql.execute("SELECT coalesce(max(number), 0) FROM record").fetchone()[0])

    def size(self) -> int:
        """How many records there are."""
        return int(self._sql.execute("SELECT count(DISTINCT record) FROM place").fetchone()[0])


def open_to_read(path: Path) -> Database:
    """The file at `path`, only to be looked at; what a killed process left unfinished in it is taken back first."""
    try:
        database = Database(path, read_only=True)
        database.about("path")  # the first look finds what is unfinished
        return database
    except sqlite3.OperationalError:
        return Database(path)


def iso(seconds: int) -> str:
    """A time as ISO 8601 in UTC."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "1970-01-01T00:00:00Z"  # kept while the clock was wrong beyond measure


def now() -> int:
    """The time of day in whole seconds since 1970."""
    return int(time.time())


def _chunks(wanted: Iterable[Doi], size: int = 500) -> Iterator[list[Doi]]:
    iterator = iter(wanted)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk
