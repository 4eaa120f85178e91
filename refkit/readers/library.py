"""Libraries as documents: BibTeX, RIS, NBIB, EndNote and CSL-JSON, field by field; a DOI field is taken whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from refkit.errors import ReadError
from refkit.model import Break, Document, Span, Zone
from refkit.readers import HEAD, Limits, OpenSibling, kind_of
from refkit.readers.text import decode

# Where an entry begins (its label is the group), and the DOI fields with their values as the group.
_ENTRY = {
    "bibtex": re.compile(
        r"^[ \t]*@(?!(?:string|preamble|comment)\b)[A-Za-z]+\s*[{(]\s*([^,\s{}]*)", re.MULTILINE | re.IGNORECASE
    ),
    "ris": re.compile(r"^TY {1,2}- ?(\S*)", re.MULTILINE),
}
_FIELD = {
    "bibtex": re.compile(r"\b[dD][oO][iI][ \t\r\n]*=[ \t\r\n]*(?:\{((?:[^{}]|\{[^{}]*\})*)\}|\"([^\"]*)\")"),
    "ris": re.compile(r"^DO {1,2}- ?([^\r\n]*)()", re.MULTILINE),
    "csljson": re.compile(r"\"(?:DOI|doi)\"\s*:\s*\"((?:[^\"\\]|\\.)*)\"()"),
}


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read a library as one Document with its DOI fields as zones; see `refkit.readers.read`."""
    data = stream.read(limits.whole + 1)
    if not data:
        raise ReadError(f"{name} is empty.")
    if len(data) > limits.whole:
        raise ReadError(f"{name} is larger than {limits.whole >> 20} MB.", "Split it, or raise the limit.")
    kind = kind_of(name, data[:HEAD]) or "text"
    text, encoding, notes = decode(data)
    yield Document(
        name,
        kind,
        text,
        encoding=encoding,
        breaks=tuple(_breaks(text, kind)),
        zones=tuple(_zones(text, kind)),
        notes=notes,
    )


def _breaks(text: str, kind: str) -> Iterator[Break]:
    pattern = _ENTRY.get(kind)
    if pattern is None:
        return
    for number, match in enumerate(pattern.finditer(text), 1):
        yield Break(
            match.start(), f"entry {match.group(1)}" if kind == "bibtex" and match.group(1) else f"record {number}"
        )


def _zones(text: str, kind: str) -> Iterator[Zone]:
    pattern = _FIELD.get(kind)
    if pattern is None:
        return
    for match in pattern.finditer(text):
        group = 1 if match.group(1) is not None else 2
        yield Zone("field", Span(match.start(group), match.end(group)), "doi")
