"""NBIB, PubMed's citation format (MEDLINE display): tags of four characters, one field a line, continued with six
blanks.

Source: NLM, "MEDLINE/PubMed Data Element (Field) Descriptions".
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from refkit.doi import fold
from refkit.formats.bibtex_scan import MONTHS
from refkit.formats.dates import date_rows
from refkit.formats.plain import readable
from refkit.model import Entry, Library, Note, Origin, Severity, Span, Work
from refkit.settings import Settings

_ROWS = (
    ("title", "TI"), ("page", "PG"), ("volume", "VI"), ("issue", "IP"), ("container-title", "JT"),
    ("container-title-short", "TA"),
    ("collection-title", "CTI"), ("publisher", "PB"), ("publisher-place", "PL"), ("abstract", "AB"),
    ("original-title", "TT"), ("PMID", "PMID"),
    ("PMCID", "PMC"), ("edition", "EN"), ("version", "VTI"),
)  # fmt: skip
_BY_TAG = {tag: variable for variable, tag in _ROWS} | {"BTI": "container-title"}
_TYPES = {
    "article-journal": "Journal Article", "article": "Preprint", "book": "Book", "chapter": "Book Chapter",
    "dataset": "Dataset", "report": "Technical Report",
    "thesis": "Academic Dissertation", "paper-conference": "Congress", "review": "Peer Review",
    "webpage": "Web Archive",
}  # fmt: skip
_CSL_OF = {words.lower(): csl for csl, words in _TYPES.items()} | {
    "review": "article-journal",
    "congresses": "paper-conference",
}
_LANGUAGES = {
    "en": "eng",
    "de": "ger",
    "fr": "fre",
    "es": "spa",
    "it": "ita",
    "pt": "por",
    "ja": "jpn",
    "zh": "chi",
    "ru": "rus",
    "nl": "dut",
}
_LINE = re.compile(r"([A-Z]{2,4}) {0,2}- ?(.*)")


def _fields(entry: Entry) -> list[tuple[str, str]]:
    csl = entry.work.csl
    out: list[tuple[str, str]] = []
    if entry.key:
        out.append(("OID", entry.key))
    for variable, tag in _ROWS:
        if csl.get(variable):
            out.append((tag, readable(str(csl[variable]))))
    for variable, tag, short in (("author", "FAU", "AU"), ("editor", "FED", "ED")):
        for name in csl.get(variable) or ():
            out += _name(name, tag, short)
    if text := _date(csl.get("issued")):
        out.append(("DP", text))
    if csl.get("language"):
        out.append(("LA", _LANGUAGES.get(str(csl["language"])[:2], str(csl["language"]))))
    for issn in re.split(r",\s*", str(csl.get("ISSN") or "")):
        if issn:
            out.append(("IS", issn))
    for isbn in re.split(r",\s*", str(csl.get("ISBN") or "")):
        if isbn:
            out.append(("ISBN", isbn))
    if csl.get("DOI"):
        out += [("LID", f"{csl['DOI']} [doi]"), ("AID", f"{csl['DOI']} [doi]")]
    if kind := _TYPES.get(str(csl.get("type"))):
        out.append(("PT", kind))
    if keyword := csl.get("keyword"):
        out += [("OT", word) for word in re.split(r"\s*;\s*", str(keyword)) if word]
    return out


def _name(name: Mapping[str, str], tag: str, short: str) -> list[tuple[str, str]]:
    if "family" not in name:
        body = str(name.get("literal") or name.get("given") or "")
        return [("CN" if tag == "FAU" else tag, body)]
    given, suffix = name.get("given", ""), name.get("suffix", "")
    initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", given))
    full = ", ".join(part for part in (name["family"], given, suffix) if part)
    return [(tag, full), (short, " ".join(part for part in (name["family"], initials, suffix.rstrip(".")) if part))]


def _date(date: Any) -> str:
    rows = date_rows(date)
    if not rows:
        return str(date.get("literal") or "") if isinstance(date, Mapping) else ""
    year, *rest = rows[0]
    words = [str(year)]
    if rest and 1 <= rest[0] <= 12:
        words.append(MONTHS[rest[0] - 1].capitalize())
        words += [str(day) for day in rest[1:]]
    return " ".join(words)


def dump(entries: Sequence[Entry], settings: Settings, dialect: str = "") -> str:
    """Entries as the text of an NBIB file."""
    blocks = []
    for entry in entries:
        lines = []
        for tag, value in _fields(entry):
            value = " ".join(value.split())
            line = f"{tag:<4}- {value}"
            if " " not in value:  # an identifier or an address; wrapped, it would get a blank in front
                lines += [line] if value else []
                continue
            lines += textwrap.wrap(line, 88, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False)
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def load(text: str, dialect: str = "") -> Library:
    """The library in an NBIB file: records are parted by blank lines, or by a new `PMID`."""
    entries: list[Entry] = []
    notes: list[Note] = []
    fields: list[tuple[str, str]] = []
    start = end = at = 0
    for line in text.splitlines(keepends=True):
        begin, at = at, at + len(line)
        content = line.rstrip("\r\n").lstrip("\ufeff")
        match = _LINE.match(content)
        if fields and (
            not content.strip() or (match and match[1] == "PMID" and any(tag == "PMID" for tag, _ in fields))
        ):
            entries.append(_entry(fields, Span(start, end)))
            fields = []
        if match:
            if not fields:
                start = begin
            fields.append((match[1], match[2].strip()))
            end = at
        elif content.startswith("      ") and fields:
            tag, so_far = fields[-1]
            fields[-1] = (tag, f"{so_far} {content.strip()}")
            end = at
        elif content.strip():
            notes.append(
                Note(
                    "stray-text",
                    "There is text outside the records. It is kept as it is.",
                    Severity.INFO,
                    Span(begin, at),
                )
            )
    if fields:
        entries.append(_entry(fields, Span(start, end)))
    return Library(text, "nbib", tuple(entries), tuple(notes))


def _entry(fields: list[tuple[str, str]], span: Span) -> Entry:
    from refkit.formats.ris_read import date_of
    from refkit.formats.ris_read import name as ris_name

    csl: dict[str, Any] = {"type": "article-journal"}
    key = ""
    kinds = [value.lower() for tag, value in fields if tag == "PT"]
    csl["type"] = next((_CSL_OF[kind] for kind in kinds if kind in _CSL_OF), "article-journal" if kinds else "document")
    full = any(tag == "FAU" for tag, _ in fields)
    for tag, value in fields:
        if tag == "OID":
            key = value
        elif tag == "FAU" or (tag == "AU" and not full):
            csl.setdefault("author", []).append(ris_name(value) if tag == "FAU" else _short_name(value))
        elif tag == "FED":
            csl.setdefault("editor", []).append(ris_name(value))
        elif tag == "CN":
            csl.setdefault("author", []).append({"literal": value})
        elif tag == "DP":
            csl["issued"] = date_of(value) or {"literal": value}
        elif tag in ("LID", "AID") and value.endswith("[doi]"):
            csl.setdefault("DOI", fold(value.removesuffix("[doi]").strip()))
        elif tag in ("IS", "ISBN"):
            number = re.sub(r"\s*\(.*?\)", "", value)
            variable = "ISSN" if tag == "IS" else "ISBN"
            csl[variable] = f"{csl[variable]}, {number}" if variable in csl else number
        elif tag == "LA":
            csl["language"] = next((code for code, three in _LANGUAGES.items() if three == value), value)
        elif tag == "OT":
            csl["keyword"] = f"{csl['keyword']}; {value}" if "keyword" in csl else value
        elif tag in _BY_TAG:
            csl.setdefault(_BY_TAG[tag], value)
    return Entry(key, Work(csl, {}, Origin("library")), span, tuple(fields))


def _short_name(value: str) -> dict[str, str]:
    family, _, initials = value.rpartition(" ")
    return {"family": family, "given": initials} if family else {"family": initials}
