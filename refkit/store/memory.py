"""Where refkit remembers what it sent to other programs: the user's data folder, which nobody empties to save room."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from refkit.errors import LibraryError


def memory_path(program: str, name: str) -> Path:
    """The file that remembers what went to `name` of a program; its folder is made where it is missing.

    Raises `LibraryError` where that cannot be.
    """
    import platformdirs

    folder = platformdirs.user_data_path("refkit", appauthor=False) / program
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(f"{folder} cannot be made: {error.strerror}.", "It remembers what was sent.") from error
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:80]
    # Names of which a letter was left out may look alike now: groups in other scripts, above all.
    apart = "" if plain == name else f"-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return folder / f"{plain}{apart}.json"
