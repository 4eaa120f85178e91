"""refkit's table of Crossref types beside the service's own list."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from refkit.formats.types import CROSSREF
from refkit.net import Client, Fault
from refkit.settings import Settings

pytest_plugins = ["tests.server.fixtures"]


def unknown_types(settings: Settings) -> set[str]:
    with Client(settings) as client:
        found = client.types()
    assert not isinstance(found, Fault), found
    assert len(found) >= 30
    return {str(item["id"]) for item in found} - {name.partition("/")[0] for name in CROSSREF}


def test_every_type_of_the_service_is_in_the_table(asking: Callable[..., Settings]) -> None:
    assert unknown_types(asking()) == set()


@pytest.mark.skipif(
    not os.environ.get("REFKIT_LIVE"), reason="asks the real Crossref: set REFKIT_LIVE=1 and REFKIT_MAILTO"
)
def test_every_type_of_the_real_service_is_in_the_table(tmp_path: os.PathLike[str]) -> None:
    assert unknown_types(Settings(mailto=os.environ.get("REFKIT_MAILTO", ""), cache=str(tmp_path))) == set()
