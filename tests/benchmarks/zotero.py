"""Zotero: requests, validity, trouble, a large library. `python -m tests.benchmarks.zotero [--items 20000]`.

Against the loopback web service of the tests; requests are compared with the least that there can be, times with
parsing the same items as JSON.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from refkit import net
from refkit.formats.zotero_items import entry_of, item
from refkit.merging import Arrival, Base
from refkit.model import Entry, Origin, Work
from refkit.pipeline.sending import Sending, send
from refkit.report import Report
from refkit.settings import Settings
from refkit.sinks.zotero.planning import plan
from refkit.sinks.zotero.shelf import Shelf
from refkit.sources.crossref_work import work_from_record
from tests.server.zotero import KEY, ZoteroWeb
from tests.server.zotero_rules import faults_of

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "crossref" / "works.jsonl.gz"


def corpus_works() -> list[Work]:
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        found = [work_from_record(json.loads(line), origin=Origin("crossref")) for line in lines]
    return list({work.csl.get("DOI"): work for work in found}.values())


def run(web: ZoteroWeb, works: Sequence[Work], folder: str) -> Report:
    report = Report()
    settings = Settings(via="web", zotero_api_url=web.url, zotero_key=KEY, cache=folder)
    send([Arrival(work) for work in works], settings, report, Sending())
    return report


def contents(web: ZoteroWeb) -> list[dict[str, Any]]:
    left_out = {"version"}
    return sorted(({k: v for k, v in i.items() if k not in left_out} for i in web.mine.items.values()), key=str)


def requests(works: Sequence[Work], folder: str) -> list[dict[str, Any]]:
    with ZoteroWeb() as web:
        report = run(web, works, folder)
        assert report.target is not None
        added, items = report.target.added, contents(web)
        least = 2 + -(-len(items) // 50)
        faults = sum(bool(faults_of(i, notes=False)) for i in items)
        print(f"{len(works)} works: {added} added, {report.target.asked} not sure; {faults} items invalid")
        print(f"requests: {len(web.asked)} of at least {least}: {len(web.asked) / least:.2f} times the least")
        web.forget()
        run(web, works, folder)
        print(f"again: {len(web.writes())} writes, {len(web.asked)} requests")
        return items


def trouble(works: Sequence[Work], want: list[dict[str, Any]], folder: str) -> None:
    with ZoteroWeb() as web:
        web.shares = dict.fromkeys(("412", "429", "500", "reset", "lost"), 0.05)
        report = run(web, works, folder)
        web.shares = {}
        got = contents(web)
        broken = sum(bool(asked.fault) for asked in web.asked)
        print(f"trouble: {broken} of {len(web.asked)} requests broken; same content: {got == want}", end="; ")
        dois = [i["DOI"] for i in got if i.get("DOI")]
        print(f"doubles: {len(dois) - len(set(dois))}; refused: {report.exit_code == 5}")


def large(works: Sequence[Work], count: int) -> None:
    items, texts = [], []
    for number in range(count):
        work = works[number % len(works)]
        csl = dict(work.csl) | {"DOI": f"10.5555/{number}", "title": f"{work.csl.get('title', '')} {number}"}
        items.append(item(Entry(f"k{number}", Work(csl, work.extra))) | {"key": f"K{number:07}", "version": 1})
        texts.append(json.dumps(items[-1]))
    began = time.perf_counter()
    for text in texts:
        json.loads(text)
    parsing = time.perf_counter() - began
    began, cpu = time.perf_counter(), time.process_time()
    orders = plan(Shelf(items, Settings(), 42), [Arrival(w) for w in works[:1000]], Base(), Settings(), {})
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"{count} items matched with 1000 works in {seconds:.1f} s ({cpu:.1f} s of CPU)", end=", ")
    print(f"{seconds / parsing:.0f} times parsing them", end="; ")
    print(f"{len(orders.add)} to add")


def types(works: Sequence[Work]) -> None:
    kinds: dict[str, int] = {}
    back = 0
    for work in works:
        made = item(Entry("k", work))
        assert not faults_of(made), made
        csl = dict(entry_of(made).work.csl)
        kinds[str(work.extra.get("crossref", {}).get("type"))] = 1
        if "number" not in csl and work.csl.get("number") == work.csl.get("page") and "number" in work.csl:
            csl["number"] = work.csl["number"]
        back += all(_plain(csl.get(name)) == _plain(value) for name, value in work.csl.items())
    print(f"{len(works)} works of {len(kinds)} Crossref types: all valid, {back} read back with every field equal")


def _plain(value: Any) -> Any:
    return [p if len(p) > 1 else [*p.values()] for p in value] if isinstance(value, list) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20_000)
    options = parser.parse_args()
    net.backoff = lambda tries: 0.02  # type: ignore[attr-defined]  # the pauses are no part of what is measured
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"), folder)
        works = corpus_works()
        types(works)
        want = requests(works[:1000], folder)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"), folder)
        trouble(works[:1000], want, folder)
    large(works, options.items)


if __name__ == "__main__":
    main()
