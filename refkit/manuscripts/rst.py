"""reStructuredText and Sphinx: the roles of sphinxcontrib-bibtex.

Sources: docutils' reStructuredText specification ("Explicit Markup Blocks", "Literal Blocks", "Inline Markup"),
Sphinx's directives, sphinxcontrib-bibtex 2.7.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from refkit import edits as editing
from refkit.manuscripts import Choose, Manuscript, Wanted, Written
from refkit.manuscripts.composing import compose
from refkit.manuscripts.layout import Column, Lines
from refkit.manuscripts.listing import with_bibliography
from refkit.manuscripts.markdown import sphinx_libraries
from refkit.manuscripts.prose import find
from refkit.manuscripts.rst_cites import hand_of
from refkit.manuscripts.rst_inline import Inline, Source
from refkit.manuscripts.wording import REFERENCE_HEADING
from refkit.model import Edit, Span

# Directives whose content is no prose (docutils, Sphinx and usual extensions).
_CODE = frozenset(
    "code code-block sourcecode highlight literalinclude math raw parsed-literal doctest testcode testsetup "
    "testcleanup testoutput "
    "graphviz digraph graph mermaid uml plantuml plot ipython jupyter-execute jupyter-kernel toctree include "
    "bibliography "
    "image currentmodule automodule autoclass autofunction automethod autosummary program-output command-output "
    "index meta "
    "default-role role highlightlang tabularcolumns contents sectnum footbibliography productionlist prompt "
    "altair-plot".split()
)
_DIRECTIVE = re.compile(r"([ \t]*)\.\.[ \t]+(?:\|[^|]+\|[ \t]+)?([A-Za-z](?:[\w+.-]|:(?!:))*)::(?:[ \t]+|$)(.*)$")
_FOOTNOTE = re.compile(r"([ \t]*)\.\.[ \t]+\[(#?[\w.:-]*|\*)\](?:[ \t]|$)")
_TARGET = re.compile(r"[ \t]*(?:\.\.[ \t]+_(`[^`]+`|[^:`]+):|__)[ \t]*(\S*)")
_EXPLICIT = re.compile(r"([ \t]*)\.\.(?:[ \t]|$)")
_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")
_FIELD = re.compile(r"[ \t]*:[^:\s][^:\n]*:(?:[ \t]|$)")
_GRID = re.compile(r"[ \t]*\+(?:[-=]+\+)+[ \t]*$")
_SIMPLE = re.compile(r"[ \t]*=+(?:[ \t]+=+)+[ \t]*$")


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
        lists=tuple(span for span in source.layout.references if not span.of(text).lstrip().startswith("..")),
        libraries=(*source.libraries, *sphinx_libraries(wanted.beside.get("conf.py", ""))),
        includes=tuple(source.includes),
        defined=frozenset(source.defined),
        syntax=_syntax(source),
        state=source,
    )


def write(manuscript: Manuscript, choose: Choose, wanted: Wanted) -> Written:
    """Put ``:cite:p:`key` `` in the place of what `choose` knows; the line of a title that grows grows with it."""
    written = compose(manuscript, choose, wanted, hand_of(manuscript.syntax))
    written = with_bibliography(manuscript, written, choose, wanted, ".. bibliography::")
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
        self.lines: list[tuple[int, int]] = []
        at = 0
        while at < len(text):
            newline = text.find("\n", at)
            end = newline if newline >= 0 else len(text)
            self.lines.append((at, end - 1 if end > at and text[end - 1] == "\r" else end))
            at = end + 1
        self.levels: list[str] = []
        self.level = 0
        self.list_start = -1

    def run(self) -> Source:
        """What is in the whole text."""
        number = self._docinfo(0)
        while number < len(self.lines):
            number = self._block(number)
            if self.found.titles and len(self.found.prose) == len(self.found.titles):
                number = self._docinfo(number)  # nothing but the document's title (and subtitle) stands above
        if self.list_start >= 0:
            self.found.layout.references.append(Span(self.list_start, len(self.text)))
        inline = Inline(self.text, self.found, Lines(self.text).place)
        for span in self.found.prose:
            inline.read(span.start, span.end)
        inline.references()
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

    def _docinfo(self, number: int) -> int:
        """The fields at the very top are the document's own (docutils: bibliographic fields)."""
        at = number
        while at < len(self.lines) and self._is_blank(at):
            at += 1
        first = at
        while at < len(self.lines) and (_FIELD.match(self._of(at)) or (at > first and self._of(at)[:1] in (" ", "\t"))):
            at += 1
        return self._hide(first, at, "it stands in the front matter") if at > first else number

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
        if not _ADORNMENT.match(under) or _ADORNMENT.match(text) or (text[:1].isspace() and over is None):
            return 0
        begin, end = self.lines[over or number][0], self.lines[number + 1][1]
        self._section(text.strip(), under[0] + ("o" if over is not None else ""), begin, end)
        span = Span(*self.lines[number])
        self.found.titles.append((span, self._trimmed(number + 1), self._trimmed(over) if over is not None else None))
        self.found.prose.append(span)
        return number + 2

    def _trimmed(self, number: int) -> Span:
        start, _ = self.lines[number]
        return Span(start, start + len(self._of(number).rstrip()))

    def _section(self, title: str, style: str, start: int, end: int) -> None:
        if style not in self.levels:
            self.levels.append(style)
        level = self.levels.index(style)
        if self.list_start >= 0 and level <= self.level:
            self.found.layout.references.append(Span(self.list_start, start))
            self.list_start = -1
        if self.list_start < 0 and REFERENCE_HEADING.fullmatch(title):
            self.list_start, self.level = end, level

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
        if line.strip() == ".." and self._is_blank(number + 1):
            return number + 1  # an empty comment ends a block, and has no body
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
        options = self._indent(at) if at < end else 0
        while at < end and not self._is_blank(at):
            if not _FIELD.match(self._of(at)) and (at == number + 1 or self._indent(at) <= options):
                break
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
