"""What holds for all works: verdicts are symmetric, spelling does not matter, groups keep their vetoes in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refkit.match import Index, Sameness, clusters, compare
from refkit.model import Work
from tests.matching_samples import pairs, works

SAMPLES = works()
COMPLETE = [w for w in SAMPLES if {"title", "author", "issued", "container-title", "volume", "page"} <= set(w.csl)]

sample = st.sampled_from(SAMPLES)
field_names = (
    "type",
    "title",
    "container-title",
    "volume",
    "issue",
    "page",
    "DOI",
    "PMID",
    "ISBN",
    "URL",
    "note",
    "edition",
)
anything = st.one_of(
    st.text(max_size=40), st.integers(), st.none(), st.lists(st.text(max_size=8), max_size=3), st.booleans()
)
name = st.dictionaries(st.sampled_from(("family", "given", "literal", "suffix")), anything, max_size=3)


@st.composite
def odd_works(draw: st.DrawFn) -> Work:
    """Works with anything in any field."""
    csl: dict[str, Any] = draw(st.dictionaries(st.sampled_from(field_names), anything, max_size=8))
    if draw(st.booleans()):
        csl["author"] = draw(st.one_of(anything, st.lists(st.one_of(name, st.text(max_size=5)), max_size=3)))
    if draw(st.booleans()):
        parts = st.lists(st.lists(st.one_of(st.integers(0, 3000), st.text(max_size=4)), max_size=3), max_size=2)
        csl["issued"] = draw(st.one_of(anything, st.fixed_dictionaries({"date-parts": parts})))
    return Work(csl)


# --- any spelling of a work is the work ----------------------------------------------------------

Spelling = Callable[[dict[str, Any]], None]


def in_capitals(csl: dict[str, Any]) -> None:
    csl["title"] = str(csl["title"]).upper()


def in_braces(csl: dict[str, Any]) -> None:
    csl["title"] = " ".join("{" + word + "}" if word[:1].isupper() else word for word in str(csl["title"]).split())


def with_a_final_stop(csl: dict[str, Any]) -> None:
    csl["title"] = str(csl["title"]).rstrip(".") + "."


def with_initials(csl: dict[str, Any]) -> None:
    csl["author"] = [{**a, **({"given": a["given"][:1] + "."} if a.get("given") else {})} for a in csl["author"]]


def with_a_long_dash(csl: dict[str, Any]) -> None:
    csl["page"] = str(csl["page"]).replace(" ", "").replace("--", "–").replace("-", "–")


def with_markup(csl: dict[str, Any]) -> None:
    first, _, rest = str(csl["title"]).partition(" ")
    csl["title"] = f"<i>{first}</i> {rest}"


def with_the(csl: dict[str, Any]) -> None:
    csl["container-title"] = "The " + str(csl["container-title"]).removeprefix("The ")


def without_issue(csl: dict[str, Any]) -> None:
    csl.pop("issue", None)


def with_padded_volume(csl: dict[str, Any]) -> None:
    csl["volume"] = "Vol. " + str(csl["volume"])


SPELLINGS: list[Spelling] = [
    in_capitals, in_braces, with_a_final_stop, with_initials, with_a_long_dash, with_markup, with_the, without_issue,
    with_padded_volume,
]  # fmt: skip


def respelt(work: Work, spellings: list[Spelling]) -> Work:
    csl: dict[str, Any] = dict(work.csl)
    for spelling in spellings:
        spelling(csl)
    return Work(csl)


@given(st.sampled_from(COMPLETE), st.lists(st.sampled_from(SPELLINGS), unique=True))
def test_any_spelling_of_a_work_is_the_work(work: Work, spellings: list[Spelling]) -> None:
    other = respelt(work, spellings)
    judgement = compare(work, other)
    assert judgement.verdict is Sameness.SAME, judgement.why
    assert [match.position for match in Index([*SAMPLES[:20], work]).find(other)].count(20) == 1


@given(st.sampled_from(list(pairs())), st.lists(st.sampled_from(SPELLINGS[:3]), unique=True))
def test_no_spelling_makes_two_works_one(
    pair: tuple[str, Mapping[str, Any], Work, Work], spellings: list[Spelling]
) -> None:
    verdict, case, a, b = pair
    if verdict != "same" and "title" in b.csl:
        assert compare(a, respelt(b, spellings)).verdict is not Sameness.SAME, case["says"]


# --- verdicts ------------------------------------------------------------------------------------


@given(sample, sample)
def test_verdicts_are_symmetric(a: Work, b: Work) -> None:
    assert compare(a, b).verdict is compare(b, a).verdict


@given(odd_works(), odd_works())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the table of characters
def test_anything_can_be_compared(a: Work, b: Work) -> None:
    there, back = compare(a, b), compare(b, a)
    assert there.verdict is back.verdict
    assert there.why.endswith(".")


@given(sample)
def test_a_work_is_never_different_from_itself(work: Work) -> None:
    if "DOI" in work.csl or work.csl.get("title", "UNKNOWN") != "UNKNOWN":
        assert compare(work, work).verdict is not Sameness.DIFFERENT


# --- groups --------------------------------------------------------------------------------------


@given(st.permutations(range(len(SAMPLES))), st.integers(2, len(SAMPLES)))
@settings(max_examples=15, deadline=None)
def test_groups_do_not_depend_on_the_order(order: list[int], size: int) -> None:
    chosen = sorted(order[:size])
    straight = [SAMPLES[i] for i in chosen]
    shuffled = [SAMPLES[i] for i in order[:size]]
    one = {(frozenset(chosen[i] for i in g.members), g.verdict) for g in clusters(straight) if g.verdict == "same"}
    two = {(frozenset(order[i] for i in g.members), g.verdict) for g in clusters(shuffled) if g.verdict == "same"}
    assert one == two


@given(st.lists(st.one_of(sample, odd_works()), max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_work_is_in_one_sure_group_and_groups_keep_identifiers_apart(library: list[Work]) -> None:
    seen: set[int] = set()
    for group in clusters(library):
        assert len(group.members) > 1
        assert group.why
        if group.verdict is Sameness.SAME:
            assert not seen & set(group.members)
            seen |= set(group.members)
            for i in group.members:
                for j in group.members:
                    assert "their DOIs differ" not in compare(library[i], library[j]).why


@given(st.lists(sample, min_size=2, max_size=10), st.data())
@settings(max_examples=60, deadline=None)
def test_what_the_user_keeps_apart_stays_apart(library: list[Work], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(library) - 2))
    second = data.draw(st.integers(first + 1, len(library) - 1))
    for group in clusters(library, apart=[(first, second)]):
        if group.verdict is Sameness.SAME:
            assert not {first, second} <= set(group.members)
