"""How well and how fast duplicates are found: `python tests/benchmarks/dedupe.py [SET …] [--misses] [--speed N]`.

Sets are the annotated exports beside the repository (`../shared/corpus/dedupe`). Per set: pairs over the transitive
groups of sure judgements against the pairs of the gold clusters; unsure pairs are counted apart. `--speed N` makes a
library of N records and prints the time as a ratio to refkit's own reading of the same records as BibTeX.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import re
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from refkit.match import Sameness, clusters, compare
from refkit.model import Work

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "dedupe"
SETS = ("digital_work", "respiratory", "stroke", "special_cases")

TYPES = {
    "article": "article-journal", "inproceedings": "paper-conference", "incollection": "chapter", "inbook": "chapter",
    "book": "book", "phdthesis": "thesis", "mastersthesis": "thesis", "techreport": "report", "online": "webpage",
}  # fmt: skip


def rows(name: str) -> list[Any]:
    with gzip.open(CORPUS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def person(written: str) -> dict[str, str]:
    """A name as BibTeX reads it."""
    if "," in written:
        family, _, given = written.partition(",")
        return {"family": family.strip(), "given": given.strip()}
    given, _, family = written.rpartition(" ")
    return {"family": family, "given": given} if given else {"family": family}


def work_of(record: Mapping[str, Any], *, numbered: bool = True) -> Work:
    """A record of the sets as a work; `numbered` is false where `number` is only the row's number."""
    names = {
        "title": "title", "volume": "volume", "pages": "page", "doi": "DOI", "url": "URL", "note": "note",
        "isbn": "ISBN",
        "journal": "container-title", "booktitle": "container-title", "publisher": "publisher", "issue": "issue",
    }  # fmt: skip
    csl: dict[str, Any] = {new: record[old] for old, new in names.items() if record.get(old)}
    if numbered and record.get("number"):
        csl["issue"] = record["number"]
    csl["type"] = TYPES.get(record["ENTRYTYPE"], "document")
    if str(record.get("year") or "").isdecimal():
        csl["issued"] = {"date-parts": [[int(record["year"])]]}
    if record.get("author"):
        csl["author"] = [person(name) for name in re.split(r" and |; ", record["author"]) if name.strip()]
    return Work(csl)


def work_of_release(record: Mapping[str, Any]) -> Work:
    """A record of the verdict pairs (releases of a catalogue) as a work."""
    known = "article article-journal paper-conference chapter book thesis report dataset software review post".split()
    csl: dict[str, Any] = {"title": record["title"]}
    kind = record.get("release_type")
    csl["type"] = kind if kind in known else "document"
    for old in ("volume", "issue", "pages", "publisher", "number"):
        if record.get(old):
            csl["page" if old == "pages" else old] = str(record[old])
    container = (record.get("extra") or {}).get("container_name") or record.get("container_id")
    if container:
        csl["container-title"] = container
    if record.get("release_year"):
        csl["issued"] = {"date-parts": [[record["release_year"]]]}
    for old, new in (("doi", "DOI"), ("pmid", "PMID"), ("pmcid", "PMCID"), ("isbn13", "ISBN")):
        if (record.get("ext_ids") or {}).get(old):
            csl[new] = record["ext_ids"][old]
    if arxiv := (record.get("ext_ids") or {}).get("arxiv"):
        csl["archive"], csl["archive_location"] = "arXiv", arxiv
    authors = [c for c in record.get("contribs", []) if c.get("role", "author") == "author"]
    csl["author"] = [
        {"family": c["surname"], "given": c.get("given_name", "")}
        if c.get("surname")
        else {"literal": c.get("raw_name", "")}
        for c in authors
    ]
    return Work(csl)


def load(name: str) -> tuple[list[str], list[Work], set[tuple[int, int]]]:
    """One set: its records' names, its works, and its gold pairs by position."""
    records = rows(f"bibdedupe_{name}.records")
    ids = [record["ID"] for record in records]
    place = {record_id: i for i, record_id in enumerate(ids)}
    works = [work_of(record, numbered=name != "respiratory") for record in records]
    gold = set()
    for cluster in rows(f"bibdedupe_{name}.clusters"):
        gold |= {(min(x, y), max(x, y)) for x, y in itertools.combinations([place[i] for i in cluster], 2)}
    return ids, works, gold


def score(name: str, misses: bool) -> None:
    ids, works, gold = load(name)
    start = time.process_time()
    groups = clusters(works)
    seconds = time.process_time() - start
    found = {pair for g in groups if g.verdict is Sameness.SAME for pair in itertools.combinations(g.members, 2)}
    unsure = {(g.members[0], g.members[1]): g.why for g in groups if g.verdict is Sameness.UNSURE}
    right = len(found & gold)
    precision, recall = right / len(found) if found else 1.0, right / len(gold)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    print(
        f"{name:14} records {len(works):5}  gold {len(gold):4}  found {len(found):4}  false {len(found - gold):2}"
        f"  missed {len(gold - found):3}  P {precision:.4f}  R {recall:.4f}  F1 {f1:.4f}"
        f"  unsure {len(unsure)} ({len(set(unsure) & gold)} gold)  {seconds:.2f} s"
    )
    if misses:
        kinds = {"FALSE": found - gold, "MISSED": gold - found, "UNSURE, not gold": set(unsure) - gold}
        for title, pairs in kinds.items():
            for i, j in sorted(pairs):
                print(f"\n{title} {ids[i]} {ids[j]}: {unsure.get((i, j)) or compare(works[i], works[j]).why}")
                for work in (works[i], works[j]):
                    print("   ", shown(work))


