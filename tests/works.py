"""Works for tests of formats: a few real ones from facts, and a strategy for all that a format must survive."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from refkit.model import Entry, Origin, Work
from refkit.sources.crossref_work import work_from_record

ROOT = Path(__file__).resolve().parent.parent


def examples() -> list[Work]:
    """The works of `examples/records.jsonl`: every Crossref type at least once."""
    lines = (ROOT / "examples" / "records.jsonl").read_text(encoding="utf-8").splitlines()
    return [work_from_record(json.loads(line), origin=Origin("records")) for line in lines if line.strip()]


def entries() -> list[Entry]:
    """The works of the examples under keys of their own."""
    return [Entry(f"key{index}", work) for index, work in enumerate(examples())]


_LETTERS = "abcdefgh XYZ äöüßéèñçłŠžÅøœ αβγ 中文 Жи 0123456789 .,;:!?'()[]/&%$#_{}~^\\\"-–—<>=+*|@`“”‘’\u00a0"
_words = st.text(_LETTERS, min_size=1, max_size=40).map(lambda text: " ".join(text.split())).filter(bool)
_name_text = (
    st.text("abcdeABCDE äöüéß中ж'-. and", min_size=1, max_size=20)
    .map(lambda t: " ".join(t.split()))
    .filter(lambda t: any(c.isalpha() for c in t))
)


@st.composite
def titles(draw: st.DrawFn) -> str:
    """A title with CSL's markup, as the sources make it."""
    pieces = []
    for _ in range(draw(st.integers(1, 3))):
        text = draw(_words)
        tag = draw(st.sampled_from(["", "", "i", "b", "sub", "sup"]))
        bare = text.replace("<", "").replace(">", "")
        text = text.replace("<", "< ").strip()  # what looks like markup and is none never leaves the sources
        pieces.append(f"<{tag}>{bare}</{tag}>" if tag and bare.strip() == bare and bare else text)
    return re.sub(" +", " ", " ".join(pieces)).strip()


@st.composite
def names(draw: st.DrawFn) -> dict[str, str]:
    """A CSL name: a person or a body."""
    if draw(st.booleans()):
        name = {"family": draw(_name_text).replace(".", "") or "X", "given": draw(_name_text)}
        if draw(st.integers(0, 3)) == 0:
            name["suffix"] = draw(st.sampled_from(["Jr.", "III", "II"]))
        return {part: " ".join(text.split()) for part, text in name.items() if text.strip()}
    return {"literal": f"The {draw(_name_text)} and Co."}


def _date(parts: list[int]) -> dict[str, Any]:
    return {"date-parts": [parts]}


@st.composite
def works(draw: st.DrawFn) -> Work:
    """An article with whatever characters a record may have."""
    csl: dict[str, Any] = {"type": "article-journal", "title": draw(titles())}
    if people := draw(st.lists(names(), max_size=3)):
        csl["author"] = people
    csl["container-title"] = draw(_words)
    if draw(st.booleans()):
        csl["issued"] = _date(draw(st.sampled_from([[1999], [2020, 3], [2021, 12, 31]])))
    if draw(st.booleans()):
        csl["volume"] = draw(st.sampled_from(["1", "12A", "suppl. 2"]))
    if draw(st.booleans()):
        csl["page"] = draw(st.sampled_from(["1-9", "e123", "S1-S10", "12-19, 30"]))
    csl["DOI"] = draw(
        st.sampled_from(
            [
                "10.1016/j.msard.2023.105400",
                "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o",
                "10.5555/a_b%c#d&e",
                "10.1000/x;y=z[1]",
            ]
        )
    )
    return Work(csl, {}, Origin("test"))
