"""Real records through the whole of asking: from files, over the loopback services, and through the store."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from refkit import doi as dois
from refkit import sources, store
from refkit.model import Doi, Found, Question
from refkit.settings import Settings
from refkit.store import recordfiles
from tests.server import Services

pytest_plugins = ["tests.server.fixtures"]

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
WORKS, RESOURCES = CORPUS / "crossref" / "works.jsonl.gz", CORPUS / "crossref" / "datacite.jsonl.gz"

pytestmark = pytest.mark.skipif(not WORKS.is_file(), reason="the corpus of real records is not here")


def records(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path) as lines:
        return [orjson.loads(line) for line in lines]


def ask(settings: Settings, wanted: list[Doi]) -> dict[Doi, Found]:
    answers = sources.ask([Question((d,)) for d in wanted], settings)
    return {a.asked: a for a in answers if isinstance(a, Found)}


def test_all_real_records_are_found_in_files_and_in_a_collection(tmp_path: Path) -> None:
    names = [dois.fold(r["DOI"]) for r in records(WORKS)]
    names += [doi for r in records(RESOURCES) if (doi := recordfiles.doi_of(r)) is not None]
    settings = Settings(offline=True, cache=str(tmp_path), records=(str(WORKS), str(RESOURCES)))
    from_files = ask(settings, names)
    assert set(from_files) == set(names)
    for path in (WORKS, RESOURCES):
        store.load(path, settings)
    assert ask(settings, names) == from_files


def test_real_records_come_over_the_wire_as_they_are_in_files(
    services: Services, asking: Callable[..., Settings]
) -> None:
    works = records(WORKS)[::7]
    services.add(works)
    names = [dois.fold(r["DOI"]) for r in works]
    settings = asking()
    online = ask(settings, names)
    assert set(online) == set(names)
    assert services.crossref.count(status=429) == 0
    services.forget()
    assert ask(settings, names) == online
    assert services.crossref.count() == 0
    offline = ask(asking(offline=True, cache="", records=(str(WORKS),)), names)
    assert {d: a.work.csl for d, a in offline.items()} == {d: a.work.csl for d, a in online.items()}
