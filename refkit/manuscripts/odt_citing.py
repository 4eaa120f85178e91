"""Writing citations into an ODT: reference marks, notes, the section of the bibliography, the preferences.

Source: Zotero's LibreOffice integration (names of marks and sections); OpenDocument 1.3 part 3, §7.7 and §5.4.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from refkit.errors import LibraryError
from refkit.formats.csl_render import Segments, label_width, plain
from refkit.manuscripts import Manuscript, Wanted
from refkit.manuscripts.byte_parts import END, START, TEXT, ByteEdit, Part, apply
from refkit.manuscripts.odt_flow import OWN_SECTION, PREFIXES, Flow, Mark, Paragraph, Piece
from refkit.manuscripts.packed_citing import MARK, Event, Found, Order, PackedCiting
from refkit.manuscripts.placing import Placed
from refkit.manuscripts.zotero_fields import PREFERENCE
from refkit.model import Span

if TYPE_CHECKING:
    from refkit.manuscripts.odt import State

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LOOKS = {
    "i": 'fo:font-style="italic"',
    "b": 'fo:font-weight="bold"',
    "u": 'style:text-underline-style="solid"',
    "sc": 'fo:font-variant="small-caps"',
    "sup": 'style:text-position="super 58%"',
    "sub": 'style:text-position="sub 58%"',
}
_FO = "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
_NEEDED = ("text", "office", "style")
"""What refkit writes is in these prefixes."""


class Citing(PackedCiting):
    """One run over one ODT."""

    field_type = "ReferenceMark"

    def __init__(self, manuscript: Manuscript, data: bytes, wanted: Wanted) -> None:
        self.state: State = manuscript.state
        self.flow: Flow = self.state.flow
        self.part: Part = self.flow.part
        found = [Found(mark, (mark.start, 0), mark.name, code, mark.shown) for mark, code in self.state.codes]
        if any(self.part.own_prefixes.get(one) != one for one in _NEEDED):
            raise LibraryError(
                f"{self.state.name} was written by a program that names its elements in an unusual way.",
                "Open it in LibreOffice, save it, and run refkit again.",
            )
        self._meta = self.state.held["meta.xml"]
        super().__init__(manuscript, data, wanted, self.state.name, self._given(), found)
        self._gone: dict[tuple[int, int], str] = {}  # bytes that go, and what comes in their place
        self._put: dict[int, list[str]] = {}  # what is put in at a byte
        self._looks: set[frozenset[str]] = set()
        self._list_style = ""
        self._label = 0
        self._notes_made: list[int] = []
        self._held: Mapping[str, bytes] = {}

    # --- where things stand

    def is_free(self, span: Span) -> bool:
        """Whether all text of a span may go."""
        return not any(piece.barrier for piece, _, _ in self.flow.pieces(span))

    def order_of(self, placed: Placed) -> Order:
        """Where a citation to be stands."""
        return self._anchor(placed.span)[1], 0

    def _anchor(self, span: Span) -> tuple[Piece, int]:
        """The piece in which a citation begins, and the byte: of an empty span, the end of the piece before it."""
        if span.start < span.end:
            piece, start, _ = next(self.flow.pieces(span))
            return piece, start
        piece, _, end = list(self.flow.pieces(Span(span.start - 1, span.start)))[-1]
        return piece, end

    def lists(self) -> Iterable[Span]:
        """The spans of the paragraphs of written reference lists."""
        return [Span(one.view, one.view + len(one.text) + 1) for rest in self.state.references for one in rest]

    def is_plain_already(self) -> bool:
        """Whether the document has a bibliography of refkit's in plain text."""
        return self.flow.has_own_section

    # --- citations

    def place(self, event: Event) -> None:
        """Put a new citation into the document."""
        placed = event.placed
        assert placed is not None
        for link in placed.links:
            for start, end in self.state.links[link].tags:
                self._gone[start, end] = ""
        if placed.gone is not None:
            self._take(placed.gone, "")
        inside = self.flow.paragraph_at(placed.span.start).note
        span = self._span(placed.span, event, inside)
        if self.style.is_note and not inside:
            source = self._words("" if placed.words == " " else placed.words) + self._note(event, self._anchor(span)[1])
        else:
            number = self.flow.notes.index(inside) + 1 if inside in self.flow.notes else 0
            source = self._words(placed.words) + self._marked(event, number)
        if span.start < span.end:
            self._take(span, source)
        else:
            self._put.setdefault(self._anchor(span)[1], []).append(source)

    def _span(self, span: Span, event: Event, inside: str) -> Span:
        """What goes: with a note style also the blank before a note's number, and the stop that the style sets."""
        if not self.style.is_note or span.start == span.end:
            return span
        view = self.flow.text
        if not inside:
            before = Span(span.start - 1, span.start)
            blank = span.start > 0 and before.of(view) == " " and self.is_free(before)
            return Span(span.start - 1, span.end) if blank else span
        after = Span(span.end, span.end + 1)
        doubled = plain(event.shown).endswith(".") and after.of(view) == "."
        return Span(span.start, span.end + 1) if doubled and self.is_free(after) else span

    def _take(self, span: Span, source: str) -> None:
        for number, (_, start, end) in enumerate(self.flow.pieces(span)):
            self._gone[start, end] = source if number == 0 else ""

    def _words(self, words: str) -> str:
        return self._text(((words, frozenset()),)) if words else ""

    def _text(self, segments: Segments) -> str:
        """Formatted text; blanks that would run together are elements."""
        out = []
        for piece, formats in segments:
            safe = re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", piece)
            held = escape(safe, quote=False).replace("\t", "<text:tab/>")
            held = re.sub(r"(?<= ) ", "<text:s/>", held)
            known = frozenset(formats & _LOOKS.keys())
            if known:
                self._looks.add(known)
                held = f'<text:span text:style-name="{_look_name(known)}">{held}</text:span>'
            out.append(held)
        return "".join(out)

    def _marked(self, event: Event, note: int) -> str:
        if self.wanted.plain:
            return self._text(event.shown)
        return self._between(self.code(event, note), event.id, event.shown)

    def _between(self, code: str, seed: str, shown: Segments) -> str:
        name = escape(f"{code} RND{_random(seed)}", quote=True)
        return (
            f'<text:reference-mark-start text:name="{name}"/>{self._text(shown)}'
            f'<text:reference-mark-end text:name="{name}"/>'
        )

    def _note(self, event: Event, byte: int) -> str:
        notes = self.flow.part.data.count(b'text:note-class="footnote"', 0, byte) + len(self._notes_made)
        self._notes_made.append(byte)
        number = notes + 1
        return (
            f'<text:note text:id="refkit_{event.id}" text:note-class="footnote"><text:note-citation>{number}'
            '</text:note-citation><text:note-body><text:p text:style-name="Footnote">'
            f"{self._marked(event, number)}</text:p></text:note-body></text:note>"
        )

    def refresh(self, event: Event) -> None:
        """Put what a citation reads now into its marks, where these stand in one place."""
        assert event.found is not None
        mark: Mark = event.found.handle
        if mark.balanced and event.found.code is not None:
            code = self.code(event, event.found.code.note)
            self._gone[mark.start, mark.end] = self._between(code, event.id, event.shown)

    # --- the bibliography

    def drop_lists(self, listed: Sequence[Placed]) -> None:
        """Take the entries of a written reference list out that the bibliography states."""
        numbers = self._numbers(listed)
        for paragraphs in self.state.references:
            for paragraph in paragraphs:
                if paragraph.number in numbers:
                    self._gone[paragraph.start, paragraph.end] = ""
                elif words := paragraph.text.strip():
                    self.note(
                        "reference-kept", f"This entry of the written list has no known work and stays: {words[:80]}"
                    )

    def _numbers(self, listed: Sequence[Placed]) -> set[int]:
        return {self.flow.paragraph_at(one.items[0].span.start).number for one in listed}

    def write_list(self, entries: Sequence[Segments], code: str, own: Found | None, listed: Sequence[Placed]) -> None:
        """Put the bibliography into the document."""
        self._label = label_width(entries)
        self._list_style = f"refkit_numbered_{self._label}" if self._label else "refkit_entry"
        rows = "".join(
            f'<text:p text:style-name="{self._list_style}">{self._text(entry)}</text:p>' for entry in entries
        )
        name = f" {code} RND{_random(code)}" if code else OWN_SECTION
        source = f'<text:section text:name="{escape(name, quote=True)}">{rows}</text:section>'
        if own is not None:
            mark: Mark = own.handle
            if not self.is_same_list(own, entries, code):
                self._gone[mark.start, mark.end] = source
            return
        place = next((one for one in self.flow.paragraphs if one.text.strip() == MARK), None)
        numbers = self._numbers(listed)
        if place is not None:
            self._gone[place.start, place.end] = source
        elif numbers:
            first = self._first(numbers)
            self._gone[first.start, first.end] = source
        else:
            self._put.setdefault(self.flow.closing, []).append(source)

    def _first(self, numbers: set[int]) -> Paragraph:
        return next(one for one in self.flow.paragraphs if one.number in numbers)

    # --- the package

    def changed(self) -> Mapping[str, bytes]:
        """The members that changed, after all edits."""
        edits = [ByteEdit(start, end, self.part.encoded(source)) for (start, end), source in self._gone.items()]
        edits += [ByteEdit(at, at, self.part.encoded("".join(sources))) for at, sources in self._put.items()]
        if edits:
            edits += self._styles()
            self._held = {**self._held, "content.xml": apply(self.part.data, edits)}
        return self._held

    def _styles(self) -> list[ByteEdit]:
        """The automatic styles that what was written needs, where the document does not have them yet."""
        rows = "".join(
            f'<style:style style:name="{_look_name(look)}" style:family="text"><style:text-properties '
            f"{' '.join(_LOOKS[one] for one in sorted(look))}/></style:style>"
            for look in sorted(self._looks, key=sorted)
            if _look_name(look) not in self.flow.style_names
        )
        if self._list_style and self._list_style not in self.flow.style_names:
            rows += self._paragraph_style()
        if not rows:
            return []
        declared = f' xmlns:fo="{_FO}"' if "fo" not in self.part.own_prefixes else ""
        if declared:
            rows = rows.replace("<style:style ", f"<style:style{declared} ")
        if self.flow.styles is None:
            source = f"<office:automatic-styles>{rows}</office:automatic-styles>"
            return [ByteEdit(self.flow.body, self.flow.body, self.part.encoded(source))]
        start, opened, closed = self.flow.styles
        tag = self.part.raw(start, opened)
        if tag.endswith("/>"):
            source = f"{tag[:-2].rstrip()}>{rows}</office:automatic-styles>"
            return [ByteEdit(start, opened, self.part.encoded(source))]
        return [ByteEdit(closed, closed, self.part.encoded(rows))]

    def _paragraph_style(self) -> str:
        known = b'style:name="Bibliography_20_1"' in self.state.held["styles.xml"]
        width = (
            f"{0.35 + 0.23 * self._label:.2f}cm" if self._label else "1.27cm"
        )  # a figure has about half its font's size
        tab = f'<style:tab-stops><style:tab-stop style:position="{width}"/></style:tab-stops>'
        return (
            f'<style:style style:name="{self._list_style}" style:family="paragraph" '
            f'style:parent-style-name="{"Bibliography_20_1" if known else "Standard"}"><style:paragraph-properties '
            f'fo:margin-left="{width}" fo:text-indent="-{width}" style:auto-text-indent="false">'
            f"{tab if self._label else ''}</style:paragraph-properties></style:style>"
        )

    def _given(self) -> str:
        """The preferences that Zotero keeps in the document, "" where there are none."""
        if not self._meta:
            return ""
        part = Part(self._meta, self.state.name, "meta.xml", PREFIXES)
        found: dict[int, str] = {}
        number = 0
        for token in part.tokens:
            if token.name == "meta:user-defined" and token.kind == START:
                digits = token.attributes.get("meta:name", "").removeprefix(PREFERENCE)
                named = token.attributes.get("meta:name", "").startswith(PREFERENCE)
                number = int(digits) if named and digits.isdecimal() else 0
            elif token.name == "meta:user-defined" and token.kind == END:
                number = 0
            elif token.kind == TEXT and number:
                found[number] = found.get(number, "") + token.name
        return "".join(value for _, value in sorted(found.items()))

    def set_preferences(self, held: Sequence[str]) -> None:
        """Put preferences into the document's own metadata, in the place of those that are there."""
        if not self._meta:
            self.note(
                "no-metadata", "The document has no metadata, so Zotero asks for a style when it first refreshes."
            )
            return
        part = Part(self._meta, self.state.name, "meta.xml", PREFIXES)
        edits: list[ByteEdit] = []
        begun: int | None = None
        end = None
        for token in part.tokens:
            if token.name == "meta:user-defined" and token.kind == START:
                begun = token.start if token.attributes.get("meta:name", "").startswith(PREFERENCE) else None
            elif token.name == "meta:user-defined" and token.kind == END and begun is not None:
                edits.append(ByteEdit(begun, token.end, b""))
                begun = None
            elif token.name == "office:meta" and token.kind == END:
                end = token
        own = part.own_prefixes.get("meta")
        if end is None or not own or end.start == end.end:
            return
        rows = "".join(
            f'<{own}:user-defined {own}:name="{PREFERENCE}{number}">{escape(piece, quote=False)}</{own}:user-defined>'
            for number, piece in enumerate(held, 1)
        )
        edits.append(ByteEdit(end.start, end.start, part.encoded(rows)))
        self._held = {**self._held, "meta.xml": apply(part.data, edits)}

    def view(self, data: bytes) -> str:
        """The view of a document."""
        from refkit.manuscripts.odt import view

        return view(data, self.state.name)


def _look_name(look: frozenset[str]) -> str:
    return "refkit_" + "_".join(sorted(look))


def _random(seed: str) -> str:
    """Ten characters that tell a mark from all others, the same for the same citation."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:12], "big")
    out = []
    for _ in range(10):
        number, place = divmod(number, len(_LETTERS))
        out.append(_LETTERS[place])
    return "".join(out)
