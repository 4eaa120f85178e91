"""Where a written DOI ends: what cannot belong to it is cut off, each cut with its reason.

What an opened bracket, a quotation mark, a tag or a link's query ends, ends it for certain; glued words, a link's tail
and final punctuation are cut off for the best reading and kept in another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from refkit.doi import DOUBTFUL_DASHES, PREPRINT_VERSION, TAIL, fold
from refkit.doi.reach import Sign
from refkit.doi.shapes import shape_of

_CLOSES = {"(": ")", "[": "]"}
_OPENS = {closing: opening for opening, closing in _CLOSES.items()}

_SPECIAL = re.compile(r"[\s(\[)\]<>{}|\\^`\"*',;?#&]")
_SICI_ANGLE = re.compile(r"<[A-Za-z]{0,3}\d*[\w.+*-]*:{1,2}[^<>\s/]{1,40}>")
_GLUED = re.compile(
    r"(?<=.)(?:https?:/|www\.|(?:dx\.)?doi\.org|(?i:doi)\s*[:=]|(?i:urn:|info:doi)|10\.\d{4,9}/"
    r"|(?<=[a-z\d])(?:PMID|PMCID|PMC\d|ISSN|ISBN|DOI|URL)(?![a-z.])"
    r"|\.(?:PMID|PMCID|URL|Epub|PubMed|eCollection)(?=[\s:]|https?|$)"
    r"|(?<=[\dXx)\]])(?i:PMID|PMCID|PMC\d|arXiv:|ISSN|ISBN|Epub|e-?pub|eCollection|DOI|URL)(?![.\d])"
    r"|(?<=[\dXx).\]])(?:Received|Revised|Accepted|Published|Available|Accessed|Retrieved|Copyright|Citation|Abstract|Introduction"
    r"|Keywords?|Correspond|Submitted|Editor|Academic|Article|Original|Research|Review|Supplement|View|Download|Full|Crossref"
    r"|CrossRef|PubMed|Google|Medline|Scopus|Figure|Fig\.|Table|Open|Creative|License|This|The|For|Cite|Listing|Journal"
    r"|Check|Contents|Volume|Vol\.|Page|Author|Date|Advance|Background|Summary|Handling|From)(?=[A-Z\s:,.(]|$)"
    r"|(?<=\d)[A-Z][a-z]{3,}(?=[A-Z:,]|$)"
    r"|(?<=\d)(?:\u2014|-{2,3})(?=[^\W\d_]+[.,;:!?)\]]*$)"
    r"|(?<=[\w)])(?:\[|\()(?i:pdf|html|doi|crossref|pubmed|google|medline|free|open|accessed|visited|last|retrieved|cit|in|see|web|isi|cas|citeulike)\b"
    r")"
)
FINAL = frozenset(".)]-+*_/")
"""Final characters that a registered DOI may have: then the reading with it stays among the readings."""
TRAILING = ".,;:!?%'\u2018\u2019`*_~^|\\-/&=$@+\u00b7\u2020\u2021\u00a7\u00b6\u2013\u2014\u2032\u2033"
_DASH = re.compile(f"[{DOUBTFUL_DASHES}]")
_COMPONENT = re.compile(
    r"(?:\.(?:[gst]\d{3}|(?:table|fig|figure|supp|suppl)\.?\d*[a-z]?)|[/-](?:table|fig|figure|supp|suppl|mov|abstract)-?[a-z]?\d+)$"
)


@dataclass(slots=True)
class Cut:
    """How many characters of the suffix are kept, and why not more."""

    length: int
    why: str


HYPHEN_OUT = "the hyphen at the line end left out"


def others(plain: str, joints: list[int], dropped: list[int]) -> Iterator[tuple[str, str]]:
    """Further readings of the best one: unjoined, without the version, the component's parent."""
    for hyphen in dropped:
        if 0 < hyphen < len(plain):
            yield f"{plain[:hyphen]}-{plain[hyphen:]}", "with the hyphen at the line end"
    for joint in joints:
        if 0 < joint < len(plain):
            left = plain[:joint].rstrip(TRAILING)
            if left:
                yield left, "ends at the line end"
            if plain[joint - 1] == "-":
                yield plain[:joint], "ends at the line end, with the hyphen"
                yield plain[: joint - 1] + plain[joint:], HYPHEN_OUT
    if not plain.isascii() and (dashes := _DASH.search(plain)):
        yield _DASH.sub("-", plain), f"the dash {dashes.group()!r} read as a hyphen"
        yield _DASH.sub("--", plain), f"the dash {dashes.group()!r} read as two hyphens, as TeX writes them"
    if component := _COMPONENT.search(plain):
        yield plain[: component.start()], "the work that this is a part of"


