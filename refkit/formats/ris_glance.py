"""A quick look at RIS records: what they are called, and the few statements that tell whether two may be one work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from refkit.formats import ris_read
from refkit.formats.ris_scan import Record

_TAGS = "TI|T1|CT|DO|PY|Y1|DA|SP|EP|UR|N1|M3|M2|L3|SN|C7|PMID"
_ANY_BREAK = re.compile(
    rf"[\r\n]({_TAGS})  - "
    r"([^\r\n]*(?:(?:\r\n|\r|\n)(?![ \t]*(?:[A-Z][A-Z0-9]{1,3} {1,2}-|[\r\n]|\Z))[^\r\n]+)*)"
)
# The same for files without a carriage return of its own: a literal first character is searched ten times as fast.
_LINE_FEED = re.compile(_ANY_BREAK.pattern.replace(r"[\r\n](", r"\n(", 1))
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_REST = re.compile(r"[^\r\n]*")
_WORD = re.compile(r"[^\W_]+")


def has_bare_returns(text: str) -> bool:
    """Whether carriage returns without a line feed end lines in a text."""
    return text.count("\r") > text.count("\r\n")


def item(text: str, record: Record, bare_returns: bool = True) -> dict[str, Any]:
    """The identifiers, title, date and pages of a record as a CSL item; one of odd shape is read in full.

    Parameters: `bare_returns`, whether lines may end in a carriage return alone.
    """
    if not text.startswith("TY  - ", record.start):
        return dict(ris_read.entry(text, record).work.csl)
    said: dict[str, str] = {}
    for tag, value in (_ANY_BREAK if bare_returns else _LINE_FEED).findall(text, record.start, record.end):
        if value and tag not in said:
            said[tag] = value
    out: dict[str, Any] = {}
    get = said.get
    if title := get("TI") or get("T1") or get("CT"):
        out["title"] = " ".join(title.split()) if "\n" in title or "\r" in title else title.strip()
    if doi := get("DO") or next((said[tag] for tag in ("M3", "L3", "N1") if "10." in get(tag, "")[:20]), ""):
        out["DOI"] = doi.strip()
    if year := _YEAR.search(get("PY") or get("Y1") or get("DA") or ""):
        out["issued"] = {"date-parts": [[int(year[0])]]}
    if page := get("SP") or get("C7"):
        out["page"] = f"{page.strip()}-{said['EP'].strip()}" if "EP" in said and "SP" in said else page.strip()
    for tag, name in (("UR", "URL"), ("PMID", "PMID"), ("SN", "ISBN")):
        if tag in said:
            out[name] = said[tag].strip()
    for tag in ("N1", "M2"):
        if "PMID" in get(tag, ""):
            out["note"] = said[tag].strip()
    return out


def name(text: str, record: Record, bare_returns: bool = True) -> str:
    """What a record is called: its `ID`, else its DOI, else its title's first words and its year, else ""."""
    if key := _first(text, record, "ID"):
        return key
    if not text.startswith("TY  - ", record.start) and (key := ris_read.entry(text, record).key):
        return key
    glanced = item(text, record, bare_returns)
    if doi := str(glanced.get("DOI", "")):
        from refkit.doi import parse

        return str(parse(doi) or doi)
    words = _WORD.findall(str(glanced.get("title", "")).lower())[:6]
    year = glanced.get("issued", {}).get("date-parts", [[""]])[0][0]
    return "-".join([*words, *([str(year)] if year else [])]) if words else ""


def _first(text: str, record: Record, tag: str) -> str:
    """The first value of a tag that is written in the usual way, "" where there is none."""
    at = record.start
    while (at := text.find(f"{tag}  - ", at, record.end)) >= 0:
        if at == record.start or text[at - 1] in "\r\n":
            value = _REST.match(text, at + 6)
            if value and value[0].strip():
                return value[0].strip()
        at += 1
    return ""


def sorted_by(text: str, records: Sequence[Record], tags: Sequence[str]) -> list[str]:
    """The records' first values of one of these tags without case, where they are in ascending order, else none.

    Fewer than six records, or than five different values, are no order.
    """
    keys: list[str] = []
    for record in records:
        key = next((said for tag in tags if (said := _first(text, record, tag))), "").casefold()
        if not key or (keys and key < keys[-1]):
            return []
        keys.append(key)
    return keys if len(keys) > 5 and len(set(keys)) > 4 and not all(key.isdigit() for key in keys) else []
