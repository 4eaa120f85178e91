"""What the loopback services do wrong on purpose, as a share of requests, or for a while."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field

KINDS = ("401", "403", "429", "500", "503", "reset", "truncate", "html", "nonsense", "empty", "slow", "drip", "short")


@dataclass
class Faults:
    """Which faults come how often.

    Parameters: `shares`, fault kind → 0 to 1; `script`, kinds for the next requests in order ("" answers well);
    `outage`, (from request number, for so many seconds): all connections are reset; `delay`, seconds before an answer;
    `retry_after`, the header's value for 429 and 503; `seed`, so that a test can be repeated.
    """

    shares: dict[str, float] = field(default_factory=dict)
    script: list[str] = field(default_factory=list)
    outage: tuple[int, float] | None = None
    delay: float = 0.0
    retry_after: str = ""
    seed: int = 1

    def __post_init__(self) -> None:
        unknown = ({*self.shares, *self.script}) - {*KINDS, ""}
        if unknown:
            raise ValueError(f"no such faults: {unknown}")
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()
        self._seen = 0
        self._outage_began: float | None = None

    def next(self) -> str:
        """The fault for the request that has just come in, "" for none."""
        with self._lock:
            self._seen += 1
            if self.outage is not None and self._seen >= self.outage[0]:
                self._outage_began = self._outage_began or time.monotonic()
                if time.monotonic() < self._outage_began + self.outage[1]:
                    return "reset"
            if self.script:
                return self.script.pop(0)
            roll = self._random.random()
            for kind, share in self.shares.items():
                roll -= share
                if roll < 0:
                    return kind
            return ""
