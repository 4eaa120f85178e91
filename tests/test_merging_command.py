"""`refkit merge` on real files: libraries into one, one with itself, manuscripts that follow, and what must fail."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from refkit.errors import LibraryError, UsageError
from refkit.merging import Duplicate
from refkit.pipeline import deduping
from refkit.pipeline.undoing import undo
from refkit.settings import Settings

MINE = """% stays
@article{quist,
  author = {Quist, A. and others},
  title = {How Stars Lose Their {Dust}},
  journal = {Journal of Dust},
  year = 2019,
  doi = {10.5555/stars},
  keywords = {dust},
}

@article{Quist2019,
  author = {Quist, Ada and Moreau, Ben},
  title = {How stars lose their dust},
  journal = {J. Dust},
  year = 2019,
  pages = {123--129},
  doi = {https://doi.org/10.5555/STARS},
  keywords = {wind},
}

@article{moon1,
  author = {Abara, Chidi},
  title = {On the weight of small moons and of their rings},
  journal = {Journal of Dust},
  year = 2020,
  volume = 3,
  pages = {7--19},
}

@article{moon2,
  author = {Abara, C.},
  title = {On the Weight of Small Moons and of Their Rings},
  journal = {J. Dust},
  year = 2020,
  volume = 3,
  pages = {7--19},
}
"""
THEIRS = """TY  - JOUR
AU  - Quist, Ada
TI  - How stars lose their dust
JO  - Journal of Dust
PY  - 2019
VL  - 12
DO  - 10.5555/stars
N1  - theirs alone
ID  - q19
ER  -

TY  - JOUR
AU  - Okafor, Ify
TI  - Winds of young suns
JO  - Journal of Dust
PY  - 2021
DO  - 10.5555/winds
N1  - read twice
ID  - okafor
ER  -
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.bib"
    path.write_text(MINE, encoding="utf-8")
    return path


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    path = tmp_path / "theirs.ris"
    path.write_text(THEIRS, encoding="utf-8")
    return path


def test_a_library_goes_into_another_and_a_second_time_nothing_happens(mine: Path, theirs: Path) -> None:
    merged = deduping.merge([theirs], Settings(), into=mine)
    text = mine.read_text(encoding="utf-8")
    assert "@article{okafor," in text
    assert "note = {read twice}" in text
    assert "volume = 12" in text
    assert "theirs alone" not in text
    assert merged.report.exit_code == 0
    again = deduping.merge([theirs], Settings(), into=mine)
    assert not again.is_change
    assert mine.read_text(encoding="utf-8") == text
    assert theirs.read_text(encoding="utf-8") == THEIRS
    undo(mine)
    assert mine.read_text(encoding="utf-8") == MINE


def test_one_identifier_makes_one_entry_and_manuscripts_follow(mine: Path, tmp_path: Path) -> None:
    paper = tmp_path / "paper.md"
    paper.write_text("See [@quist; @moon2, p. 3] and @Quist2019.\n", encoding="utf-8")
    merged = deduping.merge([mine], Settings(), rewrite=[paper])
    text = mine.read_text(encoding="utf-8")
    assert text.startswith("% stays\n")
    assert "@article{quist," not in text
    assert "keywords = {wind, dust}" in text
    assert paper.read_text(encoding="utf-8") == "See [@Quist2019; @moon2, p. 3] and @Quist2019.\n"
    assert [row.verdict for row in merged.report.duplicates] == ["same", "same"]
    assert merged.report.exit_code == 1  # one group is left to the user
    undo(mine)
    assert mine.read_text(encoding="utf-8") == MINE
    assert "@quist;" in paper.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (
            "p.tex",
            "\\cite{quist,Quist2019} \\cite{Quist2019, quist, moon1}",
            "\\cite{Quist2019} \\cite{Quist2019, moon1}",
        ),
        ("p.md", "[@quist; @Quist2019] [@quist; @Quist2019, p. 3]", "[@Quist2019] [@Quist2019; @Quist2019, p. 3]"),
    ],
)
def test_a_key_stands_once_in_a_rewritten_list(mine: Path, tmp_path: Path, name: str, before: str, after: str) -> None:
    paper = tmp_path / name
    paper.write_text(before + "\n", encoding="utf-8")
    deduping.merge([mine], Settings(), rewrite=[paper])
    assert paper.read_text(encoding="utf-8") == after + "\n"


