"""What every door does before and after the work: build the settings, read the clock of exit codes, write reports."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from refkit import files, settings
from refkit.report import Report


def load_settings(options: Mapping[str, Any], where: str = "the call") -> settings.Settings:
    """The settings that hold here: `options` first, then environment, files and defaults (docs/settings.md).

    Parameters: `options` by name, None for those not given. Raises `UsageError` naming the place of what is wrong.
    """
    import platformdirs

    user_folder = Path(platformdirs.user_config_dir("refkit", appauthor=False))
    layers = [settings.Layer(where, options), settings.from_environment(os.environ)]
    layers += [settings.from_toml(text, str(path)) for path, text in files.settings_files(Path.cwd(), user_folder)]
    return settings.build(layers)


def write_report(report: Report, path: Path) -> None:
    """Write the report as JSON; an older report is replaced, it is refkit's own file. Raises `LibraryError`."""
    text = json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n"
    data = text.encode("utf-8", errors="backslashreplace")
    files.save(path, data, expected=files.fingerprint(files.read_whole(path)))
