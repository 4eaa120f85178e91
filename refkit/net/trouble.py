"""What a failure means in words, and how long to wait for it to pass."""

from __future__ import annotations

import email.utils
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from refkit.model import JsonValue
from refkit.net.messages import Reply, Trouble


def parsed(reply: Reply, name: str, looks_right: Callable[[JsonValue], bool] | None) -> Reply | Trouble:
    from refkit.store import lenient

    try:
        value = lenient.loads(reply.body)
    except ValueError:
        if b"<html" in reply.body[:2000].lower() or b"<!doctype" in reply.body[:200].lower():
            return Trouble("garbled", f"{name} answered with a web page instead of JSON. A proxy or a login page?")
        return Trouble("garbled", f"{name} answered with something that is not JSON.")
    if looks_right is not None and not looks_right(value):
        return Trouble("garbled", f"{name} answered with JSON of another shape than it documents.")
    return Reply(reply.status, reply.headers, reply.body, value)


def what_happened(error: Exception, name: str, base: str) -> str:
    """A sentence for a failed connection, made from the kinds of the exceptions alone."""
    import requests

    host = urlsplit(base).hostname or base
    kinds = " ".join(type(e).__name__ for e in _causes(error))
    if "NameResolution" in kinds or "gaierror" in kinds:
        return f"There is no address for {host}: is this machine online?"
    if isinstance(error, requests.exceptions.SSLError):
        return f"The secure connection to {name} failed: its certificate is not accepted."
    if isinstance(error, requests.exceptions.ProxyError):
        return f"The proxy did not let a request to {name} through."
    if isinstance(error, requests.exceptions.Timeout) or "Timeout" in kinds:
        return f"{name} did not answer in time."
    if "NewConnectionError" in kinds or "ConnectionRefused" in kinds:
        return f"{name} cannot be reached at {host}: is this machine online?"
    if isinstance(error, ValueError):  # requests' errors about addresses are also ValueErrors
        return f"The address set for {name} is no web address; check its setting."
    return f"The connection to {name} broke off."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that lies beneath it, as urllib3 hands it on in several ways."""
    stack, seen = [error], set[int]()
    while stack:
        current = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
        stack.extend(e for e in inner if isinstance(e, BaseException))


def backoff(tries: int) -> float:
    """Seconds before try number `tries` + 1: doubling, at most 16, with jitter so that threads do not come together."""
    return random.uniform(0.5, 1.0) * min(16.0, 2.0 ** (tries - 1))


def retry_after(headers: Mapping[str, str], header: str = "retry-after") -> float | None:
    """The pause that `Retry-After` asks for in seconds, given there as seconds or as a date (RFC 9110 §10.2.3)."""
    text = headers.get(header, "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text, re.ASCII):
        return float(text)
    if not text:
        return None
    try:
        when = email.utils.parsedate_to_datetime(text).timestamp()
        now = email.utils.parsedate_to_datetime(headers["date"]).timestamp() if "date" in headers else time.time()
    except (ValueError, OverflowError):
        return None
    return max(0.0, when - now)


def span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def header_text(text: str) -> str:
    """`text` as it may stand in a header: printable ASCII only."""
    return "".join(c for c in text.strip() if " " < c < "\x7f")
