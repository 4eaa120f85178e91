"""EPUB: the chapters in reading order, each as HTML, and the package's own identifiers (EPUB 3.3)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import unquote

from refkit.errors import ReadError
from refkit.model import Document, Meta, Note, Severity
from refkit.packages import Package
from refkit.readers import Limits, OpenSibling, html
from refkit.readers.markup import View, xml
from refkit.readers.xml import local


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read an EPUB as one Document, its chapters as breaks; see `refkit.readers.read`."""
    package = Package(stream, name, members=limits.members, unpacked=limits.unpacked)
    book = _book(package, name)
    root = xml(package.read(book), name, part=book)
    view = View()
    metas = list(_meta(root))
    notes: list[Note] = []
    for number, member in enumerate(_chapters(root, book), 1):
        data = package.read(member)
        if not data.strip():
            continue
        view.line()
        view.at(f"chapter {number} ({posixpath.basename(member)})")
        try:
            html.write(data, member, view, [])
        except ReadError as error:
            notes.append(Note("chapter-unreadable", str(error), Severity.WARNING))
    yield Document(
        name,
        "epub",
        view.text,
        breaks=tuple(view.breaks),
        links=tuple(view.links),
        meta=tuple(metas),
        notes=tuple(notes),
    )


def _book(package: Package, name: str) -> str:
    container = package.read("META-INF/container.xml")
    if container:
        for element in xml(container, name, part="container.xml").iter():
            path = element.get("full-path") if local(element) == "rootfile" else None
            if path and path in package:
                return str(path)
    for member in package.names:
        if member.endswith(".opf"):
            return member
    raise ReadError(f"{name} is a ZIP container, but no EPUB (it has no package document).")


def _chapters(root: Any, book: str) -> Iterator[str]:
    folder = posixpath.dirname(book)
    items = {e.get("id"): e.get("href") or "" for e in root.iter() if local(e) == "item"}
    for element in root.iter():
        if local(element) == "itemref" and items.get(element.get("idref")):
            yield posixpath.normpath(posixpath.join(folder, unquote(items[element.get("idref")])))


def _meta(root: Any) -> Iterator[Meta]:
    for element in root.iter():
        if local(element) in ("identifier", "title", "source") and element.text and element.text.strip():
            yield Meta(f"epub {local(element)}", element.text.strip())
