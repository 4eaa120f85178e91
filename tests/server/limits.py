"""The services' limits as a strict referee: a sliding window by pool and kind, and a count of requests in flight."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    count: int
    seconds: float
    at_once: int


CROSSREF = {
    ("public", "single"): Rate(5, 1, 1),
    ("public", "list"): Rate(1, 1, 1),
    ("polite", "single"): Rate(10, 1, 3),
    ("polite", "list"): Rate(3, 1, 3),
    ("plus", "single"): Rate(150, 1, 1000),
    ("plus", "list"): Rate(150, 1, 1000),
}
DATACITE = {("public", "list"): Rate(500, 300, 100), ("polite", "list"): Rate(1000, 300, 100)}
DOI = {("public", "list"): Rate(100, 1, 10), ("public", "single"): Rate(1000, 300, 100)}


class Referee:
    """Says for every request whether it is within the limits of `rates`."""

    def __init__(self, rates: dict[tuple[str, str], Rate]) -> None:
        self.rates = rates
        self.enforced = True
        self._times: dict[tuple[str, str], deque[float]] = {}
        self._in_flight: dict[str, int] = {}
        self._lock = threading.Lock()

    def enter(self, pool: str, kind: str) -> str:
        """ "" when the request is allowed, else "rate" or "concurrency"; call `leave` afterwards in any case."""
        with self._lock:
            rate = self.rates.get((pool, kind)) or self.rates[pool, "list"]
            self._in_flight[pool] = self._in_flight.get(pool, 0) + 1
            if not self.enforced:
                return ""
            if self._in_flight[pool] > rate.at_once:
                return "concurrency"
            now = time.monotonic()
            times = self._times.setdefault((pool, kind), deque())
            while times and times[0] <= now - rate.seconds:
                times.popleft()
            if len(times) >= rate.count:
                return "rate"
            times.append(now)
            return ""

    def leave(self, pool: str) -> None:
        with self._lock:
            self._in_flight[pool] -= 1
