"""Writing citations into a DOCX: which comes first, what each reads, and where fields, notes and the list go."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from refkit.errors import LibraryError, ReadError, UsageError
from refkit.formats import csl_styles
from refkit.formats.csl_render import Cite, Rendering, Segments, plain
from refkit.manuscripts import Choose, Done, Manuscript, Wanted, Written
from refkit.manuscripts.docx_edits import PartEdits
from refkit.manuscripts.docx_flow import Field, Flow, Paragraph, Piece
from refkit.manuscripts.docx_notes import Footnotes
from refkit.manuscripts.docx_runs import Writer, properties
from refkit.manuscripts.placing import Placed, Placing
from refkit.manuscripts.zotero_fields import (
    CitationCode,
    CitedWork,
    bibliography,
    citation,
    is_bibliography,
    is_own_preferences,
    pieces,
    preferences,
    read_own_bibliography,
    style_of,
)
from refkit.model import Note, Severity, Span
from refkit.packages import rewritten

if TYPE_CHECKING:
    from refkit.manuscripts.docx import State

MARK = "[[bibliography]]"
"""What a paragraph says in whose place the bibliography goes."""


@dataclass(slots=True)
class _Event:
    """A citation in the document's order: a new one (`placed`), or a field that is there (`found`)."""

    order: tuple[int, int]
    flow: Flow
    works: tuple[CitedWork, ...]
    cites: tuple[Cite, ...]
    placed: Placed | None = None
    found: Field | None = None
    code: CitationCode | None = None
    shown: Segments = ()


