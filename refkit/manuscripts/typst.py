"""Typst: markup is prose, code is not, except for the content blocks in it.

Source: Typst's reference, "Syntax" (modes, labels, references) and the functions `cite`, `bibliography`, `link`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from refkit.doi.written import written
from refkit.finding.links import in_link
from refkit.manuscripts import Choose, Cited, Item, Manuscript, Wanted, Written
from refkit.manuscripts.composing import Part, compose
from refkit.manuscripts.layout import Key, Layout, Lines, Link
from refkit.manuscripts.listing import with_bibliography
from refkit.manuscripts.prose import find, within_doi
from refkit.manuscripts.wording import REFERENCE_HEADING
from refkit.model import Span

_MARKUP = re.compile(r"\\(?s:.)|`+|https?://|//|/\*|\$|<(?=[\w.:-]+>)|@(?=\w)|#(?=[\w({\[\"])|\[|\]")
_CODE = re.compile(r"\"(?:[^\"\\]|\\.)*\"|`+|//|/\*|\$|<[\w.:-]+>|[({\[\])}]|;|\n|[^\W\d][\w-]*(?=[(\[]?)", re.DOTALL)
_WORDS = re.compile(r"(?:let|set|show|import|include|if|for|while|return|context|else|in|and|or|not)\b")
_URL = re.compile(r"https?://[0-9A-Za-z!#$%&*+,\-./:;=?@_~'()\[\]<>|^{}]*")
_REFERENCE = re.compile(r"@([^\W_][\w-]*(?:[.:][\w-]+)*)")
_HEADING = re.compile(r"^(=+)[ \t]+([^\n]*?)[ \t]*(?:<[\w.:-]+>)?[ \t]*\r?$", re.MULTILINE)
_DOI_KEY = re.compile(r"doi:|https?://|10\.\d{4,9}/", re.IGNORECASE)
_DEEPEST = 120


@dataclass(slots=True)
class Source:
    """What the pass over a source finds beside its layout."""

    layout: Layout = field(default_factory=Layout)
    cited: list[Cited] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    libraries: list[str] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    all_cited: bool = False
    bibliographies: list[Span] = field(default_factory=list)


def read(text: str, name: str, wanted: Wanted) -> Manuscript:
    """Where citations may come in a Typst source; see `refkit.manuscripts.TextKind`."""
    source = _Scanner(text).run()
    layout = source.layout
    layout.references += _lists(text, layout)
    clusters, left = find(text, layout, everything=wanted.everything, brackets="(")
    return Manuscript(
        "typst",
        text,
        clusters,
        tuple(one for one in source.cited if one.key not in source.labels),
        left,
        lists=tuple(layout.references),
        libraries=tuple(source.libraries),
        includes=tuple(source.includes),
        all_cited=source.all_cited,
        defined=frozenset(source.labels),
        syntax="typst",
        state=source,
    )


def write(manuscript: Manuscript, choose: Choose, wanted: Wanted) -> Written:
    """Put `@key` or `#cite(<key>)` in the place of what `choose` knows."""
    written_ = compose(manuscript, choose, wanted, _Typst())
    command = "" if manuscript.state.bibliographies else f'#bibliography("{wanted.library or "references.bib"}")'
    return with_bibliography(manuscript, written_, choose, wanted, command)


def _lists(text: str, layout: Layout) -> list[Span]:
    found = []
    headings = list(_HEADING.finditer(text))
    for index, heading in enumerate(headings):
        if REFERENCE_HEADING.fullmatch(heading[2].strip()):
            rest = [other.start() for other in headings[index + 1 :] if len(other[1]) <= len(heading[1])]
            found.append(Span(heading.end(), rest[0] if rest else len(text)))
    return found


class _Scanner:
    """One pass over a source, going from mode to mode."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = Source()
        self.place = Lines(text).place

    def run(self) -> Source:
        """What is in the whole source."""
        self._markup(0, 0, closed=False)
        return self.found

    def _hide(self, start: int, end: int, why: str = "") -> int:
        self.found.layout.hide(start, end, why)
        return end

    # --- markup ---

    def _markup(self, at: int, depth: int, *, closed: bool) -> int:
        """Read markup from `at`: to the bracket that closes it, or to the end. Returns the offset behind it."""
        text = self.text
        nested = 0
        while (token := _MARKUP.search(text, at)) is not None:
            start, at, sign = token.start(), token.end(), token.group()
            if sign[0] == "\\":
                continue
            if sign == "[":
                nested += 1
            elif sign == "]":
                if closed and nested == 0:
                    return at
                nested = max(0, nested - 1)
            elif sign.startswith("http"):
                url = _URL.match(text, start)
                at = max(at, _balanced_end(url)) if url else at
            elif sign[0] == "<":
                if not within_doi(text, start):
                    at = text.find(">", start) + 1
                    self.found.labels.add(text[start + 1 : at - 1])
                    self._hide(start, at)
            elif sign == "@":
                at = self._reference(start)
            elif sign == "#":
                at = self._expression(start, at, depth)
            else:
                at = self._opaque(sign, start, at)
        return len(text)

    def _opaque(self, sign: str, start: int, at: int) -> int:
        """Raw text, comments, math: hidden; returns where it ends."""
        text = self.text
        if sign[0] == "`":
            if len(sign) == 2:
                return at
            close = text.find(sign, at)
            return self._hide(start, close + len(sign) if close >= 0 else len(text), "it is code")
        if sign == "//":
            end = text.find("\n", at)
            return self._hide(start, end if end >= 0 else len(text), "it is a comment")
        if sign == "/*":
            depth, here = 1, at
            while depth and (mark := re.compile(r"/\*|\*/").search(text, here)) is not None:
                depth += 1 if mark.group() == "/*" else -1
                here = mark.end()
            return self._hide(start, here if not depth else len(text), "it is a comment")
        close_match = re.compile(r"(?<!\\)\$").search(text, at)
        return self._hide(start, close_match.end() if close_match else at, "it is math")

    def _reference(self, start: int) -> int:
        text = self.text
        if _DOI_KEY.match(text, start + 1):
            word = re.compile(r"[^\s\[]+").match(text, start + 1)
            first = next(iter(written(word.group())), None) if word else None
            if first is not None and first.start < 60:
                end = start + 1 + first.end
                self.found.layout.keys.append(Key(Span(start, end), text[start + 1 : end], "@"))
                return end
        match = _REFERENCE.match(text, start)
        if match is None:
            return start + 1
        self.found.cited.append(Cited(match[1], Span(match.start(1), match.end(1)), self.place(start)))
        return self._hide(start, match.end())

    # --- code ---

    def _expression(self, start: int, at: int, depth: int) -> int:
        """An expression in markup, from its `#`."""
        text = self.text
        word = _WORDS.match(text, at)
        if word is not None:
            return self._code(start, at, depth + 1, to_line_end=True)
        if text[at] in "({":
            return self._code(start, at, depth + 1, to_line_end=False)
        if text[at] == "[":
            self._hide(start, at)
            return self._markup(at + 1, depth + 1, closed=True)
        if text[at] == '"':
            close = re.compile(r"\"(?:[^\"\\]|\\.)*\"", re.DOTALL).match(text, at)
            return self._hide(start, close.end() if close else at + 1, "it is code")
        return self._chain(start, at, depth)

    def _chain(self, start: int, at: int, depth: int) -> int:
        """A name with what is called on it: `#figure(…)[…]`, `#text.with(…)`."""
        text = self.text
        while True:
            name = re.compile(r"[^\W\d][\w-]*").match(text, at)
            if name is None:
                return self._hide(start, at)
            special = self._call(name.group(), start, name.end())
            if special:
                return special
            at = name.end()
            self._hide(start, at)
            while text[at : at + 1] in ("(", "["):
                if text[at] == "(":
                    at = self._code(at, at, depth + 1, to_line_end=False)
                else:
                    at = self._markup(at + 1, depth + 1, closed=True)
            if text[at : at + 1] == "." and re.match(r"[^\W\d]", text[at + 1 : at + 2]):
                start, at = at, at + 1
                continue
            return at

    def _code(self, start: int, at: int, depth: int, *, to_line_end: bool) -> int:
        """Code from `at` to its closing bracket or the statement's end; content blocks in it are markup."""
        text, here = self.text, start
        level = 0
        while (token := _CODE.search(text, at)) is not None:
            sign, begin, at = token.group(), token.start(), token.end()
            if sign == "[" and depth < _DEEPEST:
                self._hide(here, at, "it is code")
                here = at = self._markup(at, depth + 1, closed=True)
                if not level and not to_line_end:
                    return at
            elif sign in "([{":
                level += 1
            elif sign in ")]}":
                level -= 1
                if level < 0 or (level == 0 and not to_line_end):
                    end = at if level == 0 else begin
                    return self._hide(here, end, "it is code")
            elif sign in ("\n", ";"):
                if to_line_end and level <= 0:
                    return self._hide(here, begin, "it is code")
            elif sign[0] in "`/$":
                at = self._opaque(sign, begin, at)
            elif sign[0].isalpha():
                special = self._call(sign, begin, at)
                if special:
                    self._hide(here, begin, "it is code")
                    here = at = special
        return self._hide(here, len(text), "it is code")

    def _call(self, name: str, start: int, at: int) -> int:
        """A call of `cite`, `ref`, `link`, `bibliography` or `include`: where it ends, 0 for any other."""
        text = self.text
        if name in ("include", "import"):
            file = re.compile(r"\s+\"([^\"\n]+)\"").match(text, at)
            if file is not None and name == "include":
                self.found.includes.append(file[1])
            return 0
        if name not in ("cite", "ref", "link", "bibliography") or text[at : at + 1] != "(":
            return 0
        arguments = re.compile(r"\((?:[^()\"]|\"(?:[^\"\\]|\\.)*\"|\([^()]*\))*\)").match(text, at)
        if arguments is None:
            return 0
        given = arguments.group()
        if name == "bibliography":
            self.found.libraries += re.findall(r"\"([^\"]+\.(?:bib|ya?ml))\"", given)
            self.found.all_cited = "full: true" in given
            self.found.bibliographies.append(Span(start, arguments.end()))
            return self._hide(start, arguments.end())
        if name == "link":
            return self._link(start, arguments)
        key = re.compile(r"\(\s*(?:<([\w.:-]+)>|label\(\s*\"((?:[^\"\\]|\\.)*)\"\s*\))").match(text, at)
        if key is None:
            return 0
        if key[2] and in_link(key[2]) and _DOI_KEY.match(key[2]):
            self.found.layout.keys.append(Key(Span(key.start() + 1, key.end()), key[2], "label"))
            self._hide(start, key.start() + 1)
        else:
            which = 1 if key[1] else 2
            self.found.cited.append(Cited(key[which], Span(key.start(which), key.end(which)), self.place(start)))
            self._hide(start, key.end())
        return self._code(key.end(), key.end(), 1, to_line_end=False) if text[key.end()] != ")" else key.end() + 1

    def _link(self, start: int, arguments: re.Match[str]) -> int:
        text, end = self.text, arguments.end()
        target = re.match(r"\(\s*\"((?:[^\"\\]|\\.)*)\"\s*(?:,\s*(?:\"[^\"]*\"\s*)?)?\)", arguments.group())
        if target is None or not in_link(target[1]):
            return 0
        shown = None
        if text[end : end + 1] == "[":
            inner = end + 1
            close = self._bracket(end)
            shown, end = Span(inner, close), close + 1
        if text[start] != "#":  # in code content is needed, and not a reference
            return self._hide(start, end, "it is a link in code")
        fixed = "it is a link around a picture" if shown and "image(" in shown.of(text) else ""
        self.found.layout.links.append(Link(Span(start, end), target[1], shown, fixed))
        return end

    def _bracket(self, at: int) -> int:
        """Where the bracket that opens at `at` is closed."""
        depth = 0
        for match in re.compile(r"\\.|[\[\]]").finditer(self.text, at):
            depth += {"[": 1, "]": -1}.get(match.group(), 0)
            if depth == 0 and match.group() == "]":
                return match.start()
        return len(self.text) - 1


