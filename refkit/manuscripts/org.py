"""Org: org-cite citations (and org-ref's, where a manuscript has them already).

Sources: the Org manual 9.7, "Citation handling", "Markup for Rich Contents" and "Literal Examples"; org-ref 3's manual.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from refkit.doi.written import written
from refkit.finding.links import in_link
from refkit.manuscripts import Choose, Cited, Manuscript, Wanted, Written
from refkit.manuscripts.composing import compose
from refkit.manuscripts.layout import Key, Layout, Lines, Link
from refkit.manuscripts.listing import with_bibliography
from refkit.manuscripts.org_cites import HANDS
from refkit.manuscripts.prose import find, within_doi
from refkit.manuscripts.wording import REFERENCE_HEADING
from refkit.model import Span

_BLOCK = re.compile(r"[ \t]*#\+begin_(\w+)\b.*", re.IGNORECASE)
_CODE_BLOCKS = frozenset("src example export comment latex html ascii md".split())
_DYNAMIC = re.compile(r"[ \t]*#\+begin:", re.IGNORECASE)
_KEYWORD = re.compile(r"[ \t]*#\+(\w+)(?:\[[^\]]*\])?:[ \t]*(.*?)\s*$")
_PROSE_KEYWORDS = frozenset({"caption"})
_DRAWER = re.compile(r"[ \t]*:([\w-]+):[ \t]*$")
_FIXED = re.compile(r"[ \t]*:(?:[ \t]|$)")
_COMMENT = re.compile(r"[ \t]*#(?:[ \t]|$)")
_HEADLINE = re.compile(r"(\*+)[ \t]+(.*?)[ \t]*$")
_TEX = re.compile(r"[ \t]*\\begin\{([A-Za-z]+\*?)\}")
_TOKEN = re.compile(
    r"\[\[|\[cite|\\\(|\\\[|\$\$|(?<![\w$])\$(?=\S)|[=~](?=\S)|@@[\w-]+:|\{\{\{|<(?=(?:https?|doi|10\.|<))"
    r"|\bsrc_\w+|\bcall_\w+\(|(?:(?<=\s)|(?<=[(,;])|^)(?:no)?cite[A-Za-z]*:(?=[\w&])",
    re.MULTILINE,
)
_LINK = re.compile(
    r"\[\[((?:[^\[\]\\]|\\.|\[(?=[^\]]*\][^\]\[])[^\[\]]*\])+)\](?:\[((?:[^\[\]]|\[[^\[\]]*\])*)\])?\]", re.DOTALL
)
_KEY = re.compile(r"@([-.:?!`'/*@+|(){}<>&_^$#%~\w]+)")
_DOI_KEY = re.compile(r"doi:|https?://|10\.\d{4,9}/", re.IGNORECASE)
_ADDRESS = re.compile(r"https?:|doi:|10\.\d|info:|urn:|www\.|(?:dx\.)?doi\.org", re.IGNORECASE)
_BEFORE_MARK = re.compile(r"(?:\A|[\s\-({'\"\u200b])\Z")
_AFTER_MARK = re.compile(r"\Z|[\s\-.,:;!?'\")}\[\\\u200b]")


@dataclass(slots=True)
class Source:
    """What the pass over a manuscript finds beside its layout."""

    layout: Layout = field(default_factory=Layout)
    prose: list[Span] = field(default_factory=list)
    cited: list[Cited] = field(default_factory=list)
    ways: dict[str, int] = field(default_factory=dict)
    libraries: list[str] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    all_cited: bool = False


def read(text: str, name: str, wanted: Wanted) -> Manuscript:
    """Where citations may come in an Org text; see `refkit.manuscripts.TextKind`."""
    source = _Scanner(text).run()
    clusters, left = find(text, source.layout, everything=wanted.everything)
    return Manuscript(
        "org",
        text,
        clusters,
        tuple(source.cited),
        left,
        lists=tuple(source.layout.references),
        libraries=tuple(source.libraries),
        includes=tuple(source.includes),
        all_cited=source.all_cited,
        syntax=_syntax(source, wanted),
        state=source,
    )


def write(manuscript: Manuscript, choose: Choose, wanted: Wanted) -> Written:
    """Put `[cite:@key]` (or org-ref's links) in the place of what `choose` knows."""
    written_ = compose(manuscript, choose, wanted, HANDS[manuscript.syntax])
    command = "#+print_bibliography:" if manuscript.syntax == "org-cite" else f"bibliography:{wanted.library}"
    return with_bibliography(manuscript, written_, choose, wanted, command)


def _syntax(source: Source, wanted: Wanted) -> str:
    if wanted.settings.cite_syntax in ("org-cite", "org-ref"):
        return wanted.settings.cite_syntax
    return max(source.ways, key=lambda way: source.ways[way], default="org-cite")


class _Scanner:
    """One pass over the lines, and one over the markup of each stretch of prose."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = Source()
        self.place = Lines(text).place
        self.open = -1
        self.end = 0

    def run(self) -> Source:
        """What is in the whole text."""
        text = self.text
        at = 0
        level, list_start = 0, -1
        while at < len(text):
            newline = text.find("\n", at)
            end = newline if newline >= 0 else len(text)
            line = text[at:end].rstrip("\r")
            headline = _HEADLINE.match(line)
            if headline is not None:
                self._close()
                title = re.sub(r"[ \t]+:[\w@#%:]+:$", "", headline[2])
                depth = len(headline[1])
                if list_start >= 0 and depth <= level:
                    self.found.layout.references.append(Span(list_start, at))
                    list_start = -1
                if title.startswith("COMMENT"):
                    at = self._hide(at, self._subtree(at + len(line), depth), "it is a comment") - 1
                    continue
                if list_start < 0 and REFERENCE_HEADING.fullmatch(title):
                    list_start, level = end, depth
                self.found.prose.append(Span(at, end))
                at = end + 1
                continue
            at = self._line(line, at, end)
        self._close()
        if list_start >= 0:
            self.found.layout.references.append(Span(list_start, len(text)))
        for span in self.found.prose:
            self._inline(span.start, span.end)
        return self.found

    def _subtree(self, at: int, depth: int) -> int:
        following = re.compile(rf"^\*{{1,{depth}}}[ \t]", re.MULTILINE).search(self.text, at)
        return following.start() if following else len(self.text)

    def _line(self, line: str, at: int, end: int) -> int:
        text = self.text
        block = _BLOCK.match(line)
        if block is not None and block[1].lower() in _CODE_BLOCKS:
            close = re.compile(rf"^[ \t]*#\+end_{re.escape(block[1])}[ \t]*\r?$", re.IGNORECASE | re.MULTILINE).search(
                text, end
            )
            if close is not None:
                why = "it is a comment" if block[1].lower() == "comment" else "it is code"
                return self._hide(at, close.end(), why)
        drawer = _DRAWER.match(line)
        if drawer is not None and drawer[1].lower() != "end":
            close = re.compile(r"^[ \t]*:END:[ \t]*\r?$", re.IGNORECASE | re.MULTILINE).search(text, end)
            if close is not None:
                return self._hide(at, close.end(), "it stands in a drawer")
        tex = _TEX.match(line)
        if tex is not None and (close_at := text.find(f"\\end{{{tex[1]}}}", at)) >= 0:
            return self._hide(at, close_at + len(tex[1]) + 6, "it is raw TeX or math")
        if _FIXED.match(line):
            return self._hide(at, end, "it is code")
        keyword = _KEYWORD.match(line)
        if keyword is not None:
            return self._keyword(keyword, at, end)
        if line.lstrip().startswith("#+"):
            return self._hide(at, end)
        if _COMMENT.match(line):
            return self._hide(at, end, "it is a comment")
        if not line.strip():
            self._close()
            return end + 1
        if self.open < 0:
            self.open = at
        self.end = at + len(line)
        return end + 1

    def _keyword(self, keyword: re.Match[str], at: int, end: int) -> int:
        name, value = keyword[1].lower(), keyword[2]
        if name in _PROSE_KEYWORDS:
            self._close()
            self.found.prose.append(Span(at + keyword.start(2), end))
            return end + 1
        if name == "bibliography":
            self.found.libraries += [one.strip("\"'") for one in value.split() if one and not one.startswith(":")]
        elif name == "include":
            file = re.match(r"\"([^\"]+?)(?:::[^\"]*)?\"|(\S+)", value)
            if file is not None:
                self.found.includes.append(file[1] or file[2])
        elif name == "nocite" and "@*" in value:
            self.found.all_cited = True
        why = (
            "it stands in the front matter"
            if name in ("title", "author", "date", "subtitle", "description")
            else "it is a keyword"
        )
        return self._hide(at, end, why)

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
            if sign == "[[":
                at = self._link(start, end)
            elif sign == "[cite":
                at = self._citation(start, end)
            elif sign in ("=", "~"):
                at = self._verbatim(start, sign, end)
            elif sign in ("\\(", "\\[", "$$", "$"):
                close = {"\\(": "\\)", "\\[": "\\]"}.get(sign, sign)
                stop = text.find(close, at, end)
                if stop >= 0 and (
                    sign != "$" or (not text[stop - 1].isspace() and not text[stop + 1 : stop + 2].isalnum())
                ):
                    at = stop + len(close)
                    layout.hide(start, at, "it is math")
            elif sign[:2] in ("@@", "{{"):
                close = "@@" if sign[0] == "@" else "}}}"
                stop = text.find(close, at, end)
                if stop >= 0:
                    at = stop + len(close)
                    layout.hide(start, at, "it is raw code of another format")
            elif sign == "<":
                at = self._angle(start, end)
            elif sign.startswith(("src_", "call_")):
                code = re.compile(r"(?:\[[^\]]*\])?\{[^{}]*\}|[^()]*\)").match(text, at, end)
                if code is not None:
                    at = code.end()
                    layout.hide(start, at, "it is code")
            else:
                at = self._old_citation(start, at, end)

    def _verbatim(self, start: int, mark: str, end: int) -> int:
        text = self.text
        if not _BEFORE_MARK.search(text[max(0, start - 1) : start]):
            return start + 1
        close = start + 1
        while (close := text.find(mark, close + 1, end)) >= 0:
            if not text[close - 1].isspace() and _AFTER_MARK.match(text[close + 1 : close + 2]):
                if text.count("\n", start, close) > 1:
                    return start + 1
                self.found.layout.hide(start, close + 1, "it is code")
                return close + 1
        return start + 1

    def _angle(self, start: int, end: int) -> int:
        text = self.text
        close = text.find(">", start, end)
        if close < 0 or within_doi(text, start):
            return start + 1
        inner = text[start + 1 : close]
        if text.startswith("<<", start):
            self.found.layout.hide(start, close + 1)
            return close + 1
        if not re.search(r"\s", inner) and in_link(inner):
            self.found.layout.links.append(Link(Span(start, close + 1), inner))
            return close + 1
        return start + 1

    def _link(self, start: int, end: int) -> int:
        text = self.text
        link = _LINK.match(text, start, end)
        if link is None:
            return start + 2
        target = link[1]
        way = re.match(r"(?:no)?cite[A-Za-z]*:", target)
        if way is not None:
            self._org_ref(way.group()[:-1], Span(link.start(1) + way.end(), link.end(1)), "org-ref")
            self.found.layout.hide(start, link.end())
            return link.end()
        if target.startswith("bibliography:"):
            self.found.libraries += [one.strip() for one in target[13:].split(",")]
        if _ADDRESS.match(target) and in_link(target):
            shown = Span(link.start(2), link.end(2)) if link[2] is not None else None
            self.found.layout.links.append(Link(Span(start, link.end()), target, shown))
        elif "10." in (link[2] or "") and any(written(link[2])):
            self.found.layout.links.append(Link(Span(start, link.end()), target, Span(link.start(2), link.end(2))))
        else:
            self.found.layout.hide(start, link.end())
        return link.end()

    def _citation(self, start: int, end: int) -> int:
        """An org-cite citation: `[cite/style:prefix; see @key p. 3; @other]`."""
        text = self.text
        head = re.compile(r"\[(?:no)?cite(?:/[\w/-]*)?:").match(text, start, end)
        if head is None:
            return start + 1
        depth, close = 0, -1
        for match in re.compile(r"[\[\]]").finditer(text, start, end):
            depth += 1 if match.group() == "[" else -1
            if depth == 0:
                close = match.start()
                break
        if close < 0:
            return head.end()
        self.found.ways["org-cite"] = self.found.ways.get("org-cite", 0) + 1
        at = head.end()
        while (key := _KEY.search(text, at, close)) is not None:
            name, stop = key[1], key.end()
            if _DOI_KEY.match(name):
                first = next(iter(written(text[key.start(1) : close])), None)
                stop = key.start(1) + first.end if first is not None and first.start < 60 else stop
                name = text[key.start(1) : stop]
            if _DOI_KEY.match(name) and in_link(name):
                self.found.layout.keys.append(Key(Span(key.start(1), stop), name))
            else:
                self.found.cited.append(Cited(name, Span(key.start(1), stop), self.place(start)))
            at = stop
        self.found.layout.hide(start, close + 1)
        return close + 1

    def _old_citation(self, start: int, at: int, end: int) -> int:
        """org-ref's `cite:key1,key2` without brackets."""
        text = self.text
        keys = re.compile(r"&?[^\s,;\[\]{}]+(?:[,;]&?[^\s,;\[\]{}]+)*").match(text, at, end)
        if keys is None:
            return at
        stop = keys.end()
        while stop > at and text[stop - 1] in ".:!?)'\"":
            stop -= 1
        self._org_ref(text[start : at - 1], Span(at, stop), "org-ref-2")
        self.found.layout.hide(start, stop)
        return stop

    def _org_ref(self, command: str, span: Span, way: str) -> None:
        self.found.ways[way] = self.found.ways.get(way, 0) + 1
        at = span.start
        pattern = r"&([^\s;&\[\]]+)" if "&" in span.of(self.text) else r"([^\s,;]+)"
        while (key := re.compile(pattern).search(self.text, at, span.end)) is not None:
            place = Span(key.start(1), key.end(1))
            if _DOI_KEY.match(key[1]) and in_link(key[1]):
                self.found.layout.keys.append(Key(place, key[1]))
            else:
                self.found.cited.append(Cited(key[1], place, self.place(span.start)))
            at = key.end()
