"""Files of Crossref or DataCite records, one record after the other, however large the file.

Understood by content, not by name: JSON lines; `{"items": […]}` as in Crossref's public data file; an answer of the API
(`message`, with or without `items`; DataCite's `data`); a list; a single record; any of these packed with gzip, in a
tar archive or in a folder.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib
import io
import itertools
import json
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from refkit import doi as dois
from refkit.errors import InputError
from refkit.model import Doi, JsonValue, Note, Severity
from refkit.store import lenient

SUFFIXES = (".json", ".jsonl", ".ndjson", ".gz", ".tar", ".tgz")
OTHERS = (".csv", ".tsv", ".txt", ".xml", ".md", ".sql")
"""What lies beside records in published data files, packed as they are."""
WHOLE = 16_000_000
"""Bytes up to which a JSON document is parsed at once; a larger one is taken apart as it is read."""
LONGEST_RECORD = 64_000_000


@dataclass(frozen=True, slots=True)
class Raw:
    """One record: parsed, and its bytes as they came (or as compact JSON where it stood inside a larger value)."""

    value: Mapping[str, JsonValue]
    data: bytes


def files(path: Path) -> list[Path]:
    """The files of records at `path`: itself, or those in the folder by suffix, sorted. Raises `InputError`."""
    try:
        if path.is_dir():
            found = (p for p in path.rglob("*") if _may_hold_records(p.name) and p.is_file())
            return sorted(p for p in found if not any(part.startswith(".") for part in p.relative_to(path).parts))
        with path.open("rb"):
            return [path]
    except FileNotFoundError:
        raise InputError(f"The records file {path} is not there.", "Check the path given with --records.") from None
    except OSError as error:
        raise InputError(f"The records in {path} cannot be read: {error.strerror or error}.") from None


def read(path: Path, notes: list[Note], told: Callable[[int], None] | None = None) -> Iterator[Raw]:
    """All records of one file; what is broken in it becomes a note that says where, and the rest goes on.

    Parameters: `told`, called with the number of the file's bytes each time that some were read.
    """
    reader = _Reader(str(path), notes)
    try:
        with path.open("rb") as stream:
            whole = cast("IO[bytes]", io.BufferedReader(_Told(stream, told), 1_000_000)) if told else stream
            yield from reader.stream(whole, str(path))
    except OSError as error:
        reader.complain("cannot be read further", error.strerror or str(error))


def _may_hold_records(name: str) -> bool:
    name = name.lower()
    return name.endswith(SUFFIXES) and not name.removesuffix(".gz").endswith(OTHERS)


def size(paths: list[Path]) -> int:
    """The size of files together, in bytes."""
    return sum(path.stat().st_size for path in paths)


def time(path: Path) -> int:
    """When a file was last changed, in seconds since 1970."""
    return int(path.stat().st_mtime)


_OPENING = re.compile(r"\s*(?:\[|\{.{0,20000}?\"(?:items|data)\"\s*:\s*\[)", re.DOTALL)
"""How a document begins that is a list of records, or holds one."""

_DAMAGED: tuple[type[Exception], ...] = (EOFError, zlib.error, gzip.BadGzipFile)
with contextlib.suppress(ImportError):
    _DAMAGED += (importlib.import_module("isal.isal_zlib").error,)


class _Reader:
    def __init__(self, path: str, notes: list[Note]) -> None:
        self._path = path
        self._notes = notes
        self._complaints = 0

    def complain(self, what: str, why: str = "", place: str = "") -> None:
        """Note that something is broken; after a hundred in one file the rest is only counted."""
        self._complaints += 1
        if self._complaints > 100:
            return
        where = f"{self._path}, {place}" if place else self._path
        message = f"{where} {what}{f': {why}' if why else ''}."
        if self._complaints == 100:
            message += " Further ones in this file are not listed."
        self._notes.append(Note("record-broken", message, Severity.WARNING, path=self._path, place=place or None))

    def stream(self, stream: IO[bytes], name: str) -> Iterator[Raw]:
        """The records in an open file, whatever it is packed in."""
        try:
            start, stream = _look(stream, 65536)
            if start.startswith(b"\x1f\x8b"):
                yield from self.stream(_unpacked(stream), name)
            elif start[257:262] == b"ustar":
                yield from self._archive(stream)
            else:
                yield from self._text(start, stream, name)
        except _DAMAGED as error:
            self.complain("ends in the middle or is damaged; what came before was read", str(error))

    def _archive(self, stream: IO[bytes]) -> Iterator[Raw]:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for member in archive:
                    content = archive.extractfile(member) if member.isfile() else None
                    if content is not None and _may_hold_records(member.name):
                        yield from self.stream(content, member.name)
        except tarfile.TarError as error:
            self.complain("is a damaged archive; what came before was read", str(error))

    def _text(self, start: bytes, stream: IO[bytes], name: str) -> Iterator[Raw]:
        start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start:
            return
        line, newline, rest = start.partition(b"\n")
        by_name = re.search(r"\.(jsonl|ndjson)(\.gz)?$", name.lower()) is not None
        if by_name or (newline and rest.strip() and _is_json(line)):
            yield from self._lines(stream)
        elif start[:1] in b"{[":
            yield from self._document(stream)
        else:
            self.complain("holds no JSON, so no records were taken from it")

    def _lines(self, stream: IO[bytes]) -> Iterator[Raw]:
        for number in itertools.count(1):
            line = stream.readline(LONGEST_RECORD)
            if not line:
                return
            place = f"line {number}"
            if len(line) == LONGEST_RECORD and not line.endswith(b"\n"):
                self.complain("is too long to be a record", place=place)
                while (line := stream.readline(LONGEST_RECORD)) and not line.endswith(b"\n"):
                    pass
                continue
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            line = line.strip()
            if line.endswith(b","):
                line = line[:-1]
            if line in (b"", b"[", b"]"):
                continue
            try:
                value = lenient.loads(line)
            except ValueError as error:
                self.complain("is not JSON", _short(error), place)
                continue
            if isinstance(value, dict) and isinstance(value.get("DOI"), str):
                yield Raw(value, line)
            else:
                yield from self._inside(value, place)

    def _document(self, stream: IO[bytes]) -> Iterator[Raw]:
        data = stream.read(WHOLE + 1)
        if len(data) <= WHOLE:
            try:
                value = lenient.loads(data)
            except ValueError:
                pass  # taken apart below, so that what stands before the damage is kept
            else:
                yield from self._inside(value, "")
                return
        yield from self._items(data, stream)

    def _items(self, data: bytes, stream: IO[bytes]) -> Iterator[Raw]:
        """The elements of the first list in a document, read piece by piece."""
        decoder = json.JSONDecoder()
        if _OPENING.match(data[:100_000].decode("utf-8-sig", "replace")) is None:
            yield from self._single(data + stream.read(LONGEST_RECORD))
            return
        text = io.TextIOWrapper(io.BufferedReader(_Chain(data, stream)), encoding="utf-8-sig", errors="replace")
        buffer = text.read(1_000_000)
        opening = _OPENING.match(buffer)
        position = opening.end() if opening else 0
        for number in itertools.count(1):
            while True:
                skipped = re.compile(r"[\s,]*").match(buffer, position)
                position = skipped.end() if skipped else position
                if buffer[position : position + 1] == "]":
                    return
                try:
                    value, position = decoder.raw_decode(buffer, position)
                    break
                except (ValueError, RecursionError) as error:
                    more = text.read(max(1_000_000, len(buffer) - position))
                    if not more or len(buffer) - position > LONGEST_RECORD:
                        self.complain("is broken; what came before was read", _short(error), f"record {number}")
                        return
                    buffer, position = buffer[position:] + more, 0
            yield from self._inside(lenient.whole(value), f"record {number}")

    def _single(self, data: bytes) -> Iterator[Raw]:
        try:
            value = lenient.loads(data)
        except ValueError as error:
            self.complain("is not JSON", _short(error))
        else:
            yield from self._inside(value, "")

    def _inside(self, value: JsonValue, place: str) -> Iterator[Raw]:
        """The records that stand in a parsed value of any of the known shapes."""
        if isinstance(value, list):
            for index, item in enumerate(value, 1):
                yield from self._inside(item, f"{place + ', ' if place else ''}record {index}")
            return
        if isinstance(value, Mapping):
            if isinstance(value.get("DOI"), str) or is_datacite(value):
                yield Raw(value, lenient.dumps(value))
                return
            for key in ("message", "items", "data"):
                if isinstance(value.get(key), (Mapping, list)):
                    yield from self._inside(value[key], place)
                    return
        self.complain("is no Crossref record: it has no DOI", place=place or "its content")


def is_datacite(value: Mapping[str, JsonValue]) -> bool:
    """Whether a record is one of DataCite's: a JSON:API resource with `attributes` (DataCite REST API, /dois)."""
    return isinstance(value.get("attributes"), Mapping) and isinstance(value["attributes"].get("doi"), str)


