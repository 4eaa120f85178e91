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
    """What speaks for a hit being a DOI: a label before it, a resolver's or another link around it.

    `exact`: the text is a link's target, in which nothing stands that is not the link's.
    """

    label: bool
    resolver: bool
    link: bool
    exact: bool = False

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
    further: str = ""
    dropped: list[int] = field(default_factory=list)

    def add_run(self, raw: str, at: int) -> None:
        """Add a run of characters; where pdfium marks a hyphen at a line's end, two lines are joined in it."""
        start = 0
        for mark in _PDF_HYPHEN.finditer(raw):
            letters = raw[mark.start() - 1 : mark.start()].isalpha() and raw[mark.end() : mark.end() + 1].isalpha()
            # Between letters it is the hyphenation of a word; else it belongs to the DOI.
            self.add(raw[start : mark.start() if letters else mark.end()], at + start)
            (self.dropped if letters else self.joints).append(len(self.plain))
            start = mark.end()
        self.add(raw[start:], at + start)

    def settle(self) -> None:
        """Decode what was put together over a line's end in the middle of a percent-encoded character."""
        if self.joints and "%" in self.plain:
            plain, ends = decode(self.plain)
            if ends is not None:
                self.plain, self.ends, self.joints = plain, [self.ends[end - 1] for end in ends], []

    def add(self, raw: str, at: int) -> None:
        plain, ends = decode(raw)
        self.ends.extend(range(at + 1, at + len(raw) + 1) if ends is None else [at + end for end in ends])
        self.plain += plain


@dataclass(frozen=True, slots=True)
class Setting:
    """The text that DOIs are taken from, what its line ends are, and whether full stops follow its DOIs (or None)."""

    text: str
    lines: Lines
    stops: bool | None = None


_PDF_HYPHEN = re.compile("[\ufffe\x02]")
_MACROS = ("\\textless", "\\textgreater", "\\textunderscore", "\\slash")


def take(setting: Setting, at: int, limit: int, prefix: str, sign: Sign) -> Taken:
    """Take all that may belong to the suffix that begins at `at`, over line ends where it goes on.

    Parameters: `limit`, where the next DOI begins; `prefix`, this one's; `sign`, what stands around it.
    """
    text = setting.text
    taken = Taken()
    for _ in range(6):
        run = _RUN.match(text, at, min(len(text), at + LONGEST))
        raw = run.group() if run else ""
        if at + len(raw) > limit > at:  # another DOI is glued to this one
            taken.add(text[at:limit], at)
            break
        taken.add_run(raw, at)
        at += len(raw)
        if raw.endswith(_MACROS) and text[at : at + 1] == " ":  # a blank ends a TeX macro and is none
            at += 1
            continue
        step = _goes_on(setting, at, prefix, taken, sign)
        if step is None:
            break
        at, why = step
        taken.joints.append(len(taken.plain))
        taken.joined = taken.joined or why
        if at >= limit:
            break
    return taken


def ends_with_stop(text: str, at: int, prefix: str) -> bool | None:
    """Whether a full stop follows the DOI whose suffix begins at `at`; None where it is not whole or ends no line."""
    run = _RUN.match(text, at, min(len(text), at + 200))
    if run is None or not _LINE_END.match(text, run.end()):
        return None
    raw = run.group()
    if completeness(fold(f"{prefix}/{raw.rstrip(_STOPS)}")) != "whole":
        return None
    return raw.endswith(".")


def unfinished(doi: str) -> bool:
    """Whether a DOI stops within an old serial number (SICI): after the ISSN, or before `…CO;2-X`."""
    return re.fullmatch(r"10\.\d+/\d{4}-(?:\d{3}[\dx])?", doi) is not None or _SICI_BEGUN.search(doi) is not None


# --- over a line's end ---------------------------------------------------------------------------

