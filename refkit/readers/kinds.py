"""Which kind of document some first bytes are."""

from __future__ import annotations

import re

MAGIC = (b"%PDF-", b"PK\x03\x04", b"{\\rtf")

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PROSE = frozenset({"text", "markdown", "latex"})


def tell(head: bytes, by_suffix: str | None) -> str | None:
    """The kind that `head`, a file's first bytes, is of; `by_suffix` is what its name claims; None for a binary."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zipped(head, by_suffix)
    if by_suffix in ("pdf", "docx"):  # said to be one and is not: its reader says what is wrong
        return by_suffix
    if is_binary(head):
        return None
    text = _as_text(head)
    body = text.lstrip("\ufeff \t\r\n")
    if re.match(r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html\b)", body, re.IGNORECASE | re.DOTALL):
        return "html"
    if start[:1] in b"[{" and start and by_suffix in (None, "csljson", "text"):
        return (
            "csljson" if re.search(r'"(?:DOI|container-title|citation-key|issued)"\s*:', text) else by_suffix or "text"
        )
    if by_suffix in (None, "text"):
        if re.search(r"^\s*@[A-Za-z]+\s*[{(]\s*[^\s,={}]*\s*,\s*$", text, re.MULTILINE):
            return "bibtex"
        if re.match(r"TY {1,2}- [A-Z]", body):
            return "ris"
    return by_suffix or "text"


def _zipped(head: bytes, by_suffix: str | None) -> str:
    return "docx" if by_suffix in (None, "docx") or b"word/" in head else by_suffix or "docx"


def is_binary(head: bytes) -> bool:
    """Whether bytes are no text: NUL bytes outside UTF-16, or many control characters."""
    if head.startswith(_UTF16):
        return False
    if b"\x00" in head:
        return not looks_utf16(head)
    control = sum(head.count(bytes((code,))) for code in (*range(1, 8), *range(14, 27), *range(28, 32)))
    return control > len(head) * 0.05 + 2


def looks_utf16(head: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be` where text without a byte order mark has every other byte NUL, else None."""
    if len(head) < 4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half * 0.4 and even < half * 0.02:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.02:
        return "utf-16-be"
    return None


def _as_text(head: bytes) -> str:
    if head.startswith(_UTF16):
        return head.decode("utf-16", "ignore")
    guess = looks_utf16(head)
    return head.decode(guess or "utf-8", "ignore")
