"""Two entries of one library that are one work: what the one that stays takes from the other.

The more complete entry stays. What only the other has is added; notes, keywords, files and groups are joined; of two
values that say the same the fuller one stays; of two that differ the keeper's, and the other is set aside in the base.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from refkit.formats.dates import date_rows
from refkit.formats.editing import Editing, Field
from refkit.formats.plain import word_set
from refkit.match.identifiers import canonical_doi
from refkit.match.profile import years_of
from refkit.merging.arrivals import doi_of
from refkit.merging.joining import JOINS, join, next_numbered
from refkit.merging.values import OWN, About, full_length, same, words
from refkit.model import Change, Entry

_BOOKKEEPING = word_set("ids crossref xdata entryset id ty er timestamp owner date-added date-modified creationdate")
"""Fields that say nothing of the work: an entry's own name, parents and history. The keeper's stay as they are."""


_DOI_FIELDS = frozenset(("doi", "do"))


@dataclass(slots=True)
class Kept:
    """What becomes of the entry that stays: the changes in words, the fields to write, where each comes from (the
    position of the entry that it is taken from unchanged), and the values that are set aside, by field and key."""

    changes: list[Change] = field(default_factory=list)
    write: dict[str, Field] = field(default_factory=dict)
    origin: dict[str, int] = field(default_factory=dict)
    aside: dict[str, dict[str, str]] = field(default_factory=dict)
    conflict: bool = False


def raw_fields(entry: Entry) -> dict[str, Field]:
    """An entry's own fields by their names in small letters; a repeated one has a value a line, as RIS has it."""
    found: dict[str, Field] = {}
    for name, raw in entry.fields:
        known = found.get(name.casefold())
        found[name.casefold()] = Field(name, f"{known.text}\n{raw}" if known else raw)
    return found


def completeness(entry: Entry) -> int:
    """How much an entry says: the number of its fields that are about the work and not empty."""
    said = raw_fields(entry)
    return sum(1 for name, one in said.items() if name not in _BOOKKEEPING and one.text.strip('{}" \t\r\n'))


def keeper_of(entries: Sequence[Entry], members: Iterable[int], parents: Iterable[str]) -> int:
    """The entry of a group that stays: the most complete, then the first.

    One that others inherit from is the last instead, since BibTeX wants a parent behind its children (btxdoc §3.1).
    Parameters: `parents`, all keys that other entries inherit from.
    """
    named = set(parents)
    inherited = [place for place in members if entries[place].key.casefold() in named]
    if inherited:
        return max(inherited)
    return max(members, key=lambda place: (completeness(entries[place]), -place))


def keep(editing: Editing, keeper: int, others: Sequence[int], aliases: Mapping[str, str]) -> Kept:
    """Decide what the entry that stays takes from the others, in their order.

    Parameters: `editing`, the library; `keeper`, `others`, positions; `aliases` of DOIs.
    """
    kept = Kept()
    for other in others:
        _Pair(editing, keeper, other, aliases, kept).run()
    return kept


