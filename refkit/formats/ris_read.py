"""RIS text → Library: refkit's scanner finds records and fields; a record's work is read when it is looked at.

Source: RIS spec 2001 and 2011; shapes of real files as Zotero, JabRef, pandoc and citation-js take them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from refkit.formats.addresses import is_doi_alone
from refkit.formats.bibtex_scan import MONTHS
from refkit.formats.lazy import Source
from refkit.formats.ris_scan import Record, lines, scan, value_of
from refkit.formats.ris_table import BOOKS, IN_BOOK, TYPES, ZOTERO_TYPES, read_rules
from refkit.model import Entry, Library, Note, Severity, Span

Field = tuple[str, str]


def load(text: str) -> Library:
    """The library in `text`: one entry for each record, spans from `TY` to the end of the `ER` line."""
    records = scan(text)
    return Library(text, "ris", tuple(entry(text, record) for record in records), tuple(notes(text, records)))


def entry(text: str, record: Record, key: str | None = None) -> Entry:
    """One record as an entry, read when it is looked at.

    Parameters: `key`, what it is called; where it is None, its `ID`, "" where it has none.
    """
    source = _Source(text, record)
    if key is None:
        key = next((said for tag, said in source.rows() if tag == "ID" and said), "")
    return source.entry(key, Span(record.start, record.end))


class _Source(Source):
    __slots__ = ("record", "text")

    def __init__(self, text: str, record: Record) -> None:
        super().__init__()
        self.text, self.record = text, record

    def rows(self) -> list[Field]:
        return [(line.tag, value_of(self.text, line)) for line in lines(self.text, self.record) if line.tag != "ER"]

    def parts(self) -> dict[str, dict[str, Any]]:
        return _Reading(self.rows()).run()


def notes(text: str, records: Sequence[Record]) -> list[Note]:
    """What is odd about a library's records: one without `TY` or `ER`, and text between them."""
    found: list[Note] = []
    end = 0
    for record in records:
        if text[end : record.start].strip("\ufeff \t\r\n"):
            found.append(_stray(Span(end, record.start)))
        if not record.closed:
            found.append(Note("no-end", "A record has no ER line.", Severity.INFO, Span(record.start, record.end)))
        if not record.typed:
            found.append(Note("no-type", "A record has no TY line.", Severity.INFO, Span(record.start, record.end)))
        end = record.end
    if text[end:].strip("\ufeff \t\r\n"):
        found.append(_stray(Span(end, len(text))))
    return found


def _stray(span: Span) -> Note:
    return Note("stray-text", "There is text outside the records. It is kept as it is.", Severity.INFO, span)


def name(value: str) -> dict[str, str]:
    """A RIS name as a CSL name; one without a comma is one word (a person) or a body."""
    parts = [part.strip() for part in value.split(",")]
    if len(parts) == 1:
        return {"literal": parts[0]} if " " in parts[0] else {"family": parts[0]}
    out = {"family": parts[0]} if parts[0] else {}
    if len(parts) > 1 and parts[1]:
        out["given"] = parts[1]
    if len(parts) > 2 and parts[2]:
        out["suffix"] = ", ".join(part for part in parts[2:] if part)
    return out


