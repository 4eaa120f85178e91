"""Edits as values: check them, apply them, show them as a unified diff."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate

from refkit.model import Edit, Span


def new_text(text: str) -> list[Edit]:
    """The one edit that makes `text` out of nothing."""
    return [Edit(Span(0, 0), text)]


def apply(text: str, edits: Iterable[Edit]) -> str:
    """`text` with all edits carried out; every other character stays where it is.

    Raises `ValueError` where edits overlap, are out of order, or reach beyond the text.
    """
    pieces: list[str] = []
    position = 0
    for edit in edits:
        if not position <= edit.span.start <= edit.span.end <= len(text):
            raise ValueError(f"the edit at {edit.span.start}–{edit.span.end} overlaps another or lies outside the text")
        pieces += (text[position : edit.span.start], edit.text)
        position = edit.span.end
    return "".join((*pieces, text[position:]))


def diff(name: str, old: str, new: str, *, created: bool = False) -> str:
    """A unified diff that `patch -p0` and `git apply -p0` understand, "" where nothing changes."""
    lines = difflib.unified_diff(
        _lines(old),
        _lines(new),
        fromfile="/dev/null" if created else name,
        tofile=name,
    )
    out: list[str] = []
    for line in lines:
        out.append(line)
        if not line.endswith("\n"):
            out.append("\n\\ No newline at end of file\n")
    return "".join(out)


def diff_of(name: str, text: str, edits: Iterable[Edit]) -> str:
    """The same diff, of `text` and its edits: only their surroundings are looked at, so that it is quick in a large
    text."""
    out: list[str] = []
    old_line = new_line = position = 0
    for start, end, inside in _neighbourhoods(text, edits):
        old_line += text.count("\n", position, start)
        new_line += text.count("\n", position, start)
        old = text[start:end]
        new = apply(old, [Edit(Span(e.span.start - start, e.span.end - start), e.text) for e in inside])
        out += _shifted(diff(name, old, new), old_line, new_line, headed=not out)
        old_line += old.count("\n")
        new_line += new.count("\n")
        position = end
    return "".join(out)


def between(old: str, new: str) -> list[Edit]:
    """Edits, line by line, that make `new` of `old`; quick in large texts that have most of their lines in common."""
    a, b = _lines(old), _lines(new)
    starts = [0, *accumulate(map(len, a))]
    found: list[Edit] = []
    i = j = 0
    for next_i, next_j in _meetings(a, b):
        for first, last, lower, upper in _changed(a, b, (i, next_i), (j, next_j)):
            found.append(Edit(Span(starts[first], starts[last]), "".join(b[lower:upper])))
        i, j = next_i, next_j
    return found


_AHEAD, _RUN = 300, 3
"""How many lines are looked at for the next place where both texts agree, and in how many lines they have to."""


def _meetings(a: list[str], b: list[str]) -> Iterator[tuple[int, int]]:
    """Places at which both texts go on alike, in order, the last of them their ends.

    Mostly the next one is near; where it is not, lines that stand once in either rest are found ("patience diff").
    """
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            i, j = i + 1, j + 1
            continue
        near = _next_meeting(a, b, i, j)
        if near is None:
            yield i, j
            yield from ((i + first, j + second) for first, second in _anchors(a[i:], b[j:]))
            break
        yield i, j
        yield near
        i, j = near
    yield len(a), len(b)


def _next_meeting(a: list[str], b: list[str], i: int, j: int) -> tuple[int, int] | None:
    ahead: dict[tuple[str, ...], int] = {}
    for at in range(j, min(j + _AHEAD, len(b))):
        ahead.setdefault(tuple(b[at : at + _RUN]), at)
    runs = ((at, tuple(a[at : at + _RUN])) for at in range(i, min(i + _AHEAD, len(a))))
    return min(((at, ahead[run]) for at, run in runs if run in ahead), key=sum, default=None)


def _anchors(a: list[str], b: list[str]) -> Iterator[tuple[int, int]]:
    """Positions of lines that stand once in `a` and once in `b`, as many as are in the same order in both."""
    once_a, once_b = _positions_of_single(a), _positions_of_single(b)
    pairs = [(i, once_b[line]) for line, i in once_a.items() if line in once_b]
    piles: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for index, (_, j) in enumerate(pairs):  # the longest increasing run of the second positions
        at = bisect_left(piles, j)
        before.append(tops[at - 1] if at else -1)
        piles[at : at + 1] = [j]
        tops[at : at + 1] = [index]
    chain: list[int] = []
    index = tops[-1] if tops else -1
    while index >= 0:
        chain.append(index)
        index = before[index]
    return (pairs[index] for index in reversed(chain))


def _positions_of_single(lines: list[str]) -> dict[str, int]:
    counts = Counter(lines)
    return {line: at for at, line in enumerate(lines) if counts[line] == 1}


_LARGE = 4_000_000
"""Lines times lines beyond which two stretches are no longer compared, but one replaces the other."""


def _changed(
    a: list[str], b: list[str], here: tuple[int, int], there: tuple[int, int]
) -> Iterator[tuple[int, int, int, int]]:
    """Which lines of `a` in the range `here` become which of `b` in the range `there`."""
    (i, end_i), (j, end_j) = here, there
    while i < end_i and j < end_j and a[i] == b[j]:
        i, j = i + 1, j + 1
    while i < end_i and j < end_j and a[end_i - 1] == b[end_j - 1]:
        end_i, end_j = end_i - 1, end_j - 1
    if i == end_i or j == end_j or (end_i - i) * (end_j - j) > _LARGE:
        if (i, j) != (end_i, end_j):
            yield i, end_i, j, end_j
        return
    matcher = difflib.SequenceMatcher(None, a[i:end_i], b[j:end_j], autojunk=False)
    for tag, first, last, lower, upper in matcher.get_opcodes():
        if tag != "equal":
            yield i + first, i + last, j + lower, j + upper


_HUNK = re.compile(r"@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@\n")
_CONTEXT = 4
"""Lines on either side of an edit: the three that a unified diff shows, and one to tell that they end a line."""


def _neighbourhoods(text: str, edits: Iterable[Edit]) -> Iterator[tuple[int, int, list[Edit]]]:
    """Stretches of whole lines round edits that lie close together, and these edits."""
    start = end = -1
    inside: list[Edit] = []
    for edit in edits:
        first = _lines_back(text, edit.span.start)
        if inside and first <= end:
            inside.append(edit)
        else:
            if inside:
                yield start, end, inside
            start, inside = first, [edit]
        end = _lines_on(text, edit.span.end)
    if inside:
        yield start, end, inside


def _lines_back(text: str, at: int) -> int:
    for _ in range(_CONTEXT):
        before = text.rfind("\n", 0, at)
        if before < 0:
            return 0
        at = before
    return at + 1


def _lines_on(text: str, at: int) -> int:
    for _ in range(_CONTEXT):
        newline = text.find("\n", at)
        if newline < 0:
            return len(text)
        at = newline + 1
    return at


def _shifted(piece: str, old_line: int, new_line: int, *, headed: bool) -> Iterator[str]:
    """The hunks of a diff of a stretch, with the line numbers that they have in the whole."""

    def moved(match: re.Match[str]) -> str:
        return f"@@ -{int(match[1]) + old_line}{match[2]} +{int(match[3]) + new_line}{match[4]} @@\n"

    lines = _lines(piece)
    if headed:
        yield from lines[:2]
    for line in lines[2:]:
        yield _HUNK.sub(moved, line) if line.startswith("@@ ") else line


def _lines(text: str) -> list[str]:
    # Not str.splitlines: a patch knows only the line feed, and must keep a form feed or U+2028 inside its line.
    return re.findall(r"[^\n]*\n|[^\n]+", text)
