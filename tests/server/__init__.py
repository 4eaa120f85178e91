"""Loopback Crossref, doi.org and DataCite over real HTTP: strict about limits, wrong where the real ones are wrong.

    with Services(records) as services:
        settings = services.settings(mailto="somebody@example.org", cache=folder)
        ...
        assert services.crossref.count(kind="list") == 1

As a program: `python -m tests.server RECORDS… --port 0` prints the addresses as environment settings.
"""

from __future__ import annotations

from tests.server.faults import Faults
from tests.server.services import Services

__all__ = ["Faults", "Services"]
