"""The command against the loopback services: what is asked, what each answer becomes, and how it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.server import Services
from tests.server.samples import record

ROOT = Path(__file__).resolve().parent.parent
MAILTO = "reader@example.org"


class Command:
    """`refkit` with the loopback services as the world and a home of its own."""

    def __init__(self, services: Services, home: Path) -> None:
        self.services = services
        self.environment = os.environ | services.environment()
        self.environment |= {"REFKIT_CACHE": str(home / "cache"), "REFKIT_MAILTO": MAILTO}
        self.report_path = home / "report.json"

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            [sys.executable, "-m", "refkit", *map(str, arguments), "--report", str(self.report_path)],
            input=stdin,
            capture_output=True,
            env=self.environment,
            cwd=ROOT,
            check=False,
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        said = done.stdout + done.stderr + self.report_path.read_bytes()
        assert MAILTO.encode() not in said, "the address is a secret"
        return done

    @property
    def report(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.report_path.read_text(encoding="utf-8"))
        return value

    def answers(self) -> dict[str, tuple[str, str | None]]:
        return {row["asked"]: (row["answer"], row["reason"]) for row in self.report["works"]}


@pytest.fixture
def command(services: Services, tmp_path: Path) -> Command:
    return Command(services, tmp_path)


def test_a_notes_file_becomes_entries_with_one_request(command: Command, tmp_path: Path) -> None:
    command.services.add(record(f"10.5555/r{n}") for n in range(30))
    notes = tmp_path / "notes.md"
    notes.write_text("\n".join(f"- doi:10.5555/r{n}" for n in range(30)), encoding="utf-8")
    done = command("enrich", notes, "-o", tmp_path / "refs.bib")
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "refs.bib").read_text(encoding="utf-8").count("@article{") == 30
    assert command.services.crossref.count() == 1
    (asked,) = command.services.crossref.asked
    assert asked.pool.startswith("polite")
    assert MAILTO in asked.headers["user-agent"]
    assert command.report["requests"] == [
        {"host": command.services.crossref.url.removeprefix("http://"), "count": 1, "retried": 0, "waited_s": 0}
    ]


def test_each_doi_gets_an_answer_of_its_own(command: Command, tmp_path: Path) -> None:
    command.services.add([record("10.5555/good"), record("10.5555/also,comma")])
    notes = tmp_path / "notes.txt"
    notes.write_text("doi:10.5555/good\ndoi:10.5555/nowhere\nhttps://doi.org/10.5555/also,comma\n", encoding="utf-8")
    done = command("enrich", notes)
    assert done.returncode == 1
    assert command.answers() == {
        "10.5555/good": ("found", None),
        "10.5555/nowhere": ("missing", "unregistered"),
        "10.5555/also,comma": ("found", None),
    }
    assert b"10.5555/nowhere" in done.stderr
    assert b"notes.txt" in done.stderr
    assert done.stdout.count(b"@article{") == 2


def test_the_registry_chooses_among_readings(command: Command) -> None:
    command.services.add([record("10.5555/x.1(a)"), record("10.5555/glued")])
    done = command("enrich", "-", "--format", "csljson", stdin=b"(doi:10.5555/x.1(a)) and doi:10.5555/gluedPMID 123")
    assert {item["DOI"] for item in json.loads(done.stdout)} == {"10.5555/x.1(a)", "10.5555/glued"}
    mentions = command.report["documents"][0]["mentions"]
    assert [m["doi"] for m in mentions] == ["10.5555/x.1(a)", "10.5555/glued"]


def test_two_spellings_of_one_work_are_one_entry(command: Command) -> None:
    command.services.add([record("10.5555/abc")])
    done = command("enrich", "-", stdin=b"doi:10.5555/ABC and https://doi.org/10.5555/abc. And 10.5555/abc, too.")
    assert done.returncode == 0
    assert done.stdout.count(b"@article{") == 1


@pytest.mark.parametrize("fault", ["html", "500"])
def test_a_service_that_fails_for_good_is_exit_4_and_what_is_at_hand_is_written(
    command: Command, tmp_path: Path, fault: str
) -> None:
    command.services.crossref.faults.shares = {fault: 1.0}
    records = tmp_path / "records.jsonl"
    records.write_text(json.dumps(record("10.5555/at-hand")) + "\n", encoding="utf-8")
    out = tmp_path / "refs.bib"
    done = command("enrich", "10.5555/at-hand", "10.5555/elsewhere", "--records", records, "-o", out)
    assert done.returncode == 4
    assert "10.5555/at-hand" in out.read_text(encoding="utf-8")
    answer, reason = command.answers()["10.5555/elsewhere"]
    assert (answer, reason) == ("failed", "network")


def test_a_refusal_is_said_as_one(command: Command) -> None:
    command.services.crossref.faults.script = ["403"] * 20
    done = command("enrich", "10.5555/x")
    assert done.returncode == 4
    assert command.answers() == {"10.5555/x": ("failed", "refused")}


def test_no_network_at_all(command: Command) -> None:
    command.environment |= {"REFKIT_CROSSREF_URL": "http://127.0.0.1:9", "REFKIT_DOI_URL": "http://127.0.0.1:9"}
    done = command("enrich", "10.5555/x")
    assert done.returncode == 4
    assert command.answers() == {"10.5555/x": ("failed", "network")}
    assert len(done.stderr.splitlines()) < 10


def test_offline_asks_no_one(command: Command) -> None:
    done = command("enrich", "10.5555/x", "--offline")
    assert done.returncode == 1
    assert [service.count() for service in command.services.all] == [0, 0, 0]


def test_find_verifies_only_when_asked(command: Command) -> None:
    command.services.add([record("10.5555/abc")])
    command("find", "-", stdin=b"doi:10.5555/abc doi:10.5555/nowhere")
    assert command.services.crossref.count() == 0
    done = command("find", "-", "--verify", stdin=b"doi:10.5555/abc doi:10.5555/nowhere")
    assert done.returncode == 1
    assert command.answers() == {"10.5555/abc": ("found", None), "10.5555/nowhere": ("missing", "unregistered")}


def test_the_second_run_asks_nothing_unless_told_to(command: Command) -> None:
    command.services.add([record("10.5555/abc")])
    first = command("enrich", "10.5555/abc", "10.5555/nowhere")
    asked = [service.count() for service in command.services.all]
    second = command("enrich", "10.5555/abc", "10.5555/nowhere")
    assert [service.count() for service in command.services.all] == asked
    assert (second.stdout, second.returncode) == (first.stdout, first.returncode)
    assert command("enrich", "10.5555/abc", "--offline").returncode == 0
    command("enrich", "10.5555/abc", "--refresh")
    assert command.services.crossref.count() > asked[0]


def test_verbose_shows_requests_without_the_address(command: Command) -> None:
    command.services.add([record("10.5555/abc")])
    done = command("enrich", "10.5555/abc", "--verbose")
    assert b"/works" in done.stderr
    assert b"1 request" in done.stderr


def test_a_record_with_another_title_unsettles_whose_doi_it_is(command: Command, tmp_path: Path) -> None:
    own, cited = record("10.5555/own", "Quite another matter altogether"), record("10.5555/cited")
    command.services.add([own, cited])
    page = tmp_path / "page.html"
    page.write_text(
        "<html><head><title>The growth of moss on northern walls</title>"
        '<meta name="citation_doi" content="10.5555/own">'
        '<meta name="citation_title" content="The growth of moss on northern walls"></head>'
        "<body><h1>The growth of moss on northern walls</h1><p>Moss grows slowly. "
        '<a href="https://doi.org/10.5555/cited">1</a></p></body></html>',
        encoding="utf-8",
    )
    command("enrich", page)
    assert command.report["documents"][0]["own"]["verdict"] == "unsure"
    assert set(command.answers()) == {"10.5555/own", "10.5555/cited"}
    own["title"] = ["The growth of moss on northern walls"]
    command.services.add([own])
    command.environment["REFKIT_CACHE"] += "2"
    command("enrich", page)
    assert command.report["documents"][0]["own"]["verdict"] == "sure"
    assert set(command.answers()) == {"10.5555/own"}
