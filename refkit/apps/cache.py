"""`refkit cache`: what the record store holds, and how to fill, empty and export it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from refkit.apps.leaving import by_exit_code

app = typer.Typer(
    help="Show, fill, empty or export the record store (answers of services, and collections of records).",
    epilog="Example: refkit cache load crossref-records.jsonl.gz",
    invoke_without_command=True,
)


@app.callback()
def cache(context: typer.Context) -> None:
    """Show what the record store holds."""
    if context.invoked_subcommand is None:
        info()


@app.command()
def info() -> None:
    """Show where the store is, how large, what is in it, and how old.

    Example: refkit cache info
    """
    with by_exit_code():
        from refkit import store
        from refkit.apps import door

        held = store.info(door.load_settings({}))
        print(f"{held.path}: {_size(held.bytes)}")
        print(f"  {held.records:,} records, {held.aliases:,} aliases, {held.absences:,} DOIs known to be missing")
        if held.oldest and held.newest:
            print(f"  fetched from {held.oldest} to {held.newest}")
        for source, number in sorted(held.sources.items()):
            print(f"  {number:>9,}  {source}")
        for one in held.collections:
            unfinished = "" if one.whole else "  (unfinished: load it again to go on)"
            print(f"collection {one.path}: {one.records:,} records, {_size(one.bytes)}{unfinished}")


@app.command()
def clear(
    collections: Annotated[bool, typer.Option("--collections", help="Forget loaded collections too.")] = False,
) -> None:
    """Forget all cached answers; records files of yours are not touched.

    Example: refkit cache clear
    """
    with by_exit_code():
        from refkit import store
        from refkit.apps import door

        freed = store.clear(door.load_settings({}), collections=collections)
        print(f"{_size(freed)} freed")


@app.command()
def load(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Records: .jsonl, .json, .gz of these, a folder or tar.")
    ],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Index records on disk once, so that --records PATH answers at once; an interrupted load goes on.

    Example: refkit cache load crossref-records/
    """
    with by_exit_code():
        from refkit import store
        from refkit.apps import door, terminal
        from refkit.model import Note

        settings = door.load_settings({})
        for path in paths:
            notes: list[Note] = []
            done = store.load(path, settings, terminal.progress(quiet), notes)
            for line in terminal.note_lines(notes, verbose=False):
                print(line, file=sys.stderr)
            how = (
                "loaded already"
                if done.already
                else f"loaded from {terminal.counted(done.files, 'file')} in {done.seconds:.1f} s"
            )
            print(f"{done.path}: {done.records:,} records, {how}")


@app.command()
def export() -> None:
    """Write all cached records to standard output as JSON lines, as they came.

    Example: refkit cache export > records.jsonl
    """
    with by_exit_code():
        from refkit import store
        from refkit.apps import door

        sys.stdout.flush()
        count = store.export(door.load_settings({}), sys.stdout.buffer)
        sys.stdout.buffer.flush()
        print(f"{count:,} records", file=sys.stderr)


def _size(number: int) -> str:
    size: Any = number
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
