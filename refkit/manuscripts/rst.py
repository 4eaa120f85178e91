"""reStructuredText and Sphinx: the roles of sphinxcontrib-bibtex.

Sources: docutils' reStructuredText specification ("Explicit Markup Blocks", "Literal Blocks", "Inline Markup"), Sphinx's
directives, sphinxcontrib-bibtex 2.7.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from refkit import edits as editing
from refkit.finding.links import in_link
from refkit.manuscripts import Choose, Cited, Item, Manuscript, Wanted, Written
from refkit.manuscripts.composing import Hand, Part, compose
from refkit.manuscripts.layout import Column, Key, Layout, Lines, Link
from refkit.manuscripts.markdown import role_part, sphinx_libraries
from refkit.manuscripts.markdown_inline import DOI_KEY, roled_keys
from refkit.manuscripts.prose import find, within_doi
from refkit.manuscripts.wording import REFERENCE_HEADING
from refkit.model import Edit, Span

# Directives whose content is no prose (docutils, Sphinx and usual extensions).
_CODE = frozenset(
    "code code-block sourcecode highlight literalinclude math raw parsed-literal doctest testcode testsetup testcleanup testoutput "
    "graphviz digraph graph mermaid uml plantuml plot ipython jupyter-execute jupyter-kernel toctree include bibliography "
    "image currentmodule automodule autoclass autofunction automethod autosummary program-output command-output index meta "
    "default-role role highlightlang tabularcolumns contents sectnum footbibliography productionlist prompt altair-plot".split()
)
_DIRECTIVE = re.compile(r"([ \t]*)\.\.[ \t]+(?:\|[^|]+\|[ \t]+)?([A-Za-z][\w:+.-]*?)::(?:[ \t]+|$)(.*)$")
_FOOTNOTE = re.compile(r"([ \t]*)\.\.[ \t]+\[(#?[\w.:-]*|\*)\](?:[ \t]|$)")
_TARGET = re.compile(r"[ \t]*(?:\.\.[ \t]+_(`[^`]+`|[^:`]+):|__)[ \t]*(\S*)")
_EXPLICIT = re.compile(r"([ \t]*)\.\.(?:[ \t]|$)")
_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")
_FIELD = re.compile(r"[ \t]*:[^:\s][^:\n]*:(?:[ \t]|$)")
_GRID = re.compile(r"[ \t]*\+(?:[-=]+\+)+[ \t]*$")
_SIMPLE = re.compile(r"[ \t]*=+(?:[ \t]+=+)+[ \t]*$")
_TOKEN = re.compile(r"\\(?s:.)|``|:[A-Za-z][\w:+.-]*:`|`(?=\S)|\|(?=\S)|\[(?=[#*\w])|<(?=https?:|doi:|10\.)")
_LINKED = re.compile(r"(.*?)\s*<([^<>`]+)>\s*\Z", re.DOTALL)
_CITE_ROLE = re.compile(r":((?:foot)?cite(?::\w+)?|citep|citet)\Z")


@dataclass(slots=True)
class Source:
    """What the pass over a text finds beside its layout."""

    layout: Layout = field(default_factory=Layout)
    prose: list[Span] = field(default_factory=list)
    cited: list[Cited] = field(default_factory=list)
    roles: dict[str, int] = field(default_factory=dict)
    libraries: list[str] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    targets: dict[str, str] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)
    titles: list[tuple[Span, Span, Span | None]] = field(default_factory=list)


def read(text: str, name: str, wanted: Wanted) -> Manuscript:
    """Where citations may come in a reStructuredText; see `refkit.manuscripts.TextKind`."""
    source = _Scanner(text).run()
    clusters, left = find(text, source.layout, everything=wanted.everything)
    return Manuscript(
        "restructuredtext",
        text,
        clusters,
        tuple(source.cited),
        left,
        libraries=(*source.libraries, *sphinx_libraries(wanted.beside.get("conf.py", ""))),
        includes=tuple(source.includes),
        defined=frozenset(source.defined),
        syntax=_syntax(source),
        state=source,
    )


def write(manuscript: Manuscript, choose: Choose, wanted: Wanted) -> Written:
    """Put ``:cite:p:`key` `` in the place of what `choose` knows; a title that grows keeps its line as long as itself."""
    written = compose(manuscript, choose, wanted, _hand(manuscript.syntax))
    longer = list(_longer_titles(manuscript.text, manuscript.state, written.edits))
    if not longer:
        return written
    return replace(written, edits=sorted([*written.edits, *longer], key=lambda edit: edit.span))


def _syntax(source: Source) -> str:
    """The role of parenthetical citations: the usual one, or footnotes where the text has these."""
    foot = sum(count for role, count in source.roles.items() if role.startswith("footcite"))
    rest = sum(source.roles.values()) - foot
    if foot > rest:
        return "footcite:p"
    old = source.roles.get("cite", 0)
    return "cite" if old and old == rest else "cite:p"


def _longer_titles(text: str, source: Source, edits: Sequence[Edit]) -> list[Edit]:
    """Titles whose lines would be too short for them (docutils warns of that, and refuses it above a title)."""
    found = []
    for title, under, over in source.titles:
        inside = [edit for edit in edits if title.start <= edit.span.start and edit.span.end <= title.end]
        if not inside:
            continue
        shifted = [Edit(Span(e.span.start - title.start, e.span.end - title.start), e.text) for e in inside]
        length = len(editing.apply(title.of(text), shifted).rstrip())
        for line in (under, over):
            if line is not None and length > line.end - line.start:
                found.append(Edit(Span(line.end, line.end), text[line.start] * (length - (line.end - line.start))))
    return found


class _Scanner:
    """One pass over the lines, and one over the markup of each stretch of prose."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = Source()
        self.place = Lines(text).place
        self.lines: list[tuple[int, int]] = []
        at = 0
        while at < len(text):
            newline = text.find("\n", at)
            end = newline if newline >= 0 else len(text)
            self.lines.append((at, end - 1 if end > at and text[end - 1] == "\r" else end))
            at = end + 1
        self.named: list[tuple[Span, Span]] = []  # references by name, whose targets stand elsewhere
        self.levels: list[str] = []
        self.level = 0
        self.list_start = -1

    def run(self) -> Source:
        """What is in the whole text."""
        number = self._docinfo()
        while number < len(self.lines):
            number = self._block(number)
        if self.list_start >= 0:
            self.found.layout.references.append(Span(self.list_start, len(self.text)))
        for span in self.found.prose:
            self._inline(span.start, span.end)
        self._references()
        return self.found

    def _of(self, number: int) -> str:
        start, end = self.lines[number]
        return self.text[start:end]

    def _is_blank(self, number: int) -> bool:
        return number >= len(self.lines) or not self._of(number).strip()

    def _indent(self, number: int) -> int:
        line = self._of(number).expandtabs(8)
        return len(line) - len(line.lstrip())

    def _hide(self, first: int, after: int, why: str = "") -> int:
        if after > first:
            self.found.layout.hide(self.lines[first][0], self.lines[after - 1][1], why)
        return after

    def _body(self, number: int, indent: int) -> int:
        """The line behind the indented block that follows line `number`."""
        at = number + 1
        last = at
        while at < len(self.lines):
            if self._is_blank(at):
                at += 1
                continue
            if self._indent(at) <= indent:
                break
            at += 1
            last = at
        return last

    def _docinfo(self) -> int:
        """The fields at the very top are the document's own (docutils: bibliographic fields)."""
        at = 0
        while at < len(self.lines) and self._is_blank(at):
            at += 1
        first = at
        while at < len(self.lines) and (_FIELD.match(self._of(at)) or (at > first and self._of(at)[:1] in (" ", "\t"))):
            at += 1
        return self._hide(first, at, "it stands in the front matter") if at > first else 0

    # --- blocks ---

    def _block(self, number: int) -> int:
        line = self._of(number)
        if not line.strip():
            return number + 1
        if _EXPLICIT.match(line) or line.lstrip().startswith("__ "):
            return self._explicit(number, line)
        if line.lstrip().startswith(">>>"):
            at = number
            while not self._is_blank(at):
                at += 1
            return self._hide(number, at, "it is code")
        if _GRID.match(line):
            return self._grid(number)
        if _SIMPLE.match(line):
            return self._simple(number)
        title = self._title(number)
        if title:
            return title
        return self._paragraph(number)

    def _paragraph(self, number: int) -> int:
        at = number
        while not self._is_blank(at) and not _EXPLICIT.match(self._of(at)):
            at += 1
        at = max(at, number + 1)
        self.found.prose.append(Span(self.lines[number][0], self.lines[at - 1][1]))
        if self._of(at - 1).rstrip().endswith("::"):
            indent = self._indent(at - 1)
            end = self._body(at - 1, indent)
            return self._hide(at, end, "it is code") if end > at else at
        return at

    def _title(self, number: int) -> int:
        """A section's title with its lines; 0 where there is none."""
        line = self._of(number)
        over = None
        if _ADORNMENT.match(line) and number + 2 < len(self.lines) and not self._is_blank(number + 1):
            below = self._of(number + 2)
            if _ADORNMENT.match(below) and below[0] == line[0]:
                over, number = number, number + 1
        if number + 1 >= len(self.lines) or self._is_blank(number + 1):
            return 0
        under = self._of(number + 1)
        text = self._of(number)
        if not _ADORNMENT.match(under) or _ADORNMENT.match(text) or text[:1].isspace() and over is None:
            return 0
        self._section(text.strip(), under[0] + ("o" if over is not None else ""), self.lines[over or number][0])
        span = Span(*self.lines[number])
        self.found.titles.append((span, self._trimmed(number + 1), self._trimmed(over) if over is not None else None))
        self.found.prose.append(span)
        return number + 2

    def _trimmed(self, number: int) -> Span:
        start, _ = self.lines[number]
        return Span(start, start + len(self._of(number).rstrip()))

    def _section(self, title: str, style: str, start: int) -> None:
        if style not in self.levels:
            self.levels.append(style)
        level = self.levels.index(style)
        if self.list_start >= 0 and level <= self.level:
            self.found.layout.references.append(Span(self.list_start, start))
            self.list_start = -1
        if self.list_start < 0 and REFERENCE_HEADING.fullmatch(title):
            self.list_start, self.level = start, level

    def _explicit(self, number: int, line: str) -> int:
        """A line that begins with two dots: a directive, a footnote, a target, or else a comment."""
        indent = self._indent(number)
        directive = _DIRECTIVE.match(line)
        if directive is not None:
            return self._directive(number, directive, indent)
        footnote = _FOOTNOTE.match(line)
        if footnote is not None:
            end = self._body(number, indent)
            start = self.lines[number][0] + footnote.end()
            whole = Span(start, self.lines[end - 1][1])
            self.found.prose.append(whole)
            if not re.fullmatch(r"#?\d*|#[\w.:-]+|\*", footnote[2]):
                self.found.defined.add(footnote[2])
                self.found.layout.references.append(Span(self.lines[number][0], whole.end))
            return end
        target = _TARGET.match(line)
        if target is not None:
            end = self._body(number, indent)
            address = target[2] + "".join(self._of(at).strip() for at in range(number + 1, end))
            if target[1]:
                self.found.targets[" ".join(target[1].strip("`").lower().split())] = address
            return self._hide(number, end)
        return self._hide(number, self._body(number, indent), "it is a comment")

    def _directive(self, number: int, directive: re.Match[str], indent: int) -> int:
        name = directive[2].lower()
        end = self._body(number, indent)
        if name == "bibliography":
            self.found.libraries += directive[3].split()
        elif name == "include" and directive[3].strip():
            self.found.includes.append(directive[3].strip())
        plain = name.rpartition(":")[2]
        if name in _CODE or plain in _CODE or name.startswith(("auto", "py:", "c:", "cpp:", "js:")):
            why = (
                "it is math"
                if name == "math"
                else ""
                if name in ("toctree", "include", "bibliography", "image")
                else "it is code"
            )
            return self._hide(number, end, why)
        head = self.lines[number][0] + directive.start(3)
        if name in ("figure", "csv-table", "list-table", "table", "container", "only", "class", "cssclass"):
            first = self.lines[number][1] if name not in ("csv-table", "list-table", "table") else head
            self.found.layout.hide(self.lines[number][0], first)
        else:
            self.found.layout.hide(self.lines[number][0], head)
        if head < self.lines[number][1]:
            self.found.prose.append(Span(head, self.lines[number][1]))
        at = number + 1
        while at < end and not self._is_blank(at) and _FIELD.match(self._of(at)):
            at += 1
        self._hide(number + 1, at)
        return at

    # --- tables ---

    def _grid(self, number: int) -> int:
        at = number
        while at < len(self.lines) and self._of(at).strip()[:1] in ("+", "|"):
            start, end = self.lines[at]
            bars = [place for place in range(start, end) if self.text[place] == "|"]
            self.found.layout.columns += [Column(one + 1, other) for one, other in pairwise(bars)]
            if bars:
                self.found.prose.append(Span(start, end))
            at += 1
        return max(at, number + 1)

    def _simple(self, number: int) -> int:
        """A simple table: from its first line of `=` to the last."""
        groups = [match.start() for match in re.finditer("=+", self._of(number))]
        borders = [number]
        at = number + 1
        while at < len(self.lines) and len(borders) < 3:
            if _SIMPLE.match(self._of(at)):
                borders.append(at)
                if at + 1 >= len(self.lines) or self._is_blank(at + 1):
                    break
            at += 1
        last = borders[-1]
        for row in range(number + 1, last):
            start, end = self.lines[row]
            if start == end or _SIMPLE.match(self._of(row)) or re.match(r"[ \t]*-+(?:[ \t]+-+)*[ \t]*$", self._of(row)):
                continue
            stops = [*(start + column for column in groups[1:]), None]
            self.found.layout.columns += [Column(start + c, stop) for c, stop in zip(groups, stops, strict=True)]
            self.found.prose.append(Span(start, end))
        return last + 1

    # --- markup ---

    def _inline(self, at: int, end: int) -> None:
        text, layout = self.text, self.found.layout
        while (token := _TOKEN.search(text, at, end)) is not None:
            start, at, sign = token.start(), token.end(), token.group()
            if sign == "``":
                close = text.find("``", at, end)
                if close >= 0:
                    while text[close + 2 : close + 3] == "`":
                        close += 1
                    at = close + 2
                    layout.hide(start, at, "it is code")
            elif sign[0] == ":":
                at = self._role(start, at, end)
            elif sign == "`":
                at = self._quoted(start, end)
            elif sign == "|":
                close = re.compile(r"\|[^|\n]*\S\|_{0,2}").match(text, start, end)
                if close is not None and "10." not in close.group():
                    layout.hide(start, close.end())
                    at = close.end()
            elif sign == "<":
                close = re.compile(r"<([^<>\s]+)>").match(text, start, end)
                if close is not None and in_link(close[1]) and not within_doi(text, start):
                    layout.links.append(Link(Span(start, close.end()), close[1]))
                    at = close.end()
            elif sign == "[":
                close = re.compile(r"\[([#\w][\w.:-]*)\]_(?!\w)").match(text, start, end)
                if close is not None:
                    layout.hide(start, close.end())
                    at = close.end()

    def _role(self, start: int, at: int, end: int) -> int:
        text = self.text
        close = re.compile(r"(?<![\\\s])`(?!`)").search(text, at, end)
        if close is None:
            return at
        role, inner = text[start : at - 1].strip(":").lower(), Span(at, close.start())
        if _CITE_ROLE.match(":" + role):
            self.found.roles[role] = self.found.roles.get(role, 0) + 1
            self.found.layout.hide(start, close.end())
            roled_keys(text, inner, self._cite)
        elif role == "doi" and self._doi_role(Span(start, close.end()), inner):
            return close.end()
        else:
            self.found.layout.hide(start, close.end(), "it is math" if role == "math" else "it is code")
        return close.end()

    def _doi_role(self, span: Span, inner: Span) -> bool:
        """The role that Sphinx's `extlinks` defines for DOIs in many projects."""
        content = inner.of(self.text)
        linked = _LINKED.match(content)
        target = linked[2] if linked else content
        if not in_link(target):
            return False
        shown = Span(inner.start, inner.start + linked.end(1)) if linked else None
        self.found.layout.links.append(Link(span, target, shown))
        return True

    def _cite(self, span: Span, name: str) -> None:
        if DOI_KEY.match(name) and in_link(name):
            self.found.layout.keys.append(Key(span, name))
        else:
            self.found.cited.append(Cited(name, span, self.place(span.start)))

    def _quoted(self, start: int, end: int) -> int:
        """Text in single backticks: a link, or interpreted text."""
        text = self.text
        close = re.compile(r"(?<![\\\s])`(__|_|:[A-Za-z][\w:+.-]*:)?").search(text, start + 1, end)
        if close is None:
            return start + 1
        inner = Span(start + 1, close.start())
        if close[1] in ("_", "__"):
            linked = _LINKED.match(inner.of(text))
            if linked is not None and in_link(linked[2]):
                shown = Span(inner.start, inner.start + linked.end(1)) if linked[1].strip() else None
                self.found.layout.links.append(Link(Span(start, close.end()), linked[2], shown))
                return close.end()
            if linked is None:
                self.named.append((Span(start, close.end()), inner))
        self.found.layout.hide(start, close.end(), "it is code" if close[1] is None else "")
        return close.end()

    def _references(self) -> None:
        """References by name that lead to a DOI are links."""
        for span, inner in self.named:
            address = self.found.targets.get(" ".join(inner.of(self.text).lower().split()), "")
            if address and in_link(address):
                hidden = self.found.layout.hidden
                hidden[:] = [one for one in hidden if one.span != span]
                self.found.layout.links.append(Link(span, address, inner))


