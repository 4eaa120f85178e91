"""A small tree of XML elements with their spans in the text; expat says where each begins and ends.

Entities other than XML's own are refused, so that no file can grow in memory. Source: XML 1.0; Python docs,
`xml.parsers.expat`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from refkit.model import Span

_PREFIXES = {
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf", "http://www.zotero.org/namespaces/export#": "z",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/net/biblio#": "bib", "http://xmlns.com/foaf/0.1/": "foaf",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://prismstandard.org/namespaces/1.2/basic/": "prism", "http://nwalsh.com/rdf/vCard#": "vcard",
    "http://purl.org/rss/1.0/modules/link/": "link",
}  # fmt: skip


@dataclass(slots=True)
class Node:
    """One element: its tag with the usual prefix, its own text, its children, and its span in the file's text."""

    tag: str
    attributes: dict[str, str]
    start: int
    end: int = 0
    text: str = ""
    children: list[Node] = field(default_factory=list)

    @property
    def span(self) -> Span:
        """Where the element stands in the text."""
        return Span(self.start, self.end)

    def all(self, tag: str) -> list[Node]:
        """The children with this tag."""
        return [child for child in self.children if child.tag == tag]

    def text_of(self, tag: str) -> str:
        """The text of the first child with this tag, or ""."""
        return next((child.text.strip() for child in self.children if child.tag == tag), "")

    def below(self, tag: str) -> Iterator[Node]:
        """All elements with this tag at any depth, in order."""
        for child in self.children:
            if child.tag == tag:
                yield child
            yield from child.below(tag)


def parse(text: str) -> Node:
    """The root element. Raises `ValueError` with a sentence where the text is not well-formed or defines entities."""
    data = text.encode("utf-8", "surrogateescape")
    parser = expat.ParserCreate("utf-8", " ")
    root = Node("", {}, 0)
    stack = [root]
    places: list[tuple[Node, str, int]] = []

    def opened(name: str, attributes: dict[str, str]) -> None:
        node = Node(_short(name), {_short(key): value for key, value in attributes.items()}, 0)
        places.append((node, "start", parser.CurrentByteIndex))
        stack[-1].children.append(node)
        stack.append(node)

    def closed(_name: str) -> None:
        node = stack.pop()
        close = data.find(b">", parser.CurrentByteIndex)
        places.append((node, "end", close + 1))

    def characters(piece: str) -> None:
        stack[-1].text += piece

    def entity(*_: object) -> None:
        raise ValueError("it defines entities of its own")

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.CharacterDataHandler, parser.EntityDeclHandler = characters, entity
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    _to_offsets(data, places)
    return root.children[0]


def _to_offsets(data: bytes, places: list[tuple[Node, str, int]]) -> None:
    """Bytes to code points, in one pass."""
    at = count = 0
    for node, which, place in sorted(places, key=lambda item: item[2]):
        count += len(data[at:place].decode("utf-8", "surrogateescape"))
        at = place
        setattr(node, which, count)


def _short(name: str) -> str:
    uri, _, local = name.rpartition(" ")
    return f"{_PREFIXES.get(uri, uri)}:{local}" if uri else local
