"""pytest fixtures: `services` (the loopback services, empty, limits on) and `asking` (settings that point there)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from refkit import net
from refkit.settings import Settings
from tests.server import Services


@pytest.fixture
def services() -> Iterator[Services]:
    """Crossref, DataCite and doi.org on the loopback interface, without records, with the limits on."""
    with Services() as services:
        yield services


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying again after hardly any pause, for tests in which a service is given up."""
    monkeypatch.setattr(net, "backoff", lambda tries: 0.05)


@pytest.fixture
def asking(services: Services, tmp_path: Path) -> Callable[..., Settings]:
    """Settings that ask `services`, politely, with a cache of their own; keyword arguments change them."""

    def settings(**changes: Any) -> Settings:
        return services.settings(**{"mailto": "reader@example.org", "cache": str(tmp_path / "cache")} | changes)

    return settings
