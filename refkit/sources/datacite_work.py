"""A DataCite record → Work, for every resource type and the shapes of the old and the new API.

The type comes from `resourceTypeGeneral` (DataCite's own mappings have typos), or from the free text where that says
more. Source: DataCite metadata schema 4.6; DataCite REST API docs (`/dois`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from refkit.formats.types import DATACITE
from refkit.model import Origin, Work
from refkit.sources import dates, values
from refkit.sources.markup import paragraphs, plain, rich
from refkit.sources.names import PARTICLES, Name, from_contributor, mend_capitals

_NO_VALUE = re.compile(
    r"\(?:(?:unav|unkn|none|null|tba|etal|unac|unal|unap|unas)\)?|n\. ?a\.?|not (?:available|applicable)", re.IGNORECASE
)
# Free text that says more than "Text", "Other" or nothing (arXiv's, Zenodo's and repositories' habits).
_BY_WORDS = (
    (re.compile(r"journal.?article|^article$|research article", re.IGNORECASE), "JournalArticle"),
    (re.compile(r"preprint", re.IGNORECASE), "Preprint"),
    (re.compile(r"thesis|dissertation", re.IGNORECASE), "Dissertation"),
    (re.compile(r"conference.?(?:paper|abstract|contribution)|proceedings? paper", re.IGNORECASE), "ConferencePaper"),
    (re.compile(r"book.?(?:chapter|section|part)", re.IGNORECASE), "BookChapter"),
    (re.compile(r"^(?:e-?)?book$|monograph", re.IGNORECASE), "Book"),
    (re.compile(r"report|working.?paper|deliverable|technical note", re.IGNORECASE), "Report"),
    (re.compile(r"poster", re.IGNORECASE), "Poster"),
    (re.compile(r"presentation|slides|lecture|talk", re.IGNORECASE), "Presentation"),
    (re.compile(r"dataset|data set|survey data", re.IGNORECASE), "Dataset"),
    (re.compile(r"software|source code", re.IGNORECASE), "Software"),
    (re.compile(r"peer.?review", re.IGNORECASE), "PeerReview"),
    (re.compile(r"blog|web ?(?:page|site)", re.IGNORECASE), "InteractiveResource"),
)
_VAGUE = frozenset(("", "Text", "Other", "Collection"))
_ROLES = {"Editor": "editor", "Translator": "translator", "ProjectLeader": "", "Supervisor": ""}
# Where a journal's article without a journal lies; other publishers of such articles are the journals themselves.
_REPOSITORY = re.compile(
    r"zenodo|figshare|dryad|\bosf\b|open science framework|researchgate|arxiv|\bhal\b|mendeley|dataverse|repositor"
    r"|universi|institut|librar|bibliothe|archiv",
    re.IGNORECASE,
)
_ARXIV = "10.48550/arxiv."
_ARXIV_CLASS = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)$")
_MEDIUM = frozenset(("Image", "PhysicalObject", "Audiovisual", "Sound", "Model", "Instrument", "Workflow"))


def work_from_record(record: Mapping[str, Any], *, origin: Origin) -> Work:
    """The work that a DataCite record describes.

    Parameters: `record`, a JSON:API resource (with `attributes`) or the attributes alone; `origin`, where it came from.
    """
    if not isinstance(record, Mapping):
        return Work({"type": "document"}, {"datacite": {}}, origin)
    if isinstance(record.get("data"), Mapping):
        record = record["data"]
    attributes = record.get("attributes")
    if not isinstance(attributes, Mapping):
        attributes = record
    return _Reading(attributes, record).work(origin)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("title") or ""
    text = values.text(value)
    return "" if _NO_VALUE.fullmatch(text) else text


class _Reading:
    """One record while it is read."""

    def __init__(self, attributes: Mapping[str, Any], resource: Mapping[str, Any]) -> None:
        self.attributes, self.resource = attributes, resource
        types = attributes.get("types")
        types = types if isinstance(types, Mapping) else {}
        self.words = _text(types.get("resourceType") or attributes.get("resource-type-subtype"))
        self.kind = self.general(_text(types.get("resourceTypeGeneral") or attributes.get("resource-type-id")))
        self.csl: dict[str, Any] = {"type": DATACITE[self.kind].csl if self.kind in DATACITE else "document"}
        self.extra: dict[str, Any] = {"type": self.kind}
        self.math: dict[str, str] = {}

    def general(self, known: str) -> str:
        if _ARXIV in str(self.attributes.get("doi") or self.resource.get("id") or "").lower():
            return "Preprint"  # older records call it an article
        known = next((name for name in DATACITE if name.lower() == known.lower().replace("-", "")), known)
        if known in _VAGUE:
            return next((kind for pattern, kind in _BY_WORDS if pattern.search(self.words)), known or "Other")
        return known

    def work(self, origin: Origin) -> Work:
        self.identifiers()
        self.people()
        self.titles()
        self.container()
        self.dates()
        self.rest()
        extra: dict[str, Mapping[str, Any]] = {"datacite": self.extra}
        if self.math:
            extra["math"] = self.math
        return Work(self.csl, extra, origin)

    def put(self, name: str, value: str) -> None:
        if value:
            self.csl[name] = value

    def identifiers(self) -> None:
        doi = self.attributes.get("doi") or self.attributes.get("DOI") or self.resource.get("id")
        self.put("DOI", values.doi(doi))
        url = self.attributes.get("url")
        if isinstance(url, str) and re.match(r"https?://\S+$", url.strip()):
            self.csl["URL"] = url.strip()
        elif "DOI" in self.csl:
            self.csl["URL"] = f"https://doi.org/{self.csl['DOI']}"

    def people(self) -> None:
        names: dict[str, list[Name]] = {"author": []}
        creators = self.attributes.get("creators") or self.attributes.get("author")
        for creator in values.objects(creators):
            self.person(creator, names["author"], "author")
        for contributor in values.objects(self.attributes.get("contributors")):
            role = _ROLES.get(_text(contributor.get("contributorType")), "")
            if role:
                self.person(contributor, names.setdefault(role, []), role)
        for role, people in names.items():
            mend_capitals(people)
            if people:
                self.csl[role] = people

    def person(self, creator: Mapping[str, Any], into: list[Name], role: str) -> None:
        given, family = (
            _text(creator.get("givenName") or creator.get("given")),
            _text(creator.get("familyName") or creator.get("family")),
        )
        whole = _text(creator.get("name") or creator.get("literal") or creator.get("creatorName"))
        organization = creator.get("nameType") == "Organizational"
        if organization or not (family or whole):
            read = from_contributor({"name": whole or family})
        elif family:
            read = from_contributor({"given": given, "family": family})
        else:
            read = from_contributor(_split(whole, creator.get("nameType") == "Personal"))
        if read is None:
            return
        for identifier in values.objects(creator.get("nameIdentifiers")):
            orcid = re.search(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", str(identifier.get("nameIdentifier")))
            if orcid:
                self.extra.setdefault("names", {}).setdefault(role, {})[str(len(into))] = {"ORCID": orcid[0]}
        into.append(read[0])

    def titles(self) -> None:
        main, sub, others = "", "", []
        titles = self.attributes.get("titles") or self.attributes.get("title")
        for title in values.objects(titles) or [{"title": text} for text in values.strings(titles)]:
            text = rich(str(title.get("title") or ""), self.math)
            if not text or _NO_VALUE.fullmatch(text):
                continue
            kind = title.get("titleType")
            if kind == "Subtitle":
                sub = sub or text
            elif not main and not kind:
                main = text
            else:
                others.append(text)
        main = values.without_stop(main or (others.pop(0) if others else ""))
        if main and sub and values.letters(sub) not in values.letters(main):
            main = f"{main} {sub}" if main[-1] in ":?!–—" else f"{main}: {sub}"
        self.put("title", main)
        if others:
            self.extra["other-titles"] = others

    def container(self) -> None:
        container = self.attributes.get("container")
        box: dict[str, Any] = dict(container) if isinstance(container, Mapping) else {}
        if not box.get("title") and (text := _text(self.attributes.get("container-title"))):
            box["title"] = text
        for item in values.objects(self.attributes.get("relatedItems")):
            if item.get("relationType") in ("IsPublishedIn", "IsPartOf") and item.get("titles"):
                titles = values.objects(item.get("titles"))
                box.setdefault("title", _text(titles[0].get("title")) if titles else "")
                for name in ("volume", "issue", "firstPage", "lastPage"):
                    if item.get(name) and not box.get(name):
                        box[name] = item[name]
        title = _text(box.get("title"))
        publisher = _text(self.attributes.get("publisher"))
        if title and title != publisher and not title.startswith("http"):
            variable = "collection-title" if self.csl["type"] in ("book", "report", "thesis") else "container-title"
            self.put(variable, title)
        for name in ("volume", "issue"):
            self.put(name, _text(box.get(name)))
        first, last = _text(box.get("firstPage")), _text(box.get("lastPage"))
        self.put("page", values.pages(f"{first}-{last}" if first and last and first != last else first))
        identifier = _text(box.get("identifier"))
        if box.get("identifierType") == "ISSN" and re.fullmatch(r"\d{4}-?\d{3}[\dXx]", identifier):
            self.put("ISSN", f"{identifier[:4]}-{identifier[-4:].upper()}")
        elif box.get("identifierType") == "ISBN":
            self.put("ISBN", identifier)

    def dates(self) -> None:
        known: dict[str, dict[str, Any]] = {}
        for item in values.objects(self.attributes.get("dates")):
            kind, text = _text(item.get("dateType")), _text(item.get("date"))
            if kind and (date := dates.from_text(text)) and "literal" not in date:
                known.setdefault(kind, date)
        year = _text(self.attributes.get("publicationYear") or self.attributes.get("published"))
        found = re.search(r"\b(?:1[0-9]|2[0-5])\d\d\b", year)
        said = dates.clean([int(found[0])]) if found else []
        issued = known.get("Issued") or (known.get("Available") if self.kind in ("Preprint",) else None)
        if said and (not issued or issued["date-parts"][0][0] != said[0]):
            issued = dates.csl_date(said)  # DataCite cites by publicationYear
        issued = issued or known.get("Available") or known.get("Created")
        available = known.get("Available")
        if issued and available and issued["date-parts"] == [available["date-parts"][0][:1]]:
            issued = available  # the same year, said more exactly
        if issued:
            self.csl["issued"] = issued
        others = {kind: date for kind, date in known.items() if date != issued}
        if others:
            self.extra["dates"] = others

    def rest(self) -> None:
        attributes, csl = self.attributes, self.csl
        publisher = _text(attributes.get("publisher"))
        if publisher.lower() not in values.NOTHING:
            self.put("publisher", publisher)
        self.put("version", _text(attributes.get("version")))
        if csl["type"] == "article":
            csl["genre"] = "Preprint"
        elif (
            csl["type"] in ("thesis", "report", "document", "speech")
            and self.words
            and self.words.lower() != self.kind.lower()
        ):
            self.put("genre", plain(self.words))
        elif self.kind in _MEDIUM and self.words:
            self.put("medium", plain(self.words))
        language = attributes.get("language")
        self.put("language", values.language(language))
        if csl["type"] == "article-journal" and "container-title" not in csl and not _REPOSITORY.search(publisher):
            self.put("container-title", publisher)  # journals on DataCite often register as publishers
        for item in values.objects(attributes.get("descriptions")):
            text = item.get("description")
            if item.get("descriptionType") == "Abstract" and isinstance(text, str) and (abstract := paragraphs(text)):
                csl["abstract"] = abstract
                break
        subjects = [_text(item.get("subject")) for item in values.objects(attributes.get("subjects"))]
        if words := list(dict.fromkeys(word for word in subjects if word)):
            csl["keyword"] = "; ".join(words)
        rights = [
            str(item["rightsUri"])
            for item in values.objects(attributes.get("rightsList"))
            if isinstance(item.get("rightsUri"), str) and item["rightsUri"].strip().startswith(("http://", "https://"))
        ]
        if rights:
            self.extra["license"] = [{"URL": url} for url in rights]
        for name in ("relatedIdentifiers", "fundingReferences", "sizes", "formats", "geoLocations"):
            if attributes.get(name):
                self.extra[name] = attributes[name]
        self.arxiv()

    def arxiv(self) -> None:
        doi = str(self.csl.get("DOI", ""))
        if doi.startswith(_ARXIV):
            self.extra["arxiv"] = doi.removeprefix(_ARXIV)
            subjects = [_text(item.get("subject")) for item in values.objects(self.attributes.get("subjects"))]
            if found := next((match for subject in subjects if (match := _ARXIV_CLASS.search(subject))), None):
                self.extra["arxiv-class"] = found[1]


_LIFE_DATES = re.compile(r"\s*\((?:\*|ca\. ?|[bd]\. ?)?\d{4}[^()]*\)$")


def _split(whole: str, personal: bool) -> dict[str, str]:
    """A DataCite name in one string: "Family, Given"; without a comma a person's only where the record says so."""
    if "," in whole:
        family, _, given = whole.partition(",")
        given, _, suffix = given.strip().partition(",")
        if not personal and (
            len(given.split()) > 4 or re.search(r"\b(?:Inc|Ltd|GmbH|University|Institute|Department)\b", whole)
        ):
            return {"name": whole}
        return {"family": family.strip(), "given": given.strip(), "suffix": suffix.strip()}
    whole = _LIFE_DATES.sub("", whole)
    words = whole.split()
    if not personal or len(words) < 2 or "(" in whole:
        return {"name": whole}
    cut = len(words) - 1
    while cut > 1 and words[cut - 1].lower() in PARTICLES:
        cut -= 1
    return {"given": " ".join(words[:cut]), "family": " ".join(words[cut:])}
