"""Citation keys: their form, and that they are the same whatever the order."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from refkit.errors import UsageError
from refkit.keys import assign
from refkit.model import Doi, Work


def work(title: str = "", year: int = 0, doi: str = "", **csl: Any) -> Work:
    out: dict[str, Any] = {"type": "article-journal", **csl}
    if title:
        out["title"] = title
    if year:
        out["issued"] = {"date-parts": [[year]]}
    if doi:
        out["DOI"] = doi
    return Work(out)


def by(family: str) -> list[dict[str, str]]:
    return [{"family": family, "given": "A."}]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (work("Neutropenia following immune-depletion", 2024, author=by("Baker")), "baker2024neutropenia"),
        (work("Neutropenia following immune-depletion", 2024), "neutropenia2024following"),
        (work("The <i>E. coli</i> genome", 1999, author=by("Müller-Lüdenscheidt")), "mullerludenscheidt1999coli"),
        (work("On the Origin", 1859, author=by("van der Berg")), "vanderberg1859origin"),
        (work("Über die Natur", 2001, editor=by("Ørsted")), "orsted2001natur"),
        (work("Что делать", 1863, author=by("Чернышевский")), "chernyshevskiy1863chto"),
        (work("中文标题", 2020, author=by("王")), "wang2020zhongwen"),
        (work("Guidelines", 2010, author=[{"literal": "World Health Organization"}]), "worldhealth2010guidelines"),
        (work("1984", 1949, author=by("Orwell")), "orwell19491984"),
        (work("2001: an odyssey", 1968, author=by("Clarke")), "clarke1968odyssey"),
        (work("Crohn’s disease", 2003, author=by("O'Brien")), "obrien2003crohns"),
        (work("", 2003, author=by("Lee")), "lee2003"),
        (work("Undated", 0, author=by("Lee")), "leeundated"),
        (work(doi="10.5555/ABC-12"), "abc12"),
        (work(), "ref"),
    ],
)
def test_form(given: Work, key: str) -> None:
    assert assign([given]) == [key]


def test_clash_letters_go_by_doi_whatever_the_order() -> None:
    works = {Doi(f"10.5555/{n:02}"): work("Same", 2020, f"10.5555/{n:02}", author=by("Lee")) for n in range(30)}
    expected = dict(zip(works, assign(works), strict=True))
    assert list(expected.values())[:4] == ["lee2020same", "lee2020samea", "lee2020sameb", "lee2020samec"]
    assert list(expected.values())[27] == "lee2020sameaa"
    for seed in range(5):
        shuffled = list(works.items())
        random.Random(seed).shuffle(shuffled)
        assert dict(zip(dict(shuffled), assign(dict(shuffled)), strict=True)) == expected
        assert assign([one for _, one in shuffled]) == [expected[doi] for doi, _ in shuffled]


def test_keys_that_a_library_has_are_left_alone() -> None:
    assert assign([work("Same", 2020, author=by("Lee"))], taken=["Lee2020Same", "lee2020samea"]) == ["lee2020sameb"]


def test_keys_are_safe() -> None:
    odd = work("%&$#_{}~^\\ “quoted”, “@here”", 2020, author=by("O’Neil, Jr. & Sons"))
    assert re.fullmatch(r"[a-z][a-z0-9]*", assign([odd])[0])


@pytest.mark.parametrize(
    ("pattern", "key"),
    [
        ("[auth:lower][year][title:1:lower]", "baker2024neutropenia"),
        ("[auth][year]", "Baker2024"),
        ("[auth:3:upper]-[shortyear]", "BAK-24"),
        ("[authors2][year]", "BakerMarta2024"),
        ("[authEtAl:lower]_[year]", "bakeretal_2024"),
        ("[authorsAlpha:upper][shortyear]", "BMS24"),
        ("[shorttitle:lower:hyphens]", "neutropenia-following-immune"),
        ("[veryshorttitle:abbr]", "Nx"[:1]),
        ("[journal:abbr]:[volume].[firstpage]", "MSRD:82.105400"),
        ("[edtr:(anon)][year]", "anon2024"),
        ("[year]", "ref2024"),
    ],
)
def test_patterns(pattern: str, key: str) -> None:
    given = work(
        "Neutropenia following immune-depletion",
        2024,
        author=[{"family": "Baker"}, {"family": "Marta"}, {"family": "Schmierer"}],
        volume="82",
        page="105400",
        **{"container-title": "Multiple Sclerosis & Related Disorders"},
    )
    assert assign([given], pattern=pattern) == [key]


@pytest.mark.parametrize("pattern", ["[auth", "auth]", "[nothing]", "[auth:louder]", "[]"])
def test_patterns_that_are_none_say_what_there_is(pattern: str) -> None:
    with pytest.raises(UsageError, match="Fields are auth"):
        assign([work("T", 2020)], pattern=pattern)


def test_transliteration_follows_the_language() -> None:
    given = work("Правда", 2020, author=by("Гончар"), language="uk")
    assert assign([given]) == ["honchar2020pravda"]
