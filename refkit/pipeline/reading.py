"""Documents → findings, several at a time, offline."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
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
