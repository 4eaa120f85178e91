"""One part of a DOCX (the body, the footnotes, the endnotes) as text whose every character knows its bytes.

Tracked changes are read as accepted. What reference managers and Word itself write into fields is no text of the
author's: it is marked in the view, and the fields are listed. Source: ECMA-376 part 1, §17.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from refkit.manuscripts.byte_parts import END, START, TEXT, Part, Token
from refkit.model import Span

PREFIXES: Mapping[str, str] = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
    "http://purl.oclc.org/ooxml/officeDocument/relationships": "r",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/package/2006/relationships": "rel",
    "http://schemas.openxmlformats.org/package/2006/content-types": "ct",
    "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties": "cp",
    "http://purl.oclc.org/ooxml/officeDocument/customProperties": "cp",
    "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes": "vt",
    "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes": "vt",
}

HIDDEN = "hidden"
"""The barrier of text that a program wrote: citations, lists, tables of contents."""

OWN_BOOKMARK = "refkit_bibliography"
"""The bookmark around a bibliography that was written as plain text."""

_CHARACTERS = {"w:tab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-", "w:softHyphen": "\u00ad"}
_DELETED = frozenset({"w:del", "w:moveFrom"})
_HYPERLINK = re.compile(r'\s*HYPERLINK\s+(?:\\[lonmt]\s+)*"([^"]+)"', re.IGNORECASE)
_MANAGED = re.compile(r"\s*(?:ADDIN\b|CITATION\b|BIBLIOGRAPHY\b|TOC\b|INDEX\b|TOA\b|RD\b|TC\b|XE\b)", re.IGNORECASE)
_CONTROLS = ("MENDELEY_", "CitaviPlaceholder", "CitaviBibliography")


@dataclass(slots=True)
class Child:
    """A child of a run at bytes `[start, end)`; of a text also where its characters are."""

    name: str
    start: int
    end: int
    inner: tuple[int, int] = (0, 0)
    preserved: bool = False


@dataclass(slots=True)
class Run:
    """A run: its bytes, its start tag's end, its properties (each with its bytes) and its children."""

    start: int
    opened: int
    end: int = 0
    properties: tuple[int, int] | None = None
    property_list: list[tuple[str, int, int]] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)


@dataclass(slots=True)
class Piece:
    """Characters of the view: `text` at `view`, from bytes `[start, end)` of one child of a run."""

    text: str
    start: int
    end: int
    exact: bool
    run: Run
    child: Child
    barrier: str
    link: Link | None
    view: int = 0


@dataclass(slots=True)
class Link:
    """A hyperlink: where it leads, its tags (bytes) or its field's characters (children of runs), and its pieces."""

    target: str
    tags: list[tuple[int, int]] = field(default_factory=list)
    children: list[tuple[Run, Child]] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    nested: bool = False

    @property
    def span(self) -> Span | None:
        """Where its text stands in the view."""
        return Span(self.pieces[0].view, self.pieces[-1].view + len(self.pieces[-1].text)) if self.pieces else None


@dataclass(slots=True)
class Field:
    """A field of a reference manager, or of Word's own citations: its code, what it shows, its first and last run."""

    code: str
    first: Run
    last: Run
    paragraph: int
    last_paragraph: int
    shown: str = ""
    note: str = ""

    @property
    def whole(self) -> bool:
        """Whether its runs hold nothing else, so that it can be replaced."""
        return len(self.first.children) == 1 == len(self.last.children)


