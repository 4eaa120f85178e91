"""New keys like those that a library has."""

from __future__ import annotations

import pytest

from refkit.keys import DEFAULT
from refkit.keys.habit import pattern_of
from refkit.keys.patterns import compiled
from refkit.model import Entry, Work

WORKS = tuple(
    Work(
        {
            "type": "article-journal",
            "title": title,
            "author": [{"family": family, "given": "A."}, {"family": "Olsen", "given": "B."}],
            "issued": {"date-parts": [[year]]},
            "container-title": "Journal of Examples",
            "volume": "7",
            "page": "11-19",
        }
    )
    for family, year, title in (
        ("Baker", 2024, "Following neutropenia after depletion"),
        ("Chen", 2019, "The second example of samples"),
        ("Lopez", 2021, "Small worlds and great distances"),
        ("Müller", 1998, "On the colour of numbers"),
    )
)


def entries(pattern: str) -> list[Entry]:
    return [Entry(compiled(pattern)(work), work) for work in WORKS]


@pytest.mark.parametrize(
    "pattern",
    [
        "[auth][year]",
        "[auth:lower][year]",
        "[auth]:[year]",
        "[auth]_[year]",
        "[auth:lower]_[title:1:lower]_[year]",
        "[auth:lower][shorttitle][year]",
        "[auth:3:lower][shortyear]",
        "[auth]-[year]-[title:1:lower]",
        "[authors][year]",
        DEFAULT,
    ],
)
def test_the_pattern_is_read_off_the_keys(pattern: str) -> None:
    library = entries(pattern)
    found = pattern_of(library)
    assert [compiled(found)(entry.work) for entry in library] == [entry.key for entry in library]


def test_letters_that_tell_keys_apart_belong_to_no_pattern() -> None:
    library = [
        Entry(entry.key + letter, entry.work) for entry, letter in zip(entries("[auth][year]"), "ab", strict=False)
    ]
    assert pattern_of([*library, *entries("[auth][year]")[2:]]) == "[auth][year]"


def test_a_name_may_have_capitals_inside() -> None:
    work = Work({"author": [{"family": "LeCun"}], "issued": {"date-parts": [[2015]]}, "title": "Deep learning"})
    assert pattern_of([Entry("LeCun2015", work), *entries("[auth][year]")[:2]]) == "[auth][year]"


def test_keys_without_a_pattern_leave_the_pattern_that_was_asked_for() -> None:
    library = [Entry(key, work) for key, work in zip(("RN1", "RN2", "RN3", "RN4"), WORKS, strict=True)]
    assert pattern_of(library) == DEFAULT
    assert pattern_of([]) == DEFAULT


def test_a_pattern_that_the_user_chose_is_not_overruled() -> None:
    assert pattern_of(entries("[auth][year]"), "[year][auth]") == "[year][auth]"


def test_who_is_not_named_is_keyed_by_the_title() -> None:
    work = Work({"title": "Neutropenia in words", "issued": {"date-parts": [[2024]]}})
    assert compiled("[auth][year]")(work) == "Neutropenia2024"
    assert compiled("[auth:lower][year]")(work) == "neutropenia2024"
