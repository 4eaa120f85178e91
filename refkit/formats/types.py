"""What each type of work is called in each format: the tables that readers, writers and `docs/fields.md` share.

Source: Crossref REST API `/types`; DataCite schema 4.6 `resourceTypeGeneral`; btxdoc; biblatex 3.20 manual §2.1; RIS
spec 2011 as EndNote and Zotero read it; CSL 1.0.2; Zotero schema 41.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from refkit.model import Work


@dataclass(frozen=True, slots=True)
class Types:
    """One type's names: BibTeX, biblatex, RIS, CSL, Zotero, hayagriva."""

    bibtex: str
    biblatex: str
    ris: str
    csl: str
    zotero: str
    hayagriva: str = "misc"


_BOOK = Types("book", "book", "BOOK", "book", "book", "book")
_PART = Types("incollection", "incollection", "CHAP", "chapter", "bookSection", "chapter")
_MISC = Types("misc", "misc", "GEN", "document", "document", "misc")
# Of all BibTeX types only @article has a place for a journal's volume, number and ISSN.
_PERIODICAL = Types("article", "periodical", "JFULL", "periodical", "journalArticle", "periodical")
_SERIES = Types("misc", "periodical", "SER", "periodical", "book", "periodical")
_REPORT = Types("techreport", "report", "RPRT", "report", "report", "report")
_THESIS = Types("phdthesis", "thesis", "THES", "thesis", "thesis", "thesis")
_ARTICLE = Types("article", "article", "JOUR", "article-journal", "journalArticle", "article")
_PAPER = Types("inproceedings", "inproceedings", "CONF", "paper-conference", "conferencePaper", "article")
_PREPRINT = Types("misc", "online", "GEN", "article", "preprint", "article")
_DATASET = Types("misc", "dataset", "DATA", "dataset", "dataset", "repository")
_SOFTWARE = Types("misc", "software", "COMP", "software", "computerProgram", "repository")
# biblatex declares @review and @standard without any field of their own: biber rejects even their titles.
_REVIEW = Types("misc", "misc", "GEN", "review", "manuscript", "misc")
_STANDARD = Types("misc", "misc", "STAND", "standard", "standard", "misc")
_PROCEEDINGS = Types("proceedings", "proceedings", "CONF", "book", "book", "proceedings")

CROSSREF: Mapping[str, Types] = {
    "journal-article": _ARTICLE,
    "journal-issue": _PERIODICAL,
    "journal-volume": _PERIODICAL,
    "journal": _PERIODICAL,
    "proceedings-article": _PAPER,
    "proceedings": _PROCEEDINGS,
    "proceedings-series": _SERIES,
    "posted-content": _PREPRINT,
    "posted-content/preprint": _PREPRINT,
    "posted-content/blog": Types("misc", "online", "BLOG", "post-weblog", "blogPost", "blog"),
    "posted-content/dissertation": _THESIS,
    "posted-content/other": Types("misc", "online", "GEN", "article", "document", "article"),
    "peer-review": _REVIEW,
    "book": _BOOK,
    "monograph": _BOOK,
    "edited-book": Types("book", "collection", "BOOK", "book", "book", "anthology"),
    "reference-book": Types("book", "reference", "BOOK", "book", "book", "reference"),
    "book-set": Types("book", "mvbook", "BOOK", "book", "book", "book"),
    "book-series": Types("misc", "mvbook", "SER", "periodical", "book", "book"),
    "book-chapter": _PART,
    "book-section": _PART,
    "book-part": _PART,
    "book-track": _PART,
    # Zotero's own Crossref import makes these book sections, and RIS and BibTeX come in as such.
    "reference-entry": Types("incollection", "inreference", "CHAP", "entry-encyclopedia", "bookSection", "entry"),
    "report": _REPORT,
    "report-component": _REPORT,
    "report-series": Types("misc", "periodical", "SER", "periodical", "report", "periodical"),
    "standard": _STANDARD,
    "dissertation": _THESIS,
    "dataset": _DATASET,
    "database": Types("misc", "dataset", "DBASE", "dataset", "dataset", "repository"),
    "component": _MISC,
    "grant": Types("misc", "misc", "GRANT", "document", "document", "misc"),
    "other": _MISC,
}
"""All 30 Crossref types; `type/subtype` rows come before `type` rows."""

DATACITE: Mapping[str, Types] = {
    "Audiovisual": Types("misc", "video", "VIDEO", "motion_picture", "videoRecording", "video"),
    "Award": Types("misc", "misc", "GRANT", "document", "document", "misc"),
    "Book": _BOOK,
    "BookChapter": _PART,
    "Collection": Types("misc", "misc", "GEN", "collection", "document", "misc"),
    "ComputationalNotebook": _SOFTWARE,
    "ConferencePaper": _PAPER,
    "ConferenceProceeding": _PROCEEDINGS,
    "DataPaper": _ARTICLE,
    "Dataset": _DATASET,
    "Dissertation": _THESIS,
    "Event": Types("misc", "misc", "GEN", "event", "document", "misc"),
    "Image": Types("misc", "image", "FIGURE", "graphic", "artwork", "artwork"),
    "Instrument": _MISC,
    "InteractiveResource": Types("misc", "online", "ELEC", "webpage", "webpage", "web"),
    "Journal": _PERIODICAL,
    "JournalArticle": _ARTICLE,
    "Model": _MISC,
    "Other": _MISC,
    "OutputManagementPlan": _MISC,
    "PeerReview": _REVIEW,
    "PhysicalObject": _MISC,
    "Poster": Types("misc", "misc", "SLIDE", "speech", "presentation", "misc"),
    "Preprint": _PREPRINT,
    "Presentation": Types("misc", "misc", "SLIDE", "speech", "presentation", "misc"),
    "Project": _MISC,
    "Report": _REPORT,
    "Service": _MISC,
    "Software": _SOFTWARE,
    "Sound": Types("misc", "audio", "SOUND", "song", "audioRecording", "audio"),
    "Standard": _STANDARD,
    "StudyRegistration": _MISC,
    "Text": _MISC,
    "Workflow": _MISC,
}
"""DataCite's `resourceTypeGeneral` (schema 4.6); its own mappings have typos and are not used."""

