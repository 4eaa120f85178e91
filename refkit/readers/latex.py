"""LaTeX: the source as it stands, comments left out; `\\input` and `\\include` are followed inside the folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from refkit.errors import ReadError
from refkit.model import Break, Document, Note, Span, Zone
from refkit.readers import Limits, OpenSibling
from refkit.readers.text import decode

_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*%[^\n]*|\\begin\{comment\}.*?\\end\{comment\}|\\iffalse\b.*?\\fi\b", re.DOTALL)
_INPUT = re.compile(r"\\(?:input|include|subfile|import)\s*\{([^{}]{1,200})\}")
_MOST = 200


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read a source as one Document; what it pulls in follows it. See `refkit.readers.read`."""
    data = stream.read(limits.whole + 1)
    if len(data) > limits.whole:
        raise ReadError(f"{name} is larger than {limits.whole >> 20} MB.", "Split it, or raise the limit.")
    text, encoding, first_notes = decode(data)
    notes: list[Note] = list(first_notes)
    pieces, breaks, zones = [text], [Break(0, "line")], list(_zones(text, 0))
    offset = len(text)
    waiting = list(_inputs(text))
    seen: set[str] = set()
    while waiting and open_sibling is not None and len(seen) < _MOST:
        target = waiting.pop(0)
        if target in seen:
            continue
        seen.add(target)
        more = open_sibling(target)
        if more is None:
            notes.append(Note("input-missing", f"{name} pulls in {target}, which is not in its folder."))
            continue
        inner, _, _ = decode(more)
        pieces.append("\n" + inner)
        breaks.append(Break(offset + 1, f"{target}, line"))
        zones.extend(_zones(inner, offset + 1))
        waiting.extend(_inputs(inner))
        offset += 1 + len(inner)
    yield Document(
        name, "latex", "".join(pieces), encoding=encoding, breaks=tuple(breaks), zones=tuple(zones), notes=tuple(notes)
    )


def _inputs(text: str) -> Iterator[str]:
    for match in _INPUT.finditer(_COMMENT.sub("", text)):
        target = match.group(1).strip()
        yield target if re.search(r"\.[A-Za-z]{2,4}$", target) else target + ".tex"


_LIST = re.compile(r"\\begin\{thebibliography\}.*?(?:\\end\{thebibliography\}|\Z)", re.DOTALL)


def _zones(text: str, offset: int) -> Iterator[Zone]:
    """Reference lists and comments; a `%` inside a DOI's link is percent-encoding and begins none."""
    for match in _LIST.finditer(text):
        yield Zone("references", Span(offset + match.start(), offset + match.end()))
    for match in _COMMENT.finditer(text):
        start = match.start() + (match.group().find("%") if "%" in match.group()[:3] else 0)
        if re.match(r"%[0-9A-Fa-f]{2}", text[start : start + 3]) and re.search(
            r"10\.\d{4,9}[^\s{}]*$", text[max(0, start - 80) : start]
        ):
            continue
        yield Zone("ignored", Span(offset + start, offset + match.end()))
