"""The blocks of a Markdown text: what is code, comment, front matter or raw, and the stretches of inline text.

One pass over the lines with a stack of containers, as CommonMark 0.31 §"Appendix: A parsing strategy" describes it,
with pandoc's footnotes, definitions, fenced divs and tables, MyST's directives and Obsidian's comments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from refkit.manuscripts.layout import Column, Hidden
from refkit.manuscripts.markdown_tables import Table
from refkit.manuscripts.wording import REFERENCE_HEADING
from refkit.model import Span


@dataclass(slots=True)
class Blocks:
    """What the pass finds: `inline`, stretches of text that are read for inline markup; `hidden`; `front`, the front
    matter's text; `references`, written reference lists; `columns` of tables; `definitions`, link targets by label."""

    inline: list[Span] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    references: list[Span] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)
    front: str = ""


# Directives of MyST whose content is no prose; that of all others is Markdown (docs of MyST-Parser and mystmd).
_CODE_DIRECTIVES = frozenset(
    "code code-block code-cell sourcecode literalinclude math mermaid eval-rst raw toctree include bibliography "
    "graphviz plantuml "
    "digraph graph uml doctest testcode testsetup testcleanup testoutput jupyter-execute jupyter-kernel "
    "thebe-button automodule "
    "autoclass autofunction autosummary only index highlight parsed-literal prompt tableofcontents contents "
    "output anywidget "
    "image iframe embed myst latex typst tikz vega altair csv-table command-output program-output exec_code "
    "execute_code "
    "currentmodule module function class method attribute data role default-role nb-exec-table".split()
)

_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*([^\r\n]*)")
_COLON = re.compile(r"(:{3,})[ \t]*([^\r\n]*)")
_DIRECTIVE = re.compile(r"\{([A-Za-z][\w:.+-]*)\}")
_LIST = re.compile(r"(?:[-+*]|\(?(?:\d{1,9}|[a-zA-Z]|[ivxlcIVXLC]{1,6}|#)[.)]|\(@[\w-]*\))(?=[ \t]|$)", re.MULTILINE)
_QUOTE = re.compile(r" {0,3}>[ \t]?")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]:")
_DEFINITION = re.compile(r"[:~](?=[ \t]{1,3}\S|\t)")
_LINK_DEFINITION = re.compile(r"\[(?!\^)((?:[^\[\]\\]|\\.)+)\]:[ \t]*<?([^\s>]+)>?[ \t]*(?:[\"'(].*)?$")
_HEADING = re.compile(r"(#{1,6})(?:[ \t]+|$)(.*?)(?:[ \t]+#+[ \t]*)?(?:\{[^}]*\})?[ \t]*$")
_SETEXT = re.compile(r"(?:=+|-+)[ \t]*$")
_RAW_BLOCK = re.compile(r"<(script|style|pre|textarea|svg|math)\b", re.IGNORECASE)
# CommonMark 0.31 §4.6, kind 6: raw up to the next blank line, where pandoc reads Markdown inside.
_HTML_BLOCK = re.compile(
    r"</?(?:address|article|aside|base|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl"
    r"|dt|fieldset|"
    r"figcaption|figure|footer|form|frame|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|nav|ol"
    r"|optgroup|option|"
    r"p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:[\s/>]|$)",
    re.IGNORECASE,
)
_BOLD_LINE = re.compile(r"(\*\*|__)([^*_]+?):?\1:?[ \t]*$")
_OPTION = re.compile(r":[\w-]+:(?: |$)|---$")
_TEX_ENV = re.compile(r"\\begin\{([A-Za-z]+\*?)\}")


@dataclass(slots=True)
class _Fence:
    """An open fence of backticks, tildes or colons; `why` is "" where its content is Markdown."""

    mark: str
    count: int
    start: int
    why: str
    depth: int


