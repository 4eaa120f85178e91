"""Editing RIS libraries in place: golden cases, and what an entry is said to state already."""

from __future__ import annotations

from pathlib import Path

import pytest
import rispy

from refkit.edits import apply
from refkit.formats import by_name
from refkit.formats.editing import Editing, Field
from refkit.model import Entry, Origin, Work
from refkit.settings import Settings
from tests.editing_samples import cases, gaps, run, work_of


@pytest.mark.parametrize("case", cases("ris"), ids=lambda path: path.name)
def test_cases(case: Path, accept: bool) -> None:
    run("ris", case, accept)


def opened(text: str) -> Editing:
    return by_name("ris").edit(text, Settings())


def one(*lines: str) -> Editing:
    return opened("".join(f"{line}\n" for line in ("TY  - JOUR", *lines, "ER  - ")))


@pytest.mark.parametrize(
    ("line", "asked", "found"),
    [
        ("DO  - 10.5555/a", Field("DO", "10.5555/a", "DOI"), ("DO", "10.5555/a")),
        ("UR  - https://doi.org/10.5555/a", Field("DO", "10.5555/a", "DOI"), ("UR", "https://doi.org/10.5555/a")),
        ("N1  - doi: 10.5555/a", Field("DO", "10.5555/a", "DOI"), ("N1 doi", "10.5555/a")),
        ("M3  - 10.5555/a", Field("DO", "10.5555/a", "DOI"), ("M3", "10.5555/a")),
        ("UR  - https://example.org/10.5555/a/b", Field("DO", "10.5555/a", "DOI"), None),
        ("Y1  - 2020/03//", Field("PY", "2020", "issued"), ("Y1", "2020/03//")),
        ("PY  - 2020", Field("DA", "2020/03/05/", "issued"), None),
        ("PY  - 2020", Field("PY", "2020", "issued"), ("PY", "2020")),
        ("SP  - 18-32", Field("EP", "32", "page"), ("SP", "18-32")),
        ("SP  - 18", Field("EP", "32", "page"), None),
        ("JO  - Notes", Field("T2", "Notes", "container-title"), ("JO", "Notes")),
        ("T1  - Sand", Field("TI", "Sand", "title"), ("T1", "Sand")),
        ("N2  - Words.", Field("AB", "Words.", "abstract"), ("N2", "Words.")),
        ("M1  - 4", Field("IS", "4", "issue"), ("M1", "4")),
        ("M2  - PMID: 7", Field("M2 PMID", "7", "PMID"), ("M2 PMID", "7")),
        ("PMID  - 7", Field("M2 PMID", "7", "PMID"), ("PMID", "7")),
        ("IS  - ", Field("IS", "4", "issue"), None),
        ("KW  - a\nb", Field("KW", "c", ""), ("KW", "a\nb")),
        ("A1  - Doe, J", Field("AU", "Doe, J", ""), ("A1", "Doe, J")),
    ],
)
def test_what_an_entry_states_already(line: str, asked: Field, found: tuple[str, str] | None) -> None:
    present = one(line).present(0, asked)
    assert (present and (present.name, present.text)) == found


def test_an_identifier_within_a_note_is_set_without_the_note() -> None:
    editing = one("N1  - my words", "N1  - doi: 10.5555/old", "UR  - https://doi.org/10.5555/old")
    edits = editing.edits(change={0: [Field("N1 doi", "10.5555/new", "DOI"), Field("UR", "10.5555/new", "DOI")]})
    text = apply(editing.library.text, edits)
    assert "N1  - my words\nN1  - doi: 10.5555/new\nUR  - https://doi.org/10.5555/new\n" in text


def test_entries_without_id_are_called_by_what_they_are() -> None:
    editing = opened(
        "TY  - JOUR\nID  - mine\nER  - \nTY  - JOUR\nDO  - https://doi.org/10.5555/A\nER  - \n"
        "TY  - JOUR\nTI  - On sand and the sea\nPY  - 2020\nER  - \nTY  - JOUR\nER  - \n"
    )
    assert [entry.key for entry in editing.library.entries] == [
        "mine",
        "10.5555/a",
        "on-sand-and-the-sea-2020",
        "record 4",
    ]


