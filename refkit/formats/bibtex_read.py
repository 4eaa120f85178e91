"""One entry of a BibTeX or biblatex library → its work, by way of bibtexparser.

Source: btxdoc; biblatex manual §2.2-2.4 (inheritance, extended names, dates); bibtexparser 2 docs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from refkit.formats import bibtex_names
from refkit.formats.biblatex_model import LANGID
from refkit.formats.bibtex_scan import Block, resolved
from refkit.formats.bibtex_table import ALIASES, BIBLATEX_NAMES, BIBTEX_NAMES, CSL_OF_TYPE, MISC_WORDS, Row
from refkit.formats.dates import from_edtf, from_year
from refkit.formats.latex import from_latex
from refkit.formats.plain import readable, word_set


class Source:
    """What one entry's reading may look at: macros, and the other entries for inheritance."""

    def __init__(self, strings: dict[str, str], raw: dict[str, Block], dialect: str) -> None:
        self.strings, self.raw, self.dialect = strings, raw, dialect

    def read(self, block: Block) -> dict[str, dict[str, Any]]:
        own = self.values(block)
        parts = _Reading(block.type.lower(), self.inherited(block, own, {block.key.lower()}), own, self.dialect).run()
        return parts if block.problem else {**parts, "written": self.written(block, own)}

    def written(self, block: Block, own: dict[str, str]) -> dict[str, Any]:
        """An entry as its library writes it: `type`, and `fields`, name → raw value and its value without macros.

        Parameters: `own`, the entry's own values, without what it inherits.
        """
        raw: dict[str, str] = {}
        for name, value in block.pairs:
            raw.setdefault(name.lower(), value)
        return {"type": block.type.lower(), "fields": {name: (raw[name], value) for name, value in own.items()}}

    def values(self, block: Block) -> dict[str, str]:
        """Field (lower case) → value without delimiters, macros resolved; of a repeated field the first, as BibTeX
        takes it."""
        values: dict[str, str] = {}
        for name, raw in block.pairs:
            values.setdefault(name.lower(), resolved(raw, self.strings))
        return values

    def all_values(self, block: Block) -> dict[str, str]:
        """The same with what the entry inherits."""
        return self.inherited(block, self.values(block), {block.key.lower()})

    def inherited(self, block: Block, own: dict[str, str], seen: set[str]) -> dict[str, str]:
        """`own` and what `xdata` and `crossref` add (biblatex manual §2.4.1; BibTeX's plain copy where names agree).

        Parameters: `seen`, the keys (small letters) that were looked at; each is looked at once, and not too many.
        """
        values = dict(own)
        for key in re.split(r"\s*,\s*", own.get("xdata", "")):
            if (parent := self._parent(key, seen)) is not None:
                for name, value in self.inherited(parent, self.values(parent), seen).items():
                    values.setdefault(name, value)
        if (parent := self._parent(own.get("crossref", ""), seen)) is not None:
            kind = block.type.lower()
            for name, value in self.inherited(parent, self.values(parent), seen).items():
                if name not in _OWN_ALONE:
                    values.setdefault(_inherited_name(name, kind, parent.type.lower()), value)
        return values

    def _parent(self, key: str, seen: set[str]) -> Block | None:
        key = key.strip().lower()
        if key in seen or len(seen) > _PARENTS:
            return None
        parent = self.raw.get(key)
        if parent is not None:
            seen.add(key)
        return parent


_PARENTS = 100
"""So many entries are looked at for what one inherits; a chain of them is no library's intention."""

_OWN_ALONE = word_set(
    """crossref xdata ids label shorthand shorttitle sorttitle sortkey doi url eprint pages author abstract
    keywords note annotation file"""
)
_CHILDREN = word_set("""incollection inbook inproceedings inreference conference bookinbook suppbook suppcollection""")


def _inherited_name(name: str, child: str, parent: str) -> str:
    if child in _CHILDREN and name in ("title", "subtitle", "titleaddon"):
        return f"book{name}"
    if child == "article" and parent == "periodical" and name in ("title", "subtitle"):
        return f"journal{name}"
    return name


_BY_NAME: dict[str, dict[str, Row]] = {}


