"""The inline markup of reStructuredText: literals, roles, links, and citations that are there already."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from refkit.finding.links import in_link
from refkit.manuscripts import Cited
from refkit.manuscripts.layout import Key, Layout, Link
from refkit.manuscripts.markdown_inline import DOI_KEY, roled_keys
from refkit.manuscripts.prose import within_doi
from refkit.model import Span

_TOKEN = re.compile(
    r"\\(?s:.)|\*{1,2}(?=[^\s*])|``|:[A-Za-z][\w:+.-]*:`|`(?=\S)|\|(?=\S)|\[(?=[#*\w])|<(?=https?:|doi:|10\.)"
)
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


def _may_begin(before: str) -> bool:
    """Whether inline markup may begin behind a character (docutils, "Inline markup recognition rules")."""
    return not before or re.match(r"[\s'\"(\[{<\-/:\u2010-\u2015\u2018\u201c\u00ab\u00bf\u00a1\\]", before) is not None


class Inline:
    """Reads the stretches of prose of one text into its source's layout."""

    def __init__(self, text: str, source: Source, place: Callable[[int], str]) -> None:
        self.text, self.found, self.place = text, source, place
        self.named: list[tuple[Span, Span]] = []  # references by name, whose targets stand elsewhere

    def read(self, at: int, end: int) -> None:
        """Read one stretch."""
        text, layout = self.text, self.found.layout
        while (token := _TOKEN.search(text, at, end)) is not None:
            start, at, sign = token.start(), token.end(), token.group()
            if sign[-1] in "`*" and not _may_begin(text[max(0, start - 1) : start]):
                continue
            if sign == "``":
                at = self._literal(start, at, end)
            elif sign[0] == ":":
                at = self._role(start, at, end)
            elif sign[0] == "*":
                at = self._emphasis(start, sign, end)
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

    def _emphasis(self, start: int, sign: str, end: int) -> int:
        """Emphasised text: inline markup cannot be nested, so no role can stand in it."""
        close = re.compile(rf"(?<=[^\s\\*]){re.escape(sign)}(?!\*)").search(self.text, start + len(sign), end)
        if close is None:
            return start + len(sign)
        inner = self.text[start + len(sign) : close.start()]
        if not re.search(r"\s", inner) and in_link(inner):
            self.found.layout.links.append(Link(Span(start, close.end()), inner))
            return close.end()
        self.found.layout.hide(start, close.end(), "it is emphasised, and no role can stand there")
        return close.end()

    def _literal(self, start: int, at: int, end: int) -> int:
        close = self.text.find("``", at, end)
        if close < 0:
            return at
        while self.text[close + 2 : close + 3] == "`":
            close += 1
        self.found.layout.hide(start, close + 2, "it is code")
        return close + 2

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

    def references(self) -> None:
        """References by name that lead to a DOI are links."""
        for span, inner in self.named:
            address = self.found.targets.get(" ".join(inner.of(self.text).lower().split()), "")
            if address and in_link(address):
                hidden = self.found.layout.hidden
                hidden[:] = [one for one in hidden if one.span != span]
                self.found.layout.links.append(Link(span, address, inner))
