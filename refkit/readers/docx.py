"""DOCX: paragraphs, tables, notes, comments, hyperlinks and the field codes of reference managers (ECMA-376)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from refkit.errors import ReadError
from refkit.model import Carried, Document, Link, Meta
from refkit.packages import Package
from refkit.readers import Limits, OpenSibling, carried, fields
from refkit.readers.markup import View, xml

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_R_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}"

# Parts of the document, in the order in which they are read, and what their paragraphs are called.
_PARTS = (
    (re.compile(r"word/document\d*\.xml"), "paragraph"),
    (re.compile(r"word/footnotes\d*\.xml"), "footnote paragraph"),
    (re.compile(r"word/endnotes\d*\.xml"), "endnote paragraph"),
    (re.compile(r"word/comments\d*\.xml"), "comment paragraph"),
    (re.compile(r"word/(?:header|footer)\d*\.xml"), "header or footer"),
)
_SKIPPED = frozenset({"del", "moveFrom", "Fallback", "rPr", "pPr", "sectPr", "tblPr", "delText", "delInstrText"})
_PLAIN = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\u00ad"}
_HYPERLINK = re.compile(r'^\s*HYPERLINK\s+(?:\\l\s+)?"([^"]+)"')


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read a DOCX as one Document, tracked changes as accepted; see `refkit.readers.read`."""
    head = stream.read(8)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise ReadError(f"{name} is encrypted, or an old .doc file.", "Save it as .docx without a password.")
    stream.seek(0)
    package = Package(stream, name, members=limits.members, unpacked=limits.unpacked)
    names = package.names
    if not any(_PARTS[0][0].fullmatch(member) for member in names):
        raise ReadError(f"{name} is a ZIP container, but no Word document (word/document.xml is missing).")
    view = View()
    works: list[Carried] = []
    for pattern, label in _PARTS:
        for member in sorted(filter(pattern.fullmatch, names)):
            root = xml(package.read(member), name, part=member)
            _Part(view, _targets(package, member, name), label, works).walk(root)
    for member in names:
        if re.fullmatch(r"customXml/item\d+\.xml", member):
            data = package.read(member)
            _sources(view, data)
            if b"/bibliography" in data:
                works.extend(carried.from_sources(data, name))
    yield Document(
        name, "docx", view.text, breaks=tuple(view.breaks), links=tuple(view.links), meta=tuple(_meta(package, name)),
        works=carried.once(works),
    )  # fmt: skip


def _targets(package: Package, member: str, name: str) -> dict[str, str]:
    folder, _, leaf = member.rpartition("/")
    data = package.read(f"{folder}/_rels/{leaf}.rels")
    if not data:
        return {}
    return {
        element.get("Id", ""): element.get("Target", "")
        for element in xml(data, name, part=f"{leaf}.rels")
        if element.get("TargetMode") == "External"
    }


def _sources(view: View, data: bytes) -> None:
    """Word's own list of sources (`b:Sources`) names DOIs in `b:DOI` or `b:StandardNumber`."""
    for match in re.finditer(rb"<b:(?:DOI|StandardNumber|URL)>([^<]{6,400})</b:", data):
        view.links.append(
            Link(html.unescape(match.group(1).decode("utf-8", "replace")), None, "Word's list of sources")
        )


class _Part:
    """One part of the document being written into the view."""

    def __init__(self, view: View, targets: dict[str, str], label: str, works: list[Carried]) -> None:
        self.view, self.targets, self.label, self.works = view, targets, label, works
        self.paragraphs = 0
        self.codes: list[list[str]] = []  # the field codes that are open, innermost last
        self.hyperlinks: list[tuple[str, int]] = []

    def walk(self, root: Any) -> None:
        """Walk the tree without recursion: (element, is its end)."""
        stack: list[tuple[Any, bool]] = [(root, False)]
        while stack:
            element, ended = stack.pop()
            if not isinstance(element.tag, str):
                continue
            name = element.tag.rpartition("}")[2]
            if ended:
                self._end(name)
                continue
            if name in _SKIPPED:
                continue
            self._begin(element, name)
            if name in ("p", "hyperlink"):
                stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))

    def _begin(self, element: Any, name: str) -> None:
        view = self.view
        if name == "p":
            self.paragraphs += 1
            view.line()
            view.at(f"{self.label} {self.paragraphs}")
        elif name == "t":
            view.add(element.text)
        elif name in _PLAIN:
            view.add(_PLAIN[name])
        elif name == "hyperlink":
            target = self.targets.get(element.get(f"{_R}id") or element.get(f"{_R_STRICT}id") or "", "")
            self.hyperlinks.append((target, view.length))
        elif name == "instrText":
            if self.codes:
                self.codes[-1].append(element.text or "")
        elif name == "fldChar":
            self._field(_attribute(element, "fldCharType"))
        elif name == "fldSimple":
            self._code(_attribute(element, "instr"))
        elif name == "fldData" and element.text:
            self._cited(fields.from_base64(element.text), "EndNote field")
            self._carried(fields.decoded(element.text), "EndNote field")
        elif name == "tag":
            self._control(_attribute(element, "val"))
        elif name == "tc":
            view.add("\t")

    def _end(self, name: str) -> None:
        if name == "p":
            self.view.line()
        elif name == "hyperlink":
            target, start = self.hyperlinks.pop()
            if target:
                self.view.link(target, start)

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self.codes.append([])
        elif kind == "separate" and self.codes:
            self._code("".join(self.codes[-1]))
            self.codes[-1] = []
        elif kind == "end" and self.codes:
            self._code("".join(self.codes.pop()))

    def _code(self, code: str) -> None:
        if match := _HYPERLINK.match(code):
            self.view.link(match.group(1))
        elif "ADDIN" in code or "CSL_" in code:
            self._cited(fields.dois(code), fields.program(code))
            self._carried(code, fields.program(code))

    def _control(self, tag: str) -> None:
        for mark in ("MENDELEY_CITATION_v3_", "MENDELEY_CITATION_", "CitaviPlaceholder"):
            if tag.startswith(mark):
                program = "Mendeley field" if "MEN" in mark else "Citavi field"
                self._cited(fields.from_base64(tag[len(mark) :]), program)
                self._carried(fields.decoded(tag[len(mark) :]), program)
                return

    def _carried(self, code: str, program: str) -> None:
        self.works.extend(carried.from_code(code, self.view.place(), program))

    def _cited(self, dois: Iterator[str], program: str) -> None:
        place = f"{self.view.place()}, {program}"
        self.view.links.extend(Link(doi, None, place) for doi in dois)


def _attribute(element: Any, name: str) -> str:
    return element.get(_W + name) or element.get(_STRICT + name) or ""


def _meta(package: Package, name: str) -> Iterator[Meta]:
    data = package.read("docProps/core.xml")
    if not data:
        return
    for element in xml(data, name, part="docProps/core.xml"):
        local = element.tag.rpartition("}")[2]
        if local in ("title", "identifier", "subject") and element.text and element.text.strip():
            yield Meta(f"docx {local}", element.text.strip())
