"""What a key is made of: names, years and words of a work, in small ASCII letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from refkit.formats.plain import without_markup, word_set
from refkit.model import Work

STOP_WORDS = word_set(
    """a an the and or but nor for of on in at by to from with without into onto upon over under as is are was were
    be been do does how what when where which who why its it can could we you i our have has not all any
    some new retracted retraction withdrawn correction corrigendum erratum addendum reply this that these
    those via per vs versus toward towards between among against about after before during der die das den als
    dem des ein eine einer eines einem einen und oder zu zur zum von vom mit fur im am auf aus bei nach uber
    le la les un une du de et ou dans sur pour par avec sans au aux en l d el los las una unos unas y o del
    al con por para lo il gli uno e di da della dei delle nel nella su tra os um uma dos no na em com het
    een van voor met op te"""
)
"""Words that no key is made of: articles, prepositions and conjunctions of the languages that most titles are in."""

WORD = re.compile(r"[a-z0-9]+")
_NUMBER = re.compile(r"\d+(?:st|nd|rd|th)?")


# Letters that one language writes otherwise than anyascii, which reads Cyrillic as Russian and Han as Mandarin.
_BY_LANGUAGE = {
    "uk": {"г": "h", "Г": "H", "и": "y", "И": "Y", "є": "ie", "ї": "i", "щ": "shch"},
    "bg": {"щ": "sht", "Щ": "Sht", "ъ": "a", "Ъ": "A"},
    "sr": {"ђ": "dj", "џ": "dz", "ћ": "c"},
}


def ascii_of(text: str, language: str = "") -> str:
    """`text` in small ASCII letters, other scripts transliterated, by the language where that matters."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if table := _BY_LANGUAGE.get(language[:2]):
            text = "".join(table.get(char, char) for char in text)
        from anyascii import anyascii

        text = anyascii(text)
    return text.lower()


def name(work: Work) -> str:
    """The family name of the first author, else editor, chair or translator; a body's first two words."""
    for variable in ("author", "editor", "chair", "translator"):
        for person in work.csl.get(variable) or ():
            text = str(person.get("family") or "") or acronym(str(person.get("literal") or ""))
            if found := "".join(WORD.findall(ascii_of(text, str(work.csl.get("language", ""))))):
                return found
    return ""


def acronym(body: str) -> str:
    """A body's first two significant words: `worldhealth`, for the World Health Organization."""
    words = [word for word in WORD.findall(ascii_of(body)) if word not in STOP_WORDS]
    return "".join(words[:2])


def year(work: Work) -> str:
    """The year of publication, four digits, or ""."""
    issued: Any = work.csl.get("issued")
    if not isinstance(issued, Mapping):
        return ""
    parts = issued.get("date-parts")
    if parts and parts[0]:
        return str(parts[0][0])
    found = re.search(r"\b\d{4}\b", str(issued.get("literal") or issued.get("raw") or ""))
    return found[0] if found else ""


def words(work: Work) -> list[str]:
    """The significant words of the title, in order; all of them where none is significant."""
    title = without_markup(str(work.csl.get("title") or work.csl.get("container-title") or ""))
    # Chinese characters go by pairs, as most of their words are. An apostrophe ends no word: "Crohn's" is one.
    title = re.sub(r"[\u3400-\u9fff]{1,2}", r" \g<0> ", title) if not title.isascii() else title
    title = re.sub(r"\b([A-Za-z])[-‐‑](?=\w)", r"\1", title)  # U-Net is one word
    found = WORD.findall(re.sub(r"['’ʼ`]", "", ascii_of(title, str(work.csl.get("language", "")))))
    good = [word for word in found if word not in STOP_WORDS and not _NUMBER.fullmatch(word) and len(word) > 1]
    return good or found
