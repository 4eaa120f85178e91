"""`refkit merge`: libraries into a library, or the duplicates of one library into one entry each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from refkit.apps.leaving import by_exit_code, command_line, finish, taken_back_by, write_bytes
from refkit.apps.options import DryRun, Prefer, Quiet, ReportFile, Verbose
from refkit.errors import UsageError

Libraries = Annotated[
    list[Path],
    typer.Argument(metavar="LIBRARY...", help="Libraries: .bib, .ris, CSL-JSON and others.", show_default=False),
]


def merge(
    libraries: Libraries,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="LIBRARY",
            help="The library that they go into; nothing else in it moves.",
            show_default=False,
        ),
    ] = None,
    review: Annotated[
        bool, typer.Option("--review", help="Ask about duplicates that no identifier makes sure (on a terminal).")
    ] = False,
    prefer: Prefer = None,
    rewrite: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="MANUSCRIPT", help="Let its citations follow keys that went. Repeatable.", show_default=False
        ),
    ] = None,
    different: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="KEY KEY", help="Remember that these two entries (keys or DOIs) differ.", show_default=False
        ),
    ] = None,
    dry_run: DryRun = False,
    report: ReportFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Merge libraries into one of yours, or the duplicates of a single library.

    Of a single library, entries that bear the same DOI, PMID, PMCID, arXiv number or ISBN become one; all others that
    are or may be one work are listed, and --review asks about them. Keys of yours never change; refkit undo takes it
    back.

    Example: refkit merge colleague.ris scopus.bib --into thesis.bib
    """
    with by_exit_code():
        from refkit.apps import door, terminal
        from refkit.pipeline import deduping

        settings = door.load_settings({"prefer": prefer})
        if different is not None:
            _keep_apart(libraries, into, different, settings, dry_run, quiet)
        if review and not dry_run and not (sys.stdin.isatty() and sys.stderr.isatty()):
            print("refkit: --review asks on a terminal; here the duplicates are only listed.", file=sys.stderr)
            review = False
        merged = deduping.merge(
            libraries,
            settings,
            into=into,
            review=ask if review and not dry_run else None,
            rewrite=rewrite or (),
            dry_run=dry_run,
            command=command_line("merge", libraries, into),
        )
        if dry_run:
            write_bytes(merged.diff().encode("utf-8", errors="surrogateescape"))
        finish(merged.report, report, quiet, verbose, said(merged, dry_run, terminal, settings))


def _keep_apart(
    libraries: list[Path], into: Path | None, pair: tuple[str, str], settings: Any, dry_run: bool, quiet: bool
) -> None:
    from refkit.pipeline import deduping

    if into is not None or len(libraries) != 1:
        raise UsageError("--different is said of one library.", "Say refkit merge LIBRARY --different KEY KEY.")
    new = deduping.keep_apart(libraries[0], pair, settings, dry_run=dry_run)
    if not quiet:
        verb = "would be" if dry_run and new else "are" if new else "were already"
        print(f"{libraries[0]}: {pair[0]} and {pair[1]} {verb} kept apart", file=sys.stderr)
    raise typer.Exit(0)


def said(merged: Any, dry_run: bool, terminal: Any, settings: Any) -> str:
    """The sentence on what was done."""
    path = merged.prepared.library.name
    groups = [group for group in merged.duplicates if group.merged]
    entries = sum(len(group.keys) for group in groups)
    parts = [f"{entries:,} entries merged into {len(groups):,}"] if groups else []
    if merged.arrived:
        parts.append(terminal.merge_counts(merged.prepared.counts))
    left = len(merged.duplicates) - len(groups)
    if left:
        parts.append(f"{terminal.counted(left, 'group')} left to you")
    if merged.rewritten:
        parts.append(f"{terminal.counted(len(merged.rewritten), 'manuscript')} rewritten")
    counts = ", ".join(parts) or "nothing to merge"
    if dry_run:
        return f"{path}: {counts}; dry run, nothing written"
    if not merged.is_change:
        return f"{path}: {counts}; unchanged"
    back = taken_back_by(path, settings)
    return f"{path}: {counts}{f' ({back})' if back else ''}"


def ask(group: Any, texts: Any) -> str:
    """Show a group of entries on the terminal and ask whether they are one work."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    console.rule(" · ".join(group.keys))
    for text in texts:
        console.print(text, markup=False)
    console.print(group.why, markup=False, style="bold")
    choices = {"s": "same", "d": "different", "l": "later", "q": "stop"}
    while True:
        try:
            answer = console.input("One work? (s)ame, (d)ifferent, (l)ater, (q)uit: ").strip().lower()[:1]
        except EOFError:
            return "stop"
        if answer in choices:
            return choices[answer]