def _rows(kind: str) -> dict[str, Row]:
    if kind not in _BY_NAME:
        rows: dict[str, Row] = {}
        for row in (*BIBLATEX_NAMES, *BIBTEX_NAMES):
            if (name := row.name(kind)) and name not in rows:
                rows[name] = row
        if kind in ("article", "suppperiodical", "review"):
            rows["journal"] = rows["journaltitle"]
        _BY_NAME[kind] = rows
    return _BY_NAME[kind]


class _Reading:
    """One entry while it is read."""

    def __init__(self, kind: str, values: dict[str, str], own: dict[str, str], dialect: str) -> None:
        self.kind, self.values, self.own, self.dialect = kind, values, own, dialect
        self.csl: dict[str, Any] = {"type": CSL_OF_TYPE.get(kind, "document")}
        self.kept: dict[str, str] = {}
        self.math: dict[str, str] = {}

    def run(self) -> dict[str, dict[str, Any]]:
        rows = _rows(self.kind)
        done = self.odd_rows()
        for name, value in self.values.items():
            if name in done or not value.strip():
                continue
            row = rows.get(name) or rows.get(ALIASES.get(name, ""))
            if row is None or row.csl in self.csl:
                if name in self.own:
                    self.kept[name] = value
                continue
            self.put(row, value)
        self.retype()
        bibtex: dict[str, Any] = {"type": self.kind, "csl": self.csl["type"], "dialect": self.dialect}
        if self.kept:
            bibtex["fields"] = {name: "{" + value + "}" for name, value in self.kept.items()}
        extra: dict[str, Any] = {"bibtex": bibtex}
        if self.math:
            extra["math"] = self.math
        return {"csl": self.csl, "extra": extra}

    def put(self, row: Row, value: str) -> None:
        read = _paragraphs if row.csl == "abstract" else _READERS.get(row.kind)
        result = read(value) if read else from_latex(value, self.math if row.kind == "title" else None)
        if result:
            self.csl[row.csl] = result

    def odd_rows(self) -> set[str]:
        """What is no plain row: dates, subtitles, identifiers, `howpublished`, types by word. Returns the names that
        are done."""
        values, csl = self.values, self.csl
        done = {"crossref", "xdata"} & {name for name in values if name not in self.own}
        done |= self.dates()
        for name, base in (("subtitle", "title"), ("booksubtitle", "booktitle"), ("journalsubtitle", "journaltitle")):
            if values.get(name) and values.get(base) and base not in done:
                joined = f"{values[base]}: {values[name]}"
                row = _rows(self.kind).get(base)
                if row is not None:
                    self.put(row, joined)
                    done |= {name, base}
        if "doi" in values:
            done.add("doi")
            if doi := doi_of(values["doi"]):
                csl["DOI"] = doi
        done |= self.eprint()
        if eid := values.get("eid"):
            done.add("eid")
            csl["number"] = from_latex(eid)
            if not values.get("pages"):
                csl["page"] = csl["number"]
        if how := values.get("howpublished"):
            done.add("howpublished")
            self.howpublished(how)
        done |= self.genre()
        return done

    def howpublished(self, value: str) -> None:
        link = re.search(r"\\(?:url|path)\s*\{([^{}]*)\}|(https?://[^\s{}]+)", value)
        if link and "url" not in self.values:
            self.csl["URL"] = unescaped(link[1] or link[2])
            return
        text = from_latex(value)
        if not (self.values.get("publisher") or self.values.get("organization")):
            self.csl["publisher"] = text
        else:
            self.kept["howpublished"] = value

    def genre(self) -> set[str]:
        value = self.values.get("type", "").strip()
        if self.values.get("pubstate", "").strip() == "prepublished" and self.kind == "online":
            self.csl["genre"] = "Preprint"
            return {"pubstate"}
        if not value:
            return set()
        # biblatex's own keys say no more than the type does.
        if value.lower() in ("phdthesis", "report") or (value.lower() == "techreport" and self.kind == "techreport"):
            return {"type"}
        if words := {
            "mathesis": "Master’s thesis",
            "techreport": "Technical report",
            "resreport": "Research report",
        }.get(value.lower()):
            self.csl["genre"] = words
            return {"type"}
        self.csl["genre"] = from_latex(value)
        return {"type"}

    def eprint(self) -> set[str]:
        kind = (self.values.get("eprinttype") or self.values.get("archiveprefix") or "").strip().lower()
        eprint = self.values.get("eprint", "").strip()
        if kind == "pubmed" and eprint.isdigit():
            self.csl["PMID"] = eprint
            return {"eprint", "eprinttype"}
        return set()

    def dates(self) -> set[str]:
        values, csl = self.values, self.csl
        done: set[str] = set()
        for name, variable in (
            ("date", "issued"),
            ("eventdate", "event-date"),
            ("urldate", "accessed"),
            ("origdate", "original-date"),
            ("lastchecked", "accessed"),
        ):
            if values.get(name) and variable not in csl and (date := from_edtf(from_latex(values[name]))):
                csl[variable] = date
                done.add(name)
        if "issued" in csl or not values.get("year"):
            return done
        csl["issued"] = from_year(
            from_latex(values["year"]), from_latex(values.get("month", "")), values.get("day", "")
        )
        return done | {"year", "month", "day"}

    def retype(self) -> None:
        """What the entry type alone does not say (zotero and pandoc read these words likewise)."""
        csl, kind = self.csl, self.kind
        subtype = self.values.get("entrysubtype", "").lower()
        if kind == "article" and subtype in ("magazine", "newspaper"):
            csl["type"] = f"article-{subtype}"
        elif kind == "mastersthesis" and "genre" not in csl:
            csl["genre"] = "Master’s thesis"
        genre = str(csl.get("genre", "")).lower()
        if kind == "article" and genre in ("journal", "journal issue"):
            csl["type"] = "periodical"
            del csl["genre"]
        if kind in ("misc", "online", "unpublished"):
            archive = (self.values.get("eprinttype") or self.values.get("archiveprefix") or "").lower()
            if (
                genre == "preprint"
                or archive in ("arxiv", "biorxiv", "medrxiv", "chemrxiv")
                or self.values.get("pubstate") == "prepublished"
            ):
                csl["type"] = "article"
                if archive == "arxiv":
                    csl.setdefault("publisher", "arXiv")
            elif genre in _GENRES:
                csl["type"] = _GENRES[genre]
                says_more = csl["type"] in ("review", "standard") or genre == "computer software"
                if kind == "misc" and self.dialect == "bibtex" and not says_more:
                    del csl["genre"]  # it says the type and no more


