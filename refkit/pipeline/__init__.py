"""The whole flow on one page: inputs → findings → answers → entries → text."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from refkit import finding, formats, keys, match, readers
from refkit.errors import InputError
from refkit.model import Action, Answer, Doi, Entry, Findings, Found, Progress, Verdict
from refkit.pipeline.asking import Asked, Desk, Whose, asked_mention, asked_own, choose
from refkit.pipeline.inputs import Call, library_bytes
from refkit.pipeline.output import Result, check_output, choose_format, is_refused, preview, write_new
from refkit.pipeline.reading import find_dois, find_each
from refkit.pipeline.updates import notices
from refkit.readers import text as text_reader
from refkit.report import DuplicateRow, LibraryCounts, Report, WorkRow
from refkit.settings import Settings

__all__ = [
    "Call",
    "Result",
    "Whose",
    "check_output",
    "choose_format",
    "convert",
    "enrich",
    "find_dois",
    "find_each",
    "is_refused",
    "library_bytes",
    "preview",
    "verify",
    "write_new",
]


def enrich(call: Call, settings: Settings, *, whose: Whose = "auto", output: Path | None = None) -> Result:
    """The main job: find the DOIs, ask for their works, and make entries of them. Writes nothing.

    Parameters: `call`; `settings`; `whose`, see `choose`; `output`, whose suffix gives the format where no setting
    does. Raises `UsageError` for a format that does not exist.
    """
    form = choose_format(settings, output)
    report = Report()
    findings = find_dois(call, report)
    desk = Desk(settings, report, call.progress)
    desk.ask(a for f in findings for a in _to_confirm(f, whose))
    # The records may settle, or unsettle, whose DOI it is; only then is it known whose works are written.
    findings = _confirm(findings, desk, report)
    answers = desk.ask(a for f in findings for a in choose(f, whose, report))
    desk.settle_documents()
    found: dict[Doi, Found] = {}
    for answer in answers:
        if isinstance(answer, Found):
            found.setdefault(answer.doi, answer)
    report.notes += notices(found.values())
    labels = keys.assign({doi: a.work for doi, a in found.items()}, pattern=settings.key_pattern)
    key_of = dict(zip(found, labels, strict=True))
    entries = tuple(Entry(key_of[doi], a.work) for doi, a in found.items())
    report.works = [_work_row(answer, key_of) for answer in answers]
    report.library = LibraryCounts(str(output) if output else None, added=len(entries))
    report.duplicates = duplicates_among(entries)
    text = form.dump(entries, settings)
    report.notes += form.check(text)
    return Result(text, entries, report, form.name)


def _to_confirm(findings: Findings, whose: Whose) -> list[Asked]:
    """What has to be asked before it is known whose works are written: that choice as it stands, or the candidates."""
    if whose == "own" and findings.own.verdict is Verdict.UNSURE:
        return [asked_own(findings, doi) for doi in findings.own.candidates]
    return choose(findings, whose, Report())


def _confirm(findings: Sequence[Findings], desk: Desk, report: Report) -> list[Findings]:
    confirmed = [finding.confirm(f, desk.works) for f in findings]
    new = {id(old): f for old, f in zip(findings, confirmed, strict=True)}
    report.documents = [
        dataclasses.replace(row, findings=new[id(row.findings)]) if row.findings else row for row in report.documents
    ]
    return confirmed


def verify(found: Sequence[Findings], settings: Settings, report: Report, progress: Progress | None) -> None:
    """Ask the registry which of the DOIs found exist; the report gets a work row for each, and nothing is written."""
    asked = [asked_mention(m, f.name) for f in found for m in f.mentions]
    desk = Desk(settings, report, progress)
    report.works = [WorkRow(answer) for answer in desk.ask(asked)]
    report.notes += notices(row.answer for row in report.works if isinstance(row.answer, Found))
    desk.settle_documents()


def duplicates_among(entries: Sequence[Entry]) -> list[DuplicateRow]:
    """The entries that are, or may be, one work, with the reason: a preprint and its article, a work with two DOIs."""
    groups = match.clusters([entry.work for entry in entries])
    return [DuplicateRow(tuple(entries[i].key for i in g.members), str(g.verdict), g.why) for g in groups]


def _work_row(answer: Answer, key_of: Mapping[Doi, str]) -> WorkRow:
    if isinstance(answer, Found):
        return WorkRow(answer, key_of[answer.doi], Action.ADD)
    return WorkRow(answer)


def convert(name: str, data: bytes, form: formats.Format, settings: Settings) -> Result:
    """A whole library in another format; keys stay as they are, and entries without one get one.

    Parameters: `name`, what the user called the library; `data`, its bytes; `form`, the format wanted. Raises
    `InputError` for what is no library.
    """
    kind = readers.kind_of(name, data[: readers.HEAD])
    given = formats.by_suffix(Path(name).suffix) or next((f for f in formats.FORMATS if f.name == kind), None)
    if given is None:
        raise InputError(f"{name} is no library that refkit reads.", "Give a .bib, .ris or CSL-JSON file.")
    text, _, notes = text_reader.decode(data)
    library = given.load(text)
    report = Report(notes=[dataclasses.replace(n, path=name) for n in (*notes, *library.notes)])
    taken = [entry.key for entry in library.entries if entry.key]
    new = iter(keys.assign([e.work for e in library.entries if not e.key], taken, settings.key_pattern))
    entries = tuple(e if e.key else dataclasses.replace(e, key=next(new)) for e in library.entries)
    report.library = LibraryCounts(None, added=len(entries))
    report.duplicates = duplicates_among(entries)
    new_text = form.dump(entries, settings)
    report.notes += form.check(new_text)
    return Result(new_text, entries, report, form.name)
