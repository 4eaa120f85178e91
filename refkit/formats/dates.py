"""CSL dates ⇄ the dates of formats: ISO 8601-2 (EDTF) as biblatex has it, and BibTeX's year, month and day.

Source: CSL 1.0.2 date variables; biblatex manual §2.3.8; btxdoc.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from refkit.formats.bibtex_scan import MONTHS

_MONTH_NAMES = {name: index + 1 for index, name in enumerate(MONTHS)}
_SEASON_NAMES = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}


def edtf(date: Any) -> str:
    """A CSL date as biblatex writes it (ISO 8601-2 level 1): a date, a range, a season, with `~` for circa."""
    rows = date_rows(date)
    if not rows:
        return ""
    texts = [
        "-".join(f"{part:04d}" if index == 0 else f"{part:02d}" for index, part in enumerate(row)) for row in rows[:2]
    ]
    if (season := date.get("season")) and len(rows[0]) == 1 and str(season).isdecimal():
        texts[0] += f"-{20 + int(season)}"
    return "/".join(texts) + ("~" if date.get("circa") else "")


def date_rows(date: Any) -> list[list[int]]:
    """The rows of a CSL date's `date-parts` as numbers; what is no number ends its row."""
    parts = date.get("date-parts") if isinstance(date, Mapping) else None
    rows = []
    for row in parts if isinstance(parts, (list, tuple)) else ():
        numbers: list[int] = []
        for part in row if isinstance(row, (list, tuple)) else ():
            if not re.fullmatch(r"-?\d{1,4}", str(part).strip()):
                break
            numbers.append(int(str(part)))
        if numbers:
            rows.append(numbers[:3])
    return rows


def from_year(year: str, month: str, day: str) -> dict[str, Any]:
    span = re.fullmatch(r"(\d{4})\s*[-–/]+\s*(\d{2}|\d{4})", year)
    if span:
        last = span[2] if len(span[2]) == 4 else span[1][:2] + span[2]
        return {"date-parts": [[int(span[1])], [int(last)]]}
    found = re.fullmatch(r"(?:c\.?\s*|ca\.?\s*)?(\d{3,4})[a-z]?", year.strip())
    worded = re.fullmatch(r"([A-Za-z]{3,9})\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})", year.strip())
    if not found and worded and worded[1][:3].lower() in MONTHS:
        return from_year(worded[3], worded[1], worded[2] or "")
    if not found:
        return {"literal": " ".join(f"{month} {year}".split())} if year else {}
    parts = [int(found[1])]
    word = month.strip().lower()
    number = int(word) if word.isdecimal() else _MONTH_NAMES.get(word[:3])
    if word in _SEASON_NAMES:
        return {"date-parts": [parts], "season": _SEASON_NAMES[word]}
    if number and 1 <= number <= 12:
        parts.append(number)
        in_month = re.search(r"\b(\d{1,2})\b", word) if not word.isdecimal() else None
        if day.strip().isdecimal():
            parts.append(int(day))
        elif in_month:  # month = "5~" # mar
            parts.append(int(in_month[1]))
    return {"date-parts": [parts]}


_EDTF = re.compile(r"(-?\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([~?%]?)(?:T[\d:.+Z-]*)?")


def from_edtf(text: str) -> dict[str, Any]:
    """A biblatex date as a CSL date; `{}` where it is none."""
    rows: list[list[int]] = []
    circa, season = False, 0
    for piece in text.strip().split("/"):
        match = _EDTF.fullmatch(piece.strip())
        if not match:
            if piece.strip() in ("", "..") and rows:
                continue
            return from_year(text.strip(), "", "") if text.strip() and not rows else {}
        row = [int(part) for part in match.groups()[:3] if part]
        if len(row) > 1 and 21 <= row[1] <= 24:
            season = row[1] - 20
            row = row[:1]
        elif len(row) > 1 and not 1 <= row[1] <= 12:
            row = row[:1]
        circa = circa or bool(match[4])
        rows.append(row)
    date: dict[str, Any] = {"date-parts": rows[:2]}
    if season:
        date["season"] = season
    if circa:
        date["circa"] = True
    return date
