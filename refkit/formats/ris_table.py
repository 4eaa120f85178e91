"""The table of RIS: CSL variable ⇄ tag, by type and dialect, read in both directions.

Source: RIS spec 2011 as EndNote exports it; what Zotero, JabRef, pandoc and Mendeley read (`docs/fields.md`).
"""

from __future__ import annotations

from refkit.formats.types import CSL as CSL_TYPES

TYPES = {
    "JOUR": "article-journal", "EJOUR": "article-journal", "ABST": "article-journal", "INPR": "article-journal",
    "JFULL": "periodical", "JOURN": "article-journal",
    "MGZN": "article-magazine", "NEWS": "article-newspaper", "BOOK": "book", "EBOOK": "book", "EDBOOK": "book",
    "WHOLE": "book", "SER": "periodical",
    "CLSWK": "classic", "CHAP": "chapter", "ECHAP": "chapter", "CONF": "paper-conference",
    "CPAPER": "paper-conference", "RPRT": "report",
    "GOVDOC": "report", "THES": "thesis", "ELEC": "webpage", "WEB": "webpage", "BLOG": "post-weblog",
    "ICOMM": "post", "DATA": "dataset",
    "DBASE": "dataset", "AGGR": "dataset", "COMP": "software", "ENCYC": "entry-encyclopedia",
    "DICT": "entry-dictionary", "STAND": "standard",
    "PAT": "patent", "MAP": "map", "VIDEO": "motion_picture", "MPCT": "motion_picture", "ADVS": "motion_picture",
    "SOUND": "song", "MUSIC": "musical_score",
    "ART": "graphic", "FIGURE": "figure", "CHART": "figure", "EQUA": "figure", "SLIDE": "speech", "BILL": "bill",
    "CASE": "legal_case", "STAT": "legislation",
    "HEAR": "hearing", "UNBILL": "bill", "UNPB": "manuscript", "UNPD": "manuscript", "MANSCPT": "manuscript",
    "PAMP": "pamphlet", "PCOMM": "personal_communication",
    "GRANT": "document", "GRNT": "document", "CTLG": "book", "GEN": "document", "GENERIC": "document",
    "ANCIENT": "classic", "LEGAL": "legislation", "MULTI": "document",
}  # fmt: skip
"""RIS type → CSL type, for reading; names of both specifications and common misspellings."""

ZOTERO_TYPES = {row.zotero: name for name, row in reversed(list(CSL_TYPES.items()))} | {
    "preprint": "article",
    "document": "document",
    "manuscript": "manuscript",
}
"""The `Type:` of an M2 line → CSL type."""

IN_BOOK = frozenset(("chapter", "entry", "entry-encyclopedia", "entry-dictionary"))
PERIODICAL = frozenset(("article-journal", "article-magazine", "article-newspaper", "review-book"))
BOOKS = frozenset(("book", "classic"))


def tags_of(variable: str, csl_type: str, dialect: str) -> tuple[str, ...]:
    """The tags that a variable is written under, in an entry of this CSL type."""
    for kinds, tags, dialects in WRITE.get(variable, ()):
        if (not kinds or csl_type in kinds) and (not dialects or dialect in dialects):
            return tags
    return ()


_CONF = frozenset(("paper-conference",))
_ANY: frozenset[str] = frozenset()
_Z, _E = ("zotero",), ("endnote",)

Rule = tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]

