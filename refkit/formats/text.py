"""A formatted bibliography as plain text, in any CSL style, by citeproc-py. It is written only, never read back.

Source: CSL 1.0.2; citeproc-py's documentation. Styles are not part of refkit; citeproc-py brings one.
"""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Sequence
from typing import Any

from refkit.errors import LibraryError, UsageError
from refkit.formats.csljson import DATES, NAMES, item
from refkit.model import Entry, Library
from refkit.settings import Settings


def dump(entries: Sequence[Entry], settings: Settings, dialect: str = "") -> str:
    """Entries as a formatted bibliography, one paragraph each, in the order of the style.

    Raises `UsageError` where the style that `settings.style` names cannot be used.
    """
    if not entries:
        return ""
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # citeproc-py warns of every variable that it does not know
        try:
            style = CitationStylesStyle(settings.style or "harvard-cite-them-right", validate=False)
        except (OSError, ValueError, SyntaxError) as error:
            hint = "Name a .csl file; styles are at https://www.zotero.org/styles."
            raise UsageError(f"The style {settings.style!r} cannot be used: {error}.", hint) from error
        source = CiteProcJSON([_plain(entry, f"k{number}") for number, entry in enumerate(entries)])
        bibliography = CitationStylesBibliography(style, source, formatter.plain)
        for key in source:
            bibliography.register(Citation([CitationItem(key)]))
        bibliography.sort()
        lines = [str(line) for line in bibliography.bibliography()]
    return "\n".join(_clean(line) for line in lines) + "\n"


def _plain(entry: Entry, key: str) -> dict[str, Any]:
    """An item with only what citeproc-py can take: names it knows, dates with parts, markup as it is."""
    out: dict[str, Any] = {}
    for name, value in item(entry).items():
        if name in DATES:
            if isinstance(value, dict) and value.get("date-parts"):
                out[name] = {"date-parts": [row for row in value["date-parts"] if row][:2]}
        elif name in NAMES:
            out[name] = [
                {"family": one["literal"], "given": ""}
                if "literal" in one
                else {part: one[part] for part in ("family", "given", "suffix") if part in one}
                for one in value
            ]
        elif isinstance(value, str) and name not in ("abstract", "citation-key"):
            out[name] = value
    out["id"] = key
    return out


def _clean(line: str) -> str:
    return re.sub(r" +", " ", html.unescape(re.sub(r"</?(?:i|b|sub|sup|span)\b[^<>]*>", "", line))).strip()


def load(text: str, dialect: str = "") -> Library:
    """Raises `LibraryError`: formatted text is not a library."""
    raise LibraryError(
        "A formatted bibliography cannot be read back as a library.", "Convert from the library it was made of."
    )
