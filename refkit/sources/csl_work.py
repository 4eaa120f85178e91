"""CSL-JSON as content negotiation gives it → Work; agencies differ in how much of CSL they know.

Crossref's has Crossref's own types and keys that CSL lacks, DataCite's has CSL types with typos, others either.
Source: CSL 1.0.2 `csl-data.json`; content negotiation docs of Crossref and DataCite.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from refkit.formats.csljson import DATES, KNOWN, NAMES
from refkit.formats.types import CROSSREF, CSL
from refkit.model import Origin, Work
from refkit.sources import crossref_work, dates, values
from refkit.sources.markup import paragraphs, plain, rich
from refkit.sources.names import from_contributor, mend_capitals

_TYPES = {"paper_conference": "paper-conference", "article_journal": "article-journal", "journal": "periodical"}
_TITLES = frozenset(("title", "title-short", "original-title"))


def work_from_record(record: Mapping[str, Any], *, origin: Origin) -> Work:
    """The work that a CSL-JSON item of a registration agency describes.

    Parameters: `record`, the item; one with a Crossref type is read as Crossref's record; `origin`, where it came from.
    """
    if not isinstance(record, Mapping):
        return Work({"type": "document"}, {}, origin)
    kind = record.get("type")
    if isinstance(kind, str) and kind in CROSSREF and kind not in CSL and isinstance(record.get("title"), (str, list)):
        return crossref_work.work_from_record(record, origin=origin)
    csl: dict[str, Any] = {"type": _type(kind)}
    math: dict[str, str] = {}
    for name, value in record.items():
        if name in ("type", "id") or name not in KNOWN:
            continue
        read = _names(value) if name in NAMES else _date(value) if name in DATES else _text(name, value, math)
        if read:
            csl[name] = read
    doi = record.get("DOI")
    if isinstance(doi, str) and doi.strip():
        csl["DOI"] = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)", "", doi.strip(), flags=re.IGNORECASE).translate(
            values.FOLD
        )
    extra: dict[str, Mapping[str, Any]] = {"math": math} if math else {}
    return Work(csl, extra, origin)


def _type(kind: Any) -> str:
    kind = str(kind or "").strip()
    kind = _TYPES.get(kind, kind)
    return kind if kind in CSL else CROSSREF[kind].csl if kind in CROSSREF else "document"


def _names(value: Any) -> list[dict[str, str]]:
    names = []
    for person in value if isinstance(value, list) else [value]:
        if not isinstance(person, Mapping):
            continue
        read = from_contributor({**person, "name": person.get("literal") or person.get("name")})
        if read is not None:
            name = read[0]
            for part in ("non-dropping-particle", "dropping-particle"):
                if isinstance(person.get(part), str) and person[part].strip() and "family" in name:
                    name["family"] = f"{plain(person[part])} {name['family']}"
            names.append(name)
    mend_capitals(names)
    return names


def _date(value: Any) -> dict[str, Any]:
    if parts := dates.parts(value):
        return dates.csl_date(parts)
    if isinstance(value, Mapping):
        for name in ("raw", "literal"):
            if isinstance(value.get(name), str) and value[name].strip():
                return dates.from_text(value[name])
    return dates.from_text(value) if isinstance(value, str) else {}


def _text(name: str, value: Any, math: dict[str, str]) -> str:
    if name == "abstract":
        return paragraphs(value) if isinstance(value, str) else ""
    if name in ("ISSN", "ISBN") and isinstance(value, list):
        return ", ".join(values.strings(value))
    if name == "page":
        return values.pages(values.text(value))
    if isinstance(value, list) and name in _TITLES:
        value = next(iter(values.strings(value)), "")
    if isinstance(value, str):
        text = rich(value, math) if name in _TITLES else plain(value)
        return values.without_stop(text) if name == "title" else text
    return values.text(value)