def cuts_of(prefix: str, plain: str, sign: Sign, before: str) -> list[Cut]:
    """The places where the suffix `plain` may end, the best one last.

    Parameters: `prefix`, the DOI's prefix with its slash; `sign`, what stands around it; `before`, the text before it.
    """
    end, why = _hard_end(plain, sign, before)
    text = plain[:end]
    cuts: list[Cut] = []
    if end < len(plain) and re.match(r"[,;?#]\w", plain[end : end + 2]) and (more := _MORE.match(plain, end)):
        # An old DOI may hold a comma, or a question mark that nobody encoded.
        cuts.append(Cut(len(strip_end(plain[: more.end()])), f"with what follows the {plain[end]!r}"))
    for step in (_unglue, _by_shape):
        text, reason = step(prefix, text, cuts, sign)
        why = reason or why
    for _ in range(4):
        shorter, reason = _end(text, cuts)
        why = reason if reason and (not why or "link" in reason) else why
        if shorter == text:
            break
        text = shorter
    if version := PREPRINT_VERSION.match(prefix + text):
        cuts.append(Cut(len(text), "with the version"))
        text = text[: version.end(1) - len(prefix)]
        why = "the version left out: preprint servers give one DOI to all"
    return [*(cut for cut in cuts if cut.length > len(text)), Cut(len(text), why)]


_MORE = re.compile(r"[^\s<>{}\"|\\]*")


def _unglue(prefix: str, text: str, cuts: list[Cut], sign: Sign) -> tuple[str, str]:
    """Cut before a word or another DOI that is glued to this one."""
    match = _GLUED.search(text, 1) if _MAYBE_GLUED.search(text, 1) else None
    if match is None:
        return text, ""
    if not _ADDRESS.match(match.group()):
        cuts.append(Cut(len(strip_end(text)), "with what is glued to it"))
    return text[: match.start()], f"cut before {_show(text[match.start() :])}, which is glued to it"


_MAYBE_GLUED = re.compile(r"\u2014|--|[A-Z][A-Za-z]|10\.|://|www|doi|[a-z]{4}|[(\[][a-z]")
_ADDRESS = re.compile(r"(?i:https?:|www\.|(?:dx\.)?doi|urn:|info:|10\.\d)")


def _by_shape(prefix: str, text: str, cuts: list[Cut], sign: Sign) -> tuple[str, str]:
    """Cut where a DOI of the publisher's shape is whole and letters go on."""
    shape = shape_of(fold(prefix + text))
    whole = shape.whole.match(fold(prefix + text)) if shape is not None else None
    if shape is None or whole is None:
        return text, ""
    rest = text[whole.end() - len(prefix) :]
    number = (sign.link or sign.resolver) and re.fullmatch(r"/\d{5,9}", rest) and shape.publisher == "Oxford"
    if not number and not re.match(r"[A-Za-z]{2}|[A-Z]$|v\d$", rest):
        return text, ""
    cuts.append(Cut(len(text), "with what is glued to it"))
    return text[: len(text) - len(rest)], f"cut before {_show(rest)}: {shape.publisher}'s DOIs end here"


