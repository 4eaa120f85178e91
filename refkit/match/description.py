"""The rules for two records without an identifier in common: title first, then place, authors, year and container.

A place is a telling page of one volume (or of one year, where no volume is known). Each rule says what it needs; what
none
of them finds sure is unsure where a librarian would look twice, and different otherwise.
"""

from __future__ import annotations

from refkit.match import nearness, places
from refkit.match.facts import SAME_TITLE, Evidence, Facts, Judgement, Sameness, Stance, listed, sentence
from refkit.match.names import Agreement
from refkit.match.nearness import Nearness

_OTHER_FORM = frozenset({Nearness.SHORTENED, Nearness.TRANSLATED})
_LONG = 30
"""Letters of a title that hardly occurs twice by chance."""


def by_description(f: Facts) -> Judgement:
    """Judge two works by all that their records say, identifiers left out."""
    if f.nearness is Nearness.UNKNOWN:
        return _without_title(f)
    if veto := _veto(f):
        evidence = (*f.evidence(), Evidence("title", Stance.VETO, veto))
        return Judgement(Sameness.DIFFERENT, sentence(veto), evidence, vetoed=True)
    if f.nearness is Nearness.DIFFERENT:
        return _different_titles(f)
    if f.a.title.generic or f.b.title.generic:
        return _generic(f)
    return _same_title(f) if f.nearness in SAME_TITLE else _other_title(f)


def _same(f: Facts, strength: int) -> Judgement:
    return Judgement(Sameness.SAME, sentence(f.agreements()), f.evidence(), strength)


def _unsure(f: Facts, but: str) -> Judgement:
    return Judgement(
        Sameness.UNSURE, f"Not sure: {f.agreements()}, but {but}.", f.evidence(), vetoed=bool(f.contradictions())
    )


def _different(f: Facts, why: str) -> Judgement:
    # Titles that merely differ keep no third record from being both: one may be a translation.
    return Judgement(Sameness.DIFFERENT, sentence(why), f.evidence(), vetoed=bool(f.contradictions()))


def _veto(f: Facts) -> str:
    """What makes two works of two records with one title, or ""."""
    a, b = f.a.title, f.b.title
    if a.notice != b.notice and not (f.nearness is Nearness.EQUAL and a.generic):
        return f.notice_words()
    if f.nearness not in {Nearness.EQUAL, Nearness.DIFFERENT}:
        if nearness.parts_differ(a, b) and f.place is not True:
            return "the titles number different parts"
        if nearness.numbers_differ(a, b) and not (f.place is True and f.container is not False):
            return f"the titles differ in a number ({', '.join(a.numbers)} and {', '.join(b.numbers)})"
    return "the editions differ" if f.edition_differs() and f.place is not True else ""


# --- one title -----------------------------------------------------------------------------------


def _same_title(f: Facts) -> Judgement:
    if f.authors is Agreement.DIFFERENT:
        if f.place is True and f.container is not False and f.years_apart == 0:
            return _unsure(f, "the authors are different")  # letters under one heading, on one page
        return _different(f, "the same title, but the authors are different")
    if f.place is True:
        return _same_title_and_place(f)
    if f.authors is Agreement.SAME:
        return _same_title_and_authors(f)
    against = f.contradictions()
    if against:
        return _different(f, f"the same title, but {listed(against)}")
    if f.authors is Agreement.UNKNOWN:
        return _same_title_without_authors(f)
    return _unsure(f, "the authors agree only in part")


def _same_title_without_authors(f: Facts) -> Judgement:
    """One record names nobody, or neither does: anonymous works need year and container, or book and publisher."""
    long = len(f.a.title.slug) >= _LONG and f.nearness is not Nearness.MISSPELT
    issue = f.container and f.volume and f.issue is not False and f.years_apart == 0
    if long and issue:
        return _same(f, 2)
    if not f.a.authors and not f.b.authors and f.years_apart == 0 and f.nearness is Nearness.EQUAL:
        publisher = long and f.container is None and f.a.publisher and f.a.publisher == f.b.publisher
        entry = f.a.kind == f.b.kind == "chapter"  # a dictionary has one entry of a name
        if publisher or (f.container and (entry or not f.a.title.short) and f.issue is not False):
            return _same(f, 2)
    likely = len(f.a.title.slug) >= _LONG and f.years_apart in (0, None)
    if likely or (f.container and f.years_apart == 0 and not f.a.title.short):
        return _unsure(f, _nobody(f))
    return _different(f, f"{_nobody(f)}, and the rest says too little")


def _nobody(f: Facts) -> str:
    named = f.a.authors and f.b.authors
    return "the authors' names are in two scripts" if named else "authors are missing"


_OTHER_PUBLICATION = frozenset({"dataset", "software", "preprint", "thesis", "review", "patent"})
"""Kinds that are another publication even where the pages agree; other kinds are what a database made of the work."""


def _same_title_and_place(f: Facts) -> Judgement:
    apart = f.years_apart or 0
    against = listed(f.contradictions())
    if f.kind_conflict() and not {f.a.kind, f.b.kind}.isdisjoint(_OTHER_PUBLICATION):
        return _unsure(f, against)
    if f.issue is False and not (f.volume and f.whole_range and len(f.a.title.slug) >= _LONG):
        return _unsure(f, "the issues differ")  # a column on the same page of each issue, or a review's next version
    # Journals are renamed, translated and mistaken; the whole range of pages is not the same by chance.
    one_range = f.authors is Agreement.SAME and not apart and (f.volume or f.whole_range)
    if f.container is False and not one_range:
        return _unsure(f, against)
    if apart > 1 and not (f.volume and f.container and f.nearness is Nearness.EQUAL):
        return _unsure(f, against)
    if f.authors is Agreement.UNKNOWN and (f.container is None or f.a.title.short):
        anonymous = not f.a.authors and not f.b.authors and f.container and f.volume
        if not anonymous:
            return _unsure(f, _nobody(f))
    return _same(f, 6 if f.volume else 5)


