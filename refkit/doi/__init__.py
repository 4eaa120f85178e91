"""The normal form of a DOI, and the whole strings that are one DOI and nothing else.

Running text, where a DOI has to be cut out of its surroundings, is `written`'s part; both share `decode`, which
undoes what percent-encoding, HTML, LaTeX and typesetting did to a DOI on its way onto the page.
"""

from __future__ import annotations

import html
import re
import unicodedata
from itertools import pairwise
from urllib.parse import quote as _percent_encode
from urllib.parse import unquote_to_bytes

from refkit.doi.shapes import completeness
from refkit.model import Doi

# Only A-Z: the handle system compares other letters exactly, and `str.lower` would also change İ, ẞ and Σ.
_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}

PREFIX = r"10\.[0-9]{1,9}(?:\.[0-9]{1,9})*"
"""A DOI's prefix: the directory indicator and the registrant code, which may be subdivided (DOI Handbook §2.2)."""

_CLEAN = re.compile(PREFIX + r"/\S(?:.*\S)?", re.DOTALL)
_SHORT = re.compile(r"10/[a-z0-9]{3,10}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ufffd\ufffe\uffff\ud800-\udfff]")

_BLANK = re.compile(r"[^\S ]")

# What stands before a DOI where the string is a link or a labelled name.
_LABEL = re.compile(
    r"urn:(?=10/)|(?:(?:urn|info)\s*[:/]\s*)?doi\s*(?:[:=/]|://)?\s*(?=10|https?:|urn:|info:|doi|/?/?(?:dx\.)?doi\.)",
    re.IGNORECASE,
)
_RESOLVER = re.compile(
    r"(?:https?\s*:\s*/\s*/\s*)?(?:[\w.-]*\.)?(?:doi\.(?:org|acm\.\w+|net|com|ieeecomputersociety\.org|wiley\.com|pangaea\.de)"
    r"|(?:dx-)?doi-org[\w.-]*|hdl\.handle\.net)(?::\d+)?\s*/+\s*(?:openurl/?|resolve/?)?(?:\?(?:id=)?(?:doi:)?)?",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:https?|ftp)://\S+", re.IGNORECASE)
_IN_URL = re.compile(r"(?:doi[:=/]|[/=:?&(])(" + PREFIX + r"(?:/|%2[Ff])[^\s?#&]+)", re.IGNORECASE)

# A link's tail, which names a view of the work and not the work (publishers' landing pages).
_TAIL_WORDS = (
    r"full(?:[.-]?text)?|abstract|abs|e?pdf(?:plus|direct)?|html?|meta|summary|figures?|tables?|references?|refs|citedby"
    r"|citations?|metrics|comments|authors|supplement(?:al|ary)?(?:-?materials?)?|suppl_file|supp(?:l|info)?|asset"
    r"|download|xml|largerimage|originalimage|powerpoint|related|issuetoc|extract|export|cite|read|media|history"
)
TAIL = re.compile(
    rf"(?:/(?:{_TAIL_WORDS})(?:/(?:{_TAIL_WORDS}|[\w.-]+\.\w{{2,4}}|media-\d+\.pdf))?"
    r"|/(?:full|fulltext|abstract|pdf)(?:\.(?:pdf|html?)|\+html)|\.(?:full|abstract|full-text)"
    r"|(?:\.(?:full|abstract|short|long|full-text))?\.(?:e?pdf|html?)(?:\+html)?|/[\w.-]*\.pdf|;jsession\S*)/?$",
    re.IGNORECASE,
)
"""A link's tail: `/full`, `.pdf`, `/abstract` (it is cut off in links, and offered as a second reading in text)."""


# --- decoding ------------------------------------------------------------------------------------