def _end(text: str, cuts: list[Cut]) -> tuple[str, str]:
    """Take off final punctuation, or else a link's tail."""
    stripped = strip_end(text)
    if stripped != text:
        if text[len(stripped)] in FINAL:
            cuts.append(Cut(len(stripped) + 1, f"with the final {text[len(stripped)]!r}"))
        return stripped, "punctuation after it left out"
    # Nearly all DOIs end in a digit, and hardly a tail does.
    tail = TAIL.search(text) if text and (not text[-1].isdigit() or "jsession" in text or "." in text[-5:-2]) else None
    if tail is None or tail.start() == 0:
        return text, ""
    cuts.append(Cut(len(text), f"with {tail.group()!r}"))
    return text[: tail.start()], f"{_show(tail.group())} belongs to the link"


def strip_end(text: str) -> str:
    """A suffix without the punctuation that ends the sentence or the line around it."""
    stripped = text.rstrip(TRAILING)
    # SICI check characters and the plus signs of ACS belong to the DOI: '…CO;2-#', 'jp000606+'
    rest = text[len(stripped) :]
    if rest.startswith("+") and len(rest.rstrip(".,;:")) == 1 and re.search(r"\d$", stripped):
        return stripped + "+"
    return stripped


def _hard_end(plain: str, sign: Sign, before: str) -> tuple[int, str]:
    """Where the suffix must end: at an unbalanced bracket, a quote, a tag, a link's query, a list's comma."""
    stack: list[str] = []
    opened = before[-1:]
    for special in _SPECIAL.finditer(plain):
        index, character = special.start(), special.group()
        rest = plain[index + 1 :]
        if character.isspace():  # an encoded one: in a link, it ends what belongs together
            return index, "what follows the blank belongs to something else"
        if character in "([":
            stack.append(_CLOSES[character])
        elif character in ")]":
            if not stack or stack[-1] != character:
                return index, f"cut before the {character!r} that closes a bracket opened earlier"
            stack.pop()
        elif character == "<":
            angle = _SICI_ANGLE.match(plain, index)
            if not angle:
                return index, "cut before the tag"
        elif character == ">":
            if plain.rfind("<", 0, index) <= plain.rfind(">", 0, index):
                return index, "cut before the '>' that closes a bracket opened earlier"
        elif character == "^" and plain[index - 1 : index] == "[":
            return index - 1, "cut before the footnote's mark"
        elif character in '{}|\\^`"*' or (character == "'" and (opened == "'" or not rest[:1].isalnum())):
            return index, f"cut before {character!r}"
        elif character in ",;" and not _belongs(plain, index, sign):
            return index, "" if not rest else f"cut at the {character!r}"
        elif character in "?#" and not (character == "#" and re.search(r"co;2-$", plain[:index], re.IGNORECASE)):
            return index, f"what follows {character!r} belongs to the link"
        elif character == "&" and (sign.link or sign.resolver) and re.match(r"[A-Za-z_.]+=", rest):
            return index, "what follows '&' belongs to the link"
        elif character == "&" and re.match(r"(?:quot|lt|gt|apos|nbsp|#)", rest):
            return index, "cut before the entity"
    if stack:
        opener = plain.rfind(_OPENS[stack[-1]])
        if opener > 0:
            return opener, "cut before the bracket that is not closed"
    return len(plain), ""


def _belongs(plain: str, index: int, sign: Sign) -> bool:
    """Whether the comma or semicolon at `index` is the DOI's own: in a SICI (`…CO;2-O`), or in a resolver's link."""
    if plain[index] == "," and sign.resolver and re.match(r"\w", plain[index + 1 :]):
        # In a table or a list, a number after a comma is the next value; the reading with it is kept.
        other = r"10\.|https?:|doi:" if sign.exact else r"10\.|https?:|doi|\w+[,;]|\d+(?![\w.-])"
        return not re.match(other, plain[index + 1 :])
    return (
        plain[index] == ";"
        and re.match(r"\d", plain[index + 1 :]) is not None
        and re.search(r"co$", plain[:index], re.IGNORECASE) is not None
    )


def _show(rest: str) -> str:
    return repr(rest if len(rest) <= 24 else rest[:24] + "…")


def also(first: str, second: str) -> str:
    return "; ".join(part for part in (first, second) if part)
