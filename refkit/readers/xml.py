"""XML: JATS articles, Crossref deposits, EndNote and PubMed exports, TEI, and any other by its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from refkit.errors import ReadError
from refkit.model import Document, Link, Meta, Note, Severity, Span, Zone
from refkit.readers import Limits, OpenSibling
from refkit.readers.markup import View, xml

# Elements that do not end a line: what stands in them belongs to the words around.
_INLINE = frozenset(
    [
        "abbrev",
        "b",
        "bold",
        "ext-link",
        "i",
        "inline-formula",
        "italic",
        "monospace",
        "named-content",
        "overline",
        "roman",
        "sans-serif",
        "sc",
        "span",
        "strike",
        "styled-content",
        "sub",
        "sup",
        "underline",
        "uri",
        "xref",
        "style",
        "email",
        "institution",
        "surname",
        "given-names",
        "hi",
        "ref",
        "persname",
        "forename",
        "a",
        "em",
        "strong",
    ]
)
_HREF = "{http://www.w3.org/1999/xlink}href"

# Where a document of its kind says which DOI is its own: (root element, path of elements, attribute it must have).
_OWN = (
    ("article", ("front", "article-meta", "article-id"), ("pub-id-type", "doi")),
    ("article", ("front-stub", "article-id"), ("pub-id-type", "doi")),
    ("root", ("sub-article", "front-stub", "article-id"), ("pub-id-type", "doi")),
    ("sub-article", ("front-stub", "article-id"), ("pub-id-type", "doi")),
    ("book", ("book-meta", "book-id"), ("book-id-type", "doi")),
    ("book-part-wrapper", ("book-part", "book-part-meta", "book-part-id"), ("book-part-id-type", "doi")),
    ("TEI", ("teiHeader", "fileDesc", "sourceDesc", "biblStruct", "analytic", "idno"), ("type", "DOI")),
    ("TEI", ("teiHeader", "fileDesc", "sourceDesc", "biblStruct", "idno"), ("type", "DOI")),
    ("doi_batch", ("body", "journal", "journal_article", "doi_data", "doi"), None),
    ("doi_batch", ("body", "posted_content", "doi_data", "doi"), None),
    ("doi_batch", ("body", "conference", "conference_paper", "doi_data", "doi"), None),
)
_TITLES = frozenset({"article-title", "book-title", "title"})
_DOCTYPE = re.compile(rb"<!ENTITY\s", re.IGNORECASE)


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read an XML document as one Document; see `refkit.readers.read`."""
    data = stream.read(limits.whole + 1)
    if len(data) > limits.whole:
        raise ReadError(f"{name} is larger than {limits.whole >> 20} MB.", "Split it, or raise the limit.")
    notes: tuple[Note, ...] = ()
    if _DOCTYPE.search(data[:65_536]):
        said = "The document defines entities of its own; they were not expanded."
        notes = (Note("xml-entities", said, Severity.WARNING),)
    root = xml(data, name)
    view = View()
    zones: list[Zone] = []
    walk(root, view, zones)
    yield Document(
        name, "xml", view.text, breaks=tuple(view.breaks), links=tuple(view.links), meta=tuple(_meta(root)),
        zones=tuple(zones), notes=notes,
    )  # fmt: skip


def walk(root: Any, view: View, zones: list[Zone]) -> None:
    """Write an element tree into the view, without recursion; reference lists become zones."""
    stack: list[tuple[Any, bool, int]] = [(root, False, 0)]
    while stack:
        element, ended, start = stack.pop()
        name = local(element)
        block = name.lower() not in _INLINE
        if ended:
            if (
                "doi" in (element.get("pub-id-type"), element.get("idType"), (element.get("type") or "").lower())
                and view.length > start
            ):
                zones.append(Zone("field", Span(start, view.length), "doi"))
            if name in ("ref-list", "listBibl", "citation_list"):
                zones.append(Zone("references", Span(start, view.length)))
            target = element.get(_HREF) or (element.get("target") if name in ("ref", "ptr") else None)
            if target:
                view.link(target, start)
            if block:
                view.line()
            view.add(element.tail)
            continue
        if not name:
            view.add(element.tail)
            continue
        if block:
            view.line()
        if name == "ref" and element.get("id"):
            view.at(f"reference {element.get('id')}")
        elif name in ("ref-list", "back", "body", "abstract", "front"):
            view.at(name)
        for key, value in element.attrib.items():
            if name == "outline" and key in ("text", "title", "_note"):  # OPML's text stands in attributes
                view.line()
                view.add(value)
                view.line()
            elif "10." in value and key not in (_HREF, "target"):
                view.links.append(Link(value, None, f"{view.place()} {str(key).rpartition('}')[2]} attribute".strip()))
        stack.append((element, True, view.length))
        view.add(element.text)
        stack.extend((child, False, 0) for child in reversed(element))


def local(element: Any) -> str:
    """The element's name without its namespace, "" for a comment or an entity."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _meta(root: Any) -> Iterator[Meta]:
    for kind, path, wanted in _OWN:
        if local(root) != kind:
            continue
        for element in _at(root, path):
            value = "".join(element.itertext()).strip()
            if value and (wanted is None or (element.get(wanted[0]) or "").lower() == wanted[1].lower()):
                yield Meta(f"{path[-1]} of the {kind}", value)
                break
    for element in root.iter():
        if local(element) in _TITLES:
            title = " ".join("".join(element.itertext()).split())
            if title:
                yield Meta("xml title", title[:500])
                return


def _at(root: Any, path: tuple[str, ...]) -> Iterator[Any]:
    elements = [root]
    for step in path:
        elements = [child for element in elements for child in element if local(child) == step]
    yield from elements
