"""ZIP containers (OOXML, ODF, EPUB) opened with bounds: no member is trusted to be as small as it says."""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO

from refkit.errors import ReadError

_CHUNK = 1 << 16
_SMALL = 64 << 20


_DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""What `zipfile` raises for bytes that are no ZIP container, or a damaged one; RuntimeError covers encrypted members
and, by its subclass, compression methods that it does not know."""


class Package:
    """A ZIP container whose members are read with limits.

    Parameters: `stream`, seekable; `name`, for messages; `members`, how many at most; `unpacked`, bytes of all members
    read together; `ratio`, how many times larger than packed a member of over 64 MB may get. Raises `ReadError`.
    """

    def __init__(
        self, stream: BinaryIO, name: str, *, members: int = 20_000, unpacked: int = 512 << 20, ratio: int = 200
    ) -> None:
        self.name = name
        self._left = unpacked
        self._unpacked, self._ratio = unpacked, ratio
        try:
            self._zip = zipfile.ZipFile(stream)
            infos = self._zip.infolist()
        except _DAMAGED as error:
            raise ReadError(
                f"{name} is no ZIP container, or a damaged one ({error}).", "Open and save it again."
            ) from error
        if len(infos) > members:
            raise ReadError(f"{name} has {len(infos)} members; more than {members} are taken for a bomb.")
        self._infos = {info.filename: info for info in infos}

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names, in the order of the container; they are only ever compared, never used as paths."""
        return tuple(self._infos)

    def __contains__(self, member: str) -> bool:
        return member in self._infos

    def read(self, member: str) -> bytes:
        """The bytes of a member, b"" where there is none. Raises `ReadError` at a limit or where it is damaged."""
        info = self._infos.get(member)
        if info is None:
            return b""
        if info.flag_bits & 1:
            raise ReadError(
                f"{self.name} is encrypted and needs a password.", "Save a copy without one, and read that."
            )
        pieces: list[bytes] = []
        size = 0
        try:
            with self._zip.open(info) as stream:
                while piece := stream.read(_CHUNK):
                    size += len(piece)
                    self._left -= len(piece)
                    if self._left < 0 or (size > _SMALL and size > self._ratio * max(info.compress_size, 1)):
                        raise ReadError(
                            f"{self.name} unpacks to more than refkit takes ({member}); it looks like a ZIP bomb."
                        )
                    pieces.append(piece)
        except _DAMAGED as error:
            raise ReadError(
                f"{self.name} is damaged: {member} cannot be unpacked ({error}).", "Open and save it again."
            ) from error
        return b"".join(pieces)
