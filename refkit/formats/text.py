"""A formatted bibliography as plain text, in any CSL style, by citeproc-py. It is written only, never read back.

Source: CSL 1.0.2; citeproc-py's documentation.
"""

from __future__ import annotations

from collections.abc import Sequence

from refkit.errors import LibraryError
from refkit.formats import csl_render, csl_styles
from refkit.formats.csljson import item
from refkit.model import Entry, Library
from refkit.settings import Settings


def dump(entries: Sequence[Entry], settings: Settings, dialect: str = "") -> str:
    """Entries as a formatted bibliography, one paragraph each, in the order of the style.

    Raises `UsageError` where the style that `settings.style` names cannot be used.
    """
    if not entries:
        return ""
    style = csl_styles.load(settings.style or csl_styles.DEFAULT)
    works = {f"{number} {entry.key}": item(entry) for number, entry in enumerate(entries)}
    lines = [csl_render.plain(shown) for _, shown in csl_render.Rendering(style, works).bibliography()]
    return "".join(f"{' '.join(line.split())}\n" for line in lines)


def load(text: str, dialect: str = "") -> Library:
    """Raises `LibraryError`: formatted text is not a library."""
    raise LibraryError(
        "A formatted bibliography cannot be read back as a library.", "Convert from the library it was made of."
    )
