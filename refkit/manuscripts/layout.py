"""What the reader of a text kind finds out about a manuscript before any DOI is looked for: what is prose in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from refkit.model import Span


@dataclass(frozen=True, slots=True)
class Hidden:
    """A stretch that is no prose; `why` ends the sentence "left alone, for it …", "" where that is not worth a word."""

    span: Span
    why: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link: all of it, where it leads, and its visible text (None where that is the address itself).

    `fixed` is the reason why it may not be replaced ("" where it may): it shows a picture.
    """

    span: Span
    target: str
    text: Span | None = None
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A DOI in a citation key's place (`@doi:10.…`, `\\cite{10.…}`): `span` is what the key takes the place of,
    `written` the key as it stands, `form` what the kind must know to write another one there."""

    span: Span
    written: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A stretch of a line in a table whose columns stand at fixed offsets; `end` is where the next one begins, None for
    the last."""

    start: int
    end: int | None


@dataclass(slots=True)
class Layout:
    """The parts of a text that are not simply prose, each list in the order of the text."""

    hidden: list[Hidden] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    references: list[Span] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)

    def hide(self, start: int, end: int, why: str = "") -> None:
        """No DOI between these offsets becomes a citation."""
        if end > start:
            self.hidden.append(Hidden(Span(start, end), why))


class Ranges:
    """Spans without overlap, asked which one holds an offset."""

    def __init__(self, spans: Iterable[Span]) -> None:
        merged: list[Span] = []
        for span in sorted(spans):
            if merged and span.start <= merged[-1].end:
                merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
            else:
                merged.append(span)
        self.spans: Sequence[Span] = merged
        self._starts = [span.start for span in merged]

    def at(self, offset: int) -> Span | None:
        """The span that holds the character at `offset`, or None."""
        index = bisect_right(self._starts, offset) - 1
        return self.spans[index] if index >= 0 and offset < self.spans[index].end else None

    def __contains__(self, offset: int) -> bool:
        return self.at(offset) is not None


class Lines:
    """Says in which line of a text an offset lies."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        at = text.find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = text.find("\n", at + 1)

    def number(self, offset: int) -> int:
        """The number of the line, from 1."""
        return bisect_right(self._starts, offset)

    def place(self, offset: int) -> str:
        """The line in words."""
        return f"line {self.number(offset)}"


MASK = "\ue000"
"""What stands for a character that is no prose: of private use, so that no DOI goes over it."""


def masked(text: str, spans: Iterable[Span]) -> str:
    """The text with the characters of `spans` masked, line ends apart, so that offsets and lines stay."""
    pieces: list[str] = []
    at = 0
    for span in Ranges(spans).spans:
        pieces.append(text[at : span.start])
        inner = text[span.start : span.end]
        if "\n" in inner or "\r" in inner:
            pieces.append("".join(c if c in "\r\n" else MASK for c in inner))
        else:
            pieces.append(MASK * len(inner))
        at = span.end
    return "".join((*pieces, text[at:]))
