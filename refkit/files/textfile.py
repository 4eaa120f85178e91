"""A whole text file, decoded so that every byte comes back, and encoded as it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from refkit import encodings
from refkit.encodings import Encoding
from refkit.errors import LibraryError
from refkit.files.saving import fingerprint, read_whole


@dataclass(frozen=True, slots=True)
class TextFile:
    """The text of a library or manuscript, and how it is written.

    `text` is without byte order mark, with its newlines as they are; `encoding` is Python's name of it; `fingerprint`
    is that of the bytes, "absent" for a file that is not there yet; `bom` and `tail` are bytes at its beginning and
    end that are no text; `why` says what the encoding was told by (`refkit.encodings.Encoding`).
    """

    path: Path
    text: str
    encoding: str
    fingerprint: str
    bom: bytes = b""
    tail: bytes = b""
    why: str = "valid"

    @property
    def is_unicode(self) -> bool:
        """Whether the file can hold all letters there are."""
        return self._how.is_unicode

    def encode(self, text: str) -> bytes:
        """The bytes of a text in this file's encoding, with its byte order mark.

        Raises `LibraryError` for letters that the encoding does not have.
        """
        try:
            return self._how.encode(text)
        except UnicodeEncodeError as error:
            letters = self._how.lacking(text)
            some = " ".join(letters[:10]) + (" …" if len(letters) > 10 else "")
            raise LibraryError(
                f"{self.path} is written in {self.encoding}, which has no {some}.",
                "Save it as UTF-8 first; nothing was written.",
            ) from error

    def encodable(self, text: str) -> bool:
        """Whether this file's encoding has all letters of `text`."""
        return not self._how.lacking(text)

    @property
    def _how(self) -> Encoding:
        return Encoding(self.encoding, self.bom, self.tail, self.why)


def open_text(path: Path) -> TextFile:
    """Read a text so that `encode(text)` gives the same bytes; a file that is not there is an empty text.

    Raises `LibraryError` where it cannot be read, or is a folder, a pipe or a device.
    """
    data = read_whole(path)
    text, how = encodings.decode(data or b"")
    return TextFile(path, text, how.name, fingerprint(data), how.bom, how.tail, how.why)