class Citing:
    """One run over one document."""

    def __init__(self, manuscript: Manuscript, data: bytes, wanted: Wanted) -> None:
        self.manuscript, self.data, self.wanted = manuscript, data, wanted
        self.state: State = manuscript.state
        self.parts = self.state.parts
        self.body = self.state.flows[0]
        self.notes: list[Note] = []
        self.writer = Writer(self._prefix())
        self.edits = {id(flow): PartEdits(flow, self.writer) for flow in self.state.flows}
        self.style = self._style()
        self.known = {work.identity: work for _, _, code in self.state.codes if code for work in code.works}
        self.ids = {code.id for _, _, code in self.state.codes if code}

    def _prefix(self) -> str:
        own = self.body.part.own_prefixes.get("w")
        if not own:
            raise LibraryError(
                f"{self.parts.name} was written by a program that names its elements in an unusual way.",
                "Open it in Word or LibreOffice, save it, and run refkit again.",
            )
        return f"{own}:"

    def _style(self) -> csl_styles.Style:
        """The style asked for, else the document's own, else refkit's."""
        if self.wanted.settings.style:
            return csl_styles.load(self.wanted.settings.style)
        given = self.parts.preferences()
        if address := style_of(given):
            try:
                return csl_styles.by_address(address, own=is_own_preferences(given))
            except UsageError:
                name = address.rpartition("/")[2]
                message = (
                    f"The document's style, {name}, is not at hand (pip install refkit[styles], or --style FILE.csl); "
                    "what refkit writes looks like author-date until Zotero refreshes it."
                )
                self.notes.append(Note("style-missing", message, Severity.WARNING, path=self.parts.name))
        return csl_styles.load(csl_styles.DEFAULT)

    # --- the whole

    def written(self, choose: Choose) -> Written:
        """Carry everything out; `data` is None where nothing changes."""
        if self.wanted.plain and self.body.bookmark:
            why = "the document's citations are plain text already, and cannot be numbered and listed anew"
            return Written([Done(item, False, why) for item in self.manuscript.items], notes=self.notes)
        names = self.style.names_authors
        placing = Placing(self.state.view, choose, self.known, names, self.wanted.settings.narrative, self._is_free)
        placed = placing.placed(self.manuscript)
        listed = self._listed(placed) if self.wanted.references else []
        here = [one for one in placed if one not in listed]
        events = sorted(self._events(here), key=lambda event: event.order)
        uncited = self._uncited(events, listed)
        if not here and not listed and not any(event.code and event.code.ours for event in events):
            return Written(placing.done, notes=self.notes)
        self._render(events, uncited)
        footnotes = Footnotes(self.state, self.writer, self.edits) if self.style.is_note else None
        for number, event in enumerate(events):
            if event.placed is not None:
                self._place(event, number, footnotes)
            elif event.found is not None and event.code is not None and event.code.ours:
                self._refresh(event)
        self._bibliography(events, uncited, listed)
        if footnotes is not None:
            footnotes.finish()
        return self._outcome(placing, placed)

    def _outcome(self, placing: Placing, placed: Sequence[Placed]) -> Written:
        for flow in self.state.flows:
            made = self.edits[id(flow)].bytes()
            if made != flow.part.data:
                self.parts.changed[flow.part.member] = made
        if self.parts.changed and not self.wanted.plain:
            self._preferences()
        whys = {id(item): one.why for one in placed for item in one.items}
        done = [Done(one.item, one.cited, one.why or whys.get(id(one.item), "")) for one in placing.done]
        if not self.parts.changed:
            return Written(done, notes=self.notes)
        try:
            made = rewritten(self.data, self.parts.changed, self.parts.name)
        except ReadError as error:
            raise LibraryError(error.message, error.hint) from error
        return Written(done, data=made, text=self._view_after(made), notes=self.notes)

    def _view_after(self, data: bytes) -> str:
        """The view of the new document; that it can be read at all is a check of what was written."""
        from refkit.manuscripts.docx import read

        return read(data, self.parts.name, self.wanted).text

    # --- order and text

    def _events(self, placed: Sequence[Placed]) -> Iterator[_Event]:
        for one in placed:
            flow = self._flow_at(one.span)
            yield _Event(self._order(flow, one.span), flow, one.works, one.cites, placed=one)
        for flow, found, code in self.state.codes:
            if code is not None and code.cites and not is_bibliography(found.code):
                order = self._order_of_byte(flow, found.first.start, found.note)
                yield _Event(order, flow, code.works, code.cites, found=found, code=code)

    def _is_free(self, span: Span) -> bool:
        return not any(piece.barrier for piece, _, _ in self._flow_at(span).pieces(span))

    def _flow_at(self, span: Span) -> Flow:
        end = 0
        for flow in self.state.flows:
            end += len(flow.text)
            if span.start < end:
                return flow
        return self.state.flows[-1]

    def _order(self, flow: Flow, span: Span) -> tuple[int, int]:
        piece = self._anchor(flow, span)[0]
        return self._order_of_byte(flow, piece.start, flow.paragraph_at(span.start).note)

    def _order_of_byte(self, flow: Flow, byte: int, note: str) -> tuple[int, int]:
        if flow is self.body:
            return byte, 0
        kind = "footnote" if "footnote" in flow.label else "endnote"
        where = next((at for named, number, at in self.body.notes if (named, number) == (kind, note)), 1 << 60)
        return where, byte

    def _anchor(self, flow: Flow, span: Span) -> tuple[Piece, int]:
        """The piece in which a citation begins, and the byte: of an empty span, the end of the piece before it."""
        if span.start < span.end:
            piece, start, _ = next(flow.pieces(span))
            return piece, start
        piece, _, end = list(flow.pieces(Span(span.start - 1, span.start)))[-1]
        return piece, end

    def _render(self, events: Sequence[_Event], uncited: Sequence[CitedWork]) -> None:
        works: dict[str, Any] = {}
        for work in (*(work for event in events for work in event.works), *uncited):
            works.setdefault(work.identity, work.data)
        self.rendering = Rendering(self.style, works)
        for event in events:
            event.shown = self.rendering.citation(event.cites)

    # --- citations

    def _place(self, event: _Event, number: int, footnotes: Footnotes | None) -> None:
        placed = event.placed
        assert placed is not None
        flow, edits, view = event.flow, self.edits[id(event.flow)], self.state.view
        span = placed.span
        for link_span in placed.links:
            edits.unlink(self.state.links[link_span][1])
        piece, byte = self._anchor(flow, span)
        given = properties(flow.part, piece.run, unlinked=bool(placed.links))
        if placed.gone is not None:
            edits.replace(list(flow.pieces(placed.gone)), "")
        if footnotes is not None and flow is self.body:
            before = Span(span.start - 1, span.start)
            if span.start < span.end and before.of(view) == " ":
                span = Span(span.start - 1, span.end)
                piece, byte = self._anchor(flow, span)
            words = "" if placed.words == " " else placed.words
            source = self._words(given, words) + footnotes.add(
                byte, given, lambda index: self._source([], event, number, index)
            )
        else:
            source = self._words(given, placed.words) + self._source(given, event, number, 0)
            stop = span.start < span.end and plain(event.shown).endswith(".") and view[span.end] == "."
            if self.style.is_note and stop:  # the style ends its notes itself
                span = Span(span.start, span.end + 1)
        for twin, cut in self._with_twins(flow, span, piece, byte):
            if cut:
                edits.replace(cut, source)
            else:
                edits.insert_after(twin, byte, source)

    def _words(self, given: Sequence[tuple[str, str]], words: str) -> str:
        return self.writer.words(given, ((words, frozenset()),)) if words else ""

    def _source(self, given: Sequence[tuple[str, str]], event: _Event, number: int, note: int) -> str:
        if self.wanted.plain:
            return self.writer.words(given, event.shown)
        code = CitationCode(self._new_id(event, number), event.works, event.cites)
        return self.writer.field(given, citation(code, event.shown, note, in_order=not self.style.sorts), event.shown)

    def _new_id(self, event: _Event, number: int) -> str:
        """An id that the document does not have: the same for the same document."""
        seed = f"{number} {event.order} {' '.join(work.identity for work in event.works)}"
        while True:
            made = hashlib.sha256(seed.encode()).hexdigest()[:10]
            if made not in self.ids:
                self.ids.add(made)
                return made
            seed += "+"

    def _with_twins(
        self, flow: Flow, span: Span, piece: Piece, byte: int
    ) -> Iterator[tuple[Piece, list[tuple[Piece, int, int]]]]:
        """Where a citation goes; in a text box twice, for old programs read another copy of its paragraphs."""
        yield piece, list(flow.pieces(span))
        paragraph = flow.paragraph_at(span.start)
        if (twin := flow.twin_of(paragraph)) is not None and span.start < span.end:
            moved = Span(span.start - paragraph.view, span.end - paragraph.view)
            cut = list(flow.pieces_of(twin, moved))
            if cut:
                yield cut[0][0], cut

    def _refresh(self, event: _Event) -> None:
        """Bring a field of refkit's own up to date, unless somebody changed its text."""
        found, code = event.found, event.code
        assert found is not None
        assert code is not None
        new = "".join(text for text, _ in event.shown)
        if self.wanted.plain or new == found.shown or found.shown != (code.shown or found.shown):
            return
        if not found.whole or found.paragraph != found.last_paragraph:
            return
        given = properties(event.flow.part, found.first)
        source = self.writer.field(given, citation(code, event.shown, in_order=not self.style.sorts), event.shown)
        self.edits[id(event.flow)].at(found.first.start, found.last.end, source)

    # --- the bibliography

    def _listed(self, placed: Sequence[Placed]) -> list[Placed]:
        """The citations that stand in written reference lists: their paragraphs go, and the bibliography names them."""
        spans = [Span(one.view, one.view + len(one.text) + 1) for _, rest in self.state.references for one in rest]
        return [one for one in placed if any(span.start <= one.items[0].span.start < span.end for span in spans)]

    def _uncited(self, events: Sequence[_Event], listed: Sequence[Placed]) -> list[CitedWork]:
        cited = {work.identity for event in events for work in event.works}
        kept: dict[str, CitedWork] = {}
        for _, found, _ in self.state.codes:
            for work in read_own_bibliography(found.code) or ():
                kept.setdefault(work.identity, work)
        for one in listed:
            for work in one.works:
                kept.setdefault(work.identity, work)
        return [work for name, work in kept.items() if name not in cited]

    def _bibliography(self, events: Sequence[_Event], uncited: Sequence[CitedWork], listed: Sequence[Placed]) -> None:
        if not self.style.has_bibliography or not (events or uncited):
            return
        fields = [found for flow, found, _ in self.state.codes if is_bibliography(found.code) and flow is self.body]
        entries = [shown for _, shown in self.rendering.bibliography()]
        source = self.writer.bibliography(
            entries, "" if self.wanted.plain else bibliography(uncited), self._list_style(),
            numbered=any("\t" in text for entry in entries for text, _ in entry), bookmark=self._free_bookmark(),
        )  # fmt: skip
        edits = self.edits[id(self.body)]
        gone = self._drop_list(listed)
        if own := next((one for one in fields if read_own_bibliography(one.code) is not None), None):
            first, last = self.body.paragraphs[own.paragraph], self.body.paragraphs[own.last_paragraph]
            if self.body.part.raw(first.start, last.end) != source and own.whole:
                edits.at(first.start, last.end, source)
        elif fields:
            message = "The document's bibliography was left alone; refresh it in Zotero (or the program that wrote it)."
            self.notes.append(Note("bibliography-kept", message, path=self.parts.name))
        elif mark := next((one for one in self.body.paragraphs if one.text.strip() == MARK and not one.twin), None):
            if mark.section:
                edits.at(mark.start, mark.start, source)
                edits.replace([(piece, piece.start, piece.end) for piece in mark.pieces], "")
            else:
                edits.at(mark.start, mark.end, source)
        elif gone is not None:
            edits.at(gone, gone, source)
        else:
            at = self.body.section if self.body.section is not None else self.body.closing
            edits.at(at, at, source)

    def _drop_list(self, listed: Sequence[Placed]) -> int | None:
        """Take out the written entries that the bibliography states; where the first of them stood."""
        if not listed:
            return None
        starts = {self.body.paragraph_at(one.items[0].span.start).number for one in listed}
        at: int | None = None
        for flow, paragraphs in self.state.references:
            for paragraph in paragraphs:
                if flow is self.body and paragraph.number in starts:
                    at = paragraph.start if at is None else at
                    self._drop(paragraph)
                elif paragraph.text.strip():
                    message = (
                        f"This entry of the written list has no known work and stays: {paragraph.text.strip()[:80]}"
                    )
                    self.notes.append(Note("reference-kept", message, Severity.WARNING, path=self.parts.name))
        return at

    def _drop(self, paragraph: Paragraph) -> None:
        edits = self.edits[id(self.body)]
        if paragraph.section:
            edits.replace([(piece, piece.start, piece.end) for piece in paragraph.pieces], "")
        else:
            edits.at(paragraph.start + 0, paragraph.end, "")

    def _list_style(self) -> str:
        data = self.parts.read(self.parts.styles())
        found = re.search(
            rb'<\w+:style\b[^>]*\b\w+:styleId="([^"]+)"[^>]*>\s*<\w+:name \w+:val="bibliography"', data, re.IGNORECASE
        )
        return found[1].decode() if found else ""

    def _free_bookmark(self) -> int:
        taken = re.findall(rb'<\w+:bookmarkStart\b[^>]*\b\w+:id="(\d{1,9})"', self.body.part.data)
        return max((int(one) for one in taken), default=0) + 1

    def _preferences(self) -> None:
        given = self.parts.preferences()
        if given and not is_own_preferences(given):
            if self.wanted.settings.style and style_of(given) != self.style.address:
                message = "The document's style in Zotero stays; change it there to what --style says."
                self.notes.append(Note("style-kept", message, Severity.WARNING, path=self.parts.name))
            return
        made = preferences(
            self.style.address, self.style.locale, kind="Field",
            has_bibliography=self.style.has_bibliography, note=self.style.is_note,
        )  # fmt: skip
        if made != given:
            self.parts.set_preferences(pieces(made))
