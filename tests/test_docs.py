"""The pages say what the code does: every command has help and a page, every setting a row, every link a target."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest

from refkit.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")])
COMMANDS = ("cite", "pandoc-filter", "merge", "undo", "find", "enrich", "export")
GROUPS = {"cache": ("info", "clear", "load", "export")}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "refkit", *arguments], capture_output=True, text=True, encoding="utf-8", check=False
    )


def settings_table() -> str:
    """The table of docs/settings.md, made from the code."""
    rows = ["| key | environment | default | what it does |", "|---|---|---|---|"]
    for field in dataclasses.fields(Settings):
        default = field.default
        shown = "" if default in ("", ()) else str(default).lower() if isinstance(default, bool) else str(default)
        env = field.metadata["env"]
        cells = (f"`{field.name}`", f"`{env}`" if env else "", f"`{shown}`" if shown else "", field.metadata["says"])
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def test_the_settings_page_lists_what_the_code_has(accept: bool) -> None:
    page = ROOT / "docs" / "settings.md"
    text = page.read_text(encoding="utf-8")
    before, rest = text.split("<!-- table -->\n")
    table, after = rest.split("\n<!-- end -->")
    if accept:
        page.write_text(f"{before}<!-- table -->\n{settings_table()}\n<!-- end -->{after}", encoding="utf-8")
    else:
        assert table == settings_table(), "run pytest tests/test_docs.py --accept"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_a_page(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert "Example: refkit" in " ".join(done.stdout.split())
    assert (ROOT / "docs" / f"{command}.md").exists()


def test_the_command_list_here_is_the_real_one() -> None:
    from refkit.apps.cli import app

    names = [c.name or (c.callback.__name__ if c.callback else "") for c in app.registered_commands]
    assert tuple(names) == COMMANDS
    groups = {g.name: g.typer_instance.registered_commands if g.typer_instance else [] for g in app.registered_groups}
    assert {name: tuple(c.callback.__name__ for c in found if c.callback) for name, found in groups.items()} == GROUPS


def options_of(command: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", run(command, "--help").stdout)) - {"--help"}


@pytest.mark.parametrize("command", [(group, name) for group, names in GROUPS.items() for name in names])
def test_every_command_of_a_group_has_help(command: tuple[str, str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert f"Example: refkit {' '.join(command)}" in " ".join(done.stdout.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_on_its_page(command: str) -> None:
    page = (ROOT / "docs" / f"{command}.md").read_text(encoding="utf-8")
    missing = {option for option in options_of(command) if option not in page}
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith(("10.", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
