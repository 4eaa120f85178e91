"""Markdown tables whose columns stand at fixed offsets (pandoc's manual: simple, multiline and grid tables)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from refkit.manuscripts.layout import Column

_DASHES = re.compile(r"-{2,}(?: +-{2,})+ *$")
_LONG_DASH = re.compile(r" *-{5,} *$")
_GRID = re.compile(r"\+(?:[-=:]{2,}\+)+ *$")


@dataclass(slots=True)
class Table:
    """Tables of pandoc whose columns stand at fixed offsets (simple, multiline, grid): where their columns are."""

    groups: tuple[int, ...] = ()
    grid: bool = False
    dashed: bool = False

    def blank(self) -> None:
        """An empty line ends a table, unless a long dash began it."""
        self.grid = False
        if not self.dashed:
            self.groups = ()

    def line(self, text: str, start: int, here: int, end: int, opened: int) -> list[Column]:
        """The columns of a line (and, where it is the line of dashes under them, of the header above)."""
        if _GRID.match(text, here, end):
            self.grid = True
            return []
        if self.grid and text[here] == "|":
            bars = [at for at in range(here, end) if text[at] == "|"]
            return [Column(one + 1, other) for one, other in pairwise(bars)]
        self.grid = False
        dashes = _DASHES.match(text, here, end)
        if dashes is not None:
            closing = bool(self.groups) and not self.dashed
            self.groups = () if closing else tuple(m.start() + here - start for m in re.finditer("-+", dashes.group()))
            if not closing and opened >= 0:
                return [c for at, _ in _lines(text, opened, start) for c in self._columns(at)]
            return []
        if _LONG_DASH.match(text, here, end) and (opened < 0 or self.dashed):
            self.dashed = not self.groups
            self.groups = ()
            return []
        return self._columns(start) if self.groups else []

    def _columns(self, start: int) -> list[Column]:
        ends = [*(start + column for column in self.groups[1:]), None]
        return [Column(start + column, end) for column, end in zip(self.groups, ends, strict=True)]


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The lines between two offsets, each from its own beginning."""
    at = text.rfind("\n", 0, start) + 1
    found = []
    while at < end:
        newline = text.find("\n", at, end)
        stop = newline if newline >= 0 else end
        found.append((at, stop))
        at = stop + 1
    return found
