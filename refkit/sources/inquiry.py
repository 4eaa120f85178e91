"""How all questions of a run are settled together, with as few requests as the services' rules allow.

Records on disk and the cache come first. What they leave open goes to Crossref in batches, all readings of all
questions together. Only for questions of which no reading was found then, doi.org is asked who registered them; what is
Crossref's (an alias, a DOI with a comma, a gap in the list) or unknown is asked for singly, the rest of its own agency.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping, Sequence

from refkit import doi as dois
from refkit.model import Answer, Doi, Found, JsonValue, Origin, Progress, Question, Severity
from refkit.net import Client, Fault
from refkit.settings import Settings
from refkit.sources import Log, Source, all_sources, crossref, doiorg, records
from refkit.sources.crossref import Record
from refkit.sources.doiorg import Registration
from refkit.sources.knowledge import Knowledge, make_work
from refkit.store import UNLISTED, Absence, Cache, Harvest, Kept, Packer, folder, is_fresh, lenient, now

MOST_SUGGESTED = 25
"""Searches by words in one run; each costs as much as fifty DOIs."""

KEEP_EVERY = 50
"""Answers after which the cache is written, so that an interrupted run loses no more than these."""

DAY = 86_400


class Inquiry:
    """The questions of one run; `settle`, then `answer` each."""

    def __init__(self, questions: Sequence[Question], settings: Settings, progress: Progress | None, log: Log) -> None:
        self._questions = list(questions)
        self._settings = settings
        self._progress = progress
        self._log = log
        self._client = Client(settings, progress=progress, notes=log.notes)
        self._cache = Cache(folder(settings), log.notes)
        self._harvest = Harvest()
        self._packer = Packer()
        self._know = Knowledge()
        self._batched: dict[Doi, bool] = {}
        self._now = now()

    def __enter__(self) -> Inquiry:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._cache.keep(self._harvest)
        self._cache.close()
        self._log.requests[:] = self._client.requests

    def answer(self, question: Question) -> Answer:
        """What became of `question`; call it after `settle`."""
        answer = self._know.answer(question, offline=self._settings.offline)
        if isinstance(answer, Found) and answer.asked not in self._know.known:
            message = (
                "Records from the cache that are older than the setting `refresh` were used, because services failed."
            )
            self._client.note("stale-used", message, Severity.WARNING)
        return answer

    def settle(self) -> None:
        """Find out all that can be found out, without asking anything that is not needed."""
        wanted = dict.fromkeys(r for q in self._questions for r in q.readings if dois.is_valid(r))
        self._batched = {r: crossref.can_be_batched(r) for r in wanted}
        self._look_at_records(wanted)
        self._look_into_cache(wanted)
        if self._settings.offline:
            return
        try:
            self._ask_for_short_names()
            self._ask_in_batches()
            self._ask_who_registered()
            self._ask_singly()
            self._ask_elsewhere()
            self._settle_short_names()
            self._keep_absences()
            self._ask_by_words()
        finally:
            self._cache.keep(self._harvest)
            self._log.requests[:] = self._client.requests

    # --- what is at hand -------------------------------------------------------------------------

    def _look_at_records(self, wanted: Iterable[Doi]) -> None:
        found = records.pick(self._settings, frozenset(wanted), self._log.notes, self._progress)
        for name, kept in found:
            self._know.known.setdefault(name, kept)

    def _look_into_cache(self, wanted: Iterable[Doi]) -> None:
        """Fresh records settle, old ones are asked for anew; what was said to be absent is believed for some days."""
        know = self._know
        wanted = [r for r in wanted if r not in know.known]
        life = self._settings.refresh * DAY
        for doi, kept in self._cache.records(wanted).items():
            usable = self._settings.offline or (life > 0 and is_fresh(kept.fetched, life))
            (know.known if usable else know.stale)[doi] = kept
        if life <= 0:
            return
        for doi, absence in self._cache.absences(r for r in wanted if r not in know.known).items():
            know.missed.add(doi)
            if absence.reason != UNLISTED:
                know.remembered.add(doi)
                know.registered[doi] = Registration(absence.agency)
                know.singly_missed.add(doi)
                know.nothing.add(doi)

    def _ask_for_short_names(self) -> None:
        """Put the DOIs that short ones (`10/abc`) stand for among the questions."""
        short = dict.fromkeys(r for q in self._questions for r in self._know.open(q) if r.startswith("10/"))
        if not short:
            return
        self._start("Asking what short DOIs stand for", len(short))
        for doi, outcome in doiorg.short_names(short, self._client):
            self._advance()
            if isinstance(outcome, Fault):
                self._know.faults[doi] = outcome
            elif outcome is None:
                self._know.registered[doi] = Registration("")
                self._know.singly_missed.add(doi)
            else:
                self._know.short[doi] = outcome
        self._stop()
        added = [target for target in self._know.short.values() if target not in self._batched]
        self._questions += [Question((target,)) for target in added]
        self._batched |= {target: crossref.can_be_batched(target) for target in added}
        self._look_into_cache(added)

    def _settle_short_names(self) -> None:
        """Say of each short DOI what was learnt of the one that it stands for."""
        self._know.settle_short_names()
        for short, doi in self._know.short.items():
            if doi in self._know.known:
                self._harvest.records.append((short, self._know.known[doi]))

    # --- asking ----------------------------------------------------------------------------------

    def _ask_in_batches(self) -> None:
        know = self._know
        groups = [[r for r in know.open(q) if self._batched[r] and r not in know.missed] for q in self._questions]
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
            self._take(doi, outcome, crossref.NAME, crossref.AGENCY, know.missed)
            if outcome is None:
                self._harvest.absences.append((doi, Absence(UNLISTED, "", self._now)))
        self._stop()

    def _ask_who_registered(self) -> None:
        know = self._know
        wanted = dict.fromkeys(r for q in self._unfound() for r in know.open(q) if r not in know.faults)
        wanted = dict.fromkeys(r for r in wanted if r not in know.registered)
        if not wanted:
            return
        self._start("Asking doi.org", len(wanted))
        for doi, outcome in doiorg.registrations(wanted, self._client):
            self._advance()
            if isinstance(outcome, Fault):
                know.faults.setdefault(doi, outcome)
            else:
                know.registered[doi] = outcome
        self._stop()

    def _ask_singly(self) -> None:
        """Round by round, the longest reading first, so that a question is left as soon as one reading is found."""
        rounds = {id(q): self._single_candidates(q) for q in self._unfound()}
        while wanted := dict.fromkeys(rounds[id(q)].pop(0) for q in self._unfound() if rounds.get(id(q))):
            self._start("Asking Crossref for single DOIs", len(wanted))
            for doi, outcome in crossref.singly(wanted, self._client):
                self._take(doi, outcome, crossref.NAME, crossref.AGENCY, self._know.singly_missed)
            self._stop()

    def _single_candidates(self, question: Question) -> list[Doi]:
        """The readings that Crossref may have all the same; of those that doi.org denies only the best is asked for."""
        said = self._know.registered
        return [
            r
            for r in self._know.open(question)
            if r not in said or said[r].agency == crossref.AGENCY or (said[r].nowhere and r == question.readings[0])
        ]

    def _keep_absences(self) -> None:
        """Remember what is now certain: nobody has registered a DOI, or Crossref has and gives nothing."""
        know = self._know
        for reading in dict.fromkeys(r for q in self._unfound() for r in q.readings):
            said = know.registered.get(reading)
            if said is None or reading in know.faults or reading in know.remembered:
                continue
            if said.nowhere:
                self._harvest.absences.append((reading, Absence("unregistered", "", self._now)))
            elif said.agency == crossref.AGENCY and reading in know.singly_missed:
                self._harvest.absences.append((reading, Absence("no-metadata", said.agency, self._now)))

    def _ask_elsewhere(self) -> None:
        """DOIs of other agencies go to the source that has them, the longest readings first."""
        know = self._know
        for source in all_sources()[1:]:
            wanted = dict.fromkeys(
                r
                for q in self._unfound()
                for r in know.open(q)
                if (said := know.registered.get(r)) is not None and not said.nowhere and _source_of(said) is source
            )
            if not wanted:
                continue
            module = importlib.import_module(source.module)
            self._start(f"Asking {source.shown}", len(wanted))
            for doi, outcome in module.look_up(wanted, self._client):
                agency = know.registered[doi].agency
                self._take(doi, outcome, source.name, agency, know.nothing)
                if outcome is None:
                    self._harvest.absences.append((doi, Absence("no-metadata", agency, self._now)))
            self._stop()

    def _ask_by_words(self) -> None:
        """Suggestions for DOIs that are registered nowhere, from the words around them; shown, never taken."""
        know = self._know
        if not self._settings.suggestions:
            return
        lost = {q.readings[0]: q for q in reversed(self._unfound()) if q.context and know.is_nowhere(q)}
        searches = [(doi, words) for doi, q in lost.items() if len((words := _words_around(q)).split()) >= 3]
        if searches:
            self._start("Looking for what was meant", min(len(searches), MOST_SUGGESTED))
        for doi, words in searches[:MOST_SUGGESTED]:
            found = self._client.search(words)
            if isinstance(found, Fault):
                break
            origin = Origin(crossref.NAME, agency=crossref.AGENCY)
            fitting = [r for r in found if _fits(r, words)]
            know.suggested[doi] = tuple(make_work(crossref.NAME, r, origin) for r in fitting)
            self._advance()
        if searches:
            self._stop()
        if len(searches) > MOST_SUGGESTED:
            message = f"Suggestions were looked for only for {MOST_SUGGESTED} of {len(searches)} unregistered DOIs."
            self._client.note("suggestions-cut", message)

    def _take(self, doi: Doi, outcome: Record | Fault | None, source: str, agency: str, missed: set[Doi]) -> None:
        """Note what a source said of `doi`, and keep it."""
        self._advance()
        know = self._know
        if isinstance(outcome, Fault):
            know.faults[doi] = outcome
            return
        if outcome is None:
            missed.add(doi)
            return
        know.faults.pop(doi, None)
        packed = self._packer.pack(lenient.dumps(outcome.body))
        kept = Kept(outcome.doi, packed, self._packer, source, agency, self._now)
        know.known[doi] = kept
        self._harvest.records.append((doi, kept))
        if len(self._harvest) >= KEEP_EVERY:
            self._cache.keep(self._harvest)

    def _unfound(self) -> list[Question]:
        return self._know.unfound(self._questions, self._batched)

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


def _source_of(registration: Registration) -> Source:
    return next((s for s in all_sources() if registration.agency in s.agencies), all_sources()[-1])


def _words_around(question: Question) -> str:
    """The context without the DOI itself and without links, which say nothing about a title."""
    words = re.sub(r"(?i)\bhttps?://\S+|\bdoi:?\s*\S*10\.\S+|\b10\.\d{4,9}/\S+", " ", question.context)
    return " ".join(words.split())


def _fits(record: Mapping[str, JsonValue], words: str) -> bool:
    """Whether at least half of the longer words of a record's title stand in `words`: else it is a hit by chance."""
    title = record.get("title")
    text = " ".join(t for t in title if isinstance(t, str)) if isinstance(title, list) else str(title or "")
    wanted = _long_words(text)
    return bool(wanted) and 2 * len(wanted & _long_words(words)) >= len(wanted)


def _long_words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", re.sub(r"<[^>]*>", " ", text).casefold()))
