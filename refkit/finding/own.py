"""Whose DOI a mention is: the document's own, cited by it, or merely mentioned; named evidence, added up."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from refkit.model import Document, Doi, Findings, Mention, Own, Role, Span, Verdict, Work

SURE = 4.0
UNSURE = 2.0
MARGIN = 2.0

# What a document says of itself, and how much that counts.
_META = (
    (
        re.compile(
            r"citation_doi|bepress_citation_doi|article-id|prism[.:]doi|prism\.doi|xmp doi|pdf (?:doi|wps)",
            re.IGNORECASE,
        ),
        5.0,
    ),
    (re.compile(r"dc[.:]identifier|xmp identifier|dc\.relation\.ispartof|json-ld", re.IGNORECASE), 4.5),
    (re.compile(r"xmp url|pdf (?:subject|title|keywords|identifier)|xmp title", re.IGNORECASE), 3.5),
)
_REFERENCES = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|\\(?:section|chapter)\*?\{|<h\d>|={1,5}[ \t]*)?(?:(?:\d{1,2}|[IVX]{1,5}|[A-H])\.?[ \t]{1,3})?"
    r"(?:references?(?: and notes| cited| list)?|bibliography|literature(?: cited)?|works cited|literaturverzeichnis|literatur"
    r"|r[ée]f[ée]rences(?: bibliographiques)?|bibliographie|bibliograf[ií]a|referencias|refer[êe]ncias|riferimenti|参考文献|文献"
    r"|список литературы|notes and references|cited literature|selected references)[ \t]*:?[}= \t]*\r?$",
    re.IGNORECASE | re.MULTILINE,
)
_AGAINST = re.compile(
    r"(?:correction to|erratum|corrigendum|retraction of|related (?:article|work|paper|identifier)|supplement|companion|version 1|previous version|review of|reply to"
    r"|comment on|response to|in reference to|data (?:are|is)? ?available|dataset|repository|code (?:is|are)? ?available|preprint|see also|published in final form"
    r"|software|archived?)[^.]{0,80}$",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"(?:cite (?:this|as)|citation|how to cite|to cite this|article doi|digital object identifier|©|\(c\)|copyright|published (?:online|by)|received|accepted"
    r"|available online|journal homepage|open access|e?issn|volume|vol\.|article no|contents lists|please cite)[^\n]{0,200}$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Case:
    """What speaks for and against a DOI being the document's own."""

    score: float = 0.0
    why: list[str] = field(default_factory=list)

    def add(self, points: float, reason: str) -> None:
        if reason not in self.why:
            self.score += points
            self.why.append(reason)


def references_from(document: Document) -> int | None:
    """Where the reference list begins, by the reader's zones or the last heading that names one."""
    zones = [zone.span.start for zone in document.zones if zone.kind == "references"]
    if zones:
        return min(zones)
    text = document.text
    last = None
    for match in _REFERENCES.finditer(text):
        if match.start() > len(text) * 0.2 or last is None:
            last = match.start() if last is None or match.start() < len(text) * 0.97 else last
    return None if last is None else last + document.offset


def judge(document: Document, mentions: list[Mention]) -> tuple[Own, list[Mention]]:
    """The document's own DOI, and its mentions with their roles."""
    start = references_from(document)
    cases = _cases(document, mentions, start)
    verdict = _verdict(document, cases)
    listed = document.kind in ("bibtex", "ris", "csljson")
    judged = [_with_role(mention, verdict, start, listed) for mention in mentions]
    return verdict, judged


def _with_role(mention: Mention, verdict: Own, references: int | None, listed: bool) -> Mention:
    if verdict.doi is not None and mention.doi == verdict.doi:
        return replace(mention, role=Role.OWN, why=_also(mention.why, "the document's own: " + verdict.why))
    if listed:
        return replace(mention, role=Role.CITED, why=_also(mention.why, "an entry of a library"))
    if references is not None and mention.span is not None and mention.span.start >= references:
        return replace(mention, role=Role.CITED, why=_also(mention.why, "in the reference list"))
    if mention.role is Role.CITED:
        return mention
    return replace(mention, role=Role.MENTIONED, why=mention.why or "in the text")


