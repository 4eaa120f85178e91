"""DOIs in running text: where one begins, and every plausible reading of where it ends.

A written DOI has no end mark. What may belong to it is taken first (over line ends, where the text before or after is
a DOI's piece and not a word's), then what cannot belong is cut off, each cut with its reason. The best reading comes
first; the others are what the registry may settle.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from refkit.doi import NARROW, TAIL, fold, is_valid
from refkit.doi.cuts import HYPHEN_OUT, also, cuts_of, others
from refkit.doi.reach import GAP, Lines, Setting, Sign, Taken, ends_with_stop, take
from refkit.doi.shapes import completeness
from refkit.model import Doi, Reading

_SLASH = r"(?:/|%2[Ff]|\\/|\\slash\s?|&#47;|&#[xX]2[Ff];|&sol;|\\u002[Ff]|[\u2044\u2215\uff0f])"
# Literal first, no flags, no optional prefix: 20 to 50 times faster than the usual expression. Each further pass over a
# large text costs as much as the first, so there is one for the rarer spellings, by the slash that they all have.
_HIT = re.compile(rf"10\.(?:{GAP}[0-9]{{4,9}}|[0-9]{{1,3}}\.[0-9]{{3,9}})(?:\.[0-9]{{1,9}})*{GAP}{_SLASH}")
_SHORT = re.compile(
    r"/(?:(?<=doi\.org/)(?!10\.)(?:10(?:/|%2[Ff]))?|(?<=[oO][iI]:10/)|(?<=[oO][iI]: 10/))([A-Za-z0-9]{3,10})"
    r"(?![A-Za-z0-9_/.%-]*[A-Za-z0-9_/%-])"
)
_SPACED_HIT = re.compile(rf"10 \.\s?[0-9]{{4,9}}{GAP}{_SLASH}")
_BROKEN_HIT = re.compile(
    r"10(?:\r?\n)?\.(?:\r?\n)?[0-9](?:(?:\r?\n)?[0-9]){3,8}(?:\.[0-9]{1,9})*(?:\r?\n)?/"  # the prefix itself is broken
)
_RARE_UP_TO = 1 << 20
"""Characters of a text that is searched for the rare spellings as well: a space in the prefix, short DOIs."""
# Pages of doi.org itself.
_NOT_SHORT = frozenset(
    "info help news about index admin search factsheets handbook resources topics members registration demos driven faq"
    " contact home privacy simple the https http".split()
)

_LABEL = re.compile(
    r"(?:\bdoi:? ?\S{6,40} ?\[pii\]|\bdoi|[a-z]doi|\b(?:digital object identifier))\s*(?:\((?:doi)\))?\s*"
    r"(?:number|no\.?|link|url)?\s*"
    r"[\s:=>`\"'{}()\[\]|/,.-]{0,12}(?:\\(?:url|href|path|nolinkurl)\{)?$",
    re.IGNORECASE,
)
_RESOLVER = re.compile(r"(?:doi\.org|doi-org[\w.-]*|doi\.\w+\.\w+)[^\s\"'<>]{0,40}$", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:[a-zA-Z][a-zA-Z+.-]{1,9}:/?/|www\.|[\w-]+\.(?:com|org|net|edu|gov|io|ac|co|de|uk|fr)/)[^\s\"<>{}|]*$"
)


@dataclass(slots=True)
class Written:
    """A DOI as it stands in a text: `[start, end)`, its readings, best first, and the signs around it."""

    start: int
    end: int
    readings: tuple[Reading, ...]
    sign: Sign
    joined: str = ""


# --- where one begins ----------------------------------------------------------------------------


def written(text: str, *, lines: Lines = "source", link: bool = False) -> Iterator[Written]:
    """Find the DOIs that stand in `text`, from left to right, without overlap.

    Parameters: `text`; `lines`, what its line ends are; `link`, whether it is a link's target and nothing else.
    """
    if not text.isascii() and "\uff11\uff10" in text:
        text = text.translate(NARROW)
    hits = _hits(text, lines)
    setting = Setting(text, lines, _stops(text, hits) if lines == "print" else None)
    found: list[Written] = []
    covered = 0
    for index, hit in enumerate(hits):
        if hit.start() < covered:
            continue
        limit = hits[index + 1].start() if index + 1 < len(hits) else len(text)
        one = _read(setting, hit, limit, link)
        if one is not None:
            covered = one.end
            found.append(one)
    if lines == "print":
        _hyphens_settled(found)
    short = _shorts(text, found)
    return iter(sorted([*found, *short], key=lambda one: one.start) if short else found)


def _hits(text: str, lines: Lines) -> list[re.Match[str]]:
    """Where a DOI may begin, from left to right; rare spellings of the prefix are looked for in texts of usual size."""
    hits = list(_HIT.finditer(text))
    if len(text) > _RARE_UP_TO:
        return hits
    rare = [_SPACED_HIT] if "10 ." in text else []
    if lines == "print":
        rare.append(_BROKEN_HIT)
    if not rare:
        return hits
    by_start = {hit.start(): hit for pattern in rare for hit in pattern.finditer(text)}
    by_start.update((hit.start(), hit) for hit in hits)
    return sorted(by_start.values(), key=lambda hit: hit.start())


def _short(match: re.Match[str], text: str) -> Written | None:
    """A short DOI (`doi.org/abc12`, `doi:10/abc12`), or None where the word is none."""
    code = match.group(1)
    named = "10" in (text[match.start() - 2 : match.start()], text[match.start() + 1 : match.start() + 3])
    if code.lower() in _NOT_SHORT or (code.isalpha() and not code.islower()) or (len(code) < 4 and not named):
        return None
    start = match.start() - 2 if text.startswith("10", match.start() - 2) else match.start() + 1
    return Written(start, match.end(), (Reading(Doi("10/" + code.lower())),), Sign(True, True, True))


def _shorts(text: str, found: list[Written]) -> list[Written]:
    """The short DOIs; in a piece of a very large text only where links of the resolver are about."""
    if len(text) > _RARE_UP_TO and not any(one.sign.resolver for one in found):
        return []
    return [one for match in _SHORT.finditer(text) if (one := _short(match, text)) and not _covered(one, found)]


def _stops(text: str, hits: list[re.Match[str]]) -> bool | None:
    """Whether the DOIs of a reference list end with a full stop, by those that are whole and end their line."""
    said = [ends_with_stop(text, hit.end(), hit.group().split("/")[0]) for hit in hits]
    with_stop, without = said.count(True), said.count(False)
    if with_stop + without < 3 or min(with_stop, without) * 10 > with_stop + without:
        return None
    return with_stop > without


def _covered(one: Written, found: list[Written]) -> bool:
    index = bisect_right(found, one.start + 1, key=lambda other: other.start)
    return index > 0 and one.start < found[index - 1].end


_BACK = 160


def _sign(before: str) -> Sign:
    """What speaks for a DOI in the text before it."""
    near = before[-48:].rstrip("0123456789")
    label = "doi" in near.lower() or "entifier" in near
    ended = before.rstrip() if before.rstrip().endswith("/") else before  # a link broken before its DOI
    word = ended.split()[-1] if ended and not ended[-1].isspace() else ""
    address = word != "" and ("/" in word or "www." in word)
    return Sign(
        label and _LABEL.search(near) is not None,
        address and "doi" in word.lower() and _RESOLVER.search(word) is not None,
        address and _ADDRESS.search(word) is not None,
    )


def _read(setting: Setting, hit: re.Match[str], limit: int, link: bool) -> Written | None:
    text = setting.text
    start = hit.start()
    before = text[max(0, start - _BACK) : start]
    sign = _sign(before)
    if link:
        sign = sign._replace(link=True, exact=True)
    head = re.sub(r"[\s\u00ad\u200b\ufeff\ufffe\x02]", "", hit.group())
    spaced = len(head) != len(hit.group())
    if spaced and not (sign.label or sign.resolver or _broken_only(hit.group(), head)):
        return None
    if not _may_begin(before, head, sign):
        return None
    prefix = re.match(r"10\.[0-9.]+", head)
    assert prefix is not None
    taken = take(setting, hit.end(), limit, prefix.group(), sign)
    taken.settle()
    if not taken.plain:
        return None
    prefix_text = prefix.group().rstrip(".") + "/"
    readings, used = _readings(prefix_text, taken, sign, before)
    if not readings or not _plausible(readings[0].doi, sign):
        return None
    if spaced and not sign.any and not re.search(r"[a-z(].*\d|\d.*[a-z]|\d{6}|\S{8}", readings[0].doi.split("/", 1)[1]):
        return None
    if spaced:
        readings = (Reading(readings[0].doi, also(readings[0].why, "spaces in the prefix left out")), *readings[1:])
    return Written(start, taken.ends[used - 1], readings, sign, taken.joined)


def _broken_only(written_head: str, head: str) -> bool:
    """Whether a prefix without a label is cut by a line's end alone, and is not a list's tenth item and a year."""
    return "\n" in written_head and " " not in written_head and not re.match(r"10\.(?:19|20)\d\d\D", head)


_ANOTHER = re.compile(r"\d\.\Z|[$€£¥]\Z")


def _may_begin(before: str, head: str, sign: Sign) -> bool:
    """Whether the digits can be a DOI's beginning, seen from what stands before them and from the registrant code."""
    registrant = head[3:].split(".")[0].split("/")[0]
    if not sign.label and not sign.resolver:
        if len(re.match(r"\d*", registrant).group()) < 4:  # type: ignore[union-attr]  # it matches always
            return False  # 10.4.1/2 is a version, 10.0.0.1/24 an address
        if before[-1:].isdigit() or _ANOTHER.search(before):
            return False  # 25.10.2015/… is a date, 110.1000/… another number
    return True


