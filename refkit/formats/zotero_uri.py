"""The name by which a work is known to Zotero wherever refkit writes it: the same in documents and in libraries.

A citation in a document bears `item_uri`, an item that refkit sends bears it too (as its key where the way in allows
that, else as a `dc:replaces` relation), so that Zotero finds the one by the other. Source: Zotero's item keys (eight
of 33 characters) and URIs; its integration looks up the key whoever the user in the URI is, then `dc:replaces`.
"""

from __future__ import annotations

import hashlib
import re

from refkit.formats.plain import without_markup
from refkit.model import Work

KEY_CHARACTERS = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"
"""What Zotero's keys are made of: no 0, 1 and O."""

KEY = re.compile(f"[{KEY_CHARACTERS}]{{8}}")


def identity(work: Work) -> str:
    """What tells a work from all others: its DOI, else its title, first author and year; "" where it has none of these.

    Never shown, only hashed; letters of either case are one, and so are all signs between words.
    """
    csl = work.csl
    if isinstance(doi := csl.get("DOI"), str) and doi.strip():
        return f"doi {doi.strip().lower()}"
    title = _folded(csl.get("title"))
    names = csl.get("author") or csl.get("editor") or ()
    first = names[0] if isinstance(names, (list, tuple)) and names and isinstance(names[0], dict) else {}
    name = _folded(first.get("family") or first.get("literal") or first.get("given"))
    issued = csl.get("issued")
    year = re.search(r"\d{4}", str(issued)) if issued else None
    parts = [title, name, year[0] if year else ""]
    return f"words {' '.join(parts)}" if title or name else ""


def item_key(work: Work) -> str:
    """The key of the item that refkit makes of a work, always the same; "" for a work of which nothing is known."""
    known = identity(work)
    if not known:
        return ""
    number = int.from_bytes(hashlib.sha256(known.encode("utf-8", "surrogatepass")).digest()[:8], "big")
    characters = []
    for _ in range(8):
        number, index = divmod(number, len(KEY_CHARACTERS))
        characters.append(KEY_CHARACTERS[index])
    return "".join(characters)


def item_uri(work: Work) -> str:
    """The URI of that item, for the `uris` of a citation in a document; "" for a work of which nothing is known."""
    key = item_key(work)
    return f"http://zotero.org/users/0/items/{key}" if key else ""


def _folded(value: object) -> str:
    return " ".join(re.findall(r"\w+", without_markup(value).casefold())) if isinstance(value, str) else ""