@dataclass(slots=True)
class Paragraph:
    """A paragraph: its bytes, properties (`pPr`), style, and the pieces of its text."""

    number: int
    start: int
    opened: int
    end: int = 0
    properties: tuple[int, int] | None = None
    style: str = ""
    pieces: list[Piece] = field(default_factory=list)
    note: str = ""
    twin: bool = False
    depth: int = 0
    section: bool = False
    view: int = 0

    @property
    def text(self) -> str:
        """The paragraph's characters."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(slots=True)
class _Open:
    """A field that is open: what was read of its code, and whether its result has begun."""

    begin: Run
    paragraph: int
    code: str = ""
    result: bool = False
    shown: str = ""
    link: Link | None = None
    parts: list[tuple[Run, Child]] = field(default_factory=list)


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
        _Scan(self).run()

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


class _Scan:
    """One pass over a part's tokens."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.part = flow, flow.part
        self.open_paragraphs: list[Paragraph] = []
        self.open_runs: list[Run] = []
        self.open_links: list[Link | None] = []
        self.open_fields: list[_Open] = []
        self.deleted = self.fallback = self.depth = 0
        self.controls: list[str] = []  # of each open content control: "" or why its text stays
        self.simple: list[str] = []  # the same of simple fields
        self.note = ""
        self.child: Child | None = None  # the child of the innermost run that is being read
        self.own: str | None = None  # the id of the bookmark around a bibliography in plain text
        self.stack: list[str] = []

    def run(self) -> None:
        """Read all tokens."""
        for token in self.part.tokens:
            if token.kind == START:
                self.stack.append(token.name)
                self._start(token)
            elif token.kind == END:
                self._end(token)
                self.stack.pop()
            elif token.kind == TEXT and self.child is not None:
                self._characters(token)
        if self.open_fields:
            self._never_closed(self.open_fields[0].begin.start)

    def _start(self, token: Token) -> None:
        name = token.name
        if name == "w:p":
            paragraph = Paragraph(len(self.flow.paragraphs), token.start, token.end, note=self.note)
            paragraph.twin, paragraph.depth = bool(self.fallback), self.depth
            self.flow.paragraphs.append(paragraph)
            self.open_paragraphs.append(paragraph)
        elif name == "w:r":
            self.open_runs.append(Run(token.start, token.end))
        elif self.open_runs and len(self.stack) > 1 and self.stack[-2] == "w:r":
            self._child(token)
        elif name in _STARTS:
            _STARTS[name](self, token)
        elif len(self.stack) > 1 and self.stack[-2] == "w:rPr" and self.open_runs and self.stack[-3] == "w:r":
            self.open_runs[-1].property_list.append((name, token.start, token.end))

    def _end(self, token: Token) -> None:
        name = token.name
        if name == "w:p":
            self.open_paragraphs.pop().end = token.end
        elif name == "w:r":
            self.open_runs.pop().end = token.end
        elif self.open_runs and len(self.stack) > 1 and self.stack[-2] == "w:r":
            run = self.open_runs[-1]
            if name == "w:rPr" and run.properties:
                run.properties = (run.properties[0], token.end)
            elif run.children:
                self._finish(run, run.children[-1], token)
        elif name in _ENDS:
            _ENDS[name](self, token)
        elif len(self.stack) > 1 and self.stack[-2] == "w:rPr" and self.open_runs and self.stack[-3] == "w:r":
            first = self.open_runs[-1].property_list[-1]
            self.open_runs[-1].property_list[-1] = (first[0], first[1], token.end)

    # --- inside runs

    def _child(self, token: Token) -> None:
        run = self.open_runs[-1]
        if token.name == "w:rPr":
            run.properties = (token.start, token.end)
            return
        child = Child(token.name, token.start, token.end, (token.end, token.end))
        child.preserved = token.attributes.get("http://www.w3.org/XML/1998/namespace}space") == "preserve"
        run.children.append(child)
        self.child = child
        if token.name in _CHARACTERS:
            self._piece(_CHARACTERS[token.name], token.start, token.end, False)
        elif token.name == "w:fldChar":
            self._field(token.attributes.get("w:fldCharType", ""), run, child)
        elif token.name in ("w:footnoteReference", "w:endnoteReference") and not self.fallback:
            kind = token.name[2:].removesuffix("Reference")
            reference = (kind, token.attributes.get("w:id", ""), token.start)
            self.flow.references.append(reference)
            if not self.deleted:
                self.flow.notes.append(reference)

    def _finish(self, run: Run, child: Child, token: Token) -> None:
        child.end = token.end
        if token.start < token.end:
            child.inner = (child.inner[0], token.start)
        if child.name in _CHARACTERS:  # one character, whose bytes are the whole element's
            pieces = self.open_paragraphs[-1].pieces if self.open_paragraphs else []
            if pieces and pieces[-1].child is child:
                pieces[-1].end = token.end
        if child.name == "w:instrText" and self.open_fields:
            self.open_fields[-1].parts.append((run, child))
        self.child = None

    def _characters(self, token: Token) -> None:
        assert self.child is not None
        if self.child.name == "w:instrText":
            if self.open_fields:
                self.open_fields[-1].code += token.name
        elif self.child.name == "w:t":
            exact = len(token.name.encode(self.part.codec, "ignore")) == token.end - token.start
            self._piece(
                token.name, token.start, token.end, exact, "it stands in a CDATA section" if token.cdata else ""
            )

    def _piece(self, text: str, start: int, end: int, exact: bool, barrier: str = "") -> None:
        if not self.open_paragraphs or self.deleted or self.child is None:
            return
        for one in self.open_fields:
            one.shown += text if one.result and one is self.open_fields[-1] else ""
        barrier = barrier or self._barrier()
        link = self._link()
        run = self.open_runs[-1]
        if any(name == "w:vanish" for name, _, _ in run.property_list):
            barrier = barrier or "it is hidden text"
        piece = Piece(text, start, end, exact, run, self.child, barrier, link)
        self.open_paragraphs[-1].pieces.append(piece)
        if link is not None:
            link.pieces.append(piece)

    def _barrier(self) -> str:
        """Why text here must stay as it is; `HIDDEN` where it is not the author's text at all."""
        if self.own is not None:
            return HIDDEN
        for one in self.open_fields:
            if not one.result or _MANAGED.match(one.code):
                return HIDDEN
            if one.link is None:
                return f"it stands in a field that Word updates ({one.code.split()[0] if one.code.split() else '?'})"
        reasons = [why for why in (*self.controls, *self.simple) if why]
        return HIDDEN if HIDDEN in reasons else reasons[0] if reasons else ""

    def _link(self) -> Link | None:
        fields = [one.link for one in self.open_fields if one.link is not None]
        return next((one for one in (*fields, *self.open_links) if one is not None), None)

    # --- fields

    def _field(self, kind: str, run: Run, child: Child) -> None:
        if kind == "begin":
            here = self.open_paragraphs[-1].number if self.open_paragraphs else 0
            self.open_fields.append(_Open(run, here))
            self.open_fields[-1].parts.append((run, child))
        elif kind == "separate" and self.open_fields:
            one = self.open_fields[-1]
            one.result = True
            one.parts.append((run, child))
            if match := _HYPERLINK.match(one.code):
                one.link = Link(match.group(1), nested=len(self.open_fields) > 1)
                self.flow.links.append(one.link)
        elif kind == "end" and self.open_fields:
            self._close_field(self.open_fields.pop(), run, child)

    def _close_field(self, one: _Open, run: Run, child: Child) -> None:
        one.parts.append((run, child))
        here = self.open_paragraphs[-1].number if self.open_paragraphs else 0
        if one.link is not None:
            one.link.children = one.parts
            one.link.nested = one.link.nested or here != one.paragraph
        elif _MANAGED.match(one.code) and not self.fallback and not self.deleted:
            self.flow.fields.append(Field(one.code, one.begin, run, one.paragraph, here, one.shown, self.note))

    def _never_closed(self, start: int) -> None:
        """Nobody knows where a field ends that is never closed: all text behind its beginning stays."""
        for piece in (piece for paragraph in self.flow.paragraphs for piece in paragraph.pieces):
            if piece.start > start:
                piece.barrier = "it stands in a field that is never closed"
        self.flow.fields = [field for field in self.flow.fields if field.last.end < start]

    # --- around runs

    def _in_properties(self, token: Token) -> None:
        if self.stack[-2] == "w:p" and self.open_paragraphs:
            self.open_paragraphs[-1].properties = (token.start, token.end)

    def _out_properties(self, token: Token) -> None:
        if self.stack[-2] == "w:p" and (properties := self.open_paragraphs[-1].properties):
            self.open_paragraphs[-1].properties = (properties[0], token.end)

    def _style(self, token: Token) -> None:
        if self.open_paragraphs:
            self.open_paragraphs[-1].style = token.attributes.get("w:val", "")

    def _section(self, token: Token) -> None:
        if self.stack[-2] == "w:body":
            self.flow.section = token.start
        elif self.stack[-2] == "w:pPr" and self.open_paragraphs:
            self.open_paragraphs[-1].section = True

    def _in_deleted(self, token: Token) -> None:
        self.deleted += 1

    def _out_deleted(self, token: Token) -> None:
        self.deleted -= 1

    def _in_fallback(self, token: Token) -> None:
        self.fallback += 1

    def _out_fallback(self, token: Token) -> None:
        self.fallback -= 1

    def _deeper(self, token: Token) -> None:
        self.depth += 1

    def _higher(self, token: Token) -> None:
        self.depth -= 1

    def _in_hyperlink(self, token: Token) -> None:
        link = Link(self.flow.targets.get(token.attributes.get("r:id", ""), ""), [(token.start, token.end)])
        self.open_links.append(link)
        if not self.fallback:
            self.flow.links.append(link)

    def _out_hyperlink(self, token: Token) -> None:
        link = self.open_links.pop()
        if link is not None:
            link.tags.append((token.start, token.end))

    def _in_simple(self, token: Token) -> None:
        code = token.attributes.get("w:instr", "")
        match = _HYPERLINK.match(code)
        self.open_links.append(Link(match.group(1), [(token.start, token.end)]) if match else None)
        if match and (link := self.open_links[-1]) is not None:
            self.flow.links.append(link)
        words = code.split() or ["?"]
        barrier = HIDDEN if _MANAGED.match(code) else f"it stands in a field that Word updates ({words[0]})"
        self.simple.append("" if match else barrier)

    def _out_simple(self, token: Token) -> None:
        self.simple.pop()
        self._out_hyperlink(token)

    def _in_control(self, token: Token) -> None:
        self.controls.append("")
        self.depth += 1

    def _out_control(self, token: Token) -> None:
        self.controls.pop()
        self.depth -= 1

    def _control_property(self, token: Token) -> None:
        if not self.controls or "w:sdtPr" not in self.stack[-4:]:
            return
        value = token.attributes.get("w:val", "")
        named = token.name == "w:tag" and value.startswith(_CONTROLS)
        listed = token.name == "w:docPartGallery" and value in ("Bibliographies", "Table of Contents")
        if named or listed or token.name in ("w:citation", "w:bibliography"):
            self.controls[-1] = HIDDEN
        elif token.name == "w:dataBinding" or (token.name == "w:lock" and value.lower().endswith("contentlocked")):
            self.controls[-1] = self.controls[-1] or "it stands in a content control that is locked or bound to data"

    def _in_note(self, token: Token) -> None:
        self.note = token.attributes.get("w:id", "")
        self.flow.note_starts[self.note] = token.start
        if token.attributes.get("w:type", "normal") != "normal":
            self.flow.special_notes.add(self.note)

    def _out_note(self, token: Token) -> None:
        self.note = ""

    def _bookmark(self, token: Token) -> None:
        if token.attributes.get("w:name") == OWN_BOOKMARK:
            self.own = token.attributes.get("w:id", "")
            self.flow.bookmark = (token.start, token.end)

    def _end_of_bookmark(self, token: Token) -> None:
        if self.own is not None and token.attributes.get("w:id") == self.own and self.flow.bookmark:
            self.own = None
            self.flow.bookmark = (self.flow.bookmark[0], token.end)

    def _closing(self, token: Token) -> None:
        self.flow.closing = token.start


