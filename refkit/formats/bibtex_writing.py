"""What a BibTeX library would write for a work: its own fields, names, delimiters, spellings and macros."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from refkit.formats.bibtex import entry_type, fields_of
from refkit.formats.bibtex_habits import OPTIONAL, Habits, dialect_of, styled_as
from refkit.formats.bibtex_layout import with_newline
from refkit.formats.bibtex_present import is_empty, variable_of
from refkit.formats.bibtex_scan import MONTHS, Block, pieces, resolved
from refkit.formats.editing import Field
from refkit.formats.latex import to_letters
from refkit.formats.lazy import Part
from refkit.model import Work
from refkit.settings import Settings

_TWINS: Mapping[str, str] = {
    "journal": "journaltitle", "address": "location", "school": "institution", "annote": "annotation",
    "archiveprefix": "eprinttype", "primaryclass": "eprintclass", "language": "langid", "keyword": "keywords",
    "shortjournaltitle": "shortjournal",
}  # fmt: skip
_TWIN = {**_TWINS, **{other: name for name, other in _TWINS.items()}}
"""A field's name in the other dialect, where both hold the same."""

_OTHER_NAMES = {
    "journal": "container-title-short", "journaltitle": "container-title-short", "booktitle": "container-title-short",
}  # fmt: skip


_DEFAULTS = frozenset(("{Report}", "{phdthesis}", "{Preprint}"))
"""Values of `type` that refkit writes where a record has none, or that the entry's type says already."""

_PARENTS = frozenset(("crossref", "xdata", "xref", "entryset", "related"))
"""Fields that name other entries by their keys (biblatex manual §2.2.3)."""

_RISKY = re.compile(r"@|\\[{}]")
"""What other parsers may take for the end of an entry or a value."""


def _says_nothing(name: str, raw: str, kind: str, own: Mapping[str, str]) -> bool:
    """Whether an entry of the library would learn nothing from a field that it lacks.

    Parameters: `own`, field → raw value; empty for a new entry, which needs all that styles ask for.
    """
    if not own:
        return False
    if name == "key" or (name == "type" and (raw in _DEFAULTS or kind in ("phdthesis", "mastersthesis"))):
        return True
    return raw.lower() == "{arxiv}" and any("arxiv" in value.lower() for value in own.values())


