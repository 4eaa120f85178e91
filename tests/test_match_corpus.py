"""Duplicates in the annotated exports beside the repository: no false merge, and no found pair is lost again."""

from __future__ import annotations

import itertools

import pytest

from refkit.match import Sameness, clusters, compare
from tests.benchmarks.dedupe import CORPUS, judged_pairs, load

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the annotated sets are no part of the repository")

# Gold clusters that join what refkit keeps apart on purpose: {set: {(record, record): why}}.
DELIBERATE = {
    "digital_work": {
        ("id_1000218", "id_1000339"): "an editorial and a guest editorial, with DOIs and pages of their own",
        ("id_1003663", "id_1003664"): "two DOIs, two volumes, two ranges of pages",
        ("id_1005082", "id_1005083"): "an erratum and its article",
    },
    "respiratory": {
        ("id_0000009", "id_0000010"): "a Chinese journal and its English edition, each with pages of its own",
        ("id_0000010", "id_0000011"): "a Chinese journal and its English edition, each with pages of its own",
        ("id_0000049", "id_0000893"): "an article and a meeting's abstract in another journal",
        ("id_0000050", "id_0000893"): "an article and a meeting's abstract in another journal",
        ("id_0000213", "id_0000709"): "letters of two authors under one heading",
        ("id_0000418", "id_0000420"): "two versions of a Cochrane review, four years apart",
        ("id_0000419", "id_0000420"): "two versions of a Cochrane review, four years apart",
        ("id_0000985", "id_0000986"): "a journal and its supplement, each with pages of its own",
    },
    "stroke": {
        ("id_0000009", "id_0000010"): "a thesis and its abstract in a journal of abstracts",
        ("id_0000428", "id_0000429"): "abstracts of one talk in two journals",
    },
    "special_cases": {},
}

F1 = {"digital_work": 0.990, "respiratory": 0.989, "stroke": 0.997, "special_cases": 1.0}
"""What is reached now; the goals were 0.985, 0.955 and 0.985."""


@pytest.mark.parametrize("name", F1)
def test_no_false_merge_and_nearly_all_duplicates(name: str) -> None:
    ids, works, gold = load(name)
    sure = [group.members for group in clusters(works) if group.verdict is Sameness.SAME]
    found = {pair for members in sure for pair in itertools.combinations(members, 2)}
    assert not found - gold
    right = len(found & gold)
    assert round(2 * right / (len(found) + len(gold)), 4) >= F1[name]
    missed = {(ids[i], ids[j]) for i, j in gold - found}
    assert set(DELIBERATE[name]) <= missed


def test_no_pair_that_others_judged_different_is_merged() -> None:
    for source, theirs, a, b in judged_pairs():
        if theirs.split()[0] in {"different", "DIFFERENT", "AMBIGUOUS"}:
            assert compare(a, b).verdict is not Sameness.SAME, (source, theirs, a, b)
        if source == "annotated" and theirs == "same":
            assert compare(a, b).verdict is not Sameness.DIFFERENT, (a, b)
