"""Patterns of citation keys, as users of JabRef and Better BibTeX know them: `[auth:lower][year][shorttitle:1]`.

A field stands in square brackets, its modifiers behind colons; what stands outside is taken as it is. The table below
is the whole language (`docs/keys.md`). Whatever a pattern gives, a key holds only ASCII letters, digits and `-_.:+/`.
Source: JabRef documentation, "Customize the citation key generator"; Better BibTeX documentation, "Citation keys".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from refkit.errors import UsageError
from refkit.keys.parts import WORD, acronym, ascii_of, name, words, year
from refkit.model import Work

Value = list[str]
"""A field's value as words, so that a modifier can take some of them."""


def _families(work: Work, variable: str = "author") -> Value:
    people = work.csl.get(variable) or ()
    found = (str(one.get("family") or "") or acronym(str(one.get("literal") or "")) for one in people)
    language = str(work.csl.get("language", ""))
    return [text for one in found if (text := "".join(WORD.findall(ascii_of(one, language))))]


def _capital(value: Value) -> Value:
    return [word[:1].upper() + word[1:] for word in value]


def _etal(work: Work) -> Value:
    found = _families(work)
    return found if len(found) < 3 else [found[0], "etal"]


def _initials(work: Work) -> Value:
    found = _families(work)
    return [found[0][:3]] if len(found) == 1 else ["".join(family[:1] for family in found[:4])]


def _text(work: Work, variable: str) -> Value:
    return WORD.findall(ascii_of(str(work.csl.get(variable) or "")))


_FIELDS: dict[str, Callable[[Work], Value]] = {
    "auth": lambda work: _capital([name(work)]),
    "author": lambda work: _capital([name(work)]),
    "authors": lambda work: _capital(_families(work)),
    "authetal": lambda work: _capital(_etal(work)),
    "authorsalpha": _initials,
    "authorlast": lambda work: _capital(_families(work)[-1:]),
    "edtr": lambda work: _capital(_families(work, "editor")[:1]),
    "editors": lambda work: _capital(_families(work, "editor")),
    "year": lambda work: [year(work)],
    "shortyear": lambda work: [year(work)[-2:]],
    "title": lambda work: _capital(words(work)),
    "shorttitle": lambda work: _capital(words(work)[:3]),
    "veryshorttitle": lambda work: _capital(words(work)[:1]),
    "journal": lambda work: _capital(_text(work, "container-title")),
    "volume": lambda work: _text(work, "volume"),
    "issue": lambda work: _text(work, "issue"),
    "number": lambda work: _text(work, "issue") or _text(work, "number"),
    "firstpage": lambda work: _text(work, "page")[:1],
    "pages": lambda work: _text(work, "page"),
    "publisher": lambda work: _capital(_text(work, "publisher")),
    "doi": lambda work: _text(work, "DOI"),
    "type": lambda work: [str(work.csl.get("type", ""))],
    "keyword": lambda work: WORD.findall(ascii_of(re.split(r"[;,]", str(work.csl.get("keyword") or ""))[0])),
}

_MODIFIERS: dict[str, Callable[[Value], Value]] = {
    "lower": lambda value: [word.lower() for word in value],
    "upper": lambda value: [word.upper() for word in value],
    "capitalize": _capital,
    "abbr": lambda value: ["".join(word[:1] for word in value)],
    "camel": _capital,
    "hyphens": lambda value: ["-".join(value)],
    "underscores": lambda value: ["_".join(value)],
}
_PIECE = re.compile(r"\[([^\[\]]*)\]|([^\[\]]+)|(.)")
_UNSAFE = re.compile(r"[^A-Za-z0-9:.+/_-]")


@lru_cache(maxsize=16)
def compiled(pattern: str) -> Callable[[Work], str]:
    """The function that a pattern is. Raises `UsageError` with what the pattern language has.

    Parameters: `pattern`, such as `[auth:lower][year][title:1:lower]`; a number takes so many words of a list, or,
    behind `auth` and its kind, so many letters; `(text)` stands in for an empty value.
    """
    steps: list[Callable[[Work], str]] = []
    for match in _PIECE.finditer(pattern):
        if match[3]:
            raise UsageError(f"The key pattern {pattern!r} has a bracket without its pair.", _help())
        steps.append(_field(match[1], pattern) if match[1] is not None else _literal(match[2]))
    if not any(step for step in steps):
        raise UsageError("The key pattern is empty.", _help())

    def make(work: Work) -> str:
        key = _UNSAFE.sub("", "".join(step(work) for step in steps)).strip(":.+/_-")
        return key if re.match(r"[A-Za-z]", key) else _stand_in(work, pattern) + key

    return make


def _stand_in(work: Work, pattern: str) -> str:
    """What a key begins with that would begin with a digit: the title's first word where nobody is named."""
    said = [] if name(work) else [word for word in words(work) if word[0].isalpha()]
    if not said:
        return "ref"
    return said[0] if ":lower" in pattern else said[0].capitalize()


@lru_cache(maxsize=128)
def part(text: str) -> Callable[[Work], str]:
    """The function that one bracket of a pattern is, such as `auth:lower`. Raises `UsageError` as `compiled` does."""
    return _field(text, f"[{text}]")


def _literal(text: str) -> Callable[[Work], str]:
    return lambda work: text


def _field(text: str, pattern: str) -> Callable[[Work], str]:
    head, *modifiers = text.split(":")
    take, count = _known(head, pattern)
    # Behind one name a number takes letters ([auth:3]), behind a list it takes words ([authors:2]).
    letters = bool(re.match(r"(?:auth|edtr)(?!ors)", head.lower()))
    otherwise = ""
    steps: list[Callable[[Value], Value]] = []
    if count:
        modifiers.insert(0, count)
    for modifier in modifiers:
        if modifier.isdecimal():
            steps.append(_first(int(modifier), letters))
        elif modifier.startswith("(") and modifier.endswith(")"):
            otherwise = modifier[1:-1]
        elif modifier.lower() in _MODIFIERS:
            steps.append(_MODIFIERS[modifier.lower()])
        else:
            raise UsageError(f"The key pattern {pattern!r} has an unknown modifier {modifier!r}.", _help())

    def make(work: Work) -> str:
        value = [word for word in take(work) if word]
        for step in steps:
            value = step(value)
        return "".join(value) or otherwise

    return make


def _known(head: str, pattern: str) -> tuple[Callable[[Work], Value], str]:
    plain = head.lower().replace(".", "").replace("_", "")
    match = re.fullmatch(r"([a-z]+?)(\d*)", plain)
    if match and match[1] in _FIELDS:
        return _FIELDS[match[1]], match[2]
    raise UsageError(f"The key pattern {pattern!r} has an unknown field {head!r}.", _help())


def _first(count: int, letters: bool) -> Callable[[Value], Value]:
    if letters:
        return lambda value: ["".join(value)[:count]]
    return lambda value: value[:count]


def _help() -> str:
    return f"Fields are {', '.join(_FIELDS)}; modifiers are {', '.join(_MODIFIERS)}, a number, and (text)."
