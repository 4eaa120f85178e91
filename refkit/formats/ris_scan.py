"""refkit's own scanner of RIS files: where records, lines and values stand, to the character.

It takes what real programs write: one blank or three before the hyphen, lower case, no `ER`, no `TY`, CR alone or mixed
line ends, text between the records, values that go on in lines without a tag. What such a line looks like is judged
by its own record's `TY` line, so that "ER - positive tumours" in an abstract ends nothing. The time is linear in the
text. Source: RIS specifications of 2001 and 2011; shapes of real files as Zotero, JabRef and citation-js take them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from refkit.formats.plain import word_set


class Record(NamedTuple):
    """One record: from the beginning of its `TY` line to behind the line end of its last one.

    `closed` says whether it has an `ER` line, `typed` whether it has a `TY` line.
    """

    start: int
    end: int
    closed: bool = True
    typed: bool = True


class Line(NamedTuple):
    """One field: `tag` in upper case; the line begins at `start`, its value, without the blanks around it, is
    `[value, stop)`, and `end` is behind the line end of the last line that continues it."""

    tag: str
    start: int
    value: int
    stop: int
    end: int


SEVERAL = word_set("KW N1 N2 AB RN L1 L2 L3 L4 UR")
"""Tags whose continuing lines are lines of their own; those of others are one running text."""

_KNOWN = word_set(
    """A1 A2 A3 A4 AB AD AN AU AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CT CY DA DB DO DP ED EP ER ET ID IS J1 J2 JA JF
    JO KW L1 L2 L3 L4 LA LB LK M1 M2 M3 N1 N2 NV OP PB PP PY RI RN RP SE SN SP ST SV T1 T2 T3 TA TI TT TY U1 U2 U3 U4
    U5 UR VL VO Y1 Y2"""
)
_TYPE = re.compile(r"TY[ \t\u00a0]{1,3}-(?=[ \t\u00a0\r\n]|\Z)")
_END = re.compile(r"ER[ \t\u00a0]{1,3}-(?=[ \t\u00a0\r\n]|\Z)")
_PLAIN = re.compile(r"\n(?:TY|ER)  -(?=[ \t\u00a0\r\n]|\Z)")
_PLAIN_FIRST = re.compile(r"TY  -(?=[ \t\u00a0\r\n]|\Z)")
_ANY_TYPE = re.compile(_TYPE.pattern, re.IGNORECASE)
_ANY_END = re.compile(_END.pattern, re.IGNORECASE)
_LOWER = ("\nty ", "\rty ", "\ner ", "\rer ")
_LOWER_FIRST = re.compile(r"[\s\ufeff]*(?:ty|er|Ty|Er) ")
_TYPE_NAME = re.compile(r"[ \t\u00a0]*[A-Za-z]{2,8}[ \t\u00a0]*(?=[\r\n]|\Z)")
_REST = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_TAG = re.compile(r"[ \t\ufeff]*([A-Za-z][A-Za-z0-9]{1,3})([ \t\u00a0]{1,3})-([ \t\u00a0]*)")
_TAG_LINE = re.compile(r"[A-Z][A-Z0-9]  - ?")


def scan(text: str) -> list[Record]:
    """All records of a RIS file, in order and without overlap.

    Parameters: `text`, the file's text with its line ends as they are.
    """
    records: list[Record] = []
    start, free = -1, 0
    for at, behind, is_type in _marks(text):
        if is_type:
            if start >= 0:
                records.append(Record(start, _trimmed(text, start, at), closed=False))
            start = at
            continue
        end = _line_end(text, behind)
        if start >= 0:
            records.append(Record(start, end))
        elif (first := _untyped(text, free, at)) is not None:
            records.append(Record(first, end, typed=False))
        start, free = -1, end
    if start >= 0:
        records.append(Record(start, _trimmed(text, start, len(text)), closed=False))
    return records


def _marks(text: str) -> Iterator[tuple[int, int, bool]]:
    """The `TY` and `ER` lines: where the line begins, where its value does, and whether it is a `TY`."""
    if (plain := _plain_marks(text)) is not None:
        yield from plain
        return
    any_case = _has_lower_case(text)
    types = _at_line_start(text, _ANY_TYPE if any_case else _TYPE)
    ends = _at_line_start(text, _ANY_END if any_case else _END)
    strict = not types or any(text.startswith("TY  ", tag) for _, tag, _ in types)
    marks = [(line, behind, True) for line, tag, behind in types if _is_type(text, tag, behind, strict)]
    marks += [(line, behind, False) for line, tag, behind in ends if _is_end(text, tag, behind, strict)]
    yield from sorted(marks)


def _plain_marks(text: str) -> list[tuple[int, int, bool]] | None:
    """The same, quickly, where all that looks like a `TY` or `ER` is one, written in the usual way; else None."""
    marks = [(match.start() + 1, match.end(), match[0][1] == "T") for match in _PLAIN.finditer(text)]
    first = 1 if text.startswith("\ufeff") else 0
    if _PLAIN_FIRST.match(text, first):
        marks.insert(0, (first, first + 5, True))
    types = sum(is_type for _, _, is_type in marks)
    if types != sum(1 for _ in _TYPE.finditer(text)) or len(marks) - types != sum(1 for _ in _END.finditer(text)):
        return None
    return None if _has_lower_case(text) else marks


def _has_lower_case(text: str) -> bool:
    """Whether some line begins with `ty` or `er` in lower case; "biodiversity - a review" is none."""
    return any(mark in text for mark in _LOWER) or _LOWER_FIRST.match(text) is not None


def _at_line_start(text: str, pattern: re.Pattern[str]) -> list[tuple[int, int, int]]:
    """(line, tag, value) of the matches with nothing before them in their line but blanks or a byte order mark."""
    found = []
    for match in pattern.finditer(text):
        at = match.start()
        line = at
        while line and text[line - 1] in " \t":
            line -= 1
        mark = line - 1 if text[line - 1 : line] == "\ufeff" else line  # files are joined, byte order marks and all
        if mark == 0 or text[mark - 1] in "\r\n":
            found.append((line, at, match.end()))
    return found


def _is_type(text: str, tag: int, behind: int, strict: bool) -> bool:
    """In a file of canonical `TY  - ` lines, another shape must at least name a type."""
    return not strict or text.startswith("TY  ", tag) or _TYPE_NAME.match(text, behind) is not None


def _is_end(text: str, tag: int, behind: int, strict: bool) -> bool:
    """`ER` with one blank, or in lower case, ends a record only where nothing follows in its line."""
    if strict and text.startswith("ER  ", tag):
        return True
    rest = _REST.match(text, behind)
    return rest is None or not rest[0].strip()


def _line_end(text: str, at: int) -> int:
    feed = text.find("\n", at)
    end = len(text) if feed < 0 else feed + 1
    bare = text.find("\r", at, end)  # a carriage return alone ends a line too
    return end if bare < 0 or (bare + 2 == end and feed >= 0) else bare + 1


def _trimmed(text: str, start: int, end: int) -> int:
    """Behind the line end of the last line in `[start, end)` that is not blank."""
    last = len(text[start:end].rstrip()) + start
    return min(_line_end(text, last), end)


def _untyped(text: str, free: int, end: int) -> int | None:
    """Where a record without `TY` begins that an `ER` line at `end` closes, or None: it has at least two fields."""
    first, seen = None, 0
    for line in _LINE.finditer(text, free, end):
        content = line[1].removeprefix("\ufeff")
        if _TAG_LINE.match(content):
            first, seen = (line.end(1) - len(content) if first is None else first), seen + 1
    return first if seen > 1 else None


def lines(text: str, record: Record) -> list[Line]:
    """The fields of a record in order, with its `TY` and `ER` lines."""
    found: list[Line] = []
    name = ""
    begins = value = stop = end = 0  # of the line that is being read, with all that continues it
    single = lower = False
    for line in _LINE.finditer(text, record.start, record.end):
        content = line[1]
        if not content or content.isspace():
            continue
        tag = _TAG.match(content)
        if tag and not name:
            single, lower = len(tag[2]) == 1, tag[1].islower()
        if tag and _is_tag(tag, single, lower):
            if name:
                found.append(Line(name, begins, value, stop, end))
            name, begins = tag[1].upper(), line.start()
            value = begins + tag.end()
            stop, end = max(begins + len(content.rstrip()), value), line.end()
        elif name:
            stop, end = line.start() + len(content.rstrip()), line.end()
    if name:
        found.append(Line(name, begins, value, stop, end))
    return found


def _is_tag(tag: re.Match[str], single: bool, lower: bool) -> bool:
    """Whether a line that looks like a field is one, in a record of this shape."""
    name, gap = tag[1], tag[2]
    if not tag[3] and tag.end() < len(tag.string):
        return len(gap) == 2 and name.isupper() and len(name) == 2  # `AU  -Doe, Jane`
    if len(name) > 2:
        return name.isupper() and len(gap) == 2  # `PMID  - 123`
    if name.upper() != name:
        return lower or (len(gap) == 2 and name.upper() in _KNOWN and name.islower())
    return len(gap) > 1 or single or name in _KNOWN


def value_of(text: str, line: Line) -> str:
    """A field's value on one line; lines that continue it are joined by a blank, or by a line feed where each stands
    for itself."""
    written = text[line.value : line.stop]
    if "\n" not in written and "\r" not in written:
        return written.strip()
    pieces = [piece.strip() for piece in re.split(r"[\r\n]+", written)]
    return ("\n" if line.tag in SEVERAL else " ").join(piece for piece in pieces if piece)


_BREAKS = re.compile(r"[^\S\r\n\v\f\x1c-\x1e\x85\u2028\u2029]*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


def one_line(text: str) -> str:
    """A value as it can stand in one line: a break, of whatever kind, becomes a blank."""
    return _BREAKS.sub(" ", text).strip()
