"""Work → citation key: ASCII, safe in LaTeX, BibTeX and pandoc, the same on every machine.

The form is family name of the first author (else editor), year, first significant word of the title:
`baker2024neutropenia`. Without a name the title's word comes first and its next word last:
`neutropenia2024following`; without a title the DOI's suffix stands for it. Clashes get a letter by ascending DOI,
whatever the order of the works (`docs/keys.md`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence

from refkit.keys.parts import WORD, ascii_of, name, words, year
from refkit.model import Doi, Work

DEFAULT = "[auth:lower][year][title:1:lower]"
"""The pattern that the form above is written as in settings."""

LONGEST = 80
"""Letters of a key at most, before its clash letter: records have whole sentences in the place of names, and YAML takes
no key of more than 1,024."""


def assign(works: Mapping[Doi, Work] | Sequence[Work], taken: Collection[str] = (), pattern: str = "") -> list[str]:
    """One key for each work, in the works' order; no two alike, none that is taken.

    Parameters: `works`, by DOI or in any order; `taken`, the keys that a library already has (compared without case, as
    BibTeX does); `pattern`, of `keys.patterns`, "" for the form above. Raises `UsageError` for a pattern that is none.
    """
    make: Callable[[Work], str] = base
    if pattern and pattern != DEFAULT:
        from refkit.keys.patterns import compiled

        make = compiled(pattern)
    rows = list(works.values()) if isinstance(works, Mapping) else list(works)
    dois = list(works) if isinstance(works, Mapping) else [str(work.csl.get("DOI", "")) for work in rows]
    order = sorted(
        range(len(rows)),
        key=lambda index: (not dois[index], dois[index], _fingerprint(rows[index]) if not dois[index] else ""),
    )
    used = {key.lower() for key in taken}
    keys = [""] * len(rows)
    numbers: dict[str, int] = {}
    for index in order:
        keys[index] = _free(make(rows[index])[:LONGEST], used, numbers)
        used.add(keys[index].lower())
    return keys


def _fingerprint(work: Work) -> str:
    return json.dumps(dict(work.csl), sort_keys=True, default=str)


def _free(key: str, used: Collection[str], numbers: dict[str, int]) -> str:
    """`key`, with the next free letter where it is used; `numbers` remembers which letter was the last."""
    if key.lower() not in used:
        return key
    number = numbers.get(key, 0)
    while (candidate := key + _letters(number)).lower() in used:
        number += 1
    numbers[key] = number + 1
    return candidate


def _letters(number: int) -> str:
    """0 → a, 25 → z, 26 → aa."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def base(work: Work) -> str:
    """The key of a work before clashes are told apart."""
    who, date, said = name(work), year(work), words(work)
    if who:
        key = who + date + (said[0] if said else "")
    elif said:
        key = said[0] + date + (said[1] if len(said) > 1 else "")
    else:
        key = "".join(WORD.findall(ascii_of(str(work.csl.get("DOI", "")).partition("/")[2]))) + date
    return key if re.match(r"[a-z]", key) else f"ref{key}"
