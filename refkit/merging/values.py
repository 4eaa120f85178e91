"""Whether two values of a field say the same, whatever they look like: one row of a table a CSL variable.

What is the same is never changed and never reported: refkit does not guess which spelling is the better one. What a
user chooses for himself (`OWN`: links, abstracts, keywords …) is never a conflict. Source: docs/merging.md.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from refkit.formats.plain import word_set
from refkit.match import containers, identifiers, names, nearness, places, titles
from refkit.match.fold import ascii_words, plain
from refkit.match.identifiers import canonical_doi
from refkit.match.nearness import Nearness
from refkit.match.profile import years_in, years_of
from refkit.match.words import MISSING, NUMBER_WORDS
from refkit.merging.known_names import HOUSES, MACROS
from refkit.model import Work


@dataclass(frozen=True, slots=True)
class About:
    """What a comparison may look at beside the two values: the records that they stand in, and aliases of DOIs."""

    yours: Mapping[str, Any]
    theirs: Work
    aliases: Mapping[str, str]


Same = Callable[[Any, Any, About], bool]

OWN = word_set(
    """abstract annote accessed archive archive_location archive-place available-date call-number categories
    citation-label container-title-short custom dimensions division event-date event-place event-title event genre
    ISBN ISSN jurisdiction keyword language medium note number-of-pages number-of-volumes original-author original-date
    original-publisher original-publisher-place original-title publisher-place references reviewed-title scale section
    source status submitted title-short URL year-suffix type id"""
) | {""}
"""Variables in which the user's value stays and no difference is a conflict: what he chose or wrote for himself, and
what two good records of one work may say differently (the ISSN in print and online); and all that CSL has no word
for."""


def same(variable: str, yours: Any, theirs: Any, about: About) -> bool:
    """Whether two values of a CSL variable say the same.

    Parameters: `variable`, "" for a field that CSL has no word for; `yours`, `theirs`, CSL values; `about`.
    """
    if yours == theirs:
        return True
    if not yours or not theirs:
        return False
    if isinstance(theirs, str) and _slug(theirs) in MISSING:
        return True  # "unknown" says nothing against yours
    rule = _RULES.get(variable, _text)
    return rule(yours, theirs, about)


def words(text: str) -> str:
    """The folded words of a text: entities, markup, LaTeX, case, accents, dashes and quotes count for nothing."""
    return ascii_words(plain(html.unescape(html.unescape(text)) if "&" in text else text))


def bare(raw: str) -> str:
    """A raw value without the delimiters and the commands around it, for values that no variable states."""
    text = raw.strip().strip('{}"').strip()
    found = re.fullmatch(r"\\(?:url|href|path)\s*\{([^{}]*)\}?.*", text)
    return found[1] if found else text


def _slug(value: Any) -> str:
    return words(str(value)).replace(" ", "")


def _text(yours: Any, theirs: Any, about: About) -> bool:
    if not isinstance(yours, (str, int)) or not isinstance(theirs, (str, int)):
        return bool(yours == theirs)
    return _slug(yours) == _slug(theirs)


# --- names ---------------------------------------------------------------------------------------

_OTHERS = frozenset(("others", "et al", "et al.", "etal", "and others", "u.a.", "…", "..."))


def _people(value: Any) -> tuple[tuple[names.Person, ...], bool]:
    """The persons of a name list, and whether it says that there are others."""
    rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, (list, tuple)) else []
    open_end = False
    while rows and _label(rows[-1]) in _OTHERS:
        rows, open_end = rows[:-1], True
    return names.people(rows), open_end


def _label(row: Mapping[str, Any]) -> str:
    parts = (str(row.get(part) or "") for part in ("given", "family", "literal"))
    return " ".join(part for part in parts if part).strip().lower()


def _names(yours: Any, theirs: Any, about: About) -> bool:
    """The same persons in the same order; a list that says "and others", or theirs, may end early.

    Registries often know the first author alone, so a list of theirs that is shorter says nothing against yours.
    """
    mine, mine_open = _people(yours)
    other, _ = _people(theirs)
    if not mine or not other:
        return not mine and not other
    if len(mine) != len(other):
        mine, other = _without_repeats(mine), _without_repeats(other)
    if len(mine) < len(other) and not mine_open:
        return _same_words(mine, other)
    pairs = list(zip(mine, other, strict=False))
    return all(names.same_person(x, y) for x, y in pairs) or _same_words(mine, other)


def _without_repeats(people: tuple[names.Person, ...]) -> tuple[names.Person, ...]:
    """A list without persons that it names again, as exports do that have full names and initials."""
    found: list[names.Person] = []
    for person in people:
        if not any(person.family == known.family and names.same_person(person, known) for known in found):
            found.append(person)
    return tuple(found)


def _same_words(mine: tuple[names.Person, ...], other: tuple[names.Person, ...]) -> bool:
    """Lists that were taken apart differently have the same words in the same order, whichever part comes first."""

    def orders(people: tuple[names.Person, ...]) -> set[tuple[str, ...]]:
        by_family = tuple(word for one in people for word in (*one.parts, *(one.given or one.initials.split())))
        by_given = tuple(word for one in people for word in (*(one.given or one.initials.split()), *one.parts))
        return {by_family, by_given}

    return not orders(mine).isdisjoint(orders(other))


# --- titles and containers -----------------------------------------------------------------------

_ONE_TITLE = frozenset((Nearness.EQUAL, Nearness.NEAR, Nearness.SHORTENED, Nearness.TRANSLATED))


def _title(yours: Any, theirs: Any, about: About) -> bool:
    kept = about.theirs.extra.get("crossref", {})
    others = [theirs, kept.get("title"), *_list(kept.get("other-titles")), about.theirs.csl.get("original-title")]
    mine = titles.read(html.unescape(str(yours)))
    return any(_slug(yours) == _slug(other) or _one_title(mine, other) for other in others if other)


def _one_title(mine: titles.Title, other: Any) -> bool:
    theirs = titles.read(html.unescape(str(other)))
    return nearness.compare(mine, theirs) in _ONE_TITLE and not nearness.numbers_differ(mine, theirs)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


_IN_BOOK = word_set("chapter paper-conference entry entry-encyclopedia entry-dictionary")


def _container(yours: Any, theirs: Any, about: About) -> bool:
    kept, csl = about.theirs.extra.get("crossref", {}), about.theirs.csl
    others = [
        theirs,
        csl.get("container-title-short"),
        csl.get("collection-title"),  # many programs file a chapter under its series
        *_list(kept.get("container-titles")),
        *_list(kept.get("short-container-title")),
    ]
    mine = _journal(str(yours))
    if any(_one_container(mine, _journal(str(other))) for other in others if other):
        return True
    # A book is one with and without its subtitle; a journal's may name another journal.
    agrees = containers.agree(containers.read(mine), containers.read(str(theirs))) is not False
    return csl.get("type") in _IN_BOOK and (agrees or _one_title(titles.read(mine), theirs))


def _one_container(mine: str, theirs: str) -> bool:
    if _slug(mine) == _slug(theirs) or containers.agree(containers.read(mine), containers.read(theirs)) is True:
        return True
    short, long = sorted((mine, theirs), key=len)
    # One word, shortened with a full stop: Radiol., Neurol.
    return bool(re.fullmatch(r"\w{3,}\.", short)) and " " not in long and _slug(long).startswith(_slug(short))


_MACRO = re.compile(r"\\([a-z]+)")


def _journal(text: str) -> str:
    text = html.unescape(text)
    match = _MACRO.fullmatch(text.strip(" {}"))
    return MACROS.get(match[1], text) if match else text


_FIRM = word_set(
    """inc ltd llc gmbh bv b v ag sa co company corp corporation kg plc publishing publishers publisher publications
    press verlag editions edition und and group international the of for a s p"""
)
"""Words that a publisher's name may have or lack."""


