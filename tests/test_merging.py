"""Decisions of merging: what is added, filled, refreshed, left, listed and asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from refkit import edits, formats
from refkit.merging import Arrival, Base, Plan, dedupe, plan
from refkit.model import Action, Origin, Work
from refkit.settings import Settings
from tests.merging_fake import Lines, library

ARTICLE: dict[str, Any] = {
    "type": "article-journal",
    "DOI": "10.5555/stars",
    "title": "How stars lose their dust",
    "author": [{"family": "Quist", "given": "Ada"}, {"family": "Moreau", "given": "Ben"}],
    "container-title": "Journal of Dust",
    "volume": "12",
    "issue": "3",
    "page": "123-129",
    "issued": {"date-parts": [[2019, 4]]},
}
OTHER: dict[str, Any] = {
    "type": "article-journal",
    "DOI": "10.5555/moons",
    "title": "On the weight of small moons",
    "author": [{"family": "Abara", "given": "Chidi"}],
    "container-title": "Journal of Dust",
    "volume": "13",
    "page": "1-19",
    "issued": {"date-parts": [[2020]]},
}


def work(**said: Any) -> Work:
    return Work({k: v for k, v in said.items() if v is not None}, {}, Origin("crossref", "2026-01-02T03:04:05Z"))


def run(text: str, *arrivals: Arrival, base: Base | None = None, prefer: str = "", **more: Any) -> tuple[Plan, str]:
    made = plan(Lines(text), arrivals, base or Base(), Settings(prefer=prefer), **more)
    return made, edits.apply(text, made.edits)


def items(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_new_work_is_added_under_a_made_key_and_remembered() -> None:
    made, text = run(library({"id": "a", **OTHER}), Arrival(work(**ARTICLE)))
    (decision,) = made.decisions
    assert decision.action is Action.ADD
    assert decision.key == "quist2019stars"
    assert items(text)[1]["DOI"] == "10.5555/stars"
    assert made.base.entries["10.5555/stars"].fields["volume"].source == "crossref"
    again, same = run(text, Arrival(work(**ARTICLE)), base=made.base)
    assert again.decisions[0].action is Action.SAME
    assert same == text
    assert again.base.text() == made.base.text()


def test_gaps_are_filled_and_values_that_look_different_are_left() -> None:
    mine = {
        "id": "q",
        "type": "article-journal",
        "title": "How Stars lose their <i>Dust</i>",
        "author": [{"family": "Quist", "given": "A."}, {"literal": "others"}],
        "container-title": "J. Dust",
        "page": "123--9",
        "issued": {"date-parts": [[2019]]},
        "DOI": "https://doi.org/10.5555/STARS",
        "note": "mine",
    }
    made, text = run(library(mine), Arrival(work(**ARTICLE)))
    (decision,) = made.decisions
    assert decision.action is Action.FILL
    assert [change.field for change in decision.changes] == ["volume", "issue"]
    assert items(text) == [{**mine, "volume": "12", "issue": "3"}]


def test_a_value_that_really_differs_is_listed_and_kept() -> None:
    mine = {"id": "q", **ARTICLE, "volume": "21"}
    made, text = run(library(mine), Arrival(work(**ARTICLE)))
    (decision,) = made.decisions
    assert decision.action is Action.CONFLICT
    assert [(c.field, c.old, c.new, c.taken) for c in decision.changes] == [("volume", '"21"', '"12"', False)]
    assert items(text) == [mine]


@pytest.mark.parametrize(("prefer", "volume", "page"), [("theirs", "12", "123-129"), ("theirs:pages", "21", "123-129")])
def test_theirs_can_be_preferred_for_all_or_some_fields(prefer: str, volume: str, page: str) -> None:
    _, text = run(library({"id": "q", **ARTICLE, "volume": "21", "page": "7"}), Arrival(work(**ARTICLE)), prefer=prefer)
    assert items(text)[0]["volume"] == volume
    assert items(text)[0]["page"] == page


def written() -> tuple[str, Base]:
    made, text = run("", Arrival(work(**ARTICLE)))
    return text, made.base


def test_what_only_the_source_changed_is_refreshed() -> None:
    text, base = written()
    made, new = run(text, Arrival(work(**{**ARTICLE, "page": "223-229"})), base=base)
    assert made.decisions[0].action is Action.REFRESH
    assert items(new)[0]["page"] == "223-229"
    assert run(new, Arrival(work(**{**ARTICLE, "page": "223-229"})), base=made.base)[1] == new


def test_what_the_user_changed_or_deleted_stays_so() -> None:
    text, base = written()
    (item,) = items(text)
    item["page"] = "1-2"
    del item["volume"]
    mine = library(item)
    made, new = run(mine, Arrival(work(**ARTICLE)), base=base)
    assert made.decisions[0].action is Action.SAME
    assert "Deleted by you, and left so: volume" in made.decisions[0].why
    assert new == mine


def test_what_both_changed_is_a_conflict_and_the_users_stays() -> None:
    text, base = written()
    mine = text.replace("123-129", "1-2")
    made, new = run(mine, Arrival(work(**{**ARTICLE, "page": "223-229"})), base=base)
    assert made.decisions[0].action is Action.CONFLICT
    assert "both" in made.decisions[0].changes[0].why
    assert new == mine


def test_a_deleted_entry_comes_back_only_by_name() -> None:
    _, base = written()
    made, text = run("", Arrival(work(**ARTICLE)), base=base)
    assert made.decisions[0].action is Action.SAME
    assert "deleted by you" in made.decisions[0].why
    assert text == ""
    named, text = run("", Arrival(work(**ARTICLE), named=True), base=base)
    assert named.decisions[0].action is Action.ADD
    assert items(text)[0]["id"] == "quist2019stars"


def test_a_renamed_key_is_followed() -> None:
    text, base = written()
    mine = text.replace("quist2019stars", "dust")
    made, new = run(mine, Arrival(work(**{**ARTICLE, "page": "9-11"})), base=base)
    assert made.decisions[0].action is Action.REFRESH
    assert made.base.entries["10.5555/stars"].key == "dust"
    assert items(new)[0]["page"] == "9-11"


def test_an_entry_that_was_given_another_doi_is_not_added_again() -> None:
    text, base = written()
    made, new = run(text.replace("10.5555/stars", "10.5555/right"), Arrival(work(**ARTICLE)), base=base)
    assert made.decisions[0].action is Action.SAME
    assert "another DOI" in made.decisions[0].why
    assert len(items(new)) == 1


def test_not_sure_is_asked_and_neither_merged_nor_added() -> None:
    mine = {"id": "q", **ARTICLE, "issued": {"date-parts": [[2018]]}}
    for name in ("DOI", "volume", "issue", "page"):
        del mine[name]
    made, text = run(library(mine), Arrival(work(**ARTICLE)))
    (decision,) = made.decisions
    assert decision.action is Action.ASK
    assert decision.candidates == ("q",)
    assert "--different 10.5555/stars q" in decision.why
    assert items(text) == [mine]
    apart, text = run(library(mine), Arrival(work(**ARTICLE)), base=Base().saying_different([("q", "10.5555/Stars")]))
    assert apart.decisions[0].action is Action.ADD
    named, _ = run(library(mine), Arrival(work(**ARTICLE), named=True))
    assert named.decisions[0].action is Action.ADD
    assert named.duplicates


def test_a_preprint_of_an_article_is_added_beside_it() -> None:
    gone = dict.fromkeys(("container-title", "volume", "issue", "page"))
    preprint = {**ARTICLE, **gone, "type": "article", "DOI": "10.48550/arxiv.1901.00001"}
    made, text = run(library({"id": "q", **ARTICLE}), Arrival(work(**preprint)))
    assert made.decisions[0].action is Action.ADD
    assert len(items(text)) == 2
    assert made.duplicates[0].keys == ("quist2019stars", "q")


def test_two_arrivals_of_one_work_make_one_entry_in_any_order() -> None:
    poor = Arrival(work(DOI="10.5555/STARS", type="article-journal", title=ARTICLE["title"]), where="b.pdf")
    rich = Arrival(work(**ARTICLE), where="a.pdf")
    one, text = run("", poor, rich, Arrival(work(**OTHER)))
    other, text_2 = run("", Arrival(work(**OTHER)), rich, poor)
    assert text == text_2
    assert one.base.text() == other.base.text()
    assert one.decisions[0].key == one.decisions[1].key == "quist2019stars"
    assert [d.work for d in one.decisions] == [poor.work, rich.work, Work(OTHER, {}, poor.work.origin)]


def test_keys_from_another_library_are_kept_where_they_are_free() -> None:
    _, text = run(
        library({"id": "taken", **OTHER}),
        Arrival(work(**ARTICLE), key="Taken"),
        Arrival(
            work(**{**OTHER, "DOI": "10.5555/x", "title": "Rings of ice around a giant", "page": "70-80"}), key="rings"
        ),
    )
    assert {item["id"] for item in items(text)} == {"taken", "quist2019stars", "rings"}


def test_a_book_title_does_not_go_into_an_article() -> None:
    chapter = {**ARTICLE, "type": "chapter", "container-title": "Handbook of Dust", "publisher": "Dust House"}
    mine = {"id": "q", "type": "article-journal", "DOI": ARTICLE["DOI"], "title": ARTICLE["title"]}
    _, text = run(library(mine), Arrival(work(**chapter)))
    assert "container-title" not in items(text)[0]
    assert "publisher" not in items(text)[0]
    assert items(text)[0]["author"] == ARTICLE["author"]


def test_an_alias_of_a_doi_is_the_same_work() -> None:
    aliases = {"10.5555/old": "10.5555/stars"}
    mine = {"id": "q", "type": "article-journal", "DOI": "10.5555/old", "title": "Something else in other words"}
    made, _ = run(library(mine), Arrival(work(**ARTICLE)), aliases=aliases)
    assert made.decisions[0].action in {Action.ASK, Action.CONFLICT}
    mine["title"] = ARTICLE["title"]
    made, _ = run(library(mine), Arrival(work(**ARTICLE)), aliases=aliases)
    assert made.decisions[0].action is Action.FILL


def test_a_preferred_year_lets_the_rest_of_the_place_in_at_once() -> None:
    mine = {"id": "q", **ARTICLE, "issued": {"date-parts": [[2015]]}}
    del mine["volume"]
    made, text = run(library(mine), Arrival(work(**ARTICLE)))
    assert [change.field for change in made.decisions[0].changes] == ["issued"]
    made, text = run(library(mine), Arrival(work(**ARTICLE)), prefer="theirs")
    assert items(text)[0]["volume"] == "12"
    assert not run(text, Arrival(work(**ARTICLE)), base=made.base, prefer="theirs")[0].edits


def test_optional_fields_are_filled_only_where_the_owner_has_them() -> None:
    mine = [{"id": f"o{n}", **OTHER, "DOI": f"10.5555/{n}", "title": f"{n} moons", "language": "en"} for n in range(3)]
    arrival = Arrival(work(**ARTICLE, language="en", ISSN="1234-5678"))
    bare = {"id": "q", **ARTICLE}
    assert items(run(library(bare, *mine), arrival)[1])[0] == {**bare, "language": "en"}
    assert items(run(library(bare, mine[0] | {"language": ""}), arrival)[1])[0] == bare
    without = Settings(remember=False)
    assert not plan(Lines(library(bare, *mine)), [arrival], Base(), without).edits
    asked = Settings(add=("language",))
    assert plan(Lines(library(bare)), [arrival], Base(), asked).edits


def test_a_new_entry_names_its_parent_by_the_key_that_this_has_here() -> None:
    theirs = (
        "@inproceedings{c, author={Abara, Chidi}, title={On the weight of small moons}, pages={1--9}, crossref={p}}\n"
        "@proceedings{p, title={Proceedings of the dust days}, year={2019}, editor={Moreau, Ben}}\n"
    )
    mine = "@article{p, author={Quist, Ada}, title={How stars lose their dust}, journal={Dust}, year={2001}}\n"
    form = formats.by_name("bibtex")
    arrivals = [Arrival(entry.work, entry.key, where="their.bib") for entry in form.load(theirs).entries]
    made = plan(form.edit(mine, Settings()), arrivals, Base(), Settings())
    parent = made.decisions[1].key
    assert parent != "p"
    assert f"crossref={{{parent}}}" in edits.apply(mine, made.edits).replace("crossref = ", "crossref=")


@pytest.mark.parametrize(
    "field",
    [
        "ee = {https://doi.org/10.5555/stars}",
        "bdsk-url-1 = {https://doi.org/10.5555/stars}",
        "eprint = {https://doi.org/10.5555/stars}",
        "howpublished = {\\url{https://doi.org/10.5555/STARS}}",
    ],
)
def test_a_doi_counts_wherever_an_entry_states_it(field: str) -> None:
    mine = f"@misc{{a, title = {{How stars lose their dust}}, year = {{2011}}, {field}}}\n"
    editing = formats.by_name("bibtex").edit(mine, Settings())
    made = plan(editing, [Arrival(work(**ARTICLE))], Base(), Settings())
    assert made.decisions[0].key == "a"


@pytest.mark.parametrize(
    "note",
    [
        "Erratum to doi:10.5555/stars",
        "Data for https://doi.org/10.5555/stars",
        "Published in part as doi:10.5555/stars",
        "Comment on DOI: 10.5555/stars.",
    ],
)
def test_a_doi_among_words_is_another_works(note: str) -> None:
    mine = (
        "@article{a, author={Quist, Ada}, title={How stars lose their dust}, doi={10.5555/stars}}\n"
        f"@phdthesis{{b, author={{Quist, Ada}}, title={{How stars lose their dust}}, note={{{note}}}}}\n"
    )
    made = dedupe(formats.by_name("bibtex").edit(mine, Settings()), Base())
    assert not made.edits


def test_a_doi_in_a_line_of_zoteros_extra_counts() -> None:
    mine = library({"id": "x", "title": ARTICLE["title"], "note": "PMID: 3\nDOI: 10.5555/stars"})
    assert run(mine, Arrival(work(**ARTICLE)))[0].decisions[0].key == "x"


def test_only_the_source_that_said_a_value_refreshes_it() -> None:
    text, base = written()
    theirs = Work({**ARTICLE, "volume": "77"}, {}, Origin("library"))
    made, new = run(text, Arrival(theirs, "k", where="colleague.bib"), base=base)
    assert made.decisions[0].action is Action.CONFLICT
    assert new == text
    agency = Work({**ARTICLE, "volume": "77"}, {}, Origin("datacite"))
    assert run(text, Arrival(agency), base=base)[0].decisions[0].action is Action.CONFLICT


def test_what_came_from_a_library_is_the_users_own_from_then_on() -> None:
    theirs = Arrival(Work({**ARTICLE, "volume": "77"}, {}, Origin("library")), "k", where="colleague.bib")
    made, text = run("", theirs)
    for later in (Arrival(work(**ARTICLE)), Arrival(Work({**ARTICLE, "volume": "78"}, {}, Origin("library")), "k")):
        again, new = run(text, later, base=made.base)
        assert again.decisions[0].action is Action.CONFLICT
        assert new == text


SAYING_LITTLE = (
    "@misc{n1, note={Personal communication}}\n"
    "@misc{n2, author={Jones, B.}, howpublished={Personal communication}, year=2011}\n"
    "@InProceedings{LocationTest, author={Quist, Ada}, location={Oslo}}\n"
    "@article{tr, title={Editorial}}\n"
    "@misc{home, title={Home page}, note={visited}}\n"
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bibtex", SAYING_LITTLE),
        ("ris", "TY  - GEN\nAU  - Jones, B.\nPY  - 2011\nER  - \n\nTY  - GEN\nN1  - by letter\nER  - \n"),
        ("csljson", '[{"id": "a", "type": "document", "note": "by letter"}, {"id": "b", "type": "book"}]\n'),
    ],
)
def test_a_copy_of_the_library_brings_nothing_however_little_its_entries_say(name: str, text: str) -> None:
    form = formats.by_name(name)
    arrivals = [Arrival(entry.work, entry.key, where="copy") for entry in form.load(text).entries]
    made = plan(form.edit(text, Settings()), arrivals, Base(), Settings())
    assert not made.edits
    assert {decision.action for decision in made.decisions} == {Action.SAME}


def test_an_entry_with_the_same_key_that_says_otherwise_is_another_one() -> None:
    form = formats.by_name("bibtex")
    theirs = "@misc{n1, note={By telephone}}\n@misc{n2, author={Jones, C.}, year=2011}\n"
    arrivals = [Arrival(entry.work, entry.key, where="their.bib") for entry in form.load(theirs).entries]
    made = plan(form.edit(SAYING_LITTLE, Settings()), arrivals, Base(), Settings())
    assert [decision.action for decision in made.decisions] == [Action.ADD, Action.ADD]
    apart = Base().saying_different([("n1", "n2")])
    copy = [Arrival(form.load(SAYING_LITTLE).entries[1].work, "n1", where="their.bib")]
    made = plan(form.edit(SAYING_LITTLE, Settings()), copy, apart, Settings())
    assert made.decisions[0].action is Action.ADD


@pytest.mark.parametrize(
    "other", [{"container-title": "Annals of Gas", "issued": {"date-parts": [[2011]]}}, {"volume": "77"}]
)
@pytest.mark.parametrize("missing", [{"page": "123-129"}, {"number": "e77012"}])
def test_pages_and_article_numbers_of_another_place_stay_out(other: dict[str, Any], missing: dict[str, str]) -> None:
    bare = {name: value for name, value in ARTICLE.items() if name not in {"page", "issue"}}
    arrival = Arrival(work(**{**bare, **missing, "issue": "3"}))
    mine = {"id": "q", **bare, **other}
    made, text = run(library(mine), arrival)
    assert made.decisions[0].action is Action.CONFLICT
    assert items(text) == [mine]
    assert items(run(library(mine), arrival, prefer="theirs")[1])[0].items() >= missing.items()


def test_editors_go_into_articles_only_where_the_owner_names_them() -> None:
    editor = [{"family": "Abara", "given": "Chidi"}]
    arrival = Arrival(work(**ARTICLE, editor=editor))
    bare = {"id": "q", **ARTICLE}
    assert items(run(library(bare, {"id": "o", **OTHER}), arrival)[1])[0] == bare
    others = [{"id": f"o{n}", **OTHER, "DOI": f"10.5555/{n}", "title": f"{n} moons", "editor": editor} for n in (1, 2)]
    assert items(run(library(bare, *others), arrival)[1])[0] == {**bare, "editor": editor}
