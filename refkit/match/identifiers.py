"""Identifiers of a work: DOI, PMID, PMCID, arXiv, ISBN, wherever a record keeps them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from refkit.doi import parse
from refkit.match import words as table
from refkit.model import Work

_CLEAN_DOI = re.compile(r"10\.\d{4,9}/[-\w.;()/:]+", re.ASCII)
_PMID = re.compile(
    r"(?:https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/|pmid:?\s*)?0*(\d{1,8})/?",
    re.IGNORECASE,
)
_PMCID = re.compile(r"(?:https?://\S*/articles/|pmcid:?\s*)?(?:PMC)?(\d{3,9})(?:\.\d+)?/?", re.IGNORECASE)
_ARXIV = re.compile(
    r"(?:https?://(?:\w+\.)?arxiv\.org/(?:abs|pdf|html)/|arxiv[:.\s/]*|10\.48550/arxiv\.)?"
    r"((?:[a-z-]+(?:\.[a-z]{2})?/)?\d{7}|\d{4}\.\d{4,5})(v\d+)?(?:\.pdf)?(?:\s*\[[\w.-]+\])?",
    re.IGNORECASE,
)
_ARXIV_IN_TEXT = re.compile(
    r"^\W*(?:https?://(?:\w+\.)?arxiv\.org/(?:abs|pdf|html)/|(?:\w+\W+){0,3}?arxiv[:.\s/]*(?:\w+[:\s]+)?)"
    r"((?:[a-z-]+(?:\.[a-z]{2})?/)?\d{7}|\d{4}\.\d{4,5})(?!\d)",
    re.IGNORECASE,
)
_ISBN = re.compile(r"(?:97[89][- ]?)?(?:[0-9][- ]?){9}[0-9Xx]")
_VERSIONED = re.compile(r"(?:\.pub|[./]v|/rev|version|-v|\.r)(\d+)$")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The identifiers of one work, each in its normal form; what it does not have is empty."""

    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    arxiv: str = ""
    isbn: frozenset[str] = frozenset()


def identifiers_of(work: Work) -> Identifiers:
    """The identifiers of a work, wherever its record keeps them."""
    return read({name: value for name, value in work.csl.items() if isinstance(value, str)})


def read(said: Mapping[str, str]) -> Identifiers:
    """The identifiers in the texts of a CSL item.

    A `URL` or `note` that is only a DOI counts as one, and so does one that is only a link to PubMed or arXiv.
    """
    get = said.get
    notes = [text for text in (get("URL", ""), get("note", "")) if text]
    doi = stated_doi(said)
    pmid = _one(_PMID, get("PMID", ""))
    pmcid = _one(_PMCID, get("PMCID", ""))
    for text in notes:
        if not pmid and (line := _PMID_LINE.search(text)):
            pmid = line[1]
        if not pmid and ("pubmed" in text or text[:4].lower() == "pmid"):
            pmid = _one(_PMID, text)
        if not pmcid and "/articles/PMC" in text:
            pmcid = _one(_PMCID, text)
    isbn = _isbns(said["ISBN"]) - table.WRONG_IDENTIFIERS if "ISBN" in said else frozenset()
    arxiv = _arxiv(said, doi, notes)
    return Identifiers(
        doi,
        "" if pmid in table.WRONG_IDENTIFIERS else pmid,
        pmcid,
        "" if arxiv in table.WRONG_IDENTIFIERS else arxiv,
        isbn,
    )


_PMID_LINE = re.compile(r"^\s*PMID:\s*0*(\d{1,8})\s*$", re.IGNORECASE | re.MULTILINE)


def stated_doi(said: Mapping[str, str], others: Iterable[str] = ()) -> str:
    """The DOI that an item states, "" where it states none.

    It stands in `DOI`, or in a link or note that is nothing but a DOI, or one line of a note is nothing but that, as
    `DOI: 10.…` in Zotero's Extra. A DOI among words is another work's as often as not: "Erratum to doi:10.…".
    Parameters: `others`, values of further fields, which count where they are nothing but a link to a DOI.
    """
    if found := canonical_doi(said.get("DOI", "")):
        return found
    for text in (said.get("URL", ""), said.get("note", ""), said.get("archive_location", ""), *others):
        if "10." in text and (found := canonical_doi(text)):
            return found
    note = said.get("note", "")
    if "10." in note:
        named = {doi for line in note.splitlines() if "10." in line and (doi := canonical_doi(line.strip()))}
        if len(named) == 1:
            return named.pop()
    return ""


def _one(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.fullmatch(text.strip().rstrip(".")) if text else None
    return match[1] if match else ""


def canonical_doi(text: str) -> str:
    """The DOI that a string wholly is, in normal form, or ""; plain ones are not parsed again."""
    if not text:
        return ""
    if _CLEAN_DOI.fullmatch(text):
        found = text.lower()
        return "" if found.endswith(("/", ".")) and len(found.split("/", 1)[1]) < 3 else found
    return parse(text) or ""


def _arxiv(said: Mapping[str, str], doi: str, notes: list[str]) -> str:
    if doi.startswith("10.48550/arxiv."):
        return _one(_ARXIV, doi).lower()
    get = said.get
    number = get("archive_location") or get("archive-location") or get("number") or ""
    name = get("container-title", "")
    served = "arxiv" in f"{number} {get('archive', '')} {get('publisher', '')} {name}".lower() if number else False
    if served and (found := _one(_ARXIV, number)):
        return found.lower()
    if (volume := get("volume", "")).startswith("abs/"):  # as DBLP files arXiv: journal CoRR, volume abs/1904.01172
        return _one(_ARXIV, volume[4:]).lower()
    for text in (*notes, name):
        if text and "arxiv" in text.lower() and (match := _ARXIV_IN_TEXT.search(text)):
            return match[1].lower()
    return ""


def _isbns(text: str) -> frozenset[str]:
    """All ISBNs in a field, as ISBN-13; an ISSN or a number with a wrong check digit is none."""
    found = set()
    if text:
        for match in _ISBN.finditer(text):
            digits = match[0].replace("-", "").replace(" ", "").upper()
            if (
                len(digits) == 13
                and digits.isdecimal()
                and sum(int(d) * (1 + 2 * (i % 2)) for i, d in enumerate(digits)) % 10 == 0
            ):
                found.add(digits)
            elif (
                len(digits) == 10
                and sum((10 - i) * (10 if d == "X" else int(d)) for i, d in enumerate(digits)) % 11 == 0
            ):
                body = "978" + digits[:9]
                found.add(body + str(-sum(int(d) * (1 + 2 * (i % 2)) for i, d in enumerate(body)) % 10))
    return frozenset(found)


def is_preprint_doi(doi: str) -> bool:
    """Whether only a preprint server registers DOIs of this form."""
    if doi.startswith("10.1101/"):  # Cold Spring Harbor: bioRxiv and medRxiv are all digits, its journals are not
        return bool(re.fullmatch(r"10\.1101/(?:\d{4}\.\d\d\.\d\d\.)?\d{5,}(?:v\d+)?", doi))
    return doi.startswith(table.PREPRINT_DOIS)


def versions_of_one(a: str, b: str) -> bool:
    """Whether two DOIs differ only in a version's number: Cochrane's `.pub2` and `.pub3`, `v1` and `v2`, or the whole
    without one.
    """
    if a == b:
        return False
    base_a, base_b = _VERSIONED.sub("", a), _VERSIONED.sub("", b)
    return base_a == base_b
