"""All settings of refkit, built once at the door and passed down; nothing else reads the environment.

Strongest first: option, environment, `refkit.toml` or `[tool.refkit]` in `pyproject.toml` in this folder or above,
the user's `refkit/config.toml`, default. A setting's key is its long option with `_` for `-`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refkit.errors import UsageError


def _setting(default: Any, says: str, *, env: str = "", secret: bool = False) -> Any:
    metadata = {"says": says, "env": env, "secret": secret}
    if isinstance(default, (list, dict)):
        raise TypeError("settings are immutable")
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default; `metadata["says"]` of each field is its documentation."""

    mailto: str = _setting("", "your e-mail address, for the polite pools of Crossref and DataCite", env="REFKIT_MAILTO", secret=True)
    token: str = _setting("", "Crossref Plus token", env="REFKIT_CROSSREF_TOKEN", secret=True)
    cache: str = _setting("", "folder of the record store (default: the user's cache folder)", env="REFKIT_CACHE")
    offline: bool = _setting(False, "ask no service: records and cache only", env="REFKIT_OFFLINE")
    records: tuple[str, ...] = _setting((), "Crossref records on disk, asked before the network")
    crossref_url: str = _setting("https://api.crossref.org", "Crossref's REST API", env="REFKIT_CROSSREF_URL")
    datacite_url: str = _setting("https://api.datacite.org", "DataCite's REST API", env="REFKIT_DATACITE_URL")
    doi_url: str = _setting("https://doi.org", "the DOI proxy", env="REFKIT_DOI_URL")
    format: str = _setting("", "output format where neither --format nor the suffix of -o says it (default: bibtex)")
    ris_dialect: str = _setting("standard", "standard, zotero or endnote")
    key_clash: str = _setting("letters", "how keys that clash are told apart: letters")


SECRETS = frozenset(f.name for f in dataclasses.fields(Settings) if f.metadata["secret"])
