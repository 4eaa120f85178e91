"""A Crossref record → Work, for every type and every age of the API; repair happens here, once.

Absent, empty and null mean the same. Nothing in a record can make this raise: what cannot be used is left out.
Source: Crossref REST API docs, `GET /works/{doi}`; Crossref deposit schema 5.5; csl-data.json 1.0.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from refkit.formats.plain import without_markup, word_set
from refkit.formats.types import CROSSREF, csl_of_crossref
from refkit.model import Origin, Work
from refkit.sources import dates, values
from refkit.sources.markup import paragraphs, plain, rich
from refkit.sources.names import Name, from_contributor, is_et_al, mend_capitals

Csl = dict[str, Any]

_JOURNALS = frozenset(("journal-issue", "journal-volume", "journal"))
_BOOK = frozenset(kind for kind, row in CROSSREF.items() if row.csl == "book" and not kind.startswith("proceedings"))
_PERIODICAL = frozenset(
    ("journal", "journal-issue", "journal-volume", "book-series", "proceedings-series", "report-series")
)
_ISSUED_BY_INSTITUTION = frozenset(("report", "report-component", "report-series", "dissertation", "posted-content"))
_BLOGS = frozenset(("10.53731", "10.59350", "10.59349", "10.54900", "10.57689"))  # Front Matter, Rogue Scholar
_GENRES = {"peer-review": "peer review", "standard": "Standard", "grant": "Grant"}
_ROLES = {
    "author": "author",
    "editor": "editor",
    "translator": "translator",
    "chair": "chair",
    "contributor": "contributor",
}
# Kept as they are: no CSL word, and merging, reports or a reader may want them.
_KEPT = word_set(
    """type subtype member prefix is-referenced-by-count references-count license funder relation update-to updated-by
    group-title alternative-id archive clinical-trial-number special_numbering issn-type isbn-type project award review
    free-to-read description subject degree"""
)


def work_from_record(record: Mapping[str, Any], *, origin: Origin) -> Work:
    """The work that a Crossref record describes.

    Parameters: `record`, what stands under `message` (one of `items`) in the API's answer; `origin`, where it came
    from. Source: Crossref REST API docs; facts on two container titles, institutions and dates from recorded replies.
    """
    if not isinstance(record, Mapping):
        return Work({"type": "document"}, {"crossref": {}}, origin)
    return _Reading(record).work(origin)


class _Reading:
    """One record while it is read: `csl` and `extra` grow, field by field."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record
        kind = record.get("type")
        self.kind = kind if isinstance(kind, str) and kind else "other"
        subtype = record.get("subtype")
        self.subtype = subtype if isinstance(subtype, str) else ""
        if self.subtype == "other" and _is_blog(record):
            self.subtype = "blog"
        self.csl: Csl = {"type": csl_of_crossref(self.kind, self.subtype)}
        self.extra: dict[str, Any] = {}
        self.math: dict[str, str] = {}

    def work(self, origin: Origin) -> Work:
        if self.kind == "grant":
            self.record = _grant(self.record)
        self.identifiers()
        self.contributors()
        self.titles()
        self.containers()
        self.numbers()
        self.publisher()
        self.event()
        self.dates()
        self.rest()
        if self.kind == "other" and "container-title" in self.csl and ("ISBN" in self.csl or "page" in self.csl):
            self.csl["type"] = "chapter"  # part of a book that does not say which
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
        self.put("DOI", values.doi(doi))
        self.put("URL", values.landing_page(record))
        if issns := values.issns(record):
            self.csl["ISSN"] = ", ".join(issns)
        if isbns := values.isbns(record):
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
                    if is_et_al(person):
                        self.flag(f"et-al-{variable}")
                    else:
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
        titles = [text for raw in values.strings(self.record.get("title")) if (text := rich(raw, self.math))]
        subtitles = [
            text
            for raw in values.strings(self.record.get("subtitle"))
            if (text := rich(raw, self.math)) and values.is_subtitle(text, self.record)
        ]
        shorts = [text for raw in values.strings(self.record.get("short-title")) if (text := rich(raw, self.math))]
        originals = [
            text for raw in values.strings(self.record.get("original-title")) if (text := rich(raw, self.math))
        ]
        if not titles:
            titles = originals[:1] or shorts[:1]
        if not titles and self.kind in ("component", "dataset", "other"):
            described = values.text(self.record.get("description"))
            titles = [described] if 0 < len(described) <= 300 else []
        if not titles:
            return
        title = values.without_mark(values.without_stop(values.without_catalogue_marks(titles[0])))
        if subtitles and subtitles[0].endswith(".") and ": " in title:
            self.extra["subtitle"] = subtitles.pop(
                0
            )  # a whole sentence behind a title that has its subtitle: a standfirst
        subtitle = values.without_stop(subtitles[0]) if subtitles else ""
        if subtitle and values.letters(subtitle) not in values.letters(title):
            self.extra["title"], self.extra["subtitle"] = title, subtitle
            title = f"{title} {subtitle}" if title[-1] in ":?!–—" else f"{title}: {subtitle}"
        self.csl["title"] = title
        bare = without_markup(title)
        if len(bare) > 12 and bare.isupper() and " " in bare:
            self.flag("title-in-capitals")
        if shorts and values.letters(shorts[0]) != values.letters(title) and len(shorts[0]) < len(title):
            self.csl["title-short"] = values.without_stop(shorts[0])
        if originals and values.letters(originals[0]) != values.letters(title):
            self.csl["original-title"] = values.without_stop(originals[0])
        if len(titles) > 1:
            self.extra["other-titles"] = titles[1:]

    def containers(self) -> None:
        longs = [
            text
            for raw in values.strings(self.record.get("container-title"))
            if (text := plain(raw)) and not text.startswith(("http://", "https://"))
        ]
        shorts = [text for raw in values.strings(self.record.get("short-container-title")) if (text := plain(raw))]
        longs = list(dict.fromkeys(longs)) or shorts[:1]  # the short title is better than none
        if self.kind in _JOURNALS | {"journal-article"} and len(longs) > 1:
            full = max(longs[:2], key=len)
            shorts = [*shorts, min(longs[:2], key=len)]
            longs = [full]
        if self.kind == "report-series" and longs and "author" in self.csl:
            # A paper in a series, deposited as the series (OECD does so).
            self.csl["type"] = "report"
            self.csl["collection-title"] = longs[0]
        elif self.kind in _PERIODICAL:
            self.periodical(longs)
        elif self.kind in _BOOK or self.kind in ("proceedings", "report", "report-component", "standard"):
            if longs:
                self.csl["collection-title"] = longs[0]
        elif longs:
            series, container = values.series_and_container(longs, self.record)
            self.csl["container-title"] = container
            self.put("collection-title", series)
        container = self.csl.get("container-title", "")
        if container and shorts and (shorts[0] != container or not self.record.get("container-title")):
            self.csl["container-title-short"] = shorts[0]
        if len(longs) > 2:
            self.extra["container-titles"] = longs

    def periodical(self, longs: list[str]) -> None:
        """A journal, an issue, a series: its title is its own name; an issue with a theme has both."""
        if self.kind == "journal":
            longs = longs or [without_markup(str(self.csl.get("title", "")))]
        if not longs or not longs[0]:
            return
        if self.kind in _JOURNALS:
            self.csl["container-title"] = longs[0]
        if "title" not in self.csl:
            self.csl["title"] = longs[0]
        elif self.csl["title"] != longs[0]:
            self.csl["container-title"] = longs[0]

    def numbers(self) -> None:
        record, csl = self.record, self.csl
        issue = record.get("journal-issue")
        volume = values.text(record.get("volume"))
        number = values.text(record.get("issue")) or (
            values.text(issue.get("issue")) if isinstance(issue, Mapping) else ""
        )
        for name, value in (("volume", volume), ("issue", number)):
            if value and value.lower() not in values.NOTHING:
                csl[name] = value
        pages = values.pages(values.text(record.get("page")))
        article = values.text(record.get("article-number"))
        if article.lower() in values.NOTHING:
            article = ""
        if pages and csl["type"] == "book" and re.fullmatch(r"[\divxlc, +]+(?: ?pp?\.?)?", pages):
            csl["number-of-pages"] = pages
        elif pages and not (article and pages == "1"):
            csl["page"] = pages
        if article:
            # An article number is CSL's `number`; `page` repeats it, since most styles look only there.
            csl["number"] = article
            csl.setdefault("page", article)
        edition = values.text(record.get("edition-number")) or values.text(record.get("edition_number"))
        self.put("edition", edition)
        version = record.get("version")
        if isinstance(version, Mapping):
            version = version.get("version") or version.get("number")
        self.put("version", values.text(version))
        part = values.text(record.get("part-number"))
        self.put("part-number", part)
        if self.kind == "grant":
            self.put("number", values.text(record.get("award")))
        if self.kind in ("report", "report-component", "standard") and "number" not in csl:
            self.put("number", values.report_number(record))

    def publisher(self) -> None:
        record, csl = self.record, self.csl
        publisher = values.without_catalogue_marks(values.text(record.get("publisher")))
        place = values.text(record.get("publisher-location"))
        bodies = values.objects(record.get("institution"))
        body = next((name for item in bodies if (name := values.text(item.get("name")))), "")
        if self.kind in _ISSUED_BY_INSTITUTION and body:
            if publisher and publisher != body:
                self.extra["publisher"] = publisher
            departments = values.strings(bodies[0].get("department"))
            if departments and departments[0] != "-":
                csl["division"] = plain(departments[0])
            publisher = body
            place = next((text for text in values.strings(bodies[0].get("place")) if text.strip("- ")), "") or place
        elif self.kind == "posted-content" and self.subtype in ("preprint", ""):
            server = values.server(record)
            if server and server != publisher:
                self.extra["publisher"] = publisher
                publisher = server
        elif body and body != publisher:
            self.extra["institution"] = body
        if self.kind == "standard":
            standards = next(
                (
                    name
                    for item in values.objects(record.get("standards-body"))
                    if (name := values.text(item.get("name")))
                ),
                "",
            )
            if standards and "author" not in csl:
                csl["author"] = [{"literal": standards}]
        if self.csl["type"] == "post-weblog" and publisher:
            csl.setdefault("container-title", publisher)  # whose blog it is
        self.put("publisher", publisher if publisher.lower() not in values.NOTHING else "")
        self.put("publisher-place", values.without_catalogue_marks(plain(place)))
        degree = values.strings(record.get("degree"))
        if degree and self.kind in ("dissertation", "posted-content"):
            csl["genre"] = plain(degree[0])
        elif self.kind == "posted-content" and self.subtype == "preprint":
            csl["genre"] = "Preprint"
        elif self.kind == "posted-content" and self.subtype == "dissertation":
            csl["genre"] = "Dissertation"
        elif self.kind in _GENRES:
            csl["genre"] = _GENRES[self.kind]

    def event(self) -> None:
        event = next(iter(values.objects(self.record.get("event"))), None)
        if event is None:
            return
        name = values.text(event.get("name"))
        acronym = values.text(event.get("acronym"))
        if name and name.lower() not in values.NOTHING:
            self.csl["event-title"] = name
        if self.kind == "proceedings-article" and "event-title" in self.csl:
            self.csl.setdefault("container-title", name)  # the proceedings bear the conference's name
        if place := values.text(event.get("location")):
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
        for name, value in record.items():
            if value and name in _KEPT:
                self.extra[name] = value
        self.extra["type"] = self.kind
        language = record.get("language")
        self.put("language", values.language(language))
        abstract = record.get("abstract")
        if isinstance(abstract, str) and (text := paragraphs(abstract)):
            self.csl["abstract"] = text
        elif (described := values.text(record.get("description"))) and described != self.csl.get("title"):
            self.csl["abstract"] = described


def _is_blog(record: Mapping[str, Any]) -> bool:
    """Whether a posting is a blog's. A record's `prefix` is its present owner's; the DOI keeps its own."""
    return bool({str(record.get("prefix")), str(record.get("DOI")).partition("/")[0]} & _BLOGS)


def _grant(record: Mapping[str, Any]) -> dict[str, Any]:
    """A grant's record in the shape of the others: title, people and dates stand in its project (grant schema 0.2)."""
    project = next(iter(values.objects(record.get("project"))), {})
    titles = [
        title for item in values.objects(project.get("project-title")) for title in values.strings(item.get("title"))
    ]
    people = [
        person
        for role in ("lead-investigator", "co-lead-investigator", "investigator")
        for person in values.objects(project.get(role))
    ]
    start = record.get("award-start") or project.get("award-start")
    out = dict(record)
    for name, value in (("title", titles), ("author", people), ("issued", start)):
        if value and not record.get(name):
            out[name] = value
    if start and not dates.parts(record.get("issued")):
        out["issued"] = start
    return out
