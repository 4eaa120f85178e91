"""Names: CSL ⇄ BibTeX's `von Last, Jr, First`, and biblatex's `family=…, given=…`.

bibtexparser splits lists and names; braces round a body keep it whole. Source: btxdoc §4 (names), biblatex manual §3.4.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from refkit.formats.latex import escaped, from_latex
from refkit.formats.plain import OTHERS

Name = dict[str, Any]

_AND = re.compile(r"(?:^|\s)and(?:\s|$)", re.IGNORECASE)
_EXTENDED = re.compile(r"^\s*(?:family|given|prefix|suffix)\s*=", re.IGNORECASE)
_SUFFIX_ONLY = re.compile(r"(?:jr|sr)\.?|[IVX]+", re.IGNORECASE)


def write(names: list[Name], letters: bool = False, given_first: bool = False) -> str:
    """A list of CSL names as BibTeX writes it; a last name of the single word "others" stays BibTeX's `others`.

    Parameters: `letters`, LaTeX letters for Unicode ones; `given_first`, `David Baker` for `Baker, David` where BibTeX
    reads the same in it.
    """
    out = []
    for index, name in enumerate(names):
        if name == OTHERS and index == len(names) - 1 and index:
            out.append("others")
        elif text := _one(name, letters, given_first):
            out.append(text)
    return " and ".join(out)


def _one(name: Name, letters: bool, given_first: bool) -> str:
    if "family" not in name:
        literal = name.get("literal") or name.get("given") or ""
        return "{" + escaped(str(literal), letters) + "}" if literal else ""
    family = str(name["family"])
    given, suffix = str(name.get("given") or ""), str(name.get("suffix") or "")
    particle = str(name.get("non-dropping-particle") or "")
    if dropping := name.get("dropping-particle"):
        # biblatex and BibTeX know one `von`; a dropping particle is part of the given names when sorting.
        particle = f"{particle} {dropping}".strip() if not given else particle
        given = f"{given} {dropping}" if given else given
    if particle:
        family = f"{particle}{'' if particle.endswith(chr(39)) or particle.endswith('’') else ' '}{family}"
    if not given and not suffix:
        text = escaped(family, letters)
        return text if re.fullmatch(r"[^\s,{}~]+", text) and text.lower() not in ("and", "others") else "{" + text + "}"
    if given_first and not suffix and (text := _in_speech(given, family, letters)):
        return text
    pieces = [_family(family, letters)]
    if suffix:
        pieces.append(_part(suffix, letters))
    pieces.append(_part(given, letters))
    return ", ".join(pieces)


def _in_speech(given: str, family: str, letters: bool) -> str:
    """A name as it is spoken, "" where BibTeX would part it otherwise."""
    words = family.split()
    small = sum(1 for word in itertools.takewhile(str.islower, words))
    if "," in given + family or any(word[:1].islower() for word in given.split()) or not words[small:]:
        return ""
    last = " ".join(words[small:])
    latex = escaped(last, letters)
    if len(words) - small > 1 or not last[:1].isupper():
        latex = "{" + latex + "}"
    return " ".join([escaped(given, letters), *words[:small], latex])


def _part(text: str, letters: bool) -> str:
    latex = escaped(text, letters)
    return "{" + latex + "}" if "," in text or _AND.search(text) else latex


def _family(family: str, letters: bool) -> str:
    words = family.split(" ")
    small = [
        not word[:1].isupper() and word[:1].isalpha() and word[:1].lower() == word[:1] and word[:1].upper() != word[:1]
        for word in words
    ]
    # BibTeX takes all up to the last small word for the `von` part, so `Cruz y Soto` must be held together.
    torn = any(s and not all(small[:i]) for i, s in enumerate(small[:-1])) or (all(small) and len(words) > 1)
    latex = _part(family, letters)
    return "{" + latex + "}" if torn and not latex.startswith("{") else latex


def read(value: str) -> list[Name]:
    """A BibTeX or biblatex name list as CSL names.

    Parameters: `value`, the field's value without its delimiters, macros resolved.
    """
    from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names

    value = " ".join(value.split())
    if not value:
        return []
    names: list[Name] = []
    for one in split_multiple_persons_names(value):
        one = one.strip()
        if not one:
            continue
        if _whole(one):
            names.append({"literal": from_latex(one[1:-1])})
        elif one.lower() == "others":
            names.append(dict(OTHERS))
        elif _EXTENDED.match(one):
            if name := _extended(one):
                names.append(name)
        else:
            names.append(_parts(parse_single_name_into_parts(one, strict=False)))
    return [name for name in names if name]


def _whole(one: str) -> bool:
    if not (one.startswith("{") and one.endswith("}")) or one.startswith("{\\"):
        return False
    depth = 0
    for index, char in enumerate(one):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return index == len(one) - 1
    return False


def _join(words: list[str]) -> str:
    return from_latex(" ".join(word for word in words if word))


def _parts(parts: Any) -> Name:
    family = _join([*parts.von, *parts.last])
    given, suffix = _join(parts.first), _join(parts.jr)
    if not family:
        return {"family": given} if given else {}
    name: Name = {"family": family}
    if given:
        name["given"] = given
    if suffix:
        name["suffix"] = suffix
    return name


def _extended(one: str) -> Name:
    parts: dict[str, str] = {}
    for piece in re.split(r",\s*(?=[A-Za-z-]+\s*=)", one):
        key, _, text = piece.partition("=")
        text = text.strip().strip('"')
        parts[key.strip().lower()] = from_latex(text[1:-1] if _whole(text) else text)
    family = " ".join(part for part in (parts.get("prefix", ""), parts.get("family", "")) if part)
    if not family:
        return {"family": parts["given"]} if parts.get("given") else {}
    name: Name = {"family": family}
    for key in ("given", "suffix"):
        if parts.get(key):
            name[key] = parts[key]
    return name
