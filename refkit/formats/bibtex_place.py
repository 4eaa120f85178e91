"""Where in a BibTeX library a new entry goes, and what goes with an entry that is removed.

A library that is sorted stays so; else new entries come behind the last one, before what programs keep at the end of a
file (JabRef's groups, BibDesk's, an editor's local variables). An entry that is removed takes the blank lines before
it along, never a comment.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from refkit.formats.bibtex_scan import Block
from refkit.model import Edit, Span

_ENOUGH = 5
_DIFFERENT = 3
"""Fewer entries, or fewer different ones, are in order by chance."""

_LOCAL = re.compile(r"^[ \t]*%*[ \t]*Local Variables:", re.MULTILINE | re.IGNORECASE)
_REST_OF_LINE = re.compile(r"[^\r\n@]*")
"""What may stand behind an entry on its line."""

Rank = Callable[[str, Iterable[tuple[str, str]]], Any]
"""What a library is sorted by, of an entry's key and its fields (name, raw value); None where an entry has none."""


def _year(key: str, fields: Iterable[tuple[str, str]]) -> int | None:
    for name, raw in fields:
        if name.lower() in ("year", "date") and (found := re.search(r"\d{4}", raw)):
            return int(found[0])
    return None


def _latest(key: str, fields: Iterable[tuple[str, str]]) -> int | None:
    year = _year(key, fields)
    return None if year is None else -year


ORDERS: tuple[Rank, ...] = (
    lambda key, fields: key,
    lambda key, fields: key.lower(),
    lambda key, fields: natural(key),
    _year,
    _latest,
)
"""The orders that libraries are found in: by key, with capitals first or not, with numbers as numbers; by year, up or
down."""


