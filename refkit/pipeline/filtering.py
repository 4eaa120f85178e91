"""A pandoc filter: citations of DOIs get their references at build time, and no file is changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from refkit import files
from refkit.errors import InputError
from refkit.manuscripts import pandoc_ast
from refkit.model import Doi, Found, Note, Question, Severity, Work
from refkit.pipeline.asking import Asked, Desk
from refkit.pipeline.entries import Entries, entries_of
from refkit.report import Report
from refkit.settings import Settings


def filter_document(data: bytes, settings: Settings, report: Report, *, libraries: Sequence[Path] = ()) -> bytes:
    """pandoc's JSON document with every `@doi:…` that is known turned into a citation with its reference.

    What the document's `bibliography` (or `libraries`) has is cited by its key there; of the rest the store is asked,
    then the network, and the answer goes into the metadata field `references`. Parameters: `data`, the document as
    JSON; `report` gets a row for each DOI that was asked for. Raises `InputError` for what is no such document.
    """
    try:
        ast = json.loads(data)
        found = pandoc_ast.asked(ast)
        named = pandoc_ast.libraries(ast)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"Standard input is no document of pandoc's in JSON ({type(error).__name__}).",
            "Use it as pandoc --filter refkit-pandoc-filter --citeproc.",
        ) from error
    if not found:
        return data
    known = _known([*libraries, *(Path(name) for name in named)], settings)
    desk = Desk(settings, report, None)
    questions = {
        one.written: Question(tuple(r.doi for r in one.readings))
        for one in found
        if one.written not in known.keys and one.readings[0].doi not in known.by_doi
    }
    desk.ask(Asked(question, "pandoc") for question in questions.values())
    works: dict[Doi, Work] = {}

    def name_of(one: pandoc_ast.Asked) -> str | None:
        if one.written in known.keys:
            return None
        if one.readings[0].doi in known.by_doi:
            return known.by_doi[one.readings[0].doi][0]
        answer = desk.ask([Asked(questions[one.written], "pandoc")])[0]
        if isinstance(answer, Found):
            if answer.doi in known.by_doi:
                return known.by_doi[answer.doi][0]
            works.setdefault(answer.doi, answer.work)
            return pandoc_ast.reference_id(answer.doi)
        other = next((known.by_doi[r.doi][0] for r in one.readings if r.doi in known.by_doi), None)
        if other is None:
            message = f"{one.written} is cited, but nothing is known of it: {answer.why}"
            report.notes.append(Note("citation-missing", message, Severity.WARNING))
        return other

    pandoc_ast.resolve(found, name_of)
    pandoc_ast.embed(ast, works)
    return json.dumps(ast, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _known(paths: Sequence[Path], settings: Settings) -> Entries:
    there = [path for path in paths if files.kind_of_path(path) == "file"]
    return entries_of(there, settings) if there else Entries(Path(), (), {}, {})