class _Reading:
    """One record while it is read."""

    def __init__(self, fields: list[Field]) -> None:
        self.fields = fields
        self.ris_type = next((value.upper() for tag, value in fields if tag == "TY"), "")
        self.csl: dict[str, Any] = {"type": TYPES.get(self.ris_type, "document")}
        self.kept: list[Field] = []

    def run(self) -> dict[str, dict[str, Any]]:
        csl = self.csl
        for tag, value in self.fields:
            if tag == "M2" and (match := re.fullmatch(r"Type:\s*(\w+)", value)) and match[1] in ZOTERO_TYPES:
                csl["type"] = ZOTERO_TYPES[match[1]]
        if self.ris_type == "GEN" and any(tag == "M3" and value == "Preprint" for tag, value in self.fields):
            csl["type"] = "article"
        rules = read_rules(csl["type"])
        for tag, value in self.fields:
            if not value or tag in ("TY", "ID"):
                continue
            if tag not in _ODD or not _ODD[tag](self, value):
                self.row(tag, value, rules.get(tag))
        self.pages()
        extra: dict[str, Any] = {"type": self.ris_type, "csl": csl["type"]}
        if self.kept:
            extra["fields"] = self.kept
        return {"csl": csl, "extra": {"ris": extra}}

    def row(self, tag: str, value: str, variable: str | None) -> None:
        csl = self.csl
        if variable is None:
            self.kept.append((tag, value))
        elif variable in _PEOPLE:
            if self.ris_type == "EDBOOK" and tag in ("AU", "A1"):
                variable = "editor"
            if person := name(value):
                csl.setdefault(variable, []).append(person)
        elif variable == "DOI":
            self.doi(value)
        elif variable == "URL" and "\n" in value:
            for address in value.split("\n"):
                self.row(tag, address, variable)
        elif variable not in csl:
            csl[variable] = value
        elif csl[variable] != value:
            if variable == "container-title" and tag in ("JO", "JA", "J1"):
                csl.setdefault("container-title-short", value)
            else:
                self.kept.append((tag, value))

    def doi(self, value: str) -> bool:
        from refkit.doi import fold, parse

        found = parse(value) or (fold(value) if value.startswith("10.") else None)
        if found and "DOI" not in self.csl:
            self.csl["DOI"] = str(found)
            return True
        return found is not None

    def date(self, value: str) -> bool:
        date = date_of(value)
        if date and len(date.get("date-parts", [[]])[0]) + ("season" in date) > len(
            self.csl.get("issued", {}).get("date-parts", [[]])[0]
        ):
            self.csl["issued"] = date
        elif not date and "issued" not in self.csl:
            self.csl["issued"] = {"literal": value}
        return True

    def accessed(self, value: str) -> bool:
        date = date_of(value)
        if date:
            self.csl["accessed"] = date
        return bool(date)

    def serial(self, value: str) -> bool:
        kind = self.csl["type"]
        if kind in ("report", "standard", "patent"):
            return False
        digits = re.sub(r"[^\dXx]", "", value.split(",")[0])
        self.csl.setdefault("ISSN" if len(digits) == 8 and re.search(r"\d{4}-?\d{3}[\dXx]", value) else "ISBN", value)
        return True

    def start(self, value: str) -> bool:
        if self.csl["type"] in BOOKS or self.csl["type"] == "thesis":
            self.csl["number-of-pages"] = value
        else:
            self.csl["page"] = re.sub(r"\s*[\u2010-\u2015]\s*|-{2,}", "-", value)
        return True

    def end(self, value: str) -> bool:
        self.last = value
        return True

    last = ""

    def pages(self) -> None:
        csl = self.csl
        if self.last and "page" not in csl and "number-of-pages" in csl:
            csl["page"] = csl.pop("number-of-pages")  # a range, so not how many pages a book has
        if self.last and csl.get("page") and "-" not in csl["page"] and csl["page"] != self.last:
            csl["page"] = f"{csl['page']}-{self.last}"
        elif self.last and "page" not in csl:
            csl["page"] = self.last
        if csl.get("number") and csl["type"] == "article-journal":
            csl.setdefault("page", csl["number"])

    def article_number(self, value: str) -> bool:
        if self.csl["type"] != "article-journal":
            return False
        self.csl["number"] = value
        return True

    def keyword(self, value: str) -> bool:
        words = [word for word in re.split(r"\s*[;\n]\s*", value) if word]
        old = self.csl.get("keyword")
        self.csl["keyword"] = "; ".join([*([old] if old else []), *words])
        return True

    def extra(self, value: str) -> bool:
        label, _, text = value.partition(":")
        label, text = label.strip(), text.strip()
        if label == "Type" and text in ZOTERO_TYPES:
            return True
        variable = {
            "PMID": "PMID",
            "PMCID": "PMCID",
            "Number": "number",
            "ISSN": "ISSN",
            "Event Place": "event-place",
        }.get(label)
        if variable:
            self.csl.setdefault(variable, text)
        return variable is not None or label == "Citation Key"

    def pubmed(self, value: str) -> bool:
        """APA PsycNET writes a tag of four letters."""
        self.csl.setdefault("PMID", value)
        return True

    def kind(self, value: str) -> bool:
        if is_doi_alone(value):  # EndNote and PubMed's exports: `M3  - doi: 10.…`
            return self.doi(value)
        if self.csl["type"] in IN_BOOK | BOOKS | {"article-journal"}:
            return False
        self.csl["genre"] = value
        return True

    def issue(self, value: str) -> bool:
        """EndNote and Reference Manager write a journal's issue to M1 (facts of real exports)."""
        if self.csl["type"] in ("article-journal", "article-magazine", "article-newspaper") and "issue" not in self.csl:
            self.csl["issue"] = value
            return True
        return False


_PEOPLE = frozenset(("author", "editor", "translator", "collection-editor", "contributor"))
_ODD: dict[str, Any] = {
    "PY": _Reading.date, "Y1": _Reading.date, "DA": _Reading.date, "Y2": _Reading.accessed, "SN": _Reading.serial,
    "SP": _Reading.start,
    "EP": _Reading.end, "C7": _Reading.article_number, "KW": _Reading.keyword, "M2": _Reading.extra,
    "M3": _Reading.kind, "M1": _Reading.issue, "PMID": _Reading.pubmed,
}  # fmt: skip

_MONTHS = {name: index for index, name in enumerate(MONTHS, 1)}
_SEASONS = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}


def date_of(value: str) -> dict[str, Any]:
    """`YYYY/MM/DD/other`, `YYYY-MM-DD`, `YYYY`, `2020 Mar 5`; `{}` where there is no year."""
    match = re.match(r"(\d{4})(?:[/-](\d{0,2})(?:[/-](\d{0,2})(?:[/-](.*))?)?)?\s*$", value)
    if not match:
        year = re.search(r"\b(1[5-9]\d\d|20\d\d)\b", value)
        if not year:
            return {}
        words = re.findall(r"[A-Za-z]+", value)
        month = next((_MONTHS[word[:3].lower()] for word in words if word[:3].lower() in _MONTHS), 0)
        day = re.search(r"\b(\d{1,2})\b", value.replace(year[0], ""))
        return {"date-parts": [[int(year[0]), *([month] if month else []), *([int(day[0])] if month and day else [])]]}
    row = [int(match[1])]
    if match[2] and 1 <= int(match[2]) <= 12:
        row.append(int(match[2]))
        if match[3] and 1 <= int(match[3]) <= 31:
            row.append(int(match[3]))
    other = (match[4] or "").strip().lower()
    if len(row) == 1 and other in _SEASONS:
        return {"date-parts": [row], "season": _SEASONS[other]}
    return {"date-parts": [row]}
