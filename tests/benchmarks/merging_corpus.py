"""The law of merging over every real library of the corpus: `python -m tests.benchmarks.merging_corpus [NAME …]`.

Into each `.bib`, `.ris` and CSL-JSON file that has DOIs go 20 works that are new and 20 that are there: exactly the 20
are to be added, and a second run is to change nothing. Then each is deduped, twice. Prints what is wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from refkit import edits, encodings, formats
from refkit.errors import LibraryError
from refkit.merging import Base, dedupe
from refkit.settings import Settings
from tests.laws.test_merging_laws import real_libraries, wrong_with

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"


def wrong_deduped(path: Path, name: str, counts: Counter[str]) -> str:
    """What is wrong with a library after its duplicates were merged."""
    text, form = encodings.decode(path.read_bytes())[0], formats.by_name(name)
    try:
        editing = form.edit(text, Settings())
    except LibraryError:
        return ""
    made = dedupe(editing, Base())
    out = edits.apply(text, made.edits)
    left = form.edit(out, Settings())
    again = dedupe(left, made.base)
    gone = sum(len(group.keys) - 1 for group in made.duplicates if group.merged)
    counts["entries merged away"] += gone
    counts["groups listed"] += sum(not group.merged for group in made.duplicates)
    counts["values set aside"] += sum(not change.taken for one in made.decisions for change in one.changes)
    wrong = {
        "the check": editing.check(out, made.edits) if made.edits else "",
        "entries": "" if len(editing.library.entries) - gone == len(left.library.entries) else gone,
        "a second run": len(again.edits),
        "its base": again.base.text() != made.base.text(),
    }
    return "; ".join(f"{what}: {value}" for what, value in wrong.items() if value)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of files' names; all files without")
    names = parser.parse_args().names
    if not CORPUS.is_dir():
        sys.exit(f"{CORPUS} is not there: it is no part of the repository.")
    counts: Counter[str] = Counter()
    begun = time.perf_counter()
    for path, name in real_libraries(CORPUS):
        if names and not any(one in path.name for one in names):
            continue
        for what, wrong in (
            ("merged into", wrong_with(path, name, CORPUS)),
            ("deduped", wrong_deduped(path, name, counts)),
        ):
            counts["libraries"] += what == "deduped"
            counts["laws broken"] += bool(wrong)
            if wrong:
                print(f"{path.name} {what}: {wrong[:600]}")
    print(", ".join(f"{number:,} {what}" for what, number in counts.items()), f"{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
