"""How fast works merge into a large library: `python -m tests.benchmarks.merging [--entries N] [--new N]`.

A BibTeX library is generated (42,000 entries, 20 MB), works are merged into it, and the time is printed as a ratio to
bibtexparser's `parse_string` and `write_string` with their default stacks on the same text. The bar: 0.4 of that time,
and less than 15 times the file in memory.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from refkit.model import Origin, Work

_WORDS = """analysis approach assessment behaviour cells change climate clinical cohort complex control data design
detection development disease dynamics effect energy evidence evolution expression factors field function gene global
growth health human imaging impact infection information learning level management mechanism membrane method model
molecular network neural observation optical outcome patients pattern performance phase plasma population prediction
pressure process protein quality quantum random rate reaction regional response review risk role sample sensor signal
social soil solution species stability state stress structure surface survey synthesis system temperature theory therapy
time tissue transition treatment trial urban variation virus water""".split()
_NAMES = """Adams Baker Chen Diaz Evans Fischer Garcia Hansen Ito Jensen Kim Lopez Meyer Nguyen Olsen Park Quinn Rossi
Silva Tanaka Usman Varga Weber Xu Young Zhang""".split()
_GIVEN = """Anna Boris Carla David Elena Felix Grace Hugo Irene Jonas Karin Luis Maria Nils Olga Paul Rosa Stefan Tina
Viktor""".split()
_JOURNALS = ("Journal of Applied Systems", "Annals of Complex Networks", "Plasma Letters", "Urban Water Review")


def records(count: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """So many different works as CSL items."""
    dice = random.Random(seed)
    for number in range(count):
        title = " ".join(dice.choices(_WORDS, k=9)).capitalize()
        first = dice.randrange(1, 900)
        yield {
            "type": "article-journal",
            "title": title,
            "author": [
                {"family": dice.choice(_NAMES) + dice.choice("abcdefgh"), "given": dice.choice(_GIVEN)}
                for _ in range(dice.randrange(1, 5))
            ],
            "container-title": dice.choice(_JOURNALS),
            "issued": {"date-parts": [[dice.randrange(1980, 2026), dice.randrange(1, 13)]]},
            "volume": str(dice.randrange(1, 200)),
            "issue": str(dice.randrange(1, 13)),
            "page": f"{first}-{first + dice.randrange(2, 30)}",
            "DOI": f"10.5555/{seed}.{number:06d}",
            "abstract": " ".join(dice.choices(_WORDS, k=dice.randrange(0, 28))),
        }


def works(count: int, seed: int) -> list[Work]:
    """So many different works."""
    return [Work(csl, origin=Origin("generated")) for csl in records(count, seed)]


def library(count: int) -> str:
    """A library as users have them: one entry like the other, with DOIs and abstracts."""
    out = []
    for number, csl in enumerate(records(count)):
        year, _ = csl["issued"]["date-parts"][0]
        names = " and ".join(f"{name['family']}, {name['given']}" for name in csl["author"])
        out.append(
            f"@article{{{csl['author'][0]['family']}{year}_{number},\n"
            f"  author = {{{names}}},\n  title = {{{csl['title']}}},\n  journal = {{{csl['container-title']}}},\n"
            f"  year = {{{year}}},\n  volume = {{{csl['volume']}}},\n  number = {{{csl['issue']}}},\n"
            f"  pages = {{{csl['page'].replace('-', '--')}}},\n  doi = {{{csl['DOI']}}},\n"
            f"  abstract = {{{csl['abstract']}}}\n}}\n\n"
        )
    return "".join(out)


def by_refkit(path: Path, new: int) -> float:
    """Seconds for merging works into the library, half of them there already, from opening it to the swapped file."""
    from refkit.merging import Arrival
    from refkit.pipeline.merging import merge_into
    from refkit.settings import Settings

    arrivals = [Arrival(work) for work in (*works(new // 2, 7), *works(new - new // 2, 8))]
    merge_into(path.with_name("warm.bib"), arrivals[:2], Settings(), command="warming up")
    begun = time.perf_counter()
    prepared = merge_into(path, arrivals, Settings(), command="benchmark")
    spent = time.perf_counter() - begun
    assert prepared.counts.added == new - new // 2, prepared.counts
    return spent


def by_bibtexparser(path: Path, _: int) -> float:
    """Seconds for reading the library and writing it again, with bibtexparser's default stacks."""
    import bibtexparser

    text = path.read_text(encoding="utf-8")
    bibtexparser.write_string(bibtexparser.parse_string(text[:2000]))
    begun = time.perf_counter()
    path.with_name("other.bib").write_text(bibtexparser.write_string(bibtexparser.parse_string(text)), encoding="utf-8")
    return time.perf_counter() - begun


def alone(task: Callable[[Path, int], float], path: Path, new: int) -> tuple[float, float]:
    """Seconds and peak memory (MB) of a task in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (task, path, new))


def _measured(task: Callable[[Path, int], float], path: Path, new: int) -> tuple[float, float]:
    spent = task(path, new)
    return spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", type=int, default=42_000)
    options.add_argument("--new", type=int, default=100)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library.bib"
        path.write_text(library(given.entries), encoding="utf-8")
        size = path.stat().st_size / 1e6
        print(f"{given.entries:,} entries, {size:.1f} MB; {given.new} works, half of them there already")
        theirs, _ = alone(by_bibtexparser, path, given.new)
        ours, memory = alone(by_refkit, path, given.new)
        again, _ = alone(by_refkit_again, path, given.new)
        print(f"bibtexparser parse_string + write_string: {theirs:.2f} s")
        print(f"refkit merge, saved and checked: {ours:.2f} s, {ours / theirs:.2f} of that (bar: 0.40)")
        print(f"the second run, which changes nothing: {again:.2f} s, {again / theirs:.2f}")
        print(f"peak memory: {memory:.0f} MB, {memory / size:.1f} times the file (bar: 15)")


def by_refkit_again(path: Path, new: int) -> float:
    """Seconds for the same merge again."""
    from refkit.merging import Arrival
    from refkit.pipeline.merging import merge_into
    from refkit.settings import Settings

    arrivals = [Arrival(work) for work in (*works(new // 2, 7), *works(new - new // 2, 8))]
    begun = time.perf_counter()
    prepared = merge_into(path, arrivals, Settings(), command="benchmark")
    spent = time.perf_counter() - begun
    assert not prepared.changes, prepared.counts
    return spent


if __name__ == "__main__":
    main()
