"""Entries of one library that are one work: which are merged, which are only listed, and what goes where."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from refkit.formats.editing import Editing, Field
from refkit.match import Group, Sameness, clusters, compare
from refkit.match.facts import listed, lowered
from refkit.match.groups import collector_at_rest
from refkit.merging import groups_by_key
from refkit.merging.arrivals import PARENTS, doi_of
from refkit.merging.base import Base
from refkit.merging.counterparts import label
from refkit.merging.keeping import Kept, keep, keeper_of
from refkit.merging.ledger import Ledger
from refkit.merging.outcome import Duplicate, Plan
from refkit.model import Action, Decision

_NAMES_OTHERS = re.compile(rf"\b(?:{'|'.join(sorted(PARENTS))})\"?\s*[=:]", re.IGNORECASE)

_TELLING = frozenset(("author", "container-title", "issued", "volume", "page"))
"""Variables of which one, beside the title, tells two works apart."""

_IDENTIFIED = 8
"""From this strength on, a judgement rests on an identifier that both entries bear."""


class Deduping:
    """One library while its duplicates are merged; see `refkit.merging.dedupe`."""

    def __init__(
        self, editing: Editing, base: Base, accepted: Collection[tuple[str, ...]], aliases: Mapping[str, str]
    ) -> None:
        self.editing, self.aliases = editing, aliases
        self.entries = tuple(editing.library.entries)
        self.works = [entry.work for entry in self.entries]
        self.ledger = Ledger(base, editing, aliases)
        self.accepted = {tuple(sorted(keys)) for keys in accepted}
        self.keys = [entry.key or label(self.entries, place) for place, entry in enumerate(self.entries)]
        self.decisions: list[Decision] = []
        self.duplicates: list[Duplicate] = []
        self.change: dict[int, dict[str, Field]] = {}
        self.remove: set[int] = set()
        self.other_keys: dict[int, list[str]] = {}
        self.renamed: dict[str, str] = {}

    def run(self) -> Plan:
        """See `refkit.merging.dedupe`."""
        with collector_at_rest():
            return self._run()

    def _run(self) -> Plan:
        for place, work in enumerate(self.works) if self.ledger.records else ():
            self.ledger.see(place, work.csl)
        groups = clusters(self.works, aliases=self.aliases, apart=self.ledger.apart_in_library())
        sets, rest = self._sort_out(groups)
        parents = {key.casefold() for _, key, _ in self._parents()} if sets else set()
        for members, why in sets:
            self._merge(members, why, parents)
        for group in rest:
            self._list(group)
        self._follow()
        change = {place: list(fields.values()) for place, fields in self.change.items() if place not in self.remove}
        edits = (
            self.editing.edits(change=change, remove=self.remove, aliases=self.other_keys)
            if self.remove or change
            else []
        )
        if self.editing.library.format in {"bibtex", "biblatex"}:
            following = groups_by_key.edits(self.editing.library.text, self.renamed)
            edits = sorted([*edits, *following], key=lambda edit: edit.span)
        renamed = tuple(sorted(self.renamed.items()))
        return Plan(tuple(self.decisions), tuple(edits), self.ledger.result(), tuple(self.duplicates), renamed)

    # --- which -----------------------------------------------------------------------------------

    def _sort_out(self, groups: Sequence[Group]) -> tuple[list[tuple[list[int], str]], list[Group]]:
        """The sets of entries to merge with the reason, and the groups that are only listed."""
        joined: dict[int, int] = {}
        reasons: dict[int, list[str]] = {}
        rest: list[Group] = []

        def root(place: int) -> int:
            while joined.get(place, place) != place:
                place = joined[place]
            return place

        def join(x: int, y: int, why: str) -> None:
            low, high = sorted((root(x), root(y)))
            joined[high] = low
            joined.setdefault(low, low)
            known = dict.fromkeys((*reasons.get(low, ()), *(reasons.pop(high, ()) if high != low else ()), why))
            reasons[low] = list(known)

        for group in groups:
            whole = tuple(sorted(self.keys[place] for place in group.members)) in self.accepted
            if whole:
                for place in group.members[1:]:
                    join(group.members[0], place, f"You said that they are one work. {group.why}")
            elif group.verdict is Sameness.SAME:
                parts = self._identified(group.members)
                odd = [part for part, _ in parts if self._is_odd(part)]
                for part, why in parts:
                    for place in part[1:] if part not in odd else ():
                        join(part[0], place, why)
                if odd or len(parts) != 1 or len(parts[0][0]) != len(group.members):
                    rest.append(group)
            else:
                rest.append(group)
        sets: dict[int, list[int]] = {}
        for place in sorted(joined):
            sets.setdefault(root(place), []).append(place)
        return [(members, " ".join(reasons[low][:3])) for low, members in sets.items()], rest

    def _identified(self, members: Sequence[int]) -> list[tuple[list[int], str]]:
        """The parts of a group whose members bear one identifier, each with the reason."""
        parts: list[tuple[list[int], str]] = []
        for place in members:
            for number, (part, why) in enumerate(parts):
                judgement = compare(self.works[part[0]], self.works[place], aliases=self.aliases)
                if judgement.verdict is Sameness.SAME and judgement.strength >= _IDENTIFIED:
                    parts[number] = ([*part, place], why or judgement.why)
                    break
            else:
                parts.append(([place], ""))
        return [(part, why) for part, why in parts if len(part) > 1]

    def _is_odd(self, members: Sequence[int]) -> bool:
        """Whether entries bear one identifier and yet describe two works, so that one of them has the wrong one."""
        first, *others = members
        for other in others:
            kept = keep(self.editing, first, [other], self.aliases)
            differ = {change.variable for change in kept.changes if not change.taken}
            if "title" in differ and differ & _TELLING:
                return True
        return False

    def _list(self, group: Group) -> None:
        """A group that is not merged, or only in part: the user is asked."""
        left = [place for place in group.members if place not in self.remove]
        if len(left) < 2:
            return
        keys = tuple(self.keys[place] for place in group.members)
        odd = group.verdict is Sameness.SAME and self._is_odd(group.members)
        verdict, why = (
            (
                Sameness.UNSURE,
                f"Not sure: {lowered(group.why)}, but the titles and more differ; one of the"
                " entries may bear the wrong identifier.",
            )
            if odd
            else (group.verdict, group.why)
        )
        self.duplicates.append(Duplicate(keys, str(verdict), why, group.members))
        sure = verdict is Sameness.SAME
        next_ = "Merge them with --review" if sure else "Look at them with --review"
        why = f"{why} {next_}, or say that they differ: --different {keys[0]} {keys[1]}"
        self.decisions.append(Decision(Action.ASK, "", self.works[left[0]], self.entries[left[0]], (), why, keys))

    # --- what ------------------------------------------------------------------------------------

    def _merge(self, members: Sequence[int], why: str, parents: set[str]) -> None:
        keeper = keeper_of(self.entries, members, parents)
        others = [place for place in members if place != keeper]
        kept = keep(self.editing, keeper, others, self.aliases)
        entry = self.entries[keeper]
        gone = [key for place in others for key in (self.entries[place].key, *self._ids(place)) if self._has_key(place)]
        gone = [key for key in dict.fromkeys(gone) if key and key != entry.key]
        still = {self.entries[place].key for place in range(len(self.entries)) if place not in members}
        self.renamed.update({key: entry.key for key in gone if key not in still})
        if gone:
            self.other_keys[keeper] = gone
        if kept.write:
            self.change.setdefault(keeper, {}).update(kept.write)
        self.remove.update(others)
        doi = doi_of(entry.work) or next((doi for place in others if (doi := doi_of(self.works[place]))), "")
        self.ledger.merged(keeper, others, kept, gone, doi)
        keys = tuple(self.keys[place] for place in members)
        self.duplicates.append(Duplicate(keys, "same", why, tuple(members), True))
        action = Action.CONFLICT if kept.conflict else Action.FILL if kept.write else Action.SAME
        self.decisions.append(
            Decision(action, entry.key, entry.work, entry, tuple(kept.changes), self._why(keeper, others, why, kept))
        )

    def _ids(self, place: int) -> list[str]:
        """The other keys that an entry states itself."""
        raws = (raw for name, raw in self.entries[place].fields if name.casefold() == "ids")
        return [key for raw in raws for key in re.split(r"[\s,]+", raw.strip('{}"')) if key]

    def _has_key(self, place: int) -> bool:
        """Whether an entry bears a key: in RIS it goes by its DOI or title where it has no `ID`."""
        entry = self.entries[place]
        return self.editing.library.format != "ris" or any(
            name == "ID" and raw == entry.key for name, raw in entry.fields
        )

    def _why(self, keeper: int, others: Sequence[int], why: str, kept: Kept) -> str:
        names = listed([self.keys[place] for place in others])
        aside = listed([change.field for change in kept.changes if not change.taken])
        said = f" Set aside, since they differ: {aside}." if aside else ""
        return f"{why} {names} went into {self.keys[keeper]}, which says the most.{said}"

    def _follow(self) -> None:
        """Entries that inherit from, or point to, one that went now name the one that stayed."""
        if not self.renamed:
            return
        folded = {key.casefold(): new for key, new in self.renamed.items()}
        done: set[tuple[int, str]] = set()
        for place, _, name in self._parents():
            if place in self.remove or (place, name) in done:
                continue
            done.add((place, name))
            fields = self.change.setdefault(place, {})
            known = fields.get(name.casefold())
            raw = known.text if known else next(text for own, text in self.entries[place].fields if own == name)
            new = re.sub(r"[^\s,{}\"]+", lambda match: folded.get(match[0].casefold(), match[0]), raw)
            if new != raw:
                fields[name.casefold()] = Field(name, new)
            elif not fields:
                del self.change[place]

    def _parents(self) -> Iterator[tuple[int, str, str]]:
        """All (position, key, field) where an entry names another one by its key."""
        if not _NAMES_OTHERS.search(self.editing.library.text):
            return
        for place, entry in enumerate(self.entries):
            for name, raw in entry.fields:
                if name.casefold() in PARENTS:
                    for key in re.split(r"[\s,]+", raw.strip('{}" \t\r\n')):
                        yield place, key, name
