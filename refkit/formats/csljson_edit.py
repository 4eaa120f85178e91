"""A CSL-JSON library open for editing: members go in and values are replaced in the file's own layout, and nothing
else moves."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from refkit.errors import LibraryError
from refkit.formats import csljson
from refkit.formats.csljson_fields import fields_for, noted, own_field
from refkit.formats.csljson_habits import Habits, Parsed, learn, parse
from refkit.formats.csljson_scan import Element, Member, scan
from refkit.formats.editing import Field
from refkit.formats.in_place import Gathering, Moved, strays
from refkit.model import Edit, Entry, Library, Work
from refkit.settings import Settings


class CslJsonEditing:
    """See `refkit.formats.editing.Editing`."""

    def __init__(self, text: str, settings: Settings, encodable: Callable[[str], bool] | None = None) -> None:
        """Parameters: as of `Format.edit`; letters that `encodable` refuses are escaped. Raises `LibraryError` where
        the text is no JSON or no list of items."""
        self.text = text
        self.layout = scan(text)
        self.items = [element for element in self.layout.elements if element.said is not None]
        self.habits: Habits = learn(text, self.layout, encodable)
        self._settings = settings
        self._parsed: dict[int, Parsed] = {}

    @cached_property
    def library(self) -> Library:
        """The library; an item without `id` goes by its citation key, its DOI, its title and year, or its number."""
        entries = tuple(csljson.entry_at(self.text, item, self.name(at)) for at, item in enumerate(self.items))
        return Library(self.text, "csljson", entries, tuple(csljson.notes(self.layout)))

    @property
    def settings(self) -> Settings:
        """The caller's settings; nothing that other modules decide by follows from a CSL-JSON library."""
        return self._settings

    def name(self, position: int) -> str:
        """What the item is called in reports."""
        return csljson.key_of(self.items[position].said or {}) or f"item {position + 1}"

    def parsed(self, position: int) -> Parsed:
        """The item at a position with its members."""
        if position not in self._parsed:
            self._parsed[position] = parse(self.text, self.items[position])
        return self._parsed[position]

    def glance(self, position: int) -> Mapping[str, Any]:
        """The identifiers, title, date and pages of an item."""
        return self.items[position].said or {}

    def fields(self, work: Work, position: int | None = None) -> tuple[Field, ...]:
        """What this library would write for a work, one field a member."""
        own = None if position is None else self.parsed(position)
        return tuple(fields_for(work, self.settings, self.habits, own))

    def present(self, position: int, field: Field) -> Field | None:
        """The item's own field that states what `field` states, under whatever name."""
        return own_field(self.parsed(position), field)

    def edits(
        self,
        *,
        add: Sequence[Entry] = (),
        change: Mapping[int, Sequence[Field]] | None = None,
        remove: Collection[int] = (),
        aliases: Mapping[int, Sequence[str]] | None = None,
    ) -> list[Edit]:
        """The edits that do all this; CSL-JSON has no place for aliases, so these stand only in the base."""
        found = Gathering()
        gone = {self.items[position].start for position in remove}
        for position, fields in (change or {}).items():
            if self.items[position].start not in gone:
                self._change(found, self.parsed(position), fields)
        self._remove(found, gone)
        self._add(found, add, gone)
        return found.edits()

    # --- one item ----------------------------------------------------------------------------------

    def _change(self, found: Gathering, one: Parsed, fields: Sequence[Field]) -> None:
        new: list[tuple[str, Any]] = []
        for name, value in self._wanted(one, fields).items():
            member = next((member for member in reversed(one.members) if member.name == name), None)
            if member is None:
                new.append((name, value))
            elif one.values[name] != value or type(one.values[name]) is not type(value):
                indent, broken = self._line_of(one, member)
                found.put(member.value, member.end, self.habits.text(value, indent, broken))
        new.sort(key=lambda row: self.habits.rank(row[0]))
        if new and not one.members:
            found.put(one.element.start, one.element.end, self._object(new, self._indent_at(one.element.start)))
            return
        for name, value in new:
            self._insert(found, one, name, value)

    def _wanted(self, one: Parsed, fields: Sequence[Field]) -> dict[str, Any]:
        """The members that fields set, lines of a note put into the note, a DOI into the link that is its place."""
        wanted: dict[str, Any] = {}
        for field in fields:
            name, _, label = field.name.partition(" ")
            value = json.loads(field.text)
            if label:
                value = noted(str(wanted.get(name, one.values.get(name) or "")), label, str(value))
            elif name == "URL" and field.variable == "DOI" and str(value).startswith("10."):
                value = f"https://doi.org/{value}"
            wanted[name] = value
        return wanted

    def _line_of(self, one: Parsed, member: Member) -> tuple[str, bool]:
        """What the line of a member begins with, and whether its value may go over several lines."""
        text = self.text
        start = max(text.rfind(end, 0, member.start) for end in "\r\n") + 1
        indent = text[start : member.start]
        if indent.strip():
            return "", False
        if text[member.value] in "[{" and text[member.value : member.end].strip("[]{} \t\r\n"):
            return indent, re.search(r"[\r\n]", text[member.value : member.end]) is not None
        return indent, self.habits.nested and start > one.element.start

    def _insert(self, found: Gathering, one: Parsed, name: str, value: Any) -> None:
        """Behind the last member that comes before it in the library's order, in the item's own layout."""
        habits, text = self.habits, self.text
        ranks = [habits.rank(member.name) < habits.rank(name) for member in one.members]
        place = len(ranks) - ranks[::-1].index(True) if True in ranks else 0
        between = self._between(one, place)
        near = one.members[max(place - 1, 0)]
        colon = re.search(r"[ \t]*:[ \t]*\Z", text[near.start : near.value])
        lines = re.split(r"[\r\n]", between)
        indent = re.match(r"[ \t]*", lines[-1])
        broken = len(lines) > 1 and habits.nested
        said = f"{habits.string(name)}{colon[0] if colon else habits.colon}"
        said += habits.text(value, indent[0] if indent else "", broken)
        if place:
            found.put(near.end, near.end, between + said)
        else:
            found.put(near.start, near.start, said + between)

    def _between(self, one: Parsed, place: int) -> str:
        """What stands between two members of an item, comma and blanks."""
        members = one.members
        if len(members) == 1:
            return "," + self.text[one.element.start + 1 : members[0].start]
        index = min(max(place - 1, 0), len(members) - 2)
        return self.text[members[index].end : members[index + 1].start]

    # --- whole items -------------------------------------------------------------------------------

    def _remove(self, found: Gathering, gone: set[int]) -> None:
        """An item goes with the comma and the blanks behind it, the last one with those before it."""
        elements = self.layout.elements
        kept = -1
        for index, element in enumerate(elements):
            if element.start not in gone:
                kept = index
                continue
            if index + 1 < len(elements) and kept == index - 1 and any(e.start not in gone for e in elements[index:]):
                last = next(i for i in range(index, len(elements)) if elements[i].start not in gone)
                found.put(element.start, elements[last].start, "")
            elif kept == index - 1:
                start = elements[kept].end if kept >= 0 else element.start
                found.put(start, elements[-1].end, "")

    def _add(self, found: Gathering, add: Sequence[Entry], gone: set[int]) -> None:
        if not add:
            return
        kind, elements, habits = self.layout.kind, self.layout.elements, self.habits
        said = [self._new(entry) for entry in add]
        if elements and kind != "array" and len(gone) == len(elements):
            kind = "empty"
        if kind == "lines":
            found.put(elements[-1].end, elements[-1].end, "".join(habits.between + one for one in said))
        elif kind == "empty":
            body = f",{habits.newline}  ".join(said)
            end = len(self.text)
            found.put(end, end, f"[{habits.newline}  {body}{habits.newline}]{habits.newline}")
        elif kind == "single":
            found.put(elements[0].start, elements[0].start, "[" + habits.newline)
            body = "".join(f",{habits.newline}{one}" for one in said)
            found.put(elements[0].end, elements[0].end, f"{body}{habits.newline}]")
        elif not elements:
            self._fill_empty(found, said)
        elif len(gone) == len(elements):
            found.put(elements[-1].end, elements[-1].end, habits.between.join(said))
        else:
            order = self._order()
            for entry, one in zip(add, said, strict=True):
                at = bisect_right(order, entry.key.casefold()) if order else len(elements)
                if any(element.start not in gone for element in elements[at:]):
                    found.put(elements[at].start, elements[at].start, one + habits.between)
                else:
                    found.put(elements[-1].end, elements[-1].end, habits.between + one)

    def _fill_empty(self, found: Gathering, said: Sequence[str]) -> None:
        newline, layout = self.habits.newline, self.layout
        body = f",{newline}  ".join(said)
        closing = "" if re.search(r"[\r\n]", self.text[layout.opens : layout.closes]) else newline
        found.put(layout.opens, layout.opens, f"{newline}  {body}{closing}")

    def _order(self) -> list[str]:
        """The ids without case, where the library is sorted by them, else none."""
        ids = [str((element.said or {}).get("id", "")).casefold() for element in self.layout.elements]
        ordered = len(set(ids)) > 4 and len(ids) > 5 and "" not in ids and ids == sorted(ids)
        return ids if ordered and not all(one.isdigit() for one in ids) else []

    def _new(self, entry: Entry) -> str:
        habits = self.habits
        rows = [(field.name, json.loads(field.text)) for field in self.fields(entry.work)]
        rows += [("id", entry.key)] + ([("citation-key", entry.key)] if habits.keyed else [])
        rows = sorted(dict(rows).items(), key=lambda row: habits.rank(row[0]))
        return self._object(rows, "" if self.layout.kind in ("lines", "single") else habits.indent)

    def _object(self, rows: Sequence[tuple[str, Any]], indent: str) -> str:
        """An item in the library's layout, on a line that begins with `indent`."""
        habits, newline = self.habits, self.habits.newline
        if not habits.broken or self.layout.kind == "lines":
            return habits.text(dict(rows), indent, False)
        inner = indent + habits.unit
        said = [
            f"{habits.string(name)}{habits.colon}{habits.text(value, inner, habits.nested)}" for name, value in rows
        ]
        return f"{{{newline}{inner}{f',{newline}{inner}'.join(said)}{newline}{indent}}}"

    def _indent_at(self, at: int) -> str:
        """The blanks at the beginning of the line of an offset."""
        found = re.compile(r"[ \t]*").match(self.text, max(self.text.rfind(end, 0, at) for end in "\r\n") + 1, at)
        return found[0] if found else ""

    # --- the proof ---------------------------------------------------------------------------------

    def check(self, edited: str, edits: Sequence[Edit]) -> str:
        """ "" where `edited` holds what it should, else a sentence that says what is wrong."""
        if problem := strays(self.text, edited, edits):
            return problem
        try:
            layout = scan(edited)
        except LibraryError as error:
            return f"The library would be broken: {error.message}"
        moved = Moved(edits)
        now = {element.start: element for element in layout.elements}
        for element in self.layout.elements:
            changes = moved.touching(element.start, element.end)
            if any(edit.span.start <= element.start and edit.span.end >= element.end for edit in changes):
                continue
            found = now.pop(moved.start(element.start), None)
            if found is None or (not changes and found.end != moved.end(element.end)):
                return f"The item {_called(element)!r} would no longer be read."
            if changes and (lost := self._lost(element, edited, found, moved)):
                return f"The item {_called(element)!r} would lose its member {lost!r}."
        inside = moved.inserted()
        for start in now:
            if not any(span.start <= start < span.end for span in inside):
                return f"An item would begin at character {start} that is none of the new ones."
        return ""

    def _lost(self, element: Element, edited: str, found: Element, moved: Moved) -> str:
        """A member of a changed item that no edit names and that is not read as before, or ""."""
        before, after = parse(self.text, element), parse(edited, found)
        now = {(member.start, member.name, member.end) for member in after.members}
        for member in before.members:
            place = (moved.start(member.start), member.name, moved.end(member.end))
            if not moved.touching(member.start, member.end) and place not in now:
                return member.name
        return ""


def _called(element: Element) -> str:
    return csljson.key_of(element.said or {}) or f"at character {element.start}"
