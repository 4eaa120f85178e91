"""The plainest library that can be edited in place: a CSL-JSON item a line; for tests of decisions alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from refkit.formats.editing import Field
from refkit.model import Edit, Entry, Library, Origin, Span, Work
from refkit.settings import Settings


class Lines:
    """An `Editing` of lines of JSON; it writes what `carried` names, by default all variables but the abstract."""

    def __init__(self, text: str, settings: Settings | None = None, left_out: Collection[str] = ("abstract",)) -> None:
        self.settings = settings or Settings()
        self.left_out = left_out
        entries, start = [], 0
        for line in text.splitlines(keepends=True):
            item = json.loads(line)
            span = Span(start, start + len(line.rstrip("\n")))
            csl = {name: value for name, value in item.items() if name not in {"id", "custom"}}
            raw = tuple((name, json.dumps(value, ensure_ascii=False)) for name, value in item.items())
            entries.append(Entry(str(item.get("id", "")), Work(csl, {}, Origin("library")), span, raw))
            start += len(line)
        self.library = Library(text, "lines", tuple(entries))

    def glance(self, position: int) -> Mapping[str, Any]:
        return self.library.entries[position].work.csl

    def fields(self, work: Work, position: int | None = None) -> tuple[Field, ...]:
        return tuple(
            Field(name, json.dumps(value, ensure_ascii=False), name)
            for name, value in work.csl.items()
            if name not in self.left_out and not (position is not None and name == "type")
        )

    def present(self, position: int, field: Field) -> Field | None:
        raw = dict(self.library.entries[position].fields).get(field.name)
        return Field(field.name, raw, field.name if field.name != "custom" else "") if raw else None

    def edits(
        self,
        *,
        add: Sequence[Entry] = (),
        change: Mapping[int, Sequence[Field]] | None = None,
        remove: Collection[int] = (),
        aliases: Mapping[int, Sequence[str]] | None = None,
    ) -> list[Edit]:
        change, aliases = change or {}, aliases or {}
        out: list[Edit] = []
        for position, entry in enumerate(self.library.entries):
            assert entry.span is not None
            if position in remove:
                out.append(Edit(Span(entry.span.start, min(entry.span.end + 1, len(self.library.text))), ""))
            elif position in change or position in aliases:
                item = {name: json.loads(raw) for name, raw in entry.fields}
                item |= {field.name: json.loads(field.text) for field in change.get(position, ())}
                if position in aliases:
                    item["ids"] = [*item.get("ids", []), *aliases[position]]
                out.append(Edit(entry.span, json.dumps(item, ensure_ascii=False)))
        if add:
            lines = [
                json.dumps(
                    {"id": entry.key} | {field.name: json.loads(field.text) for field in self.fields(entry.work)},
                    ensure_ascii=False,
                )
                for entry in add
            ]
            end = len(self.library.text)
            out.append(Edit(Span(end, end), "".join(f"{line}\n" for line in lines)))
        return out

    def check(self, edited: str, edits: Sequence[Edit]) -> str:
        return ""


def library(*items: Mapping[str, Any]) -> str:
    """The text of a library with these items."""
    return "".join(json.dumps(dict(item), ensure_ascii=False) + "\n" for item in items)
