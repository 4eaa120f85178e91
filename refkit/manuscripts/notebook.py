"""Jupyter notebooks: the Markdown cells, edited in the JSON as it is written.

Source: nbformat 4.5 (`cells`, `cell_type`, `source` as a string or a list of lines), and 3's worksheets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from refkit.errors import LibraryError
from refkit.manuscripts import Choose, Cluster, Done, Item, Manuscript, Wanted, Written, markdown
from refkit.manuscripts.layout import Lines
from refkit.model import Edit, Span

_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)


@dataclass(slots=True)
class Cell:
    """One cell: its number, type, and the spans of its source's strings in the file, without quotation marks."""

    number: int
    type: str = ""
    strings: list[Span] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Source:
    """The source of a cell as text, and where each of its characters stands in the file."""

    cell: Cell
    text: str
    starts: tuple[int, ...]
    maps: tuple[tuple[int, ...] | None, ...]

    def pieces(self, span: Span) -> list[Span]:
        """The spans in the file that make up a span of the text, one a string."""
        found = []
        for index, string in enumerate(self.cell.strings):
            start = self.starts[index]
            end = self.starts[index + 1]
            first, last = max(span.start, start), min(span.end, end)
            inside = first < last or (span.start == span.end and start <= span.start <= end)
            if inside:
                found.append(Span(self._raw(index, first - start), self._raw(index, last - start)))
                if span.start == span.end:
                    break
            del string
        return found

    def _raw(self, index: int, offset: int) -> int:
        place = self.maps[index]
        return self.cell.strings[index].start + (offset if place is None else place[offset])


@dataclass(frozen=True, slots=True)
class _Inner:
    """A Markdown cell, what was read of it, and its items as the notebook has them."""

    source: _Source
    manuscript: Manuscript
    outer: dict[int, Item]


def read(text: str, name: str, wanted: Wanted) -> Manuscript:
    """Where citations may come in a notebook; see `refkit.manuscripts.TextKind`. Raises `LibraryError` for no JSON."""
    cells = _cells(text, name)
    sources = [_source(text, cell) for cell in cells if cell.type in ("markdown", "raw")]
    prose = [source for source in sources if source.cell.type == "markdown"]
    whole = markdown.read("\n\n".join(source.text for source in prose), name, wanted)
    myst = replace(wanted, settings=replace(wanted.settings, cite_syntax="myst")) if whole.syntax == "role" else wanted
    inner: list[_Inner] = []
    clusters: list[Cluster] = []
    cited, left = [], []
    in_list = False
    for source in prose:
        one = markdown.read(source.text, name, myst)
        in_list = in_list and not re.match(r"\s*#", source.text)
        taken = _Inner(source, replace(one, syntax=whole.syntax, clusters=() if in_list else one.clusters), {})
        lines = Lines(source.text)
        for cluster in taken.manuscript.clusters:
            items = tuple(_outer(taken, item, lines) for item in cluster.items)
            clusters.append(Cluster(Span(items[0].span.start, items[-1].span.end), items, cluster.handle))
        place = f"cell {source.cell.number}"
        cited += [replace(c, span=_covering(source, c.span), place=f"{place}, {c.place}") for c in one.cited]
        left += [replace(x, span=_covering(source, x.span), place=f"{place}, {x.place}") for x in one.left]
        inner.append(taken)
        ends = one.state.references
        in_list = in_list or bool(ends and ends[-1].end >= len(source.text))
    front = [lib for source in sources[:2] for lib in _front(source, name, wanted)]
    return Manuscript(
        "notebook",
        text,
        tuple(clusters),
        tuple(cited),
        tuple(left),
        libraries=tuple(dict.fromkeys([*front, *whole.libraries])),
        defined=whole.defined,
        syntax=whole.syntax,
        state=tuple(inner),
    )


def write(manuscript: Manuscript, choose: Choose, wanted: Wanted) -> Written:
    """Put citations into the Markdown cells; all other bytes of the JSON stay."""
    done: list[Done] = []
    edits: list[Edit] = []
    ascii_only = manuscript.text.isascii()
    for one in manuscript.state:
        written = markdown.write(one.manuscript, choose, wanted)
        done += [replace(d, item=one.outer[id(d.item)]) for d in written.done]
        for edit in written.edits:
            edits += _in_file(one.source, edit, ascii_only)
    return Written(done, sorted(edits, key=lambda edit: edit.span))