def _balanced_end(url: re.Match[str]) -> int:
    depth = 0
    for index, character in enumerate(url.group()):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
            if depth < 0:
                return url.start() + index
    return url.end()


# --- how citations are written -------------------------------------------------------------------

_SIMPLE = re.compile(r"[^\W_][\w-]*(?:[.:][\w-]+)*")
_LABEL = re.compile(r"[\w.:-]+")


@dataclass(frozen=True, slots=True)
class _Typst:
    """`@smith2020[p. 3] @jones2021` and `#cite(<smith2020>, form: "prose")`."""

    takes_brackets: bool = True
    takes_words: bool = False
    narrates: bool = True
    joint: str = " "

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        """Citations side by side are one for Typst."""
        written_ = ""
        for index, part in enumerate(parts):
            behind = " " if index + 1 < len(parts) else after
            if part.prefix:  # words between them part them: "@a; cf. @b", and a call takes the first semicolon
                joint = ";; " if written_.endswith(")") else "; "
                written_ += (joint if written_ else "") + f"{part.prefix} "
            elif written_:
                written_ += " "
            written_ += self._one(part, behind)
        return written_

    def _one(self, part: Part, after: str) -> str:
        goes_on = re.match(r"[\w-]|[.:][\w-]", after) is not None and not part.suffix
        if _SIMPLE.fullmatch(part.key) and not goes_on and after[:1] != "[":
            return f"@{part.key}{'[' + part.suffix + ']' if part.suffix else ''}"
        supplement = f", supplement: [{part.suffix}]" if part.suffix else ""
        return f"#cite({label(part.key)}{supplement}){_end(after)}"

    def narrative(self, part: Part, before: str, after: str) -> str:
        """The form "prose"."""
        supplement = f", supplement: [{part.suffix}]" if part.suffix else ""
        return f'#cite({label(part.key)}, form: "prose"{supplement}){_end(after)}'

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        """In `cite(…)` a label, after an `@` a reference, which may have a supplement behind it."""
        if item.handle.key.form == "label":
            return label(key)
        return f"@{key}" if _SIMPLE.fullmatch(key) else f"#cite({label(key)})"


def label(key: str) -> str:
    """A key as a label: `<smith2020>`, or by its function where its characters need that."""
    if _LABEL.fullmatch(key):
        return f"<{key}>"
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'label("{escaped}")'


def _end(after: str) -> str:
    """A semicolon, where what follows would be read as part of the call."""
    return ";" if re.match(r"[(\[]|\.[^\W\d]", after) else ""
