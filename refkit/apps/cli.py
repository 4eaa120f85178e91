"""The command `refkit`: options in, exit code out; all the work is in `refkit.pipeline`.

Only typer is imported at the top, so that `refkit --version` and `--help` answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from refkit import __version__
from refkit.apps.cache import app as cache_app
from refkit.apps.cite import cite
from refkit.apps.leaving import by_exit_code, command_line, deliver_merge, finish, write_bytes
from refkit.apps.merge import merge
from refkit.apps.options import (
    Attach,
    CslDialect,
    DryRun,
    Format,
    InCollection,
    Inputs,
    Mailto,
    Offline,
    Output,
    Overwrite,
    Prefer,
    Quiet,
    Records,
    Refresh,
    ReportFile,
    RisDialect,
    To,
    Token,
    Update,
    Verbose,
    Via,
    Watch,
)  # fmt: skip
from refkit.apps.pandoc_filter import pandoc_filter
from refkit.apps.undo import undo
from refkit.errors import UsageError

app = typer.Typer(
    help="Find the DOIs in documents, ask Crossref about them, and write BibTeX, RIS and CSL-JSON entries.",
    epilog="Exit codes: 0 done; 1 done, but something needs you; 2 the call or an input cannot be used; 3 a library"
    " cannot be read or written; 4 a service was asked and failed (what was found is written);"
    " 5 Zotero is not there, or refuses.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(cache_app, name="cache")
app.command()(cite)
app.command("pandoc-filter")(pandoc_filter)
app.command()(merge)
app.command()(undo)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"refkit {__version__}")
        raise typer.Exit


@app.callback()
def refkit(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Find the DOIs in documents, ask Crossref about them, and write BibTeX, RIS and CSL-JSON entries."""


@app.command()
def find(
    inputs: Inputs,
    json_: Annotated[bool, typer.Option("--json", help="The `documents` part of the report, as JSON.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Ask the registry which of them exist.")] = False,
    records: Records = None,
    offline: Offline = None,
    refresh: Refresh = None,
    mailto: Mailto = None,
    token: Token = None,
    report: ReportFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """List the DOIs in documents, with place, role, confidence and reason. Asks no one without --verify.

    Example: refkit find paper.pdf
    """
    with by_exit_code():
        from refkit import pipeline
        from refkit.apps import door, terminal
        from refkit.report import Report

        terminal.log_requests(verbose)
        options = {"records": records, "offline": offline, "refresh": refresh, "mailto": mailto, "token": token}
        settings = door.load_settings(options)
        outcome = Report()
        call = pipeline.Call(inputs, stdin=sys.stdin.buffer, progress=terminal.progress(quiet))
        if verify:
            pipeline.verify(pipeline.find_dois(call, outcome), settings, outcome, call.progress)
            rows = iter(outcome.documents)
        else:
            rows = _kept(pipeline.find_each(call, outcome), outcome, whole=report is not None)
        if json_:
            terminal.print_json(rows)
        elif sys.stdout.isatty():
            terminal.print_table(rows)
        else:
            terminal.print_lines(rows)
        finish(outcome, report, quiet, verbose)


def _kept(rows: Iterable[Any], outcome: Any, *, whole: bool) -> Iterator[Any]:
    """Pass rows on, and keep in the report what is needed of them."""
    for row in rows:
        outcome.documents.append(row if whole else row.without_mentions())
        yield row


@app.command()
def enrich(
    inputs: Inputs,
    output: Output = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", metavar="LIBRARY", help="Merge into a library; nothing else in it moves.", show_default=False
        ),
    ] = None,
    to: To = None,
    via: Via = None,
    collection: InCollection = None,
    attach: Attach = None,
    update: Update = None,
    watch: Watch = False,
    prefer: Prefer = None,
    format_: Format = None,
    ris_dialect: RisDialect = None,
    csl_dialect: CslDialect = None,
    own: Annotated[bool, typer.Option("--own", help="Only the documents' own works.")] = False,
    cited: Annotated[bool, typer.Option("--cited", help="Only what the documents cite.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Every DOI in every document.")] = False,
    records: Records = None,
    offline: Offline = None,
    refresh: Refresh = None,
    mailto: Mailto = None,
    token: Token = None,
    overwrite: Overwrite = None,
    dry_run: DryRun = False,
    report: ReportFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Find the DOIs in documents, ask for their works, and write entries.

    They go to standard output, to a new FILE with -o, or into a LIBRARY of yours with --into, where nothing else moves.
    A document that is itself a publication stands for itself; any other gives every DOI in it; a library stays a
    library, with its gaps filled.

    Example: refkit enrich papers/ notes.md --into thesis.bib
    """
    with by_exit_code():
        from refkit import pipeline
        from refkit.apps import door, terminal, zotero

        terminal.log_requests(verbose)
        if into is not None and output is not None:
            raise UsageError("-o writes a new file and --into merges into a library.", "Choose one of them.")
        options: dict[str, Any] = {
            "records": records,
            "offline": offline,
            "refresh": refresh,
            "mailto": mailto,
            "token": token,
            "overwrite": overwrite,
            "prefer": prefer,
            "format": format_,
            "ris_dialect": ris_dialect,
            "csl_dialect": csl_dialect,
            **zotero.options(via, collection, attach, update),
        }
        settings = zotero.file_settings(to, door.load_settings(options))
        sending = zotero.sending(to, settings, output, into, dry_run, terminal.progress(quiet))
        if output is not None:
            pipeline.check_output(output, inputs)
        leave_out = frozenset(p.resolve() for p in (output, into, report) if p is not None)
        call = pipeline.Call(inputs, leave_out, sys.stdin.buffer, terminal.progress(quiet))
        target = pipeline.Target(into, dry_run, command_line("enrich", inputs, into)) if into is not None else None
        whose = _whose(own, cited, all_)

        def once(settings: Any) -> tuple[Any, str]:
            result = pipeline.enrich(call, settings, whose=whose, output=output, into=target, to=sending)
            if result.prepared is not None:
                return result.report, deliver_merge(result.prepared, dry_run, settings)
            if sending is not None:
                return result.report, zotero.deliver(result, sending)
            return result.report, zotero.as_file(to, result, _deliver(result, output, dry_run, settings))

        if watch:
            zotero.watch(inputs, settings, output, once)
        outcome, said = once(settings)
        finish(outcome, report, quiet, verbose, said)


@app.command()
def export(
    library: Annotated[str, typer.Argument(metavar="LIBRARY", help="A .bib, .ris or CSL-JSON file, -, or zotero:…")],
    to: Annotated[
        str | None, typer.Option("--to", metavar="FORMAT", help="The format wanted, or zotero; else by -o.")
    ] = None,
    style: Annotated[
        str | None, typer.Option(help="CSL style of --to text: a name or a .csl file.", show_default=False)
    ] = None,
    output: Output = None,
    via: Via = None,
    collection: InCollection = None,
    attach: Attach = None,
    update: Update = None,
    watch: Watch = False,
    ris_dialect: RisDialect = None,
    csl_dialect: CslDialect = None,
    overwrite: Overwrite = None,
    dry_run: DryRun = False,
    report: ReportFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Convert a whole library into another format, or send it to Zotero. The library itself stays as it is.

    LIBRARY may be one of Zotero's, such as zotero:Thesis. No one but Zotero is asked.

    Example: refkit export refs.bib --to ris -o refs.ris
    """
    with by_exit_code():
        from refkit import pipeline
        from refkit.apps import door, terminal, zotero
        from refkit.sinks import is_sink

        terminal.log_requests(verbose)
        target = to if to is not None and is_sink(to) else None
        settings = door.load_settings(
            {
                "format": None if target else to,
                "style": style,
                "ris_dialect": ris_dialect,
                "csl_dialect": csl_dialect,
                "overwrite": overwrite,
                **zotero.options(via, collection, attach, update),
            }
        )
        settings = zotero.file_settings(target, settings)
        progress = terminal.progress(quiet)
        sending = zotero.sending(target, settings, output, None, dry_run, progress)
        if output is not None:
            pipeline.check_output(output, [library])
        form = zotero.file_format(output) if target else pipeline.choose_format(settings, output)

        def once(settings: Any) -> tuple[Any, str]:
            found, outcome = zotero.read(library, sys.stdin.buffer, settings, progress)
            if sending is not None:
                return zotero.send_library(found, library, settings, sending, outcome)
            result = pipeline.converted(found, form, settings, outcome)
            return result.report, zotero.as_file(target, result, _deliver(result, output, dry_run, settings))

        if watch:
            zotero.watch([library], settings, output, once)
        outcome, said = once(settings)
        finish(outcome, report, quiet, verbose, said)


