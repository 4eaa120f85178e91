"""What reference managers hide in documents: field codes and marks with the cited items inside."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator
from typing import Any

_DOI_TAG = re.compile(r"<electronic-resource-num>(.*?)</electronic-resource-num>", re.DOTALL)
_STYLE = re.compile(r"<[^>]*>")
_PROGRAMS = (
    ("ZOTERO", "Zotero field"),
    ("Mendeley", "Mendeley field"),
    ("MENDELEY", "Mendeley field"),
    ("EN.CITE", "EndNote field"),
    ("Citavi", "Citavi field"),
    ("CSL_CITATION", "citation field"),
)


def program(code: str) -> str:
    """The name of the field, for a mention's place."""
    return next((label for mark, label in _PROGRAMS if mark in code[:400]), "field code")


def dois(code: str) -> Iterator[str]:
    """The DOIs, as written, of the items inside a field code (Zotero, Mendeley, EndNote, Citavi), in order."""
    brace = code.find("{")
    if brace >= 0 and ("CSL_CITATION" in code[:brace] or "BIBL" in code[:brace] or code.lstrip().startswith("{")):
        yield from _from_json(code[brace:])
        return
    text = code if "<" in code else html.unescape(code)
    for match in _DOI_TAG.finditer(text):
        yield html.unescape(_STYLE.sub("", match.group(1))).strip()


def from_base64(data: str) -> Iterator[str]:
    """The DOIs of a field whose data is base64: EndNote's `fldData`, Mendeley's and Citavi's content controls."""
    text = decoded(data)
    if "electronic-resource-num" in text:
        yield from dois(text)
    elif "{" in text:
        yield from _from_json(text[text.find("{") :])


def decoded(data: str) -> str:
    """The text of base64 data, "" where it is none."""
    packed = re.sub(r"\s", "", data)
    try:
        raw = base64.b64decode(packed + "=" * (-len(packed) % 4))
    except (binascii.Error, ValueError):
        return ""
    return raw.decode("utf-16-le" if raw[1:2] == b"\x00" else "utf-8", "replace")


def _from_json(text: str) -> Iterator[str]:
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        for match in re.finditer(r'"(?:DOI|Doi|doi)"\s*:\s*"([^"]{6,300})"', text):
            yield match.group(1)
        return
    yield from _walk(value, 0)


def _walk(value: Any, depth: int) -> Iterator[str]:
    if depth > 40:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("DOI", "doi", "Doi") and isinstance(inner, str):
                yield inner
            else:
                yield from _walk(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, depth + 1)
