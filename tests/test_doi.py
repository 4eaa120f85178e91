"""The normal form, and the readings of written DOIs, case by case: what is written, what is read, and why."""

from __future__ import annotations

import pytest

from refkit.doi import fold, is_valid, parse, quote, url
from refkit.doi.reach import Lines
from refkit.doi.written import written

SICI = "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o"

# one string, and the DOI that it is
WHOLE = [
    ("10.1038/171737a0", "10.1038/171737a0"),
    ("doi:10.1038/171737A0", "10.1038/171737a0"),
    ("DOI: 10.1038/171737a0", "10.1038/171737a0"),
    ("urn:doi:10.123:456", "10.123/456"),
    ("info:doi/10.1038/171737a0", "10.1038/171737a0"),
    ("http://dx.doi.org/10.1038/171737a0", "10.1038/171737a0"),
    ("https://doi.org/10.1038%2F171737a0", "10.1038/171737a0"),
    ("https://doi-org.proxy.lib.example.edu/10.1038/171737a0", "10.1038/171737a0"),
    ("https://onlinelibrary.wiley.com/doi/full/10.1002/asi.4630240406", "10.1002/asi.4630240406"),
    ("https://onlinelibrary.wiley.com/doi/pdf/10.1002/asi.4630240406?download=true", "10.1002/asi.4630240406"),
    (
        "https://journals.example.org/article?id=10.1371/journal.pone.0012345&type=x",
        "10.1371/journal.pone.0012345",
    ),
    ("https://www.biorxiv.org/content/10.1101/2021.08.03.454978v2.full.pdf", "10.1101/2021.08.03.454978"),
    ("https://doi.org/10.1002/(SICI)1097-4571(199806)49:8%3C693::AID-ASI4%3E3.0.CO;2-O", SICI),
    ("10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O", SICI),
    ("10.1002/(SICI)1097-4571(199806)49:8&lt;693::AID-ASI4&gt;3.0.CO;2-O", SICI),
    (r"10.1007/978-3-030-02671-4\_7", "10.1007/978-3-030-02671-4_7"),
    ("10.1007/978-3-030-02671-4{\\_}7", "10.1007/978-3-030-02671-4_7"),
    ("10.1000/a%23b", "10.1000/a#b"),
    ("https://doi.org/10.1000/a%23b%3Fc", "10.1000/a#b?c"),
    ("https://doi.org/10.1001/jama.251.19.2504,2509", "10.1001/jama.251.19.2504,2509"),
    ("10.1145 / 2594455", "10.1145/2594455"),
    ("<https://doi.org/10.1038/171737a0>", "10.1038/171737a0"),
    ("10.5860/choice.", "10.5860/choice."),
    ("https://doi.org/10.1038/s41586-020-2649-2.", "10.1038/s41586-020-2649-2"),
    ("10/abc12", "10/abc12"),
    ("https://doi.org/abc12", "10/abc12"),
    ("10.1016/ÜNIKÓDÉ-Σ", "10.1016/ÜnikÓdÉ-Σ"),
    ("１０．１０００／ａｂｃ", "10.1000/abc"),
    ("10.1000/\u200babc\u00ad1", "10.1000/abc1"),
]

NOT_ONE = ["", "10.1000", "10.0.0.1", "1234.5678", "10013/epic.10033", "doi:", "https://doi.org/", "10.1000/a b c",
           "see 10.1000/abc", "https://example.org/foo.html", "10.1234/bad%ZZencoding",
           "10.1016/j.jss 2024"]  # fmt: skip


@pytest.mark.parametrize(("text", "doi"), WHOLE)
def test_a_string_that_is_one_doi(text: str, doi: str) -> None:
    assert parse(text) == doi
    assert is_valid(doi)


@pytest.mark.parametrize("text", NOT_ONE)
def test_a_string_that_is_none(text: str) -> None:
    assert parse(text) is None


def test_only_ascii_letters_are_folded() -> None:
    assert fold("10.1000/ABCİẞΣ") == "10.1000/abcİẞΣ"
    assert not is_valid("10.1000/ABC")


def test_a_doi_in_a_url() -> None:
    assert quote("10.1000/a#b c/d") == "10.1000%2Fa%23b%20c%2Fd"
    assert url("10.1000/a#b?c%d") == "https://doi.org/10.1000/a%23b%3Fc%25d"
    assert url("10.1/a/../b") == "https://doi.org/10.1/a/..%2Fb"