CSL: Mapping[str, Types] = {
    "article": _PREPRINT,
    "article-journal": _ARTICLE,
    "article-magazine": Types("article", "article", "MGZN", "article-magazine", "magazineArticle", "article"),
    "article-newspaper": Types("article", "article", "NEWS", "article-newspaper", "newspaperArticle", "article"),
    "bill": Types("misc", "legislation", "BILL", "bill", "bill", "legislation"),
    "book": _BOOK,
    "broadcast": Types("misc", "video", "VIDEO", "broadcast", "tvBroadcast", "video"),
    "chapter": _PART,
    "classic": Types("book", "book", "CLSWK", "classic", "book", "book"),
    "collection": Types("misc", "misc", "GEN", "collection", "document", "misc"),
    "dataset": _DATASET,
    "document": _MISC,
    "entry": Types("incollection", "inreference", "CHAP", "entry", "encyclopediaArticle", "entry"),
    "entry-dictionary": Types("incollection", "inreference", "DICT", "entry-dictionary", "dictionaryEntry", "entry"),
    "entry-encyclopedia": Types(
        "incollection", "inreference", "ENCYC", "entry-encyclopedia", "encyclopediaArticle", "entry"
    ),
    "event": Types("misc", "misc", "GEN", "event", "document", "misc"),
    "figure": Types("misc", "image", "FIGURE", "figure", "artwork", "artwork"),
    "graphic": Types("misc", "artwork", "ART", "graphic", "artwork", "artwork"),
    "hearing": Types("misc", "jurisdiction", "HEAR", "hearing", "hearing", "case"),
    "interview": Types("misc", "misc", "GEN", "interview", "interview", "misc"),
    "legal_case": Types("misc", "jurisdiction", "CASE", "legal_case", "case", "case"),
    "legislation": Types("misc", "legislation", "STAT", "legislation", "statute", "legislation"),
    "manuscript": Types("unpublished", "unpublished", "MANSCPT", "manuscript", "manuscript", "manuscript"),
    "map": Types("misc", "misc", "MAP", "map", "map", "misc"),
    "motion_picture": Types("misc", "movie", "MPCT", "motion_picture", "film", "video"),
    "musical_score": Types("misc", "music", "MUSIC", "musical_score", "document", "misc"),
    "pamphlet": Types("booklet", "booklet", "PAMP", "pamphlet", "manuscript", "misc"),
    "paper-conference": _PAPER,
    "patent": Types("misc", "patent", "PAT", "patent", "patent", "patent"),
    "performance": Types("misc", "performance", "GEN", "performance", "document", "performance"),
    "periodical": _PERIODICAL,
    "personal_communication": Types("misc", "letter", "PCOMM", "personal_communication", "letter", "misc"),
    "post": Types("misc", "online", "ELEC", "post", "forumPost", "post"),
    "post-weblog": Types("misc", "online", "BLOG", "post-weblog", "blogPost", "blog"),
    "regulation": Types("misc", "legislation", "STAT", "regulation", "statute", "legislation"),
    "report": _REPORT,
    "review": _REVIEW,
    "review-book": Types("article", "article", "JOUR", "review-book", "journalArticle", "article"),
    "software": _SOFTWARE,
    "song": Types("misc", "audio", "SOUND", "song", "audioRecording", "audio"),
    "speech": Types("misc", "unpublished", "SLIDE", "speech", "presentation", "misc"),
    "standard": _STANDARD,
    "thesis": _THESIS,
    "treaty": Types("misc", "legislation", "GEN", "treaty", "statute", "legislation"),
    "webpage": Types("misc", "online", "ELEC", "webpage", "webpage", "web"),
}
"""Every CSL 1.0.2 type, for works that came from a library."""

_MASTERS = re.compile(
    r"\b(?:master|m\.?sc|m\.?a\b|m\.?phil|mestrado|mestre|ma[gî]i?[sš]t|mag[ií]ster|maîtrise|diplom|bachelor|licen)",
    re.IGNORECASE,
)


def csl_of_crossref(kind: str, subtype: str = "") -> str:
    """The CSL type of a Crossref type; an unknown one is a document."""
    row = CROSSREF.get(f"{kind}/{subtype}") or CROSSREF.get(kind) or _MISC
    return row.csl


def types_of(work: Work) -> Types:
    """The row that holds for `work`: by what its record said, else by its CSL type."""
    csl = work.csl
    record = work.extra.get("crossref")
    if record and (kind := record.get("type")):
        row = CROSSREF.get(f"{kind}/{record.get('subtype') or ''}") or CROSSREF.get(kind)
        if row is not None and row.csl == csl.get("type"):
            return row
    record = work.extra.get("datacite")
    if record and (row := DATACITE.get(record.get("type", ""))) is not None and row.csl == csl.get("type"):
        return row
    return CSL.get(csl.get("type", ""), _MISC)


def is_masters(work: Work) -> bool:
    """Whether a thesis says that it is not a doctoral one."""
    genre = work.csl.get("genre")
    return isinstance(genre, str) and bool(_MASTERS.search(genre))
