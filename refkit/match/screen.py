"""A quick look over a large library for the few works that may be the counterparts of some new ones."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from refkit.match import identifiers, places
from refkit.match import words as table
from refkit.match.fold import ascii_words, plain
from refkit.match.judgement import NO_ALIASES
from refkit.match.profile import Profile, read, years_of
from refkit.model import Work

_MEANT = 3
"""So many meaningful words from either end of a title make a sign."""

_LONG_WORD = 7
"""Letters of a word that are compared."""

_LETTERS = 12
"""The first letters of a title that are compared before all others."""

_NUMBER = re.compile(r"[1-9]\d*")

_FAMILY = 6
"""Letters of a first author's name that are looked for."""


class Screen:
    """Signs of some wanted works, against which each work of a library is held before it is read in full.

    What `admits` lets pass is to be put into an `Index`; the rest is the counterpart of none of the wanted works, as
    far as an `Index` would find out. It takes about a sixth of an `Index`'s time per work.
    """

    def __init__(self, wanted: Iterable[Work], *, aliases: Mapping[str, str] = NO_ALIASES) -> None:
        """Parameters: `wanted`, the new works; `aliases`, as in `compare`."""
        self._dois: set[str] = set()
        self._signs: set[tuple[str, ...]] = set()
        self._firsts: dict[tuple[str, str], set[str]] = {}
        self._pages: dict[tuple[str, str], set[str]] = {}
        self._volumes: dict[tuple[str, str], set[str]] = {}
        self._page_numbers: set[str] = set()
        self._others: set[str] = set()
        named: dict[str, list[str]] = {}
        for alias, name in aliases.items():
            named.setdefault(name, []).append(alias)
        for work in wanted:
            profile = read(work)
            doi = aliases.get(profile.ids.doi, profile.ids.doi)
            self._dois.update((profile.ids.doi, doi, *named.get(doi, ())))
            self._signs.update(_signs(profile))
            self._note_year(profile)
            self._others.update(_other_identifiers(profile))
        self._dois.discard("")
        self._edges = {edge for sign in self._signs for edge in _edges_of(sign)}

    def _note_year(self, profile: Profile) -> None:
        """What many works of a year have in common, the first word and the page, with who and which volume it takes."""
        family = profile.first_family[:_FAMILY]
        first = next((word for word in profile.title.words if _means(word)), "")[:_LONG_WORD]
        for year in map(str, profile.years):
            if first:
                self._firsts.setdefault((first, year), set()).add(family)
            if profile.pages.tells:
                self._page_numbers.update(_NUMBER.findall(profile.pages.bare))
                at = (profile.pages.bare, year)
                self._pages.setdefault(at, set()).add(family)
                self._volumes.setdefault(at, set()).update(profile.volume.numbers[:1] or ("",))

    def admits(self, csl: Mapping[str, Any], raw: Callable[[], str] | None = None) -> bool:
        """Whether a work with this CSL item may be one of the wanted; only a few of its statements are read.

        Parameters: `csl`; `raw`, which gives the work as its library has it: the first author is looked for there where
        little else agrees.
        """
        doi = csl.get("DOI")
        if isinstance(doi, str) and doi and identifiers.canonical_doi(doi) in self._dois:
            return True
        years = years_of(csl.get("issued"))
        title = csl.get("title")
        families: set[str] = set()
        if isinstance(title, str):
            folded = ascii_words(plain(title)).split()
            if not self._edges.isdisjoint(_edges(folded)) and not self._signs.isdisjoint(_folded_signs(folded)):
                return True
            first = next((word for word in folded if _means(word)), "")[:_LONG_WORD]
            families.update(*(self._firsts.get((first, str(year)), ()) for year in years))
        page = csl.get("page")
        if isinstance(page, str) and page and not self._page_numbers.isdisjoint(_NUMBER.findall(page)):
            bare = places.pages(page).bare
            for year in years:
                if (at := (bare, str(year))) in self._pages:
                    families |= self._pages[at]
                    volume, wanted = _volume(csl.get("volume")), self._volumes[at]
                    if not volume or "" in wanted or volume in wanted:
                        return True
        if families and _names(families, raw):
            return True
        if self._others or not doi:
            return self._admits_other(csl)
        return False

    def _admits_other(self, csl: Mapping[str, Any]) -> bool:
        names = ("PMID", "PMCID", "ISBN", "URL", "note", "archive_location", "number", "volume")
        if not any(name in csl for name in names):
            return False
        found = identifiers.read({name: value for name, value in csl.items() if isinstance(value, str)})
        known = {found.pmid, found.pmcid, found.arxiv, *found.isbn} - {""}
        return found.doi in self._dois or not self._others.isdisjoint(known)


def _other_identifiers(profile: Profile) -> set[str]:
    return {profile.ids.pmid, profile.ids.pmcid, profile.ids.arxiv, *profile.ids.isbn} - {""}


def _signs(profile: Profile) -> set[tuple[str, ...]]:
    title = profile.title
    signs: set[tuple[str, ...]] = {(slug,) for slug in (title.slug, *title.heads, *title.others) if slug}
    return signs | title_signs(title.written) | _folded_signs(title.words)


def _volume(written: Any) -> str:
    return next(iter(places.number(written)[0].numbers), "") if isinstance(written, str) and written else ""


def _names(families: set[str], raw: Callable[[], str] | None) -> bool:
    """Whether one of these first authors is named in an entry's text, or nobody can tell."""
    if raw is None or "" in families:
        return True
    text = "".join(ascii_words(plain(raw())).split())
    text = text.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    return any(family in text for family in families)


def title_signs(written: str) -> set[tuple[str, ...]]:
    """What a title is known by: its letters, its beginnings, its last words."""
    return _folded_signs(ascii_words(plain(written)).split())


def _folded_signs(folded: Sequence[str]) -> set[tuple[str, ...]]:
    meant = [word[:_LONG_WORD] for word in folded if _means(word)]
    signs: set[tuple[str, ...]] = {("".join(folded),)}
    if len(meant) > _MEANT:
        signs.add(("begins", *meant[:_MEANT]))
        signs.add(("ends", *meant[-_MEANT:]))
    elif len(meant) > 1:
        signs.add(("begins", *meant))
    if len(meant) > 2:
        signs.add(("begins", *meant[:2]))
    return signs


def _edges(folded: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    """The first two and the last two meaningful words, and the first letters: a title that shares none of them with
    another shares no sign with it, and they are found without reading all of it."""
    head = [word[:_LONG_WORD] for word in itertools.islice(filter(_means, folded), 2)]
    tail = [word[:_LONG_WORD] for word in itertools.islice(filter(_means, reversed(folded)), 2)]
    first, second = (*head, "", "")[:2]
    last, before = (*tail, "", "")[:2]
    return ("begins", first, second), ("ends", before, last), ("letters", "".join(folded[:_LETTERS])[:_LETTERS], "")


def _edges_of(sign: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """The edges of all titles that have a sign."""
    if sign[0] == "begins" and len(sign) > 2:
        yield ("begins", sign[1], sign[2])
    elif sign[0] == "ends" and len(sign) > 2:
        yield ("ends", sign[-2], sign[-1])
    else:
        yield ("letters", sign[0][:_LETTERS], "")


def _means(word: str) -> bool:
    return len(word) > 1 and word not in table.STOP
