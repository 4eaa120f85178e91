"""The whole flow on one page: inputs → findings → answers → entries → text."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from refkit import doi as dois
from refkit import edits, files, finding, formats, keys, readers, sources, workers
from refkit.errors import InputError, ReadError, RefkitError, UsageError
from refkit.model import (
    Action,
    Answer,
    Doi,
    Entry,
    Findings,
    Found,
    Mention,
    Note,
    Own,
    Progress,
    Question,
    Reading,
    RequestCount,
    Role,
    Severity,
    Verdict,
    Work,
)
from refkit.readers import text as text_reader
from refkit.report import DocumentRow, LibraryCounts, Report, WorkRow
from refkit.settings import Settings

SECONDS_PER_DOCUMENT = 120.0
"""How long one document may take before its worker is killed; a 2,000-page PDF takes about 10 s."""

_SMALL = 256 * 1024
_PLAIN_SUFFIXES = frozenset({".txt", ".md", ".tex", ".bib", ".ris", ".csv", ".json"})


# --- inputs --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DocumentInput:
    """A document to read: what the user called it, and where its bytes are."""

    name: str
    path: Path
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class DoiInput:
    """A DOI that was named in the call itself."""

    written: str
    question: Question


@dataclass(frozen=True, slots=True)
class Call:
    """What a door was given: inputs, what is no input though it lies among them, and where `-` reads from.

    `inputs` are paths, DOIs or DOI links, `arXiv:ID`, or `-`; `leave_out` holds resolved paths (the output file).
    """

    inputs: Sequence[str]
    leave_out: frozenset[Path] = frozenset()
    stdin: BinaryIO | None = None
    progress: Progress | None = None


def expand(call: Call, report: Report) -> Iterator[DocumentInput | DoiInput]:
    """Turn what was given in the call into documents and DOIs, folders recursively, in a stable order.

    `report` is told what was skipped or cannot be used. A file wins over a DOI of the same spelling.
    """
    for given in call.inputs:
        try:
            if given == "-" and call.stdin is not None:
                yield DocumentInput("-", files.spool(call.stdin), temporary=True)
            else:
                yield from _expand_one(given, report, call.leave_out)
        except InputError as error:
            report.unusable = True
            report.documents.append(DocumentRow(given, error=str(error)))


def _expand_one(given: str, report: Report, leave_out: frozenset[Path]) -> Iterator[DocumentInput | DoiInput]:
    path = Path(given)
    kind = files.kind_of_path(path)
    if kind == "folder":
        yield from _folder(path, report, leave_out)
    elif kind == "file":
        yield DocumentInput(given, path)
    elif kind == "other":
        raise InputError(f"{given} is not a regular file.", "Pipe it in and give - as the input.")
    else:
        yield DoiInput(given, _named(given))


def _folder(folder: Path, report: Report, leave_out: frozenset[Path]) -> Iterator[DocumentInput]:
    seen = False
    for path in files.walk(folder, leave_out):
        if readers.is_document(path.name, files.head(path)) or not files.is_readable(path):
            seen = True
            yield DocumentInput(str(path), path)
        else:
            report.skipped.append(str(path))
    if not seen:
        message = f"The folder {folder} holds no document that refkit reads."
        report.notes.append(Note("no-documents", message, Severity.WARNING, path=str(folder)))


def _named(given: str) -> Question:
    """The question that a DOI named in the call asks. Raises `InputError` for what is no DOI."""
    scheme, _, rest = given.partition(":")
    if scheme.lower() == "zotero":
        raise InputError(f"{given}: refkit does not read from Zotero yet.", "Export the collection to a file.")
    if scheme.lower() == "arxiv" and rest:
        # One DOI for all versions (arXiv's DOI registration; DataCite is its agency).
        return Question((dois.fold(f"10.48550/arxiv.{_without_version(rest.strip())}"),))
    parsed = dois.parse(given)
    if parsed is not None:
        return Question((parsed,))
    if given.lower().startswith(("http://", "https://")):
        raise InputError(
            f"There is no DOI in the address {given}.",
            "refkit does not download pages: give its DOI, or save the page and give the file.",
        )
    raise InputError(f"There is no file {given}, and it is not a DOI.", "Check the path or the DOI.")


def _without_version(arxiv_id: str) -> str:
    stem, v, version = arxiv_id.rpartition("v")
    return stem if v and version.isdigit() else arxiv_id


# --- find ----------------------------------------------------------------------------------------


def scan_document(document: DocumentInput) -> Findings:
    """Read one document and find its DOIs; runs in a worker process. Raises `ReadError`."""
    with files.open_input(document.path, document.name) as stream:
        windows = readers.read(stream, document.name, open_sibling=files.opener_beside(document.path))
        return finding.scan(windows)


def scan(
    documents: Sequence[DocumentInput], progress: Progress | None = None
) -> Iterator[tuple[DocumentInput, Findings | ReadError]]:
    """Read all documents, several at a time, and yield each with its findings, in the order given.

    One document that cannot be read, crashes its parser or takes too long costs only itself.
    """
    if progress and documents:
        progress.start("reading", len(documents))
    # A pool costs more than a few small text files; whatever runs a foreign parser gets a process that may die.
    alone = len(documents) <= 4 and all(_is_small_text(d.path) for d in documents)
    processes = 0 if alone else min(len(documents), os.cpu_count() or 1)
    waiting: dict[int, Findings | ReadError] = {}
    turn = 0
    for index, outcome in workers.each(scan_document, documents, processes=processes, seconds=SECONDS_PER_DOCUMENT):
        waiting[index] = outcome
        if progress:
            progress.advance()
        while turn in waiting:
            yield documents[turn], waiting.pop(turn)
            turn += 1
    if progress and documents:
        progress.stop()


def _is_small_text(path: Path) -> bool:
    return path.suffix.lower() in _PLAIN_SUFFIXES and files.size(path) <= _SMALL


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the mention that it comes from (None for a DOI of the call itself)."""

    question: Question
    path: str
    mention: Mention | None = None


