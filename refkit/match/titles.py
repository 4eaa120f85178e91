"""Titles: what they say once databases' additions are set aside, and how near two of them are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from refkit.match import words as table
from refkit.match.fold import ascii_words, plain

_BRACKETED = re.compile(r"\s*[\[(]([^\[\]()]*)[\])][\s.*]*$")
_INSERTED = re.compile(r"\s*\[(?:corrected|sic|see comments?|letter|abstract|retracted)\]\s*", re.IGNORECASE)
_PARALLEL = re.compile(
    r"\s*<original>\s*|\s+(?:LA|TO|OT|TT): |(?<=\w)\s*;\s+(?=\w)|\s+=\s+|(?<=\w)\s+/\s+(?=\w)", re.IGNORECASE
)
_PARALLEL_SIGNS = (" LA: ", " TO: ", " OT: ", " TT: ")
_BOUNDARY = re.compile(r"[:?!–—]|\.(?=\s)|--|\s-(?=\s|\w)|;\s")
_DIGITS = re.compile(r"\d+")
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Title:
    """A title made comparable.

    `words` and `slug` are the folded title without notices and databases' remarks; `heads` are its beginnings that end
    at a subtitle's border; `others` are slugs of its other readings (a translation in brackets); `notice` is the kind
    of notice that it announces (words.NOTICES); `generic` says that many works bear it, `short` that it is too short
    to identify a work.
    """

    written: str
    words: tuple[str, ...] = ()
    slug: str = ""
    heads: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    notice: str = ""
    generic: bool = False
    short: bool = False

    @property
    def numbers(self) -> tuple[str, ...]:
        """All numbers in the title, Roman ones too."""
        return _numbers(self.words)[0]

    @property
    def parts(self) -> tuple[str, ...]:
        """The numbers that number the parts of a whole."""
        return _numbers(self.words)[1]


NO_TITLE = Title("")


def read(written: str, container: str = "") -> Title:
    """Read a title as it stands in a record.

    Parameters: `written`, with whatever markup; `container`, the slug of the work's container: a title that only
    repeats
    it says nothing.
    """
    text = plain(written).strip().strip('"“”„«»').strip()
    if not text:
        return NO_TITLE
    text, readings = _set_remarks_aside(text)
    text = _without_label(text)
    folded, heads = _fold(text)
    notice = ""
    ends = {word[:5] for word in (*folded[:3], *folded[-5:])}
    if not ends.isdisjoint(table.NOTICE_STEMS) or "(v" in text or "protocol" in folded:
        notice, text = _notice(text)
        folded, heads = _fold(text)
    slug = "".join(folded)
    if slug in table.MISSING:
        return NO_TITLE
    return Title(
        written=written.strip(),
        words=folded,
        slug=slug,
        heads=heads,
        others=tuple(
            sorted({s for s in ("".join(ascii_words(r).split()) for r in readings) if len(s) >= _SHORT and s != slug})
        ),
        notice=notice,
        generic=_is_generic(folded, slug, container),
        short=len(slug) < _SHORT or (len(folded) < 3 and len(slug) < 2 * _SHORT),
    )


def _set_remarks_aside(text: str) -> tuple[str, list[str]]:
    """The title proper, and other readings of it: a translation or the original in brackets or after a sign."""
    readings: list[str] = []
    lower = text.lower()
    if "retract" in lower or "withdr" in lower or "removed" in lower or "widerruf" in lower:
        text = table.RETRACTED.sub("", text)
    if "[" in text or "(" in text or "<" in text:
        text = table.ERRATUM_TAIL.sub("", text)
        text = _INSERTED.sub(" ", text).strip()
    marked = ";" in text or "/" in text or " = " in text or "<" in text or any(sign in text for sign in _PARALLEL_SIGNS)
    if marked and _PARALLEL.search(text):
        pieces = [piece.strip(' []"') for piece in _PARALLEL.split(text)]
        if all(len(piece) >= _SHORT or len(piece) < 5 for piece in pieces):
            readings += [piece for piece in pieces if len(piece) >= _SHORT]
            if re.search(r"<original>|\s(?:LA|TO|OT|TT): ", text, re.IGNORECASE):
                text = _PARALLEL.split(text)[0]
    if text.startswith("[") and text.rstrip(" .*").endswith("]") and "[" not in text[1:]:
        return text.strip(" .*[]"), readings
    while ("]" in text or ")" in text) and (match := _BRACKETED.search(text)):
        inner, outer = match[1], text[: match.start()].rstrip()
        if not outer.strip(' .["'):
            break
        if not table.BRACKET_NOTE.search(inner):
            if text[match.start() :].lstrip()[:1] == "[" and len(inner) >= _SHORT:
                readings += [inner, outer.strip("[]")]
            break
        text = outer
    if text.startswith("["):
        if (end := text.find("]")) > 0 and len(text) - end > _SHORT:  # "[Translated title]. Original title"
            readings += [text[1:end], text[end + 1 :]]
        text = text.replace("[", "", 1).replace("]", "", 1)
    return text.strip(), readings


def _without_label(text: str) -> str:
    rest = table.LABEL.sub("", text, count=1)
    return rest if len(rest) >= _SHORT else text


def _notice(text: str) -> tuple[str, str]:
    """The kind of notice that a title announces, and the title without the announcement at its beginning."""
    lower = text.lower()
    for kind, _, pattern in table.NOTICES:
        if match := pattern.search(lower):
            rest = text[match.end() :].lstrip(" :.-–—\"“'") if match.start() == 0 else text
            return kind, rest if len(rest) >= _SHORT else text
    return "", text


def notice_name(kind: str) -> str:
    """What a librarian calls this kind of notice."""
    return next((name for known, name, _ in table.NOTICES if known == kind), "the work itself")


def _fold(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folded words of a title, and the letters of its beginnings up to each border of a subtitle."""
    folded: list[str] = []
    heads: list[str] = []
    for piece in _BOUNDARY.split(text, maxsplit=6):
        if len(folded) > 2 and (head := "".join(folded)) and len(head) > _SHORT:
            heads.append(head)
        folded += ascii_words(piece).split()
    slug = "".join(folded)
    return tuple(folded), tuple(head for head in dict.fromkeys(heads) if head != slug)


