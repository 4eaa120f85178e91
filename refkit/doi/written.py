"""DOIs in running text: where one begins, and every plausible reading of where it ends.

A written DOI has no end mark. What may belong to it is taken first (over line ends, where the text before or after is
a DOI's piece and not a word's), then what cannot belong is cut off, each cut with its reason. The best reading comes
first; the others are what the registry may settle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from refkit.doi import DOUBTFUL_DASHES, TAIL, decode, fold, is_valid
from refkit.doi.shapes import completeness, shape_of
from refkit.model import Doi, Reading

LONGEST = 2048
"""Characters after which a written DOI is given up: the longest that Crossref takes for deposit."""

_GAP = r"[\s\u00ad\u200b\ufeff\ufffe\x02]{0,3}"
_SLASH = r"(?:/|%2[Ff]|\\/|\\slash\s?|&#47;|&#[xX]2[Ff];|&sol;|[\u2044\u2215\uff0f])"
# Literal first, no flags, no optional prefix: 20 to 50 times faster than the usual expression.
_HIT = re.compile(rf"10\.(?:{_GAP}[0-9]{{4,9}}|[0-9]{{1,3}}\.[0-9]{{3,9}})(?:\.[0-9]{{1,9}})*{_GAP}{_SLASH}")
_SPACED_HIT = re.compile(rf"10 \.\s?[0-9]{{4,9}}{_GAP}{_SLASH}")
_SHORT_LINK = re.compile(r"doi\.org/(?:10(?:/|%2[Ff]))?([A-Za-z0-9]{4,10})(?![A-Za-z0-9_/.%-]*[A-Za-z0-9_/%-])")
_SHORT_NAME = re.compile(r"10/(?:(?<=[oO][iI]:10/)|(?<=[oO][iI]: 10/))([A-Za-z0-9]{3,10})(?![\w/])")
_NOT_SHORT = frozenset(
    [
        "info",
        "help",
        "news",
        "about",
        "index",
        "admin",
        "search",
        "factsheets",
        "handbook",
        "resources",
        "topics",
        "members",
        "registration",
        "demos",
        "driven",
        "faq",
        "contact",
        "home",
        "privacy",
        "simple",
        "the",
        "https",
        "http",
    ]
)

_LABEL = re.compile(
    r"(?:\bdoi|[a-z]doi|\b(?:digital object identifier))\s*(?:\((?:doi)\))?\s*(?:number|no\.?|link|url)?\s*"
    r"[\s:=>\"'{}()\[\]|/,.-]{0,12}(?:\\(?:url|href|path|nolinkurl)\{)?$",
    re.IGNORECASE,
)
_RESOLVER = re.compile(r"(?:doi\.org|doi-org[\w.-]*|hdl\.handle\.net|doi\.\w+\.\w+)[^\s\"'<>]{0,40}$", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:[a-zA-Z][a-zA-Z+.-]{1,9}:/?/|www\.|[\w-]+\.(?:com|org|net|edu|gov|io|ac|co|de|uk|fr)/)[^\s\"<>{}|]*$"
)
_CLOSES = {"(": ")", "[": "]", "<": ">", "{": "}"}
_OPENS = {closing: opening for opening, closing in _CLOSES.items()}

# What never stands in a DOI of running text. Ideographs end one: texts without spaces glue them to it.
_RUN = re.compile(
    '[^\\s"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u2026\u2022\u25cf\u25a0\u00a9\u00ae\u2122'
    "\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\ufffd\ue000-\uf8ff\ud800-\udfff\x00-\x01\x03-\x08\x0e-\x1b\x7f-\x9f]+"
)
_LINE_END = re.compile(r"[ \t]*(?:\r\n|\n|\r|\u2028)[ \t]*")


Lines = Literal["print", "source", "blocks"]
"""What a text's line ends are: those of a page (a DOI may go on in the next line), of a source that somebody typed (it
goes on only where it has hardly begun), or ends of paragraphs, cells and the like (it never goes on)."""


class Sign(NamedTuple):
    """What speaks for a hit being a DOI: a label before it, a resolver's or another link around it."""

    label: bool
    resolver: bool
    link: bool

    @property
    def any(self) -> bool:
        """Whether anything but the digits speaks for it."""
        return self.label or self.resolver or self.link


