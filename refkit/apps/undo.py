"""`refkit undo`: take back what refkit last changed in a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from refkit.apps.leaving import by_exit_code
from refkit.apps.options import DryRun


def undo(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A library or manuscript that refkit changed.", show_default=False)
    ],
    dry_run: DryRun = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing where all is well.")] = False,
) -> None:
    """Take back refkit's last change to a file, and to all others of the same run. Again: the one before.

    A file that was edited since is never touched: then nothing is taken back, and the edits are shown.

    Example: refkit undo thesis.bib
    """
    with by_exit_code():
        from refkit.apps.leaving import write_bytes
        from refkit.files import EditedSince
        from refkit.pipeline import undoing

        def show(diff: str) -> None:
            write_bytes(diff.encode("utf-8", "surrogateescape"))

        try:
            undone = undoing.undo(path, dry_run=dry_run)
        except EditedSince as error:
            if dry_run:
                show(undoing.shown_undoing(error.undone))
            else:
                print(undoing.shown_edits(error).encode("utf-8", "replace").decode(), end="", file=sys.stderr)
            raise
        if dry_run:
            show(undoing.shown_undoing(undone))
        if not quiet:
            print(undoing.said(undone, dry_run=dry_run), file=sys.stderr)