def _publisher(yours: Any, theirs: Any, about: About) -> bool:
    """The same house, or another body that the record names: who registers, who hosts, whose report it is."""
    kept = about.theirs.extra.get("crossref", {})
    bodies = (theirs, *(kept.get(name) for name in ("publisher", "institution")))
    return any(_one_house(yours, body) for body in bodies if isinstance(body, str) and body)


def _one_house(yours: Any, theirs: Any) -> bool:
    mine, other = words(str(yours)).split(), words(str(theirs)).split()
    padded = [f" {' '.join(row)} " for row in (mine, other)]
    if any(all(any(f" {name} " in row for name in house) for row in padded) for house in HOUSES):
        return True
    firm_a, firm_b = ({word for word in row if word not in _FIRM} or set(row) for row in (mine, other))
    if firm_a <= firm_b or firm_b <= firm_a:
        return True
    return containers.agree(containers.read(str(yours)), containers.read(str(theirs))) is True


# --- dates, numbers and pages --------------------------------------------------------------------


def _issued(yours: Any, theirs: Any, about: About) -> bool:
    """The same year, in print or online: month and day are as the user has them.

    A registry's record names both years; in a library one stands for both, so that years next to each other are one.
    """
    mine, other = years_of(yours), {*years_of(theirs), *years_in(about.theirs)}
    if not mine:
        return _date_words(yours) == _date_words(theirs)
    apart = 1 if about.theirs.origin.source == "library" else 0
    return any(abs(x - y) <= apart for x in mine for y in other)


def _date_words(date: Any) -> str:
    literal = date.get("literal") or date.get("raw") if isinstance(date, Mapping) else date
    return _slug(literal or "")


