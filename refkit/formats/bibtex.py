"""BibTeX and biblatex, two dialects of one file: entries ⇄ text, by one two-way table.

Values are written in Unicode (or LaTeX letters by setting), text fields escaped, `doi`, `url` and `file` never. What
others wrote is read in full: macros, `#`, months, inheritance, accents, extended names. Fields that the table does
not know survive. Source: btxdoc; biblatex manual §2; Zotero's BibTeX importer as documented in `docs/fields.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from refkit.formats import bibtex_check, bibtex_library, bibtex_names
from refkit.formats.addresses import is_doi_url, licence, verbatim
from refkit.formats.biblatex_model import LANGID, allows
from refkit.formats.bibtex_scan import MONTHS
from refkit.formats.bibtex_table import BIBLATEX_NAMES, BIBTEX_NAMES, MISC_WORDS, Row
from refkit.formats.capitals import protected
from refkit.formats.dates import date_rows, edtf
from refkit.formats.editing import Editing
from refkit.formats.latex import escaped, to_latex, typesettable
from refkit.formats.plain import without_markup
from refkit.formats.types import is_masters, types_of
from refkit.model import Entry, Library, Note, Work
from refkit.settings import Settings

Field = tuple[str, str]


def load(text: str, dialect: str = "bibtex") -> Library:
    """The library that `text` is, with spans; broken blocks are kept and noted.

    Parameters: `text`, a .bib file's text with its own line ends; `dialect`, `bibtex` or `biblatex`.
    """
    return bibtex_library.load(text, dialect)


def check(text: str) -> list[Note]:
    """What bibtexparser reads in `text` otherwise than refkit does; see `bibtex_check`."""
    return bibtex_check.check(text)


def edit(
    text: str, settings: Settings, dialect: str = "bibtex", encodable: Callable[[str], bool] | None = None
) -> Editing:
    """A library open for editing in place; its own dialect counts before `dialect`.

    Parameters: `encodable`, whether the file's encoding has a text's letters: those that it lacks become LaTeX's.
    """
    from refkit.formats.bibtex_edit import BibtexEditing

    return BibtexEditing(text, settings, dialect, encodable)


def dump(entries: Sequence[Entry], settings: Settings, dialect: str = "bibtex") -> str:
    """Entries as the text of a new .bib file, one blank line between them.

    Parameters: `dialect`, `bibtex` or `biblatex`.
    """
    return "\n".join(dump_entry(entry.key, entry.work, settings, dialect) for entry in entries)


def dump_entry(key: str, work: Work, settings: Settings, dialect: str = "bibtex") -> str:
    """One entry, ending in a line feed."""
    entry_type, fields = fields_of(work, settings, dialect)
    indent = settings.indent
    upper = settings.field_case == "upper"
    quoted = settings.quotes == "quotes"
    lines = [f"@{entry_type.upper() if upper else entry_type}{{{key},"]
    for name, value in fields:
        if name in ("crossref", "xdata"):
            continue  # what they bring is written here, and would come twice
        if quoted and value[:1] == "{" and '"' not in value:
            value = f'"{value[1:-1]}"'
        lines.append(f"{indent}{name.upper() if upper else name} = {value},")
    if len(lines) > 1:
        lines[-1] = lines[-1][:-1]
    lines.append("}\n")
    return "\n".join(lines)


def fields_of(work: Work, settings: Settings, dialect: str = "bibtex") -> tuple[str, list[Field]]:
    """The entry type and the fields (name, value with its delimiters) that `dump` writes for a work, in order."""
    return _Writing(work, settings, dialect == "biblatex").run()


class _Writing:
    """One work while it is written."""

    def __init__(self, work: Work, settings: Settings, biblatex: bool) -> None:
        self.work = work
        self.csl = work.csl
        self.settings = settings
        self.biblatex = biblatex
        self.letters = settings.letters == "latex"
        self.type = entry_type(work, biblatex)
        self.math: Mapping[str, str] | None = work.extra.get("math")
        # What a user's own library says is written whole; what a record says, as far as the format wants it.
        self.own = work.origin.source == "library"
        self.out: dict[str, str] = {}

    def run(self) -> tuple[str, list[Field]]:
        csl, out = self.csl, self.out
        usually = {"keywords", "abstract"} if self.biblatex else {"keywords"}
        left_out = set(self.settings.leave_out) | (set() if self.own else usually - set(self.settings.add))
        for row in BIBLATEX_NAMES if self.biblatex else BIBTEX_NAMES:
            value = csl.get(row.csl)
            if value is None and row.csl == "container-title" and csl.get("type") == "periodical":
                value = without_markup(str(csl.get("title") or "")) if self.type == "article" else None
            if value is None and row.csl == "genre" and self.type == "misc":
                value = (
                    "Preprint" if self.own and csl.get("type") == "article" else MISC_WORDS.get(str(csl.get("type")))
                )
            if value is None or value == "":
                continue
            name = row.name(self.type)
            if not name or name in out or name in left_out:
                continue
            if self.biblatex and row.kind != "names" and not self.own and not allows(self.type, name):
                continue  # but nobody's name is lost to a type's field list
            text = _WRITERS[row.kind](self, value, row)
            if text:
                out[name] = text
        self.odd_rows(left_out)
        fields = list(out.items())
        if self.settings.field_order:
            rank = {name: index for index, name in enumerate(self.settings.field_order)}
            fields.sort(key=lambda field: rank.get(field[0], len(rank)))
        return self.type, fields

    def odd_rows(self, left_out: set[str]) -> None:
        """What is no plain row: dates, a preprint's server, types by word, the user's own fields."""
        out, csl = self.out, self.csl
        if self.biblatex:
            self.biblatex_only()
        else:
            if out.get("type") == "{Preprint}" and self.type == "misc" and "publisher" in out:
                # Classic styles print a preprint's server only as howpublished; pandoc would print both.
                out["howpublished"] = out.pop("publisher")
            named = "author" in out or ("editor" in out and self.type in ("book", "inbook", "proceedings"))
            if not named and (words := self.sort_words()):
                # Classic styles sort and label by it where nobody is named; without it apalike runs out of labels.
                out["key"] = self.braced(words)
            if csl.get("type") == "periodical" and self.type == "article":
                out["type"] = "{Journal issue}" if csl.get("issue") else "{Journal}"
            if (rights := licence(self.work)) and "copyright" not in left_out:
                out["copyright"] = verbatim(rights)
            if csl.get("number") == csl.get("page"):
                out.pop("eid", None)
            if origin := edtf(csl.get("original-date")):
                out["origdate"] = "{" + origin + "}"
        if (self.own or "urldate" in self.settings.add) and (accessed := edtf(csl.get("accessed"))):
            out["urldate"] = "{" + accessed + "}"
        if "orcid" in self.settings.add:
            self.orcids()
        if is_doi_url(csl) or (self.biblatex and "doi" in out and not self.own and "url" not in self.settings.add):
            out.pop("url", None)  # biblatex's styles print both, and the DOI is the one that lasts
        self.eprint()
        own = self.work.extra.get("bibtex", {}).get("fields")
        if isinstance(own, Mapping):
            for name, raw in own.items():
                out.setdefault(name, raw)
        if self.biblatex and out.get("eprinttype") == "{arxiv}" and out.get("organization") == "{arXiv}":
            del out["organization"]  # the styles would print it twice
        for name in left_out:
            out.pop(name, None)

    def eprint(self) -> None:
        """An arXiv paper's number: biblatex's names (manual §3.13.7), which Zotero knows too, and arXiv's own."""
        record = self.work.extra.get("datacite", {})
        if not (number := record.get("arxiv")):
            if self.biblatex and self.csl.get("PMID"):
                self.out |= {"eprint": verbatim(str(self.csl["PMID"])), "eprinttype": "{pubmed}"}
            return
        names = {"eprint": number, "eprinttype": "arxiv", "eprintclass": record.get("arxiv-class")}
        if not self.biblatex:
            names |= {"archiveprefix": "arXiv", "primaryclass": names.pop("eprintclass")}
        self.out.update((name, verbatim(str(value))) for name, value in names.items() if value)

    def biblatex_only(self) -> None:
        out, csl = self.out, self.csl
        if csl.get("number") and csl.get("number") == csl.get("page") and "pages" in out:
            out.pop("pages")
        if self.type in ("report", "thesis") and "type" not in out:
            out["type"] = "{phdthesis}" if self.type == "thesis" else "{Report}"
        if (language := csl.get("language")) and "langid" not in out and allows(self.type, "language"):
            out["language"] = self.braced(str(language))  # babel has no name for it
        if csl.get("genre") == "Preprint" and self.type == "online":
            out["pubstate"] = "{prepublished}"
        if "issue" in out and "number" not in out and re.fullmatch(r"\{[\d\W]+\w?\}", out["issue"]):
            out["number"] = out.pop("issue")

    def date(self, issued: Any, row: Row) -> str:
        """`date` in biblatex; `year`, `month` and `day` in BibTeX, which go in by themselves."""
        if not isinstance(issued, Mapping):
            return ""
        out = self.out
        literal = str(issued.get("literal") or issued.get("raw") or "")
        if self.biblatex:
            if text := edtf(issued):
                out["date"] = "{" + text + "}"
            elif literal:
                out["year"] = self.braced(literal)
            for name, variable in (("eventdate", "event-date"), ("origdate", "original-date")):
                if (text := edtf(self.csl.get(variable))) and (self.own or allows(self.type, name)):
                    out[name] = "{" + text + "}"
            return ""
        parts = date_rows(issued)
        if not parts:
            if literal:
                out["year"] = self.braced(literal)
            return ""
        first, last = parts[0], parts[-1]
        out["year"] = "{" + (str(first[0]) if first[0] == last[0] else f"{first[0]}--{last[0]}") + "}"
        if len(first) > 1 and 1 <= first[1] <= 12 and first[0] == last[0]:
            out["month"] = month(first[1], self.settings.months)
            if len(first) > 2 and len(parts) == 1:
                out["day"] = "{" + str(first[2]) + "}"
        elif season := issued.get("season"):
            out["month"] = "{" + _SEASONS.get(str(season), str(season)) + "}"
        return ""

    def sort_words(self) -> str:
        """What an entry without names is sorted by: its title's first words, else its DOI."""
        title = without_markup(str(self.csl.get("title") or ""))
        words = [word for word in re.findall(r"\w+", title) if word.lower() not in ("a", "an", "the")]
        return " ".join(words[:3]) or str(self.csl.get("DOI") or "")

    def orcids(self) -> None:
        people = (
            self.work.extra.get("crossref", {}).get("names") or self.work.extra.get("datacite", {}).get("names") or {}
        )
        for variable in ("author", "editor"):
            found = {
                index: beside["ORCID"] for index, beside in people.get(variable, {}).items() if beside.get("ORCID")
            }
            if found and variable in self.out:
                # biblatex's data annotations (manual §3.7); BibTeX ignores the field.
                marks = "; ".join(f'{int(index) + 1}="{orcid}"' for index, orcid in found.items())
                self.out[f"{variable}+an:orcid"] = "{" + marks + "}"

    def braced(self, text: str) -> str:
        return "{" + escaped(text, self.letters) + "}"

    # --- kinds of values ---------------------------------------------------------------------------

    def names(self, value: Any, row: Row) -> str:
        spoken = self.settings.names == "given-first"
        text = bibtex_names.write(value, self.letters, spoken) if isinstance(value, list) else ""
        if text and f"et-al-{row.csl}" in (self.work.extra.get("crossref", {}).get("flags") or ()):
            text += " and others"  # the record itself says so
        return "{" + text + "}" if text else ""

    def title(self, value: Any, row: Row) -> str:
        text, capitals = typesettable(re.sub(r"[\t\r\n]+", " ", str(value))), self.settings.capitals
        if capitals == "words":
            text = protected(text, self.proper_names(), str(self.csl.get("language", "")))
        latex = to_latex(text, biblatex=self.biblatex, letters=self.letters, math=self.math)
        return "{{" + latex + "}}" if capitals == "title" else "{" + latex + "}"

    def proper_names(self) -> frozenset[str]:
        known = set(self.settings.protect)
        for variable in ("author", "editor"):
            for name in self.csl.get(variable, ())[:20]:
                if family := name.get("family"):
                    known.add(family)
        return frozenset(known)

    def text(self, value: Any, row: Row) -> str:
        if "\n" in value:
            # A blank line parts paragraphs; to TeX and to every importer it is one blank.
            return "{" + "\n\n".join(self.prose(piece, row) for piece in re.split(r"\n\s*\n", str(value))) + "}"
        return "{" + self.prose(str(value), row) + "}"

    def prose(self, text: str, row: Row) -> str:
        latex = to_latex(typesettable(text), biblatex=self.biblatex, letters=self.letters)
        if row.csl in ("abstract", "note", "annote"):
            # No style typesets these, and Zotero's importer does not know the commands.
            latex = latex.replace(r"{\textless}", "<").replace(r"{\textgreater}", ">")
        return latex

    def plain(self, value: Any, row: Row) -> str:
        return self.braced(str(value))

    def journal(self, value: Any, row: Row) -> str:
        if (
            value == self.csl.get("title")
            and row.name(self.type) in ("booktitle", "titleaddon")
            and self.type[:2] != "in"
        ):
            return ""  # a journal's issue is called like the journal
        if row.csl == "container-title-short" and (
            value == self.csl.get("container-title") or self.settings.journal == "abbreviated"
        ):
            return ""
        if row.csl == "container-title" and self.settings.journal == "abbreviated":
            from refkit.formats.journals import abbreviated

            value = self.csl.get("container-title-short") or abbreviated(str(value))
        return self.braced(str(value))

    def literals(self, value: Any, row: Row) -> str:
        """biblatex's literal lists are split at `and`, so a name that has one is held together."""
        text = escaped(str(value), self.letters)
        if self.biblatex and re.search(r"\sand\s", text, re.IGNORECASE):
            text = "{" + text + "}"
        return "{" + text + "}"

    def verbatim(self, value: Any, row: Row) -> str:
        return verbatim(str(value))

    def pages(self, value: Any, row: Row) -> str:
        text = re.sub(r"(?<=\w)\s*[-\u2010-\u2015]+\s*(?=\w)", "--", str(value), count=0 if "," in str(value) else 1)
        return "{" + self.settings.page_dash.join(escaped(piece, self.letters) for piece in text.split("--")) + "}"

    def first(self, value: Any, row: Row) -> str:
        text = str(value)
        one = self.biblatex and not self.own
        return self.braced(re.split(r"[,;]\s*|\s+(?=97[89]|\d{4}-)", text)[0] if one else text)

    def genre(self, value: Any, row: Row) -> str:
        if self.type == "online" or (value == "Preprint" and self.biblatex):
            return ""
        return self.braced(str(value))

    def language(self, value: Any, row: Row) -> str:
        if not self.biblatex:
            return self.braced(str(value))
        code = str(value).lower()
        name = LANGID.get(code) or LANGID.get(code.partition("-")[0]) or (code if code in _BABEL else "")
        return "{" + name + "}" if name else ""

    def keywords(self, value: Any, row: Row) -> str:
        words = value if isinstance(value, list) else re.split(r"\s*[;,]\s*", str(value))
        return self.braced(", ".join(str(word) for word in words if word))


