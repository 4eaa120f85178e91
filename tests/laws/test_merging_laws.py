"""The promises of merging as laws: over made libraries, and over every real one of the corpus."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from refkit import edits, encodings, formats
from refkit.errors import LibraryError
from refkit.formats.editing import Editing, Field
from refkit.merging import Arrival, Base, Plan, dedupe, plan
from refkit.merging.arrivals import doi_of
from refkit.merging.joining import JOINS
from refkit.model import Action, Entry, Origin, Work
from refkit.settings import Settings
from refkit.sources.crossref_work import work_from_record
from tests.works import examples, names

FORMATS = ("bibtex", "biblatex", "ris", "csljson")
LAW = settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink))
QUIET = {Action.SAME, Action.CONFLICT, Action.ASK}
"""What may be decided when nothing is left to do."""


def edited(form: formats.Format, text: str, made: Plan, editing: Editing) -> str:
    """The text after a plan, which must hold what it should."""
    out = edits.apply(text, made.edits)
    assert editing.check(out, made.edits) == ""
    assert all(decision.why for decision in made.decisions)
    return out


# --- made libraries ------------------------------------------------------------------------------


@st.composite
def varied(draw: st.DrawFn) -> Work:
    """One of the examples, as a library or a registry may have it: some fields missing, some changed."""
    work = draw(st.sampled_from(examples()[:12]))
    csl: dict[str, Any] = dict(work.csl)
    for variable in draw(st.sets(st.sampled_from(["volume", "issue", "page", "issued", "author", "DOI", "publisher"]))):
        csl.pop(variable, None)
    if draw(st.booleans()):
        csl["title"] = str(csl.get("title", "")).upper()
    if draw(st.integers(0, 4)) == 0 and "volume" in csl:
        csl["volume"] = draw(st.sampled_from(["1", "99", "7A"]))
    if draw(st.integers(0, 4)) == 0:
        csl["author"] = draw(st.lists(names(), min_size=1, max_size=2))
    source = draw(st.sampled_from(["crossref", "library"]))
    return Work(csl, work.extra if source == "crossref" else {}, Origin(source))


def library_of(works: list[Work], form: formats.Format) -> str:
    return form.dump([Entry(f"mine{number}", work) for number, work in enumerate(works)], Settings())


@LAW
@given(st.sampled_from(FORMATS), st.lists(varied(), max_size=5), st.lists(varied(), max_size=6), st.randoms())
def test_merging_twice_equals_merging_once_whatever_the_order(
    name: str, mine: list[Work], new: list[Work], dice: random.Random
) -> None:
    form = formats.by_name(name)
    text = library_of(mine, form)
    editing = form.edit(text, Settings())
    arrivals = [Arrival(work, f"k{i}" if work.origin.source == "library" else "") for i, work in enumerate(new)]
    made = plan(editing, arrivals, Base(), Settings())
    out = edited(form, text, made, editing)
    shuffled = list(arrivals)
    dice.shuffle(shuffled)
    other = plan(editing, shuffled, Base(), Settings())
    assert edits.apply(text, other.edits) == out
    assert other.base.text() == made.base.text()
    again = plan(form.edit(out, Settings()), arrivals, made.base, Settings())
    assert not again.edits
    assert {decision.action for decision in again.decisions} <= QUIET
    assert again.base.text() == made.base.text()


@LAW
@given(st.sampled_from(FORMATS), st.lists(varied(), min_size=1, max_size=5), st.lists(varied(), max_size=5))
def test_no_field_of_the_user_is_lost_or_changed(name: str, mine: list[Work], new: list[Work]) -> None:
    form = formats.by_name(name)
    text = library_of(mine, form)
    editing = form.edit(text, Settings())
    made = plan(editing, [Arrival(work) for work in new], Base(), Settings())
    after = {entry.key: entry for entry in form.edit(edited(form, text, made, editing), Settings()).library.entries}
    for entry in editing.library.entries:
        assert set(entry.fields) <= set(after[entry.key].fields)


@LAW
@given(st.sampled_from(FORMATS), st.lists(varied(), min_size=1, max_size=7))
def test_deduping_twice_equals_once_and_loses_no_field(name: str, mine: list[Work]) -> None:
    form = formats.by_name(name)
    text = library_of(mine, form)
    editing = form.edit(text, Settings())
    made = dedupe(editing, Base())
    out = edited(form, text, made, editing)
    left = form.edit(out, Settings())
    again = dedupe(left, made.base)
    assert not again.edits
    assert again.base.text() == made.base.text()
    merged = [group for group in made.duplicates if group.merged]
    assert len(editing.library.entries) - len(left.library.entries) == sum(len(g.keys) - 1 for g in merged)
    for group in merged:
        _nothing_is_lost(editing, group.members, left, made)


def _nothing_is_lost(editing: Editing, members: tuple[int, ...], left: Editing, made: Plan) -> None:
    """Every field of every member is in the entry that stayed: as it was, said the same, joined, or set aside."""
    keys = {editing.library.entries[place].key for place in members}
    keeper = next(place for place, entry in enumerate(left.library.entries) if entry.key in keys)
    aside = {name for record in made.base.entries.values() for name in record.aside}
    for place in members:
        for name, raw in editing.library.entries[place].fields:
            field = Field(name, raw)
            joined = name.casefold() in JOINS or name.casefold() in aside or name in {"TY", "ID", "ER", "id", "type"}
            assert joined or left.present(keeper, field) is not None


# --- real libraries ------------------------------------------------------------------------------


@cache
def registered(corpus: Path) -> list[Work]:
    """Works that Crossref registered."""
    kinds = {"journal-article", "book-chapter", "proceedings-article", "book"}
    with gzip.open(corpus / "crossref" / "works.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = (json.loads(line) for line in lines)
        good = [r for r in records if r.get("type") in kinds and r.get("title") and r.get("author")]
    return [work_from_record(record, origin=Origin("crossref", "2026-01-01")) for record in good]


def real_libraries(corpus: Path) -> Iterator[tuple[Path, str]]:
    """All libraries of the corpus that can be edited in place, with their formats."""
    for folder, name in (("bib", "bibtex"), ("ris", "ris"), ("csljson", "csljson")):
        for path in sorted((corpus / "documents" / folder).iterdir()):
            yield path, name


def as_a_registry_says(work: Work) -> Work:
    """An entry's work as a source may give it: fewer fields, other letters."""
    kept = ("type", "title", "author", "DOI", "volume", "issue", "page", "issued", "container-title")
    csl = {name: work.csl[name] for name in kept if name in work.csl}
    csl["DOI"] = doi_of(work).upper()
    csl["title"] = str(csl.get("title", "")).replace("-", "–")
    return Work({name: value for name, value in csl.items() if value}, {}, Origin("crossref", "2026-01-01"))