def _same_title_and_authors(f: Facts) -> Judgement:
    """No page in common: nothing may contradict, and year and container must agree."""
    if "preprint" in {f.a.kind, f.b.kind} and f.kind_conflict():
        return _unsure(f, f.kind_conflict())
    against = f.contradictions()
    if against:
        if len(against) + bool(f.years_apart) > 1 or f.another_issue:
            return _different(f, f"the same title and authors, but {listed(against)}")
        return _unsure(f, listed(against))
    if f.nearness is Nearness.MISSPELT:
        return _unsure(f, "no pages agree, and the letters that differ may matter")
    if f.a.kind == f.b.kind == "book" and bool(f.a.volume) != bool(f.b.volume):
        return _unsure(f, "one is a volume and the other does not say so")
    if f.years_apart == 0:
        if f.container or (f.container is None and not f.a.title.short):
            return _same(f, 4 if f.container else 3)
        return _unsure(f, "the title is short and no journal or book is named")
    if f.years_apart == 1 and f.container:
        if f.volume or f.pages_counted_alike or (f.pages and f.whole_range):
            return _same(f, 3)
        return _unsure(f, "neither volume nor pages say more")
    if f.years_apart is None:
        undated = not f.a.years and not f.b.years and len(f.a.title.slug) >= _LONG
        return _same(f, 3) if f.container and (f.volume or undated) else _unsure(f, "a year is missing")
    return _unsure(f, "the years differ") if f.years_apart < 3 else _different(f, "the years differ")


# --- titles in another form ----------------------------------------------------------------------


def _other_title(f: Facts) -> Judgement:
    """One title is a shorter, translated or reworded form of the other: the place must speak for the same work."""
    if f.place is True and f.authors is not Agreement.DIFFERENT and (f.years_apart or 0) <= 1:
        strength = _other_form_in_place(f) if f.nearness in _OTHER_FORM else _reworded_in_place(f)
        return (
            _same(f, strength) if strength else _unsure(f, listed(["the titles are not the same", *f.contradictions()]))
        )
    against = f.contradictions()
    if f.authors is not Agreement.SAME or against or f.years_apart:
        return _different(f, listed(["the titles are not the same", *against]))
    if f.nearness is Nearness.TRANSLATED and f.container and f.years_apart == 0:
        return _same(f, 3)
    if f.nearness in _OTHER_FORM or (f.container and nearness.ratio(f.a.title, f.b.title) >= 92):
        return _unsure(f, "the titles are not quite the same")
    return _different(f, "the titles are not the same")


def _other_form_in_place(f: Facts) -> int:
    if f.authors is Agreement.SAME:
        return 4 if f.container is not False or f.volume else 0
    return 4 if f.container and f.volume and f.authors is not Agreement.UNKNOWN else 0


def _reworded_in_place(f: Facts) -> int:
    """Translators and databases reword; two works of the same people cannot fill the same pages."""
    if f.authors is not Agreement.SAME or f.several_on_a_page:
        return 0
    if f.translated_language and f.whole_range:
        return 3
    if (
        f.container
        and f.years_apart == 0
        and places.is_article_number(f.a.pages)
        and nearness.ratio(f.a.title, f.b.title) >= 88
    ):
        return 3
    several = min(len(f.a.authors), len(f.b.authors)) > 1
    if f.volume:
        if f.container:
            return 3 if f.whole_range or several else 0
        return 3 if f.whole_range and several and f.years_apart == 0 else 0
    return 3 if f.container and f.whole_range and several and f.years_apart == 0 else 0


def _different_titles(f: Facts) -> Judgement:
    everything = f.place is True and f.whole_range and f.volume and f.container and f.issue is not False
    if everything and f.years_apart == 0 and f.authors is Agreement.SAME:
        if f.translated_language:
            return _same(f, 3)
        return _unsure(f, "the titles are different, unless one is a translation")
    return _different(f, "the titles are different")


# --- titles that say nothing ---------------------------------------------------------------------


def _generic(f: Facts) -> Judgement:
    """Many works bear this title: only one place in one container identifies the work."""
    if f.nearness is not Nearness.EQUAL:
        return _different(f, "one has a title that many works bear")
    if against := f.contradictions():
        return _different(f, f"a title that many works bear, and {listed(against)}")
    if f.place is True and f.container and f.volume and f.issue is not False:
        if f.authors is Agreement.SAME or not (f.a.authors or f.b.authors):
            return _same(f, 3)
        return _unsure(f, "it is a title that many works bear and the authors do not agree in full")
    if f.container and f.years_apart == 0 and f.authors is Agreement.SAME:
        return _unsure(f, "it is a title that many works bear and no pages tell them apart")
    return _different(f, "a title that many works bear, and nothing else says that they are one")


def _without_title(f: Facts) -> Judgement:
    missing = "one record has no title" if f.a.title.slug or f.b.title.slug else "neither record has a title"
    if f.place is True and f.container and f.volume and f.authors is not Agreement.DIFFERENT:
        return _unsure(f, missing)
    return _different(f, f"{missing}, and nothing else says that they are one")