@dataclass(slots=True)
class Written:
    """A DOI as it stands in a text: `[start, end)`, its readings, best first, and the signs around it."""

    start: int
    end: int
    readings: tuple[Reading, ...]
    sign: Sign
    joined: str = ""
    before: str = field(default="", repr=False)


# --- where one begins ----------------------------------------------------------------------------


def written(text: str, *, lines: Lines = "source", link: bool = False) -> Iterator[Written]:
    """Find the DOIs that stand in `text`, from left to right, without overlap.

    Parameters: `text`; `lines`, what its line ends are; `link`, whether it is a link's target and nothing else.
    """
    if not text.isascii() and "\uff11\uff10" in text:
        text = text.translate(_NARROW)
    hits = list(_HIT.finditer(text))
    if "10 ." in text:
        hits = sorted([*hits, *_SPACED_HIT.finditer(text)], key=lambda hit: hit.start())
    found: list[Written] = []
    covered = 0
    for index, hit in enumerate(hits):
        if hit.start() < covered:
            continue
        limit = hits[index + 1].start() if index + 1 < len(hits) else len(text)
        one = _read(text, hit, limit, lines, link)
        if one is not None:
            covered = one.end
            found.append(one)
    yield from _with_short(text, found)


_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


def _with_short(text: str, found: list[Written]) -> Iterator[Written]:
    """Add the short DOIs (`doi.org/abc12`, `doi:10/abc12`) to what was found."""
    short = []
    for pattern in (_SHORT_LINK, _SHORT_NAME):
        for match in pattern.finditer(text):
            code = match.group(1)
            if code.lower() in _NOT_SHORT or (code.isalpha() and not code.islower()):
                continue
            doi = Doi("10/" + code.lower())
            short.append(
                Written(
                    match.start() + (8 if pattern is _SHORT_LINK else 0),
                    match.end(),
                    (Reading(doi, ""),),
                    Sign(True, True, True),
                )
            )
    if not short:
        yield from found
        return
    taken = [(one.start, one.end) for one in found]
    short = [one for one in short if not any(start - 1 <= one.start < end for start, end in taken)]
    yield from sorted([*found, *short], key=lambda one: one.start)


_BACK = 160


def _sign(before: str) -> Sign:
    stripped = before.rstrip("0123456789") if before[-1:].isdigit() else before
    return Sign(
        _LABEL.search(stripped) is not None,
        _RESOLVER.search(before) is not None,
        _ADDRESS.search(before) is not None,
    )


def _read(text: str, hit: re.Match[str], limit: int, lines: Lines, link: bool) -> Written | None:
    start = hit.start()
    before = text[max(0, start - _BACK) : start]
    sign = _sign(before)
    if link:
        sign = sign._replace(link=True)
    head = re.sub(r"[\s\u00ad\u200b\ufeff\ufffe\x02]", "", hit.group())
    spaced = len(head) != len(hit.group())
    if spaced and not (sign.label or sign.resolver):
        return None
    if not _may_begin(before, head, sign):
        return None
    prefix = re.match(r"10\.[0-9.]+", head)
    assert prefix is not None
    taken = _take(text, hit.end(), limit, prefix.group(), lines, sign)
    if not taken.plain:
        return None
    prefix_text = prefix.group().rstrip(".") + "/"
    readings, used = _readings(prefix_text, taken, sign, before)
    if not readings or not _plausible(readings[0].doi, sign, before):
        return None
    if spaced:
        readings = (Reading(readings[0].doi, _also(readings[0].why, "spaces in the prefix left out")), *readings[1:])
    return Written(start, taken.ends[used - 1], readings, sign, taken.joined, before[-60:])


def _may_begin(before: str, head: str, sign: Sign) -> bool:
    """Whether the digits can be a DOI's beginning, seen from what stands before them and from the registrant code."""
    registrant = head[3:].split(".")[0].split("/")[0]
    if not sign.label and not sign.resolver:
        if len(re.match(r"\d*", registrant).group()) < 4:  # type: ignore[union-attr]  # it matches always
            return False  # 10.4.1/2 is a version, 10.0.0.1/24 an address
        if before[-1:].isdigit() or re.search(r"\d[.,:]$|[$€£¥]$", before):
            return False  # 25.10.2015/… is a date, 110.1000/… another number
    return True


