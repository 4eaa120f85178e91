"""Every source in the table keeps its promises, third parties' too."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from importlib import metadata
from types import ModuleType
from typing import Any

import pytest

from refkit import sources
from refkit.model import Doi, Found, Origin, Question, Work
from refkit.net import Client
from refkit.settings import Settings
from refkit.sources.crossref import Record
from tests.server import Services
from tests.server.samples import csl_item, record, resource

pytest_plugins = ["tests.server.fixtures"]

HAVE, LACK = Doi("10.5555/have,it"), Doi("10.5555/lack")
FILL: dict[str, Callable[[Services], None]] = {
    "crossref": lambda services: services.add([record(HAVE)]),
    "datacite": lambda services: services.add([resource(HAVE)]),
    "doi.org": lambda services: services.doi.items.update({HAVE: csl_item(HAVE)}),
}


@pytest.fixture
def fresh_table() -> Iterator[None]:
    """The table read anew in a test, and again after it."""
    sources.all_sources.cache_clear()
    yield
    sources.all_sources.cache_clear()


def test_names_and_agencies_are_unique() -> None:
    rows = sources.all_sources()
    assert len({s.name for s in rows}) == len(rows)
    agencies = [agency for s in rows for agency in s.agencies]
    assert len(set(agencies)) == len(agencies)
    assert rows[0].name == "crossref"
    assert rows[-1].agencies == ()


@pytest.mark.parametrize("row", sources.SOURCES, ids=lambda s: s.name)
def test_a_source_answers_once_for_each_doi(
    services: Services, asking: Callable[..., Settings], row: sources.Source
) -> None:
    services.doi.agencies |= {HAVE: "mEDRA", LACK: "mEDRA"}
    FILL[row.name](services)
    module: Any = importlib.import_module(row.module)
    with Client(asking()) as client:
        answers = list(module.look_up([HAVE, LACK, HAVE], client))
    assert sorted(doi for doi, _ in answers) == sorted([HAVE, LACK])
    assert dict(answers)[LACK] is None
    found = dict(answers)[HAVE]
    assert isinstance(found, Record)
    work = module.work(found.body, Origin(row.name))
    assert isinstance(work, Work)
    assert (work.csl["DOI"], work.origin.source) == (HAVE, row.name)


def test_a_third_party_may_add_a_source(
    services: Services, asking: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, fresh_table: None
) -> None:
    module = ModuleType("third_party")
    module.look_up = lambda wanted, client: ((d, Record(d, csl_item(d, "By a third party"))) for d in wanted)  # type: ignore[attr-defined]
    module.work = lambda body, origin: Work(body, origin=origin)  # type: ignore[attr-defined]
    monkeypatch.setitem(importlib.import_module("sys").modules, "third_party", module)
    row = sources.Source("jalc", "JaLC", ("JaLC",), "third_party")
    point = metadata.EntryPoint("jalc", "third_party:row", "refkit.sources")
    module.row = row  # type: ignore[attr-defined]
    monkeypatch.setattr(metadata, "entry_points", lambda *, group: [point] if group == "refkit.sources" else [])
    services.doi.agencies["10.18942/apg"] = "JaLC"
    for _ in range(2):  # the second time from the cache
        (answer,) = sources.ask([Question((Doi("10.18942/apg"),))], asking())
        assert isinstance(answer, Found)
        assert (answer.work.csl["title"], answer.work.origin.source) == ("By a third party", "jalc")
