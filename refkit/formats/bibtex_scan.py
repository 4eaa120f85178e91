"""refkit's own scanner of BibTeX files: where blocks, fields and raw values stand, to the character.

It reads what BibTeX reads and goes on where BibTeX gives up. The blocks cover the whole text without a gap, so that
joining their texts gives the file back; what is broken is a block with a `problem`. The time is linear in the text,
whatever is in it. An entry of the usual shape is taken in one step, and its fields are told apart when they are looked
at. Source: btxdoc and the BibTeX program's grammar (tamethebeast §6); braces count even behind a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from refkit.model import Span


class RawField(NamedTuple):
    """One field: `name` as written, `raw` with its delimiters, and where each begins."""

    name: str
    raw: str
    name_at: int
    raw_at: int

    @property
    def span(self) -> Span:
        """The field from its name to the end of its value."""
        return Span(self.name_at, self.raw_at + len(self.raw))

    @property
    def name_span(self) -> Span:
        """The field's name."""
        return Span(self.name_at, self.name_at + len(self.name))

    @property
    def end(self) -> int:
        """The offset behind its value."""
        return self.raw_at + len(self.raw)

    @property
    def value(self) -> Span:
        """The field's value with its delimiters."""
        return Span(self.raw_at, self.raw_at + len(self.raw))


