"""Libraries as documents: BibTeX, RIS, NBIB, EndNote and CSL-JSON, field by field.

A DOI field is taken whole. What an abstract, a list of cited references or a file's path mentions is not the entry's
DOI and is left out; a note counts where it names one DOI and the entry has no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from refkit.doi.written import written
from refkit.errors import ReadError
from refkit.model import Break, Document, Span, Zone
from refkit.readers import HEAD, Limits, OpenSibling, kind_of
from refkit.readers.text import decode


class _Form(NamedTuple):
    """How a format marks its entries (the group is the label) and its fields (the group is the name)."""

    entry: re.Pattern[str]
    field: re.Pattern[str]
    doi: frozenset[str]
    address: frozenset[str]


# `doi`: fields whose value is a DOI; `address`: fields in which a DOI, if there is one, is the entry's own.
_FORMS = {
    "bibtex": _Form(
        re.compile(r"^[ \t]*@[A-Za-z]+\s*[{(]\s*([^,\s{}]*)", re.MULTILINE),
        re.compile(r"(?:^|[,{(])[ \t\r\n]*([A-Za-z][\w-]{0,40})[ \t\r\n]*=[ \t\r\n]*(?=[{\"\w])", re.MULTILINE),
        frozenset({"doi", "article-doi"}),
        frozenset(
            {"url", "ee", "uri", "howpublished", "eprint", "link", "bdsk-url-1", "bdsk-url-2", "di", "location-id"}
        ),
    ),
    "ris": _Form(
        re.compile(r"^TY {1,2}- ?()", re.MULTILINE),
        re.compile(r"^([A-Z][A-Z0-9]) {1,2}- ?", re.MULTILINE),
        frozenset({"do"}),
        frozenset(["ur", "l1", "l2", "l3", "l4", "lk", "id", "m1", "m2", "m3", "an", "c7", "di"]),
    ),
    "nbib": _Form(
        re.compile(r"^PMID ?- ?(\d*)", re.MULTILINE),
        re.compile(r"^([A-Z]{2,4}) *- ?", re.MULTILINE),
        frozenset(),
        frozenset(["lid", "aid", "so"]),
    ),
    "endnote": _Form(
        re.compile(r"^(?:%0|PT) ?()", re.MULTILINE),
        re.compile(r"^(%.|[A-Z][A-Z0-9]) ", re.MULTILINE),
        frozenset({"%r", "di"}),
        frozenset({"%u", "%1", "%2", "%3", "%m", "%l"}),
    ),
}
_NOTES = frozenset({"note", "n1", "notes", "%z", "annote", "extra", "comment"})
_JSON_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}\[\]]', re.DOTALL)
_JSON_LEFT_OUT = frozenset({"keyword", "annote", "references"})


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read a library as one Document, its DOI fields as zones; see `refkit.readers.read`."""
    data = stream.read(limits.whole + 1)
    if len(data) > limits.whole:
        raise ReadError(f"{name} is larger than {limits.whole >> 20} MB.", "Split it, or raise the limit.")
    kind = kind_of(name, data[:HEAD]) or "text"
    text, encoding, notes = decode(data)
    breaks: list[Break] = []
    zones: list[Zone] = []
    if kind == "csljson":
        _json(text, breaks, zones)
    elif kind in _FORMS:
        _fielded(text, _FORMS[kind], breaks, zones)
    yield Document(name, kind, text, encoding=encoding, breaks=tuple(breaks), zones=tuple(zones), notes=notes)


def _fielded(text: str, form: _Form, breaks: list[Break], zones: list[Zone]) -> None:
    starts = list(form.entry.finditer(text))
    for number, entry in enumerate(starts, 1):
        end = starts[number].start() if number < len(starts) else len(text)
        breaks.append(Break(entry.start(), f"entry {entry.group(1)}" if entry.group(1) else f"record {number}"))
        if entry.end() > entry.start() + 1 and entry.group(1):
            zones.append(Zone("ignored", Span(entry.start(1), entry.end(1)), "key"))
        _entry(text, entry.end(), end, form, zones)


def _entry(text: str, start: int, end: int, form: _Form, zones: list[Zone]) -> None:
    """The fields of one entry: DOI fields as such, those that do not speak of the entry itself as ignored."""
    if "10." not in text[start:end]:
        return
    fields = list(form.field.finditer(text, start, end))
    spans = [
        (field.group(1).lower(), field.end(), fields[index].start() if index < len(fields) else end)
        for index, field in enumerate(fields, 1)
    ]
    identified = False
    for field, at, until in spans:
        if field in form.doi:
            zones.append(Zone("field", _value(text, at, until), "doi"))
        identified = identified or (field in form.doi | form.address and "10." in text[at:until])
    for field, at, until in spans:
        if field in form.doi or field in form.address or "10." not in text[at:until]:
            continue
        if field in _NOTES and not identified and len(list(written(text[at:until]))) == 1:
            continue
        zones.append(Zone("ignored", Span(at, until), field))


def _value(text: str, start: int, end: int) -> Span:
    """The value between its delimiters: braces, quotes or the line's ends."""
    while start < end and text[start].isspace():
        start += 1
    if start < end and text[start] == '"':
        close = text.find('"', start + 1, end)
        return Span(start + 1, close if close > 0 else end)
    if start < end and text[start] == "{":
        depth = 0
        for at in range(start, min(end, start + 4096)):
            depth += (text[at] == "{") - (text[at] == "}")
            if depth == 0:
                return Span(start + 1, at)
        return Span(start + 1, end)
    line = min((at for at in (text.find("\n", start, end), text.find("\r", start, end)) if at >= 0), default=end)
    return Span(start, line)


def _json(text: str, breaks: list[Break], zones: list[Zone]) -> None:
    """Items of the outermost list, DOI values, and values that do not speak of the item itself."""
    depth, level, number = 0, 0, 0
    key = ""
    for token in _JSON_TOKEN.finditer(text):
        mark = text[token.start()]
        if mark == "[":
            depth += 1
            level = level or depth
        elif mark == "{":
            depth += 1
            if depth == (level or 0) + 1:
                number += 1
                breaks.append(Break(token.start(), f"item {number}"))
        elif mark in "]}":
            depth -= 1
        elif token.group(2):
            key = token.group(1).lower()
        elif key == "doi":
            zones.append(Zone("field", Span(token.start(1), token.end(1)), "doi"))
        elif key in _JSON_LEFT_OUT:
            zones.append(Zone("ignored", Span(token.start(1), token.end(1)), key))
