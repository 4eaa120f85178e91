"""All comparisons of two works: which of their statements agree, contradict each other or say nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from refkit.match import containers, names, nearness, places, titles
from refkit.match.names import Agreement
from refkit.match.nearness import Nearness
from refkit.match.profile import Profile


class Sameness(StrEnum):
    """The verdict on two records: the same work, different works, or not sure."""

    SAME = "same"
    UNSURE = "unsure"
    DIFFERENT = "different"


class Stance(StrEnum):
    """What a piece of evidence speaks for; a veto alone keeps two records apart."""

    FOR = "for"
    AGAINST = "against"
    VETO = "veto"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for or against: the field it was seen in, its stance, and the finding in words."""

    field: str
    stance: Stance
    says: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on two records, why in one sentence, and the evidence.

    `strength` orders sure verdicts (9: a DOI); `vetoed` says that something contradicts, so that no third record may
    bring the two together.
    """

    verdict: Sameness
    why: str
    evidence: tuple[Evidence, ...] = ()
    strength: int = 0
    vetoed: bool = False


IN_PLACE = 5
"""From this strength on, a sure verdict rests on one page of one volume, or on an identifier."""

SAME_TITLE = frozenset({Nearness.EQUAL, Nearness.NEAR, Nearness.MISSPELT})


@dataclass(slots=True)
class Facts:
    """All comparisons of two profiles; True agrees, False contradicts, None says nothing."""

    a: Profile
    b: Profile
    nearness: Nearness = field(init=False)
    authors: Agreement = field(init=False)
    years_apart: int | None = field(init=False)
    container: bool | None = field(init=False)
    volume: bool | None = field(init=False)
    issue: bool | None = field(init=False)
    pages: bool | None = field(init=False)

    def __post_init__(self) -> None:
        a, b = self.a, self.b
        self.nearness = nearness.compare(a.title, b.title)
        self.authors = names.compare(a.authors, b.authors)
        self.years_apart = min((abs(x - y) for x in a.years for y in b.years), default=None)
        self.container = bool(a.issn & b.issn) or containers.agree(a.container, b.container)
        self.volume = places.volumes_agree(a.volume, b.volume, a.years | b.years)
        self.issue = places.issues_agree(a.issue, b.issue)
        self.pages = places.pages_agree(a.pages, b.pages)
        if self.pages is False and self._before_print():
            self.pages = None

    def _before_print(self) -> bool:
        """Whether one record is of the version before print, whose pages count from 1 and which has no volume yet."""
        return any(not p.volume and not p.issue and not p.pages.tells for p in (self.a, self.b))

    @property
    def place(self) -> bool | None:
        """Whether the works stand in one place: the same telling page of one volume, or of one year where no volume
        is known.
        """
        tells = self.a.pages.tells and self.b.pages.tells
        if self.pages is True and self.volume is True and (tells or self.issue is True or self.whole_range):
            return True
        near_in_time = self.years_apart == 0 or (self.years_apart is None and self.container is True)
        if self.pages is True and self.volume is None and near_in_time and tells:
            return True
        return False if self.pages is False or self.volume is False else None

    @property
    def whole_range(self) -> bool:
        """Whether first and last page agree and differ from each other, so that no second work can stand there."""
        x, y = self.a.pages, self.b.pages
        return self.pages is True and bool(x.last) and x.last == y.last and x.first == y.first and x.first != x.last

    def edition_differs(self) -> bool:
        x, y = self.a.edition, self.b.edition
        first, second = places.number(x)[0], places.number(y)[0]
        return bool(first.numbers and second.numbers and first.numbers[0] != second.numbers[0])

    @property
    def several_on_a_page(self) -> bool:
        """Whether the pages leave room for several works: one page only, or a whole supplement."""
        x, y = self.a.pages, self.b.pages
        if places.is_article_number(x) and places.is_article_number(y):
            return False
        if not (x.last and y.last) or x.first != y.first:
            return True
        return x.last == x.first or y.last == y.first or max(x.count, y.count) > 80

    @property
    def another_issue(self) -> bool:
        """Whether the records are of two issues of one journal, and no page says otherwise."""
        return bool(self.container) and self.issue is False and self.pages is None

    @property
    def pages_counted_alike(self) -> bool:
        """Whether a version before print (pages from 1, no volume) has as many pages as the printed one."""
        x, y = self.a.pages, self.b.pages
        return (
            self._before_print() and x.count > 1 and x.count == y.count and bool(self.a.volume) != bool(self.b.volume)
        )

    @property
    def translated_language(self) -> bool:
        """Whether the titles are in two languages."""
        x, y = nearness.language(self.a.title), nearness.language(self.b.title)
        return bool(x and y and x != y)

    def kind_conflict(self) -> str:
        """Why the kinds of publication make two works of these, or ""."""
        if self.a.kind == self.b.kind:
            return ""
        kinds = frozenset((self.a.kind, self.b.kind))
        if self.container is True and kinds <= {"article", "conference", "chapter"}:
            return ""  # proceedings appear as journals and as books, and databases choose as they like
        return _KIND_CONFLICTS.get(kinds, "")

    def notice_words(self) -> str:
        x, y = self.a.title.notice, self.b.title.notice
        return f"one is {titles.notice_name(x)} and the other {titles.notice_name(y)}"

    def against(self) -> list[Evidence]:
        found = []
        if self.authors is Agreement.DIFFERENT:
            found.append(Evidence("author", Stance.AGAINST, "the authors are different"))
        if (self.years_apart or 0) > 1:
            found.append(Evidence("issued", Stance.AGAINST, f"the years are {self.years_apart} apart"))
        for name, agrees in (("container", self.container), ("volume", self.volume), ("pages", self.pages)):
            if agrees is False:
                found.append(Evidence(name, Stance.AGAINST, self._differ(name)))
        numbers = dict(self.b.numbers)
        for name, number in self.a.numbers:
            if numbers.get(name, number) != number:
                found.append(Evidence(name, Stance.AGAINST, f"the numbers differ ({number}, {numbers[name]})"))
        if self.a.address and self.b.address and self.a.address != self.b.address:
            found.append(Evidence("URL", Stance.AGAINST, f"the addresses differ ({self.a.address}, {self.b.address})"))
        if (
            self.a.kind == self.b.kind == "book"
            and self.a.ids.isbn
            and self.b.ids.isbn
            and not self.a.ids.isbn & self.b.ids.isbn
        ):
            found.append(
                Evidence("ISBN", Stance.AGAINST, f"the ISBNs differ ({min(self.a.ids.isbn)}, {min(self.b.ids.isbn)})")
            )
        if self.issue is False and self.pages is not True:
            found.append(Evidence("issue", Stance.AGAINST, self._differ("issue")))
        return found

    def contradictions(self) -> list[str]:
        """Everything that speaks against one work, the kinds of publication included, in words."""
        reasons = [item.says for item in self.against()]
        return [*reasons, conflict] if (conflict := self.kind_conflict()) else reasons

    def _differ(self, name: str) -> str:
        noun = {
            "container": "the journals or books",
            "volume": "the volumes",
            "issue": "the issues",
            "pages": "the pages",
        }[name]
        place = ("container", "volume", "issue", "pages").index(name)
        return f"{noun} differ ({self.a.quotes[place]}, {self.b.quotes[place]})"

    def agreeing(self) -> list[tuple[str, str]]:
        found = []
        reworded = self.nearness in {Nearness.SIMILAR, Nearness.DIFFERENT}
        if reworded and self.place is True and self.translated_language:
            found.append(("title", "titles in two languages"))
        elif self.nearness not in {Nearness.DIFFERENT, Nearness.UNKNOWN}:
            found.append(("title", str(self.nearness)))
        if self.authors in {Agreement.SAME, Agreement.FIRST, Agreement.PARTLY}:
            found.append(("author", str(self.authors)))
        if self.years_apart in (0, 1):
            found.append(("issued", "the same year" if self.years_apart == 0 else "years that are next to each other"))
        for name, noun, agrees in (
            ("container", "journal or book", self.container),
            ("volume", "volume", self.volume),
            ("issue", "issue", self.issue),
            ("pages", "pages", self.pages),
        ):
            if agrees is True:
                found.append((name, f"the same {noun}"))
        return found

    def agreements(self) -> str:
        return listed([says for _, says in self.agreeing()]) or "nothing in common"

    def evidence(self) -> tuple[Evidence, ...]:
        return (*(Evidence(name, Stance.FOR, says) for name, says in self.agreeing()), *self.against())


_KIND_CONFLICTS = {
    frozenset(pair): reason
    for pair, reason in {
        ("preprint", "article"): "one is a preprint and the other an article",
        ("preprint", "conference"): "one is a preprint and the other a conference paper",
        ("preprint", "chapter"): "one is a preprint and the other a chapter",
        ("preprint", "book"): "one is a preprint and the other a book",
        ("preprint", "thesis"): "one is a preprint and the other a thesis",
        ("chapter", "book"): "one is a chapter and the other a book",
        ("chapter", "article"): "one is a chapter and the other an article",
        ("chapter", "thesis"): "one is a chapter and the other a thesis",
        ("chapter", "report"): "one is a chapter and the other a report",
        ("conference", "article"): "one is a conference paper and the other an article",
        ("conference", "book"): "one is a conference paper and the other a book",
        ("conference", "thesis"): "one is a conference paper and the other a thesis",
        ("conference", "report"): "one is a conference paper and the other a report",
        ("article", "book"): "one is an article and the other a book",
        ("article", "thesis"): "one is an article and the other a thesis",
        ("article", "report"): "one is an article and the other a report",
        ("book", "thesis"): "one is a book and the other a thesis",
        ("review", "book"): "one is a review and the other a book",
        ("review", "chapter"): "one is a review and the other a chapter",
        **{("dataset", kind): "one is a dataset and the other a publication" for kind in
           ("article", "conference", "chapter", "book", "preprint", "thesis", "report", "review", "software")},
        **{("software", kind): "one is a program and the other a publication" for kind in
           ("article", "conference", "chapter", "book", "preprint", "thesis", "report", "review")},
        **{("patent", kind): "one is a patent and the other is not" for kind in
           ("article", "conference", "book", "preprint", "report", "thesis")},
        **{("periodical", kind): "one is a whole journal and the other a work in one" for kind in
           ("article", "conference", "chapter")},
    }.items()
}  # fmt: skip


# --- words ---------------------------------------------------------------------------------------


def listed(parts: list[str]) -> str:
    parts = [part for part in parts if part]
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def lowered(why: str) -> str:
    """A reason as a part of another sentence."""
    why = why.removeprefix("Not sure: ").rstrip(".")
    return why[:1].lower() + why[1:]


def sentence(text: str) -> str:
    """A text as a sentence."""
    return text[:1].upper() + text[1:] + "."