_UNITS = re.compile(
    r"10\.\d+/(?:(?:k|m|g|c|µ)?(?:g|l|m|s|b|hz|w|j|n|v|a)|kg|lb|h|hr|hour|day|d|week|month|year|yr|min|sec|mb|gb|kb|unit|px|rad|\d{1,2}"
    r"|\d{1,3}[.,]\d{1,3}|\d{1,2}(?:/\d{1,2})+)"
)


def _plausible(doi: str, sign: Sign, before: str) -> bool:
    """Whether an unlabelled number with a slash is a DOI and not a ratio, price, path or date."""
    if sign.label or sign.resolver:
        return True
    suffix = doi.split("/", 1)[1]
    if _UNITS.fullmatch(doi) and not re.fullmatch(r"\d{3,}", suffix):
        return False
    if doi[3] == "0" and not re.match(r"[a-z(]\S{3}", suffix):
        return False  # registrant codes do not begin with a zero
    return len(suffix) >= 3 or not suffix.isdigit()


# --- what may belong to it -----------------------------------------------------------------------


@dataclass(slots=True)
class _Taken:
    """A DOI's suffix and all that is glued to it: the decoded text, for each character its end in the document, the
    places where lines were joined, and the reason."""

    plain: str = ""
    ends: list[int] = field(default_factory=list)
    joints: list[int] = field(default_factory=list)
    joined: str = ""

    def add(self, raw: str, at: int) -> None:
        plain, ends = decode(raw)
        self.ends.extend(range(at + 1, at + len(raw) + 1) if ends is None else [at + end for end in ends])
        self.plain += plain


def _take(text: str, at: int, limit: int, prefix: str, lines: Lines, sign: Sign) -> _Taken:
    """Take all that may belong to the suffix that begins at `at`, over line ends where it goes on."""
    taken = _Taken()
    for _ in range(6):
        run = _RUN.match(text, at, min(len(text), at + LONGEST))
        raw = run.group() if run else ""
        if at + len(raw) > limit > at:  # another DOI is glued to this one
            raw = text[at:limit]
            taken.add(raw, at)
            break
        taken.add(raw, at)
        at += len(raw)
        step = _goes_on(text, at, prefix, taken, lines, sign)
        if step is None:
            break
        at, why = step
        taken.joints.append(len(taken.plain))
        taken.joined = taken.joined or why
        if at >= limit:
            break
    return taken


_WORDY = re.compile(r"[A-Z]?[a-z]{3,}[,;:.]?$|[A-Z][a-z]+,|[A-Z]{2,}[,;:]?$")
_NUMBERED = re.compile(r"\[?\(?\d{1,3}[.)\]]+$|\[\d{1,3}\]|\(\d{4}\)")
_YEAR = re.compile(r"(?:19|20)\d\d[.,;]?$")
_LONE = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[a-z])[a-z0-9.()-]{3,}\.?$|\d{4,}\.$")
_SCRAP = re.compile(r"[\w.()<>\[\]:;/+-]*\d[\w.()<>\[\]:;/+-]*[.,;)\]]*$")


