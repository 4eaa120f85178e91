"""One run over one packed manuscript: which citation comes first, what each reads, what Zotero is told.

The same for Word and LibreOffice; how a field, a note or a list is written is the kind's own business.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from refkit.errors import LibraryError, ReadError, UsageError
from refkit.formats import csl_styles
from refkit.formats.csl_render import Cite, Rendering, Segments, plain
from refkit.manuscripts import Choose, Done, Manuscript, Wanted, Written
from refkit.manuscripts.barriers import HIDDEN
from refkit.manuscripts.layout import Layout
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

MARK = "[[bibliography]]"
"""What a paragraph says in whose place the bibliography goes."""

Order = tuple[int, int]
"""Where something stands: its byte in the body and, within a note there, its byte in the note."""


def hide(layout: Layout, barriers: Iterable[tuple[Span, str]]) -> None:
    """Hide the spans that have a barrier; neighbours with the same one are one stretch, in which a DOI is whole."""
    for why, spans in groupby((pair for pair in barriers if pair[1]), key=itemgetter(1)):
        merged: list[Span] = []
        for span, _ in spans:
            if merged and merged[-1].end == span.start:
                merged[-1] = Span(merged[-1].start, span.end)
            else:
                merged.append(span)
        for span in merged:
            layout.hide(span.start, span.end, "" if why == HIDDEN else why)


def _has_address(work: CitedWork) -> bool:
    return bool(work.uris) and not any("mendeley.com/" in uri for uri in work.uris)


@dataclass(frozen=True, slots=True)
class Found:
    """A field or mark of a reference manager: the kind's own `handle`, its code, what it says as a citation, what it
    shows."""

    handle: Any
    order: Order
    text: str
    code: CitationCode | None
    shown: str

    @property
    def is_list(self) -> bool:
        """Whether it is a bibliography."""
        return is_bibliography(self.text)


@dataclass(slots=True)
class Event:
    """A citation in the document's order: a new one (`placed`), or one that is there (`found`)."""

    order: Order
    works: tuple[CitedWork, ...]
    cites: tuple[Cite, ...]
    placed: Placed | None = None
    found: Found | None = None
    shown: Segments = ()
    id: str = ""