WRITE: dict[str, tuple[Rule, ...]] = {
    "author": ((_ANY, ("AU",), ()),),
    # ED is what every reader but EndNote takes for an editor; JabRef makes authors of A2 to A4.
    "editor": ((BOOKS, ("A3",), _E), (_ANY, ("A2",), _E), (_ANY, ("ED",), ())),
    "translator": ((_ANY, ("A4",), ()),),
    "title": ((_ANY, ("TI",), ()),),
    "title-short": ((_ANY, ("ST",), ()),),
    "container-title": (
        (PERIODICAL, ("T2",), _Z + _E),
        (PERIODICAL, ("T2", "JF"), ()),
        (frozenset(("periodical",)), ("T2",), ()),
        (IN_BOOK, ("T2",), _Z + _E),
        (IN_BOOK, ("T2", "BT"), ()),
        (_CONF, ("C3",), _Z + _E),
        (_CONF, ("BT", "C3"), ()),
        (_ANY, ("T2",), ()),
    ),
    "container-title-short": ((_ANY, ("J2",), ()),),
    # Zotero takes T2 of a CONF for the conference, BT and C3 for the proceedings; so does EndNote.
    "event-title": ((_CONF, ("T2",), ()),),
    "collection-title": ((BOOKS | {"report"}, ("T2",), ()), (_ANY, ("T3",), ())),
    "collection-number": ((BOOKS, ("M1",), ()), (frozenset(("chapter",)), ("SV",), _Z)),
    "volume": ((_ANY, ("VL",), ()),),
    "issue": ((_CONF, ("M1",), _E), (_ANY, ("IS",), ())),
    "edition": ((_ANY, ("ET",), ()),),
    "version": ((frozenset(("dataset", "software")), ("ET",), ()),),
    "number-of-pages": ((BOOKS | {"thesis", "report"}, ("SP",), ()),),
    "number-of-volumes": ((_ANY, ("NV",), ()),),
    "number": (
        (PERIODICAL, ("C7",), ("standard", "endnote")),
        (frozenset(("report", "standard")), ("SN",), ()),
        (frozenset(("patent",)), ("IS",), ()),
        (frozenset(("document", "manuscript", "thesis", "webpage", "dataset", "software", "article")), ("M1",), ()),
    ),
    "chapter-number": ((frozenset(("chapter",)), ("SE",), ("standard", "endnote")),),
    "publisher": ((_ANY, ("PB",), ()),),
    "event-place": ((_CONF, ("CY",), ()),),
    "publisher-place": ((_CONF, ("C1",), _E), (_ANY, ("CY",), ())),
    "genre": (
        (
            frozenset(
                (
                    "report",
                    "thesis",
                    "webpage",
                    "manuscript",
                    "standard",
                    "dataset",
                    "document",
                    "article",
                    "review",
                    "software",
                )
            ),
            ("M3",),
            (),
        ),
    ),
    "division": ((frozenset(("thesis",)), ("T2",), _E),),
    "DOI": ((_ANY, ("DO",), ()),),
    "URL": ((_ANY, ("UR",), ()),),
    "language": ((_ANY, ("LA",), ()),),
    "abstract": ((_ANY, ("AB",), ()),),
    "note": ((_ANY, ("N1",), ()),),
    "annote": ((_ANY, ("N1",), ()),),
    "archive": ((_ANY, ("DB",), ()),),
    "archive_location": ((_ANY, ("AN",), ()),),
    "call-number": ((_ANY, ("CN",), ()),),
    "source": ((_ANY, ("DP",), ()),),
    "original-title": ((_ANY, ("OP",), ("standard", "endnote")),),
}
"""Variable → (types, tags, dialects); the first rule that fits holds. Dates, pages, ISSN and keywords have their own
code."""


def tags_type(csl_type: str, ris_type: str) -> str:
    """The CSL type whose tags a record of a RIS type has: a volume of proceedings is a CONF, and has a paper's tags."""
    return "paper-conference" if ris_type in ("CONF", "CPAPER") else csl_type


def read_rules(csl_type: str) -> dict[str, str]:
    """Tag → variable, for reading an entry of this CSL type whatever dialect it is in; the first variable of a tag
    wins."""
    rules = dict(_READ)
    for variable, found in WRITE.items():
        for dialect in ("standard", "zotero", "endnote"):
            for tag in tags_of(variable, csl_type, dialect):
                if tag not in ("SP", "SN", "ET", "M1", "T2", "C1") or found:
                    rules.setdefault(tag, variable)
    rules.update(_READ_BY_TYPE.get(csl_type, {}))
    return rules


_READ = {
    "TI": "title", "T1": "title", "CT": "title", "AU": "author", "A1": "author", "ED": "editor",
    "JF": "container-title", "JO": "container-title",
    "JA": "container-title-short", "J1": "container-title-short", "J2": "container-title-short", "VO": "volume",
    "CP": "issue", "IS": "issue",
    "PP": "publisher-place", "CY": "publisher-place", "N2": "abstract", "AB": "abstract", "N1": "note",
    "RN": "note", "L3": "DOI", "DO": "DOI", "UR": "URL",
    "T3": "collection-title", "A4": "translator", "CN": "call-number",
}  # fmt: skip
_READ_BY_TYPE = {
    "periodical": {"T2": "container-title"},
    "article-journal": {"T2": "container-title", "A2": "editor", "BT": "container-title"},
    "book": {"T2": "collection-title", "A2": "collection-editor", "A3": "editor", "BT": "title",
    "M1": "collection-number"},
    "chapter": {"T2": "container-title", "BT": "container-title", "A2": "editor", "A3": "collection-editor",
    "SV": "collection-number"},
    "entry-encyclopedia": {"T2": "container-title", "BT": "container-title", "A2": "editor"},
    "entry-dictionary": {"T2": "container-title", "BT": "container-title", "A2": "editor"},
    "paper-conference": {"C3": "container-title", "BT": "container-title", "T2": "event-title", "A2": "editor",
    "CY": "event-place", "C1": "publisher-place", "M1": "issue"},
    "report": {"T2": "collection-title", "A2": "collection-editor", "SN": "number", "M1": "number"},
    "thesis": {"T2": "division", "A3": "contributor"},
    "standard": {"SN": "number"},
    "patent": {"IS": "number"},
    "dataset": {"T2": "container-title", "ET": "version"},
    "software": {"T2": "container-title", "ET": "version"},
}  # fmt: skip
