"""`refkit cite` from end to end: library first, then manuscript, in one step; what is unknown stays; bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from refkit.errors import InputError, LibraryError
from refkit.manuscripts import Wanted
from refkit.pipeline import checking, citing, filtering
from refkit.pipeline.citing import Cited
from refkit.report import Report
from refkit.settings import Settings
from tests.proofs_manuscripts import pandoc
from tests.works import ROOT

RECORDS = str(ROOT / "examples" / "records.jsonl")
WATSON, LECUN = "10.1038/171737a0", "10.1038/nature14539"


def settings(tmp_path: Path, **changes: Any) -> Settings:
    return Settings(**{"offline": True, "records": (RECORDS,), "cache": str(tmp_path / "cache"), **changes})


def cite(tmp_path: Path, *names: str, library: str | None = "refs.bib", dry_run: bool = False, **changes: Any) -> Cited:
    given = settings(tmp_path, **changes)
    libraries = [tmp_path / library] if library else []
    return citing.cite([tmp_path / n for n in names], given, Wanted(given), libraries=libraries, dry_run=dry_run)


def write(tmp_path: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def actions(outcome: Cited) -> list[tuple[str, str | None, str | None]]:
    return [(row.action, row.doi, row.key) for row in outcome.report.citations]


def test_library_and_manuscript_change_together_and_once(tmp_path: Path) -> None:
    draft = write(tmp_path, "draft.md", f"They found it ({WATSON}).\n")
    outcome = cite(tmp_path, "draft.md")
    assert draft.read_text() == "They found it [@watson1953molecular].\n"
    assert "@article{watson1953molecular," in (tmp_path / "refs.bib").read_text()
    assert actions(outcome) == [("cite", WATSON, "watson1953molecular")]
    assert outcome.report.exit_code == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    again = cite(tmp_path, "draft.md")
    assert not again.changed
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_manuscripts_with_libraries_of_their_own_share_the_one_that_is_named(tmp_path: Path) -> None:
    entry = (
        f"@article{{mine, title = {{Deep learning}}, author = {{LeCun, Yann}}, year = {{2015}}, doi = {{{LECUN}}}}}\n"
    )
    write(tmp_path, "a.bib", entry)
    write(tmp_path, "b.bib", "@book{b, title = {B}}\n")
    one = write(tmp_path, "a.md", f"---\nbibliography: a.bib\n---\n{WATSON}, {LECUN}\n")
    two = write(tmp_path, "b.md", f"---\nbibliography: b.bib\n---\n{LECUN}, {WATSON}\n")
    cite(tmp_path, "a.md", "b.md")
    assert one.read_text().endswith("[@watson1953molecular; @mine]\n")
    assert two.read_text().endswith("[@lecun2015deep; @watson1953molecular]\n")
    assert (tmp_path / "refs.bib").read_text().count("@article{") == 2
    assert not cite(tmp_path, "a.md", "b.md").changed


def test_a_folder_is_read_from_what_pulls_in_the_rest(tmp_path: Path) -> None:
    head = "\\documentclass{article}\\usepackage{natbib}\n\\begin{document}\n"
    write(tmp_path, "book/main.tex", f"{head}\\input{{chapter}}\n\\bibliography{{refs}}\n\\end{{document}}\n")
    chapter = write(tmp_path, "book/chapter.tex", f"A {WATSON}.\n")
    cite(tmp_path, "book", library=None)
    assert chapter.read_text() == "A \\citep{watson1953molecular}.\n"


def test_undo_takes_both_back(tmp_path: Path) -> None:
    from refkit.pipeline import undoing

    draft = write(tmp_path, "draft.md", f"They found it ({WATSON}).\n")
    library = write(tmp_path, "refs.bib", "@book{mine, title = {Mine}}\n")
    cite(tmp_path, "draft.md")
    undoing.undo(draft)
    assert draft.read_text() == f"They found it ({WATSON}).\n"
    assert library.read_text() == "@book{mine, title = {Mine}}\n"


def test_a_dry_run_shows_all_and_writes_nothing(tmp_path: Path) -> None:
    draft = write(tmp_path, "draft.md", f"They found it ({WATSON}).\n")
    outcome = cite(tmp_path, "draft.md", dry_run=True)
    assert "+They found it [@watson1953molecular]." in outcome.diff()
    assert "+@article{watson1953molecular," in outcome.diff()
    assert draft.read_text() == f"They found it ({WATSON}).\n"
    assert not (tmp_path / "refs.bib").exists()


def test_the_manuscript_may_name_the_library(tmp_path: Path) -> None:
    for name, text in (
        ("a.md", f"---\nbibliography: named.bib\n---\n\n{WATSON}\n"),
        ("b.tex", f"\\documentclass{{article}}\\begin{{document}}{WATSON}\\bibliography{{named}}\\end{{document}}"),
        ("c.typ", f'{WATSON}\n#bibliography("named.bib")\n'),
        ("d.org", f"#+bibliography: named.bib\n{WATSON}\n"),
        ("e.adoc", f"= Title\n:bibtex-file: named.bib\n\n{WATSON}\n"),
        ("f.rst", f"{WATSON}\n\n.. bibliography:: named.bib\n"),
    ):
        path = write(tmp_path, name, text)
        cite(tmp_path, name, library=None)
        assert "watson1953molecular" in path.read_text(), name
        assert WATSON not in path.read_text(), name
    assert (tmp_path / "named.bib").read_text().count("@article") == 1


def test_without_a_library_nothing_can_be_done(tmp_path: Path) -> None:
    write(tmp_path, "draft.md", f"{WATSON}\n")
    with pytest.raises(InputError, match=r"No library is known for .*draft\.md") as caught:
        cite(tmp_path, "draft.md", library=None)
    assert caught.value.exit_code == 2
    write(tmp_path, "empty.md", "")
    assert not cite(tmp_path, "empty.md", library=None).changed


def test_entries_that_are_there_are_used(tmp_path: Path) -> None:
    library = write(
        tmp_path,
        "refs.bib",
        f"@article{{mine,\n  title = {{Mine}},\n  doi = {{https://doi.org/{WATSON.upper()}}}\n}}\n",
    )
    before = library.read_bytes()
    draft = write(tmp_path, "draft.md", f"{WATSON}\n")
    cite(tmp_path, "draft.md", records=())
    assert draft.read_text() == "[@mine]\n"
    assert library.read_bytes() == before


def test_an_entry_without_doi_is_recognised(tmp_path: Path) -> None:
    title = "Molecular Structure of Nucleic Acids: A Structure for Deoxyribose Nucleic Acid"
    entry = (
        f"@article{{wc53,\n  author = {{Watson, J. D. and Crick, F. H. C.}},\n  title = {{{title}}},\n"
        "  journal = {Nature},\n  volume = {171},\n  pages = {737--738},\n  year = {1953}\n}\n"
    )
    library = write(tmp_path, "refs.bib", entry)
    draft = write(tmp_path, "draft.md", f"{WATSON}\n")
    cite(tmp_path, "draft.md")
    assert draft.read_text() == "[@wc53]\n"
    assert library.read_text().count("@article") == 1


def test_what_is_unknown_stays(tmp_path: Path) -> None:
    draft = write(tmp_path, "draft.md", f"Here 10.5555/refkit.unknown; {WATSON}.\n")
    outcome = cite(tmp_path, "draft.md")
    assert draft.read_text() == "Here 10.5555/refkit.unknown; [@watson1953molecular].\n"
    assert [row[0] for row in actions(outcome)] == ["unknown", "cite"]
    assert outcome.report.exit_code == 1
    assert all(row.why for row in outcome.report.citations if row.action == "unknown")


def test_a_new_key_never_takes_one_that_is_cited(tmp_path: Path) -> None:
    draft = write(tmp_path, "draft.md", f"[@watson1953molecular] is another work than {WATSON}.\n")
    cite(tmp_path, "draft.md")
    assert draft.read_text() == "[@watson1953molecular] is another work than @watson1953moleculara.\n"


def test_a_key_that_looks_like_a_doi_is_a_key(tmp_path: Path) -> None:
    write(tmp_path, "refs.bib", "@book{10.5555/mine, title = {Mine}}\n")
    draft = write(tmp_path, "draft.tex", "\\begin{document}\\cite{10.5555/mine}\\end{document}")
    outcome = cite(tmp_path, "draft.tex")
    assert draft.read_text() == "\\begin{document}\\cite{10.5555/mine}\\end{document}"
    assert actions(outcome) == [("same", None, "10.5555/mine")]


def test_what_a_source_pulls_in_is_cited_in_its_manner(tmp_path: Path) -> None:
    write(
        tmp_path,
        "main.tex",
        "\\documentclass{article}\\usepackage{natbib}\\begin{document}\\input{parts/one}\\bibliography{refs}\\end{document}",
    )
    part = write(tmp_path, "parts/one.tex", f"They found it ({WATSON}).\n")
    cite(tmp_path, "main.tex", library=None)
    assert part.read_text() == "They found it ~\\citep{watson1953molecular}.\n".replace(" ~", " ")
    assert (tmp_path / "refs.bib").exists()
    assert not (tmp_path / "parts" / "refs.bib").exists()


@pytest.mark.parametrize(("text", "encoding"), [
    (f"Erste Zeile\r\nZweite {WATSON} über\r\n", "utf-8"),
    (f"\ufeffMit Kopf {WATSON}\n", "utf-8"),
    (f"Naïve {WATSON} café\n", "latin-1"),
    (f"Breit {WATSON}\n", "utf-16"),
    (f"kein Zeilenende {WATSON}", "utf-8"),
    (f"Tab\f {WATSON}\u2028Ende\x85\n", "utf-8"),
])  # fmt: skip
def test_every_other_byte_stays(tmp_path: Path, text: str, encoding: str) -> None:
    draft = write(tmp_path, "draft.md", text, encoding)
    cite(tmp_path, "draft.md")
    after = draft.read_bytes()
    form = "utf-16" if encoding == "utf-16" else encoding
    assert "watson1953molecular" in after.decode(form)
    assert after == text.replace(WATSON, "[@watson1953molecular]").encode(encoding)


def test_ten_thousand_citations_of_one_work(tmp_path: Path) -> None:
    draft = write(tmp_path, "draft.md", f"As {WATSON} says.\n\n" * 10_000)
    outcome = cite(tmp_path, "draft.md")
    assert draft.read_text().count("@watson1953molecular") == 10_000
    assert len(outcome.report.works) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_library_that_is_read_only_leaves_all_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, "libraries/refs.bib", "")
    (tmp_path / "libraries").chmod(0o500)
    draft = write(tmp_path, "draft.md", f"{WATSON}\n")
    with pytest.raises(LibraryError):
        cite(tmp_path, "draft.md", library="libraries/refs.bib")
    (tmp_path / "libraries").chmod(0o700)
    assert draft.read_text() == f"{WATSON}\n"


def test_what_is_no_manuscript_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "paper.pdf", "%PDF-1.4")
    for name in ("paper.pdf", "absent.md"):
        with pytest.raises(InputError):
            cite(tmp_path, name)
    write(tmp_path, "broken.ipynb", "{not json")
    with pytest.raises(LibraryError, match="no valid notebook"):
        cite(tmp_path, "broken.ipynb")
    write(tmp_path, "broken.bib.md", f"{WATSON}\n")
    (tmp_path / "folder.bib").mkdir()
    with pytest.raises(InputError, match="folder"):
        cite(tmp_path, "broken.bib.md", library="folder.bib")


# --- checking ------------------------------------------------------------------------------------


def check(tmp_path: Path, *names: str) -> Report:
    given = settings(tmp_path)
    return checking.check([tmp_path / n for n in names], given, Wanted(given), libraries=[tmp_path / "refs.bib"])


def test_check_says_what_does_not_fit(tmp_path: Path) -> None:
    write(
        tmp_path,
        "refs.bib",
        f"@article{{watson1953molecular, title = {{T}}, doi = {{{WATSON}}}}}\n@book{{never, title = {{N}}}}\n",
    )
    write(
        tmp_path,
        "draft.md",
        f"[@watson1953moleculer] and [@Watson1953molecular] and {WATSON} and {LECUN} and `{LECUN}`.\n",
    )
    report = check(tmp_path, "draft.md")
    assert [row.action for row in report.citations] == ["missing", "missing", "bare", "bare"]
    assert "did you mean watson1953molecular?" in report.citations[0].why
    assert "did you mean watson1953molecular?" in report.citations[1].why
    assert "watson1953molecular" in report.citations[2].why
    assert any(note.code == "never-cited" and "never" in note.message for note in report.notes)
    assert report.exit_code == 1


def test_check_is_content_where_all_fits(tmp_path: Path) -> None:
    write(tmp_path, "refs.bib", "@book{one, title = {One}}\n")
    write(tmp_path, "draft.md", "[@one, p. 3] and @fig-one.\n")
    report = check(tmp_path, "draft.md")
    assert [row.action for row in report.citations] == ["same"]
    assert report.exit_code == 0


# --- the command and the filter ------------------------------------------------------------------


def refkit(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "refkit", *arguments], cwd=folder, input=given, capture_output=True, check=False
    )


def test_the_command_reports_every_place(tmp_path: Path) -> None:
    write(tmp_path, "draft.md", f"{WATSON} and `{LECUN}`.\n")
    done = refkit(
        tmp_path, "cite", "draft.md", "--library", "refs.bib", "--records", RECORDS, "--offline", "--report", "r.json"
    )
    assert done.returncode == 0, done.stderr
    assert b"draft.md: 1 DOI cited, 1 left alone" in done.stderr
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [(row["action"], row["doi"], row["start"], row["place"]) for row in report["citations"]] == [
        ("cite", WATSON, 0, "line 1"),
        ("left", LECUN, 22, "line 1"),
    ]
    assert refkit(tmp_path, "cite", "draft.md").returncode == 2


def test_the_filter_embeds_references(tmp_path: Path) -> None:
    program = pandoc()
    assert program is not None, "pypandoc-binary is one of the packages that the tests install"
    write(
        tmp_path,
        "refs.bib",
        f"@article{{mine, author = {{Own, Mine}}, title = {{My title}}, year = 1953, doi = {{{WATSON}}}}}\n",
    )
    text = (
        f"---\nbibliography: refs.bib\n---\n\n[see @doi:{WATSON}, p. 3] @https://doi.org/{LECUN} and "
        "@{doi:10.1016/S0140-6736(97)11096-0}.\n"
    )
    document = subprocess.run([program, "-t", "json"], input=text.encode(), capture_output=True, check=True).stdout
    done = refkit(tmp_path, "pandoc-filter", "html", "--records", RECORDS, "--offline", given=document)
    assert done.returncode == 0, done.stderr
    built = subprocess.run(
        [program, "-f", "json", "--citeproc", "-t", "plain"],
        cwd=tmp_path,
        input=done.stdout,
        capture_output=True,
        check=True,
    )
    shown = built.stdout.decode()
    assert "(see Own 1953, 3) LeCun et al. (2015) and Wakefield et al. (1998)." in " ".join(shown.split())
    assert b"not found" not in built.stderr


def test_the_filter_says_what_it_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no document of pandoc"):
        filtering.filter_document(b"nonsense", settings(tmp_path), Report())
    assert (
        filtering.filter_document(b'{"blocks": [], "meta": {}}', settings(tmp_path), Report())
        == b'{"blocks": [], "meta": {}}'
    )