_LATEX = {
    r"\textless": "<", r"\textgreater": ">", r"\textunderscore": "_", r"\textasciitilde": "~", r"\textbackslash": "\\",
    r"\slash": "/", r"\allowbreak": "", r"\linebreak": "", r"\-": "-", r"\/": "/", r"\textendash": "-", r"\less": "<",
    r"\greater": ">", r"\lt": "<", r"\gt": ">", r"\textquotesingle": "'", r"\textbar": "|", r"\discretionary": "",
    r"\penalty": "", r"\break": "", r"\,": "",
}  # fmt: skip
_DASHES = "\u2010\u2011\u2212\ufe63\uff0d"
_INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2066\u2067\u2068\u2069\ufeff"
)
_LIGATURES = "\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
_SLASHES = "\u2044\u2215"

_DISGUISE = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+"
    r"|\+\+[^\s+]{1,40}\+\+"
    r"|&(?:amp;)?(?:#[0-9]{1,6}|#[xX][0-9a-fA-F]{1,5}|[A-Za-z]{2,8});"
    r"|\\(?:text(?:less|greater|underscore|asciitilde|endash|bar|quotesingle|backslash)|slash|allowbreak|linebreak|less|greater|lt|gt|break)(?:\{\}|(?![A-Za-z]))\s?"
    r"|\\(?:[-/,_%&#{}$~^<>()\[\]:;]|u00[0-9a-fA-F]{2}|u20[01][0-9a-fA-F])"
    r"|\{\\_\}|\{\\(?:textless|textgreater|textunderscore)\}|\{[_<>]\}|\$[<>]\$|\$\\(?:less|greater|lt|gt)\$"
    rf"|[{_DASHES}{_INVISIBLE}{_LIGATURES}{_SLASHES}\uff01-\uff5e\ufffe\x02]"
)

DOUBTFUL_DASHES = "\u2012\u2013\u2014\u2015\u2043"
"""Dashes that typesetting puts in a hyphen's place (TeX: in that of two), but that registered DOIs hold as well."""


def _undisguise(piece: str) -> str:
    """What one disguised piece of a DOI stands for, or the piece itself where it stands for nothing."""
    first = piece[0]
    if first == "%":
        try:
            plain = unquote_to_bytes(piece).decode("utf-8")
        except UnicodeDecodeError:
            return piece
        return piece if _UNPRINTABLE.search(plain) else plain
    if first == "&":
        plain = html.unescape(html.unescape(piece))
        return plain if len(plain) == 1 and plain.isprintable() else ("" if plain in _INVISIBLE else piece)
    if first in "\\{$":
        bare = piece.strip("${} ")
        if bare.startswith("\\u") and len(bare) == 6:
            plain = chr(int(bare[2:], 16))
            return plain if plain.isprintable() else ""
        if bare in _LATEX:
            return _LATEX[bare]
        return bare[1:] if bare.startswith("\\") else (bare or piece[1:])
    if first == "+":  # a passthrough of AsciiDoc
        return piece[2:-2]
    if first in "\ufffe\x02":  # how pdfium writes a hyphen at a line's end
        return "-"
    if first in _INVISIBLE:
        return ""
    if first in _DASHES:
        return "-"
    if first in _SLASHES:
        return "/"
    return unicodedata.normalize("NFKC", first)


def decode(raw: str) -> tuple[str, list[int] | None]:
    """Undo percent-encoding, entities, LaTeX escapes, ligatures, full-width characters and invisible ones.

    Returns the plain text and, where anything changed, for each of its characters the end in `raw` of the piece that
    it came from (None: nothing changed, so offsets are the same).
    """
    if not _DISGUISE.search(raw):
        return raw, None
    plain: list[str] = []
    ends: list[int] = []
    at = 0
    for match in _DISGUISE.finditer(raw):
        plain.append(raw[at : match.start()])
        ends.extend(range(at + 1, match.start() + 1))
        piece = _undisguise(match.group())
        if _DOUBLE.search(piece):  # encoded twice: %252F
            piece = _undisguise(piece)
        plain.append(piece)
        ends.extend([match.end()] * len(piece))
        if not piece and ends:
            ends[-1] = match.end()
        at = match.end()
    plain.append(raw[at:])
    ends.extend(range(at + 1, len(raw) + 1))
    text = "".join(plain)
    if _DOUBLE.search(text):
        again, inner = decode(text)
        if inner is not None and again != text:
            return again, [ends[end - 1] for end in inner]
    return text, ends


