"""A Crossref record → Work, for every type and every age of the API; repair happens here, once.

Absent, empty and null mean the same. Nothing in a record can make this raise: what cannot be used is left out.
Source: Crossref REST API docs, `GET /works/{doi}`; Crossref deposit schema 5.5; csl-data.json 1.0.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from refkit.formats.types import CROSSREF, csl_of_crossref
from refkit.model import Origin, Work
from refkit.formats.plain import without_markup
from refkit.sources import dates
from refkit.sources.markup import paragraphs, plain, rich
from refkit.sources.names import Name, from_contributor, mend_capitals

Csl = dict[str, Any]

_ARTICLE = frozenset(("journal-article", "journal-issue", "journal-volume", "journal"))
_BOOK = frozenset(kind for kind, row in CROSSREF.items() if row.csl == "book" and not kind.startswith("proceedings"))
_PART = frozenset(
    (
        "book-chapter",
        "book-section",
        "book-part",
        "book-track",
        "reference-entry",
        "proceedings-article",
        "other",
        "component",
    )
)
_PERIODICAL = frozenset(
    ("journal", "journal-issue", "journal-volume", "book-series", "proceedings-series", "report-series")
)
_ISSUED_BY_INSTITUTION = frozenset(("report", "report-component", "report-series", "dissertation", "posted-content"))
_ROLES = {
    "author": "author",
    "editor": "editor",
    "translator": "translator",
    "chair": "chair",
    "contributor": "contributor",
}
# Kept as they are: no CSL word, and merging, reports or a reader may want them.
_KEPT = ("type", "subtype", "member", "prefix", "is-referenced-by-count", "references-count", "license", "funder", "relation", "update-to", "updated-by", "group-title", "alternative-id", "archive", "clinical-trial-number", "special_numbering", "issn-type", "isbn-type", "project", "award", "review", "free-to-read", "description", "subject", "degree")  # fmt: skip
_SERVERS = {
    "10.20944": "Preprints.org", "10.2139": "SSRN", "10.26434": "ChemRxiv", "10.21203": "Research Square", "10.31234": "PsyArXiv",
    "10.31235": "SocArXiv", "10.31219": "OSF Preprints", "10.31223": "EarthArXiv", "10.36227": "TechRxiv", "10.22541": "Authorea",
    "10.35542": "EdArXiv", "10.31222": "MetaArXiv", "10.32942": "EcoEvoRxiv", "10.33767": "OSF Preprints", "10.14293": "ScienceOpen Preprints",
}  # fmt: skip
"""Preprint servers by DOI prefix, for records that name a subject as `group-title` and a company as publisher."""


def work_from_record(record: Mapping[str, Any], *, origin: Origin) -> Work:
    """The work that a Crossref record describes.

    Parameters: `record`, what stands under `message` (one of `items`) in the API's answer; `origin`, where it came from.
    Source: Crossref REST API docs; facts on two container titles, institutions and dates from recorded replies.
    """
    if not isinstance(record, Mapping):
        return Work({"type": "document"}, {"crossref": {}}, origin)
    return _Reading(record).work(origin)


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str) and item.strip()]
    return []


def _text(value: Any) -> str:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and value:
        return _text(value[0])
    return ""


def _objects(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        return [value]
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


class _Reading:
    """One record while it is read: `csl` and `extra` grow, field by field."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record
        kind = record.get("type")
        self.kind = kind if isinstance(kind, str) and kind else "other"
        subtype = record.get("subtype")
        self.subtype = subtype if isinstance(subtype, str) else ""
        self.csl: Csl = {"type": csl_of_crossref(self.kind, self.subtype)}
        self.extra: dict[str, Any] = {}
        self.math: dict[str, str] = {}

    def work(self, origin: Origin) -> Work:
        self.identifiers()
        self.contributors()
        self.titles()
        self.containers()
        self.numbers()
        self.publisher()
        self.event()
        self.dates()
        self.rest()
        extra: dict[str, Mapping[str, Any]] = {"crossref": self.extra}
        if self.math:
            extra["math"] = self.math
        return Work(self.csl, extra, origin)

    def put(self, name: str, value: str) -> None:
        if value:
            self.csl[name] = value

    # --- fields ----------------------------------------------------------------------------------

    def identifiers(self) -> None:
        record = self.record
        doi = record.get("DOI")
        if isinstance(doi, str) and doi.strip():
            self.csl["DOI"] = doi.strip().translate(_FOLD)
        self.put("URL", _landing_page(record))
        if issns := _issns(record):
            self.csl["ISSN"] = ", ".join(issns)
        if isbns := _isbns(record):
            self.csl["ISBN"] = ", ".join(isbns)

    def contributors(self) -> None:
        beside: dict[str, dict[str, dict[str, str]]] = {}
        for role, variable in _ROLES.items():
            people = self.record.get(role)
            if not people or not isinstance(people, list):
                continue
            names: list[Name] = []
            nameless = 0
            for person in people:
                read = from_contributor(person)
                if read is None:
                    nameless += 1
                    continue
                name, more = read
                if name in names and not more and len(names) < 3:
                    continue  # the same person listed twice in a row
                if more:
                    beside.setdefault(variable, {})[str(len(names))] = more
                names.append(name)
            if mend_capitals(names):
                self.flag("names-in-capitals")
            if names:
                self.csl[variable] = names
            if nameless:
                self.extra.setdefault("nameless", {})[variable] = nameless
        if beside:
            self.extra["names"] = beside

    def flag(self, flag: str) -> None:
        flags = self.extra.setdefault("flags", [])
        if flag not in flags:
            flags.append(flag)

    def titles(self) -> None:
        titles = [text for raw in _strings(self.record.get("title")) if (text := rich(raw, self.math))]
        subtitles = [text for raw in _strings(self.record.get("subtitle")) if (text := rich(raw, self.math))]
        shorts = [text for raw in _strings(self.record.get("short-title")) if (text := rich(raw, self.math))]
        originals = [text for raw in _strings(self.record.get("original-title")) if (text := rich(raw, self.math))]
        if not titles:
            titles = originals[:1] or shorts[:1]
        if not titles:
            return
        title = _without_stop(titles[0])
        subtitle = _without_stop(subtitles[0]) if subtitles else ""
        if subtitle and _letters(subtitle) not in _letters(title):
            self.extra["title"], self.extra["subtitle"] = title, subtitle
            title = f"{title} {subtitle}" if title[-1] in ":?!–—" else f"{title}: {subtitle}"
        self.csl["title"] = title
        bare = without_markup(title)
        if len(bare) > 12 and bare.isupper() and " " in bare:
            self.flag("title-in-capitals")
        if shorts and _letters(shorts[0]) != _letters(title) and len(shorts[0]) < len(title):
            self.csl["title-short"] = _without_stop(shorts[0])
        if originals and _letters(originals[0]) != _letters(title):
            self.csl["original-title"] = _without_stop(originals[0])
        if len(titles) > 1:
            self.extra["other-titles"] = titles[1:]

    def containers(self) -> None:
        longs = [text for raw in _strings(self.record.get("container-title")) if (text := plain(raw))]
        shorts = [text for raw in _strings(self.record.get("short-container-title")) if (text := plain(raw))]
        longs = list(dict.fromkeys(longs))
        if self.kind == "journal-article" and len(longs) > 1:
            full = max(longs[:2], key=len)
            shorts = [*shorts, min(longs[:2], key=len)]
            longs = [full]
        if self.kind in _PERIODICAL:
            self.periodical(longs)
        elif self.kind in _BOOK or self.kind == "proceedings":
            if longs:
                self.csl["collection-title"] = longs[0]
        elif longs:
            series, container = _series_and_container(longs, self.record)
            self.csl["container-title"] = container
            self.put("collection-title", series)
        container = self.csl.get("container-title", "")
        if container and shorts and shorts[0] != container:
            self.csl["container-title-short"] = shorts[0]
        if len(longs) > 2:
            self.extra["container-titles"] = longs

    def periodical(self, longs: list[str]) -> None:
        """A journal, an issue, a series: its title is its own name; an issue with a theme has both."""
        if not longs:
            return
        if "title" not in self.csl:
            self.csl["title"] = longs[0]
        elif self.csl["title"] != longs[0]:
            self.csl["container-title"] = longs[0]

    def numbers(self) -> None:
        record, csl = self.record, self.csl
        issue = record.get("journal-issue")
        volume = _text(record.get("volume"))
        number = _text(record.get("issue")) or (_text(issue.get("issue")) if isinstance(issue, Mapping) else "")
        for name, value in (("volume", volume), ("issue", number)):
            if value and value.lower() not in _NOTHING:
                csl[name] = value
        pages = _pages(_text(record.get("page")))
        article = _text(record.get("article-number"))
        if article.lower() in _NOTHING:
            article = ""
        if pages and csl["type"] == "book" and re.fullmatch(r"[\divxlc, +]+(?: ?pp?\.?)?", pages):
            csl["number-of-pages"] = pages
        elif pages and not (article and pages == "1"):
            csl["page"] = pages
        if article:
            # An article number is CSL's `number`; `page` repeats it, since most styles look only there (as Elsevier does).
            csl["number"] = article
            csl.setdefault("page", article)
        edition = _text(record.get("edition-number")) or _text(record.get("edition_number"))
        self.put("edition", edition)
        version = record.get("version")
        if isinstance(version, Mapping):
            version = version.get("version") or version.get("number")
        self.put("version", _text(version))
        part = _text(record.get("part-number"))
        self.put("part-number", part)
        if self.kind in ("report", "report-component", "standard") and "number" not in csl:
            self.put("number", _report_number(record))

    def publisher(self) -> None:
        record, csl = self.record, self.csl
        publisher = _text(record.get("publisher"))
        place = _text(record.get("publisher-location"))
        bodies = _objects(record.get("institution"))
        body = next((name for item in bodies if (name := _text(item.get("name")))), "")
        if self.kind in _ISSUED_BY_INSTITUTION and body:
            if publisher and publisher != body:
                self.extra["publisher"] = publisher
            departments = _strings(bodies[0].get("department"))
            if departments and departments[0] != "-":
                csl["division"] = plain(departments[0])
            publisher = body
            place = next((text for text in _strings(bodies[0].get("place")) if text.strip("- ")), "") or place
        elif self.kind == "posted-content" and self.subtype in ("preprint", ""):
            server = _server(record)
            if server and server != publisher:
                self.extra["publisher"] = publisher
                publisher = server
        elif body and body != publisher:
            self.extra["institution"] = body
        if self.kind == "standard":
            standards = next(
                (name for item in _objects(record.get("standards-body")) if (name := _text(item.get("name")))), ""
            )
            if standards and "author" not in csl:
                csl["author"] = [{"literal": standards}]
        self.put("publisher", publisher if publisher.lower() not in _NOTHING else "")
        self.put("publisher-place", plain(place))
        degree = _strings(record.get("degree"))
        if degree and self.kind in ("dissertation", "posted-content"):
            csl["genre"] = plain(degree[0])
        elif self.kind == "posted-content" and self.subtype == "preprint":
            csl["genre"] = "Preprint"
        elif self.kind == "posted-content" and self.subtype == "dissertation":
            csl["genre"] = "Dissertation"
        elif self.kind == "peer-review":
            csl["genre"] = "Peer review"

    def event(self) -> None:
        event = next(iter(_objects(self.record.get("event"))), None)
        if event is None:
            return
        name = _text(event.get("name"))
        acronym = _text(event.get("acronym"))
        if name and name.lower() not in _NOTHING:
            self.csl["event-title"] = name
        if place := _text(event.get("location")):
            self.csl["event-place"] = place
        start, end = dates.parts(event.get("start")), dates.parts(event.get("end"))
        if start:
            self.csl["event-date"] = {"date-parts": [start, end] if end and end != start else [start]}
        kept = {key: event[key] for key in ("number", "sponsor", "theme") if event.get(key)}
        if acronym:
            kept["acronym"] = acronym
        if kept:
            self.extra["event"] = kept

    def dates(self) -> None:
        issued, others = dates.issued(self.record, self.kind, bool(self.csl.get("volume") or self.csl.get("issue")))
        if issued:
            self.csl["issued"] = issued
        if others:
            self.extra["dates"] = others

    def rest(self) -> None:
        record = self.record
        for name in _KEPT:
            value = record.get(name)
            if value:
                self.extra[name] = value
        self.extra["type"] = self.kind
        language = record.get("language")
        if isinstance(language, str) and re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?", language.strip()):
            self.csl["language"] = language.strip().replace("_", "-")
        abstract = record.get("abstract")
        if isinstance(abstract, str) and (text := paragraphs(abstract)):
            self.csl["abstract"] = text


