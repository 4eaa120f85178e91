"""How fast a service may be asked: the published limits, and one budget for all refkit processes on this machine.

Limits are counted by address, so two refkits in two terminals share them. A lane (service, pool, kind of request) keeps
its next free moment in a small file, and a request in flight holds one of the pool's seats, which are locked files: the
system gives them back when a process dies. Where the folder cannot be written, each process paces itself.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from filelock import BaseFileLock


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests (`count`) in so many `seconds`, so many of them `at_once`."""

    count: float
    seconds: float
    at_once: int

    @property
    def spacing(self) -> float:
        """Seconds from one request to the next when they are spread evenly."""
        return self.seconds / self.count


PUBLISHED: dict[tuple[str, str, str], Limit] = {
    # Crossref, since 1 December 2025: REST API documentation "Access and authentication", blog of 5 November 2025.
    ("crossref", "public", "single"): Limit(5, 1, 1),
    ("crossref", "public", "list"): Limit(1, 1, 1),
    ("crossref", "polite", "single"): Limit(10, 1, 3),
    ("crossref", "polite", "list"): Limit(3, 1, 3),
    # Plus names one figure and no concurrency; eight at once is our own restraint.
    ("crossref", "plus", "single"): Limit(150, 1, 8),
    ("crossref", "plus", "list"): Limit(150, 1, 8),
    # DataCite: requests in five minutes by address, with and without a contact ("Rate limit", DataCite support).
    ("datacite", "public", "single"): Limit(500, 300, 1),
    ("datacite", "public", "list"): Limit(500, 300, 1),
    ("datacite", "polite", "single"): Limit(1000, 300, 2),
    ("datacite", "polite", "list"): Limit(1000, 300, 2),
    # doi.org names no limit; content negotiation of DataCite DOIs through it is limited to 1000 in five minutes.
    ("doi", "public", "single"): Limit(1000, 300, 2),
    ("doi", "public", "list"): Limit(2, 1, 1),
    # Zotero's web service names no figures; it asks for few requests at once, and says `Backoff` when it is busy.
    ("zotero-web", "public", "single"): Limit(10, 1, 1),
    ("zotero-web", "public", "list"): Limit(10, 1, 4),
    # A program on this machine.
    ("zotero-desktop", "public", "single"): Limit(200, 1, 1),
    ("zotero-desktop", "public", "list"): Limit(200, 1, 2),
}

UNKNOWN = Limit(2, 1, 1)
"""For services that doi.org leads to, which name no limits."""

SLACK, LEAST_SLACK = 1.05, 1.03
"""Requests are spread a little wider than the limit, because the network may push two of them together."""

WORST_SLOWING = 8.0
LONGEST_PAUSE = 1800.0
"""Seconds; a service that asks for a longer pause is left alone for this run."""


def stricter(limit: Limit, headers: dict[str, str]) -> Limit:
    """The lower of `limit` and what the reply's headers say (`x-rate-limit-*`, `x-concurrency-limit`).

    Headers may be absent, and for lists have been seen to give the figure for single records: so they lower a limit and
    never raise it.
    """
    count = _number(headers.get("x-rate-limit-limit") or headers.get("x-ratelimit-limit"))
    seconds = _seconds(headers.get("x-rate-limit-interval") or headers.get("x-ratelimit-interval") or "1s")
    if count and seconds and seconds / count > limit.spacing:
        limit = replace(limit, count=count, seconds=seconds)
    at_once = _number(headers.get("x-concurrency-limit"))
    if at_once and 1 <= at_once < limit.at_once:
        limit = replace(limit, at_once=int(at_once))
    return limit


def _number(text: str | None) -> float | None:
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*", text or "", re.ASCII)
    value = float(match[1]) if match else 0.0
    return value if value > 0 else None


def _seconds(text: str) -> float | None:
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|h)?\s*", text, re.ASCII)
    if not match or float(match[1]) <= 0:
        return None
    return float(match[1]) * {"ms": 0.001, "m": 60.0, "h": 3600.0}.get(match[2] or "s", 1.0)


class Clock(Protocol):
    """Time, as the pace needs it; tests bring their own."""

    def now(self) -> float:
        """Seconds on a clock that is the same for all processes and never jumps."""

    def sleep(self, seconds: float) -> None:
        """Wait; returns early when the client is closed."""


class MachineClock:
    """The machine's monotonic clock, which is system-wide; `close` wakes all who sleep."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def now(self) -> float:
        """Seconds since the machine started."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds, or until closed."""
        self._closed.wait(max(0.0, seconds))

    def close(self) -> None:
        """Let nobody sleep any more."""
        self._closed.set()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed.is_set()