def natural(key: str) -> tuple[tuple[int, str], ...]:
    """A key with its numbers as numbers: `a2` before `a10`."""
    return tuple(
        (int(piece[:18]), "") if piece.isdigit() and piece.isascii() else (-1, piece)
        for piece in re.split(r"(\d+)", key.lower())
        if piece
    )


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for new entries: behind a block (`after`) or before one, at an offset."""

    at: int
    after: bool


class Places:
    """The places of a library's entries."""

    def __init__(self, text: str, blocks: Sequence[Block], entries: Sequence[Block]) -> None:
        """Parameters: `blocks`, all of the library's; `entries`, those of its entries."""
        self.text, self.blocks, self.entries = text, blocks, entries
        self._starts = [block.start for block in blocks]

    # --- adding ----------------------------------------------------------------------------------

    @cached_property
    def _order(self) -> tuple[Rank, list[Any]] | None:
        """What the library is sorted by, and its entries' ranks."""
        if len(self.entries) < _ENOUGH:
            return None
        for rank in ORDERS:
            if (ranks := self._ranks(rank)) is not None:
                return rank, ranks
        return None

    def _ranks(self, rank: Rank) -> list[Any] | None:
        """The entries' ranks, where they go up and are not all the same."""
        ranks: list[Any] = []
        for block in self.entries:
            # An entry's fields are told apart only where an order asks for them.
            here = rank(block.key, block.pairs if rank in (_year, _latest) else ())
            if here is None or (ranks and here < ranks[-1]):
                return None
            ranks.append(here)
        return ranks if len(set(ranks)) >= _DIFFERENT else None

    def slot(self, key: str, fields: Sequence[tuple[str, str]]) -> Slot:
        """Where a new entry goes.

        Parameters: `fields`, its names and raw values.
        """
        if self._order is not None:
            rank, ranks = self._order
            here = rank(key, fields)
            index = len(ranks) if here is None else bisect_right(ranks, here)
            if index < len(self.entries):
                return self.before(self.entries[index])
        return self.end

    def rank(self, key: str, fields: Sequence[tuple[str, str]]) -> Any:
        """By what newcomers at one place are put in order; the same for all where the library has none."""
        here = self._order[0](key, fields) if self._order is not None else None
        return (here is None, here)

    def before(self, block: Block) -> Slot:
        """Before a block: right behind the one that precedes it, where nothing but blanks is between them."""
        previous = self._previous(block.start)
        return Slot(block.start, False) if previous is None else Slot(previous, True)

    def _previous(self, at: int) -> int | None:
        """Where the block (with the rest of its line) ends that has nothing but blanks between it and an offset."""
        index = bisect_right(self._starts, at - 1) - 1
        while index >= 0 and self.blocks[index].kind == "text":
            index -= 1
        if index < 0 or not self._is_closed(self.blocks[index]):
            return None
        end = self._line_end(self.blocks[index])
        return end if end <= at and not self.text[end:at].strip() else None

    def _is_closed(self, block: Block) -> bool:
        """Whether what stands behind a block is safe from it: a broken one may have braces that are still open."""
        text = self.text[block.start : block.end] if block.kind == "broken" else ""
        return text.count("{") == text.count("}")

    def _line_end(self, block: Block) -> int:
        """The end of a block, or of what stands behind it on its line, such as a comment."""
        if block.kind == "broken":
            return block.end
        rest = _REST_OF_LINE.match(self.text, block.end)
        behind = rest[0].rstrip() if rest else ""
        follows = self.text[block.end + len(rest[0]) :][:1] if rest else ""
        return block.end + (len(behind) if follows != "@" else 0)

    @cached_property
    def end(self) -> Slot:
        """The place behind the last entry."""
        for block in reversed(self.blocks):
            if block.kind in ("entry", "string", "preamble") or (block.kind == "broken" and self._is_closed(block)):
                return Slot(self._line_end(block), True)
        return self._end_without_entries()

    def _end_without_entries(self) -> Slot:
        """Behind the opening comments of a file that has no entries yet, and before what programs keep at its end."""
        first = next((block for block in self.blocks if block.kind in ("comment", "broken")), None)
        if local := _LOCAL.search(self.text, 0, first.start if first is not None else len(self.text)):
            return Slot(local.start(), False)
        if first is not None:
            line = max(self.text.rfind("\n", 0, first.start), self.text.rfind("\r", 0, first.start)) + 1
            return Slot(line, False)
        return Slot(len(self.text.rstrip()), True)

    # --- removing --------------------------------------------------------------------------------

    def removals(self, positions: Collection[int]) -> list[Span]:
        """What goes with the entries at these positions, in order and without overlap."""
        runs: list[tuple[int, int]] = []
        for position in sorted(positions):
            block = self.entries[position]
            if runs and not self.text[runs[-1][1] : block.start].strip():
                runs[-1] = (runs[-1][0], block.end)
            else:
                runs.append((block.start, block.end))
        return [self._removal(start, end) for start, end in runs]

    def _removal(self, start: int, end: int) -> Span:
        previous = self._previous(start)
        if previous is not None:
            return Span(previous, end)
        behind = _BLANKS.match(self.text, end)
        last = behind.end() if behind else end
        if last == len(self.text) and (before := len(self.text[:start].rstrip())):
            return Span(before, end)
        blanks = self.text[end:last]  # what the next line is indented by belongs to that line
        return Span(start, end + (max(blanks.rfind("\n"), blanks.rfind("\r")) + 1 or len(blanks)))


_BLANKS = re.compile(r"\s*")


def merged(
    inserts: Iterable[tuple[Slot, Sequence[str]]], removals: Sequence[Span], separator: Callable[[int], str], text: str
) -> list[Edit]:
    """The edits that put new entries at their places and take others away.

    Parameters: `inserts`, places with the texts of the entries that go there; `separator`, what stands between two
    entries around an offset.
    """
    out: dict[Span, str] = dict.fromkeys(removals, "")
    for slot, texts in inserts:
        span, after = Span(slot.at, slot.at), slot.after
        for removal in removals:
            if removal.start <= slot.at <= removal.end:
                # The newcomers take the place of those that go, on the side of the blanks that go with them.
                leads = text[removal.start : removal.start + 1] == "@" and text[: removal.start][-1:] in (
                    "",
                    "\n",
                    "\r",
                )
                span, after = removal, not leads
        out[span] = out.get(span, "") + _joined(texts, separator(slot.at), after, text, span)
    return [Edit(span, out[span]) for span in sorted(out)]


def _joined(texts: Sequence[str], gap: str, after: bool, text: str, span: Span) -> str:
    joined = gap.join(texts)
    line_end = "\r\n" if "\r\n" in gap else "\r" if "\r" in gap else "\n"
    if not after:
        return joined + (gap if text[span.end :].strip() else line_end)
    if not text[: span.start].strip():
        return joined + ("" if text[span.end : span.end + 1] in ("\r", "\n") else line_end)
    return gap + joined
