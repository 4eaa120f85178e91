"""Citations and bibliographies rendered in a CSL style by citeproc-py, as segments of formatted text.

citeproc-py neither tells works of one author and year apart by letters nor draws numbers together; both are done here,
where the style asks for it. Source: CSL 1.0.2, "Disambiguation" and "Cite Collapsing".
"""

from __future__ import annotations

import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from refkit.errors import UsageError
from refkit.formats.csl_styles import Style
from refkit.formats.csljson import DATES, NAMES

_FLAT = {
    "journalAbbreviation": "container-title-short",
    "shortTitle": "title-short",
    "event": "event-title",
}
_NAME_PARTS = ("family", "given", "suffix", "dropping-particle", "non-dropping-particle")
_NOBODY = "\ue000"
"""Stands for an author who is not to be shown, until what was rendered around it is known."""
_ASIDE = re.compile(rf"{_NOBODY}(?:[,:;.]?\s*)")
_TAG = re.compile(r"<(/?)(i|b|sup|sub|u|sc|span)\b[^<>]*>", re.IGNORECASE)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

_SUFFIXED = re.compile(r"(.+?),\s*((?:[JS]r\b|[IVX]{1,4}\b|Esq\b|Ph\.?D\b|M\.?D\b)\.?)")
"""A given name with the suffix behind it, as Zotero keeps it."""

Segments = tuple[tuple[str, frozenset[str]], ...]
"""Text in pieces, each with how it is set: `i`, `b`, `sup`, `sub`, `u`, `sc`."""


@dataclass(frozen=True, slots=True)
class Cite:
    """One work within a citation; `label` is CSL's (`page`, `chapter`)."""

    key: str
    prefix: str = ""
    suffix: str = ""
    locator: str = ""
    label: str = ""
    suppress_author: bool = False


class _Markup:
    """What citeproc-py asks of an output format: CSL's own small markup, nothing escaped."""

    @staticmethod
    def preformat(text: object) -> str:
        return str(text)

    @staticmethod
    def _tag(name: str) -> Any:
        return staticmethod(lambda text: f"<{name}>{text}</{name}>")

    Italic = Oblique = _tag("i")
    Bold = _tag("b")
    Light = staticmethod(str)
    Underline = _tag("u")
    Superscript = _tag("sup")
    Subscript = _tag("sub")
    SmallCaps = _tag("sc")


def segments(markup: str) -> Segments:
    """Markup as segments; italics within italics stand upright, as CSL has it."""
    out: list[tuple[str, frozenset[str]]] = []
    open_tags: list[str] = []
    at = 0
    for match in (*_TAG.finditer(markup), None):
        piece = markup[at : match.start() if match else len(markup)]
        if piece:
            shown = {tag for tag in open_tags if tag != "span"}
            if open_tags.count("i") % 2 == 0:
                shown.discard("i")
            out.append((piece, frozenset(shown)))
        if match is None:
            break
        at = match.end()
        tag = match[2].lower()
        if match[1]:
            if tag in open_tags:
                open_tags.pop(len(open_tags) - 1 - open_tags[::-1].index(tag))
        else:
            open_tags.append("sc" if tag == "span" and "small-caps" in match[0] else tag)
            if tag == "span" and open_tags[-1] == "sc":
                open_tags[-1] = "span"
    return tuple(_joined(out))


def _joined(pieces: Iterable[tuple[str, frozenset[str]]]) -> Iterable[tuple[str, frozenset[str]]]:
    for shown, group in groupby(pieces, key=lambda piece: piece[1]):
        yield "".join(text for text, _ in group), shown


def plain(pieces: Segments) -> str:
    """Segments without their setting."""
    return "".join(text for text, _ in pieces)


def label_width(entries: Sequence[Segments]) -> int:
    """Characters of the widest number before an entry's tab, 0 where entries have none."""
    labels = [plain(entry).partition("\t") for entry in entries]
    return max((len(label) for label, tab, _ in labels if tab), default=0)


