"""The package of a DOCX: which parts are there, whether it may be changed, and the parts that Zotero's data needs.

Source: ECMA-376 part 2 (packages, relationships, content types), part 1 §15.2.12.2 (custom properties) and §17.15.1.29
(protection of documents).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from io import BytesIO

from refkit.errors import LibraryError, ReadError
from refkit.manuscripts.byte_parts import START, TEXT, ByteEdit, Part, apply
from refkit.manuscripts.docx_text import PREFIXES
from refkit.manuscripts.zotero_fields import PREFERENCE
from refkit.packages import Package

_TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/"
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""The format that all custom properties have (MS-OLEPS)."""
_TYPES = {
    "custom": "application/vnd.openxmlformats-officedocument.custom-properties+xml",
    "footnotes": "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
    "endnotes": "application/vnd.openxmlformats-officedocument.wordprocessingml.endnotes+xml",
}
_KINDS_OF_PROTECTION = {
    "readOnly": "it may only be read",
    "comments": "it may only be commented on",
    "forms": "only its forms may be filled in",
    "trackedChanges": "all changes must be tracked",
}


@dataclass(slots=True)
class Parts:
    """A DOCX as a package: its members' bytes as far as they were read, and what changed.

    Parameters: `data`, the file; `name`, for messages. Raises `LibraryError` for one that is damaged, encrypted,
    signed, protected, or no Word document.
    """

    data: bytes
    name: str
    main: str = ""
    changed: dict[str, bytes] = field(default_factory=dict)
    strict: bool = False
    _package: Package | None = None

    def __post_init__(self) -> None:
        if self.data.startswith(b"\xd0\xcf\x11\xe0"):
            raise LibraryError(
                f"{self.name} is encrypted, or an old .doc file.",
                "Save it as .docx without a password, and cite in that.",
            )
        try:
            self._package = Package(BytesIO(self.data), self.name)
        except ReadError as error:
            raise LibraryError(error.message, error.hint) from error
        names = self._package.names
        if any(name.startswith("_xmlsignatures/") for name in names):
            raise LibraryError(
                f"{self.name} is signed, and any change would break the signature.",
                "Remove the signature in Word (File, Info, View Signatures), then run refkit again.",
            )
        self.main = self._target("", "officeDocument") or "word/document.xml"
        if self.main not in self._package:
            raise LibraryError(f"{self.name} is a ZIP container, but no Word document ({self.main} is missing).")
        self._protection()

    def read(self, member: str) -> bytes:
        """A member's bytes as they stand now, b"" where there is none."""
        assert self._package is not None
        if member in self.changed:
            return self.changed[member]
        try:
            return self._package.read(member)
        except ReadError as error:
            raise LibraryError(error.message, error.hint) from error

    def part(self, member: str) -> Part:
        """A member, read as XML. Raises `LibraryError`."""
        return Part(self.read(member), self.name, member, PREFIXES)

    def settings(self) -> str:
        """The member that holds the document's settings, "" where there is none."""
        return self._target(self.main, "settings")

    def styles(self) -> str:
        """The member that holds the styles, "" where there is none."""
        return self._target(self.main, "styles")

    def notes(self, kind: str) -> str:
        """The member that holds the notes of a kind (`footnotes`, `endnotes`), "" where there is none."""
        return self._target(self.main, kind)

    def _protection(self) -> None:
        settings = self.settings()
        if not settings or not self.read(settings):
            return
        for token in self.part(settings).tokens:
            if token.kind == START and token.name == "w:documentProtection":
                kind = token.attributes.get("w:edit", "none")
                enforced = token.attributes.get("w:enforcement", "0") in ("1", "true", "on")
                if enforced and kind in _KINDS_OF_PROTECTION:
                    raise LibraryError(
                        f"{self.name} is protected: {_KINDS_OF_PROTECTION[kind]}.",
                        "Stop the protection in Word (Review, Restrict Editing), then run refkit again.",
                    )

    # --- relationships

    def _rels(self, member: str) -> str:
        folder, _, leaf = member.rpartition("/")
        return f"{folder}/_rels/{leaf}.rels".removeprefix("/") if member else "_rels/.rels"

    def relationships(self, member: str) -> list[dict[str, str]]:
        """The relationships of a member ("" is the package itself): Id, Type, Target, TargetMode."""
        rels = self._rels(member)
        if not self.read(rels):
            return []
        tokens = self.part(rels).tokens
        return [dict(token.attributes) for token in tokens if token.kind == START and token.name == "rel:Relationship"]

    def targets(self, member: str) -> dict[str, str]:
        """The external targets of a member's relationships, by id."""
        found = self.relationships(member)
        return {one.get("Id", ""): one.get("Target", "") for one in found if one.get("TargetMode") == "External"}

    def _target(self, member: str, kind: str) -> str:
        folder = posixpath.dirname(member)
        for one in self.relationships(member):
            if one.get("Type", "").endswith(f"/{kind}") and one.get("TargetMode") != "External":
                if one.get("Type", "").startswith(_STRICT):
                    self.strict = True
                target = one.get("Target", "")
                return target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        return ""

    def add(self, member: str, content: bytes, kind: str, source: str, relation: str) -> None:
        """Add a part: its bytes, its content type (`_TYPES`), and the relationship from `source` to it."""
        self.changed[member] = content
        types = self.part("[Content_Types].xml")
        row = f'<Override PartName="/{member}" ContentType="{_TYPES[kind]}"/>'
        if f'"/{member}"'.encode() not in types.data:
            self.changed["[Content_Types].xml"] = _before_end(types, _prefixed(types, "ct", row))
        rels = self._rels(source)
        target = posixpath.relpath(member, posixpath.dirname(source)) if source else member
        base = _STRICT if self.strict else _TRANSITIONAL
        if not self.read(rels):
            self.changed[rels] = (
                b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
                b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
            )
        part = self.part(rels)
        taken = {token.attributes.get("Id") for token in part.tokens if token.kind == START}
        free = next(f"rId{number}" for number in range(1, 100_000) if f"rId{number}" not in taken)
        row = f'<Relationship Id="{free}" Type="{base}relationships/{relation}" Target="{target}"/>'
        self.changed[rels] = _before_end(part, _prefixed(part, "rel", row))

    # --- Zotero's preferences

    def _custom(self) -> str:
        return self._target("", "custom-properties") or self._target("", "customProperties")

    def preferences(self) -> str:
        """The preferences that Zotero keeps in the document, "" where there are none."""
        member = self._custom()
        if not member or not self.read(member):
            return ""
        return "".join(value for _, value in sorted(_properties(self.part(member)).items()))

    def set_preferences(self, pieces: Sequence[str]) -> None:
        """Put preferences into the custom properties, in the place of those that are there."""
        member = self._custom()
        if member and self.read(member):
            part = self.part(member)
            cleared = apply(part.data, _preference_edits(part))
            part = Part(cleared, self.name, member, PREFIXES)
            taken = [
                int(t.attributes.get("pid", "1")) for t in part.tokens if t.name == "cp:property" and t.kind == START
            ]
            rows = _rows(pieces, max([1, *taken]) + 1, part)
            self.changed[member] = _before_end(part, rows)
            return
        base = _STRICT if self.strict else _TRANSITIONAL
        properties = f"{base}customProperties" if self.strict else f"{base}custom-properties"
        head = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
            f'<Properties xmlns="{properties}" xmlns:vt="{base}docPropsVTypes"></Properties>'
        )
        part = Part(head.encode(), self.name, "docProps/custom.xml", PREFIXES)
        content = _before_end(part, _rows(pieces, 2, part))
        relation = "customProperties" if self.strict else "custom-properties"
        self.add("docProps/custom.xml", content, "custom", "", relation)