_DOUBLE = re.compile(r"%(?:2[FfBb8-9]|3[A-Fa-f]|5[BbDd]|7[Cc])")


NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
"""Full-width characters to those of ASCII, as East Asian typesetting writes whole DOIs."""


# --- the normal form -----------------------------------------------------------------------------


def fold(text: str) -> Doi:
    """Make a clean DOI (decoded, no prefix) comparable: ASCII letters become lower case (DOI Handbook §2.4)."""
    return Doi(text.lower() if text.isascii() else text.translate(_FOLD))


def is_valid(doi: str) -> bool:
    """Whether `doi` is a DOI in normal form: `10.N/suffix` of printable characters, or a short DOI `10/abc`."""
    if _SHORT.fullmatch(doi):
        return True
    return (
        len(doi) <= 2048
        and _CLEAN.fullmatch(doi) is not None
        and not _UNPRINTABLE.search(doi)
        and not _BLANK.search(doi)
        and doi == fold(doi)
    )


def parse(written: str) -> Doi | None:
    """Read a string that is one DOI and nothing else, in any usual spelling; None where it is not.

    Parameters: `written`, a bare DOI, `doi:…`, `urn:doi:…`, `info:doi/…`, a resolver's or publisher's link that carries
    one, percent-encoded or LaTeX-escaped. A suffix is taken whole, also with a final full stop; of a link, what follows
    the DOI (`/full`, `?…`, `#…`) is left out.
    """
    text = written.strip().strip("\u200e\u200f\ufeff").strip()
    if text.startswith("\uff11\uff10"):
        text = text.translate(NARROW)
    if not text or len(text) > 4096:
        return None
    if len(text) > 2 and (text[0] + text[-1]) in ("<>", '""', "''", "{}", "“”", "()", "[]") and text.find("10") > 0:
        text = text[1:-1].strip()
    if re.match(r"https?\s+:|https?:\s", text, re.IGNORECASE):
        text = re.sub(r"\s*([:/.])\s*", r"\1", text)
    bare, linked = _unwrap(text)
    if bare is None:
        return parse(cleaner) if (cleaner := _LITTER.sub("", text)) != text else None
    plain, _ = decode(bare)
    if linked and (short := _SHORT.fullmatch(fold(re.sub(r"\s*/\s*", "/", plain.strip())).strip("/"))):
        return Doi(short.group())
    plain = re.sub(rf"^({PREFIX})\s*/\s*", r"\1/", plain.strip())
    if re.search(r"\s", plain) and not linked:
        plain = _despace(plain)
    if linked or re.search(r"[#?][A-Za-z_.]", bare):
        plain = _without_tail(bare if linked else plain)
    doi = fold(plain.rstrip(" \t\r\n,;"))
    if doi.endswith(".") and completeness(doi[:-1]) == "whole":
        doi = fold(doi[:-1])
    broken = _NO_DOI.search(doi) or (not linked and (re.search(r"\s", doi) or _BAD_PERCENT.search(doi)))
    if broken or _TAG.search(_SICI.sub("", bare if linked else doi)):
        return parse(cleaner) if (cleaner := _LITTER.sub("", text)) != text else None
    if not linked and _LITTER.search(plain):
        return parse(_LITTER.sub("", plain))
    return doi if is_valid(doi) else None


# What LaTeX's grouping and broken clean-ups leave in a field; no registered DOI is known to hold any of it.
_LITTER = re.compile(r"[{}|~^`\\\x01-\x08\x0e-\x1f\u241b\ufffd]")
_SICI = re.compile(r"<[\w.+*-]*:[^<>\s/]*>")
_TAG = re.compile(r"<[/a-z!?]")
_NO_DOI = re.compile(r'[{}]|"$')
_BAD_PERCENT = re.compile(r"%(?![0-9a-fA-F.]{2})")


