"""The table of BibTeX and biblatex: CSL variable ⇄ field, read in both directions, in the order in which fields are
written.

Source: btxdoc §3.2; biblatex manual §2.2; field names that Zotero's importer reads (`docs/fields.md`). Odd rows say
why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One variable: its field's usual `default` name, the names that it has `by_type` ("" for none), and its kind of
    value."""

    csl: str
    default: str
    kind: str
    by_type: Mapping[str, str] = field(default_factory=dict)

    def name(self, entry_type: str) -> str:
        """The field's name in an entry of this type; "" where the type has none."""
        return self.by_type.get(entry_type, self.default)


def _all(names: str, field_name: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), field_name)


_IN_BOOK = "incollection inbook inproceedings inreference conference bookinbook suppbook suppcollection"
_ARTICLE = "article suppperiodical review"
_BOOK = "book mvbook collection mvcollection reference mvreference proceedings mvproceedings booklet manual"
_NUMBERED = (
    # Types without issues of their own: their number is a report's, a patent's, a grant's.
    "techreport report patent standard legislation jurisdiction manual phdthesis mastersthesis thesis misc online "
    "electronic dataset software unpublished"
)
_ORGANIZED = (
    "online misc software standard review image audio video movie music artwork performance legislation "
    "jurisdiction letter"
)

_HEAD = (
    Row("author", "author", "names"),
    Row("editor", "editor", "names"),
    Row("translator", "translator", "names"),
    Row("title", "title", "title"),
    Row("title-short", "shorttitle", "text"),
)

BIBTEX_NAMES: tuple[Row, ...] = (
    *_HEAD,
    # Elsewhere no classic style prints a container; booktitle is what pandoc takes for one.
    Row(
        "container-title",
        "booktitle",
        "journal",
        _all(_ARTICLE, "journal") | _all(_IN_BOOK, "booktitle") | _all(_BOOK, ""),
    ),
    Row("container-title-short", "", "journal", _all(_ARTICLE, "shortjournal")),
    Row("collection-title", "series", "plain"),
    Row("issued", "date", "date"),
    Row("volume", "volume", "plain"),
    Row("issue", "number", "plain", _all(_NUMBERED, "issue")),
    # A series' number is `number` where neither an issue nor a number of its own takes it.
    Row("collection-number", "number", "plain", _all(_ARTICLE + " " + _NUMBERED, "")),
    # Of an article, CSL's `number` is the article number; classic styles know only pages, REVTeX's know `eid`.
    Row("number", "number", "plain", _all(_ARTICLE + " " + _IN_BOOK, "eid")),
    Row("chapter-number", "chapter", "plain"),
    Row("page", "pages", "pages"),
    Row("number-of-pages", "pagetotal", "plain"),
    Row("number-of-volumes", "volumes", "plain"),
    Row("edition", "edition", "plain"),
    Row("version", "version", "plain"),
    Row("genre", "type", "genre"),
    Row("event-title", "eventtitle", "plain"),
    # btxdoc: of a conference paper, `address` is where the conference was.
    Row("event-place", "", "plain", _all("inproceedings conference proceedings", "address")),
    Row("publisher-place", "address", "plain"),
    # One of publisher, institution, school and never two: Zotero would keep the second as "Backup Publisher".
    Row(
        "publisher",
        "publisher",
        "plain",
        _all("techreport report", "institution") | _all("phdthesis mastersthesis thesis", "school"),
    ),
    Row("ISSN", "issn", "first"),
    Row("ISBN", "isbn", "first"),
    Row("DOI", "doi", "verbatim"),
    Row("URL", "url", "verbatim"),
    Row("language", "language", "language"),
    Row("PMID", "pmid", "verbatim"),
    Row("PMCID", "pmcid", "verbatim"),
    Row("keyword", "keywords", "keywords"),
    Row("note", "note", "text"),
    Row("annote", "annote", "text"),
    Row("archive", "archive", "plain"),
    Row("archive_location", "archivelocation", "plain"),
    Row("call-number", "library", "plain"),
    Row("abstract", "abstract", "text"),
)

