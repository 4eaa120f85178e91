"""One service as this run knows it: its address, its pool, whose turn it is, and what was counted."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from refkit.model import RequestCount
from refkit.net import pace
from refkit.net.messages import Fault
from refkit.net.pace import PUBLISHED, UNKNOWN, Clock, Lane, Limit, Seats
from refkit.net.trouble import span

NAMES = {
    "crossref": "Crossref",
    "datacite": "DataCite",
    "doi": "doi.org",
    "zotero-web": "Zotero's web service",
    "zotero-desktop": "Zotero",
}


class Service:
    """A service that is asked, or a host that doi.org led to.

    `answered`: it has answered in this run; `failing_since`: when it began to fail; `stopped`: why it is asked no more.
    """

    def __init__(self, name: str, base: str, pool: str, clock: Clock, folder: Path, say: Callable[[str], None]) -> None:
        self.name = name
        self.base = base.rstrip("/")
        self.pool = pool
        self.answered = False
        self.last_answer = 0.0
        self.failing_since: float | None = None
        self.stopped: Fault | None = None
        self.count = 0
        self.retried = 0
        self._say = say
        self._said_until = 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._folder = folder
        self._lanes: dict[str, Lane] = {}
        self._seats = Seats(self._file_name(), clock, folder)
        self._waited, self._waiting, self._waiting_since = 0.0, 0, 0.0

    @property
    def known(self) -> bool:
        """Whether it is one of the services that refkit knows by name."""
        return self.name in NAMES

    @property
    def is_local(self) -> bool:
        """Whether it is a program on this machine."""
        return self.name == "zotero-desktop"

    @property
    def shown(self) -> str:
        """The service's name for users: for one that doi.org led to, its host."""
        return NAMES.get(self.name) or urlsplit(self.base).hostname or self.base

    def requests(self) -> RequestCount:
        """What was asked of it, and the seconds waited for its sake."""
        host = urlsplit(self.base).netloc.rpartition("@")[2]
        return RequestCount(host, self.count, self.retried, round(self._waited, 2))

    # --- turns -----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def seat(self, kind: str, is_over: Callable[[], bool]) -> Iterator[Lane]:
        """A place among the requests in flight, given when a moment to send is near; comes at once when all is over."""
        while True:
            lane = self.lane(kind)
            with self._seats.seat(lane):
                if self._await(lane, lane.free_in, is_over) or self.stopped is not None or is_over():
                    yield lane
                    return

    def take_turn(self, lane: Lane, is_over: Callable[[], bool]) -> bool:
        """Wait for the moment at which a request may be sent, and take it; False when none may be sent any more."""
        taken = self._await(lane, lane.claim, is_over)
        if taken:
            with self._lock:
                self.count += 1
        return taken

    def _await(self, lane: Lane, seconds_left: Callable[[], float], is_over: Callable[[], bool]) -> bool:
        """Wait until nothing is left; False when all is over, or the pool has turned out to be another one."""
        while self.stopped is None and not is_over() and self._is_current(lane):
            pause = seconds_left()
            if pause <= 0:
                return True
            self._tell(pause)
            self.wait(pause)
        return False

    def _is_current(self, lane: Lane) -> bool:
        return self._lanes.get(f"{self.pool}-{lane.kind}") is lane

    def _tell(self, pause: float) -> None:
        """Say that there is a long wait, which may be one that another process was asked for; once for all threads."""
        with self._lock:
            until = self._clock.now() + pause
            if pause <= 5 or until < self._said_until + 5:
                return
            self._said_until = until
        self._say(f"{self.shown} asked for a pause, of which {span(pause)} are left.")

    def lane(self, kind: str) -> Lane:
        """The lane for requests of this kind in the present pool."""
        with self._lock:
            key = f"{self.pool}-{kind}"
            if key not in self._lanes:
                lane = Lane(f"{self._file_name()}-{key}", kind, self._published(kind), self._clock, self._folder)
                lane.seats = 1  # the first answer says how many there are
                self._lanes[key] = lane
            return self._lanes[key]

    def pause(self, seconds: float) -> None:
        """Ask nothing for so many seconds, of whatever kind (Zotero Web API 3, "Rate limiting": `Backoff`)."""
        for kind in sorted({kind for _, _, kind in PUBLISHED}):
            self.lane(kind).pause(seconds)

    def learn(self, lane: Lane, kind: str, headers: Mapping[str, str]) -> None:
        """Take from an answer's headers what they say of limits."""
        lane.recover(pace.stricter(self._published(kind), dict(headers)))

    def move_to(self, pool: str, kind: str) -> None:
        """Go on in another pool, as the service says."""
        self.pool = pool
        lane = self.lane(kind)
        lane.pause(lane.limit.spacing)

    def _published(self, kind: str) -> Limit:
        return PUBLISHED.get((self.name, self.pool, kind), UNKNOWN)

    def _file_name(self) -> str:
        host = urlsplit(self.base).netloc.rpartition("@")[2].lower()
        return re.sub(r"[^a-z0-9.]+", "-", host).strip("-") or "service"

    def wait(self, seconds: float) -> None:
        """Wait for the service's sake; what several threads wait at the same time is counted once."""
        with self._lock:
            if self._waiting == 0:
                self._waiting_since = self._clock.now()
            self._waiting += 1
        try:
            self._clock.sleep(seconds)
        finally:
            with self._lock:
                self._waiting -= 1
                if self._waiting == 0:
                    self._waited += self._clock.now() - self._waiting_since

    # --- how it goes -----------------------------------------------------------------------------

    def has_answered(self) -> None:
        """A request was answered as it should be."""
        with self._lock:
            self.answered, self.last_answer, self.failing_since = True, self._clock.now(), None

    def has_failed(self) -> float:
        """A request failed; for how many seconds nothing else has come."""
        with self._lock:
            now = self._clock.now()
            self.failing_since = now if self.failing_since is None else self.failing_since
            return now - self.failing_since

    def stop(self, fault: Fault) -> Fault:
        """Ask nothing more in this run; the fault that it was stopped with."""
        with self._lock:
            self.stopped = self.stopped or fault
            return self.stopped
