"""Are two records one work? Sure, unsure or different, always with the reason.

The order of the rules: identifiers that are equal; identifiers that differ; what makes two works of one title (a
notice,
a part, another kind of publication); then title, authors, year, container, volume, issue and pages for and against.
A contradiction never adds up with agreements: it makes the verdict unsure at best.
"""

from __future__ import annotations

from collections.abc import Mapping

from refkit.match import identifiers, nearness
from refkit.match.description import by_description
from refkit.match.facts import SAME_TITLE, Evidence, Facts, Judgement, Sameness, Stance, listed, sentence
from refkit.match.names import Agreement
from refkit.match.nearness import Nearness
from refkit.match.profile import Profile
from refkit.match.profile import read as profile_of
from refkit.model import Work

NO_ALIASES: Mapping[str, str] = {}


def compare(a: Work, b: Work, *, aliases: Mapping[str, str] = NO_ALIASES) -> Judgement:
    """Judge whether two records describe one work.

    Parameters: `a`, `b`, in any order (the verdict is symmetric); `aliases`, DOIs that the registry says are other
    names
    of a DOI, both in normal form.
    """
    return judge(profile_of(a), profile_of(b), aliases)


def judge(a: Profile, b: Profile, aliases: Mapping[str, str] = NO_ALIASES) -> Judgement:
    """`compare` for works whose profiles are at hand."""
    doi_a, doi_b = aliases.get(a.ids.doi, a.ids.doi), aliases.get(b.ids.doi, b.ids.doi)
    shared = _shared_identifier(a, b, doi_a, doi_b)
    other = _other_identifier(a, b, doi_a, doi_b)
    facts = Facts(a, b)
    if shared and not other:
        return _by_identifier(facts, shared)
    if shared or other:
        return _by_other_identifier(facts, shared, other)
    if a.stamp == b.stamp and a.title.slug:
        return _of_copies(facts)
    return by_description(facts)


def _of_copies(f: Facts) -> Judgement:
    title = f.a.title
    if not title.generic and (len(title.slug) >= _LONG or _complete(f.a)):
        return Judgement(Sameness.SAME, "The records are alike in all that they say.", f.evidence(), strength=7)
    judgement = by_description(f)
    if judgement.verdict is Sameness.SAME:
        return judgement
    why = "Not sure: the records are alike, but say too little to tell whether they are one work."
    return Judgement(Sameness.UNSURE, why, f.evidence())


_LONG = 30
"""Letters of a title that hardly occurs twice by chance."""


def _complete(profile: Profile) -> bool:
    """Whether a record says who, what, when and where, so that its copy is no other work."""
    published = profile.container.slug or profile.publisher
    return bool(profile.title.slug and profile.authors and profile.years and published)


def _shared_identifier(a: Profile, b: Profile, doi_a: str, doi_b: str) -> str:
    """The strongest identifier that both works have, in words; "" where there is none."""
    if doi_a and doi_a == doi_b:
        if a.ids.doi == b.ids.doi:
            return f"the same DOI {doi_a}"
        return f"two DOIs of one record, {a.ids.doi} and {b.ids.doi}"
    if a.ids.pmid and a.ids.pmid == b.ids.pmid:
        return f"the same PMID {a.ids.pmid}"
    if a.ids.pmcid and a.ids.pmcid == b.ids.pmcid:
        return f"the same PMCID PMC{a.ids.pmcid}"
    if a.ids.arxiv and a.ids.arxiv == b.ids.arxiv:
        return f"the same arXiv number {a.ids.arxiv}"
    if a.ids.isbn and b.ids.isbn and _is_book(a) and _is_book(b) and (both := a.ids.isbn & b.ids.isbn):
        return f"the same ISBN {min(both)}"
    return ""


def _is_book(profile: Profile) -> bool:
    """Whether the ISBN is the work's own: of a chapter or a conference paper it is the volume's."""
    if profile.kind in {"book", "thesis", "report"}:
        return True
    return profile.kind == "" and not profile.container.slug and not profile.pages