BIBLATEX_NAMES: tuple[Row, ...] = (
    *_HEAD,
    Row("chair", "editora", "names"),
    Row("original-title", "origtitle", "text"),
    Row("container-title", "", "journal", _all(_ARTICLE, "journaltitle") | _all(_IN_BOOK, "booktitle")
        | _all("misc software booklet online dataset report thesis periodical patent unpublished", "titleaddon")),
    Row("container-title-short", "", "journal", _all(_ARTICLE, "shortjournal")),
    Row("collection-title", "series", "plain"),
    Row("issued", "date", "date"),
    Row("volume", "volume", "plain"),
    # The manual keeps `issue` for names such as "Spring"; a number is `number`.
    Row("issue", "number", "plain", _all(_NUMBERED, "")),
    Row("collection-number", "number", "plain", _all(_ARTICLE + " " + _NUMBERED, "")),
    # Of an article, CSL's `number` is the article number.
    Row("number", "number", "plain", _all(_ARTICLE + " " + _IN_BOOK, "eid")),
    Row("part-number", "part", "plain"),
    Row("chapter-number", "chapter", "plain"),
    Row("page", "pages", "pages"),
    Row("number-of-pages", "pagetotal", "plain"),
    Row("number-of-volumes", "volumes", "plain"),
    Row("edition", "edition", "plain"),
    Row("version", "version", "plain"),
    Row("genre", "type", "genre"),
    Row("event-title", "eventtitle", "plain"),
    Row("event-place", "venue", "plain"),
    Row("publisher-place", "location", "literals"),
    Row("publisher", "publisher", "literals",
        _all("report thesis techreport phdthesis mastersthesis", "institution") | _all(_ORGANIZED, "organization")),
    Row("ISSN", "issn", "first"),
    Row("ISBN", "isbn", "first"),
    Row("DOI", "doi", "verbatim"),
    Row("URL", "url", "verbatim"),
    Row("language", "langid", "language"),
    Row("PMCID", "pmcid", "verbatim"),
    Row("keyword", "keywords", "keywords"),
    Row("note", "note", "text"),
    Row("annote", "annotation", "text"),
    Row("archive", "archive", "plain"),
    Row("archive_location", "archivelocation", "plain"),
    Row("call-number", "library", "plain"),
    Row("abstract", "abstract", "text"),
)  # fmt: skip

ALIASES = {
    "journal": "journaltitle", "address": "location", "school": "institution", "annote": "annotation",
    "hyphenation": "langid", "key": "sortkey",
    "archiveprefix": "eprinttype", "primaryclass": "eprintclass", "fjournal": "journaltitle",
    "keyword": "keywords", "place": "location",
    "lang": "langid", "shortjournaltitle": "shortjournal", "doi url": "doi",
}  # fmt: skip
"""Other names of fields (biblatex manual §2.2.5 and habits of other programs), for reading."""

CSL_OF_TYPE = {
    "article": "article-journal", "periodical": "periodical", "suppperiodical": "article-journal", "book": "book",
    "mvbook": "book",
    "collection": "book", "mvcollection": "book", "reference": "book", "mvreference": "book",
    "proceedings": "book", "mvproceedings": "book",
    "booklet": "pamphlet", "manual": "book", "inbook": "chapter", "bookinbook": "chapter", "suppbook": "chapter",
    "incollection": "chapter",
    "suppcollection": "chapter", "inproceedings": "paper-conference", "conference": "paper-conference",
    "inreference": "entry-encyclopedia",
    "phdthesis": "thesis", "mastersthesis": "thesis", "thesis": "thesis", "techreport": "report",
    "report": "report", "unpublished": "manuscript",
    "misc": "document", "online": "webpage", "electronic": "webpage", "www": "webpage", "dataset": "dataset",
    "software": "software",
    "standard": "standard", "review": "review", "patent": "patent", "image": "graphic", "artwork": "graphic",
    "audio": "song", "music": "song",
    "video": "motion_picture", "movie": "motion_picture", "performance": "performance",
    "letter": "personal_communication",
    "jurisdiction": "legal_case", "legislation": "legislation", "legal": "legislation", "preprint": "article",
    "webpage": "webpage",
}  # fmt: skip
"""Entry type → CSL type, for reading; an unknown type is a document."""

MISC_WORDS = {
    "dataset": "Dataset", "software": "Software", "standard": "Standard", "review": "peer review", "graphic": "Image",
    "figure": "Figure", "map": "Map", "motion_picture": "Video", "broadcast": "Broadcast", "song": "Audio recording",
    "speech": "Presentation", "interview": "Interview", "patent": "Patent", "post-weblog": "Blog post",
    "post": "Forum post", "webpage": "Web page", "personal_communication": "Letter",
}  # fmt: skip
"""What an `@misc` is, in its `type`, where BibTeX has no entry type of its own for a CSL type; read back as such."""
