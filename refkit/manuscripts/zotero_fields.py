"""The codes by which Zotero keeps citations in word processors, written and read.

A code names the works (`uris`), holds their records (`itemData`) and how they are cited; what a reader sees is beside
it in the document. Source: Zotero's integration (`integration.js`) and the CSL citation schema (`csl-citation.json`).
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refkit.formats.csl_render import Cite, Segments, plain
from refkit.formats.csljson import DATES, KNOWN, NAMES, work_of
from refkit.formats.csljson_zotero import flavoured
from refkit.formats.zotero_uri import identity, item_uri
from refkit.model import JsonValue, Work

CITATION = "ZOTERO_ITEM CSL_CITATION"
BIBLIOGRAPHY = "ZOTERO_BIBL"
PREFERENCE = "ZOTERO_PREF_"
"""What the names of the document properties begin with that hold the preferences, in pieces."""

_SCHEMA = "https://github.com/citation-style-language/schema/raw/master/csl-citation.json"
_PIECE = 255
"""Characters that one document property holds at most."""
_LEFT_OUT = frozenset({"abstract", "keyword", "references", "custom", "categories", "citation-key", "id"})
_OURS = "refkit"
_RTF = {"i": "\\i", "b": "\\b", "sup": "\\super", "sub": "\\sub", "u": "\\ul", "sc": "\\scaps"}


@dataclass(frozen=True, slots=True)
class CitedWork:
    """A work as a document names it: what tells it from others, its URIs, its id there, and its record (a CSL item)."""

    identity: str
    uris: tuple[str, ...]
    id: JsonValue
    data: Mapping[str, JsonValue]

    @property
    def work(self) -> Work:
        """The work of the record."""
        return work_of(self.data)


@dataclass(frozen=True, slots=True)
class CitationCode:
    """What a citation's code says: its id, its works with how each is cited (a `Cite` whose key is the work's
    identity), the text that it showed when it was written, whether refkit wrote it last, and the number of its note."""

    id: str
    works: tuple[CitedWork, ...]
    cites: tuple[Cite, ...]
    shown: str | None = None
    ours: bool = False
    note: int = 0


def cited_work(work: Work, key: str) -> CitedWork:
    """A work of the library as documents name it, under its citation key."""
    data = {name: value for name, value in work.csl.items() if name in KNOWN and name not in _LEFT_OUT}
    whole = flavoured({"id": key, **data, "type": data.get("type") or "document"}, NAMES, DATES)
    uri = item_uri(work) or f"urn:refkit:{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return CitedWork(identity(work) or uri, (uri,), key, whole)


def citation(code: CitationCode, shown: Segments, note: int = 0, *, in_order: bool = False) -> str:
    """The code of a citation.

    Parameters: `shown`, what it reads; `note`, the number of the note in which it stands, 0 in the text; `in_order`,
    whether its works keep their order although the style may sort them.
    """
    works = {work.identity: work for work in code.works}
    value = {
        "citationID": code.id,
        "properties": {
            "formattedCitation": _rtf(shown),
            "plainCitation": plain(shown),
            "noteIndex": note,
            **({"unsorted": True} if in_order and len(code.cites) > 1 else {}),
            _OURS: 1,
        },
        "citationItems": [_cited(works[cite.key], cite) for cite in code.cites],
        "schema": _SCHEMA,
    }
    return f"{CITATION} {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"


def _cited(work: CitedWork, cite: Cite) -> dict[str, JsonValue]:
    out: dict[str, JsonValue] = {"id": work.id, "uris": list(work.uris), "itemData": dict(work.data)}
    given = (("locator", cite.locator), ("label", cite.label), ("prefix", cite.prefix), ("suffix", cite.suffix))
    out.update((name, value) for name, value in given if value)
    if cite.suppress_author:
        out["suppress-author"] = True
    return out


def _rtf(shown: Segments) -> str:
    """Segments in the RTF that Zotero compares its own rendering with."""
    pieces = []
    for text, formats in shown:
        inner = re.sub(r"([\\{}])", r"\\\1", text)
        for one in sorted(formats):
            inner = f"{{{_RTF[one]}{{}}{inner}}}" if one in _RTF else inner
        pieces.append(inner)
    return "".join(pieces)


def read_citation(code: str) -> CitationCode | None:
    """What a citation's code says, in Zotero's or Mendeley's fields; None where it is none, or is broken."""
    found = re.search(r"CSL_CITATION\s*(?=\{)", code)
    value = _json(code[found.end() :]) if found else None
    items = value.get("citationItems") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(items, list):
        return None
    works, cites = [], []
    for item in items:
        if isinstance(item, dict) and (work := _read_work(item)) is not None:
            works.append(work)
            cites.append(_read_cite(item, work.identity))
    properties = value.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    shown, note = properties.get("plainCitation"), properties.get("noteIndex")
    return CitationCode(
        str(value.get("citationID") or ""), tuple(works), tuple(cites),
        shown if isinstance(shown, str) else None, bool(properties.get(_OURS)), note if isinstance(note, int) else 0,
    )  # fmt: skip


