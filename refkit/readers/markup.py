"""Parsing XML and HTML that nobody vouches for, and the text view that is built from it."""

from __future__ import annotations

from typing import Any

from refkit.errors import ReadError
from refkit.model import Break, Link, Span

DEEPEST = 2000
"""Elements within elements after which a tree is given up."""


def xml(data: bytes, name: str, *, part: str = "") -> Any:
    """Parse XML without entities, network or DTD; the root element. Raises `ReadError`."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, recover=True, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    where = f" ({part})" if part else ""
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError(f"{name} is damaged: its XML{where} cannot be parsed ({error}).") from error
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise ReadError(f"{name} is nested deeper{where} than refkit reads.", "Flatten it, or save it as plain text.")
    if root is None:
        raise ReadError(f"{name} is damaged: its XML{where} holds nothing.")
    return root


class View:
    """A document's text as it is built up, with its breaks and links."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.length = 0
        self.breaks: list[Break] = []
        self.links: list[Link] = []

    @property
    def text(self) -> str:
        """All that was added."""
        return "".join(self._pieces)

    def add(self, piece: str | None) -> None:
        """Add text as it stands."""
        if piece:
            self._pieces.append(piece)
            self.length += len(piece)

    def line(self) -> None:
        """Begin a new line, unless one has just begun."""
        if self._pieces and not self._pieces[-1].endswith("\n"):
            self.add("\n")

    def at(self, label: str) -> None:
        """Name the place of what follows."""
        self.breaks.append(Break(self.length, label))

    def place(self) -> str:
        """The place where the view has got to."""
        return self.breaks[-1].label if self.breaks else ""

    def link(self, target: str, start: int | None = None) -> None:
        """Note a link that leads to `target`; `start` is where its visible text began, None where it has none."""
        span = None if start is None or start == self.length else Span(start, self.length)
        self.links.append(Link(target, span, self.place()))
