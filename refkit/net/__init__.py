"""The only way to the network: one pooled session, paced and retried, counted, with secrets kept out of every sentence.

A request that could not be answered is a value (`Fault`), because one failing DOI never stops the others. A service
that refuses, or that stays silent, is not asked again in the same run.
"""

from __future__ import annotations

import http.client
import logging
import queue
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from refkit import __version__
from refkit.model import JsonValue, Note, Progress, Reason, RequestCount, Severity
from refkit.net.messages import Call, Fault, Reply, Trouble, Upload
from refkit.net.pace import LONGEST_PAUSE, PUBLISHED, Clock, Lane, MachineClock
from refkit.net.redact import keep_out_of_logs
from refkit.net.search import Ask, answer, prepared
from refkit.net.service import NAMES, Service
from refkit.net.trouble import backoff, header_text, parsed, retry_after, span, what_happened
from refkit.settings import Settings

if TYPE_CHECKING:
    from requests import Response, Session

__all__ = ["NAMES", "Call", "Client", "Fault", "Reply", "Upload", "query_string"]

LOG = logging.getLogger("refkit.net")

CONNECT_SECONDS, READ_SECONDS, BODY_SECONDS = 10.0, 60.0, 180.0
LARGEST_BODY = 64_000_000
"""Bytes, unpacked; fifty records with three thousand authors each stay far below."""

FIRST_CONTACT_TRIES = 4
TRIES_WHILE_OTHERS_SUCCEED = 5
MOST_TRIES = 8
FIRST_BUSY_SECONDS, OUTAGE_SECONDS, LOCAL_OUTAGE_SECONDS = 60.0, 150.0, 10.0
"""How long a service may answer nothing but "too often", or nothing at all after it has answered in this run."""

POOLS = ("public", "polite", "plus")
"""Crossref's, the slowest first."""

NOT_DONE = frozenset({"busy"})
"""Kinds of trouble after which it is sure that the service did nothing."""

