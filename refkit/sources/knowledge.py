"""What a run has learnt about the DOIs that it was asked for, and the answer that follows from it.

The four ends: found · registered, but no metadata to be had · registered nowhere · could not be asked.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from refkit import doi as dois
from refkit.model import Answer, Doi, Failed, Found, JsonValue, Missing, Origin, Question, Reason, Work
from refkit.net import Fault
from refkit.sources import all_sources
from refkit.sources.crossref import AGENCY as CROSSREF
from refkit.sources.doiorg import Registration
from refkit.store import Kept, iso


@dataclass(slots=True)
class Knowledge:
    """What is known of each DOI.

    `known` and `stale` (too old, to be used when asking fails) hold records. `missed` is not in Crossref's lists,
    `singly_missed` not in Crossref at all, `nothing` has no metadata at its own agency; `remembered` is known so from
    an earlier run. `registered` is what doi.org says, `faults` why a DOI could not be asked for, `short` what DOIs
    short ones stand for.
    """

    known: dict[Doi, Kept] = field(default_factory=dict)
    stale: dict[Doi, Kept] = field(default_factory=dict)
    missed: set[Doi] = field(default_factory=set)
    singly_missed: set[Doi] = field(default_factory=set)
    nothing: set[Doi] = field(default_factory=set)
    remembered: set[Doi] = field(default_factory=set)
    registered: dict[Doi, Registration] = field(default_factory=dict)
    faults: dict[Doi, Fault] = field(default_factory=dict)
    short: dict[Doi, Doi] = field(default_factory=dict)
    suggested: dict[Doi, tuple[Work, ...]] = field(default_factory=dict)

    def settle_short_names(self) -> None:
        """Say of each short DOI what was learnt of the DOI that it stands for."""
        for short, doi in self.short.items():
            for known in (self.known, self.stale):
                if doi in known:
                    known[short] = known[doi]
            if doi in self.registered:
                self.registered[short] = self.registered[doi]
            if doi in self.faults:
                self.faults[short] = self.faults[doi]

    # --- questions -------------------------------------------------------------------------------

    def open(self, question: Question) -> list[Doi]:
        """The readings still worth asking for, longest first: valid, longer than what is found, not known to fail."""
        found = max((len(r) for r in question.readings if r in self.known), default=0)
        longer = [
            r
            for r in longest_first(question)
            if len(r) > found and dois.is_valid(r) and r not in self.short and not self.is_settled(r)
        ]
        # Beside a reading that exists, one that Crossref's lists leave out is not worth a request of its own.
        return [r for r in longer if not found or r not in self.missed]

    def is_settled(self, reading: Doi) -> bool:
        """Whether nothing more can be learnt of a DOI: it is registered nowhere, or no metadata is to be had."""
        registration = self.registered.get(reading)
        if registration is None:
            return False
        if registration.nowhere:
            return reading in self.singly_missed or reading in self.nothing
        return reading in (self.singly_missed if registration.agency == CROSSREF else self.nothing)

    def unfound(self, questions: Sequence[Question], batched: Mapping[Doi, bool]) -> list[Question]:
        """The questions of which no reading is found, or whose best reading could not go into the batches."""
        return [
            q
            for q in questions
            if not any(r in self.known for r in q.readings)
            or (q.readings[0] not in self.known and not batched.get(q.readings[0], True) and self.open(q))
        ]

    def is_nowhere(self, question: Question) -> bool:
        """Whether no agency has registered any of the readings."""
        said = [self.registered.get(r) for r in question.readings if dois.is_valid(r)]
        return bool(said) and all(r is not None and r.nowhere for r in said)

    # --- answers ---------------------------------------------------------------------------------

    def answer(self, question: Question, *, offline: bool) -> Answer:
        """What became of `question`."""
        best = question.readings[0]
        found = next((r for r in longest_first(question) if r in self.known), None)
        if found is not None:
            longer = [self.faults[r] for r in longest_first(question) if len(r) > len(found) and r in self.faults]
            if not longer or found == best:
                return self._found(question, found, self.known[found])
            return Failed(best, longer[0].reason, longer[0].why)
        old = next((r for r in longest_first(question) if r in self.stale and r in self.faults), None)
        if old is not None:
            return self._found(question, old, self.stale[old])
        valid = [r for r in longest_first(question) if dois.is_valid(r)]
        if not valid:
            return Missing(best, Reason.INVALID, "This cannot be a DOI: one is written 10.NUMBER/NAME.")
        if offline and not all(r in self.registered for r in valid):
            return Failed(best, Reason.OFFLINE, "It is not among the records at hand, and refkit works offline.")
        return self._missing(best, valid)

    def _found(self, question: Question, asked: Doi, kept: Kept) -> Found:
        why = []
        if kept.doi != asked:
            why.append(f"{asked} is another name of {kept.doi}")
        if asked != question.readings[0]:
            why.append(f"of the ways to read it, {asked} is the longest that exists")
        fault = self.faults.get(asked)
        if fault is not None:
            why.append(
                f"the record is from {iso(kept.fetched)[:10]}, because it could not be asked for anew: {fault.why}"
            )
        return Found(asked, kept.doi, work_of(kept), "; ".join(why))

    def _missing(self, best: Doi, valid: Sequence[Doi]) -> Answer:
        for reading in valid:
            registration = self.registered.get(reading)
            if registration is None or registration.nowhere:
                continue
            if reading in self.faults:
                return Failed(reading, self.faults[reading].reason, self.faults[reading].why)
            agency = registration.agency
            why = f"It is registered at {agency}, from which no metadata of it is to be had."
            return Missing(reading, Reason.NO_METADATA, why, agency)
        unasked = next((r for r in (best, *valid) if r in self.faults), None)
        if unasked is None:
            why = "It is registered neither at Crossref nor at any other agency."
            return Missing(best, Reason.UNREGISTERED, why, suggestions=self.suggested.get(best, ()))
        fault = self.faults[unasked]
        if unasked in self.singly_missed:
            why = f"Crossref does not have it, and whether another agency has it could not be asked. {fault.why}"
            return Failed(unasked, fault.reason, why)
        return Failed(best, fault.reason, fault.why)


def longest_first(question: Question) -> list[Doi]:
    """The readings by length, of equal ones the better first."""
    return sorted(dict.fromkeys(question.readings), key=len, reverse=True)


def work_of(kept: Kept) -> Work:
    """The work that a kept record describes, made by the source that it came from."""
    return make_work(kept.source, kept.value(), Origin(kept.source, iso(kept.fetched), kept.agency or None))


def make_work(source: str, record: Mapping[str, JsonValue], origin: Origin) -> Work:
    """The work that a record describes; a record on disk says by its shape which service it is from."""
    name = source if any(s.name == source for s in all_sources()) else _source_by_shape(record)
    module = importlib.import_module(next(s.module for s in all_sources() if s.name == name))
    work: Work = module.work(record, origin)
    return work


def _source_by_shape(record: Mapping[str, JsonValue]) -> str:
    """The source whose records look like this one: DataCite's have attributes, and CSL-JSON's titles are strings."""
    if "attributes" in record and "DOI" not in record:
        return "datacite"
    return "doi.org" if isinstance(record.get("title"), str) else "crossref"
