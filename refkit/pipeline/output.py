"""Entries → a file of their own: which format, and never over something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from refkit import edits, files, formats
from refkit.errors import UsageError
from refkit.model import Entry
from refkit.pipeline.merging import Prepared
from refkit.report import Report
from refkit.settings import Settings


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Result:
    """What `enrich` gives: the entries, their text in the chosen format, and the report on all of it.

    `encode` makes bytes of the text: UTF-8, but a library that was an input keeps its encoding. Of a merge into a
    library `entries` are those that were added, `text` is the whole library, and `prepared` is the merge. Of works that
    were sent to another program `entries` are those that were added, and `said` is a sentence about it.
    """

    text: str
    entries: Sequence[Entry]
    report: Report
    format: str
    encode: Callable[[str], bytes] = field(default=_utf8, repr=False)
    prepared: Prepared | None = None
    said: str = ""

    @property
    def data(self) -> bytes:
        """The text as bytes."""
        return self.encode(self.text)


def choose_format(settings: Settings, output: Path | None) -> formats.Format:
    """The output format: by setting, else by the output's suffix, else BibTeX. Raises `UsageError`."""
    if settings.format:
        return formats.by_name(settings.format)
    if output is None:
        return formats.by_name("bibtex")
    form = formats.by_suffix(output.suffix)
    if form is None:
        known = ", ".join(sorted({s for f in formats.FORMATS for s in f.suffixes}))
        raise UsageError(f"The suffix of {output} names no format.", f"Use one of {known}, or say --format.")
    return form


Outcome = Literal["written", "unchanged", "nothing"]


def check_output(path: Path, inputs: Sequence[str]) -> None:
    """Refuse an output that cannot work before anything is read or asked. Raises `UsageError`."""
    if files.kind_of_path(path) == "folder":
        raise UsageError(f"{path} is a folder.", "Give -o a file name.")
    if files.kind_of_path(path.parent) != "folder":
        raise UsageError(f"There is no folder {path.parent} to write {path.name} into.", "Make it first.")
    if any(i != "-" and Path(i).resolve() == path.resolve() for i in inputs):
        raise UsageError(f"{path} is an input and cannot be the output too.", "Write to another file.")


def write_new(path: Path, result: Result, settings: Settings) -> Outcome:
    """Write the text of `result` to `path`, a file of its own; running it twice changes nothing.

    Raises `UsageError` where another file is there and may not be replaced, `LibraryError` where writing fails.
    """
    data = result.data
    before = files.read_whole(path)
    if before == data:
        return "unchanged"
    if is_refused(path, result, settings):
        raise UsageError(
            f"{path} is there already and holds something else.",
            "Say --into to merge into it, --overwrite to replace it, or write to another file.",
        )
    if not result.entries:
        return "nothing"
    if before is None:
        files.save(path, data, expected=files.fingerprint(before))
    else:  # something of the user's goes: it can be had back
        change = files.FileChange(path, files.fingerprint(before), data)
        files.commit(
            [change], command=f"refkit -o {files.argument(path)}", keep=settings.remember, most=settings.undo_steps
        )
    return "written"


def is_refused(path: Path, result: Result, settings: Settings) -> bool:
    """Whether `write_new` would refuse, because another file is there."""
    before = files.read_whole(path)
    return before is not None and before != result.data and not settings.overwrite


def preview(path: Path, result: Result) -> str:
    """What `write_new` would change, as a unified diff."""
    before = files.read_whole(path)
    old = (before or b"").decode("utf-8", errors="surrogateescape")
    return edits.diff(str(path), old, result.text, created=before is None)
