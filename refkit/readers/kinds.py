"""Which kind of document some first bytes are."""

from __future__ import annotations

import re

from refkit.encodings import by_nulls

MAGIC = (b"%PDF-", b"PK\x03\x04", b"{\\rtf")

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def tell(head: bytes, by_suffix: str | None) -> str | None:
    """The kind that `head`, a file's first bytes, is of; `by_suffix` is what its name claims; None for a binary."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(head, by_suffix)
    if head.startswith(b"{\\rtf"):
        return "rtf"
    body = "" if is_binary(head) else as_text(head).lstrip("\ufeff \t\r\n")
    if by_suffix in _CONTAINERS:
        # A page saved under the name of what it links to is read as a page; else the reader says what is wrong.
        return next((kind for kind, pattern in _SIGNS[:2] if pattern.search(body)), by_suffix)
    if not body and is_binary(head):
        return None
    if by_suffix in _SPOKEN:
        return by_suffix
    for kind, pattern in _SIGNS:
        if pattern.search(body):
            return kind
    return by_suffix or "text"


_CONTAINERS = frozenset({"pdf", "docx", "odt", "epub", "rtf"})
_SPOKEN = frozenset(
    {"latex", "markdown", "restructuredtext", "org", "asciidoc", "typst", "wikitext", "yaml", "table", "bibtex", "mail"}
)
"""Kinds whose suffix decides: such a text may begin with anything."""

_HEADERS = "Received|From|Return-Path|Delivered-To|Message-ID|MIME-Version|Date|Subject|To"
_XML_ROOTS = r"!DOCTYPE\s+(?!html)|article\b|TEI\b|doi_batch|PubmedArticleSet"
_COMMENTS = r"(?:<!--.*?-->\s*)*"


def _sign(kind: str, pattern: str, flags: int = 0) -> tuple[str, re.Pattern[str]]:
    return kind, re.compile(pattern, flags)


# Other kinds, by how such a text begins.
_SIGNS = (
    _sign("html", rf"\A(?:<\?xml[^>]*>\s*)?{_COMMENTS}<(?:!doctype\s+html|html\b)", re.IGNORECASE | re.DOTALL),
    _sign("xml", rf"\A<\?xml\b|\A{_COMMENTS}<(?:{_XML_ROOTS})", re.DOTALL),
    _sign("notebook", r"\A\{.*\"(?:cells|nbformat|worksheets)\"\s*:", re.DOTALL),
    _sign("csljson", r"\A[\[{].*?\"(?:container-title|citation-key|citation-label|issued)\"\s*:", re.DOTALL),
    _sign("json", r"\A[\[{]\s*[\"\[{]"),
    _sign("ris", r"\ATY {1,2}- [A-Z]"),
    _sign("nbib", r"\APMID ?- \d"),
    _sign("endnote", r"\A%0 [A-Z]|\AFN (?:Clarivate|Thomson|ISI)"),
    _sign("bibtex", r"^\s*@[A-Za-z]+\s*[{(]\s*[^\s,={}]*\s*,\s*$", re.MULTILINE),
    _sign("latex", r"^\\documentclass\b|^\\begin\{(?:document|thebibliography)\}", re.MULTILINE),
    _sign("mail", rf"\A(?:(?:{_HEADERS}): [^\n]*\n(?:[ \t][^\n]*\n)*){{3}}", re.IGNORECASE),
)


def _zipped(head: bytes, by_suffix: str | None) -> str:
    """Which container: ODF and EPUB say it in the first member, OOXML by its members' names."""
    if b"mimetypeapplication/epub+zip" in head[:200]:
        return "epub"
    if b"mimetypeapplication/vnd.oasis.opendocument" in head[:200]:
        return "odt"
    if b"word/" in head or b"[Content_Types].xml" in head:
        return "docx"
    return by_suffix if by_suffix in ("docx", "odt", "epub") else "docx"


def is_binary(head: bytes) -> bool:
    """Whether bytes are no text: NUL bytes outside UTF-16, or many control characters."""
    if head.startswith(_UTF16):
        return False
    if b"\x00" in head:
        return not by_nulls(head)
    control = sum(head.count(bytes((code,))) for code in (*range(1, 8), *range(14, 27), *range(28, 32)))
    return control > len(head) * 0.05 + 2


def as_text(head: bytes) -> str:
    """The first bytes as far as they are text, for looking at how it begins."""
    if head.startswith(_UTF16):
        return head.decode("utf-16", "ignore")
    return head.decode(by_nulls(head) or "utf-8", "ignore")
