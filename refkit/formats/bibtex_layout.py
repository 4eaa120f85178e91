"""How the entries of a BibTeX library are laid out, learned as the very strings between the parts of its entries.

An entry is `@type`, opening, key, head, name, equals, value, between, name, … value, tail, closer. Each of these
strings is what most of the entries have, so that tabs, leading commas, parentheses, one-line entries and odd spacing
are followed without a rule for any of them.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from refkit.formats.bibtex_scan import Block, RawField
from refkit.settings import Settings

_FIELDS = 60
"""So many fields of an entry show how it is laid out."""

_TAB = 8
"""Columns of a tab stop, as editors show it."""


@dataclass(frozen=True, slots=True)
class Equals:
    """How the `=` is set: `kind` says what is the same for every field.

    `constant`: `before` and `after` it; `column`: the `=` stands in column `at`; `value`: the value does; `longest`:
    the `=` stands `at` columns behind the entry's longest name; `tabs`: tabs lead to column `at`; `right`: names end
    in column `at`.
    """

    kind: str = "constant"
    before: str = " "
    after: str = " "
    at: int = 0

    def text(self, name: str, indent: str, longest: int) -> str:
        """What stands between a field's name and its value.

        Parameters: `indent`, what stands before the name on its line; `longest`, the length of the entry's longest
        name.
        """
        end = width(indent) + len(name)
        match self.kind:
            case "column":
                return " " * max(self.at - end, len(self.before)) + "=" + self.after
            case "value":
                return self.before + "=" + " " * max(self.at - end - len(self.before) - 1, len(self.after))
            case "longest":
                return " " * max(longest - len(name) + self.at, 0) + "=" + self.after
            case "tabs":
                return "\t" * max(-((end - self.at) // _TAB), 1) + "=" + self.after
        return f"{self.before}={self.after}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The strings between the parts of an entry, and between entries."""

    opening: str = "{"
    head: str = ",\n  "
    between: str = ",\n  "
    equals: Equals = Equals()
    tail: str = "\n"
    closer: str = "}"
    separator: str = "\n\n"

    def in_lines(self, newline: str) -> Layout:
        """The same layout with another line end."""
        return replace(
            self,
            opening=with_newline(self.opening, newline),
            head=with_newline(self.head, newline),
            between=with_newline(self.between, newline),
            tail=with_newline(self.tail, newline),
            separator=with_newline(self.separator, newline),
        )

    def entry(self, kind: str, key: str, fields: Sequence[tuple[str, str]]) -> str:
        """The text of an entry, from its `@` to the brace that closes it.

        Parameters: `fields`, names and raw values in order.
        """
        if not fields:
            return f"@{kind}{self.opening}{key},{self.closer}"
        longest = max(len(name) for name, _ in fields)
        out = [f"@{kind}{self.opening}{key}"]
        for index, (name, raw) in enumerate(fields):
            out.append(self.field(name, raw, longest, self.between if index else self.head))
        return "".join((*out, self.tail, self.closer))

    def field(self, name: str, raw: str, longest: int, gap: str | None = None) -> str:
        """A field with the gap before it (`between` by default)."""
        gap = self.between if gap is None else gap
        if self.equals.kind == "right":
            line, _, indent = gap.rpartition("\n")
            comma = indent[: len(indent) - len(indent.lstrip(", "))].rstrip(" ") if "," in indent else ""
            gap = f"{line}\n{comma}{' ' * max(self.equals.at - len(name) - len(comma), 1)}" if "\n" in gap else gap
            return f"{gap}{name}{self.equals.before}={self.equals.after}{raw}"
        return gap + name + self.equals.text(name, last_line(gap), longest) + raw


def last_line(gap: str) -> str:
    """What stands on a name's own line before it."""
    return gap[max(gap.rfind("\n"), gap.rfind("\r")) + 1 :]


def width(text: str) -> int:
    """The columns that a text without line ends takes."""
    return len(text.expandtabs(_TAB))


def with_newline(text: str, newline: str) -> str:
    """`text` with `newline` for its line ends."""
    if "\n" not in text and "\r" not in text:
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", newline)


def of_settings(settings: Settings) -> Layout:
    """The layout of a new file."""
    gap = f",\n{settings.indent}"
    return Layout(head=gap, between=gap)


# --- learning -------------------------------------------------------------------------------------


