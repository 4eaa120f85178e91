"""The examples and the seed: that they are what their README files say, and that the scripts run."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from refkit import doi as dois

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
SEED = ROOT / "seeds" / "000_cf655816c2429cec.txt"
SEED_DOI = "10.1016/j.msard.2023.105400"
TEST_PREFIX = "10.5555/"
SCRIPTS = sorted(EXAMPLES.glob("api_*.py"))

Record = dict[str, Any]

# Crossref's REST API, /types, as of June 2026.
TYPES = frozenset(
    [
        "book",
        "book-chapter",
        "book-part",
        "book-section",
        "book-series",
        "book-set",
        "book-track",
        "component",
        "database",
        "dataset",
        "dissertation",
        "edited-book",
        "grant",
        "journal",
        "journal-article",
        "journal-issue",
        "journal-volume",
        "monograph",
        "other",
        "peer-review",
        "posted-content",
        "proceedings",
        "proceedings-article",
        "proceedings-series",
        "reference-book",
        "reference-entry",
        "report",
        "report-component",
        "report-series",
        "standard",
    ]
)

CITED_IN_MANUSCRIPT = frozenset(
    {
        "10.1002/(sici)1097-4571(199009)41:6<391::aid-asi1>3.0.co;2-9",
        "10.1002/j.1538-7305.1948.tb01338.x",
        "10.1016/j.msard.2023.105400",
        "10.1016/s0140-6736(10)60175-4",
        "10.1016/s0140-6736(97)11096-0",
        "10.1038/nature14539",
        "10.1109/mcse.2011.37",
        "10.1126/science.185.4157.1124",
        "10.1145/2939672.2939785",
        "10.1371/journal.pmed.1000097",
    }
)
IN_LIBRARY = frozenset(
    {
        "10.1007/978-0-387-84858-7",
        "10.1007/978-3-319-24574-4_28",
        "10.1038/171737a0",
        "10.1038/nature14539",
        "10.1371/journal.pmed.1000097",
        "10.21105/joss.03021",
    }
)


def _lines() -> list[str]:
    return (EXAMPLES / "records.jsonl").read_bytes().decode("utf-8").splitlines()


RECORDS: dict[str, Record] = {record["DOI"]: record for record in map(json.loads, _lines())}
EACH = pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)


def _values(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value inside `value`, with the key under which it stands."""
    yield key, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _values(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, key)


# --- the records ---------------------------------------------------------------------------------


def test_records_are_compact_sorted_and_unique() -> None:
    lines = _lines()
    assert 44 <= len(lines) <= 60
    assert len(RECORDS) == len(lines)
    assert list(RECORDS) == sorted(RECORDS)
    for line in lines:
        assert line == json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":"))
    assert (EXAMPLES / "records.jsonl").read_bytes().endswith(b"}\n")


def test_every_crossref_type_is_there() -> None:
    assert {record["type"] for record in RECORDS.values()} == TYPES


@EACH
def test_the_doi_is_one(record: Record) -> None:
    doi = record["DOI"]
    assert dois.parse(doi) == doi
    assert dois.parse(record["URL"]) == doi
    assert doi.startswith(record["prefix"] + "/")


@EACH
def test_invented_works_say_so_and_only_they_have_the_test_prefix(record: Record) -> None:
    words = " ".join(str(v) for _, v in _values(record) if isinstance(v, str)).lower()
    invented = "the example press" in words or "an example of" in words
    assert record["DOI"].startswith(TEST_PREFIX) == invented


@EACH
def test_only_what_a_bibliography_needs(record: Record) -> None:
    bulky = {"reference", "link", "indexed", "deposited", "assertion", "is-referenced-by-count", "score", "resource"}
    assert bulky.isdisjoint(record)


@EACH
def test_dates_are_dates(record: Record) -> None:
    for key, value in _values(record):
        if key == "date-parts" and isinstance(value, list) and value and isinstance(value[0], list):
            (parts,) = value
            if parts != [None]:
                year, month, day = (*parts, 1, 1)[:3]
                assert 1400 < year < 2100
                assert 1 <= month <= 12
                assert 1 <= day <= 31
    assert "issued" in record
    if "published" in record:
        assert record["published"] == record["issued"] != {"date-parts": [[None]]}


def _digit(check: str) -> int:
    return 10 if check in "Xx" else int(check)


@EACH
def test_numbers_have_right_check_digits(record: Record) -> None:
    for issn in record.get("ISSN", []):
        digits = [_digit(c) for c in issn.replace("-", "")]
        assert sum(d * w for d, w in zip(digits, range(8, 0, -1), strict=True)) % 11 == 0
    for written in record.get("ISBN", []):
        isbn = [_digit(c) for c in written.rsplit("/", 1)[-1].replace("-", "")]
        weights, modulus = ([1, 3] * 6 + [1], 10) if len(isbn) == 13 else (list(range(10, 0, -1)), 11)
        assert sum(d * w for d, w in zip(isbn, weights, strict=True)) % modulus == 0
    for key, value in _values(record):
        if key == "ORCID":
            total = 0
            *digits, last = (_digit(c) for c in value.rsplit("/", 1)[-1].replace("-", ""))
            for digit in digits:
                total = (total + digit) * 2
            assert (12 - total % 11) % 11 == last
    for plain, typed in (("ISSN", "issn-type"), ("ISBN", "isbn-type")):
        if typed in record:
            assert [t["value"] for t in record[typed]] == record[plain]
            assert {t["type"] for t in record[typed]} <= {"print", "electronic"}


