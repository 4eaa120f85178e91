"""Journals, books and conferences: their names in whatever spelling, and whether two names are one container's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from refkit.match import words as table
from refkit.match.fold import ascii_words, plain


@dataclass(frozen=True, slots=True)
class Container:
    """A container's name: its meaningful words, their letters, the letters of shorter readings, and acronyms in it.

    `head` is what stands before a subtitle that may belong to the name or not.
    """

    words: tuple[str, ...] = ()
    slug: str = ""
    shorter: frozenset[str] = frozenset()
    acronyms: frozenset[str] = frozenset()
    head: str = ""


NO_CONTAINER = Container()
_BORDER = re.compile(
    r"(\s+[:=/\-–]\s*|:\s|;\s|\s*[(\[]|[)\]]\s*|\.\s(?=[A-Z][a-z]+\s[a-z])|(?<=[a-z]{4})/(?=[A-Z]))",
)
_CAPITALS = re.compile(r"\b(?=\w*[A-Z]\w*[A-Z])[A-Z][A-Za-z]{2,7}\b")


@lru_cache(maxsize=65536)
def read(written: str) -> Container:
    """Read the name of a container, in whatever spelling."""
    text = plain(written)
    words = _name_words(text)
    slug = "".join(words)
    if not slug or slug in table.MISSING:
        return NO_CONTAINER
    shouted = text.isupper() and len(_telling(words)) > 1
    acronyms = frozenset(() if shouted else (found.lower() for found in _CAPITALS.findall(text)))
    shorter = frozenset(_shorter(text)) - {slug}
    head = "".join(_name_words(_BORDER.split(text, maxsplit=1)[0]))
    return Container(words, table.CONTAINER_ALIASES.get(slug, slug), shorter, acronyms, head if head != slug else "")


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


def _telling(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in table.PROCEEDINGS_WORDS and not word[0].isdigit())


@lru_cache(maxsize=65536)
def agree(a: Container, b: Container) -> bool | None:
    """Whether two names are one container's, in full, abbreviated or as an acronym; None where one is missing."""
    if not a.slug or not b.slug:
        return None
    if a.slug == b.slug or a.slug in b.shorter or b.slug in a.shorter:
        return True
    telling_a, telling_b = _telling(a.words), _telling(b.words)
    if telling_a and telling_a == telling_b:
        return True
    for short, long in ((a, b), (b, a)):
        if _abbreviates(short.words, long.words) or _acronym(short, long) or _contained(short, long):
            return True
    if _abbreviates(telling_a, telling_b) or _abbreviates(telling_b, telling_a):
        return True
    if _misspelt(a.words, b.words):
        return True
    # One with a subtitle, which may describe the journal or name another one: Circulation: Heart Failure.
    return None if a.slug == b.head or b.slug == a.head else False


def _misspelt(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    if len(a) != len(b):
        return "".join(a) == "".join(b)
    return all(x == y or (min(len(x), len(y)) > 4 and fuzz.ratio(x, y) >= 85) for x, y in zip(a, b, strict=True))


def _contained(short: Container, long: Container) -> bool:
    """One name within the other, as in `Proceedings of the 51st …`: all telling words of the shorter one are there."""
    telling = [word for word in short.words if word not in table.CONTAINER_NOISE and not word[0].isdigit()]
    if len(telling) < 2 or len("".join(telling)) < 12 or not (_is_conference(long) or _is_conference(short)):
        return False
    return set(telling) <= set(long.words)


def _is_conference(name: Container) -> bool:
    return not table.CONFERENCE_WORDS.isdisjoint(name.words)


def _abbreviates(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether each word of the one shortens a word of the other, in order (ISO 4): J Am Chem Soc, Natl, Dtsch.

    Words may follow only where they are a describing subtitle or a country: Physical Review is not Physical Review B.
    """
    if len(short) < 2 or len(short) > len(long) or len("".join(short)) >= len("".join(long)):
        return False
    if not all(_shortens(word, full) for word, full in zip(short, long, strict=False)):
        return False
    rest = long[len(short) :]
    return not rest or not table.OFFICIAL_WORDS.isdisjoint(rest) or table.COUNTRIES.issuperset(rest)


@lru_cache(maxsize=65536)
def _shortens(short: str, long: str) -> bool:
    if long.startswith(short):
        return True
    if len(short) < 2 or short[0] != long[0] or len(short) >= len(long):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


def _acronym(short: Container, long: Container) -> bool:
    """A name that is an acronym, which stands in the other name or is made of its words: PNAS, ICIS, ACL, AMCIS."""
    telling = _telling(short.words)
    alone = {*telling} if len(telling) == 1 else {short.head} & short.acronyms
    if any(2 < len(word) < 11 and word in long.acronyms for word in alone):
        return True
    names = [name for name in long.words if not name[0].isdigit()]
    return any(
        _spelled(word, names[place:], 0)
        for word in alone | {word for word in short.acronyms if len(word) > 3}
        if 2 < len(word) < 11 and word not in table.PROCEEDINGS_WORDS
        for place in range(len(names) - 2)
        if names[place][0] == word[0]
    )


def _spelled(acronym: str, names: list[str], used: int) -> bool:
    """Whether an acronym is made of the beginnings of at least three names, in order."""
    if not acronym:
        return used >= 3
    if not names:
        return False
    return any(
        _spelled(acronym[taken:], names[1:], used + 1)
        for taken in range(1, min(4, len(acronym) + 1))
        if names[0].startswith(acronym[:taken])
    )