def learned(text: str, blocks: Iterable[Block], default: Layout) -> Layout:
    """The layout that most of the entries have; what none of them shows is as in `default`."""
    opening, head, between, tail, closer = Votes(), Votes(), Votes(), Votes(), Votes()
    entries: list[tuple[int, tuple[RawField, ...]]] = []
    for block in blocks:
        fields = block.fields
        if block.problem or block.key_at < 0:
            continue
        last = fields[-1:]
        fields = fields[:_FIELDS]
        opening.cast(_opening(text, block))
        closer.cast(text[block.end - 1])
        if not fields:
            continue
        head.cast(_gap(text[block.body_at : fields[0].name_at]))
        for one, other in itertools.pairwise(fields):
            between.cast(_gap(text[one.end : other.name_at]))
        tail.cast(_tail(text[last[0].end : block.end - 1]))
        entries.append((block.body_at, fields))
    gap = between.winner(head.winner(default.between))
    return Layout(
        opening=opening.winner(default.opening),
        head=head.winner(default.head),
        between=gap,
        equals=_equals(text, entries, default.equals),
        tail=tail.winner(default.tail),
        closer=closer.winner(default.closer),
        separator=default.separator,
    )


class Votes:
    """Strings and how often each was seen; the first seen wins a draw."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def cast(self, vote: str | None) -> None:
        """One more entry has it; None is no vote."""
        if vote is not None:
            self.seen[vote] += 1

    def winner(self, default: str) -> str:
        """What was seen most often."""
        return max(self.seen, key=self.seen.__getitem__) if self.seen else default


def _opening(text: str, block: Block) -> str | None:
    opening = text[block.start : block.key_at].lstrip("@ \t\r\n")[len(block.type) :]
    return opening if opening.strip() in ("{", "(") else None


def _gap(gap: str) -> str | None:
    """A gap between two fields; one with a comment or a stray comma in it is no habit."""
    return gap if gap.strip() == "," else None


def _tail(tail: str) -> str | None:
    return tail if tail.strip() in ("", ",") else None


def _equals(text: str, entries: Sequence[tuple[int, tuple[RawField, ...]]], default: Equals) -> Equals:
    """The way of setting `=` that explains most of the fields; the simplest one wins a draw.

    Parameters: `entries`, where the body of each begins, and its fields.
    """
    seen: dict[str, Counter[Equals]] = {kind: Counter() for kind in _KINDS}
    lengths: dict[Equals, set[int]] = {}
    for at, fields in entries:
        longest = max(len(field.name) for field in fields)
        for field in fields:
            for guess in _guesses(text, text[at : field.name_at], field, longest):
                lengths.setdefault(guess, set()).add(len(field.name))
                seen[guess.kind][guess] += 1
            at = field.end
    best, score = default, 0
    several = len(set().union(*lengths.values())) > 1
    for kind, counter in seen.items():
        if counter and (kind == "constant" or several):
            guess, count = max(counter.items(), key=lambda item: item[1])
            # Names that end in one column have the same before and after their `=` as well: the indent tells.
            if count > score or (kind == "right" and 10 * count >= 9 * score and len(lengths[guess]) > 1):
                best, score = guess, count
    return _with_least(best, seen["constant"])


_KINDS = ("constant", "column", "value", "longest", "tabs", "right")


def _guesses(text: str, gap: str, field: RawField, longest: int) -> Iterator[Equals]:
    """The ways of setting `=` that would give what stands here."""
    before, _, after = text[field.name_at + len(field.name) : field.raw_at].partition("=")
    if before.strip() or after.strip() or "\n" in before + after:
        return
    yield Equals("constant", before, after)
    line = last_line(gap)
    if line == gap:
        return  # a field that stands behind another on its line is not aligned with it
    end = width(line) + len(field.name)
    if not before.strip(" "):
        yield Equals("column", "", after, end + len(before))
        yield Equals("longest", "", after, len(field.name) + len(before) - longest)
    if not after.strip(" "):
        yield Equals("value", before, "", end + len(before) + 1 + len(after))
    if before and not before.strip("\t"):
        yield Equals("tabs", "", after, (end // _TAB + len(before)) * _TAB)
    if not line.strip(" ,"):
        yield Equals("right", before, after, end)


def _with_least(best: Equals, constants: Counter[Equals]) -> Equals:
    """An aligned `=` with the least distance that it keeps from a name that is too long: one blank, or none where the
    entries show none."""
    if best.kind == "column":
        tight = any(one.before == "" for one in constants)
        return replace(best, before="" if tight else " ")
    if best.kind == "value":
        tight = any(one.before == best.before and one.after == "" for one in constants)
        return replace(best, after="" if tight else " ")
    return best
