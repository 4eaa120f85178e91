"""Works go to Zotero's web service, each once, whatever happens to the requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from refkit.errors import TargetError, UsageError
from refkit.merging import Arrival
from refkit.model import Action, Work
from refkit.pipeline.sending import Sending, send
from refkit.report import Report
from refkit.settings import Settings
from tests.server.zotero import KEY, ZoteroWeb
from tests.server.zotero_library import Library
from tests.server.zotero_rules import faults_of


def article(number: int, **more: Any) -> Work:
    csl = {
        "type": "article-journal", "title": f"The {number}th observation of things numbered {number * 7919}",
        "DOI": f"10.5555/n{number}", "author": [{"family": f"Berg{number}", "given": "Jan"}],
        "container-title": "Journal of Examples", "issued": {"date-parts": [[2000 + number % 20, 3, 5]]},
        "volume": str(number), "page": f"{number}-{number + 9}",
    }  # fmt: skip
    return Work(csl | more)


def arrivals(count: int) -> list[Arrival]:
    return [Arrival(article(number), key=f"berg{number}") for number in range(count)]


@pytest.fixture
def web() -> Iterator[ZoteroWeb]:
    with ZoteroWeb() as server:
        yield server


@pytest.fixture
def settings(web: ZoteroWeb, tmp_path: Path) -> Any:
    def make(**more: Any) -> Settings:
        given = {"via": "web", "zotero_api_url": web.url, "zotero_key": KEY, "cache": str(tmp_path / "cache")}
        return Settings(**given | more)

    return make


def run(settings: Settings, works: list[Arrival], **more: Any) -> tuple[Any, Report]:
    report = Report()
    return send(works, settings, report, Sending(**more)), report


def counts(report: Report) -> tuple[int, int, int, int]:
    assert report.target is not None
    t = report.target
    return t.added, t.updated, t.skipped, t.conflicts


def test_works_are_in_the_library_valid_and_once(web: ZoteroWeb, settings: Any) -> None:
    sent, report = run(settings(), arrivals(120))
    assert counts(report) == (120, 0, 0, 0)
    assert report.exit_code == 0
    assert len(web.mine.items) == 120
    assert all(faults_of(i) == [] for i in web.mine.items.values())
    assert [len(a.json) for a in web.writes()] == [50, 50, 20]
    assert len(web.asked) == 5
    web.forget()
    sent, report = run(settings(), arrivals(120))
    assert counts(report) == (0, 0, 120, 0)
    assert web.writes() == []
    assert all(d.action is Action.SAME and "is in Zotero as item" in d.why for d in sent.decisions)
