"""What an entry of a user's library already says, under whatever name: synonyms of fields, empty ones, a first glance.

Source: biblatex manual §2.2.5 (aliases); what BibDesk, Mendeley, Zotero, JabRef, DBLP and publishers write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from refkit.formats.bibtex_read import Source, doi_of, unescaped
from refkit.formats.bibtex_scan import Block, resolved
from refkit.formats.bibtex_table import BIBLATEX_NAMES, BIBTEX_NAMES
from refkit.formats.latex import from_latex
from refkit.formats.plain import word_set

SYNONYMS: tuple[tuple[str, ...], ...] = tuple(
    tuple(names.split())
    for names in (
        "journaltitle journal fjournal booktitle",
        "shortjournal shortjournaltitle journalabbr",
        "location address place publisher-place",
        "venue address location eventplace conference-location",
        "institution school organization publisher university",
        "publisher institution school organization howpublished",
        "organization publisher institution howpublished",
        "pages eid articleno article-number artnum page",
        "number issue",
        "annotation annote",
        "keywords keyword",
        "langid language lang hyphenation",
        "eprinttype archiveprefix",
        "eprintclass primaryclass",
        "issn issn-print eissn issn1 issn-l",
        "isbn isbn13 isbn-13 isbn10 eisbn",
        "url howpublished link ee bdsk-url-1 opturl",
        "author editor",
        "copyright rights license",
        "pagetotal numpages pages",
        "urldate lastchecked lastaccessed lastvisited accessed date-accessed",
        "abstract abstractnote",
        "eventtitle conference",
        "shorttitle short_title",
    )
)
"""Fields that state the same, a name and its others; each row is read from its first name and, but for rows whose
first name is repeated behind another, from the others."""

_ONE_WAY = {"author": "editor", "url": "howpublished"}

_NOTHING = word_set("none null unknown undefined nan n/a n.a. na tbd tba todo - -- – — ? ?? ???")
_NEVER_EMPTY = word_set("author editor title booktitle journal journaltitle note annote keywords key")

_DOI_HOLDERS = ("doi", "doi url", "url", "note", "howpublished", "ee", "link", "bdsk-url-1", "eprint")


def _others() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for first, *others in SYNONYMS:
        for name in (first, *others):
            row = found.setdefault(name, [])
            if name == first:
                row += [other for other in others if other not in row]
            elif _ONE_WAY.get(first) != name:
                row += [other for other in (first, *others) if other != name and other not in row]
    return {name: tuple(row) for name, row in found.items()}


OTHERS: Mapping[str, tuple[str, ...]] = _others()
"""Field → the other names under which the same may stand."""


def is_empty(name: str, raw: str) -> bool:
    """Whether a raw value says nothing: empty, or a mark that stands for nothing."""
    if len(raw) > 20:
        return False
    inner = raw.strip('{}" \t\r\n~')
    return not inner or (inner.lower() in _NOTHING and name not in _NEVER_EMPTY and raw[:1] in '{"')


def stated(values: Mapping[str, str], name: str, strings: Mapping[str, str]) -> str | None:
    """The name of the field of an entry that states what the field `name` would, None where none does.

    Parameters: `values`, field (lower case) → raw value, inherited ones too; `strings`, the macros.
    """
    if name in values and not is_empty(name, values[name]):
        return name
    if name == "doi":
        for other in _DOI_HOLDERS:
            if other in values and _ONLY_DOI.fullmatch(plain_value(values[other], strings)):
                return other
        return None
    if name in ("date", "year", "month", "day"):
        return _dated(values, name, strings)
    if name in ("pmid", "pmcid") and values.get("eprint"):
        kind = plain_value(values.get("eprinttype", values.get("archiveprefix", "")), strings).lower()
        return "eprint" if kind in {"pmid": ("pubmed", "pmid"), "pmcid": ("pmc", "pmcid")}[name] else None
    for other in OTHERS.get(name, ()):
        # `howpublished = {Online}` is no address.
        if other in values and not is_empty(other, values[other]) and (name != "url" or "://" in values[other]):
            return other
    return None


_ONLY_DOI = re.compile(
    r"(?:(?:https?://)?(?:(?:dx|www)\.)?doi\.org/|doi(?:\s*:\s*|\s+))?10\.\d{4,9}/\S+", re.IGNORECASE
)
"""A value that is nothing but a DOI or a link to the DOI proxy."""


def _dated(values: Mapping[str, str], name: str, strings: Mapping[str, str]) -> str | None:
    date = plain_value(values.get("date", ""), strings)
    parts = len(re.findall(r"\d+", date.split("/")[0])) if date else 0
    if name == "month":
        return "date" if parts > 1 else None
    if name == "day":
        month = plain_value(values.get("month", ""), strings)
        return "date" if parts > 2 else "month" if re.search(r"[A-Za-z].*\d|\d.*[A-Za-z]", month) else None
    if name == "year":
        return "date" if date else None
    return "year" if "year" in values and not is_empty("year", values["year"]) else None


def plain_value(raw: str, strings: Mapping[str, str]) -> str:
    """A raw value without its delimiters, and without those that a second pair of braces or `\\url` adds."""
    value = resolved(raw, strings).strip()
    if value[:1] == "{" and value[-1:] == "}":
        value = value[1:-1].strip()
    found = re.fullmatch(r"\\(?:url|path|nolinkurl)\s*\{(.*)\}", value)
    return found[1].strip() if found else value


# --- a first glance -------------------------------------------------------------------------------

_GLANCED: Mapping[str, str] = {
    "doi": "DOI", "title": "title", "pages": "page", "pmid": "PMID", "pmcid": "PMCID", "isbn": "ISBN", "url": "URL",
    "note": "note", "eprint": "archive_location", "number": "number", "volume": "volume", "eid": "number",
    "archiveprefix": "archive", "eprinttype": "archive", "howpublished": "URL", "journal": "container-title",
    "journaltitle": "container-title", "ee": "URL", "link": "URL", "year": "issued", "date": "issued",
}  # fmt: skip
_INHERITING = ("crossref", "xdata")
_PLAIN = re.compile(r"[{\"][^\\{}$~\"#]*[}\"]")
_BRACES = str.maketrans("", "", "{}")


def glance(block: Block, source: Source) -> dict[str, Any]:
    """The identifiers, title, date and pages of an entry as a CSL item, without reading the rest."""
    csl: dict[str, Any] = {}
    pairs = block.pairs
    for name, raw in pairs:
        variable = _GLANCED.get(name) or _GLANCED.get(name.lower())
        if variable is None:
            if name.lower() in _INHERITING:
                return _inherited_glance(block, source)
        elif variable not in csl:
            csl[variable] = raw[1:-1] if _PLAIN.fullmatch(raw) else _quick(variable, raw, source.strings)
    return _finished(csl, pairs)


def _inherited_glance(block: Block, source: Source) -> dict[str, Any]:
    csl: dict[str, Any] = {}
    for name, value in source.all_values(block).items():
        if (variable := _GLANCED.get(name)) and variable not in csl:
            csl[variable] = _quick(variable, "{" + value + "}", source.strings)
    return _finished(csl, block.pairs)


def _quick(variable: str, raw: str, strings: Mapping[str, str]) -> str:
    if variable == "title":
        value = resolved(raw, strings)
        return from_latex(value) if re.search(r"[\\$~]", value) else value.translate(_BRACES)
    value = plain_value(raw, strings)
    return unescaped(value) if "\\" in value or "{" in value else value


def _finished(csl: dict[str, Any], pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Parameters: `pairs`, the entry's own fields; none is looked at where it has a DOI."""
    if not csl.get("DOI") and (doi := _linked_doi(pairs)):
        csl["DOI"] = doi
    if page := csl.get("page"):
        csl["page"] = page.replace("--", "-")
    if issued := csl.get("issued"):
        found = _YEAR.search(issued)
        csl["issued"] = {"date-parts": [[int(found[0])]]} if found else {}
    return csl


