"""The Python door: `find`, `enrich`, `merge` and `cite`, the same as the commands of these names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from refkit import pipeline
from refkit.apps.door import load_settings
from refkit.errors import UsageError
from refkit.manuscripts import Wanted
from refkit.model import Progress
from refkit.pipeline import citing, deduping, sending
from refkit.report import Report

Input = str | os.PathLike[str]


def find(*inputs: Input, progress: Progress | None = None) -> Report:
    """Find the DOIs in documents, offline.

    Parameters: `inputs`, paths of files and folders, or DOIs; `progress`, who is told how far it has come. Returns the
    report, whose `documents` hold every mention. What cannot be read is a row with an `error`, not an exception.
    """
    report = Report()
    pipeline.find_dois(pipeline.Call([os.fspath(i) for i in inputs], progress=progress), report)
    return report


def enrich(
    *inputs: Input,
    output: Input | None = None,
    into: Input | None = None,
    to: Literal["zotero"] | None = None,
    dry_run: bool = False,
    whose: pipeline.Whose = "auto",
    progress: Progress | None = None,
    **options: Any,
) -> pipeline.Result:
    """Find the DOIs in documents, ask for their works, and make entries of them.

    Parameters: `inputs`, paths or DOIs; `output`, a new file to write; `into`, a library to merge into; `to`, the
    program to send to (nothing is written or sent without one of these, nor with `dry_run`); `whose`, "auto", "own",
    "cited" or "all"; `options`, any setting of docs/settings.md, such as `records=[…]`, `offline=True`,
    `format="ris"`. Returns the text, the entries and the report. Raises `RefkitError` where the call cannot be carried
    out; a DOI or document that fails is a row of the report.
    """
    path = Path(output) if output is not None else None
    settings = load_settings(options)
    library = Path(into) if into is not None else None
    if sum(way is not None for way in (path, library, to)) > 1:
        raise UsageError("output is a new file, into a library, and to another program.", "Choose one of them.")
    leave_out = frozenset(p.resolve() for p in (path, library) if p is not None)
    call = pipeline.Call([os.fspath(i) for i in inputs], leave_out, progress=progress)
    target = pipeline.Target(library, dry_run, "refkit.enrich") if library is not None else None
    sending_to = sending.Sending(dry_run, progress) if to is not None else None
    result = pipeline.enrich(call, settings, whose=whose, output=path, into=target, to=sending_to)
    if path is not None and not dry_run:
        pipeline.write_new(path, result, settings)
    return result


def merge(
    *libraries: Input,
    into: Input | None = None,
    rewrite: Sequence[Input] = (),
    review: deduping.Review | None = None,
    dry_run: bool = False,
    **options: Any,
) -> deduping.Merged:
    """Merge libraries into one of yours, or the duplicates of a single library.

    Parameters: `libraries`, paths; `into`, the library that they go into (without it there is one, which is merged with
    itself); `rewrite`, manuscripts whose citations follow keys that went; `review`, who is asked about duplicates that
    no identifier makes sure; `dry_run`, write nothing; `options`, any setting, such as `prefer="theirs"`. Returns what
    was planned and done, and the report. Raises `RefkitError` where a library cannot be used.
    """
    return deduping.merge(
        [Path(library) for library in libraries],
        load_settings(options),
        into=Path(into) if into is not None else None,
        rewrite=[Path(manuscript) for manuscript in rewrite],
        review=review,
        dry_run=dry_run,
        command="refkit.merge",
    )


def cite(
    *manuscripts: Input,
    library: Input | None = None,
    everything: bool = False,
    references: bool = False,
    plain: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> citing.Cited:
    """Turn the DOIs in manuscripts into citations, and add to their library what it lacks.

    Parameters: `manuscripts`, paths of files and folders; `library`, else the one that each manuscript names;
    `everything`, also links that lead to data or code; `references`, replace a written reference list by the
    bibliography command; `plain`, formatted text instead of fields in DOCX and ODT; `dry_run`, write nothing;
    `options`, any setting. Returns the manuscripts, the libraries and the report. Raises `RefkitError` where one cannot
    be used.
    """
    settings = load_settings(options)
    return citing.cite(
        [Path(manuscript) for manuscript in manuscripts],
        settings,
        Wanted(settings, everything=everything, references=references, plain=plain),
        libraries=[Path(library)] if library is not None else [],
        dry_run=dry_run,
        progress=progress,
    )
