"""Works on their way into a library: what becomes of each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from refkit import keys
from refkit.formats.editing import Editing, Field
from refkit.keys.habit import pattern_of
from refkit.match.facts import lowered
from refkit.merging.arrivals import Arrival, doi_of, following, joined, newcomers, usable
from refkit.merging.base import Base
from refkit.merging.counterparts import Counterpart, Search, Standing, label
from refkit.merging.customs import Customs
from refkit.merging.deciding import Preference, decide
from refkit.merging.ledger import Ledger
from refkit.merging.outcome import Duplicate, Plan
from refkit.model import Action, Change, Decision, Entry
from refkit.settings import Settings


class Planning:
    """One plan while it is made; see `refkit.merging.plan`."""

    def __init__(
        self,
        editing: Editing,
        arrivals: Sequence[Arrival],
        base: Base,
        settings: Settings,
        aliases: Mapping[str, str],
        taken: Collection[str],
    ) -> None:
        self.editing, self.arrivals, self.aliases = editing, arrivals, aliases
        self.entries = editing.library.entries
        self.taken = {key.casefold() for key in taken}
        self.settings = settings
        self.preference = Preference.parse(settings.prefer)
        self.ledger = Ledger(base, editing, aliases)
        self.newcomers = newcomers(arrivals, aliases, self.ledger.apart_among(arrivals))
        self.decisions: list[Decision | None] = [None] * len(arrivals)
        self.change: dict[int, list[Field]] = {}
        self.added: dict[int, str] = {}
        self.duplicates: list[Duplicate] = []

    def run(self) -> Plan:
        found = Search(self.editing, self.newcomers, self.ledger, self.aliases).run()
        self.customs = Customs(self.editing, self.ledger.added(), self.settings.add, self.settings.remember)
        self._assign_keys(found)
        self._follow_keys(found)
        there: dict[int, list[int]] = {}
        for number, counterpart in enumerate(found):
            if counterpart.standing is Standing.THERE and counterpart.position is not None:
                there.setdefault(counterpart.position, []).append(number)
            elif counterpart.standing is Standing.NEW:
                self._add(number, counterpart)
            else:
                self._leave(number, counterpart)
        for position, numbers in sorted(there.items()):
            self._compare(numbers, position, found)
        added = sorted((Entry(key, self.newcomers[n].work) for n, key in self.added.items()), key=_by_key)
        edits = self.editing.edits(add=added, change=self.change) if added or self.change else []
        decided = tuple(decision for decision in self.decisions if decision is not None)
        return Plan(decided, tuple(edits), self.ledger.result(), tuple(self.duplicates))

    # --- new works -------------------------------------------------------------------------------

    def _assign_keys(self, found: Sequence[Counterpart]) -> None:
        """Keys for new entries: the one that the work brings where it is free, else by the library's pattern."""
        new = [number for number, counterpart in enumerate(found) if counterpart.standing is Standing.NEW]
        if not new:
            return
        others = self.ledger.keys_of_others(self.newcomers[number] for number in new)
        taken = self.taken | {key.casefold() for key in self.ledger.keys} | _aliases_in(self.editing) | others
        for number in new:
            wanted = (self.ledger.former_key(self.newcomers[number]), *self.newcomers[number].keys)
            key = next((key for key in wanted if usable(key) and key.casefold() not in taken), "")
            if key:
                self.added[number] = key
                taken.add(key.casefold())
        rest = [number for number in new if number not in self.added]
        pattern = pattern_of(self.entries, self.editing.settings.key_pattern) if rest else ""
        made = keys.assign([self.newcomers[number].work for number in rest], taken, pattern)
        self.added.update(zip(rest, made, strict=True))

    def _follow_keys(self, found: Sequence[Counterpart]) -> None:
        """New entries that inherit from others of their library name these by the keys that they have here."""
        new_keys: dict[tuple[str, str], str] = {}
        for number, one in enumerate(self.newcomers):
            position = found[number].position
            key = self.added.get(number) or (self.entries[position].key if position is not None else "")
            for arrival in (self.arrivals[place] for place in one.numbers):
                if arrival.key:
                    new_keys[arrival.where, arrival.key.casefold()] = key
        for number in self.added:
            one = self.newcomers[number]
            self.newcomers[number] = replace(one, work=following(one.work, one.where, new_keys))

    def _add(self, number: int, counterpart: Counterpart) -> None:
        one, key = self.newcomers[number], self.added[number]
        fields = self.editing.fields(one.work)
        self.ledger.wrote(key, one.doi, fields, one.work, one.where, None)
        changes = tuple(Change(f.name, None, f.text, True, "", f.variable) for f in fields)
        why = f"Not in the library yet; added as {key}."
        if len(one.numbers) > 1:
            why += f" {len(one.numbers)} of the works that came are this one: {lowered(one.why)}."
        if len(one.keys) > 1:
            self.duplicates.append(Duplicate(one.keys, "same", one.why))
        for candidate, reason in zip(counterpart.candidates, counterpart.reasons, strict=True):
            other = self._name(candidate)
            self.duplicates.append(Duplicate((key, other), "unsure", reason))
            why += f" It looks like {other}, which is another work or another version: {lowered(reason)}."
        self._say(number, Decision(Action.ADD, key, None, None, changes, why))

    def _leave(self, number: int, counterpart: Counterpart) -> None:
        if counterpart.standing is Standing.UNSURE:
            names = tuple(self._name(candidate) for candidate in counterpart.candidates)
            self._say(number, Decision(Action.ASK, "", None, None, (), self._question(number, counterpart), names))
        else:
            place = counterpart.position
            entry = self.entries[place] if place is not None else None
            key = entry.key if entry else ""
            why = f"{counterpart.why} Name it on the command line to add it."
            self._say(number, Decision(Action.SAME, key, None, entry, (), why))

    def _question(self, number: int, counterpart: Counterpart) -> str:
        """Why it is not sure, and what the user can do."""
        one, names = self.newcomers[number], [self._name(candidate) for candidate in counterpart.candidates]
        if not names:
            return f"It was not added. {counterpart.why}"
        other = names[0]
        mine = one.doi or (one.keys[0] if one.keys else "")
        said = f"It may be {' or '.join(names)}, so it was not added. {counterpart.why}"
        if not mine:
            return f"{said} If it is another work, add it by hand."
        return f"{said} If it is another work, say: refkit merge LIBRARY --different {mine} {other}"

    # --- works that are there --------------------------------------------------------------------

    def _compare(self, numbers: Sequence[int], position: int, found: Sequence[Counterpart]) -> None:
        """Decide on an entry and all newcomers that it is, whose records count as one."""
        entry = self.entries[position]
        rows = [self.newcomers[number] for number in numbers]
        work, where = joined([row.work for row in rows]), rows[0].where
        verdict = decide(
            self.editing, position, work, self.ledger.of_entry(position), self.preference, self.aliases, self.customs
        )
        if verdict.write:
            self.change[position] = list(verdict.write)
            doi = doi_of(work) or doi_of(entry.work)
            self.ledger.wrote(entry.key, doi, verdict.write, work, where, position)
        for number in numbers:
            counterpart = found[number]
            for twin in counterpart.candidates:
                names = (label(self.entries, position), label(self.entries, twin))
                self.duplicates.append(Duplicate(names, "same", counterpart.why))
            why = f"{counterpart.why} {verdict.why}"
            self._say(number, Decision(verdict.action, entry.key, None, entry, verdict.changes, why))

    # --- words -----------------------------------------------------------------------------------

    def _name(self, candidate: int) -> str:
        if candidate >= 0:
            return label(self.entries, candidate)
        return self.added.get(-1 - candidate) or self.newcomers[-1 - candidate].doi

    def _say(self, number: int, decision: Decision) -> None:
        for arrival in self.newcomers[number].numbers:
            self.decisions[arrival] = replace(decision, work=self.arrivals[arrival].work)


def _by_key(entry: Entry) -> tuple[str, str]:
    return entry.key.casefold(), entry.key


_IDS = re.compile(r"[iI][dD][sS][ \t]*=")


def _aliases_in(editing: Editing) -> set[str]:
    """Keys under which entries can be cited too (biblatex manual §2.2.3, `ids`)."""
    if not _IDS.search(editing.library.text):
        return set()
    rows = (raw for entry in editing.library.entries for name, raw in entry.fields if name.casefold() == "ids")
    return {key.casefold() for raw in rows for key in re.split(r"[\s,]+", raw.strip('{}"')) if key}
