"""Editing RIS in place: whatever the text, only what was asked for changes, and a second time changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refkit.edits import apply
from refkit.formats import by_name
from refkit.formats.in_place import Moved
from refkit.formats.ris_scan import lines, scan
from refkit.model import Entry, Work
from refkit.settings import Settings
from tests.editing_samples import SAMPLES, cases, gaps, work_of
from tests.works import examples, works

PATIENT = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FORM = by_name("ris")
LINES = (
    "TY  - JOUR",
    "ER  - ",
    "ER  -",
    "TY - JOUR",
    "ER - ",
    "ty  - jour",
    "er  - ",
    "TI  - Sand",
    "AU  -Doe",
    "ID  - k",
)
MARKS = ("\n", "\r\n", "\r", "\n\n", " ", "\t", "\ufeff", "\u2028", "\x00", "1.\n", "words", "  - ", "DO  - 10.5555/a")
PIECES = st.sampled_from(LINES) | st.sampled_from(MARKS)
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=30).map("".join)


def restored(text: str, count: int) -> tuple[str, int]:
    """The text after `count` records were added and taken away again, and how many records there were in between."""
    editing = FORM.edit(text, Settings())
    new = [Entry(f"new{index}", work) for index, work in enumerate(examples()[:count])]
    edits = editing.edits(add=new)
    edited = apply(text, edits)
    assert editing.check(edited, edits) == ""
    again = FORM.edit(edited, Settings())
    inside = Moved(edits).inserted()
    added = [
        position
        for position, entry in enumerate(again.library.entries)
        if entry.span and any(span.start <= entry.span.start < span.end for span in inside)
    ]
    back = again.edits(remove=added)
    assert again.check(apply(edited, back), back) == ""
    return apply(edited, back), len(added)


@PATIENT
@given(TEXTS)
def test_any_text_is_scanned(text: str) -> None:
    end = 0
    for record in scan(text):
        assert end <= record.start < record.end <= len(text)
        end = record.end
        at = record.start
        for line in lines(text, record):
            assert at <= line.start <= line.value <= line.stop <= line.end <= record.end
            at = line.end
    assert FORM.load(text).text == text
    assert FORM.edit(text, Settings()).edits() == []


@PATIENT
@given(st.sampled_from(cases("ris")), st.data(), works())
def test_filling_is_read_back_and_is_done_once(case: Path, data: st.DataObject, work: Work) -> None:
    text = (case / "before.ris").read_bytes().decode("utf-8")
    editing = FORM.edit(text, Settings())
    position = data.draw(st.integers(0, len(editing.library.entries) - 1))
    wanted = gaps(editing, position, work)
    edits = editing.edits(change={position: wanted})
    edited = apply(text, edits)
    assert editing.check(edited, edits) == ""
    again = FORM.edit(edited, Settings())
    assert len(again.library.entries) == len(editing.library.entries)
    assert [(f.name, f.text) for field in wanted if (f := again.present(position, field))] == [
        (field.name, field.text) for field in wanted
    ]
    assert gaps(again, position, work) == []
    for other, entry in enumerate(editing.library.entries):
        if other != position:
            assert list(again.library.entries[other].fields) == list(entry.fields)


@pytest.mark.parametrize("case", cases("ris"), ids=lambda path: path.name)
def test_what_was_added_can_be_taken_away_again(case: Path) -> None:
    text = (case / "before.ris").read_bytes().decode("utf-8")
    back, added = restored(text, 3)
    assert added == 3
    if case.name != "last-record-without-er":  # which then has one
        assert back == text


def test_the_samples_are_there() -> None:
    assert len(cases("ris")) > 15, SAMPLES


def test_every_library_of_the_corpus_takes_twenty_new_records(corpus: Path) -> None:
    work = examples()[1]
    for path in sorted((corpus / "documents" / "ris").glob("*.ris")):
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        editing = FORM.edit(text, Settings())
        assert editing.edits() == []
        back, added = restored(text, 20)
        assert added == 20, path.name
        assert back == text or not scan(text)[-1].closed, path.name
        last = len(editing.library.entries) - 1
        edits = editing.edits(change={last: gaps(editing, last, work)})
        edited = apply(text, edits)
        assert editing.check(edited, edits) == "", path.name
        assert gaps(FORM.edit(edited, Settings()), last, work) == [], path.name


def test_joining_files_joins_their_records() -> None:
    one = FORM.dump([Entry("a", work_of({"type": "book", "title": "A"}))], Settings())
    joined = f"\ufeff{one}\ufeff{one.replace('ID  - a', 'ID  - b')}"
    assert [entry.key for entry in FORM.edit(joined, Settings()).library.entries] == ["a", "b"]
