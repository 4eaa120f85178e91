"""AsciiDoc: the macros of asciidoctor-bibtex, or of asciidoctor-bibliography where a manuscript names that.

Sources: the AsciiDoc language documentation ("Delimited Blocks", "Passthroughs", "URLs and Links"), asciidoctor-bibtex
0.9, asciidoctor-bibliography 0.11.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from refkit.finding.links import in_link
from refkit.manuscripts import Choose, Cited, Item, Manuscript, Wanted, Written
from refkit.manuscripts.composing import Hand, Part, compose
from refkit.manuscripts.layout import Key, Layout, Lines, Link
from refkit.manuscripts.listing import with_bibliography
from refkit.manuscripts.prose import find, within_doi
from refkit.manuscripts.wording import REFERENCE_HEADING
from refkit.model import Span

_DELIMITER = re.compile(r"(-{4,}|\.{4,}|\+{4,}|/{4,}|`{3,}|={4,}|\*{4,}|_{4,}|--|[|,:!]={3,})[^\n]*$")
_ATTRIBUTE = re.compile(r":!?[\w-]+!?:(?:[ \t]|$)")
_NAMED = re.compile(r":([\w-]+):[ \t]+(.*?)\s*$")
_STYLE = re.compile(r"\[([^\]]*)\][ \t]*$")
_CODE_STYLE = re.compile(
    r"(?:source|listing|literal|stem|latexmath|asciimath|pass|comment|plantuml|mermaid|graphviz|ditaa)\b|,",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(={1,6}|#{1,6})[ \t]+(.*?)[ \t]*$")
_BLOCK_MACRO = re.compile(r"([a-z]+)::(\S*?)\[([^\]]*)\][ \t]*$")
_CONTINUED = re.compile(r"[ \t]*(?:[*.\-]{1,5}|\d+\.|[a-z]\.|<\d+>)[ \t]+\S|.*::(?:[ \t]|$)")
_TOKEN = re.compile(
    r"\\(?=[\[`+])|`+|\+{1,3}(?=\S)|(?:pass|stem|latexmath|asciimath):[a-z]*\[|(?:image|icon|kbd|btn|menu|xref|anchor|mailto|indexterm2?):"
    r"[^\s\[\]]*\[|(?:link:|(?<![\w/])doi:)?(?:https?://|(?<=link:)|(?<=doi:)10\.)[^\s\[\]]*|<<|<(?=https?:)"
    r"|\[\[\[?|\{[\w-]+\}"
    r"|(?<![\w:])(?:full)?cite(?:np|[tp])?:(?:\w*\[)|(?<![\w:])nocite:\["
)
_DOI_KEY = re.compile(r"doi:|https?://|10\.\d{4,9}/", re.IGNORECASE)


@dataclass(slots=True)
class Source:
    """What the pass over a text finds beside its layout."""

    layout: Layout = field(default_factory=Layout)
    prose: list[Span] = field(default_factory=list)
    cited: list[Cited] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    defined: set[str] = field(default_factory=set)
    bibliography: bool = False


def read(text: str, name: str, wanted: Wanted) -> Manuscript:
    """Where citations may come in an AsciiDoc text; see `refkit.manuscripts.TextKind`."""
    source = _Scanner(text).run()
    clusters, left = find(text, source.layout, everything=wanted.everything, brackets="(")
    return Manuscript(
        "asciidoc",
        text,
        clusters,
        tuple(source.cited),
        left,
        lists=tuple(source.layout.references),
        libraries=tuple(source.libraries),
        includes=tuple(source.includes),
        defined=frozenset(source.defined),
        syntax="asciidoctor-bibliography" if source.bibliography else "asciidoctor-bibtex",
        state=source,
    )


def write(manuscript: Manuscript, choose: Choose, wanted: Wanted) -> Written:
    """Put `cite:[key]` in the place of what `choose` knows."""
    written = compose(manuscript, choose, wanted, HANDS[manuscript.syntax])
    return with_bibliography(manuscript, written, choose, wanted, "bibliography::[]")


class _Scanner:
    """One pass over the lines, and one over the markup of each stretch of prose."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = Source()
        self.place = Lines(text).place
        self.open, self.end = -1, 0
        self.blank, self.in_list, self.code_next = True, False, False
        self.list_start, self.list_level = -1, 0
        self.header = False  # whether the lines are those below the document's title

    def run(self) -> Source:
        """What is in the whole text."""
        text, at = self.text, 0
        while at < len(text):
            newline = text.find("\n", at)
            end = newline if newline >= 0 else len(text)
            at = self._line(text[at:end].rstrip("\r"), at, end)
        self._close()
        if self.list_start >= 0:
            self.found.layout.references.append(Span(self.list_start, len(text)))
        for span in self.found.prose:
            self._inline(span.start, span.end)
        return self.found

    def _line(self, line: str, at: int, end: int) -> int:
        if not line.strip():
            self._close()
            self.header = False
            self.blank, self.code_next = True, False
            return end + 1
        delimiter = _DELIMITER.match(line)
        if delimiter is not None and (delimiter[0] == delimiter[1] or delimiter[1][0] == "`"):
            return self._delimited(delimiter[1], line, at, end)
        if line.startswith("//"):
            return self._hide(at, end, "it is a comment")
        heading = _HEADING.match(line)
        if heading is not None and self.blank:
            return self._title(len(heading[1]), heading[2], at, end)
        if _ATTRIBUTE.match(line):
            named = _NAMED.match(line)
            if named is not None and named[1] in ("bibtex-file", "bibliography-database"):
                self.found.libraries.append(named[2])
                self.found.bibliography = named[1] == "bibliography-database"
            return self._hide(at, end, "it stands in the front matter")
        if self.header:
            return self._hide(at, end, "it stands in the front matter")
        style = _STYLE.match(line)
        if style is not None and self.open < 0:
            if style[1].startswith("[") and style[1].endswith("]"):
                return self._hide(at, end)
            self.code_next = bool(_CODE_STYLE.match(style[1])) and not style[1].lower().startswith(("quote", "verse"))
            return self._hide(at, end)
        macro = _BLOCK_MACRO.match(line)
        if macro is not None and self.open < 0:
            if macro[1] == "include":
                self.found.includes.append(macro[2])
            return self._hide(at, end)
        return self._text(line, at, end)

    def _text(self, line: str, at: int, end: int) -> int:
        if self.code_next or (line[0] in " \t" and self.open < 0 and not _CONTINUED.match(line) and not self.in_list):
            close = re.compile(r"\n[ \t]*\r?(?:\n|\Z)").search(self.text, at)
            stop = close.start() if close else len(self.text)
            self.code_next = False
            return self._hide(at, stop, "it is code")
        begin = at + (1 if line[0] == "." and len(line) > 1 and line[1] not in ". " else 0)
        listed = _CONTINUED.match(line) is not None
        self.in_list = listed or (self.in_list and (self.open >= 0 or line[0] in " \t+"))
        if begin > at:  # a block's title is a line of its own
            self._close()
            self.found.prose.append(Span(begin, at + len(line)))
            return end + 1
        if listed:
            self._close()
        if self.open < 0:
            self.open = at
        self.end = at + len(line)
        self.blank = False
        return end + 1

    def _delimited(self, mark: str, line: str, at: int, end: int) -> int:
        """A delimiter: of code and comments all to its pair is hidden, of other blocks only the line."""
        self._close()
        code = mark[0] in "-.+/`" and mark != "--"
        if code or (self.code_next and mark[0] in "=-*_"):
            pattern = re.escape(mark) if mark[0] != "`" else f"`{{{len(mark)},}}"
            close = re.compile(rf"^{pattern}[ \t]*\r?$", re.MULTILINE).search(self.text, end)
            stop = close.end() if close else len(self.text)
            self.code_next = False
            self.blank = True
            return self._hide(at, stop, "it is a comment" if mark[0] == "/" else "it is code")
        self.blank = True
        return self._hide(at, end)

    def _title(self, level: int, title: str, at: int, end: int) -> int:
        self._close()
        if self.list_start >= 0 and level <= self.list_level:
            self.found.layout.references.append(Span(self.list_start, at))
            self.list_start = -1
        if self.list_start < 0 and level > 1 and REFERENCE_HEADING.fullmatch(title):
            self.list_start, self.list_level = end, level
        if level == 1:  # the document's title, which has no macros
            self.header = True
            self.found.layout.hide(at, end, "it stands in the document's title")
            return end + 1
        self.found.prose.append(Span(at, end))
        return end + 1

    def _hide(self, start: int, end: int, why: str = "") -> int:
        self._close()
        self.found.layout.hide(start, end, why)
        return end + 1

    def _close(self) -> None:
        if self.open >= 0:
            self.found.prose.append(Span(self.open, self.end))
            self.open = -1

    # --- markup ---

    def _inline(self, at: int, end: int) -> None:
        text, layout = self.text, self.found.layout
        while (token := _TOKEN.search(text, at, end)) is not None:
            start, at, sign = token.start(), token.end(), token.group()
            if sign == "\\":
                at += 1
            elif sign[0] in "`+":
                at = self._span(start, sign, end)
            elif "cite" in sign and sign.endswith("["):
                at = self._citation(start, at, end)
            elif sign.endswith("[") and sign[0] != "[":
                close = self._bracket(at, end)
                layout.hide(start, close, "it is math" if "stem" in sign or "math" in sign else "")
                at = close
            elif sign == "<<":
                close = text.find(">>", at, end)
                if close >= 0 and not within_doi(text, start):
                    layout.hide(start, close + 2)
                    at = close + 2
            elif sign == "<":
                close = text.find(">", at, end)
                inner = text[start + 1 : close] if close >= 0 else ""
                if inner and not re.search(r"\s", inner) and in_link(inner):
                    layout.links.append(Link(Span(start, close + 1), inner))
                    at = close + 1
            elif sign.startswith("[["):
                close = text.find("]" * len(sign), at, end)
                if close >= 0:
                    if len(sign) == 3:
                        self.found.defined.add(text[at:close].split(",")[0])
                    layout.hide(start, close + len(sign))
                    at = close + len(sign)
            elif sign[0] != "{":
                at = self._address(start, at, sign, end)

    def _span(self, start: int, sign: str, end: int) -> int:
        """Monospace and passthroughs."""
        text, after = self.text, start + len(sign)
        if sign[0] == "`" or len(sign) > 1:
            close = text.find(sign, after, end)
        else:
            found = (
                re.compile(r"(?<=\S)\+(?!\w)").search(text, after, end)
                if not text[start - 1 : start].isalnum()
                else None
            )
            close = found.start() if found else -1
        if close < 0:
            return after
        self.found.layout.hide(start, close + len(sign), "it is code")
        return close + len(sign)

    def _bracket(self, at: int, end: int) -> int:
        """The offset behind the bracket that closes what was opened before `at`."""
        for match in re.compile(r"\\\]|\]").finditer(self.text, at, end):
            if match.group() == "]":
                return match.end()
        return end

    def _address(self, start: int, at: int, sign: str, end: int) -> int:
        text = self.text
        target = re.sub(r"\Alink:", "", sign)
        if text[at : at + 1] == "[" and (re.match(r"link:", sign) or "://" in sign or sign.startswith("doi:")):
            close = self._bracket(at + 1, end)
            shown = Span(at + 1, close - 1)
            content = shown.of(text).rstrip("^").strip('"')
            if in_link(target):
                span = shown if content else None
                self.found.layout.links.append(Link(Span(start, close), target, span))
                return close
            self.found.layout.hide(start, at + 1)
            return at + 1
        return at if "10." not in sign else start + len(sign)

    def _citation(self, start: int, at: int, end: int) -> int:
        text = self.text
        close = self._bracket(at, end)
        for match in re.compile(r"(?:\A|,|;)?\s*([^\s,;()\[\]=]+)(?:\([^()]*\))?").finditer(text, at, close - 1):
            key, span = match[1], Span(match.start(1), match.end(1))
            if text[match.end() : match.end() + 1] == "=" or "=" in match.group():
                continue
            if _DOI_KEY.match(key) and in_link(key):
                self.found.layout.keys.append(Key(span, key))
            elif not key.isdigit():
                self.found.cited.append(Cited(key, span, self.place(start)))
        self.found.layout.hide(start, close)
        return close


