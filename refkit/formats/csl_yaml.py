"""CSL-YAML, as pandoc takes it in a document's metadata: a list under `references`.

Scalars are written as JSON strings, which are YAML too, so that no value can be taken for a number or a date.
Source: pandoc manual, "Specifying bibliographic data"; CSL 1.0.2 `csl-data.json`; YAML 1.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from refkit.formats.csljson import DATES, item, work_of
from refkit.formats.yaml_tree import pieces
from refkit.model import Entry, Library, Note, Severity
from refkit.settings import Settings


def dump(entries: Sequence[Entry], settings: Settings, dialect: str = "") -> str:
    """Entries as the text of a CSL-YAML file."""
    if not entries:
        return "---\nreferences: []\n...\n"
    lines = ["---", "references:"]
    for entry in entries:
        for number, (name, value) in enumerate(item(entry).items()):
            if name not in settings.leave_out:
                text = json.dumps(value, ensure_ascii=False)
                lines.append(f"{'  ' if number else '- '}{name}: {text}")
    return "\n".join(lines) + "\n...\n"


def load(text: str, dialect: str = "") -> Library:
    """The library in a CSL-YAML file, or in the metadata block of a document, with spans."""
    try:
        found = pieces(text, ("references",))
    except ValueError as error:
        return Library(text, "csl-yaml", (), (Note("broken-yaml", f"This is not YAML: {error}.", Severity.ERROR),))
    entries = []
    for _, value, span in found:
        if isinstance(value, dict):
            entries.append(Entry(str(value.get("id", "")), work_of(_stringly(value)), span))
    return Library(text, "csl-yaml", tuple(entries))


_NUMBER = re.compile(r"-?\d{1,6}")


def _stringly(value: dict[str, Any]) -> dict[str, Any]:
    """Pandoc takes a date as a string or as a map of year, month and day too."""
    out = dict(value)
    for name in DATES & set(out):
        date = out.get(name)
        if isinstance(date, list):
            date = date[0] if date else {}
        if isinstance(date, dict) and isinstance(date.get("date-parts"), list):
            rows = [row for row in date["date-parts"] if isinstance(row, list)]
            out[name] = {
                **date,
                "date-parts": [[int(part) for part in row if _NUMBER.fullmatch(str(part))] for row in rows],
            }
            if isinstance(season := date.get("season"), str) and season.isdecimal():
                out[name]["season"] = int(season)
            if date.get("circa") == "true":
                out[name]["circa"] = True
        elif isinstance(date, dict) and "year" in date:
            parts = [int(date[part]) for part in ("year", "month", "day") if str(date.get(part, "")).isdecimal()]
            out[name] = {"date-parts": [parts]}
        elif isinstance(date, (str, int)):
            from refkit.formats.dates import from_edtf

            out[name] = from_edtf(str(date))
    return out