def test_records_without_type_or_end_are_records() -> None:
    library = opened("AU  - Doe, J\nTI  - One\nER  - \nTY  - JOUR\nTI  - Two\nTY  - JOUR\nTI  - Three\n").library
    assert [entry.work.csl["title"] for entry in library.entries] == ["One", "Two", "Three"]
    assert [note.code for note in library.notes] == ["no-type", "no-end", "no-end"]


def test_numbers_of_a_program_are_no_keys_for_new_records() -> None:
    text = "".join(f"TY  - JOUR\nTI  - Sand {n}\nID  - {n}\nER  - \n\n" for n in (148, 97, 150))
    editing = opened(text)
    edits = editing.edits(add=[Entry("doe2020", work_of({"type": "article-journal", "title": "Mud"}))])
    assert "doe2020" not in apply(text, edits)


def test_a_library_without_abstracts_gets_none_but_a_users_own() -> None:
    text = "".join(f"TY  - JOUR\nTI  - Sand {n}\nER  - \n\n" for n in range(4))
    editing = opened(text)
    work = work_of({"type": "article-journal", "title": "Mud", "abstract": "Long."})
    assert "AB" not in {field.name for field in editing.fields(work)}
    theirs = by_name("ris").load("TY  - JOUR\nTI  - Mud\nAB  - Long.\nU1  - x\nER  - \n").entries[0].work
    assert {"AB", "U1"} <= {field.name for field in editing.fields(theirs, 0)}


@pytest.mark.parametrize(("having", "written"), [(0, False), (1, True), (2, True)])
def test_a_licence_is_written_where_the_library_keeps_licences(having: int, written: bool) -> None:
    records = ["TY  - JOUR\nTI  - Sand\nM2  - Citation Key: a\n{}ER  - \n\n", "TY  - JOUR\nTI  - Mud\n{}ER  - \n\n"]
    text = "".join(
        one.format("CR  - https://example.org/terms\n" if place < having else "") for place, one in enumerate(records)
    )
    record = Work(
        {"type": "article-journal", "title": "Mud", "volume": "3"},
        {"crossref": {"license": [{"URL": "https://example.org/terms"}]}},
        Origin("crossref"),
    )
    editing = by_name("ris").edit(text, Settings(ris_dialect="zotero"))
    for position in (None, 1):
        names = {field.name for field in editing.fields(record, position)}
        assert ("CR" in names) is written
        assert "VL" in names


def test_rispy_reads_what_was_added() -> None:
    text = "TY  - JOUR\nTI  - Sand\nAU  - Adler, Beate\nPY  - 2019\nER  - \n\n"
    editing = opened(text)
    csl = {"type": "article-journal", "title": "Mud", "author": [{"family": "Doe", "given": "J."}], "volume": "3"}
    edited = apply(text, editing.edits(add=[Entry("doe", work_of({**csl, "DOI": "10.5555/mud"}))]))
    first, second = rispy.loads(edited)
    assert first["title"] == "Sand"
    assert (second["title"], second["authors"], second["volume"]) == ("Mud", ["Doe, J."], "3")
    assert (second["doi"], second["id"]) == ("10.5555/mud", "doe")


def test_a_check_sees_what_should_not_be() -> None:
    editing = one("TI  - Sand", "VL  - 1")
    edits = editing.edits(change={0: gaps(editing, 0, work_of({"type": "article-journal", "issue": "2"}))})
    edited = apply(editing.library.text, edits)
    assert editing.check(edited, edits) == ""
    assert "not what it was" in editing.check(edited.replace("Sand", "Salt"), edits)
    assert editing.check(edited.replace("ER  -", "EP  -"), edits)
