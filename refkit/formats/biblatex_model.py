"""What biblatex's default data model lets stand in which entry type, as far as refkit writes it.

Source: biblatex 3.18-3.20 `blx-dm.def`, biblatex manual §2.1.1. What a type has no place for is left out, or moved by
`formats.bibtex`'s table.
"""

from __future__ import annotations

from refkit.formats.plain import word_set

_EVERYWHERE = word_set(
    """abstract annotation doi eprint eprintclass eprinttype file ids keywords langid origtitle shorttitle
    shortjournal url urldate date origdate related relatedtype usera userb"""
)
_BOOK = word_set(
    """author edition editor editora editoratype eid isbn language location note number pages pagetotal part
    publisher pubstate series subtitle title titleaddon translator volume volumes addendum chapter"""
)
_PROCEEDINGS = word_set(
    """editor eventdate eventtitle isbn language location note number organization pages pagetotal part publisher
    pubstate series subtitle title titleaddon venue volume volumes chapter addendum eid"""
)
_MISC = word_set(
    """author editor howpublished language location note organization pubstate subtitle title titleaddon type
    version addendum"""
)

ALLOWED = {
    "article": word_set(
    """author editor editora editoratype eid issn issue issuetitle journaltitle language note number pages pubstate
    series subtitle title titleaddon translator version volume addendum"""
),
    "book": _BOOK,
    "mvbook": _BOOK - {"eid", "pages", "part", "chapter"},
    "collection": _BOOK - {"author"},
    "reference": _BOOK - {"author"},
    "mvcollection": _BOOK - {"eid", "pages", "part", "chapter", "pagetotal", "series"},
    "inbook": (_BOOK - {"pagetotal"}) | {"booktitle", "bookauthor"},
    "incollection": (_BOOK - {"pagetotal"}) | {"booktitle"},
    "inreference": (_BOOK - {"pagetotal"}) | {"booktitle"},
    "booklet": word_set(
    """author chapter editor eid howpublished language location note pages pagetotal pubstate subtitle title
    titleaddon type addendum"""
),
    "dataset": word_set(
    """author edition editor language location note number organization publisher pubstate series subtitle title
    titleaddon type version addendum"""
),
    "misc": _MISC,
    "software": _MISC,
    "online": _MISC - {"howpublished", "location", "type"},
    "patent": word_set(
    """author holder location note number pubstate subtitle title titleaddon type version addendum"""
),
    "periodical": word_set(
    """editor editora editoratype issn issue issuetitle language note number pubstate series subtitle title
    titleaddon volume addendum"""
),
    "proceedings": _PROCEEDINGS,
    "inproceedings": (_PROCEEDINGS - {"pagetotal"}) | {"author", "booktitle"},
    "report": word_set(
    """author eid institution language location note number pages pagetotal pubstate subtitle title titleaddon type
    version addendum chapter"""
),
    "thesis": word_set(
    """author eid institution language location note pages pagetotal pubstate subtitle title titleaddon type
    addendum chapter"""
),
    "unpublished": word_set(
    """author eventdate eventtitle howpublished language location note pubstate subtitle title titleaddon type
    venue addendum"""
),
}  # fmt: skip
"""Type → its own fields; types that are not here (`standard`, `review`, `image` …) have none of their own."""


def allows(entry_type: str, field: str) -> bool:
    """Whether biblatex's data model has `field` in `entry_type`."""
    if field in _EVERYWHERE:
        return True
    own = ALLOWED.get(entry_type)
    return field in (own if own is not None else _MISC | {"number", "pages"})


LANGID = {
    "en": "english", "en-us": "american", "en-gb": "british", "de": "german", "fr": "french", "es": "spanish",
    "it": "italian", "pt": "portuguese",
    "pt-br": "brazilian", "nl": "dutch", "da": "danish", "sv": "swedish", "no": "norwegian", "nb": "norsk",
    "nn": "nynorsk", "fi": "finnish", "pl": "polish",
    "cs": "czech", "sk": "slovak", "sl": "slovene", "hr": "croatian", "sr": "serbian", "hu": "hungarian",
    "ro": "romanian", "bg": "bulgarian",
    "el": "greek", "ru": "russian", "uk": "ukrainian", "tr": "turkish", "ca": "catalan", "gl": "galician",
    "eu": "basque", "et": "estonian",
    "lv": "latvian", "lt": "lithuanian", "is": "icelandic", "la": "latin", "ja": "japanese", "zh": "chinese",
    "ko": "korean", "ar": "arabic",
    "fa": "persian", "he": "hebrew", "id": "indonesian", "vi": "vietnamese", "th": "thai", "hi": "hindi",
}  # fmt: skip
"""Language code → babel's name; read in both directions."""
