"""Zotero's flavour of CSL-JSON keeps what its importer would drop, and stays valid against the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from refkit.formats import by_name
from refkit.model import Entry, Origin, Work
from refkit.settings import Settings
from refkit.sources.crossref_work import work_from_record
from tests.csl_schema import SCHEMA

ROOT = Path(__file__).resolve().parent.parent
ZOTERO = Settings(csl_dialect="zotero")


def written(csl: dict[str, Any], settings: Settings = ZOTERO) -> dict[str, Any]:
    (item,) = json.loads(by_name("csljson").dump([Entry("key", Work(csl))], settings))
    jsonschema.validate([item], SCHEMA)
    found: dict[str, Any] = item
    return found


def test_suffix_and_particles_move_to_where_zotero_keeps_them() -> None:
    names = [
        {"family": "Berg", "given": "John", "non-dropping-particle": "van der", "suffix": "Jr."},
        {"family": "Alembert", "given": "Jean", "dropping-particle": "d’"},
        {"literal": "The PRISMA Group"},
        {"family": "King", "suffix": "III"},
    ]
    assert written({"type": "book", "author": names})["author"] == [
        {"family": "van der Berg", "given": "John, Jr."},
        {"family": "d’Alembert", "given": "Jean"},
        {"literal": "The PRISMA Group"},
        {"family": "King", "given": "III"},
    ]


def test_dates_carry_their_iso_form_too() -> None:
    issued = {"date-parts": [[2020, 3, 5]]}
    assert written({"type": "book", "issued": issued})["issued"] == {**issued, "raw": "2020-03-05"}
    for other in ({"literal": "forthcoming"}, {"date-parts": [[2020], [2021]]}):
        assert written({"type": "book", "issued": other})["issued"] == other


def test_software_does_not_make_zotero_refuse_the_file() -> None:
    item = written({"type": "software", "title": "seaborn", "note": "PMID: 1"})
    assert (item["type"], item["note"]) == ("document", "Type: software\nPMID: 1")


def test_the_key_and_the_short_journal_title_are_kept() -> None:
    item = written({"type": "article-journal", "container-title-short": "J. Moss"})
    assert (item["citation-key"], item["journalAbbreviation"]) == ("key", "J. Moss")
    assert "container-title-short" not in item


def test_the_standard_flavour_is_untouched() -> None:
    names = [{"family": "Berg", "non-dropping-particle": "van der"}]
    item = written({"type": "book", "author": names}, Settings())
    assert item == {"id": "key", "type": "book", "author": names}


def test_every_example_is_valid_in_this_flavour_too() -> None:
    for line in (ROOT / "examples" / "records.jsonl").read_text(encoding="utf-8").splitlines():
        work = work_from_record(json.loads(line), origin=Origin("records"))
        item = written(dict(work.csl))
        assert item["type"] != "software"
