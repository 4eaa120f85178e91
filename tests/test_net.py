"""The client: what it does when services are slow, wrong, busy or away, and what it never says."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from refkit import net, sources
from refkit.model import Doi, Failed, Found, Note, Question, Reason
from refkit.net import Call, Client, Fault, Reply, pace, service, trouble
from refkit.settings import Settings
from refkit.sources import crossref
from tests.server import Faults, Services
from tests.server.limits import Rate
from tests.server.samples import record
from tests.server.service import Answer

pytest_plugins = ["tests.server.fixtures"]

Asking = Callable[..., Settings]
MAILTO = "reader@example.org"


class FakeClock:
    """Time that passes only in sleep."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += max(0.0, seconds)
        self.slept.append(seconds)


class Told:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def start(self, stage: str, total: int | None) -> None: ...

    def advance(self, steps: int = 1) -> None: ...

    def say(self, message: str) -> None:
        self.said.append(message)

    def stop(self) -> None: ...


def call(doi: str = "10.5555/a") -> Call:
    return crossref._single_call(Doi(doi), (Doi(doi),))


def work(services: Services) -> None:
    services.add([record("10.5555/a")])


@pytest.mark.parametrize("fault", ["500", "503", "reset", "truncate", "short", "html", "nonsense", "empty", "429"])
def test_a_fault_that_passes_is_waited_out(services: Services, asking: Asking, fault: str) -> None:
    work(services)
    services.crossref.faults = Faults(script=[fault, fault])
    clock = FakeClock()
    services.crossref.referee.enforced = False
    with Client(asking(), clock=clock) as client:
        reply = client.get(call())
        assert isinstance(reply, Reply)
        assert reply.json["message"]["DOI"] == "10.5555/a"
        (count,) = client.requests
    assert (count.count, count.retried) == (3, 2)
    assert count.waited_s > 0.5


def test_a_service_that_is_always_busy_is_given_up(services: Services, asking: Asking) -> None:
    services.crossref.faults = Faults(shares={"429": 1.0}, retry_after="1")
    clock = FakeClock()
    with Client(asking(), clock=clock) as client:
        fault = client.get(call())
    assert isinstance(fault, Fault)
    assert fault.reason is Reason.REFUSED
    assert sum(clock.slept) < 120


@pytest.mark.parametrize("fault", ["500", "reset", "html"])
def test_a_service_that_never_answers_is_given_up_and_left_alone(
    services: Services, asking: Asking, fault: str
) -> None:
    services.crossref.faults = Faults(shares={fault: 1.0})
    services.crossref.referee.enforced = False
    with Client(asking(), clock=FakeClock()) as client:
        first, second = client.get(call()), client.get(call("10.5555/b"))
    assert isinstance(first, Fault)
    assert first.reason is Reason.NETWORK
    assert first is second
    assert 3 <= services.crossref.count() <= 6


def test_retry_after_is_obeyed_over_minutes_and_said(services: Services, asking: Asking) -> None:
    work(services)
    services.crossref.faults = Faults(script=["429"], retry_after="600")
    clock, told = FakeClock(), Told()
    with Client(asking(), clock=clock, progress=told) as client:
        assert isinstance(client.get(call()), Reply)
    assert sum(clock.slept) >= 600
    assert any("10 min" in line and "Crossref" in line for line in told.said)


def test_a_pause_is_kept_to_by_the_next_run_and_said(services: Services, asking: Asking) -> None:
    work(services)
    services.crossref.faults = Faults(script=["429"], retry_after="300")
    clock, told = FakeClock(), Told()
    with Client(asking(), clock=clock) as client:
        client._once(client._service("crossref"), call())  # and then interrupted, before the pause was over
    with Client(asking(), clock=clock, progress=told) as client:
        assert isinstance(client.get(call()), Reply)
    assert sum(clock.slept) >= 299
    assert any("5 min" in line for line in told.said)


def test_a_pause_of_hours_ends_the_asking(services: Services, asking: Asking) -> None:
    services.crossref.faults = Faults(shares={"503": 1.0}, retry_after="20000")
    with Client(asking(), clock=FakeClock()) as client:
        fault = client.get(call())
    assert isinstance(fault, Fault)
    assert fault.reason is Reason.REFUSED
    assert services.crossref.count() == 1


@pytest.mark.usefixtures("hasty")
def test_an_outage_in_the_middle_is_waited_out(services: Services, asking: Asking) -> None:
    dois = [f"10.5555/x{n}" for n in range(300)]
    services.add(map(record, dois))
    services.crossref.faults = Faults(outage=(3, 1.5))
    answers = list(sources.ask([Question((Doi(d),)) for d in dois], asking()))
    assert [a.doi for a in answers if isinstance(a, Found)] == dois


