"""Zotero's items: CSL variable ⇄ field, by item type, read in both directions.

One table for Zotero RDF, Zotero's CSL-JSON and items that are sent. Source: Zotero schema 42 (`csl` maps over
`zotero_schema`'s base fields); what its desktop keeps of a field that a type lacks (a line in Extra).
"""

from __future__ import annotations

from refkit.formats import zotero_schema as schema
from refkit.formats.types import CSL

TYPES = {row.zotero: name for name, row in reversed(list(CSL.items()))} | {
    "preprint": "article",
    "document": "document",
    "manuscript": "manuscript",
    "journalArticle": "article-journal",
    "book": "book",
    "artwork": "graphic",
    "encyclopediaArticle": "entry-encyclopedia",
    "statute": "legislation",
    "film": "motion_picture",
    "videoRecording": "motion_picture",
    "podcast": "broadcast",
    "email": "personal_communication",
    "instantMessage": "personal_communication",
    "radioBroadcast": "broadcast",
}
"""Item type → CSL type."""

EXACT = {
    csl: next((kind for kind in (CSL[csl].zotero, *TYPES) if TYPES.get(kind) == csl), "") for csl in TYPES.values()
}
"""CSL type → the item type that is read back as it."""

BASES: dict[str, tuple[str, ...]] = {
    "title": ("title",),
    "title-short": ("shortTitle",),
    "container-title": ("publicationTitle", "reporter", "code"),
    "container-title-short": ("journalAbbreviation",),
    "collection-title": ("series", "seriesTitle"),
    "collection-number": ("seriesNumber",),
    "volume": ("volume", "codeNumber"),
    "issue": ("issue", "priorityNumbers"),
    "page": ("pages",),
    "number-of-pages": ("numPages",),
    "number-of-volumes": ("numberOfVolumes",),
    "part-number": ("partNumber",),
    "part-title": ("partTitle",),
    "section": ("section", "committee"),
    "edition": ("edition",),
    "version": ("versionNumber",),
    "status": ("status",),
    "scale": ("scale",),
    "dimensions": ("artworkSize", "runningTime"),
    "number": ("number",),
    "authority": ("authority",),
    "publisher": ("publisher",),
    "publisher-place": ("place",),
    "event-place": ("eventPlace",),
    "event-title": ("conferenceName", "meetingName"),
    "original-publisher": ("originalPublisher",),
    "original-publisher-place": ("originalPlace",),
    "chapter-number": ("session",),
    "genre": ("type",),
    "medium": ("medium", "system"),
    "references": ("history", "references"),
    "original-title": ("originalTitle",),
    "ISSN": ("ISSN",),
    "ISBN": ("ISBN",),
    "DOI": ("DOI",),
    "PMID": ("PMID",),
    "PMCID": ("PMCID",),
    "URL": ("url",),
    "language": ("language",),
    "abstract": ("abstractNote",),
    "archive": ("archive",),
    "archive_location": ("archiveLocation",),
    "call-number": ("callNumber", "applicationNumber"),
    "source": ("libraryCatalog",),
}
"""CSL variable → the base fields that state it; the first that a type has is written. `originalTitle` is no field: it
names the line in Extra."""

DATES = {"issued": "date", "accessed": "accessDate", "original-date": "originalDate", "submitted": "filingDate"}
"""CSL's date variables → base fields."""

# Zotero RDF goes by other names in a few places, as its importer has them.
_IN_RDF = {
    ("event-place", "conferencePaper"): "place",
    ("event-title", "presentation"): "meetingName",
    ("version", "dataset"): "version",
    ("number", "journalArticle"): "",
    ("genre", "blogPost"): "genre",
    ("number", "podcast"): "number",
}
_RDF_NAMES = {"authority": "", "status": "", "section": "", "part-number": "", "part-title": "", "scale": "",
              "dimensions": "", "references": "", "chapter-number": "", "genre": "genre"}  # fmt: skip

CREATORS = {
    "author": "author",
    "editor": "editor",
    "translator": "translator",
    "collection-editor": "seriesEditor",
    "container-author": "bookAuthor",
    "contributor": "contributor",
    "chair": "chair",
    "reviewed-author": "reviewedAuthor",
    "recipient": "recipient",
    "interviewer": "interviewer",
    "director": "director",
    "composer": "composer",
    "performer": "castMember",
    "host": "host",
    "guest": "guest",
    "narrator": "narrator",
    "producer": "producer",
    "executive-producer": "executiveProducer",
    "series-creator": "seriesCreator",
    "script-writer": "scriptwriter",
    "organizer": "organizer",
    "original-author": "originalCreator",
}
"""CSL's name variables → Zotero's creator types (schema 42, `csl.names`, and the main type for authors)."""

_OTHER_CREATORS = {"wordsBy": "author", "cosponsor": "author", "commenter": "contributor", "counsel": "contributor",
                   "attorneyAgent": "contributor"}  # fmt: skip


def own_field(variable: str, item_type: str, version: int = schema.VERSION) -> str:
    """The field of this item type that states a variable; "" where it has none."""
    bases = (DATES[variable],) if variable in DATES else BASES.get(variable, ())
    return next((name for base in bases if (name := schema.field_of(base, item_type, version))), "")


def creator_of(variable: str, item_type: str) -> str:
    """The creator type that names of a CSL variable have in items of this type; "" where there is none."""
    known = schema.creators(item_type)
    if variable == "author":
        return known[0] if known and known[0] != "contributor" else ""
    creator = CREATORS.get(variable, "")
    return creator if creator in known and creator != known[0] else ""


def variable_of_creator(creator: str, item_type: str) -> str:
    """The CSL variable that holds creators of this type in items of that type."""
    known = schema.creators(item_type)
    if known and creator == known[0] != "contributor":
        return "author"
    by_name = {name: variable for variable, name in CREATORS.items()}
    return by_name.get(creator) or _OTHER_CREATORS.get(creator, "contributor")


def field(variable: str, item_type: str) -> str:
    """The name under which Zotero RDF holds a variable of items of this type; "" where it has none."""
    if (variable, item_type) in _IN_RDF:
        return _IN_RDF[variable, item_type]
    name = own_field(variable, item_type)
    if name or variable not in BASES:
        return name
    return _RDF_NAMES.get(variable, BASES[variable][0])


def variables() -> tuple[str, ...]:
    """All text variables that Zotero has fields for, in the order in which they are written."""
    return tuple(BASES)


def by_field(item_type: str) -> dict[str, str]:
    """Field → variable, for items of this type; names that other types have are read too."""
    rows: dict[str, str] = {}
    for kind in schema.types():
        for variable in BASES:
            for name in _names(variable, kind):
                rows.setdefault(name, variable)
    for variable, bases in BASES.items():
        rows.setdefault(bases[0], variable)
    rows |= {name: variable for (variable, _), name in _IN_RDF.items() if name and name not in rows}
    rows |= {name: variable for variable in BASES for name in _names(variable, item_type)}
    if item_type == "conferencePaper":
        rows["place"] = "event-place"
    return rows


def _names(variable: str, item_type: str) -> list[str]:
    return [name for base in BASES[variable] if (name := schema.field_of(base, item_type))]
