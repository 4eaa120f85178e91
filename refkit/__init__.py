"""refkit finds the DOIs in documents, asks Crossref about them, and writes entries that merge into libraries.

`find`, `enrich`, `merge`, `cite` and `undo` are the commands of these names; the nouns they answer with are in
`refkit.model` and `refkit.report`. They are loaded when they are first used, so that importing refkit costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refkit.apps.api import cite as cite
    from refkit.apps.api import enrich as enrich
    from refkit.apps.api import find as find
    from refkit.apps.api import merge as merge
    from refkit.errors import RefkitError as RefkitError
    from refkit.pipeline.undoing import undo as undo
    from refkit.report import Report as Report

__version__ = "0.1.0"

_HOME = {
    "RefkitError": "refkit.errors",
    "Report": "refkit.report",
    "cite": "refkit.apps.api",
    "enrich": "refkit.apps.api",
    "find": "refkit.apps.api",
    "merge": "refkit.apps.api",
    "undo": "refkit.pipeline.undoing",
}

__all__ = ["RefkitError", "Report", "__version__", "cite", "enrich", "find", "merge", "undo"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'refkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
