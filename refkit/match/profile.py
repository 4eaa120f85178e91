"""What comparing needs to know of a work, read once from its CSL item."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refkit.match import containers, identifiers, names, places, titles
from refkit.match import words as table
from refkit.match.containers import Container
from refkit.match.fold import ascii_words, name_slug
from refkit.match.identifiers import Identifiers
from refkit.match.names import Person
from refkit.match.places import Number, Pages
from refkit.match.titles import Title
from refkit.model import Work

_ISSN = re.compile(r"\d{4}-?\d{3}[\dX]")
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")

KINDS = {
    "article-journal": "article", "article-magazine": "article", "article-newspaper": "article",
    "paper-conference": "conference",
    "speech": "conference", "chapter": "chapter", "entry": "chapter", "entry-dictionary": "chapter",
    "entry-encyclopedia": "chapter",
    "book": "book", "thesis": "thesis", "report": "report", "dataset": "dataset", "software": "software",
    "review": "review",
    "review-book": "review", "patent": "patent", "standard": "standard", "collection": "book",
    "periodical": "periodical",
}  # fmt: skip
"""CSL's types by what they are to a librarian; other types (`article`, `document`, `webpage`) say little and go with
any.
"""


@dataclass(slots=True, eq=False)
class Profile:
    """A work made comparable.

    `years` are all years it may bear (print and online); `kind` is "" where unknown; `numbers` are a report's number, a
    chapter's, a version and the like, by their CSL names; `address` is a web page's; `quotes` are container, volume,
    issue and pages as written; `stamp` is all that was read: two works of one stamp are copies.
    """

    ids: Identifiers
    kind: str
    title: Title
    people: Sequence[Mapping[str, Any]]
    years: frozenset[int]
    container: Container
    volume: Number
    issue: Number
    pages: Pages
    numbers: tuple[tuple[str, str], ...] = ()
    edition: str = ""
    publisher: str = ""
    address: str = ""
    issn: frozenset[str] = frozenset()
    quotes: tuple[str, str, str, str] = ("", "", "", "")
    stamp: tuple[str, ...] = ()
    _authors: tuple[Person, ...] | None = None

    @property
    def authors(self) -> tuple[Person, ...]:
        """The authors, or the editors where there are none; read when first asked for."""
        if self._authors is None:
            self._authors = names.people(self.people)
        return self._authors

    @property
    def first_family(self) -> str:
        """The first author's family name, "" where there is none."""
        found = names.people(self.people[:1])
        return found[0].family if found else ""


def read(work: Work) -> Profile:
    """The profile of a work; a CSL item with values of the wrong type is read as if it did not have them."""
    csl = work.csl
    said = _strings(csl)
    if work.extra:
        _take_in_eprint(said, work)
    get = said.get
    ids = identifiers.read(said)
    name = get("container-title") or get("event-title") or get("event") or get("container-title-short") or ""
    container = containers.read(name) if name else containers.NO_CONTAINER
    page = get("page") or get("page-first") or ""
    kind = _kind(said, ids, container)
    if not page and kind == "article" and not ids.arxiv:
        page = get("number", "")  # an article number
    quotes = (name, get("volume", ""), get("issue", ""), page)
    # An article number that stands in both places is none of a volume.
    volume, inner = (
        places.number(quotes[1]) if quotes[1] != page or len(page) < 4 else (places.NO_NUMBER, places.NO_NUMBER)
    )
    issue, _ = places.number(quotes[2])
    people = csl.get("author") or csl.get("editor")
    address = "" if kind or container.slug else _address(get("URL", ""), ids.doi)
    told = [f"{field} {text}" for field, text in said.items() if field not in _UNTOLD]
    return Profile(
        ids=ids,
        kind=kind,
        title=titles.read(get("title", ""), container.slug),
        people=people if isinstance(people, (list, tuple)) else (),
        years=years_in(work),
        container=container,
        volume=volume,
        issue=issue or inner,
        pages=places.pages(page) if page else places.NO_PAGES,
        numbers=_numbers(said, kind),
        edition=get("edition", ""),
        publisher=get("publisher", ""),
        address=address,
        issn=frozenset(_ISSN.findall(said["ISSN"].upper())) if "ISSN" in said else frozenset(),
        quotes=quotes,
        stamp=(*sorted(told), ids.doi, address, str(csl.get("issued", "")), str(people)),
    )


_UNTOLD = frozenset(
    """abstract keyword note annote language source accessed URL DOI title-short container-title-short call-number
    archive-place publisher-place status dimensions medium""".split()
)
"""What does not tell one work from another, or is read on its own."""