def _before_end(part: Part, source: str) -> bytes:
    """The part with `source` as its root's last child; an empty root is opened for it."""
    last = part.tokens[-1]
    for token in reversed(part.tokens):
        if token.kind == 1:
            last = token
            break
    if last.start < last.end:
        return apply(part.data, [ByteEdit(last.start, last.start, part.encoded(source))])
    root = next(token for token in part.tokens if token.kind == START)
    opened = part.raw(root.start, root.end).rstrip("/> ").rstrip()
    name = re.match(r"<([^\s/>]+)", opened)
    assert name is not None
    return apply(part.data, [ByteEdit(root.start, root.end, part.encoded(f"{opened}>{source}</{name[1]}>"))])


def _prefixed(part: Part, namespace: str, source: str) -> str:
    """An element in the part's own prefix for its namespace."""
    own = part.own_prefixes.get(namespace, "")
    return source.replace("<", f"<{own}:", 1) if own else source


def _properties(part: Part) -> dict[int, str]:
    found: dict[int, str] = {}
    number = 0
    for token in part.tokens:
        if token.kind == START and token.name == "cp:property":
            name = token.attributes.get("name", "")
            digits = name.removeprefix(PREFERENCE)
            number = int(digits) if name.startswith(PREFERENCE) and digits.isdecimal() else 0
        elif token.kind == TEXT and number:
            found[number] = found.get(number, "") + token.name
    return found


def _preference_edits(part: Part) -> list[ByteEdit]:
    edits = []
    start = None
    for token in part.tokens:
        if token.name != "cp:property":
            continue
        if token.kind == START and token.attributes.get("name", "").startswith(PREFERENCE):
            start = token.start
        elif token.kind == 1 and start is not None:
            edits.append(ByteEdit(start, token.end, b""))
            start = None
    return edits


def _rows(pieces: Sequence[str], first: int, part: Part) -> str:
    own, types = part.own_prefixes.get("cp", ""), part.own_prefixes.get("vt", "")
    tag = f"{own}:property" if own else "property"
    base = _STRICT if _STRICT.encode() in part.data else _TRANSITIONAL
    declared = "" if types else f' xmlns:vt="{base}docPropsVTypes"'
    vt = f"{types or 'vt'}:lpwstr"
    return "".join(
        f'<{tag} fmtid="{_FORMAT}" pid="{first + number}" name="{PREFERENCE}{number + 1}">'
        f"<{vt}{declared}>{escape(piece, quote=False)}</{vt}></{tag}>"
        for number, piece in enumerate(pieces)
    )