_STARTS = {
    "w:pPr": _Scan._in_properties,
    "w:pStyle": _Scan._style,
    "w:sectPr": _Scan._section,
    "w:tbl": _Scan._deeper,
    "w:txbxContent": _Scan._deeper,
    "mc:Fallback": _Scan._in_fallback,
    "w:hyperlink": _Scan._in_hyperlink,
    "w:fldSimple": _Scan._in_simple,
    "w:sdt": _Scan._in_control,
    "w:footnote": _Scan._in_note,
    "w:endnote": _Scan._in_note,
    "w:bookmarkStart": _Scan._bookmark,
    "w:bookmarkEnd": _Scan._end_of_bookmark,
    **dict.fromkeys(_DELETED, _Scan._in_deleted),
    **dict.fromkeys(
        ("w:citation", "w:bibliography", "w:tag", "w:docPartGallery", "w:dataBinding", "w:lock"),
        _Scan._control_property,
    ),
}
_ENDS = {
    "w:pPr": _Scan._out_properties,
    "w:tbl": _Scan._higher,
    "w:txbxContent": _Scan._higher,
    "mc:Fallback": _Scan._out_fallback,
    "w:hyperlink": _Scan._out_hyperlink,
    "w:fldSimple": _Scan._out_simple,
    "w:sdt": _Scan._out_control,
    "w:footnote": _Scan._out_note,
    "w:endnote": _Scan._out_note,
    "w:body": _Scan._closing,
    "w:footnotes": _Scan._closing,
    "w:endnotes": _Scan._closing,
    **dict.fromkeys(_DELETED, _Scan._out_deleted),
}
