"""What opening losslessly and saving as a step cost, against the plainest way that Python has.

`python -m tests.benchmarks.saving [MEGABYTES]`: opening beside `Path.read_text`; a step with its earlier version and
journal beside writing a file, forcing it to the disk and renaming it; and taking the step back.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from refkit import files

ROUNDS = 5
ENTRY = """@article{{key{n},
  author = {{Müller, A. and {a}, B.}},
  title = {{On {t}}},
  doi = {{10.5555/{n}.{t}}},
}}

"""


def library(megabytes: float) -> str:
    pieces: list[str] = []
    size = 0
    while size < megabytes * 1e6:
        number = len(pieces)
        pieces.append(ENTRY.format(n=number, a=number * 31 % 997, t=number * 7919 % 100_003))
        size += len(pieces[-1])
    return "".join(pieces)


def least(act: Callable[[], object]) -> float:
    """The least time of several rounds, in seconds."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return min(times)


def plain(path: Path, data: bytes) -> None:
    beside = path.with_suffix(".beside")
    with beside.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)


def step(path: Path) -> None:
    text = files.open_text(path)
    files.commit([files.FileChange(path, text.fingerprint, text.encode(text.text + "@book{b}\n"))], command="bench")


def main(megabytes: float) -> None:
    text = library(megabytes)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "refs.bib"
        for name in ("utf-8", "cp1252", "utf-16"):
            path.write_bytes(text.encode(name))
            ours = least(lambda: files.open_text(path))
            theirs = least(partial(path.read_text, encoding=name))
            print(f"open {name:7} {ours:6.3f} s, read_text {theirs:6.3f} s: {ours / theirs:.1f} times")
        path.write_text(text, encoding="utf-8")
        data = path.read_bytes()
        theirs = least(lambda: plain(path, data))
        ours = least(lambda: step(path))
        print(f"open, encode and step {ours:6.3f} s, plain save {theirs:6.3f} s: {ours / theirs:.1f} times")
        began = time.perf_counter()
        files.undo(path)
        print(f"undo {time.perf_counter() - began:.3f} s")
        small = Path(folder) / "small.bib"
        small.write_text(text[:100_000], encoding="utf-8")
        theirs = least(lambda: plain(small, data[:100_000]))
        ours = least(lambda: step(small))
        print(f"100 kB: step {ours * 1000:.0f} ms, plain save {theirs * 1000:.0f} ms")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20)
