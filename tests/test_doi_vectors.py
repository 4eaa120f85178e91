"""The vectors of other tools in the corpus: what refkit reads otherwise, it does so on purpose, and says why here."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from refkit import finding
from refkit.doi import fold, parse
from refkit.doi.reach import Lines
from refkit.doi.written import written
from refkit.model import Document

JUNK = "characters are taken out wherever they stand; refkit takes a DOI field for what it says, or for none"
LITERAL = "the tool knows only ASCII; the DOI Handbook admits any printable character"
STOP = "a suffix may end with a full stop (10.5860/choice. is registered), so a whole string keeps it"
DIFFERENCES = {
    "v0046": "handles are not DOIs, but this one's prefix is a DOI's, and the link resolves",
    "v0053": LITERAL,
    "v0058": LITERAL,
    "v0060": "the invisible mark at the end is taken off instead of refusing the DOI",
    "v0061": LITERAL,
    "v0063": LITERAL,
    "v0064": LITERAL,
    "v0122": "a short DOI, which other tools of the list accept",
    "v0181": "nothing is derived offline; a source makes the DataCite DOI of an arXiv number",
    "v0214": "entries of Oxford Reference have DOIs of their own, and this is one",
    "v0219": STOP,
    "v0222": "`/summary` may belong to a bare suffix; it is cut off in links",
    "v0346": STOP,
    "v0358": "a publisher's link that carries a DOI, as many do",
    "v0403": "a colon for the slash of a short DOI is in no specification",
    **dict.fromkeys(("v0284", "v0285"), "the slash after the prefix is missing, and refkit invents none"),
    **dict.fromkeys(("v0448", "v0484"), JUNK),
    **dict.fromkeys(
        ("v0469", "v0471", "v0472"), "`10%12ab` is a control character after percent-decoding, and no short DOI"
    ),
    "v0816": "the expected value is the SICI cut at its space; refkit has it whole",
    "v0833": "the expected value has the `[PDF` that was glued to it",
    "v0940": "both DOIs stand in the text",
    "v1389": "`/abstract` is a view of the article",
}


def answer(vector: dict[str, Any]) -> list[str]:
    """What refkit says to a vector: the DOIs of a text, or the one of a whole string."""
    if vector["task"].startswith("extract") and vector["task"] != "extract_url":
        lines: Lines = "print" if vector["task"] == "extract_linebroken" else "text"
        found = [one.readings[0].doi for one in written(vector["input"], lines=lines)]
        first = "first" in vector["convention"]
        return list(dict.fromkeys(found))[: 1 if first else None]
    doi = parse(vector["input"])
    return [doi] if doi is not None else []


def test_the_vectors_of_other_tools(corpus: Path) -> None:
    lines = (corpus / "doi_vectors.jsonl").read_text(encoding="utf-8").splitlines()
    vectors = [json.loads(line) for line in lines]
    wrong = {
        vector["id"]: (vector["input"], answer(vector))
        for vector in vectors
        if answer(vector) != [fold(doi) for doi in vector["expected"] or []] and vector["id"] not in DIFFERENCES
    }
    assert wrong == {}
    assert len(DIFFERENCES) < len(vectors) * 0.05


def test_every_real_doi_is_found_one_a_line(corpus: Path) -> None:
    dois = gzip.decompress((corpus / "real_dois.txt.gz").read_bytes()).decode().split()
    mentions = finding.scan([Document("list.txt", "text", "\n".join(dois) + "\n")]).mentions
    found = [{reading.doi for reading in mention.readings} for mention in mentions]
    assert len(found) == len(dois)
    missed = [doi for doi, readings in zip(dois, found, strict=True) if fold(doi) not in readings]
    assert missed == []
