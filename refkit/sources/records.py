"""Records on disk (`--records`), asked before any service: looked up where they were loaded, else read through."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from refkit.model import Doi, Note, Progress
from refkit.settings import Settings
from refkit.store import Kept, Packer, collection, folder, recordfiles

NAME = "records"
LARGE = 200_000_000
"""Bytes of records, packed or not, whose reading takes long enough for a word about loading them."""


def pick(
    settings: Settings, wanted: Collection[Doi], notes: list[Note], progress: Progress | None = None
) -> Iterator[tuple[Doi, Kept]]:
    """The records of the wanted DOIs, also under the other names that a record says it has; earlier paths come first.

    Of several records of a DOI in one path the last counts. Raises `InputError` for a path that is not there, before
    any is read.
    """
    paths = [Path(path).expanduser() for path in settings.records]
    files = {path: recordfiles.files(path) for path in paths}
    for path in paths:
        if not files[path]:
            notes.append(Note("records-empty", f"{path} holds no files of records (.json, .jsonl, .gz, .tar)."))
        elif wanted and (found := collection.look_up(path, folder(settings), wanted)) is not None:
            yield from found.items()
        elif wanted:
            yield from _read_through(path, files[path], wanted, notes, progress).items()


def _read_through(
    path: Path, files: list[Path], wanted: Collection[Doi], notes: list[Note], progress: Progress | None
) -> dict[Doi, Kept]:
    size = recordfiles.size(files)
    if size > LARGE:
        message = (
            f"{path} was read from end to end ({size / 1e9:.1f} GB). Load it once with `refkit cache load {path}`, and "
            "it is looked up from then on."
        )
        notes.append(Note("records-large", message, path=str(path)))
    packer = Packer()
    found: dict[Doi, Kept] = {}
    if progress is not None:
        progress.start("Reading records", size)
    for file in files:
        fetched = recordfiles.time(file)
        for raw in recordfiles.read(file, notes, progress.advance if progress is not None else None):
            own = recordfiles.doi_of(raw.value)
            if own is None:
                continue
            names = [n for n in (own, *recordfiles.aliases(raw.value)) if n in wanted]
            if names:
                kept = Kept(own, packer.pack(raw.data), packer, NAME, "", fetched)
                found.update((name, kept) for name in names)
    if progress is not None:
        progress.stop()
    return found
