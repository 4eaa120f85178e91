"""The pages for writers tell the truth: each "Before" becomes its "After"."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from tests.manuscript_samples import cited
from tests.works import ROOT

PAGES = {
    "cite-markdown.md": ("a.md", "{}"),
    "cite-latex.md": (
        "a.tex",
        "\\documentclass{{article}}\\usepackage{{natbib}}\n\\begin{{document}}\n{}\\end{{document}}\n",
    ),
    "cite-typst.md": ("a.typ", "{}"),
    "cite-org.md": ("a.org", "{}"),
    "cite-restructuredtext.md": ("a.rst", "{}"),
    "cite-asciidoc.md": ("a.adoc", "{}"),
}
BLOCK = re.compile(r"^(Before|After)[^\n]*:\n\n((?:    [^\n]*\n|\n(?=    |\n    ))+)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_before_becomes_after(page: str) -> None:
    text = Path(ROOT, "docs", page).read_text(encoding="utf-8")
    blocks = {match[1]: textwrap.dedent(match[2]) for match in BLOCK.finditer(text)}
    name, frame = PAGES[page]
    _, _, new = cited(name, frame.format(blocks["Before"]))
    assert new == frame.format(blocks["After"])
