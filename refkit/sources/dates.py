"""Partial dates of Crossref and DataCite, and the one rule for which of them a work bears.

The rule: the print date; without one, the issue's date where the work is in a volume or issue and the issue is of a
later year; else the earliest publication. The others stay beside it. Months 21-24 are seasons, 25-41 have no month;
an impossible day is left out. Source: Crossref deposit schema 5.5 (`month`: 1-12, 21-24, 31-34); CSL 1.0.2 date
variables; EDTF level 1.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from typing import Any

Parts = list[int]

_PUBLISHED = ("published-print", "published-online", "published", "published-other", "posted", "issued")
_NAMES = (*_PUBLISHED, "approved", "accepted", "content-created", "content-updated")


def parts(value: Any) -> Parts:
    """`[year]`, `[year, month]` or `[year, month, day]` of a Crossref date; `[]` where there is none.

    A season (21-24) stays as the second part.
    """
    if not isinstance(value, Mapping):
        return []
    raw = value.get("date-parts")
    if not isinstance(raw, list) or not raw:
        return []
    row = raw[0] if isinstance(raw[0], list) else raw
    numbers: list[int] = []
    for item in row[:3]:
        if isinstance(item, str) and item.strip().isdecimal():
            item = int(item)
        if not isinstance(item, int) or isinstance(item, bool):
            break
        numbers.append(item)
    return clean(numbers)


def clean(numbers: Parts) -> Parts:
    """`numbers` without what cannot be: a year outside 1000-2999 (nothing), a month (year alone), a day (year and
    month)."""
    if not numbers or not 1000 <= numbers[0] <= 2999:
        return []
    if numbers[0] >= 2443:
        numbers = [numbers[0] - 543, *numbers[1:]]  # the Buddhist era, by which Thailand counts
    if len(numbers) < 2 or not (1 <= numbers[1] <= 12 or 21 <= numbers[1] <= 24):
        return numbers[:1]
    if len(numbers) < 3 or numbers[1] > 12 or not 1 <= numbers[2] <= monthrange(numbers[0], numbers[1])[1]:
        return numbers[:2]
    return numbers[:3]


def csl_date(numbers: Parts) -> dict[str, Any]:
    """A CSL date; a season goes into `season`, 1 to 4."""
    if len(numbers) == 2 and numbers[1] > 12:
        return {"date-parts": [numbers[:1]], "season": numbers[1] - 20}
    return {"date-parts": [numbers]}


def issued(record: Mapping[str, Any], kind: str, in_issue: bool) -> tuple[dict[str, Any], dict[str, Parts]]:
    """The date that a work bears, as CSL's `issued`, and all dates of the record by Crossref's names."""
    known: dict[str, Parts] = {}
    for name in _NAMES:
        value = record.get(name)
        if value and (found := parts(value)):
            known[name] = found
    issue = record.get("journal-issue")
    if isinstance(issue, Mapping):
        for name in ("published-print", "published-online"):
            if found := parts(issue.get(name)):
                known[f"issue-{name}"] = found
    chosen = _choose(known, kind, in_issue)
    others = {name: value for name, value in known.items() if value != chosen and name not in ("issued", "published")}
    return (csl_date(chosen) if chosen else {}), others


def _choose(known: Mapping[str, Parts], kind: str, in_issue: bool) -> Parts:
    if "published-print" in known:
        return known["published-print"]
    if kind == "dissertation" and "approved" in known:
        return known["approved"]
    published = [known[name] for name in _PUBLISHED if name in known]
    # Of two that begin alike, the one that says more: [2020] is not earlier than [2020, 3].
    earliest = min(published, key=lambda p: [*p, 99, 99][:3] if len(p) > 1 else [p[0], 98, 99]) if published else []
    issue = (known.get("issue-published-print") or known.get("issue-published-online")) if in_issue else None
    if issue and (not earliest or issue[0] > earliest[0]):
        return issue  # the year by which the article is cited is the issue's
    return earliest or known.get("approved") or known.get("content-created") or []


_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T.*)?")


def from_text(text: str) -> dict[str, Any]:
    """A date in words or in ISO 8601 as a CSL date: a range keeps both ends, what is no date stays a literal.

    Source: DataCite schema 4.6 (`date`: W3CDTF or RKMS-ISO8601 ranges); CSL 1.0.2.
    """
    text = " ".join(text.split())
    rows = []
    for piece in text.split("/")[:2]:
        match = _ISO.fullmatch(piece.strip())
        if match and (row := clean([int(part) for part in match.groups() if part])):
            rows.append(row)
    if len(rows) == 1 and len(rows[0]) == 2 and rows[0][1] > 12:
        return csl_date(rows[0])
    if rows:
        return {"date-parts": [row if len(row) < 2 or row[1] <= 12 else row[:1] for row in rows]}
    return {"literal": text} if text else {}