class Block:
    """One stretch of a file.

    `kind` is `entry`, `string`, `preamble`, `comment`, `text` (what stands between the blocks) or `broken`; `start` and
    `end` are its offsets, `key_at` that of its key (-1 where it has none), `problem` says what is wrong with it (""
    where nothing is). The last character of an entry is the brace or parenthesis that closes it.
    """

    __slots__ = ("_fields", "_text", "end", "key", "key_at", "kind", "problem", "start", "type")

    def __init__(
        self, kind: str, type_: str, key: str, start: int, end: int, key_at: int = -1,
        fields: tuple[RawField, ...] = (), problem: str = "", text: str = "",
    ) -> None:  # fmt: skip
        """Parameters: `text`, the file's, where the fields are still to be told apart in it."""
        self.kind, self.type, self.key, self.start, self.end = kind, type_, key, start, end
        self.key_at, self.problem, self._fields, self._text = key_at, problem, fields, text

    @property
    def span(self) -> Span:
        """The whole block."""
        return Span(self.start, self.end)

    @property
    def fields(self) -> tuple[RawField, ...]:
        """The fields of an entry or a macro's definition, in order, repeated ones too."""
        if not self._text:
            return self._fields
        return tuple(
            RawField(found[1], found[2], found.start(1), found.start(2))
            for found in _FIELD.finditer(self._text, self._fields_at, self.end)
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The fields as (name, raw value), more quickly."""
        if not self._text:
            return [(name, raw) for name, raw, _, _ in self._fields]
        return _FIELD.findall(self._text, self._fields_at, self.end)

    @property
    def _fields_at(self) -> int:
        found = _TO_FIELDS.match(self._text, self.body_at)
        return found.end() if found else self.body_at

    @property
    def body_at(self) -> int:
        """The offset behind the key, where the fields begin (with the comma between them)."""
        return self.key_at + len(self.key)


_AT = re.compile(r"@[ \t\r\n]*([A-Za-z][\w*+.:-]*)[ \t\r\n]*([{(])")
# An `@` that begins a line, an entry and its first field: there an unclosed entry ends.
_NEW_ENTRY = re.compile(
    r"@[ \t]*[A-Za-z]+[ \t]*[{(][ \t]*[^\s,{}()=\"]*[ \t]*,[ \t]*(?:[\r\n][ \t\r\n]*)?[\w:+-]*[ \t]*[=}\r\n]"
)
_LINE_ENTRY = re.compile(r"(?:(?<=[\r\n])|\A)[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(]")
_BRACE = re.compile(r"[{}@]")
_BRACE_ALONE = re.compile(r"[{}]")
_PARENTHESIS = re.compile(r"[{})]")
_QUOTED = re.compile(r"[{}\"@]")
_KEY = re.compile(r"[ \t\r\n]*([^,{}\"%\s=](?:[^,\r\n{}=\"]*[^,\s{}=\"])?|)[ \t\r\n]*(?=[,})]|\Z)")
_NAME = re.compile(
    r"[ \t\r\n]*([A-Za-z_!$*+./:;<>?@\[\]^`|\u0080-\U0010ffff\\-][^\s\"#%'(),={}]*)[ \t\r\n]*=[ \t\r\n]*"
)
# The usual field, whole, in one step: a value without braces inside.
_SIMPLE = re.compile(
    r"[ \t\r\n,]*([A-Za-z][\w:+-]*)[ \t\r\n]*=[ \t\r\n]*"
    r"(\{[^{}@]*\}|\"[^\"{}@]*\"|[0-9A-Za-z]+)[ \t\r\n]*(?:,|(?=[})]))"
)
# Names that only other programs take ("Early Access Date"), and what a comma in a key leaves behind.
_SPACED = re.compile(r"([A-Za-z][\w -]{0,60}?)[ \t\r\n]*=[ \t\r\n]*(?=[{\"\d])")
_STRAY = re.compile(r"[^{}\"=@]{0,400}?,[ \t\r\n]*(?=[A-Za-z][\w:+-]*[ \t]*=[ \t]*[{\"\w])")
# A whole entry of the usual shape in one step, and each of its fields (with all that stands before the next): values
# with braces three deep, and no `@` that could begin an entry.
_TEXT = r"[^{}@]*+(?:(?<=\S)@[^{}@]*+)*+"
_BRACED = rf"\{{{_TEXT}(?:\{{{_TEXT}(?:\{{{_TEXT}\}}{_TEXT})*+\}}{_TEXT})*+\}}"
_QUOTED_TEXT = r"[^\"{}@]*+(?:(?<=\S)@[^\"{}@]*+)*+"
_USUAL = rf"(?:{_BRACED}|\"{_QUOTED_TEXT}(?:\{{{_TEXT}\}}{_QUOTED_TEXT})*+\"|[0-9A-Za-z]++)"
_FIELD = re.compile(rf"([A-Za-z][\w:+-]*+)[ \t\r\n]*+=[ \t\r\n]*+({_USUAL})[ \t\r\n]*+(?:,[ \t\r\n,]*+|(?=\}}))")
_ENTRY = re.compile(
    r"[ \t\r\n]*+([^,{}\"%\s=()]++)[ \t\r\n]*+,[ \t\r\n,]*+"
    rf"(?:[A-Za-z][\w:+-]*+[ \t\r\n]*+=[ \t\r\n]*+{_USUAL}[ \t\r\n]*+(?:,[ \t\r\n,]*+|(?=\}})))*+\}}"
)
_TO_FIELDS = re.compile(r"[ \t\r\n,]*+")
_BLANK = re.compile(r"[ \t\r\n]*")
_BARE = re.compile(r"[^\s\"#%'(),={}]+")
_MAX_OPEN_COMMENTS = 20
_NO_ENTRIES = frozenset(("comment", "preamble", "string"))


def scan(text: str) -> Iterator[Block]:
    """All blocks of a BibTeX file, in order and without gaps.

    Parameters: `text`, the file's text with its line ends as they are.
    """
    at = end = 0
    open_comments = 0
    while (match := _AT.search(text, at)) is not None:
        if match[1].lower() == "comment" and open_comments >= _MAX_OPEN_COMMENTS:
            at = match.end()  # a file of unclosed comments: none of them is worth a walk to the end of the file
            continue
        block = _block(text, match)
        if block.kind == "comment" and block.end == match.end():
            open_comments += 1
            at = match.end()
            continue
        if block.start > end:
            yield Block("text", "", "", end, block.start)
            if block.kind == "entry" and "%" in text[_line_start(text, end, block.start) : block.start]:
                # To biber and to whoever reads the file it is a comment, and BibTeX reads it as an entry.
                block = Block("broken", block.type, block.key, block.start, block.end, -1, block.fields, _COMMENTED_OUT)
        yield block
        at = end = block.end
    if end < len(text):
        yield Block("text", "", "", end, len(text))


_COMMENTED_OUT = "it stands behind a %, which is a comment to biber but not to BibTeX"


def _line_start(text: str, after: int, at: int) -> int:
    """Where the line of an offset begins, or `after`."""
    return max(text.rfind("\n", after, at), text.rfind("\r", after, at), after - 1) + 1


def _block(text: str, match: re.Match[str]) -> Block:
    kind = match[1].lower()
    start = match.start()
    if match[2] == "{" and kind not in _NO_ENTRIES and (whole := _ENTRY.match(text, match.end())) is not None:
        return Block("entry", match[1], whole[1], start, whole.end(), whole.start(1), text=text)
    if kind == "comment":
        end = _closing(text, match.end(), match[2], _BRACE_ALONE)
        return Block("comment", match[1], "", start, match.end() if end is None else end)
    if kind == "preamble":
        end = _closing(text, match.end(), match[2], _BRACE)
        if end is None:
            return _broken(text, match, "its braces are not closed")
        return Block("preamble", match[1], "", start, end)
    return _with_fields(text, match, kind)


def _closing(text: str, at: int, opener: str, braces: re.Pattern[str]) -> int | None:
    """The offset behind the brace or parenthesis that closes a block whose content begins at `at`."""
    depth = 1 if opener == "{" else 0
    for found in (braces if opener == "{" else _PARENTHESIS).finditer(text, at):
        char = found[0]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if opener == "{" and depth == 0:
                return found.end()
        elif char == ")":
            if depth == 0:
                return found.end()
        elif _begins_entry(text, found.start()):
            return None
    return None


def _begins_entry(text: str, at: int) -> bool:
    before = at
    while before > 0 and text[before - 1] in " \t":
        before -= 1
    return before > 0 and text[before - 1] in "\r\n" and _NEW_ENTRY.match(text, at) is not None


def _broken(text: str, match: re.Match[str], problem: str, key: str = "", fields: tuple[RawField, ...] = ()) -> Block:
    """The rest up to the next line that begins an entry belongs to the broken block."""
    following = _LINE_ENTRY.search(text, match.end())
    end = following.start() if following else len(text)
    end = match.start() + len(text[match.start() : end].rstrip())
    return Block("broken", match[1], key, match.start(), end, -1, fields, problem)


def _with_fields(text: str, match: re.Match[str], kind: str) -> Block:
    closer = "}" if match[2] == "{" else ")"
    at = match.end()
    key, key_at = "", -1
    if kind != "string":
        found = _KEY.match(text, at)
        if found is None:
            return _broken(text, match, "it has no key")
        key, key_at = found[1], found.start(1)
        at = found.end()
        if text[at : at + 1] == ",":
            at += 1
        elif text[at : at + 1] != closer:
            return _broken(text, match, "its key is not followed by a comma", key)
    fields: list[RawField] = []
    problem = ""
    while True:
        if (simple := _SIMPLE.match(text, at)) is not None and (closer == "}" or simple.end() < len(text)):
            fields.append(RawField(simple[1], simple[2], simple.start(1), simple.start(2)))
            at = simple.end()
            continue
        at = _skip(text, at)
        if text[at : at + 1] == closer:
            at += 1
            break
        if at >= len(text):
            return _broken(text, match, "its braces are not closed", key, tuple(fields))
        name = _NAME.match(text, at)
        if name is None and (stray := _STRAY.match(text, at)) is not None and _SPACED.match(text, at) is None:
            problem = problem or f"there is a stray {stray[0].strip(', ')[:40]!r} in it"
            at = stray.end()
            name = _NAME.match(text, at)
        if name is None and (name := _SPACED.match(text, at)) is not None:
            problem = problem or f"the field name {name[1]!r} has a blank in it"
        if name is None or name[1].startswith("@"):
            return _broken(text, match, f"a field's name is expected at {text[at : at + 20]!r}", key, tuple(fields))
        end = _value(text, name.end())
        if end is None:
            return _broken(text, match, f"the value of {name[1]} is not closed", key, tuple(fields))
        if end == name.end():
            problem = problem or f"the field {name[1]} has no value"
        fields.append(RawField(name[1], text[name.end() : end], name.start(1), name.end()))
        at = _over_blanks(text, end)
        if text[at : at + 1] not in (",", closer) and at < len(text):
            problem = problem or f"a comma is missing behind {name[1]}"
    if kind != "string" and not key:
        problem = problem or "it has no key"
    return Block(
        "string" if kind == "string" else "entry",
        match[1],
        key,
        match.start(),
        at,
        key_at,
        tuple(fields),
        problem,
    )


def _over_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _skip(text: str, at: int) -> int:
    """Over blanks, stray commas, and (as biber's parser does) comments that begin with `%` inside an entry."""
    while at < len(text):
        char = text[at]
        if char in " \t\r\n,":
            at += 1
        elif char == "%":
            line = re.compile(r"[^\r\n]*").match(text, at)
            at = line.end() if line else len(text)
        else:
            break
    return at


def _value(text: str, at: int) -> int | None:
    """The offset behind a value: pieces in braces, in quotes or bare, joined by `#`."""
    while True:
        char = text[at : at + 1]
        if char == "{":
            end = _closing(text, at + 1, "{", _BRACE)
        elif char == '"':
            end = _quote_end(text, at + 1)
        else:
            bare = _BARE.match(text, at)
            end = bare.end() if bare else at
        if end is None:
            return None
        after = _over_blanks(text, end)
        if text[after : after + 1] != "#":
            return end
        at = _over_blanks(text, after + 1)


def _quote_end(text: str, at: int) -> int | None:
    depth = 0
    for found in _QUOTED.finditer(text, at):
        char = found[0]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth < 0:
                return None
        elif char == '"':
            if depth == 0:
                return found.end()
        elif _begins_entry(text, found.start()):
            return None
    return None


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""The macros that every BibTeX style defines."""


def pieces(raw: str) -> Iterator[tuple[str, str]]:
    """The pieces of a raw value as (`braced` | `quoted` | `bare`, content), in order."""
    at = 0
    while at < len(raw):
        at = _over_blanks(raw, at)
        char = raw[at : at + 1]
        if char == "{":
            end = _closing(raw, at + 1, "{", _BRACE_ALONE) or len(raw)
            yield "braced", raw[at + 1 : end - 1]
        elif char == '"':
            end = _quote_end(raw, at + 1) or len(raw)
            yield "quoted", raw[at + 1 : end - 1]
        elif char == "#":
            end = at + 1
        else:
            bare = _BARE.match(raw, at)
            end = bare.end() if bare else len(raw)
            if raw[at:end].strip():
                yield "bare", raw[at:end]
        at = max(end, at + 1)


def resolved(raw: str, strings: Mapping[str, str]) -> str:
    """A raw value without its delimiters, macros replaced (months stay as their names).

    Parameters: `raw`, as written; `strings`, macro (lower case) → value.
    """
    if raw[:1] == "{" and raw.count("{") == 1 and raw[-1:] == "}":
        return raw[1:-1]
    return "".join(
        strings.get(content.lower(), content) if kind == "bare" else content for kind, content in pieces(raw)
    )