def shown(work: Work) -> str:
    csl = dict(work.csl)
    people = csl.pop("author", [])[:6]
    authors = "; ".join(f"{a.get('family', '')}, {a.get('given', '')}{a.get('literal', '')}" for a in people)
    return f"{authors} | " + " | ".join(str(v) for k, v in csl.items())


def judged_pairs() -> Iterator[tuple[str, str, Work, Work]]:
    """The pairs that others judged: the source, their verdict, both works."""
    for row in rows("annotated_pairs"):
        verdict = "same" if row["expected_duplicate"] else "different"
        yield "annotated", verdict, work_of(row["record_a"]), work_of(row["record_b"])
    releases = {record["ident"]: record for record in rows("verdict_records")}
    for row in rows("verdict_pairs"):
        if row["a"] in releases and row["b"] in releases:
            verdict = f"{row.get('status', '')} {row.get('reason', '')}".strip() or "unjudged"
            yield "verdict", verdict, work_of_release(releases[row["a"]]), work_of_release(releases[row["b"]])


def score_pairs(misses: bool) -> None:
    table: dict[tuple[str, str], dict[str, int]] = {}
    for source, theirs, a, b in judged_pairs():
        ours = compare(a, b)
        table.setdefault((source, theirs), dict.fromkeys(Sameness, 0))[ours.verdict] += 1
        if misses:
            print(f"\n{source} {theirs} -> {ours.verdict}: {ours.why}\n    {shown(a)}\n    {shown(b)}")
    for (source, theirs), counts in sorted(table.items()):
        print(f"{source:10} {theirs:45} " + "  ".join(f"{k} {v:3}" for k, v in counts.items()))


def made_library(size: int) -> list[Work]:
    """A library of `size` records from the sets' words, one in ten of them twice, with small differences."""
    chance = random.Random(6)
    seed = [w for name in SETS[:3] for w in load(name)[1]]
    vocabulary = sorted({word for w in seed for word in str(w.csl.get("title", "")).split() if word.isascii()})
    made: list[Work] = []
    while len(made) < size:
        model = dict(chance.choice(seed).csl)
        length = max(4, len(str(model.get("title", "")).split()))
        model["title"] = " ".join(chance.choices(vocabulary, k=length))
        model["volume"], model["page"] = str(chance.randint(1, 90)), f"{(p := chance.randint(1, 3000))}-{p + 9}"
        model["issued"] = {"date-parts": [[chance.randint(1990, 2025)]]}
        if "DOI" in model:
            model["DOI"] = f"10.5555/{len(made):07}"
        made.append(Work(model))
        if chance.random() < 0.1:
            again = dict(model)
            again.pop("DOI", None)
            again["title"] = str(again["title"]).upper()
            made.append(Work(again))
    return made[:size]


def speed(size: int) -> None:
    from refkit import formats
    from refkit.merging import Base, dedupe
    from refkit.settings import Settings

    text = "\n".join(as_bibtex(i, w) for i, w in enumerate(made_library(size)))
    form = formats.by_name("bibtex")
    start = time.process_time()
    fields = sum(len(entry.work.csl) for entry in form.load(text).entries)
    reading = time.process_time() - start
    start = time.process_time()
    made = dedupe(form.edit(text, Settings()), Base())
    seconds = time.process_time() - start
    print(
        f"{size:,} records, {len(text) / 1e6:.1f} MB, {fields:,} fields read in {reading:.1f} s; opened and deduped in"
        f" {seconds:.1f} s, {len(made.duplicates):,} groups: ratio {seconds / reading:.2f} (bar: 5)"
    )


def as_bibtex(number: int, work: Work) -> str:
    csl = work.csl
    names = {"title": "title", "container-title": "journal", "volume": "volume", "page": "pages", "DOI": "doi"}
    fields = {new: str(csl.get(old, "")) for old, new in names.items()}
    fields["author"] = " and ".join(f"{a.get('family', '')}, {a.get('given', '')}" for a in csl.get("author", []))
    fields["year"] = str(csl["issued"]["date-parts"][0][0])
    plain = {name: value.replace("{", "").replace("}", "") for name, value in fields.items() if value}
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in plain.items())
    return f"@article{{key{number},\n{body}}}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=[*SETS, "pairs"])
    parser.add_argument("--misses", action="store_true", help="show every miss with its reason")
    parser.add_argument("--speed", type=int, metavar="N", help="time N made records instead")
    options = parser.parse_args()
    if not CORPUS.is_dir():
        sys.exit(f"{CORPUS} is not there: the annotated sets are no part of the repository.")
    if options.speed:
        speed(options.speed)
        return
    for name in options.sets:
        score_pairs(options.misses) if name == "pairs" else score(name, options.misses)


if __name__ == "__main__":
    main()
