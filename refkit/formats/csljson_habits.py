"""What a CSL-JSON library is used to: layout, letters, the order and the names of members, the forms of dates.

Learned from a sample of the library's own items; where they are silent, values are written as
`refkit.formats.csljson` does.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from refkit.formats.addresses import is_doi_url
from refkit.formats.csljson import DATES
from refkit.formats.csljson_scan import Element, Layout, Member, members, value_at
from refkit.formats.customary import Ranking, are_sorted, customary_order

SAMPLE = 150
"""So many items at most are looked at for habits."""

_STANDARD_ORDER = (
    "id citation-key type title title-short shortTitle author editor translator container-author collection-editor "
    "container-title container-title-short journalAbbreviation collection-title collection-number event event-title "
    "event-date event-place publisher publisher-place volume issue page page-first number number-of-pages edition "
    "version genre medium issued accessed submitted status DOI PMID PMCID ISBN ISSN URL language source archive "
    "archive_location call-number keyword abstract note annote"
).split()

SYNONYMS = (
    frozenset(("title-short", "shortTitle")),
    frozenset(("container-title-short", "journalAbbreviation")),
    frozenset(("event", "event-title")),
)
"""Names of CSL 1.0.2 and the older ones that the same programs still write."""

_SOMETIMES = {
    "abstract": 0.5, "keyword": 0.5, "URL": 0.1, "language": 0.1, "title-short": 0.5, "container-title-short": 0.1,
    "accessed": 0.5, "source": 0.1, "archive": 0.1, "archive_location": 0.1, "call-number": 0.1, "note": 0.1,
    "annote": 0.1,
}  # fmt: skip
"""Variables that are written only where at least this share of the library's items has them."""

_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Parsed:
    """An item of the library with its members and, by name, their values (the last of a repeated name, as `json` has
    it)."""

    element: Element
    members: Sequence[Member]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Habits:
    """A library's habits: `broken` says whether a member stands on its own line, `nested` whether lists do within it;
    `between` is what stands between two items, `indent` what an item begins with on its line."""

    newline: str = "\n"
    between: str = ",\n  "
    indent: str = "  "
    unit: str = "  "
    broken: bool = True
    nested: bool = True
    colon: str = ": "
    comma: str = ", "
    pad: str = ""
    escaped: bool = False
    slashes: bool = False
    count: int = 0
    used: Mapping[str, int] = field(default_factory=dict)
    order: Ranking = field(default_factory=lambda: Ranking((), _STANDARD_ORDER))
    alphabetical: str = ""
    year_texts: bool = False
    raw_dates: bool = False
    dash: str = "-"
    keyed: bool = False
    doi_links: bool = True
    encodable: Callable[[str], bool] | None = None

    def writes(self, variable: str) -> bool:
        """Whether new items, and gaps, get this variable at all."""
        share = _SOMETIMES.get(variable)
        if share is None or self.count < _ENOUGH:
            return True
        names = next((names for names in SYNONYMS if variable in names), (variable,))
        return max(self.used.get(name, 0) for name in names) >= share * self.count

    def name(self, variable: str) -> str:
        """The name under which this library keeps a variable."""
        for names in SYNONYMS:
            if variable in names and any(self.used.get(name) for name in names):
                return max(sorted(names, key=lambda name: name != variable), key=lambda name: self.used.get(name, 0))
        return variable

    def rank(self, name: str) -> tuple[float, str]:
        """The place of a member in the library's order."""
        if not self.alphabetical:
            return self.order[name], name
        first = self.order.first == name == "id"
        return (-1.0 if first else 0.0), name.casefold() if self.alphabetical == "letters" else name

    def text(self, value: Any, indent: str, broken: bool) -> str:
        """A value as this library writes it.

        Parameters: `indent`, what the line begins with in which it starts; `broken`, whether it may go over lines.
        """
        if isinstance(value, dict):
            return self._many(
                "{}", [(f"{self.string(str(k))}{self.colon}", v) for k, v in value.items()], indent, broken
            )
        if isinstance(value, (list, tuple)):
            return self._many("[]", [("", inner) for inner in value], indent, broken)
        return self.string(value) if isinstance(value, str) else json.dumps(value)

    def _many(self, marks: str, rows: Sequence[tuple[str, Any]], indent: str, broken: bool) -> str:
        if not rows:
            return marks
        inner = indent + self.unit
        said = [f"{head}{self.text(value, inner, broken)}" for head, value in rows]
        if broken:
            return (
                f"{marks[0]}{self.newline}{inner}{f',{self.newline}{inner}'.join(said)}{self.newline}{indent}{marks[1]}"
            )
        return f"{marks[0]}{self.pad}{self.comma.join(said)}{self.pad}{marks[1]}"

    def string(self, text: str) -> str:
        """A string, with the library's escapes."""
        said = json.dumps(text, ensure_ascii=self.escaped)
        if not (said.isascii() or self.encodable is None or self.encodable(said)):
            said = json.dumps(text)
        return said.replace("/", "\\/") if self.slashes else said


def parse(text: str, element: Element) -> Parsed:
    """An item with its members."""
    found = members(text, element.start)
    return Parsed(element, found, value_at(text, element.start))


