"""The base while a plan is made: looked up by DOI, key or title, following renamed keys, and written anew."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from refkit.formats.editing import Editing, Field
from refkit.match import profile
from refkit.match.identifiers import canonical_doi
from refkit.merging.arrivals import Arrival, Newcomer, doi_in, doi_of
from refkit.merging.base import TITLES, Base, Said, Written, pair, remembered
from refkit.merging.keeping import Kept
from refkit.merging.values import words
from refkit.model import Entry, Work


class Ledger:
    """The base of one library, with the library's entries at hand."""

    def __init__(self, base: Base, editing: Editing, aliases: Mapping[str, str]) -> None:
        self.base = base
        self.aliases = aliases
        self.records: dict[str, Written] = dict(base.entries)
        self._editing = editing
        self._places: dict[str, int] = {}
        self._dois: dict[str, list[int]] = {}
        self.keys = [entry.key for entry in editing.library.entries]
        for place, key in enumerate(self.keys):
            self._places.setdefault(key, place)
        self._lost = self._find_dois()

    def _find_dois(self) -> set[str]:
        """Where the DOIs of records stand: mostly under the records' keys; the others are lost until they are seen."""
        lost = set()
        for record in self.records.values():
            if doi := self.registered(record.doi):
                place = self._places.get(record.key)
                if place is not None and self.registered(doi_in(self._editing.glance(place))) == doi:
                    self._dois.setdefault(doi, []).append(place)
                else:
                    lost.add(doi)
        return lost

    def see(self, place: int, csl: Mapping[str, Any]) -> None:
        """Take note of an entry at which somebody looks anyway; all are to be seen before entries are asked for."""
        if self._lost and (doi := self.registered(doi_in(csl))) in self._lost:
            self._dois.setdefault(doi, []).append(place)

    @cached_property
    def _owners(self) -> dict[int, str]:
        """Position → the name of the record about the entry there."""
        owners: dict[int, str] = {}
        for name in sorted(self.records):
            place = self.place_of(self.records[name])
            if place is not None:
                owners.setdefault(place, name)
        return owners

    def registered(self, doi: str) -> str:
        """The DOI that the registry knows under this one."""
        return self.aliases.get(doi, doi)

    def place_of(self, record: Written) -> int | None:
        """The position of the entry that a record is about: by its DOI, else by its key, else by its title."""
        same_doi = self._dois.get(self.registered(record.doi), ()) if record.doi else ()
        place = self._places.get(record.key)
        if same_doi:
            return place if place in same_doi else same_doi[0]
        if place is not None:
            return place
        return None if record.doi or record.title is None else self._titles.get(record.title)

    @cached_property
    def _titles(self) -> dict[str, int]:
        """Titles, as the base keeps them, of entries without a record's key: one of them may have been renamed."""
        known = {record.key for record in self.records.values()}
        titles: dict[str, int] = {}
        for place, entry in enumerate(self._editing.library.entries):
            if entry.key not in known:
                for name, raw in entry.fields:
                    if name.casefold() in TITLES:
                        titles.setdefault(remembered(raw), place)
        return titles

    def of_entry(self, place: int) -> Written | None:
        """What refkit wrote into the entry at a position, if anything."""
        name = self._owners.get(place)
        return self.records[name] if name is not None else None

    def added(self) -> set[int]:
        """The positions of entries that refkit made: it wrote their titles."""
        return {place for place, name in self._owners.items() if self.records[name].title is not None}

    def of_newcomer(self, one: Newcomer) -> Written | None:
        """What refkit remembers of a work that it wrote before: by DOI, else by all that it wrote of it."""
        if one.doi:
            return self._by_doi.get(self.registered(one.doi))
        if not self._nameless:
            return None
        fields = {field.name.casefold(): remembered(field.text) for field in self._editing.fields(one.work)}
        title = next((fields[name] for name in TITLES if name in fields), "")
        for record in self._nameless.get(words(title), ()):
            said = {name.casefold(): one_said.text for name, one_said in record.fields.items()}
            if said == fields or (title and _is_of(said, one.work)):
                return record
        return None

    @cached_property
    def _by_doi(self) -> dict[str, Written]:
        return {self.registered(one.doi): one for one in self.base.entries.values() if one.doi}

    @cached_property
    def _nameless(self) -> dict[str, list[Written]]:
        """Records of entries without a DOI by the words of the titles that refkit wrote, "" where it wrote none."""
        found: dict[str, list[Written]] = {}
        for record in self.base.entries.values():
            if not record.doi:
                found.setdefault(words(record.title or ""), []).append(record)
        return found

    def is_as_written(self, record: Written, entry: Entry) -> bool:
        """Whether an entry still has the title that refkit wrote into it, or all else where it wrote none."""
        texts = {name.casefold(): remembered(raw) for name, raw in entry.fields}
        if record.title is not None:
            return any(texts.get(name) == record.title for name in TITLES)
        return all(texts.get(name.casefold()) == said.text for name, said in record.fields.items())

    # --- "these two differ" ----------------------------------------------------------------------

    def keeps_apart(self, one: Newcomer, entry: Entry) -> bool:
        """Whether the user said that a newcomer and an entry differ."""
        return self._said_different({one.doi, *one.keys}, self.names(entry))

    def are_apart(self, one: Newcomer, other: Newcomer) -> bool:
        """Whether the user said that two newcomers differ."""
        return self._said_different({one.doi, *one.keys}, {other.doi, *other.keys})

    def names(self, entry: Entry) -> set[str]:
        """All that an entry goes by: its key, its DOI, and the keys of entries that were merged into it."""
        doi = doi_of(entry.work)
        record = self.records.get(doi) or self.records.get(entry.key)
        return {entry.key, doi, *(record.aliases if record else ())} - {""}

    def _said_different(self, ours: Iterable[str], theirs: Iterable[str]) -> bool:
        if not self.base.different:
            return False
        return any(pair(x, y) in self.base.different for x in ours if x for y in theirs if y and x != y)

    def apart_among(self, arrivals: Sequence[Arrival]) -> Iterator[tuple[int, int]]:
        """The pairs of arrivals, by position, that the user said differ."""
        places: dict[str, list[int]] = {}
        for number, arrival in enumerate(arrivals) if self.base.different else ():
            for name in {doi_of(arrival.work), arrival.key} - {""}:
                places.setdefault(name, []).append(number)
        for x, y in self.base.different:
            yield from itertools.product(places.get(x, ()), places.get(y, ()))

    def apart_in_library(self) -> Iterator[tuple[int, int]]:
        """The pairs of entries, by position, that the user said differ."""
        places: dict[str, list[int]] = {}
        for place, entry in enumerate(self._editing.library.entries) if self.base.different else ():
            for name in self.names(entry):
                places.setdefault(name, []).append(place)
        for x, y in self.base.different:
            yield from itertools.product(places.get(x, ()), places.get(y, ()))

    # --- keys ------------------------------------------------------------------------------------

    def former_key(self, one: Newcomer) -> str:
        """The key under which refkit wrote a work that is not in the library any more, or ""."""
        record = self.records.get(one.doi) if one.doi else None
        return record.key if record else ""

    def keys_of_others(self, new: Iterable[Newcomer]) -> set[str]:
        """Keys that manuscripts may still cite: of deleted entries, and of those merged into others."""
        mine = {one.doi for one in new}
        rows = [record for record in self.records.values() if not record.doi or record.doi not in mine]
        return {key.casefold() for record in rows for key in (record.key, *record.aliases)}

    # --- writing ---------------------------------------------------------------------------------

    def wrote(self, key: str, doi: str, fields: Iterable[Field], work: Work, where: str, place: int | None) -> None:
        """Remember what refkit writes: into the entry at `place`, or as a new entry (`place` None)."""
        old = self.of_entry(place) if place is not None else self.records.get(doi or key)
        if old is None and place is None and doi:
            old = self.records.get(key)
        source = where if work.origin.source in {"library", "unknown"} and where else work.origin.source
        said = {field.name: Said(remembered(field.text), source, work.origin.fetched or "") for field in fields}
        known: Written = old or Written(key)
        mine: dict[str, Any] = {} if place is None else dict(known.fields)
        folded = {name.casefold() for name in said}
        kept = {name: text for name, text in mine.items() if name.casefold() not in folded}
        new = replace(known, key=key, doi=doi, fields={**kept, **said})
        if old is not None:
            self.records.pop(old.name, None)
        self.records[new.name] = new

    def merged(self, keeper: int, others: Sequence[int], kept: Kept, keys_gone: Iterable[str], doi: str) -> None:
        """Remember that entries were merged into the one at `keeper`, and what refkit had written into them."""
        entry = self._editing.library.entries[keeper]
        mine = self.of_entry(keeper)
        fields = dict(mine.fields) if mine else {}
        aliases, aside = set(mine.aliases if mine else ()), dict(mine.aside if mine else {})
        for place in others:
            theirs = self.of_entry(place)
            if theirs is None:
                continue
            self.records.pop(theirs.name, None)
            aliases |= set(theirs.aliases)
            aside = {**theirs.aside, **aside}
            for name, said in theirs.fields.items():
                if kept.origin.get(name.casefold()) == place:
                    fields[name] = said
        for name, values in kept.aside.items():
            aside[name] = {**aside.get(name, {}), **values}
        aliases = (aliases | set(keys_gone)) - {entry.key, ""}
        if mine is not None:
            self.records.pop(mine.name, None)
        if mine is not None or fields or aliases or aside:
            known = mine or Written(entry.key)
            new = replace(known, key=entry.key, doi=doi, fields=fields, aliases=tuple(sorted(aliases)), aside=aside)
            self.records[new.name] = new
            self._owners[keeper] = new.name

    def result(self) -> Base:
        """The base as it is after the plan, with the keys that the user renamed."""
        entries = self._editing.library.entries
        for place, name in self._owners.items():
            record = self.records.get(name)
            key = entries[place].key
            # Where entries bear no keys, as in many RIS files, they go by their DOIs.
            if record is not None and record.doi and key != record.key and canonical_doi(key) != record.doi:
                self.records[name] = replace(record, key=key)
        return replace(self.base, entries=self.records)


_WHO = frozenset(("author", "au", "a1", "editor", "ed", "a2"))
_WHEN = frozenset(("year", "date", "issued", "py", "y1", "da"))


def _is_of(said: Mapping[str, str], work: Work) -> bool:
    """Whether what refkit wrote, of a work with the same title, names this work's first author and year."""
    who = next((text for name, text in said.items() if name in _WHO), "")
    when = " ".join(text for name, text in said.items() if name in _WHEN)
    family, years = profile.read(work).first_family, profile.years_in(work)
    slug = words(who).replace(" ", "").replace("ae", "a").replace("oe", "o").replace("ue", "u")
    return (family in slug if family else not who) and (any(str(year) in when for year in years) if years else not when)
