"""Values that are joined when two entries become one: keywords, notes, files and groups, in each format's writing."""

from __future__ import annotations

import json
import re
from typing import Any

JOINS: dict[str, str] = {
    **dict.fromkeys(("keywords", "keyword", "kw", "mendeley-tags", "tags", "categories"), "words"),
    **dict.fromkeys(("groups", "ids", "citeulike-linkout", "added-at"), "words"),
    **dict.fromkeys(("file", "files", "pdf", "localfile", "local-url", "attachments", "l1", "l2", "l3", "l4"), "files"),
    "ur": "files",
    **dict.fromkeys(("note", "n1"), "note"),
    **dict.fromkeys(("annote", "annotation", "comment", "comments", "review", "rn", "notes", "annotate"), "text"),
    **{f"bdsk-{kind}-{number}": "numbered" for kind in ("file", "url") for number in range(1, 100)},
    **{f"comment-{who}": "text" for who in ("", "own")},
}
"""Field (in small letters) → how two values become one: `words` and `files` lists without repetition, `note` one line,
`text` paragraphs, `numbered` another field of the next number (BibDesk)."""


def join(mine: str, theirs: str, how: str, form: str) -> str:
    """Two raw values of a field as one; the first as it is where it holds the second already.

    Parameters: `how`, one of the kinds of `JOINS`; `form`, the library's format.
    """
    if form == "ris":
        known = mine.split("\n")
        folded = {_folded(line) for line in known}
        return "\n".join([*known, *(line for line in theirs.split("\n") if _folded(line) not in folded)])
    if form == "csljson":
        return _join_json(mine, theirs, how)
    return _join_bibtex(mine, theirs, how)


def next_numbered(name: str, taken: set[str]) -> str:
    """The name of BibDesk's next field of this kind: `Bdsk-File-2`."""
    stem = name.rpartition("-")[0]
    number = 1
    while f"{stem}-{number}".casefold() in taken:
        number += 1
    return f"{stem}-{number}"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _join_json(mine: str, theirs: str, how: str) -> str:
    x, y = json.loads(mine), json.loads(theirs)
    both: Any
    if isinstance(x, list) and isinstance(y, list):
        both = [*x, *(item for item in y if item not in x)]
    elif isinstance(x, str) and isinstance(y, str):
        both = _join_text(x, y, how)
    else:
        return mine
    return mine if both == x else json.dumps(both, ensure_ascii=False)


def _join_bibtex(mine: str, theirs: str, how: str) -> str:
    inner, other = _inner(mine), _inner(theirs)
    if inner is None or other is None:  # macros: BibTeX itself can join them
        return mine if theirs in mine else f"{mine} # {{{_GLUE[how]}}} # {theirs}"
    both = _join_text(inner, other, how)
    if both == inner:
        return mine
    if mine[0] == '"' and '"' not in both:
        return f'"{both}"'
    return "{" + both + "}"


def _inner(raw: str) -> str | None:
    """What stands between a raw value's delimiters, None where it is put together from several."""
    text = raw.strip()
    if re.fullmatch(r"\d+", text):
        return text
    if text[:1] == '"' and text[-1:] == '"' and text.count('"') == 2:
        return text[1:-1]
    if text[:1] == "{" and text[-1:] == "}":
        depth = 0
        for place, char in enumerate(text):
            depth += (char == "{") - (char == "}")
            if depth == 0:
                return text[1:-1] if place == len(text) - 1 else None
    return None


_GLUE = {"words": ", ", "files": ";", "note": "; ", "text": "\n\n"}


def _join_text(mine: str, theirs: str, how: str) -> str:
    if not mine.strip():
        return theirs
    if how in {"note", "text"}:
        if _folded(theirs) in _folded(mine):
            return mine
        return theirs if _folded(mine) in _folded(theirs) else f"{mine}{_GLUE[how]}{theirs}"
    mark = _mark(mine, how) or _mark(theirs, how) or _GLUE[how]
    items, others = _split(mine, how), _split(theirs, how)
    known = {_folded(item) for item in items}
    new = [item for item in dict.fromkeys(others) if _folded(item) not in known]
    return mark.join([mine.rstrip(" ,;"), *new]) if new else mine


def _mark(text: str, how: str) -> str:
    """What stands between the items of a list as it is written."""
    if how == "files":
        return ";" if re.search(r"(?<!\\);", text) else ""
    for mark in ("; ", ";", ", ", ","):
        if mark in text:
            return mark
    return ""


def _split(text: str, how: str) -> list[str]:
    pattern = r"(?<!\\);" if how == "files" else r"\s*[;,]\s*" if ";" not in text else r"\s*;\s*"
    return [item.strip() for item in re.split(pattern, text) if item.strip()]