_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_NOTHING = frozenset(
    ("", "-", "--", "–", "n/a", "na", "null", "none", "undefined", "0", "00", "n/a-n/a", "no", "unknown")
)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", without_markup(text)).lower()


_ABBREVIATED = re.compile(
    r"(?:\b\w|\b\w\.\w|etc|\bvs|\bet al|\bInc|\bLtd|\bCo|\bNo|\bVol|\bJr|\bSt|\bsp|\bspp|\bcf|\bn|\bnov|\bgen|\bvar|\bsubsp|\.\.)\.$"
)


def _without_stop(title: str) -> str:
    if title.endswith(".") and not _ABBREVIATED.search(title):
        return title[:-1].rstrip() or title
    return title


def _landing_page(record: Mapping[str, Any]) -> str:
    resource = record.get("resource")
    primary = resource.get("primary") if isinstance(resource, Mapping) else None
    url = primary.get("URL") if isinstance(primary, Mapping) else None
    if isinstance(url, str) and re.match(r"https?://\S+$", url.strip()):
        return url.strip()
    url = record.get("URL")
    if isinstance(url, str) and url.strip():
        return re.sub(r"^https?://(?:dx\.)?doi\.org/", "https://doi.org/", url.strip())
    return ""


_ISSN = re.compile(r"(\d{4})-?(\d{3}[\dxX])")