# --- how citations are written -------------------------------------------------------------------


def _hand(syntax: str) -> Hand:
    narrative = {"cite:p": "cite:t", "footcite:p": "footcite:t", "cite": "cite:t"}[syntax]
    return _Rst(syntax, narrative)


@dataclass(frozen=True, slots=True)
class _Rst:
    """``:cite:p:`{see}smith2020{p. 3},jones2021` `` and ``:cite:t:`smith2020` ``."""

    role: str
    textual: str
    takes_brackets: bool = True
    takes_words: bool = True
    narrates: bool = True
    joint: str = " "

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        """All works in one role."""
        return _spaced(f":{self.role}:`{','.join(role_part(part) for part in parts)}`", before, after)

    def narrative(self, part: Part, before: str, after: str) -> str:
        """The textual role."""
        return _spaced(f":{self.textual}:`{role_part(part)}`", before, after)

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        """The key as it is."""
        return key


def _spaced(role: str, before: str, after: str) -> str:
    """The role with an escaped blank where inline markup could not begin or end (docutils, "Inline markup")."""
    begins = (
        not before or re.match(r"[\s'\"(\[{<\-/:\u2010-\u2015\u2018\u201c\u00ab\u00bf\u00a1]", before[-1]) is not None
    )
    ends = not after or re.match(r"[\s'\")\]}>\-/\\:.,;!?\u2010-\u2015\u2019\u201d\u00bb]", after[0]) is not None
    return f"{'' if begins else chr(92) + ' '}{role}{'' if ends else chr(92) + ' '}"
