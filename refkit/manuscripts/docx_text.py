"""What a part of a DOCX is made of, as far as text goes: paragraphs, runs, links, fields, each with its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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

OWN_BOOKMARK = "refkit_bibliography"
"""The bookmark around a bibliography that was written as plain text."""


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
    style: str = ""
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
