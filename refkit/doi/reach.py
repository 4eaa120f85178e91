"""What may belong to a written DOI: all that stands with it, and what follows over line ends and spaces.

A DOI that a line's end cuts in two goes on where the two pieces fit together and the second is no word: by the
publisher's shape, by the mark before the line's end, by what a DOI cannot end with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from refkit.doi import decode, fold
from refkit.doi.shapes import completeness, shape_of

LONGEST = 2048
"""Characters after which a written DOI is given up: the longest that Crossref takes for deposit."""

GAP = r"[\s\u00ad\u200b\ufeff\ufffe\x02]{0,3}"
"""What may stand inside a DOI's prefix where a line ended or a typist put a space."""

# What never stands in a DOI of running text. Ideographs end one: texts without spaces glue them to it.
_RUN = re.compile(
    '[^\\s"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u2026\u2022\u25cf\u25a0\u00a9\u00ae\u2122'
    "\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\ufffd\ue000-\uf8ff\ud800-\udfff\x00-\x01\x03-\x08\x0e-\x1b\x7f-\x9f]+"
)
_LINE_END = re.compile(r"[ \t]*(?:\r\n|\n|\r|\u2028)[ \t]*")


Lines = Literal["print", "text", "source", "blocks"]
"""What a text's line ends are: those of a page (a DOI may go on in the next line), of a text that may have been wrapped
(it goes on only where a mark at the line's end or the next line's beginning says so), of a source that somebody typed
(it goes on only where it has hardly begun), or ends of paragraphs, cells and the like (it never goes on)."""


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
class Taken:
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


def take(text: str, at: int, limit: int, prefix: str, lines: Lines, sign: Sign) -> Taken:
    """Take all that may belong to the suffix that begins at `at`, over line ends where it goes on."""
    taken = Taken()
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


_WORD = re.compile(r"[A-Z]?[a-z]{3,}[,;:.]?$|[A-Z][a-z]+,|[A-Z]{2,}[,;:]?$")
_NUMBERED = re.compile(r"\[?\(?\d{1,3}[.)\]]+$|\[\d{1,3}\]|\(\d{4}\)")
_YEAR = re.compile(r"(?:19|20)\d\d[.,;]?$")
_LONE = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[a-z])[a-z0-9.()-]{3,}\.?$|\d{5,}\.$")
_SCRAP = re.compile(r"[\w.()<>\[\]:;/+-]*\d[\w.()<>\[\]:;/+-]*[.,;)\]]*$")
_NEVER = re.compile(
    r"\d+(?:st|nd|rd|th)\b|(?:pp?|vol|no|figs?|eq|tab|eds?|ch)\.|https?:|www\.|doi|10\.\d{4}|\[|\(\d{4}\)",
    re.IGNORECASE,
)
_STOPS = ".,;:)"


def _goes_on(text: str, at: int, prefix: str, taken: Taken, lines: Lines, sign: Sign) -> tuple[int, str] | None:
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
    if not taken.plain or re.fullmatch(r"[(\[<]+", taken.plain):
        return (gap.end(), "goes on after the line end") if re.match(r"[\w(\[<]", piece) else None
    if _NEVER.match(piece) and not taken.plain.endswith(("(", "[")):
        return None
    end = text.find("\n", following.end())
    alone = not text[following.end() : end if end >= 0 else len(text)].strip()
    left = fold(f"{prefix}/{taken.plain}")
    why = _by_fit(left, piece, lines)
    if why == "":
        why = _by_mark(left, piece, alone, lines, sign)
    return (gap.end(), f"goes on after the line end: {why}") if why else None


def _by_fit(left: str, piece: str, lines: Lines) -> str | None:
    """The reason by the publisher's shape; "" where that says nothing, None where the DOI is whole already."""
    marked = left.endswith((".", "-", "/", "_", "("))
    whole_already = completeness(left.rstrip(_STOPS)) == "whole"
    both = fold(left + piece)
    shape = shape_of(both)
    match = shape.whole.match(both) if shape is not None else None
    if shape is not None and match is not None and match.end() > len(left) and (marked or lines == "print"):
        goes = not piece[0].isdigit() if whole_already else not (_NUMBERED.match(piece) and not marked)
        if goes and marked >= whole_already and not both[match.end() :].strip(".,;:)]"):
            return f"it is then one of {shape.publisher}'s"
    return None if whole_already and not left.endswith(("-", "/", "_")) else ""


def _by_mark(left: str, piece: str, alone: bool, lines: Lines, sign: Sign) -> str:
    """The reason by the marks at the line's end and the next line's beginning, "" where nothing says so.

    Parameters: `left`, the whole DOI so far; `piece`, the next line's first word; `alone`, whether it is the only one.
    """
    suffix = left.split("/", 1)[1]
    last = suffix[-1]
    numbered = re.search(r"\d", suffix) is not None
    if last in "-_/<(:[\u2013" and re.match(r"[\w(\[<]", piece):
        return "" if numbered and last != "-" and _WORD.match(piece) else f"no DOI ends with {last!r}"
    if last in ",;" or (last in ")]" and _unbalanced(suffix)):
        return ""
    if re.match(r"[._/-][\w(]", piece) and not re.match(r"-\d{1,2}$", piece):
        return f"no line begins with {piece[0]!r} but for a piece of a word"
    if not numbered and not _NUMBERED.match(piece) and sign.any and re.match(r"[\w.-]*\d|[a-z]", piece):
        return "no DOI ends without a digit" if last == "." or re.search(r"\d", piece) else ""
    partial = completeness(left.rstrip(".")) == "partial"
    if last == ".":
        return _by_full_stop(piece, alone, partial, numbered)
    if lines != "print" or not alone or _NUMBERED.match(piece):
        return ""
    if _LONE.match(piece) or (partial and _SCRAP.match(piece) and not piece.strip(_STOPS).isdigit()):
        return "nothing else stands in that line"
    return ""


def _by_full_stop(piece: str, alone: bool, partial: bool, numbered: bool) -> str:
    """The same where the line ends with a full stop, which may end the sentence as well."""
    digits = piece.strip(_STOPS)
    if digits.isdigit():
        # A number: the piece of a DOI, or the number of the next reference, a page, a year.
        goes = digits.startswith("0") or len(digits) > 4 or (alone and (partial or not numbered))
        goes = goes or (len(digits) == 4 and alone and not _YEAR.match(piece)) or not numbered
        return "no sentence begins with such a number" if goes else ""
    if re.match(r"[a-z0-9]", piece) and _SCRAP.match(piece):
        return "no sentence begins with such a word"
    return "it is not whole yet" if (partial or not numbered) and _SCRAP.match(piece) else ""


def _goes_on_in_line(text: str, at: int, prefix: str, taken: Taken, sign: Sign) -> tuple[int, str] | None:
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
