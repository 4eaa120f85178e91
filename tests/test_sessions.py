"""What the pages show of the command line is what it prints: each session is run, in the order of its page.

A session stands between `<!-- session -->` and `<!-- end -->`. It is run in a copy of `examples/` and `seeds/`, a
page's sessions one after the other in the same place; `--accept` rewrites them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SESSION = re.compile(r"(?<=<!-- session -->\n)```console\n(.*?)```\n(?=<!-- end -->)", re.DOTALL)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WITH_SESSIONS = [page for page in PAGES if SESSION.search(page.read_text(encoding="utf-8"))]

TWO = """\
@article{knuth84,
  author = {Knuth, D. E.},
  title = {Literate Programming},
  journal = {The Computer Journal},
  doi = {10.1093/comjnl/27.2.97},
  keywords = {programs},
}

@article{Knuth1984,
  author = {Knuth, Donald E.},
  title = {Literate Programming},
  journal = {Comput. J.},
  year = {1984},
  volume = {27},
  number = {2},
  pages = {97--111},
  doi = {https://doi.org/10.1093/COMJNL/27.2.97},
  keywords = {classics},
}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for folder in ("examples", "seeds"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "two.bib").write_text(TWO, encoding="utf-8")
    commands = tmp_path / ".commands"
    commands.mkdir()
    script = commands / "refkit"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m refkit "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return tmp_path


def replayed(session: str, place: Path) -> str:
    """A session with what its commands print now."""
    environment = os.environ | {
        "PATH": f"{place / '.commands'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    shown = []
    for command in re.findall(r"^\$ (.*)$", session, re.MULTILINE):
        done = subprocess.run(
            ["sh", "-c", command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=place,
            env=environment,
            check=False,
        )
        shown.append(f"$ {command}\n{done.stdout.decode()}")
    return "".join(shown)


@pytest.mark.skipif(sys.platform == "win32", reason="the sessions are of a POSIX shell")
@pytest.mark.parametrize("page", WITH_SESSIONS, ids=lambda page: page.name)
def test_every_session_is_real(page: Path, place: Path, accept: bool) -> None:
    text = page.read_text(encoding="utf-8")
    now = SESSION.sub(lambda found: f"```console\n{replayed(found[1], place)}```\n", text)
    if accept:
        page.write_text(now, encoding="utf-8")
    else:
        assert now == text, f"run pytest {Path(__file__).name} --accept"
