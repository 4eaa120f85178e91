"""What becomes of works in a Zotero library, before anything is sent: added, filled, left, or listed as a conflict."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from refkit import merging
from refkit.formats import zotero_schema, zotero_table
from refkit.merging.base import Base, Written, is_as_written
from refkit.model import Action, Change, Decision, Entry
from refkit.settings import Settings
from refkit.sinks.zotero.shelf import Shelf, creators_of


@dataclass(frozen=True, slots=True)
class Orders:
    """A plan for a Zotero library: a decision for each arrival, new entries by citation key, data to set by item key,
    and what the base would say of each of these when it is done."""

    decisions: tuple[Decision, ...]
    add: Mapping[str, Entry] = field(default_factory=dict)
    fill: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    records: Mapping[str, Written] = field(default_factory=dict)


def plan(
    shelf: Shelf,
    arrivals: Sequence[merging.Arrival],
    base: Base,
    settings: Settings,
    aliases: Mapping[str, str],
    taken: Iterable[str] = (),
) -> Orders:
    """Decide what becomes of `arrivals`, as merging into a file does.

    Without the setting `update` an item that is there stays as it is; with it, only its empty fields are filled, and
    what differs is listed. Parameters: `base`, what refkit wrote there before; `taken`, further citation keys in use.
    """
    made = merging.plan(shelf, arrivals, base, settings, aliases=aliases, taken=[*shelf.keys, *taken])
    by_key = {record.key: record for record in made.base.entries.values()}
    add = {entry.key: entry for entry in shelf.added}
    records = {key: by_key[key] for key in add if key in by_key}
    fill: dict[str, dict[str, Any]] = {}
    decisions = []
    for arrival, decision in zip(arrivals, made.decisions, strict=True):
        if decision.entry is not None and decision.action in _ABOUT_ONE:
            position = shelf.place_of(decision.entry)
            item_key = str(shelf.items[position].get("key") or "")
            known = base.entries.get(by_key[decision.key].name) if decision.key in by_key else None
            decision = _filled(decision, known, item_key) if settings.update else _left(decision, item_key)
            data = shelf.filled(position, shelf.changed.get(position, ())) if settings.update else {}
            if data and item_key:
                fill[item_key] = data
                if decision.key in by_key:
                    records[item_key] = _with_filled(by_key[decision.key], known, data)
        elif decision.action is not Action.ASK and (twin := shelf.twin_of(arrival.work)):
            item_key = str(shelf.items[shelf.place_of(twin)].get("key") or "")
            why = f"It is in Zotero as item {item_key}, which says the same." if item_key else "It was sent before."
            decision = Decision(Action.SAME, twin.key, arrival.work, twin, why=why)
        elif decision.action is Action.ASK:
            said, if_other, _ = decision.why.partition(" If it is another work")
            why = f"{said}{if_other}: refkit enrich DOI --to zotero adds what is named." if if_other else said
            decision = dataclasses.replace(decision, why=why)
        decisions.append(decision)
    new = {decision.key for decision in decisions if decision.action is Action.ADD}
    return Orders(tuple(decisions), {key: entry for key, entry in add.items() if key in new}, fill, records)


_ABOUT_ONE = frozenset((Action.SAME, Action.FILL, Action.REFRESH, Action.CONFLICT))


def _left(decision: Decision, item_key: str) -> Decision:
    """What is there is left as it is."""
    why = f"It is in Zotero{f' as item {item_key}' if item_key else ''}: {decision.why.split('. ')[0].rstrip('.')}."
    return dataclasses.replace(decision, action=Action.SAME, changes=(), why=why)


def _filled(decision: Decision, known: Written | None, item_key: str) -> Decision:
    """Only empty fields are filled; a value of refkit's own that the source now says otherwise is no conflict."""
    changes: list[Change] = []
    for change in decision.changes:
        said = known.wrote(change.field) if known else None
        own = said is not None and change.old is not None and is_as_written(said, change.old)
        if change.old is None or not own:
            changes.append(change if change.old is None else dataclasses.replace(change, taken=False))
    action = Action.SAME
    if any(not change.taken for change in changes):
        action = Action.CONFLICT
    elif changes:
        action = Action.FILL
    why = f"Item {item_key}: {decision.why}" if item_key else decision.why
    return dataclasses.replace(decision, action=action, changes=tuple(changes), why=why)


def _with_filled(new: Written, old: Written | None, data: Mapping[str, Any]) -> Written:
    """What the base says of an item after its empty fields were filled: the old values, and those that went in."""
    before = dict(old.fields) if old else {}
    filled = {name: said for name, said in new.fields.items() if name not in before}
    return dataclasses.replace(new, fields={**before, **filled})


# --- a library that cannot be seen ---------------------------------------------------------------


def remembered_items(base: Base) -> list[dict[str, Any]]:
    """The items that refkit sent before, as far as it remembers them, for a library that it cannot look into."""
    items = []
    for record in base.entries.values():
        kind = record.fields["itemType"].text if "itemType" in record.fields else "document"
        valid, creators = zotero_schema.fields(kind), zotero_schema.creators(kind)
        data: dict[str, Any] = {"itemType": kind, "creators": [], "citationKey": record.key}
        extra = []
        for name, said in record.fields.items():
            if name in valid:
                data[name] = said.text
            elif name in creators:
                data["creators"] += creators_of(name, said.text)
            elif name != "itemType":
                extra.append(f"{name}: {said.text}")
        data["extra"] = "\n".join(extra)
        if record.doi:
            data.setdefault(zotero_table.own_field("DOI", kind) or "DOI", record.doi)
        items.append(data)
    return items


def after(base: Base, records: Iterable[Written]) -> Base:
    """The base with what was done."""
    entries = dict(base.entries)
    for record in records:
        for name in [name for name, known in entries.items() if known.key == record.key]:
            del entries[name]
        entries[record.name] = record
    return dataclasses.replace(base, entries=entries)
