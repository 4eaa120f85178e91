"""RIS, in three dialects: as most readers take it, as Zotero does, as EndNote does.

Source: RIS spec 2011 as EndNote exports it and the older Reference Manager pages; Zotero's `RIS.js` behaviour as
documented in `docs/fields.md`. CR LF, UTF-8 without a byte order mark, one value a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from refkit.formats import ris_read
from refkit.formats.addresses import is_doi_url, licence
from refkit.formats.dates import date_rows
from refkit.formats.plain import OTHERS, readable
from refkit.formats.ris_table import PERIODICAL, WRITE, tags_of, tags_type
from refkit.formats.types import types_of
from refkit.model import Entry, Library, Work
from refkit.settings import Settings

if TYPE_CHECKING:
    from refkit.formats.editing import Editing


def load(text: str, dialect: str = "") -> Library:
    """The library that a RIS file's text is, with spans; what stands between the records is noted."""
    return ris_read.load(text)


def edit(text: str, settings: Settings, dialect: str = "", encodable: Callable[[str], bool] | None = None) -> Editing:
    """A RIS library open for editing in place."""
    from refkit.formats.ris_edit import RisEditing

    return RisEditing(text, settings)


def dump(entries: Sequence[Entry], settings: Settings, dialect: str = "") -> str:
    """Entries as the text of a RIS file, in the dialect of `settings.ris_dialect`."""
    return "".join(dump_entry(entry.key, entry.work, settings) for entry in entries)


def dump_entry(key: str, work: Work, settings: Settings) -> str:
    """One record, from `TY` to `ER` and a blank line."""
    lines = [f"{tag}  - {value}\r\n" for tag, value in fields_of(key, work, settings)]
    return "".join(lines) + "ER  - \r\n\r\n"


def fields_of(key: str, work: Work, settings: Settings) -> list[tuple[str, str]]:
    """Tags and values of a record in order, without `ER`."""
    return _Writing(key, work, settings).run()


_COMPANY = re.compile(r",\s*(?=(?:Inc|Ltd|LLC|LLP|GmbH|S\.?A|Co|Corp|Pty|PLC|plc|AG|Jr|Sr|II|III|IV)\b\.?)")


def name(person: Mapping[str, Any]) -> str:
    """A CSL name as RIS writes it: `Family, Given, Suffix`; a body without a comma, since every reader takes it for a
    name's."""
    family = str(person.get("family") or "")
    if not family:
        body = str(person.get("literal") or person.get("given") or "")
        return re.sub(r"\s*,\s*", " – ", _COMPANY.sub(" ", body)).strip(" –")
    for particle in ("dropping-particle", "non-dropping-particle"):
        if person.get(particle):
            family = f"{person[particle]} {family}".replace("' ", "'")
    pieces = [re.sub(r"\s*,\s*", " ", family)]
    given, suffix = str(person.get("given") or ""), str(person.get("suffix") or "")
    if given or suffix:
        pieces.append(re.sub(r"\s*,\s*", " ", given))
    if suffix:
        pieces.append(suffix)
    return ", ".join(pieces)


def _line(text: str) -> str:
    return " ".join(text.split("\n")).replace("\r", " ") if "\n" in text or "\r" in text else text