def _other_identifier(a: Profile, b: Profile, doi_a: str, doi_b: str) -> str:
    """What says by itself that these are two works: another DOI, PMID, PMCID or arXiv number (whole strings)."""
    if doi_a and doi_b:
        # An equal DOI outranks whatever else the records say.
        return "" if doi_a == doi_b else f"their DOIs differ ({a.ids.doi}, {b.ids.doi})"
    for name, x, y in (
        ("PMID", a.ids.pmid, b.ids.pmid),
        ("PMCID", a.ids.pmcid, b.ids.pmcid),
        ("arXiv number", a.ids.arxiv, b.ids.arxiv),
    ):
        if x and y and x != y:
            return f"their {name}s differ ({x}, {y})"
    for preprint, published in ((a, b), (b, a)):
        if preprint.kind == "preprint" and preprint.ids.arxiv and published.ids.doi and not published.ids.arxiv:
            return f"one is arXiv {preprint.ids.arxiv} and the other has the DOI {published.ids.doi}"
    return ""


# --- equal identifiers ---------------------------------------------------------------------------


def _by_identifier(f: Facts, shared: str) -> Judgement:
    """Equal identifiers decide, unless the descriptions are plainly of two works: then one record bears the wrong
    one.
    """
    evidence = (Evidence("identifier", Stance.FOR, shared),)
    contradiction = _contradiction(f, shared)
    if contradiction:
        why = f"Not sure: {shared}, but {contradiction}; one of the records may bear the wrong identifier."
        veto = Evidence("description", Stance.VETO, contradiction)
        return Judgement(Sameness.UNSURE, why, (*evidence, veto), vetoed=True)
    return Judgement(Sameness.SAME, sentence(shared), evidence, strength=9 if "DOI" in shared else 8)


_NOTICES_THAT_BORROW = frozenset({"correction", "retraction", "concern", "reply", "data"})
"""Notices under which people file the DOI of the work that they are about."""


def _contradiction(f: Facts, shared: str) -> str:
    a, b = f.a, f.b
    if a.title.notice != b.title.notice and {a.title.notice, b.title.notice} & _NOTICES_THAT_BORROW:
        return f.notice_words()
    if nearness.numbers_differ(a.title, b.title) and nearness.parts_differ(a.title, b.title):
        return "their titles are of different parts"
    if "arXiv" in shared and f.kind_conflict():
        return f.kind_conflict()
    if "ISBN" in shared and (f.edition_differs() or f.volume is False):
        return "they are different editions or volumes"
    if f.nearness is Nearness.DIFFERENT:
        if f.authors is Agreement.DIFFERENT:
            return "the titles and the authors are different"
        if f.pages is False:
            return "the titles and the pages are different"
        if "ISBN" in shared and f.authors is not Agreement.SAME:
            return "the titles are different"
        if f.authors is Agreement.UNKNOWN and (f.years_apart or 0) > 1:
            return "the titles and the years are different"
    return ""


# --- different identifiers -----------------------------------------------------------------------


def _by_other_identifier(f: Facts, shared: str, other: str) -> Judgement:
    """Another DOI, PMID or PMCID never merges; worth a look where all the rest is one, as with two versions."""
    veto = Evidence("identifier", Stance.VETO, other)
    if shared and f.nearness is Nearness.DIFFERENT and f.authors is not Agreement.SAME:
        why = sentence(f"{other} and the titles are different, though both bear {shared}")
        return Judgement(Sameness.DIFFERENT, why, (Evidence("identifier", Stance.FOR, shared), veto), vetoed=True)
    if shared:
        why = f"Not sure: {shared}, but {other}."
        return Judgement(Sameness.UNSURE, why, (Evidence("identifier", Stance.FOR, shared), veto), vetoed=True)
    one_title = f.nearness in SAME_TITLE and f.authors in {Agreement.SAME, Agreement.UNKNOWN}
    if not one_title or f.a.title.generic or f.a.title.notice != f.b.title.notice:
        return Judgement(Sameness.DIFFERENT, sentence(other), (veto,), vetoed=True)
    evidence = (*f.evidence(), veto)
    if identifiers.versions_of_one(f.a.ids.doi, f.b.ids.doi):
        return Judgement(Sameness.UNSURE, f"Not sure: two versions of one work, for {other}.", evidence, vetoed=True)
    if "preprint" in {f.a.kind, f.b.kind} and f.authors is Agreement.SAME:
        why = f"Not sure: a preprint and another version of it, for {other}."
        return Judgement(Sameness.UNSURE, why, evidence, vetoed=True)
    against = f.contradictions()
    if against or (f.authors is Agreement.UNKNOWN and f.place is not True):
        return Judgement(Sameness.DIFFERENT, sentence(listed([other, *against])), evidence, vetoed=True)
    return Judgement(Sameness.UNSURE, f"Not sure: {f.agreements()}, but {other}.", evidence, vetoed=True)
