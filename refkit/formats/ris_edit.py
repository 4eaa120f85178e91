"""A RIS library open for editing: whole tag lines go in and out, values are replaced, and nothing else moves."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from refkit.formats import ris_glance, ris_read
from refkit.formats.editing import Field
from refkit.formats.in_place import Gathering, Moved, strays
from refkit.formats.ris_fields import carries, fields_for, own_field, type_in, worded
from refkit.formats.ris_habits import Habits, Parsed, learn, parse, sample
from refkit.formats.ris_scan import Line, Record, one_line, scan, value_of
from refkit.formats.ris_scan import lines as lines_of
from refkit.model import Edit, Entry, Library, Work
from refkit.settings import Settings


class RisEditing:
    """See `refkit.formats.editing.Editing`."""

    def __init__(self, text: str, settings: Settings) -> None:
        self.text = text
        self.records = scan(text)
        self._bare_returns = ris_glance.has_bare_returns(text)
        self._parsed: dict[int, Parsed] = {}
        self.habits: Habits = learn(text, self.records, [self.parsed(one) for one in sample(len(self.records))])
        self._settings = replace(settings, ris_dialect=self.habits.dialect or settings.ris_dialect)

    @cached_property
    def library(self) -> Library:
        """The library; an entry without `ID` goes by its DOI, else by its title and year."""
        entries = tuple(
            ris_read.entry(self.text, record, self.name(position)) for position, record in enumerate(self.records)
        )
        return Library(self.text, "ris", entries, tuple(ris_read.notes(self.text, self.records)))

    @property
    def settings(self) -> Settings:
        """The caller's settings in the library's dialect."""
        return self._settings

    def name(self, position: int) -> str:
        """What the entry is called in reports: its `ID`, else its DOI, its title and year, or its number."""
        return ris_glance.name(self.text, self.records[position], self._bare_returns) or f"record {position + 1}"

    def parsed(self, position: int) -> Parsed:
        """The record at a position with its lines and values."""
        if position not in self._parsed:
            self._parsed[position] = parse(self.text, self.records[position])
        return self._parsed[position]

    def glance(self, position: int) -> Mapping[str, Any]:
        """The identifiers, title, date and pages of an entry as a CSL item."""
        return ris_glance.item(self.text, self.records[position], self._bare_returns)

    def fields(self, work: Work, position: int | None = None) -> tuple[Field, ...]:
        """What this library would write for a work, one field a tag; a repeated tag's values stand one a line."""
        own = None if position is None else self.parsed(position)
        return tuple(fields_for(work, self.settings, self.habits, own))

    def present(self, position: int, field: Field) -> Field | None:
        """The entry's own field that states what `field` states, under whatever tag."""
        return own_field(self.parsed(position), field, self.habits.short_jo)

    def edits(
        self,
        *,
        add: Sequence[Entry] = (),
        change: Mapping[int, Sequence[Field]] | None = None,
        remove: Collection[int] = (),
        aliases: Mapping[int, Sequence[str]] | None = None,
    ) -> list[Edit]:
        """The edits that do all this; RIS has no place for aliases, so these stand only in the base."""
        found = Gathering()
        gone = set(remove)
        for position, fields in (change or {}).items():
            if position not in gone:
                for field in fields:
                    self._set(found, self.parsed(position), field)
        self._remove(found, gone, range(len(self.records)) if add else (change or ()))
        self._add(found, add, gone)
        return found.edits()

    # --- one field ---------------------------------------------------------------------------------

    def _set(self, found: Gathering, one: Parsed, field: Field) -> None:
        tag = field.name[:2] if field.name[2:3] == " " else field.name
        new = [plain for said in re.split(r"[\r\n]+", field.text) if (plain := one_line(said))]
        lines = [line for line in one.lines if line.tag == tag]
        if lines and (tag != field.name or field.variable == "DOI"):
            lines = [line for line in lines if carries(value_of(self.text, line), field)]
        values = [value_of(self.text, line) for line in lines]
        new = [worded(said, field, values[0] if values else "") for said in new]
        if "\n".join(values) == "\n".join(new):
            return
        start = _alike(values, new)
        end = _alike(values[start:][::-1], new[start:][::-1])
        old_lines, new_values = lines[start : len(lines) - end], new[start : len(new) - end]
        for line, said in zip(old_lines, new_values, strict=False):
            self._replace(found, line, said)
        for line in old_lines[len(new_values) :]:
            found.put(line.start, line.end, "")
        if len(new_values) > len(old_lines):
            behind = lines[len(lines) - end - 1] if len(lines) > end else None
            self._insert(found, one, tag, new_values[len(old_lines) :], behind)

    def _replace(self, found: Gathering, line: Line, said: str) -> None:
        blank = "" if self.text[line.value - 1 : line.value] != "-" else " "
        found.put(line.value, line.stop, blank + said)

    def _insert(self, found: Gathering, one: Parsed, tag: str, values: Sequence[str], behind: Line | None) -> None:
        """Whole lines, behind the last line of the same tag, else at the tag's customary place."""
        first = one.lines[0]
        if behind is None:
            rank = self.habits.rank(tag)
            before = [line for line in one.lines if line.tag != "ER" and self.habits.rank(line.tag) < rank]
            behind = before[-1] if before else first
        written = tag.lower() if self.text[first.start : first.value].strip("\ufeff \t")[:2].islower() else tag
        mark, newline = self._mark(first), self._newline_at(one, behind)
        lines = [f"{written}{mark}{said}" for said in values]
        if self.text[behind.end - 1] in "\r\n":
            found.put(behind.end, behind.end, "".join(line + newline for line in lines))
        else:
            found.put(behind.end, behind.end, "".join(newline + line for line in lines))

    def _mark(self, line: Line) -> str:
        """What stands between tag and value in a line."""
        found = re.search(r"[ \t\u00a0]+-[ \t\u00a0]+", self.text[line.start : line.value])
        return found[0] if found else self.habits.equals

    def _newline_at(self, one: Parsed, line: Line) -> str:
        """The line end of a line, else of another in its record, else the library's."""
        for near in (line, *one.lines):
            if end := re.search(r"\r\n|\r|\n", self.text[near.stop : near.end]):
                return end[0]
        return self.habits.newline

    # --- whole records -----------------------------------------------------------------------------

    def _remove(self, found: Gathering, gone: set[int], going_on: Collection[int]) -> None:
        """A record goes with the blank lines behind it, the last one with those before it.

        Parameters: `going_on`, the records behind which something is written, so that they keep their line end.
        """
        last = len(self.records) - 1
        at = 0
        while at <= last:
            if at not in gone:
                at += 1
                continue
            first = at
            while at + 1 <= last and at + 1 in gone:
                found.put(self.records[at].start, self.records[at].end, "")
                found.put(*self._blank(self.records[at].end, self.records[at + 1].start), "")
                at += 1
            start, end = self.records[at].start, self.records[at].end
            following = self.records[at + 1].start if at < last else len(self.text)
            after = self._blank(end, following)
            if after[1] == following and at < last:
                end = following
            elif first > 0 and at == last:
                before = self.records[first - 1].end
                blank = self._blank(before, self.records[first].start)
                if blank[1] == self.records[first].start:
                    if first - 1 not in going_on and self.text[end - 1 : end] not in (
                        "\r",
                        "\n",
                    ):  # the new last line ends as the old one did
                        before = len(self.text[:before].rstrip("\r\n"))
                    found.put(before, self.records[first].start, "")
            found.put(start, end, "")
            at += 1

    def _blank(self, start: int, end: int) -> tuple[int, int]:
        """The blank stretch at `start`, a record's number counting as blank where they are numbered."""
        pattern = r"\s*(?:\d+\.\s*)?" if self.habits.numbered else r"\s*"
        found = re.compile(pattern).match(self.text, start, end)
        return start, found.end() if found else start

    def _add(self, found: Gathering, add: Sequence[Entry], gone: set[int]) -> None:
        order = self._order() if add else None
        appended = 0
        for entry in add:
            lines = self._new_lines(entry)
            at = bisect_right(order[1], _sorting(lines, order[0])) if order else len(self.records)
            if any(position not in gone for position in range(at, len(self.records))):
                text = self.habits.newline.join(lines) + self.habits.newline + self.habits.gap
                found.put(self.records[at].start, self.records[at].start, text)
            else:
                self._append(found, lines, appended, len(self.records) - 1 in gone)
                appended += 1

    def _append(self, found: Gathering, lines: Sequence[str], number: int, last_goes: bool) -> None:
        """Behind the last record, and before whatever follows it; `number` is how many were appended before."""
        newline, text = self.habits.newline, self.text
        body = newline.join(lines)
        if not self.records:
            lead = "" if text in ("", "\ufeff") or text.endswith(("\n", "\r")) else newline
            found.put(len(text), len(text), f"{'' if number else lead}{body}{newline}{newline}")
            return
        last = self.records[-1]
        gap = self._gap(len(self.records) + number)
        if last.closed and not last_goes and text[last.end - 1] not in "\r\n":
            found.put(last.end, last.end, f"{newline}{gap}{body}")
        else:
            closing = "" if number or last_goes else self._closing(last)
            found.put(last.end, last.end, f"{closing}{gap}{body}{newline}")

    def _gap(self, number: int) -> str:
        return self.habits.gap.replace("{}", str(number + 1)) if self.habits.numbered else self.habits.gap

    def _closing(self, record: Record) -> str:
        """The `ER` line that the last record lacks: without it other programs take the new one for its rest."""
        if record.closed:
            return ""
        lead = "" if self.text[record.end - 1] in "\r\n" else self.habits.newline
        return f"{lead}{self.habits.end}{self.habits.newline}"

    def _new_lines(self, entry: Entry) -> list[str]:
        habits = self.habits
        kind = type_in(entry.work, self.settings, habits)
        rows = [("TY", kind.lower() if habits.lower else kind)]
        for field in self.fields(entry.work):
            rows += [(field.name[:2], worded(said, field, "")) for said in field.text.split("\n")]
        if entry.key and habits.keyed:
            rows.append(("ID", entry.key))
        rows.sort(key=lambda row: habits.rank(row[0]))
        case = str.lower if habits.lower else str
        return [f"{case(tag)}{habits.equals}{one_line(said)}" for tag, said in rows] + [habits.end]

    def _order(self) -> tuple[Sequence[str], Sequence[str]] | None:
        """What the library is sorted by (`ID`, first author or title) and its records' values; None where it is not."""
        if self.habits.numbered or not all(record.closed for record in self.records):
            return None
        for tags in (("ID",), ("AU", "A1"), ("TI", "T1")):
            if keys := ris_glance.sorted_by(self.text, self.records, tags):
                return tags, keys
        return None

    # --- the proof ---------------------------------------------------------------------------------

    def check(self, edited: str, edits: Sequence[Edit]) -> str:
        """ "" where `edited` holds what it should, else a sentence that says what is wrong."""
        if problem := strays(self.text, edited, edits):
            return problem
        moved = Moved(edits)
        now = {record.start: record for record in scan(edited)}
        for position, record in enumerate(self.records):
            changes = moved.touching(record.start, record.end)
            start = moved.start(record.start)
            if any(edit.span.start <= record.start and edit.span.end >= record.end for edit in changes):
                continue
            found = now.pop(start, None)
            if found is None:
                return f"The record {self.name(position)!r} would no longer be read."
            behind = edited[moved.end(record.end) : found.end]  # the line end that the last one did not have
            if not changes and record.closed and (behind.strip() or found.end < moved.end(record.end)):
                return f"The record {self.name(position)!r} would not end where it does."
            if changes and (lost := self._lost(record, edited, found, moved)):
                return f"The record {self.name(position)!r} would lose its line {lost!r}."
        inside = moved.inserted()
        for start in now:
            if not any(span.start <= start < span.end for span in inside):
                return f"A record would begin at character {start} that is none of the new ones."
        new = sum(len(_NEW.findall(edited, max(span.start - 1, 0), span.end)) for span in inside)
        return "" if new == len(now) else f"{new} records were to be added, and {len(now)} would be read."

    def _lost(self, record: Record, edited: str, found: Record, moved: Moved) -> str:
        """A line of a changed record that no edit names and that is not read as before, or ""."""
        now = {(line.start, line.tag, value_of(edited, line)) for line in lines_of(edited, found)}
        for line in lines_of(self.text, record):
            said = value_of(self.text, line)
            end = line.end + (self.text[line.end - 1] not in "\r\n")  # where the file ends in it
            if not moved.touching(line.start, end) and (moved.start(line.start), line.tag, said) not in now:
                return f"{line.tag}  - {said}"[:60]
        return ""


_NEW = re.compile(r"(?:\A|[\r\n\ufeff])TY[ \t\u00a0]{1,3}-", re.IGNORECASE)


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many values are the same from the beginning on."""
    return next((index for index, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _sorting(lines: Sequence[str], tags: Sequence[str]) -> str:
    """What a new record is sorted by."""
    said = next((line for line in lines if line[:2].upper() in tags), "")
    return said[2:].lstrip(" \t\u00a0-").strip().casefold()
