"""CSL-JSON as Zotero's importer keeps it whole: the setting `csl_dialect = "zotero"`.

Zotero's CSL import drops name suffixes, particles and container-title-short, and refuses a whole file for one item of
the type `software`; what it drops is written where it does keep it. The result is valid against the CSL schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REFUSED_TYPES = frozenset({"software"})
"""CSL types for which Zotero refuses the whole file; `Type:` in the note, which becomes Extra, brings them back."""


def flavoured(item: Mapping[str, Any], names: frozenset[str], dates: frozenset[str]) -> dict[str, Any]:
    """A CSL-JSON item in Zotero's flavour.

    Parameters: `item`, valid against the schema; `names` and `dates`, the variables of these kinds.
    """
    out: dict[str, Any] = {}
    for variable, value in item.items():
        if variable in names and isinstance(value, list):
            out[variable] = [_name(one) if isinstance(one, Mapping) else one for one in value]
        elif variable in dates and isinstance(value, Mapping):
            out[variable] = _date(value)
        elif variable == "container-title-short":
            out["journalAbbreviation"] = value
        else:
            out[variable] = value
    if isinstance(out.get("id"), str):
        out.setdefault("citation-key", out["id"])
    if out.get("type") in REFUSED_TYPES:
        out["note"] = "\n".join(part for part in (f"Type: {out['type']}", out.get("note")) if part)
        out["type"] = "document"
    return out


def _name(person: Mapping[str, Any]) -> dict[str, Any]:
    """`family: "van der Berg", given: "John, Jr."`: Zotero splits these again when it exports them."""
    dropped = ("dropping-particle", "non-dropping-particle", "suffix", "comma-suffix", "family", "given")
    family, given = one_field_family(person)
    out = {part: value for part, value in person.items() if part not in dropped}
    return out | ({"family": family} if "family" in person else {}) | ({"given": given} if given else {})


def one_field_family(person: Mapping[str, Any]) -> tuple[str, str]:
    """Family and given name of a CSL name as Zotero has them, particles before the one, a suffix behind the other."""
    particles = [str(person[part]) for part in ("dropping-particle", "non-dropping-particle") if person.get(part)]
    family, given = str(person.get("family") or ""), str(person.get("given") or "")
    if family:
        family = _joined(*particles, family)
    if suffix := person.get("suffix"):
        given = f"{given}, {suffix}" if given else str(suffix)
    return family, given


def _joined(*parts: str) -> str:
    text = ""
    for part in parts:
        text += part if not text or text.endswith(("'", "’", "-")) else f" {part}"
    return text


def _date(date: Mapping[str, Any]) -> dict[str, Any]:
    """With `raw`, Zotero keeps the date as ISO; with date-parts alone it writes it out in English words."""
    parts = date.get("date-parts")
    if "raw" in date or not isinstance(parts, list) or len(parts) != 1 or not isinstance(parts[0], list):
        return dict(date)
    if not parts[0] or not all(isinstance(part, int) for part in parts[0]):
        return dict(date)
    year, *rest = parts[0]
    return {**date, "raw": "-".join([f"{year:04d}", *(f"{part:02d}" for part in rest)])}
