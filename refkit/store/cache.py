"""The cache of answers: kept as they arrive, and never in the way when its file is damaged, full or read-only."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from refkit.model import Doi, Note, Severity
from refkit.store.database import FORMAT, Absence, Database, Kept, NewerFormat, now

T = TypeVar("T")

DAY = 86_400
UNLISTED = "unlisted"
"""Not in Crossref's lists, and nothing else is known: enough where a shorter reading exists."""

LIVES = {"unregistered": 2 * DAY, "no-metadata": 2 * DAY, UNLISTED: 7 * DAY}
"""Seconds for which it is believed that a DOI has no record, by reason: deposits come late, mistakes are mended."""

AHEAD = DAY
"""A record from further in the future than this was kept while the machine's clock was wrong."""


def name() -> str:
    """The file's name; another format gets another file."""
    return f"records-{FORMAT}.sqlite"


@dataclass(slots=True)
class Harvest:
    """What a run has learnt and not yet kept."""

    records: list[tuple[Doi, Kept]] = field(default_factory=list)
    absences: list[tuple[Doi, Absence]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.records) + len(self.absences)


class Cache:
    """The records in `folder`; whatever goes wrong with the file becomes one note, and the run goes on without it."""

    def __init__(self, folder: Path, notes: list[Note]) -> None:
        self._path = folder / name()
        self._notes = notes
        self._database: Database | None = None
        self._given_up = False

    def records(self, wanted: Iterable[Doi]) -> dict[Doi, Kept]:
        """The records at hand of the wanted DOIs, however old."""
        wanted = list(wanted)
        return self._do(lambda database: dict(database.records(wanted)), reading=True) or {}

    def absences(self, wanted: Iterable[Doi]) -> dict[Doi, Absence]:
        """What services said lately of wanted DOIs that have no record."""
        wanted = list(wanted)
        found = self._do(lambda database: dict(database.absences(wanted)), reading=True) or {}
        return {d: a for d, a in found.items() if a.reason in LIVES and is_fresh(a.fetched, LIVES[a.reason])}

    def keep(self, harvest: Harvest) -> None:
        """Keep what was learnt, all of it or nothing, and empty `harvest`."""
        records, absences = list(harvest.records), list(harvest.absences)
        harvest.records.clear()
        harvest.absences.clear()

        def write(database: Database) -> bool:
            with database.transaction():
                for asked, kept in records:
                    source = database.source(kept.source, kept.agency)
                    database.replace(kept.doi, kept.packed, source, kept.fetched)
                    if asked != kept.doi:
                        database.add_alias(asked, kept.doi, kept.fetched)
                for doi, absence in absences:
                    database.add_absence(doi, absence)
            return True

        if records or absences:
            self._do(write, reading=False)

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _do(self, action: Callable[[Database], T], *, reading: bool) -> T | None:
        for _ in range(2):
            if self._given_up or (reading and self._database is None and not self._path.exists()):
                return None
            try:
                return action(self._open())
            except (sqlite3.OperationalError, OSError) as error:
                self._give_up(error)
            except NewerFormat:
                self._say("store-newer", f"The record store {self._path} was made by a newer refkit and is left alone.")
                self._given_up = True
            except sqlite3.DatabaseError:
                self._set_aside()
        return None

    def _open(self) -> Database:
        if self._database is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._database = Database(self._path)
        return self._database

    def _give_up(self, error: Exception) -> None:
        self._given_up = True
        self.close()
        why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        message = f"The record store {self._path} cannot be used ({why}); answers of this run are not remembered."
        self._say("store-unusable", message)

    def _set_aside(self) -> None:
        """Give a damaged file another name, so that it can be looked at, and begin a new one."""
        self.close()
        aside = next(p for p in _names_beside(self._path) if not p.exists())
        try:
            self._path.rename(aside)
        except OSError as error:
            self._give_up(error)
            return
        with contextlib.suppress(OSError):
            self._path.with_name(self._path.name + "-journal").unlink()
        message = f"The record store was damaged; it is set aside as {aside}, and a new one is begun."
        self._say("store-damaged", message)

    def _say(self, code: str, message: str) -> None:
        self._notes.append(Note(code, message, Severity.WARNING, path=str(self._path)))


def is_fresh(fetched: int, life: float) -> bool:
    """Whether what was learnt at `fetched` may still be believed; not if it comes from a clock that was wrong."""
    return -AHEAD < now() - fetched <= life


def _names_beside(path: Path) -> Iterator[Path]:
    for number in range(1, 10_000):
        yield path.with_name(f"{path.stem}.damaged-{number}.sqlite")
