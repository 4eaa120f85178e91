"""What the commands do with Zotero: send works there, read a library from there, and watch it."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import typer

from refkit.errors import LibraryError, RefkitError, UsageError

SECONDS = 5.0
"""From one look at a watched library to the next."""

HOW_TO_IMPORT = "In Zotero: File → Import… → A file, and choose it."


def options(via: str | None, collection: str | None, attach: bool | None, update: bool | None) -> dict[str, Any]:
    """The options of a command that are settings of Zotero's."""
    return {"via": via, "collection": collection, "attach": attach, "update": update}


def sending(to: str | None, settings: Any, output: Path | None, into: Path | None, dry_run: bool, progress: Any) -> Any:
    """How works are sent; None where they are not, or only a file is written that Zotero imports.

    Refuses what cannot work before anything is read or asked: raises `UsageError`.
    """
    if to is None:
        return None
    from refkit.pipeline.sending import Sending
    from refkit.sinks import SINKS, is_sink

    if not is_sink(to):
        raise UsageError(f"--to {to!r} is no program that refkit sends to.", f"It sends to {SINKS[0].name}.")
    if into is not None:
        raise UsageError("--into merges into a library and --to zotero sends.", "Choose one of them.")
    if settings.via == "file" and output is None:
        raise UsageError("--via file writes a file that Zotero imports.", "Name it: -o refs.rdf, or refs.ris.")
    if settings.via != "file" and output is not None:
        raise UsageError("-o writes a file and --to zotero sends.", "Say --via file to write one that Zotero imports.")
    if settings.via == "file":
        file_format(output)
        return None
    return Sending(dry_run, progress)


def file_settings(to: str | None, settings: Any) -> Any:
    """The settings with which a file is written that Zotero imports: RIS in the dialect that it keeps whole."""
    return dataclasses.replace(settings, ris_dialect="zotero") if to and settings.via == "file" else settings


def as_file(to: str | None, result: Any, said: str) -> str:
    """The sentence about a file that was written; where it is for Zotero, with how to import it."""
    if to is None:
        return said
    from refkit.report import TargetCounts

    result.report.target = TargetCounts("file", added=len(result.entries))
    return f"{said}. {HOW_TO_IMPORT}"


def file_format(output: Path | None) -> Any:
    """The format of a file that Zotero imports. Raises `UsageError` for one with which it loses much."""
    from refkit import formats

    form = formats.by_suffix(output.suffix) if output is not None else None
    if output is not None and (form is None or form.name not in ("zotero-rdf", "ris")):
        raise UsageError(f"Zotero loses much of a file like {output}.", "Name it .rdf (nothing is lost) or .ris.")
    return form


def read(library: str, stdin: BinaryIO, settings: Any, progress: Any) -> tuple[Any, Any]:
    """The library that a call names (a file, `-`, or one of Zotero's), and a report with what is wrong with it."""
    from refkit.pipeline.inputs import library_bytes
    from refkit.pipeline.libraries import library_format
    from refkit.pipeline.sending import zotero_library
    from refkit.readers import text as text_reader
    from refkit.report import Report
    from refkit.sinks.zotero import is_address

    outcome = Report()
    if is_address(library):
        return zotero_library(library, settings, outcome, progress), outcome
    text, _, notes = text_reader.decode(library_bytes(library, stdin))
    found = library_format(library, text).load(text)
    outcome.notes += [dataclasses.replace(note, path=library) for note in (*notes, *found.notes)]
    return found, outcome


def send_library(found: Any, name: str, settings: Any, how: Any, outcome: Any) -> tuple[Any, str]:
    """Send a whole library to Zotero; the report, and a sentence about it."""
    from refkit.pipeline.converting import keyed
    from refkit.pipeline.merging import arrived_rows
    from refkit.pipeline.sending import arrivals_of, send

    sent = send(arrivals_of(keyed(found, settings), name), settings, outcome, how)
    outcome.works = arrived_rows(sent.decisions)
    if how.dry_run:
        _show(outcome)
    return outcome, sent.said


def deliver(result: Any, how: Any) -> str:
    """The sentence about works that were sent; of a dry run, the plan is shown."""
    if how.dry_run:
        _show(result.report)
    return str(result.said)


def _show(outcome: Any) -> None:
    for line in plan_lines(outcome):
        print(line)


def plan_lines(outcome: Any) -> Iterator[str]:
    """What would become of each work, a line each: add, fill (which fields), same (which item), conflict, ask."""
    for row in outcome.works:
        if (decision := row.decision) is None:
            continue
        work = decision.work or (decision.entry.work if decision.entry else None)
        name = decision.key or (work.csl.get("DOI") if work else "") or "?"
        fields = ", ".join(change.field for change in decision.changes)
        shown = fields if decision.action.value in ("fill", "conflict") and fields else decision.why
        if decision.action.value == "add":
            shown = str(work.csl.get("title") or "(no title)") if work else ""
        yield f"{decision.action.value}\t{name}\t{shown}"


# --- watching ------------------------------------------------------------------------------------


def watch(
    inputs: Sequence[str],
    settings: Any,
    output: Path | None,
    once: Callable[[Any], tuple[Any, str]],
    looks: int | None = None,
) -> None:
    """Do `once` now, and again whenever the Zotero library among the inputs has changed; an interrupt ends it well.

    Parameters: `once`, given the settings; `looks`, how often, for tests. Zotero may be closed and come back; what goes
    wrong meanwhile is said once. Raises `UsageError` where no input is one of Zotero's.
    """
    from refkit.pipeline.sending import zotero_state
    from refkit.sinks.zotero import is_address

    address = next((given for given in inputs if is_address(given)), None)
    if address is None:
        raise UsageError("--watch looks at a Zotero library, and no input is one.", "Name it: zotero:Thesis")
    own = _OwnFile(output)
    seen: str | None = None
    trouble = ""
    try:
        while looks is None or looks > 0:
            looks = None if looks is None else looks - 1
            try:
                state = zotero_state(address, settings)
                if state != seen:
                    _, said = once(own.may_replace(settings))
                    own.look()
                    _say(said)
                seen, trouble = state, ""
            except RefkitError as error:
                if seen is None:  # at the very beginning it is the call that is wrong
                    raise
                if str(error) != trouble:
                    trouble = str(error)
                    _say(f"{trouble} Still watching.")
            if looks != 0:
                time.sleep(SECONDS)
    except KeyboardInterrupt:
        _say("Not watching any more.")
    raise typer.Exit(0)


class _OwnFile:
    """The new file of a watching run: it may be replaced as long as it is what the run wrote."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._written: bytes | None = None

    def look(self) -> None:
        """Remember what was written."""
        from refkit import files

        self._written = files.read_whole(self._path) if self._path is not None else None

    def may_replace(self, settings: Any) -> Any:
        """The settings for the next run. Raises `LibraryError` where somebody else changed the file."""
        from refkit import files

        if self._path is None or self._written is None:
            return settings
        if files.read_whole(self._path) != self._written:
            raise LibraryError(f"{self._path} was changed by another program.", "Merge instead: enrich … --into.")
        return dataclasses.replace(settings, overwrite=True)


def _say(line: str) -> None:
    if line:
        print(line, file=sys.stderr, flush=True)
