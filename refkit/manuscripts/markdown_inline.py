"""The inline markup of a Markdown text: code, math, comments, links, roles, and citations that are there already.

Sources: CommonMark 0.31 §6; pandoc's manual, "Citation syntax" and "Math"; MyST's "Roles"; Obsidian's "Links".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from refkit.doi.written import written
from refkit.finding.links import in_link
from refkit.manuscripts import Cited
from refkit.manuscripts.layout import Hidden, Key, Layout, Link, Ranges
from refkit.manuscripts.markdown_blocks import Blocks, label
from refkit.manuscripts.prose import within_doi
from refkit.model import Span

_TOKEN = re.compile(
    r"\\[A-Za-z]{2,}\*?(?=[\[{])|\\(?s:.)|`+|<!--|<(?=[A-Za-z/?!])|<(?=10\.)|\$\$?|%%|!?\[\[|!?\[|\]|@|\{(?=[A-Za-z][\w:.+-]*\}`)"
    r"|\{\{<|\{(?=:?\s*(?:[#.-]|[A-Za-z][\w:-]*=))|\n"
)
_ROLE = re.compile(r"\{([A-Za-z][\w:.+-]*)\}(`+)")
_ATTRIBUTES = re.compile(
    r"\{:?\s*(?:(?:[#.][^\s{}\"'=]+|[A-Za-z][\w:-]*=(?:\"[^\"{}]*\"|'[^'{}]*'|[^\s{}\"']+)|-)(?:\s+|(?=\})))+\}"
)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)(\s[^<>]*|/?)>", re.DOTALL)
_AUTOLINK = re.compile(r"<((?:[A-Za-z][A-Za-z0-9+.-]{1,31}:|10\.)[^\s<>]*)>")
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_DATA_CITE = re.compile(r"\bdata-cite\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
_CODE_TAGS = frozenset("code pre kbd samp tt var script style textarea svg math".split())
_TEX_ARGUMENTS = re.compile(r"(?:\[[^\[\]\n]*\]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})+")
_TITLE = re.compile(r"\s+(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\))", re.DOTALL)
_KEY = re.compile(r"\{([^{}\s]+)\}|([^\W_](?:\w|[:.#$%&+?<>~/-]+(?=\w))*|_\w*)")
DOI_KEY = re.compile(r"\{?(?:doi:|https?://|10\.\d{4,9}/)", re.IGNORECASE)
_OTHER_REFERENCES = re.compile(
    r"(?:fig|tbl|tab|sec|eq|lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem|alg|tip|nte|wrn|imp|cau|sub|prf|video"
    r"|lof|lot|fn)[-:]"
)
_CITE_ROLES = re.compile(
    r"(?:foot)?cite(?::(?:[ptca]|ps|ts|ct|cts|author|year|title|alp|alps|label|labelpar|year-?par\w*|\w{1,12}))?"
    r"|cite[tp]s?"
)
_PROTECTED = "it is code"


@dataclass(slots=True)
class Inline:
    """What inline markup gives beside the layout: citations, their ways of writing, and keys that clash."""

    cited: list[Cited] = field(default_factory=list)
    ways: dict[str, int] = field(default_factory=dict)

    def way(self, name: str) -> None:
        """One more citation is written in this way."""
        self.ways[name] = self.ways.get(name, 0) + 1


class Reader:
    """Reads the inline stretches of one text into a layout."""

    def __init__(self, text: str, blocks: Blocks, layout: Layout, place: Callable[[int], str]) -> None:
        self.text, self.blocks, self.layout, self.place = text, blocks, layout, place
        self.found = Inline()
        self.commented = Ranges(hidden.span for hidden in blocks.hidden)
        self.ats: list[tuple[Span, str]] = []
        self.floor = len(layout.hidden)  # what the blocks hide, in no order with what is found here

    def read(self) -> Inline:
        """Read all stretches."""
        for span in self.blocks.inline:
            self._stretch(span.start, span.end)
        return self.found

    def _stretch(self, at: int, end: int) -> None:
        text = self.text
        brackets: list[tuple[int, bool]] = []
        self.ats = []
        while (token := _TOKEN.search(text, at, end)) is not None:
            at, sign = token.end(), token.group()
            start = token.start()
            if (covered := self.commented.at(start)) is not None:
                at = max(covered.end, at)
            elif sign[0] == "\\" and len(sign) > 2:
                at = self._tex(start, at, end)
            elif sign[0] in "\\\n":
                continue
            elif sign[0] == "`":
                at = self._code(start, len(sign), end)
            elif sign[0] == "<":
                at = self._angle(start, end)
            elif sign[0] == "$":
                at = self._math(start, sign, end)
            elif sign == "%%":
                close = text.find("%%", at, end)
                if close >= 0:
                    self.layout.hide(start, close + 2, "it is a comment")
                    at = close + 2
            elif sign == "{{<":
                close = text.find(">}}", at, end)
                if close >= 0:
                    self.layout.hide(start, close + 3, "it is a shortcode")
                    at = close + 3
            elif sign[0] == "{":
                at = self._role(start, end)
            elif (
                sign.endswith("[[") and (inner := re.compile(r"[^\[\]\n]+\]\](?!\()").match(text, at, end)) is not None
            ):
                at = self._wikilink(start, at, inner.end())
            elif sign[-1] == "[":
                brackets.extend((start + i, sign[0] == "!" and i == 0) for i in range(1 if sign[-2:] != "[[" else 2))
            elif sign == "]":
                at = self._close(brackets, start, end) if brackets else at
            elif sign == "@":
                at = self._at(start, end)
        for span, written_ in self.ats:
            self._cite(span, written_)
            self.found.way("pandoc")

    # --- code, math, tags ---

    def _code(self, start: int, count: int, end: int) -> int:
        close = re.compile(rf"(?<!`)`{{{count}}}(?!`)").search(self.text, start + count, end)
        if close is None:
            return start + count
        self.layout.hide(start, close.end(), _PROTECTED)
        return close.end()

    def _math(self, start: int, sign: str, end: int) -> int:
        after = start + len(sign)
        if sign == "$$":
            close = self.text.find("$$", after, end)
            stop = close + 2
        else:
            if self.text[after : after + 1].isspace():
                return after
            found = re.compile(r"(?<![\s\\])\$(?!\d)").search(self.text, after, end)
            close = found.start() if found else -1
            stop = close + 1
        if close < 0:
            return after
        self.layout.hide(start, stop, "it is math")
        return stop

    def _angle(self, start: int, end: int) -> int:
        text = self.text
        if text.startswith("<!--", start):
            close = text.find("-->", start, end)
            self.layout.hide(start, close + 3 if close >= 0 else end, "it is a comment")
            return close + 3 if close >= 0 else end
        link = _AUTOLINK.match(text, start, end)
        if link is not None and within_doi(text, start):
            return start + 1
        if link is not None:
            if in_link(link[1]):
                self.layout.links.append(Link(Span(start, link.end()), link[1]))
            else:
                self.layout.hide(start, link.end())
            return link.end()
        tag = _TAG.match(text, start, end)
        if tag is None or within_doi(text, start):
            return start + 1
        return self._tag(tag, end)

    def _tag(self, tag: re.Match[str], end: int) -> int:
        text, name = self.text, tag[1].lower()
        if text[tag.start() + 1] == "/" or tag[2].endswith("/"):
            self.layout.hide(tag.start(), tag.end())
            return tag.end()
        close = None
        if name in _CODE_TAGS or name in ("a", "cite"):
            close = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, tag.end(), end)
        if name in _CODE_TAGS:
            stop = close.end() if close else tag.end()
            self.layout.hide(tag.start(), stop, _PROTECTED)
            return stop
        href = _HREF.search(tag[2])
        if name == "a" and close is not None and href is not None:
            target = href[1] or href[2] or href[3] or ""
            if in_link(target):
                inner = Span(tag.end(), close.start())
                fixed = (
                    "it is a link around a picture"
                    if "<img" in inner.of(text).lower() or "![" in inner.of(text)
                    else ""
                )
                self.layout.links.append(Link(Span(tag.start(), close.end()), target, inner, fixed))
                return close.end()
        data = _DATA_CITE.search(tag[2])
        if name == "cite" and data is not None:
            stop = close.end() if close else tag.end()
            self.layout.hide(tag.start(), stop)
            self.found.cited += [
                Cited(key.strip(), Span(tag.start(), stop), self.place(tag.start())) for key in data[1].split(",")
            ]
            return stop
        self.layout.hide(tag.start(), tag.end())
        return tag.end()

    def _tex(self, start: int, at: int, end: int) -> int:
        """A TeX command with its arguments: raw for pandoc, but its citations count."""
        arguments = _TEX_ARGUMENTS.match(self.text, at, end)
        if arguments is None:
            return at
        if re.match(r"\\[A-Za-z]*cite", self.text[start:at]):
            keys = re.compile(r"\{([^{}]*)\}\Z").search(self.text, at, arguments.end())
            if keys is not None:
                roled_keys(self.text, Span(keys.start(1), keys.end(1)), self._cite)
        self.layout.hide(start, arguments.end(), "it is raw TeX")
        return arguments.end()

    # --- roles and wikilinks ---

    def _role(self, start: int, end: int) -> int:
        role = _ROLE.match(self.text, start, end)
        if role is None:
            attributes = _ATTRIBUTES.match(self.text, start, end)
            if attributes is None:
                return start + 1
            self.layout.hide(start, attributes.end(), "it stands in attributes")
            return attributes.end()
        ticks = role[2]
        close = re.compile(rf"(?<!`){ticks}(?!`)").search(self.text, role.end(), end)
        if close is None:
            return role.end()
        inner = Span(role.end(), close.start())
        name = role[1].lower()
        if _CITE_ROLES.fullmatch(name):
            self.layout.hide(start, close.end())
            self.found.way(f"role:{name}")
            roled_keys(self.text, inner, self._cite)
        elif name == "doi" and in_link(inner.of(self.text)):
            self.layout.links.append(Link(Span(start, close.end()), inner.of(self.text)))
        else:
            self.layout.hide(start, close.end(), _PROTECTED if name in ("code", "math", "raw") else "")
        return close.end()

    def _wikilink(self, start: int, inner: int, end: int) -> int:
        content = self.text[inner : end - 2]
        if self.text[start] == "!":
            self.layout.hide(start, end, "it is an embedded file")
            return end
        if content.startswith("@"):
            key = content[1:].split("|")[0].split("#")[0]
            self.layout.hide(start, end)
            self.found.way("wikilink")
            if DOI_KEY.match(key) and in_link(key):
                self.layout.keys.append(Key(Span(inner + 1, inner + 1 + len(key)), key))
            else:
                self.found.cited.append(Cited(key, Span(inner + 1, inner + 1 + len(key)), self.place(start)))
            return end
        if content.startswith(("doi:", "10.", "http")) and in_link(content.split("|")[0]):
            target, _, shown = content.partition("|")
            text = Span(end - 2 - len(shown), end - 2) if shown else None
            self.layout.links.append(Link(Span(start, end), target, text))
            return end
        if "10." in content and any(written(content)):
            return inner
        self.layout.hide(start, end)
        return end

    # --- brackets ---

    def _close(self, brackets: list[tuple[int, bool]], at: int, end: int) -> int:
        """A `]` that closes a bracket: a link, a picture, a citation, or nothing."""
        opened, picture = brackets.pop()
        text = self.text
        inner = Span(opened + (2 if picture else 1), at)
        if text[inner.start : inner.start + 1] == "^":
            self._footnote(opened, inner, at)
            return at + 1
        after = at + 1
        target, stop = None, after
        if text[after : after + 1] == "(":
            target, stop = self._destination(after, end)
        if target is None and text[after : after + 1] == "[":
            named = re.compile(r"\[([^\[\]\n]*)\]").match(text, after, end)
            if named is not None:
                target = self.blocks.definitions.get(label(named[1] or inner.of(text)))
                stop = named.end()
        if target is None and self.blocks.definitions and text[after : after + 1] not in ("(", "["):
            target, stop = self.blocks.definitions.get(label(inner.of(text))), after
        if target is not None:
            self._linked(Span(opened, stop), inner, target, picture)
            return stop
        if any(inner.start <= span.start < inner.end for span, _ in self.ats):
            self._citation(Span(opened, after), inner)
        return after

    def _destination(self, at: int, end: int) -> tuple[str | None, int]:
        """The address in `(address "title")` that begins at `at`, and where it ends."""
        text = self.text
        begin = re.compile(r"\(\s*").match(text, at, end)
        assert begin is not None
        here = begin.end()
        if text[here : here + 1] == "<" and (close := text.find(">", here, end)) >= 0:
            address, here = text[here + 1 : close], close + 1
        else:
            first, depth = here, 0
            while here < end and not text[here].isspace():
                if text[here] == "\\" and here + 1 < end:
                    here += 1
                elif text[here] == "(":
                    depth += 1
                elif text[here] == ")":
                    if depth == 0:
                        break
                    depth -= 1
                here += 1
            address = text[first:here]
        title = _TITLE.match(text, here, end)
        stop = re.compile(r"\s*\)").match(text, title.end() if title else here, end)
        return (address, stop.end()) if stop else (None, at)

    def _linked(self, span: Span, inner: Span, target: str, picture: bool) -> None:
        layout = self.layout
        self.ats = [(at, key) for at, key in self.ats if not span.start <= at.start < span.end]
        if picture:
            self._picture(span, inner)
            return
        inside = _since(layout.hidden, span.start, self.floor)
        pictures = [one for one in inside if one.why == "it is a picture"]
        _since(layout.links, span.start)
        fixed = "it is a link around a picture" if pictures else ""
        if in_link(target) or "10." in inner.of(self.text):
            layout.links.append(Link(span, target, inner, fixed))
        else:
            layout.hide(inner.end, span.end)
            layout.hidden += pictures

    def _picture(self, span: Span, inner: Span) -> None:
        """A picture's address is left alone; its description is a caption, and prose."""
        self.layout.hide(span.start, inner.start, "it is a picture")
        self.layout.hide(inner.end, span.end, "it is a picture")

    def _footnote(self, opened: int, inner: Span, at: int) -> None:
        name = inner.of(self.text)[1:]
        if "10." not in name or self.text[opened - 1 : opened] == "^":
            return
        if name not in self.blocks.notes and self.text[at + 1 : at + 2] != ":" and in_link(name):
            self.layout.links.append(Link(Span(opened, at + 1), name))
        else:
            self.layout.hide(opened, at + 1, "it is the name of a footnote")

    # --- citations ---

    def _at(self, start: int, end: int) -> int:
        text = self.text
        if start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_@/."):
            return start + 1
        if DOI_KEY.match(text, start + 1, end):
            stop = self._doi_key(start, end)
            if stop:
                self.ats.append((Span(start, stop), text[start + 1 : stop]))
                return stop
        key = _KEY.match(text, start + 1, end)
        if key is None:
            return start + 1
        name = key[1] or key[2]
        if not _OTHER_REFERENCES.match(name):
            self.ats.append((Span(start, key.end()), name))
        return key.end()

    def _doi_key(self, start: int, end: int) -> int:
        """Where the DOI in a key's place ends, 0 where there is none."""
        text = self.text
        if text[start + 1] == "{":
            close = text.find("}", start, min(end, start + 400))
            return close + 1 if close >= 0 and in_link(text[start + 2 : close]) else 0
        word = re.compile(r"\S+").match(text, start + 1, min(end, start + 500))
        first = next(written(word.group(), link=False), None) if word else None
        if word is None or first is None or first.start > 60:
            return 0
        return start + 1 + first.end

    def _cite(self, span: Span, name: str) -> None:
        """One key: a DOI that is to be replaced, or a citation that is there already."""
        bare = name.strip("{}")
        if DOI_KEY.match(name) and in_link(bare):
            self.layout.keys.append(Key(span, bare, "@" if self.text[span.start] == "@" else ""))
            return
        begin = self.text.index(bare, span.start)
        self.found.cited.append(Cited(bare, Span(begin, begin + len(bare)), self.place(span.start)))
        self.layout.hide(span.start, span.end)

    def _citation(self, span: Span, inner: Span) -> None:
        """A bracket with keys in it: nothing in it is prose, and a bare DOI among the keys is one too."""
        text = self.text
        inside = [(one, key) for one, key in self.ats if inner.start <= one.start < inner.end]
        self.ats = [pair for pair in self.ats if pair not in inside]
        for one, key in inside:
            self._cite(one, key)
        self.found.way("pandoc")
        at = inner.start
        for part in re.split(r"(;)", inner.of(text)):
            bare = part.strip()
            if bare and "@" not in part and " " not in bare and "10." in bare and in_link(bare):
                begin = at + part.index(bare)
                self.layout.keys.append(Key(Span(begin, begin + len(bare)), bare, "@"))
            at += len(part)
        self.layout.hide(span.start, span.end)


