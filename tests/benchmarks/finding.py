"""How well DOIs are found in the corpus: `python tests/benchmarks/finding.py [--half 0|1] [--misses] [KIND…]`.

Per kind of document: documents, recall and precision (micro-averaged), perfect lists, own DOIs, seconds.
Then the vectors of other tools, the round trip of the real DOIs, and speed as ratios against a named peer in the same
run. Gold lists only, but for the kinds that have silver ones alone.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from refkit import finding, readers  # noqa: E402
from refkit.doi import fold, parse, quote, url  # noqa: E402
from refkit.doi.written import written  # noqa: E402
from refkit.errors import ReadError  # noqa: E402
from refkit.model import Findings, Verdict  # noqa: E402
from tests.test_doi_vectors import DIFFERENCES, answer  # noqa: E402

CORPUS = ROOT.parent / "shared" / "corpus"
SILVER = frozenset({"bib", "html", "refother"})


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*")
    parser.add_argument("--half", choices=("0", "1"), help="one half of the documents, by the hash of their names")
    parser.add_argument("--misses", action="store_true", help="name every difference")
    options = parser.parse_args()
    if not CORPUS.is_dir():
        sys.exit("needs the corpus in ../shared/corpus, which is not here")
    _documents(options)
    if not options.kinds:
        _vectors()
        _round_trip()
        _speed()


# --- documents -----------------------------------------------------------------------------------


def _documents(options: argparse.Namespace) -> None:
    lines = (CORPUS / "documents" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    counts: dict[str, Counter[str]] = {}
    seconds: Counter[str] = Counter()
    for row in map(json.loads, lines):
        kind = row["kind"]
        half = str(int(hashlib.sha256(row["file"].encode()).hexdigest(), 16) % 2)
        if (options.kinds and kind not in options.kinds) or (options.half and half != options.half):
            continue
        started = time.perf_counter()
        findings = _find(CORPUS / "documents" / row["file"])
        seconds[kind] += time.perf_counter() - started
        count = counts.setdefault(kind, Counter())
        if row["confidence"] == "gold" or kind in SILVER:
            _score(row, findings, count, options.misses)
        if row["own_confidence"] == "gold":
            _score_own(row, findings, count, options.misses)
    print("| kind | documents | DOIs | recall | precision | perfect | own right | none | unsure | wrong | missed | s |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for kind, count in sorted(counts.items()):
        recall = f"{count['hit'] / count['true']:.4f}" if count["true"] else "–"
        said = count["hit"] + count["false"]
        precision = f"{count['hit'] / said:.4f}" if said else "–"
        own = " | ".join(str(count[key]) for key in ("right", "none", "unsure", "wrong", "missed"))
        name = f"{kind} (silver)" if kind in SILVER else kind
        print(
            f"| {name} | {count['documents']} | {count['true']} | {recall} | {precision} | {count['perfect']} | {own} "
            f"| {seconds[kind]:.1f} |"
        )


def _find(path: Path) -> Findings | None:
    try:
        with path.open("rb") as stream:
            return finding.scan(readers.read(stream, path.name))
    except ReadError:
        return None


def _score(row: dict[str, Any], findings: Findings | None, count: Counter[str], name: bool) -> None:
    true = {fold(doi) for doi in row["dois"]}
    # A short DOI that stands alone is a DOI, and the lists do not count them.
    found = {mention.doi for mention in findings.mentions if not mention.doi.startswith("10/")} if findings else set()
    false = found - true - {fold(doi) for doi in row["dois_optional"]}
    count.update(documents=1, true=len(true), hit=len(true & found), false=len(false))
    count["perfect"] += true <= found and not false
    if name:
        for sign, dois in (("-", true - found), ("+", false)):
            for doi in sorted(dois):
                print(sign, row["file"], doi)


def _score_own(row: dict[str, Any], findings: Findings | None, count: Counter[str], name: bool) -> None:
    true = fold(row["own_doi"]) if row["own_doi"] else None
    own = findings.own if findings else None
    if own is None or own.verdict is Verdict.NONE:
        verdict = "missed" if true else "none"
    elif own.verdict is Verdict.UNSURE:
        verdict = "unsure"
    else:
        verdict = "right" if own.doi == true else "wrong"
    count[verdict] += 1
    if name and verdict in ("missed", "unsure", "wrong"):
        print("own", verdict, row["file"], true, own)


# --- the grammar ---------------------------------------------------------------------------------


def _vectors() -> None:
    lines = (CORPUS / "doi_vectors.jsonl").read_text(encoding="utf-8").splitlines()
    vectors = [json.loads(line) for line in lines]
    differ = [v["id"] for v in vectors if answer(v) != [fold(doi) for doi in v["expected"] or []]]
    meant = [name for name in differ if name in DIFFERENCES]
    share = (len(vectors) - len(differ)) / (len(vectors) - len(meant))
    print(f"\nvectors: {len(vectors)}, deliberate differences {len(meant)}, of the others right {share:.2%}")


_AROUND = (("See ", " for details."), ("(", ") bar"), ("<https://doi.org/", ">"), ("[a](https://doi.org/", ")"),
           ("\\href{https://doi.org/", "}{x}"), ("It is doi:", "."), ('"', '",'), ("", "\n"))  # fmt: skip


def _round_trip() -> None:
    dois = gzip.decompress((CORPUS / "real_dois.txt.gz").read_bytes()).decode().split()
    lost = sum(
        parse(link) != fold(doi) for doi in dois for link in (url(doi), f"https://doi.org/{quote(doi)}", f"doi:{doi}")
    )
    best = among = 0
    for doi in dois:
        for before, after in _AROUND:
            readings = [
                reading.doi for one in written(f"{before}{doi}{after}", lines="text") for reading in one.readings
            ]
            best += readings[:1] == [fold(doi)]
            among += fold(doi) in readings
    total = len(dois) * len(_AROUND)
    print(f"round trip: {len(dois)} DOIs, lost in a URL {lost}; in {len(_AROUND)} surroundings the best reading "
          f"{best / total:.5%}, among the readings {among / total:.5%}")  # fmt: skip


# --- speed ---------------------------------------------------------------------------------------

_PEER = re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]+")


def _best(task: Callable[[], object], times: int = 5) -> float:
    """The shortest processor time of some runs, in seconds."""
    shortest = float("inf")
    for _ in range(times):
        started = time.process_time()
        task()
        shortest = min(shortest, time.process_time() - started)
    return shortest


def _speed() -> None:
    prose = "The quick brown fox jumps over the lazy dog, 3.14 times in 2010 (see p. 10), and nobody minds.\n" * 10_000
    for name, text in (("ASCII", prose), ("other", prose.replace("fox", "Füchslein"))):
        whole = "".join(f"{text}doi:10.1000/abc{number}.\n" for number in range(100))
        with tempfile.NamedTemporaryFile(suffix=".txt") as stream:
            stream.write(whole.encode())
            stream.flush()
            path = Path(stream.name)
            peer, ours = _best(lambda t=whole: _PEER.findall(t)), _best(lambda p=path: _find(p))  # type: ignore[misc]
        print(
            f"text, {name}, {len(whole) / 1e6:.0f} MB: re.findall {peer:.2f} s, refkit {ours:.2f} s, "
            f"ratio {peer / ours:.2f}"
        )


if __name__ == "__main__":
    main()