# Suffixes that a number with a slash has in prose, logs and paths: a unit, a word, a number or two, a formula.
_NO_SUFFIX = re.compile(
    r"(?:k|m|g|c|µ)?(?:g|l|m|s|b|hz|w|j|n|v|a)|[kmgt]b|lb|hr?|rad|px|\d{1,2}|\d{1,2}(?:/\d{1,2})+|10\.\d+|step|epoch|iter|include|lib|bin|src|share|dist|x86_64|\d{1,2}\.\d"
)


def _plausible(doi: str, sign: Sign) -> bool:
    """Whether an unlabelled number with a slash is a DOI and not a ratio, price, path or date."""
    if sign.label or sign.resolver:
        return True
    registrant, suffix = doi[3:].split("/", 1)
    if "." in registrant and not re.search(r"\d.*[a-z]|[a-z].*\d", suffix):
        return False  # sdk/10.1636.1/include
    if registrant.startswith("0") and not re.match(r"[a-z(]\S{3}", suffix):
        return False  # registrant codes do not begin with a zero
    if not re.match(r"\w|\(?(?:sici|asce|issn|\d{4})\b", suffix) or re.match(r"[a-z]{2,6}\(\d{0,2}\)", suffix):
        return False  # a formula
    return not _NO_SUFFIX.fullmatch(suffix) and TAIL.fullmatch("/" + suffix) is None


