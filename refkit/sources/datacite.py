"""DataCite: datasets, software, preprints and all else whose DOIs it registered (REST API docs, `/dois`).

`ids` are split at commas, so such DOIs go singly; `page[size]` is 25 where it is not set. The list comes from a search
index and a single record from the database: who is missed in the list is asked for singly once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from refkit import doi as dois
from refkit.model import Doi, JsonValue, Origin, Reason, Work
from refkit.net import NAMES, Call, Client, Fault, Reply
from refkit.sources.batches import Batch, halves, pack
from refkit.sources.crossref import Record, unexpected
from refkit.store.recordfiles import doi_of, is_datacite

BATCH_DOIS = 100
BATCH_BYTES = 2700


def look_up(wanted: Iterable[Doi], client: Client) -> Iterator[tuple[Doi, Record | Fault | None]]:
    """What DataCite has under each of the DOIs; None where it has nothing that everybody may see."""
    wanted = list(dict.fromkeys(wanted))
    lists = pack([[d for d in wanted if "," not in d]], most=BATCH_DOIS, size=BATCH_BYTES)
    calls = deque([*map(_list_call, lists), *(_single_call(d) for d in wanted if "," in d)])
    for call, outcome in client.each(calls):
        if call.kind == "single":
            yield call.about[0], _single(outcome, call.about[0])
            continue
        batch: Batch = call.about
        if not isinstance(outcome, Fault) and outcome.status == 200:
            found = {_doi(r): r for r in outcome.json["data"] if isinstance(r, Mapping)}
            for doi in batch:
                if (record := found.get(doi) or found.get(Doi(doi.lower()))) is not None:
                    yield doi, Record(doi, record)
                else:
                    calls.append(_single_call(doi))
        elif len(batch) > 1 and (not isinstance(outcome, Fault) or outcome.kind in ("large", "request")):
            calls.extend(map(_list_call, halves(batch)))
        elif isinstance(outcome, Fault):
            yield from ((doi, outcome) for doi in batch)
        else:
            calls.append(_single_call(batch[0]))


def work(record: Mapping[str, JsonValue], origin: Origin) -> Work:
    """The work that a DataCite record describes."""
    from refkit.sources import datacite_work

    return datacite_work.work_from_record(record, origin=origin)


def _single(outcome: Reply | Fault, doi: Doi) -> Record | Fault | None:
    if isinstance(outcome, Fault):
        return outcome
    if outcome.status == 200:
        found = outcome.json["data"]
        if _doi(found) in (doi, doi.lower()):
            return Record(doi, found)
        return Fault(Reason.NETWORK, f"DataCite answered with another record when asked for {doi}.", "request")
    return None if outcome.status in (400, 404, 410) else unexpected(outcome, NAMES["datacite"])


def _doi(record: Mapping[str, JsonValue]) -> Doi | None:
    return doi_of(record) if is_datacite(record) else None


def _list_call(batch: Batch) -> Call:
    params = (("ids", ",".join(batch)), ("page[size]", str(len(batch))))
    return Call("datacite", "list", "/dois", params, about=batch, looks_right=_is_list)


def _single_call(doi: Doi) -> Call:
    return Call("datacite", "single", f"/dois/{dois.quote(doi)}", about=(doi,), looks_right=_is_single)


def _is_list(value: JsonValue) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("data"), list)


def _is_single(value: JsonValue) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("data"), Mapping)
