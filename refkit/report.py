"""What a run found, did and could not do: one object, the same from the command, the service and the Python API.

`Report.as_json()` is the contract that docs/report.md describes; names of fields never change their meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from refkit.model import (
    Action,
    Answer,
    Carried,
    Decision,
    Doi,
    Failed,
    Findings,
    Found,
    Mention,
    Missing,
    Note,
    Reason,
    RequestCount,
    Severity,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One input document: its findings, or the sentence that says why there are none."""

    path: str
    findings: Findings | None = None
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The row as the report states it (docs/report.md, `documents`)."""
        found = self.findings
        own = found.own if found else None
        return {
            "path": self.path,
            "kind": found.kind if found else None,
            "error": self.error,
            "own": {
                "doi": own.doi if own else None,
                "verdict": str(own.verdict if own else Verdict.NONE),
                "candidates": list(own.candidates) if own else [],
                "why": own.why if own else "the document could not be read",
            },
            "mentions": [_mention_json(mention) for mention in found.mentions] if found else [],
            "carried": [_carried_json(one) for one in found.works] if found else [],
        }

    def without_mentions(self) -> DocumentRow:
        """The row as far as a summary needs it, for runs over too many documents to hold."""
        found = self.findings
        return self if found is None else DocumentRow(self.path, Findings(found.name, found.kind, found.own))


def _carried_json(one: Carried) -> dict[str, Any]:
    csl = one.work.csl
    return {
        "title": csl.get("title"),
        "doi": csl.get("DOI"),
        "key": one.key or None,
        "place": one.place,
        "program": one.program,
    }


def _mention_json(mention: Mention) -> dict[str, Any]:
    return {
        "doi": mention.doi,
        "written": mention.written,
        "readings": [reading.doi for reading in mention.readings],
        "start": mention.span.start if mention.span else None,
        "end": mention.span.end if mention.span else None,
        "place": mention.place,
        "role": str(mention.role),
        "confidence": round(mention.confidence, 3),
        "why": mention.why,
    }


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One work: the answer to its DOI, and what became of it, in a new file (`key`, `action`) or in a library.

    `was_asked` is False for a work that came in a library, so that no service was asked for it.
    """

    answer: Answer
    key: str | None = None
    action: Action | None = None
    decision: Decision | None = None
    was_asked: bool = True

    def as_json(self) -> dict[str, Any]:
        """The row as the report states it (docs/report.md, `works`)."""
        answer = self.answer
        origin = answer.work.origin if isinstance(answer, Found) else None
        decision = self.decision
        action = decision.action if decision else self.action
        agency = origin.agency if origin else answer.agency if isinstance(answer, Missing) else None
        return {
            "asked": answer.asked or None,
            "doi": (answer.doi or None) if isinstance(answer, Found) else None,
            "answer": type(answer).__name__.lower(),
            "reason": None if isinstance(answer, Found) else str(answer.reason),
            "agency": agency,
            "source": origin.source if origin else None,
            "fetched": origin.fetched if origin else None,
            "key": (decision.key if decision else self.key) or None,
            "action": str(action) if action else None,
            "changes": [
                {"field": change.field, "old": change.old, "new": change.new, "taken": change.taken, "why": change.why}
                for change in (decision.changes if decision else ())
            ],
            "why": " ".join(part for part in (answer.why, decision.why if decision else "") if part),
        }


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    """How many entries a run added to, filled in, refreshed in or left alone in the library it wrote."""

    path: str | None
    added: int = 0
    filled: int = 0
    refreshed: int = 0
    conflicts: int = 0
    same: int = 0
    asked: int = 0

    def as_json(self) -> dict[str, Any]:
        """The counts under the names of the report."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class TargetCounts:
    """What became of works in another program: `kind` is the way in (`local`, `connector`, `web`, `file`).

    `skipped` were there already. Of `asked` it is not sure, or they were refused; their rows in `works` say so.
    """

    kind: str
    added: int = 0
    updated: int = 0
    skipped: int = 0
    conflicts: int = 0
    asked: int = 0

    def as_json(self) -> dict[str, Any]:
        """The counts under the names of the report."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "asked"}


