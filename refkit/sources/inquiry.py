"""How all questions of a run are settled together, with as few requests as the services' rules allow.

Records on disk and the cache come first. What they leave open goes to Crossref in batches, all readings of all
questions together. Only for questions of which no reading was found then, doi.org is asked who registered them; what is
Crossref's (an alias, a DOI with a comma, a gap in the list) or unknown is asked for singly, the rest of its own agency.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from refkit import doi as dois
from refkit.model import Answer, Doi, Failed, Found, Missing, Origin, Progress, Question, Reason, Work
from refkit.net import Client, Fault
from refkit.settings import Settings
from refkit.sources import SOURCES, Log, Source, crossref, doiorg, records
from refkit.sources.crossref import Record
from refkit.sources.doiorg import Registration

MOST_SUGGESTED = 25
"""Searches by words in one run; each costs as much as fifty DOIs."""


@dataclass(frozen=True, slots=True)
class Known:
    """A record and where it came from."""

    record: Record
    origin: Origin


class Inquiry:
    """The questions of one run and all that is learnt about their readings; `settle`, then `answer` each."""

    def __init__(self, questions: Sequence[Question], settings: Settings, progress: Progress | None, log: Log) -> None:
        self._questions = questions
        self._settings = settings
        self._progress = progress
        self._log = log
        self._client = Client(settings, progress=progress, notes=log.notes)
        self._known: dict[Doi, Known] = {}
        self._missed: set[Doi] = set()
        """Not in Crossref's lists."""
        self._singly_missed: set[Doi] = set()
        """Asked for singly at Crossref, which has nothing."""
        self._registered: dict[Doi, Registration] = {}
        self._faults: dict[Doi, Fault] = {}
        self._suggested: dict[Doi, tuple[Work, ...]] = {}

    def __enter__(self) -> Inquiry:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._log.requests[:] = self._client.requests

    # --- settling --------------------------------------------------------------------------------

    def settle(self) -> None:
        """Find out all that can be found out, without asking anything that is not needed."""
        self._look_at_records()
        if self._settings.offline:
            return
        try:
            self._ask_in_batches()
            self._ask_who_registered()
            self._ask_singly()
            self._ask_elsewhere()
            self._ask_by_words()
        finally:
            self._log.requests[:] = self._client.requests

    def _look_at_records(self) -> None:
        wanted = {r for q in self._questions for r in q.readings if dois.is_valid(r)}
        for name, known in records.pick(self._settings.records, wanted, self._log.notes, self._progress):
            self._known.setdefault(name, Known(known, Origin("records", agency=crossref.AGENCY)))

    def _ask_in_batches(self) -> None:
        groups = [[r for r in self._open(q) if crossref.can_be_batched(r)] for q in self._questions]
        total = len({r for group in groups for r in group})
        if not total:
            return
        if not self._settings.mailto and not self._settings.token:
            message = (
                "refkit asked Crossref in its public pool. Set your e-mail address once (`mailto` in refkit.toml, or "
                "REFKIT_MAILTO) and Crossref answers about three times faster."
            )
            self._client.note("no-mailto", message)
        self._start("Asking Crossref", total)
        for doi, outcome in crossref.in_batches(groups, self._client):
            self._take(doi, outcome, SOURCES[0], self._missed)
        self._stop()

    def _ask_who_registered(self) -> None:
        wanted = [r for q in self._unfound() for r in self._open(q) if r not in self._faults]
        if not wanted:
            return
        self._start("Asking doi.org", len(set(wanted)))
        for doi, outcome in doiorg.registrations(wanted, self._client):
            self._advance()
            if isinstance(outcome, Fault):
                self._faults.setdefault(doi, outcome)
            else:
                self._registered[doi] = outcome
        self._stop()

    def _ask_singly(self) -> None:
        """Round by round, the longest reading first, so that a question is left as soon as one reading is found."""
        rounds = {id(q): self._single_candidates(q) for q in self._unfound()}
        while True:
            wanted = dict.fromkeys(
                rounds[id(q)].pop(0) for q in self._unfound() if rounds.get(id(q))
            )  # fmt: skip
            if not wanted:
                return
            self._start("Asking Crossref for single DOIs", len(wanted))
            for doi, outcome in crossref.singly(wanted, self._client):
                self._take(doi, outcome, SOURCES[0], self._singly_missed)
            self._stop()

    def _single_candidates(self, question: Question) -> list[Doi]:
        """The readings that Crossref may have all the same; of those that doi.org denies only the best is asked for."""
        return [
            r
            for r in self._open(question)
            if (registration := self._registered.get(r)) is None
            or registration.agency == crossref.AGENCY
            or (registration.nowhere and r == question.readings[0])
        ]

    def _ask_elsewhere(self) -> None:
        """DOIs of other agencies go to the source that has them; no other source is known yet."""

    def _ask_by_words(self) -> None:
        """Suggestions for DOIs that are registered nowhere, from the words around them; shown, never taken."""
        lost = [q for q in self._unfound() if q.context and self._is_nowhere(q)]
        for question in lost[:MOST_SUGGESTED]:
            words = _words_around(question)
            if len(words.split()) < 3:
                continue
            found = self._client.search(words)
            if isinstance(found, Fault):
                return
            fitting = [r for r in found if _fits(r, words)]
            self._suggested[question.readings[0]] = tuple(_work(SOURCES[0], r, Origin("crossref")) for r in fitting)
        if len(lost) > MOST_SUGGESTED:
            message = (
                f"Only for the first {MOST_SUGGESTED} of {len(lost)} unregistered DOIs suggestions were looked for."
            )
            self._client.note("suggestions-cut", message)

    def _take(self, doi: Doi, outcome: Record | Fault | None, source: Source, missed: set[Doi]) -> None:
        self._advance()
        if isinstance(outcome, Fault):
            self._faults[doi] = outcome
            return
        self._faults.pop(doi, None)
        if outcome is None:
            missed.add(doi)
        else:
            origin = Origin(source.name, self._client.now(), source.agencies[0])
            self._known[doi] = Known(outcome, origin)

    # --- questions -------------------------------------------------------------------------------

    def _open(self, question: Question) -> list[Doi]:
        """The readings still worth asking for, longest first: valid, and longer than what is already found."""
        found = max((len(r) for r in question.readings if r in self._known), default=0)
        return [r for r in _longest_first(question) if len(r) > found and dois.is_valid(r)]

    def _unfound(self) -> list[Question]:
        """The questions of which no reading is found, or whose best reading could not go into the batches."""
        return [
            q
            for q in self._questions
            if not any(r in self._known for r in q.readings)
            or (q.readings[0] not in self._known and not crossref.can_be_batched(q.readings[0]) and self._open(q))
        ]

    def _is_nowhere(self, question: Question) -> bool:
        registrations = [self._registered.get(r) for r in question.readings if dois.is_valid(r)]
        return bool(registrations) and all(r is not None and r.nowhere for r in registrations)

    # --- answers ---------------------------------------------------------------------------------

    def answer(self, question: Question) -> Answer:
        """What became of `question`; call it after `settle`."""
        best = question.readings[0]
        found = next((r for r in _longest_first(question) if r in self._known), None)
        if found is not None:
            doubtful = [r for r in _longest_first(question) if len(r) > len(found) and r in self._faults]
            if not doubtful or found == best:
                return self._found(question, found)
            return Failed(best, self._faults[doubtful[0]].reason, self._faults[doubtful[0]].why)
        valid = [r for r in _longest_first(question) if dois.is_valid(r)]
        if not valid:
            return Missing(best, Reason.INVALID, f"{best} cannot be a DOI: one is written 10.NUMBER/NAME.")
        if self._settings.offline:
            why = f"{best} is not among the records at hand, and refkit works offline."
            return Failed(best, Reason.OFFLINE, why)
        return self._missing(best, valid)

    def _found(self, question: Question, asked: Doi) -> Found:
        known = self._known[asked]
        source = next((s for s in SOURCES if s.name == known.origin.source), SOURCES[0])
        why = []
        if known.record.doi != asked:
            why.append(f"{asked} is another name of {known.record.doi}")
        if asked != question.readings[0]:
            why.append(f"of the ways to read it, {asked} is the longest that exists")
        return Found(asked, known.record.doi, _work(source, known.record.body, known.origin), "; ".join(why))

    def _missing(self, best: Doi, valid: list[Doi]) -> Answer:
        for reading in valid:
            registration = self._registered.get(reading)
            if registration is None or registration.nowhere:
                continue
            if reading in self._faults:
                return Failed(reading, self._faults[reading].reason, self._faults[reading].why)
            agency = registration.agency
            why = f"{reading} is registered at {agency}, from which refkit can get no metadata."
            if agency == crossref.AGENCY:
                why = f"{reading} is registered at Crossref, which has no metadata of it to give (yet)."
            return Missing(reading, Reason.NO_METADATA, why, agency)
        faults = [(r, self._faults[r]) for r in valid if r in self._faults]
        if faults:
            reading, fault = next(((r, f) for r, f in faults if r == best), faults[0])
            if reading in self._missed | self._singly_missed:
                why = f"Crossref does not have {reading}; whether another agency has could not be asked: {fault.why}"
                return Failed(reading, fault.reason, why)
            return Failed(best, fault.reason, fault.why)
        why = f"{best} is registered neither at Crossref nor at any other agency."
        return Missing(best, Reason.UNREGISTERED, why, suggestions=self._suggested.get(best, ()))

    # --- progress --------------------------------------------------------------------------------

    def _start(self, stage: str, total: int) -> None:
        if self._progress is not None:
            self._progress.start(stage, total)

    def _advance(self) -> None:
        if self._progress is not None:
            self._progress.advance()

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()


def _longest_first(question: Question) -> list[Doi]:
    return sorted(dict.fromkeys(question.readings), key=len, reverse=True)


def _work(source: Source, body: object, origin: Origin) -> Work:
    import importlib

    module = importlib.import_module(source.module)
    work: Work = module.work(body, origin)
    return work


def _words_around(question: Question) -> str:
    """The context without the DOI itself and without links, which say nothing about a title."""
    words = re.sub(r"(?i)\bhttps?://\S+|\bdoi:?\s*\S*10\.\S+|\b10\.\d{4,9}/\S+", " ", question.context)
    return " ".join(words.split())


def _fits(record: object, words: str) -> bool:
    """Whether at least half of the longer words of a record's title stand in `words`: else it is a hit by chance."""
    title = record.get("title") if isinstance(record, dict) else None
    text = " ".join(t for t in title if isinstance(t, str)) if isinstance(title, list) else str(title or "")
    wanted = _long_words(text)
    return bool(wanted) and 2 * len(wanted & _long_words(words)) >= len(wanted)


def _long_words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", re.sub(r"<[^>]*>", " ", text).casefold()))