_GENRES = {word.lower(): kind for kind, word in MISC_WORDS.items()} | {"computer software": "software"}


def doi_of(value: str) -> str:
    """The DOI that a value (without delimiters) wholly is, "" where it is none."""
    from refkit.doi import fold, parse

    text = unescaped(value.strip())
    return str(parse(text) or (fold(text) if text.startswith("10.") else ""))


def unescaped(value: str) -> str:
    """A verbatim value without the escapes that other programs put into it."""
    value = re.sub(r"\\([_#%&$~^{}])", r"\1", value.strip())
    return re.sub(r"\{\\(?:textunderscore|_)\}|\\textunderscore\s*", "_", value)


def _verbatim(value: str) -> str:
    value = value.strip()
    if (match := re.fullmatch(r"\\url\s*\{(.*)\}", value)) is not None:
        value = match[1]
    return unescaped(value)


def _pages(value: str) -> str:
    return re.sub(r"\s*[\u2010-\u2015]\s*|\s*-{2,}\s*", "-", from_latex(value))


def _paragraphs(value: str) -> str:
    # Readable text without markup, as the sources make it.
    pieces = (readable(from_latex(piece)) for piece in re.split(r"\r?\n[ \t]*\r?\n", value))
    return "\n\n".join(piece for piece in pieces if piece)


def _language(value: str) -> str:
    name = from_latex(value).strip()
    return _CODES.get(name.lower(), name)


_CODES = {name: code for code, name in reversed(LANGID.items())} | {
    "usenglish": "en-US",
    "ukenglish": "en-GB",
    "ngerman": "de",
    "american": "en-US",
    "british": "en-GB",
    "brazilian": "pt-BR",
}
_READERS: dict[str, Callable[[str], Any]] = {
    "names": bibtex_names.read, "verbatim": _verbatim, "pages": _pages, "language": _language,
}  # fmt: skip
