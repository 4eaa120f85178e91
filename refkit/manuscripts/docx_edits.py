"""Edits of one part of a DOCX: text of the view is taken out, runs are put in, and all else keeps its bytes.

A run that is touched is written anew out of its own bytes; a run that nothing is left of goes. What lies between runs
(bookmarks, ranges of comments, marks of the spelling checker) is never touched, and so stays balanced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from refkit.manuscripts.byte_parts import ByteEdit, apply
from refkit.manuscripts.docx_flow import Flow
from refkit.manuscripts.docx_runs import Writer, properties
from refkit.manuscripts.docx_text import Child, Link, Piece, Run


@dataclass(slots=True)
class _Touched:
    """What becomes of one run: bytes that go, whole children that go, and what is put in at which byte."""

    run: Run
    gone: list[tuple[int, int]] = field(default_factory=list)
    children: set[int] = field(default_factory=set)
    inserted: dict[int, str] = field(default_factory=dict)
    unlinked: bool = False


class PartEdits:
    """Collects the edits of one part; `outcome` carries them out."""

    def __init__(self, flow: Flow, writer: Writer) -> None:
        self.flow, self.part, self.writer = flow, flow.part, writer
        self._runs: dict[int, _Touched] = {}
        self._edits: list[ByteEdit] = []
        self._inserted: dict[int, str] = {}
        self._made: bytes | None = None

    def at(self, start: int, end: int, source: str) -> None:
        """Put `source` in the place of bytes that lie in no run."""
        if start == end:  # several insertions at one place are one edit
            self._inserted[start] = self._inserted.get(start, "") + source
        else:
            self._edits.append(ByteEdit(start, end, self.part.encoded(source)))

    def replace(self, pieces: Sequence[tuple[Piece, int, int]], source: str) -> None:
        """Put runs in the place of pieces of the view (`Flow.pieces`), or behind the first where none of it goes."""
        for number, (piece, start, end) in enumerate(pieces):
            touched = self._touched(piece.run)
            if piece.child.name == "w:t":
                touched.gone.append((start, end))
            else:
                touched.children.add(piece.child.start)
            if number == 0:
                touched.inserted[start] = touched.inserted.get(start, "") + source

    def insert_after(self, piece: Piece, end: int, source: str) -> None:
        """Put runs behind byte `end` of a piece."""
        touched = self._touched(piece.run)
        touched.inserted[end] = touched.inserted.get(end, "") + source

    def take_link_away(self, link: Link) -> None:
        """Take a hyperlink away; its words stay where no other edit takes them, and no longer look like a link."""
        for start, end in link.tags:
            self._edits.append(ByteEdit(start, end, b""))
        for run, child in link.children:
            self._touched(run).children.add(child.start)
        for piece in link.pieces:
            self._touched(piece.run).unlinked = True

    def _touched(self, run: Run) -> _Touched:
        return self._runs.setdefault(run.start, _Touched(run))

    def outcome(self) -> bytes:
        """The part after all edits; no edit can follow."""
        if self._made is None:
            self._made = self._carried_out()
        return self._made

    def _carried_out(self) -> bytes:
        # Runs lie within runs (text boxes): the inner ones are written first, and the outer ones take them over.
        edits = [*self._edits, *(ByteEdit(at, at, self.part.encoded(text)) for at, text in self._inserted.items())]
        for start in sorted(self._runs, reverse=True):
            touched = self._runs[start]
            inside = [edit for edit in edits if start < edit.start and edit.end < touched.run.end]
            edits = [edit for edit in edits if not (start < edit.start and edit.end < touched.run.end)]
            edits.append(ByteEdit(start, touched.run.end, self._rewritten(touched, inside)))
        return apply(self.part.data, edits)

    def _rewritten(self, touched: _Touched, inside: Iterable[ByteEdit]) -> bytes:
        run, part = touched.run, self.part
        opening = part.data[run.start : run.opened]
        if run.properties:
            opening += self._properties(touched)
        made = _Made(opening, part.encoded(f"</{self.writer.w}r>"))
        nested = sorted(inside)
        at = run.properties[1] if run.properties else run.opened
        for child in run.children:
            if child.name == "w:t":
                self._text(made, touched, child)
            else:
                for byte in (child.start,):
                    if byte in touched.inserted:
                        made.outside(part.encoded(touched.inserted[byte]))
                if child.start not in touched.children:
                    raw = [edit for edit in nested if child.start <= edit.start and edit.end <= child.end]
                    made.inside(part.data[at : child.start] + _patched(part.data, child, raw))
                if child.end in touched.inserted and not self._begins_another(run, child):
                    made.outside(part.encoded(touched.inserted[child.end]))
            at = child.end
        return made.finished()

    @staticmethod
    def _begins_another(run: Run, child: Child) -> bool:
        return any(other.start == child.end for other in run.children)

    def _properties(self, touched: _Touched) -> bytes:
        run, part = touched.run, self.part
        assert run.properties is not None
        if not touched.unlinked:
            return part.data[run.properties[0] : run.properties[1]]
        held = "".join(source for _, source in properties(part, run, unlinked=True))
        return part.encoded(f"<{self.writer.w}rPr>{held}</{self.writer.w}rPr>") if held else b""

    def _text(self, made: _Made, touched: _Touched, child: Child) -> None:
        """A text: what is left of it, with what is put in between."""
        part, w = self.part, self.writer.w
        start, end = child.inner
        cuts = sorted((low, high) for low, high in touched.gone if start <= low and high <= end)
        marks = sorted(byte for byte in touched.inserted if start <= byte <= end)
        if not cuts and not marks:
            made.inside(part.data[child.start : child.end])
            return
        at = start
        stops = sorted({*marks, *(low for low, _ in cuts), end})
        for stop in stops:
            if at < stop:
                made.inside(self._words(child, at, stop, w))
                at = stop
            if stop in touched.inserted:
                made.outside(part.encoded(touched.inserted.pop(stop)))
            for low, high in cuts:
                if low == stop:
                    at = max(at, high)

    def _words(self, child: Child, start: int, end: int, w: str) -> bytes:
        part = self.part
        return (
            part.encoded(f'<{w}t xml:space="preserve">') + part.data[start:end] + part.encoded(f"</{w}t>")
            if start < end
            else b""
        )


def _patched(data: bytes, child: Child, edits: Sequence[ByteEdit]) -> bytes:
    moved = [ByteEdit(edit.start - child.start, edit.end - child.start, edit.text) for edit in edits]
    return apply(data[child.start : child.end], moved)


class _Made:
    """A run being written: what goes into it, and what goes between its pieces."""

    def __init__(self, opening: bytes, closing: bytes) -> None:
        self._opening, self._closing = opening, closing
        self._pieces: list[bytes] = []
        self._open = False

    def inside(self, source: bytes) -> None:
        """Something that stands in the run."""
        if source:
            if not self._open:
                self._pieces.append(self._opening)
                self._open = True
            self._pieces.append(source)

    def outside(self, source: bytes) -> None:
        """Something that stands between runs."""
        if self._open:
            self._pieces.append(self._closing)
            self._open = False
        self._pieces.append(source)

    def finished(self) -> bytes:
        """All of it."""
        if self._open:
            self._pieces.append(self._closing)
            self._open = False
        return b"".join(self._pieces)
