"""Plain text, Markdown and whatever else is read as it stands; a large one in overlapping windows."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from refkit import encodings
from refkit.model import Document, Note, Severity
from refkit.readers import HEAD, Limits, OpenSibling, kind_of

OVERLAP = 16_384
"""Characters that two windows share, so that nothing is lost where one ends."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
         (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read a text in windows of `limits.window` characters; see `refkit.readers.read`."""
    head = stream.read(HEAD)
    kind = kind_of(name, head) or "text"
    size = stream.seek(0, 2)
    stream.seek(0)
    if size <= limits.window:
        text, encoding, notes = decode(stream.read())
        yield Document(name, kind, text, encoding=encoding, notes=notes)
        return
    yield from _windows(stream, name, kind, head, limits)


def decode(data: bytes) -> tuple[str, str, tuple[Note, ...]]:
    """Decode a text by the evidence that `refkit.encodings` finds in it.

    Returns the text without the byte order mark, the encoding's name, and notes on what was doubtful.
    """
    text, how = encodings.decode(data)
    if how.why == "valid":
        return text, how.name, ()
    # Nothing is written back here, and a lone surrogate could not be shown.
    text = _STRAY.sub("\ufffd", text)
    return text, how.name, (_guessed(how.name),) if how.why in ("guessed", "broken") else ()


_STRAY = re.compile("[\ud800-\udfff]")


def _guessed(encoding: str) -> Note:
    return Note("encoding-guessed", f"The text is not valid UTF-8; it was read as {encoding}.", Severity.INFO)


def _windows(stream: BinaryIO, name: str, kind: str, head: bytes, limits: Limits) -> Iterator[Document]:
    """Decode piece by piece; each window begins with the end of the one before."""
    encoding, skip = "utf-8", 0
    notes: tuple[Note, ...] = ()
    errors = "surrogateescape"
    for mark, marked in _BOMS:
        if head.startswith(mark):
            encoding, skip = marked, len(mark)
            break
    else:
        if wide := encodings.by_nulls(head) if b"\x00" in head else "":
            encoding = wide
        elif not _is_utf8(stream, 1 << 20):
            encoding = encodings.decode(stream.read(1 << 20))[1].name
            notes = (_guessed(encoding),)
    if encoding != "utf-8":
        errors = "replace"
    stream.seek(skip)
    if errors == "surrogateescape":
        yield from _utf8_windows(stream, name, kind, limits)
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    offset, carried, so_far = 0, "", 0
    while data := stream.read(limits.window):
        so_far += len(data)
        text = carried + decoder.decode(data, final=False)
        yield Document(name, kind, text, offset=offset, encoding=encoding, notes=notes)
        notes = ()
        if so_far >= limits.bytes:
            yield _cut_off(name, kind, offset + len(text), limits)
            return
        kept = min(OVERLAP, len(text))
        offset += len(text) - kept
        carried = text[len(text) - kept :]


def _utf8_windows(stream: BinaryIO, name: str, kind: str, limits: Limits) -> Iterator[Document]:
    """The same for UTF-8, in one buffer that is never copied: each window is decoded with what is kept of the last."""
    buffer = bytearray(OVERLAP + limits.window)
    view = memoryview(buffer)
    kept, offset, so_far = 0, 0, 0
    while count := _fill(stream, view[kept : kept + limits.window]):
        so_far += count
        end = kept + count
        text, used = codecs.utf_8_decode(view[:end], "surrogateescape", False)
        yield Document(name, kind, text, offset=offset, encoding="utf-8")
        if so_far >= limits.bytes:
            yield _cut_off(name, kind, offset + len(text), limits)
            return
        start = max(0, used - OVERLAP)
        while start < used and buffer[start] & 0xC0 == 0x80:  # not inside a character
            start += 1
        shared, _ = codecs.utf_8_decode(view[start:used], "surrogateescape", False)
        offset += len(text) - len(shared)
        kept = end - start
        view[:kept] = view[start:end]


def _fill(stream: BinaryIO, view: memoryview) -> int:
    """Read into `view`; the number of bytes, 0 at the end."""
    if hasattr(stream, "readinto"):
        return int(stream.readinto(view) or 0)
    data = stream.read(len(view))
    view[: len(data)] = data
    return len(data)


def _cut_off(name: str, kind: str, offset: int, limits: Limits) -> Document:
    said = f"{name} was read to {limits.bytes} bytes; what follows was left out."
    return Document(name, kind, "", offset=offset, notes=(Note("limit-bytes", said, Severity.WARNING),))


def _is_utf8(stream: BinaryIO, size: int) -> bool:
    stream.seek(0)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(stream.read(size), final=False)
    except UnicodeDecodeError:
        return False
    finally:
        stream.seek(0)
    return True