class Writing:
    """Works on their way into one library."""

    def __init__(self, habits: Habits, asked: Settings, encodable: Callable[[str], bool] | None) -> None:
        """Parameters: `asked`, the caller's settings; `encodable`, whether the file's encoding has a text's letters."""
        self._habits, self._asked, self._encodable = habits, asked, encodable
        self._defined: dict[str, int] = {}
        for block in habits.blocks:
            if block.kind == "string":
                for field in block.fields:
                    self._defined.setdefault(field.name.lower(), block.end)

    def new(self, work: Work) -> tuple[str, tuple[Field, ...]]:
        """The type and the fields of a new entry, in the library's order."""
        biblatex = self._habits.biblatex
        kind, rows = self._as_written(work, biblatex) or ("", [])
        if not rows:
            kind = entry_type(work, biblatex)
            rows = self._fields(work, kind, biblatex, {}, None)
        fields = {field.name: field for field in rows}
        names = self._habits.order.sorted(fields) if self._habits.pairs else fields
        return kind, tuple(fields[name] for name in names)

    def _as_written(self, work: Work, biblatex: bool) -> tuple[str, list[Field]] | None:
        """The type and the fields of a work as another library of the same dialect has them, None where none does.

        A work that was joined with another record, or changed, has no wording of its own any more.
        """
        written = work.csl.beside("written") if isinstance(work.csl, Part) else {}
        if not written or work.origin.source != "library":
            return None
        kind, values = str(written["type"]), written["fields"]
        dialect = dialect_of(kind, [(name, "") for name in values])
        if dialect and (dialect == "biblatex") != biblatex:
            return None
        named = work.extra["bibtex"].get("fields", {})
        out: list[Field] = []
        for name, (raw, value) in values.items():
            if name in _PARENTS and value.strip():
                if name not in named:
                    return None  # its parent did not come along: what it inherits is written out
                raw = value = str(named[name])[1:-1]
            if name not in self._asked.leave_out:
                raw = self._in_habit(name, raw, value)
                out.append(Field(name, raw, variable_of(name, kind, biblatex)))
        return (kind, out) if self._is_read_alike(kind, out) else None

    def _in_habit(self, name: str, raw: str, value: str) -> str:
        """A field's value in the library's delimiters; a macro stays where it means the same here."""
        macro = raw.lower()
        if macro in MONTHS or self._habits.strings.get(macro) == value:
            return raw
        bare = {text.lower() for kind, text in pieces(raw) if kind == "bare"} if "#" in raw else set()
        if bare and bare <= {*MONTHS}:
            return self._encoded(with_newline(raw, self._habits.newline))
        return self._habits.delimited(name, self._encoded(with_newline("{" + value + "}", self._habits.newline)))

    @staticmethod
    def _is_read_alike(kind: str, fields: Sequence[Field]) -> bool:
        """Whether another parser reads the fields alike; only values that may end an entry are worth asking."""
        if not any(_RISKY.search(field.text) for field in fields):
            return True
        from refkit.formats.bibtex_check import check

        rows = ",\n".join(f"{field.name} = {field.text}" for field in fields)
        return not check(f"@{kind}{{key,\n{rows}\n}}")

    def counterpart(self, work: Work, block: Block) -> tuple[Field, ...]:
        """The fields that a work has in an entry of the library, under the names that this entry has for them."""
        kind = block.type.lower()
        own: dict[str, str] = {}
        for name, raw in block.pairs:
            own.setdefault(name.lower(), raw)
        dialect = dialect_of(kind, block.pairs)
        biblatex = dialect == "biblatex" if dialect else self._habits.biblatex
        known = {"type": kind, "csl": work.csl.get("type"), "dialect": "biblatex" if biblatex else "bibtex"}
        extra = {**work.extra, "bibtex": {**work.extra.get("bibtex", {}), **known}}
        return tuple(self._fields(replace(work, extra=extra), kind, biblatex, own, block.start))

    def _fields(self, work: Work, kind: str, biblatex: bool, own: Mapping[str, str], at: int | None) -> list[Field]:
        # What comes from another library comes whole: it is somebody's, and not a record to choose from.
        whole = at is None and work.origin.source == "library"
        settings = self._habits.settings_for(kind, OPTIONAL if whole else frozenset(own))
        rows = dict(fields_of(work, settings, "biblatex" if biblatex else "bibtex")[1])
        if biblatex and "year" in own and "date" not in own:
            rows = self._dated(rows, "date", ("year", "month"), work, settings, "bibtex")
        elif not biblatex and "date" in own and "year" not in own:
            rows = self._dated(rows, "year", ("date",), work, settings, "biblatex")
        out = []
        for name, raw in rows.items():
            if name not in own and _TWIN.get(name) in own:
                name = _TWIN[name]
            if is_empty(name, raw) or (
                name not in own and (name in settings.leave_out or _says_nothing(name, raw, kind, own))
            ):
                continue
            raw = self._spelled(name, raw, work, own)
            if at is not None:
                raw = styled_as(self.defined(raw, at), name, own)
            out.append(Field(name, raw, variable_of(name, kind, biblatex)))
        return out

    def _dated(
        self, rows: dict[str, str], old: str, new: tuple[str, ...], work: Work, settings: Settings, dialect: str
    ) -> dict[str, str]:
        """The rows with the date as the other dialect has it, since the entry does so too."""
        others = dict(fields_of(work, settings, dialect)[1])
        out: dict[str, str] = {}
        for name, raw in rows.items():
            if name == old:
                out |= {other: others[other] for other in new if other in others}
            elif name not in ("month", "day"):
                out[name] = raw
        return out

    def _spelled(self, name: str, raw: str, work: Work, own: Mapping[str, str]) -> str:
        if name == "date" and self._habits.dates_in_years and not re.search(r"\d{4}-", own.get("date", "")):
            raw = re.sub(r"(\d{4})-\d\d(?:-\d\d)?", r"\1", raw)
            raw = re.sub(r"\{(\d{4})/\1\}", r"{\1}", raw)
        other = work.csl.get(_OTHER_NAMES.get(name, ""))
        raw = self._habits.spellings.spelled(name, raw, (other,))
        return self._habits.delimited(name, self._encoded(raw))

    def _encoded(self, raw: str) -> str:
        """A value with LaTeX's commands for the letters that the file's encoding lacks."""
        if raw.isascii() or self._encodable is None or self._encodable(raw):
            return raw
        encodable = self._encodable
        return re.sub(r"[^\x00-\x7f]", lambda m: m[0] if encodable(m[0]) else to_letters(m[0]), raw)

    def defined(self, raw: str, at: int) -> str:
        """A value that can stand at an offset: a macro that is defined only behind it is replaced by its value."""
        if raw[:1] in '{"' or raw.isdigit() or raw.lower() in MONTHS or self._defined.get(raw.lower(), 0) <= at:
            return raw
        return "{" + resolved(raw, self._habits.strings) + "}"
