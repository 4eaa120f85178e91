"""Works become items that Zotero's schema accepts, and items become the same works again."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refkit.formats import zotero_schema as schema
from refkit.formats.types import CROSSREF, CSL, DATACITE
from refkit.formats.zotero_dates import date_from, date_text
from refkit.formats.zotero_items import LONGEST, entry_of, item, item_type, tags
from refkit.formats.zotero_uri import KEY, item_key, item_uri
from refkit.model import Entry, Origin, Work
from refkit.sources.crossref_work import work_from_record
from tests.server.samples import record
from tests.server.zotero_rules import desktop, faults_of


def one(key: str = "", **csl: Any) -> dict[str, Any]:
    return item(Entry(key, Work({"type": "article-journal"} | csl)))


def again(made: dict[str, Any]) -> dict[str, Any]:
    return dict(entry_of(made).work.csl)


def corpus_works(corpus: Path) -> Iterator[Work]:
    with gzip.open(corpus / "crossref" / "works.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from (work_from_record(json.loads(line), origin=Origin("crossref")) for line in lines)


# --- the schema ----------------------------------------------------------------------------------


def test_every_type_has_a_title_a_main_creator_and_extra() -> None:
    assert len(schema.types()) == 37
    for kind in schema.types():
        assert schema.field_of("title", kind), kind
        assert {"DOI", "citationKey", "extra", "url"} <= set(schema.fields(kind)), kind
        assert "contributor" in schema.creators(kind), kind


@pytest.mark.parametrize(
    ("kind", "base", "name"),
    [
        ("thesis", "publisher", "university"),
        ("case", "title", "caseName"),
        ("patent", "date", "issueDate"),
        ("preprint", "number", "archiveID"),
        ("presentation", "publicationTitle", "sessionTitle"),
        ("report", "issue", ""),
        ("nothing", "title", ""),
    ],
)
def test_types_have_names_of_their_own_for_base_fields(kind: str, base: str, name: str) -> None:
    assert schema.field_of(base, kind) == name


def test_before_the_watershed_a_books_doi_and_key_are_lines_of_extra() -> None:
    entry = Entry("baker2024", Work({"type": "book", "DOI": "10.5555/x", "PMID": "123"}))
    new, old = item(entry), item(entry, version=33)
    assert (new["DOI"], new["citationKey"], new["extra"]) == ("10.5555/x", "baker2024", "PMID: 123")
    assert "DOI" not in old
    assert old["extra"].splitlines() == ["Citation Key: baker2024", "DOI: 10.5555/x", "PMID: 123"]
    assert entry_of(old).key == "baker2024"
    assert again(old) == again(new)


@pytest.mark.parametrize(
    ("version", "found"), [("7.0.0", 33), ("7.0.30", 33), ("7.0.31", 42), ("8.0.5", 42), ("10.0.3", 42), ("", 42)]
)
def test_the_schema_is_known_by_the_version_of_zotero(version: str, found: int) -> None:
    assert schema.schema_of(version) == found


# --- every type ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*CROSSREF])
def test_every_crossref_type_makes_a_valid_item_that_is_read_back(kind: str) -> None:
    main, _, subtype = kind.partition("/")
    more: dict[str, Any] = {
        "type": main, "subtype": subtype, "volume": "3", "issue": "4", "page": "12-19", "ISSN": ["1234-5679"],
        "ISBN": ["9780000000002"], "publisher-location": "Rome", "edition-number": "2", "abstract": "<p>About.</p>",
        "editor": [{"given": "Jan", "family": "van der Berg", "suffix": "Jr."}, {"name": "Group, Inc."}],
        "institution": [{"name": "An Institute"}], "event": {"name": "A Meeting", "location": "Oslo"},
    }  # fmt: skip
    work = work_from_record(record("10.5555/x", "A <i>title</i>: of things", **more), origin=Origin("crossref"))
    made = item(Entry("key2020", work))
    assert faults_of(made) == []
    back = entry_of(made)
    assert back.key == "key2020"
    assert dict(back.work.csl) == dict(work.csl)


@pytest.mark.parametrize("kind", [*CSL, *{row.csl for row in DATACITE.values()}])
def test_every_csl_type_is_read_back(kind: str) -> None:
    work = Work({"type": kind, "title": "A title", "author": [{"family": "Berg", "given": "A"}], "number": "7"})
    made = item(Entry("k", work))
    assert faults_of(made) == []
    assert again(made) == dict(work.csl)


def test_the_whole_corpus_is_valid_and_reads_back(corpus: Path) -> None:
    for work in corpus_works(corpus):
        made = item(Entry("k", work))
        assert faults_of(made) == []
        want, got = dict(work.csl), again(made)
        if want.get("number") == want.get("page"):
            want.pop("number", None)  # an article's number is its page too, and no field of Zotero's articles
            got.pop("number", None)
        assert _plain_names(got) == _plain_names(want)


def _plain_names(csl: dict[str, Any]) -> dict[str, Any]:
    """Names of one part are one, whatever the part is called."""
    out = {}
    for name, value in csl.items():
        out[name] = [p if len(p) > 1 else [*p.values()] for p in value] if isinstance(value, list) else value
    return out


# --- what is mangled elsewhere -------------------------------------------------------------------


def test_suffixes_and_particles_are_kept() -> None:
    names = [
        {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"},
        {"family": "King", "given": "Martin", "suffix": "Jr."},
        {"literal": "European Commission, JRC"},
        {"family": "Madonna"},
    ]
    made = one(author=names)
    assert made["creators"] == [
        {"creatorType": "author", "firstName": "Jan", "lastName": "van der Berg"},
        {"creatorType": "author", "firstName": "Martin, Jr.", "lastName": "King"},
        {"creatorType": "author", "name": "European Commission, JRC"},
        {"creatorType": "author", "name": "Madonna"},
    ]
    assert again(made)["author"][1:] == names[1:]


def test_creators_that_a_type_lacks_are_lines_and_not_lost() -> None:
    made = item(
        Entry("", Work({"type": "dataset", "editor": [{"family": "Berg", "given": "Jan"}, {"literal": "A Lab"}]}))
    )
    assert made["creators"] == []
    assert made["extra"].splitlines() == ["Editor: Berg || Jan", "Editor: A Lab"]
    assert again(made)["editor"] == [{"family": "Berg", "given": "Jan"}, {"literal": "A Lab"}]


def test_a_single_keyword_with_a_comma_stays_one_tag() -> None:
    assert tags(Work({"type": "book", "keyword": "Smith, J"})) == (["Smith, J"], [])
    assert tags(Work({"type": "book", "keyword": "a, b;c; a, b"})) == (["a, b", "c"], [])
    assert tags(Work({"type": "book", "keyword": "a, b"}, {"bibtex": {}})) == (["a", "b"], [])


def test_no_keyword_is_cut_off() -> None:
    words = [f"a keyword of some length {number}" for number in range(20)]
    made = item(Entry("", Work({"type": "book", "title": "T", "keyword": f"{', '.join(words)}; {'x' * 300}; b"})))
    assert [tag["tag"] for tag in made["tags"]] == [*words, "b"]
    assert made["notes"] == [f"<p>{'x' * 300}</p>"]


def test_a_note_that_looks_like_extra_changes_nothing() -> None:
    made = one("k", title="T", note="Type: book\nDOI: 10.5555/other\nRead it on Monday: twice")
    kept = desktop(made, schema.VERSION)
    assert kept["itemType"] == "journalArticle"
    assert "DOI" not in kept
    assert again(made)["note"] == "Type: book\nDOI: 10.5555/other\nRead it on Monday: twice"


def test_what_is_sent_passes_the_desktop_unchanged() -> None:
    made = one("k", title="T: with colon", DOI="10.5555/x", PMID="1", volume="2", license="CC")
    kept = desktop(made, schema.VERSION)
    assert {name: kept.get(name) for name in made} == made


def test_article_numbers_are_pages() -> None:
    made = one(title="T", page="e123", number="e123")
    assert made["pages"] == "e123"
    assert "extra" not in made


def test_nothing_is_cut_off_where_a_field_is_too_short() -> None:
    made = one(title="T", abstract="long words " * 7000)
    assert "abstractNote" not in made
    assert "long words" in made["notes"][0]
    assert len(made["notes"][0]) > LONGEST
    assert faults_of(made) == []


def test_control_characters_and_half_characters_are_left_out() -> None:
    made = one(title="A\x00 b\ud800", note="x\ufffey")
    assert (made["title"], made["extra"]) == ("A b", "xy")
    json.dumps(made).encode()


def test_a_work_of_which_nothing_is_known_makes_an_item() -> None:
    made = item(Entry("", Work({"type": "article-journal"})))
    assert made == {"itemType": "journalArticle", "creators": [], "tags": []}
    assert item_uri(Work({"type": "book"})) == ""


def test_own_types_fields_and_keys_survive() -> None:
    given_item = {
        "itemType": "email", "subject": "Hello", "creators": [{"creatorType": "recipient", "name": "All"}],
        "date": "2020-03-05", "rights": "mine", "citationKey": "x", "tags": [{"tag": "a"}, {"tag": "b", "type": 1}],
    }  # fmt: skip
    entry = entry_of(given_item)
    assert (entry.key, item_type(entry.work)) == ("x", "email")
    made = item(entry)
    assert {**made, "tags": []} == {**given_item, "tags": []}
    assert [tag["tag"] for tag in made["tags"]] == ["a", "b"]


def test_better_bibtex_keys_in_extra_are_keys() -> None:
    entry = entry_of({"itemType": "book", "title": "T", "extra": "Citation Key: smith2020\nOCLC: 5\ntex.field: v"})
    assert entry.key == "smith2020"
    assert entry.work.csl["note"] == "OCLC: 5\ntex.field: v"
    assert "citation-key" not in entry.work.csl


# --- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "text"),
    [
        ({"date-parts": [[2020, 3, 5]]}, "2020-03-05"),
        ({"date-parts": [[2020, 3], [2020, 5]]}, "2020-03/2020-05"),
        ({"date-parts": [[2020]], "season": 1}, "Spring 2020"),
        ({"date-parts": [[1850]], "circa": True}, "c. 1850"),
        ({"literal": "in press"}, "in press"),
        ({"date-parts": [[-44]]}, "-0044"),
    ],
)
def test_dates_are_iso_and_read_back(date: dict[str, Any], text: str) -> None:
    assert date_text(date) == text
    assert date_from(text) == date


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("04/2020", [[2020, 4]]),
        ("March 5, 2020", [[2020, 3, 5]]),
        ("2020-03-05 10:11:12", [[2020, 3, 5]]),
        ("2020-03-05T10:11:12Z", [[2020, 3, 5]]),
        ("2020", [[2020]]),
    ],
)
def test_dates_as_people_write_them(text: str, parts: list[list[int]]) -> None:
    assert date_from(text) == {"date-parts": parts}


def test_a_date_of_access_is_a_whole_day_or_a_line() -> None:
    assert one(accessed={"date-parts": [[2020, 3, 5]]})["accessDate"] == "2020-03-05"
    made = one(accessed={"date-parts": [[2020]]})
    assert made["extra"] == "Accessed: 2020"
    assert again(made)["accessed"] == {"date-parts": [[2020]]}


# --- keys and URIs -------------------------------------------------------------------------------


@given(st.text(min_size=1, max_size=40))
def test_a_works_key_is_a_key_of_zotero(title: str) -> None:
    key = item_key(Work({"type": "book", "DOI": f"10.5555/{title}x"}))
    assert KEY.fullmatch(key)


def test_a_works_key_is_that_of_its_doi() -> None:
    a, b = (
        Work({"type": kind, "DOI": doi, "title": kind}) for kind, doi in (("book", "10.5555/Ab"), ("map", "10.5555/aB"))
    )
    assert item_key(a) == item_key(b)
    assert item_uri(a) == f"http://zotero.org/users/0/items/{item_key(a)}"
    without = Work({"type": "book", "title": "The <i>Title</i>", "author": [{"family": "Berg"}]})
    assert item_key(without) == item_key(
        Work({"type": "report", "title": "the title!", "author": [{"family": "BERG"}]})
    )