class _Pair:
    """The keeper and one other entry while they are joined."""

    def __init__(self, editing: Editing, keeper: int, other: int, aliases: Mapping[str, str], kept: Kept) -> None:
        self.editing, self.keeper, self.other, self.kept = editing, keeper, other, kept
        self.format = editing.library.format
        self.mine, self.theirs = editing.library.entries[keeper], editing.library.entries[other]
        self.about = About(self.mine.work.csl, self.theirs.work, aliases)
        self.own_fields = raw_fields(self.mine)

    def run(self) -> None:
        for name, said in raw_fields(self.theirs).items():
            if name not in _BOOKKEEPING and said.text.strip('{}" \t\r\n'):
                self._weigh(name, said)

    def _weigh(self, name: str, said: Field) -> None:
        own = self.kept.write.get(name) or self.editing.present(self.keeper, said)
        if own is None or (name in _DOI_FIELDS and self._states_doi_elsewhere(own, said)):
            self._take_over(name, said)
        elif own.text == said.text or self._is_doi_link(said):
            return
        elif how := JOINS.get(name):
            self._join(own, said, how)
        elif self._is_same(own, said):
            if self._is_fuller(own, said):
                self._put(own, said.text, f"the fuller value is {self.theirs.key}'s", self.other)
        else:
            self._set_aside(own, said)

    def _states_doi_elsewhere(self, own: Field, said: Field) -> bool:
        """Whether the keeper states the DOI of a plain field only in a link or a note."""
        return own.name.casefold() not in _DOI_FIELDS and self._is_doi_link(said)

    def _is_doi_link(self, said: Field) -> bool:
        """Whether a field is only a link to the DOI that the keeper has."""
        doi = canonical_doi(said.text.strip('{}" '))
        return bool(doi) and doi == doi_of(self.mine.work)

    def _take_over(self, name: str, said: Field) -> None:
        if name in {"month", "day"} and not self._one_year():
            self._set_aside(None, said)
        else:
            self._put(None, said.text, f"it was only in {self.theirs.key}", self.other, said)

    def _one_year(self) -> bool:
        mine, theirs = (years_of(entry.work.csl.get("issued")) for entry in (self.mine, self.theirs))
        return not mine or not theirs or mine == theirs

    def _join(self, own: Field, said: Field, how: str) -> None:
        if how == "numbered":
            taken = {*self.own_fields, *self.kept.write}
            texts = {" ".join(one.text.split()) for one in (*self.own_fields.values(), *self.kept.write.values())}
            if " ".join(said.text.split()) not in texts:
                new = Field(next_numbered(said.name, taken), said.text)
                self._put(None, said.text, f"it was only in {self.theirs.key}", self.other, new)
            return
        text = join(own.text, said.text, how, self.format)
        if text != own.text:
            self._put(own, text, f"with what {self.theirs.key} has", None)

    def _is_same(self, own: Field, said: Field) -> bool:
        variable = own.variable
        mine, theirs = self._values(own, said)
        if mine is None or theirs is None:
            return words(own.text) == words(said.text)
        if variable == "issued":  # one work, in print and online
            return bool(near(years_of(mine), years_of(theirs))) or same(variable, mine, theirs, self.about)
        return same(variable, mine, theirs, self.about)

    def _values(self, own: Field, said: Field) -> tuple[Any, Any]:
        return self.mine.work.csl.get(own.variable), self.theirs.work.csl.get(own.variable)

    def _is_fuller(self, own: Field, said: Field) -> bool:
        mine, theirs = self._values(own, said)
        if mine is None or theirs is None or own.name in self.kept.write:
            return False
        if own.variable == "issued":
            return own.name.casefold() == "date" and _is_finer(mine, theirs)
        return full_length(own.variable, theirs) > full_length(own.variable, mine)

    def _put(self, own: Field | None, text: str, why: str, origin: int | None, new: Field | None = None) -> None:
        field_ = Field(own.name, text, own.variable) if own else new
        if field_ is None:
            return
        self.kept.changes.append(
            Change(field_.name, own.text if own else None, text, True, f"{why[:1].upper()}{why[1:]}.", field_.variable)
        )
        self.kept.write[field_.name.casefold()] = field_
        if origin is not None:
            self.kept.origin[field_.name.casefold()] = origin

    def _set_aside(self, own: Field | None, said: Field) -> None:
        """Another value for the same: the keeper's stays, and this one is kept in the base."""
        variable = own.variable if own else "issued"
        name = own.name if own else said.name
        why = f"{self.theirs.key} has another value, which is kept in the side file."
        self.kept.changes.append(Change(name, own.text if own else None, said.text, False, why, variable))
        self.kept.aside.setdefault(said.name.casefold(), {})[self.theirs.key] = said.text
        self.kept.conflict = self.kept.conflict or (variable not in OWN and bool(variable))


def near(mine: set[int], theirs: set[int]) -> bool:
    """Whether years are the same or next to each other, as those in print and online are."""
    return any(abs(x - y) <= 1 for x in mine for y in theirs)


def _is_finer(mine: Any, theirs: Any) -> bool:
    x, y = date_rows(mine), date_rows(theirs)
    return len(x) == len(y) == 1 and len(x[0]) < len(y[0]) and y[0][: len(x[0])] == x[0]