def _is_generic(folded: tuple[str, ...], slug: str, container: str) -> bool:
    if not folded or slug in table.GENERIC_TITLES or slug.endswith(table.GENERIC_ENDINGS):
        return True
    if folded[0] in _OPENING_WORDS and " ".join(folded).startswith(table.GENERIC_OPENINGS):
        return True
    if len(folded) < 8 and "".join(w for w in folded if w not in table.STOP and not w.isdigit()) in _GENERIC_BARE:
        return True
    if container[:6] and container[:6] in slug and len(container) > 5:
        bare = "".join(word for word in folded if word not in table.CONTAINER_STOP)
        if container in bare:
            rest = re.sub(r"volume|vol|paper|issue|number|article|no|\d+", "", bare.replace(container, ""))
            return len(rest) < 6
    return False


_OPENING_WORDS = frozenset(opening.split()[0] for opening in table.GENERIC_OPENINGS)
_GENERIC_BARE = table.GENERIC_TITLES | {""}


_ROMAN = {
    tens * "x" + ones + letter: str(10 * tens + value)
    for tens in range(4)
    for value, ones in enumerate(("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"))
    for letter in ("", "a", "b", "c")
    if tens or ones
}


@lru_cache(maxsize=4096)
def _numbers(folded: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All numbers of a title, and those that number parts; Roman ones count where they are not a letter."""
    numbers: list[str] = []
    parts: list[str] = []
    before = ""
    last = len(folded) - 1
    for place, word in enumerate(folded):
        if not word.isalpha():
            here = [digits.lstrip("0") or "0" for digits in _DIGITS.findall(word)]
        elif before in table.PART_WORDS or (len(word) > 1 and word in _ROMAN):
            here = _number_in_letters(word, before in table.PARTS_OF_WHOLE, place == last)
        else:
            before = word
            continue
        numbers += here
        if before in table.PARTS_OF_WHOLE or (place == last and word in _ROMAN):
            parts += here
        before = word
    return tuple(sorted(numbers)), tuple(sorted(parts))


def _number_in_letters(word: str, of_whole: bool, last: bool) -> list[str]:
    if word in _ROMAN:
        return [_ROMAN[word]]
    if of_whole and word in table.NUMBER_WORDS:
        return [str(table.NUMBER_WORDS[word])]
    return [word] if of_whole and last and len(word) == 1 else []
