"""Writing citations into a DOCX: fields at their places, footnotes, the bibliography, the preferences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from refkit.errors import LibraryError
from refkit.formats.csl_render import Segments, plain
from refkit.manuscripts import Manuscript, Wanted
from refkit.manuscripts.docx_edits import PartEdits
from refkit.manuscripts.docx_flow import Flow
from refkit.manuscripts.docx_notes import Footnotes
from refkit.manuscripts.docx_package import Parts
from refkit.manuscripts.docx_runs import Writer, properties
from refkit.manuscripts.docx_text import Field, Paragraph, Piece
from refkit.manuscripts.packed_citing import MARK, Event, Found, Order, PackedCiting
from refkit.manuscripts.placing import Placed
from refkit.model import Span

if TYPE_CHECKING:
    from refkit.manuscripts.docx import State


class Citing(PackedCiting):
    """One run over one DOCX."""

    field_type = "Field"

    def __init__(self, manuscript: Manuscript, data: bytes, wanted: Wanted) -> None:
        self.state: State = manuscript.state
        self.parts: Parts = self.state.parts
        self.body: Flow = self.state.flows[0]
        found = [
            Found((flow, one), self._order(flow, one.first.start, one.note), one.code, code, one.shown)
            for flow, one, code in self.state.codes
        ]
        super().__init__(manuscript, data, wanted, self.parts.name, self.parts.preferences(), found)
        self.writer = Writer(self._prefix())
        self.edits = {id(flow): PartEdits(flow, self.writer) for flow in self.state.flows}
        self.footnotes = Footnotes(self.state, self.writer, self.edits) if self.style.is_note else None

    def _prefix(self) -> str:
        own = self.body.part.own_prefixes.get("w")
        if not own:
            raise LibraryError(
                f"{self.parts.name} was written by a program that names its elements in an unusual way.",
                "Open it in Word or LibreOffice, save it, and run refkit again.",
            )
        return f"{own}:"

    # --- where things stand

    def is_free(self, span: Span) -> bool:
        """Whether all text of a span may go."""
        return not any(piece.barrier for piece, _, _ in self._flow_at(span).pieces(span))

    def order_of(self, placed: Placed) -> Order:
        """Where a citation to be stands."""
        flow = self._flow_at(placed.span)
        piece, _ = self._anchor(flow, placed.span)
        return self._order(flow, piece.start, flow.paragraph_at(placed.span.start).note)

    def _order(self, flow: Flow, byte: int, note: str) -> Order:
        if flow is self.body:
            return byte, 0
        kind = "footnote" if "footnote" in flow.label else "endnote"
        where = next((at for named, number, at in self.body.notes if (named, number) == (kind, note)), 1 << 60)
        return where, byte

    def _flow_at(self, span: Span) -> Flow:
        end = 0
        for flow in self.state.flows:
            end += len(flow.text)
            if span.start < end:
                return flow
        return self.state.flows[-1]

    def _anchor(self, flow: Flow, span: Span) -> tuple[Piece, int]:
        """The piece in which a citation begins, and the byte: of an empty span, the end of the piece before it."""
        if span.start < span.end:
            piece, start, _ = next(flow.pieces(span))
            return piece, start
        piece, _, end = list(flow.pieces(Span(span.start - 1, span.start)))[-1]
        return piece, end

    # --- citations

    def place(self, event: Event) -> None:
        """Put a new citation into the document."""
        placed = event.placed
        assert placed is not None
        flow = self._flow_at(placed.span)
        edits = self.edits[id(flow)]
        for link in placed.links:
            edits.take_link_away(self.state.links[link][1])
        if placed.gone is not None:
            edits.replace(list(flow.pieces(placed.gone)), "")
        given = properties(flow.part, self._anchor(flow, placed.span)[0].run, unlinked=bool(placed.links))
        span = self._span(placed.span, event, flow)
        piece, byte = self._anchor(flow, span)
        if self.footnotes is not None and flow is self.body:
            words = "" if placed.words == " " else placed.words
            source = self._words(given, words)
            source += self.footnotes.add(byte, given, lambda note: self._source([], event, note))
        else:
            note = self._number_of_note(flow, placed.span)
            source = self._words(given, placed.words) + self._source(given, event, note)
        for twin, cut in self._with_twins(flow, span, piece):
            if cut:
                edits.replace(cut, source)
            else:
                edits.insert_after(twin, byte, source)

    def _span(self, span: Span, event: Event, flow: Flow) -> Span:
        """What goes: with a note style also the blank before a note's number, and the stop that the style sets."""
        if not self.style.is_note or span.start == span.end:
            return span
        view = self.state.view
        if flow is self.body:
            before = span.start and view[span.start - 1] == " " and self.is_free(Span(span.start - 1, span.start))
            return Span(span.start - 1, span.end) if before else span
        doubled = plain(event.shown).endswith(".") and view[span.end] == "."
        return Span(span.start, span.end + 1) if doubled and self.is_free(Span(span.end, span.end + 1)) else span

    def _number_of_note(self, flow: Flow, span: Span) -> int:
        """The number of the note in which a span stands, 0 in the body."""
        if flow is self.body:
            return 0
        kind = "footnote" if "footnote" in flow.label else "endnote"
        numbers = [number for named, number, _ in self.body.notes if named == kind]
        note = flow.paragraph_at(span.start).note
        return numbers.index(note) + 1 if note in numbers else 0

    def _words(self, given: Sequence[tuple[str, str]], words: str) -> str:
        return self.writer.words(given, ((words, frozenset()),)) if words else ""

    def _source(self, given: Sequence[tuple[str, str]], event: Event, note: int) -> str:
        if self.wanted.plain:
            return self.writer.words(given, event.shown)
        return self.writer.field(given, self.code(event, note), event.shown)

    def _with_twins(self, flow: Flow, span: Span, piece: Piece) -> Iterator[tuple[Piece, list[tuple[Piece, int, int]]]]:
        """Where a citation goes; in a text box twice, for old programs read another copy of its paragraphs."""
        yield piece, list(flow.pieces(span))
        paragraph = flow.paragraph_at(span.start)
        if (twin := flow.twin_of(paragraph)) is not None and span.start < span.end:
            moved = Span(span.start - paragraph.view, span.end - paragraph.view)
            cut = list(flow.pieces_of(twin, moved))
            if cut:
                yield cut[0][0], cut

    def refresh(self, event: Event) -> None:
        """Put what a citation reads now into its field, where that stands in runs of its own."""
        assert event.found is not None
        flow, field = event.found.handle
        assert isinstance(field, Field)
        if field.whole and field.paragraph == field.last_paragraph and event.found.code is not None:
            given = properties(flow.part, field.first)
            source = self.writer.field(given, self.code(event, event.found.code.note), event.shown)
            self.edits[id(flow)].at(field.first.start, field.last.end, source)

    # --- the bibliography

    def lists(self) -> Iterable[Span]:
        """The spans of the paragraphs of written reference lists."""
        return [
            Span(one.view, one.view + len(one.text) + 1)
            for _, paragraphs in self.state.references
            for one in paragraphs
        ]

    def is_plain_already(self) -> bool:
        """Whether the document has a bibliography of refkit's in plain text."""
        return self.body.bookmark is not None

    def drop_lists(self, listed: Sequence[Placed]) -> None:
        """Take the entries of a written reference list out that the bibliography states."""
        starts = self._numbers(listed)
        for flow, paragraphs in self.state.references:
            for paragraph in paragraphs:
                if flow is self.body and paragraph.number in starts:
                    self._drop(paragraph)
                elif words := paragraph.text.strip():
                    self.note(
                        "reference-kept", f"This entry of the written list has no known work and stays: {words[:80]}"
                    )

    def _numbers(self, listed: Sequence[Placed]) -> set[int]:
        here = [one for one in listed if self._flow_at(one.span) is self.body]
        return {self.body.paragraph_at(one.items[0].span.start).number for one in here}

    def _drop(self, paragraph: Paragraph) -> None:
        edits = self.edits[id(self.body)]
        if paragraph.section:
            edits.replace([(piece, piece.start, piece.end) for piece in paragraph.pieces], "")
        else:
            edits.at(paragraph.start, paragraph.end, "")

    def write_list(self, entries: Sequence[Segments], code: str, own: Found | None, listed: Sequence[Placed]) -> None:
        """Put the bibliography into the document."""
        source = self.writer.bibliography(entries, code, self._list_style(), bookmark=self._free_bookmark())
        edits = self.edits[id(self.body)]
        if own is not None:
            if not self.is_same_list(own, entries, code):
                self._replace_list(own.handle[1], source)
            return
        mark = next((one for one in self.body.paragraphs if one.text.strip() == MARK and not one.twin), None)
        numbers = self._numbers(listed)
        if mark is not None:
            self._drop(mark)
            at = mark.start
        elif numbers:
            at = min(one.start for one in self.body.paragraphs if one.number in numbers)
        else:
            at = self.body.section if self.body.section is not None else self.body.closing
        edits.at(at, at, source)

    def _replace_list(self, field: Field, source: str) -> None:
        first, last = self.body.paragraphs[field.paragraph], self.body.paragraphs[field.last_paragraph]
        if field.whole:
            self.edits[id(self.body)].at(first.start, last.end, source)

    def _list_style(self) -> str:
        data = self.parts.read(self.parts.styles())
        found = re.search(
            rb'<\w+:style\b[^>]*\b\w+:styleId="([^"]+)"[^>]*>\s*<\w+:name \w+:val="bibliography"', data, re.IGNORECASE
        )
        return found[1].decode() if found else ""

    def _free_bookmark(self) -> int:
        taken = re.findall(rb'<\w+:bookmarkStart\b[^>]*\b\w+:id="(\d{1,9})"', self.body.part.data)
        return max((int(one) for one in taken), default=0) + 1

    # --- the package

    def set_preferences(self, held: Sequence[str]) -> None:
        """Put preferences into the custom properties."""
        self.parts.set_preferences(held)

    def changed(self) -> Mapping[str, bytes]:
        """The members that changed, after all edits."""
        if self.footnotes is not None:
            self.footnotes.finish()
        for flow in self.state.flows:
            made = self.edits[id(flow)].outcome()
            if made != flow.part.data:
                self.parts.changed[flow.part.member] = made
        return self.parts.changed

    def view(self, data: bytes) -> str:
        """The view of a document."""
        from refkit.manuscripts.docx import view

        return view(data, self.parts.name)
