"""Content negotiation through doi.org, for the agencies that have no service of their own here: CSL-JSON.

What comes back is believed only when all is as it should be: agencies answer with web pages labelled otherwise, send on
to plain http or to a landing page, or give another record (citation.doi.org, "DOI Content Negotiation").
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

from refkit import doi as dois
from refkit.model import Doi, JsonValue, Origin, Work
from refkit.net import Call, Client, Fault, Reply
from refkit.sources.crossref import Record
from refkit.store import lenient

CSL_JSON = "application/vnd.citationstyles.csl+json"
ACCEPTED = (CSL_JSON, "application/citeproc+json", "application/json")
MOST_REDIRECTS = 4


@dataclass(frozen=True, slots=True)
class _Trail:
    """The DOI that is asked for, and the addresses it has led to so far."""

    doi: Doi
    addresses: tuple[str, ...]


def look_up(wanted: Iterable[Doi], client: Client) -> Iterator[tuple[Doi, Record | Fault | None]]:
    """What the agencies have under each of the DOIs; None where no metadata is to be had."""
    start = client.base("doi")
    calls = deque(_call(_Trail(doi, (f"{start}/{dois.quote(doi)}",))) for doi in dict.fromkeys(wanted))
    for call, outcome in client.each(calls):
        trail: _Trail = call.about
        if isinstance(outcome, Fault):
            yield trail.doi, outcome
        elif outcome.status in (301, 302, 303, 307, 308):
            address = urljoin(trail.addresses[-1], outcome.headers.get("location", ""))
            if _may_follow(trail, address):
                calls.append(_call(_Trail(trail.doi, (*trail.addresses, address))))
            else:
                yield trail.doi, None
        else:
            yield trail.doi, _checked(outcome, trail.doi)


def work(record: Mapping[str, JsonValue], origin: Origin) -> Work:
    """The work that a CSL-JSON item describes."""
    from refkit.sources import csl_work

    return csl_work.work_from_record(record, origin=origin)


def _call(trail: _Trail) -> Call:
    address = urlsplit(trail.addresses[-1])
    path = address.path + (f"?{address.query}" if address.query else "")
    base = f"{address.scheme}://{address.netloc}"
    service = "doi" if len(trail.addresses) == 1 else base
    if service == "doi":
        path = f"/{dois.quote(trail.doi)}"
    return Call(service, "single", path, accept=CSL_JSON, about=trail)


def _may_follow(trail: _Trail, address: str) -> bool:
    """Whether a redirect is followed: secure, not in a circle, and after the first hop only within the same site."""
    if address in trail.addresses or len(trail.addresses) > MOST_REDIRECTS:
        return False
    try:
        target, here, first = urlsplit(address), urlsplit(trail.addresses[-1]), urlsplit(trail.addresses[0])
        port = target.port
    except ValueError:
        return False
    # A loopback doi.org (in tests, or behind a proxy of one's own) may use plain http to the same machine.
    at_home = _is_loopback(first) and _is_loopback(target)
    if target.username or not target.hostname or not (at_home or (target.scheme == "https" and port in (None, 443))):
        return False
    if _is_address(target.hostname) and not at_home:
        return False
    return at_home or len(trail.addresses) == 1 or _site(target) == _site(here)


def _is_loopback(address: SplitResult) -> bool:
    return address.hostname == "localhost" or (
        _is_address(address.hostname or "") and ip_address(address.hostname or "").is_loopback
    )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _site(address: SplitResult) -> list[str]:
    return (address.hostname or "").split(".")[-2:]


def _checked(reply: Reply, doi: Doi) -> Record | None:
    """The record in a reply, when its status, type, content and DOI are all what was asked for."""
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if reply.status != 200 or kind not in ACCEPTED:
        return None
    try:
        item = lenient.loads(reply.body)
    except ValueError:
        return None
    if isinstance(item, list) and len(item) == 1:
        item = item[0]
    if not isinstance(item, Mapping):
        return None
    names = (item.get(key) for key in ("DOI", "id", "URL"))
    named = next((found for name in names if isinstance(name, str) and (found := dois.parse(name))), None)
    return Record(doi, dict(item) | {"DOI": doi}) if named == doi and len(item) > 2 else None
