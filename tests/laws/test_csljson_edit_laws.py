"""Editing CSL-JSON in place: whatever the layout, only what was asked for changes, and a second time nothing does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refkit.edits import apply
from refkit.errors import LibraryError
from refkit.formats import by_name
from refkit.formats.csljson_scan import members, scan, value_at
from refkit.formats.in_place import Moved
from refkit.model import Entry, Work
from refkit.settings import Settings
from tests.editing_samples import cases, gaps
from tests.works import examples, works

PATIENT = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FORM = by_name("csljson")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
ITEMS = st.dictionaries(st.sampled_from(["title", "volume", "custom", "note", "my own"]), VALUES, max_size=4)
LAYOUTS = st.sampled_from(
    [
        {},
        {"indent": 2},
        {"indent": "\t"},
        {"separators": (",", ":")},
        {"indent": 0},
        {"indent": 1, "sort_keys": True, "ensure_ascii": False},
    ]
)
TEXTS = st.lists(st.sampled_from([*'{}[],:"\\ \n', '"id"', '"a"', "1", "null", '{"id": "a"}', "\ufeff"]), max_size=25)


@st.composite
def libraries(draw: st.DrawFn) -> str:
    """A library of some items in one layout."""
    items = [{"id": f"k{number}", **draw(ITEMS)} for number in range(draw(st.integers(1, 4)))]
    layout: dict[str, Any] = draw(LAYOUTS)
    return json.dumps(items, **layout) + draw(st.sampled_from(["", "\n"]))


@PATIENT
@given(TEXTS.map("".join))
def test_the_scanner_takes_what_json_takes(text: str) -> None:
    try:
        value = json.loads(text.removeprefix("\ufeff"))
    except ValueError:
        value = None
    try:
        layout = scan(text)
    except LibraryError:
        assert not isinstance(value, list)
        return
    if isinstance(value, list):
        assert [value_at(text, element.start) for element in layout.elements] == value
    for element in layout.elements:
        if element.said is not None:
            pairs = [(member.name, value_at(text, member.value)) for member in members(text, element.start)]
            assert dict(pairs) == value_at(text, element.start)
    assert FORM.edit(text, Settings()).edits() == []


@PATIENT
@given(libraries(), st.data(), works())
def test_filling_is_read_back_and_is_done_once(text: str, data: st.DataObject, work: Work) -> None:
    editing = FORM.edit(text, Settings())
    position = data.draw(st.integers(0, len(editing.library.entries) - 1))
    wanted = gaps(editing, position, work)
    edits = editing.edits(change={position: wanted})
    edited = apply(text, edits)
    assert editing.check(edited, edits) == ""
    before, after = json.loads(text), json.loads(edited)
    assert after[position] == {**before[position], **{field.name: json.loads(field.text) for field in wanted}}
    assert [item for at, item in enumerate(after) if at != position] == [
        item for at, item in enumerate(before) if at != position
    ]
    assert gaps(FORM.edit(edited, Settings()), position, work) == []


def restored(text: str, count: int) -> tuple[str, int]:
    """The text after `count` items were added and taken away again, and how many there were in between."""
    editing = FORM.edit(text, Settings())
    edits = editing.edits(add=[Entry(f"new{index}", work) for index, work in enumerate(examples()[:count])])
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
@given(libraries())
def test_what_was_added_can_be_taken_away_again(text: str) -> None:
    assert restored(text, 3) == (text, 3)


@pytest.mark.parametrize("case", cases("csljson"), ids=lambda path: path.name)
def test_samples_are_restored_too(case: Path) -> None:
    text = (case / "before.json").read_bytes().decode("utf-8")
    back, added = restored(text, 3)
    assert added == 3
    if case.name not in ("an-empty-list", "a-single-item-becomes-a-list"):
        assert back == text


def test_every_library_of_the_corpus_takes_twenty_new_items(corpus: Path) -> None:
    for path in sorted((corpus / "documents" / "csljson").glob("*.json")):
        text = path.read_bytes().decode("utf-8")
        assert FORM.edit(text, Settings()).edits() == []
        assert restored(text, 20) == (text, 20), path.name
        editing = FORM.edit(text, Settings())
        for work in examples()[:3]:
            edits = editing.edits(change={0: gaps(editing, 0, work)})
            assert gaps(FORM.edit(apply(text, edits), Settings()), 0, work) == [], path.name
