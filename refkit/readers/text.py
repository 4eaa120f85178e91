"""Plain text, Markdown and whatever else is read as it stands; a large one in overlapping windows."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from refkit.model import Document, Note, Severity
from refkit.readers import HEAD, Limits, OpenSibling, kind_of
from refkit.readers.kinds import looks_utf16

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
    """Decode a text: by its byte order mark, else UTF-8, else UTF-16 by its NULs, else Windows-1252 or Latin-1.

    Returns the text without the byte order mark, the encoding's name, and notes on what was doubtful.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return (
                data[len(mark) :].decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace"),
                encoding,
                (),
            )
    if b"\x00" in data[:HEAD] and (utf16 := looks_utf16(data[:HEAD])):
        return data.decode(utf16, "replace"), utf16, ()
    try:
        return data.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError:
        pass
    encoding = _one_byte(data)
    return data.decode(encoding, "replace"), encoding, (_guessed(encoding),)


def _one_byte(data: bytes) -> str:
    """Windows-1252 where its printable C1 positions are used and its five holes are not, else Latin-1."""
    used = set(data) & set(range(0x80, 0xA0))
    return "cp1252" if used and not used & {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "latin-1"


def _guessed(encoding: str) -> Note:
    return Note("encoding-guessed", f"The text is not UTF-8; it was read as {encoding}.", Severity.INFO)


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
        if utf16 := looks_utf16(head) if b"\x00" in head else None:
            encoding = utf16
        elif not _is_utf8(stream, 1 << 20):
            encoding = _one_byte(stream.read(1 << 20))
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