def sample(layout: Layout) -> list[Element]:
    """The items to learn from: the last ones, and some from all over."""
    items = [element for element in layout.elements if element.said is not None]
    if len(items) <= SAMPLE:
        return items
    step = 2 * len(items) // SAMPLE + 1
    return [item for index, item in enumerate(items) if index % step == 0 or index >= len(items) - SAMPLE // 2]


def learn(text: str, layout: Layout, encodable: Callable[[str], bool] | None = None) -> Habits:
    """The habits of a library.

    Parameters: `text`; `layout`; `encodable`, whether the file's encoding has a text's letters: others are escaped.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    parsed = [parse(text, element) for element in sample(layout)]
    parsed = [one for one in parsed if one.members]
    if not parsed:
        return Habits(newline=newline, between=f",{newline}  ", encodable=encodable)
    used: Counter[str] = Counter()
    for one in parsed:
        used.update(name for name, value in one.values.items() if not is_empty(value))
    raw = [text[one.element.start : one.element.end] for one in parsed]
    broken = sum(re.match(r"\{\s*[\r\n]", said) is not None for said in raw) * 2 > len(raw)
    between = _between(text, layout, newline)
    indent = _blanks(between)
    names = [[member.name for member in one.members] for one in parsed]
    bare = [[name for name in row if name != "id"] for row in names]
    letters = are_sorted([name.casefold() for name in row] for row in bare)
    return Habits(
        newline=newline,
        between=between,
        indent=indent,
        unit=_unit(text, parsed, indent, broken),
        broken=broken,
        nested=broken and _nested(text, parsed),
        colon=_most([_colon(text, member) for one in parsed for member in one.members], ": "),
        comma=_comma(raw, broken),
        pad="" if broken else _most([re.match(r"\{([ \t]*)", said)[1] for said in raw], ""),  # type: ignore[index]  # begins with a brace
        escaped=_escaped(raw),
        encodable=encodable,
        slashes=sum("\\/" in said for said in raw) > sum(re.search(r"[^\\]/", said) is not None for said in raw),
        count=len(parsed),
        used=used,
        order=Ranking(customary_order(names), _STANDARD_ORDER),
        alphabetical="code" if are_sorted(bare) else "letters" if letters else "",
        doi_links=any(is_doi_url(one.values) for one in parsed),
        **_dates(parsed),
        dash=_most([match[1] for one in parsed if (match := _PAGES.fullmatch(str(one.values.get("page", ""))))], "-"),
        keyed=sum("citation-key" in one.values for one in parsed) * 2 > len(parsed),
    )


_PAGES = re.compile(r"\w+(-+|[\u2010-\u2015])\w+")


def is_empty(value: Any) -> bool:
    """Whether a member says nothing: no text, no name, a date without a year."""
    if isinstance(value, dict) and "date-parts" in value and not (value.get("raw") or value.get("literal")):
        parts = value["date-parts"]
        return not (isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0] and parts[0][0])
    if isinstance(value, dict) and set(value) <= {"raw", "literal"}:
        return not any(value.values())
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def _most(found: Sequence[str], otherwise: str) -> str:
    return Counter(found).most_common(1)[0][0] if found else otherwise


def _between(text: str, layout: Layout, newline: str) -> str:
    """What stands between two items, the comma with it."""
    elements = layout.elements
    gaps = [text[a.end : b.start] for a, b in pairwise(elements[-SAMPLE:])]
    if layout.kind == "lines":
        return _most(gaps, newline)
    if gaps:
        return _most(gaps, f",{newline}  ")
    return "," + (text[layout.opens : elements[0].start] if layout.kind == "array" else f"{newline}  ")


def _blanks(between: str) -> str:
    """The blanks that the last line of a text begins with."""
    last = re.split(r"[\r\n]", between)[-1]
    return last[: len(last) - len(last.lstrip(" \t"))]


def _unit(text: str, parsed: Sequence[Parsed], indent: str, broken: bool) -> str:
    if not broken:
        return "  "
    leads = [re.split(r"[\r\n]", text[one.element.start + 1 : one.members[0].start])[-1] for one in parsed]
    lead = _most(leads, f"{indent}  ")
    return lead[len(indent) :] if lead.startswith(indent) and len(lead) > len(indent) else "  "


def _nested(text: str, parsed: Sequence[Parsed]) -> bool:
    found = [
        text[member.value + 1 : member.end] for one in parsed for member in one.members if text[member.value] in "[{"
    ]
    full = [said for said in found if said.strip(" \t\r\n]}")]
    return sum(re.match(r"[ \t]*[\r\n]", said) is not None for said in full) * 2 >= len(full)


def _colon(text: str, member: Member) -> str:
    found = re.search(r"[ \t]*:[ \t]*\Z", text[member.start : member.value])
    return found[0] if found else ": "


def _comma(raw: Sequence[str], broken: bool) -> str:
    found = [match[1] for said in raw for match in re.finditer(r'["\d\]}],([ \t]*)["\[{\d]', said)]
    return f",{_most(found, ' ')}" if found or broken else ", "


def _escaped(raw: Sequence[str]) -> bool:
    """Whether letters beyond ASCII are escaped: where there are such letters, as they are."""
    escapes = sum(re.search(r"\\u[0-9a-fA-F]{4}", said) is not None for said in raw)
    letters = sum(not said.isascii() for said in raw)
    return escapes > letters


def _dates(parsed: Sequence[Parsed]) -> dict[str, bool]:
    dates = [one.values[name] for one in parsed for name in DATES if isinstance(one.values.get(name), dict)]
    years = [date["date-parts"][0][0] for date in dates if not is_empty(date) and date.get("date-parts")]
    raw = [date for date in dates if "raw" in date and "date-parts" not in date]
    return {
        "year_texts": sum(isinstance(year, str) for year in years) * 2 > len(years),
        "raw_dates": len(raw) * 2 > len(dates),
    }
