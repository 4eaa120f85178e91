"""One part of a DOCX (the body, the footnotes, the endnotes) as text whose every character knows its bytes.

Tracked changes are read as accepted. What reference managers and Word itself write into fields is no text of the
author's: it is marked in the view, and the fields are listed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping

from refkit.manuscripts.byte_parts import Part
from refkit.manuscripts.docx_scan import Scan
from refkit.manuscripts.docx_text import Field, Link, Paragraph, Piece
from refkit.model import Span


class Flow:
    """A part as it was read; see the module.

    Parameters: `part`; `label`, what its paragraphs are called; `targets`, the external targets of its relationships.
    """

    def __init__(self, part: Part, label: str, targets: Mapping[str, str]) -> None:
        self.part, self.label = part, label
        self.targets = targets
        self.paragraphs: list[Paragraph] = []
        self.links: list[Link] = []
        self.fields: list[Field] = []
        self.notes: list[tuple[str, str, int]] = []  # references to notes: kind, id, byte
        self.references: list[tuple[str, str, int]] = []  # the same with those that are deleted, but tracked
        self.note_starts: dict[str, int] = {}
        self.special_notes: set[str] = set()  # separators
        self.section: int | None = None  # where the body's last section properties begin
        self.closing = 0  # where the root's (or the body's) end tag begins
        self.bookmark: tuple[int, int] | None = None  # the bytes of a bibliography in plain text
        self.text = ""
        self._starts: list[int] = []
        self._pieces: list[Piece] = []
        self._laid: list[Paragraph] = []
        Scan(self).run()

    def layout(self, offset: int) -> str:
        """Give every character its place in the view, which begins at `offset`; the view."""
        lines = []
        at = offset
        self._pieces = []
        self._laid = sorted((one for one in self.paragraphs if not one.twin), key=lambda one: one.start)
        for paragraph in self._laid:
            paragraph.view = at
            for piece in paragraph.pieces:
                piece.view = at
                at += len(piece.text)
                self._pieces.append(piece)
            lines.append(paragraph.text)
            at += 1
        self._starts = [piece.view for piece in self._pieces]
        self.text = "".join(line + "\n" for line in lines)
        return self.text

    def pieces(self, span: Span) -> Iterator[tuple[Piece, int, int]]:
        """The pieces that a span of the view cuts, each with the bytes of what is cut out of it."""
        index = max(0, bisect_right(self._starts, span.start) - 1)
        while index < len(self._pieces) and self._pieces[index].view < span.end:
            piece = self._pieces[index]
            low, high = max(span.start, piece.view), min(span.end, piece.view + len(piece.text))
            if low < high:
                yield piece, self._byte(piece, low - piece.view), self._byte(piece, high - piece.view)
            index += 1

    def pieces_of(self, paragraph: Paragraph, span: Span) -> Iterator[tuple[Piece, int, int]]:
        """The same for a span that counts from the paragraph's own beginning."""
        at = 0
        for piece in paragraph.pieces:
            low, high = max(span.start, at), min(span.end, at + len(piece.text))
            if low < high:
                yield piece, self._byte(piece, low - at), self._byte(piece, high - at)
            at += len(piece.text)

    def twin_of(self, paragraph: Paragraph) -> Paragraph | None:
        """The copy of a text box's paragraph that programs read which do not know text boxes of today."""
        if not paragraph.depth or not any(one.twin for one in self.paragraphs):
            return None
        boxed = [one for one in self.paragraphs if not one.twin and one.text == paragraph.text and one.depth]
        twins = [one for one in self.paragraphs if one.twin and one.text == paragraph.text]
        number = boxed.index(paragraph)
        return twins[number] if len(twins) == len(boxed) else None

    def _byte(self, piece: Piece, at: int) -> int:
        if at == 0:
            return piece.start
        if at == len(piece.text):
            return piece.end
        return piece.start + len(piece.text[:at].encode(self.part.codec)) if piece.exact else piece.start

    def paragraph_at(self, offset: int) -> Paragraph:
        """The paragraph in which an offset of the view lies."""
        return self._laid[max(0, bisect_right(self._laid, offset, key=lambda one: one.view) - 1)]
