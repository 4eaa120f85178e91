"""How a BibTeX library spells what stands in its fields: letters, capitals, names, months, dashes, journals, macros.

Each habit is what most of the values show that can show it; what none shows is as the settings say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from refkit.formats.bibtex_scan import MONTHS, resolved
from refkit.formats.latex import from_latex
from refkit.formats.plain import without_markup, word_set
from refkit.settings import Settings

Pairs = Sequence[tuple[str, Sequence[tuple[str, str]]]]
"""Entries as type (small letters) and fields (name, raw value)."""

_PROSE = word_set("author editor title journal journaltitle booktitle publisher")
_COMMAND = re.compile(
    r"\\(?:[`'^\"~=.](?![A-Za-z]{2})|[cvuHkrdbt][ {]|(?:ss|o|O|aa|AA|ae|AE|oe|OE|l|L|i|j)(?![A-Za-z]))"
)
_LETTER = re.compile(r"[^\W\d_\x00-\x7f]")
_WHOLE = re.compile(r"[{\"]\{.*\}[}\"]", re.DOTALL)
_GUARDED = re.compile(r"(?<!\\)\{[^{}\\]*[A-Z]")
_DESERVING = re.compile(r"[^\W\d_]\w*[A-Z]|\d[A-Z]|[A-Z]\w*\d")
_PAGES = re.compile(r"\w(\s*)(-{1,3}|\u2013|\u2014)\s*\w")
_ABBREVIATED = re.compile(r"[A-Za-z]{2,}\.")
_ENOUGH_TITLES = 5
_LONG = 5000

NAMED = word_set(
    "journal journaltitle shortjournal booktitle series publisher institution school organization address location"
)
"""Fields whose values recur, so that a library's own spelling or macro is used again."""


def settled(pairs: Pairs, asked: Settings) -> Settings:
    """The settings, bent to what the values of a library show."""
    ballots: dict[str, Counter[str]] = {
        name: Counter() for name in ("letters", "capitals", "names", "months", "page_dash", "journal")
    }
    for _, fields in pairs:
        for name, raw in fields:
            for habit, vote in _votes(name.lower(), raw) if len(raw) < _LONG else ():
                ballots[habit][vote] += 1
    capitals = ballots.pop("capitals")
    chosen: dict[str, Any] = {
        habit: max(seen, key=seen.__getitem__)
        for habit, seen in ballots.items()
        if seen and _is_clear(seen, getattr(asked, habit))
    }
    chosen["capitals"] = _capitals(capitals, asked.capitals)
    return replace(asked, **chosen)


def _is_clear(seen: Counter[str], asked: str) -> bool:
    """Whether something was seen more often than what the settings say."""
    return max(seen.values()) > seen[asked]


def _votes(name: str, raw: str) -> Iterable[tuple[str, str]]:
    if name in _PROSE:
        if not raw.isascii() and _LETTER.search(raw):
            yield "letters", "unicode"
        elif "\\" in raw and _COMMAND.search(raw):
            yield "letters", "latex"
    match name:
        case "title":
            yield "capitals", _title(raw)
        case "author" | "editor":
            for one in re.split(r"\s+and\s+", raw[1:-1])[:3]:
                bare = re.sub(r"\{[^{}]*\}", "x", one).strip()
                if " " in bare and bare != "others":
                    yield "names", "family-first" if "," in bare else "given-first"
        case "month":
            if vote := _month(raw):
                yield "months", vote
        case "pages":
            if found := _PAGES.search(raw):
                yield "page_dash", found[2] if found[2] in ("-", "--", "\u2013") else "--"
        case "journal" | "journaltitle":
            if " " in raw and raw[:1] in '{"':
                yield "journal", "abbreviated" if _ABBREVIATED.search(raw) else "full"


def _title(raw: str) -> str:
    """How a title keeps its capitals: `title`, `words`, `none`, or "" where it has none to keep."""
    if _WHOLE.fullmatch(raw) and _spans(raw[1:-1]):
        return "title"
    inner = raw[1:-1]
    if _GUARDED.search(inner):
        return "words"
    return "none" if _DESERVING.search(inner) else ""


def _spans(inner: str) -> bool:
    """Whether the brace that opens a text is closed at its end."""
    depth = 0
    for index, char in enumerate(inner):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return index == len(inner) - 1
    return False


def _capitals(seen: Counter[str], asked: str) -> str:
    total = sum(seen.values())
    if total >= 3 and 2 * seen["title"] > total:
        return "title"
    telling = seen["words"] + seen["none"]
    if telling >= _ENOUGH_TITLES and 10 * seen["words"] < telling:
        return "none"
    return asked if asked != "none" or not seen["words"] else "words"


def _month(raw: str) -> str:
    word = raw.strip('{}" .').lower()
    if raw[:1] not in '{"' and word[:3] in MONTHS:
        return "macros"
    if word.isdigit():
        return "numbers"
    if word in MONTHS:
        return "short"
    return "names" if word[:3] in MONTHS and word.isalpha() else ""


class Spellings:
    """The names of journals, publishers and places as a library spells them, and the macros that it has for them."""

    def __init__(self, pairs: Pairs, strings: Mapping[str, str]) -> None:
        """Parameters: `strings`, macro (small letters) → value."""
        self._pairs, self._strings = pairs, strings

    @cached_property
    def _known(self) -> dict[str, Counter[str]]:
        """Folded name → its raw spellings."""
        known: dict[str, Counter[str]] = {}
        for macro, value in self._strings.items():
            if macro not in MONTHS and (folded := fold(from_latex(value))):
                known.setdefault(folded, Counter())[macro] += 1
        for _, fields in self._pairs:
            for name, raw in fields:
                if name.lower() in NAMED and 3 < len(raw) < 300:
                    folded = fold(from_latex(resolved(raw, self._strings)))
                    known.setdefault(folded, Counter())[raw] += 1
        return known

    def spelled(self, name: str, raw: str, others: Iterable[Any]) -> str:
        """A value as the library spells it.

        Parameters: `name`, the field's; `raw`, the value in braces; `others`, other names of the same thing.
        """
        if name not in NAMED or raw[:1] != "{":
            return raw
        for text in (from_latex(raw[1:-1]), *others):
            if isinstance(text, str) and (seen := self._known.get(fold(without_markup(text)))):
                found = max(seen, key=seen.__getitem__)
                macros = [one for one in seen if one[:1] not in '{"' and one.lower() in self._strings]
                return macros[0] if macros and found[:1] not in '{"' else found
        return raw


def fold(text: str) -> str:
    """A name without what spellings differ in: case, blanks, punctuation, a leading article."""
    folded = "".join(char for char in text.lower().replace("&", "and") if char.isalnum())
    return folded.removeprefix("the") if len(folded) > 6 else folded