# a text, the best reading, and a word of the reason ("" where nothing was cut)
READ: list[tuple[str, str, str]] = [
    ("http://dx.doi.org/10.1016/j.msard.2023.105400DOI Listing", "10.1016/j.msard.2023.105400", "glued"),
    ("(see doi:10.1016/S0140-6736(20)30183-5).", "10.1016/s0140-6736(20)30183-5", "bracket"),
    ("[10.3319/TAO.2013.01.01.01(IWNOP)]", "10.3319/tao.2013.01.01.01(iwnop)", "bracket"),
    ("doi:10.1000/abc123.", "10.1000/abc123", "punctuation"),
    ("doi:10.1000/abc123.Received 3 May", "10.1000/abc123", "glued"),
    ("doi: 10.1000/abc123PMID: 555", "10.1000/abc123", "glued"),
    ("10.5555/gluedPMID 123", "10.5555/glued", "glued"),
    ("10.3969/j.issn.1004-4132.2011.04.001", "10.3969/j.issn.1004-4132.2011.04.001", ""),
    ("https://www.frontiersin.org/articles/10.3389/fpsyg.2011.00326/full", "10.3389/fpsyg.2011.00326", "link"),
    ("https://link.springer.com/content/pdf/10.1007/BF00428580.pdf", "10.1007/bf00428580", "link"),
    ("https://doi.org/10.1000/abc?utm_source=x&y=1#top", "10.1000/abc", "link"),
    ("https://academic.oup.com/isq/article/doi/10.1093/isq/sqaa085/5999080", "10.1093/isq/sqaa085", "end here"),
    ("https://www.biorxiv.org/content/10.1101/2021.08.03.454978v1", "10.1101/2021.08.03.454978", "end here"),
    ("10.1371/journal.pone.0012345.g001", "10.1371/journal.pone.0012345.g001", ""),
    ("| doi = 10.1000/abc12 | pages = 3", "10.1000/abc12", ""),
    ("|doi=10.1000/abc12|pages=3", "10.1000/abc12", "'|'"),
    ("[title](https://doi.org/10.1000/abc(2010)12)", "10.1000/abc(2010)12", "bracket"),
    (r"\href{https://doi.org/10.1000/abc\_12}{text}", "10.1000/abc_12", "'}'"),
    ('<a href="https://doi.org/10.1000/abc12">x</a>', "10.1000/abc12", ""),
    ("doi:10.1000/abc12</p>", "10.1000/abc12", "tag"),
    ("doi:10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O, next", SICI, ""),
    ("doi:10.1021/jp000606+.", "10.1021/jp000606+", "punctuation"),
    ("doi:10.1207/S15327663JCP13-1&2_05", "10.1207/s15327663jcp13-1&2_05", ""),
    ("1,10.1038/nature14539,2015", "10.1038/nature14539", "','"),
    ("https://doi.org/10.5555/also,comma\n", "10.5555/also,comma", ""),
    ("10.5248/108.457", "10.5248/108.457", ""),
    ("DOI:10.1017/S0022112010001234Published online", "10.1017/s0022112010001234", "glued"),
    ("关doi:10.1063/1.3558920兴", "10.1063/1.3558920", ""),
    ("doi:10.1000/abc12。下一句", "10.1000/abc12", ""),
    ("doi:10.1000/abc12…", "10.1000/abc12", ""),
    ("“10.1000/abc12”", "10.1000/abc12", ""),
    ("10.1145/363067.363115`_", "10.1145/363067.363115", "'`'"),
    ("https://doi.org/https://doi.org/10.1016/0029-554X(68)90342-X", "10.1016/0029-554x(68)90342-x", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "doi", "reason"), READ)
def test_the_best_reading_and_its_reason(text: str, doi: str, reason: str) -> None:
    found = list(written(text))
    assert [one.readings[0].doi for one in found] == [doi]
    assert reason in found[0].readings[0].why
    assert bool(found[0].readings[0].why) == bool(reason)


# a text, and a reading that must be among the others
AMONG = [
    ("doi:10.5860/choice. Next", "10.5860/choice."),
    ("https://doi.org/10.5555/also,2504 and", "10.5555/also,2504"),
    ("10.1001/jama.251.19.2504,2509 and", "10.1001/jama.251.19.2504,2509"),
    ("10.1371/journal.pone.0012345.g001", "10.1371/journal.pone.0012345"),
    ("10.18260/1-2–22585", "10.18260/1-2--22585"),
    ("10.18260/1-2–22585", "10.18260/1-2-22585"),
    ("10.5555/gluedPMID 123", "10.5555/gluedpmid"),
    ("https://www.biorxiv.org/content/10.1101/2021.08.03.454978v1", "10.1101/2021.08.03.454978v1"),
]


@pytest.mark.parametrize(("text", "doi"), AMONG)
def test_what_else_it_may_mean(text: str, doi: str) -> None:
    (one,) = written(text)
    assert doi in [reading.doi for reading in one.readings[1:]]


