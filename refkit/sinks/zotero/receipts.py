"""Items on their way to Zotero, and what became of each: a write request's answer, read position by position.

Source: Zotero Web API 3, "Write requests": `successful`, `success`, `unchanged` and `failed` by position.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from refkit.model import JsonValue, Work
from refkit.net import Reply


@dataclass(frozen=True, slots=True)
class Parcel:
    """An item on its way: what to call it (`name`), its work, its data, and whether it is new."""

    name: str
    work: Work
    data: dict[str, Any]
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a parcel: `done`, `refused` (and why), or `unsure`, when it is not known or was made too late.

    `why` of one that is done says what it came without.
    """

    outcome: str
    key: str = ""
    why: str = ""

    def without(self, other: Receipt, what: str) -> Receipt:
        """This receipt, which also says that a part of the item (`what`) was not taken, unless it was."""
        return self if other.outcome == "done" else replace(self, why=f"It was added without {what}: {other.why}")


def as_json(reply: Reply) -> JsonValue:
    """A reply's body as JSON, None where it is none."""
    if reply.json is not None:
        return reply.json
    try:
        return json.loads(reply.body)
    except ValueError:
        return None


def made_in(reply: Reply) -> dict[str, str]:
    """Position → key of what was written or is as it was."""
    answer = as_json(reply)
    made: dict[str, str] = {}
    for part in ("unchanged", "success", "successful"):
        for place, said in (answer.get(part) or {}).items() if isinstance(answer, Mapping) else ():
            made[str(place)] = str(said.get("key", "") if isinstance(said, Mapping) else said)
    return made


def failed_in(reply: Reply) -> dict[str, Mapping[str, Any]]:
    """Position → code and message of what was refused."""
    answer = as_json(reply)
    rows = answer.get("failed") if isinstance(answer, Mapping) else None
    found = rows.items() if isinstance(rows, Mapping) else ()
    return {str(place): row for place, row in found if isinstance(row, Mapping)}


_MEANWHILE = frozenset((404, 409, 412, 428))
"""Codes of a failure that a look at the library may clear up: it is gone, locked, or has changed."""


def receipt_of(place: str, made: Mapping[str, str], failed: Mapping[str, Mapping[str, Any]]) -> Receipt:
    """What became of the object at a position; a failure inside a 200 is a failure."""
    if place in failed:
        code, said = failed[place].get("code"), html.unescape(str(failed[place].get("message") or "no reason given"))
        outcome = "unsure" if code in _MEANWHILE else "refused"
        return Receipt(outcome, why=f"Zotero refused it ({code}): {said}")
    if place in made:
        return Receipt("done", made[place])
    return Receipt("unsure", why="Zotero's answer says nothing of it.")
