"""A quick look over a large library for the few works that may be the counterparts of some new ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


class Screen:
    """Signs of some wanted works, against which each work of a library is held before it is read in full.

    What `admits` lets pass is to be put into an `Index`; the rest is the counterpart of none of the wanted works, as
    far as an `Index` would find out. It takes about a sixth of an `Index`'s time per work.
    """

    def __init__(self, wanted: Iterable[Work], *, aliases: Mapping[str, str] = NO_ALIASES) -> None:
        """Parameters: `wanted`, the new works; `aliases`, as in `compare`."""
        self._dois: set[str] = set()
        self._signs: set[tuple[str, ...]] = set()
        self._others: set[str] = set()
        named: dict[str, list[str]] = {}
        for alias, name in aliases.items():
            named.setdefault(name, []).append(alias)
        for work in wanted:
            profile = read(work)
            doi = aliases.get(profile.ids.doi, profile.ids.doi)
            self._dois.update((profile.ids.doi, doi, *named.get(doi, ())))
            self._signs.update(_signs(profile))
            self._others.update(_other_identifiers(profile))
        self._dois.discard("")

    def admits(self, csl: Mapping[str, Any]) -> bool:
        """Whether a work with this CSL item may be one of the wanted; only a few of its statements are read."""
        doi = csl.get("DOI")
        if isinstance(doi, str) and doi and identifiers.canonical_doi(doi) in self._dois:
            return True
        title = csl.get("title")
        if isinstance(title, str) and not self._signs.isdisjoint(title_signs(title, csl.get("issued"))):
            return True
        page = csl.get("page")
        if isinstance(page, str) and page:
            bare = places.pages(page).bare
            if any((bare, str(year)) in self._signs for year in years_of(csl.get("issued"))):
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
    signs |= title_signs(title.written, None)
    meant = _meant(title.words)
    for year in profile.years:
        if profile.pages.tells:
            signs.add((profile.pages.bare, str(year)))
        if meant:
            signs.add((meant[0], str(year)))
    return signs


def title_signs(written: str, issued: Any) -> set[tuple[str, ...]]:
    """What a title is known by: its letters, its beginnings, its first and last words, its first word with the year."""
    folded = ascii_words(plain(written)).split()
    meant = _meant(folded)
    signs: set[tuple[str, ...]] = {("".join(folded),)}
    if len(meant) > _MEANT:
        signs.add(("begins", *meant[:_MEANT]))
        signs.add(("ends", *meant[-_MEANT:]))
    elif len(meant) > 1:
        signs.add(("begins", *meant))
    if len(meant) > 2:
        signs.add(("begins", *meant[:2]))
    if meant and issued is not None:
        signs.update((meant[0], str(year)) for year in years_of(issued))
    return signs


def _meant(folded: Iterable[str]) -> list[str]:
    return [word[:_LONG_WORD] for word in folded if word not in table.STOP and len(word) > 1]
