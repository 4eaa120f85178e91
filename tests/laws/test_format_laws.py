"""What was written reads back equal, whatever characters are in it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from refkit.formats import by_name
from refkit.formats.latex import from_latex, to_latex
from refkit.formats.plain import readable
from refkit.model import Entry, Work
from refkit.settings import Settings
from tests.works import titles, works

PATIENT = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PATIENT
@given(works())
@pytest.mark.parametrize("name", ["bibtex", "biblatex"])
@pytest.mark.parametrize("letters", ["unicode", "latex"])
def test_bibtex_reads_back_equal(name: str, letters: str, work: Work) -> None:
    form = by_name(name)
    text = form.dump([Entry("key", work)], Settings(letters=letters))
    library = form.load(text)
    assert not library.notes
    (entry,) = library.entries
    assert dict(entry.work.csl) == dict(work.csl)


@PATIENT
@given(works())
def test_csljson_reads_back_equal(work: Work) -> None:
    form = by_name("csljson")
    (entry,) = form.load(form.dump([Entry("key", work)], Settings())).entries
    assert dict(entry.work.csl) == dict(work.csl)


@PATIENT
@given(works())
def test_ris_reads_back_equal_but_for_markup(work: Work) -> None:
    form = by_name("ris")
    (entry,) = form.load(form.dump([Entry("key", work)], Settings())).entries
    expected = dict(work.csl)
    expected["title"] = readable(expected["title"])
    found = dict(entry.work.csl)
    # RIS has no way to say that a name's comma is not the one between family and given.
    for variables in (expected, found):
        variables.pop("author", None)
    assert found == expected


@PATIENT
@given(titles())
@pytest.mark.parametrize("biblatex", [True, False])
@pytest.mark.parametrize("letters", [True, False])
def test_latex_undoes_itself(biblatex: bool, letters: bool, title: str) -> None:
    assert from_latex(to_latex(title, biblatex=biblatex, letters=letters)) == title
