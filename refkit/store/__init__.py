"""Records on disk: the cache of what services answered, and collections of records that the user has."""

from __future__ import annotations

from pathlib import Path

from refkit.settings import Settings


def folder(settings: Settings) -> Path:
    """The folder that refkit keeps its records in: the setting `cache`, else the user's cache folder."""
    if settings.cache:
        return Path(settings.cache).expanduser()
    import platformdirs

    return platformdirs.user_cache_path("refkit", appauthor=False)