def _issns(record: Mapping[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for value in _strings(record.get("ISSN")) or [
        v for item in _objects(record.get("issn-type")) for v in _strings(item.get("value"))
    ]:
        if match := _ISSN.search(value):
            found[f"{match[1]}-{match[2].upper()}"] = None
    return list(found)


def _isbns(record: Mapping[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for value in _strings(record.get("ISBN")) or [
        v for item in _objects(record.get("isbn-type")) for v in _strings(item.get("value"))
    ]:
        bare = value.strip().rsplit("/", 1)[-1].removeprefix("urn:isbn:").removeprefix("ISBN").strip(" :")
        if len(re.sub(r"\D", "", bare)) in (9, 10, 12, 13) and re.fullmatch(r"[\d -]+[\dxX]", bare):
            found[bare.replace(" ", "-").upper()] = None
    return list(found)


_DASHES = re.compile(r"\s*(?:[\u2010-\u2015\u2212]|-{1,3})\s*")


def _pages(page: str) -> str:
    if not page or page.lower() in _NOTHING:
        return ""
    page = _DASHES.sub("-", re.sub(r"^pp?\.\s*", "", page)).strip("-, ")
    half = len(page) // 2
    if len(page) % 2 and page[half] == "-" and page[:half] == page[half + 1 :]:
        page = page[:half]  # "123-123", "n/a-n/a"
    return "" if page.lower() in _NOTHING else page


_SERIES_WORDS = re.compile(
    r"\b(?:series|lecture notes|notes in|advances in|studies in|proceedings|monographs?|texts in|handbooks? (?:of|on)|annals|transactions"
    r"|communications in|progress in|topics in|methods in|contributions to|collection|library|reihe|schriften|yearbook|symposi(?:um|a))\b",
    re.IGNORECASE,
)


def _series_and_container(longs: list[str], record: Mapping[str, Any]) -> tuple[str, str]:
    """Two container titles are [series, book]; or, without a sign of a series, a book's title and its subtitle."""
    if len(longs) == 1:
        return "", longs[0]
    first, second = longs[0], longs[1]
    says_first, says_second = bool(_SERIES_WORDS.search(first)), bool(_SERIES_WORDS.search(second))
    if says_second and not says_first:
        return second, first
    if (
        not says_first
        and not record.get("ISSN")
        and len(longs) == 2
        and record.get("type") in ("book-chapter", "book-section", "book-part")
    ):
        return "", f"{first}: {second}"
    return first, second


def _report_number(record: Mapping[str, Any]) -> str:
    number = record.get("report-number")
    if text := _text(number):
        return text
    doi = str(record.get("DOI") or "").lower()
    for value in _strings(record.get("alternative-id")):
        bare = value.strip()
        if (
            bare.lower() not in doi
            and not bare.lower().startswith(("10.", "http", "doi"))
            and len(bare) <= 40
            and re.search(r"\d", bare)
        ):
            return plain(bare)
    return ""


def _server(record: Mapping[str, Any]) -> str:
    group = _text(record.get("group-title"))
    if re.search(r"rxiv|preprint|ssrn|\bosf\b|archive", group, re.IGNORECASE):
        return group
    prefix = str(record.get("prefix") or "") or str(record.get("DOI") or "").partition("/")[0]
    return _SERVERS.get(prefix, "")
