"""`refkit pandoc-filter`: citations of DOIs get their references while pandoc builds the document.

pandoc runs a filter as a program with the output format as its only argument, so there is also the program
`refkit-pandoc-filter`; its options come from the environment and the settings files.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from refkit.apps.leaving import by_exit_code, write_bytes
from refkit.apps.options import Mailto, Offline, Records, Refresh, Token


def pandoc_filter(
    format_: Annotated[
        str, typer.Argument(metavar="[FORMAT]", help="The output format, as pandoc names it.", show_default=False)
    ] = "",
    library: Annotated[
        list[Path] | None,
        typer.Option("--library", metavar="LIBRARY", help="Beside the document's own.", show_default=False),
    ] = None,
    records: Records = None,
    offline: Offline = None,
    refresh: Refresh = None,
    mailto: Mailto = None,
    token: Token = None,
) -> None:
    """Turn @doi:… in pandoc's JSON (standard input) into citations with their references. Writes no file.

    Example: refkit pandoc-filter html < document.json
    """
    with by_exit_code():
        from refkit.apps import door, terminal
        from refkit.pipeline import filtering
        from refkit.report import Report

        options: dict[str, Any] = {
            "records": records,
            "offline": offline,
            "refresh": refresh,
            "mailto": mailto,
            "token": token,
        }
        report = Report()
        settings = door.load_settings(options)
        data = filtering.filter_document(sys.stdin.buffer.read(), settings, report, libraries=library or ())
        write_bytes(data)
        # A document is built with what is known; pandoc itself says which citations it did not find.
        for line in terminal.note_lines(report.notes, verbose=False):
            print(f"refkit: {line.strip()}", file=sys.stderr)


def main() -> None:
    """The program that pandoc runs."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(pandoc_filter)
    app()
