"""How fast records are loaded and found again: `python -m tests.benchmarks.asking_store [COUNT]`.

COUNT records of about 3 kB, made here from drawn words, in a file of JSON lines packed with gzip. Loading is compared
with `gzip` and `orjson` alone over the same file, on one core. Times are the processor's, so that what else runs on the
machine does not count.
"""

from __future__ import annotations

import gzip
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from refkit import store
from refkit.model import Doi
from refkit.settings import Settings
from refkit.store import collection

LOOK_UPS = 40_000


class Maker:
    """Makes records whose keys repeat and whose words, names and numbers do not."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        starts, ends = "b c d f g l m n p r s t v tr st".split(), "a e i o u an er io al us".split()
        syllables = [a + b for a in starts for b in ends]
        self.vocabulary = ["".join(self.random.choices(syllables, k=self.random.randint(1, 4))) for _ in range(20_000)]
        self.weights = [1 / (rank + 5) for rank in range(len(self.vocabulary))]
        self.pool = self.random.choices(self.vocabulary, self.weights, k=400_000)
        self.journals = [self.words(4).title() for _ in range(3000)]
        self.places = [
            f"Department of {self.words(1).title()}, University of {self.words(1).title()}" for _ in range(4000)
        ]

    def words(self, count: int) -> str:
        at = self.random.randrange(len(self.pool) - count)
        return " ".join(self.pool[at : at + count])

    def date(self) -> dict[str, Any]:
        r = self.random
        year, month, day = r.randint(1980, 2025), r.randint(1, 12), r.randint(1, 28)
        stamp = r.randint(10**9, 17 * 10**8) * 1000
        when = f"{year}-{month:02}-{day:02}T{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}Z"
        return {"date-parts": [[year, month, day]], "date-time": when, "timestamp": stamp}

    def record(self, doi: str) -> dict[str, Any]:
        r = self.random
        journal, issn = r.choice(self.journals), f"{r.randint(1000, 9999)}-{r.randint(1000, 9999)}"
        made, issued = self.date(), self.date()["date-parts"]
        link = f"https://www.{self.words(1)}.example/content/{r.randint(10**5, 10**7)}/{self.words(1)}"
        record = {
            "indexed": self.date(), "reference-count": r.randint(0, 90), "publisher": "Example Publishing Group",
            "issue": str(r.randint(1, 12)), "license": [{"start": made, "content-version": "vor", "delay-in-days": 0,
            "URL": "https://creativecommons.org/licenses/by/4.0/"}], "content-domain": {"domain": [link.split("/")[2]],
            "crossmark-restriction": False}, "short-container-title": [journal[:12] + "."], "DOI": doi,
            "type": "journal-article", "created": made, "page": f"{r.randint(1, 900)}-{r.randint(901, 2000)}",
            "source": "Crossref", "is-referenced-by-count": r.randint(0, 400), "title": [self.words(r.randint(6, 16))],
            "prefix": doi.split("/")[0], "volume": str(r.randint(1, 120)), "author": [
            {"given": self.words(1).title(), "family": self.words(1).title(), "sequence": "additional",
             "affiliation": [{"name": r.choice(self.places)}] if n % 2 else []} for n in range(r.randint(1, 7))],
            "member": str(r.randint(1, 4000)), "container-title": [journal], "original-title": [], "language": "en",
            "link": [{"URL": link + ".pdf", "content-type": "application/pdf", "content-version": "vor",
            "intended-application": "text-mining"}, {"URL": link, "content-type": "unspecified",
            "content-version": "vor", "intended-application": "similarity-checking"}], "deposited": self.date(),
            "score": 1, "resource": {"primary": {"URL": link}}, "subtitle": [], "short-title": [],
            "issued": {"date-parts": issued}, "references-count": r.randint(0, 90), "journal-issue": {"issue": "1",
            "published-print": {"date-parts": issued}}, "alternative-id": [doi.split("/")[1]],
            "URL": f"https://doi.org/{doi}", "relation": {}, "ISSN": [issn], "issn-type": [{"value": issn,
            "type": "electronic"}], "subject": [], "published": {"date-parts": issued},
        }  # fmt: skip
        if r.random() < 0.12:
            record["reference"] = [
                {"key": f"ref{n}", "doi-asserted-by": "publisher", "DOI": f"10.{r.randint(1000, 9999)}/{self.words(2)}",
                 "author": self.words(1).title(), "volume": str(r.randint(1, 99)), "year": "2001",
                 "journal-title": r.choice(self.journals)} for n in range(r.randint(5, 60))
            ]  # fmt: skip
        if r.random() < 0.06:
            record["abstract"] = f"<jats:p>{self.words(180)}</jats:p>"
        return record


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.jsonl.gz"
        dois = [f"10.{5000 + n % 977}/example.{n * 7919 % 10**7}" for n in range(count)]
        size = write(path, dois)
        alone = min(read_alone(path) for _ in range(2))
        settings = Settings(cache=str(Path(folder) / "cache"))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        loaded = store.load(path, settings)
        seconds_loading = time.process_time() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        kept = sum(p.stat().st_size for p in (Path(folder) / "cache").glob("collection-*"))
        found, seconds = look_up(path, settings, dois)
    rate = loaded.records / seconds_loading
    print(f"{loaded.records} records of {size / count:.0f} bytes on average")
    print(f"loaded at {rate:,.0f} a second, {rate * alone / count:.2f} of gzip and orjson alone ({count / alone:,.0f})")
    print(f"kept in {kept / loaded.records:.0f} bytes a record; memory grew by {grown / 1024:.0f} MB")
    print(f"{found} random look-ups at {found / seconds:,.0f} a second")


def write(path: Path, dois: list[str]) -> int:
    maker, size = Maker(1), 0
    with gzip.open(path, "wb", compresslevel=6) as lines:
        for doi in dois:
            line = orjson.dumps(maker.record(doi)) + b"\n"
            size += len(line)
            lines.write(line)
    return size


def read_alone(path: Path) -> float:
    began = time.process_time()
    with gzip.open(path, "rb") as lines:
        for line in lines:
            orjson.loads(line)
    return time.process_time() - began


def look_up(path: Path, settings: Settings, dois: list[str]) -> tuple[int, float]:
    database = collection.find(path, store.folder(settings))
    assert database is not None
    wanted = random.Random(2).sample(dois, min(LOOK_UPS, len(dois)))
    began = time.process_time()
    found = 0
    for doi, kept in chunks(database, wanted):
        found += kept.doi == doi
    seconds = time.process_time() - began
    database.close()
    return found, seconds


def chunks(database: Any, wanted: list[str]) -> Iterator[tuple[Doi, Any]]:
    yield from database.records(map(Doi, wanted))


if __name__ == "__main__":
    main()
