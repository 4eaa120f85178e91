"""BibTeX and biblatex text → Library: refkit's scanner finds entries, fields and raw values; an entry's work is read
in full only when it is looked at, so that a large library opens quickly.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, overload

from refkit.formats.bibtex_read import Source
from refkit.formats.bibtex_scan import Block, resolved, scan
from refkit.formats.lazy import Lazy, Part
from refkit.model import Entry, Library, Note, Origin, Severity, Work


def load(text: str, dialect: str) -> Library:
    """The library in `text`: entries with spans and raw fields, notes on what is broken."""
    return Opened(text, dialect).library


class Opened:
    """A library with the blocks that it is made of: all of them in order, and those of its entries by position."""

    def __init__(self, text: str, dialect: str) -> None:
        self.blocks: list[Block] = list(scan(text))
        self.source = Source({}, {}, dialect)
        self.entries: list[Block] = []
        again = list(self._index())
        notes = tuple(itertools.islice(self._notes(text, again), _NOTES))
        self.library = Library(text, dialect, Entries(self.source, self.entries), notes)

    def _index(self) -> Iterator[Block]:
        """Take in macros and entries; yields the entries whose key was there before."""
        strings, raw = self.source.strings, self.source.raw
        for block in self.blocks:
            if block.kind == "string":
                for field in block.fields:
                    value = resolved(field.raw, strings)
                    # Macros made of macros grow without bound; no real one is as long as this.
                    strings[field.name.lower()] = value if len(value) <= _LONGEST else field.raw
            elif block.kind == "entry":
                if raw.setdefault(block.key.lower(), block) is not block:
                    yield block
                self.entries.append(block)

    def _notes(self, text: str, again: list[Block]) -> Iterator[Note]:
        line, counted = 1, 0
        for block in self.blocks:
            if block.problem:
                line += text.count("\n", counted, block.start)
                counted = block.start
                yield _note(line, block)
        for block in again:
            message = f"The key {block.key!r} is used twice."
            yield Note("duplicate-key", message, Severity.WARNING, block.span)


_NOTES = 1000
"""So many notes are enough to see that a file is broken throughout."""

_LONGEST = 100_000
"""Characters of a macro's value."""


class Entries(Sequence[Entry]):
    """The entries of a library, each made when it is first looked at, so that a large one opens quickly."""

    def __init__(self, source: Source, blocks: list[Block]) -> None:
        self._source, self._blocks = source, blocks
        self._made: dict[int, Entry] = {}

    def __len__(self) -> int:
        return len(self._blocks)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        if isinstance(index, slice):
            return tuple(self[one] for one in range(*index.indices(len(self))))
        position = range(len(self._blocks))[index]
        if position not in self._made:
            self._made[position] = self._make(self._blocks[position])
        return self._made[position]

    def __iter__(self) -> Iterator[Entry]:
        # Whoever walks over a large library mostly wants its keys: what is made on the way is not kept.
        for position, block in enumerate(self._blocks):
            yield self._made.get(position) or self._make(block)

    def _make(self, block: Block) -> Entry:
        return Entry(block.key, _work(self._source, block), block.span, Fields(block))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # like a list: it is compared by what is in it

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (tuple(self),)


class Fields(Sequence[tuple[str, str]]):
    """The fields of an entry as (name, raw value), told apart when they are looked at."""

    __slots__ = ("_block",)

    def __init__(self, block: Block) -> None:
        self._block = block

    def __len__(self) -> int:
        return len(self._block.pairs)

    @overload
    def __getitem__(self, index: int) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[str, str]]: ...
    def __getitem__(self, index: int | slice) -> tuple[str, str] | Sequence[tuple[str, str]]:
        return self._block.pairs[index]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._block.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # like a list: it is compared by what is in it

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (tuple(self),)


def _note(line: int, block: Block) -> Note:
    what = f"The entry {block.key!r}" if block.key else f"A block @{block.type}"
    verdict = "It is kept as it is, and not read." if block.kind == "broken" else "It is read as far as it goes."
    code = "broken-block" if block.kind == "broken" else "odd-block"
    return Note(
        code, f"{what} in line {line} is not well-formed: {block.problem}. {verdict}", Severity.WARNING, block.span
    )


def _work(source: Source, block: Block) -> Work:
    read = Lazy(partial(source.read, block))
    return Work(Part(read, "csl"), Part(read, "extra"), _ORIGIN)


_ORIGIN = Origin("library")
