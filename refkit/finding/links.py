"""The DOI that a link leads to."""

from __future__ import annotations

from functools import lru_cache

from refkit.doi import parse
from refkit.doi.written import written
from refkit.model import Reading


@lru_cache(maxsize=4096)
def in_link(target: str) -> tuple[Reading, ...]:
    """The readings of the DOI that a link leads to, best first; empty where it leads to none."""
    target = target.strip()
    if "10" not in target and "doi" not in target.lower():
        return ()
    for one in written(target, link=True):
        return one.readings
    doi = parse(target)
    return (Reading(doi),) if doi is not None else ()
