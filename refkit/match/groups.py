"""Which works of many are one: groups of a whole library, and the counterpart of a new work in a large one."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from refkit.match.facts import IN_PLACE, Judgement, Sameness, lowered
from refkit.match.judgement import NO_ALIASES, judge
from refkit.match.keys import keys
from refkit.match.profile import Profile, read
from refkit.model import Work

_CROWD = 40
"""A block with more records is not compared all with all, but each with its neighbours in a stable order."""

_NEIGHBOURS = 12

_MANY_YEARS = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Works that are one (`same`), or may be (`unsure`: two works, or copies that say too little), and why.

    `members` are positions, in order. A work stands in one sure group at most and in a dozen unsure ones.
    """

    members: tuple[int, ...]
    verdict: Sameness
    why: str


@dataclass(frozen=True, slots=True)
class Match:
    """A work of an index that is, or may be, the one that was looked for."""

    position: int
    judgement: Judgement


def clusters(
    works: Sequence[Work], *, aliases: Mapping[str, str] = NO_ALIASES, apart: Iterable[tuple[int, int]] = ()
) -> list[Group]:
    """Find the works that stand more than once in a sequence.

    Only sure judgements are followed from one work to the next, and a work never joins a group with a member that it
    cannot be (another DOI, another part …). Parameters: `works`; `aliases`, DOIs that the registry says are other names
    of a DOI; `apart`, pairs of positions that the user said differ. Returns sure groups and unsure pairs, each by its
    lowest position; the groups are the same whatever the order of the works.
    """
    with collector_at_rest():
        return _Grouping([read(work) for work in works], aliases, apart).groups()


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No garbage collection meanwhile: works and profiles hold no cycles, and the collector would walk all of them."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class _Grouping:
    """One run over a library: distinct records first, then judged pairs from the surest on, then groups."""

    def __init__(
        self, profiles: Sequence[Profile], aliases: Mapping[str, str], apart: Iterable[tuple[int, int]]
    ) -> None:
        self.aliases = aliases
        copies: dict[tuple[str, ...], list[int]] = defaultdict(list)
        kept_apart = {(min(pair), max(pair)) for pair in apart if pair[0] != pair[1]}
        named = {position for pair in kept_apart for position in pair}
        records: list[tuple[Profile, list[int]]] = []
        for position, profile in enumerate(profiles):
            if position in named:  # the user speaks of this very entry, not of all that are like it
                records.append((profile, [position]))
            else:
                copies[profile.stamp].append(position)
        records += [(profiles[positions[0]], positions) for positions in copies.values()]
        records.sort(key=lambda record: (record[0].title.slug, record[0].stamp, record[1]))
        self.profiles = [profile for profile, _ in records]
        self.positions = [positions for _, positions in records]
        where = {position: i for i, positions in enumerate(self.positions) for position in positions}
        self.apart = {(min(x, y), max(x, y)) for x, y in ((where[i], where[j]) for i, j in kept_apart)}
        self.judged: dict[tuple[int, int], Judgement] = {}

    def judgement(self, i: int, j: int) -> Judgement:
        pair = (i, j) if i < j else (j, i)
        known = self.judged.get(pair)
        if known is None:
            if pair in self.apart:
                known = Judgement(Sameness.DIFFERENT, "You said that these two differ.", vetoed=True)
            else:
                known = judge(self.profiles[pair[0]], self.profiles[pair[1]], self.aliases)
            self.judged[pair] = known
        return known

    def groups(self) -> list[Group]:
        sure, unsure = self._judge_candidates()
        self._set_torn_apart(sure, unsure)
        roots = _Union(len(self.profiles))
        reasons: dict[int, list[str]] = defaultdict(list)
        for i, j in sorted(sure, key=lambda pair: (-self.judgement(*pair).strength, pair)):
            left, right = roots.find(i), roots.find(j)
            if left == right:
                continue
            if veto := self._veto(roots.members[left], roots.members[right]):
                unsure[i, j] = (
                    f"Not sure: {lowered(self.judgement(i, j).why)}, but one of them is the same as a third record,"
                    f" and the other is not: {lowered(veto)}."
                )
                continue
            root = roots.join(left, right)
            merged = [*reasons.pop(left, []), *reasons.pop(right, []), self.judgement(i, j).why]
            reasons[root] = list(dict.fromkeys(merged))
        return sorted([*self._same(roots, reasons), *self._unsure(roots, unsure)], key=lambda group: group.members)

    def _judge_candidates(self) -> tuple[list[tuple[int, int]], dict[tuple[int, int], str]]:
        sure: list[tuple[int, int]] = []
        unsure: dict[tuple[int, int], str] = {}
        recurring = self._recurring()
        for i, j in self._candidates():
            judgement = self.judgement(i, j)
            column = judgement.strength < IN_PLACE and i in recurring and j in recurring
            if column and not self.profiles[i].years & self.profiles[j].years:
                continue
            if column and judgement.verdict is Sameness.SAME:
                unsure[i, j] = f"Not sure: {lowered(judgement.why)}, but a work of this title appears year after year."
            elif judgement.verdict is Sameness.SAME:
                sure.append((i, j))
            elif judgement.verdict is Sameness.UNSURE:
                unsure[i, j] = judgement.why
        return sure, unsure

    def _recurring(self) -> set[int]:
        """Records of a title that stands in one container in many years: a column, which only a page tells apart."""
        years: dict[tuple[str, str], set[int]] = defaultdict(set)
        for profile in self.profiles:
            if profile.container.slug and profile.title.slug:
                years[profile.title.slug, profile.container.slug] |= profile.years
        return {
            i
            for i, profile in enumerate(self.profiles)
            if len(years.get((profile.title.slug, profile.container.slug), ())) >= _MANY_YEARS
        }

    def _candidates(self) -> set[tuple[int, int]]:
        blocks: dict[str, list[int]] = defaultdict(list)
        for i, profile in enumerate(self.profiles):
            for key in set(keys(profile, self.aliases)):
                blocks[key].append(i)
        found: set[tuple[int, int]] = set()
        for block in blocks.values():
            if len(block) > 1:
                found.update(_pairs(block))
        return found

    def _set_torn_apart(self, sure: list[tuple[int, int]], unsure: dict[tuple[int, int], str]) -> None:
        """A record that fits two works equally well, which are not one work, belongs to neither for sure."""
        best: dict[int, list[int]] = defaultdict(list)
        for i, j in sure:
            for this, other in ((i, j), (j, i)):
                strength = self.judgement(i, j).strength
                known = self.judgement(this, best[this][0]).strength if best[this] else -1
                if strength > known:
                    best[this] = [other]
                elif strength == known:
                    best[this].append(other)
        torn: set[tuple[int, int]] = set()
        for this, others in best.items():
            if len(others) < 2 or self.judgement(this, others[0]).strength >= 8:
                continue
            for place, x in enumerate(others[:_CROWD]):
                for y in others[place + 1 : _CROWD]:
                    if self.judgement(x, y).vetoed:
                        torn |= {(min(this, x), max(this, x)), (min(this, y), max(this, y))}
        for pair in torn:
            unsure[pair] = f"Not sure: {lowered(self.judgement(*pair).why)}, but it fits another work equally well."
        sure[:] = [pair for pair in sure if pair not in torn]

    def _veto(self, left: Sequence[int], right: Sequence[int]) -> str:
        if len(left) * len(right) > _CROWD * _CROWD:
            dois = {self.aliases.get(doi, doi) for i in (*left, *right) if (doi := self.profiles[i].ids.doi)}
            if len(dois) > 1:
                return "Their DOIs differ."
            left, right = left[:_NEIGHBOURS], right[:_NEIGHBOURS]
        for i in left:
            for j in right:
                judgement = self.judgement(i, j)
                if judgement.vetoed:
                    return judgement.why
        return ""

    def _same(self, roots: _Union, reasons: Mapping[int, list[str]]) -> Iterator[Group]:
        for root, members in roots.members.items():
            places = sorted(position for i in members for position in self.positions[i])
            if len(places) == 1:
                continue
            why = " ".join(reasons.get(root, ())[:3])
            if len(members) == 1:
                alone = judge(self.profiles[members[0]], self.profiles[members[0]], self.aliases)
                if alone.verdict is not Sameness.SAME:
                    if alone.verdict is Sameness.UNSURE:
                        yield Group(tuple(places), Sameness.UNSURE, alone.why)
                    continue
                why = alone.why
            yield Group(tuple(places), Sameness.SAME, why)

    def _unsure(self, roots: _Union, unsure: Mapping[tuple[int, int], str]) -> Iterator[Group]:
        seen: set[tuple[int, int]] = set()
        listed: dict[int, int] = defaultdict(int)
        for (i, j), why in sorted(unsure.items()):
            left, right = sorted((roots.find(i), roots.find(j)))
            if left == right or (left, right) in seen or max(listed[left], listed[right]) >= _NEIGHBOURS:
                continue
            seen.add((left, right))
            listed[left] += 1
            listed[right] += 1
            members = sorted((self.positions[i][0], self.positions[j][0]))
            yield Group(tuple(members), Sameness.UNSURE, why)


