"""The main job on one page: inputs → findings → answers → entries, for a file of their own or merged into a library."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from refkit import doi as dois
from refkit import files, finding, keys, match, merging
from refkit.errors import RefkitError, UsageError
from refkit.model import Action, Answer, Carried, Decision, Doi, Entry, Findings, Found, Question, Verdict
from refkit.pipeline.asking import Asked, Desk, Whose, asked_own, choose
from refkit.pipeline.carried import carried_entries, carried_works
from refkit.pipeline.converting import duplicates_among
from refkit.pipeline.inputs import Call
from refkit.pipeline.libraries import LIBRARY_KINDS, LibraryFile, empty_library, open_library, zotero_file
from refkit.pipeline.merging import (
    Prepared,
    arrived_rows,
    counted,
    duplicate_rows,
    merge_into,
    planned,
    report_on,
    side_file,
)
from refkit.pipeline.output import Result, choose_format
from refkit.pipeline.reading import find_dois
from refkit.pipeline.sending import Sending, send, zotero_library
from refkit.pipeline.updates import notices
from refkit.report import DocumentRow, LibraryCounts, Report, WorkRow
from refkit.settings import Settings
from refkit.sinks import zotero


@dataclass(frozen=True, slots=True)
class Target:
    """The library that a run merges into: its path, whether that is only shown, and what the step is called."""

    path: Path
    dry_run: bool = False
    command: str = "refkit enrich"


@dataclass(frozen=True, slots=True)
class _Known:
    """All that a run has learned before it writes anything."""

    findings: Sequence[Findings]
    libraries: Sequence[tuple[LibraryFile, Sequence[Entry]]]
    answers: Sequence[Answer]
    found: Mapping[Doi, Found]
    named: frozenset[Doi]
    carried: Sequence[Carried] = ()

    @property
    def aliases(self) -> dict[str, str]:
        """DOIs that the registry says are other names of one."""
        return {str(a.asked): str(a.doi) for a in self.answers if isinstance(a, Found) and a.asked != a.doi}

    def arrivals(self, leave_out: LibraryFile | None) -> list[merging.Arrival]:
        """What arrives at a library: the entries of all other libraries, and the works that were found."""
        entries = [
            merging.Arrival(entry.work, entry.key, where=library.name)
            for library, entries in self.libraries
            if library is not leave_out
            for entry in entries
        ]
        entries += [merging.Arrival(a.work, named=doi in self.named) for doi, a in self.found.items()]
        return entries + [merging.Arrival(one.work, one.key, where=one.place) for one in self.carried]


def enrich(
    call: Call,
    settings: Settings,
    *,
    whose: Whose = "auto",
    output: Path | None = None,
    into: Target | None = None,
    to: Sending | None = None,
) -> Result:
    """Find the DOIs in the inputs, ask for their works, and make entries of them.

    Without `into` nothing is written. A library among the inputs stays a library: all its entries, with their keys and
    fields as they are, and their gaps filled.

    Parameters: `call`; `settings`; `whose`, see `choose`; `output`, whose suffix gives the format where no setting
    does; `into`, the library that all of it is merged into; `to`, how it is sent to Zotero. Raises `UsageError` for a
    format that does not exist, `InputError` and `LibraryError` for a library that cannot be used, `TargetError` where
    Zotero lets nothing in.
    """
    report = Report()
    if into is not None:
        _check_target(into.path, settings)
    known = _learn(call, settings, whose, report)
    report.notes += notices(known.found.values())
    if into is not None:
        prepared = merge_into(
            into.path,
            known.arrivals(_same_file(known.libraries, into.path)),
            settings,
            command=into.command,
            aliases=known.aliases,
            dry_run=into.dry_run,
        )
        return _merged(prepared, known, report)
    if to is not None:
        return _sent(to, known, settings, report)
    if known.libraries:
        return _filled(known, settings, output, report)
    return _new_file(known, settings, output, report)


def _check_target(path: Path, settings: Settings) -> None:
    """Refuse a library that cannot be merged into before anything is read or asked."""
    form = open_library(path, settings, may_be_new=True).form
    if not form.is_editable:
        raise UsageError(f"A library in {form.name} cannot be changed in place.", "Merge into .bib, .ris or CSL-JSON.")


def _learn(call: Call, settings: Settings, whose: Whose, report: Report) -> _Known:
    """Read everything, and ask everything that has to be asked."""
    addresses = [given for given in call.inputs if zotero.is_address(given)]
    findings = find_dois(dataclasses.replace(call, inputs=[i for i in call.inputs if i not in addresses]), report)
    libraries = _libraries(findings, settings, report)
    libraries += _from_zotero(addresses, call, settings, report)
    names = {library.name for library, _ in libraries}
    documents = [f for f in findings if f.name not in names]
    desk = Desk(settings, report, call.progress)
    desk.ask(a for f in documents for a in _to_confirm(f, whose))
    # The records may settle, or unsettle, whose DOI it is; only then is it known whose works are written.
    documents = _confirm(documents, desk, report)
    asked = [a for f in documents for a in choose(f, whose, report)]
    asked += [a for library, entries in libraries for a in _gaps(library.name, entries)]
    answers = desk.ask(asked)
    desk.settle_documents()
    found: dict[Doi, Found] = {}
    for answer in answers:
        if isinstance(answer, Found):
            found.setdefault(answer.doi, answer)
    call_dois = {m.doi for f in documents if f.kind == "doi" for m in f.mentions}
    named = frozenset(a.doi for a in answers if isinstance(a, Found) and {a.asked, a.doi} & call_dois)
    return _Known(findings, libraries, answers, found, named, carried_works(documents, whose))


def _libraries(
    findings: Sequence[Findings], settings: Settings, report: Report
) -> list[tuple[LibraryFile, Sequence[Entry]]]:
    """The libraries among the inputs with their entries; one that cannot be opened is a row with its error."""
    libraries: list[tuple[LibraryFile, Sequence[Entry]]] = []
    for each in findings:
        if each.kind not in LIBRARY_KINDS or files.kind_of_path(Path(each.name)) != "file":
            continue
        try:
            library = open_library(Path(each.name), settings)
            opened = library.load()
        except RefkitError as error:
            rows = report.documents
            report.documents = [DocumentRow(r.path, error=str(error)) if r.findings is each else r for r in rows]
            continue
        report.notes += [dataclasses.replace(note, path=library.name) for note in opened.notes]
        libraries.append((library, opened.entries))
    return libraries


def _from_zotero(
    addresses: Iterable[str], call: Call, settings: Settings, report: Report
) -> Iterator[tuple[LibraryFile, Sequence[Entry]]]:
    """The libraries and collections of Zotero's among the inputs; one that cannot be read is a row with its error."""
    for address in addresses:
        try:
            found = zotero_library(address, settings, report, call.progress)
        except RefkitError as error:
            report.unusable = True
            report.documents.append(DocumentRow(address, error=str(error)))
        else:
            yield zotero_file(address), found.entries


