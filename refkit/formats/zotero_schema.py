"""Zotero's schema as a table: which fields and creators an item of each type may have.

Facts of Zotero's schema 42 (2026; 41 differs from it in no field). Web and local API refuse or displace whatever a type
lacks, so that all that is sent is held against this table first.
"""

from __future__ import annotations

from functools import cache

VERSION = 42
"""Of the schema that the table states."""

WATERSHED = 34
"""The schema that made real fields of DOI, citationKey, PMID and others; before it they are lines in Extra. Zotero has
it since 7.0.31."""

_GROUPS = {
    "@web": "DOI citationKey url accessDate",
    "@kept": "archive archiveLocation shortTitle language libraryCatalog callNumber rights extra",
    "@said": "shortTitle language rights extra",
    "@volumes": "series seriesNumber volume numberOfVolumes edition date publisher place",
    "@original": "originalDate originalPublisher originalPlace format=medium",
    "@authors": "author contributor editor translator seriesEditor",
    "@crew": "producer executiveProducer seriesCreator director scriptwriter castMember translator contributor",
}

_TYPES = """
artwork: title abstractNote artworkMedium=medium artworkSize date eventPlace @web @kept
  | artist contributor
audioRecording: title abstractNote audioRecordingFormat=medium seriesTitle volume numberOfVolumes label=publisher place
  date runningTime ISBN @web @kept
  | performer originalCreator composer wordsBy translator contributor
bill: title abstractNote billNumber=number code codeVolume=volume section codePages=pages legislativeBody=authority
  session history date @web @said
  | sponsor cosponsor contributor
blogPost: title abstractNote blogTitle=publicationTitle websiteType=type date ISSN @web @said
  | author translator commenter contributor
book: title abstractNote @volumes @original numPages ISBN ISSN @web @kept
  | @authors
bookSection: title abstractNote bookTitle=publicationTitle @volumes @original pages ISBN ISSN @web @kept
  | @authors bookAuthor
case: caseName=title abstractNote court=authority dateDecided=date docketNumber=number reporter reporterVolume=volume
  firstPage=pages history @web @said
  | author counsel contributor
computerProgram: title abstractNote seriesTitle versionNumber date system company=publisher place programmingLanguage
  ISBN @web archive archiveLocation libraryCatalog callNumber shortTitle rights extra
  | programmer contributor
conferencePaper: title abstractNote proceedingsTitle=publicationTitle conferenceName publisher place date eventPlace
  volume issue numberOfVolumes pages series seriesNumber ISBN ISSN @web @kept
  | @authors
dataset: title abstractNote identifier=number type versionNumber date repository=publisher repositoryLocation=place
  format=medium @web @kept
  | author contributor
dictionaryEntry: title abstractNote dictionaryTitle=publicationTitle @volumes pages ISBN @web @kept
  | @authors
document: title abstractNote type date publisher place @web @kept
  | author contributor editor translator reviewedAuthor
email: subject=title abstractNote date @web @said
  | author translator contributor recipient
encyclopediaArticle: title abstractNote encyclopediaTitle=publicationTitle @volumes pages ISBN @web @kept
  | @authors
film: title abstractNote distributor=publisher place date genre=type videoRecordingFormat=medium runningTime @web @kept
  | director producer scriptwriter castMember host guest narrator translator contributor
forumPost: title abstractNote forumTitle=publicationTitle postType=type date @web @said
  | author contributor
hearing: title abstractNote committee publisher numberOfVolumes documentNumber=number pages legislativeBody=authority
  session history date place @web @said
  | contributor
instantMessage: title abstractNote date @web @said
  | author contributor recipient
interview: title abstractNote interviewMedium=medium date publisher place @web @kept
  | interviewee contributor interviewer translator
journalArticle: title abstractNote publicationTitle publisher place date volume issue section partNumber partTitle pages
  series seriesTitle seriesText journalAbbreviation PMID PMCID ISSN @web @kept
  | author contributor editor translator reviewedAuthor
letter: title abstractNote letterType=type date eventPlace @web @kept
  | author recipient contributor translator
magazineArticle: title abstractNote publicationTitle publisher place date volume issue pages ISSN @web @kept
  | author contributor translator reviewedAuthor
manuscript: title abstractNote manuscriptType=type institution=publisher place date numPages number @web @kept
  | author contributor translator
map: title abstractNote mapType=type scale seriesTitle edition publisher place date ISBN @web @kept
  | cartographer contributor seriesEditor
newspaperArticle: title abstractNote publicationTitle publisher place date volume issue edition section pages ISSN @web
  @kept
  | author contributor translator reviewedAuthor
patent: title abstractNote place country assignee issuingAuthority=authority patentNumber=number filingDate pages
  applicationNumber priorityNumbers issueDate=date priorityDate=originalDate references legalStatus=status @web @said
  | inventor attorneyAgent contributor
podcast: title abstractNote seriesTitle episodeNumber=number audioFileType=medium date publisher place runningTime @web
  @said
  | podcaster guest @crew
preprint: title abstractNote genre=type repository=publisher archiveID=number place date series seriesNumber @web @kept
  | author contributor editor translator reviewedAuthor
presentation: title abstractNote presentationType=type date meetingName place series sessionTitle=publicationTitle @web
  @said
  | presenter chair organizer contributor translator
radioBroadcast: title abstractNote programTitle=publicationTitle episodeNumber=number audioRecordingFormat=medium
  network=publisher place date runningTime @web @kept
  | creator host guest @crew
report: title abstractNote reportNumber=number reportType=type institution=publisher place date seriesTitle seriesNumber
  pages ISBN ISSN @web @kept
  | author editor contributor translator seriesEditor
standard: title abstractNote organization=authority committee type number versionNumber edition status date publisher
  place partNumber partTitle numPages ISBN @web @kept
  | author editor contributor
statute: nameOfAct=title abstractNote code codeNumber publicLawNumber=number dateEnacted=date pages section session
  history @web @said
  | author contributor
thesis: title abstractNote thesisType=type university=publisher place date series seriesNumber numPages ISBN ISSN @web
  @kept
  | author contributor
tvBroadcast: title abstractNote programTitle=publicationTitle episodeNumber=number videoRecordingFormat=medium
  network=publisher place date runningTime @web @kept
  | director host guest narrator @crew
videoRecording: title abstractNote videoRecordingFormat=medium seriesTitle volume numberOfVolumes studio=publisher place
  date runningTime ISBN @web @kept
  | creator host guest narrator @crew
webpage: title abstractNote websiteTitle=publicationTitle websiteType=type date publisher place @web @said
  | author contributor translator
"""
"""Type: fields (with `=` the base field that a type has under a name of its own) | creator types, the first being the
main one."""