_NUMBERS = ("chapter-number", "part-number", "section", "version", "supplement-number")
_NUMBERED = frozenset({"report", "standard", "patent", "thesis", "dataset", "software"})
"""Kinds whose `number` tells one work from the next of the same title and people."""


def _take_in_eprint(said: dict[str, str], work: Work) -> None:
    """BibTeX's `eprint` names a preprint in an archive; CSL says it with `archive` and `archive_location`."""
    fields = work.extra.get("bibtex", {}).get("fields")
    if not isinstance(fields, Mapping):
        return
    plain = {str(name).lower(): str(value).strip(' {}"') for name, value in fields.items()}
    if "DOI" not in said and (doi := identifiers.stated_doi({}, (text for text in plain.values() if "doi" in text))):
        said["DOI"] = doi  # DBLP's `ee`, BibDesk's `bdsk-url-1` and the like
    archive = plain.get("archiveprefix") or plain.get("eprinttype") or ""
    if plain.get("eprint") and archive:
        said.setdefault("archive", archive)
        said.setdefault("archive_location", plain["eprint"])


def _numbers(said: Mapping[str, str], kind: str) -> tuple[tuple[str, str], ...]:
    fields = [field for field in _NUMBERS if field in said]
    if kind in _NUMBERED and "number" in said:
        fields.append("number")
    return tuple((field, "".join(ascii_words(said[field]).split())) for field in fields)


def _strings(csl: Mapping[str, Any]) -> dict[str, str]:
    """The values of an item that are text, trimmed; numbers as text, of lists (as Crossref's records have) all texts
    in them.
    """
    said: dict[str, str] = {}
    for name, value in csl.items():
        if type(value) is str:
            said[name] = value.strip()
        elif isinstance(value, (str, int)) and not isinstance(value, bool):
            said[name] = str(value).strip()
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], str):
            several = name in {"ISBN", "ISSN"}
            said[name] = " ".join(str(item) for item in value) if several else value[0].strip()
    return said


def _address(url: str, doi: str) -> str:
    """A web page's address without what varies; "" for a link that is only a DOI."""
    if not url or (doi and doi in url.lower()):
        return ""
    bare = re.sub(r"^https?://(?:www\.)?|[#].*$|/(?:index\.\w+)?$", "", url.strip(), flags=re.IGNORECASE)
    return bare.rstrip("/").lower()


def _kind(said: Mapping[str, str], ids: Identifiers, container: Container) -> str:
    """What the work is; CSL has no type for preprints, which are known by DOI, server or their word for themselves."""
    known = KINDS.get(said.get("type", ""), "")
    served = bool(container.slug) and (
        container.words[0] in table.PREPRINT_SERVERS or container.slug in table.PREPRINT_SERVERS
    )
    if not container.slug and not ids.doi:
        homes = {name_slug(said.get(name, "")) for name in ("archive", "publisher")}
        # CSL's bare `article` is a preprint or working paper (CSL 1.0.2, appendix III); a manuscript is alike.
        bare = said.get("type") in {"article", "manuscript"} and not said.keys() & {"volume", "page"}
        if bare or homes & table.PREPRINT_SERVERS:
            return "preprint"
    if ids.doi and (served or not container.slug) and identifiers.is_preprint_doi(ids.doi):
        return "preprint"
    if served and known in {"", "article", "report"}:
        return "preprint"
    if known in {"", "report"}:
        alone = ids.arxiv and not ids.doi and not container.slug
        if alone or "preprint" in said.get("genre", "").lower():
            return "preprint"
    return known


def years_in(work: Work) -> frozenset[int]:
    """All years in which a work appeared: of `issued`, and of the record's dates in print, online and in an issue."""
    found = years_of(work.csl.get("issued"))
    dates = (work.extra.get("crossref") or {}).get("dates") if work.extra else None
    for name, date in dates.items() if isinstance(dates, Mapping) else ():
        if name.startswith(("published", "issue", "posted")):
            found |= years_of(date if isinstance(date, Mapping) else {"date-parts": [date]})
    return frozenset(found)


def years_of(date: Any) -> set[int]:
    """The year of a CSL date, also where it is only a text; empty where there is none."""
    if isinstance(date, Mapping):
        parts = date.get("date-parts")
        if isinstance(parts, (list, tuple)) and parts and isinstance(parts[0], (list, tuple)) and parts[0]:
            year = parts[0][0]
            if isinstance(year, int):
                return {year}
            if isinstance(year, str) and year.isdecimal():
                return {int(year)}
        date = date.get("literal") or date.get("raw")
    if isinstance(date, int) and not isinstance(date, bool):
        return {date}
    if isinstance(date, str) and (match := _YEAR.search(date)):
        return {int(match[0])}
    return set()
