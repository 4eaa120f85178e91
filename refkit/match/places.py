"""Where a work stands: its volume, issue and pages, and whether two such statements agree."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache

from refkit.match import words as table
from refkit.match.fold import ascii_words

# --- volume and issue ----------------------------------------------------------------------------

_LABELS = re.compile(
    r"\b(?:volume|vol|band|bd|jahrgang|jg|tome|tomo|number|no|nr|issue|heft|ano|annee|year)\b\.?", re.IGNORECASE
)
_SUPPLEMENT = re.compile(
    r"\b(?:suppl?(?:ement)?|s|beih(?:eft)?|special issue|si|spec(?:ial)?)\b|(?<=\d)s\b|^s(?=\d)", re.IGNORECASE
)
_NUMBERS = re.compile(r"\d+")
_ROMAN = re.compile(r"(?=[mdclxvi])m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


@dataclass(frozen=True, slots=True)
class Number:
    """A volume's or issue's number: the numbers in it, whether it is a supplement, and the text that has none."""

    numbers: tuple[str, ...] = ()
    supplement: bool = False
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.numbers or self.text)


NO_NUMBER = Number()


@lru_cache(maxsize=16384)
def number(written: str) -> tuple[Number, Number]:
    """A volume or issue, and the issue that some exports write behind the volume: `4 (1) (no pagination)`."""
    text = written.strip()
    inner = ""
    if match := re.fullmatch(
        r"([^(]+?)\s*\((?!\s*(?:suppl|pt|part|no pag))([^()]*\d[^()]*)\)\s*(?:\(.*\))?", text, re.IGNORECASE
    ):
        text, inner = match[1], match[2]
    return _number(text), _number(inner)


def _number(text: str) -> Number:
    folded = ascii_words(_LABELS.sub(" ", text))
    if not folded or folded.replace(" ", "") in table.MISSING:
        return Number()
    found = tuple(n.lstrip("0") or "0" for n in _NUMBERS.findall(folded))
    supplement = bool(_SUPPLEMENT.search(folded))
    if not found and _ROMAN.fullmatch(folded) and folded:
        found = (str(_roman_value(folded)),)
    return Number(found, supplement, "" if found else folded)


def _roman_value(text: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def volumes_agree(a: Number, b: Number, years: frozenset[int]) -> bool | None:
    """Whether two volumes are one; a year in place of a volume says nothing, and a supplement or part belongs to it."""
    if not a.numbers or not b.numbers:
        letters = a.text if len(a.text) == len(b.text) == 1 else ""
        return a.text == b.text if letters else None
    if a.numbers[0] == b.numbers[0]:
        return True
    if set(a.numbers) & set(b.numbers) and (len(a.numbers) > 1 or len(b.numbers) > 1):
        return True
    return None if any(int(n[:6]) in years or 1800 < int(n[:6]) < 2100 for n in (a.numbers[0], b.numbers[0])) else False


def issues_agree(a: Number, b: Number) -> bool | None:
    """Whether two issues are one: `2-3` has both, `SI` and `Suppl` without a number say nothing."""
    if not a.numbers or not b.numbers:
        return None
    if set(a.numbers) & set(b.numbers):
        return None if a.supplement != b.supplement else True
    return False


# --- pages ---------------------------------------------------------------------------------------

_DASH = re.compile(r"\s*(?:[-\u2010-\u2015\u2212]|&ndash;|\\textendash)+\s*")
_PAGE = re.compile(r"([a-z]{0,6}?)[. ]?0*(\d+)([a-z]?)(?:\.e?\d+)?")
_NOISE = re.compile(
    r"\b(?:pages?|pp?|pgs?|seiten?|s(?=\.\s))\b\.?|[\[\](){}\"']|\bart(?:icle)?(?: (?:no|id|number))?\b[.:]?",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"[(\[][^()\[\]]*[)\]]")
_ARTICLE_BEFORE = re.compile(r"\b\w{1,6}:(?=\d)")
_COUNT = re.compile(r"\d+\s*(?:p|pp|pgs?|pages|seiten|s|leaves|bl)\.?(?:\s.*)?", re.IGNORECASE)
_MONTH = re.compile(
    r"\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov"
    r"|dec)-\d{1,2}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pages:
    """First and last page, with the letter before the first (`S`, `e`).

    `all` are the firsts of all ranges; `bare` is the first page's number without letters; `tells` whether it says where
    the work stands: at page 1 every article begins before it has an issue; `count` is the number of pages, 0 where that
    is not known.
    """

    first: str = ""
    last: str = ""
    all: frozenset[str] = frozenset()
    bare: str = ""
    tells: bool = False
    count: int = 0

    def __bool__(self) -> bool:
        return bool(self.first)


def _pages(first: str, last: str, every: frozenset[str]) -> Pages:
    bare = first.lstrip(string.ascii_lowercase)
    count = int(last) - int(bare) + 1 if last.isdigit() and bare.isdigit() else 0
    return Pages(first, last, every, bare, bare not in {"1", "0", ""}, count)


NO_PAGES = Pages()


@lru_cache(maxsize=65536)
def pages(written: str) -> Pages:
    """Read pages or an article number in any spelling: `221-8`, `376 -- 383`, `S12–S18`, `e0130312`, `742-8;
    discussion 748-9`.
    """
    text = written.strip().lower()
    if not text or _MONTH.fullmatch(text) or _COUNT.fullmatch(text):  # 01-Jun is what spreadsheets make of 1-6
        return NO_PAGES
    if "(" in text or "[" in text:  # 081302(R), 403201 (26pp), P63 [tp 104]
        outside = _ASIDE.sub(" ", text)
        text = outside if any(c.isdigit() for c in outside) else text
    if ":" in text:  # 23:1-23:29, the article's number before each page
        text = _ARTICLE_BEFORE.sub("", text)
    ranges = []
    for part in re.split(r"[;,+]|\bdiscussion\b|\bquiz\b|\band\b", _NOISE.sub(" ", _DASH.sub("-", text)).strip()):
        left, _, right = part.strip().partition("-")
        first = _PAGE.fullmatch(left.strip())
        if not first:
            first = _PAGE.search(left) if re.search(r"\d", left) and len(left) < 12 else None
        if first:
            ranges.append((first[1] + first[2] + first[3], _last_page(first, right.strip())))
    if not ranges:
        bare = "".join(ascii_words(text).split())
        return NO_PAGES if not re.search(r"\d", bare) or bare in table.MISSING else _pages(bare, "", frozenset((bare,)))
    return _pages(ranges[0][0], ranges[0][1], frozenset(first for first, _ in ranges))


def _last_page(first: re.Match[str], right: str) -> str:
    match = _PAGE.match(right)
    if not match:
        return ""
    start, end = first[2], match[2]
    return start[: len(start) - len(end)] + end if len(end) < len(start) else end


def pages_agree(a: Pages, b: Pages) -> bool | None:
    """Whether two statements of pages are one place; None where they cannot be compared.

    An article number and page numbers are two ways to count, and so are the pages of a version before print.
    """
    if not a or not b:
        return None
    if a.first == b.first or (len(a.all) > 1 and len(b.all) > 1 and a.all & b.all):
        return True
    if a.bare == b.bare:
        return True if a.bare not in {"1", "0"} else None
    if is_article_number(a) != is_article_number(b):
        return None
    if a.count and a.count == b.count and not (a.tells and b.tells):
        return None  # as many pages, counted from 1 and counted in the volume
    if not a.tells and not b.tells:
        return None
    if not (a.tells and b.tells) and not (a.last and b.last):
        return None
    return _one_in_other(a, b) or _one_in_other(b, a)


def is_article_number(pages_: Pages) -> bool:
    """Whether this is the number of an article (`e0130312`, `CD002273`) and no page."""
    return not pages_.last and (len(pages_.bare) >= 5 or pages_.first[:1].isalpha())


def _one_in_other(inner: Pages, outer: Pages) -> bool:
    """Whether one range begins within the other and ends with it: 92 of 91-92, 742-9 of 740-749."""
    if not (inner.bare.isdigit() and outer.bare.isdigit() and outer.last.isdigit()):
        return False
    start, end = int(outer.bare), int(outer.last)
    return start <= int(inner.bare) <= start + 2 and int(inner.bare) <= end and (inner.last or outer.last) == outer.last