_OLD_DOI = frozenset(("conferencePaper", "dataset", "journalArticle", "preprint", "standard"))
_OLD_KEY = frozenset(("dataset", "preprint", "standard"))
_NEW = frozenset(("PMID", "PMCID", "originalDate", "originalPublisher", "originalPlace", "eventPlace", "partNumber",
                  "partTitle"))  # fmt: skip
_NEW_IN = {
    "journalArticle": frozenset(("publisher", "place", "section")),
    "magazineArticle": frozenset(("publisher", "place")),
    "newspaperArticle": frozenset(("publisher", "volume", "issue")),
    "book": frozenset(("ISSN", "format")),
    "bookSection": frozenset(("ISSN", "format")),
    "blogPost": frozenset(("ISSN",)),
    "conferencePaper": frozenset(("ISSN", "issue", "numberOfVolumes", "seriesNumber")),
    "document": frozenset(("type", "place")),
    "film": frozenset(("place",)),
    "interview": frozenset(("publisher", "place")),
    "manuscript": frozenset(("institution", "number")),
    "podcast": frozenset(("date", "publisher", "place")),
    "presentation": frozenset(("series", "sessionTitle")),
    "report": frozenset(("ISBN", "ISSN", "seriesNumber")),
    "thesis": frozenset(("series", "seriesNumber", "ISBN", "ISSN")),
    "webpage": frozenset(("publisher", "place")),
}
"""What the watershed added, as far as works of DOIs use it. A field wrongly named here only becomes a line in Extra,
which later versions of Zotero turn into the field."""


def _expanded(text: str) -> list[str]:
    return [name for word in text.split() for name in _GROUPS.get(word, word).split()]


@cache
def _table() -> dict[str, tuple[dict[str, str], tuple[str, ...]]]:
    rows: dict[str, list[str]] = {}
    for line in _TYPES.strip().splitlines():
        if line[0] != " ":
            kind, _, line = line.partition(":")
            rows[kind] = []
        rows[kind].append(line)
    table = {}
    for kind, lines in rows.items():
        fields, _, creators = " ".join(lines).partition("|")
        named = (field.partition("=") for field in _expanded(fields))
        table[kind] = {name: base or name for name, _, base in named}, tuple(dict.fromkeys(_expanded(creators)))
    return table


def types() -> tuple[str, ...]:
    """All item types but notes, attachments and annotations."""
    return tuple(_table())


def fields(item_type: str, version: int = VERSION) -> dict[str, str]:
    """Field → base field, for items of this type; empty for a type that there is not.

    Parameters: `version`, of the schema that the other side has; below the watershed some fields are left out.
    """
    row = _table().get(item_type)
    if row is None:
        return {}
    if version >= WATERSHED:
        return row[0]
    new = _NEW | _NEW_IN.get(item_type, frozenset())
    new |= frozenset() if item_type in _OLD_DOI else {"DOI"}
    new |= frozenset() if item_type in _OLD_KEY else {"citationKey"}
    return {name: base for name, base in row[0].items() if name not in new}


@cache
def field_of(base: str, item_type: str, version: int = VERSION) -> str:
    """What items of this type call the base field (`publisher` of a thesis: `university`); "" where they have none."""
    row = fields(item_type, version)
    return next((name for name, of in row.items() if of == base), "")


def creators(item_type: str) -> tuple[str, ...]:
    """The creator types that items of this type may have; the first is the main one, which authors become."""
    row = _table().get(item_type)
    return row[1] if row else ()


def schema_of(zotero_version: str) -> int:
    """The schema that a version of Zotero ("7.0.30") has, as far as it matters here; unknown versions count as new."""
    numbers = [int(part) for part in zotero_version.split(".")[:3] if part.isdigit()]
    return WATERSHED - 1 if numbers and numbers < [7, 0, 31] else VERSION