class Rendering:
    """The works of one document in one style.

    Parameters: `style`; `works`, CSL items by key, in the order in which the document first cites them.
    """

    def __init__(self, style: Style, works: Mapping[str, Mapping[str, Any]]) -> None:
        self._style = style
        self._works = {key: _taken(work) for key, work in works.items()}
        self._names = {key: f"k{number}" for number, key in enumerate(works)}
        self._cache: dict[tuple[Cite, ...], Segments] = {}
        layout = style.compiled.root.citation.layout
        self._depends_on_position = bool(style.compiled.root.xpath("//*[@position]"))
        self._delimiter = layout.get("delimiter", "")
        self._numbers_drawn_together = style.part("citation").get("collapse") == "citation-number"
        self._aligned = style.has_bibliography and bool(style.part("bibliography").get("second-field-align"))
        with self._refusing():
            self._open()
            if style.part("citation").get("disambiguate-add-year-suffix") == "true":
                self._tell_apart()

    # --- citeproc-py

    def _open(self) -> None:
        from citeproc import Citation, CitationStylesBibliography
        from citeproc.source.json import CiteProcJSON

        items = [{**work, "id": self._names[key]} for key, work in self._works.items()]
        items += [{**_without_author(work), "id": f"{self._names[key]}-"} for key, work in self._works.items()]
        self._source = CiteProcJSON([_worded(item) for item in items])
        self._list = CitationStylesBibliography(self._style.compiled, self._source, _Markup)
        numbers: dict[str, int] = {}
        for name in self._names.values():
            self._list.register(Citation([_numbered(numbers)(name)]))
        numbers.update((key, number) for number, key in enumerate(self._list.keys))
        if self._style.has_bibliography:
            self._list.sort()
        numbers.update((key, number) for number, key in enumerate(self._list.keys))
        self._numbers = numbers
        self._list.keys = _Keys(self._list.keys)

    def citation(self, cites: Sequence[Cite]) -> Segments:
        """One citation as the document shows it."""
        asked = tuple(cites)
        if asked in self._cache and not self._depends_on_position:
            return self._cache[asked]
        with self._refusing():
            rendered = segments(self._rendered(asked))
        self._cache[asked] = rendered
        return rendered

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Say which style it is that citeproc-py stumbles over."""
        from citeproc.source import VariableError

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # citeproc-py warns of every variable that it does not know
                yield
        except (AttributeError, TypeError, ValueError, LookupError, RecursionError, VariableError) as error:
            raise UsageError(
                f"citeproc-py cannot render the style {self._style.name} ({type(error).__name__}: {error}).",
                "Choose another; Zotero can change to this one later.",
            ) from error

    def _rendered(self, cites: tuple[Cite, ...]) -> str:
        from citeproc import Citation

        citation = Citation([self._item(cite) for cite in cites])
        citation.bibliography = self._list
        text = str(self._list.cite(citation, lambda item: item.key))
        text = _ASIDE.sub("", text) if _NOBODY in text else text
        if self._numbers_drawn_together and len(cites) > 2 and not any(_has_words(cite) for cite in cites):
            text = _drawn_together(text, self._delimiter)
        return _tidy(text)

    def _item(self, cite: Cite) -> Any:
        from citeproc import Locator

        name = self._names[cite.key] + ("-" if cite.suppress_author else "")
        optional: dict[str, Any] = {}
        if cite.locator:
            optional["locator"] = Locator(cite.label or "page", cite.locator)
        if cite.prefix:
            optional["prefix"] = cite.prefix + (" " if cite.prefix[-1:].isalnum() or cite.prefix[-1:] in ".,:;" else "")
        if cite.suffix:
            optional["suffix"] = (" " if cite.suffix[:1].isalnum() else "") + cite.suffix
        return _numbered(self._numbers)(name, **optional)

    def bibliography(self) -> list[tuple[str, Segments]]:
        """The bibliography in the style's order: each work's key and its entry; where the style sets its numbers apart,
        a tab follows them."""
        if not self._style.has_bibliography:
            return []
        key_of = {name: key for key, name in self._names.items()}
        layout = self._style.compiled.root.bibliography.layout
        if self._aligned and len(layout) > 1 and layout[1].get("value") != "\t":
            from lxml import etree

            tab = etree.SubElement(layout, "{http://purl.org/net/xbiblio/csl}text")
            tab.set("value", "\t")
            layout.insert(1, tab)
        with self._refusing():
            return [
                (key_of[item.key], segments(_tidy(str(line))))
                for item in self._list.items
                for line in layout.render_bibliography([item])
            ]

    # --- what citeproc-py leaves

    def _tell_apart(self) -> None:
        """Give letters to works whose citations would read the same (2020a, 2020b), in the bibliography's order."""
        from citeproc.string import String

        alike: dict[tuple[str, str], list[str]] = defaultdict(list)
        for key, work in self._works.items():
            people = work.get("author") or work.get("editor") or [{}]
            year = ((work.get("issued") or {}).get("date-parts") or [[""]])[0][:1]
            alike[str(people[0].get("family", work.get("title", ""))), str(year)].append(key)
        for keys in (keys for keys in alike.values() if len(keys) > 1):
            shown: dict[str, list[str]] = defaultdict(list)
            for key in keys:
                shown[self._rendered((Cite(key),))].append(key)
            for same in (same for same in shown.values() if len(same) > 1):
                same.sort(key=lambda key: self._numbers[self._names[key]])
                for number, key in enumerate(same):
                    for name in (self._names[key], f"{self._names[key]}-"):
                        self._source[name]["year_suffix"] = String(_letters(number))
        self._list._cites.clear()  # trial citations are none that a later one could refer to