def _pairs(block: list[int]) -> Iterator[tuple[int, int]]:
    crowd = len(block) > _CROWD
    for place, i in enumerate(block):
        for j in block[place + 1 : place + 1 + _NEIGHBOURS] if crowd else block[place + 1 :]:
            yield i, j


class _Union:
    """Disjoint sets of records; a set's root is its lowest member."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))
        self.members: dict[int, list[int]] = {i: [i] for i in range(size)}

    def find(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, left: int, right: int) -> int:
        root, other = min(left, right), max(left, right)
        self.parent[other] = root
        self.members[root] += self.members.pop(other)
        return root


class Index:
    """The works of a library by their keys, to find the counterpart of a new one without comparing it with all."""

    def __init__(self, works: Iterable[Work] = (), *, aliases: Mapping[str, str] = NO_ALIASES) -> None:
        """Parameters: `works`, whose positions are their order here; `aliases`, as in `clusters`."""
        self._aliases = aliases
        self._profiles: list[Profile] = []
        self._blocks: dict[str, list[int]] = defaultdict(list)
        for work in works:
            self.add(work)

    def __len__(self) -> int:
        return len(self._profiles)

    def add(self, work: Work) -> int:
        """Put a work into the index and return its position."""
        profile = read(work)
        position = len(self._profiles)
        self._profiles.append(profile)
        for key in set(keys(profile, self._aliases)):
            self._blocks[key].append(position)
        return position

    def find(self, work: Work) -> list[Match]:
        """All works that are this one or may be it, the surest first, then by position.

        Where two sure ones cannot be one work and none of them shares an identifier with it, all are unsure.
        """
        profile = read(work)
        positions: set[int] = set()
        for key in set(keys(profile, self._aliases)):
            positions.update(_nearest(self._blocks.get(key, []), self._profiles, profile))
        judged = ((position, judge(profile, self._profiles[position], self._aliases)) for position in positions)
        found = [
            Match(position, judgement) for position, judgement in judged if judgement.verdict is not Sameness.DIFFERENT
        ]
        found.sort(
            key=lambda match: (match.judgement.verdict is not Sameness.SAME, -match.judgement.strength, match.position)
        )
        return self._settle(found)

    def _settle(self, found: list[Match]) -> list[Match]:
        sure = [match for match in found if match.judgement.verdict is Sameness.SAME]
        best = [match for match in sure if match.judgement.strength == sure[0].judgement.strength]
        if len(best) > 1 and best[0].judgement.strength < 8:
            first = self._profiles[best[0].position]
            if any(judge(first, self._profiles[match.position], self._aliases).vetoed for match in best[1:]):
                return [_in_doubt(match) if match in sure else match for match in found]
        return found


def _in_doubt(match: Match) -> Match:
    judgement = match.judgement
    why = f"Not sure: {lowered(judgement.why)}, but it fits another work equally well."
    return Match(match.position, Judgement(Sameness.UNSURE, why, judgement.evidence))


def _nearest(block: list[int], profiles: Sequence[Profile], profile: Profile) -> list[int]:
    """The block, or of a crowded one the records that are nearest by year, page and container."""
    if len(block) <= 4 * _CROWD:
        return block

    def distance(position: int) -> tuple[bool, bool, bool, int]:
        other = profiles[position]
        return (
            other.pages.first != profile.pages.first,
            other.container.slug != profile.container.slug,
            not other.years & profile.years,
            position,
        )

    return sorted(block, key=distance)[: 4 * _CROWD]