def test_a_batch_that_always_fails_is_taken_apart(services: Services, asking: Asking) -> None:
    """One record that Crossref cannot serve takes only itself down, not its batch."""
    dois = [f"10.5555/x{n}" for n in range(60)]
    services.add(map(record, dois))
    honest = services.crossref.answer

    def poisoned(request, kind, pool):  # type: ignore[no-untyped-def]  # stands in for a method
        answer = honest(request, kind, pool)
        if b'"10.5555/x7"' in answer.body:
            answer.status, answer.body = 500, b"java.lang.NullPointerException"
        return answer

    services.crossref.answer = poisoned  # type: ignore[method-assign]  # one bad record
    for kind in ("single", "list"):
        services.crossref.referee.rates["polite", kind] = Rate(1000, 1, 3)
    quick = {("crossref", "polite", kind): pace.Limit(1000, 1, 3) for kind in ("single", "list")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "PUBLISHED", pace.PUBLISHED | quick)
        patch.setattr(net, "backoff", lambda tries: 0.05)
        patch.setattr(net, "TRIES_WHILE_OTHERS_SUCCEED", 2)
        answers = list(sources.ask([Question((Doi(d),)) for d in dois], asking()))
    assert [a.asked for a in answers if isinstance(a, Failed)] == ["10.5555/x7"]


def test_an_endless_answer_is_cut_off(services: Services, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    services.add([record("10.5555/a", abstract="x" * 400_000), record("10.5555/b")])
    monkeypatch.setattr(net, "LARGEST_BODY", 100_000)
    large, small = sources.ask([Question((Doi("10.5555/a"),)), Question((Doi("10.5555/b"),))], asking())
    assert isinstance(large, Failed)
    assert isinstance(small, Found)


@pytest.mark.usefixtures("hasty")
def test_a_service_that_is_too_slow_is_said_to_be(
    services: Services, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(net, "READ_SECONDS", 0.2)
    services.crossref.faults = Faults(delay=1.0)
    with Client(asking()) as client:
        fault = client.get(call())
    assert isinstance(fault, Fault)
    assert "did not answer in time" in fault.why


@pytest.mark.usefixtures("hasty")
def test_an_answer_that_drips_is_cut_off(services: Services, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    work(services)
    services.crossref.faults = Faults(script=["drip"])
    monkeypatch.setattr(net, "BODY_SECONDS", 0.3)
    with Client(asking()) as client:
        fault = client.get(call())
    assert isinstance(fault, Fault)
    assert fault.kind == "large"


def test_a_login_page_is_named_without_its_address(services: Services, asking: Asking) -> None:
    """A network that wants a login sends every request on to its own page, and the address along with it."""
    services.crossref.answer = lambda *_: Answer(  # type: ignore[method-assign]
        302, b"", "text/html", {"Location": "http://login.hotel.example/?from=mailto%3Dreader%40example.org"}
    )
    (answer,) = sources.ask([Question((Doi("10.5555/a"),))], asking())
    assert isinstance(answer, Failed)
    assert "login.hotel.example" in answer.why
    assert "reader" not in answer.why


def test_a_record_of_another_doi_is_not_taken(services: Services, asking: Asking) -> None:
    services.crossref.records["10.5555/a"] = record("10.5555/other")
    services.crossref.left_out.add("10.5555/a")
    (answer,) = sources.ask([Question((Doi("10.5555/a"),))], asking())
    assert isinstance(answer, Failed)
    assert "10.5555/other" in answer.why


def test_invalid_utf8_in_an_answer_is_repaired(services: Services, asking: Asking) -> None:
    work(services)
    honest = services.crossref.answer

    def latin(request, kind, pool):  # type: ignore[no-untyped-def]  # stands in for a method
        answer = honest(request, kind, pool)
        answer.body = answer.body.replace(b"On 10", b"\xdcber 10")
        return answer

    services.crossref.answer = latin  # type: ignore[method-assign]
    (answer,) = sources.ask([Question((Doi("10.5555/a"),))], asking())
    assert isinstance(answer, Found)


@pytest.mark.usefixtures("hasty")
def test_secrets_are_in_no_log_and_no_sentence(
    services: Services, asking: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    work(services)
    services.crossref.tokens.add("tok-123-secret")
    settings = asking(token="tok-123-secret")
    log = sources.Log()
    asked = [Question((Doi("10.5555/a"),)), Question((Doi("10.5555/b"),), "some words of a title that is long")]
    answers = list(sources.ask(asked, settings, log=log))
    broken = asking(crossref_url="http://127.0.0.1:9", token="tok-123-secret")
    answers += list(sources.ask(asked, broken, log=log))
    said = caplog.text + repr(answers) + repr(log) + repr(settings) + str(caplog.records)
    for secret in (MAILTO, "reader%40example.org", "tok-123-secret"):
        assert secret not in said
    assert "GET http://127.0.0.1" in caplog.text


def test_several_requests_are_in_flight_where_the_pool_allows(services: Services, asking: Asking) -> None:
    """Slow answers do not slow the run: three at once in the polite pool, never more."""
    dois = [f"10.5555/x{n}" for n in range(300)]
    services.add(map(record, dois))
    services.crossref.faults = Faults(delay=0.9)
    began = time.monotonic()
    answers = list(sources.ask([Question((Doi(d),)) for d in dois], asking()))
    assert all(isinstance(a, Found) for a in answers)
    assert services.crossref.count(status=429) == 0
    assert time.monotonic() - began < 6 * 0.9 * 0.8


PROCESS = """
import sys
from refkit import sources
from refkit.model import Doi, Question, Found
from refkit.settings import Settings
from refkit.sources import crossref
url, cache, name = sys.argv[1:]
settings = Settings(mailto="reader@example.org", crossref_url=url, doi_url=url, cache=cache)
answers = list(sources.ask([Question((Doi(f"10.5555/{name}{n}"),)) for n in range(150)], settings))
assert all(isinstance(a, Found) for a in answers)
"""


def test_processes_share_one_budget(services: Services, tmp_path: Path) -> None:
    services.add(record(f"10.5555/{name}{n}") for name in "ab" for n in range(150))
    command = [sys.executable, "-c", PROCESS, services.crossref.url, str(tmp_path)]
    running = [subprocess.Popen([*command, name]) for name in "ab"]
    assert [p.wait(60) for p in running] == [0, 0]
    assert services.crossref.count() == services.crossref.count("list", 200) == 6


def test_a_cache_folder_that_cannot_be_written_stops_nothing(services: Services, asking: Asking) -> None:
    work(services)
    (answer,) = sources.ask([Question((Doi("10.5555/a"),))], asking(cache="/proc/nowhere"))
    assert isinstance(answer, Found)


def test_closing_wakes_those_who_wait(services: Services, asking: Asking) -> None:
    services.crossref.faults = Faults(shares={"429": 1.0}, retry_after="600")
    client = Client(asking())
    threading.Timer(0.3, client.close).start()
    began = time.monotonic()
    ((_, outcome),) = client.each(deque([call()]))
    assert isinstance(outcome, Fault)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (3, 1, 3)),
        ({"x-rate-limit-limit": "10", "x-rate-limit-interval": "1s"}, (3, 1, 3)),
        ({"x-rate-limit-limit": "1", "x-rate-limit-interval": "2s"}, (1, 2, 3)),
        ({"x-rate-limit-limit": "1", "x-rate-limit-interval": "1m", "x-concurrency-limit": "1"}, (1, 60, 1)),
        ({"x-rate-limit-limit": "0", "x-rate-limit-interval": "soon", "x-concurrency-limit": "0"}, (3, 1, 3)),
        ({"x-rate-limit-limit": "nonsense", "x-concurrency-limit": "-1"}, (3, 1, 3)),
    ],
)
def test_headers_lower_the_published_limit_and_never_raise_it(
    headers: dict[str, str], expected: tuple[float, float, int]
) -> None:
    limit = pace.stricter(pace.PUBLISHED["crossref", "polite", "list"], headers)
    assert (limit.count, limit.seconds, limit.at_once) == expected


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
    ],
)
def test_retry_after_comes_as_seconds_or_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert trouble.retry_after(headers) == seconds


