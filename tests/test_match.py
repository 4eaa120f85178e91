"""Same work or not: every sample pair gets its verdict and a reason; groups and look-ups follow from the pairs."""

from __future__ import annotations

import random
from typing import Any

import pytest

from refkit.match import Index, Sameness, Screen, Stance, clusters, compare
from refkit.model import Origin, Work
from tests.matching_samples import pairs, work, works

PAIRS = list(pairs())


@pytest.mark.parametrize(("verdict", "case", "a", "b"), PAIRS, ids=[case["says"] for _, case, _, _ in PAIRS])
def test_a_pair_is_judged_with_its_reason(verdict: str, case: dict[str, Any], a: Work, b: Work) -> None:
    judgement = compare(a, b)
    assert judgement.verdict == verdict, judgement.why
    assert case["why"].lower() in judgement.why.lower()
    assert judgement.why.endswith(".")
    assert judgement.why[0].isupper()
    assert compare(b, a).verdict == verdict


def test_evidence_says_what_spoke_for_and_against() -> None:
    a = work(
        {"title": "Phase I trial of depakote", "author": "David, K.", "year": 2010, "volume": "9", "page": "676-82"}
    )
    b = work(
        {"title": "Phase I trial of depakote", "author": "David, K.", "year": 2010, "volume": "9", "page": "678-84"}
    )
    stances = {item.field: item.stance for item in compare(a, b).evidence}
    assert stances["title"] is Stance.FOR
    assert stances["pages"] is Stance.AGAINST


def test_a_veto_is_shown_as_one() -> None:
    a = work({"title": "Erratum to: The cost of knowing", "author": "Lee, A"})
    b = work({"title": "The cost of knowing", "author": "Lee, A"})
    assert Stance.VETO in {item.stance for item in compare(a, b).evidence}


def test_an_alias_that_the_registry_knows_is_the_same_doi() -> None:
    a, b = work({"title": "Fading", "DOI": "10.5555/old"}), work({"title": "Fading", "DOI": "10.5555/new"})
    assert compare(a, b).verdict is not Sameness.SAME
    known = compare(a, b, aliases={"10.5555/old": "10.5555/new"})
    assert known.verdict is Sameness.SAME
    assert "10.5555/old" in known.why
    assert clusters([a, b], aliases={"10.5555/old": "10.5555/new"})[0].members == (0, 1)


def test_print_and_online_years_of_crossref_both_count() -> None:
    a = work({"title": "Grain growth in films", "author": "Reed, B", "year": 2019, "in": "Acta Materialia"})
    dates = {"published-print": [2019, 1], "published-online": [2018, 11], "created": [2017]}
    b = Work({**a.csl, "issued": {"date-parts": [[2018]]}}, {"crossref": {"dates": dates}}, Origin("crossref"))
    assert "the same year" in compare(a, b).why


def test_statements_of_the_wrong_type_are_as_if_absent() -> None:
    odd: dict[str, Any] = {
        "type": ["book"], "title": None, "author": "Knuth", "issued": {"date-parts": [[]]}, "volume": {"a": 1},
        "page": True, "DOI": 7, "ISBN": ["978-0-201-63361-0", 3], "container-title": ["Some Journal"], "URL": None,
        "editor": [None, 3],
    }  # fmt: skip
    assert compare(Work(odd), Work(odd)).verdict in set(Sameness)
    assert compare(Work({}), Work({})).verdict is Sameness.DIFFERENT
    assert clusters([Work(odd), Work({}), Work({"author": [{"family": None, "given": 3}]})]) is not None


# --- groups --------------------------------------------------------------------------------------

FULL = {"type": "article-journal", "title": "Anchors of trust in online markets", "author": "Gu, Bin; Hong, Yili",
        "year": 2017, "in": "Information Systems Research", "volume": "28", "page": "120-140"}  # fmt: skip


def test_groups_are_transitive_over_sure_judgements() -> None:
    with_doi = work({**FULL, "DOI": "10.5555/isr.1"})
    without = work({**FULL, "author": "Gu, B."})
    bare = work({"title": "Another title altogether", "DOI": "10.5555/ISR.1", "author": "Gu, Bin"})
    groups = clusters([with_doi, without, bare])
    assert [(group.members, group.verdict) for group in groups] == [((0, 1, 2), Sameness.SAME)]
    assert "The same DOI" in groups[0].why


def test_a_veto_holds_within_a_group() -> None:
    one, other = work({**FULL, "DOI": "10.5555/isr.1"}), work({**FULL, "DOI": "10.5555/isr.2"})
    between = work(FULL)
    groups = clusters([one, between, other])
    assert all(group.verdict is Sameness.UNSURE for group in groups)
    assert any("equally well" in group.why for group in groups)


