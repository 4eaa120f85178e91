"""Zotero's items: CSL variable ⇄ field, by item type, read in both directions.

Source: Zotero schema 41 (`fields`, `csl` maps); what its desktop keeps of a field that a type lacks (a line in Extra).
"""

from __future__ import annotations

from refkit.formats.types import CSL

TYPES = {row.zotero: name for name, row in reversed(list(CSL.items()))} | {
    "preprint": "article",
    "document": "document",
    "manuscript": "manuscript",
    "journalArticle": "article-journal",
    "book": "book",
    "statute": "legislation",
    "videoRecording": "motion_picture",
    "podcast": "song",
    "email": "personal_communication",
    "instantMessage": "personal_communication",
    "radioBroadcast": "broadcast",
}
"""Item type → CSL type."""

_FIELDS: dict[str, tuple[str, dict[str, str]]] = {
    "title": ("title", {"case": "caseName", "statute": "nameOfAct", "email": "subject"}),
    "title-short": ("shortTitle", {}),
    "container-title": (
        "publicationTitle",
        {
            "bookSection": "bookTitle",
            "conferencePaper": "proceedingsTitle",
            "encyclopediaArticle": "encyclopediaTitle",
            "dictionaryEntry": "dictionaryTitle",
            "webpage": "websiteTitle",
            "blogPost": "blogTitle",
            "forumPost": "forumTitle",
            "tvBroadcast": "programTitle",
        },
    ),
    "container-title-short": ("journalAbbreviation", {}),
    "collection-title": ("series", {"report": "seriesTitle", "computerProgram": "seriesTitle", "map": "seriesTitle"}),
    "collection-number": ("seriesNumber", {}),
    "volume": ("volume", {}),
    "issue": ("issue", {}),
    "page": ("pages", {}),
    "number-of-pages": ("numPages", {}),
    "number-of-volumes": ("numberOfVolumes", {}),
    "edition": ("edition", {}),
    "version": ("versionNumber", {"dataset": "version"}),
    "number": (
        "number",
        {"report": "reportNumber", "patent": "patentNumber", "preprint": "archiveID", "journalArticle": ""},
    ),
    "publisher": (
        "publisher",
        {
            "thesis": "university",
            "report": "institution",
            "preprint": "repository",
            "dataset": "repository",
            "computerProgram": "company",
            "film": "distributor",
            "audioRecording": "label",
            "videoRecording": "studio",
            "tvBroadcast": "network",
        },
    ),
    "publisher-place": ("place", {"dataset": "repositoryLocation"}),
    "event-place": ("eventPlace", {"conferencePaper": "place"}),
    "event-title": ("conferenceName", {"presentation": "meetingName"}),
    "genre": (
        "genre",
        {
            "thesis": "thesisType",
            "report": "reportType",
            "manuscript": "manuscriptType",
            "webpage": "websiteType",
            "dataset": "type",
            "standard": "type",
            "presentation": "presentationType",
            "document": "type",
        },
    ),
    "medium": ("medium", {"artwork": "artworkMedium"}),
    "original-title": ("originalTitle", {}),
    "ISSN": ("ISSN", {}),
    "ISBN": ("ISBN", {}),
    "DOI": ("DOI", {}),
    "PMID": ("PMID", {}),
    "PMCID": ("PMCID", {}),
    "URL": ("url", {}),
    "language": ("language", {}),
    "abstract": ("abstractNote", {}),
    "archive": ("archive", {}),
    "archive_location": ("archiveLocation", {}),
    "call-number": ("callNumber", {}),
    "source": ("libraryCatalog", {}),
}

CREATORS = {
    "author": "author",
    "editor": "editor",
    "translator": "translator",
    "collection-editor": "seriesEditor",
    "container-author": "bookAuthor",
    "contributor": "contributor",
    "chair": "contributor",
    "reviewed-author": "reviewedAuthor",
    "recipient": "recipient",
    "interviewer": "interviewer",
    "director": "director",
    "composer": "composer",
}
"""CSL's name variables → Zotero's creator types; the first row of a creator type is read back."""


def field(variable: str, item_type: str) -> str:
    """The field that holds a variable in items of this type; "" where there is none."""
    default, by_type = _FIELDS.get(variable, ("", {}))
    return by_type.get(item_type, default)


def variables() -> tuple[str, ...]:
    """All variables that Zotero has fields for, in the order in which they are written."""
    return tuple(_FIELDS)


def by_field(item_type: str) -> dict[str, str]:
    """Field → variable, for items of this type; names that other types have are read too."""
    rows: dict[str, str] = {}
    for variable, (default, by_type) in _FIELDS.items():
        for name in by_type.values():
            if name:
                rows.setdefault(name, variable)
        rows.setdefault(default, variable)
    rows.update({name: variable for variable in _FIELDS if (name := field(variable, item_type))})
    if item_type == "conferencePaper":
        rows["place"] = "event-place"
    return rows
