"""Editing a BibTeX or biblatex library in place: what is asked for changes, every other character stays.

Fields and entries are written as the library writes its own (`bibtex_habits`), new ones go where they belong
(`bibtex_place`), and what an entry says already is known under all its names (`bibtex_present`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from refkit.formats import bibtex_present
from refkit.formats.bibtex_habits import Habits, case_of, dialect_of, in_case, own_gap
from refkit.formats.bibtex_layout import Layout, learned
from refkit.formats.bibtex_library import Opened
from refkit.formats.bibtex_place import Places, Slot, merged
from refkit.formats.bibtex_scan import Block, RawField
from refkit.formats.bibtex_writing import Writing
from refkit.formats.editing import Field
from refkit.model import Edit, Entry, Library, Span, Work
from refkit.settings import Settings


class BibtexEditing:
    """A BibTeX library that is open for editing (`editing.Editing`)."""

    def __init__(
        self, text: str, settings: Settings, dialect: str, encodable: Callable[[str], bool] | None = None
    ) -> None:
        """Parameters: `text`, the file's with its own line ends; `dialect`, what holds where the library does not
        tell; `encodable`, whether the file's encoding has a text's letters: those that it lacks become LaTeX's."""
        self._opened = Opened(text, dialect)
        self._text, self._source, self._entries = text, self._opened.source, self._opened.entries
        self._habits = Habits(self._opened, settings, dialect)
        self._writing = Writing(self._habits, settings, encodable)

    @property
    def library(self) -> Library:
        """The library as it stands."""
        return self._opened.library

    @cached_property
    def settings(self) -> Settings:
        """The caller's settings, bent to the library's habits."""
        return self._habits.settings

    @cached_property
    def _places(self) -> Places:
        return Places(self._text, self._opened.blocks, self._entries)

    def glance(self, position: int) -> Mapping[str, Any]:
        """The identifiers, title, date and pages of an entry as a CSL item."""
        return bibtex_present.glance(self._entries[position], self._source)

    # --- what would be written -------------------------------------------------------------------

    def fields(self, work: Work, position: int | None = None) -> tuple[Field, ...]:
        """What this library would write for a work; see `editing.Editing.fields`."""
        return (
            self._writing.new(work)[1] if position is None else self._writing.counterpart(work, self._entries[position])
        )

    def present(self, position: int, field: Field) -> Field | None:
        """The entry's own field that states what `field` states; see `editing.Editing.present`."""
        block = self._entries[position]
        raw: dict[str, str] = {}
        for name, value in block.pairs:
            raw.setdefault(name.lower(), value)
        values = dict(raw)
        if "crossref" in raw or "xdata" in raw:
            for name, value in self._source.all_values(block).items():
                values.setdefault(name, "{" + value + "}")
        found = bibtex_present.stated(values, field.name.lower(), self._source.strings)
        if found is None:
            return None
        kind = block.type.lower()
        variable = field.variable or bibtex_present.variable_of(
            found, kind, dialect_of(kind, block.pairs) == "biblatex"
        )
        return Field(found, values[found], variable)

    # --- edits -----------------------------------------------------------------------------------

    def edits(
        self,
        *,
        add: Sequence[Entry] = (),
        change: Mapping[int, Sequence[Field]] | None = None,
        remove: Collection[int] = (),
        aliases: Mapping[int, Sequence[str]] | None = None,
    ) -> list[Edit]:
        """The edits that do all this; see `editing.Editing.edits`."""
        changes = {position: list(fields) for position, fields in (change or {}).items() if position not in remove}
        for position, keys in (aliases or {}).items():
            if position not in remove and (field := self._aliases(position, keys)) is not None:
                changes.setdefault(position, []).append(field)
        out: list[Edit] = []
        for position in sorted(changes):
            out += self._changed(self._entries[position], changes[position])
        out += merged(self._inserts(add), self._places.removals(remove), self._separator, self._text)
        return sorted(out, key=lambda edit: (edit.span.start, edit.span.end))

    def _aliases(self, position: int, keys: Sequence[str]) -> Field | None:
        """The field `ids` with these keys added to those that it has."""
        block = self._entries[position]
        old = next((raw for name, raw in block.pairs if name.lower() == "ids"), "{}")
        known = [key for key in bibtex_present.plain_value(old, self._source.strings).replace(",", " ").split() if key]
        new = [key for key in dict.fromkeys(keys) if key and key not in known and key != block.key]
        return Field("ids", "{" + ", ".join([*known, *new]) + "}") if new else None

    # --- entries that are changed ----------------------------------------------------------------

    def _changed(self, block: Block, fields: Sequence[Field]) -> list[Edit]:
        there: dict[str, RawField] = {}
        for own in block.fields:
            there.setdefault(own.name.lower(), own)
        out: list[Edit] = []
        new: dict[str, Field] = {}
        for field in fields:
            old = there.get(field.name.lower())
            if old is None:
                new[field.name.lower()] = field
            elif field.text != old.raw:
                out.append(Edit(old.value, field.text))
        return out + (self._inserted(block, list(new.values())) if new else [])

    def _inserted(self, block: Block, new: Sequence[Field]) -> list[Edit]:
        """New fields in the layout of their entry, each behind the field that usually precedes it."""
        fields = block.fields
        layout = self._layout_of(block)
        longest = max(len(name) for name in (*(one.name for one in fields), *(one.name for one in new)))
        if not fields:
            return [self._first_fields(block, new, layout, longest)]
        order = self._habits.order
        names = [one.name.lower() for one in fields]
        orderly = order.is_followed(names)
        at: dict[int, list[Field]] = {}
        by_name = {field.name.lower(): field for field in new}
        for name in order.sorted(by_name):
            place = order.place(name, names) if orderly else len(names)
            while 0 < place < len(fields) and "," not in self._text[fields[place - 1].end : fields[place].name_at]:
                place += 1  # where a comma is missing, nothing is put in between
            at.setdefault(place, []).append(by_name[name])
        out: list[Edit] = []
        for place, added in at.items():
            rows = [layout.field(self._name(fields, one.name), one.text, longest) for one in added]
            if place:
                out += self._behind(block, fields, place - 1, "".join(rows))
            else:
                first = fields[0].name_at
                text = "".join(row[len(layout.between) :] + layout.between for row in rows)
                out.append(Edit(Span(first, first), text))
        return out

    def _behind(self, block: Block, fields: Sequence[RawField], index: int, text: str) -> list[Edit]:
        """New fields behind the one at `index`: at the end of its value, or of a comment that follows it."""
        end = fields[index].end
        stop = fields[index + 1].name_at if index + 1 < len(fields) else block.end - 1
        gap = self._text[end:stop]
        if "%" not in gap:
            return [Edit(Span(end, end), text)]
        comma = gap.find(",")
        comment = gap.find("%")
        has_comma = 0 <= comma < comment
        line = max(gap.rfind("\n"), gap.rfind("\r"))
        before = end + (line if line > comment else len(gap))
        if gap[line - 1 : line + 1] == "\r\n":
            before -= 1
        text = text.lstrip(",")
        newline = self._habits.newline
        text = text if text[:1] in "\r\n" else newline + text
        last = index + 1 == len(fields)
        text += "," if not last or (has_comma and last) else ""
        out = [] if has_comma else [Edit(Span(end, end), ",")]
        return [*out, Edit(Span(before, before), text + ("" if line > comment else newline))]

    def _first_fields(self, block: Block, new: Sequence[Field], layout: Layout, longest: int) -> Edit:
        """The fields of an entry that has only a key."""
        text = "".join(
            layout.field(self._habits.name(field.name), field.text, longest, None if index else layout.head)
            for index, field in enumerate(new)
        )
        return Edit(Span(max(block.body_at, block.start), block.end - 1), text + layout.tail)

    def _layout_of(self, block: Block) -> Layout:
        """The library's layout, with what the entry shows of its own."""
        usual = self._habits.layout
        own = learned(self._text, [block], usual) if len(block.fields) > 1 else usual
        gap = own_gap(self._text, block.fields)
        if gap is None:
            fields = block.fields
            head = self._text[block.body_at : fields[0].name_at] if fields else ""
            gap = head if head.strip() == "," and ("\n" in head or "\r" in head) else usual.between
        return replace(own, between=gap, head=usual.head)

    def _name(self, fields: Sequence[RawField], name: str) -> str:
        """A new field's name in the case of those that the entry has."""
        cases = [case_of(field.name) for field in fields]
        usual = self._habits.name(name)
        if all(case == cases[0] for case in cases) and case_of(usual) != cases[0]:
            return in_case(name, cases[0])
        return usual

    # --- entries that are added ------------------------------------------------------------------

    def _inserts(self, add: Sequence[Entry]) -> list[tuple[Slot, list[str]]]:
        rows: dict[Slot, list[tuple[Any, str]]] = {}
        written = [(entry.key, *self._writing.new(entry.work)) for entry in add]
        depths = self._depths([(key, new) for key, _, new in written])
        for key, kind, new in written:
            fields = [(self._habits.name(field.name), field.text) for field in new]
            depth = depths.get(key.lower(), 0)
            slot = self._places.end if depth else self._slot(key, fields)
            fields = [(name, self._writing.defined(raw, slot.at)) for name, raw in fields]
            layout = self._habits.layout.in_lines(self._newline_at(slot.at))
            text = layout.entry(self._habits.type(kind), key, fields)
            rows.setdefault(slot, []).append(((depth, self._places.rank(key, fields)), text))
        return [(slot, [text for _, text in sorted(found, key=lambda row: row[0])]) for slot, found in rows.items()]

    def _slot(self, key: str, fields: Sequence[tuple[str, str]]) -> Slot:
        """Where a new entry goes that no other inherits from: before its own parent in any case."""
        slot = self._places.slot(key, fields)
        if self._habits.biblatex or not (parent := self._opened.source.raw.get(_parent(fields))):
            return slot
        return slot if slot.at <= parent.start else self._places.before(parent)

    def _depths(self, new: Sequence[tuple[str, Sequence[Field]]]) -> dict[str, int]:
        """Key (small letters) → how many generations of entries refer to a new one by `crossref`, where any does.

        BibTeX wants a parent behind all its children (btxdoc §4), whatever the order; biber does not mind.
        """
        if self._habits.biblatex:
            return {}
        parents = {key.lower(): _parent((field.name, field.text) for field in fields) for key, fields in new}
        depths = {parent: 1 for parent in parents.values() if parent in parents}
        if any(name in self._text for name in ("crossref", "Crossref", "CrossRef", "CROSSREF")):
            named = (found[1].strip().lower() for found in _CROSSREF.finditer(self._text))
            depths |= {parent: 1 for parent in named if parent in parents}
        for _ in new:  # a chain is no longer than the entries that are in it; who names himself in a circle stays put
            deeper = {
                parent: depths[key] + 1
                for key, parent in parents.items()
                if key in depths and parent in depths and depths[key] >= depths[parent]
            }
            if not deeper or max(deeper.values()) > len(new):
                break
            depths |= deeper
        return depths

    def _separator(self, at: int) -> str:
        return self._habits.layout.in_lines(self._newline_at(at)).separator

    def _newline_at(self, at: int) -> str:
        """The line end of the last lines before an offset, or the library's."""
        before = self._text[max(at - 2000, 0) : at]
        if before.rfind("\n") < 0:
            return self._habits.newline
        return "\r\n" if before[before.rfind("\n") - 1 : before.rfind("\n")] == "\r" else "\n"

    # --- checking --------------------------------------------------------------------------------

    def check(self, edited: str, edits: Sequence[Edit]) -> str:
        """ "" where `edited` holds what it should, else a sentence; see `editing.Editing.check`."""
        from refkit.formats.bibtex_verify import verdict

        return verdict(self._text, self._opened.blocks, edited, edits)


_CROSSREF = re.compile(r"crossref[ \t\r\n]*=[ \t\r\n]*[{\"]([^{}\"]*)[}\"]", re.IGNORECASE)


def _parent(fields: Iterable[tuple[str, str]]) -> str:
    """The key (small letters) of the entry that one with these fields inherits from, "" where there is none."""
    return next((raw.strip('{}" ').lower() for name, raw in fields if name.lower() == "crossref"), "")
