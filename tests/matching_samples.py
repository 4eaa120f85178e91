"""The pairs under tests/samples/match, in a short notation: `in` is the container, `author` is `Family, Given; …`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from refkit.model import Work

SAMPLES = Path(__file__).parent / "samples" / "match"


def name(written: str) -> dict[str, str]:
    family, comma, given = written.partition(",")
    return {"family": family.strip(), "given": given.strip()} if comma else {"literal": written}


def work(short: Mapping[str, Any]) -> Work:
    csl: dict[str, Any] = {}
    for field, value in short.items():
        if field == "year":
            csl["issued"] = {"date-parts": [[value]]}
        elif field == "author":
            csl["author"] = [name(one) for one in value.split("; ")]
        else:
            csl["container-title" if field == "in" else field] = value
    return Work(csl)


def pairs() -> Iterator[tuple[str, dict[str, Any], Work, Work]]:
    """All pairs: the verdict, the case (`says`, `why`), and the two works."""
    for path in sorted(SAMPLES.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["pair"]:
            yield path.stem, case, work(case["a"]), work(case["b"])


def works() -> list[Work]:
    return [one for _, _, a, b in pairs() for one in (a, b)]
