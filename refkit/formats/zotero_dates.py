"""CSL dates ⇄ the text of Zotero's date fields: ISO 8601 wherever it can be, for Zotero sorts and cites by it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from refkit.formats.dates import date_rows, from_edtf
from refkit.formats.ris_read import date_of

_SEASONS = {1: "Spring", 2: "Summer", 3: "Autumn", 4: "Winter"}
_WORDS = {name.lower(): number for number, name in _SEASONS.items()} | {"fall": 3}


def date_text(date: Mapping[str, Any]) -> str:
    """A CSL date as text: "2020-03-05", "2020-03/2020-05", "Spring 2020", "c. 1850"; words that are no date as they
    are."""
    rows = date_rows(date)
    if not rows:
        return " ".join(str(date.get("literal") or date.get("raw") or "").split())
    texts = [_iso(row) for row in rows[:2]]
    season = str(date.get("season") or "")
    if season.isdigit() and (name := _SEASONS.get(int(season) % 20)) and len(rows[0]) == 1:
        texts[0] = f"{name} {texts[0]}"
    return ("c. " if date.get("circa") else "") + "/".join(texts)


def _iso(row: list[int]) -> str:
    year = f"{row[0]:04d}" if row[0] >= 0 else f"-{-row[0]:04d}"
    return "-".join([year, *(f"{part:02d}" for part in row[1:])])


def date_from(text: str) -> dict[str, Any]:
    """The CSL date in a date field's text; a literal where it is no date."""
    said = " ".join(text.split())
    circa = re.match(r"(?:c\.|ca\.?|circa)\s*(?=-?\d)", said, re.IGNORECASE)
    bare = said[circa.end() :] if circa else said
    more: dict[str, Any] = {"circa": True} if circa else {}
    if (season := re.fullmatch(r"([A-Za-z]+)[ ,]+(\d{4})", bare)) and (number := _WORDS.get(season[1].lower())):
        return {"date-parts": [[int(season[2])]], "season": number, **more}
    if (month := re.fullmatch(r"(\d{1,2})/(\d{4})", bare)) and 1 <= int(month[1]) <= 12:
        return {"date-parts": [[int(month[2]), int(month[1])]], **more}
    if re.match(r"-?\d{4}(?:[-/~?%T]|$)", bare) and (date := from_edtf(bare.replace(" ", "T", 1))):
        return date | more
    date = date_of(bare)
    return date | more if date else {"literal": said}


def full_date(text: str) -> bool:
    """Whether it is a whole day, which is all that Zotero takes as a date of access."""
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is not None
