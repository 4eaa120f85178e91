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
from refkit.formats.bibtex_scan import Block, RawField
from refkit.formats.plain import word_set
from refkit.settings import Settings

_ENOUGH = 2000
"""So many entries are asked in any case."""

_BIBLATEX = word_set("journaltitle date location institution eprinttype eprintclass langid")
_BIBTEX = word_set("journal year address school archiveprefix primaryclass month")
_BIBLATEX_TYPES = word_set(
    """online report thesis collection dataset software inreference mvbook mvcollection mvproceedings mvreference
    reference periodical suppbook suppcollection suppperiodical bookinbook"""
)
_BIBTEX_TYPES = word_set("phdthesis mastersthesis techreport conference")

OPTIONAL = word_set(
    """abstract keywords url urldate issn isbn month day language langid copyright shortjournal shorttitle pmid pmcid
    pagetotal publisher address location eventtitle eventdate venue note annote annotation key origdate origtitle
    titleaddon pubstate file chapter translator version edition series number type"""
)
"""Fields that a library may do without; the others are always written."""

_ALWAYS: Mapping[str, frozenset[str]] = {
    kind: word_set(names)
    for kinds, names in (
        ("book mvbook collection proceedings", "publisher address location edition series translator number"),
        (
            "inbook incollection inproceedings conference inreference",
            "publisher address location series chapter edition",
        ),
        ("techreport report standard patent manual", "number type address location"),
        ("phdthesis mastersthesis thesis", "type address location"),
        ("article", "number series"),
        ("misc online software dataset", "url version number type publisher"),
        ("unpublished", "note"),
    )
    for kind in kinds.split()
}
"""Type → optional fields that its entries need all the same."""


class Habits:
    """The habits of a library; each is learned when it is asked for."""

    def __init__(self, text: str, blocks: Sequence[Block], entries: Sequence[Block], settings: Settings, dialect: str):
        """Parameters: `blocks`, all; `entries`, those of its entries; `dialect`, what holds where they do not tell."""
        self.text, self.blocks, self.entries = text, blocks, entries
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
        for one, other in zip(self.blocks, self.blocks[1:], strict=False):
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
        names = Votes()
        for votes in self._spellings[1].values():
            for spelling, count in votes.seen.items():
                names.seen[case_of(spelling)] += count
        layout = self.layout
        return replace(
            self.asked,
            indent=bibtex_layout.last_line(layout.between).lstrip(","),
            quotes="quotes" if usual == '"' else "braces",
            field_case="upper" if names.winner(self.asked.field_case) == "upper" else "lower",
        )

    def settings_for(self, kind: str, own: frozenset[str]) -> Settings:
        """The settings for an entry of a type that has fields of its own already."""
        wanted = (self.added(kind) | own) & OPTIONAL
        add = (*self.asked.add, *sorted(wanted - set(self.asked.add)))
        return replace(self.settings, add=add)

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
        return self._spelled(kind, self._spellings[0])

    def name(self, name: str) -> str:
        """A field's name as the library spells it."""
        return self._spelled(name, self._spellings[1])

    def _spelled(self, word: str, known: dict[str, Votes]) -> str:
        if word in known:
            return known[word].winner(word)
        cases = Votes()
        for votes in known.values():
            for spelling, count in votes.seen.items():
                cases.seen[case_of(spelling)] += count
        return in_case(word, cases.winner(self.asked.field_case))

    # --- delimiters ------------------------------------------------------------------------------

    @cached_property
    def _delimiters(self) -> dict[str, Counter[str]]:
        """Field → how often it stands in braces `{`, quotes `"` or bare `0`; "" for all fields, "0" for numbers."""
        seen: dict[str, Counter[str]] = {"": Counter(), "0": Counter()}
        for _, pairs in self.pairs:
            for name, raw in pairs:
                style = raw[:1] if raw[:1] in '{"' else "0" if raw.isdigit() else ""
                if not style or (raw[-1:] != "}" if style == "{" else raw[-1:] != style and style == '"'):
                    continue
                if style == "0" or raw[1:-1].isdigit():
                    seen["0"][style] += 1
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
            usual = _most(seen.get("0" + name) or seen["0"], usual)
        return in_delimiters(raw, usual)

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

    def added(self, kind: str) -> frozenset[str]:
        """Fields that are not written by default, which at least half of the library's entries of a type have."""
        count, kept = self._kept.get(kind, (0, Counter()))
        return frozenset(name for name in OPTIONAL if count and 2 * kept[name] >= count)

    def does_without(self, kind: str, name: str) -> bool:
        """Whether less than a fifth of the library's entries of a type (of three or more) have an optional field."""
        if name not in OPTIONAL or name in _ALWAYS.get(kind, ()):
            return False
        count, kept = self._kept.get(kind, (0, Counter()))
        return count >= 3 and 5 * kept[name] < count

    @cached_property
    def order(self) -> dict[str, float]:
        """Field → its mean place among an entry's fields, from 0 to 1."""
        places: dict[str, list[float]] = {}
        for _, pairs in self.pairs[-500:]:
            last = max(len(pairs) - 1, 1)
            for index, (name, _) in enumerate(pairs):
                places.setdefault(name.lower(), []).append(index / last)
        return {name: sum(found) / len(found) for name, found in places.items()}


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


def restyled(new: str, old: str) -> str:
    """A new value in the delimiters of the one that it replaces.

    Parameters: `new`, a value as `Habits.delimited` gives it; `old`, the raw value that stands there.
    """
    bare = new if new.isdigit() else None
    braced = new if new[:1] == "{" else "{" + (bare if bare is not None else new[1:-1]) + "}"
    if bare is None and new[:1] not in '{"':
        return new
    if old[:1] == '"' and old[-1:] == '"':
        return in_delimiters(braced, '"')
    if old.isdigit():
        return in_delimiters(braced, "0")
    return braced if old[:1] == "{" else new


def own_gap(text: str, fields: Sequence[RawField]) -> str | None:
    """What most often stands between two fields of one entry, None where it shows none."""
    gaps = Votes()
    for one, other in itertools.pairwise(fields):
        gap = text[one.end : other.name_at]
        gaps.cast(gap if gap.strip() == "," else None)
    return gaps.winner("") or None
