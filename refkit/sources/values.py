"""Single values of Crossref and DataCite records, cleaned: pages, numbers, titles, landing pages, series, servers.

Source: Crossref REST API docs; Crossref deposit schema 5.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from refkit.formats.plain import without_markup, word_set
from refkit.sources.markup import plain

_SERVERS = {
    "10.20944": "Preprints.org", "10.2139": "SSRN", "10.26434": "ChemRxiv", "10.21203": "Research Square",
    "10.31234": "PsyArXiv",
    "10.31235": "SocArXiv", "10.31219": "OSF Preprints", "10.31223": "EarthArXiv", "10.36227": "TechRxiv",
    "10.22541": "Authorea",
    "10.35542": "EdArXiv", "10.31222": "MetaArXiv", "10.32942": "EcoEvoRxiv", "10.33767": "OSF Preprints",
    "10.14293": "ScienceOpen Preprints",
}  # fmt: skip
"""Preprint servers by DOI prefix, for records that name a subject as `group-title` and a company as publisher."""


def strings(value: Any) -> list[str]:
    """The strings in a value that should be a list of strings."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str) and item.strip()]
    return []


def text(value: Any) -> str:
    """A value as clean text, whatever its type; "" where it is none."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and value:
        return text(value[0])
    return ""


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a value that may be one object or a list."""
    if isinstance(value, Mapping):
        return [value]
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
NOTHING = frozenset(
    (
        "",
        "-",
        "--",
        "–",
        "n/a",
        "na",
        "&na;",
        "&na",
        "n.a.",
        "null",
        "none",
        "undefined",
        "0",
        "00",
        "n/a-n/a",
        "no",
        "unknown",
    )
)


def doi(value: Any) -> str:
    """A DOI with its ASCII letters small, without a link round it and without blanks; "" where it is none."""
    if not isinstance(value, str) or (at := value.find("10.")) < 0:
        return ""
    return re.sub(r"[\s\x00-\x1f\x7f\ud800-\udfff]", "", value[at:]).translate(FOLD)


def letters(text: str) -> str:
    """What two texts are compared by: letters and digits, small."""
    return re.sub(r"[\W_]+", "", without_markup(text)).lower()


_ABBREVIATED = re.compile(r"(?:\b(?:\w|\w\.\w|etc|vs|et al|Inc|Ltd|Co|No|Vol|Jr|St|spp?|cf|nov|gen|var|subsp)|\.\.)\.$")


def without_stop(title: str) -> str:
    """A title without its final full stop, unless that belongs to an abbreviation."""
    if title.endswith(".") and not _ABBREVIATED.search(title):
        return title[:-1].rstrip() or title
    return title


# A raised digit may be an isotope ("Carbon<sup>13</sup>"), so only the other marks go.
_MARK = re.compile(r"(?<=[^\W\d_]{3})\s?(?:<sup>[*†‡§]{1,3}</sup>|[*†‡]+)$")


# ISBD puts " /" behind a title, " :" behind a place and "," behind a publisher, and library catalogues deposit it.
_CATALOGUED = re.compile(r"(?:\s+[/:;=]|\s*[,;:])$")


def without_catalogue_marks(text: str) -> str:
    """A title, place or publisher without the punctuation that a library's catalogue has between it and the next."""
    return _CATALOGUED.sub("", text) or text if text[-1:] in "/:;=," else text


def without_mark(title: str) -> str:
    """A title without the mark of a footnote that was printed at its end."""
    return _MARK.sub("", title) or title


def is_subtitle(text: str, record: Mapping[str, Any]) -> bool:
    """Whether it says something: words, or figures ("1914–1918") that are no number of the record's own."""
    if any(char.isalpha() for char in text):
        return True
    figures = letters(text)
    own = [str(record.get("DOI") or ""), *strings(record.get("alternative-id"))]
    # A year may stand in a DOI by chance; a longer number does not.
    return bool(figures) and (len(figures) < 6 or not any(figures in letters(number) for number in own))


_NO_URL = re.compile(r'[\s"<>`{}|\\^\x00-\x1f\x7f\ud800-\udfff]+')


def landing_page(record: Mapping[str, Any]) -> str:
    """The address that the publisher gave, else the DOI as a link."""
    resource = record.get("resource")
    primary = resource.get("primary") if isinstance(resource, Mapping) else None
    url = primary.get("URL") if isinstance(primary, Mapping) else None
    if isinstance(url, str) and re.match(r"https?://[^\s/]", url.strip()):
        return _NO_URL.sub(lambda m: quote(m[0], errors="replace"), url.strip())
    url = record.get("URL")
    if isinstance(url, str) and url.strip():
        url = _NO_URL.sub(lambda m: quote(m[0], errors="replace"), url.strip())
        return re.sub(r"^https?://(?:dx\.)?doi\.org/", "https://doi.org/", url)
    return ""


_ISSN = re.compile(r"(\d{4})-?(\d{3}[\dxX])")