def wrong_with(path: Path, name: str, corpus: Path) -> str:
    """What breaks the law for one real library: 20 new works and 20 that are there already add exactly the new ones."""
    text, form = encodings.decode(path.read_bytes())[0], formats.by_name(name)
    try:
        editing = form.edit(text, Settings())
    except LibraryError:
        return ""  # JSON that is broken is refused
    entries = editing.library.entries
    there: dict[str, int] = {}
    for place in range(len(entries)):
        if doi := doi_of(entries[place].work):
            there.setdefault(doi, place)
    if not there:
        return ""
    dice = random.Random(path.name)
    old = [as_a_registry_says(entries[there[doi]].work) for doi in dice.sample(sorted(there), min(20, len(there)))]
    new = [work for work in dice.sample(registered(corpus), 60) if doi_of(work) not in there][:20]
    arrivals = [Arrival(work, where="x.pdf") for work in (*old, *new)]
    dice.shuffle(arrivals)
    made = plan(editing, arrivals, Base(), Settings())
    out = edits.apply(text, made.edits)
    after = form.edit(out, Settings())
    again = plan(after, list(reversed(arrivals)), made.base, Settings())
    added = [decision for decision in made.decisions if decision.action is Action.ADD]
    wrong = {
        "the check": editing.check(out, made.edits),
        "entries more": "" if len(after.library.entries) == len(entries) + 20 else len(after.library.entries),
        "added": "" if {id(d.work) for d in added} == {id(work) for work in new} else len(added),
        "a second run": len(again.edits),
        "decisions of it": {d.action for d in again.decisions} - QUIET,
        "its base": again.base.text() != made.base.text(),
        "a reason": [d for d in made.decisions if not d.why],
        "conflicts": [d.changes for d in made.decisions if d.work in old and d.action is Action.CONFLICT],
    }
    return "; ".join(f"{what}: {value}" for what, value in wrong.items() if value)


