"""The peer of startup.py: a typer app with seven commands that do nothing, and --version."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


def _print_version(wanted: bool) -> None:
    if wanted:
        print("empty 0.1.0")
        raise typer.Exit


@app.callback()
def empty(
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_print_version)] = False,
) -> None:
    """Do nothing."""


def _nothing() -> None:
    """Do nothing."""


for _name in ("find", "enrich", "merge", "cite", "export", "undo", "cache"):
    app.command(_name)(_nothing)

if __name__ == "__main__":
    app()
