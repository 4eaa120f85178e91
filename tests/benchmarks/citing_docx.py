"""Citing in DOCX and ODT of about 100 pages, next to python-docx, which opens and saves the same document.

Run as `python -m tests.benchmarks.citing_docx`.
"""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable

from refkit.manuscripts import docx, odt
from tests import word_files as files

PARAGRAPHS, WORKS, CITATIONS = 600, 150, 400
_WORDS = "the of and cells genes we show that results in this study were found to be under conditions".split()


def paragraphs() -> list[str]:
    """About 100 pages of text with DOIs in it."""
    chance = random.Random(7)
    texts = [" ".join(chance.choice(_WORDS) for _ in range(85)) for _ in range(PARAGRAPHS)]
    works = [f"10.{chance.randint(1000, 9999)}/sample.{number}" for number in range(WORKS)]
    for _ in range(CITATIONS):
        texts[chance.randrange(PARAGRAPHS)] += f" (https://doi.org/{chance.choice(works)}) and more of it."
    return texts


def timed(act: Callable[[], object]) -> float:
    """The shortest of three runs, in seconds."""
    return min(_once(act) for _ in range(3))


def _once(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def main() -> None:
    """Print the times and their ratio to the peer's."""
    import docx as peer

    texts = paragraphs()
    word, text = files.docx(*(files.p(one) for one in texts)), files.odt(*texts)
    opened = timed(lambda: peer.Document(io.BytesIO(word)).save(io.BytesIO()))
    print(f"{PARAGRAPHS} paragraphs, {CITATIONS} citations of {WORKS} works")
    print(f"python-docx opens and saves the DOCX   {opened:6.2f} s")
    for style in ("author-date", "numeric"):
        for kind, data in ((docx, word), (odt, text)):
            wanted = files.wanted(style)

            def cite(kind: object = kind, data: bytes = data, wanted: object = wanted) -> None:
                manuscript = kind.read(data, "paper", wanted)  # type: ignore[attr-defined]  # a module
                kind.write(manuscript, data, files.choosing, wanted)  # type: ignore[attr-defined]  # a module

            seconds = timed(cite)
            name = kind.__name__.rpartition(".")[2]
            print(f"refkit cites the {name:4} in {style:11}    {seconds:6.2f} s   {seconds / opened:5.1f} times")


if __name__ == "__main__":
    main()
