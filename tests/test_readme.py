"""The README's two commands are the ones that CI and a new user run, and the lock has all that they need."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


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