def test_a_stronger_tie_wins_over_a_weaker_one() -> None:
    one = work({**FULL, "DOI": "10.5555/isr.1"})
    near = work({**FULL, "PMID": "11"})
    other = work({"title": FULL["title"], "author": FULL["author"], "year": 2017, "DOI": "10.5555/isr.2", "PMID": "11"})
    sure = [group.members for group in clusters([one, near, other]) if group.verdict is Sameness.SAME]
    assert sure == [(1, 2)]


def test_copies_that_say_too_little_are_listed_and_not_merged() -> None:
    copies = [work({"title": "Editorial", "year": 2001})] * 3
    (group,) = clusters(copies)
    assert (group.members, group.verdict) == ((0, 1, 2), Sameness.UNSURE)


def test_what_the_user_said_differs_stays_apart_even_for_copies() -> None:
    copies = [work(FULL)] * 3
    sure = [group.members for group in clusters(copies, apart=[(0, 1)]) if group.verdict is Sameness.SAME]
    assert all(not {0, 1} <= set(members) for members in sure)
    assert clusters(copies)[0].members == (0, 1, 2)


def test_the_order_of_a_library_does_not_matter() -> None:
    library = works()
    wanted = {frozenset(id(library[i].csl) for i in group.members) for group in clusters(library)}
    for seed in range(5):
        shuffled = random.Random(seed).sample(library, len(library))
        found = {frozenset(id(shuffled[i].csl) for i in group.members) for group in clusters(shuffled)}
        assert found == wanted


def test_sample_pairs_come_out_of_groups_as_they_were_judged() -> None:
    for verdict, case, a, b in PAIRS:
        found = [group.verdict for group in clusters([a, b])]
        assert found == ([verdict] if verdict != "different" else []), case["says"]


def test_a_crowd_of_one_title_is_no_quadratic_work() -> None:
    crowd = [
        work({**FULL, "title": "Notes from the field station", "page": str(n), "volume": str(n % 90)})
        for n in range(3000)
    ]
    assert [group for group in clusters(crowd) if group.verdict is Sameness.SAME] == []


# --- the counterpart of one work -------------------------------------------------------------------


def test_an_index_finds_the_counterpart() -> None:
    index = Index(works())
    position = index.add(work({**FULL, "DOI": "10.5555/isr.1"}))
    for wanted in (work(FULL), work({"DOI": "https://doi.org/10.5555/ISR.1"})):
        best = index.find(wanted)[0]
        assert (best.position, best.judgement.verdict) == (position, Sameness.SAME)
    assert index.find(work({"title": "Nothing like it in the library at all"})) == []
    assert len(index) == position + 1


def test_an_index_does_not_choose_between_two_works() -> None:
    index = Index([work({**FULL, "DOI": "10.5555/isr.1"}), work({**FULL, "DOI": "10.5555/isr.2"})])
    found = index.find(work(FULL))
    assert [match.judgement.verdict for match in found] == [Sameness.UNSURE, Sameness.UNSURE]
    assert "equally well" in found[0].judgement.why


def test_an_index_and_groups_agree() -> None:
    for verdict, case, a, b in PAIRS:
        found = [match.judgement.verdict for match in Index([a]).find(b)]
        assert found == ([verdict] if verdict != "different" else []), case["says"]


def test_a_screen_lets_every_counterpart_pass() -> None:
    for verdict, case, a, b in PAIRS:
        if verdict != "different":
            assert Screen([b]).admits(a.csl), case["says"]
            assert Screen([a]).admits(b.csl), case["says"]


def test_a_screen_holds_back_most_of_a_library() -> None:
    screen = Screen([work(FULL)])
    assert sum(screen.admits(one.csl) for one in works()) < 5
    aliases = {"10.5555/old": "10.5555/new"}
    assert Screen([work({"DOI": "10.5555/new"})], aliases=aliases).admits({"DOI": "10.5555/OLD"})


def test_a_column_of_many_years_needs_a_page() -> None:
    column = {"type": "article-journal", "title": "Reminiscences on influential papers", "author": "Ross, Kenneth",
              "in": "SIGMOD Record"}  # fmt: skip
    years = [work({**column, "year": year}) for year in (1998, 1999, 2000)]
    again = work({**column, "year": 1999, "author": "Ross, K."})
    assert (1, 2) in {group.members for group in clusters([*years[:2], again]) if group.verdict is Sameness.SAME}
    groups = clusters([*years, again])
    assert [group.verdict for group in groups] == [Sameness.UNSURE]
    assert "year after year" in groups[0].why
