"""Records on disk (`--records`): asked before any service, read once from end to end, only what is wanted kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from refkit import doi as dois
from refkit.model import Doi, Note, Progress
from refkit.sources.crossref import Record, aliases
from refkit.store import recordfiles


def pick(
    paths: Sequence[str], wanted: Collection[Doi], notes: list[Note], progress: Progress | None = None
) -> Iterator[tuple[Doi, Record]]:
    """The records of the wanted DOIs, also under the other names that a record says it has; earlier paths come first.

    Raises `InputError` for a path that is not there, before any is read.
    """
    lists = [recordfiles.files(Path(path).expanduser()) for path in paths]
    files = [file for found in lists for file in found]
    for path, found in zip(paths, lists, strict=True):
        if not found:
            notes.append(Note("records-empty", f"{path} holds no files of records (.json, .jsonl, .gz, .tar)."))
    if not files or not wanted:
        return
    if progress is not None:
        progress.start("Reading records", len(files))
    for file in files:
        for raw in recordfiles.read(file, notes):
            own = _own_doi(raw)
            for name in {own, *aliases(raw.value)}:
                if name in wanted:
                    yield name, Record(own, raw.value)
        if progress is not None:
            progress.advance()
    if progress is not None:
        progress.stop()


def _own_doi(raw: recordfiles.Raw) -> Doi:
    if recordfiles.is_datacite(raw.value):
        return dois.fold(raw.value["attributes"]["doi"])
    return dois.fold(raw.value["DOI"])
