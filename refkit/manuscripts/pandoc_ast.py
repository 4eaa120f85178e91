"""pandoc's JSON document: which DOIs it cites, and the references that make these citations whole.

Source: pandoc-types 1.23 (`Cite`, `Citation`, `MetaValue`); pandoc's manual, "Specifying bibliographic data".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from refkit.doi.written import written
from refkit.finding.links import in_link
from refkit.model import Doi, Reading, Work

Ast = dict[str, Any]

_DOI_KEY = re.compile(r"doi:|https?://|10\.\d{4,9}(?:/|$)", re.IGNORECASE)


@dataclass(slots=True)
class Asked:
    """A DOI in a citation of the document: the citation (to be changed in place) and what it may mean."""

    citation: dict[str, Any]
    written: str
    readings: tuple[Reading, ...]


def asked(ast: Ast) -> list[Asked]:
    """The citations of DOIs in a document, in order; DOIs that pandoc cut at a bracket are made whole in `ast`."""
    found: list[Asked] = []
    for inlines in _inline_lists(ast.get("blocks", [])):
        for index, inline in enumerate(inlines):
            if isinstance(inline, dict) and inline.get("t") == "Cite":
                for citation in inline["c"][0]:
                    _make_whole(citation, inlines, index)
                    name = str(citation["citationId"])
                    readings = in_link(name) if _DOI_KEY.match(name) else ()
                    if readings:
                        found.append(Asked(citation, name, readings))
    return found


def _inline_lists(node: Any) -> Iterator[list[Any]]:
    """All lists in a document that hold inlines."""
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, list):
            if any(isinstance(one, dict) and one.get("t") == "Cite" for one in here):
                yield here
            stack.extend(reversed(here))
        elif isinstance(here, dict):
            stack.extend(reversed(list(here.values())))


def _make_whole(citation: dict[str, Any], inlines: list[Any], index: int) -> None:
    """Give a citation the rest of its DOI, which pandoc took for text: keys in it end at a bracket."""
    name = str(citation["citationId"])
    if not _DOI_KEY.match(name):
        return
    inside = citation["citationSuffix"]
    rest = inside if citation["citationMode"]["t"] != "AuthorInText" else inlines
    at = 0 if rest is inside else index + 1
    following = rest[at] if at < len(rest) else None
    if not isinstance(following, dict) or following.get("t") != "Str" or not re.match(r"[/(<\[:;.]", following["c"]):
        return
    both = name + following["c"]
    first = next(iter(written(both)), None)
    if first is None or first.end <= len(name):
        return
    citation["citationId"] = both[: first.end]
    following["c"] = both[first.end :]
    if not following["c"]:
        del rest[at]


def libraries(ast: Ast) -> list[str]:
    """The bibliographies that the document's metadata names."""
    value = ast.get("meta", {}).get("bibliography")
    if value is None:
        return []
    values = value["c"] if value["t"] == "MetaList" else [value]
    return [name for name in (_plain(one) for one in values) if name]


def _plain(value: Any) -> str:
    if value["t"] == "MetaString":
        return str(value["c"])
    if value["t"] != "MetaInlines":
        return ""
    return "".join(
        str(one["c"]) if one["t"] == "Str" else " " if one["t"] in ("Space", "SoftBreak") else "" for one in value["c"]
    )


def resolve(found: list[Asked], name_of: Callable[[Asked], str | None]) -> None:
    """Give each citation the name that its reference has, where it has one."""
    for one in found:
        name = name_of(one)
        if name is not None:
            one.citation["citationId"] = name


def embed(ast: Ast, works: Mapping[Doi, Work]) -> None:
    """Put works into the document's metadata as `references`, each under the name `doi:…`."""
    if not works:
        return
    references = ast.setdefault("meta", {}).setdefault("references", {"t": "MetaList", "c": []})
    if references["t"] != "MetaList":
        references.update(t="MetaList", c=[{"t": references["t"], "c": references["c"]}])
    for doi, work in works.items():
        references["c"].append(_meta({"id": reference_id(doi), **work.csl}))


def reference_id(doi: Doi) -> str:
    """The name of a reference that is embedded."""
    return f"doi:{doi}"


def _meta(value: Any) -> dict[str, Any]:
    """A CSL value as metadata."""
    if isinstance(value, Mapping):
        return {"t": "MetaMap", "c": {str(key): _meta(inner) for key, inner in value.items()}}
    if isinstance(value, (list, tuple)):
        return {"t": "MetaList", "c": [_meta(inner) for inner in value]}
    if isinstance(value, bool):
        return {"t": "MetaBool", "c": value}
    return {"t": "MetaInlines", "c": _inlines(str(value))}


_MARKUP = re.compile(
    r"<(/?)(i|b|sub|sup|sc)>|<span style=\"font-variant:\s*small-caps;?\">|<span class=\"nocase\">|</span>|\s+"
)
_KINDS = {"i": "Emph", "b": "Strong", "sub": "Subscript", "sup": "Superscript", "sc": "SmallCaps"}


def _inlines(text: str) -> list[dict[str, Any]]:
    """A text with CSL's small markup as inlines."""
    stack: list[tuple[str, list[dict[str, Any]]]] = [("", [])]
    at = 0
    for mark in _MARKUP.finditer(text):
        if mark.start() > at:
            stack[-1][1].append({"t": "Str", "c": text[at : mark.start()]})
        at = mark.end()
        sign = mark.group()
        if sign.isspace():
            stack[-1][1].append({"t": "Space"})
        elif sign.startswith("</"):
            if len(stack) > 1:
                _close(stack)
        else:
            stack.append((_KINDS.get(mark[2] or "", "SmallCaps" if "small-caps" in sign else "Span"), []))
    if at < len(text):
        stack[-1][1].append({"t": "Str", "c": text[at:]})
    while len(stack) > 1:
        _close(stack)
    return stack[0][1]


def _close(stack: list[tuple[str, list[dict[str, Any]]]]) -> None:
    kind, inner = stack.pop()
    content: Any = [["", ["nocase"], []], inner] if kind == "Span" else inner
    stack[-1][1].append({"t": kind, "c": content})
