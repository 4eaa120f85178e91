"""The second opinion on written BibTeX notices what two parsers read differently, and agrees on what refkit writes."""

from __future__ import annotations

import pytest

from refkit.formats.bibtex_check import check

GOOD = "@article{a,\n  title = {One {TWO}},\n  month = jan,\n  pages = {1--2}\n}\n"


def test_both_agree_on_plain_entries() -> None:
    assert check(GOOD) == []
    assert check("") == []


@pytest.mark.parametrize(
    "text",
    [
        GOOD + "@article{b, title = {x} year = 2020}\n",
        GOOD + "@article{b, title = {x}, title = {y}}\n",
        GOOD + "@misc{b,\n  note = {one\\} two},\n  year = 2020\n}\n",
    ],
    ids=["missing comma", "field twice", "brace behind a backslash"],
)
def test_a_difference_is_one_note_by_key(text: str) -> None:
    notes = check(text)
    assert "b" in {note.place for note in notes}
    assert "a" not in {note.place for note in notes}
