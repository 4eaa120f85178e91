"""Keys that another program gave refkit: in the user's keyring, else in a file that only the user can read."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
from pathlib import Path
from typing import Any

_SERVICE = "refkit"


def recall(name: str) -> str:
    """The key that is kept under `name`, "" where there is none."""
    with contextlib.suppress(Exception):  # whatever is wrong with a keyring: the file is there too
        if found := _keyring().get_password(_SERVICE, name):
            return str(found)
    return _read().get(name, "")


def keep(name: str, secret: str) -> str:
    """Keep a key under `name`; "" forgets it. Returns where it is kept now, for a sentence to the user."""
    try:
        if secret:
            _keyring().set_password(_SERVICE, name, secret)
            return "your keyring"
        _keyring().delete_password(_SERVICE, name)
    except Exception:  # noqa: BLE001, S110  # no keyring, a locked one, none on this system: the file is there for that
        pass
    kept = _read()
    if kept.get(name, "") == secret:
        return str(_path())
    kept.pop(name, None)
    if secret:
        kept[name] = secret
    return _write(kept)


def _keyring() -> Any:
    """The optional package of that name. Raises `ImportError` where it is not installed."""
    return importlib.import_module("keyring")


def _path() -> Path:
    import platformdirs

    return platformdirs.user_config_path("refkit", appauthor=False) / "keys.json"


def _read() -> dict[str, str]:
    try:
        kept = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(key) for name, key in kept.items()} if isinstance(kept, dict) else {}


def _write(kept: dict[str, str]) -> str:
    """Replace the file by one that was never readable by others, not even for a moment."""
    path = _path()
    beside = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(kept, stream, indent=1, sort_keys=True)
        beside.replace(path)
    except OSError:
        return "nowhere: the settings folder cannot be written"
    return str(path)
