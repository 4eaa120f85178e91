"""Options that several commands have, each defined once, so that they mean and say the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Files, folders (recursive), - for standard input, DOIs or DOI links, arXiv:ID, zotero:…",
        show_default=False,
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="bibtex, biblatex, ris, csljson, … (docs/fields.md); else by the suffix of -o; else bibtex.",
        show_default=False,
    ),
]
RisDialect = Annotated[
    str | None, typer.Option(help="RIS as standard, zotero or endnote reads it.", show_default=False)
]
CslDialect = Annotated[
    str | None, typer.Option(help="CSL-JSON as standard, or as zotero keeps it whole.", show_default=False)
]
Records = Annotated[
    list[str] | None,
    typer.Option(help="Crossref records on disk (.jsonl, .json, .gz, a folder), asked first.", show_default=False),
]
Offline = Annotated[bool | None, typer.Option("--offline", help="Ask no service.", show_default=False)]
Refresh = Annotated[
    float | None,
    typer.Option(
        "--refresh", metavar="[DAYS]", help="Ask anew for cached records older than DAYS (0).", show_default=False
    ),
]
Mailto = Annotated[
    str | None, typer.Option(help="Your e-mail address, for Crossref's polite pool.", show_default=False)
]
Token = Annotated[str | None, typer.Option(help="Crossref Plus token.", show_default=False)]
ReportFile = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Write all answers and reasons as JSON.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Every note, every skipped file, every request.")]
Overwrite = Annotated[
    bool | None, typer.Option("--overwrite", help="Replace FILE if it is there already.", show_default=False)
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write a new file.", show_default=False)
]
To = Annotated[str | None, typer.Option("--to", metavar="zotero", help="Send to Zotero instead.", show_default=False)]
Via = Annotated[
    str | None, typer.Option(help="Way into Zotero: auto, local, connector, web or file.", show_default=False)
]
InCollection = Annotated[
    str | None, typer.Option("--collection", metavar="PATH", help="Zotero collection.", show_default=False)
]
Attach = Annotated[
    bool | None, typer.Option("--attach", help="Send the PDFs that the DOIs came from too.", show_default=False)
]
Update = Annotated[
    bool | None, typer.Option("--update", help="Fill empty fields of items that Zotero has.", show_default=False)
]
Watch = Annotated[bool, typer.Option("--watch", help="Do it again whenever the zotero: library changes.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the changes as a diff; write nothing.")]
Prefer = Annotated[
    str | None,
    typer.Option(
        metavar="theirs[:FIELD,…]", help="Where values differ, take theirs, in all or these fields.", show_default=False
    ),
]
