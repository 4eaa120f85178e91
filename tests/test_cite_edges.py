"""Signs right beside a DOI, and markup around it that is no prose: the words stay, and the right work is cited."""

from __future__ import annotations

import pytest

from tests import word_files as files
from tests.manuscript_samples import cited
from tests.test_docx_citing import CRICK, VENTER, shown

WATSON, LECUN = "10.1038/171737a0", "10.1038/nature14539"
W, L = "watson1953molecular", "lecun2015deep"
LINKED = f"[LeCun et al. (2015)](https://doi.org/{LECUN})"


def after(name: str, text: str) -> str:
    return cited(name, text)[2]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (f"A {LECUN}[^1] b", f"A [@{L}][^1] b"),
        (f"A {LECUN}—it is b", f"A [@{L}]—it is b"),
        (f"A {LECUN}&#8212;it is b", f"A [@{L}]&#8212;it is b"),
        (f"A {LECUN}---and, b", f"A [@{L}]---and, b"),
        (
            f'::: {{.box data-doi="{WATSON}"}}\nA {WATSON} b\n:::\n',
            f'::: {{.box data-doi="{WATSON}"}}\nA [@{W}] b\n:::\n',
        ),
        (f'![A {LECUN}](a.png){{#fig-a alt="{WATSON}"}}', f'![A [@{L}]](a.png){{#fig-a alt="{WATSON}"}}'),
        (f'# A {LECUN} {{.x data-doi="{WATSON}"}}', f'# A [@{L}] {{.x data-doi="{WATSON}"}}'),
        (f"A [{WATSON}]{{.smallcaps}} b", f"A [[@{W}]]{{.smallcaps}} b"),
        (f"A [{WATSON}] b", f"A [@{W}] b"),
        (f"It is {WATSON} and {LINKED} say", f"It is [@{W}] and @{L} say"),
        (f"Both (see {WATSON}, {LINKED}) say", f"Both [see @{W}; @{L}] say"),
    ],
)
def test_markdown(before: str, expected: str) -> None:
    assert after("a.md", before) == expected
    assert after("a.md", expected) == expected


def test_an_embedded_note_stays() -> None:
    assert after("a.md", f"[[@x]] and ![[{WATSON}]] b {LECUN}") == f"[[@x]] and ![[{WATSON}]] b [[@{L}]]"


def test_fields_below_the_title_of_a_restructured_text_stay() -> None:
    head = f"Title\n=====\n\n:DOI: {WATSON}\n:Author: Me\n\n"
    assert after("a.rst", f"{head}A {LECUN}.\n") == f"{head}A :cite:p:`{L}`.\n"
    assert after("a.rst", f"A\n\n:DOI: {WATSON}\n") == f"A\n\n:DOI: :cite:p:`{W}`\n"


def test_a_citation_of_latex_whose_braces_are_not_closed_stays() -> None:
    text = f"\\begin{{document}}\n\\cite{{{WATSON} b\nA "
    assert after("a.tex", f"{text}{LECUN} b") == f"{text}\\cite{{{L}}} b"


def test_words_between_citations_of_typst_are_parted() -> None:
    assert after("a.typ", f"(see {WATSON}, ch. 3; cf. {LECUN}).") == f"(see @{W}[ch. 3]; cf. @{L})."


def test_a_link_that_is_a_noun_stays_one_in_a_document() -> None:
    link = f'<w:hyperlink r:id="rId9">{files.r("Venter et al. (2001)")}</w:hyperlink>'
    body = files.p(files.r(f"It is {CRICK} and "), link, files.r(" say"))
    assert (
        shown(body, links={"rId9": f"https://doi.org/{VENTER}"})
        == "It is (Watson & Crick, 1953) and Venter et al. (2001) say"
    )


def test_a_work_is_cited_once_in_a_citation() -> None:
    assert shown(files.p(files.r(f"A {CRICK}; {CRICK}; {VENTER}"))) == "A (Watson & Crick, 1953; Venter et al., 2001)"
