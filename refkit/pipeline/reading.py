"""Documents → findings, several at a time, offline."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from refkit import files, finding, readers, workers
from refkit.errors import ReadError, RefkitError
from refkit.model import Findings, Mention, Own, Progress, Reading, Role, Verdict
from refkit.pipeline.inputs import Call, DocumentInput, DoiInput, expand
from refkit.report import DocumentRow, Report

SECONDS_PER_DOCUMENT = 120.0
"""How long one document may take before its worker is killed; a 2,000-page PDF takes about 10 s."""

_SMALL = 256 * 1024
_PLAIN_SUFFIXES = frozenset({".txt", ".md", ".tex", ".bib", ".ris", ".csv", ".json"})


def scan_document(document: DocumentInput) -> Findings:
    """Read one document and find its DOIs; runs in a worker process. Raises `ReadError`."""
    with files.open_input(document.path, document.name) as stream:
        windows = readers.read(stream, document.name, open_sibling=files.opener_beside(document.path))
        return finding.scan(windows)


def scan(
    documents: Sequence[DocumentInput], progress: Progress | None = None
) -> Generator[tuple[DocumentInput, Findings | ReadError], None, None]:
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
        if progress and len(waiting) + turn == len(documents):
            progress.stop()
        while turn in waiting:
            yield documents[turn], waiting.pop(turn)
            turn += 1


def _is_small_text(path: Path) -> bool:
    return path.suffix.lower() in _PLAIN_SUFFIXES and files.size(path) <= _SMALL


def find_each(call: Call, report: Report) -> Iterator[DocumentRow]:
    """Find the DOIs in all inputs, offline, and yield a row for each input as it comes, in the order given.

    A DOI that was named in the call is a document of kind `doi` with one mention. `report` gets the notes, what was
    skipped and which DOIs were seen, but not the rows: ten thousand documents need not be held at once.
    """
    inputs = list(expand(call, report))
    documents = [item for item in inputs if isinstance(item, DocumentInput)]
    outcomes = scan(documents, call.progress)
    try:
        for item in inputs:
            match item:
                case DocumentRow():
                    yield item
                case DoiInput():
                    yield _row(item.written, _named_findings(item), report)
                case DocumentInput():
                    yield _row(item.name, next(outcomes)[1], report)
    finally:
        outcomes.close()
        for document in documents:
            if document.temporary:
                files.remove(document.path)


def find_dois(call: Call, report: Report) -> list[Findings]:
    """The same for callers that need all at once: `report.documents` holds the rows, and the findings are returned."""
    report.documents = list(find_each(call, report))
    return [row.findings for row in report.documents if row.findings is not None]


def _row(name: str, outcome: Findings | ReadError, report: Report) -> DocumentRow:
    if isinstance(outcome, RefkitError):
        said = str(outcome)
        return DocumentRow(name, error=said if name in said else f"{name}: {said}")
    report.notes += [dataclasses.replace(n, path=n.path or name) for n in outcome.notes]
    report.seen.update(mention.doi for mention in outcome.mentions)
    return DocumentRow(name, outcome)


def _named_findings(item: DoiInput) -> Findings:
    readings = tuple(Reading(doi) for doi in item.question.readings)
    why = "named in the call"
    mention = Mention(None, item.written, readings, Role.MENTIONED, 1.0, why, place="call")
    return Findings(item.written, "doi", Own(Verdict.NONE, why="a DOI, not a document"), (mention,))
