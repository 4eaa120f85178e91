"""Bytes become `Document`s here: one file per kind of document, told by content first and by suffix second.

A reader is a function `read(data, name, limits, open_sibling) -> Iterable[Document]`. A third party adds one by the
entry-point group `refkit.readers`: its name is the kind, its value the module, which then has a `SUFFIXES` tuple too.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO, NamedTuple

from refkit.errors import ReadError
from refkit.model import Document, Note, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one document is read before refkit stops and says so.

    Parameters: `bytes`, of the file; `members`, of an archive; `unpacked`, bytes of an archive's members together;
    `pages`; `characters`, of a page; `window`, characters of one window of a large plain text.
    """

    bytes: int = 1 << 30
    whole: int = 256 << 20
    members: int = 20_000
    unpacked: int = 512 << 20
    pages: int = 20_000
    characters: int = 10_000_000
    window: int = 1 << 20


class Kind(NamedTuple):
    """One row: the kind's name, its suffixes, and the module that reads it."""

    name: str
    suffixes: tuple[str, ...]
    module: str


KINDS: tuple[Kind, ...] = (
    Kind("pdf", (".pdf",), "refkit.readers.pdf"),
    Kind("docx", (".docx", ".docm", ".dotx", ".dotm"), "refkit.readers.docx"),
    Kind("odt", (".odt", ".ott", ".fodt"), "refkit.readers.odt"),
    Kind("epub", (".epub",), "refkit.readers.epub"),
    Kind("html", (".html", ".htm", ".xhtml"), "refkit.readers.html"),
    Kind("xml", (".xml", ".jats", ".nxml", ".tei", ".opml", ".fb2"), "refkit.readers.xml"),
    Kind("latex", (".tex", ".ltx", ".latex", ".bbl", ".sty", ".cls"), "refkit.readers.latex"),
    Kind("notebook", (".ipynb",), "refkit.readers.notebook"),
    Kind("rtf", (".rtf",), "refkit.readers.rtf"),
    Kind("mail", (".eml",), "refkit.readers.mail"),
    Kind("bibtex", (".bib", ".bibtex", ".biblatex"), "refkit.readers.library"),
    Kind("ris", (".ris",), "refkit.readers.library"),
    Kind("nbib", (".nbib", ".medline"), "refkit.readers.library"),
    Kind("endnote", (".enw", ".ciw", ".isi"), "refkit.readers.library"),
    Kind("csljson", (".csljson",), "refkit.readers.library"),
    # These are read as they stand; the kind only says what they are.
    Kind("markdown", (".md", ".markdown", ".mdown", ".qmd", ".rmd", ".mdx", ".myst"), "refkit.readers.text"),
    Kind("restructuredtext", (".rst", ".rest"), "refkit.readers.text"),
    Kind("org", (".org",), "refkit.readers.text"),
    Kind("asciidoc", (".adoc", ".asciidoc"), "refkit.readers.text"),
    Kind("typst", (".typ",), "refkit.readers.text"),
    Kind("wikitext", (".wiki", ".wikitext", ".mediawiki"), "refkit.readers.text"),
    Kind("yaml", (".yaml", ".yml", ".cff"), "refkit.readers.text"),
    Kind("json", (".json", ".jsonl", ".ndjson"), "refkit.readers.text"),
    Kind("table", (".csv", ".tsv"), "refkit.readers.text"),
    Kind("text", (".txt", ".text", ".asc", ".log"), "refkit.readers.text"),
)

Reader = Callable[[BinaryIO, str, Limits, Callable[[str], bytes | None] | None], Iterator[Document]]
OpenSibling = Callable[[str], bytes | None]
"""Gives the bytes of a file named relative to the document and inside its folder, or None (`\\input` needs it)."""


def read(
    stream: BinaryIO, name: str, *, limits: Limits = Limits(), open_sibling: OpenSibling | None = None
) -> Iterator[Document]:
    """Read one document; a very large plain text comes as several overlapping windows.

    Parameters: `stream`, seekable; `name`, for its suffix and for messages; `limits`; `open_sibling`, for
    documents that pull in others. Raises `ReadError` with a sentence where the document cannot be read.
    """
    head = stream.read(HEAD)
    stream.seek(0)
    kind = kind_of(name, head)
    if kind is None:
        raise ReadError(f"{name} is no document that refkit reads: it is binary, and of no known kind.")
    if not head.strip(b"\xef\xbb\xbf \t\r\n\x00") and len(head) < HEAD:
        note = Note("empty", f"{name} is empty.", Severity.WARNING)
        yield Document(name, kind, "", notes=(note,))
        return
    reader: Reader = importlib.import_module(_module(kind)).read
    try:
        yield from reader(stream, name, limits, open_sibling)
    except RecursionError as error:
        raise ReadError(f"{name} is nested too deeply to be read.") from error


HEAD = 4096
"""Bytes that telling the kind needs."""


def kind_of(name: str, head: bytes) -> str | None:
    """The kind of a document, from its first bytes and, where they leave it open, its suffix; None for a binary."""
    from refkit.readers.kinds import tell

    return tell(head, _by_suffix().get(_suffix(name)))


def is_document(name: str, head: bytes) -> bool:
    """Whether a file met on a walk through a folder is a document: by magic bytes, or a known suffix on a text."""
    from refkit.readers.kinds import MAGIC

    if any(head.startswith(magic) for magic in MAGIC):
        return _suffix(name) in _by_suffix() or head.startswith(b"%PDF-")
    return _suffix(name) in _by_suffix()


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return (dot + suffix).lower() if stem or dot else ""


@cache
def _by_suffix() -> dict[str, str]:
    table = {suffix: kind.name for kind in KINDS for suffix in kind.suffixes}
    for point in _plugins():
        module = importlib.import_module(point[1])
        table.update(dict.fromkeys(getattr(module, "SUFFIXES", ()), point[0]))
    return table


def _module(kind: str) -> str:
    return next(
        (row.module for row in KINDS if row.name == kind),
        next((module for name, module in _plugins() if name == kind), "refkit.readers.text"),
    )


@cache
def _plugins() -> tuple[tuple[str, str], ...]:
    from importlib.metadata import entry_points

    return tuple((point.name, point.value) for point in entry_points(group="refkit.readers"))
