"""Golden cases of editing a library in place: a file before, what is done to it, the file after, side by side.

A case is a folder with `before.SUFFIX`, `do.json` and `after.SUFFIX`. `do.json` holds any of `add` (CSL items with
`id`), `fill` (by position a CSL item, whose fields go where the entry has none), `set` (by position, fields by name)
and `remove` (positions). Files are compared as bytes, for line ends are what editing is about.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from refkit.edits import apply
from refkit.formats import by_name
from refkit.formats.editing import Editing, Field
from refkit.model import Edit, Entry, Origin, Work
from refkit.settings import Settings

SAMPLES = Path(__file__).parent / "samples" / "editing"


def cases(name: str) -> list[Path]:
    """The folders of a format's cases."""
    return sorted(path.parent for path in (SAMPLES / name).glob("*/do.json"))


def work_of(csl: dict[str, Any]) -> Work:
    """A work as a source would give it."""
    return Work({name: value for name, value in csl.items() if name != "id"}, origin=Origin("crossref"))


def gaps(editing: Editing, position: int, work: Work) -> list[Field]:
    """The fields that an entry lacks and a work has."""
    return [field for field in editing.fields(work, position) if editing.present(position, field) is None]


def edits_of(editing: Editing, do: dict[str, Any]) -> list[Edit]:
    """The edits of a case."""
    change = {int(at): gaps(editing, int(at), work_of(csl)) for at, csl in do.get("fill", {}).items()}
    for at, fields in do.get("set", {}).items():
        change[int(at)] = [Field(name, text, variable) for name, text, variable in fields]
    add = [Entry(csl["id"], work_of(csl)) for csl in do.get("add", ())]
    return editing.edits(add=add, change=change, remove=do.get("remove", ()))


def run(name: str, case: Path, accept: bool) -> None:
    """Carry a case out and compare; edit it once more and see that there is nothing left to fill."""
    before = next(case.glob("before.*"))
    after = before.with_stem("after")
    text = before.read_bytes().decode("utf-8")
    do = json.loads((case / "do.json").read_text(encoding="utf-8"))
    editing = by_name(name).edit(text, Settings())
    assert editing.edits() == []
    edits = edits_of(editing, do)
    edited = apply(text, edits)
    assert editing.check(edited, edits) == ""
    if accept:
        after.write_bytes(edited.encode("utf-8"))
    assert edited == after.read_bytes().decode("utf-8")
    again = by_name(name).edit(edited, Settings())
    if "fill" in do and "remove" not in do and "add" not in do:
        for at, csl in do["fill"].items():
            assert gaps(again, int(at), work_of(csl)) == []
