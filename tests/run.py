"""Set everything up in a virtual environment of its own and run every check: `python3 tests/run.py`.

Needs Python 3.11 or later with pip and venv, and a package index; nothing else. Any arguments go to pytest
(`python3 tests/run.py tests/test_cli.py -k pipe`) and leave the other checks out.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCK = ROOT / "tests" / "requirements.lock"


def main() -> int:
    """Run all checks and return the first exit code that is not 0."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file is what meets an older Python first)
        print("refkit needs Python 3.11 or later; this is", sys.version.split()[0], file=sys.stderr)
        return 2
    python = prepare()
    checks = [
        [python, "-m", "ruff", "check", "."],
        [python, "-m", "ruff", "format", "--check", "."],
        [python, "-m", "mypy"],
        [python, "-m", "pytest"],
    ]
    if sys.argv[1:]:
        checks = [[python, "-m", "pytest", *sys.argv[1:]]]
    for check in checks:
        print("$", " ".join(check[1:]), flush=True)
        code = subprocess.run(check, cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


def prepare() -> str:
    """Make the virtual environment, or bring it up to the lock; returns its Python."""
    folder = "Scripts" if sys.platform == "win32" else "bin"
    python = ENVIRONMENT / folder / ("python.exe" if sys.platform == "win32" else "python")
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--requirement", str(LOCK)], cwd=ROOT, check=True)
    subprocess.run([*pip, "--no-deps", "--editable", "."], cwd=ROOT, check=True)
    return str(python)


if __name__ == "__main__":
    raise SystemExit(main())