_YEAR = re.compile(r"\d{4}")


def _linked_doi(pairs: Sequence[tuple[str, str]]) -> str:
    """The DOI in a link that another program keeps in a field of its own, "" where there is none."""
    for name, raw in pairs:
        if "10." in raw and _LINKS.fullmatch(name):
            value = plain_value(raw, {})
            if _ONLY_DOI.fullmatch(value):
                return doi_of(value)
    return ""


_LINKS = re.compile(r"bdsk-url-\d+|doi[-_]?url|ee", re.IGNORECASE)
"""BibDesk's, ACM's and DBLP's."""

# --- variables ------------------------------------------------------------------------------------

_ODD: Mapping[str, str] = {
    "year": "issued", "month": "issued", "day": "issued", "date": "issued", "urldate": "accessed",
    "eventdate": "event-date", "origdate": "original-date", "eid": "number", "type": "genre", "number": "issue",
    "issue": "issue", "organization": "publisher",
}  # fmt: skip
_VARIABLES: dict[tuple[str, bool], dict[str, str]] = {}


def variable_of(name: str, kind: str, biblatex: bool) -> str:
    """The CSL variable that a field states in an entry of this type, "" where CSL has none."""
    table = _VARIABLES.get((kind, biblatex))
    if table is None:
        rows: Sequence[Any] = (*BIBLATEX_NAMES, *BIBTEX_NAMES) if biblatex else (*BIBTEX_NAMES, *BIBLATEX_NAMES)
        table = {}
        for row in rows:
            if found := row.name(kind):
                table.setdefault(found, row.csl)
        table["date"] = "issued"
        _VARIABLES[kind, biblatex] = table
    if name in table:
        return table[name]
    if name == "howpublished":
        return "publisher"
    for other in OTHERS.get(name, ()):
        if other in table:
            return table[other]
    return _ODD.get(name, "")
