"""The only way to the network: one pooled session, paced and retried, counted, with secrets kept out of every sentence.

A request that could not be answered is a value (`Fault`), because one failing DOI never stops the others. A service
that refuses, or that stays silent, is not asked again in the same run.
"""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from refkit import __version__
from refkit.model import JsonValue, Note, Progress, Reason, RequestCount, Severity
from refkit.net import pace
from refkit.net.messages import Call, Fault, Reply, Trouble
from refkit.net.pace import LONGEST_PAUSE, PUBLISHED, UNKNOWN, Clock, Lane, Limit, MachineClock, Seats
from refkit.net.redact import keep_out_of_logs
from refkit.net.search import by_words, prepare_search
from refkit.net.trouble import backoff, header_text, parsed, retry_after, span, what_happened
from refkit.settings import Settings

if TYPE_CHECKING:
    from requests import Response, Session

__all__ = ["Call", "Client", "Fault", "Reply", "query_string"]

LOG = logging.getLogger("refkit.net")

NAMES = {"crossref": "Crossref", "datacite": "DataCite", "doi": "doi.org"}

CONNECT_SECONDS, READ_SECONDS, BODY_SECONDS = 10.0, 60.0, 300.0
LARGEST_BODY = 64_000_000
"""Bytes, unpacked; fifty records with three thousand authors each stay far below."""

FIRST_CONTACT_TRIES = 4
TRIES_WHILE_OTHERS_SUCCEED = 5
MOST_TRIES = 8
OUTAGE_SECONDS = 150.0
"""How long a service that has answered in this run may stay silent before refkit gives it up."""


@dataclass(slots=True)
class _Service:
    """What this run has learnt about one service."""

    name: str
    base: str
    pool: str
    answered: bool = False
    last_answer: float = 0.0
    failing_since: float | None = None
    stopped: Fault | None = None
    count: int = 0
    retried: int = 0
    waited: float = 0.0
    waiting: int = 0
    waiting_since: float = 0.0
    lanes: dict[str, Lane] = field(default_factory=dict)
    seats: Seats | None = None

    @property
    def shown(self) -> str:
        """The service's name for users: for one that doi.org led to, its host."""
        return NAMES.get(self.name) or urlsplit(self.base).hostname or self.base


