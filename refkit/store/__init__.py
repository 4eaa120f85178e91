"""Records on disk: the cache of what services answered, and collections of records that the user has.

Both are SQLite files in one folder, made alike (`database`), with each record compressed by itself (`packing`).
"""

from __future__ import annotations

from pathlib import Path

from refkit.settings import Settings
from refkit.store.cache import Cache, Harvest, is_fresh
from refkit.store.database import Absence, Kept, now
from refkit.store.packing import Packer

__all__ = ["Absence", "Cache", "Harvest", "Kept", "Packer", "folder", "is_fresh", "now"]


def folder(settings: Settings) -> Path:
    """The folder that refkit keeps its records in: the setting `cache`, else the user's cache folder."""
    if settings.cache:
        return Path(settings.cache).expanduser()
    import platformdirs

    return platformdirs.user_cache_path("refkit", appauthor=False)
