"""Zotero RDF: what its importer must not take for something else."""

from __future__ import annotations

from typing import Any

import pytest

from refkit.formats import by_name
from refkit.model import Entry, Origin, Work
from refkit.settings import Settings

RDF = by_name("zotero-rdf")


def written(csl: dict[str, Any]) -> str:
    return RDF.dump([Entry("k", Work(csl, {}, Origin("test")))], Settings())


def test_and_others_is_no_person() -> None:
    text = written(
        {"type": "book", "title": "T", "author": [{"family": "Berg", "given": "Jan"}, {"literal": "others"}]}
    )
    assert "Berg" in text
    assert "others" not in text


def test_nobody_leaves_no_empty_list() -> None:
    assert "authors" not in written({"type": "book", "title": "T", "author": [{"literal": "others"}]})


@pytest.mark.parametrize(
    ("date", "text"),
    [
        ({"date-parts": [[2020, 3, 5], [2020, 3, 7]]}, "2020-03-05/2020-03-07"),
        ({"date-parts": [[2020]], "season": 1}, "Spring 2020"),
        ({"date-parts": [[1850]], "circa": True}, "c. 1850"),
        ({"literal": "in press"}, "in press"),
    ],
)
def test_dates_read_back_whole(date: dict[str, Any], text: str) -> None:
    rdf = written({"type": "book", "title": "T", "issued": date})
    assert f"<dc:date>{text}</dc:date>" in rdf
    assert RDF.load(rdf).entries[0].work.csl["issued"] == date


def test_a_book_of_proceedings_keeps_its_conference() -> None:
    csl = {"type": "book", "title": "T", "event-title": "A Conference", "event-place": "Rome"}
    read = RDF.load(written(csl)).entries[0].work.csl
    assert (read["event-title"], read["event-place"]) == ("A Conference", "Rome")
