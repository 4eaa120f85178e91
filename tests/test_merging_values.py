"""What says the same and what does not, variable by variable; what is filled in and what would contradict."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from refkit.merging.values import OWN, About, full_length, same
from refkit.model import Origin, Work

SAMPLES = Path(__file__).parent / "samples" / "merging"


def pairs() -> Iterator[tuple[str, bool, str, str]]:
    table = tomllib.loads((SAMPLES / "values.toml").read_text(encoding="utf-8"))
    for variable, rows in table.items():
        for verdict in ("same", "different"):
            for row in rows[verdict]:
                yours, theirs = row.split(" | ")
                yield variable, verdict == "same", yours, theirs


def about(theirs: Work | None = None) -> About:
    return About({}, theirs or Work({}, {}, Origin("crossref")), {})


@pytest.mark.parametrize(("variable", "expected", "yours", "theirs"), list(pairs()))
def test_values_say_the_same_or_do_not(variable: str, expected: bool, yours: str, theirs: str) -> None:
    assert same(variable, yours, theirs, about()) is expected


def people(*names: str) -> list[dict[str, str]]:
    rows = (name.partition(", ") for name in names)
    return [{"family": family, "given": given} if comma else {"literal": family} for family, comma, given in rows]


@pytest.mark.parametrize(
    ("yours", "theirs", "expected"),
    [
        (("Quist, A.", "Moreau, B."), ("Quist, Ada", "Moreau, Ben"), True),
        (("Quist, A.", "others"), ("Quist, Ada", "Moreau, Ben"), True),
        (("Quist, Ada", "et al."), ("Quist, Ada", "Moreau, Ben", "Abara, C."), True),
        (("Müller, Jürgen",), ("Mueller, Juergen",), True),
        (("Fu, Y. N.",), ("Fu, Yongneng",), True),
        (("Li, Wei",), ("Wei, Li",), True),
        (("Quist, Ada", "Moreau, Ben"), ("Quist, Ada",), True),
        (("Quist, Ada",), ("Quist, Ada", "Moreau, Ben"), False),
        (("Quist, Ada", "Moreau, Ben"), ("Moreau, Ben", "Quist, Ada"), False),
        (("Quist, Ada",), ("Quist, Bea",), False),
        (("van der Berg, Jan",), ("Berg, Jan van der",), True),
    ],
)
def test_names_are_compared_one_by_one(yours: tuple[str, ...], theirs: tuple[str, ...], expected: bool) -> None:
    assert same("author", people(*yours), people(*theirs), about()) is expected


def issued(year: int, *rest: int) -> dict[str, Any]:
    return {"date-parts": [[year, *rest]]}


def test_the_year_in_print_and_online_are_one_where_the_record_has_both() -> None:
    record = Work(
        {"issued": issued(2020)}, {"crossref": {"dates": {"published-online": [2019, 11]}}}, Origin("crossref")
    )
    assert same("issued", issued(2019), issued(2020), about(record))
    assert same("issued", issued(2020, 5), issued(2020), about(record))
    assert not same("issued", issued(2018), issued(2020), about(record))
    assert not same("issued", {"literal": "in press"}, issued(2020), about(record))
    assert same("issued", issued(2018), issued(2019), about(Work({}, {}, Origin("library"))))


def test_what_says_nothing_contradicts_nothing() -> None:
    assert same("container-title", "Journal of Dust", "unknown", about())
    assert not same("container-title", "", "Journal of Dust", about())


def test_an_alias_is_the_same_doi() -> None:
    case = About({}, Work({}), {"10.5555/old": "10.5555/new"})
    assert same("DOI", "10.5555/OLD", "10.5555/new", case)


def test_what_is_a_users_own_choice_is_no_conflict() -> None:
    assert {"", "URL", "abstract", "keyword", "note", "language", "ISSN"} <= OWN
    assert not {"title", "author", "issued", "volume", "page", "DOI"} & OWN


def test_the_fuller_of_two_values_is_known() -> None:
    assert full_length("author", people("Quist, Ada")) > full_length("author", people("Quist, A."))
    assert full_length("author", people("Q, A.", "M, B.")) > full_length("author", people("Q, A.", "others"))
    assert full_length("page", "1-9") > full_length("page", "1-1") == full_length("page", "1")
    assert full_length("volume", "12") == full_length("volume", "Vol. 12")


def test_a_series_or_a_book_without_its_subtitle_is_the_container_too() -> None:
    csl = {
        "type": "chapter",
        "container-title": "Dust Days: A Handbook of Winds",
        "collection-title": "Lecture Notes in Dust",
    }
    record = about(Work(csl, {}, Origin("crossref")))
    assert same("container-title", "Lecture Notes in Dust", csl["container-title"], record)
    assert same("container-title", "Dust Days", csl["container-title"], record)
    journal = about(Work({"type": "article-journal"}, {}, Origin("crossref")))
    assert not same("container-title", "Circulation", "Circulation: Heart Failure", journal)


def test_every_body_that_a_record_names_may_be_the_publisher() -> None:
    record = about(Work({}, {"crossref": {"publisher": "Office of Technical Information"}}, Origin("crossref")))
    assert same("publisher", "Office of Technical Information", "National Laboratory", record)


def test_a_given_name_that_lacks_a_blank_is_one_name() -> None:
    assert same("author", people("Sykes, A.G."), people("Sykes, A.Geoffrey"), about())
