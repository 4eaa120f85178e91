"""Edits as values: check them, apply them, show them as a unified diff."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

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