def _goes_on(text: str, at: int, prefix: str, taken: _Taken, lines: Lines, sign: Sign) -> tuple[int, str] | None:
    """Whether the DOI goes on after the blank at `at`: where, and the reason."""
    gap = _LINE_END.match(text, at)
    if gap is None:
        return _goes_on_in_line(text, at, prefix, taken, sign)
    if lines == "blocks" or (lines == "source" and taken.plain):
        return None
    following = _RUN.match(text, gap.end())
    if following is None:
        return None
    piece = following.group()
    left = fold(prefix + "/" + taken.plain)
    rest_of_line = text[
        following.end() : text.find("\n", following.end()) if "\n" in text[following.end() :] else len(text)
    ]
    if not taken.plain or re.fullmatch(r"[(\[<]+", taken.plain):
        return (gap.end(), "goes on after the line end") if re.match(r"[\w(\[<]", piece) else None
    trimmed = left.rstrip(".,;:)")
    if completeness(trimmed) == "whole" and not left.endswith(("-", "/", "_")):
        return None
    if re.match(r"https?:|www\.|doi|10\.\d{4}", piece, re.IGNORECASE):
        return None
    last = taken.plain[-1]
    if last in "-_/<(:[\u2013" and re.match(r"[\w(\[<]", piece):
        return gap.end(), f"goes on after the line end, which it has a {last!r} before"
    if last in ",;" or (last in ")]" and _unbalanced(taken.plain)):
        return None
    whole = fold(left + piece)
    fits = (shape := shape_of(whole)) is not None and (
        shape.whole.fullmatch(whole.rstrip(".,;:)]")) is not None
        or ((m := shape.whole.match(whole)) is not None and m.end() > len(left))
    )
    if fits:
        return gap.end(), f"goes on after the line end, as {shape.publisher}'s DOIs do" if shape else ""
    if piece[0] in "._-/" and re.match(r"[._/-][\w(]", piece):
        return gap.end(), "goes on after the line end with a punctuation mark"
    if _NUMBERED.match(piece):
        return (
            None
            if not (re.match(r"0\d", piece) or completeness(left.rstrip(".")) == "partial") or piece[0] in "[("
            else (gap.end(), "goes on after the line end")
        )
    suffix = taken.plain
    if last == ".":
        if not re.search(r"\d", suffix) and not _WORDY.match(piece):
            return gap.end(), "goes on after the line end: no DOI ends without a digit"
        if not re.search(r"\d", suffix) and re.match(r"[a-z]", piece):
            return gap.end(), "goes on after the line end: no DOI ends without a digit"
        if re.match(r"[a-z0-9]", piece) and _SCRAP.match(piece) and not (_YEAR.match(piece) and rest_of_line.strip()):
            return gap.end(), "goes on after the line end, with a small letter or digit after the full stop"
        if completeness(left.rstrip(".")) == "partial" and _SCRAP.match(piece):
            return gap.end(), "goes on after the line end: it is not whole yet"
        return None
    if completeness(left) == "partial" and _SCRAP.match(piece) and not rest_of_line.strip():
        return gap.end(), "goes on after the line end: it is not whole yet"
    if not re.search(r"\d", suffix) and re.match(r"[\w.-]*\d", piece) and sign.any:
        return gap.end(), "goes on after the line end: no DOI ends without a digit"
    if not rest_of_line.strip() and _LONE.match(piece):
        return gap.end(), "goes on after the line end: nothing else stands in that line"
    return None


def _goes_on_in_line(text: str, at: int, prefix: str, taken: _Taken, sign: Sign) -> tuple[int, str] | None:
    """The same within a line, where a text layer or a typist put a space into a DOI."""
    if not (sign.label or sign.resolver) or text[at : at + 1] not in (" ", "\u00a0", "\u2009", "\u202f"):
        return None
    following = _RUN.match(text, at + 1)
    if following is None:
        return None
    piece = following.group()
    if not taken.plain:
        return (at + 1, "goes on after a space") if re.match(r"[\w(]", piece) else None
    left = fold(prefix + "/" + taken.plain)
    if completeness(left.rstrip(".,;:")) == "whole" or re.match(r"https?:|www\.|10\.\d{4}", piece, re.IGNORECASE):
        return None
    last = taken.plain[-1]
    if last in "-/_" and re.match(r"[\w(]*\d", piece):
        return at + 1, "goes on after a space"
    if last == "." and re.match(r"\d[\w.-]*[.,;]?$", piece) and completeness(left.rstrip(".")) != "unknown":
        return at + 1, "goes on after a space"
    if last == "." and re.match(r"\d[\w.-]*\d", piece) and not re.search(r"\d", taken.plain):
        return at + 1, "goes on after a space"
    if piece[0] in "/." and re.match(r"[/.]\w*\d", piece):
        return at + 1, "goes on after a space"
    whole = fold(left + piece).rstrip(".,;:)]")
    if completeness(whole) == "whole" and completeness(left.rstrip(".")) == "partial":
        return at + 1, "goes on after a space"
    return None


def _unbalanced(plain: str) -> bool:
    return any(plain.count(closing) > plain.count(opening) for opening, closing in (("(", ")"), ("[", "]")))


# --- where it ends -------------------------------------------------------------------------------

