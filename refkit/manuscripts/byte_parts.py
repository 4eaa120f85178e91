"""One XML part of a zipped manuscript as tokens that know their bytes, and edits on these bytes.

Everything between two edits stays byte for byte; a parser that writes a tree back cannot promise that. Expat says
where each token begins, and a token ends where the next one begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from refkit.errors import LibraryError

START, END, TEXT, OTHER = range(4)
"""Kinds of tokens: a start tag, an end tag, character data, anything else (comments, declarations)."""

XML_LANG = "http://www.w3.org/XML/1998/namespace"


@dataclass(slots=True)
class Token:
    """A token at bytes `[start, end)`.

    `name` is the tag's, with the usual prefix of its namespace (`w:t`, whatever the part itself calls it), or the
    characters of a text. The end token of an empty tag has no bytes.
    """

    kind: int
    name: str
    attributes: Mapping[str, str]
    start: int
    end: int = 0
    cdata: bool = False


@dataclass(frozen=True, slots=True, order=True)
class ByteEdit:
    """Put `text` in the place of bytes `[start, end)` of a part."""

    start: int
    end: int
    text: bytes


class Part:
    """A part that was read: its bytes, its tokens, and what it calls the namespaces.

    Parameters: `data`; `name` and `member`, for messages; `prefixes`, the usual prefix of each namespace. Raises
    `LibraryError` for XML that is not well formed, or that declares entities.
    """

    def __init__(self, data: bytes, name: str, member: str, prefixes: Mapping[str, str]) -> None:
        self.data, self.member = data, member
        self.codec = "utf-8"
        self.tokens: list[Token] = []
        self.own_prefixes: dict[str, str] = {}
        """The part's own prefix of each of `prefixes`, by the usual one; "" is the default namespace."""
        self._usual = prefixes
        self._names: dict[str, str] = {}
        self._in_cdata = False
        self._slash = b"/\x00>\x00" if data[:2] == b"\xff\xfe" else b"\x00/\x00>" if data[:2] == b"\xfe\xff" else b"/>"
        self._parse(name)

    def _parse(self, name: str) -> None:
        from xml.parsers import expat

        parser: Any = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = False
        parser.ordered_attributes = True
        tokens, known = self.tokens, self._known

        def start(tag: str, attributes: list[str]) -> None:
            pairs = {known(attributes[i]): attributes[i + 1] for i in range(0, len(attributes), 2)}
            tokens.append(Token(START, known(tag), pairs, parser.CurrentByteIndex))

        def end(tag: str) -> None:
            at = parser.CurrentByteIndex
            empty = tokens[-1].kind == START and self.data.endswith(self._slash, 0, at)
            tokens.append(Token(END, known(tag), {}, at, at if empty else 0))

        def text(characters: str) -> None:
            tokens.append(Token(TEXT, characters, {}, parser.CurrentByteIndex, cdata=self._in_cdata))

        def other(_: str) -> None:
            tokens.append(Token(OTHER, "", {}, parser.CurrentByteIndex))

        def cdata(begins: bool) -> None:
            self._in_cdata = begins
            tokens.append(Token(OTHER, "", {}, parser.CurrentByteIndex))

        def declared(version: str, encoding: str | None, standalone: int) -> None:
            self.codec = (encoding or "utf-8").lower()
            other("")

        def refused(*_: Any) -> None:
            raise LibraryError(
                f"{name} has a document type declaration ({self.member}), which no word processor writes.",
                "Open and save it again.",
            )

        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
        parser.DefaultHandlerExpand, parser.XmlDeclHandler = other, declared
        parser.StartCdataSectionHandler = lambda: cdata(True)
        parser.EndCdataSectionHandler = lambda: cdata(False)
        parser.StartDoctypeDeclHandler = refused
        parser.StartNamespaceDeclHandler = self._declared
        try:
            parser.Parse(self.data, True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise LibraryError(
                f"{name} is damaged: its XML ({self.member}) cannot be parsed ({error}).", "Open and save it again."
            ) from error
        if self.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            self.codec = "utf-16-le" if self.data[:1] == b"\xff" else "utf-16-be"
        self._close()

    def _known(self, name: str) -> str:
        """A name with the usual prefix of its namespace; of unknown namespaces the whole URI stays before it."""
        try:
            return self._names[name]
        except KeyError:
            uri, _, local = name.rpartition("}")
            usual = self._usual.get(uri)
            known = local if not uri else f"{usual}:{local}" if usual is not None else name
            self._names[name] = known
            return known

    def _declared(self, prefix: str | None, uri: str | None) -> None:
        usual = self._usual.get(uri or "")
        if usual is not None and (prefix or usual not in self.own_prefixes):
            self.own_prefixes[usual] = prefix or ""

    def _close(self) -> None:
        following = len(self.data)
        for token in reversed(self.tokens):
            if not token.end:
                token.end, following = following, token.start

    def encoded(self, text: str) -> bytes:
        """Characters of XML in the part's own encoding; what it lacks becomes a character reference."""
        return text.encode(self.codec, "xmlcharrefreplace")

    def raw(self, start: int, end: int) -> str:
        """The source of bytes `[start, end)` as characters."""
        return self.data[start:end].decode(self.codec)


def apply(data: bytes, edits: Iterable[ByteEdit]) -> bytes:
    """`data` with all edits carried out; every other byte stays where it is, in order.

    Raises `ValueError` where edits overlap or lie outside.
    """
    pieces: list[bytes] = []
    at = 0
    for edit in sorted(edits):
        if not at <= edit.start <= edit.end <= len(data):
            raise ValueError(f"the edit at {edit.start}–{edit.end} overlaps another or lies outside the part")
        pieces += (data[at : edit.start], edit.text)
        at = edit.end
    return b"".join((*pieces, data[at:]))
