"""Whether all is answered rightly when the services are wrong: `python -m tests.benchmarks.asking_faults [COUNT]`.

First COUNT DOIs that exist, while 5 % each of all answers are 429, 503, resets, cut off and web pages, and everything
is away for 30 s in the middle. Then a mixed thousand, of which each must come to its own end.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter

from refkit import sources
from refkit.model import Answer, Doi, Found, Missing, Question
from tests.server import Faults, Services
from tests.server.samples import csl_item, record, resource

SHARES = dict.fromkeys(("429", "503", "reset", "truncate", "html"), 0.05)


def ask(services: Services, dois: list[str], cache: str) -> list[Answer]:
    settings = services.settings(mailto="reader@example.org", cache=cache)
    return list(sources.ask([Question((Doi(d),)) for d in dois], settings))


def with_faults(count: int) -> None:
    dois = [f"10.5555/benchmark.{n:06}" for n in range(count)]
    with Services(map(record, dois)) as services, tempfile.TemporaryDirectory() as cache:
        services.crossref.faults = Faults(shares=SHARES, outage=(count // 100, 30.0))
        began = time.perf_counter()
        answers = ask(services, dois, cache)
        seconds = time.perf_counter() - began
        right = sum(isinstance(a, Found) and a.doi == doi for a, doi in zip(answers, dois, strict=True))
        faults = Counter(a.fault for a in services.crossref.asked)
        twice = sum(services.crossref.times_asked(d) > 1 for d in dois)
    good = faults.pop("", 0)
    print(f"{count} DOIs with faults: {right} right in {seconds:.1f} s; {good} requests went well, {twice} DOIs twice")
    print(f"  faults met: {dict(faults)}")


def expected_ends() -> tuple[Services, dict[str, str]]:
    """Services with a bit of everything, and the end that each of a thousand DOIs must come to."""
    services = Services()
    ends: dict[str, str] = {}
    for n in range(550):
        ends[f"10.5555/plain.{n}"] = "found crossref"
    for n in range(60):
        ends[f"10.5555/with,comma.{n}"] = "found crossref"
    services.add(record(d) for d in ends)
    for n in range(60):
        services.crossref.aliases[f"10.5555/alias.{n}"] = f"10.5555/plain.{n}"
        ends[f"10.5555/alias.{n}"] = "found crossref"
    for n in range(30):
        services.add([record(f"10.5555/unlisted.{n}")])
        services.crossref.left_out.add(f"10.5555/unlisted.{n}")
        ends[f"10.5555/unlisted.{n}"] = "found crossref"
    for n in range(150):
        doi = f"10.5281/zenodo,{n}" if n % 10 == 0 else f"10.5281/zenodo.{n}"
        services.add([resource(doi)])
        ends[doi] = "found datacite"
    for n in range(20):
        services.doi.agencies[f"10.1393/medra.{n}"] = "mEDRA"
        services.doi.items[f"10.1393/medra.{n}"] = csl_item(f"10.1393/medra.{n}")
        ends[f"10.1393/medra.{n}"] = "found doi.org"
        services.doi.agencies[f"10.7687/cnki.{n}"] = "CNKI"
        ends[f"10.7687/cnki.{n}"] = "missing no-metadata"
    for n in range(60):
        ends[f"10.5555/nowhere.{n}"] = "missing unregistered"
    for n in range(50):
        ends[f"10.55/malformed.{n}" if n % 2 else f"no doi {n}"] = (
            "missing unregistered" if n % 2 else "missing invalid"
        )
    return services, ends


def mixed() -> None:
    services, ends = expected_ends()
    with services, tempfile.TemporaryDirectory() as cache:
        began = time.perf_counter()
        answers = ask(services, list(ends), cache)
        seconds = time.perf_counter() - began
        requests = {s.name: s.count() for s in services.all}
        refused = sum(s.count(status=429) for s in services.all)
        services.forget()
        again = ask(services, list(ends), cache)
        asked_again = sum(s.count() for s in services.all)
    wrong = {a.asked: (end(a), ends[a.asked]) for a in answers if end(a) != ends[a.asked]}
    wrong |= {a.asked: (end(a), ends[a.asked]) for a in again if end(a) != ends[a.asked]}
    print(f"mixed {len(ends)}: {len(ends) - len(wrong)} at the right end in {seconds:.1f} s")
    print(f"  {requests} requests, {refused} answered 429")
    print(f"  the second run asked {asked_again} times; wrong: {wrong}")


def end(answer: Answer) -> str:
    if isinstance(answer, Found):
        return f"found {answer.work.origin.source}"
    return f"{'missing' if isinstance(answer, Missing) else 'failed'} {answer.reason}"


def main() -> None:
    with_faults(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
    mixed()


if __name__ == "__main__":
    main()