_SICI_ANGLE = re.compile(r"<[A-Za-z]{0,3}\d*[\w.+*-]*:{1,2}[^<>\s/]{1,40}>")
_GLUED = re.compile(
    r"(?<=.)(?:https?:/|www\.|(?:dx\.)?doi\.org|(?i:doi)\s*[:=]|(?i:urn:|info:doi)|10\.\d{4,9}/"
    r"|(?<=[\dXx).\]])(?i:PMID|PMCID|PMC\d|arXiv:|ISSN|ISBN|Epub|e-?pub|eCollection|DOI|URL)"
    r"|(?<=[\dXx).\]])(?:Received|Revised|Accepted|Published|Available|Accessed|Retrieved|Copyright|Citation|Abstract|Introduction"
    r"|Keywords?|Correspond|Submitted|Editor|Academic|Article|Original|Research|Review|Supplement|View|Download|Full|Crossref"
    r"|CrossRef|PubMed|Google|Medline|Scopus|Figure|Fig\.|Table|Open|Creative|License|This|The|For|Cite|Listing|Journal"
    r"|Check|Contents|Volume|Vol\.|Page|Author|Date|Advance|Background|Summary|Handling|From)(?=[A-Z\s:,.(]|$)"
    r"|(?<=\d)[A-Z][a-z]{3,}(?=[A-Z:,]|$)"
    r"|(?<=[\w)])(?:\[|\()(?i:pdf|html|doi|crossref|pubmed|google|medline|free|open|accessed|visited|last|retrieved|cit|in|see|web|isi|cas|citeulike)\b"
    r")"
)
_TRAILING = ".,;:!?'\u2018\u2019`*_~^|\\-/&=$@+\u00b7\u2020\u2021\u00a7\u00b6\u2013\u2014\u2032\u2033"
_DASH = re.compile(f"[{DOUBTFUL_DASHES}]")
_VERSION = re.compile(r"(10\.1101/[\d.]+?\d)v\d+(?:\..*)?$")
_COMPONENT = re.compile(
    r"(?:\.(?:[gst]\d{3}|(?:table|fig|figure|supp|suppl)\.?\d*[a-z]?)|[/-](?:table|fig|figure|supp|suppl|mov|abstract)-?[a-z]?\d+)$"
)


@dataclass(slots=True)
class _Cut:
    """How many characters of the suffix are kept, and why not more."""

    length: int
    why: str


def _readings(prefix: str, taken: _Taken, sign: Sign, before: str) -> tuple[tuple[Reading, ...], int]:
    """All readings of what was taken, best first, and how many characters the best one uses."""
    plain = taken.plain
    cuts = _cuts(prefix, plain, sign, before)
    best = cuts[-1]
    why = best.why
    if taken.joints and best.length > taken.joints[0]:
        why = _also(taken.joined, why)
    readings = [Reading(fold(prefix + plain[: best.length]), why)]
    for cut in reversed(cuts[:-1]):
        readings.append(Reading(fold(prefix + plain[: cut.length]), cut.why))
    readings.extend(
        Reading(fold(prefix + other), reason) for other, reason in _others(plain[: best.length], taken.joints)
    )
    seen: set[str] = set()
    kept = []
    for reading in readings:
        if reading.doi not in seen and is_valid(reading.doi):
            seen.add(reading.doi)
            kept.append(reading)
    if not kept or kept[0].doi != readings[0].doi:
        return (), 0
    return tuple(kept[:8]), best.length


def _others(plain: str, joints: list[int]) -> Iterator[tuple[str, str]]:
    """Further readings of the best one: unjoined, without the version, the component's parent."""
    for joint in joints:
        if 0 < joint < len(plain):
            left = plain[:joint].rstrip(_TRAILING)
            if left:
                yield left, "ends at the line end"
            if plain[joint - 1] == "-":
                yield plain[: joint - 1] + plain[joint:], "the hyphen at the line end left out"
    if not plain.isascii() and (dashes := _DASH.search(plain)):
        yield _DASH.sub("-", plain), f"the dash {dashes.group()!r} read as a hyphen"
        yield _DASH.sub("--", plain), f"the dash {dashes.group()!r} read as two hyphens, as TeX writes them"
    if component := _COMPONENT.search(plain):
        yield plain[: component.start()], "the work that this is a part of"


