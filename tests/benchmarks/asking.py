"""How fast DOIs are asked for, against the loopback Crossref with the polite pool's limits on.

`python -m tests.benchmarks.asking [COUNT]`: refkit with COUNT DOIs, beside habanero's `works(ids=[…])` paced at the ten
a second that the pool allows (measured on fifty DOIs and scaled, because its time is linear), and beside the least time
in which the list limit allows the batches.
"""

from __future__ import annotations

import sys
import tempfile
import time

import habanero

from refkit import sources
from refkit.model import Doi, Found, Question
from tests.server import Services
from tests.server.samples import record

PACED_AT = 10
SAMPLE = 50


def refkit_seconds(services: Services, dois: list[str], cache: str) -> float:
    settings = services.settings(mailto="reader@example.org", cache=cache)
    began = time.perf_counter()
    answers = list(sources.ask([Question((Doi(d),)) for d in dois], settings))
    seconds = time.perf_counter() - began
    assert [a.doi for a in answers if isinstance(a, Found)] == dois
    return seconds


def habanero_seconds(services: Services, dois: list[str]) -> float:
    crossref = habanero.Crossref(base_url=services.crossref.url, mailto="reader@example.org")
    crossref.works(ids=dois[:1])  # the first call pays for imports
    began = turn = time.perf_counter() + 1.0 / PACED_AT
    for doi in dois:
        time.sleep(max(0.0, turn - time.perf_counter()))
        turn = time.perf_counter() + 1.08 / PACED_AT  # tighter, the network pushes two together now and then
        crossref.works(ids=[doi])
    return time.perf_counter() - began


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    dois = [f"10.5555/benchmark.{n:06}" for n in range(count)]
    with Services(map(record, dois)) as services, tempfile.TemporaryDirectory() as cache:
        ours = refkit_seconds(services, dois, cache)
        lists, refused = services.crossref.count("list"), services.crossref.count(status=429)
        others = services.crossref.count() - lists
        services.forget()
        again = refkit_seconds(services, dois, cache)
        asked_again = services.crossref.count()
        services.forget()
        time.sleep(1.1)
        theirs = habanero_seconds(services, dois[:SAMPLE]) * count / SAMPLE
        theirs_refused = services.crossref.count(status=429)
    least = (-(-count // 50) - 1) / 3
    print(f"{count} DOIs, polite pool")
    print(f"refkit          {ours:8.2f} s  {lists} list requests, {others} others, {refused} answered 429")
    print(f"  the limit     {least:8.2f} s  → {ours / least if least else 1:.2f} times the least time")
    print(f"  second run    {again:8.2f} s  {asked_again} requests")
    print(
        f"habanero, paced {theirs:8.2f} s  {theirs_refused} answered 429 → refkit is {theirs / ours:.1f} times as fast"
    )


if __name__ == "__main__":
    main()
