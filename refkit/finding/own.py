"""Whose DOI a mention is: the document's own, cited by it, or merely mentioned; named evidence, added up.

The points were set by hand: one strong piece (metadata, the Crossmark button, a running header) or three weak ones
make an answer sure; a DOI that the document's own reference list has is almost never its own.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from refkit.finding import words
from refkit.finding.links import in_link
from refkit.model import Document, Doi, Findings, Mention, Own, Role, Span, Verdict, Work

SURE = 4.0
"""Points that make the best candidate the document's own, if the next one is `MARGIN` behind."""
UNSURE = 2.0
"""Points below which a candidate is none."""
MARGIN = 2.0


@dataclass(slots=True)
class Case:
    """What speaks for and against a DOI being the document's own."""

    score: float = 0.0
    why: list[str] = field(default_factory=list)

    def add(self, points: float, reason: str) -> None:
        """Count a piece of evidence once."""
        if reason not in self.why:
            self.score += points
            self.why.append(reason)


def references_from(document: Document) -> int | None:
    """Where the reference list begins: by the reader's zones, or the last heading that names one."""
    zones = [zone.span.start for zone in document.zones if zone.kind == "references"]
    if zones:
        return min(zones)
    starts = [match.start() + 1 for match in words.REFERENCES.finditer(document.text)]
    # A table of contents names it early; a supplement repeats it after the list.
    late = [start for start in starts if start > len(document.text) * 0.25] or starts
    return None if not late else late[0] + document.offset


# --- the verdict ---------------------------------------------------------------------------------


def judge(document: Document, mentions: list[Mention]) -> tuple[Own, list[Mention]]:
    """The document's own DOI, and its mentions with their roles."""
    start = references_from(document)
    verdict = _verdict(cases_of(document, mentions, start))
    listed = document.kind in _LISTS
    return verdict, [_with_role(document, mention, verdict, start, listed) for mention in mentions]


_LISTS = frozenset({"bibtex", "ris", "nbib", "endnote", "csljson"})
_NO_PUBLICATION = _LISTS | {
    "markdown",
    "text",
    "table",
    "json",
    "yaml",
    "mail",
    "wikitext",
    "org",
    "restructuredtext",
    "asciidoc",
}


def _with_role(document: Document, mention: Mention, verdict: Own, references: int | None, listed: bool) -> Mention:
    if verdict.doi is not None and mention.doi == verdict.doi:
        return replace(mention, role=Role.OWN, why=_also(mention.why, "the document's own: " + verdict.why))
    if listed:
        return replace(mention, role=Role.CITED, why=_also(mention.why, "an entry of a library"))
    if references is not None and mention.span is not None and _listed(document, references, mention.span.start):
        return replace(mention, role=Role.CITED, why=_also(mention.why, "in the reference list"))
    if "field" in mention.place.rpartition(", ")[2] or mention.place in (
        "citation_reference tag",
        "Word's list of sources",
    ):
        return replace(
            mention, role=Role.CITED, why=_also(mention.why, f"cited in a {mention.place.rpartition(', ')[2]}")
        )
    if mention.role is Role.CITED:
        return mention
    return replace(mention, why=mention.why or "in the text")


def _listed(document: Document, references: int, offset: int) -> bool:
    """Whether an offset lies in the reference list: in the reader's zone, or anywhere after the heading."""
    zones = [zone.span for zone in document.zones if zone.kind == "references"]
    if zones:
        return any(span.start <= offset < span.end for span in zones)
    return offset >= references


def _also(first: str, second: str) -> str:
    return "; ".join(part for part in (first, second) if part)


def _verdict(cases: Mapping[Doi, Case]) -> Own:
    ranked = sorted(((case.score, doi) for doi, case in cases.items()), key=lambda pair: (-pair[0], pair[1]))
    if not ranked:
        return Own(Verdict.NONE, why="it names none that could be its own")
    best, doi = ranked[0]
    if best < UNSURE:
        return Own(Verdict.NONE, why="nothing says that one of its DOIs is its own")
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    placed = set(cases[doi].why) <= _PLACE
    if best >= SURE and best - second >= MARGIN and not placed:
        return Own(Verdict.SURE, doi, (doi,), ", ".join(cases[doi].why))
    candidates = tuple(other for score, other in ranked[:5] if score >= UNSURE and best - score < MARGIN + 1)
    why = "as much speaks for another" if best >= SURE and best - second < MARGIN else "not enough speaks for it"
    return Own(Verdict.UNSURE, None, candidates, f"{why}: {', '.join(cases[doi].why)}")


# --- the evidence --------------------------------------------------------------------------------


def cases_of(document: Document, mentions: list[Mention], references: int | None) -> dict[Doi, Case]:
    """The evidence for each DOI of the document, by name and points."""
    cases: dict[Doi, Case] = defaultdict(Case)
    if document.kind in _NO_PUBLICATION:
        return cases
    for mention in mentions:
        _by_meta(cases, mention)
    _by_links(cases, document)
    if document.kind == "pdf":
        _by_pages(cases, document, mentions, references)
    elif references is not None:
        for mention in mentions:
            if mention.span is not None and mention.span.start >= references:
                cases[mention.doi].add(-3.0, "in the reference list")
    for doi, case in cases.items():
        tail = re.sub(r"\W", "", doi.split("/", 1)[1])
        if len(tail) >= 5 and tail in re.sub(r"\W", "", document.name.lower()):
            case.add(1.5, "the file's name")
    return cases


