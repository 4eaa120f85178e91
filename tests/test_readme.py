"""The README's session is what the command prints, and its two commands are the ones that CI and a new user run."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SESSION = re.compile(r"(?<=<!-- session -->\n)```console\n.*?```\n(?=<!-- end -->)", re.DOTALL)
COMMANDS = (
    "find seeds/",
    "enrich seeds/ --records examples/records.jsonl --offline",
)


def session() -> str:
    """The commands with what they print, as a terminal shows it."""
    shown = []
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "refkit", *command.split()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            check=True,
        )
        shown.append(f"$ refkit {command}\n{done.stdout.decode()}")
    return "```console\n" + "\n".join(shown) + "```\n"


def test_the_session_is_real(accept: bool) -> None:
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    if accept:
        readme.write_text(SESSION.sub(lambda _: session(), text), encoding="utf-8")
    else:
        found = SESSION.search(text)
        assert found is not None
        assert found[0] == session(), "run pytest tests/test_readme.py --accept"


def test_ci_runs_the_test_command_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command = re.search(r"<!-- second command -->\n```sh\n(.*?)\n```", readme)
    assert command is not None
    assert command[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_lock_has_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    lock = (ROOT / "tests" / "requirements.lock").read_text(encoding="utf-8")
    locked = {_plain(line.split("==")[0]) for line in lock.splitlines()}
    assert {_plain(re.split(r"[<>=!~\[; ]", name)[0]) for name in wanted} <= locked


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