def find_dois(call: Call, report: Report) -> list[Findings]:
    """Find the DOIs in all inputs, offline; `report.documents` gets a row for each.

    Parameters: `call`; `report`, to be filled. Returns the findings in the order of the inputs, a DOI that was named in
    the call being a document of kind `doi` with one mention.
    """
    inputs = list(expand(call, report))
    documents = [item for item in inputs if isinstance(item, DocumentInput)]
    outcomes: dict[DocumentInput, Findings | ReadError] = {}
    try:
        for document, outcome in scan(documents, call.progress):
            outcomes[document] = outcome
    finally:
        for document in documents:
            if document.temporary:
                files.remove(document.path)
    found = [_named_findings(i) if isinstance(i, DoiInput) else outcomes[i] for i in inputs]
    for item, outcome in zip(inputs, found, strict=True):
        name = item.written if isinstance(item, DoiInput) else item.name
        if isinstance(outcome, RefkitError):
            said = str(outcome)
            report.documents.append(DocumentRow(name, error=said if name in said else f"{name}: {said}"))
        else:
            report.documents.append(DocumentRow(name, outcome))
            report.notes += [dataclasses.replace(n, path=n.path or name) for n in outcome.notes]
    return [outcome for outcome in found if isinstance(outcome, Findings)]


def _named_findings(item: DoiInput) -> Findings:
    readings = tuple(Reading(doi) for doi in item.question.readings)
    why = "named in the call"
    mention = Mention(None, item.written, readings, Role.MENTIONED, 1.0, why, place="call")
    return Findings(item.written, "doi", Own(Verdict.NONE, why="a DOI, not a document"), (mention,))


# --- enrich --------------------------------------------------------------------------------------

Whose = Literal["auto", "own", "cited", "all"]


def choose(findings: Findings, whose: Whose, report: Report) -> list[Asked]:
    """The mentions of one document whose works are written (design §5, "Whose DOIs are written").

    Parameters: `whose`, "auto" for the rule: a publication (its own DOI is sure) stands for itself, any other document
    gives every DOI in it; `report`, which is told what was left out or is not sure.
    """
    own, path, notes = findings.own, findings.name, report.notes
    everything = [_asked(m, path) for m in findings.mentions]
    cited = [_asked(m, path) for m in findings.mentions if m.role is not Role.OWN]
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
    return [_asked_own(findings, own.doi)]


def _asked_own(findings: Findings, own: Doi) -> Asked:
    mentions = (_asked(m, findings.name) for m in findings.mentions if m.doi == own)
    return next(mentions, Asked(Question((own,)), findings.name))


def _asked(mention: Mention, path: str) -> Asked:
    return Asked(Question(tuple(r.doi for r in mention.readings), mention.context), path, mention)


def _listed(candidates: Sequence[Doi]) -> str:
    return ", ".join(candidates) or "none of those found"


@dataclass(frozen=True, slots=True)
class Result:
    """What `enrich` gives: the entries, their text in the chosen format, and the report on all of it."""

    text: str
    entries: tuple[Entry, ...]
    report: Report
    format: str


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
    labels = keys.assign({doi: a.work for doi, a in found.items()})
    key_of = dict(zip(found, labels, strict=True))
    entries = tuple(Entry(key_of[doi], a.work) for doi, a in found.items())
    report.works = [_work_row(answer, key_of) for answer in answers]
    report.library = LibraryCounts(str(output) if output else None, added=len(entries))
    return Result(form.dump(entries, settings), entries, report, form.name)


