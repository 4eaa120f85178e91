"""Authors: who they are whatever a record makes of their names, and whether two lists name the same people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import Indel

from refkit.match import words as table
from refkit.match.fold import ascii_words, name_slug, plain

_GLUED = re.compile(r"(?<=[a-zA-Z]\.)(?=[^\W\d_a-z][^\W\d_]*['’]?[^\W\d_]{2,})")
_DOT_AND_WORD = re.compile(r"\.[^\W\d_]['’]?[^\W\d_]{2}")
_SEPARATOR = re.compile(r"\s*;\s*|\s+and\s+|\s*\|\s*|\s+&\s+|\s*\n\s*")
_ONE_GIVEN = re.compile(r"(?:[^\W\d_]\.[-\s]?)+[^\W\d_]{2,}")  # A.Geoffrey, who lacks a blank
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|md|phd|dr|prof|professor|msc|bsc|ma|frcp|mph)\.?$", re.IGNORECASE)
_PARTICLES = frozenset(
    "van von der den de da di du del della la le el al bin ibn ten ter vom zu zur dos das do e y st af av".split()
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.?[-\s]?){1,4}")


@dataclass(frozen=True, slots=True)
class Person:
    """One name: the family name's letters and words, the full words of the given names, and their initials.

    `foreign` says that the name is written in another script than Latin, where a transliteration may read it otherwise.
    """

    family: str
    parts: tuple[str, ...]
    given: tuple[str, ...]
    initials: str
    foreign: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """All full words of the name, for lists that mix up family and given names."""
        return self.parts + self.given


def people(names: Sequence[Mapping[str, Any]] | None) -> tuple[Person, ...]:
    """The persons of a CSL name list; what exports write for "nobody" is left out, run-together lists are taken
    apart.
    """
    found: list[Person] = []
    if not isinstance(names, (list, tuple)):
        return ()
    for name in names:
        if isinstance(name, Mapping):
            found += _persons(name)
    return tuple(found)


def _text(name: Mapping[str, Any], part: str) -> str:
    value = name.get(part)
    return value if isinstance(value, str) else ""


def _persons(name: Mapping[str, Any]) -> tuple[Person, ...]:
    family, given, literal = _text(name, "family"), _text(name, "given"), _text(name, "literal")
    whole = literal or f"{given} {family}"
    if len(whole) > 12 and _may_be_several(whole) and not (family and _ONE_GIVEN.fullmatch(given)):
        pieces = [piece for glued in _SEPARATOR.split(whole) for piece in _GLUED.split(glued)]
        if len(pieces) > 1 and not _is_group(whole):
            return tuple(person for piece in pieces if (person := _of_string(piece.strip(" ,"))))
    person = _of_string(literal) if literal and not family else _of_parts(family, given)
    return (person,) if person else ()


def _may_be_several(whole: str) -> bool:
    if ";" in whole or " and " in whole or " & " in whole or "|" in whole or "\n" in whole:
        return True
    return "." in whole and _DOT_AND_WORD.search(whole) is not None


def _is_group(text: str) -> bool:
    folded = f" {ascii_words(text)} "
    return any(f" {word} " in folded for word in _GROUP_WORDS)


_GROUP_WORDS = frozenset(
    """group committee consortium collaboration investigators society association university institute organization
    organisation
    ministry department network team council agency commission trial study alliance foundation center centre project
    inc ltd""".split()
)


@lru_cache(maxsize=65536)
def _of_string(text: str) -> Person | None:
    """One name written as one string: `Family, Given`, `Given Family`, `Family I. N.`, or a body's name."""
    text = plain(text).strip(" ,.;*[](){}0123456789")
    if _is_group(text):
        return _body(text)
    if "," in text:
        family, _, given = text.partition(",")
        return _of_parts(family, given.replace(",", " "))
    words = [word for word in text.split() if not _SUFFIX.match(word) or len(text.split()) == 1]
    if (
        len(words) > 1
        and _INITIALS.fullmatch(words[-1])
        and len(words[-1].strip(".")) <= 3
        and _looks_initial(words[-1])
    ):
        start = next(i for i, word in enumerate(words) if i and _looks_initial(word))
        return _of_parts(" ".join(words[:start]), " ".join(words[start:]))
    return _of_parts(words[-1], " ".join(words[:-1])) if words else None


def _looks_initial(word: str) -> bool:
    bare = word.replace(".", "").replace("-", "")
    return bool(bare) and len(bare) <= 3 and bare.isupper()


def _body(text: str) -> Person | None:
    slug = name_slug(text)
    return Person(slug, (slug,), (), "") if slug else None


