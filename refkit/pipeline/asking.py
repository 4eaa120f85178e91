"""Findings → questions → answers: whose works are written, and each DOI asked for once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from refkit import sources
from refkit.model import (
    Answer,
    Doi,
    Findings,
    Found,
    Mention,
    Note,
    Progress,
    Question,
    RequestCount,
    Role,
    Severity,
    Verdict,
    Work,
)
from refkit.pipeline.updates import notices
from refkit.report import DocumentRow, Report, WorkRow
from refkit.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the mention that it comes from (None for a DOI of the call itself)."""

    question: Question
    path: str
    mention: Mention | None = None


AS_DOCUMENTS = frozenset({"bibtex", "ris", "csljson", "nbib", "endnote"})
"""Kinds of library that come here only where they are read as documents: on standard input, or without a format."""

Whose = Literal["auto", "own", "cited", "all"]


def choose(findings: Findings, whose: Whose, report: Report) -> list[Asked]:
    """The mentions of one document whose works are written (design §5, "Whose DOIs are written").

    Parameters: `whose`, "auto" for the rule: a publication (its own DOI is sure) stands for itself, any other document
    gives every DOI in it; `report`, which is told what was left out or is not sure.
    """
    own, path, notes = findings.own, findings.name, report.notes
    if findings.kind in AS_DOCUMENTS:
        message = (
            "A library, read as a document: the works of its DOIs are written anew, under new keys; entries without a "
            "DOI and fields of your own are not carried over."
        )
        notes.append(Note("library-as-document", message, Severity.WARNING, path=path))
    everything = [asked_mention(m, path) for m in findings.mentions]
    cited = [asked_mention(m, path) for m in findings.mentions if m.role is not Role.OWN]
    match whose:
        case "all":
            return everything
        case "cited":
            return cited
        case "own" if own.verdict is Verdict.UNSURE:
            message = f"It is not sure which DOI is the document's own: {_listed(own.candidates)} ({own.why})."
            notes.append(Note("own-unsure", message, Severity.ERROR, path=path))
            return []
        case "own" if own.verdict is Verdict.NONE and findings.kind != "doi":
            notes.append(Note("own-none", f"The document has no DOI of its own ({own.why}).", path=path))
            return []
    if own.verdict is not Verdict.SURE or own.doi is None:
        if own.verdict is Verdict.UNSURE:
            message = f"Not sure whether {_listed(own.candidates)} is the document's own DOI; all its DOIs were taken."
            notes.append(Note("own-unsure", message, path=path))
        return everything
    left_out = len({m.doi for m in findings.mentions if m.role is not Role.OWN})
    if left_out and whose == "auto":
        report.left_out += left_out
        message = f"A publication itself: its own work is taken, its {left_out} cited ones are left out."
        notes.append(Note("cited-left-out", message, path=path))
    return [asked_own(findings, own.doi)]


def asked_own(findings: Findings, own: Doi) -> Asked:
    mentions = (asked_mention(m, findings.name) for m in findings.mentions if m.doi == own)
    return next(mentions, Asked(Question((own,)), findings.name))


def asked_mention(mention: Mention, path: str) -> Asked:
    return Asked(Question(tuple(r.doi for r in mention.readings), mention.context), path, mention)


def _listed(candidates: Sequence[Doi]) -> str:
    return ", ".join(candidates) or "none of those found"


class Desk:
    """Asks the sources on behalf of one run, never twice for the same, and tells the report."""

    def __init__(self, settings: Settings, report: Report, progress: Progress | None) -> None:
        self._settings, self._report, self._progress = settings, report, progress
        self._settled: dict[tuple[Doi, ...], Answer] = {}

    @property
    def works(self) -> dict[Doi, Work]:
        """The works found so far, by every DOI that they were asked by."""
        return {a.asked: a.work for a in self._settled.values() if isinstance(a, Found)}

    def ask(self, asked: Iterable[Asked]) -> list[Answer]:
        """The answers to all questions, one for each DOI, in the order of their first appearance."""
        questions: dict[tuple[Doi, ...], Question] = {}
        for item in asked:
            questions.setdefault(item.question.readings, item.question)
        new = [question for readings, question in questions.items() if readings not in self._settled]
        if new:
            log = sources.Log()
            answers = sources.ask(new, self._settings, progress=self._progress, log=log)
            self._settled |= {q.readings: answer for q, answer in zip(new, answers, strict=True)}
            self._report.requests = add_up([*self._report.requests, *log.requests])
            self._report.notes += [note for note in log.notes if note not in self._report.notes]
        one_each: dict[tuple[type[Answer], Doi], Answer] = {}
        for readings in questions:
            answer = self._settled[readings]
            one_each.setdefault((type(answer), answer.asked), answer)
        return list(one_each.values())

    def settle_documents(self) -> None:
        """Let the mentions in the report say which of their readings exists."""
        self._report.documents = [_settle(row, self._settled) for row in self._report.documents]


def add_up(counts: Iterable[RequestCount]) -> list[RequestCount]:
    """Counts of several runs of a client as one row a host."""
    by_host: dict[str, RequestCount] = {}
    for c in counts:
        t = by_host.get(c.host, RequestCount(c.host, 0))
        by_host[c.host] = RequestCount(c.host, t.count + c.count, t.retried + c.retried, t.waited_s + c.waited_s)
    return list(by_host.values())


def _settle(row: DocumentRow, settled: Mapping[tuple[Doi, ...], Answer]) -> DocumentRow:
    """The row with the registry's word on which reading of each mention exists."""
    if row.findings is None:
        return row
    mentions = tuple(_settle_mention(m, settled) for m in row.findings.mentions)
    return dataclasses.replace(row, findings=dataclasses.replace(row.findings, mentions=mentions))


def _settle_mention(mention: Mention, settled: Mapping[tuple[Doi, ...], Answer]) -> Mention:
    answer = settled.get(tuple(r.doi for r in mention.readings))
    if not isinstance(answer, Found):
        return mention
    chosen = [r for r in mention.readings if r.doi == answer.asked]
    others = [r for r in mention.readings if r.doi != answer.asked]
    why = mention.why if mention.readings[0] in chosen else f"{mention.why}; {answer.asked} is the reading that exists"
    return dataclasses.replace(mention, readings=(*chosen, *others), why=why)


def verify(found: Sequence[Findings], settings: Settings, report: Report, progress: Progress | None) -> None:
    """Ask the registry which of the DOIs found exist; the report gets a work row for each, and nothing is written."""
    asked = [asked_mention(m, f.name) for f in found for m in f.mentions]
    desk = Desk(settings, report, progress)
    report.works = [WorkRow(answer) for answer in desk.ask(asked)]
    report.notes += notices(row.answer for row in report.works if isinstance(row.answer, Found))
    desk.settle_documents()