def _unwrap(text: str) -> tuple[str | None, bool]:
    """Take off labels and resolvers; the rest, and whether it came as a link (None: there is no DOI inside)."""
    linked, labelled = False, False
    for _ in range(6):
        before = text
        if match := _LABEL.match(text):
            text, labelled = text[match.end() :], True
        if (match := _RESOLVER.match(text)) and match.end() > 0 and "://" in text + "://":
            rest = text[match.end() :]
            if match.group().lower().startswith(("http", "doi", "dx", "www")) or "doi" in match.group().lower():
                text, linked = rest, True
                if re.fullmatch(r"[A-Za-z0-9]{4,10}/?", rest) and not rest.startswith("10."):
                    text = "10/" + rest.rstrip("/")
        if text == before:
            break
    text = text.lstrip()
    text = re.sub(r"^/(?=10[./])", "", text)
    decoded_head = text[:40].replace("%2F", "/").replace("%2f", "/").replace("%2E", ".").replace("\\/", "/")
    if re.match(PREFIX + r"\s*[/\u2044\u2215\uff0f]", decoded_head) or re.match(
        r"10\s*/\s*[A-Za-z0-9]+\s*/?$", decoded_head
    ):
        return text, linked or not decoded_head.startswith("10.")
    if re.match(r"10\.\d+(?:\.\d+)*:", text) and (
        linked or labelled
    ):  # urn:doi:10.123:456 writes a colon for the slash
        return text.replace(":", "/", 1), linked
    if (_URL.match(text) or "/" in text[:1] or linked) and (found := _IN_URL.search(text)):
        return found.group(1), True
    return None, linked


def _without_tail(bare: str) -> str:
    """A link's DOI without query, fragment and the publisher's view."""
    cut = re.split(r"\?|(?<!CO;2-)(?<!co;2-)#|&(?=[A-Za-z_]+=)", bare, maxsplit=1)[0]
    plain, _ = decode(cut)
    trimmed = TAIL.sub("", plain)
    whole = (trimmed if _CLEAN.fullmatch(trimmed) else plain).rstrip("/")
    if version := PREPRINT_VERSION.match(whole):
        return version.group(1)
    # Oxford's links carry an article's number after the DOI.
    numbered = re.fullmatch(r"(10\.1093/.+)/\d{5,9}", whole, re.IGNORECASE)
    return numbered.group(1) if numbered and completeness(fold(numbered.group(1))) == "whole" else whole


PREPRINT_VERSION = re.compile(r"(10\.1101/[\d.]+?\d)v\d+(?:\..*)?$")
"""A bioRxiv or medRxiv DOI with the version that their links add: all versions have one DOI."""


def _despace(plain: str) -> str:
    """A DOI field whose value was broken by spaces or line ends is one DOI if the pieces hold nothing else."""
    pieces = plain.split()
    joins = all(not re.match(r"10\.\d{4,9}/|https?:|doi", piece, re.IGNORECASE) for piece in pieces[1:])
    marked = all(left[-1] in "./-_([<:" or right[0] in "./-_)]>:" for left, right in pairwise(pieces))
    return "".join(pieces) if joins and marked else plain


# --- writing -------------------------------------------------------------------------------------


def quote(doi: str) -> str:
    """A DOI as one path segment of a service's URL: everything but letters, digits and `_.-~` is encoded."""
    return _percent_encode(doi, safe="")


def url(doi: str) -> str:
    """The link that shows a DOI, with only those characters encoded that must be (DOI Handbook, encoding tables)."""
    encoded = _percent_encode(doi, safe="/:;()$!*'@=&~,+-._")
    return f"https://doi.org/{encoded.replace('/./', '/.%2F').replace('/../', '/..%2F')}"