def test_a_dry_run_shows_all_and_writes_nothing(mine: Path, tmp_path: Path) -> None:
    paper = tmp_path / "paper.tex"
    paper.write_text("\\citep[see][]{quist,moon1}\n", encoding="utf-8")
    merged = deduping.merge([mine], Settings(), rewrite=[paper], dry_run=True)
    assert "-@article{quist," in merged.diff()
    assert "+\\citep[see][]{Quist2019,moon1}" in merged.diff()
    assert mine.read_text(encoding="utf-8") == MINE
    assert not (tmp_path / ".refkit").exists()


def test_review_asks_about_the_rest_and_remembers_what_differs(mine: Path) -> None:
    asked: list[tuple[str, ...]] = []

    def answer(verdict: str) -> deduping.Review:
        def review(group: Duplicate, texts: Sequence[str]) -> str:
            asked.append(group.keys)
            assert len(texts) == 2
            assert texts[0].startswith("@article{moon1")
            return verdict

        return review

    deduping.merge([mine], Settings(), review=answer("different"))
    assert asked == [("moon1", "moon2")]
    assert "moon2" in mine.read_text(encoding="utf-8")
    deduping.merge([mine], Settings(), review=answer("same"))
    assert len(asked) == 1
    undo(mine)
    merged = deduping.merge([mine], Settings(), review=answer("same"))
    assert "@article{moon2" not in mine.read_text(encoding="utf-8")
    assert merged.report.exit_code == 0


def test_entries_that_differ_are_remembered(mine: Path) -> None:
    assert deduping.keep_apart(mine, ("moon1", "moon2"), Settings())
    assert not deduping.keep_apart(mine, ("moon2", "moon1"), Settings())
    merged = deduping.merge([mine], Settings(), dry_run=True)
    assert [row.keys for row in merged.report.duplicates] == [("quist", "Quist2019")]
    for pair in (("moon1", "moon1"), ("no", "none")):
        with pytest.raises(UsageError):
            deduping.keep_apart(mine, pair, Settings())
    with pytest.raises(UsageError):
        deduping.keep_apart(mine, ("moon1", "moon2"), Settings(remember=False))


def test_keys_that_are_taken_change_and_their_manuscripts_follow(mine: Path, theirs: Path, tmp_path: Path) -> None:
    theirs.write_text(THEIRS.replace("okafor", "moon1"), encoding="utf-8")
    paper = tmp_path / "theirs.md"
    paper.write_text("@q19 and @moon1\n", encoding="utf-8")
    deduping.merge([theirs], Settings(), into=mine, rewrite=[paper])
    assert paper.read_text(encoding="utf-8").split()[0] in {"@quist", "@Quist2019"}
    assert "okafor2021winds" in paper.read_text(encoding="utf-8")


def test_calls_that_make_no_sense_are_refused(mine: Path, theirs: Path) -> None:
    with pytest.raises(UsageError):
        deduping.merge([mine, theirs], Settings())
    with pytest.raises(UsageError):
        deduping.merge([theirs], Settings(), into=mine, review=lambda group, texts: "same")
    with pytest.raises(UsageError):
        deduping.merge([theirs], Settings(prefer="mine:year"), into=mine)


def test_a_broken_side_file_stops_everything(mine: Path, theirs: Path) -> None:
    deduping.merge([theirs], Settings(), into=mine)
    side = mine.parent / ".refkit" / "mine.bib.json"
    side.write_text("{", encoding="utf-8")
    before = mine.read_text(encoding="utf-8")
    with pytest.raises(LibraryError, match="broken"):
        deduping.merge([theirs], Settings(), into=mine)
    assert mine.read_text(encoding="utf-8") == before
    assert side.read_text(encoding="utf-8") == "{"


def test_the_command_says_what_it_did(mine: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "refkit", "merge", str(mine), *arguments]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    report = tmp_path / "report.json"
    listed = run("--dry-run", "--report", str(report))
    assert listed.returncode == 1
    assert listed.stdout.startswith("--- ")
    rows = json.loads(report.read_text(encoding="utf-8"))["duplicates"]
    assert [row["keys"] for row in rows] == [["quist", "Quist2019"], ["moon1", "moon2"]]
    kept = run("--different", "moon1", "moon2")
    assert kept.returncode == 0
    assert "kept apart" in kept.stderr
    done = run("--review")
    assert done.returncode == 0
    assert "2 entries merged into 1" in done.stderr
    assert "nothing to merge" in run().stderr
