"""Edits of a library's text while they are gathered, and the proof that nothing but them changed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from refkit.model import Edit, Span


class Gathering:
    """Edits in the making: given in any order, they come out sorted, two inserts at one place as one edit."""

    def __init__(self) -> None:
        self._found: list[tuple[int, int, int, str]] = []

    def put(self, start: int, end: int, text: str) -> None:
        """Put `text` in the place of `[start, end)`; where nothing would change, nothing is gathered."""
        if start < end or text:
            self._found.append((start, end, len(self._found), text))

    def edits(self) -> list[Edit]:
        """All of it, in order and without overlap; what touches becomes one edit."""
        out: list[Edit] = []
        for start, end, _, text in sorted(self._found):
            if (
                out
                and start <= out[-1].span.end
                and (out[-1].span.end > out[-1].span.start or start == out[-1].span.start)
            ):
                last = out[-1]
                out[-1] = Edit(Span(last.span.start, max(end, last.span.end)), last.text + text)
            else:
                out.append(Edit(Span(start, end), text))
        return out


class Moved:
    """Where the places of a text are after edits to it."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.edits = edits
        self._starts = [edit.span.start for edit in edits]
        self._ends = [edit.span.end for edit in edits]
        self._sums = [0, *accumulate(len(edit.text) - (edit.span.end - edit.span.start) for edit in edits)]

    def start(self, at: int) -> int:
        """A place that something begins at: behind what is inserted there."""
        return at + self._sums[bisect_right(self._ends, at)]

    def end(self, at: int) -> int:
        """A place that something ends at: before what is inserted there."""
        return at + self._sums[bisect_left(self._starts, at)]

    def touching(self, start: int, end: int) -> list[Edit]:
        """The edits that change something within `[start, end)`, inserts at its two ends not counted."""
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        return [
            edit for edit in self.edits[max(first - 1, 0) : last] if edit.span.end > start and edit.span.start < end
        ]

    def inserted(self) -> list[Span]:
        """Where the texts of the edits stand in the edited text."""
        return [
            Span(start := edit.span.start + before, start + len(edit.text))
            for edit, before in zip(self.edits, self._sums, strict=False)
        ]


def strays(old: str, edited: str, edits: Sequence[Edit]) -> str:
    """ "" where `edited` is `old` with nothing but the edits changed, else a sentence that says where it is not."""
    at = new = 0
    for edit in edits:
        if edit.span.start < at or edit.span.end > len(old):
            return f"The edits overlap at character {edit.span.start}."
        length = edit.span.start - at
        if old[at : edit.span.start] != edited[new : new + length]:
            return f"The text before character {edit.span.start} is not what it was."
        new += length
        if edited[new : new + len(edit.text)] != edit.text:
            return f"What is to stand at character {edit.span.start} does not stand there."
        at, new = edit.span.end, new + len(edit.text)
    return "" if old[at:] == edited[new:] else "The text behind the last edit is not what it was."
