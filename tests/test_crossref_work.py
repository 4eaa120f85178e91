"""A Crossref record becomes a work: one row for each thing that records do."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from refkit.model import Origin, Work
from refkit.sources.crossref_work import work_from_record

HERE = Path(__file__).parent
CASES = sorted((HERE / "samples" / "sources").glob("*.json"))


def work(**record: Any) -> Work:
    return work_from_record({"DOI": "10.5555/x", "type": "journal-article", **record}, origin=Origin("test"))


def csl(**record: Any) -> dict[str, Any]:
    return dict(work(**record).csl)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_samples(path: Path, accept: bool) -> None:
    """Each sample holds a record under `record` and what comes of it under `csl`."""
    sample = json.loads(path.read_text(encoding="utf-8"))
    found = json.loads(json.dumps(dict(work_from_record(sample["record"], origin=Origin("test")).csl)))
    if accept:
        sample["csl"] = found
        path.write_text(json.dumps(sample, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == sample["csl"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("H<sub>2</sub>O &amp; CO<sub>2</sub>", "H<sub>2</sub>O & CO<sub>2</sub>"),
        ("&lt;i&gt;E. coli&lt;/i&gt; at p &lt; 0.05", "<i>E. coli</i> at p < 0.05"),
        ("Growth of &amp;lt;i&amp;gt;Salmonella&amp;lt;/i&amp;gt;", "Growth of <i>Salmonella</i>"),
        ("The <scp>RNA</scp> world", 'The <span style="font-variant:small-caps;">RNA</span> world'),
        ("A <strong>bold</strong> <em>claim</em>", "A <b>bold</b> <i>claim</i>"),
        ("<![CDATA[Trees & forests]]>", "Trees & forests"),
        ("Étude\n      of   things", "Étude of things"),
        ("L\u00c3\u00a9vy processes \u00e2\u0080\u0093 a survey", "Lévy processes – a survey"),
        ("The Chinese<i>Hukou</i>System at 50", "The Chinese <i>Hukou</i> System at 50"),
        ("A study of things.", "A study of things"),
        ("On the role of E. coli and friends etc.", "On the role of E. coli and friends etc."),
        ("Why is the sky blue?", "Why is the sky blue?"),
        ("<p>Lost paragraph</p>", "Lost paragraph"),
        ("Half <i>open", "Half <i>open</i>"),
        ("<Discourse on> a method", "‹Discourse on› a method"),
        ("For x<y we have", "For x< y we have"),
        ("Between $5 and $10 a day", "Between $5 and $10 a day"),
        ("An $x^2$ law", "An <i>x</i><sup>2</sup> law"),
        ("Zero\u200b\u00adwidth", "Zerowidth"),
        ("Plastics \ufffd Polyamides", "Plastics – Polyamides"),
        ("Rhinosinusite \ufffd la chloramine", "Rhinosinusite \ufffd la chloramine"),
        ("Contr\ufffdle \ufffd Paris", "Contr\ufffdle \ufffd Paris"),
    ],
)
def test_titles(written: str, expected: str) -> None:
    assert csl(title=[written])["title"] == expected


def test_mathml_becomes_readable_and_its_tex_is_kept() -> None:
    mathml = (
        '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:msqrt><mml:mi>s</mml:mi></mml:msqrt>'
        "<mml:mo>=</mml:mo><mml:mn>7</mml:mn></mml:math>"
    )
    found = work(title=[f"Collisions at {mathml} TeV"])
    assert found.csl["title"] == "Collisions at √<i>s</i> = 7 TeV"
    assert found.extra["math"] == {"√<i>s</i> = 7": "\\sqrt{s} = 7"}


def test_subtitles_are_joined_unless_the_title_has_them() -> None:
    assert csl(title=["Main"], subtitle=["Part two"])["title"] == "Main: Part two"
    assert csl(title=["Main: part two"], subtitle=["Part Two"])["title"] == "Main: part two"
    assert csl(title=["Really?"], subtitle=["A reply"])["title"] == "Really? A reply"


def test_a_standfirst_is_no_subtitle() -> None:
    found = work(
        title=["Judgment under Uncertainty: Heuristics and Biases"],
        subtitle=["Biases in judgments reveal some heuristics."],
    )
    assert found.csl["title"] == "Judgment under Uncertainty: Heuristics and Biases"
    assert found.extra["crossref"]["subtitle"] == "Biases in judgments reveal some heuristics."


def test_an_empty_first_title_gives_way_to_the_second() -> None:
    assert csl(title=["", "Dead loads"])["title"] == "Dead loads"
    found = work(title=["Penisverletzung", "Penile injury"])
    assert found.csl["title"] == "Penisverletzung"
    assert found.extra["crossref"]["other-titles"] == ["Penile injury"]


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([{"given": "Jan", "family": "van der Berg"}], [{"family": "van der Berg", "given": "Jan"}]),
        ([{"given": "M.", "family": "King", "suffix": "Jr."}], [{"family": "King", "given": "M.", "suffix": "Jr."}]),
        ([{"given": "A", "family": "Lee", "suffix": "join(' '"}], [{"family": "Lee", "given": "A"}]),
        ([{"given": "A", "family": "Lee", "suffix": "MD"}], [{"family": "Lee", "given": "A"}]),
        ([{"given": "A", "family": "Lee", "suffix": "Ii"}], [{"family": "Lee", "given": "A", "suffix": "II"}]),
        ([{"name": "World Health Organization"}], [{"literal": "World Health Organization"}]),
        ([{"family": "WHO Study Group"}], [{"literal": "WHO Study Group"}]),
        ([{"family": "Plato"}], [{"family": "Plato"}]),
        ([{"sequence": "first"}], None),
        ([{"given": "Plato"}], [{"family": "Plato"}]),
        ([{"given": "JOHN W.", "family": "MCDONALD"}], [{"family": "McDonald", "given": "John W."}]),
        (
            [{"given": "JW", "family": "SMITH"}, {"given": "AB", "family": "LI"}],
            [{"family": "Smith", "given": "JW"}, {"family": "Li", "given": "AB"}],
        ),
        ([{"given": "Y", "family": "LI"}], [{"family": "LI", "given": "Y"}]),
        ([{"given": "S.", "family": "O&apos;Brien"}], [{"family": "O'Brien", "given": "S."}]),
    ],
)  # fmt: skip
def test_names(people: list[dict[str, str]], expected: list[dict[str, str]] | None) -> None:
    assert csl(author=people).get("author") == expected


def test_orcids_are_kept_beside_the_names() -> None:
    found = work(author=[{"family": "A"}, {"family": "B", "ORCID": "http://orcid.org/0000-0002-1825-0097"}])
    assert found.extra["crossref"]["names"] == {"author": {"1": {"ORCID": "0000-0002-1825-0097"}}}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"issued": {"date-parts": [[2020, 3, 5]]}}, {"date-parts": [[2020, 3, 5]]}),
        ({"issued": {"date-parts": [[None]]}}, None),
        ({"issued": {"date-parts": [[2020, 2, 31]]}}, {"date-parts": [[2020, 2]]}),
        ({"issued": {"date-parts": [[2020, 33]]}}, {"date-parts": [[2020]]}),
        ({"issued": {"date-parts": [[2020, 22]]}}, {"date-parts": [[2020]], "season": 2}),
        (
            {
                "volume": "3",
                "published-online": {"date-parts": [[2020, 11, 5]]},
                "published-print": {"date-parts": [[2021, 1]]},
                "issued": {"date-parts": [[2020, 11, 5]]},
            },
            {"date-parts": [[2021, 1]]},
        ),
        (
            {"published-online": {"date-parts": [[2020, 11, 5]]}, "issued": {"date-parts": [[2020, 11, 5]]}},
            {"date-parts": [[2020, 11, 5]]},
        ),
        ({"type": "dissertation", "approved": {"date-parts": [[2025, 4, 1]]}}, {"date-parts": [[2025, 4, 1]]}),
        ({"issued": {"date-parts": []}}, None),
        ({"issued": "2020"}, None),
    ],
)
def test_dates(record: dict[str, Any], expected: dict[str, Any] | None) -> None:
    assert csl(**record).get("issued") == expected


@pytest.mark.parametrize(
    ("record", "page", "number"),
    [
        ({"page": "12-19"}, "12-19", None),
        ({"page": "12–19"}, "12-19", None),
        ({"page": "101309", "article-number": "101309"}, "101309", "101309"),
        ({"article-number": "58"}, "58", "58"),
        ({"page": "n/a-n/a"}, None, None),
        ({"page": "123-123"}, "123", None),
        ({"page": "1425-37"}, "1425-37", None),
    ],
)
def test_pages_and_article_numbers(record: dict[str, Any], page: str | None, number: str | None) -> None:
    found = csl(**record)
    assert (found.get("page"), found.get("number")) == (page, number)


def test_two_container_titles_are_series_and_book() -> None:
    found = csl(
        type="proceedings-article", **{"container-title": ["SPIE Proceedings", "Optical Coherence Tomography XX"]}
    )
    assert (found["collection-title"], found["container-title"]) == (
        "SPIE Proceedings",
        "Optical Coherence Tomography XX",
    )
    found = csl(type="book-chapter", **{"container-title": ["Digital Libraries", "Lecture Notes in Computer Science"]})
    assert (found["collection-title"], found["container-title"]) == (
        "Lecture Notes in Computer Science",
        "Digital Libraries",
    )


def test_a_short_journal_title_is_better_than_none() -> None:
    assert csl(**{"short-container-title": ["Mult Scler Relat Disord"]})["container-title"] == "Mult Scler Relat Disord"


def test_issuing_bodies() -> None:
    found = csl(type="report", publisher="OSTI", institution=[{"name": "Ames Laboratory", "place": ["Ames, IA"]}])
    assert (found["publisher"], found["publisher-place"]) == ("Ames Laboratory", "Ames, IA")
    old = csl(
        type="posted-content",
        subtype="preprint",
        publisher="openRxiv",
        institution={"name": "bioRxiv", "place": ["-"]},
        **{"group-title": "Ecology"},
    )
    assert old["publisher"] == "bioRxiv"
    assert "publisher-place" not in old
    assert (
        csl(type="posted-content", subtype="preprint", publisher="Elsevier BV", **{"group-title": "SSRN"})["publisher"]
        == "SSRN"
    )


def test_grants_take_title_and_people_from_their_project() -> None:
    project = {
        "project-title": [{"title": "Sensing the deep"}],
        "lead-investigator": [{"given": "Ada", "family": "Byron"}],
        "award-start": {"date-parts": [[2021, 4, 1]]},
    }
    found = csl(type="grant", project=[project], award="224601", publisher="Fund")
    assert found["title"] == "Sensing the deep"
    assert found["author"] == [{"family": "Byron", "given": "Ada"}]
    assert found["number"] == "224601"
    assert found["issued"] == {"date-parts": [[2021, 4, 1]]}


def test_abstracts_are_paragraphs() -> None:
    jats = (
        "<jats:title>Abstract</jats:title><jats:sec><jats:title>Aims</jats:title><jats:p>Of CO<jats:sub>2</jats:sub> "
        "&amp; <jats:italic>E. coli</jats:italic>.</jats:p></jats:sec>\n   <jats:p>Two.</jats:p>"
    )
    assert csl(abstract=jats)["abstract"] == "Aims\n\nOf CO₂ & E. coli.\n\nTwo."


@pytest.mark.parametrize("value", [None, 0, "", [], {}, [None], [[]], ["x"], {"a": None}, [{"b": 1}], True, -1.5])
def test_nothing_in_a_record_raises(value: Any) -> None:
    names = (
        "type title subtitle author editor container-title short-container-title issued published-print journal-issue "
        "volume issue page article-number ISSN ISBN publisher institution event abstract language resource URL DOI "
        "degree version standards-body license project relation short-title original-title group-title subtype "
        "isbn-type issn-type award"
    ).split()
    for name in names:
        work_from_record({name: value}, origin=Origin("test"))
        work_from_record({"type": "report", "title": ["t"], name: value}, origin=Origin("test"))
        work_from_record({"type": "grant", name: value}, origin=Origin("test"))
    work_from_record(value, origin=Origin("test"))


def test_the_whole_corpus(corpus: Path) -> None:
    with gzip.open(corpus / "crossref" / "works.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            found = work_from_record(record, origin=Origin("crossref"))
            for name, value in found.csl.items():
                assert value not in ("", [], {}, None), (record["DOI"], name)
            for name in ("title", "container-title", "publisher", "abstract"):
                text = str(found.csl.get(name, ""))
                assert not any(bad in text for bad in ("&amp;", "&lt;", "<jats:", "<mml:", "]]>", "\n\n\n", "  ")), (
                    record["DOI"],
                    text,
                )


@pytest.mark.parametrize(
    ("subtitle", "title"),
    [
        ("1914–1918", "A history of Vienna: 1914–1918"),
        ("2011", "A history of Vienna: 2011"),
        ("(517302011-189)", "A history of Vienna"),
        ("7302011", "A history of Vienna"),
        ("*", "A history of Vienna"),
    ],
)
def test_a_subtitle_of_figures_counts_unless_it_is_the_records_number(subtitle: str, title: str) -> None:
    said = csl(DOI="10.5555/e517302011-189", title=["A history of Vienna"], subtitle=[subtitle])
    assert said["title"] == title


def test_the_punctuation_of_a_librarys_catalogue_goes() -> None:
    said = csl(
        type="monograph", title=["Sunset seasonables /"], **{"publisher-location": "Ottawa :"}, publisher="Sunset Co.,"
    )
    assert [said[name] for name in ("title", "publisher-place", "publisher")] == [
        "Sunset seasonables", "Ottawa", "Sunset Co."
    ]  # fmt: skip


def test_an_issue_bears_its_journals_full_name() -> None:
    said = csl(type="journal-issue", **{"container-title": ["PA", "PaleoAnthropology"]})
    assert (said["title"], said["container-title"], said["container-title-short"]) == (
        "PaleoAnthropology", "PaleoAnthropology", "PA"
    )  # fmt: skip


def test_a_blogs_doi_keeps_its_prefix_when_the_blog_moves() -> None:
    post = csl(
        DOI="10.53731/x", prefix="10.5555", type="posted-content", subtype="other", institution=[{"name": "A blog"}]
    )
    assert (post["type"], post["container-title"]) == ("post-weblog", "A blog")
