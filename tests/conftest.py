"""What all tests share: the corpus where it is, and the switch that rewrites golden files."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["tests.server.fixtures"]

ROOT = Path(__file__).resolve().parent.parent
HOMES = (
    *("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "REFKIT_CACHE"),
    *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"),
)
PERSONAL = (
    *("REFKIT_MAILTO", "REFKIT_OFFLINE", "REFKIT_CROSSREF_TOKEN"),
    *("REFKIT_ZOTERO_KEY", "REFKIT_ZOTERO_LIBRARY"),
)
SERVICES = (
    *("REFKIT_CROSSREF_URL", "REFKIT_DATACITE_URL", "REFKIT_DOI_URL"),
    *("REFKIT_ZOTERO_URL", "REFKIT_ZOTERO_API_URL"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite golden files; the diff is the review")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten instead of compared."""
    return bool(request.config.getoption("--accept"))


@pytest.fixture(autouse=True)
def _a_world_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees the user's settings or cache, or any service but those on the loopback interface."""
    home = tmp_path_factory.mktemp("home")
    for name in HOMES:
        monkeypatch.setenv(name, str(home))
    for name in PERSONAL:
        monkeypatch.delenv(name, raising=False)
    # Port 9 (discard) on loopback: whoever forgets to start a server is refused at once instead of leaving the machine.
    for name in SERVICES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus of real records and documents; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("needs the corpus in ../shared/corpus, which is not here")
    return folder