def _to_confirm(findings: Findings, whose: Whose) -> list[Asked]:
    """What has to be asked before it is known whose works are written: that choice as it stands, or the candidates."""
    if whose == "own" and findings.own.verdict is Verdict.UNSURE:
        return [_asked_own(findings, doi) for doi in findings.own.candidates]
    return choose(findings, whose, Report())


def _confirm(findings: Sequence[Findings], desk: Desk, report: Report) -> list[Findings]:
    confirmed = [finding.confirm(f, desk.works) for f in findings]
    new = {id(old): f for old, f in zip(findings, confirmed, strict=True)}
    report.documents = [
        dataclasses.replace(row, findings=new[id(row.findings)]) if row.findings else row for row in report.documents
    ]
    return confirmed


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
            self._report.requests = _add_up([*self._report.requests, *log.requests])
            self._report.notes += [note for note in log.notes if note not in self._report.notes]
        one_each: dict[tuple[type[Answer], Doi], Answer] = {}
        for readings in questions:
            answer = self._settled[readings]
            one_each.setdefault((type(answer), answer.asked), answer)
        return list(one_each.values())

    def settle_documents(self) -> None:
        """Let the mentions in the report say which of their readings exists."""
        self._report.documents = [_settle(row, self._settled) for row in self._report.documents]


def _add_up(counts: Iterable[RequestCount]) -> list[RequestCount]:
    """One row a host."""
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
    asked = [_asked(m, f.name) for f in found for m in f.mentions]
    desk = Desk(settings, report, progress)
    report.works = [WorkRow(answer) for answer in desk.ask(asked)]
    desk.settle_documents()


def _work_row(answer: Answer, key_of: Mapping[Doi, str]) -> WorkRow:
    if isinstance(answer, Found):
        return WorkRow(answer, key_of[answer.doi], Action.ADD)
    return WorkRow(answer)


def library_bytes(given: str, stdin: BinaryIO | None = None) -> bytes:
    """The bytes of a library that was named in the call. Raises `InputError` where there is none."""
    if given == "-" and stdin is not None:
        return stdin.read()
    kind = files.kind_of_path(Path(given))
    if kind != "file":
        what = {"absent": "There is no file", "folder": "A folder is no library:"}.get(kind, "This is no file:")
        raise InputError(f"{what} {given}.", "Give a .bib, .ris or CSL-JSON file.")
    return files.read_whole(Path(given)) or b""


def choose_format(settings: Settings, output: Path | None) -> formats.Format:
    """The output format: by setting, else by the output's suffix, else BibTeX. Raises `UsageError`."""
    if settings.format:
        return formats.by_name(settings.format)
    if output is None:
        return formats.by_name("bibtex")
    form = formats.by_suffix(output.suffix)
    if form is None:
        known = ", ".join(sorted({s for f in formats.FORMATS for s in f.suffixes}))
        raise UsageError(f"The suffix of {output} names no format.", f"Use one of {known}, or say --format.")
    return form


# --- export --------------------------------------------------------------------------------------


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
    new = iter(keys.assign([e.work for e in library.entries if not e.key], taken))
    entries = tuple(e if e.key else dataclasses.replace(e, key=next(new)) for e in library.entries)
    report.library = LibraryCounts(None, added=len(entries))
    return Result(form.dump(entries, settings), entries, report, form.name)


# --- writing a new file --------------------------------------------------------------------------

Outcome = Literal["written", "unchanged", "nothing"]


def check_output(path: Path, inputs: Sequence[str]) -> None:
    """Refuse an output that cannot work before anything is read or asked. Raises `UsageError`."""
    if files.kind_of_path(path) == "folder":
        raise UsageError(f"{path} is a folder.", "Give -o a file name.")
    if files.kind_of_path(path.parent) != "folder":
        raise UsageError(f"There is no folder {path.parent} to write {path.name} into.", "Make it first.")
    if any(i != "-" and Path(i).resolve() == path.resolve() for i in inputs):
        raise UsageError(f"{path} is an input and cannot be the output too.", "Write to another file.")


def write_new(path: Path, result: Result, settings: Settings) -> Outcome:
    """Write the text of `result` to `path`, a file of its own; running it twice changes nothing.

    Raises `UsageError` where another file is there and may not be replaced, `LibraryError` where writing fails.
    """
    data = result.text.encode("utf-8")
    before = files.read_whole(path)
    if before == data:
        return "unchanged"
    if before is not None and not settings.overwrite:
        raise UsageError(
            f"{path} is there already and holds something else.",
            "Say --overwrite to replace it, or --into to merge into it.",
        )
    if not result.entries:
        return "nothing"
    files.save(path, data, expected=files.fingerprint(before))
    return "written"


def preview(path: Path, result: Result) -> str:
    """What `write_new` would change, as a unified diff."""
    before = files.read_whole(path)
    old = (before or b"").decode("utf-8", errors="surrogateescape")
    return edits.diff(str(path), old, result.text, created=before is None)
