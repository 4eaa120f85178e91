"""`refkit undo` takes back what a run did, byte for byte, and never what somebody did since."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import refkit
from refkit import files
from refkit.errors import LibraryError, UsageError
from refkit.files import EditedSince


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "refkit", *arguments],
        capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False,
    )  # fmt: skip


def write(command: str, **contents: tuple[Path, bytes | None] | None) -> None:
    changes = [
        files.FileChange(path, files.fingerprint(files.read_whole(path)), data)
        for path, data in filter(None, contents.values())
    ]
    files.commit(changes, command=command)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "thesis.bib"
    path.write_bytes(b"@article{a,\r\n  title = {One},\r\n}\r\n")
    return path


def test_the_last_run_is_taken_back_then_the_one_before(library: Path) -> None:
    versions = [library.read_bytes()]
    for number in range(3):
        versions.append(versions[-1] + b"@article{b%d,\r\n}\r\n" % number)
        write(f"refkit enrich {number}.pdf --into thesis.bib", library=(library, versions[-1]))
    for number in (2, 1, 0):
        done = run("undo", "thesis.bib", cwd=library.parent)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.startswith(f"thesis.bib is as before `refkit enrich {number}.pdf --into thesis.bib` (")
        assert library.read_bytes() == versions[number]
    done = run("undo", "thesis.bib", cwd=library.parent)
    assert done.returncode == 2
    assert "There is no change of refkit to thesis.bib that could be taken back." in done.stderr
    assert [p.name for p in library.parent.iterdir()] == ["thesis.bib"]


def test_a_run_is_taken_back_in_all_its_files(library: Path) -> None:
    paper = library.parent / "paper" / "main.tex"
    paper.parent.mkdir()
    paper.write_bytes(b"10.1/x")
    before = library.read_bytes()
    new = (library, before + b"@article{x}\n")
    write("refkit cite", library=new, base=(files.base_path(library), b"{}"), paper=(paper, b"\\cite{x}"))
    done = run("undo", "main.tex", cwd=paper.parent)
    assert (done.returncode, done.stdout) == (0, "")
    assert (library.read_bytes(), paper.read_bytes()) == (before, b"10.1/x")
    assert not files.base_path(library).exists()


def test_a_dry_run_shows_what_would_be_taken_back(library: Path) -> None:
    before = library.read_bytes()
    write("refkit enrich", library=(library, before.replace(b"One", "Ünë".encode())))
    after = library.read_bytes()
    done = run("undo", "--dry-run", "thesis.bib", cwd=library.parent)
    assert done.returncode == 0
    assert "-  title = {Ünë},\n+  title = {One},\n" in done.stdout
    assert "thesis.bib would be as before `refkit enrich`" in done.stderr
    assert library.read_bytes() == after


def test_what_was_edited_since_is_shown_and_nothing_is_taken_back(library: Path) -> None:
    write("refkit enrich", library=(library, library.read_bytes() + b"@article{b}\n"))
    edited = library.read_bytes().replace(b"One", b"Mine")
    library.write_bytes(edited)
    done = run("undo", "thesis.bib", cwd=library.parent)
    assert done.returncode == 3
    assert "-  title = {One},\n+  title = {Mine},\n" in done.stderr.replace("\r", "")
    assert "article{b}" not in "".join(line for line in done.stderr.splitlines() if line[:1] in "+-")
    assert "Not taken back: thesis.bib changed since `refkit enrich`" in done.stderr
    assert library.read_bytes() == edited


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch(1)")
def test_refkits_part_alone_can_be_taken_back_as_a_patch(library: Path) -> None:
    text = b"".join(b"@article{k%d,\n  title = {T},\n}\n\n" % n for n in range(9))
    library.write_bytes(text)
    write("refkit enrich", library=(library, text + b"@article{new}\n"))
    library.write_bytes(library.read_bytes().replace(b"k0", b"mine"))
    done = run("undo", "--dry-run", "thesis.bib", cwd=library.parent)
    assert done.returncode == 3
    subprocess.run(["patch", "-p0", "-s"], input=done.stdout.encode(), cwd=library.parent, check=True)
    assert library.read_bytes() == text.replace(b"k0", b"mine")


def test_a_later_run_is_named_and_goes_first(library: Path) -> None:
    paper = library.parent / "main.tex"
    paper.write_bytes(b"10.1/x")
    write("refkit cite", library=(library, b"@article{x}"), paper=(paper, b"\\cite{x}"))
    write("refkit enrich", library=(library, b"@article{y}"))
    with pytest.raises(
        LibraryError, match=r"`refkit enrich` \(.*\) changed .*thesis\.bib after it\. Take that back first"
    ):
        refkit.undo(paper)
    refkit.undo(library)
    refkit.undo(paper)
    assert paper.read_bytes() == b"10.1/x"


def test_a_file_that_a_run_made_is_removed_unless_it_was_edited(tmp_path: Path) -> None:
    made = tmp_path / "new.ris"
    write("refkit enrich", made=(made, b"TY  - JOUR\n"))
    made.write_bytes(b"TY  - BOOK\n")
    with pytest.raises(EditedSince):
        refkit.undo(made)
    made.write_bytes(b"TY  - JOUR\n")
    assert refkit.undo(made, dry_run=True).command == "refkit enrich"
    assert made.exists()
    refkit.undo(made)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_deleted_since_stays_so(library: Path) -> None:
    write("refkit enrich", library=(library, b"@article{x}"))
    library.unlink()
    done = run("undo", "thesis.bib", cwd=library.parent)
    assert done.returncode == 3
    assert not library.exists()


def test_what_refkit_remembers_may_be_missing(library: Path) -> None:
    before, base = library.read_bytes(), files.base_path(library)
    write("refkit enrich", library=(library, b"@article{x}"), base=(base, b"{1}"))
    write("refkit enrich", library=(library, b"@article{y}"), base=(base, b"{2}"))
    base.unlink()
    refkit.undo(library)
    assert (library.read_bytes(), base.read_bytes()) == (b"@article{x}", b"{1}")
    base.unlink()
    refkit.undo(library)
    assert (library.read_bytes(), base.exists()) == (before, False)


def test_a_change_of_what_refkit_remembers_is_taken_back_by_the_librarys_name(library: Path) -> None:
    base = files.base_path(library)
    write("refkit merge --different a b", base=(base, b"{}"))
    refkit.undo(library)
    assert not base.exists()


def test_a_document_that_is_no_text_is_restored_too(tmp_path: Path) -> None:
    document = tmp_path / "paper.docx"
    document.write_bytes(b"PK\x03\x04\x00old" * 99)
    before = document.read_bytes()
    write("refkit cite", paper=(document, b"PK\x03\x04\x00new" * 99))
    done = run("undo", "--dry-run", "paper.docx", cwd=tmp_path)
    assert done.stdout == "paper.docx differs: 792 bytes become 792.\n"
    refkit.undo(document)
    assert document.read_bytes() == before


def test_a_folder_may_be_moved_before(library: Path) -> None:
    paper = library.parent / "paper" / "main.tex"
    paper.parent.mkdir()
    before = library.read_bytes()
    write("refkit cite", library=(library, b"@article{x}"), paper=(paper, b"\\cite{x}"))
    moved = library.parent.rename(library.parent.with_name("moved"))
    refkit.undo(moved / "thesis.bib")
    assert (moved / "thesis.bib").read_bytes() == before
    assert not (moved / "paper" / "main.tex").exists()


def test_one_half_of_a_run_is_not_taken_back_without_the_other(library: Path) -> None:
    paper = library.parent / "paper" / "main.tex"
    paper.parent.mkdir()
    write("refkit cite", library=(library, b"@article{x}"), paper=(paper, b"\\cite{x}"))
    shutil.rmtree(paper.parent)
    with pytest.raises(LibraryError, match=r"together with .*main\.tex, of which no earlier version is at hand"):
        refkit.undo(library)
    assert library.read_bytes() == b"@article{x}"


def test_a_file_that_is_not_there_has_nothing_to_take_back(tmp_path: Path) -> None:
    for path in (tmp_path / "none.bib", tmp_path / "none" / "none.bib", tmp_path):
        with pytest.raises(UsageError, match="no change of refkit"):
            refkit.undo(path)
    assert list(tmp_path.iterdir()) == []
