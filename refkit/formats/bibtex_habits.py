"""What a BibTeX library does by habit, learned from its own entries: dialect, case, delimiters, which fields it keeps.

What the entries do not show is as the settings say. A large library is judged by some of its entries, chosen by their
keys, so that adding entries hardly changes who is asked.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from refkit.formats import bibtex_layout
from refkit.formats.bibtex_layout import Layout, Votes
from refkit.formats.bibtex_library import Opened
from refkit.formats.bibtex_order import Order
from refkit.formats.bibtex_scan import Block, RawField
from refkit.formats.bibtex_style import Spellings, settled
from refkit.formats.plain import word_set
from refkit.settings import Settings

_ENOUGH = 1000
"""So many entries are asked in any case."""

_TELLING = 3
"""So many entries show a habit."""

_BIBLATEX = word_set("journaltitle date location institution eprinttype eprintclass langid")
_BIBTEX = word_set("journal year address school archiveprefix primaryclass month")
_BIBLATEX_TYPES = word_set(
    """online report thesis collection dataset software inreference mvbook mvcollection mvproceedings mvreference
    reference periodical suppbook suppcollection suppperiodical bookinbook"""
)
_BIBTEX_TYPES = word_set("phdthesis mastersthesis techreport conference")

_EVERYWHERE = word_set(
    """abstract keywords url urldate month day language langid copyright shortjournal shorttitle pmid pmcid note annote
    annotation eventtitle eventdate venue pagetotal origdate origtitle titleaddon file"""
)
OPTIONAL = _EVERYWHERE | word_set("issn isbn publisher address location pubstate")
"""Fields that a library may do without; the others are always written."""

_ALWAYS: Mapping[str, frozenset[str]] = {
    kind: word_set(names)
    for kinds, names in (
        ("book mvbook collection mvcollection proceedings mvproceedings manual booklet", "publisher address location"),
        ("inbook incollection inproceedings conference inreference", "publisher address location"),
        ("techreport report phdthesis mastersthesis thesis", "address location"),
        ("misc online software dataset", "url publisher"),
        ("unpublished", "note"),
    )
    for kind in kinds.split()
}
"""Type → optional fields that its entries need all the same."""


class Habits:
    """The habits of a library; each is learned when it is asked for."""

    def __init__(self, opened: Opened, settings: Settings, dialect: str) -> None:
        """Parameters: `settings`, what was asked for; `dialect`, what holds where the entries do not tell."""
        self.text, self.blocks, self.entries = opened.library.text, opened.blocks, opened.entries
        self.strings = opened.source.strings
        self.asked, self.dialect = settings, dialect

    @cached_property
    def sample(self) -> list[Block]:
        """The entries that are asked, in order."""
        usual = [block for block in self.entries if not block.problem]
        every = 1
        while len(usual) // every >= 2 * _ENOUGH:
            every *= 2
        return [b for b in usual if every == 1 or zlib.crc32(b.key.encode("utf-8", "replace")) % every == 0]

    @cached_property
    def pairs(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Type (lower case) and fields of each entry that is asked."""
        return [(block.type.lower(), block.pairs) for block in self.sample]

    @cached_property
    def biblatex(self) -> bool:
        """Whether new entries are biblatex's."""
        if found := re.search(r"jabref-meta:\s*databaseType:\s*(biblatex|bibtex)", self._comments, re.IGNORECASE):
            return found[1].lower() == "biblatex"
        votes = Counter(dialect_of(kind, pairs) for kind, pairs in self.pairs)
        if votes["biblatex"] != votes["bibtex"]:
            return votes["biblatex"] > votes["bibtex"]
        return self.dialect == "biblatex"

    @cached_property
    def _comments(self) -> str:
        return "\n".join(self.text[block.start : block.end][:5000] for block in self.blocks if block.kind == "comment")

    @cached_property
    def newline(self) -> str:
        """The line end that most lines have."""
        head = self.text[:200_000]
        crlf = head.count("\r\n")
        bare, old = head.count("\n") - crlf, head.count("\r") - crlf
        return "\r\n" if crlf > bare and crlf >= old else "\r" if old > bare else "\n"

    @cached_property
    def layout(self) -> Layout:
        """How entries are laid out."""
        default = bibtex_layout.of_settings(self.asked).in_lines(self.newline)
        layout = bibtex_layout.learned(self.text, self.sample[-300:], default)
        gaps = Votes()
        for one, other in itertools.pairwise(self.blocks[-_ENOUGH:]):
            if one.kind == "text" and other.kind == "entry" and one.start > 0:
                gap = self.text[one.start : one.end]
                gaps.cast(gap if not gap.strip() else None)
            elif one.kind == other.kind == "entry":
                gaps.cast("")
        return replace(layout, separator=gaps.winner(default.separator))

    @cached_property
    def settings(self) -> Settings:
        """The settings, bent to these habits."""
        usual = _most(self._delimiters[""], '"' if self.asked.quotes == "quotes" else "{")
        layout = self.layout
        return replace(
            settled(self.pairs[-_ENOUGH // 2 :], self.asked),
            indent=bibtex_layout.last_line(layout.between).lstrip(","),
            quotes="quotes" if usual == '"' else "braces",
            field_case="upper" if self._cases[1] == "upper" else "lower",
        )

    def settings_for(self, kind: str, own: frozenset[str]) -> Settings:
        """The settings for an entry of a type that has fields of its own already."""
        add, without = list(self.asked.add), list(self.asked.leave_out)
        for name in sorted(OPTIONAL - set(add) - set(without)):
            keeps = True if name in own else self.keeps(kind, name)
            if keeps is not None:
                (add if keeps else without).append(name)
        return replace(self.settings, add=tuple(add), leave_out=tuple(without))

    # --- spelling --------------------------------------------------------------------------------

    @cached_property
    def _spellings(self) -> tuple[dict[str, Votes], dict[str, Votes]]:
        types: dict[str, Votes] = {}
        names: dict[str, Votes] = {}
        for block, (kind, pairs) in zip(self.sample, self.pairs, strict=True):
            types.setdefault(kind, Votes()).cast(block.type)
            for name, _ in pairs:
                names.setdefault(name.lower(), Votes()).cast(name)
        return types, names

    def type(self, kind: str) -> str:
        """An entry type as the library spells it."""
        return self._spelled(kind, self._spellings[0], self._cases[0])

    def name(self, name: str) -> str:
        """A field's name as the library spells it."""
        return self._spelled(name, self._spellings[1], self._cases[1])

    def _spelled(self, word: str, known: dict[str, Votes], case: str) -> str:
        return known[word].winner(word) if word in known else in_case(word, case)

    def _case(self, known: dict[str, Votes]) -> str:
        """The case that most of the spellings have."""
        cases = Votes()
        for votes in known.values():
            for spelling, count in votes.seen.items():
                cases.seen[case_of(spelling)] += count
        return cases.winner(self.asked.field_case)

    @cached_property
    def _cases(self) -> tuple[str, str]:
        types, names = self._spellings
        return self._case(types), self._case(names)

    # --- delimiters ------------------------------------------------------------------------------

    @cached_property
    def _delimiters(self) -> dict[str, Counter[str]]:
        """How often values stand in braces `{`, quotes `"` or bare `0`: numbers by field, behind a "0"; all others
        together as ""."""
        seen: dict[str, Counter[str]] = {"": Counter()}
        for _, pairs in self.pairs:
            for name, raw in pairs:
                style = raw[:1] if raw[:1] in '{"' else "0" if raw.isdigit() else ""
                if not style or (raw[-1:] != "}" if style == "{" else raw[-1:] != style and style == '"'):
                    continue
                if style == "0" or raw[1:-1].isdigit():
                    seen.setdefault("0" + name.lower(), Counter())[style] += 1
                else:
                    seen[""][style] += 1
        return seen

    def delimited(self, name: str, raw: str) -> str:
        """A value in the delimiters that the library has for such a field.

        Parameters: `raw`, a value in braces, or a macro, which stays as it is.
        """
        if not (raw.startswith("{") and raw.endswith("}")):
            return raw
        seen = self._delimiters
        default = '"' if self.asked.quotes == "quotes" else "{"
        usual = _most(seen[""], default)
        if raw[1:-1].isdigit():
            own = seen.get("0" + name) or seen.get("0" + _SIBLING.get(name, name)) or Counter()
            usual = _most(own, usual)
        return in_delimiters(raw, usual)

    @cached_property
    def spellings(self) -> Spellings:
        """The names of journals and publishers as the library has them."""
        return Spellings(self.pairs, self.strings)

    # --- which fields ----------------------------------------------------------------------------

    @cached_property
    def _kept(self) -> dict[str, tuple[int, Counter[str]]]:
        """Type → its entries, and in how many of them each field stands."""
        counts: dict[str, int] = {}
        kept: dict[str, Counter[str]] = {}
        for kind, pairs in self.pairs:
            counts[kind] = counts.get(kind, 0) + 1
            kept.setdefault(kind, Counter()).update({name.lower() for name, _ in pairs})
        return {kind: (counts[kind], kept[kind]) for kind in counts}

    def keeps(self, kind: str, name: str) -> bool | None:
        """Whether the library's entries of a type customarily have an optional field: at least half of them do. None
        where none can tell, or the field is not optional.

        Of a type that there is no entry of, the others tell where the field could stand in any and stands in none.
        (What is not customary is not added, so that adding entries never makes it so: a second run changes nothing.)
        """
        if name not in OPTIONAL or name in _ALWAYS.get(kind, ()):
            return None
        count, kept = self._kept.get(kind, (0, Counter()))
        if count:
            return 2 * kept[name] >= count
        everyone = sum(count for count, _ in self._kept.values())
        if name in _EVERYWHERE and everyone >= _TELLING and not any(kept[name] for _, kept in self._kept.values()):
            return False
        return None

    @cached_property
    def order(self) -> Order:
        """The order of fields."""
        return Order([[name.lower() for name, _ in pairs] for _, pairs in self.pairs])

    @cached_property
    def dates_in_years(self) -> bool:
        """Whether most of biblatex's dates are only years."""
        dates = [raw for _, pairs in self.pairs for name, raw in pairs if name.lower() == "date"]
        return len(dates) >= _TELLING and 2 * sum(bool(_YEAR_ONLY.fullmatch(raw)) for raw in dates) > len(dates)


_SIBLING = {"volume": "number", "number": "volume"}
_YEAR_ONLY = re.compile(r"[{\"]?\d{4}[}\"]?")


def _most(seen: Counter[str], default: str) -> str:
    return max(seen, key=seen.__getitem__) if seen else default


def dialect_of(kind: str, pairs: Iterable[tuple[str, str]]) -> str:
    """`bibtex` or `biblatex` by an entry's type and fields, "" where they do not tell."""
    names = {name.lower() for name, _ in pairs}
    biblatex = len(names & _BIBLATEX) + (kind in _BIBLATEX_TYPES)
    bibtex = len(names & _BIBTEX) + (kind in _BIBTEX_TYPES)
    return "biblatex" if biblatex > bibtex else "bibtex" if bibtex > biblatex else ""


def case_of(word: str) -> str:
    """`lower`, `upper`, `title` or `camel`."""
    if word.islower():
        return "lower"
    if word.isupper() and len(word) > 1:
        return "upper"
    return "camel" if any(char.isupper() for char in word[1:]) else "title"


_CAMEL = {
    "inproceedings": "InProceedings", "incollection": "InCollection", "inbook": "InBook", "phdthesis": "PhdThesis",
    "mastersthesis": "MastersThesis", "techreport": "TechReport", "inreference": "InReference",
}  # fmt: skip


def in_case(word: str, case: str) -> str:
    """A name in small letters in another case."""
    if case == "upper":
        return word.upper()
    if case in ("title", "camel"):
        return _CAMEL.get(word, word[:1].upper() + word[1:])
    return word


def in_delimiters(raw: str, style: str) -> str:
    """A value in braces, in quotes (`"`) or bare (`0`), where that is possible without changing it."""
    inner = raw[1:-1]
    if style == "0" and inner.isdigit():
        return inner
    if style == '"' and _quotable(inner):
        return f'"{inner}"'
    return raw


def _quotable(inner: str) -> bool:
    """Whether no quotation mark stands outside of braces, where it would end the value."""
    if '"' not in inner:
        return True
    depth = 0
    for char in inner:
        depth += (char == "{") - (char == "}")
        if char == '"' and depth == 0:
            return False
    return True


def styled_as(raw: str, name: str, own: Mapping[str, str]) -> str:
    """A value in the delimiters that an entry has: those of the value that it replaces, else of most of the others.

    Parameters: `raw`, as `Habits.delimited` gives it; `name`, the field's; `own`, field → raw value.
    """
    if raw[:1] not in '{"' and not raw.isdigit():
        return raw  # a macro
    braced = raw if raw[:1] == "{" else "{" + (raw if raw.isdigit() else raw[1:-1]) + "}"
    if old := own.get(name):
        return in_delimiters(braced, old[:1] if old[:1] in '{"' else "0" if old.isdigit() else "{")
    seen = Counter(old[:1] for old in own.values() if old[:1] in '{"' and old[-1:] in '}"')
    usual = _most(seen, raw[:1] if raw[:1] in '{"' else "{")
    if (
        raw.isdigit()
        and not any(old.isdigit() for old in own.values())
        and any(old[1:-1].isdigit() for old in own.values())
    ):
        return in_delimiters(braced, usual)
    return raw if raw.isdigit() else in_delimiters(braced, usual)


def own_gap(text: str, fields: Sequence[RawField]) -> str | None:
    """What most often stands between two fields of one entry, None where it shows none."""
    gaps = Votes()
    for one, other in itertools.pairwise(fields):
        gap = text[one.end : other.name_at]
        gaps.cast(gap if gap.strip() == "," else None)
    return gaps.winner("") or None
