"""What a call names, turned into documents and DOIs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from refkit import doi as dois
from refkit import files, readers
from refkit.errors import InputError
from refkit.model import Note, Progress, Question, Severity
from refkit.report import DocumentRow, Report


@dataclass(frozen=True, slots=True)
class DocumentInput:
    """A document to read: what the user called it, and where its bytes are."""

    name: str
    path: Path
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class DoiInput:
    """A DOI that was named in the call itself."""

    written: str
    question: Question


@dataclass(frozen=True, slots=True)
class Call:
    """What a door was given: inputs, what is no input though it lies among them, and where `-` reads from.

    `inputs` are paths, DOIs or DOI links, `arXiv:ID`, or `-`; `leave_out` holds resolved paths (the output file).
    """

    inputs: Sequence[str]
    leave_out: frozenset[Path] = frozenset()
    stdin: BinaryIO | None = None
    progress: Progress | None = None


def expand(call: Call, report: Report) -> Iterator[DocumentInput | DoiInput | DocumentRow]:
    """Turn what was given in the call into documents and DOIs, folders recursively, in a stable order.

    What cannot be used is a row with its error; `report` is told of it, and what was skipped. A file wins over a DOI of
    the same spelling.
    """
    for given in call.inputs:
        try:
            if given == "-" and call.stdin is not None:
                yield DocumentInput("-", files.spool(call.stdin), temporary=True)
            else:
                yield from _expand_one(given, report, call.leave_out)
        except InputError as error:
            report.unusable = True
            yield DocumentRow(given, error=str(error))


def _expand_one(given: str, report: Report, leave_out: frozenset[Path]) -> Iterator[DocumentInput | DoiInput]:
    path = Path(given)
    kind = files.kind_of_path(path)
    if kind == "folder":
        yield from _folder(path, report, leave_out)
    elif kind == "file":
        yield DocumentInput(given, path)
    elif kind == "other":
        raise InputError(f"{given} is not a regular file.", "Pipe it in and give - as the input.")
    else:
        yield DoiInput(given, _named(given))


def _folder(folder: Path, report: Report, leave_out: frozenset[Path]) -> Iterator[DocumentInput]:
    seen = False
    for path in files.walk(folder, leave_out):
        if readers.is_document(path.name, files.head(path)) or not files.is_readable(path):
            seen = True
            yield DocumentInput(str(path), path)
        else:
            report.skipped.append(str(path))
    if not seen:
        message = f"The folder {folder} holds no document that refkit reads."
        report.notes.append(Note("no-documents", message, Severity.WARNING, path=str(folder)))


def _named(given: str) -> Question:
    """The question that a DOI named in the call asks. Raises `InputError` for what is no DOI."""
    scheme, _, rest = given.partition(":")
    if scheme.lower() == "zotero":
        raise InputError("A Zotero library is no document.", "Say refkit enrich or refkit export with it.")
    if scheme.lower() == "arxiv" and rest:
        # One DOI for all versions (arXiv's DOI registration; DataCite is its agency).
        return Question((dois.fold(f"10.48550/arxiv.{_without_version(rest.strip())}"),))
    parsed = dois.parse(given)
    if parsed is not None:
        return Question((parsed,))
    if given.lower().startswith(("http://", "https://")):
        raise InputError(
            f"There is no DOI in the address {given}.",
            "refkit does not download pages: give its DOI, or save the page and give the file.",
        )
    raise InputError(f"There is no file {given}, and it is not a DOI.", "Check the path or the DOI.")


def _without_version(arxiv_id: str) -> str:
    stem, v, version = arxiv_id.rpartition("v")
    return stem if v and version.isdigit() else arxiv_id


def library_bytes(given: str, stdin: BinaryIO | None = None) -> bytes:
    """The bytes of a library that was named in the call. Raises `InputError` where there is none."""
    if given == "-" and stdin is not None:
        return stdin.read()
    kind = files.kind_of_path(Path(given))
    if kind != "file":
        what = {"absent": "There is no file", "folder": "A folder is no library:"}.get(kind, "This is no file:")
        raise InputError(f"{what} {given}.", "Give a .bib, .ris or CSL-JSON file.")
    return files.read_whole(Path(given)) or b""
