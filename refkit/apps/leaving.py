"""How every command ends: errors as a sentence and an exit code, a closed pipe quietly."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from refkit.errors import RefkitError
from refkit.settings import Settings


@contextmanager
def by_exit_code() -> Iterator[None]:
    """Turn refkit's own errors into a sentence and an exit code, and a closed pipe into a quiet end."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python would complain when it flushes at exit, so there is nothing left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        print("refkit: interrupted; nothing is half-written.", file=sys.stderr)
        raise typer.Exit(130) from None
    except RefkitError as error:
        print(f"refkit: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None


def finish(report: Any, path: Path | None, quiet: bool, verbose: bool, said: str = "") -> None:
    """Write the report, print the summary, and leave by the exit code that the report calls for."""
    from refkit.apps import door, terminal

    if path is not None:
        door.write_report(report, path)
    if not quiet:
        sys.stdout.flush()
        for line in (*terminal.summary(report, verbose=verbose), said):
            if line:
                print(line, file=sys.stderr)
    raise typer.Exit(report.exit_code)


def write_bytes(data: bytes) -> None:
    """Put the result on standard output, and nothing else with it."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def deliver_merge(prepared: Any, dry_run: bool, settings: Settings) -> str:
    """Show what a merge would change where nothing is written; returns the sentence about what was done."""
    from refkit.apps import terminal

    path, counts = prepared.library.name, terminal.merge_counts(prepared.counts)
    if dry_run:
        write_bytes(prepared.diff().encode("utf-8", errors="surrogateescape"))
        return f"{path}: {counts}; dry run, nothing written"
    if not prepared.edits:
        return f"{path}: unchanged; {counts}"
    back = taken_back_by(path, settings)
    return f"{path}: {counts}{f' ({back})' if back else ''}"


def command_line(verb: str, inputs: Sequence[str | Path], into: Path | None = None) -> str:
    """What a run is called where it can be taken back; options may hold secrets and are left out."""
    from refkit.files import argument

    given = [argument(one) for one in (inputs if len(inputs) <= 4 else inputs[:3])]
    rest = ["…"] if len(inputs) > 4 else []
    return " ".join(["refkit", verb, *given, *rest, *(("--into", argument(into)) if into else ())])


def taken_back_by(path: str | Path, settings: Settings) -> str:
    """How what was written can be had back, "" where the user wants nothing kept."""
    if not settings.remember or not settings.undo_steps:
        return ""
    from refkit.files import argument

    return f"refkit undo {argument(path)} takes it back"
