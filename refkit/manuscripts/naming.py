"""Authors and a year in words ("Smith et al. (2020)"), and whether they are a work's own.

The words that name a work before its DOI are the citation already, written out: where they are the work's own authors
and year, the citation takes their place. Where they are not, they stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refkit.manuscripts.wording import BLANK
from refkit.match.fold import ascii_words
from refkit.model import Span, Work

_PARTICLE = r"(?:v[ao]n|vom|de[rnls]?|della|dos|d[aiou]s?|l[ae]s?|el|al|bin|ibn|te[nr]|zu[mr]?|af|av|'t|’t|St\.)"
_UPPER = r"[^\W\d_a-z\u00df-\u00f6\u00f8-\u00ff]"
_WORD = rf"{_UPPER}[^\W\d_]*(?:['’\u2010\u2011-][^\W\d_]+)*"
_INITIALS = rf"(?:(?:{_UPPER}\.[ -]?){{1,3}}{BLANK}?)?"
_NAME = rf"{_INITIALS}(?:{_PARTICLE}{BLANK}){{0,3}}{_WORD}(?:{BLANK}{_WORD})?"
_AND = rf"(?:,?{BLANK}(?:and|und|et|y|e|og|och|en|i|\\?&|&amp;){BLANK}|,{BLANK})"
_SLANT = r"(?:\\(?:emph|textit|textsl|it)\{?|[*_/]{1,2})?"
_OTHERS = (
    rf",?{BLANK}{_SLANT}(?:et{BLANK}?al(?:ii)?\.?|u\.{BLANK}?a\.|y{BLANK}otros|"
    rf"and{BLANK}(?:colleagues|coworkers|co-workers|others))[*_/}}]{{0,2}}"
)
NAMES = rf"(?P<names>{_NAME}(?:{_AND}{_NAME}){{0,6}}(?P<others>{_OTHERS})?)"
YEAR = r"(?P<year>(?:1[5-9]|20)\d\d)[a-z]?"

# Words that begin a sentence with a capital and are nobody's name.
_NO_NAMES = frozenset(
    "a an the this that these those in on at by for from to of as and or but see also however moreover thus "
    "hence when while where "
    "recent recently previous earlier using after before since both following according data figure fig table "
    "section chapter "
    "here there it its we our they their he she his her if although because with without figs doi ref refs "
    "reference references "
    "source available study studies paper article journal vol volume january february march april may june july "
    "august september "
    "october november december retrieved accessed published".split()
)


@dataclass(frozen=True, slots=True)
class Said:
    """Authors and a year as a manuscript says them: where, the family names, whether more are meant, and the year
    ("" where none is said); `noun` whether they are part of the sentence and not of a bracket."""

    span: Span
    names: tuple[str, ...]
    others: bool
    year: str
    noun: bool


def said(match: re.Match[str], start: int, end: int, *, noun: bool) -> Said | None:
    """What a match of `NAMES` (and `YEAR`) says, None where its words are no names."""
    words = re.split(rf"{_AND}", match["names"][: _names_end(match)])
    names = tuple(name for word in words if (name := _family(word)))
    if not names or names[0].split()[0].lower() in _NO_NAMES:
        return None
    year = match.groupdict().get("year") or ""
    return Said(Span(start, end), names, bool(match["others"]), year, noun)


def _names_end(match: re.Match[str]) -> int:
    others = match["others"]
    return len(match["names"]) - len(others) if others else len(match["names"])


def _family(word: str) -> str:
    return re.sub(rf"^{_INITIALS}", "", word.strip()).replace("\\ ", " ").replace("~", " ").strip()


def is_of(words: Said, work: Work) -> bool | None:
    """Whether the words name the work: its first author (and the second, where two are named) and its year, give or
    take the one that lies between online and print; None where the record has nothing to compare them with."""
    people = _people(work.csl)
    year = _year(work.csl)
    if not people or (words.year and year is None):
        return None
    if words.year and year is not None and abs(int(words.year) - year) > 1:
        return False
    if not _same(words.names[0], people[0]):
        return False
    if words.others:
        return len(people) > 1
    if len(words.names) > 1:
        return len(people) >= len(words.names) and all(
            _same(name, family) for name, family in zip(words.names, people, strict=False)
        )
    return True


def _people(csl: Mapping[str, Any]) -> Sequence[str]:
    for role in ("author", "editor"):
        found = [
            " ".join(
                str(one.get(part) or "") for part in ("dropping-particle", "non-dropping-particle", "family")
            ).strip()
            or str(one.get("literal") or "")
            for one in csl.get(role) or ()
        ]
        if any(found):
            return [name for name in found if name]
    return ()


def _year(csl: Mapping[str, Any]) -> int | None:
    issued = csl.get("issued")
    parts = issued.get("date-parts") if isinstance(issued, Mapping) else None
    try:
        return int(parts[0][0])  # type: ignore[index]  # what is no list of lists is caught below
    except (TypeError, ValueError, IndexError, KeyError):
        return None


def _same(name: str, family: str) -> bool:
    """Whether a name as said is a family name: the same words, or its last ones (van der Berg, Berg)."""
    one, other = ascii_words(name).split(), ascii_words(family).split()
    if not one or not other:
        return False
    if "".join(one) == "".join(other):
        return True
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) < len(longer) and longer[-len(shorter) :] == shorter