def _front(source: _Source, name: str, wanted: Wanted) -> Sequence[str]:
    """The libraries that a first cell of metadata names (Quarto takes a raw or a Markdown one)."""
    return markdown.read(source.text, name, wanted).libraries if source.text.lstrip().startswith("---") else ()


def _outer(one: _Inner, item: Item, lines: Lines) -> Item:
    place = f"cell {one.source.cell.number}, {lines.place(item.span.start)}"
    new = replace(item, span=_covering(one.source, item.span), place=place)
    one.outer[id(item)] = new
    return new


def _covering(source: _Source, span: Span) -> Span:
    pieces = source.pieces(span)
    return Span(pieces[0].start, pieces[-1].end) if pieces else Span(0, 0)


def _in_file(source: _Source, edit: Edit, ascii_only: bool) -> Iterator[Edit]:
    """An edit of a cell's text in the file: its new text goes into the first string, the rest of what it replaces is
    taken out of the others."""
    escaped = json.dumps(edit.text, ensure_ascii=ascii_only)[1:-1]
    for index, piece in enumerate(source.pieces(edit.span)):
        yield Edit(piece, escaped if index == 0 else "")


# --- the JSON ------------------------------------------------------------------------------------


def _cells(text: str, name: str) -> list[Cell]:
    """The cells of a notebook with their places. Raises `LibraryError` where it is no notebook."""
    try:
        given: Any = json.loads(text) if text.strip() else {"cells": []}
    except (ValueError, RecursionError) as error:
        raise LibraryError(
            f"{name} is no valid notebook ({error}).", "Open it in Jupyter and save it again."
        ) from error
    if not isinstance(given, dict) or not ({"cells", "worksheets"} & given.keys()):
        raise LibraryError(f"{name} is no notebook: it has no cells.")
    cells: dict[tuple[int, ...], Cell] = {}
    for path, span in _strings(text):
        place = _cell_of(path)
        if place is None:
            continue
        where, rest = place
        cell = cells.setdefault(where, Cell(len(cells) + 1))
        if rest == ("cell_type",):
            cell.type = span.of(text)
        elif rest[:1] == ("source",) and len(rest) <= 2:
            cell.strings.append(span)
    return list(cells.values())


def _cell_of(path: tuple[str | int, ...]) -> tuple[tuple[int, ...], tuple[str | int, ...]] | None:
    """Which cell a path lies in, and the rest of it."""
    if len(path) > 2 and path[0] == "cells":
        return (int(path[1]),), path[2:]
    if len(path) > 4 and path[0] == "worksheets" and path[2] == "cells":
        return (int(path[1]), int(path[3])), path[4:]
    return None


def _strings(text: str) -> Iterator[tuple[tuple[str | int, ...], Span]]:
    """All strings that are values, with the path that leads to each."""
    path: list[str | int] = []
    kinds: list[str] = []
    key = False
    for token in _JSON.finditer(text):
        sign = token.group()
        if sign in "{[":
            kinds.append(sign)
            path.append("" if sign == "{" else 0)
            key = sign == "{"
        elif sign in "}]":
            kinds.pop()
            path.pop()
            key = False
        elif sign == ",":
            if kinds[-1] == "[":
                path[-1] = int(path[-1]) + 1
            else:
                key = True
        elif sign == ":":
            key = False
        elif sign[0] == '"':
            if key and kinds and kinds[-1] == "{":
                path[-1] = str(json.loads(sign, strict=False))
            elif len(path) <= 7:
                yield tuple(path), Span(token.start() + 1, token.end() - 1)


def _source(text: str, cell: Cell) -> _Source:
    pieces, starts, maps = [], [0], []
    for span in cell.strings:
        raw = span.of(text)
        if "\\" in raw:
            decoded, places = _decoded(raw)
        else:
            decoded, places = raw, None
        pieces.append(decoded)
        maps.append(places)
        starts.append(starts[-1] + len(decoded))
    return _Source(cell, "".join(pieces), tuple(starts), tuple(maps))


def _decoded(raw: str) -> tuple[str, tuple[int, ...]]:
    """A string's content decoded, and for each character (and the end) its offset in what is written."""
    out: list[str] = []
    places: list[int] = []
    at = 0
    for escape in _ESCAPE.finditer(raw):
        out.append(raw[at : escape.start()])
        places.extend(range(at, escape.start()))
        character = json.loads(f'"{escape.group()}"', strict=False)
        out.append(character)
        places.append(escape.start())
        at = escape.end()
    out.append(raw[at:])
    places.extend(range(at, len(raw) + 1))
    return "".join(out), tuple(places)
