"""A whole text file, decoded so that every byte comes back, and encoded as it was."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from refkit.errors import LibraryError
from refkit.files.saving import fingerprint, read_whole


@dataclass(frozen=True, slots=True)
class TextFile:
    """The text of a library or manuscript, and how it is written.

    `text` is without byte order mark, with its newlines as they are; `fingerprint` is that of the bytes, "absent" for
    a file that is not there yet.
    """

    path: Path
    text: str
    encoding: str
    fingerprint: str
    bom: bytes = b""

    def encode(self, text: str) -> bytes:
        """The bytes of a text in this file's encoding, with its byte order mark.

        Raises `LibraryError` for letters that the encoding does not have.
        """
        try:
            return self.bom + text.encode(self.encoding, "surrogateescape")
        except UnicodeEncodeError as error:
            letters = text[error.start : error.end]
            raise LibraryError(f"{self.path} is written in {self.encoding}, which has no {letters!r}.") from error

    def encodable(self, text: str) -> bool:
        """Whether this file's encoding has all letters of `text`."""
        try:
            text.encode(self.encoding, "surrogateescape")
        except UnicodeEncodeError:
            return False
        return True


def open_text(path: Path) -> TextFile:
    """Read a text so that `encode(text)` gives the same bytes; a file that is not there is an empty text.

    Raises `LibraryError` where it cannot be read.
    """
    data = read_whole(path)
    print_ = fingerprint(data)
    data = data or b""
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return TextFile(path, data[len(bom) :].decode("utf-8", "surrogateescape"), "utf-8", print_, bom)