@dataclass(frozen=True, slots=True)
class DuplicateRow:
    """Entries that are, or may be, one work, and why."""

    keys: tuple[str, ...]
    verdict: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """The row as the report states it (docs/report.md, `duplicates`)."""
        return {"keys": list(self.keys), "verdict": self.verdict, "why": self.why}


@dataclass(frozen=True, slots=True)
class CitationRow:
    """A place of a manuscript where a DOI or citation stands, and what was done there.

    `action` is `cite` (a citation now), `same` (a citation before), `left` (as it was, on purpose), `unknown` (the DOI
    has no entry), or, where nothing is changed, `bare` (a DOI that may become a citation) and `missing` (a citation
    whose key no library has). `start` and `end` are offsets in the manuscript as it was.
    """

    path: str
    start: int
    end: int
    action: str
    doi: str | None = None
    key: str | None = None
    why: str = ""
    place: str = ""

    def as_json(self) -> dict[str, Any]:
        """The row as the report states it (docs/report.md, `citations`)."""
        return {name: getattr(self, name) for name in ("path", "start", "end", "place", "doi", "key", "action", "why")}


@dataclass(slots=True)
class Report:
    """All that a run has to say; it is filled while the run goes on and only read afterwards."""

    documents: list[DocumentRow] = field(default_factory=list)
    works: list[WorkRow] = field(default_factory=list)
    library: LibraryCounts | None = None
    target: TargetCounts | None = None
    duplicates: list[DuplicateRow] = field(default_factory=list)
    citations: list[CitationRow] = field(default_factory=list)
    requests: Sequence[RequestCount] = ()
    skipped: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    seen: set[Doi] = field(default_factory=set)
    """The best readings of all mentions; not part of the JSON."""
    left_out: int = 0
    """How many cited DOIs were left out because their documents are publications themselves."""
    unusable: bool = False
    refused: bool = False
    """Whether the program that works were sent to refused some of them."""

    @property
    def exit_code(self) -> int:
        """The design's exit code for this run: the highest that applies (docs/report.md, "Exit codes")."""
        answers = [row.answer for row in self.works]
        if self.refused:
            return 5
        if any(isinstance(a, Failed) and a.reason is not Reason.OFFLINE for a in answers):
            return 4
        if self.unusable:
            return 2
        wants_attention = (
            any(not isinstance(a, Found) for a in answers)
            or any(row.error for row in self.documents)
            or any(note.severity is Severity.ERROR for note in self.notes)
            or any(row.decision and row.decision.action in (Action.CONFLICT, Action.ASK) for row in self.works)
        )
        return 1 if wants_attention else 0

    def work(self, doi: Doi) -> WorkRow | None:
        """The row of the DOI that was asked for or answered, None where there is none."""
        return next((r for r in self.works if doi in (r.answer.asked, getattr(r.answer, "doi", None))), None)

    def as_json(self) -> dict[str, Any]:
        """The whole report as JSON values (docs/report.md)."""
        return {
            "documents": [row.as_json() for row in self.documents],
            "works": [row.as_json() for row in self.works],
            "library": self.library.as_json() if self.library else None,
            "duplicates": [row.as_json() for row in self.duplicates],
            "citations": [row.as_json() for row in self.citations],
            "target": self.target.as_json() if self.target else None,
            "requests": [
                {"host": r.host, "count": r.count, "retried": r.retried, "waited_s": round(r.waited_s, 3)}
                for r in self.requests
            ],
            "skipped": list(self.skipped),
            "notes": [
                {
                    "code": note.code,
                    "message": note.message,
                    "severity": str(note.severity),
                    "path": note.path,
                    "place": note.place,
                }
                for note in self.notes
            ],
        }