def _also(first: str, second: str) -> str:
    return "; ".join(part for part in (first, second) if part)


def _cases(document: Document, mentions: list[Mention], references: int | None) -> dict[Doi, _Case]:
    cases: dict[Doi, _Case] = defaultdict(_Case)
    if document.kind in ("bibtex", "ris", "csljson", "markdown", "text"):
        return cases
    first_page = (
        document.breaks[1].offset if len(document.breaks) > 1 else document.offset + min(len(document.text), 4000)
    )
    pages: dict[Doi, set[str]] = defaultdict(set)
    for mention in mentions:
        _by_meta(cases, mention)
        if mention.span is None:
            if "crossmark.crossref.org" in mention.written:
                cases[mention.doi].add(4.0, "the Crossmark button leads to it")
            continue
        if references is not None and mention.span.start >= references and mention.span.start >= first_page:
            cases[mention.doi].add(-2.5, "in the reference list")
            continue
        pages[mention.doi].add(mention.place)
        if mention.span.start < first_page:
            _by_first_page(cases, document, mention, mention.span)
    for doi, where in pages.items():
        if len(where) > 2 and len(where) > len(document.breaks) * 0.4:
            cases[doi].add(3.0, f"repeated on {len(where)} pages")
    for doi, case in cases.items():
        tail = re.sub(r"\W", "", doi.split("/", 1)[1])
        if len(tail) >= 5 and tail in re.sub(r"\W", "", document.name.lower()):
            case.add(1.5, "the file's name")
    return cases


def _by_meta(cases: dict[Doi, _Case], mention: Mention) -> None:
    if mention.span is not None or not mention.why.startswith("stands in the metadata"):
        return
    for pattern, points in _META:
        if pattern.search(mention.place):
            cases[mention.doi].add(points, f"the metadata ({mention.place})")
            return


def _by_first_page(cases: dict[Doi, _Case], document: Document, mention: Mention, span: Span) -> None:
    case = cases[mention.doi]
    before = document.text[max(0, span.start - document.offset - 250) : span.start - document.offset]
    case.add(1.5, "on the first page")
    line = before[before.rfind("\n") + 1 :]
    if re.search(r"doi\W{0,12}$|doi\.org/$", before, re.IGNORECASE):
        case.add(1.0, "with a label")
    if re.fullmatch(r"\W*(?:doi\W*)?(?:https?://(?:dx\.)?doi\.org/)?", line, re.IGNORECASE):
        case.add(1.0, "on a line of its own")
    if _BANNER.search(before):
        case.add(1.5, "in the publisher's banner")
    if _AGAINST.search(before):
        case.add(-2.5, "beside words that name another work")


def _verdict(document: Document, cases: dict[Doi, _Case]) -> Own:
    ranked = sorted(((case.score, doi) for doi, case in cases.items()), key=lambda pair: (-pair[0], pair[1]))
    if not ranked or ranked[0][0] < UNSURE:
        return Own(Verdict.NONE, why="nothing says that one of its DOIs is its own" if cases else "it names none")
    best, doi = ranked[0]
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    if best >= SURE and best - second >= MARGIN:
        return Own(Verdict.SURE, doi, (doi,), ", ".join(cases[doi].why))
    candidates = tuple(other for score, other in ranked[:5] if score >= UNSURE and best - score < MARGIN + 1)
    return Own(Verdict.UNSURE, None, candidates, f"not enough: {', '.join(cases[doi].why)}")


def confirm(findings: Findings, works: Mapping[Doi, Work]) -> Findings:
    """Compare the document's beginning with the records of its candidates: the one whose title stands there is its own.

    Parameters: `findings`; `works`, the records at hand by DOI. A sure verdict whose record's title does not stand in the
    document is lowered to unsure; an unsure one is settled where exactly one candidate's title does.
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