# --- how citations are written -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Bibtex:
    """`cite:[smith2020(3–5), jones2021]` and `citenp:[smith2020]` (asciidoctor-bibtex)."""

    takes_brackets: bool = True
    takes_words: bool = False
    narrates: bool = True
    joint: str = " "

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        """All works in one macro; words between them need several."""
        if any(part.prefix for part in parts):
            return "; ".join(f"{p.prefix + ' ' if p.prefix else ''}cite:[{_paged(p)}]" for p in parts)
        return f"cite:[{', '.join(_paged(part) for part in parts)}]"

    def narrative(self, part: Part, before: str, after: str) -> str:
        """`citenp`: the authors outside the brackets."""
        return f"citenp:[{_paged(part)}]"

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        """The key as it is."""
        return key


def _paged(part: Part) -> str:
    pages = re.sub(r"\Ap(?:p|ages?|gs?)?\.?\s*", "", part.suffix)
    return f"{part.key}({pages})" if pages else part.key


@dataclass(frozen=True, slots=True)
class _Bibliography:
    """`cite:[smith2020, page=3]+[jones2021]` and `citet:[smith2020]` (asciidoctor-bibliography)."""

    takes_brackets: bool = True
    takes_words: bool = False
    narrates: bool = True
    joint: str = " "

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        """All works joined by plus signs."""
        return "cite:" + "+".join(f"[{_attributed(part)}]" for part in parts)

    def narrative(self, part: Part, before: str, after: str) -> str:
        """`citet`."""
        return f"citet:[{_attributed(part)}]"

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        """The key as it is."""
        return key


def _attributed(part: Part) -> str:
    prefix = f', prefix="{part.prefix} "' if part.prefix else ""
    pages = re.fullmatch(r"p(?:p|ages?|gs?)?\.?\s*(.+)", part.suffix)
    page = f', page="{pages[1]}"' if pages else f', suffix=", {part.suffix}"' if part.suffix else ""
    return f"{part.key}{prefix}{page}"


HANDS: dict[str, Hand] = {"asciidoctor-bibtex": _Bibtex(), "asciidoctor-bibliography": _Bibliography()}