_EVERY = 15
"""One in so many real libraries is merged into; `python -m tests.benchmarks.merging_corpus` takes all."""


@pytest.mark.parametrize("share", range(4))
def test_twenty_new_works_and_twenty_old_ones_add_twenty(corpus: Path, share: int) -> None:
    chosen = list(real_libraries(corpus))[share :: 4 * _EVERY]
    wrong = {path.name: said for path, name in chosen if (said := wrong_with(path, name, corpus))}
    assert not wrong


SAMPLES = Path(__file__).parents[1] / "samples" / "editing"


def brought_by_a_copy(path: Path, name: str) -> str:
    """What a copy of a library would change in it or ask about; nothing, as it should be, is ""."""
    text, form = encodings.decode(path.read_bytes())[0], formats.by_name(name)
    try:
        editing = form.edit(text, Settings())
    except LibraryError:
        return ""
    arrivals = [Arrival(entry.work, entry.key, where="copy") for entry in editing.library.entries]
    made = plan(editing, arrivals, Base(), Settings())
    odd = [decision.why for decision in made.decisions if decision.action not in {Action.SAME, Action.CONFLICT}]
    return f"{len(made.edits)} edits; {odd[:2]}" if made.edits or odd else ""


@pytest.mark.parametrize("name", ["bibtex", "ris", "csljson"])
def test_a_copy_of_a_sample_brings_nothing(name: str) -> None:
    endings = {"bibtex": {".bib"}, "ris": {".ris"}, "csljson": {".json"}}[name]
    paths = [path for path in sorted((SAMPLES / name).rglob("*")) if path.suffix in endings]
    assert paths
    assert not {path.name: said for path in paths if (said := brought_by_a_copy(path, name))}


def test_a_copy_of_a_real_library_brings_nothing(corpus: Path) -> None:
    small = [row for row in real_libraries(corpus) if row[1] != "csljson" and row[0].stat().st_size <= 60_000]
    chosen = random.Random(1).sample(small, min(60, len(small)))
    assert not {path.name: said for path, name in chosen if (said := brought_by_a_copy(path, name))}


# --- the user's own changes ----------------------------------------------------------------------


@LAW
@given(varied(), varied(), st.randoms())
def test_what_the_user_changed_or_deleted_stays_whatever_the_source_says(
    work: Work, news: Work, dice: random.Random
) -> None:
    form = formats.by_name("csljson")
    first = Work({**work.csl, "DOI": "10.5555/one"}, {}, Origin("crossref"))
    made = plan(form.edit("[]\n", Settings()), [Arrival(first)], Base(), Settings())
    (item,) = json.loads(edits.apply("[]\n", made.edits))
    names = [name for name in item if name not in {"id", "type", "DOI"}]
    deleted = {name for name in names if dice.random() < 0.3}
    changed = {name: f"my {name}" for name in names if name not in deleted and dice.random() < 0.3}
    mine = {name: value for name, value in item.items() if name not in deleted} | changed
    text = json.dumps([mine], indent=2, ensure_ascii=False) + "\n"
    later = Work({**news.csl, "DOI": "10.5555/one"}, {}, Origin("crossref"))
    again = plan(form.edit(text, Settings()), [Arrival(later)], made.base, Settings())
    (after,) = json.loads(edits.apply(text, again.edits))
    assert not deleted & set(after)
    assert all(after[name] == value for name, value in changed.items())