def test_a_moment_from_before_the_machine_started_is_no_moment(tmp_path: Path) -> None:
    """After a restart the clock begins anew, and what stands in the file would be years ahead."""
    (tmp_path / "lane.next").write_text("99999999.0", encoding="ascii")
    clock = FakeClock()
    lane = pace.Lane("lane", "list", pace.Limit(1, 1, 1), clock, tmp_path)
    assert lane.claim() == 0.0
    assert 0.9 < lane.claim() < 1.2


def test_notes_are_said_once(asking: Asking) -> None:
    notes: list[Note] = []
    with Client(asking(), notes=notes) as client:
        client.note("a", "One.")
        client.note("a", "One.")
    assert len(notes) == 1


def test_opening_a_connection_takes_no_moment_away(
    services: Services, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow handshake must not push the first request close to the second, which finds the connection open."""
    from refkit.net import session

    connect = session._Connection.connect

    def slowly(self: session._Connection) -> None:
        time.sleep(0.5)
        connect(self)

    monkeypatch.setattr(session._Connection, "connect", slowly)
    dois = [f"10.5555/x{n}" for n in range(110)]
    services.add(map(record, dois))
    assert all(isinstance(a, Found) for a in sources.ask([Question((Doi(d),)) for d in dois], asking(mailto="")))
    assert services.crossref.count() == services.crossref.count(status=200) == 3
