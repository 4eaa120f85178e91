"""How fast works merge into a large library: `python -m tests.benchmarks.merging [--entries N] [--new N]`.

A BibTeX library is generated (42,000 entries, 20 MB), works are merged into it, and the time is printed as a ratio to
bibtexparser's `parse_string` and `write_string` with their default stacks on the same text. The bar: 0.4 of that time,
and less than 15 times the file in memory.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
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
