"""Journal titles → abbreviations by the LTWA (ISO 4), where `pyiso4` is installed.

It is no dependency of refkit, since its own dependency `unidecode` is under the GPL.
Source: ISO 4; pyiso4's documentation.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from typing import Any


@lru_cache(maxsize=1)
def _abbreviator() -> Any:
    if find_spec("pyiso4") is None:
        return None
    from importlib import import_module

    return import_module("pyiso4.ltwa").Abbreviate.create()


@lru_cache(maxsize=4096)
def abbreviated(title: str) -> str:
    """The abbreviation of a journal's title, or the title where nothing can abbreviate it."""
    abbreviator = _abbreviator()
    return str(abbreviator(title, remove_part=True)) if abbreviator is not None else title
