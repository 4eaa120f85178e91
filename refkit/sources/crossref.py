"""Crossref: many DOIs in one list request, the awkward ones singly (REST API docs, "Filters" and "/works/{doi}").

A batch leaves out what Crossref does not have, and aliases; it is refused as a whole for one malformed DOI; and a comma
inside a DOI has no escape in a filter. So commas go singly, and who is missed is asked for singly once.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from refkit import doi as dois
from refkit.model import Doi, JsonValue, Origin, Reason, Work
from refkit.net import NAMES, Call, Client, Fault, Reply
from refkit.sources import batches
from refkit.sources.batches import Batch
from refkit.store.recordfiles import aliases

NAME, AGENCY = "crossref", "Crossref"

BATCH_DOIS = 50
BATCH_BYTES = 2700
"""Of the encoded query; with the host and the contact's address a URL stays below 3,000 bytes."""

MOST_REDIRECTS = 5

_BATCHABLE = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s,]+")


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the source has it: `doi` is the registry's own, which differs from the asked one for an alias."""

    doi: Doi
    body: Mapping[str, JsonValue]


def can_be_batched(doi: Doi) -> bool:
    """Whether `doi` may stand in a filter: no comma, no blank, and what Crossref takes for a DOI."""
    return _BATCHABLE.fullmatch(doi) is not None


def pack(groups: Iterable[Sequence[Doi]]) -> Iterator[Batch]:
    """The list requests for `groups`, each of which is kept together."""
    return batches.pack(groups, most=BATCH_DOIS, size=BATCH_BYTES, separator=",doi:")


def in_batches(groups: Iterable[Sequence[Doi]], client: Client) -> Iterator[tuple[Doi, Record | Fault | None]]:
    """What Crossref has under the DOIs of `groups`, asked for in lists; None for a DOI that the lists leave out."""
    calls = deque(map(_list_call, pack(groups)))
    for call, outcome in client.each(calls):
        batch: Batch = call.about
        if isinstance(outcome, Fault) and outcome.kind in ("large", "request") and len(batch) > 1:
            calls.extend(map(_list_call, batches.halves(batch)))
        elif isinstance(outcome, Fault):
            yield from ((doi, outcome) for doi in batch)
        elif outcome.status == 200:
            found = _by_doi(outcome.json["message"]["items"], frozenset(batch))
            yield from ((doi, found.get(doi)) for doi in batch)
        elif outcome.status in (400, 404, 413, 414, 431) and len(batch) > 1:
            bad = _complained_about(outcome, batch) if outcome.status == 400 else None
            rest = tuple(d for d in batch if d != bad)
            calls.extend(map(_list_call, [rest] if bad else batches.halves(batch)))
            if bad:
                yield bad, None
        elif outcome.status in (400, 404, 413, 414, 431):
            yield batch[0], None
        else:
            yield from ((doi, unexpected(outcome)) for doi in batch)


def singly(wanted: Iterable[Doi], client: Client) -> Iterator[tuple[Doi, Record | Fault | None]]:
    """What Crossref has under each DOI, asked for one by one, aliases followed; None where it has nothing."""
    calls = deque(_single_call(doi, (doi,)) for doi in wanted)
    for call, outcome in client.each(calls):
        trail: tuple[Doi, ...] = call.about
        asked = trail[0]
        if isinstance(outcome, Fault):
            yield asked, outcome
        elif outcome.status == 200:
            yield asked, _checked(outcome.json["message"], trail)
        elif outcome.status in (301, 302, 303, 307, 308):
            target = _target(outcome)
            if target is None:
                yield asked, unexpected(outcome)
            elif target in trail or len(trail) > MOST_REDIRECTS:
                yield asked, Fault(Reason.NETWORK, "Crossref sends it round in a circle.", "request")
            else:
                calls.append(_single_call(target, (*trail, target)))
        elif outcome.status in (400, 404, 410, 414):
            yield asked, None
        else:
            yield asked, unexpected(outcome)


