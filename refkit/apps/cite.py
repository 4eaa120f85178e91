"""`refkit cite`: DOIs in a manuscript become citations, and its library gets the entries that it lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from refkit.apps.leaving import by_exit_code, command_line, finish, taken_back_by, write_bytes
from refkit.apps.options import DryRun, Mailto, Offline, Quiet, Records, Refresh, ReportFile, Token, Verbose
from refkit.errors import UsageError

Manuscripts = Annotated[
    list[Path],
    typer.Argument(metavar="MANUSCRIPT...", help="Manuscripts, or folders of them.", show_default=False),
]
Libraries = Annotated[
    list[Path] | None,
    typer.Option(
        "--library",
        metavar="LIBRARY",
        help="The library that gets new entries; more of them are only read. Else the one that the manuscript names.",
        show_default=False,
    ),
]


def cite(
    manuscripts: Manuscripts,
    library: Libraries = None,
    check: Annotated[bool, typer.Option("--check", help="Only report what does not fit; exit code 1 if so.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Also links that lead to data or code.")] = False,
    references: Annotated[
        bool, typer.Option("--references", help="Replace the written reference list by the bibliography command.")
    ] = False,
    narrative: Annotated[
        bool | None,
        typer.Option("--narrative/--no-narrative", help="Cite as part of the sentence where it needs that."),
    ] = None,
    syntax: Annotated[
        str | None,
        typer.Option(help="pandoc, myst, wikilink, natbib, biblatex, cite, org-cite or org-ref.", show_default=False),
    ] = None,
    style: Annotated[
        str | None, typer.Option(help="CSL style of DOCX and ODT: a name or a .csl file.", show_default=False)
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="DOCX and ODT: formatted text instead of fields.")] = False,
    records: Records = None,
    offline: Offline = None,
    refresh: Refresh = None,
    mailto: Mailto = None,
    token: Token = None,
    dry_run: DryRun = False,
    report: ReportFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Turn the DOIs in manuscripts into citations, and add to their library what it lacks.

    Markdown (pandoc, Quarto, R Markdown, MyST, Obsidian), LaTeX, Typst, Org, reStructuredText, AsciiDoc, notebooks,
    DOCX and ODT. Nothing else in them changes; refkit undo takes it back.

    Example: refkit cite draft.md --library refs.bib
    """
    with by_exit_code():
        from refkit.apps import door, terminal
        from refkit.manuscripts import Wanted
        from refkit.pipeline import checking, citing

        terminal.log_requests(verbose)
        options: dict[str, Any] = {
            "records": records,
            "offline": offline,
            "refresh": refresh,
            "mailto": mailto,
            "token": token,
            "narrative": narrative,
            "cite_syntax": syntax,
            "style": style,
        }
        settings = door.load_settings(options)
        wanted = Wanted(settings, everything=all_, references=references, plain=plain)
        if check:
            if dry_run or references:
                raise UsageError("--check changes nothing; give it without --dry-run and --references.")
            found = checking.check(manuscripts, settings, wanted, libraries=library or ())
            finish(found, report, quiet, verbose, checked(found))
        outcome = citing.cite(
            manuscripts,
            settings,
            wanted,
            libraries=library or (),
            dry_run=dry_run,
            progress=terminal.progress(quiet),
            command=command_line("cite", manuscripts),
        )
        if dry_run:
            write_bytes(outcome.diff().encode("utf-8", errors="surrogateescape"))
        finish(outcome.report, report, quiet, verbose, "\n".join(_said(outcome, dry_run, settings)))


def _said(outcome: Any, dry_run: bool, settings: Any) -> Iterator[str]:
    """What was done in each manuscript, and how to take it back."""
    from refkit.apps.terminal import merge_counts

    for one in outcome.prepared:
        yield f"{one.library.name}: {merge_counts(one.counts)}"
    for one in outcome.manuscripts:
        name = one.manuscript.name
        counts = Counter(row.action for row in outcome.report.citations if row.path == name)
        done = counts["cite"]
        parts = [f"{done:,} {'DOI' if done == 1 else 'DOIs'} cited"] if done else ["unchanged"]
        if counts["same"]:
            parts.append(f"{counts['same']:,} cited before")
        if counts["unknown"]:
            parts.append(f"{counts['unknown']:,} without an entry")
        if counts["left"]:
            parts.append(f"{counts['left']:,} left alone (--report says why)")
        yield f"{name}: {', '.join(parts)}"
    if dry_run:
        yield "dry run, nothing written"
    elif outcome.changed and (back := taken_back_by(outcome.changed[-1], settings)):
        yield back


def checked(report: Any) -> str:
    """The sentence that says how manuscript and library fit."""
    counts = Counter(row.action for row in report.citations)
    return f"{counts['same']:,} citations fit, {counts['missing']:,} lack their entry, {counts['bare']:,} DOIs are bare"