_STOPS = ".,;:)"
_WORD = re.compile(r"[A-Z]?[a-z]+[,;:.]?$|[A-Z][a-z]+,|[A-Z]{2,}[,;:]?$")
_NUMBERED = re.compile(r"\[?\(?\d{1,3}[.)\]]+$|\[\d{1,3}\]|\(\d{4}\)")
_YEAR = re.compile(r"(?:19|20)\d\d[.,;]?$")
_SCRAP = re.compile(r"[\w%.()<>\[\]:;/+-]*\d[\w%.()<>\[\]:;/+-]*[.,;)\]]*$")
# What may be the tail of a broken DOI: it has a digit, is very short, or begins with a mark.
_TAIL = re.compile(r"(?=[\w.()<>\[\]:;/+-]*\d)[\w.()<>\[\]:;/+-]+[.,;)\]]*$|[a-z]{1,3}[.,;)]?$|[)./_;:>-]\w")
_ROFF = re.compile(r"\.[A-Z]{1,3}(?![\w.])")  # a request of a manual page
# A serial number with its year, which ends in `…CO;2-X`, and is not there yet.
_SICI_BEGUN = re.compile(r"/(?:\(sici\)|\d{4}-\d{3}[\dx]\((?:18|19|20)\d\d)(?!.*co;\d(?:-[\w#])?[.,;)]*$)")
_SICI_END = re.compile(r"\d\.\d\.co;\d", re.IGNORECASE)
_NEVER = re.compile(
    r"\d+(?:st|nd|rd|th)\b|(?:pp?|vol|no|figs?|eq|tab|eds?|ch)\.|https?:|www\.|doi|10\.\d{4}|\[|\(\d{4}\)",
    re.IGNORECASE,
)
# What stands after a DOI within its reference; after the number of the next one stands a name.
_AFTER = re.compile(
    r"[ \t]*(?:\(?(?:PMID|PMCID|PMC\d|PubMed|Epub|Accessed|Available|Retrieved|URL|https?:|doi|arXiv"
    r"|ISSN|ISBN|Published|Cited|Date)\b"
    r"|\[(?:PubMed|CrossRef|Google|PMC|accessed|cited)|\((?:19|20)\d\d)",
    re.IGNORECASE,
)
_MIXED = re.compile(r"(?=(?:\D*\d){3})(?=.*[A-Za-z])|\w+\.\w*\d")


@dataclass(slots=True)
class _Turn:
    """A line's end after what may be a piece of a DOI.

    `left`, the DOI so far, `piece`, the next line's first word; `alone`, whether that is all of the line; `closed`,
    whether only a reference's end can follow it; `full`, whether the line before reaches the margin; `last`, whether
    the next line is its page's last; `stops`, as in `Setting`.
    """

    left: str
    piece: str
    alone: bool
    closed: bool
    full: bool
    last: bool
    began: bool
    stops: bool | None

    @property
    def mark(self) -> str:
        """The character before the line's end."""
        return self.left[-1]

    @property
    def suffix(self) -> str:
        """The suffix so far."""
        return self.left.split("/", 1)[1]

    @property
    def digits(self) -> bool:
        """Whether the next line's first word is a number and nothing else."""
        return self.piece.strip(_STOPS).isdigit()


def _goes_on(setting: Setting, at: int, prefix: str, taken: Taken, sign: Sign) -> tuple[int, str] | None:
    """Whether the DOI goes on after the blank at `at`: where, and the reason."""
    text, lines = setting.text, setting.lines
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
    left = fold(f"{prefix}/{taken.plain}")
    if re.search(r"/\d{4}-\d{3}[\dx]$", left) and re.match(r"\((?:18|19|20)\d\d", piece):
        return gap.end(), "goes on after the line end: it is an old serial number (SICI) that is not whole yet"
    if re.search(r"%[0-9A-Fa-f]?$", taken.plain) and re.match(r"[0-9A-Fa-f]", piece):
        return gap.end(), "goes on after the line end, in the middle of a percent-encoded character"
    if _SICI_END.search(piece) and not _NEVER.match(piece) and completeness(left) != "whole":
        return gap.end(), "goes on after the line end: there the end of its serial number (SICI) stands"
    if _SICI_BEGUN.search(left) and re.match(r"[<\[(:;]?[\w<\[(:;]", piece) and not _ROFF.match(piece):
        return gap.end(), "goes on after the line end: it is an old serial number (SICI) that is not whole yet"
    if (_NEVER.match(piece) and not taken.plain.endswith(("(", "["))) or _ROFF.match(piece):
        return None
    turn = _turn(setting, at, following, left)
    why = _by_fit(turn, lines)
    if why == "":
        why = _by_mark(turn, lines, sign)
        if not why and not _NUMBERED.match(piece) and _TAIL.match(piece):
            taken.further = piece.rstrip(_STOPS)
    return (gap.end(), f"goes on after the line end: {why}") if why else None


def _turn(setting: Setting, at: int, following: re.Match[str], left: str) -> _Turn:
    text = setting.text
    end = text.find("\n", following.end())
    rest = text[following.end() : end if end >= 0 else len(text)]
    alone = not rest.strip()
    return _Turn(
        left, following.group(), alone, alone or _AFTER.match(rest) is not None, _full(text, at),
        alone and (end < 0 or text[end + 1 : end + 2] in ("\f", "") or _at_top(text, at)),
        " " not in text[text.rfind("\n", 0, at) + 1 : at], setting.stops,
    )  # fmt: skip


