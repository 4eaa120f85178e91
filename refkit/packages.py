"""ZIP containers (OOXML, ODF, EPUB) opened with bounds: no member is trusted to be as small as it says."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


# --- writing back --------------------------------------------------------------------------------

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DESCRIBED = 1 << 3
"""The flag that says that sizes follow the data; refkit's own members state them in front."""
_STORED, _DEFLATED = 0, 8


@dataclass(slots=True)
class _Member:
    """One row of the central directory as it stands in the container: its bytes, name and where its data begins."""

    row: bytes
    name: str
    offset: int
    method: int


def rewritten(data: bytes, changed: Mapping[str, bytes], name: str) -> bytes:
    """The container `data` with the members of `changed` put in the place of theirs, new ones at the end.

    All other members are copied as they are: headers, order, compression, what stands between them, the comment.
    Parameters: `name`, for messages. Raises `ReadError` for a container that is not of the plain kind that word
    processors write (ZIP64 offsets, a member twice). Source: APPNOTE 6.3.
    """
    members, start, tail = _directory(data, name)
    names = [member.name for member in members]
    if twice := next((one for one in changed if names.count(one) > 1), None):
        raise ReadError(f"{name} is damaged: it holds {twice} twice.", "Open and save it again.")
    order = sorted(members, key=lambda member: member.offset)
    limits = [*(member.offset for member in order[1:]), start]
    pieces = [data[: order[0].offset]] if order else []
    size = len(pieces[0]) if pieces else 0
    rows: dict[int, bytes] = {}
    for member, limit in zip(order, limits, strict=True):
        if member.name in changed:
            local, row = _packed(data, member, changed[member.name], size)
        else:
            local, row = data[member.offset : limit], _moved(member.row, size)
        rows[id(member)] = row
        pieces.append(local)
        size += len(local)
    directory = [rows[id(member)] for member in members]
    for added in (one for one in changed if one not in names):
        local, row = _new(data, members, added, changed[added], size)
        pieces.append(local)
        directory.append(row)
        size += len(local)
    return b"".join((*pieces, *directory, _ending(tail, len(directory), sum(map(len, directory)), size)))


def _directory(data: bytes, name: str) -> tuple[list[_Member], int, bytes]:
    """The rows of the central directory, where it begins, and the end record with its comment."""
    at = data.rfind(b"PK\5\6", max(0, len(data) - 65_557))
    if at < 0:
        raise ReadError(f"{name} is no ZIP container, or a damaged one.", "Open and save it again.")
    _, disk, _, _, count, length, offset, _ = _END.unpack_from(data, at)
    if disk or offset == 0xFFFFFFFF or count == 0xFFFF or offset + length > at:
        raise ReadError(f"{name} is a ZIP container of a kind that refkit does not write.", "Open and save it again.")
    members = list(_rows(data, offset, offset + length, name))
    return members, offset, data[at:]


def _rows(data: bytes, at: int, end: int, name: str) -> Iterator[_Member]:
    while at < end:
        if data[at : at + 4] != b"PK\1\2":
            raise ReadError(f"{name} is damaged: its list of members is broken.", "Open and save it again.")
        values = _CENTRAL.unpack_from(data, at)
        flags, method, named, extra, comment, offset = (
            values[3],
            values[4],
            values[10],
            values[11],
            values[12],
            values[16],
        )
        if offset == 0xFFFFFFFF or data[offset : offset + 4] != b"PK\3\4":
            raise ReadError(
                f"{name} is a ZIP container of a kind that refkit does not write.", "Open and save it again."
            )
        length = _CENTRAL.size + named + extra + comment
        raw = data[at + _CENTRAL.size : at + _CENTRAL.size + named]
        yield _Member(data[at : at + length], raw.decode("utf-8" if flags & 0x800 else "cp437"), offset, method)
        at += length


def _moved(row: bytes, offset: int) -> bytes:
    return row[:42] + struct.pack("<L", offset) + row[46:]


def _packed(data: bytes, member: _Member, content: bytes, offset: int) -> tuple[bytes, bytes]:
    """A member with new content under its old name, time and attributes: its local piece and its row."""
    values = list(_CENTRAL.unpack_from(member.row))
    method = member.method if member.method == _STORED else _DEFLATED
    packed = _deflated(content) if method == _DEFLATED else content
    flags, named, extra = values[3] & ~_DESCRIBED, values[10], values[11]
    crc = zlib.crc32(content)
    raw = member.row[_CENTRAL.size : _CENTRAL.size + named]
    local = _LOCAL.pack(b"PK\3\4", 20, flags, method, values[5], values[6], crc, len(packed), len(content), len(raw), 0)
    values[2:5] = [20, flags, method]
    values[7:10] = [crc, len(packed), len(content)]
    values[11] = 0
    values[16] = offset
    comment = member.row[_CENTRAL.size + named + extra :]
    return local + raw + packed, _CENTRAL.pack(*values) + raw + comment


def _new(data: bytes, members: list[_Member], name: str, content: bytes, offset: int) -> tuple[bytes, bytes]:
    """A member that was not there, with the time of the first one, so that the same run gives the same bytes."""
    first = _CENTRAL.unpack_from(members[0].row)
    raw = name.encode()
    packed = _deflated(content)
    flags = 0 if name.isascii() else 0x800
    shared = (20, flags, _DEFLATED, first[5], first[6], zlib.crc32(content), len(packed), len(content), len(raw), 0)
    row = _CENTRAL.pack(b"PK\1\2", 20, *shared, 0, 0, 0, 0, offset)
    return _LOCAL.pack(b"PK\3\4", *shared) + raw + packed, row + raw


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def _ending(tail: bytes, count: int, length: int, offset: int) -> bytes:
    return tail[:8] + struct.pack("<2H2L", count, count, length, offset) + tail[20:]