def _gaps(name: str, entries: Iterable[Entry]) -> list[Asked]:
    """What is asked for a library: the DOI of each entry that has one, be it only as a link or a note."""
    known = (match.identifiers_of(entry.work).doi for entry in entries)
    return [Asked(Question((dois.fold(doi),)), name) for doi in known if doi]


def _to_confirm(findings: Findings, whose: Whose) -> list[Asked]:
    """What has to be asked before it is known whose works are written: that choice as it stands, or the candidates."""
    if whose == "own" and findings.own.verdict is Verdict.UNSURE:
        return [asked_own(findings, doi) for doi in findings.own.candidates]
    return choose(findings, whose, Report())


def _confirm(findings: Sequence[Findings], desk: Desk, report: Report) -> list[Findings]:
    confirmed = [finding.confirm(f, desk.works) for f in findings]
    new = {id(old): f for old, f in zip(findings, confirmed, strict=True)}
    report.documents = [
        dataclasses.replace(row, findings=new.get(id(row.findings), row.findings)) if row.findings else row
        for row in report.documents
    ]
    return confirmed


def _same_file(libraries: Iterable[tuple[LibraryFile, Sequence[Entry]]], path: Path) -> LibraryFile | None:
    """The input that is the target itself: its entries are there already, and only its gaps are filled."""
    return next((library for library, _ in libraries if Path(library.name).resolve() == path.resolve()), None)