def _cuts(prefix: str, plain: str, sign: Sign, before: str) -> list[_Cut]:
    """The places where the suffix may end, the best one last."""
    end, why = _hard_end(plain, sign, before)
    cuts: list[_Cut] = []
    text = plain[:end]
    if match := _GLUED.search(text, 1):
        text, why = text[: match.start()], f"cut before {_show(plain[match.start() :])}, which is glued to it"
    shape = shape_of(fold(prefix + text))
    if shape is not None and (whole := shape.whole.match(fold(prefix + text))):
        rest = text[whole.end() - len(prefix) :]
        if re.match(r"[A-Za-z]{2}|[A-Z]$|v\d$", rest):
            if why == "":
                cuts.append(_Cut(len(text), "with what is glued to it"))
            text, why = (
                text[: whole.end() - len(prefix)],
                f"cut before {_show(rest)}: {shape.publisher}'s DOIs end here",
            )
    for _ in range(4):
        before_round = text
        stripped = _strip_end(text)
        if stripped != text:
            if text[len(stripped) :] in (".", ")", "]", "-", "+", "*", "_", "/"):
                cuts.append(_Cut(len(text), f"with the final {text[len(stripped) :]!r}"))
            text = stripped
            why = why or "punctuation after it left out"
        if (tail := TAIL.search(text)) and tail.start() > 0:
            cuts.append(_Cut(len(text), f"with {tail.group()!r}"))
            text = text[: tail.start()]
            why = _also(f"{_show(tail.group())} belongs to the link", "")
        if text == before_round:
            break
    if version := _VERSION.match(prefix + text):
        cuts.append(_Cut(len(text), "with the version"))
        text = text[: version.end(1) - len(prefix)]
        why = "the version left out: preprint servers give one DOI to all"
    cuts.append(_Cut(len(text), why))
    return [cut for cut in cuts[:-1] if cut.length > cuts[-1].length] + cuts[-1:]


def _strip_end(text: str) -> str:
    stripped = text.rstrip(_TRAILING)
    # SICI check characters and the plus signs of ACS belong to the DOI: '…CO;2-#', 'jp000606+'
    rest = text[len(stripped) :]
    if rest.startswith("+") and len(rest.rstrip(".,;:")) == 1 and re.search(r"\d$", stripped):
        return stripped + "+"
    return stripped


def _hard_end(plain: str, sign: Sign, before: str) -> tuple[int, str]:
    """Where the suffix must end: at an unbalanced bracket, a quote, a tag, a link's query, a list's comma."""
    stack: list[str] = []
    index = 0
    opened = before[-1:]
    for index, character in enumerate(plain):
        rest = plain[index + 1 :]
        if character in "([":
            stack.append(_CLOSES[character])
        elif character in ")]":
            if not stack or stack[-1] != character:
                return index, f"cut before the {character!r} that closes a bracket opened earlier"
            stack.pop()
        elif character == "<":
            angle = _SICI_ANGLE.match(plain, index)
            if not angle:
                return index, "cut before the tag"
        elif character == ">":
            if plain.rfind("<", 0, index) <= plain.rfind(">", 0, index):
                return index, "cut before the '>' that closes a bracket opened earlier"
        elif character in '{}|\\^`"*' or (character == "'" and (opened == "'" or not rest[:1].isalnum())):
            return index, f"cut before {character!r}"
        elif character in ",;" and not _belongs(plain, index):
            return index, "" if not rest else f"cut at the {character!r}"
        elif character in "?#" and not (character == "#" and re.search(r"co;2-$", plain[:index], re.IGNORECASE)):
            return index, f"what follows {character!r} belongs to the link"
        elif character == "&" and (sign.link or sign.resolver) and re.match(r"[A-Za-z_.]+=", rest):
            return index, "what follows '&' belongs to the link"
        elif character == "&" and re.match(r"(?:quot|lt|gt|apos|nbsp|#)", rest):
            return index, "cut before the entity"
    if stack:
        opener = plain.rfind(_OPENS[stack[-1]])
        if opener > 0:
            return opener, "cut before the bracket that is not closed"
    return len(plain), ""


def _belongs(plain: str, index: int) -> bool:
    """Whether the comma or semicolon at `index` is the DOI's own: in a SICI (`…CO;2-O`)."""
    return (
        plain[index] == ";"
        and re.match(r"\d", plain[index + 1 :]) is not None
        and re.search(r"co$", plain[:index], re.IGNORECASE) is not None
    )


def _show(rest: str) -> str:
    return repr(rest if len(rest) <= 24 else rest[:24] + "…")


def _also(first: str, second: str) -> str:
    return "; ".join(part for part in (first, second) if part)
