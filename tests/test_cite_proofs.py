"""Other programs build what `cite` wrote: pandoc and Typst; TeX and Sphinx in tests/proofs_manuscripts.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs_manuscripts import by_pandoc, by_typst, samples

NOT_PANDOC = ("myst", "obsidian", "orgref")
PANDOC = [case for case in samples(".md", ".qmd", ".org", ".ipynb") if case[0].stem not in NOT_PANDOC]


@pytest.mark.parametrize(("path", "text"), PANDOC, ids=lambda case: getattr(case, "name", ""))
def test_pandoc_resolves_every_citation(path: Path, text: str) -> None:
    pytest.importorskip("pypandoc")
    assert by_pandoc(path, text) == ""


@pytest.mark.parametrize(("path", "text"), list(samples(".typ")), ids=lambda case: getattr(case, "name", ""))
def test_typst_compiles(path: Path, text: str) -> None:
    pytest.importorskip("typst", reason="needs typst from PyPI")
    assert by_typst(path, text) == ""
