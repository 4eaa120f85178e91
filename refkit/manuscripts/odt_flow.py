"""The content of an ODT as text whose every character knows its bytes.

Tracked changes are read as accepted. What reference managers wrote between marks, and indexes, are no text of the
author's: they are marked in the view. Source: OpenDocument 1.3 part 3, §5–§7.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from refkit.manuscripts.barriers import CODE, HIDDEN, IN_CODE
from refkit.manuscripts.byte_parts import END, START, TEXT, Part, Token
from refkit.model import Span

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
PREFIXES: Mapping[str, str] = {
    f"{_OASIS}text:1.0": "text",
    f"{_OASIS}office:1.0": "office",
    f"{_OASIS}style:1.0": "style",
    f"{_OASIS}table:1.0": "table",
    f"{_OASIS}drawing:1.0": "draw",
    f"{_OASIS}meta:1.0": "meta",
    f"{_OASIS}manifest:1.0": "manifest",
    f"{_OASIS}xsl-fo-compatible:1.0": "fo",
    "http://www.w3.org/1999/xlink": "xlink",
    "http://purl.org/dc/elements/1.1/": "dc",
}
OWN_SECTION = "refkit_bibliography"
"""The section around a bibliography that was written as plain text."""

_SKIPPED = frozenset(
    (
        "text:tracked-changes", "office:annotation", "text:note-citation", "text:ruby-text", "office:forms",
        "text:sequence-decls", "text:variable-decls", "text:user-field-decls", "office:automatic-styles",
        "office:scripts", "office:font-face-decls", "svg:title", "svg:desc",
    )
)  # fmt: skip
_INDEXES = frozenset(
    f"text:{name}"
    for name in (
        "table-of-content illustration-index table-index object-index user-index alphabetical-index bibliography "
        "bibliography-mark"
    ).split()
)
# Fields whose text LibreOffice makes; elements within paragraphs that are no field.
_INLINE = frozenset(
    (
        "text:span", "text:a", "text:note", "text:note-body", "text:ruby", "text:ruby-base", "text:meta",
        "text:section", "text:list", "text:list-item", "text:numbered-paragraph", "text:p", "text:h",
    )
)  # fmt: skip
_LINK_STYLES = re.compile(r"(?:Visited_20_)?Internet_20_[Ll]ink|Hyperlink")


@dataclass(slots=True)
class Link:
    """A hyperlink: where it leads, the bytes of its tags and of tags that make it look like one, its pieces."""

    target: str
    tags: list[tuple[int, int]] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    @property
    def span(self) -> Span | None:
        """Where its text stands in the view."""
        return Span(self.pieces[0].view, self.pieces[-1].view + len(self.pieces[-1].text)) if self.pieces else None


@dataclass(slots=True)
class Piece:
    """Characters of the view: `text` at `view`, from bytes `[start, end)`."""

    text: str
    start: int
    end: int
    exact: bool
    barrier: str
    link: Link | None
    view: int = 0


@dataclass(slots=True)
class Paragraph:
    """A paragraph: its bytes, its pieces, the id of the note in which it stands."""

    number: int
    start: int
    heading: bool
    end: int = 0
    pieces: list[Piece] = field(default_factory=list)
    note: str = ""
    depth: int = 0
    view: int = 0

    @property
    def text(self) -> str:
        """The paragraph's characters."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(slots=True)
class Mark:
    """A pair of reference marks, or a section: its name, the bytes of all of it and of what is between, its text."""

    name: str
    start: int
    inner: int
    paragraph: int
    note: str
    level: int = 0
    section: bool = False
    inner_end: int = 0
    end: int = 0
    shown: str = ""
    balanced: bool = True