def _number(yours: Any, theirs: Any, about: About) -> bool:
    """`Vol. 12`, `12`, `012`, `XII` and `12(3)` are one number; a letter before it is a part of it."""
    if _slug(yours) == _slug(theirs):
        return True
    (mine, mine_inner), (other, other_inner) = places.number(str(yours)), places.number(str(theirs))
    if _series_letter(yours) != _series_letter(theirs) and _series_letter(yours) and _series_letter(theirs):
        return False
    mine_numbers, other_numbers = set(mine.numbers), set(other.numbers)
    if mine_numbers and other_numbers:
        whole = {mine_inner.numbers, other_inner.numbers}
        return bool(mine_numbers & other_numbers) and (len(whole) == 1 or () in whole)
    return bool(mine.text and mine.text == other.text)


def _series_letter(value: Any) -> str:
    match = re.fullmatch(r"\s*([A-Z])[\s-]?\d+\s*", str(value))
    return match[1] if match else ""


_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|ª|º)\b|\b(?:edition|edn|ed|aufl(?:age)?|revised|rev)\b\.?", re.IGNORECASE)


def _edition(yours: Any, theirs: Any, about: About) -> bool:
    return _edition_number(yours) == _edition_number(theirs)


def _edition_number(value: Any) -> str:
    folded = words(_ORDINAL.sub(" ", str(value)))
    return str(NUMBER_WORDS.get(folded, folded))


def _page(yours: Any, theirs: Any, about: About) -> bool:
    """One place in any spelling; an article number and pages are two ways to count, and say nothing of each other."""
    mine, other = places.pages(str(yours)), places.pages(str(theirs))
    if not mine or not other:
        return _slug(yours) == _slug(theirs)
    if _slug(yours) == _slug(theirs) or (len(mine.all) > 1 and mine.all == other.all):
        return True
    if mine.first == other.first or mine.bare == other.bare:
        ends = {one.last for one in (mine, other) if one.last not in {"", one.first, one.bare}}  # 70-70 is page 70
        return len(ends) < 2
    return places.is_article_number(mine) != places.is_article_number(other)


# --- identifiers ---------------------------------------------------------------------------------


def _doi(yours: Any, theirs: Any, about: About) -> bool:
    mine, other = canonical_doi(str(yours)), canonical_doi(str(theirs))
    return bool(mine) and about.aliases.get(mine, mine) == about.aliases.get(other, other)


def _digits(yours: Any, theirs: Any, about: About) -> bool:
    mine, other = (re.findall(r"\d+", str(value)) for value in (yours, theirs))
    return bool(mine and other) and mine[0].lstrip("0") == other[0].lstrip("0")


def _isbn(yours: Any, theirs: Any, about: About) -> bool:
    """Numbers of one book, with 10 digits or 13 (ISO 2108)."""
    mine, other = (identifiers.read({"ISBN": str(value)}).isbn for value in (yours, theirs))
    return not mine.isdisjoint(other) or _text(yours, theirs, about)


_NAMES = word_set(
    """author editor translator chair collection-editor compiler composer container-author contributor curator director
    editorial-director editor-translator executive-producer guest host illustrator interviewer narrator organizer
    performer producer recipient reviewed-author script-writer series-creator"""
)
"""CSL's name variables that are compared (CSL 1.0.2, appendix IV)."""

_RULES: dict[str, Same] = {
    **dict.fromkeys(_NAMES, _names),
    "title": _title,
    "container-title": _container,
    "collection-title": _container,
    "issued": _issued,
    "volume": _number,
    "issue": _number,
    "collection-number": _number,
    "chapter-number": _number,
    "part-number": _number,
    "edition": _edition,
    "page": _page,
    "page-first": _page,
    "number": _page,
    "publisher": _publisher,
    "DOI": _doi,
    "ISBN": _isbn,
    "PMID": _digits,
    "PMCID": _digits,
}
"""The rule of each CSL variable; all others are texts, compared by their folded words."""


# --- the fuller of two ---------------------------------------------------------------------------


def full_length(variable: str, value: Any) -> int:
    """How much a value says, to choose between two that say the same: names in full, pages to the last one, titles
    with their subtitles; 0 where no value is fuller than another."""
    if variable in _NAMES:
        people, open_end = _people(value)
        given = sum(len(word) for person in people for word in person.given)
        return 1000 * len(people) + given - 500 * open_end
    if variable == "page":
        pages = places.pages(str(value))
        return int(pages.last not in {"", pages.first, pages.bare})
    if variable == "title":
        # Only a missing subtitle makes a title poorer: a letter more or less does not.
        return len(words(str(value)).split()) // 3
    return len(str(value)) if variable == "abstract" else 0
