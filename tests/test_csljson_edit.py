"""Editing CSL-JSON libraries in place: golden cases, and what an item is said to state already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from refkit.edits import apply
from refkit.errors import LibraryError
from refkit.formats import by_name
from refkit.formats.editing import Editing, Field
from refkit.model import Entry
from refkit.settings import Settings
from tests.editing_samples import cases, run, work_of


@pytest.mark.parametrize("case", cases("csljson"), ids=lambda path: path.name)
def test_cases(case: Path, accept: bool) -> None:
    run("csljson", case, accept)


def opened(value: Any) -> Editing:
    return by_name("csljson").edit(json.dumps(value), Settings())


@pytest.mark.parametrize(
    ("item", "asked", "found"),
    [
        ({"URL": "https://doi.org/10.5555/a"}, ("DOI", "DOI"), ("URL", '"https://doi.org/10.5555/a"')),
        ({"note": "words\nDOI: 10.5555/a"}, ("DOI", "DOI"), ("note DOI", '"10.5555/a"')),
        ({"note": "PMID: 7"}, ("PMID", "PMID"), ("note PMID", '"7"')),
        ({"shortTitle": "S"}, ("title-short", "title-short"), ("shortTitle", '"S"')),
        ({"journalAbbreviation": "J."}, ("container-title-short", ""), ("journalAbbreviation", '"J."')),
        ({"issued": {"raw": "2020"}}, ("issued", "issued"), ("issued", '{"raw": "2020"}')),
        ({"issued": {"date-parts": [[]]}}, ("issued", "issued"), None),
        ({"volume": ""}, ("volume", "volume"), None),
        ({"custom": {"a": 1}}, ("custom", ""), ("custom", '{"a": 1}')),
        ({"my-own": [1]}, ("my-own", ""), ("my-own", "[1]")),
    ],
)
def test_what_an_item_states_already(item: dict[str, Any], asked: tuple[str, str], found: tuple[str, str]) -> None:
    present = opened([{"id": "a", **item}]).present(0, Field(asked[0], "0", asked[1]))
    assert (present and (present.name, present.text)) == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[{"id": "a",}]', "line 1, column 13"),
        ('[\n  {"id": "a"}\n  {"id": "b"}\n]', "line 3, column 3"),
        ('[{"id": "a"}', "line 1"),
        ('[{"id": "a"}] x', "follows the end"),
        ('{"itemType": "book", "title": "Zotero\'s own"}', "no CSL-JSON"),
        ('"text"', "no CSL-JSON"),
        ("[" * 200_000, "nested too deeply"),
        (f'[{{"id": {"1" * 5000}}}]', "not valid JSON"),
    ],
)
def test_what_is_no_library_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(LibraryError, match=says):
        by_name("csljson").edit(text, Settings())


def test_letters_that_the_encoding_lacks_are_escaped() -> None:
    editing = by_name("csljson").edit('[{"id": "a", "title": "Küste"}]', Settings(), lambda text: "Ł" not in text)
    edited = apply(editing.library.text, editing.edits(change={0: [Field("title", '"Łódź, Küste"', "title")]}))
    assert edited == '[{"id": "a", "title": "\\u0141\\u00f3d\\u017a, K\\u00fcste"}]'


def test_a_note_keeps_its_words_when_its_doi_changes() -> None:
    editing = opened([{"id": "a", "note": "mine\nDOI: 10.5555/old\nmore", "URL": "https://doi.org/10.5555/old"}])
    new = '"10.5555/new"'
    edits = editing.edits(change={0: [Field("note DOI", new, "DOI"), Field("URL", new, "DOI")]})
    (item,) = json.loads(apply(editing.library.text, edits))
    assert item["note"] == "mine\nDOI: 10.5555/new\nmore"
    assert item["URL"] == "https://doi.org/10.5555/new"


def test_numbers_are_ids_and_what_has_none_is_called_by_its_doi() -> None:
    library = opened([{"id": 7, "title": "a"}, {"DOI": "10.5555/a", "type": "book"}, {"type": "book"}]).library
    assert [entry.key for entry in library.entries] == ["7", "10.5555/a", "item 3"]


def test_what_is_no_item_stays_in_the_list() -> None:
    text = '[1, {"id": "a"}, null]'
    editing = by_name("csljson").edit(text, Settings())
    edited = apply(text, editing.edits(add=[Entry("b", work_of({"type": "book", "title": "B"}))]))
    assert edited.startswith('[1, {"id": "a"}, null, {"id": "b"')
    assert [note.code for note in editing.library.notes] == ["no-item", "no-item"]


def test_a_doi_link_is_not_added_beside_a_doi_where_the_library_has_none() -> None:
    work = work_of({"type": "book", "DOI": "10.5555/a", "URL": "https://doi.org/10.5555/a"})
    without = opened([{"id": "a", "DOI": "10.5555/b"}])
    assert [field.name for field in without.fields(work, 0)] == ["type", "DOI"]
    having = opened([{"id": "a", "DOI": "10.5555/b", "URL": "https://doi.org/10.5555/b"}])
    assert "URL" in {field.name for field in having.fields(work, 0)}


def test_a_check_sees_what_should_not_be() -> None:
    editing = opened([{"id": "a", "volume": "1"}])
    edits = editing.edits(change={0: [Field("issue", '"2"', "issue")]})
    edited = apply(editing.library.text, edits)
    assert editing.check(edited, edits) == ""
    assert "not what it was" in editing.check(edited.replace('"1"', '"9"'), edits)


def test_people_in_one_text_are_one_literal_name() -> None:
    (entry,) = by_name("csljson").load('[{"id": "a", "author": "Smith and Doe", "editor": 5}]').entries
    assert entry.work.csl["author"] == [{"literal": "Smith and Doe"}]
    assert "editor" not in entry.work.csl
    assert entry.work.extra["csljson"]["editor"] == 5
