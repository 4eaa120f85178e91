"""Where a work stands: its container's name, volume, issue and pages, and whether two such statements agree."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from refkit.match import words as table
from refkit.match.fold import ascii_words, plain

# --- containers ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Container:
    """A journal's, book's or conference's name: its meaningful words, their letters, and the letters of shorter
    readings.
    """

    words: tuple[str, ...] = ()
    slug: str = ""
    shorter: frozenset[str] = frozenset()


NO_CONTAINER = Container()
_BORDER = re.compile(
    r"(\s+[:=/\-–]\s*|:\s|;\s|\s*[(\[]|[)\]]\s*|\.\s(?=[A-Z][a-z]+\s[a-z])|(?<=[a-z]{4})/(?=[A-Z]))",
)


@lru_cache(maxsize=65536)
def container(written: str) -> Container:
    """Read the name of a container, in whatever spelling."""
    text = plain(written)
    words = _name_words(text)
    slug = "".join(words)
    if not slug or slug in table.MISSING:
        return NO_CONTAINER
    return Container(words, table.CONTAINER_ALIASES.get(slug, slug), frozenset(_shorter(text)) - {slug})


def _shorter(text: str) -> set[str]:
    """Parts of a name that are its name too: parallel names, what stands before a bracket or a describing subtitle."""
    pieces = _BORDER.split(text)
    found = set()
    for place in range(0, len(pieces), 2):
        words = _name_words(pieces[place])
        slug = "".join(words)
        if len(slug) < 3 or (place and slug.isdigit()):
            continue
        before = pieces[place - 1].strip() if place else ""
        after = pieces[place + 1].strip() if place + 1 < len(pieces) else ""
        rest = _name_words(pieces[place + 2]) if after else ()
        if place == 0:
            bracket = after in {"(", "["} and len("".join(rest)) > 1
            if bracket or after in {"=", "/"} or len(rest) > 3 or table.OFFICIAL_WORDS & set(rest):
                found.add(slug)
        elif before in {"=", "/", "("} or after in {"=", "/"}:
            found.add(slug)
    return {table.CONTAINER_ALIASES.get(slug, slug) for slug in found}


def _name_words(text: str) -> tuple[str, ...]:
    folded = ascii_words(text).split()
    return tuple(word for word in folded if word not in table.CONTAINER_STOP) or tuple(folded)


@lru_cache(maxsize=65536)
def containers_agree(a: Container, b: Container) -> bool | None:
    """Whether two names are one container's: abbreviations, acronyms and subtitles included; None where one is
    missing.
    """
    if not a.slug or not b.slug:
        return None
    if a.slug == b.slug or a.slug in b.shorter or b.slug in a.shorter:
        return True
    if _abbreviates(a.words, b.words) or _abbreviates(b.words, a.words):
        return True
    if _acronym(a, b) or _acronym(b, a) or _telling(a) == _telling(b) != ():
        return True
    if _contained(a, b) or _contained(b, a):
        return True
    if len(a.words) == len(b.words) and all(
        x == y or fuzz.ratio(x, y) >= 85 for x, y in zip(a.words, b.words, strict=True)
    ):
        return True
    return fuzz.ratio(a.slug, b.slug) >= 92


def _contained(short: Container, long: Container) -> bool:
    """One name within the other, as in `Proceedings of the 51st …`: all telling words of the shorter one are there."""
    telling = [word for word in short.words if word not in table.CONTAINER_NOISE and not word[0].isdigit()]
    if len(telling) < 2 or len("".join(telling)) < 12:
        return False
    rest = set(long.words)
    if not all(word in rest for word in telling):
        return False
    return long.slug.startswith(short.slug) or _is_conference(long) or _is_conference(short)


def _telling(name: Container) -> tuple[str, ...]:
    return tuple(word for word in name.words if word not in table.PROCEEDINGS_WORDS and not word[0].isdigit())


def _is_conference(name: Container) -> bool:
    return any(
        word in {"proceedings", "proc", "conference", "conf", "symposium", "workshop", "congress", "meeting"}
        for word in name.words
    )


def _abbreviates(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether each word of the one shortens a word of the other, in order (ISO 4): J Am Chem Soc, Natl, Dtsch."""
    if len(short) < 2 or len(short) > len(long) or len("".join(short)) >= len("".join(long)):
        return False
    at = 0
    skipped = 0
    for word in short:
        while at < len(long) and not _shortens(word, long[at]):
            at += 1
            skipped += 1
        if at == len(long):
            return False
        at += 1
    # Words after the last one may be a subtitle; words left out in between may not be many.
    return skipped <= max(1, len(short) // 3) and at >= len(long) - max(2, len(short))


@lru_cache(maxsize=65536)
def _shortens(short: str, long: str) -> bool:
    if long.startswith(short):
        return True
    if len(short) < 2 or short[0] != long[0] or len(short) >= len(long):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


def _acronym(short: Container, long: Container) -> bool:
    """PNAS, JMIR, ICIS, AMCIS: a word of the one made of the beginnings of all words of the other."""
    names = tuple(word for word in long.words if not word[0].isdigit())
    if len(names) < 3:
        return False
    return any(3 <= len(word) <= 10 and word[0] == names[0][0] and _spelled(word, names) for word in short.words)


def _spelled(acronym: str, names: tuple[str, ...]) -> bool:
    """Whether an acronym is made of the beginnings of names, in order, each giving at least its first letter."""
    if not names or not acronym:
        return not names and not acronym
    return any(
        _spelled(acronym[taken:], names[1:])
        for taken in range(1, min(4, len(acronym) - len(names) + 2))
        if names[0].startswith(acronym[:taken])
    )


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
        return (a.text == b.text if a.text and b.text and not a.numbers and not b.numbers else None) or None
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
    if not a.tells or not b.tells:
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
