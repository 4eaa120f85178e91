"""Contributors of foreign records → CSL names: suffixes, particles, capitals, groups, junk."""

from __future__ import annotations

import re
from typing import Any

from refkit.formats.plain import word_set
from refkit.sources.markup import plain

Name = dict[str, str]

# A suffix that belongs to a name; degrees and roles ("MD", "Reviewer", "join(' '") do not.
_SUFFIX = re.compile(
    r"(?:jr|jnr|junior|júnior|sr|snr|senior|filho|filha|neto|sobrinho|[ivx]{1,5}|[1-9](?:st|nd|rd|th))\.?",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"[ivx]+\.?", re.IGNORECASE)
PARTICLES = word_set(
    """van von der den de del della di da dos das do du des la le les ten ter te zu zum zur af av el al bin ibn ben
    van't in 't op y e d' l'"""
)
"""Words that belong before a family name and are written small (BibTeX's `von`, CSL's particles)."""
_DEGREE = re.compile(
    r"(?:Ph\.?\s?D|M\.?\s?D|M\.?\s?Sc|B\.?\s?Sc|M\.?\s?P\.?\s?H|M\.?\s?B\.?\s?A|Pharm\.?\s?D|Ed\.?\s?D|Psy\.?\s?D|Dr\.?\s?P\.?\s?H|MPhil|MEd|MSN|MSW"
    r"|D\.?O|DDS|DMD|DVM|DNP|DPT|RN|BSN|LMT|JD|LLM|MS|MA|BA|BS|MBBS|MBChB|MRCP\w*|FRCP\w*|FRCS\w*|FACP|FACS|FACC|FAHA|Prof|Dr)\.?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_VOWEL = re.compile("[AEIOUYÀ-ÆÈ-ÏÒ-ÖØÙ-Ý]")
_GLUED_SUFFIX = re.compile(r"^(.{2,}?),?\s+((?:jr|sr)\.?|I{2,3}|IV)$", re.IGNORECASE)
_NOBODY = frozenset(
    (
        "",
        "-",
        "--",
        "n/a",
        "na",
        "&na",
        "&na;",
        "none",
        "null",
        "unknown",
        "anonymous",
        "anon",
        "anon.",
        "[anonymous]",
        ".",
        "no author",
        "undefined",
        ":unav",
        "(:unav)",
    )
)


def _string(value: Any) -> str:
    return plain(value).strip(" ,;") if isinstance(value, str) else ""


def from_contributor(person: Any) -> tuple[Name, dict[str, str]] | None:
    """One Crossref contributor as a CSL name and what CSL names have no place for; None where it names nobody.

    Source: Crossref deposit schema 5.5 (`person_name`, `organization`, `anonymous`); CSL 1.0.2 name variables.
    """
    if not isinstance(person, dict):
        return None
    if is_et_al(person):
        return None
    given, family, group = _string(person.get("given")), _string(person.get("family")), _string(person.get("name"))
    beside: dict[str, str] = {}
    suffix = person.get("suffix")
    if "," in family:
        family, given, suffix = _without_commas(family, given, _string(suffix), beside)
    if family and not any(char.isalnum() for char in family):
        family, given, group = "", "", group or given  # "_" in the place of a name
    if not family and not group and given:
        family, given = given, ""
    if not family:
        if group.lower() in _NOBODY:
            return None
        name: Name = {"literal": group}
    else:
        if family.lower() in _NOBODY and not given:
            return None
        name = {"family": family}
        if not given and (" " in family or suffix):
            tail = _string(suffix)
            if tail and _SUFFIX.fullmatch(tail):
                family = f"{family} {_roman(tail)}"
            return {"literal": family}, beside  # a whole name or a body's, in the wrong place
        if given and given.lower() not in ("-", "n/a", "null", "undefined", "."):
            name["given"] = given
        if suffix:
            _add_suffix(name, beside, _string(suffix))
        elif family[-1] in "rRIV." and (match := _GLUED_SUFFIX.match(family)) and given:
            name["family"] = match[1]
            name["suffix"] = _roman(match[2])
        prefix = person.get("prefix")
        if prefix and (text := _string(prefix)):
            if text.lower() in PARTICLES or all(word.lower() in PARTICLES for word in text.split()):
                name["family"] = f"{text} {name['family']}"
            else:
                beside["prefix"] = text
    orcid = person.get("ORCID")
    if isinstance(orcid, str) and (found := re.search(r"\d{4}-\d{4}-\d{4}-\d{3}[\dXx]", orcid)):
        beside["ORCID"] = found[0].upper()
    return name, beside


def is_et_al(person: Any) -> bool:
    """Whether a contributor is nobody but the words "et al."."""
    if not isinstance(person, dict):
        return False
    words = " ".join(str(person.get(part) or "") for part in ("given", "family", "name"))
    return bool(re.fullmatch(r"\W*et\.?\W*al\W*|\W*al\W*et\W*|and others", words.strip(), re.IGNORECASE))


def _without_commas(family: str, given: str, suffix: str, beside: dict[str, str]) -> tuple[str, str, str]:
    """Degrees and suffixes behind a family name's comma; a comma is what parts names in every format, so none stays."""
    head, *tail = (piece.strip() for piece in family.split(","))
    if not given and sum(1 for piece in tail if not _DEGREE.fullmatch(piece) and not _SUFFIX.fullmatch(piece)) > 1:
        return family, "", suffix  # several people in one: better whole than cut
    for piece in tail:
        if _SUFFIX.fullmatch(piece):
            suffix = suffix or piece
        elif _DEGREE.fullmatch(piece):
            beside["degrees"] = f"{beside['degrees']}, {piece}" if "degrees" in beside else piece
        elif not given:
            given = piece
        elif piece:
            head = f"{head} {piece}"
    return head, given, suffix


def _add_suffix(name: Name, beside: dict[str, str], suffix: str) -> None:
    bare = suffix.strip(" ,;")
    if _SUFFIX.fullmatch(bare):
        name["suffix"] = _roman(bare)
    elif bare:
        beside["suffix"] = bare


def _roman(suffix: str) -> str:
    return (
        suffix.upper()
        if _ROMAN.fullmatch(suffix)
        else suffix[0].upper() + suffix[1:]
        if suffix.isalpha() or suffix.endswith(".")
        else suffix
    )


def mend_capitals(names: list[Name]) -> bool:
    """Repair names that are in capitals throughout, in place; True where something was repaired.

    A whole list in capitals is repaired with its short names; else a single name, where its length shows that it is no
    initials. Initials stay. Groups stay: their capitals are their own.
    """
    people = [name for name in names if "family" in name]
    families = [name["family"] for name in people]
    if not any(family.isupper() and len(family) > 1 for family in families):
        return False
    every = len(people) > 1 and all(family.isupper() or not family.isascii() for family in families)
    mended = False
    for name in people:
        family, given = name["family"], name.get("given", "")
        if (
            family.isupper()
            and given
            and (every or len(family) > 3 or _is_word_in_capitals(given))
            and _VOWEL.search(family)
        ):
            name["family"] = _small(family, True)
            mended = True
            if given.isupper():
                name["given"] = _small_given(given)
    return mended


def _is_word_in_capitals(given: str) -> bool:
    return any(len(word) > 3 and word.isupper() and _VOWEL.search(word) for word in _WORD.findall(given))


def _small_given(given: str) -> str:
    return _WORD.sub(lambda m: m[0].capitalize() if len(m[0]) > 2 and _VOWEL.search(m[0]) else m[0], given)


def _small(family: str, surname: bool) -> str:
    words = family.split(" ")
    out = []
    for index, word in enumerate(words):
        if len(words) > 1 and index < len(words) - 1 and word.lower() in PARTICLES:
            out.append(word.lower())
            continue
        small = _WORD.sub(lambda m: m[0].capitalize(), word)
        small = re.sub(r"\bMc([a-z])", lambda m: "Mc" + m[1].upper(), small)
        small = (
            re.sub(r"(?<=[’'])([a-zA-Z])(?=$|\b)", lambda m: m[1].lower(), small)
            if re.search(r"[’'].$", small)
            else small
        )
        out.append(small)
    return " ".join(out)
