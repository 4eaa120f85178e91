"""How fast records become entries, as ratios to `json.loads` over the same lines: `python -m tests.benchmarks.fields`.

An argument names a .jsonl or .jsonl.gz file of Crossref records; without it the corpus is taken, or the examples.
The bar: from parsed record to BibTeX 0.2 of json.loads in Unicode without abstracts, 0.1 with LaTeX letters and them.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import bibtexparser

from refkit.formats import by_name
from refkit.formats.bibtex_scan import scan
from refkit.keys import assign
from refkit.model import Entry, Origin
from refkit.settings import Settings
from refkit.sources.crossref_work import work_from_record

ROOT = Path(__file__).resolve().parents[2]
PLACES = (ROOT.parent / "shared" / "corpus" / "crossref" / "works.jsonl.gz", ROOT / "examples" / "records.jsonl")


def best(task: Callable[[], object], rounds: int = 3) -> float:
    """The shortest of some runs, in seconds of the processor (others may be using the machine)."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        task()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Print the ratios."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else next(place for place in PLACES if place.exists())
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    lines = [line for line in text.splitlines() if line.strip()]
    records = [json.loads(line) for line in lines]
    origin = Origin("crossref")
    peer = best(lambda: [json.loads(line) for line in lines])
    print(f"{len(lines)} records; json.loads takes {peer:.2f} s")

    def written(name: str, settings: Settings) -> str:
        form = by_name(name)
        return "".join(
            form.dump([Entry("key", work_from_record(record, origin=origin))], settings) for record in records
        )

    rich = Settings(letters="latex", add=("keywords",))
    for label, name, settings in (
        ("record to BibTeX, default settings", "bibtex", Settings()),
        ("record to BibTeX without abstracts", "bibtex", Settings(leave_out=("abstract",))),
        ("record to BibTeX, LaTeX letters and abstracts", "bibtex", rich),
        ("record to biblatex", "biblatex", Settings()),
        ("record to RIS", "ris", Settings()),
    ):
        print(f"{label}: {peer / best(lambda n=name, s=settings: written(n, s)):.2f} of json.loads")  # type: ignore[misc]
    works = [work_from_record(record, origin=origin) for record in records]
    print(f"keys: {peer / best(lambda: assign(works)):.2f} of json.loads")
    bib = written("bibtex", Settings())
    theirs = best(lambda: bibtexparser.parse_string(bib, parse_stack=[]))
    print(f"scanning BibTeX: {theirs / best(lambda: list(scan(bib))):.1f} times bibtexparser's rate")


if __name__ == "__main__":
    main()