# --- three ways out ------------------------------------------------------------------------------


def _new_file(known: _Known, settings: Settings, output: Path | None, report: Report) -> Result:
    """Entries of their own, in the order in which their DOIs were found."""
    form = choose_format(settings, output)
    labels = keys.assign({doi: a.work for doi, a in known.found.items()}, pattern=settings.key_pattern)
    key_of = dict(zip(known.found, labels, strict=True))
    entries = tuple(Entry(key_of[doi], a.work) for doi, a in known.found.items())
    carried = carried_entries(known.carried, labels, settings)
    entries += carried
    report.works = [_added(answer, key_of) for answer in known.answers]
    no_doi = dois.fold("")
    report.works += [
        WorkRow(Found(no_doi, no_doi, entry.work), entry.key, Action.ADD, was_asked=False) for entry in carried
    ]
    report.library = LibraryCounts(str(output) if output else None, added=len(entries))
    report.duplicates = duplicates_among(entries)
    text = form.dump(entries, settings)
    report.notes += form.check(text)
    return Result(text, entries, report, form.name)


def _added(answer: Answer, key_of: Mapping[Doi, str]) -> WorkRow:
    if isinstance(answer, Found):
        return WorkRow(answer, key_of[answer.doi], Action.ADD)
    return WorkRow(answer)


def _filled(known: _Known, settings: Settings, output: Path | None, report: Report) -> Result:
    """The first library as it is, its gaps filled and all else of this run added; in another format if wanted."""
    wanted = choose_format(settings, output) if output is not None or settings.format else None
    first = next((library for library, _ in known.libraries if library.form.is_editable), None)
    target = first or empty_library(wanted or choose_format(settings, None))
    base = side_file(Path(first.name), settings)[1] if first else merging.Base()
    plan, text, _ = planned(target, known.arrivals(first), base, settings, known.aliases)
    report.works = _rows(plan.decisions, known)
    report.library = counted(str(output) if output else None, plan.decisions)
    report.duplicates = list(duplicate_rows(plan))
    entries = target.form.load(text).entries
    if wanted is None or wanted.name == target.form.name:
        return Result(text, entries, report, target.form.name, target.file.encode)
    text = wanted.dump(entries, settings)
    report.notes += wanted.check(text)
    return Result(text, entries, report, wanted.name)


def _merged(prepared: Prepared, known: _Known, report: Report) -> Result:
    """What a merge into a library gave: `entries` are those that were added."""
    report.works = _rows(prepared.decisions, known)
    report_on(prepared, report)
    added = tuple(Entry(d.key, d.work) for d in prepared.decisions if d.action is Action.ADD and d.work is not None)
    return Result(prepared.text, added, report, prepared.library.form.name, prepared=prepared)


def _sent(to: Sending, known: _Known, settings: Settings, report: Report) -> Result:
    """What became of the works in Zotero: `entries` are those that were added."""
    documents = {str(f.own.doi): Path(f.name) for f in known.findings if f.own.doi and f.own.verdict is Verdict.SURE}
    documents |= {doi: documents[alias] for alias, doi in known.aliases.items() if alias in documents}
    to = dataclasses.replace(to, documents=documents)
    sent = send(known.arrivals(None), settings, report, to, aliases=known.aliases)
    report.works = _rows(sent.decisions, known)
    added = tuple(Entry(d.key, d.work) for d in sent.decisions if d.action is Action.ADD and d.work is not None)
    return Result("", added, report, "zotero", said=sent.said)


def _rows(decisions: Sequence[Decision], known: _Known) -> list[WorkRow]:
    """A row for each DOI that was asked for, then one for each work that came without being asked for."""
    of = {id(decision.work): decision for decision in decisions}
    rows = []
    for answer in known.answers:
        decided = of.pop(id(known.found[answer.doi].work), None) if isinstance(answer, Found) else None
        rows.append(WorkRow(answer, decision=decided))
    return rows + arrived_rows(decision for decision in decisions if id(decision.work) in of)
