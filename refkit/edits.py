"""Edits as values: check them, apply them, show them as a unified diff."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

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


def _lines(text: str) -> list[str]:
    # Not str.splitlines: a patch knows only the line feed, and must keep a form feed or U+2028 inside its line.
    return re.findall(r"[^\n]*\n|[^\n]+", text)