@EACH
def test_contributors_have_the_shapes_that_crossref_gives(record: Record) -> None:
    for role in ("author", "editor"):
        people = record.get(role, [])
        assert [p["sequence"] for p in people] == ["first", "additional"][: len(people)] + ["additional"] * (
            len(people) - 2
        )
        for person in people:
            assert person.keys() <= {
                "given", "family", "suffix", "name", "sequence", "affiliation", "ORCID", "authenticated-orcid"
            }  # fmt: skip
            assert not ("name" in person and "family" in person)


def test_the_records_are_varied() -> None:
    """What a record can look like is in at least one of them, so that the examples show how refkit treats it."""
    records = list(RECORDS.values())
    authors = [a for r in records for a in r.get("author", [])]
    titles = [t for r in records for t in r.get("title", [])]
    shown = {
        "a group author": any("name" in a for a in authors),
        "a name suffix": any("suffix" in a for a in authors),
        "a name particle": any(a.get("family", "").startswith("van der ") for a in authors),
        "an ORCID": any("ORCID" in a for a in authors),
        "a nameless contributor": any(not {"name", "family"} & a.keys() for a in authors),
        "a name in capitals": any(a.get("family", "").isupper() for a in authors),
        "a name in another script": any(re.search("[А-я]", a.get("family", "")) for a in authors),
        "only editors": any("editor" in r and "author" not in r for r in records),
        "two container titles": any(len(r.get("container-title", [])) == 2 for r in records),
        "an article number only": any("article-number" in r and "page" not in r for r in records),
        "an article number as page": any(r.get("article-number") == r.get("page", "-") for r in records),
        "italics": any("<i>" in t for t in titles),
        "a subscript": any("<sub>" in t for t in titles),
        "MathML": any("<mml:math" in t for t in titles),
        "an entity": any("&amp;" in c for r in records for c in r.get("container-title", [])),
        "a title in another script": any(re.search("[一-鿿]", t) for t in titles),
        "no title at all": any(not r.get("title") for r in records),
        "an issued date that is none": any(
            r["issued"] == {"date-parts": [[None]]} and "approved" in r for r in records
        ),
        "a language besides English": any(r.get("language") == "de" for r in records),
        "empty keys given": any(r.get("subject") == [] and r.get("relation") == {} for r in records),
        "empty keys left out": any("subject" not in r and "relation" not in r for r in records),
    }
    assert [what for what, there in shown.items() if not there] == []
    fields = "subtitle short-container-title event institution degree edition-number subtype group-title relation"
    fields += " project abstract update-to updated-by license funder standards-body review journal-issue posted version"
    assert [f for f in fields.split() if not any(r.get(f) for r in records)] == []


def test_the_retraction_is_told_on_both_sides() -> None:
    notice, article = RECORDS["10.1016/s0140-6736(10)60175-4"], RECORDS["10.1016/s0140-6736(97)11096-0"]
    assert [u["DOI"] for u in notice["update-to"]] == [article["DOI"]]
    assert {u["DOI"] for u in article["updated-by"]} == {notice["DOI"]}
    assert {u["type"] for u in notice["update-to"] + article["updated-by"]} == {"retraction"}


# --- the seed ------------------------------------------------------------------------------------


def test_the_seed_is_untouched() -> None:
    digest = hashlib.sha256(SEED.read_bytes()).hexdigest()
    assert digest == "818f9558534344e6a999cd9c353622314fc3185d70dcb16d7d6201bac283e5ba"


def test_the_seed_record_states_what_the_seed_states_and_nothing_more() -> None:
    seed, record = SEED.read_text(encoding="utf-8"), RECORDS[SEED_DOI]
    assert record.keys() == {
        "DOI", "URL", "prefix", "type", "title", "short-container-title", "issued", "published"
    }  # fmt: skip
    assert record["type"] == "journal-article"
    lines = seed.splitlines()
    assert lines[0] == record["title"][0] + "."
    assert record["short-container-title"][0] in lines
    assert "Published: February 2024" in lines
    assert record["issued"] == record["published"] == {"date-parts": [[2024, 2]]}
    assert f"http://dx.doi.org/{SEED_DOI}DOI Listing" in lines


# --- the manuscript, the library and the scripts -------------------------------------------------


def _found(name: str) -> set[str]:
    from refkit import find  # the subject of this test, and slow to load for those that do not need it

    (row,) = find(EXAMPLES / name).documents
    assert row.findings is not None, row.error
    return {str(mention.doi) for mention in row.findings.mentions}


def test_all_dois_of_the_manuscript_are_found_and_at_hand() -> None:
    assert RECORDS.keys() >= CITED_IN_MANUSCRIPT
    assert _found("manuscript.md") == CITED_IN_MANUSCRIPT


def test_all_dois_of_the_library_are_found_and_at_hand() -> None:
    assert RECORDS.keys() >= IN_LIBRARY
    assert _found("library.bib") == IN_LIBRARY


def test_the_library_keeps_its_habits() -> None:
    text = (EXAMPLES / "library.bib").read_text(encoding="utf-8")
    assert len(re.findall(r"(?mi)^@(?!string|comment)\w+\{", text)) == 8
    for habit in (
        "@string{",
        "@comment{",
        "\n% ",
        "shelfmark",
        "\t",
        r"\_",
        "journal = nat",
        "= 1953,",
        '"J. D. Watson',
    ):
        assert habit in text


def test_there_are_scripts() -> None:
    assert 3 <= len(SCRIPTS) <= 6


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_is_short_and_runs(script: Path) -> None:
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 25
    run = subprocess.run(
        [sys.executable, "-W", "error", str(script.relative_to(ROOT))],
        cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    assert len(run.stdout.splitlines()) >= 5
