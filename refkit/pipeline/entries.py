"""What the libraries of some manuscripts hold: keys and works by DOI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from refkit import doi as dois
from refkit import files
from refkit.model import Doi, Work
from refkit.pipeline.libraries import open_library
from refkit.settings import Settings


@dataclass(frozen=True, slots=True)
class Entries:
    """What is known of the libraries of some manuscripts: `target` gets what is new; key and work of each entry by its
    DOI, and all keys; `fingerprints` are the libraries' own, in order."""

    target: Path
    others: tuple[Path, ...]
    by_doi: Mapping[Doi, tuple[str, Work]]
    keys: Mapping[str, Work]
    fingerprints: tuple[str, ...] = ()


Shelf = dict[tuple[Path, ...], Entries]
"""Libraries that were read already."""


def entries_of(paths: Sequence[Path], settings: Settings, before: Entries | None = None) -> Entries:
    """The entries of some libraries; the first may not be there yet. Raises `InputError` and `LibraryError`.

    Parameters: `before`, what was read of them earlier, which holds as long as none of them changed.
    """
    fingerprints = tuple(
        files.fingerprint(files.read_whole(path) if files.kind_of_path(path) == "file" else None) for path in paths
    )
    if before is not None and before.fingerprints == fingerprints:
        return before
    by_doi: dict[Doi, tuple[str, Work]] = {}
    keys: dict[str, Work] = {}
    for number, path in enumerate(paths):
        if number and files.kind_of_path(path) != "file":
            continue
        library = open_library(path, settings, may_be_new=number == 0)
        for entry in library.load().entries if library.file.text.strip() else ():
            if not entry.key:
                continue
            keys.setdefault(entry.key, entry.work)
            doi = entry.work.csl.get("DOI")
            if doi and (parsed := dois.parse(str(doi))):
                by_doi.setdefault(parsed, (entry.key, entry.work))
    return Entries(paths[0], tuple(paths[1:]), by_doi, keys, fingerprints)