class _Writing:
    """One work while it is written."""

    def __init__(self, key: str, work: Work, settings: Settings) -> None:
        self.key, self.work, self.csl = key, work, work.csl
        self.dialect = settings.ris_dialect
        self.settings = settings
        self.kind = str(work.csl.get("type", "document"))
        self.out: list[tuple[str, str]] = []

    def add(self, tag: str, value: str) -> None:
        if value:
            self.out.append((tag, _line(readable(value))))

    def run(self) -> list[tuple[str, str]]:
        csl, out = self.csl, self.out
        left_out = set(self.settings.leave_out)
        kind, ris_type = self.kind, self.type()
        out.append(("TY", ris_type))
        tagged = tags_type(kind, ris_type)
        for variable in WRITE:
            value = csl.get(variable)
            if not value and variable == "genre" and kind == "article" and self.work.origin.source == "library":
                value = "Preprint"  # which is what CSL's `article` means; GEN alone says nothing
            if variable == "publisher":
                self.dates()
                self.pages()
                self.serial_numbers()
            if variable == "container-title-short" and value == csl.get("container-title"):
                continue
            if not value or variable in left_out or (variable == "URL" and is_doi_url(csl)):
                continue
            if (
                variable == "publisher-place"
                and tagged == "paper-conference"
                and csl.get("event-place")
                and self.dialect != "endnote"
            ):
                # CY is the conference's. What a user's library says goes under the old tag, which programs pass over.
                if self.work.origin.source == "library":
                    self.add("PP", str(value))
                continue
            for tag in tags_of(variable, tagged, self.dialect) or tags_of(variable, kind, self.dialect):
                if isinstance(value, list):
                    for person in value:
                        if person != OTHERS:  # BibTeX's "and others" would become a person
                            self.add(tag, name(person))
                else:
                    self.add(tag, str(value))
        self.rest()
        return out

    def type(self) -> str:
        own = self.work.extra.get("ris", {})
        if (known := own.get("type")) and own.get("csl") == self.kind:
            return str(known)
        row = types_of(self.work)
        if self.dialect == "zotero":
            # Zotero's importer knows no type for these: GEN with a Type line (below), or one that it maps right.
            if row.zotero in _BY_EXTRA:
                return "GEN"
            if row.zotero == "manuscript":
                return "MANSCPT"
        return row.ris

    def dates(self) -> None:
        issued = self.csl.get("issued")
        if isinstance(issued, Mapping):
            if parts := date_rows(issued):
                first = [str(part) for part in parts[0]]
                first[0] = first[0].zfill(4)
                self.add("PY", first[0])
                if len(first) > 1:
                    month, day = first[1].zfill(2), first[2].zfill(2) if len(first) > 2 else ""
                    self.add("DA", f"{first[0]}/{month}/{day}{'/' if day else ''}")
                elif season := issued.get("season"):
                    self.add("DA", f"{first[0]}///{_SEASONS.get(str(season), season)}")
            elif literal := issued.get("literal") or issued.get("raw"):
                self.add("DA" if self.dialect == "zotero" else "PY", str(literal))
        accessed = self.csl.get("accessed")
        if rows := date_rows(accessed):
            self.add("Y2", "/".join(str(part).zfill(2) for part in rows[0]))

    def pages(self) -> None:
        page = str(self.csl.get("page") or "")
        if not page:
            return
        simple = re.fullmatch(r"([^\s,;-]+)-([^\s,;-]+)", page)
        if simple and simple[1] == simple[2]:
            self.add("SP", simple[1])
        elif simple:
            self.add("SP", simple[1])
            self.add("EP", simple[2])
        else:
            self.add("SP", page)

    def serial_numbers(self) -> None:
        if self.kind in PERIODICAL or self.kind in ("periodical",):
            self.add("SN", str(self.csl.get("ISSN") or self.csl.get("ISBN") or ""))
        elif self.dialect == "zotero":
            # Its importer keeps one SN, and takes an ISSN there for an ISBN.
            if self.kind not in ("report", "standard"):
                self.add("SN", str(self.csl.get("ISBN") or ""))
            if self.csl.get("ISSN"):
                self.add("M2", f"ISSN: {self.csl['ISSN']}")
        elif self.kind not in ("report", "standard"):
            self.add("SN", str(self.csl.get("ISBN") or self.csl.get("ISSN") or ""))

    def rest(self) -> None:
        csl = self.csl
        if keyword := csl.get("keyword"):
            words = keyword if isinstance(keyword, list) else re.split(r"\s*[;,]\s*", str(keyword))
            for word in words:
                self.add("KW", str(word))
        if self.dialect == "zotero":
            self.zotero_lines()
        own = self.work.extra.get("ris", {}).get("fields")
        if isinstance(own, Sequence):
            self.out.extend((str(tag), str(value)) for tag, value in own)
        if self.key:
            self.out.append(("ID", self.key))

    def zotero_lines(self) -> None:
        """M2 lines become lines of Zotero's Extra, and from there its fields (zotero `item.fromJSON`)."""
        csl, row = self.csl, types_of(self.work)
        if self.out[0][1] == "GEN" and row.zotero in _BY_EXTRA:
            self.add("M2", f"Type: {row.zotero}")
        if row.zotero == "standard" and csl.get("number"):
            self.add("M2", f"Number: {csl['number']}")
        if self.key:
            self.add("M2", f"Citation Key: {self.key}")
        for variable, label in (("PMID", "PMID"), ("PMCID", "PMCID")):
            if csl.get(variable):
                self.add("M2", f"{label}: {csl[variable]}")
        self.add("CR", licence(self.work))


_BY_EXTRA = frozenset(("preprint", "standard", "document"))
_SEASONS = {"1": "Spring", "2": "Summer", "3": "Autumn", "4": "Winter"}