@lru_cache(maxsize=65536)
def _of_parts(family: str, given: str) -> Person | None:
    if not given.strip() and " " in family.strip():
        return _of_string(family)
    folded_family = [word for word in ascii_words(plain(family).replace("-", " ")).split() if not _SUFFIX.match(word)]
    folded_given = ascii_words(plain(given).replace(".", " ")).split()
    long_given = [word for word in folded_given if len(word) > 2]
    if (
        folded_family
        and all(len(word) <= 2 for word in folded_family)
        and _looks_initial(family.strip())
        and long_given
    ):
        # "family" holds initials only: the parts were swapped, as in `Tan A.` read as given name and family name
        given_initials = "".join(folded_family)
        rest = [word for word in folded_given if len(word) <= 2]
        return _person(long_given, "".join(rest) + given_initials, ())
    initials = "".join(
        _initials(word, given)
        for word in folded_given
        if (len(word) == 1 or word not in _PARTICLES) and not _SUFFIX.match(word)  # the Y. of Y. N. Fu is no particle
    )
    foreign = not family.isascii() and any(letter > "\u024f" and letter.isalpha() for letter in family)
    return _person(folded_family, initials, tuple(word for word in folded_given if len(word) > 2), foreign)


def _initials(word: str, given: str) -> str:
    """The initials in one word of a given name: all letters of `JA`, the first of `John`."""
    return word if len(word) <= 3 and word.upper() in given else word[0]


def _person(family: Sequence[str], initials: str, given: tuple[str, ...], foreign: bool = False) -> Person | None:
    core = [word for word in family if word not in _PARTICLES] or list(family)
    slug = name_slug("".join(core))
    if not slug or slug in table.MISSING:
        return None
    parts = tuple(name_slug(word) for word in core if len(word) > 1)
    return Person(slug, parts, tuple(name_slug(word) for word in given), initials, foreign)


class Agreement(StrEnum):
    """How two lists of authors stand to each other."""

    SAME = "the same authors"
    FIRST = "the same first author"
    PARTLY = "partly the same authors"
    DIFFERENT = "different authors"
    UNKNOWN = "no authors to compare"


def compare(a: Sequence[Person], b: Sequence[Person]) -> Agreement:
    """Compare two lists; a shorter one (only the first author, or cut at "et al.") may be contained in the longer."""
    if not a or not b:
        return Agreement.UNKNOWN
    if len(a) == len(b) and all(x.family == y.family and _initials_agree(x, y) for x, y in zip(a, b, strict=True)):
        return Agreement.SAME
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    shared = _shared(short[:_COMPARED], long[: 2 * _COMPARED])
    asked = min(len(short), _COMPARED)
    first = same_person(a[0], b[0])
    if shared == asked:
        return Agreement.SAME if first or shared > 1 else Agreement.PARTLY
    if first and shared * 3 >= asked * 2:
        return Agreement.SAME
    if first:
        return Agreement.FIRST
    if shared * 2 >= asked and shared:
        return Agreement.PARTLY
    if _same_letters(a, b):
        return Agreement.SAME
    if not shared and a[0].foreign != b[0].foreign:
        return Agreement.UNKNOWN
    return Agreement.PARTLY if shared else Agreement.DIFFERENT


_COMPARED = 20
"""So many authors are compared: of a collaboration's thousand, the first say enough."""


def _shared(short: Sequence[Person], long: Sequence[Person]) -> int:
    """How many persons of the shorter list are in the longer one, each counted once."""
    left = list(long)
    rest: list[Person] = []
    for person in short:
        twin = next((other for other in left if other.family == person.family and _initials_agree(person, other)), None)
        if twin is None:
            rest.append(person)
        else:
            left.remove(twin)
    missing = 0
    for person in rest:
        twin = next((other for other in left if same_person(person, other)), None)
        if twin is None:
            missing += 1
        else:
            left.remove(twin)
    return len(short) - missing


def _same_letters(a: Sequence[Person], b: Sequence[Person]) -> bool:
    """Lists that were taken apart differently (given and family names mixed up) have the same words all the same."""
    left = {word for person in a for word in person.words}
    right = {word for person in b for word in person.words}
    if len(left) < 2 or len(right) < 2:
        return False
    return len(left & right) >= 0.75 * min(len(left), len(right))


def same_person(a: Person, b: Person) -> bool:
    """Whether two names may be one person's: initials against full names, swapped, hyphened, transliterated,
    mistyped.
    """
    if a.family == b.family:
        return _initials_agree(a, b)
    if _swapped(a, b) or _swapped(b, a):
        return True
    # A compound family name of which one record has a part: Tekin Bilbil, Bilbil.
    if (a.family in b.parts or b.family in a.parts) and len(a.family) > 2 and len(b.family) > 2:
        return True
    shorter = min(len(a.family), len(b.family))
    if shorter >= 5 and (a.family.startswith(b.family) or b.family.startswith(a.family)):
        return _initials_agree(a, b)
    return (
        shorter >= 4 and Indel.normalized_similarity(a.family, b.family, score_cutoff=0.8) > 0 and _initials_agree(a, b)
    )


def _swapped(a: Person, b: Person) -> bool:
    """`Andrea, C.` for Carignani, Andrea: the family name of one is a given name of the other."""
    return a.family in b.given and bool(a.initials) and a.initials[0] == b.family[0]


def _initials_agree(a: Person, b: Person) -> bool:
    if not a.initials or not b.initials or a.initials[0] == b.initials[0]:
        return True
    return a.initials[0] in b.initials or b.initials[0] in a.initials
