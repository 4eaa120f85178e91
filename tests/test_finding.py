"""Mentions, roles and verdicts of documents."""

from __future__ import annotations

from dataclasses import replace

from refkit import finding
from refkit.model import Document, Doi, Link, Meta, Role, Verdict, Work

PAPER = (
    "Journal of Samples, Vol. 12, 2020\ndoi:10.5555/own.12\n\nA title that is long enough to be compared\nA. Author\n"
    + "Some words of the text that go on for a while.\n" * 20
    + "\n\fReferences\n1. Smith J. A paper. J Foo. 2001;12(3):4-5. doi:10.5555/cited.2001.\n"
)


def paper(text: str = PAPER, **more: object) -> Document:
    """A paper of two pages."""
    from refkit.model import Break

    breaks = (Break(0, "p. 1"), Break(text.find("\f") + 1, "p. 2"))
    return replace(Document("a.pdf", "pdf", text, breaks=breaks), **more)  # type: ignore[arg-type]  # fields by name


def test_roles_and_places() -> None:
    found = finding.scan([paper()])
    assert [(m.doi, m.role, m.place) for m in found.mentions] == [
        ("10.5555/own.12", Role.OWN, "p. 1, line 2"),
        ("10.5555/cited.2001", Role.CITED, "p. 2, line 2"),
    ]
    assert (found.own.verdict, found.own.doi) == (Verdict.SURE, "10.5555/own.12")
    assert "journal's name" in found.own.why


def test_place_alone_is_not_sure() -> None:
    text = PAPER.replace("Journal of Samples, Vol. 12, 2020\n", "A heading of some kind\n")
    assert finding.scan([paper(text)]).own.verdict is Verdict.UNSURE


def test_another_works_doi_on_the_first_page_is_not_its_own() -> None:
    another = (
        "Chapter 2 was published as: A. Author, A title, J Foo 2001;12.",
        "Correction to: A title, J Foo 12 (2001).",
        "Supplementary Material for A title, Journal of Foo 2001.",
        "Review of: A book. 2001.",
    )
    for words in another:
        text = PAPER.replace("Journal of Samples, Vol. 12, 2020\n", words + "\n")
        assert finding.scan([paper(text)]).own.verdict is not Verdict.SURE


def test_a_link_settles_what_the_text_leaves_open() -> None:
    text = "doi:10.5555/abc.20\n23.7 and so on\n\f"
    document = paper(text, links=(Link("https://doi.org/10.5555/abc.2023.7", None, "p. 1"),))
    (mention,) = finding.scan([document]).mentions
    assert mention.doi == "10.5555/abc.2023.7"
    assert mention.span is not None
    assert mention.span.of(text) == mention.written == "10.5555/abc.20\n23.7"


def test_a_link_of_the_page_knows_where_a_footnotes_number_begins() -> None:
    document = paper(
        "See 10.5555/data.d4172443 there\n\f", links=(Link("http://dx.doi.org/10.5555/data.d41724", None, "p. 1"),)
    )
    (mention,) = finding.scan([document]).mentions
    assert mention.doi == "10.5555/data.d41724"
    assert mention.written == "10.5555/data.d41724"


def test_a_short_doi_beside_a_full_one_is_its_alias() -> None:
    beside = Document("a.md", "markdown", "https://doi.org/bndt DOI: 10.1038/530122a. And https://doi.org/gf4gqc too.")
    assert [mention.doi for mention in finding.scan([beside]).mentions] == ["10.1038/530122a", "10/gf4gqc"]


def test_metadata_says_whose_it_is() -> None:
    document = Document("a.html", "html", "No DOI in the text.", meta=(Meta("citation_doi", "10.5555/own1"),))
    found = finding.scan([document])
    assert (found.own.verdict, found.own.doi) == (Verdict.SURE, "10.5555/own1")
    assert [(m.span, m.role, m.place) for m in found.mentions] == [(None, Role.OWN, "citation_doi")]


def test_a_records_title_confirms_or_lowers_the_verdict() -> None:
    found = finding.scan([paper()])
    right = Work({"title": "A Title That is <i>Long</i> Enough to be Compared"})
    wrong = Work({"title": "Quite another thing, about other matters"})
    assert finding.confirm(found, {Doi("10.5555/own.12"): right}).own.verdict is Verdict.SURE
    lowered = finding.confirm(found, {Doi("10.5555/own.12"): wrong})
    assert lowered.own.verdict is Verdict.UNSURE
    assert all(mention.role is not Role.OWN for mention in lowered.mentions)
    unsure = finding.scan([paper(PAPER.replace("Journal of Samples, Vol. 12, 2020\n", "A heading of some kind\n"))])
    assert finding.confirm(unsure, {Doi("10.5555/own.12"): right}).own.doi == "10.5555/own.12"


def test_nothing_gives_nothing() -> None:
    found = finding.scan([])
    assert (found.mentions, found.own.verdict) == ((), Verdict.NONE)


def test_the_context_is_the_words_around() -> None:
    text = "x " * 300 + "Smith wrote about wasps, doi:10.5555/wasps1, in 2001. " + "y " * 300
    (mention,) = finding.scan([Document("a.txt", "text", text)]).mentions
    assert "Smith wrote about wasps" in mention.context
    assert 100 < len(mention.context) < 300
