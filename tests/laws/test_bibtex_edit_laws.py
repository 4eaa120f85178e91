"""What must hold of every BibTeX file, however broken: nothing moves that no edit names, and what is added goes again.

Files are the samples of editing, mutated at random, and all of the corpus where it is there.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refkit.edits import apply
from refkit.formats import bibtex_scan
from refkit.formats.bibtex import edit
from refkit.formats.bibtex_scan import RawField, scan
from refkit.formats.editing import Editing, Field
from refkit.model import Entry, Origin, Work
from refkit.settings import Settings

SAMPLES = Path(__file__).parents[1] / "samples" / "editing" / "bibtex"
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.bib"))]
PIECES = st.sampled_from(
    ["{", "}", "@", '"', "=", ",", "%", "#", "\n", "\r\n", "\t", "(", ")", "\\", "\0", "é", "@a{b,", "x"]
)


def works(count: int) -> list[Entry]:
    """New entries with keys that no file has."""
    return [
        Entry(
            f"refkitLaw{number}",
            Work(
                {
                    "type": "article-journal",
                    "title": f"Law number {number} of libraries",
                    "author": [{"family": "Möller", "given": "Anna"}],
                    "container-title": "Journal of Laws",
                    "issued": {"date-parts": [[2000 + number, 5]]},
                    "DOI": f"10.5555/law.{number}",
                },
                origin=Origin("law"),
            ),
        )
        for number in range(count)
    ]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A sample with pieces put in, cut out and doubled."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(text)))
        end = draw(st.integers(at, min(len(text), at + 40)))
        text = draw(
            st.sampled_from([text[:at] + draw(PIECES) + text[at:], text[:at] + text[end:], text[:end] + text[at:]])
        )
    return text


def blocks(text: str) -> list[tuple[str, str, str, int, int, tuple[RawField, ...], str]]:
    return [(b.kind, b.type, b.key, b.start, b.end, b.fields, b.problem) for b in scan(text)]


@given(mutated())
@settings(max_examples=300, deadline=None)
def test_blocks_cover_the_text_and_both_ways_of_scanning_agree(text: str) -> None:
    found = blocks(text)
    assert "".join(text[start:end] for _, _, _, start, end, *_ in found) == text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bibtex_scan, "_ENTRY", re.compile(r"(?!)"))  # no entry is taken in one step
        assert blocks(text) == found


@given(mutated())
@settings(max_examples=150, deadline=None)
def test_what_is_added_can_go_again_without_a_trace(text: str) -> None:
    editing = edit(text, Settings())
    assert editing.edits() == []
    new = works(3)
    edits = editing.edits(add=new)
    edited = apply(text, edits)
    assert editing.check(edited, edits) == ""
    again = edit(edited, Settings())
    assert len(again.library.entries) == len(editing.library.entries) + 3
    restored = apply(edited, again.edits(remove=positions(again, new)))
    assert restored == text or not text.strip()


@given(mutated(), st.data())
@settings(max_examples=150, deadline=None)
def test_entries_that_are_filled_read_back(text: str, data: st.DataObject) -> None:
    editing = edit(text, Settings())
    if not editing.library.entries:
        return
    at = data.draw(st.integers(0, len(editing.library.entries) - 1))
    (entry,) = works(1)
    gaps = [field for field in editing.fields(entry.work, at) if editing.present(at, field) is None]
    edits = editing.edits(change={at: gaps})
    edited = apply(text, edits)
    if editing.check(edited, edits):
        assert editing.library.notes  # only what was broken before may be refused
        return
    again = edit(edited, Settings())
    fields = {name.lower(): raw for name, raw in reversed(list(again.library.entries[at].fields))}
    for gap in gaps:
        assert fields[gap.name.lower()] == gap.text
    assert not [field for field in again.fields(entry.work, at) if again.present(at, field) is None]


def positions(editing: Editing, new: list[Entry]) -> list[int]:
    keys = {entry.key for entry in new}
    return [index for index, entry in enumerate(editing.library.entries) if entry.key in keys]


def test_every_library_of_the_corpus(corpus: Path) -> None:
    """Every file opens; ten new entries are the only difference, pass the check, and go again without a trace."""
    new = works(10)
    for path in sorted((corpus / "documents" / "bib").iterdir()):
        if path.stat().st_size > 60_000:
            continue
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        editing = edit(text, Settings())
        edits = editing.edits(add=new)
        edited = apply(text, edits)
        assert editing.check(edited, edits) == "", path.name
        again = edit(edited, Settings())
        assert len(again.library.entries) == len(editing.library.entries) + 10, path.name
        assert apply(edited, again.edits(remove=positions(again, new))) == text or not text.strip(), path.name


def test_an_entry_given_back_to_itself_has_no_gaps(corpus: Path) -> None:
    """What an entry says is known to be there, under whatever name."""
    lacking = []
    for path in sorted((corpus / "documents" / "bib").iterdir())[::4]:
        if path.stat().st_size > 30_000:
            continue
        editing = edit(path.read_bytes().decode("utf-8", "surrogateescape"), Settings())
        for at, entry in enumerate(editing.library.entries):
            for field in editing.fields(entry.work, at):
                if editing.present(at, field) is None:
                    lacking.append((path.name, entry.key, field))
    assert len(lacking) <= 2, lacking  # entries with repeated, half empty fields


@given(mutated(), st.data())
@settings(max_examples=150, deadline=None)
def test_all_kinds_of_edits_at_once_keep_the_rest(text: str, data: st.DataObject) -> None:
    editing = edit(text, Settings())
    places = range(len(editing.library.entries))
    remove = data.draw(st.sets(st.sampled_from(places), max_size=3)) if places else set()
    rest = [at for at in places if at not in remove]
    changed = data.draw(st.sets(st.sampled_from(rest), max_size=3)) if rest else set()
    change = {at: [Field("note", "{changed}"), Field("refkit-law", '"new" # jan')] for at in changed}
    new = works(data.draw(st.integers(0, 2)))
    edits = editing.edits(add=new, change=change, remove=remove, aliases=dict.fromkeys(changed, ("other-key",)))
    edited = apply(text, edits)
    assert edits == sorted(edits, key=lambda one: (one.span.start, one.span.end))
    if complaint := editing.check(edited, edits):
        assert editing.library.notes, complaint  # only what was broken before may be refused
        return
    again = edit(edited, Settings())
    keys = [editing.library.entries[at].key for at in rest]
    assert [entry.key for entry in again.library.entries if not entry.key.startswith("refkitLaw")] == keys
    for at in changed:
        fields = {name.lower(): raw for name, raw in again.library.entries[place_of(at, remove, again, new)].fields}
        assert fields["refkit-law"] == '"new" # jan'
        assert "other-key" in fields["ids"]


def place_of(at: int, remove: set[int], again: Editing, new: list[Entry]) -> int:
    """Where an entry stands after others went and new ones came."""
    fresh = set(positions(again, new))
    old = [index for index in range(len(again.library.entries)) if index not in fresh]
    return old[at - sum(1 for gone in remove if gone < at)]
