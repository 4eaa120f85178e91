"""Duplicates within one library: which are merged, what the one that stays takes over, and what is only listed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from refkit import edits, formats
from refkit.merging import Base, Plan, dedupe
from refkit.merging.joining import join
from refkit.model import Action
from refkit.settings import Settings
from tests.merging_fake import Lines, library
from tests.test_merging import ARTICLE, OTHER


def run(*items: dict[str, Any], base: Base | None = None, **more: Any) -> tuple[Plan, list[dict[str, Any]]]:
    text = library(*items)
    made = dedupe(Lines(text), base or Base(), **more)
    return made, [json.loads(line) for line in edits.apply(text, made.edits).splitlines()]


POOR = {name: ARTICLE[name] for name in ("type", "title", "issued")} | {"DOI": "https://doi.org/10.5555/STARS"}


def test_one_doi_makes_one_entry_and_the_more_complete_stays() -> None:
    made, left = run({"id": "old", **POOR, "note": "read it"}, {"id": "other", **OTHER}, {"id": "full", **ARTICLE})
    assert [item["id"] for item in left] == ["other", "full"]
    assert left[1]["note"] == "read it"
    assert left[1]["ids"] == ["old"]
    assert made.renamed == (("old", "full"),)
    assert made.base.entries["10.5555/stars"].aliases == ("old",)
    assert made.duplicates[0].keys == ("old", "full")
    assert made.duplicates[0].merged
    assert made.decisions[0].action is Action.FILL


def test_notes_keywords_and_files_of_both_are_kept() -> None:
    a = {"id": "a", **ARTICLE, "note": "first", "keyword": "dust; stars"}
    b = {"id": "b", **ARTICLE, "note": "second", "keyword": "stars; wind"}
    _, left = run(a, b)
    assert left[0]["note"] == "first; second"
    assert left[0]["keyword"] == "dust; stars; wind"


def test_the_fuller_of_two_values_that_say_the_same_stays() -> None:
    a = {"id": "a", **ARTICLE, "author": [{"family": "Quist", "given": "A."}, {"literal": "others"}], "URL": "u"}
    b = {"id": "b", **ARTICLE, "title": "How stars lose their dust: a survey"}
    _, left = run(a, b)
    assert [item["id"] for item in left] == ["a"]
    assert left[0]["author"] == ARTICLE["author"]
    assert left[0]["title"] == "How stars lose their dust: a survey"


def test_a_value_that_differs_is_set_aside_and_listed() -> None:
    made, left = run({"id": "a", **ARTICLE}, {"id": "b", **ARTICLE, "volume": "21"})
    assert left == [{"id": "a", **ARTICLE, "ids": ["b"]}]
    assert made.decisions[0].action is Action.CONFLICT
    assert made.base.entries["10.5555/stars"].aside == {"volume": {"b": '"21"'}}
    assert Base.parse(made.base.text(), "x") == made.base


def test_sure_by_evidence_is_listed_and_merged_when_accepted() -> None:
    mine = {key: value for key, value in ARTICLE.items() if key != "DOI"}
    made, left = run({"id": "a", **mine}, {"id": "b", **mine, "title": mine["title"].upper()})
    assert len(left) == 2
    assert made.duplicates[0].verdict == "same"
    assert not made.duplicates[0].merged
    assert made.decisions[0].action is Action.ASK
    made, left = run(
        {"id": "a", **mine}, {"id": "b", **mine, "title": mine["title"].upper()}, accepted=[made.duplicates[0].keys]
    )
    assert [item["id"] for item in left] == ["a"]


def test_entries_that_the_user_said_differ_are_left_and_not_listed() -> None:
    base = Base().saying_different([("a", "b")])
    made, left = run({"id": "a", **ARTICLE}, {"id": "b", **ARTICLE}, base=base)
    assert len(left) == 2
    assert not made.duplicates
    assert made.base == base


def test_a_second_run_changes_nothing() -> None:
    items = ({"id": "a", **ARTICLE}, {"id": "b", **POOR}, {"id": "c", **OTHER})
    made, left = run(*items)
    again, same = run(*left, base=made.base)
    assert not again.edits
    assert same == left
    assert again.base.text() == made.base.text()


def test_entries_that_inherit_from_the_one_that_went_follow() -> None:
    book = {"type": "book", "title": "Proceedings of the dust days", "ISBN": "978-3-16-148410-0", "publisher": "Dust"}
    first, second = (
        {"id": f"c-{key}", **OTHER, "DOI": "", "title": f"{key} moon", "crossref": key} for key in ("p1", "p2")
    )
    made, left = run(first, second, {"id": "p1", **book}, {"id": "p2", **book, "volume": "3"})
    assert made.renamed == (("p1", "p2"),)
    assert [item.get("crossref") for item in left] == ["p2", "p2", None]


def test_joined_values_keep_the_formats_writing() -> None:
    assert join("{a, b}", "{b, c}", "words", "bibtex") == "{a, b, c}"
    assert join('"a; b"', "{C}", "words", "bibtex") == '"a; b; C"'
    assert join("{:a.pdf:PDF}", "{:b\\;c.pdf:PDF;:a.pdf:PDF}", "files", "biblatex") == "{:a.pdf:PDF;:b\\;c.pdf:PDF}"
    assert join("{one}", "two # {x}", "note", "bibtex") == "{one} # {; } # two # {x}"
    assert join("{all of it}", "{All}", "note", "bibtex") == "{all of it}"
    assert join("dust\nstars", "Stars\nwind", "words", "ris") == "dust\nstars\nwind"


def test_one_doi_on_two_descriptions_is_listed_as_not_sure() -> None:
    other = {**ARTICLE, "title": "How stars gather dust and gas", "container-title": "Annals of Gas", "volume": "7"}
    made, left = run({"id": "a", **ARTICLE}, {"id": "b", **other})
    assert len(left) == 2
    assert made.duplicates[0].verdict == "unsure"


def test_groups_that_name_their_entries_by_key_follow() -> None:
    text = (
        "@article{quist, title={How stars lose their dust}, doi={10.5555/stars}}\n"
        "@article{full19, title={How stars lose their dust}, doi={10.5555/stars}, year={2019}, volume={12}}\n"
        "@comment{jabref-meta: groupstree:\n0 AllEntriesGroup:;\n"
        "1 ExplicitGroup:Dust\\;0\\;abc\\;qui\nst\\;;\n1 ExplicitGroup:Both\\;0\\;quist\\;full19\\;;\n}\n"
        "@comment{BibDesk Static Groups{\n<string>abc,quist,quist2</string>\n}}\n"
    )
    editing = formats.by_name("bibtex").edit(text, Settings())
    made = dedupe(editing, Base())
    out = edits.apply(text, made.edits)
    assert editing.check(out, made.edits) == ""
    assert "Dust\\;0\\;abc\\;full19\\;;" in out
    assert "Both\\;0\\;full19\\;;" in out
    assert "<string>abc,full19,quist2</string>" in out


def test_aliases_of_an_entry_that_goes_are_handed_on() -> None:
    text = (
        "@article{b, title={How stars lose their dust}, doi={10.5555/stars}, ids={a}}\n"
        "@article{c, title={How stars lose their dust}, doi={10.5555/stars}, year={2019}, ids={z}}\n"
    )
    editing = formats.by_name("biblatex").edit(text, Settings())
    made = dedupe(editing, Base())
    out = edits.apply(text, made.edits)
    assert editing.check(out, made.edits) == ""
    assert "ids={z, b, a}" in out.replace("z,b,a", "z, b, a")
    assert made.base.entries["10.5555/stars"].aliases == ("a", "b")


@pytest.mark.parametrize("stated", ["url = {https://doi.org/10.5555/stars}", "note = {doi:10.5555/stars}"])
def test_a_doi_field_of_the_entry_that_goes_stays(stated: str) -> None:
    text = (
        f"@article{{a, author={{Quist, Ada}}, title={{How stars lose their dust}}, year={{2019}}, {stated}}}\n"
        "@article{b, title={How stars lose their dust}, doi={10.5555/stars}}\n"
    )
    editing = formats.by_name("bibtex").edit(text, Settings())
    made = dedupe(editing, Base())
    out = edits.apply(text, made.edits)
    assert editing.check(out, made.edits) == ""
    assert made.renamed == (("b", "a"),)
    assert stated in out
    assert "doi={10.5555/stars}" in out.replace(" ", "")


def test_one_isbn_with_ten_and_with_thirteen_digits_is_no_contradiction() -> None:
    book = {"type": "book", "title": "Dust days", "publisher": "Dust", "issued": {"date-parts": [[2010]]}}
    made, left = run({"id": "a", **book, "ISBN": "3-16-148410-X"}, {"id": "b", **book, "ISBN": "978-3-16-148410-0"})
    assert left == [{"id": "a", **book, "ISBN": "3-16-148410-X", "ids": ["b"]}]
    assert not made.decisions[0].changes
