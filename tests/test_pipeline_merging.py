"""Merging into libraries with gaps of all kinds: one run fills all that it will ever fill."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from refkit import formats
from refkit.merging import Arrival
from refkit.model import Entry, Origin, Work
from refkit.pipeline.merging import merge_into
from refkit.settings import Settings
from refkit.sources.crossref_work import work_from_record

RECORDS = Path(__file__).resolve().parent.parent / "examples" / "records.jsonl"
ALWAYS = {"type", "title", "DOI"}


def works() -> list[Work]:
    rows = (json.loads(line) for line in RECORDS.read_text(encoding="utf-8").splitlines())
    origin = Origin("crossref", "2026-01-01T00:00:00Z", "Crossref")
    return [work for row in rows if "title" in (work := work_from_record(row, origin=origin)).csl]


def with_gaps(work: Work, dice: random.Random) -> Work:
    """The work as somebody keeps it who writes down some things and others not."""
    return Work({name: value for name, value in work.csl.items() if name in ALWAYS or dice.random() < 0.3})


@pytest.mark.parametrize("seed", [0, 3, 6])
@pytest.mark.parametrize("name", ["bibtex", "biblatex", "ris", "csljson"])
def test_one_run_fills_all_that_it_ever_will(tmp_path: Path, name: str, seed: int) -> None:
    dice = random.Random(seed)
    known = works()
    kept = dice.sample(known, 20)
    form = formats.by_name(name)
    path = tmp_path / f"library{form.suffixes[0]}"
    settings = Settings(format=name)
    entries = [Entry(f"k{number}", with_gaps(work, dice)) for number, work in enumerate(kept)]
    path.write_text(form.dump(entries, settings), encoding="utf-8")
    arrivals = [Arrival(work) for work in kept]
    first = merge_into(path, arrivals, settings, command="first")
    assert first.counts.filled + first.counts.conflicts > 5
    after = path.read_bytes()
    dice.shuffle(arrivals)
    second = merge_into(path, arrivals, settings, command="second")
    assert not second.changes
    assert path.read_bytes() == after
