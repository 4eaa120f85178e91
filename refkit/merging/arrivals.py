"""Works on their way into a library: which of them are one work, in an order that does not depend on theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refkit.match import Sameness, clusters
from refkit.match.identifiers import stated_doi
from refkit.match.profile import read
from refkit.model import Work


@dataclass(frozen=True, slots=True)
class Arrival:
    """A work on its way into a library.

    Parameters: `work`; `key`, the key that it had in another library; `named`, whether the user named this very work;
    `where`, the document or library that it comes from.
    """

    work: Work
    key: str = ""
    named: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """All arrivals of one work, their records joined into one.

    `numbers` are their positions among the arrivals; `why` says, of several, why they are one work; `own` are those of
    them that come from a user's library.
    """

    work: Work
    numbers: tuple[int, ...]
    keys: tuple[str, ...] = ()
    named: bool = False
    where: str = ""
    why: str = ""
    own: tuple[Arrival, ...] = ()

    @property
    def doi(self) -> str:
        """Its DOI in normal form, or ""."""
        return doi_of(self.work)


def doi_of(work: Work) -> str:
    """A work's DOI in normal form, or ""."""
    return doi_in(work.csl) or (read(work).ids.doi if "bibtex" in work.extra else "")


def doi_in(csl: Mapping[str, Any]) -> str:
    """The DOI that a CSL item states, also in a link or a note; "" where it has none."""
    return stated_doi({name: said for name in _STATING if isinstance(said := csl.get(name), str)})


_STATING = ("DOI", "URL", "note", "archive_location")
_USABLE = re.compile(r"[^\s,{}()\"#%~\\'=@$&^|<>\[\];]+")


def usable(key: str) -> bool:
    """Whether a key from another library can be a citation key in any format and manuscript."""
    return bool(_USABLE.fullmatch(key))


def is_from_library(arrival: Arrival) -> bool:
    """Whether an arrival is an entry of a user's library, and no record of a registry."""
    return bool(arrival.key) or arrival.work.origin.source == "library"


def rank(arrival: Arrival) -> tuple[Any, ...]:
    """The place of an arrival in the order in which records of one work are joined, the best first.

    What comes from a user's library is before what a registry says, the fuller record before the poorer.
    """
    work = arrival.work
    return (not is_from_library(arrival), -len(work.csl), fingerprint(work), arrival.key, arrival.where)


def fingerprint(work: Work) -> str:
    """A text that is the same for two works that say the same."""
    return json.dumps([plain(work.csl), plain(work.extra)], sort_keys=True, ensure_ascii=False, default=str)


def plain(value: Any) -> Any:
    """A value of a work with nothing but dicts and lists in it, so that JSON can write it."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def newcomers(
    arrivals: Sequence[Arrival], aliases: Mapping[str, str], apart: Iterable[tuple[int, int]] = ()
) -> list[Newcomer]:
    """The distinct works among arrivals, in an order that is the same whatever the order of the arrivals.

    Parameters: `arrivals`; `aliases`, DOIs that the registry says are other names of a DOI; `apart`, pairs of positions
    that the user said differ.
    """
    groups = clusters([arrival.work for arrival in arrivals], aliases=aliases, apart=apart) if len(arrivals) > 1 else []
    taken = [(group.members, group.why) for group in groups if group.verdict is Sameness.SAME]
    alone = set(range(len(arrivals))).difference(*(members for members, _ in taken))
    found = [_newcomer(arrivals, members, why) for members, why in (*taken, *(((number,), "") for number in alone))]
    return sorted(found, key=order)


def order(newcomer: Newcomer) -> tuple[Any, ...]:
    """The place of a newcomer in the stable order: those with a DOI first, by it."""
    return (not newcomer.doi, newcomer.doi, fingerprint(newcomer.work), newcomer.keys)


def _newcomer(arrivals: Sequence[Arrival], members: Sequence[int], why: str) -> Newcomer:
    rows = sorted((arrivals[number] for number in members), key=rank)
    where = dict.fromkeys(row.where for row in rows if row.where)
    return Newcomer(
        joined([row.work for row in rows]),
        tuple(members),
        tuple(dict.fromkeys(row.key for row in rows if row.key)),
        any(row.named for row in rows),
        next(iter(where), ""),
        why,
        tuple(row for row in rows if is_from_library(row)),
    )


_GO_TOGETHER = (
    frozenset(
        ("volume", "issue", "page", "page-first", "number", "issued", "container-title", "container-title-short")
    ),
    frozenset(("publisher", "publisher-place", "event-place", "event-title", "collection-title", "collection-number")),
)
"""Variables that say one thing together: where the first record has one of them, the others are not taken from a
second record that contradicts it there."""


def joined(works: Sequence[Work]) -> Work:
    """One record of several of one work: the first, and what it lacks from the others in turn."""
    first = works[0]
    if len(works) == 1:
        return first
    csl, extra = dict(first.csl), {name: dict(value) for name, value in first.extra.items()}
    for other in works[1:]:
        if other.csl.get("type") != csl.get("type"):
            shared = {name: other.csl[name] for name in ("DOI", "PMID", "PMCID", "URL") if name in other.csl}
            csl = {**shared, **csl}
            continue
        barred = {name for group in _GO_TOGETHER if _contradict(csl, other.csl, group) for name in group}
        csl = {**{name: value for name, value in other.csl.items() if name not in barred}, **csl}
        for space, kept in other.extra.items():
            mine = extra.setdefault(space, {})
            extra[space] = {**kept, **mine}
            if isinstance(kept.get("fields"), Mapping) and isinstance(mine.get("fields"), Mapping):
                extra[space]["fields"] = {**kept["fields"], **mine["fields"]}
    return Work(csl, extra, first.origin)


def _contradict(csl: Mapping[str, Any], other: Mapping[str, Any], group: frozenset[str]) -> bool:
    return any(name in csl and name in other and csl[name] != other[name] for name in group - {"issued"})


PARENTS = frozenset(("crossref", "xdata", "xref", "entryset", "related"))
"""Fields that name other entries by their keys (biblatex manual §2.2.3)."""


def following(work: Work, where: str, new_keys: Mapping[tuple[str, str], str]) -> Work:
    """A work whose own fields name other entries by the keys that these have now.

    Parameters: `where`, the library that it comes from; `new_keys`, (library, key in small letters) → key, "" for an
    entry that did not come along, which is then named no more.
    """
    fields = (work.extra.get("bibtex") or {}).get("fields")
    if not isinstance(fields, Mapping) or not any(name.casefold() in PARENTS for name in fields):
        return work
    kept: dict[str, Any] = {}
    for name, raw in fields.items():
        if name.casefold() in PARENTS:
            named = re.split(r"[\s,]+", str(raw).strip('{}" '))
            keys = [new_keys.get((where, key.casefold()), key) for key in named if key]
            raw = "{" + ",".join(key for key in keys if key) + "}"
        if raw != "{}":
            kept[name] = raw
    return Work(work.csl, {**work.extra, "bibtex": {**work.extra["bibtex"], "fields": kept}}, work.origin)