def look_up(wanted: Iterable[Doi], client: Client) -> Iterator[tuple[Doi, Record | Fault | None]]:
    """What Crossref has under each DOI: asked for in lists, and what these leave out singly."""
    wanted = list(dict.fromkeys(wanted))
    left = [doi for doi in wanted if not can_be_batched(doi)]
    for doi, outcome in in_batches([[doi] for doi in wanted if can_be_batched(doi)], client):
        if outcome is None:
            left.append(doi)
        else:
            yield doi, outcome
    yield from singly(left, client)


def unexpected(reply: Reply, name: str = NAMES["crossref"]) -> Fault:
    """The fault for a status that nobody documents; of a redirect only the host is named, the rest may be secret."""
    host = _location(reply).hostname
    if 300 <= reply.status < 400 and host:
        why = f"{name} was asked, and {host} is to answer: a login page of the network, or a wrong address in settings."
        return Fault(Reason.NETWORK, why, "request")
    return Fault(Reason.NETWORK, f"{name} answered with the unexpected status {reply.status}.", "request")


def _list_call(batch: Batch) -> Call:
    # `rows` is 20 where it is not set, which would silently lose the rest of the batch.
    params = (("filter", ",".join(f"doi:{doi}" for doi in batch)), ("rows", str(len(batch))))
    return Call("crossref", "list", "/works", params, about=batch, looks_right=_is_list)


def _single_call(doi: Doi, trail: Batch) -> Call:
    return Call("crossref", "single", f"/works/{dois.quote(doi)}", about=trail, looks_right=_is_work)


def _is_list(value: JsonValue) -> bool:
    message = value.get("message") if isinstance(value, Mapping) else None
    return isinstance(message, Mapping) and isinstance(message.get("items"), list)


def _is_work(value: JsonValue) -> bool:
    message = value.get("message") if isinstance(value, Mapping) else None
    return isinstance(message, Mapping) and isinstance(message.get("DOI"), str)


def _by_doi(items: Sequence[JsonValue], batch: frozenset[Doi]) -> dict[Doi, Record]:
    """The records of a list under the DOIs they were asked by; what was not asked for is left."""
    found: dict[Doi, Record] = {}
    by_lower = {doi.lower(): doi for doi in batch}
    for item in items:
        if isinstance(item, Mapping) and isinstance(item.get("DOI"), str):
            own = dois.fold(item["DOI"])
            # Crossref lowers all letters, also those whose case tells DOIs apart.
            for name in {own, by_lower.get(own, own), *aliases(item)} & batch:
                if name == own or name not in found:
                    found[name] = Record(own, item)
    return found


def _checked(message: Mapping[str, JsonValue], trail: tuple[Doi, ...]) -> Record | Fault:
    own = dois.fold(message["DOI"])
    if own in (trail[-1], trail[-1].lower()) or trail[-1] in aliases(message):
        return Record(own, message)
    return Fault(Reason.NETWORK, f"Crossref answered with the record of {own} when asked for {trail[-1]}.", "request")


def _target(reply: Reply) -> Doi | None:
    """The DOI that a redirect leads to; where the redirect leads elsewhere it is not followed."""
    path = _location(reply).path
    _, works, rest = path.partition("/works/")
    target = dois.fold(unquote(rest))
    return target if works and dois.is_valid(target) else None


def _location(reply: Reply) -> SplitResult:
    try:
        return urlsplit(reply.headers.get("location", ""))
    except ValueError:
        return urlsplit("")


def _complained_about(reply: Reply, batch: Batch) -> Doi | None:
    """The DOI that a 400 names, where it names one (`message` is a list on failure, an object on success)."""
    import orjson

    try:
        value = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return None
    messages = value.get("message") if isinstance(value, Mapping) else None
    for message in messages if isinstance(messages, list) else []:
        named = message.get("value") if isinstance(message, Mapping) else None
        if isinstance(named, str) and (doi := dois.fold(named.removeprefix("doi:"))) in batch:
            return doi
    return None


def work(record: Mapping[str, JsonValue], origin: Origin) -> Work:
    """The work that a Crossref record describes."""
    from refkit.sources import crossref_work

    return crossref_work.work_from_record(record, origin=origin)
