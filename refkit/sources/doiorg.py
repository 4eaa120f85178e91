"""doi.org: which agency registered a DOI, if any did (DOI Handbook, "Which RA?"; errors stand inside a 200)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from refkit import doi as dois
from refkit.model import Doi, JsonValue, Reason
from refkit.net import NAMES, Call, Client, Fault, Reply
from refkit.sources.batches import Batch, halves, pack
from refkit.sources.crossref import unexpected

BATCH_DOIS = 100
BATCH_BYTES = 2800
"""Twice as much took many seconds, and four times as much was refused."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What doi.org says of a DOI: the agency's name as it spells it, or "" and what it says instead."""

    agency: str
    says: str = ""

    @property
    def nowhere(self) -> bool:
        """Whether no agency has registered the DOI."""
        return not self.agency


_SPELLINGS = {"crossref": "Crossref", "datacite": "DataCite", "medra": "mEDRA", "jalc": "JaLC"}
_DENIALS = {"doi does not exist", "invalid doi"}


def registrations(wanted: Iterable[Doi], client: Client) -> Iterator[tuple[Doi, Registration | Fault]]:
    """Who registered each of the DOIs, asked for in batches."""
    calls = deque(map(_call, pack([list(wanted)], most=BATCH_DOIS, size=BATCH_BYTES)))
    for call, outcome in client.each(calls):
        batch: Batch = call.about
        if not isinstance(outcome, Fault) and outcome.status == 200:
            said = _by_doi(outcome.json)
            unsaid = Fault(Reason.NETWORK, "doi.org did not say who registered it.", "request")
            yield from ((doi, said.get(doi, unsaid)) for doi in batch)
        elif len(batch) > 1 and _may_pass_in_parts(outcome):
            calls.extend(map(_call, halves(batch)))
        elif isinstance(outcome, Fault):
            yield from ((doi, outcome) for doi in batch)
        else:
            yield from ((doi, unexpected(outcome, NAMES["doi"])) for doi in batch)


def short_names(wanted: Iterable[Doi], client: Client) -> Iterator[tuple[Doi, Doi | Fault | None]]:
    """The DOIs that short DOIs (`10/abc`) stand for, None where one stands for none (shortDOI service, HS_ALIAS)."""
    params = (("type", "HS_ALIAS"),)
    calls = deque(Call("doi", "single", f"/api/handles/{doi}", params, about=doi) for doi in dict.fromkeys(wanted))
    for call, outcome in client.each(calls):
        if isinstance(outcome, Fault):
            yield call.about, outcome
        else:
            yield call.about, _alias(outcome.json) if outcome.status == 200 else None


def _alias(answer: JsonValue) -> Doi | None:
    values = answer.get("values") if isinstance(answer, Mapping) else None
    for value in values if isinstance(values, list) else []:
        data = value.get("data") if isinstance(value, Mapping) and value.get("type") == "HS_ALIAS" else None
        name = data.get("value") if isinstance(data, Mapping) else None
        if isinstance(name, str) and dois.is_valid(dois.fold(name)):
            return dois.fold(name)
    return None


def _may_pass_in_parts(outcome: Reply | Fault) -> bool:
    return outcome.kind == "request" if isinstance(outcome, Fault) else outcome.status in (400, 414)


def _call(batch: Batch) -> Call:
    path = "/doiRA/" + ",".join(map(dois.quote, batch))
    return Call("doi", "list", path, about=batch, looks_right=lambda value: isinstance(value, list))


def _by_doi(rows: JsonValue) -> dict[Doi, Registration]:
    said: dict[Doi, Registration] = {}
    for row in rows:
        if not isinstance(row, Mapping) or not isinstance(row.get("DOI"), str):
            continue
        doi, agency, status = dois.fold(row["DOI"]), row.get("RA"), row.get("status")
        if isinstance(agency, str) and agency:
            said[doi] = Registration(_SPELLINGS.get(agency.lower(), agency))
        elif isinstance(status, str) and status.lower() in _DENIALS:
            said[doi] = Registration("", status)
    return said
