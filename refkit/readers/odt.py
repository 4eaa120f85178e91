"""ODT: paragraphs, tables, notes, annotations, links and reference marks with cited items inside (ODF 1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from refkit.errors import ReadError
from refkit.model import Carried, Document, Link, Meta
from refkit.packages import Package
from refkit.readers import Limits, OpenSibling, carried, fields
from refkit.readers.markup import View, xml
from refkit.readers.xml import local

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_PLACES = {"note": "note", "annotation": "comment"}
_PARTS = (("content.xml", "paragraph"), ("styles.xml", "header or footer"))


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read an ODT as one Document, tracked changes as accepted; see `refkit.readers.read`."""
    package = Package(stream, name, members=limits.members, unpacked=limits.unpacked)
    if "content.xml" not in package:
        raise ReadError(f"{name} is a ZIP container, but no OpenDocument text (content.xml is missing).")
    if b"manifest:encryption-data" in package.read("META-INF/manifest.xml"):
        raise ReadError(f"{name} is encrypted and needs a password.", "Save a copy without one, and read that.")
    view = View()
    works: list[Carried] = []
    for member, label in _PARTS:
        data = package.read(member)
        if data:
            _Part(view, label, works).walk(xml(data, name, part=member))
    yield Document(
        name, "odt", view.text, breaks=tuple(view.breaks), links=tuple(view.links), meta=tuple(_meta(package, name)),
        works=carried.once(works),
    )  # fmt: skip


class _Part:
    """One part of the document being written into the view."""

    def __init__(self, view: View, label: str, works: list[Carried]) -> None:
        self.view, self.label, self.works, self.paragraphs = view, label, works, 0

    def walk(self, root: Any) -> None:
        """Walk the tree without recursion; deleted text (`tracked-changes`) and settings are left out."""
        stack: list[tuple[Any, bool, int]] = [(root, False, 0)]
        while stack:
            element, ended, start = stack.pop()
            name = local(element)
            if ended:
                self._end(element, name, start)
                continue
            if not name or name in ("tracked-changes", "font-face-decls", "automatic-styles", "sequence-decls"):
                self.view.add(element.tail if name else None)
                continue
            self._begin(element, name)
            stack.append((element, True, self.view.length))
            self.view.add(element.text)
            stack.extend((child, False, 0) for child in reversed(element))

    def _begin(self, element: Any, name: str) -> None:
        view = self.view
        if name in ("p", "h"):
            self.paragraphs += 1
            view.line()
            view.at(f"{self.label} {self.paragraphs}")
        elif name == "s":
            count = element.get(f"{_TEXT}c") or "1"
            view.add(" " * min(int(count) if count.isdecimal() else 1, 100))
        elif name in ("tab", "table-cell"):
            view.add("\t")
        elif name == "line-break":
            view.add("\n")
        elif name in _PLACES:
            view.line()
        elif name in ("reference-mark-start", "reference-mark", "bookmark-start", "section"):
            code = element.get(f"{_TEXT}name") or ""
            if "{" in code:
                place = f"{view.place()}, {fields.program(code)}"
                view.links.extend(Link(doi, None, place) for doi in fields.dois(code))
                self.works.extend(carried.from_code(code, view.place(), fields.program(code)))
        elif name == "bibliography-mark":
            for key in ("url", "identifier", "note"):
                if value := element.get(_TEXT + key):
                    view.links.append(Link(value, None, f"{view.place()}, bibliography mark"))
            given = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
            if work := carried.from_mark(given, view.place()):
                self.works.append(work)

    def _end(self, element: Any, name: str, start: int) -> None:
        if name in ("p", "h"):
            self.view.line()
        elif name == "a" and element.get(_HREF):
            self.view.link(element.get(_HREF), start)
        if name not in ("p", "h", "document-content"):
            self.view.add(element.tail)


def _meta(package: Package, name: str) -> Iterator[Meta]:
    data = package.read("meta.xml")
    if not data:
        return
    for element in xml(data, name, part="meta.xml").iter():
        if local(element) in ("title", "identifier", "subject") and element.text and element.text.strip():
            yield Meta(f"odt {local(element)}", element.text.strip())
