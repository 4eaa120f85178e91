"""Carrying a plan out: items are sent, each answer is read, and what is not sure is looked at and planned again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from refkit import merging
from refkit.formats.zotero_items import item
from refkit.merging.base import Base, Written
from refkit.model import Action, Change, Decision, Work
from refkit.settings import Settings
from refkit.sinks.zotero.api import Api, Contents
from refkit.sinks.zotero.planning import Orders, after, plan, remembered_items
from refkit.sinks.zotero.receipts import Parcel, Receipt
from refkit.sinks.zotero.shelf import Shelf
from refkit.sinks.zotero.ways import Way

_ROUNDS = 8
"""How often what is not sure is looked at again; each round is for the few that the last one left."""


@dataclass(slots=True)
class Delivery:
    """What became of works: a decision for each arrival, what was refused and why, the keys of new items by their
    citation keys ("" where the way in does not tell), and whether nobody could see what is there (`blind`)."""

    decisions: list[Decision] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    blind: bool = False


class _Run:
    """One delivery while it goes on."""

    def __init__(self, way: Way, arrivals: Sequence[merging.Arrival], base: Base, settings: Settings) -> None:
        self.way, self.arrivals, self.base, self.settings = way, arrivals, base, settings
        self.decided: list[Decision | None] = [None] * len(arrivals)
        self.tried: dict[int, tuple[Decision, Written | None]] = {}
        self.notes: dict[str, Sequence[str]] = {}
        """The notes of new items by citation key."""
        self.out = Delivery()

    def look(self) -> tuple[Shelf, Contents | None]:
        contents = self.way.contents()
        self.out.blind = contents is None
        items = list(contents.items.values()) if contents is not None else remembered_items(self.base)
        schema = contents.schema if contents is not None else self.way.writer.schema
        return Shelf(items, self.settings, schema), contents

    def orders(self, shelf: Shelf, numbers: Sequence[int], aliases: Mapping[str, str]) -> Orders:
        return plan(shelf, [self.arrivals[n] for n in numbers], self.base, self.settings, aliases)


def deliver(
    way: Way,
    arrivals: Sequence[merging.Arrival],
    base: Base,
    settings: Settings,
    *,
    aliases: Mapping[str, str],
    dry_run: bool,
    start: Callable[[int], None],
    tell: Callable[[int], None],
    remember: Callable[[Base], None],
) -> Delivery:
    """Bring works into Zotero, each once.

    Parameters: `base`, what refkit wrote there before; `start` and `tell`, told how many items are to be sent and how
    many are through; `remember`, given the base at the end, also where that comes early. Raises `TargetError` where
    Zotero lets nothing in, `ServiceError` where it stops answering.
    """
    if not isinstance(way.writer, Api):
        settings = dataclasses.replace(settings, update=False)  # what is there cannot be changed that way
    run = _Run(way, arrivals, base, settings)
    try:
        return _deliver(run, aliases, dry_run, start, tell)
    finally:
        remember(run.base)


def _deliver(
    run: _Run,
    aliases: Mapping[str, str],
    dry_run: bool,
    start: Callable[[int], None],
    tell: Callable[[int], None],
) -> Delivery:
    way, arrivals, settings = run.way, run.arrivals, run.settings
    pending = list(range(len(arrivals)))
    for turn in range(_ROUNDS):
        shelf, contents = run.look()
        orders = _with_collection(run.orders(shelf, pending, aliases), shelf, way, settings)
        if dry_run:
            run.out.decisions = list(orders.decisions)
            return run.out
        if orders.add or orders.fill:
            if turn == 0:
                wanted = way.collection
                way.make_ready()
                if way.collection != wanted and settings.update:  # it has been made, and has a key now
                    orders = _with_collection(run.orders(shelf, pending, aliases), shelf, way, settings)
                start(len(orders.add) + len(orders.fill))
            receipts = _send(run, orders, shelf, contents, tell if turn == 0 else _nobody)
        else:
            receipts = {}
        last = turn == _ROUNDS - 1
        pending = _settle(run, orders, shelf, pending, receipts, last=last)
        if not pending:
            break
    run.out.decisions = [decision for decision in run.decided if decision is not None]
    return run.out


def _nobody(count: int) -> None:
    """Nobody is told of items that were counted already."""


def _send(
    run: _Run, orders: Orders, shelf: Shelf, contents: Contents | None, tell: Callable[[int], None]
) -> dict[str, Receipt]:
    """Send what is new and what is to be filled; what is done is remembered at once."""
    receipts: dict[str, Receipt] = {}
    way = run.way

    def got(batch: Mapping[str, Receipt]) -> None:
        receipts.update(batch)
        for name, receipt in batch.items():
            if receipt.outcome == "done":
                _remember(run, orders.records.get(name))
        tell(len(batch))

    taken = contents.items if contents is not None else {}
    parcels = []
    for key, entry in orders.add.items():
        data = way.writer.dress(item(entry, version=shelf.version), entry.work, taken)
        if way.collection is not None and way.collection.key:
            data["collections"] = [way.collection.key]
        run.notes[key] = data.get("notes", ())
        parcels.append(Parcel(key, entry.work, data))
    if isinstance(way.writer, Api):
        for key, data in orders.fill.items():
            version = taken[key].get("version", 0)
            parcels.append(Parcel(key, Work({}), {"key": key, "version": version, **data}, is_new=False))
    way.writer.send(parcels, got)
    return receipts


def _with_collection(orders: Orders, shelf: Shelf, way: Way, settings: Settings) -> Orders:
    """With `--update`, items that are there are put into the wanted collection too, which they leave none for."""
    if way.collection is None or not settings.update or not isinstance(way.writer, Api):
        return orders
    fill: dict[str, dict[str, Any]] = dict(orders.fill)
    decisions = list(orders.decisions)
    for number, decision in enumerate(decisions):
        if decision.entry is None or not (key := _name_of(decision, shelf)):
            continue
        mine = list(shelf.items[shelf.place_of(decision.entry)].get("collections") or ())
        if way.collection.key in mine and way.collection.key:
            continue
        fill[key] = {**fill.get(key, {}), "collections": [*mine, way.collection.key]}
        change = Change("collections", None, way.collection.path, True, "it was not in it")
        action = Action.FILL if decision.action is Action.SAME else decision.action
        decisions[number] = dataclasses.replace(decision, action=action, changes=(*decision.changes, change))
    return dataclasses.replace(orders, fill=fill, decisions=tuple(decisions))


def _settle(
    run: _Run, orders: Orders, shelf: Shelf, pending: Sequence[int], receipts: Mapping[str, Receipt], *, last: bool
) -> list[int]:
    """Note what is done and remember it; returns the arrivals of which it is not known."""
    unsure: list[int] = []
    for number, decision in zip(pending, orders.decisions, strict=True):
        name = _name_of(decision, shelf)
        receipt = receipts.get(name) if name in (orders.add if decision.action is Action.ADD else orders.fill) else None
        record = orders.records.get(name)
        if receipt is None:
            run.decided[number] = _as_tried(run, number, decision, name)
        elif receipt.outcome == "done":
            run.decided[number] = decision
            run.out.made[name] = receipt.key
            if receipt.why:
                run.out.refused[name] = receipt.why
            _remember(run, record)
        elif receipt.outcome == "unsure" and not last:
            run.tried[number] = decision, record
            unsure.append(number)
        else:
            run.out.refused[name] = receipt.why
            run.decided[number] = dataclasses.replace(decision, action=Action.ASK, changes=(), why=receipt.why)
    return unsure


def _as_tried(run: _Run, number: int, decision: Decision, item_key: str) -> Decision:
    """What was tried before and is there now was done then, though the answer got lost; its notes were not sent."""
    tried, record = run.tried.get(number, (None, None))
    if tried is None or decision.action not in (Action.SAME, Action.CONFLICT, Action.FILL):
        return decision
    _remember(run, record)
    if tried.key not in run.out.made:
        run.out.made[tried.key] = item_key
        if tried.action is Action.ADD and item_key and isinstance(run.way.writer, Api):
            for told in run.way.writer.add_notes([(item_key, html) for html in run.notes.get(tried.key, ())]):
                if told.outcome != "done":
                    run.out.refused[tried.key] = f"It was added without its note: {told.why}"
    return tried


def _remember(run: _Run, record: Written | None) -> None:
    if record is not None:
        run.base = after(run.base, [record])


def _name_of(decision: Decision, shelf: Shelf) -> str:
    if decision.action is Action.ADD:
        return decision.key
    if decision.entry is None:
        return ""
    return str(shelf.items[shelf.place_of(decision.entry)].get("key") or "")
