"""How fast RIS and CSL-JSON libraries are edited, as ratios to a peer: `python -m tests.benchmarks.merging_ris [MB]`.

Of each format a library is made (20 MB, with abstracts), opened, glanced over whole, 100 entries added and 100 filled,
and the result checked. The peers are rispy's `loads` and `dumps`, and `json.loads` and `json.dumps`, in the same run.
Memory is the most that Python held at once, as a multiple of the text.
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from collections.abc import Callable

import rispy

from refkit.edits import apply
from refkit.formats import by_name
from refkit.model import Entry, Origin, Work
from refkit.settings import Settings

_WORDS = "library merging keeps what its users wrote and adds only what they lack while nothing else moves".split()


def work(number: int) -> Work:
    """A made-up article that differs from every other."""
    words = [_WORDS[(number * 7 + index * (number % 5 + 1)) % len(_WORDS)] for index in range(180)]
    people = [{"family": f"Name{(number + index) % 997}", "given": f"Given {index}"} for index in range(4)]
    return Work(
        {
            "type": "article-journal",
            "title": f"{' '.join(words[:9]).capitalize()} {number}",
            "author": people,
            "container-title": f"Journal of {words[3]} {number % 50}",
            "issued": {"date-parts": [[1990 + number % 35, number % 12 + 1]]},
            "volume": str(number % 90 + 1),
            "issue": str(number % 12 + 1),
            "page": f"{number % 900 + 1}-{number % 900 + 12}",
            "DOI": f"10.5555/bench.{number}",
            "ISSN": "1234-5679",
            "abstract": " ".join(words),
        },
        origin=Origin("made"),
    )


def timed(task: Callable[[], object], rounds: int = 3) -> float:
    """The shortest of some runs, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def merge(name: str, text: str, new: list[Entry], other: Work) -> None:
    """Open, glance, add, fill, apply and check."""
    editing = by_name(name).edit(text, Settings())
    entries = editing.library.entries
    for position in range(len(entries)):
        editing.glance(position)
    filled = range(0, len(entries), max(len(entries) // 100, 1))
    change = {
        position: [field for field in editing.fields(other, position) if editing.present(position, field) is None]
        for position in filled
    }
    edits = editing.edits(add=new, change=change)
    edited = apply(text, edits)
    assert editing.check(edited, edits) == ""


def report(name: str, text: str, peer: Callable[[], object], called: str) -> None:
    """One format's ratios."""
    new = [Entry(f"new{number}", work(10_000_000 + number)) for number in range(100)]
    other = Work({**work(1).csl, "publisher": "A Press", "language": "en"}, origin=Origin("made"))
    there, mine = timed(peer), timed(lambda: merge(name, text, new, other))
    tracemalloc.start()
    merge(name, text, new, other)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = len(text.encode())
    print(f"{name}: {size / 1e6:.1f} MB; {called} {there:.2f} s, merging {mine:.2f} s: {mine / there:.2f} of it;")
    print(f"  memory {peak / size:.1f} times the file")


def made(name: str, size: float) -> str:
    """A library of about so many bytes; the works that it is made of are let go, or they would burden both sides."""
    one = by_name("ris").dump([Entry("key0", work(0))], Settings())
    entries = [Entry(f"key{number:06}", work(number)) for number in range(int(size / len(one)))]
    return by_name(name).dump(entries, Settings())


def main() -> None:
    """Print the ratios."""
    size = float(sys.argv[1]) * 1e6 if len(sys.argv) > 1 else 20e6
    ris = made("ris", size)
    report("ris", ris, lambda: rispy.dumps(rispy.loads(ris)), "rispy takes")
    csl = made("csljson", size)
    report("csljson", csl, lambda: json.dumps(json.loads(csl)), "json takes")


if __name__ == "__main__":
    main()