def _readings(prefix: str, taken: Taken, sign: Sign, before: str) -> tuple[tuple[Reading, ...], int]:
    """All readings of what was taken, best first, and how many characters the best one uses."""
    plain = taken.plain
    cuts = cuts_of(prefix, plain, sign, before)
    best = cuts[-1]
    why = best.why
    if taken.joints and best.length > taken.joints[0]:
        why = also(taken.joined, why)
    readings = [Reading(fold(prefix + plain[: best.length]), why)]
    for cut in reversed(cuts[:-1]):
        readings.append(Reading(fold(prefix + plain[: cut.length]), cut.why))
    readings.extend(
        Reading(fold(prefix + other), reason)
        for other, reason in others(plain[: best.length], taken.joints, taken.dropped)
    )
    if taken.further and best.length >= len(plain.rstrip(".,;:)")):
        whole = plain + taken.further
        end = cuts_of(prefix, whole, sign, before)[-1].length
        readings.append(Reading(fold(prefix + whole[:end]), "if it goes on in the next line"))
    seen: set[str] = set()
    kept = []
    for reading in readings:
        if reading.doi not in seen and is_valid(reading.doi):
            seen.add(reading.doi)
            kept.append(reading)
    if not kept or kept[0].doi != readings[0].doi:
        return (), 0
    without = _unhyphened(kept)
    if without and completeness(without.doi) == "whole" and completeness(kept[0].doi) != "whole":
        kept = [without, *(reading for reading in kept if reading is not without)]
    return tuple(kept[:8]), best.length


def _unhyphened(readings: Sequence[Reading]) -> Reading | None:
    """The reading without the hyphen at a line's end, if there is one."""
    return next((reading for reading in readings if reading.why == HYPHEN_OUT), None)


def _hyphens_settled(found: list[Written]) -> None:
    """Where the page's typesetting puts hyphens into DOIs, as those of known shapes show, leave them all out."""
    broken = [(one, without) for one in found if (without := _unhyphened(one.readings))]
    put_in = [one for one, without in broken if one.readings[0] is without]
    own = [one for one, _ in broken if completeness(one.readings[0].doi) == "whole" and one not in put_in]
    if len(put_in) <= len(own):
        return
    for one, without in broken:
        if one.readings[0] is not without and completeness(one.readings[0].doi) != "whole":
            one.readings = (without, *(reading for reading in one.readings if reading is not without))