def _full(text: str, at: int) -> bool:
    """Whether the line that ends at `at` is about as long as the longest of the five before it, on its page."""
    start = text.rfind("\n", 0, at) + 1
    page = text.rfind("\f", 0, at) + 1
    longest, end, seen = 0, start - 1, 0
    while end > page and seen < 5:
        begin = text.rfind("\n", page, end) + 1
        longest = max(longest, end - begin)
        seen, end = seen + 1, begin - 1
    return at - start >= max(24, longest * 0.92)


def _at_top(text: str, at: int) -> bool:
    """Whether `at` lies in the first three lines of its page, where a number alone is the page's."""
    return text.count("\n", text.rfind("\f", 0, at) + 1, at) < 3 and "\f" in text


def _by_fit(turn: _Turn, lines: Lines) -> str | None:
    """The reason by the publisher's shape; "" where that says nothing, None where the DOI is whole already."""
    marked = turn.mark in ".-/_("
    whole_already = completeness(turn.left.rstrip(_STOPS)) == "whole"
    both = fold(turn.left + turn.piece)
    shape = shape_of(both)
    match = shape.whole.match(both) if shape is not None else None
    if shape is not None and match is not None and match.end() > len(turn.left) and (marked or lines == "print"):
        if whole_already:
            goes = (marked and not turn.piece[0].isdigit()) or turn.piece[0] in "._-/"
        else:
            number = turn.piece.strip(_STOPS)
            long = number.startswith("0") or (len(number) > 3 and not _YEAR.match(turn.piece))
            goes = marked or not turn.digits or (not turn.last and (turn.closed or long))
        if goes and not both[match.end() :].strip(".,;:)]"):
            return f"it is then one of {shape.publisher}'s"
    return None if whole_already and turn.mark not in "-/_" else ""


def _by_mark(turn: _Turn, lines: Lines, sign: Sign) -> str:
    """The reason by the marks at the line's end and the next line's beginning, "" where nothing says so."""
    numbered = re.search(r"\d", turn.suffix) is not None
    piece, mark = turn.piece, turn.mark
    if mark in "-_/<(:[\u2013" and re.match(r"[\w(\[<]", piece):
        return "" if numbered and mark != "-" and _WORD.match(piece) else f"no DOI ends with {mark!r}"
    if mark in ",;" or (mark in ")]" and _unbalanced(turn.suffix)):
        return ""
    if re.match(r"[._/-][\w(]|:\d", piece) and not (turn.last and re.match(r"-\d{1,3}$", piece)):
        return f"no line begins with {piece[0]!r} but for a piece of a word"
    if turn.digits and not turn.closed and len(piece.strip(_STOPS)) < 4:
        return ""
    unfinished = (sign.any and len(turn.suffix) < 4) or re.fullmatch(r"97[89]\d{0,9}", turn.suffix) is not None
    if lines == "print" and unfinished and mark.isalnum() and _SCRAP.match(piece) and not _NUMBERED.match(piece):
        return "no DOI is so short" if len(turn.suffix) < 4 else "the book's number is not whole"
    if not numbered and sign.any and re.match(r"[\w.-]*\d|[a-z]", piece):
        return "no DOI ends without a digit" if mark == "." or re.search(r"\d", piece) else ""
    if mark == ".":
        return _by_full_stop(turn, numbered)
    if (
        lines == "print"
        and (turn.full or (turn.began and len(piece.strip(_STOPS)) > 3))
        and turn.closed
        and _SCRAP.match(piece)
    ):
        # The line is full, and what follows is no word and ends the reference.
        number = turn.digits and ((turn.last and piece[-1].isdigit()) or _YEAR.match(piece) is not None)
        return "" if number else "the line is full, and what follows is no word"
    return ""


def _by_full_stop(turn: _Turn, numbered: bool) -> str:
    """The same where the line ends with a full stop, which may end the sentence as well."""
    piece = turn.piece
    if piece[0] in "[(" and _NUMBERED.match(piece):
        return ""
    partial = completeness(turn.left.rstrip(".")) == "partial"
    if turn.stops is False and _SCRAP.match(piece) and (turn.closed or not turn.digits):
        return "no other DOI here has a full stop after it"
    if turn.digits:
        # A number: the piece of a DOI, or the number of the next reference, a page, a year.
        plain = piece.strip(_STOPS)
        goes = plain.startswith("0") or len(plain) > 4 or (turn.closed and (partial or not numbered))
        goes = goes or (turn.closed and (piece[-1] in ".,;" or not turn.alone))
        goes = goes or (len(plain) == 4 and turn.alone and not turn.last and not _YEAR.match(piece))
        return "no sentence begins with such a number" if goes else ""
    if _SCRAP.match(piece) and (re.match(r"[a-z0-9]", piece) or _MIXED.match(piece)):
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