def _by_meta(cases: dict[Doi, Case], mention: Mention) -> None:
    if mention.span is not None or not mention.why.startswith("stands in the metadata"):
        return
    for pattern, points in words.METADATA:
        if pattern.search(mention.place):
            cases[mention.doi].add(points, f"the metadata ({mention.place})")
            return


def _by_links(cases: dict[Doi, Case], document: Document) -> None:
    """The Crossmark button leads to the work's own record; so may a bare link on the first page."""
    first = document.breaks[0].label if document.breaks else ""
    for link in document.links:
        if "10." not in link.target or not (readings := in_link(link.target)):
            continue
        if words.CROSSMARK.search(link.target):
            cases[readings[0].doi].add(4.0, "the Crossmark button leads to it")
        if document.kind == "pdf" and link.place == first:
            cases[readings[0].doi].add(1.0, "linked on the first page")


def _by_pages(cases: dict[Doi, Case], document: Document, mentions: list[Mention], references: int | None) -> None:
    pages = _Pages(document)
    edges: dict[Doi, set[int]] = defaultdict(set)
    listed: dict[Doi, bool] = {}
    crowd = {mention.doi for mention in mentions if mention.span is not None and pages.number(mention.span) == 0}
    for mention in mentions:
        if mention.span is not None and pages.edge(mention.span):
            edges[mention.doi].add(pages.number(mention.span))
    for mention in mentions:
        if mention.span is None:
            continue
        number, edge = pages.number(mention.span), pages.edge(mention.span)
        in_list = references is not None and mention.span.start >= references
        cite = (number == 0 or number >= pages.count - 2 or edge) and pages.says_how_to_cite(mention.span)
        if cite:
            cases[mention.doi].add(3.0, "where it says how to cite it")
        seen = len(crowd) <= 8 or cite or pages.top(mention.span) or len(edges[mention.doi]) > 1
        if number == 0 and seen and (not in_list or edge):
            repeated = len(edges[mention.doi]) > 1
            _by_first_page(cases[mention.doi], pages, mention.span, edge, cite or repeated)
        elif in_list and not cite:
            listed[mention.doi] = listed.get(mention.doi, False) or not edge
    for doi, where in edges.items():
        if len(where) > 1:
            cases[doi].add(4.0, f"at the edge of {len(where)} pages")
            listed[doi] = False
    for doi, really in listed.items():
        if really:
            cases[doi].add(-3.0, "in the reference list")
    for doi, case in list(cases.items()):
        if case.score > 0 and pages.numbered(doi):
            case.add(1.5, "its number stands on the first page")


_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_OWN_LINE = re.compile(r"\W*(?:(?:article )?doi\W*)?(?:https?://(?:dx\.)?doi\.org/)?", re.IGNORECASE)
_PLACE = frozenset(
    {"on the first page", "with a label", "on a line of its own", "at the page's edge", "linked on the first page"}
)
"""Evidence that only says where the DOI stands: alone it makes no answer sure."""


def _by_first_page(case: Case, pages: _Pages, span: Span, edge: bool, named: bool) -> None:
    """What a mention on the first page says by its label, its line and the words before it.

    Parameters: `named`, whether more than this place says already that it is the document's own.
    """
    before, block = pages.before(span, 600), pages.block(span)
    line = before[before.rfind("\n") + 1 :]
    case.add(1.5, "on the first page")
    if re.search(r"doi\W{0,12}$|doi\.org/$", before, re.IGNORECASE):
        case.add(1.0, "with a label")
    citation = words.CITATION.search(block) is not None and not named
    if not citation and _OWN_LINE.fullmatch(line):
        case.add(1.0, "on a line of its own")
    if edge:
        case.add(1.0, "at the page's edge")
    if (words.NAMED.search(block) or words.SUPPLEMENT.search(pages.first[:300])) and not named:
        case.add(-4.0, "beside words that name another work")
    elif words.BANNER.search(before[-320:]):
        case.add(1.5, "in the publisher's banner")
    elif citation:
        case.add(-3.0, "at the end of a citation")
    elif not edge and words.AGAINST.search(before[-420:]):
        case.add(-2.5, "beside words that name another work")
    elif (pages.top(span) and words.HEAD.search(block)) or (words.CITED_THERE.search(line) and _YEAR.search(line)):
        case.add(1.5, "after its journal's name, volume or year")