class PackedCiting(ABC):
    """The run; `written` carries it out.

    Parameters: `manuscript`, as read; `data`, the file; `wanted`; `name`, for messages; `given`, the preferences that
    the document holds; `found`, its fields.
    """

    field_type = ""
    """What Zotero calls the kind's fields in its preferences."""

    def __init__(
        self, manuscript: Manuscript, data: bytes, wanted: Wanted, name: str, given: str, found: Sequence[Found]
    ) -> None:
        self.manuscript, self.data, self.wanted, self.name = manuscript, data, wanted, name
        self.given, self.found = given, found
        self.notes: list[Note] = []
        self._is_stand_in = False  # whether the document has a style that is not at hand
        self.style = self._style()
        codes = [one.code for one in found if one.code is not None]
        # Zotero asks about an import wherever it meets an address of Mendeley's, so these are not carried on.
        self.known = {work.identity: work for code in codes for work in code.works if _has_address(work)}
        self._ids = {code.id for code in codes}

    # --- what the kind knows

    @abstractmethod
    def is_free(self, span: Span) -> bool:
        """Whether all text of a span may go."""

    @abstractmethod
    def order_of(self, placed: Placed) -> Order:
        """Where a citation to be stands."""

    @abstractmethod
    def lists(self) -> Iterable[Span]:
        """The spans of the paragraphs of written reference lists."""

    @abstractmethod
    def is_plain_already(self) -> bool:
        """Whether the document has a bibliography of refkit's in plain text."""

    @abstractmethod
    def place(self, event: Event) -> None:
        """Put a new citation into the document."""

    @abstractmethod
    def refresh(self, event: Event) -> None:
        """Put what a citation reads now into its field."""

    @abstractmethod
    def write_list(self, entries: Sequence[Segments], code: str, own: Found | None, listed: Sequence[Placed]) -> None:
        """Put the bibliography into the document, in the place of `own` where it has one of refkit's; `code` is "" for
        plain text."""

    @abstractmethod
    def drop_lists(self, listed: Sequence[Placed]) -> None:
        """Take the entries of a written reference list out that the bibliography states."""

    @abstractmethod
    def set_preferences(self, held: Sequence[str]) -> None:
        """Put preferences, in pieces, into the document."""

    @abstractmethod
    def changed(self) -> Mapping[str, bytes]:
        """The members that changed, after all edits."""

    @abstractmethod
    def view(self, data: bytes) -> str:
        """The view of a document; that it can be read at all is a check of what was written."""

    # --- the whole

    def written(self, choose: Choose) -> Written:
        """Carry everything out; `data` is None where nothing changes."""
        if why := self._no_plain():
            return Written([Done(item, False, why) for item in self.manuscript.items], notes=self.notes)
        names, text = self.style.names_authors, self.manuscript.text
        placing = Placing(
            text, choose, self.known, names, self.wanted.settings.narrative, self.is_free,
            takes_words=names or self.style.is_note,
        )  # fmt: skip
        placed = placing.placed(self.manuscript)
        listed = self._listed(placed) if self.wanted.references else []
        here = [one for one in placed if not any(one is other for other in listed)]
        events = [Event(self.order_of(one), one.works, one.cites, placed=one) for one in here]
        for one in self.found:
            if one.code is not None and one.code.cites and not one.is_list:
                events.append(Event(one.order, one.code.works, one.code.cites, found=one, id=one.code.id))
        events.sort(key=lambda event: event.order)
        own = any(event.found and event.found.code and event.found.code.ours for event in events)
        if here or listed or own:
            self._carry_out(events, listed)
        return self._outcome(placing, placed)

    def _no_plain(self) -> str:
        """Why plain citations cannot be written here, "" where they can."""
        if not self.wanted.plain or not self.manuscript.items:
            return ""
        if self.is_plain_already():
            return "the document's citations are plain text already, and cannot be numbered and listed anew"
        if any(one.code and one.code.ours for one in self.found):
            return "the document has live citations of refkit's (leave out --plain)"
        return ""

    def _carry_out(self, events: Sequence[Event], listed: Sequence[Placed]) -> None:
        uncited = self._uncited(events, listed)
        works: dict[str, Any] = {}
        for work in (*(work for event in events for work in event.works), *uncited):
            works.setdefault(work.identity, work.data)
        rendering = Rendering(self.style, works)
        for number, event in enumerate(events):
            event.shown = rendering.citation(event.cites)
            if event.placed is not None:
                event.id = self._new_id(event, number)
                self.place(event)
            elif self._is_stale(event):
                self.refresh(event)
        if listed:
            self.drop_lists(listed)
        if self.style.has_bibliography and (events or uncited):
            self._list(rendering, uncited, listed)

    def _outcome(self, placing: Placing, placed: Sequence[Placed]) -> Written:
        changed = dict(self.changed())
        if changed and not self.wanted.plain:
            self._preferences()
            changed = dict(self.changed())
        whys = {id(item): one.why for one in placed for item in one.items}
        done = [Done(one.item, one.cited, one.why or whys.get(id(one.item), "")) for one in placing.done]
        if not changed:
            return Written(done, notes=self.notes)
        try:
            made = rewritten(self.data, changed, self.name)
        except ReadError as error:
            raise LibraryError(error.message, error.hint) from error
        return Written(done, data=made, text=self.view(made), notes=self.notes)

    def _style(self) -> csl_styles.Style:
        """The style asked for, else the document's own, else refkit's."""
        if self.wanted.settings.style:
            return csl_styles.load(self.wanted.settings.style)
        if address := style_of(self.given):
            try:
                return csl_styles.by_address(address, own=is_own_preferences(self.given))
            except UsageError:
                self._is_stand_in = True
                name = address.rpartition("/")[2]
                self.note(
                    "style-missing",
                    f"The document's style, {name}, is not at hand (pip install refkit[styles], or --style FILE.csl); "
                    "what refkit writes looks like author-date until Zotero refreshes it.",
                )
        return csl_styles.load(csl_styles.DEFAULT)

    def note(self, code: str, message: str, severity: Severity = Severity.WARNING) -> None:
        """Say something about the document."""
        self.notes.append(Note(code, message, severity, path=self.name))

    # --- citations

    def code(self, event: Event, note: int) -> str:
        """The code of a citation, which stands in the note of this number (0: in the text)."""
        held = CitationCode(event.id, event.works, event.cites)
        return citation(held, event.shown, note, in_order=not self.style.sorts)

    def _new_id(self, event: Event, number: int) -> str:
        """An id that the document does not have: the same for the same document."""
        seed = f"{number} {event.order} {' '.join(work.identity for work in event.works)}"
        while True:
            made = hashlib.sha256(seed.encode()).hexdigest()[:10]
            if made not in self._ids:
                self._ids.add(made)
                return made
            seed += "+"

    def _is_stale(self, event: Event) -> bool:
        """Whether a field of refkit's own shows what it no longer should, and nobody changed its text."""
        found = event.found
        if found is None or found.code is None or not found.code.ours or self.wanted.plain or self._is_stand_in:
            return False
        return found.shown == (found.code.shown or found.shown) != plain(event.shown)

    # --- the bibliography

    def _listed(self, placed: Sequence[Placed]) -> list[Placed]:
        """The citations that stand in written reference lists: their paragraphs go, and the bibliography names them."""
        spans = list(self.lists())
        return [one for one in placed if any(span.start <= one.items[0].span.start < span.end for span in spans)]

    def _uncited(self, events: Sequence[Event], listed: Sequence[Placed]) -> list[CitedWork]:
        cited = {work.identity for event in events for work in event.works}
        kept: dict[str, CitedWork] = {}
        for one in self.found:
            for work in read_own_bibliography(one.text) or () if one.is_list else ():
                kept.setdefault(work.identity, work)
        for placed in listed:
            for work in placed.works:
                kept.setdefault(work.identity, work)
        return [work for name, work in kept.items() if name not in cited]

    def _list(self, rendering: Rendering, uncited: Sequence[CitedWork], listed: Sequence[Placed]) -> None:
        there = [one for one in self.found if one.is_list]
        own = next((one for one in there if read_own_bibliography(one.text) is not None), None)
        if there and own is None:
            self.note(
                "bibliography-kept",
                "The document's bibliography was left alone; refresh it in Zotero (or the program that wrote it).",
                Severity.INFO,
            )
            return
        if own is not None and self._is_stand_in:
            return
        entries = [shown for _, shown in rendering.bibliography()]
        if entries:
            self.write_list(entries, "" if self.wanted.plain else bibliography(uncited), own, listed)

    @staticmethod
    def is_same_list(own: Found, entries: Sequence[Segments], code: str) -> bool:
        """Whether a bibliography of refkit's reads as it should; word processors rewrite its source when they save."""
        before, after = own.shown, "".join(plain(entry) for entry in entries)
        uncited = read_own_bibliography(own.text) == read_own_bibliography(code)
        return uncited and "".join(before.split()) == "".join(after.split())

    def _preferences(self) -> None:
        if self._is_stand_in:
            return
        if self.given and not is_own_preferences(self.given):
            if self.wanted.settings.style and style_of(self.given) != self.style.address:
                self.note("style-kept", "The document's style in Zotero stays; change it there to what --style says.")
            return
        made = preferences(
            self.style.address, self.style.locale, kind=self.field_type,
            has_bibliography=self.style.has_bibliography, note=self.style.is_note,
        )  # fmt: skip
        if made != self.given:
            self.set_preferences(pieces(made))