NOTHING = ["version 10.4.1/2", "10.0.0.1/24", "on 25.10.2015/2137303", "$10.1234/lb", "10.1234/5", "110.1000/182a",
           "a ratio of 10.0000/3.2", "10.2015/12/31", "/usr/lib/10.15/bin", "handle 20.1000/100"]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_doi(text: str) -> None:
    assert [one.readings[0].doi for one in written(text)] == []


# lines, and the DOIs in them: on a printed page
BROKEN = [
    ("doi:10.1088/\n1741-4326/aa6a6a", ["10.1088/1741-4326/aa6a6a"]),
    ("doi:10.1016/j.fusengdes.2020.\n111503.\n[7] Smith", ["10.1016/j.fusengdes.2020.111503"]),
    ("http://dx.doi.org/10.1371/journal.\npone.0121595. Next", ["10.1371/journal.pone.0121595"]),
    ("doi: 10.1523/JNEUROSCI.4218-\n04.2005 and", ["10.1523/jneurosci.4218-04.2005"]),
    ("doi:10.1098/rsif.2017\n.0387", ["10.1098/rsif.2017.0387"]),
    ("doi:10.3168/jds.S0022-0302\n(05)73024-1)", ["10.3168/jds.s0022-0302(05)73024-1"]),
    ("https://doi.org/10.1093/\nbioinformatics/bty633", ["10.1093/bioinformatics/bty633"]),
    ("https://doi.org/10.\n1093/bioinformatics/bty633", ["10.1093/bioinformatics/bty633"]),
    ("doi:10.1038/nn.3635.\nSmith J, Jones K", ["10.1038/nn.3635"]),
    ("doi:10.1038/nature14539.\n12. Jones K", ["10.1038/nature14539"]),
    ("10.1038/nature14539.\n10.1016/j.cell.2012.11.024.\n10.1371/journal.pone.0011111.\n",
     ["10.1038/nature14539", "10.1016/j.cell.2012.11.024", "10.1371/journal.pone.0011111"]),
    ("doi:10.1109/mcse.2011.37\n4. Foo", ["10.1109/mcse.2011.37"]),
    ("doi:10.1109/mcse.2011.37\n2016 was a good year", ["10.1109/mcse.2011.37"]),
    ("doi:10.1109/mcse.2011.37\n12\n", ["10.1109/mcse.2011.37"]),
    ("doi:10.1000/abc-1/\nThe next sentence", ["10.1000/abc-1"]),
    ("doi:10. 1103/PhysRevD.10.2445.", ["10.1103/physrevd.10.2445"]),
    ("doi :10 .1098/rsta.2011.0466.", ["10.1098/rsta.2011.0466"]),
    ("doi: 10.5194/npg- 19-227-2012.", ["10.5194/npg-19-227-2012"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "dois"), BROKEN)
def test_line_ends_and_spaces_in_a_doi(text: str, dois: list[str]) -> None:
    assert [one.readings[0].doi for one in written(text, lines="print")] == dois


@pytest.mark.parametrize("lines", ["source", "blocks"])
def test_paragraphs_and_sources_are_not_joined(lines: Lines) -> None:
    (one,) = written("doi:10.1038/nn.\n3635 and more", lines=lines)
    assert one.readings[0].doi == "10.1038/nn"


def test_a_full_line_and_a_lone_piece_are_joined() -> None:
    text = (
        "1. Smith J, Jones K (2009) On the length of lines in lists\n"
        "of references. Circulation. https://doi.org/10.1161/CIR.0b0\n"
        "13e3182742c84.\n2. Brown L (2010) Another one.\n"
    )
    (one,) = written(text, lines="print")
    assert one.readings[0].doi == "10.1161/cir.0b013e3182742c84"
    assert "the line is full" in one.readings[0].why
    assert text[one.start : one.end] == "10.1161/CIR.0b0\n13e3182742c84"


def test_references_that_end_without_a_full_stop_say_that_one_is_the_dois_own() -> None:
    whole = "".join(
        f"Smith J ({year}). A title. https://doi.org/10.1371/journal.pone.001{year}\n" for year in range(2001, 2006)
    )
    text = whole + "Brown L (2010). A title. https://doi.org/10.1093/ml/6.2.\n110\nGreen K (2011). Another.\n"
    assert [one.readings[0].doi for one in written(text, lines="print")][-1] == "10.1093/ml/6.2.110"


def test_short_dois() -> None:
    found = [one.readings[0].doi for one in written("https://doi.org/gf4gqc, doi:10/abc12 and doi.org/10/xyz9")]
    assert found == ["10/gf4gqc", "10/abc12", "10/xyz9"]
    assert list(written("https://www.doi.org/index.html and doi.org/handbook and 10/12/2021")) == []