class _Keys(list[str]):
    """The bibliography's keys with quick look-ups; one that ends in `-` is the same work without its author.

    citeproc-py puts the works of a citation into the order of their places here, unasked; that all have the same place
    leaves the author's order, and the style may still sort them.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__(keys)
        self._all = frozenset(self)

    def index(self, key: object, *_: object) -> int:
        """The same for all."""
        return 0

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.removesuffix("-") in self._all


def _numbered(numbers: Mapping[str, int]) -> Any:
    """citeproc-py's item of a citation with the number that its work has in the bibliography."""
    from citeproc import CitationItem

    class Numbered(CitationItem):  # type: ignore[misc]  # citeproc-py has no types
        @property
        def number(self) -> int:
            return numbers[self.key.removesuffix("-")] + 1

    return Numbered


def _has_words(cite: Cite) -> bool:
    return bool(cite.prefix or cite.suffix or cite.locator)


def _taken(work: Mapping[str, Any]) -> dict[str, Any]:
    """An item with only what citeproc-py can take: names it knows, dates with parts, markup as it is."""
    out: dict[str, Any] = {"type": work.get("type") or "document"}
    for given, value in work.items():
        name = _FLAT.get(given, given)
        if name in DATES:
            if isinstance(value, Mapping) and (rows := [row for row in value.get("date-parts") or [] if row]):
                out[name] = {"date-parts": rows[:2]}
            elif isinstance(value, Mapping) and (words := value.get("literal") or value.get("raw")):
                out[name] = {"literal": str(words)}
        elif name in NAMES and isinstance(value, (list, tuple)):
            if people := [_person(one) for one in value if isinstance(one, Mapping)]:
                out[name] = people
        elif isinstance(value, (str, int)) and name not in ("abstract", "citation-key", "id", "type", "note"):
            out.setdefault(name, str(value))
    return out


def _person(one: Mapping[str, Any]) -> dict[str, str]:
    if one.get("literal"):
        return {"family": str(one["literal"])}
    person = {part: str(one[part]) for part in _NAME_PARTS if one.get(part)}
    if "suffix" not in person and (match := _SUFFIXED.fullmatch(person.get("given", ""))):
        person["given"], person["suffix"] = match[1], match[2]
    return person


def _without_author(work: Mapping[str, Any]) -> dict[str, Any]:
    role = next((role for role in ("author", "editor", "translator") if work.get(role)), None)
    return {**work, role: [{"family": _NOBODY}]} if role else dict(work)


def _worded(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item whose names are citeproc-py's own kind of text, which alone can change its case."""
    from citeproc.string import String

    def person(one: Mapping[str, str]) -> dict[str, Any]:
        return {part: String(text) for part, text in one.items()}

    return {name: [person(one) for one in value] if name in NAMES else value for name, value in item.items()}


def _letters(number: int) -> str:
    """a to z, then aa, ab …"""
    word = ""
    number += 1
    while number:
        number, place = divmod(number - 1, 26)
        word = _LETTERS[place] + word
    return word


_NUMBER = re.compile(r"(\[?)(\d+)(\]?)")


def _drawn_together(text: str, delimiter: str) -> str:
    """[1], [2], [3] as [1]–[3], where nothing but numbers stands between the delimiters."""
    opened = re.match(r"^((?:<\w+>)?[\[(]?)(.*?)([\])]?(?:</\w+>)?)$", text)
    if opened is None or not delimiter:
        return text
    whole = _NUMBER.fullmatch(text.split(delimiter)[0]) is not None
    before, inner, after = ("", text, "") if whole else (opened[1], opened[2], opened[3])
    found = [_NUMBER.fullmatch(one) for one in inner.split(delimiter)]
    if not all(found):
        return text
    numbers = [int(one[2]) for one in found if one]
    left, right = found[0][1] if found[0] else "", found[0][3] if found[0] else ""
    parts: list[str] = []
    for _, group in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        run = [f"{left}{number}{right}" for _, number in group]
        parts += [f"{run[0]}–{run[-1]}"] if len(run) > 2 else run
    return before + delimiter.join(parts) + after


def _tidy(text: str) -> str:
    """Doubled signs at seams, which citeproc-py leaves where markup stands between."""
    text = re.sub(r" {2,}", " ", text)
    text = re.sub(r"([.?!])((?:</\w+>)*[”\"’]?)\.(?=\s|$)", r"\1\2", text)
    return text.strip(" ")
