"""What Zotero drops, splits or refuses on its ways in, and how refkit gets it in all the same.

One test a trap. Zotero's habits are stated as its translators showed them (2025 to 2026); files are those that refkit
writes for Zotero, items those that it sends.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from refkit import formats
from refkit.formats.types import CSL
from refkit.formats.zotero_items import entry_of, item
from refkit.model import Entry, Work
from refkit.settings import Settings
from tests.server.zotero_rules import faults_of

KEPT_BIBTEX_TYPES = frozenset(
    """article book booklet inbook incollection inproceedings conference manual mastersthesis phdthesis thesis
    proceedings collection mvbook techreport report unpublished online electronic misc software patent inreference
    artwork audio video movie letter jurisdiction legislation""".split()
)
"""All entry types that Zotero's BibTeX importer knows; entries of others vanish without a word."""

NAMES = [
    {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"},
    {"family": "King", "given": "Martin", "suffix": "Jr."},
    {"literal": "European Commission, JRC"},
]


def work(kind: str = "article-journal", **csl: Any) -> Work:
    return Work({"type": kind, "title": "A title of some length"} | csl)


def ris(given: Work, key: str = "key2020") -> list[str]:
    text = formats.by_name("ris").dump([Entry(key, given)], Settings(ris_dialect="zotero"))
    return [line.rstrip("\r") for line in text.split("\n")]


def tags(given: Work) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in ris(given):
        if row := re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line):
            found.setdefault(row[1], []).append(row[2])
    return found


def sent(given: Work) -> dict[str, Any]:
    made = item(Entry("key2020", given))
    assert faults_of(made) == []
    return made


def rdf(given: Work) -> str:
    return formats.by_name("zotero-rdf").dump([Entry("key2020", given)], Settings())


# --- RIS -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["article-journal", "book", "chapter", "paper-conference"])
def test_m3_would_be_read_as_a_doi_and_dropped(kind: str) -> None:
    given = work(kind, genre="Review article", DOI="10.5555/x")
    assert "M3" not in tags(given)
    assert "Review article" in str(sent(given))


def test_a_doi_that_is_a_link_would_be_cleaned_and_anything_else_dropped() -> None:
    assert tags(work(DOI="10.5555/x"))["DO"] == ["10.5555/x"]
    assert sent(work(DOI="10.5555/x"))["DOI"] == "10.5555/x"


def test_m1_would_be_the_issue_of_an_article() -> None:
    assert "M1" not in tags(work(issue="4", number="e77", page="e77"))


def test_a_single_keyword_line_would_be_split_at_its_commas() -> None:
    assert sent(work(keyword="Smith, J"))["tags"] == [{"tag": "Smith, J"}]


def test_only_the_first_sn_would_be_kept() -> None:
    found = tags(work(ISSN="1234-5679, 0028-0836"))
    assert len(found["SN"]) == 1
    assert {"1234-5679", "0028-0836"} <= set(re.findall(r"[\d-]{9}", found["SN"][0]))
    assert sent(work(ISSN="1234-5679, 0028-0836"))["ISSN"] == "1234-5679, 0028-0836"


def test_a_corporate_name_with_a_comma_would_be_torn_apart() -> None:
    assert sent(work(author=NAMES))["creators"][2] == {"creatorType": "author", "name": "European Commission, JRC"}
    assert "European Commission, JRC</foaf:surname>" in rdf(work(author=NAMES))


def test_ris_has_no_type_for_preprints_and_standards() -> None:
    for kind, name in (("article", "preprint"), ("standard", "standard")):
        assert f"Type: {name}" in tags(work(kind)).get("M2", [])
        assert sent(work(kind))["itemType"] == name


def test_a_date_that_is_none_would_become_0000_in() -> None:
    given = work(issued={"literal": "in press"})
    assert "PY  - in press" not in ris(given)
    assert sent(given)["date"] == "in press"


def test_a_line_of_an_abstract_that_looks_like_a_tag_would_be_one() -> None:
    given = work(abstract="First.\nKW  - not a keyword")
    assert "KW" not in tags(given)
    assert sent(given)["tags"] == []


