"""refkit's own scanner of BibTeX files: where blocks, fields and raw values stand, to the character.

It reads what BibTeX reads and goes on where BibTeX gives up; it never changes or drops anything. What is broken is a block with
a `problem`. Source: btxdoc and the BibTeX program's grammar (tamethebeast §6); braces count even behind a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from refkit.model import Span


@dataclass(frozen=True, slots=True)
class RawField:
    """One field: `name` as written, `raw` with its delimiters, the span of the whole and of the value."""

    name: str
    raw: str
    span: Span
    value: Span


@dataclass(frozen=True, slots=True)
class Block:
    """One `@…` block. `kind` is `entry`, `string`, `preamble`, `comment` or `broken`; `problem` says what is wrong with it."""

    kind: str
    type: str
    key: str
    span: Span
    key_span: Span | None = None
    fields: tuple[RawField, ...] = ()
    problem: str = ""


_AT = re.compile(r"@[ \t\r\n]*([A-Za-z][\w*+.:-]*)[ \t\r\n]*([{(])")
_BRACE = re.compile(r"[{}]")
_LINE_ENTRY = re.compile(r"^[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(]", re.MULTILINE)
_KEY = re.compile(r"[ \t\r\n]*([^,{}\"%\s=](?:[^,\r\n{}]*[^,\s{}])?|)[ \t\r\n]*(?=[,})]|$)")
_NAME = re.compile(
    r"[ \t\r\n]*([A-Za-z_!$*+./:;<>?@\[\]^`|\u0080-\U0010ffff\\-][^\s\"#%'(),={}]*)[ \t\r\n]*=[ \t\r\n]*"
)
_BLANK = re.compile(r"[ \t\r\n]*")
_BARE = re.compile(r"[^\s\"#%'(),={}]+")
_QUOTED = re.compile(r"[{}\"]")


def scan(text: str) -> Iterator[Block]:
    """All blocks of a BibTeX file, in order; what stands between them is comment.

    Parameters: `text`, the file's text with its line ends as they are.
    """
    at = 0
    while (match := _AT.search(text, at)) is not None:
        block = _block(text, match)
        yield block
        at = block.span.end


def _block(text: str, match: re.Match[str]) -> Block:
    kind = match[1].lower()
    start = match.start()
    if kind == "comment":
        end = _closing(text, match.end(), match[2])
        if end is None:  # BibTeX ignores the word alone
            end = match.end()
        return Block("comment", match[1], "", Span(start, end))
    if kind == "preamble":
        end = _closing(text, match.end(), match[2])
        return (
            _broken(text, match, "its braces are not closed")
            if end is None
            else Block("preamble", match[1], "", Span(start, end))
        )
    return _with_fields(text, match, kind)


def _closing(text: str, at: int, opener: str) -> int | None:
    """The offset behind the brace or parenthesis that closes a block whose content begins at `at`."""
    depth = 1 if opener == "{" else 0
    pattern = _BRACE if opener == "{" else re.compile(r"[{})]")
    for found in pattern.finditer(text, at):
        char = found[0]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if opener == "{" and depth == 0:
                return found.end()
        elif depth == 0:
            return found.end()
    return None


def _broken(text: str, match: re.Match[str], problem: str, key: str = "", fields: tuple[RawField, ...] = ()) -> Block:
    """The rest up to the next line that begins an entry belongs to the broken block."""
    following = _LINE_ENTRY.search(text, match.end())
    end = following.start() if following else len(text)
    return Block("broken", match[1], key, Span(match.start(), end), None, fields, problem)


def _with_fields(text: str, match: re.Match[str], kind: str) -> Block:
    closer = "}" if match[2] == "{" else ")"
    at = match.end()
    key, key_span = "", None
    if kind != "string":
        found = _KEY.match(text, at)
        if found is None:
            return _broken(text, match, "it has no key")
        key, key_span = found[1], Span(found.start(1), found.end(1))
        at = found.end()
        if text[at : at + 1] == ",":
            at += 1
        elif text[at : at + 1] != closer:
            return _broken(text, match, "its key is not followed by a comma", key)
    fields: list[RawField] = []
    problem = ""
    while True:
        at = _skip(text, at)
        if text[at : at + 1] == closer:
            at += 1
            break
        if at >= len(text):
            return _broken(text, match, "its braces are not closed", key, tuple(fields))
        name = _NAME.match(text, at)
        if name is None:
            return _broken(text, match, f"a field's name is expected at {text[at : at + 20]!r}", key, tuple(fields))
        end = _value(text, name.end())
        if end is None:
            return _broken(text, match, f"the value of {name[1]} is not closed", key, tuple(fields))
        if end == name.end():
            problem = problem or f"the field {name[1]} has no value"
        fields.append(RawField(name[1], text[name.end() : end], Span(name.start(1), end), Span(name.end(), end)))
        at = _BLANK.match(text, end).end()  # type: ignore[union-attr]  # matches always
        if text[at : at + 1] not in (",", closer) and at < len(text):
            problem = problem or f"a comma is missing behind {name[1]}"
    block_kind = "string" if kind == "string" else "entry"
    if block_kind == "entry" and not key:
        problem = problem or "it has no key"
    return Block(block_kind, match[1], key, Span(match.start(), at), key_span, tuple(fields), problem)


def _skip(text: str, at: int) -> int:
    """Over blanks, stray commas, and (as biber's parser does) comments that begin with `%` inside an entry."""
    while at < len(text):
        char = text[at]
        if char in " \t\r\n,":
            at += 1
        elif char == "%":
            ends = [i for i in (text.find("\n", at), text.find("\r", at)) if i >= 0]
            at = min(ends) if ends else len(text)
        else:
            break
    return at


def _value(text: str, at: int) -> int | None:
    """The offset behind a value: pieces in braces, in quotes or bare, joined by `#`."""
    while True:
        char = text[at : at + 1]
        if char == "{":
            end = _closing(text, at + 1, "{")
        elif char == '"':
            end = _quote_end(text, at + 1)
        else:
            bare = _BARE.match(text, at)
            end = bare.end() if bare else at
        if end is None:
            return None
        after = _BLANK.match(text, end).end()  # type: ignore[union-attr]  # matches always
        if text[after : after + 1] != "#":
            return end
        at = _BLANK.match(text, after + 1).end()  # type: ignore[union-attr]  # matches always


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
        elif depth == 0:
            return found.end()
    return None


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""The macros that every BibTeX style defines."""


def pieces(raw: str) -> Iterator[tuple[str, str]]:
    """The pieces of a raw value as (`braced` | `quoted` | `bare`, content), in order."""
    at = 0
    while at < len(raw):
        at = _BLANK.match(raw, at).end()  # type: ignore[union-attr]  # matches always
        char = raw[at : at + 1]
        if char == "{":
            end = _closing(raw, at + 1, "{") or len(raw)
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


def resolved(raw: str, strings: dict[str, str]) -> str:
    """A raw value without its delimiters, macros replaced (months stay as their names).

    Parameters: `raw`, as written; `strings`, macro (lower case) → value.
    """
    return "".join(
        strings.get(content.lower(), content) if kind == "bare" else content for kind, content in pieces(raw)
    )
