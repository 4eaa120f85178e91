"""Sample manuscripts and the library that they cite: works of the examples, each under its key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from refkit import doi, edits, formats, keys, manuscripts
from refkit.manuscripts import Chosen, Item, Manuscript, Wanted, Written
from refkit.model import Doi, Entry, Work
from refkit.settings import Settings
from tests.works import ROOT, examples

SAMPLES = ROOT / "tests" / "samples" / "manuscripts"
CASES = sorted(path for path in SAMPLES.glob("*/*") if path.suffix not in (".cited", ".docx", ".odt"))


@cache
def library() -> Mapping[Doi, Entry]:
    """The works of the examples by DOI, under the keys that refkit gives them."""
    works: dict[Doi, Work] = {}
    for work in examples():
        found = doi.parse(str(work.csl.get("DOI") or ""))
        if found is not None:
            works.setdefault(found, work)
    return {d: Entry(key, works[d]) for d, key in zip(works, keys.assign(works), strict=True)}


def bibtex(dialect: str = "bibtex") -> str:
    """The library as BibTeX, with entries under the keys that the samples cite already."""
    entries = list(library().values())
    named = {
        "moher": "10.1371/journal.pmed.1000097",
        "chen": "10.1145/2939672.2939785",
        "waskom": "10.21105/joss.03021",
        "wickham2016": "10.21105/joss.03021",
    }
    entries += [Entry(key, library()[Doi(found)].work) for key, found in named.items()]
    return formats.by_name(dialect).dump(entries, Settings())


def choose(item: Item) -> Chosen | None:
    """What an item is, by the library: the first of its readings that is there."""
    for reading in item.readings:
        if reading.doi in library():
            entry = library()[reading.doi]
            return Chosen(reading.doi, entry.key, entry.work)
    return None


def cited(path: Path | str, text: str, wanted: Wanted | None = None) -> tuple[Manuscript, Written, str]:
    """A manuscript as it is read, what becomes of it, and its new text."""
    name = Path(path).name
    kind = manuscripts.kind_of(name)
    assert kind is not None
    asked = wanted or Wanted(Settings())
    module = manuscripts.module(kind)
    read: Manuscript = module.read(text, name, asked)
    written: Written = module.write(read, choose, asked)
    return read, written, edits.apply(text, written.edits)
