"""How long `refkit --version` takes, as a ratio to an empty seven-command typer app. Bar: at most 1.25."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
ROUNDS = 25


def seconds(arguments: list[str]) -> float:
    """The wall time of one run, in seconds."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Alternate the two, so that other load falls on both alike, and compare medians."""
    # What a console script does; `python -m` would charge refkit for importing runpy.
    refkit = ["-c", "from refkit.__main__ import main; main()", "--version"]
    empty = [str(HERE / "empty_app.py"), "--version"]
    seconds(refkit)
    seconds(empty)
    pairs = [(seconds(refkit), seconds(empty)) for _ in range(ROUNDS)]
    ours, theirs = median(a for a, _ in pairs), median(b for _, b in pairs)
    print(f"refkit --version {ours * 1000:.0f} ms, empty typer app {theirs * 1000:.0f} ms: ratio {ours / theirs:.2f}")
    print(f"of the fastest runs: ratio {min(a for a, _ in pairs) / min(b for _, b in pairs):.2f} (bar: 1.25)")


if __name__ == "__main__":
    main()
