"""Which entry of a library a newcomer is: sure, not sure, gone (the user deleted it), or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from refkit.formats.editing import Editing
from refkit.match import Index, Judgement, Sameness, Screen, compare
from refkit.merging.arrivals import Newcomer, doi_of, joined
from refkit.merging.copies import Copies
from refkit.merging.ledger import Ledger
from refkit.model import Entry, Work


class Standing(StrEnum):
    """How a newcomer stands to a library."""

    THERE = "there"
    NEW = "new"
    UNSURE = "unsure"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What was found of a newcomer in a library.

    `position` is its entry's (THERE, and of CHANGED, where the user gave the entry another DOI); `candidates` are
    positions of entries that may be it (UNSURE) or look like it and are another work (NEW); a candidate that is itself
    new has a negative number: -1 for the first newcomer, and so on.
    """

    standing: Standing
    why: str
    position: int | None = None
    candidates: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """An entry that a newcomer is or may be, and the verdict."""

    position: int
    judgement: Judgement


class Search:
    """One search for the counterparts of all newcomers in a library."""

    def __init__(
        self, editing: Editing, people: Sequence[Newcomer], ledger: Ledger, aliases: Mapping[str, str]
    ) -> None:
        self.editing, self.newcomers, self.ledger, self.aliases = editing, people, ledger, aliases
        self.entries = editing.library.entries
        self.copies = Copies(editing, aliases)

    def run(self) -> list[Counterpart]:
        """The counterpart of each newcomer, in their order."""
        seen = self._look()
        found: dict[int, Counterpart] = {}
        claimed: dict[int, int] = {}
        claims = sorted(
            (-row.judgement.strength, number, row.position)
            for number, rows in enumerate(seen)
            for row in rows
            if row.judgement.verdict is Sameness.SAME
        )
        for _, number, position in claims:
            if number in found:
                continue
            judgement = next(row.judgement for row in seen[number] if row.position == position)
            if position in claimed:
                judgement = self._beside(number, claimed[position], position)
                if judgement.verdict is not Sameness.SAME:
                    seen[number] = [row for row in seen[number] if row.position != position]
                    if judgement.verdict is Sameness.UNSURE:
                        seen[number].append(_Seen(position, judgement))
                    continue
            claimed.setdefault(position, number)
            twins = tuple(
                row.position
                for row in seen[number]
                if row.position != position and row.judgement.verdict is Sameness.SAME
            )
            found[number] = Counterpart(Standing.THERE, judgement.why, position, twins)
        for number in range(len(self.newcomers)):
            if number not in found:
                found[number] = self._without(number, seen[number])
        return self._among_new([found[number] for number in range(len(self.newcomers))])

    def _look(self) -> list[list[_Seen]]:
        screen = Screen((one.work for one in self.newcomers), aliases=self.aliases)
        positions = []
        for place in range(len(self.entries)):
            csl = self.editing.glance(place)
            self.ledger.see(place, csl)
            if screen.admits(csl, partial(self._raw, place)):
                positions.append(place)
        index = Index((self.entries[place].work for place in positions), aliases=self.aliases)
        seen: list[list[_Seen]] = []
        for one in self.newcomers:
            rows = [_Seen(positions[match.position], match.judgement) for match in index.find(one.work)]
            seen.append([row for row in rows if not self.ledger.keeps_apart(one, self.entries[row.position])])
        return seen

    def _raw(self, place: int) -> str:
        entry = self.entries[place]
        return entry.span.of(self.editing.library.text) if entry.span is not None else str(entry.fields)

    def _beside(self, number: int, winner: int, position: int) -> Judgement:
        """The verdict on a newcomer and an entry that another newcomer was found to be: both together, as they will
        be."""
        whole = joined([self.entries[position].work, self.newcomers[winner].work])
        return compare(self.newcomers[number].work, whole, aliases=self.aliases)

    def _without(self, number: int, rows: Sequence[_Seen]) -> Counterpart:
        """A newcomer that is surely none of the entries as they stand."""
        one = self.newcomers[number]
        if known := self._by_ledger(one) or self._by_words(one, rows):
            return known
        if not any(value for name, value in one.work.csl.items() if name != "type"):
            return Counterpart(Standing.UNSURE, "It says nothing that tells which work it is.")
        asked: list[_Seen] = []
        others: list[_Seen] = []
        for row in rows:
            (others if self._is_other_work(one.work, self.entries[row.position].work) else asked).append(row)
        held = asked if not one.named else [row for row in asked if self._share_doi(one.work, row.position)]
        chosen = held or [*asked, *others]
        standing = Standing.UNSURE if held else Standing.NEW
        why = held[0].judgement.why if held else ""
        return Counterpart(
            standing,
            why,
            candidates=tuple(row.position for row in chosen),
            reasons=tuple(row.judgement.why for row in chosen),
        )

    def _by_ledger(self, one: Newcomer) -> Counterpart | None:
        """What refkit remembers of a newcomer: it wrote it before, and the user deleted it or gave it another DOI."""
        record = self.ledger.of_newcomer(one)
        if record is None:
            return None
        place = self.ledger.place_of(record)
        gone = None if one.named else Counterpart(Standing.GONE, "refkit wrote it before, and it was deleted by you.")
        if place is None:
            return gone
        entry = self.entries[place]
        if self._is_other_work(one.work, entry.work):
            why = f"refkit wrote it as {entry.key}, and you gave that entry another DOI."
            return None if one.named else Counterpart(Standing.CHANGED, why, place)
        verdict = compare(one.work, entry.work, aliases=self.aliases).verdict
        same = self._share_doi(one.work, place) or self.ledger.is_as_written(record, entry)
        if verdict is Sameness.DIFFERENT and not same:
            return gone
        return Counterpart(Standing.THERE, "refkit wrote this entry from the same work.", place)

    def _by_words(self, one: Newcomer, rows: Sequence[_Seen]) -> Counterpart | None:
        """The very entry that came back from a copy of this library, which may say too little to be known otherwise."""
        if not one.own:
            return None
        looked_at = [row.position for row in rows]
        place = self.copies.of(one, looked_at, lambda place: self.ledger.keeps_apart(one, self.entries[place]))
        return None if place is None else Counterpart(Standing.THERE, "It says what the entry says.", place)

    def _is_other_work(self, new: Work, old: Work) -> bool:
        """Whether two works that look alike have identifiers of their own: a preprint and its article."""
        mine, yours = doi_of(new), doi_of(old)
        return bool(mine and yours) and self.aliases.get(mine, mine) != self.aliases.get(yours, yours)

    def _share_doi(self, new: Work, position: int) -> bool:
        mine, yours = doi_of(new), doi_of(self.entries[position].work)
        return bool(mine) and self.aliases.get(mine, mine) == self.aliases.get(yours, yours)

    def _among_new(self, found: list[Counterpart]) -> list[Counterpart]:
        """New works that may be one another: the first is added, and for the next the user is asked."""
        index = Index(aliases=self.aliases)
        added: list[int] = []
        for number, counterpart in enumerate(found):
            if counterpart.standing is not Standing.NEW:
                continue
            one = self.newcomers[number]
            near = [
                match
                for match in index.find(one.work)
                if not self.ledger.are_apart(one, self.newcomers[added[match.position]])
            ]
            asked = [m for m in near if not self._is_other_work(one.work, self.newcomers[added[m.position]].work)]
            if near:
                held = asked and not one.named
                chosen = asked if held else near
                found[number] = Counterpart(
                    Standing.UNSURE if held else Standing.NEW,
                    chosen[0].judgement.why if held else counterpart.why,
                    candidates=(*counterpart.candidates, *(-1 - added[match.position] for match in chosen)),
                    reasons=(*counterpart.reasons, *(match.judgement.why for match in chosen)),
                )
            if found[number].standing is Standing.NEW:
                index.add(one.work)
                added.append(number)
        return found


def label(entries: Sequence[Entry], position: int) -> str:
    """What to call an entry: its key, else its DOI, else its place in the library."""
    entry = entries[position]
    return entry.key or doi_of(entry.work) or f"entry {position + 1}"
