"""`refkit --version` loads nothing that it does not need, and neither does `import refkit`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ("refkit.readers", "refkit.formats", "refkit.sources", "refkit.net", "refkit.pipeline")
FOREIGN = ("requests", "habanero", "httpx2", "lxml", "pypdfium2", "bibtexparser", "pydantic", "ftfy", "rich.progress")

VERSION = """
import sys, json
from refkit.apps.cli import app
sys.argv = ["refkit", "--version"]
try:
    app()
except SystemExit as end:
    assert end.code in (0, None), end.code
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("program", [VERSION, "import sys, json, refkit; print(json.dumps(sorted(sys.modules)))"])
def test_nothing_heavy_is_loaded(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & {*HEAVY, *FOREIGN}
    assert any(name.startswith("refkit") for name in loaded)