INTERRUPTED = Fault(Reason.NETWORK, "The run was interrupted before this was asked.")
AGAIN = "Run the same command again later: it asks only for what is missing."


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
        from refkit import store

        self._settings = settings
        self._progress = progress
        self._notes = notes if notes is not None else []
        self._clock: Clock = clock or MachineClock()
        self._folder = store.folder(settings) / "pace"
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._closed = False
        self._noted: set[str] = set()
        self._services: dict[str, Service] = {}
        polite = "polite" if settings.mailto else "public"
        self._add("crossref", settings.crossref_url, "plus" if settings.token else polite)
        self._add("datacite", settings.datacite_url, polite)
        self._add("doi", settings.doi_url, "public")
        self._add("zotero-web", settings.zotero_api_url, "public")
        self._add("zotero-desktop", settings.zotero_url, "public")
        keep_out_of_logs([settings.mailto, settings.token, settings.zotero_key])

    def _add(self, name: str, base: str, pool: str) -> None:
        self._services[name] = Service(name, base, pool, self._clock, self._folder, self._say)

    # --- asking ----------------------------------------------------------------------------------

    def get(self, call: Call) -> Reply | Fault:
        """The service's answer to `call`, or why there is none; waits and tries again as long as that makes sense."""
        return self._persist(self._service(call.service), lambda service: self._once(service, call), call.again)

    def each(self, calls: deque[Call]) -> Iterator[tuple[Call, Reply | Fault]]:
        """The answers to `calls` as they come, several in flight where the pool allows.

        The caller may append to `calls` while iterating; the end is reached when it is empty and nothing is in flight.
        """
        waiting: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        answers: queue.SimpleQueue[tuple[Call, Reply | Fault | BaseException]] = queue.SimpleQueue()

        def work() -> None:
            while (call := waiting.get()) is not None:
                try:
                    answers.put((call, self.get(call)))
                except BaseException as error:  # noqa: BLE001  # handed to the caller's thread, which raises it
                    answers.put((call, error))

        # Not a pool of futures: its threads would keep an interrupted program from ending until their answers came.
        workers = min(max(limit.at_once for limit in PUBLISHED.values()), max(1, len(calls)))
        for _ in range(workers):
            threading.Thread(target=work, name="refkit-net", daemon=True).start()
        in_flight = 0
        try:
            while calls or in_flight:
                while calls and in_flight < workers:
                    waiting.put(calls.popleft())
                    in_flight += 1
                try:
                    call, outcome = answers.get(timeout=0.5)  # not for ever: an interrupt must be noticed
                except queue.Empty:
                    continue
                in_flight -= 1
                if isinstance(outcome, BaseException):
                    raise outcome
                yield call, outcome
        except BaseException:
            self.close()
            raise
        finally:
            for _ in range(workers):
                waiting.put(None)

    def search(self, words: str, rows: int = 3) -> list[Mapping[str, JsonValue]] | Fault:
        """Crossref's best matches for a reference in words (`query.bibliographic`), asked through habanero.

        Parameters: `words`, which are cut to 500 characters and freed of control characters; `rows`, how many at most.
        """
        query = " ".join(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", words).split())[:500]
        return self._through_habanero(lambda c: c.works(query_bibliographic=query, limit=rows)) if query else []

    def types(self) -> list[Mapping[str, JsonValue]] | Fault:
        """Crossref's list of types (`/types`), asked through habanero: `id` and `label` each."""
        return self._through_habanero(lambda crossref: crossref.types())

    def base(self, service: str) -> str:
        """The address that a service is set to."""
        return self._services[service].base

    def keep_secret(self, secret: str) -> None:
        """Keep a key that was learnt during the run out of all logs, as those of the settings are."""
        keep_out_of_logs([secret])

    @property
    def requests(self) -> list[RequestCount]:
        """How often each host was asked, how many of these were repeats, and the seconds waited for its sake."""
        return [service.requests() for service in list(self._services.values()) if service.count]

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

    def _service(self, name: str) -> Service:
        """A service by its name, or by its address where it is one that doi.org led to."""
        with self._lock:
            if name not in self._services:
                self._add(name, name, "public")
            return self._services[name]

    # --- trying again ----------------------------------------------------------------------------

    def _persist(
        self, service: Service, send: Callable[[Service], Reply | Fault | Trouble], again: bool = True
    ) -> Reply | Fault:
        tries, previous = 0, self._clock.now()
        while service.stopped is None and not self._closed:
            service.retried += tries > 0
            started = self._clock.now()
            outcome = send(service)
            if isinstance(outcome, Reply):
                service.has_answered()
                return outcome
            if isinstance(outcome, Fault):
                return outcome
            tries += 1
            if not again and outcome.kind not in NOT_DONE and outcome.sent:
                return Fault(Reason.NETWORK, outcome.why, "unsure")
            fault = self._give_up(service, outcome, tries, previous)
            if fault is not None:
                return fault
            previous = started
            pause = max(outcome.pause or 0.0, backoff(tries))
            if pause > 5 and not self._closed:
                self._say(f"{outcome.why} Trying again in {span(pause)}.")
            service.wait(pause)
        return service.stopped or INTERRUPTED

    def _give_up(self, service: Service, trouble: Trouble, tries: int, previous: float) -> Fault | None:
        """The fault to end with, or None to try again."""
        others_succeed = service.last_answer > previous
        silent = service.has_failed()
        if trouble.pause is not None and trouble.pause > LONGEST_PAUSE:
            why = f"{service.shown} asks for a pause of {span(trouble.pause)}. {AGAIN}"
            return service.stop(Fault(Reason.REFUSED, why, "refused"))
        if trouble.kind == "busy":
            patience = max(OUTAGE_SECONDS if service.answered else FIRST_BUSY_SECONDS, 3 * (trouble.pause or 0.0))
            why = f"{service.shown} keeps answering that it is asked too often (429). {AGAIN}"
            return service.stop(Fault(Reason.REFUSED, why, "refused")) if silent > patience else None
        # A program on this machine is there at once, or not at all.
        first_contact = 1 if service.is_local else FIRST_CONTACT_TRIES + (trouble.kind != "connection")
        if silent > (LOCAL_OUTAGE_SECONDS if service.is_local else OUTAGE_SECONDS) or (
            not service.answered and tries >= first_contact
        ):
            kind = "connection" if trouble.sent else "absent"
            return service.stop(Fault(Reason.NETWORK, f"{trouble.why} {AGAIN}", kind))
        # What fails again and again while the service is there may be this request's own fault.
        enough = TRIES_WHILE_OTHERS_SUCCEED if others_succeed or trouble.kind == "broken" else MOST_TRIES
        own_fault = service.answered and tries >= enough and (others_succeed or trouble.kind != "connection")
        return Fault(Reason.NETWORK, trouble.why, "request") if own_fault else None

    # --- one request -----------------------------------------------------------------------------

    def _once(self, service: Service, call: Call) -> Reply | Fault | Trouble:
        session = self._open_session()
        while service.stopped is None and not self._closed:
            with service.seat(call.kind, lambda: self._closed) as lane:
                began = time.perf_counter()
                outcome = self._exchange(session, service, call, lane)
                if outcome is None:
                    continue  # the pool has turned out to be another one, or all is over
                what = outcome.status if isinstance(outcome, Reply) else outcome.why
                shown = call.path + query_string(call.params)
                seconds = time.perf_counter() - began
                LOG.info("%s %s%s: %s (%.2f s)", call.method, service.base, shown, what, seconds)
                return self._judge(service, lane, call, outcome) if isinstance(outcome, Reply) else outcome
        return service.stopped or INTERRUPTED

    def _exchange(self, session: Session, service: Service, call: Call, lane: Lane) -> Reply | Fault | Trouble | None:
        """Send `call` and read the whole answer, within limits of time and size; None when its turn did not come."""
        import requests
        from urllib3.exceptions import HTTPError

        from refkit.net.session import NotSent, opened, turns

        params = call.params
        headers = {"Accept": call.accept, "User-Agent": f"refkit/{__version__}"}
        if service.name in ("crossref", "datacite") and self._settings.mailto:
            params += (("mailto", self._settings.mailto),)
            headers["User-Agent"] = f"refkit/{__version__} (mailto:{header_text(self._settings.mailto)})"
        if service.name == "crossref" and self._settings.token:
            headers["Crossref-Plus-API-Token"] = f"Bearer {header_text(self._settings.token)}"
        headers |= dict(call.headers)
        url = service.base + call.path + query_string(params)
        timeout = (CONNECT_SECONDS, call.seconds or READ_SECONDS)
        options: dict[str, Any] = {"stream": True, "allow_redirects": False, "timeout": timeout}
        if service.is_local:
            options["proxies"] = {"http": "", "https": ""}  # what the environment names is for the network
        sent = False

        def take() -> None:
            nonlocal sent
            if not service.take_turn(lane, lambda: self._closed):
                raise NotSent
            sent = True

        try:
            with (
                opened(call.body) as body_,
                turns(take),
                session.request(call.method, url, headers=headers, data=body_, **options) as response,
            ):
                body = _read(response)
                if body is None:
                    why = f"{service.shown} sent more than {LARGEST_BODY // 1_000_000} MB, or did not come to an end."
                    return Fault(Reason.NETWORK, why, "large")
                return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)
        except NotSent:
            return None
        except (
            requests.exceptions.RequestException,
            HTTPError,
            OSError,
            http.client.HTTPException,
            ValueError,
        ) as error:
            # The exception's own text holds the URL, and with it the user's address: it is never shown.
            return Trouble("connection", what_happened(error, service.shown, service.base), sent=sent)

    def _judge(self, service: Service, lane: Lane, call: Call, reply: Reply) -> Reply | Fault | Trouble:
        """What the status means, before anybody reads the body (Crossref REST API docs, access and rates)."""
        if service.name == "crossref":
            self._compare_pools(service, call.kind, reply.headers.get("x-api-pool", ""))
        service.learn(lane, call.kind, reply.headers)
        name, status = service.shown, reply.status
        if pause_asked := retry_after(reply.headers, "backoff"):
            service.pause(min(pause_asked, LONGEST_PAUSE))
        if status in call.takes:
            return reply
        if status == 429:
            lane.slow_down()
            pause = retry_after(reply.headers)
            lane.pause(min(pause if pause is not None else backoff(2), LONGEST_PAUSE))
            return Trouble("busy", f"{name} says that it is asked too often (429).", pause)
        if status == 408 or status >= 500:
            kind = "broken" if status == 500 else "service"
            return Trouble(kind, f"{name} has trouble of its own ({status}).", retry_after(reply.headers))
        if status == 401 and service.known:
            why = f"{name} does not accept the token (401). Check the setting `token` or REFKIT_CROSSREF_TOKEN."
            return service.stop(Fault(Reason.REFUSED, why, "refused"))
        if status == 403 and service.known:
            why = f"{name} has blocked this address (403)."
            if service.name == "crossref":
                why += " Do not try again before asking support@crossref.org why."
            return service.stop(Fault(Reason.REFUSED, why, "refused"))
        if status == 200 and call.accept == "application/json":
            return parsed(reply, name, call.looks_right)
        return reply

    def _compare_pools(self, service: Service, kind: str, said: str) -> None:
        """Go on in the pool that the service says it is, where that is a slower one; names have suffixes at times."""
        pool = next((p for p in POOLS if said.startswith(p)), service.pool)
        if POOLS.index(pool) < POOLS.index(service.pool):
            sent = "a token" if service.pool == "plus" else "an address"
            message = f"Crossref counts this run to its {pool} pool though {sent} was sent; refkit asks more slowly."
            service.move_to(pool, kind)
            self.note(f"pool-{pool}", message, Severity.WARNING)

    def _through_habanero(self, ask: Ask) -> list[Mapping[str, JsonValue]] | Fault:
        """The items that habanero gets, paced as a list request."""

        def once(service: Service) -> Reply | Fault | Trouble:
            asked = prepared(service.base, self._settings.mailto)
            with service.seat("list", lambda: self._closed) as lane:
                if not service.take_turn(lane, lambda: self._closed):
                    return service.stopped or (INTERRUPTED if self._closed else Trouble("connection", "", 0.0))
                outcome = answer(asked, ask)
                lane.pause(lane.limit.spacing)  # when it arrived is not known: it opened a connection first
                what = outcome.status if isinstance(outcome, Reply) else outcome.why
                LOG.info("GET %s through habanero: %s", service.base, what)
                if isinstance(outcome, Reply):
                    return self._judge(service, lane, Call("crossref", "list", "", accept=""), outcome)
            return outcome

        reply = self._persist(self._services["crossref"], once)
        if isinstance(reply, Fault):
            return reply
        message = reply.json.get("message") if isinstance(reply.json, Mapping) else None
        items = message.get("items") if isinstance(message, Mapping) else None
        return [i for i in items if isinstance(i, Mapping)] if isinstance(items, list) else []

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

    def _open_session(self) -> Session:
        with self._lock:
            if self._session is None:
                from refkit.net.session import new_session

                self._session = new_session()
            return self._session


def query_string(params: tuple[tuple[str, str], ...]) -> str:
    """`params` as the query part of a URL, each value percent-encoded exactly once."""
    pairs = (f"{quote(name, safe='.[]')}={quote(value, safe=':,')}" for name, value in params)
    return "?" + "&".join(pairs) if params else ""


def _read(response: Response) -> bytes | None:
    """The body, None where it is too large or comes too slowly to be an answer."""
    parts, size, deadline = [], 0, time.monotonic() + BODY_SECONDS
    # `iter_content` would wait for the whole of a piece, and so for ever where bytes come one by one.
    while part := response.raw.read1(65536, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY or time.monotonic() > deadline:
            return None
    return b"".join(parts)