def issns(record: Mapping[str, Any]) -> list[str]:
    """ISSNs in the form 1234-567X, in order, each once."""
    found: dict[str, None] = {}
    for value in strings(record.get("ISSN")) or [
        v for item in objects(record.get("issn-type")) for v in strings(item.get("value"))
    ]:
        if match := _ISSN.search(value):
            found[f"{match[1]}-{match[2].upper()}"] = None
    return list(found)


def isbns(record: Mapping[str, Any]) -> list[str]:
    """ISBNs without the prefixes of old records, in order, each once."""
    found: dict[str, None] = {}
    for value in strings(record.get("ISBN")) or [
        v for item in objects(record.get("isbn-type")) for v in strings(item.get("value"))
    ]:
        bare = value.strip().rsplit("/", 1)[-1].removeprefix("urn:isbn:").removeprefix("ISBN").strip(" :")
        if len(re.sub(r"\D", "", bare)) in (9, 10, 12, 13) and re.fullmatch(r"[\d -]+[\dxX]", bare):
            found[bare.replace(" ", "-").upper()] = None
    return list(found)


_DASHES = re.compile(r"\s*(?:[\u2010-\u2015\u2212]|-{1,3})\s*")


def pages(page: str) -> str:
    """Pages with one hyphen in a range, `123` for `123-123`, "" for `n/a`."""
    if not page or page.lower() in NOTHING:
        return ""
    page = _DASHES.sub("-", re.sub(r"^pp?\.\s*", "", " ".join(page.split()))).strip("-, ")
    half = len(page) // 2
    if len(page) % 2 and page[half] == "-" and page[:half] == page[half + 1 :]:
        page = page[:half]  # "123-123", "n/a-n/a"
    return "" if page.lower() in NOTHING else page


_SECTIONS = word_set("protocols reviews articles editorials review article editorial papers abstracts")
_VOLUME = re.compile(r"(?:volume|vol\.|band|part|teil|tome)\s+[\divxlc]+\b", re.IGNORECASE)
_SERIES_WORDS = re.compile(
    r"\b(?:series|lecture notes|notes in|advances in|studies in|proceedings|monographs?|texts in|handbooks? (?:of|on)"
    r"|annals|transactions|communications in|progress in|topics in|methods in|contributions to|collection|library"
    r"|reihe|schriften|yearbook|symposi(?:um|a))\b",
    re.IGNORECASE,
)


def series_and_container(longs: list[str], record: Mapping[str, Any]) -> tuple[str, str]:
    """Two container titles are [series, book]; or, without a sign of a series, a book's title and its subtitle."""
    if len(longs) == 1:
        return "", longs[0]
    first, second = longs[0], longs[1]
    if second.lower() in _SECTIONS:
        return "", first
    if _VOLUME.match(first):
        return second, first
    says_first, says_second = bool(_SERIES_WORDS.search(first)), bool(_SERIES_WORDS.search(second))
    if says_second and not says_first:
        return second, first
    if not says_first and not record.get("ISSN") and len(longs) == 2 and record.get("type") != "proceedings-article":
        return "", f"{first}: {second}"
    return first, second


def report_number(record: Mapping[str, Any]) -> str:
    """A report's number, from `alternative-id` where that is no identifier of another kind."""
    number = record.get("report-number")
    if known := text(number):
        return known
    doi = str(record.get("DOI") or "").lower()
    for value in strings(record.get("alternative-id")):
        bare = value.strip()
        if (
            bare.lower() not in doi
            and not bare.lower().startswith(("10.", "http", "doi"))
            and len(bare) <= 40
            and re.search(r"\d", bare)
        ):
            return plain(bare)
    return ""


def server(record: Mapping[str, Any]) -> str:
    """The preprint server that a record without an institution names or whose prefix it bears."""
    group = text(record.get("group-title"))
    if re.search(r"rxiv|preprint|ssrn|\bosf\b|archive", group, re.IGNORECASE):
        return group
    prefix = str(record.get("DOI") or "").partition("/")[0] or str(record.get("prefix") or "")
    return _SERVERS.get(prefix, "")


_THREE_LETTERS = {
    "eng": "en", "ger": "de", "deu": "de",
    "fre": "fr", "fra": "fr", "spa": "es", "ita": "it", "por": "pt", "dut": "nl", "nld": "nl",
    "rus": "ru", "pol": "pl",
    "cze": "cs", "ces": "cs", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi", "hun": "hu", "tur": "tr",
    "jpn": "ja", "chi": "zh", "zho": "zh", "kor": "ko",
    "ara": "ar", "per": "fa", "fas": "fa", "gre": "el", "ell": "el", "lat": "la",
    "ukr": "uk", "heb": "he", "cat": "ca", "rum": "ro", "ron": "ro", "ind": "id", "vie": "vi",
}  # fmt: skip


def language(value: Any) -> str:
    """A language's code (BCP 47), two letters where there are two (ISO 639-1); "" where it is none."""
    code = value.strip().replace("_", "-") if isinstance(value, str) else ""
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?", code):
        return ""
    return _THREE_LETTERS.get(code.lower(), code)
