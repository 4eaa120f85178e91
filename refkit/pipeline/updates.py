"""What the registry says about a work since it was published: retracted, under concern, corrected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from refkit.model import Found, JsonValue, Note, Severity

# Types of updates (Crossref deposit schema 5.5.0 `cm_update_type`, and those that Retraction Watch adds) that a reader
# of the work must know of, gravest first, and what each means for the work. A correction or a new version is no alarm.
GRAVE: dict[str, str] = {
    "retraction": "was retracted",
    "removal": "was removed",
    "withdrawal": "was withdrawn",
    "partial_retraction": "was retracted in part",
    "expression_of_concern": "is under an expression of concern",
}
_REINSTATED = "reinstatement"


def notices(found: Iterable[Found]) -> Iterator[Note]:
    """A warning for each work that is retracted or doubted, with the notice's DOI and date (Crossref `updated-by`).

    The same event may be listed twice, by the publisher and by Retraction Watch; it is told once.
    """
    for answer in found:
        updates = answer.work.extra.get("crossref", {}).get("updated-by")
        rows = [row for row in updates if isinstance(row, dict)] if isinstance(updates, list) else []
        types = {str(row.get("type", "")).lower().replace("-", "_").replace(" ", "_"): row for row in reversed(rows)}
        if _REINSTATED in types:
            continue
        kind = next((kind for kind in GRAVE if kind in types), None)
        if kind is not None:
            said = f"{answer.doi} {GRAVE[kind]}{_when(types[kind])}{_where(types[kind], answer)}."
            yield Note(kind.replace("_", "-"), said, Severity.WARNING)


def _when(row: JsonValue) -> str:
    updated = row.get("updated")
    parts = updated.get("date-parts") if isinstance(updated, dict) else None
    day = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    written = "-".join(f"{part:02d}" for part in day if isinstance(part, int))
    return f" on {written}" if written else ""


def _where(row: JsonValue, answer: Found) -> str:
    notice = row.get("DOI")
    # A notice that names the article itself adds nothing.
    return f" by {notice}" if isinstance(notice, str) and notice.lower() != answer.doi else ""
