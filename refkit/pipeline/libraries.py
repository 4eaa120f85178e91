"""Libraries that a call names: which format they are in, and their text, decoded so that every byte comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from refkit import files, formats, readers
from refkit.errors import InputError, LibraryError, UsageError
from refkit.formats.editing import Editing
from refkit.model import Library
from refkit.settings import Settings

LIBRARY_KINDS = frozenset({"bibtex", "ris", "csljson", "nbib"})
"""Kinds of document that are libraries, each called like its format: their entries count, with or without a DOI."""


@dataclass(frozen=True, slots=True)
class LibraryFile:
    """A library on disk: what the user called it, its format and its text."""

    name: str
    form: formats.Format
    file: files.TextFile

    def load(self) -> Library:
        """Its entries. Raises `LibraryError` that names it."""
        with self._named():
            return self.form.load(self.file.text)

    def edit(self, settings: Settings) -> Editing:
        """It, open for editing in place. Raises `LibraryError` that names it."""
        with self._named():
            return self.form.edit(self.file.text, settings, None if self.file.is_unicode else self.file.encodable)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except LibraryError as error:
            raise LibraryError(f"{self.name}: {error.message}", error.hint) from error


def open_library(path: Path, settings: Settings, *, may_be_new: bool = False) -> LibraryFile:
    """The library at `path`; its format is told by what is in it, else by its suffix.

    Parameters: `may_be_new`, whether a file that is not there yet is an empty library. Raises `InputError` for what is
    no library, `LibraryError` where it cannot be read.
    """
    kind = files.kind_of_path(path)
    if kind == "folder":
        raise InputError(f"{path} is a folder, not a library.", "Give a .bib, .ris or CSL-JSON file.")
    if kind == "other":
        raise InputError(f"{path} is not a regular file.", "Give a .bib, .ris or CSL-JSON file.")
    if kind == "absent" and not may_be_new:
        raise InputError(f"There is no file {path}.", "Give a .bib, .ris or CSL-JSON file.")
    if kind == "absent" and files.kind_of_path(path.absolute().parent) != "folder":
        raise UsageError(f"There is no folder {path.parent} to write {path.name} into.", "Make it first.")
    file = files.open_text(path)
    if _is_no_text(file.text):
        raise InputError(f"{path} is no text, so it is no library.", "Give a .bib, .ris or CSL-JSON file.")
    return LibraryFile(str(path), library_format(str(path), file.text, settings.format), file)


def _is_no_text(text: str) -> bool:
    """Whether a file begins like no text at all; a stray NUL in a library is none of our business."""
    beginning = text[: readers.HEAD]
    return sum(char < " " and char not in "\t\n\r\f\x1a" for char in beginning) > 0.05 * len(beginning)


def empty_library(form: formats.Format) -> LibraryFile:
    """A library of a format that is in no file, and has no entry yet."""
    return LibraryFile("", form, files.TextFile(Path(), "", "utf-8", files.fingerprint(None)))


def zotero_file(address: str) -> LibraryFile:
    """What a library that is no file but in Zotero goes by; it is only read."""
    nowhere = files.TextFile(Path(), "", "utf-8", files.fingerprint(None))
    return LibraryFile(address, formats.by_name("zotero-rdf"), nowhere)


def library_format(name: str, text: str, wanted: str = "") -> formats.Format:
    """The format of a library by its suffix, else by how its text begins, else (a new one) as wanted.

    Parameters: `name`, what the user called it; `wanted`, a format's name, which decides between BibTeX and biblatex
    too. Raises `InputError` for what is no library that refkit reads.
    """
    given = formats.by_suffix(Path(name).suffix)
    if text.strip() and (given is None or given.name == "csljson"):
        # ".json" and ".txt" may be anything; a library by another name is one all the same.
        kind = readers.kind_of(name, text[: readers.HEAD].encode("utf-8", "surrogateescape"))
        given = formats.by_name(kind) if kind in LIBRARY_KINDS else given
    elif given is None and wanted:
        given = formats.by_name(wanted)
    if given is None:
        raise InputError(f"{name} is no library that refkit reads.", "Give a .bib, .ris or CSL-JSON file.")
    return formats.by_name("biblatex") if (given.name, wanted) == ("bibtex", "biblatex") else given


def refuse_unencodable(library: LibraryFile, text: str) -> bytes:
    """The bytes of a library's new text. Raises `LibraryError` where its encoding cannot hold what was added."""
    try:
        return library.file.encode(text)
    except LibraryError as error:
        raise LibraryError(error.message, "Save it as UTF-8 first; nothing was written.") from error