# --- BibTeX --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(CSL))
def test_an_unknown_entry_type_would_be_discarded_with_all_it_says(kind: str) -> None:
    text = formats.by_name("bibtex").dump([Entry("k", work(kind))], Settings())
    found = re.match(r"@(\w+)\{", text)
    assert found
    assert found[1].lower() in KEPT_BIBTEX_TYPES


@pytest.mark.parametrize(
    ("variable", "value", "field"),
    [
        ("language", "de", "language"),  # BibTeX's langid is dropped
        ("number", "e77", "pages"),  # eid
        ("number-of-volumes", "3", "numberOfVolumes"),  # volumes
        ("event-place", "Oslo", "eventPlace"),  # venue
        ("original-date", {"date-parts": [[1900]]}, "originalDate"),  # origdate
    ],
)
def test_what_the_bibtex_importer_drops_is_sent(variable: str, value: Any, field: str) -> None:
    kind = {"eventPlace": "paper-conference", "pages": "article-journal"}.get(field, "book")
    more = {"page": "e77"} if variable == "number" else {}
    assert sent(work(kind, **{variable: value}, **more))[field] == ("1900" if isinstance(value, dict) else value)


def test_the_citation_key_would_be_dropped() -> None:
    assert sent(work())["citationKey"] == "key2020"
    assert "<z:citationKey>key2020</z:citationKey>" in rdf(work())
    assert "Citation Key: key2020" in tags(work()).get("M2", [])


def test_a_note_beginning_with_pmid_would_go_raw_to_extra() -> None:
    made = sent(work(note="PMID is not known: ask"))
    assert entry_of(made).work.csl["note"] == "PMID is not known: ask"
    assert "PMID" not in entry_of(made).work.csl


def test_an_author_called_others_is_not_made() -> None:
    assert "others" not in str(sent(work(author=[{"family": "Berg", "given": "A"}])))


# --- CSL-JSON ------------------------------------------------------------------------------------


def test_what_the_csl_importer_drops_is_sent() -> None:
    given = work(
        author=NAMES, keyword="a; b", annote="My note",
        **{"container-title-short": "J. Ex.", "event-date": {"date-parts": [[2020]]}},
    )  # fmt: skip
    made = sent(given)
    assert [c.get("lastName") for c in made["creators"][:2]] == ["van der Berg", "King"]
    assert made["creators"][1]["firstName"] == "Martin, Jr."
    assert made["tags"] == [{"tag": "a"}, {"tag": "b"}]
    assert made["notes"] == ["<p>My note</p>"]
    assert made["journalAbbreviation"] == "J. Ex."
    assert made["extra"] == "Event Date: 2020"


def test_software_would_make_the_whole_file_refused() -> None:
    assert sent(work("software"))["itemType"] == "computerProgram"


# --- Zotero's own Crossref import ----------------------------------------------------------------


def test_zoteros_own_import_mangles_what_refkit_keeps() -> None:
    from refkit.model import Origin
    from refkit.sources.crossref_work import work_from_record

    record = {
        "DOI": "10.5555/x", "type": "journal-article", "title": ["On <i>E. coli</i>"], "page": "5-9",
        "author": [{"given": "Jan", "family": "van der Berg", "suffix": "Jr."}],
        "abstract": "<jats:title>Abstract</jats:title><jats:p>Text of <jats:italic>E. coli</jats:italic>.</jats:p>",
        "published-online": {"date-parts": [[2020, 4, 2]]}, "ISSN": ["1234-5679", "0028-0836"],
        "container-title": ["Journal of Examples"],
    }  # fmt: skip
    made = sent(work_from_record(record, origin=Origin("crossref")))
    assert made["creators"] == [{"creatorType": "author", "firstName": "Jan, Jr.", "lastName": "van der Berg"}]
    assert made["title"] == "On <i>E. coli</i>"
    assert made["date"] == "2020-04-02"
    assert made["abstractNote"] == "Text of E. coli."


# --- Extra ---------------------------------------------------------------------------------------


def test_the_key_of_a_line_reaches_to_its_last_colon() -> None:
    """Zotero's desktop takes a value with a colon for no value: the line stays a line, and is read back as one."""
    given = work("book", **{"original-title": "Ein Titel: und mehr"})
    made = sent(given)
    assert made["extra"] == "Original Title: Ein Titel: und mehr"
    assert entry_of(made).work.csl["original-title"] == "Ein Titel: und mehr"
