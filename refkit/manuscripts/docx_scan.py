"""Reading a part of a DOCX: one pass over its tokens, which says what is text, whose it is, and where it may change.

Source: ECMA-376 part 1, §17.13 (tracked changes), §17.16 (fields and hyperlinks), §17.5.2 (content controls).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from refkit.manuscripts.barriers import CODE, HIDDEN, IN_CODE
from refkit.manuscripts.byte_parts import END, START, TEXT, Token
from refkit.manuscripts.docx_text import OWN_BOOKMARK, Child, Field, Link, Paragraph, Piece, Run

if TYPE_CHECKING:
    from refkit.manuscripts.docx_flow import Flow

_CHARACTERS = {"w:tab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-", "w:softHyphen": "\u00ad"}
_DELETED = frozenset({"w:del", "w:moveFrom"})
_HYPERLINK = re.compile(r'\s*HYPERLINK\s+(?:\\[lonmt]\s+)*"([^"]+)"', re.IGNORECASE)
_MANAGED = re.compile(r"\s*(?:ADDIN\b|CITATION\b|BIBLIOGRAPHY\b|TOC\b|INDEX\b|TOA\b|RD\b|TC\b|XE\b)", re.IGNORECASE)
_CONTROLS = ("MENDELEY_", "CitaviPlaceholder", "CitaviBibliography")


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


class Scan:
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
            if name == "w:rStyle":
                self.open_runs[-1].style = token.attributes.get("w:val", "")

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
        if CODE.fullmatch(run.style) or CODE.fullmatch(self.open_paragraphs[-1].style):
            barrier = barrier or IN_CODE
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
    "w:pPr": Scan._in_properties,
    "w:pStyle": Scan._style,
    "w:sectPr": Scan._section,
    "w:tbl": Scan._deeper,
    "w:txbxContent": Scan._deeper,
    "mc:Fallback": Scan._in_fallback,
    "w:hyperlink": Scan._in_hyperlink,
    "w:fldSimple": Scan._in_simple,
    "w:sdt": Scan._in_control,
    "w:footnote": Scan._in_note,
    "w:endnote": Scan._in_note,
    "w:bookmarkStart": Scan._bookmark,
    "w:bookmarkEnd": Scan._end_of_bookmark,
    **dict.fromkeys(_DELETED, Scan._in_deleted),
    **dict.fromkeys(
        ("w:citation", "w:bibliography", "w:tag", "w:docPartGallery", "w:dataBinding", "w:lock"),
        Scan._control_property,
    ),
}
_ENDS = {
    "w:pPr": Scan._out_properties,
    "w:tbl": Scan._higher,
    "w:txbxContent": Scan._higher,
    "mc:Fallback": Scan._out_fallback,
    "w:hyperlink": Scan._out_hyperlink,
    "w:fldSimple": Scan._out_simple,
    "w:sdt": Scan._out_control,
    "w:footnote": Scan._out_note,
    "w:endnote": Scan._out_note,
    "w:body": Scan._closing,
    "w:footnotes": Scan._closing,
    "w:endnotes": Scan._closing,
    **dict.fromkeys(_DELETED, Scan._out_deleted),
}