T = TypeVar("T", Hidden, Link)


def _since(found: list[T], start: int, floor: int = 0) -> list[T]:
    """Take off a list what begins behind `start`; what was found last stands last, and `floor` items stay."""
    index = len(found)
    while index > floor and found[index - 1].span.start > start:
        index -= 1
    taken = found[index:]
    del found[index:]
    return taken


_ROLED = re.compile(r"\{[^{}]*\}|[,;]")


def roled_keys(text: str, inner: Span, cite: Callable[[Span, str], None]) -> None:
    """The keys of a citation role: separated by commas, each with words in braces before and behind it, perhaps."""
    at = inner.start
    while at < inner.end:
        skip = re.compile(r"[\s,;]*(?:\{[^{}]*\})?\s*").match(text, at, inner.end)
        at = skip.end() if skip else at
        rest = text[at : inner.end]
        doi = next(iter(written(rest)), None) if DOI_KEY.match(rest) else None
        key = re.compile(r"[^\s,;{}]+").match(text, at, inner.end)
        if doi is not None and doi.start < 60:
            end = at + doi.end
        elif key is not None:
            end = key.end()
        else:
            break
        cite(Span(at, end), text[at:end])
        after = re.compile(r"\s*(?:\{[^{}]*\})?\s*").match(text, end, inner.end)
        at = after.end() if after else end