def _read_work(item: Mapping[str, JsonValue]) -> CitedWork | None:
    data = item.get("itemData")
    data = data if isinstance(data, dict) else {}
    given = item.get("uris") or item.get("uri") or []
    uris = tuple(str(uri) for uri in (given if isinstance(given, list) else [given]))
    known = identity(work_of(data)) or (uris[0] if uris else str(item.get("id") or ""))
    return CitedWork(known, uris, item.get("id", ""), data) if known else None


def _read_cite(item: Mapping[str, JsonValue], key: str) -> Cite:
    def words(name: str) -> str:
        value = item.get(name)
        return "" if value is None else str(value)

    return Cite(
        key, words("prefix"), words("suffix"), words("locator"), words("label"), bool(item.get("suppress-author"))
    )


def _json(text: str) -> Any:
    for one in (text, html.unescape(text)):
        try:
            return json.JSONDecoder().raw_decode(one)[0]
        except (ValueError, RecursionError):
            continue
    return None


def bibliography(uncited: Sequence[CitedWork] = ()) -> str:
    """The code of a bibliography; `uncited` are works that it lists though nothing cites them.

    Zotero names these by their URIs only; their records stand beside, so that the list can be made anew.
    """
    held: JsonValue = [{"uris": list(work.uris), "id": work.id, "itemData": dict(work.data)} for work in uncited] or 1
    value = {"uncited": [list(work.uris) for work in uncited], "omitted": [], "custom": [], _OURS: held}
    return f"{BIBLIOGRAPHY} {json.dumps(value, ensure_ascii=False, separators=(',', ':'))} CSL_BIBLIOGRAPHY"


def is_bibliography(code: str) -> bool:
    """Whether a field's code is a bibliography's, Zotero's or Mendeley's."""
    return BIBLIOGRAPHY in code or "CSL_BIBLIOGRAPHY" in code


def read_own_bibliography(code: str) -> tuple[CitedWork, ...] | None:
    """The uncited works of a bibliography that refkit wrote last; None where another program did."""
    value = _json(code[code.find("{") :]) if BIBLIOGRAPHY in code and "{" in code else None
    held = value.get(_OURS) if isinstance(value, dict) else None
    if not held:
        return None
    found = [_read_work(one) for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    return tuple(work for work in found if work is not None)


# --- preferences ---------------------------------------------------------------------------------


def preferences(address: str, locale: str, *, kind: str, has_bibliography: bool, note: bool) -> str:
    """A document's preferences as Zotero reads them.

    Parameters: `address`, the style's id; `kind`, `Field` in Word, `ReferenceMark` in LibreOffice; `note`, whether the
    style's citations stand in footnotes.
    """
    session = hashlib.sha256(address.encode()).hexdigest()[:8]
    style = html.escape(address, quote=True)
    note_type = '<pref name="noteType" value="1"/>' if note else ""
    return (
        f'<data data-version="3" zotero-version="refkit"><session id="{session}"/>'
        f'<style id="{style}" locale="{html.escape(locale, quote=True)}" hasBibliography="{int(has_bibliography)}" '
        f'bibliographyStyleHasBeenSet="0"/><prefs><pref name="fieldType" value="{kind}"/>'
        f"{note_type}</prefs></data>"
    )


def pieces(text: str) -> list[str]:
    """Preferences in pieces that a document property can hold."""
    return [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]


def style_of(text: str) -> str:
    """The address of the style that preferences name, "" where they name none."""
    found = re.search(r"<style\b[^>]*\bid=\"([^\"]*)\"|\"styleID\"\s*:\s*\"([^\"]*)\"", text)
    return html.unescape((found[1] or found[2]) if found else "")


def is_own_preferences(text: str) -> bool:
    """Whether refkit wrote the preferences last."""
    return 'zotero-version="refkit"' in text
