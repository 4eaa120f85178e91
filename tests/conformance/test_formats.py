"""Every format does what a format must: keys, values and spans survive, and a second writing changes nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from refkit.errors import UsageError
from refkit.formats import FORMATS, Format, by_name, by_suffix
from refkit.model import Entry, Origin, Work
from refkit.settings import Settings
from refkit.sources.crossref_work import work_from_record
from tests.works import entries

SETTINGS = [
    Settings(),
    Settings(ris_dialect="zotero", letters="latex"),
    Settings(ris_dialect="endnote", quotes="quotes"),
]
READABLE = [form for form in FORMATS if form.name != "text"]


def ids(form: Format) -> str:
    return form.name


@pytest.mark.parametrize("form", READABLE, ids=ids)
@pytest.mark.parametrize("settings", SETTINGS, ids=["default", "zotero-latex", "endnote-quotes"])
def test_written_read_and_written_again_is_the_same_text(form: Format, settings: Settings) -> None:
    text = form.dump(entries(), settings)
    library = form.load(text)
    assert not library.notes
    assert [entry.key for entry in library.entries] == [entry.key for entry in entries()]
    assert form.dump(library.entries, settings) == text


@pytest.mark.parametrize("form", READABLE, ids=ids)
def test_spans_cut_the_entries_out(form: Format) -> None:
    text = form.dump(entries(), Settings())
    library = form.load(text)
    ends = [0]
    for entry in library.entries:
        assert entry.span is not None
        assert entry.span.start >= ends[-1]
        ends.append(entry.span.end)
        if entry.key and form.name != "nbib":
            assert entry.key in entry.span.of(text)


@pytest.mark.parametrize("form", READABLE, ids=ids)
def test_an_empty_file_is_an_empty_library(form: Format) -> None:
    assert form.load("").entries == ()
    assert form.load(form.dump([], Settings())).entries == ()


@pytest.mark.parametrize("form", READABLE, ids=ids)
@pytest.mark.parametrize(
    "text",
    ["\ufeff", "x", "@", "{", "[", "TY  - ", "@article{", "\x00", "[{}]", "@article{a, title = {", "- a\n  b: ["],
)
def test_nonsense_is_noted_and_nothing_is_raised(form: Format, text: str) -> None:
    library = form.load(text)
    assert library.text == text


def test_formats_are_found_by_name_and_suffix() -> None:
    assert by_name("bibtex").suffixes[0] == ".bib"
    assert by_suffix(".BIB") is by_name("bibtex")
    assert by_suffix(".docx") is None
    with pytest.raises(UsageError, match=r"no format 'word'.*biblatex"):
        by_name("word")


@pytest.mark.parametrize("form", READABLE, ids=ids)
def test_the_whole_corpus_reads_back(form: Format, corpus: Path) -> None:
    with gzip.open(corpus / "crossref" / "works.jsonl.gz", "rt", encoding="utf-8") as lines:
        works = [work_from_record(json.loads(line), origin=Origin("crossref")) for line in lines]
    written = [Entry(f"key{index}", work) for index, work in enumerate(works)]
    text = form.dump(written, Settings())
    library = form.load(text)
    assert [entry.key for entry in library.entries] == [entry.key for entry in written]
    assert form.dump(library.entries, Settings()) == text


def test_no_markup_is_left_in_bibtex_or_ris(corpus: Path) -> None:
    import re

    left = re.compile(r"&amp;|&lt;|&#\d|<[a-zA-Z/][\w:]*|jats:|mml:")
    with gzip.open(corpus / "crossref" / "works.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record: dict[str, Any] = json.loads(line)
            entry = Entry("k", work_from_record(record, origin=Origin("crossref")))
            for name in ("bibtex", "biblatex", "ris"):
                text = by_name(name).dump([entry], Settings(add=("abstract",)))
                text = re.sub(r"(?mi)^(?:\s*(?:doi|url|copyright) = .*|(?:DO|UR|CR)  - .*|@\w+.*)$", "", text)
                assert not left.search(text), (record["DOI"], name, left.search(text))


def test_a_work_without_anything_is_an_entry() -> None:
    for form in FORMATS:
        assert form.dump([Entry("k", Work({"type": "document"}))], Settings()) is not None