class Flow:
    """The content as it was read; see the module. Parameters: `part`, of `content.xml`."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.paragraphs: list[Paragraph] = []
        self.links: list[Link] = []
        self.marks: list[Mark] = []
        self.notes: list[str] = []
        self.closing = 0
        self.styles: tuple[int, int, int] | None = None  # the automatic styles' start tag, and where their end tag is
        self.style_names: dict[str, str] = {}  # the automatic styles, and what they derive from
        self.body = 0
        self.has_own_section = False
        self.text = ""
        self._pieces: list[Piece] = []
        self._starts: list[int] = []
        self._laid: list[Paragraph] = []
        _Scan(self).run()
        self._layout()

    def _layout(self) -> None:
        at = 0
        lines = []
        self._laid = sorted(self.paragraphs, key=lambda one: one.start)
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

    def pieces(self, span: Span) -> Iterator[tuple[Piece, int, int]]:
        """The pieces that a span of the view cuts, each with the bytes of what is cut out of it."""
        index = max(0, bisect_right(self._starts, span.start) - 1)
        while index < len(self._pieces) and self._pieces[index].view < span.end:
            piece = self._pieces[index]
            low, high = max(span.start, piece.view), min(span.end, piece.view + len(piece.text))
            if low < high:
                yield piece, self._byte(piece, low - piece.view), self._byte(piece, high - piece.view)
            index += 1

    def _byte(self, piece: Piece, at: int) -> int:
        if at == 0:
            return piece.start
        if at == len(piece.text):
            return piece.end
        return piece.start + len(piece.text[:at].encode(self.part.codec)) if piece.exact else piece.start

    def paragraph_at(self, offset: int) -> Paragraph:
        """The paragraph in which an offset of the view lies."""
        return self._laid[max(0, bisect_right(self._laid, offset, key=lambda one: one.view) - 1)]


class _Scan:
    """One pass over the tokens."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.part = flow, flow.part
        self.paragraphs: list[Paragraph] = []
        self.links: list[Link] = []
        self.marks: dict[str, Mark] = {}
        self.sections: list[Mark | None] = []
        self.barriers: list[tuple[int, str]] = []  # depth of the element, and why text in it stays
        self.notes: list[str] = []
        self.skipped = self.depth = self.level = 0
        self.spans: list[bool] = []  # of each open span, whether it makes text look like a link

    def run(self) -> None:
        """Read all tokens."""
        for token in self.part.tokens:
            if token.kind == START:
                self.level += 1
                self._start(token)
            elif token.kind == END:
                self._end(token)
                self.level -= 1
            elif token.kind == TEXT and self.paragraphs and not self.skipped:
                self._text(token)

    def _start(self, token: Token) -> None:
        name = token.name
        if name in _SKIPPED or self.skipped:
            if name == "office:automatic-styles":
                self.flow.styles = (token.start, token.end, token.end)
            elif name == "style:style":
                name = token.attributes.get("style:name", "")
                self.flow.style_names[name] = token.attributes.get("style:parent-style-name", "")
            self.skipped += 1
            return
        if name in ("text:p", "text:h"):
            paragraph = Paragraph(len(self.flow.paragraphs), token.start, name == "text:h", depth=self.depth)
            paragraph.note = self.notes[-1] if self.notes else ""
            self.flow.paragraphs.append(paragraph)
            self.paragraphs.append(paragraph)
            self._mind_code(token)
        elif name in _STARTS:
            _STARTS[name](self, token)
        elif name in _INDEXES:
            self.barriers.append((self.level, HIDDEN))
        elif name.startswith("text:") and self.paragraphs and name not in _INLINE:
            self.barriers.append((self.level, f"it stands in a field that LibreOffice updates ({name[5:]})"))

    def _end(self, token: Token) -> None:
        name = token.name
        if self.skipped:
            self.skipped -= 1
            if name == "office:automatic-styles" and self.flow.styles:
                self.flow.styles = (*self.flow.styles[:2], token.start)
            return
        if self.barriers and self.barriers[-1][0] == self.level:
            self.barriers.pop()
        for mark in self.marks.values():
            mark.balanced = mark.balanced and self.level >= mark.level
        if name in ("text:p", "text:h"):
            self.paragraphs.pop().end = token.end
        elif name in _ENDS:
            _ENDS[name](self, token)

    # --- characters

    def _text(self, token: Token) -> None:
        text = re.sub(r"[\t\r\n]", " ", token.name)
        exact = len(text.encode(self.part.codec, "ignore")) == token.end - token.start
        self._piece(text, token.start, token.end, exact, "it stands in a CDATA section" if token.cdata else "")

    def _piece(self, text: str, start: int, end: int, exact: bool, barrier: str = "") -> None:
        for mark in (*self.marks.values(), *(one for one in self.sections if one is not None)):
            mark.shown += text
        link = self.links[-1] if self.links else None
        hidden = bool(self.marks) or any(why == HIDDEN for _, why in self.barriers)
        barrier = HIDDEN if hidden else barrier or (self.barriers[-1][1] if self.barriers else "")
        piece = Piece(text, start, end, exact, barrier, link)
        self.paragraphs[-1].pieces.append(piece)
        if link is not None:
            link.pieces.append(piece)

    def _character(self, token: Token) -> None:
        if not self.paragraphs:
            return
        count = token.attributes.get("text:c", "1")
        spaces = " " * min(int(count) if count.isdecimal() else 1, 1000)
        text = {"text:s": spaces, "text:tab": "\t", "text:line-break": "\n"}[token.name]
        self._piece(text, token.start, token.end, False)

    def _character_ends(self, token: Token) -> None:
        if self.paragraphs and self.paragraphs[-1].pieces:
            self.paragraphs[-1].pieces[-1].end = token.end

    # --- links and marks

    def _link(self, token: Token) -> None:
        link = Link(token.attributes.get("xlink:href", ""), [(token.start, token.end)])
        self.links.append(link)
        self.flow.links.append(link)

    def _link_ends(self, token: Token) -> None:
        self.links.pop().tags.append((token.start, token.end))

    def _mind_code(self, token: Token) -> None:
        """Text in a style that is made for code stays."""
        style = token.attributes.get("text:style-name", "")
        style = self.flow.style_names.get(style) or style
        if CODE.fullmatch(style.replace("_20_", " ")):
            self.barriers.append((self.level, IN_CODE))

    def _span(self, token: Token) -> None:
        self._mind_code(token)
        dressed = bool(self.links) and bool(_LINK_STYLES.fullmatch(token.attributes.get("text:style-name", "")))
        self.spans.append(dressed)
        if dressed:
            self.links[-1].tags.append((token.start, token.end))

    def _span_ends(self, token: Token) -> None:
        if self.spans.pop() and self.links:
            self.links[-1].tags.append((token.start, token.end))

    def _mark(self, token: Token) -> None:
        name = token.attributes.get("text:name", "")
        managed = "CSL_CITATION" in name or name.startswith(("ZOTERO_", "JABREF_", "JR_cite", "Mendeley"))
        if managed and self.paragraphs:
            here = self.paragraphs[-1]
            self.marks[name] = Mark(name, token.start, token.end, here.number, here.note, self.level)

    def _mark_ends(self, token: Token) -> None:
        mark = self.marks.pop(token.attributes.get("text:name", ""), None)
        if mark is not None:
            mark.inner_end, mark.end = token.start, token.end
            same = bool(self.paragraphs) and self.paragraphs[-1].number == mark.paragraph
            mark.balanced = mark.balanced and same and self.level == mark.level
            self.flow.marks.append(mark)

    def _mark_begun(self, token: Token) -> None:
        """The end tag of a mark's beginning, where that is no empty tag."""
        if self.marks and token.start < token.end:
            mark = next(reversed(self.marks.values()))
            mark.inner = token.end

    def _mark_ended(self, token: Token) -> None:
        """The same of its end."""
        if self.flow.marks and token.start < token.end and self.flow.marks[-1].end == token.start:
            self.flow.marks[-1].end = token.end

    def _section(self, token: Token) -> None:
        name = token.attributes.get("text:name", "")
        managed = "CSL_BIBLIOGRAPHY" in name or name.startswith(("ZOTERO_", "JABREF_", "JR_bib"))
        self.sections.append(None)
        if managed or name == OWN_SECTION:
            self.flow.has_own_section = self.flow.has_own_section or name == OWN_SECTION
            self.barriers.append((self.level, HIDDEN))
            if managed:
                self.sections[-1] = Mark(name, token.start, token.end, len(self.flow.paragraphs), "", section=True)
        elif token.attributes.get("text:protected") == "true":
            self.barriers.append((self.level, "it stands in a protected section"))

    def _section_ends(self, token: Token) -> None:
        mark = self.sections.pop()
        if mark is not None:
            mark.inner_end, mark.end = token.start, token.end
            self.flow.marks.append(mark)

    # --- notes and containers

    def _note(self, token: Token) -> None:
        self.notes.append(token.attributes.get("text:id", "") or str(token.start))
        if token.attributes.get("text:note-class", "footnote") == "footnote":
            self.flow.notes.append(self.notes[-1])

    def _note_ends(self, token: Token) -> None:
        self.notes.pop()

    def _deeper(self, token: Token) -> None:
        self.depth += 1

    def _higher(self, token: Token) -> None:
        self.depth -= 1

    def _body(self, token: Token) -> None:
        self.flow.body = token.start

    def _closing(self, token: Token) -> None:
        self.flow.closing = token.start


_STARTS = {
    **dict.fromkeys(("text:s", "text:tab", "text:line-break"), _Scan._character),
    "text:a": _Scan._link,
    "text:span": _Scan._span,
    "text:reference-mark-start": _Scan._mark,
    "text:reference-mark-end": _Scan._mark_ends,
    "text:bookmark-start": _Scan._mark,
    "text:bookmark-end": _Scan._mark_ends,
    "text:section": _Scan._section,
    "text:note": _Scan._note,
    "table:table": _Scan._deeper,
    "draw:text-box": _Scan._deeper,
    "office:body": _Scan._body,
}
_ENDS = {
    **dict.fromkeys(("text:s", "text:tab", "text:line-break"), _Scan._character_ends),
    **dict.fromkeys(("text:reference-mark-start", "text:bookmark-start"), _Scan._mark_begun),
    **dict.fromkeys(("text:reference-mark-end", "text:bookmark-end"), _Scan._mark_ended),
    "text:a": _Scan._link_ends,
    "text:span": _Scan._span_ends,
    "text:section": _Scan._section_ends,
    "text:note": _Scan._note_ends,
    "table:table": _Scan._higher,
    "draw:text-box": _Scan._higher,
    "office:text": _Scan._closing,
}