class Client:
    """Asks services over HTTP as politely as they want it; make one per run, and close it.

    Parameters: `settings`; `progress`, told about long waits; `notes`, to which what the user should know is appended;
    `clock`, for tests.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        progress: Progress | None = None,
        notes: list[Note] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._progress = progress
        self._notes = notes if notes is not None else []
        self._clock: Clock = clock or MachineClock()
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._closed = False
        self._noted: set[str] = set()
        polite = "polite" if settings.mailto else "public"
        self._services = {
            "crossref": _Service("crossref", settings.crossref_url.rstrip("/"), "plus" if settings.token else polite),
            "datacite": _Service("datacite", settings.datacite_url.rstrip("/"), polite),
            "doi": _Service("doi", settings.doi_url.rstrip("/"), "public"),
        }
        keep_out_of_logs([settings.mailto, settings.token])

    # --- asking ----------------------------------------------------------------------------------

    def get(self, call: Call) -> Reply | Fault:
        """The service's answer to `call`, or why there is none; waits and tries again as long as that makes sense."""
        return self._persist(self._service(call.service), lambda service: self._once(service, call))

    def base(self, service: str) -> str:
        """The address that a service is set to."""
        return self._services[service].base

    def each(self, calls: deque[Call]) -> Iterator[tuple[Call, Reply | Fault]]:
        """The answers to `calls` as they come, several in flight where the pool allows.

        The caller may append to `calls` while iterating; the end is reached when it is empty and nothing is in flight.
        """
        workers = max(limit.at_once for limit in PUBLISHED.values())
        in_flight: dict[Future[Reply | Fault], Call] = {}
        pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="refkit-net")
        try:
            while calls or in_flight:
                while calls and len(in_flight) < workers:
                    call = calls.popleft()
                    in_flight[pool.submit(self.get, call)] = call
                done, _ = wait(in_flight, return_when=FIRST_COMPLETED)
                for future in done:
                    yield in_flight.pop(future), future.result()
        except BaseException:
            self.close()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def search(self, words: str, rows: int = 3) -> list[Mapping[str, JsonValue]] | Fault:
        """Crossref's best matches for a reference in words (`query.bibliographic`), asked through habanero.

        Parameters: `words`, which are cut to 500 characters and freed of control characters; `rows`, how many at most.
        """
        query = " ".join(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", words).split())[:500]
        if not query:
            return []
        reply = self._persist(self._services["crossref"], lambda service: self._ask_habanero(service, query, rows))
        if isinstance(reply, Fault):
            return reply
        message = reply.json.get("message") if isinstance(reply.json, Mapping) else None
        items = message.get("items") if isinstance(message, Mapping) else None
        return [i for i in items if isinstance(i, Mapping)] if isinstance(items, list) else []

    @property
    def requests(self) -> list[RequestCount]:
        """How often each host was asked, how many of these were repeats, and the seconds waited for its sake."""
        return [
            RequestCount(urlsplit(s.base).netloc.rpartition("@")[2], s.count, s.retried, round(s.waited, 2))
            for s in list(self._services.values())
            if s.count
        ]

    def close(self) -> None:
        """Stop waiting and asking; requests in flight end as faults."""
        self._closed = True
        if isinstance(self._clock, MachineClock):
            self._clock.close()
        if self._session is not None:
            self._session.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- trying again ----------------------------------------------------------------------------

    def _service(self, name: str) -> _Service:
        """A service by its name, or by its address where it is one that doi.org led to."""
        with self._lock:
            if name not in self._services:
                self._services[name] = _Service(name, name, "public")
            return self._services[name]

    def _persist(self, service: _Service, send: Callable[[_Service], Reply | Fault | Trouble]) -> Reply | Fault:
        tries, previous = 0, self._clock.now()
        while True:
            if service.stopped is not None:
                return service.stopped
            if self._closed:
                return Fault(Reason.NETWORK, "The run was interrupted before this was asked.")
            if tries:
                with self._lock:
                    service.retried += 1
            started = self._clock.now()
            outcome = send(service)
            if isinstance(outcome, Reply):
                service.answered, service.last_answer, service.failing_since = True, self._clock.now(), None
                return outcome
            if isinstance(outcome, Fault):
                return outcome
            tries += 1
            fault = self._give_up(service, outcome, tries, previous)
            if fault is not None:
                return fault
            previous = started
            pause = outcome.pause if outcome.pause is not None else backoff(tries)
            if pause > 5 and not self._closed:
                self._say(f"{outcome.why} Trying again in {span(pause)}.")
            self._wait(service, pause)

    def _give_up(self, service: _Service, trouble: Trouble, tries: int, previous: float) -> Fault | None:
        """The fault to end with, or None to try again."""
        name = service.shown
        now = self._clock.now()
        others_succeed = service.last_answer > previous
        again = "Run the same command again later: it asks only for what is missing."
        if trouble.pause is not None and trouble.pause > LONGEST_PAUSE:
            return self._stop(service, Reason.REFUSED, f"{name} asks for a pause of {span(trouble.pause)}. {again}")
        if service.failing_since is None:
            service.failing_since = now
        silent = now - service.failing_since
        if trouble.kind == "busy":
            if silent > LONGEST_PAUSE:
                return self._stop(service, Reason.REFUSED, f"{name} keeps answering that it is too busy. {again}")
            return None
        if not service.answered:
            limit = FIRST_CONTACT_TRIES + (trouble.kind != "connection")
            return self._stop(service, Reason.NETWORK, f"{trouble.why} {again}") if tries >= limit else None
        if silent > OUTAGE_SECONDS:
            return self._stop(service, Reason.NETWORK, f"{trouble.why} {again}")
        # What fails again and again while the service is there may be this request's own fault.
        enough = TRIES_WHILE_OTHERS_SUCCEED if others_succeed or trouble.kind == "broken" else MOST_TRIES
        own_fault = tries >= enough and (others_succeed or trouble.kind != "connection")
        return Fault(Reason.NETWORK, trouble.why, "request") if own_fault else None

    def _stop(self, service: _Service, reason: Reason, why: str) -> Fault:
        fault = Fault(reason, why, "refused" if reason is Reason.REFUSED else "connection")
        with self._lock:
            if service.stopped is None:
                service.stopped = fault
        return service.stopped

    # --- one request -----------------------------------------------------------------------------

    def _once(self, service: _Service, call: Call) -> Reply | Fault | Trouble:
        self._open_session()  # before the turn: importing takes longer than the pace may slip
        with self._turn(service, call.kind) as lane:
            if self._closed or service.stopped is not None:
                return service.stopped or Trouble("connection", "The run was interrupted.")
            began = time.perf_counter()
            outcome = self._exchange(service, call)
            what = outcome.status if isinstance(outcome, Reply) else outcome.why
            LOG.info("GET %s%s: %s (%.2f s)", service.base, self._shown(call), what, time.perf_counter() - began)
            if isinstance(outcome, Reply):
                return self._judge(service, lane, call, outcome)
        return outcome

    @contextlib.contextmanager
    def _turn(self, service: _Service, kind: str) -> Iterator[Lane]:
        """A seat, and then the moment at which a request of this kind may be sent."""
        while True:
            lane = self._lane(service, kind)
            with self._seats(service).seat(lane):
                pause = lane.reserve() if lane is self._lane(service, kind) else None
                if pause is None:
                    continue  # the pool has turned out to be another one while we waited
                while pause > 0 and not self._closed and service.stopped is None:
                    self._wait(service, pause)
                    pause = lane.paused_for()
                with self._lock:
                    service.count += not self._closed and service.stopped is None
                yield lane
                return

    def _exchange(self, service: _Service, call: Call) -> Reply | Fault | Trouble:
        """Send `call` and read the whole answer, within limits of time and size."""
        import requests

        params = call.params
        headers = {"Accept": call.accept, "User-Agent": f"refkit/{__version__}"}
        if service.name in ("crossref", "datacite") and self._settings.mailto:
            params += (("mailto", self._settings.mailto),)
            headers["User-Agent"] = f"refkit/{__version__} (mailto:{header_text(self._settings.mailto)})"
        if service.name == "crossref" and self._settings.token:
            headers["Crossref-Plus-API-Token"] = f"Bearer {header_text(self._settings.token)}"
        url = service.base + call.path + query_string(params)
        name = service.shown
        try:
            with self._open_session().get(
                url, headers=headers, stream=True, allow_redirects=False, timeout=(CONNECT_SECONDS, READ_SECONDS)
            ) as response:
                body = self._read(response)
                if body is None:
                    why = f"{name} sent more than {LARGEST_BODY // 1_000_000} MB, or did not come to an end."
                    return Fault(Reason.NETWORK, why, "large")
                lowered = {k.lower(): v for k, v in response.headers.items()}
                return Reply(response.status_code, lowered, body)
        except requests.exceptions.RequestException as error:
            # The exception's own text holds the URL, and with it the user's address: it is never shown.
            return Trouble("connection", what_happened(error, name, service.base))

    def _read(self, response: Response) -> bytes | None:
        parts, size, deadline = [], 0, time.monotonic() + BODY_SECONDS
        for part in response.iter_content(65536):
            parts.append(part)
            size += len(part)
            if size > LARGEST_BODY or time.monotonic() > deadline:
                return None
        return b"".join(parts)

    def _judge(self, service: _Service, lane: Lane, call: Call, reply: Reply) -> Reply | Fault | Trouble:
        """What the status means, before anybody reads the body (Crossref REST API docs, access and rates)."""
        self._learn(service, lane, call.kind, reply.headers)
        name, status = service.shown, reply.status
        if status == 429:
            lane.slow_down()
            pause = retry_after(reply.headers)
            lane.pause(min(pause if pause is not None else backoff(2), LONGEST_PAUSE))
            return Trouble("busy", f"{name} says that it is asked too often (429).", pause)
        if status == 408 or status >= 500:
            return Trouble(
                "broken" if status == 500 else "service",
                f"{name} has trouble of its own ({status}).",
                retry_after(reply.headers),
            )
        if status in (401, 403) and service.name not in NAMES:
            return reply  # one agency's page; its other DOIs may be open
        if status == 401:
            why = f"{name} does not accept the token (401). Check the setting `token` or REFKIT_CROSSREF_TOKEN."
            return self._stop(service, Reason.REFUSED, why)
        if status == 403:
            why = f"{name} has blocked this address (403). Do not try again before asking support@crossref.org why."
            return self._stop(service, Reason.REFUSED, why if service.name == "crossref" else f"{name} refuses (403).")
        if status == 200 and call.accept == "application/json":
            return parsed(reply, name, call.looks_right)
        return reply

    def _learn(self, service: _Service, lane: Lane, kind: str, headers: Mapping[str, str]) -> None:
        pool = headers.get("x-api-pool", "")
        if service.name == "crossref" and pool.startswith("public") and service.pool == "polite":
            service.pool = "public"
            message = "Crossref counts this run to its public pool though an address was sent; refkit asks more slowly."
            self.note("pool-public", message, Severity.WARNING)
            lane = self._lane(service, kind)
            lane.pause(lane.limit.spacing)
        lane.recover(pace.stricter(self._published(service, kind), dict(headers)))

    # --- pace ------------------------------------------------------------------------------------

    def _published(self, service: _Service, kind: str) -> Limit:
        return PUBLISHED.get((service.name, service.pool, kind), UNKNOWN)

    def _lane(self, service: _Service, kind: str) -> Lane:
        with self._lock:
            key = f"{service.pool}-{kind}"
            if key not in service.lanes:
                name = f"{_file_name(service.base)}-{key}"
                lane = Lane(name, self._published(service, kind), self._clock, self._folder())
                lane.seats = 1  # the first answer says how many there are
                service.lanes[key] = lane
            return service.lanes[key]

    def _seats(self, service: _Service) -> Seats:
        with self._lock:
            if service.seats is None:
                service.seats = Seats(_file_name(service.base), self._clock, self._folder())
            return service.seats

    def _folder(self) -> Any:
        from refkit import store

        return store.folder(self._settings) / "pace"

    def _wait(self, service: _Service, seconds: float) -> None:
        """Wait for the service's sake; what several threads wait at the same time is counted once."""
        with self._lock:
            if service.waiting == 0:
                service.waiting_since = self._clock.now()
            service.waiting += 1
        try:
            self._clock.sleep(seconds)
        finally:
            with self._lock:
                service.waiting -= 1
                if service.waiting == 0:
                    service.waited += self._clock.now() - service.waiting_since

    # --- habanero --------------------------------------------------------------------------------

    def _ask_habanero(self, service: _Service, query: str, rows: int) -> Reply | Fault | Trouble:
        """One search through habanero, paced as a list request, its many kinds of error mapped to ours.

        habanero opens a connection per call, hides the reply's headers and does not retry: so the pace is the
        published one, and the trying again is ours.
        """
        prepare_search()
        with self._turn(service, "list") as lane:
            if self._closed or service.stopped is not None:
                return service.stopped or Trouble("connection", "The run was interrupted.")
            outcome = by_words(service.base, query, rows, self._settings.mailto)
            what = outcome.status if isinstance(outcome, Reply) else outcome.why
            LOG.info("GET %s/works?query.bibliographic=… (habanero): %s", service.base, what)
            if isinstance(outcome, Reply):
                return self._judge(service, lane, Call("crossref", "list", "", accept=""), outcome)
        return outcome

    # --- words -----------------------------------------------------------------------------------

    def note(self, code: str, message: str, severity: Severity = Severity.INFO) -> None:
        """Tell the user something, once in a run."""
        with self._lock:
            if code in self._noted:
                return
            self._noted.add(code)
        self._notes.append(Note(code, message, severity))

    def _say(self, message: str) -> None:
        if self._progress is not None:
            self._progress.say(message)

    def _shown(self, call: Call) -> str:
        return call.path + query_string(call.params)

    def _open_session(self) -> Session:
        with self._lock:
            if self._session is None:
                self._session = _new_session()
            return self._session


def query_string(params: tuple[tuple[str, str], ...]) -> str:
    """`params` as the query part of a URL, each value percent-encoded exactly once."""
    pairs = (f"{quote(name, safe='.[]')}={quote(value, safe=':,')}" for name, value in params)
    return "?" + "&".join(pairs) if params else ""


def _new_session() -> Session:
    import http.cookiejar

    import requests

    session = requests.Session()
    # No cookies, so that threads share nothing that changes; no passwords from a .netrc file.
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    session.auth = lambda request: request
    adapter = requests.adapters.HTTPAdapter(pool_connections=8, pool_maxsize=8, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _file_name(base: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", urlsplit(base).netloc.rpartition("@")[2].lower()).strip("-") or "service"