_WRITERS: dict[str, Callable[[_Writing, Any, Row], str]] = {
    "names": _Writing.names, "title": _Writing.title, "text": _Writing.text, "plain": _Writing.plain,
    "journal": _Writing.journal,
    "literals": _Writing.literals, "verbatim": _Writing.verbatim, "pages": _Writing.pages, "first": _Writing.first,
    "genre": _Writing.genre,
    "language": _Writing.language, "keywords": _Writing.keywords, "date": _Writing.date,
}  # fmt: skip


def month(number: int, style: str) -> str:
    """A month as `settings.months` says: a macro, or a value in braces."""
    if style == "macros":
        return MONTHS[number - 1]
    texts = {"numbers": str(number), "names": MONTH_NAMES[number - 1], "short": MONTHS[number - 1].capitalize()}
    return "{" + texts[style] + "}"


MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_BABEL = frozenset(LANGID.values())
_SEASONS = {"1": "Spring", "2": "Summer", "3": "Autumn", "4": "Winter"}


def entry_type(work: Work, biblatex: bool) -> str:
    """The entry type of a work: what its own file called it, else by the tables, else as its fields allow."""
    csl = work.csl
    own = work.extra.get("bibtex", {})
    if (
        (known := own.get("type"))
        and own.get("csl") == csl.get("type")
        and (own.get("dialect") == "biblatex") == biblatex
    ):
        return str(known)
    row = types_of(work)
    kind = row.biblatex if biblatex else row.bibtex
    if kind == "phdthesis" and is_masters(work):
        return "mastersthesis"
    if not biblatex:
        return kind
    if kind in ("incollection", "inreference") and not csl.get("editor"):
        return "inbook"
    if kind in ("collection", "reference") and csl.get("author"):
        return "book"
    if kind == "periodical" and csl.get("author"):
        return "misc"
    if kind == "book" and csl.get("editor") and not csl.get("author"):
        return "collection"
    return kind
