"""What goes to a service and what comes back: calls, replies, and the two kinds of failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refkit.model import JsonValue, Reason


@dataclass(frozen=True, slots=True)
class Call:
    """One request below a service's base URL.

    Parameters: `service` and `kind` (single or list), which choose the pace; `path`, percent-encoded; `params`, plain;
    `accept`, the media type; `about`, whatever the caller wants back with the answer; `looks_right`, which says whether
    JSON has the expected shape (an answer of another shape is asked for again); `method`, `body` and `headers`, for
    services that are written to; `again`, whether the request may be repeated when it is not known what became of it;
    `takes`, statuses that are answers to the caller where they would else be failures; `seconds`, for the first byte.
    """

    service: str
    kind: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    accept: str = "application/json"
    about: Any = None
    looks_right: Callable[[JsonValue], bool] | None = None
    method: str = "GET"
    body: bytes | Upload | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    again: bool = True
    takes: frozenset[int] = frozenset()
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the body of a request, streamed, with bytes before and after it."""

    path: Path
    before: bytes = b""
    after: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered; `json` is the parsed body of a 200 that was asked for as JSON."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    json: JsonValue = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no answer: a sentence, the reason, and what a caller may do about it.

    `kind`: `connection`, `absent` (nobody is there) and `refused` concern the whole service; `request` concerns this
    request alone, which may pass in smaller parts; `large` is an answer that is larger than any true one; `unsure`, the
    request was sent and may have been carried out, and must not be repeated blindly.
    """

    reason: Reason
    why: str
    kind: str = "connection"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure that may pass.

    `kind`: `connection` (no answer), `busy` (429), `service` (5xx), `broken` (500, perhaps the request's own fault),
    `garbled` (a body that is not what was asked for). `pause`: seconds that the service asks to wait. `sent`: whether
    the service may have got the request.
    """

    kind: str
    why: str
    pause: float | None = None
    sent: bool = True
