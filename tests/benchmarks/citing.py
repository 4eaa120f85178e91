"""A 500-page Markdown book with 3,000 DOIs: `python -m tests.benchmarks.citing`.

Prints refkit's time for reading the manuscript and writing its citations, that of the whole run without asking, and
that of pandoc reading the same file, in the same run; of this process and its children, the processor's time.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from pathlib import Path

from refkit import edits, formats
from refkit.manuscripts import Chosen, Item, Wanted, markdown
from refkit.model import Doi, Entry, Work
from refkit.pipeline import citing
from refkit.settings import Settings
from tests.proofs_manuscripts import pandoc, run

PAGES, DOIS, WORDS_A_PAGE = 500, 3000, 450
WORDS = "the work of sleep in mice and men shows that most of what we know about it comes from few places".split()
PLACES = (
    "{}",
    "doi:{}",
    "https://doi.org/{}",
    "(see {}, p. 3)",
    "[a study](https://doi.org/{})",
    "<https://doi.org/{}>",
)


def book(seed: int = 1) -> str:
    """The book: chapters, paragraphs, lists, code, and DOIs all over."""
    dice = random.Random(seed)
    words = [dice.choice(WORDS) for _ in range(PAGES * WORDS_A_PAGE)]
    for number in range(DOIS):
        place = dice.randrange(len(words))
        words[place] += " " + dice.choice(PLACES).format(doi(number))
    out = []
    for start in range(0, len(words), 90):
        if start % 9000 == 0:
            out.append(f"# Chapter {start // 9000 + 1}")
        piece = words[start : start + 90]
        out.append("\n".join(" ".join(piece[i : i + 12]) for i in range(0, 90, 12)))
        if dice.random() < 0.05:
            out.append("```python\nx = '10.1234/code.1'\n```")
        if dice.random() < 0.05:
            out.append("- " + "\n- ".join(" ".join(piece[:8]) for _ in range(4)))
    return "\n\n".join(out) + "\n"


def doi(number: int) -> str:
    """One of as many DOIs as there are places."""
    return f"10.1234/journal.{number % 1500:05d}"


def work(number: int) -> Work:
    """The work that a DOI names."""
    author = {"family": f"Author{chr(97 + number % 26)}", "given": "A."}
    issued = {"date-parts": [[1990 + number % 30]]}
    return Work(
        {
            "type": "article-journal",
            "title": f"On sleep {number}",
            "author": [author],
            "issued": issued,
            "DOI": doi(number),
        }
    )


def spent() -> float:
    """Seconds of processor time so far, children's included: what else the machine does is left out."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def main() -> int:
    """Measure and print."""
    text = book()
    library = {Doi(doi(number)): Entry(f"key{number:05d}", work(number)) for number in range(1500)}

    def choose(item: Item) -> Chosen | None:
        entry = library.get(item.readings[0].doi)
        return Chosen(item.readings[0].doi, entry.key, entry.work) if entry else None

    print(f"{len(text):,} characters, {DOIS:,} DOIs")
    start = spent()
    wanted = Wanted(Settings())
    read = markdown.read(text, "book.md", wanted)
    middle = spent()
    written = markdown.write(read, choose, wanted)
    new = edits.apply(text, written.edits)
    ours = spent() - start
    print(f"reading {middle - start:.2f} s, writing {ours - (middle - start):.2f} s: {len(written.edits):,} edits")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.joinpath("book.md").write_text(text, encoding="utf-8")
        place.joinpath("refs.bib").write_text(
            formats.by_name("bibtex").dump(list(library.values()), Settings()), encoding="utf-8"
        )
        start = spent()
        citing.cite([place / "book.md"], Settings(offline=True, cache=folder), wanted, libraries=[place / "refs.bib"])
        whole = spent() - start
        print(f"the whole run, library and saving included: {whole:.2f} s")
        place.joinpath("cited.md").write_text(new, encoding="utf-8")
        program = pandoc()
        if program is None:
            print("skipped: pandoc is not here")
            return 0
        start = spent()
        run(place, program, "book.md", "-f", "markdown", "-t", "json", "-o", "book.json")
        theirs = spent() - start
        print(f"pandoc reads it in {theirs:.2f} s; refkit's reading and writing take {ours / theirs:.2f} of that")
    return 0


if __name__ == "__main__":
    sys.exit(main())
