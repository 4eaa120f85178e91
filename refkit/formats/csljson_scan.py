"""refkit's own scanner of CSL-JSON files: where items and their members stand, to the character.

Values are read by `json` itself, so that the scanner takes exactly what `json` takes; it adds where they begin and end.
Source: RFC 8259; the shapes in which CSL-JSON is kept: an array, an object with `items` or `references`, one item, and
one item a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json.decoder import JSONDecodeError
from typing import Any, NamedTuple

from refkit.errors import LibraryError


class Element(NamedTuple):
    """One value of a library's list: `[start, end)`, and `said`, the few statements that are looked at first; None
    where it is no CSL item."""

    start: int
    end: int
    said: dict[str, Any] | None


class Layout(NamedTuple):
    """A library's list: `kind` is `array`, `lines`, `single` or `empty`; an array's brackets are before `opens` and at
    `closes`."""

    kind: str
    elements: tuple[Element, ...]
    opens: int = 0
    closes: int = 0


class Member(NamedTuple):
    """One member of an object: its name; its key begins at `start`, its value is `[value, end)`."""

    name: str
    start: int
    value: int
    end: int


GLANCED = (
    *("id", "citation-key", "title", "issued", "page", "DOI", "PMID", "PMCID", "ISBN", "URL", "note"),
    *("archive_location", "number", "volume"),
)
"""Members that tell what an item is called, and whether it may be the counterpart of a work."""

_LISTS = ("items", "references")
_BLANK = re.compile(r"[ \t\r\n]*")
_DECODE = json.JSONDecoder().raw_decode


def scan(text: str) -> Layout:
    """The layout of a CSL-JSON library.

    Raises `LibraryError` with line and column where the text is no JSON, or is no list of items.
    """
    try:
        return _scan(text)
    except JSONDecodeError as error:
        where = f"in line {_line(text, error.pos)}, column {_column(text, error.pos)}"
        raise LibraryError(f"The library is not valid JSON: {error.msg} {where}.", _HINT) from error
    except RecursionError as error:
        raise LibraryError("The library is nested too deeply to be CSL-JSON.", _HINT) from error
    except ValueError as error:  # a number of thousands of digits
        raise LibraryError(f"The library is not valid JSON: {error}.", _HINT) from error


_HINT = "Mend it or export it anew; nothing was changed."


def _line(text: str, at: int) -> int:
    return len(re.findall(r"\r\n|\r|\n", text[:at])) + 1


def _column(text: str, at: int) -> int:
    return at - max(text.rfind("\n", 0, at), text.rfind("\r", 0, at))


def _scan(text: str) -> Layout:
    at = skip(text, 1 if text.startswith("\ufeff") else 0)
    if at >= len(text):
        return Layout("empty", (), at, at)
    if text[at] == "[":
        return _array(text, at, whole=True)
    value, end = _DECODE(text, at)
    behind = skip(text, end)
    if behind < len(text):
        if text[behind] != "{" or not isinstance(value, dict):
            raise JSONDecodeError("Something follows the end of the list", text, behind)
        return Layout("lines", tuple(_lines(text, at)))
    if isinstance(value, dict):
        if any(isinstance(value.get(name), list) for name in _LISTS):
            return _array(text, _list_at(text, at), whole=False)
        if "itemType" in value or (said := glanced(value)) is None:
            raise LibraryError("The file is JSON, but no CSL-JSON library.", "Export your library as CSL-JSON.")
        return Layout("single", (Element(at, end, said),))
    raise LibraryError("The file is JSON, but no CSL-JSON library.", "Export your library as CSL-JSON.")


def _array(text: str, opens: int, *, whole: bool) -> Layout:
    elements: list[Element] = []
    at = skip(text, opens + 1)
    while text[at : at + 1] != "]" or elements:
        value, end = _DECODE(text, at)
        elements.append(Element(at, end, glanced(value)))
        at = skip(text, end)
        if text[at : at + 1] == ",":
            at = skip(text, at + 1)
        elif text[at : at + 1] == "]":
            break
        else:
            raise JSONDecodeError("A comma or a closing bracket is missing", text, at)
    if whole and (behind := skip(text, at + 1)) < len(text):
        raise JSONDecodeError("Something follows the end of the list", text, behind)
    return Layout("array", tuple(elements), opens + 1, at)


def _list_at(text: str, at: int) -> int:
    """Where the list of an object with `items` or `references` begins."""
    at = skip(text, at + 1)
    while True:
        name, at = _DECODE(text, at)
        at = skip(text, skip(text, at) + 1)
        if name in _LISTS and text[at] == "[":
            return at
        _, at = _DECODE(text, at)
        at = skip(text, skip(text, at) + 1)


def _lines(text: str, at: int) -> Iterator[Element]:
    while at < len(text):
        value, end = _DECODE(text, at)
        yield Element(at, end, glanced(value))
        at = skip(text, end)


def glanced(value: Any) -> dict[str, Any] | None:
    """The statements of an item that are looked at first; None where a value is no CSL item."""
    if not isinstance(value, dict) or not ("type" in value or "title" in value or "id" in value):
        return None
    return {name: value[name] for name in GLANCED if name in value}


def skip(text: str, at: int) -> int:
    """Behind the blanks at an offset."""
    found = _BLANK.match(text, at)
    return found.end() if found else at


def value_at(text: str, at: int) -> Any:
    """The JSON value that begins at an offset."""
    return _DECODE(text, at)[0]


def members(text: str, at: int) -> list[Member]:
    """The members of the object that begins at an offset, in order, repeated ones too."""
    found: list[Member] = []
    at = skip(text, at + 1)
    while text[at : at + 1] == '"':
        start = at
        name, at = _DECODE(text, at)
        value = skip(text, skip(text, at) + 1)
        _, end = _DECODE(text, value)
        found.append(Member(name, start, value, end))
        at = skip(text, end)
        if text[at : at + 1] == ",":
            at = skip(text, at + 1)
    return found