def _whose(own: bool, cited: bool, all_: bool) -> Any:
    if own + cited + all_ > 1:
        raise UsageError("--own, --cited and --all exclude each other.")
    return "own" if own else "cited" if cited else "all" if all_ else "auto"


def _deliver(result: Any, output: Path | None, dry_run: bool, settings: Any) -> str:
    """Put the result where it belongs; returns the sentence about it."""
    from refkit import pipeline

    count = len(result.entries)
    entries = f"{count:,} {'entry' if count == 1 else 'entries'}"
    if output is None:
        write_bytes(result.data)
        return ""
    if dry_run:
        write_bytes(pipeline.preview(output, result).encode("utf-8", errors="surrogateescape"))
        refused = "; without --overwrite it would be refused" if pipeline.is_refused(output, result, settings) else ""
        return f"{output}: {entries} ({result.format}); dry run, nothing written{refused}"
    match pipeline.write_new(output, result, settings):
        case "written":
            return f"{output}: {entries} written ({result.format})"
        case "unchanged":
            return f"{output}: unchanged, it holds exactly this ({entries}) already"
        case _:
            return f"{output}: not written, there is no entry to write"


def _with_default_days(arguments: list[str]) -> list[str]:
    """`--refresh` alone means `--refresh 0`: typer has no options whose value may be left out."""
    out = []
    for here, following in zip(arguments, [*arguments[1:], ""], strict=True):
        alone = here == "--refresh" and not following.replace(".", "", 1).isdigit()
        out.append("--refresh=0" if alone else here)
    return out


def main() -> None:
    """Run the command; does not return."""
    for stream in (sys.stdout, sys.stderr):
        # File names may hold bytes that are no text, and a Windows console is not UTF-8 by itself.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.argv[1:] = _with_default_days(sys.argv[1:])
    app()