class _Pages:
    """A paged document's pages: where a span lies on them."""

    def __init__(self, document: Document) -> None:
        self.text, self.offset = document.text, document.offset
        self.starts = [one.offset - document.offset for one in document.breaks] or [0]
        self.count = len(self.starts)
        self.first = self.text[: self.starts[1]] if self.count > 1 else self.text[:6000]

    def number(self, span: Span) -> int:
        """The page's number, from 0."""
        return max(0, bisect_right(self.starts, span.start - self.offset) - 1)

    def before(self, span: Span, size: int) -> str:
        """The text before a span, on its page."""
        at = span.start - self.offset
        return self.text[max(self.starts[self.number(span)], at - size) : at]

    def says_how_to_cite(self, span: Span) -> bool:
        """Whether words on how to cite the work stand before the span, or right after it."""
        at = span.end - self.offset
        return bool(words.CITE_THIS.search(self.before(span, 600)) or words.THEN_CITE.match(self.text[at : at + 40]))

    def block(self, span: Span) -> str:
        """The lines that run into the one of the span: at most three before it, on its page."""
        at = span.start - self.offset
        begin = self.starts[self.number(span)]
        start = at
        for _ in range(4):
            start = self.text.rfind("\n", begin, max(begin, start - 1))
            if start < 0:
                return self.text[begin:at]
            line = self.text[self.text.rfind("\n", begin, start) + 1 : start].strip()
            if len(line) < 12 or re.fullmatch(r"\W*\d*\W*", line):
                break
        return self.text[start + 1 : at]

    def top(self, span: Span) -> bool:
        """Whether it stands in the first five lines of the first page."""
        return self.number(span) == 0 and self.text.count("\n", 0, span.start - self.offset) < 5

    def edge(self, span: Span) -> bool:
        """Whether it stands in the first five or last four lines of the page (of a later page: three and three)."""
        number = self.number(span)
        begin = self.starts[number]
        end = self.starts[number + 1] if number + 1 < self.count else len(self.text)
        above = self.text.count("\n", begin, span.start - self.offset)
        below = self.text.count("\n", span.end - self.offset, max(begin, end - 1))
        if above + below < 12:
            return False
        return above < 5 or below < 4 if number == 0 else above < 3 or below < 3

    def numbered(self, doi: Doi) -> bool:
        """Whether the number that ends the DOI (an article's, or volume and page) stands on the first page alone."""
        groups = [group.lstrip("0") for group in re.findall(r"\d+", doi.split("/", 1)[1])]
        if not groups:
            return False
        page = re.sub(r"10\.\d{4,9}/\S+", " ", self.first)
        last = groups[-1]
        if len(last) >= 3 and not re.fullmatch(r"(?:19|20)\d\d", last):
            if re.search(rf"(?<!\d)0*{last}(?!\d)", page):
                return True
            # volume, issue and page run together: metabo4040932 is 4, issue 4, page 932
            pairs = re.findall(r"(?<!\d)(\d{1,3})\s*[,:]\s*(\d{2,5})(?!\d)", page)
            return any(len(last) > 5 and last.startswith(volume) and last.endswith(first) for volume, first in pairs)
        return (
            len(groups) > 1
            and bool(last)
            and re.search(rf"(?<!\d)0*{groups[-2]}\W{{1,4}}0*{last}(?!\d)", page) is not None
        )


# --- with records at hand -------------------------------------------------------------------------


def confirm(findings: Findings, works: Mapping[Doi, Work]) -> Findings:
    """Compare the document's beginning with the records of its candidates: the one whose title stands there is its own.

    Parameters: `findings`; `works`, the records at hand by DOI. A sure verdict whose record's title does not
    stand in the document is lowered to unsure; an unsure one is settled where exactly one candidate's title does.
    """
    own = findings.own
    if own.verdict is Verdict.NONE or not findings.opening.strip():
        return findings
    said = {doi: _title_stands(findings, works[doi]) for doi in own.candidates if doi in works}
    if own.verdict is Verdict.SURE and own.doi is not None and said.get(own.doi) is False:
        why = f"{own.why}; but the record's title does not stand at the document's beginning"
        return _rejudged(findings, Own(Verdict.UNSURE, None, own.candidates, why))
    standing = [doi for doi, stands in said.items() if stands]
    if own.verdict is Verdict.UNSURE and len(standing) == 1:
        why = f"{own.why}; the record's title stands at the document's beginning"
        return _rejudged(findings, Own(Verdict.SURE, standing[0], own.candidates, why))
    return findings


def _rejudged(findings: Findings, own: Own) -> Findings:
    mentions = tuple(
        replace(mention, role=Role.OWN if mention.doi == own.doi else Role.MENTIONED)
        if mention.doi == own.doi or mention.role is Role.OWN
        else mention
        for mention in findings.mentions
    )
    return replace(findings, own=own, mentions=mentions)


def _title_stands(findings: Findings, work: Work) -> bool | None:
    """Whether the record's title stands at the document's beginning; None where it has none worth comparing."""
    from rapidfuzz import fuzz

    title = _plain(str(work.csl.get("title") or ""))
    if len(title) < 12:
        return None
    opening = _plain(f"{findings.title} {findings.opening}")
    return fuzz.partial_ratio(title, opening) >= 85


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", re.sub(r"<[^>]*>", "", unicodedata.normalize("NFKC", text))).casefold()