class Scanner:
    """The pass over one text."""

    def __init__(self, text: str, *, myst: bool, obsidian: bool, raw_html: bool = False) -> None:
        self.text, self.myst, self.obsidian, self.raw_html = text, myst, obsidian, raw_html or myst
        self.found = Blocks()
        self.containers: list[
            int
        ] = []  # the columns at which contents of list items and the like begin; -1 a quotation
        self.fences: list[_Fence] = []
        self.open = -1  # where the current inline stretch began, -1 where none is open
        self.end = 0
        self.blank = True
        self.code = False
        self.skip_to = 0
        self.resumed = False  # whether the line goes on behind a comment that ended in it
        self.options = False  # whether the options of a directive may follow
        self.table = Table()
        self.list_level = 0
        self.list_start = -1

    def run(self) -> Blocks:
        """The blocks of the whole text."""
        text = self.text
        at = self._front_matter()
        while at < len(text):
            newline = text.find("\n", at)
            end = newline if newline >= 0 else len(text)
            following = newline + 1 if newline >= 0 else len(text)
            if at >= self.skip_to:
                self._line(at, end - 1 if end > at and text[end - 1] == "\r" else end, following)
            self.resumed = at < self.skip_to < following or (self.skip_to > following)
            at = max(following, self.skip_to) if not at < self.skip_to < following else self.skip_to
        self._close()
        if self.fences and self.fences[-1].why:
            self.found.hidden.append(Hidden(Span(self.fences[-1].start, len(text)), self.fences[-1].why))
        if self.list_start >= 0:
            self.found.references.append(Span(self.list_start, len(text)))
        return self.found

    # --- front matter ---

    def _front_matter(self) -> int:
        text = self.text
        match = re.compile(r"---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE).match(
            text
        )
        if match is None:
            match = re.compile(r"\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE).match(text)
        if match is not None:
            self.found.front = match[1]
            self.found.hidden.append(Hidden(Span(0, match.end()), "it stands in the front matter"))
            return match.end()
        title = re.compile(r"(?:%[^\n]*(?:\n|\Z)(?:[ \t]+[^\n]+\n)*){1,3}").match(text)
        if title is not None and not self.myst:
            self.found.hidden.append(Hidden(Span(0, title.end()), "it stands in the title block"))
            return title.end()
        return 0

    # --- lines ---

    def _line(self, start: int, end: int, following: int) -> None:
        at, column, depth = (start, 0, len(self.containers)) if self.resumed else self._containers(start, end)
        blank = not self.text[at:end].strip()
        while self.fences and depth < self.fences[-1].depth and not blank:
            self._end_fence(start)
        if self.fences and self.fences[-1].why:
            self._in_fence(at, end, following)
            return
        if blank:
            self.table.blank()
            self._close()
            self.blank, self.code = True, False
            return
        lazy = self.open >= 0 and depth < len(self.containers) and not self._begins_block(at, end)
        if not lazy:
            del self.containers[depth:]
            at, column = self._new_containers(at, column, end)
        indent = self._indent(at, end, column)
        here = at + indent[0]
        if indent[1] >= 4 and self.open < 0 and (self.blank or self.code) and not lazy:
            self.found.hidden.append(Hidden(Span(here, end), "it is code"))
            self.code = True
            return
        self.code = False
        if here >= end:
            self._close()
            self.blank = True
            return
        self._content(start, here, end, following)
        self.blank = False

    def _containers(self, start: int, end: int) -> tuple[int, int, int]:
        """Where the line's content begins within the open containers, its column, and how many of them it is in."""
        at, column, depth = start, 0, 0
        for container in self.containers:
            if container < 0:
                match = _QUOTE.match(self.text, at, end)
                if match is None:
                    break
                column += len(match.group())
                at = match.end()
            else:
                used, width = self._indent(at, end, column)
                if at + used >= end:
                    at = end
                elif column + width < container:
                    break
                else:
                    at, column = self._advance(at, column, container)
            depth += 1
        return at, column, depth

    def _indent(self, at: int, end: int, column: int) -> tuple[int, int]:
        """How many characters and columns of blanks stand at `at`."""
        begin, width = at, 0
        while at < end and self.text[at] in " \t":
            width += 1 if self.text[at] == " " else 4 - (column + width) % 4
            at += 1
        return at - begin, width

    def _advance(self, at: int, column: int, target: int) -> tuple[int, int]:
        while column < target and self.text[at] in " \t":
            column += 1 if self.text[at] == " " else 4 - column % 4
            at += 1
        return at, column

    def _begins_block(self, at: int, end: int) -> bool:
        """Whether a line that is indented too little for its container begins a block of its own."""
        used, _ = self._indent(at, end, 0)
        here = at + used
        text = self.text
        return any(p.match(text, here, end) for p in (_FENCE, _COLON, _QUOTE, _LIST, _FOOTNOTE, _HEADING)) or (
            self.text.startswith("<!--", here)
        )

    def _new_containers(self, at: int, column: int, end: int) -> tuple[int, int]:
        text = self.text
        for _ in range(40):
            used, width = self._indent(at, end, column)
            if width >= 4 and self.open < 0 and (self.blank or self.code):
                break
            here, place = at + used, column + width
            if quote := _QUOTE.match(text, here, end):
                self._close()
                self.containers.append(-1)
                at, column = quote.end(), place + len(quote.group())
                self.blank = True
                continue
            marker = _LIST.match(text, here, end)
            if marker is not None and (self.open < 0 or not text[here].isalnum() or text[here : marker.end()] == "1."):
                if re.compile(r"(?:[-*][ \t]*){3,}$").match(text, here, end):
                    break  # a thematic break
                at, column = self._item(marker.end(), place + len(marker.group()), end)
                continue
            note = _FOOTNOTE.match(text, here, end)
            if note is not None:
                self._close()
                self.found.notes.add(note.group()[2:-2])
                self.containers.append(place + 4)
                at, column = note.end(), place + len(note.group())
                self.blank = False
                break
            colon = _DEFINITION.match(text, here, end)
            if colon is not None and not text.startswith(":::", here):
                at, column = self._item(colon.end(), place + 1, end)
                continue
            break
        return at, column

    def _item(self, at: int, column: int, end: int) -> tuple[int, int]:
        """Open the container of a list item whose marker ends at `at`."""
        self._close()
        used, width = self._indent(at, end, column)
        if at + used >= end or width > 4:
            self.containers.append(column + 1)
            self.blank = True
            return (min(at + 1, end), column + 1)
        self.containers.append(column + width)
        self.blank = True
        return at + used, column + width

    # --- content ---

    def _content(self, start: int, here: int, end: int, following: int) -> None:
        text = self.text
        fence = _FENCE.match(text, here, end) or _COLON.match(text, here, end)
        if fence is not None and not (fence[1][0] == "`" and "`" in fence[2]):
            self._fence(fence, here)
            return
        if self.options and _OPTION.match(text, here, end):
            self.found.hidden.append(Hidden(Span(here, end), ""))
            return
        self.options = False
        if self._special(here, end):
            return
        definition = _LINK_DEFINITION.match(text, here, end)
        if definition is not None and self.open < 0:
            self.found.definitions.setdefault(label(definition[1]), definition[2])
            self.found.hidden.append(Hidden(Span(here, end), ""))
            return
        columns = self.table.line(text, start, here, end, self.open)
        self.found.columns += columns
        if columns and self.table.grid:
            self._close()
            self.found.inline += [Span(column.start, column.end or end) for column in columns]
            return
        self._text_line(start, here, end)

    def _special(self, here: int, end: int) -> bool:
        """Comments, raw HTML and TeX that begin in this line and may reach over several."""
        text = self.text
        if text.startswith("%%", here) and self.obsidian:
            close = text.find("%%", here + 2)
            return self._hide(here, close + 2 if close >= 0 else end, "it is a comment")
        if self.myst and text[here] == "%":
            return self._hide(here, end, "it is a comment")
        raw = _RAW_BLOCK.match(text, here, end)
        if raw is not None:
            closing = re.compile(rf"</{raw[1]}\s*>", re.IGNORECASE).search(text, here)
            return self._hide(here, closing.end() if closing else len(text), "it is code or raw HTML")
        if self.raw_html and self.open < 0 and _HTML_BLOCK.match(text, here, end):
            blank = re.compile(r"\n[ \t>]*\r?(?:\n|\Z)").search(text, here)
            return self._hide(here, blank.start() if blank else len(text), "it is raw HTML")
        tex = _TEX_ENV.match(text, here, end)
        if tex is not None and (close := text.find(f"\\end{{{tex[1]}}}", here)) >= 0:
            return self._hide(here, close + len(tex[1]) + 6, "it is raw TeX or math")
        at = text.find("<!--", here, end)
        if at >= 0 and not _in_code(text[here:at]):
            close = text.find("-->", at + 4)
            if close < 0 and at > here:
                return False
            if at > here:
                self._text_line(here, here, at)
                if 0 <= close < end:
                    self.found.hidden.append(Hidden(Span(at, close + 3), "it is a comment"))
                    self.end = close + 3
                    self.skip_to = close + 3
                    return True
            return self._hide(at, close + 3 if close >= 0 else len(text), "it is a comment")
        return False

    def _hide(self, start: int, end: int, why: str) -> bool:
        self._close()
        self.found.hidden.append(Hidden(Span(start, end), why))
        self.skip_to = end
        return True

    def _text_line(self, start: int, here: int, end: int) -> None:
        text = self.text
        heading = _HEADING.match(text, here, end)
        if heading is not None:
            self._close()
            self._heading(len(heading[1]), heading[2], start, end)
            self.found.inline.append(Span(here, end))
            return
        if self.open >= 0 and _SETEXT.match(text, here, end):
            self._heading(1 if text[here] == "=" else 2, text[self.open : self.end], self.open, end)
            self._close()
            return
        bold = _BOLD_LINE.match(text, here, end)
        if bold is not None and self.open < 0:
            self._heading(7, bold[2], start, end)
        if self.open < 0:
            self.open = here
        self.end = end

    def _heading(self, level: int, title: str, start: int, end: int) -> None:
        """A heading ends a reference list of its own level or a deeper one, and may begin one."""
        plain = re.sub(r"[*_`]|\{[^}]*\}", "", title).strip()
        if self.list_start >= 0 and level <= self.list_level:
            self.found.references.append(Span(self.list_start, start))
            self.list_start = -1
        if self.list_start < 0 and REFERENCE_HEADING.fullmatch(plain):
            self.list_start, self.list_level = end, level

    def _close(self) -> None:
        if self.open >= 0:
            self.found.inline.append(Span(self.open, self.end))
            self.open = -1

    # --- fences ---

    def _fence(self, fence: re.Match[str], here: int) -> None:
        """The line is a fence: it closes the one that is open and Markdown inside, or it opens one."""
        self._close()
        mark, info = fence[1], fence[2].strip()
        if not info:
            for index in range(len(self.fences) - 1, -1, -1):
                if self.fences[index].mark == mark[0] and self.fences[index].count <= len(mark):
                    del self.fences[index:]
                    return
            if mark[0] == ":":
                return
        directive = _DIRECTIVE.match(info)
        code = _is_code(directive[1].lower()) if directive and self.myst else mark[0] != ":"
        why = "" if not code else "it is raw code of another format" if info.startswith("{=") else "it is code"
        self.fences.append(_Fence(mark[0], len(mark), here, why, len(self.containers)))
        if mark[0] == ":" and directive is None:
            self.found.hidden.append(Hidden(Span(*fence.span(2)), "it stands in attributes"))
        self.options = not code and directive is not None
        self.blank = True
        if directive and not code:  # the title of an admonition, the file of a figure
            begin = fence.start(2) + directive.end()
            if directive[1].lower() not in ("figure", "image"):
                self.found.inline.append(Span(begin, fence.end(2)))

    def _in_fence(self, at: int, end: int, following: int) -> None:
        fence = self.fences[-1]
        line = self.text[at:end].strip()
        closes = len(line) >= fence.count and not line.strip(fence.mark)
        if closes:
            self.found.hidden.append(Hidden(Span(fence.start, end), fence.why))
            self.fences.pop()
            self.blank = True

    def _end_fence(self, at: int) -> None:
        fence = self.fences.pop()
        if fence.why:
            self.found.hidden.append(Hidden(Span(fence.start, at), fence.why))
        self.blank = True


def label(written: str) -> str:
    """A link's label as labels are compared."""
    return " ".join(written.split()).casefold()


def _is_code(directive: str) -> bool:
    return directive in _CODE_DIRECTIVES or directive.split(":")[0] in ("py", "c", "cpp", "js", "autodoc", "prf-code")


def _in_code(before: str) -> bool:
    """Whether a code span is open behind these characters of a line."""
    return "`" in before and re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", before).count("`") > 0