def doi_of(value: Mapping[str, JsonValue]) -> Doi | None:
    """The DOI that a record of Crossref or DataCite, or a CSL-JSON item, says it is of."""
    name = value.get("DOI")
    if name is None and is_datacite(value):
        name = value["attributes"]["doi"]
    if not isinstance(name, str):
        return None
    return dois.fold(name.strip()) if name.startswith("10.") else dois.parse(name)


def aliases(value: Mapping[str, JsonValue]) -> list[Doi]:
    """The other DOIs that a record says it is known by (`alias`, in some services `aliases`)."""
    if "alias" not in value and "aliases" not in value:
        return []
    names: list[JsonValue] = []
    for key in ("alias", "aliases"):
        found = value.get(key)
        names += found if isinstance(found, list) else [found]
    return [dois.fold(name) for name in names if isinstance(name, str)]


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(lenient.loads(line), Mapping)
    except ValueError:
        return False


def _short(error: Exception) -> str:
    return str(error).partition(": line")[0][:120]


def _unpacked(stream: IO[bytes]) -> IO[bytes]:
    """A gzip stream unpacked, by isal where it is installed, which is more than twice as fast."""
    try:
        opened: IO[bytes] = importlib.import_module("isal.igzip").open(stream)
    except ImportError:
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    return opened


class _Told(io.RawIOBase):
    """A stream that tells how much of it was read."""

    def __init__(self, stream: IO[bytes], told: Callable[[int], None]) -> None:
        self._stream = stream
        self._told = told

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        piece = self._stream.read(len(into))
        into[: len(piece)] = piece
        self._told(len(piece))
        return len(piece)


class _Chain(io.RawIOBase):
    """Bytes already read from a stream, and then the rest of it."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        piece: bytes | memoryview = self._head[: len(into)] if self._head else self._rest.read(len(into))
        self._head = self._head[len(piece) :]
        into[: len(piece)] = piece
        return len(piece)


def _look(stream: IO[bytes], size: int) -> tuple[bytes, io.BufferedReader]:
    """The first `size` bytes of a stream, and the stream as if they had not been read."""
    head = b""
    while len(head) < size and (more := stream.read(size - len(head))):
        head += more
    return head, io.BufferedReader(_Chain(head, stream), 1_000_000)
