"""Work → citation key: ASCII, safe in LaTeX, BibTeX and pandoc, the same on every machine.

The form is family name of the first author (else editor), year, first significant word of the title:
`baker2024neutropenia`. Without a name the title's word comes first and its next word last:
`neutropenia2024following`; without a title the DOI's suffix stands for it. Clashes get a letter by ascending DOI,
whatever the order of the works (`docs/keys.md`).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from refkit.formats.plain import without_markup, word_set
from refkit.model import Doi, Work

STOP_WORDS = word_set(
    """a an the and or but nor for of on in at by to from with without into onto upon over under as is are was were
    be been do does how what when where which who why its it this that these those via per vs versus toward
    towards between among against about after before during der die das den dem des ein eine einer eines
    einem einen und oder zu zur zum von vom mit fur im am auf aus bei nach uber le la les un une des du de
    et ou dans sur pour par avec sans au aux en l d el los las una unos unas y o del al con por para lo il
    gli i uno e di da del della dei delle nel nella su con per tra o os as um uma e do da dos das no na em
    com por para het een van en voor met op te"""
)
"""Words that no key is made of: articles, prepositions and conjunctions of the languages that most titles are in."""

_WORD = re.compile(r"[a-z0-9]+")
_NUMBER = re.compile(r"\d+(?:st|nd|rd|th)?")


def assign(works: Mapping[Doi, Work] | Sequence[Work], taken: Collection[str] = ()) -> list[str]:
    """One key for each work, in the works' order; no two alike, none that is taken.

    Parameters: `works`, by DOI or in any order; `taken`, the keys that a library already has (compared without case, as
    BibTeX does).
    """
    rows = list(works.values()) if isinstance(works, Mapping) else list(works)
    dois = list(works) if isinstance(works, Mapping) else [str(work.csl.get("DOI", "")) for work in rows]
    order = sorted(
        range(len(rows)),
        key=lambda index: (not dois[index], dois[index], _fingerprint(rows[index]) if not dois[index] else ""),
    )
    used = {key.lower() for key in taken}
    keys = [""] * len(rows)
    for index in order:
        keys[index] = _free(base(rows[index]), used)
        used.add(keys[index])
    return keys


def _fingerprint(work: Work) -> str:
    return json.dumps(dict(work.csl), sort_keys=True, default=str)


def _free(key: str, used: Collection[str]) -> str:
    if key not in used:
        return key
    number = 0
    while (candidate := key + _letters(number)) in used:
        number += 1
    return candidate


def _letters(number: int) -> str:
    """0 → a, 25 → z, 26 → aa."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def base(work: Work) -> str:
    """The key of a work before clashes are told apart."""
    name, date, words = _name(work), _year(work), _words(work)
    if name:
        key = name + date + (words[0] if words else "")
    elif words:
        key = words[0] + date + (words[1] if len(words) > 1 else "")
    else:
        key = "".join(_WORD.findall(ascii_of(str(work.csl.get("DOI", "")).partition("/")[2]))) + date
    return key if re.match(r"[a-z]", key) else f"ref{key}"


def ascii_of(text: str) -> str:
    """`text` in small ASCII letters, other scripts transliterated."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        from anyascii import anyascii

        text = anyascii(text)
    return text.lower()


def _name(work: Work) -> str:
    for variable in ("author", "editor", "chair", "translator"):
        for person in work.csl.get(variable) or ():
            text = str(person.get("family") or "") or _acronym(str(person.get("literal") or ""))
            if found := "".join(_WORD.findall(ascii_of(text))):
                return found
    return ""


def _acronym(body: str) -> str:
    """A body's first two significant words: `worldhealth`, for the World Health Organization."""
    words = [word for word in _WORD.findall(ascii_of(body)) if word not in STOP_WORDS]
    return "".join(words[:2])


def _year(work: Work) -> str:
    issued: Any = work.csl.get("issued")
    if not isinstance(issued, Mapping):
        return ""
    parts = issued.get("date-parts")
    if parts and parts[0]:
        return str(parts[0][0])
    found = re.search(r"\b\d{4}\b", str(issued.get("literal") or issued.get("raw") or ""))
    return found[0] if found else ""


def _words(work: Work) -> list[str]:
    title = without_markup(str(work.csl.get("title") or work.csl.get("container-title") or ""))
    # Chinese characters go by pairs, as most of their words are. An apostrophe ends no word: "Crohn's" is one.
    title = re.sub(r"[\u3400-\u9fff]{1,2}", r" \g<0> ", title) if not title.isascii() else title
    title = re.sub(r"\b([A-Za-z])[-‐‑](?=\w)", r"\1", title)  # U-Net is one word
    words = _WORD.findall(re.sub(r"['’ʼ`]", "", ascii_of(title)))
    good = [word for word in words if word not in STOP_WORDS and not _NUMBER.fullmatch(word) and len(word) > 1]
    return good or words