class Lane:
    """One stream of requests that share a limit: it gives out moments, evenly spread, and widens them when told off."""

    def __init__(self, name: str, kind: str, limit: Limit, clock: Clock, folder: Path | None) -> None:
        self.name = name
        self.kind = kind
        self.limit = limit
        self.seats = limit.at_once
        self._clock = clock
        self._slowing = 1.0
        self._next = 0.0
        self._lock = threading.Lock()
        self._shared = _SharedMoment(folder / f"{name}.next") if folder else None

    def claim(self) -> float:
        """0 when a request may be sent now, and the moment is taken; else the seconds until the next one is free.

        A moment is taken when the request is sent and not before, so that a thread that wakes up late cannot come close
        to the one after it.
        """
        with self._lock, self._shared.held() if self._shared else contextlib.nullcontext():
            now = self._clock.now()
            moment = self._moment(now)
            if moment > now:
                return moment - now
            spacing = self.limit.spacing * self._slowing
            # Lost time is made up for, as far as the limit allows.
            self._set(max(moment + spacing * SLACK, now + spacing * LEAST_SLACK))
            return 0.0

    def free_in(self) -> float:
        """Seconds until the next moment is free, which stays free."""
        with self._lock, self._shared.held() if self._shared else contextlib.nullcontext():
            now = self._clock.now()
            return max(0.0, self._moment(now) - now)

    def pause(self, seconds: float) -> None:
        """Let nobody in this lane ask anything for so many seconds, in other processes too."""
        with self._lock, self._shared.held() if self._shared else contextlib.nullcontext():
            now = self._clock.now()
            self._set(max(self._moment(now), now + seconds))

    def _moment(self, now: float) -> float:
        shared = self._shared.read() if self._shared else None
        moment = self._next if shared is None else max(shared, self._next)
        # A moment far ahead was written before the machine last started: its clock began anew.
        return moment if moment <= now + 2 * LONGEST_PAUSE else now

    def _set(self, moment: float) -> None:
        self._next = moment
        if self._shared:
            self._shared.write(moment)

    def slow_down(self) -> None:
        """The service said "too many": ask at wider intervals, and with one request less at once."""
        with self._lock:
            self._slowing = min(WORST_SLOWING, self._slowing * 1.4)
            self.seats = max(1, self.seats - 1)

    def recover(self, limit: Limit) -> None:
        """The service answered: come back slowly to the full pace of `limit`."""
        with self._lock:
            self.limit = limit
            self._slowing = max(1.0, self._slowing * 0.9)
            self.seats = min(limit.at_once, self.seats if self._slowing > 1.2 else limit.at_once)


class _SharedMoment:
    """A moment in a file that all processes read and write, under a lock; not there when the folder is read-only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = file_lock(path.with_suffix(".lock"))

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        if self._guard is None:
            yield
            return
        try:
            self._guard.acquire(timeout=10)
        except (OSError, TimeoutError):
            self._guard = None  # the folder is gone or full: this process paces itself
            yield
            return
        try:
            yield
        finally:
            self._guard.release()

    def read(self) -> float | None:
        try:
            return float(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def write(self, moment: float) -> None:
        if self._guard is not None:
            with contextlib.suppress(OSError):
                self._path.write_text(f"{moment:.4f}", encoding="ascii")


class Seats:
    """The places of requests in flight at one service, shared by all processes on the machine."""

    def __init__(self, name: str, clock: Clock, folder: Path | None) -> None:
        self._clock = clock
        self._taken: set[int] = set()
        self._change = threading.Condition()
        self._paths = (lambda n: folder / f"{name}.seat{n}") if folder else None

    @contextlib.contextmanager
    def seat(self, lane: Lane) -> Iterator[None]:
        """Hold one of the `lane.seats` places; waits until one is free."""
        number = self._wait_here(lane)
        lock: BaseFileLock | None = None
        try:
            lock = self._wait_elsewhere(lane)
            yield
        finally:
            if lock is not None:
                lock.release()
            with self._change:
                self._taken.discard(number)
                self._change.notify_all()

    def _wait_here(self, lane: Lane) -> int:
        with self._change:
            while len(self._taken) >= lane.seats:
                self._change.wait(0.5)
            number = next(n for n in range(len(self._taken) + 1) if n not in self._taken)
            self._taken.add(number)
            return number

    def _wait_elsewhere(self, lane: Lane) -> BaseFileLock | None:
        if self._paths is None:
            return None
        while True:
            for number in range(lane.seats):
                lock = file_lock(self._paths(number))
                if lock is None:
                    return None
                try:
                    lock.acquire(timeout=0)
                except TimeoutError:
                    continue
                except OSError:
                    return None
                return lock
            self._clock.sleep(random.uniform(0.02, 0.06))
            if getattr(self._clock, "closed", False):
                return None


def file_lock(path: Path) -> BaseFileLock | None:
    """A lock between processes at `path`, None where the folder cannot be written."""
    from filelock import FileLock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return FileLock(path, thread_local=False) if os.access(path.parent, os.W_OK) else None
