"""Blocking keys: short strings that two records of one work have in common, so that not all pairs need be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from refkit.match import words as table
from refkit.match.profile import Profile

_MEANT = 4
"""So many meaningful words from the beginning and from the end of a title make a key."""


def keys(profile: Profile, aliases: Mapping[str, str]) -> Iterator[str]:
    """The keys of a work; two works that share none are different without a comparison.

    Identifiers; the title whole, without its subtitle and in its other readings; its first and its last meaningful
    words, so that one misspelling leaves one of them; first author, year and first word; volume, page and year, and
    first author and page, for titles that were translated. Titles that many works bear need a page beside them.
    """
    ids, title = profile.ids, profile.title
    if ids.doi:
        yield "doi " + aliases.get(ids.doi, ids.doi)
    if ids.pmid:
        yield "pmid " + ids.pmid
    if ids.pmcid:
        yield "pmc " + ids.pmcid
    if ids.arxiv:
        yield "arxiv " + ids.arxiv
    for isbn in ids.isbn:
        yield "isbn " + isbn
    page = profile.pages.bare if profile.pages.tells else ""
    first = profile.first_family[:6]
    if title.slug:
        if title.generic:
            place = page or "-".join(profile.volume.numbers)
            yield f"generic {title.slug} {place} {min(profile.years, default=0)} {profile.container.slug[:3]}"
        else:
            yield from _title_keys(profile, first)
    if page:
        volume = profile.volume.numbers[0] if profile.volume.numbers else ""
        for year in profile.years:
            yield f"place {volume} {page} {year}"
        if first:
            yield f"first {first} {page}"


def _title_keys(profile: Profile, first: str) -> Iterator[str]:
    title = profile.title
    whole = {title.slug, *title.heads[:3], *title.others}
    for slug in whole:
        yield "title " + slug
    meant = [word[:7] for word in title.words if word not in table.STOP and len(word) > 1]
    if len(meant) > _MEANT:
        yield "begins " + " ".join(meant[:_MEANT])
        yield "ends " + " ".join(meant[-_MEANT:])
    if first and meant:
        for year in profile.years:
            yield f"who {first} {year} {meant[0]}"
