"""Other programs read what refkit writes: pandoc, rispy, jsonschema, bibtexparser; TeX's own in tests/proofs_tex.py."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from refkit.formats import by_name
from refkit.formats.ris import fields_of
from refkit.model import Entry, Origin, Work
from refkit.settings import Settings
from refkit.sources import datacite_work
from refkit.sources.crossref_work import work_from_record
from tests.csl_schema import SCHEMA
from tests.works import entries


def corpus_entries(corpus: Path) -> list[Entry]:
    works: list[Work] = []
    for name, read in (("works", work_from_record), ("datacite", datacite_work.work_from_record)):
        with gzip.open(corpus / "crossref" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            works += [read(json.loads(line), origin=Origin("test")) for line in lines]
    return [Entry(f"key{index}", work) for index, work in enumerate(works)]


def test_csljson_is_valid(corpus: Path) -> None:
    validator = jsonschema.Draft7Validator(SCHEMA)
    written = json.loads(by_name("csljson").dump([*entries(), *corpus_entries(corpus)], Settings()))
    assert [error.message for error in validator.iter_errors(written)] == []


@pytest.mark.parametrize("dialect", ["standard", "zotero", "endnote"])
def test_rispy_reads_every_value_as_it_was_written(dialect: str, corpus: Path) -> None:
    rispy = pytest.importorskip("rispy", reason="needs rispy")
    settings = Settings(ris_dialect=dialect)
    written = [*entries(), *corpus_entries(corpus)]
    read = rispy.loads(by_name("ris").dump(written, settings), implementation=_every_tag(rispy))
    assert len(read) == len(written)
    for entry, found in zip(written, read, strict=True):
        expected: dict[str, list[str]] = {}
        for tag, value in fields_of(entry.key, entry.work, settings):
            expected.setdefault(tag, []).append(value.strip())
        assert {tag: [value] if isinstance(value, str) else value for tag, value in found.items()} == expected


def _every_tag(rispy: Any) -> Any:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    mapping = {tag: tag for tag in (a + b for a in letters for b in letters + "0123456789")}
    lists = [tag for tag in mapping if tag not in ("TY", "ER")]
    members = {
        "DEFAULT_MAPPING": mapping,
        "DEFAULT_LIST_TAGS": lists,
        "DEFAULT_DELIMITER_MAPPING": {},
        "DEFAULT_IGNORE": [],
    }
    return type("Parser", (rispy.RisParser,), members)  # tags under their own names, each as a list


# What pandoc 3.9 makes of a format by its own rules; everything else must be equal.
PANDOC_DIFFERS = {
    "bibtex": set(
        """title container-title collection-title event-title original-title (sentence case) title-short (what
        is before a colon) language (langid only) type (misc has none, thesis has a genre) genre URL
        note event event-place event-date publisher-place (address of a conference) number (no
        field) container-title-short issue (of a misc) version division edition author (initials get
        blanks) editor ISSN keyword chapter-number""".split()
    ),
    "biblatex": set(
        """title container-title collection-title event-title original-title title-short language (en becomes
        en-US) type genre URL event publisher (an article has none) ISSN ISBN (one) page number (no
        eid) status container-title-short version division edition author editor publisher-place
        event-date (of types without one) volume issue keyword""".split()
    ),
    "ris": set(
        """title (no markup) issued (the year only) container-title-short ISSN (every SN) ISBN type number
        collection-title publisher-place event-title event-place event-date genre title-short
        original-title version division author editor container-title URL language note keyword
        edition""".split()
    ),
}


@pytest.mark.parametrize("name", ["bibtex", "biblatex", "ris"])
def test_pandoc_reads_the_same_reference(name: str) -> None:
    pypandoc = pytest.importorskip("pypandoc", reason="needs pypandoc-binary")
    written = entries()

    def read(form: str, text: str) -> dict[str, dict[str, Any]]:
        done = subprocess.run(
            [pypandoc.get_pandoc_path(), "-f", form, "-t", "csljson"],
            input=text, capture_output=True, text=True, encoding="utf-8", check=True, timeout=120,
        )  # fmt: skip
        return {item["id"]: item for item in json.loads(done.stdout)}

    settings = Settings(leave_out=("abstract",))
    ours = read("csljson", by_name("csljson").dump(written, settings))
    theirs = read(name, by_name(name).dump(written, settings))
    assert list(theirs) == [entry.key for entry in written]
    wrong = {
        (key, variable, str(ours[key].get(variable)), str(theirs[key].get(variable)))
        for key in ours
        for variable in set(ours[key]) | set(theirs[key])
        if variable not in PANDOC_DIFFERS[name] and ours[key].get(variable) != theirs[key].get(variable)
    }
    assert not wrong
    for key, item in ours.items():
        # pandoc appends biblatex's titleaddon to the title.
        assert _letters(theirs[key].get("title")).startswith(_letters(item.get("title")))
        assert _people(item) == _people(theirs[key]), key


def _letters(text: Any) -> str:
    import unicodedata

    plain = re.sub(r"<[^<>]*>", "", unicodedata.normalize("NFKC", str(text or "")))
    return re.sub(r"[\W_]+", "", plain).lower()


def _people(item: dict[str, Any]) -> list[str]:
    names = []
    for name in item.get("author", []):
        parts = ("dropping-particle", "non-dropping-particle", "family", "literal", "given", "suffix")
        names.append("".join(sorted(_letters("".join(str(name.get(part, "")) for part in parts)))))
    return names


def test_bibtexparser_reads_the_same_fields(corpus: Path) -> None:
    written = corpus_entries(corpus)
    for name in ("bibtex", "biblatex"):
        form = by_name(name)
        assert form.check(form.dump(written, Settings(letters="latex"))) == []
