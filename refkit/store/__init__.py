"""Records on disk: the cache of what services answered, and collections of records that the user has.

Both are SQLite files in one folder, made alike (`database`), with each record compressed by itself (`packing`).
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from refkit.model import Note, Progress
from refkit.settings import Settings
from refkit.store import collection, contents
from refkit.store.cache import UNLISTED, Cache, Harvest, is_fresh
from refkit.store.collection import Loaded
from refkit.store.contents import Info
from refkit.store.database import Absence, Kept, iso, now
from refkit.store.packing import Packer

__all__ = [
    "UNLISTED",
    "Absence",
    "Cache",
    "Harvest",
    "Info",
    "Kept",
    "Loaded",
    "Packer",
    "clear",
    "export",
    "folder",
    "info",
    "is_fresh",
    "iso",
    "load",
    "now",
]


def folder(settings: Settings) -> Path:
    """The folder that refkit keeps its records in: the setting `cache`, else the user's cache folder."""
    if settings.cache:
        return Path(settings.cache).expanduser()
    import platformdirs

    return platformdirs.user_cache_path("refkit", appauthor=False)


def info(settings: Settings) -> Info:
    """What the store holds: sizes, counts, ages, sources, and the collections that were loaded. Raises `InputError`."""
    return contents.info(folder(settings))


def clear(settings: Settings, *, collections: bool = False) -> int:
    """Forget all cached answers, and with `collections` what was loaded too; how many bytes that freed.

    Raises `InputError` where a file cannot be removed.
    """
    return contents.clear(folder(settings), collections=collections)


def export(settings: Settings, stream: BinaryIO) -> int:
    """Write the cached records as JSON lines, as they came; how many there were. Raises `InputError`."""
    return contents.export(folder(settings), stream)


def load(path: Path, settings: Settings, progress: Progress | None = None, notes: list[Note] | None = None) -> Loaded:
    """Load the records at `path` into a collection, which `--records` then finds; an interrupted load goes on.

    What is broken in the files is told in `notes`. Raises `InputError` where there is nothing to load.
    """
    return collection.load(path, folder(settings), notes if notes is not None else [], progress)
