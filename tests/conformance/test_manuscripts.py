"""Over every kind of text manuscript: samples with what becomes of them, and that nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from refkit import manuscripts
from refkit.manuscripts import Wanted
from refkit.settings import Settings
from tests.manuscript_samples import CASES, cited


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_samples(path: Path, accept: bool) -> None:
    _, _, new = cited(path, text_of(path))
    expected = path.with_name(path.name + ".cited")
    if accept:
        expected.write_bytes(new.encode("utf-8"))
    assert new == text_of(expected)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_second_run_changes_nothing(path: Path) -> None:
    _, _, once = cited(path, text_of(path))
    _, again, twice = cited(path, once)
    assert twice == once
    assert not any(done.cited for done in again.done)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_place_is_what_it_says(path: Path) -> None:
    text = text_of(path)
    read, written, _ = cited(path, text)
    for one in read.cited:
        assert one.span.of(text) == one.key
    for item in read.items:
        assert "10." in item.span.of(text) or "[" in item.span.of(text) or "_" in item.span.of(text)
    assert len(written.done) == len(read.items), "every item is accounted for"
    for left in read.left:
        assert left.why
        assert "10." in left.span.of(text)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_without_narrative_words_stay(path: Path) -> None:
    _, written, new = cited(path, text_of(path), Wanted(Settings(narrative=False)))
    assert not any("narrative" in done.why for done in written.done)
    for names in ("Chen and Guestrin (2016", "Tversky and Kahneman (1974)"):
        assert new.count(names) == text_of(path).count(names)


@pytest.mark.parametrize("kind", [kind for kind in manuscripts.KINDS if not kind.packed], ids=lambda kind: kind.name)
def test_bad_input_is_read(kind: manuscripts.Kind) -> None:
    name = f"bad{kind.suffixes[0]}"
    for text in (
        "", "\n", "\r\n", "10.1038/171737a0", "[[[[((({{{<<<", "```\n10.1038/171737a0",
        "\\begin{verbatim}10.1038/171737a0", "[x](https://doi.org/10.1038/171737a0",
        "[[https://doi.org/10.1038/171737a0", "`" * 50 + "10.1038/171737a0", "\\cite{10.1038/171737a0",
        "(" * 500 + "10.1038/171737a0" + ")" * 500, "$" * 101 + " 10.1038/171737a0", "<!-- 10.1038/171737a0",
        "@" * 200, "#[" * 300, "> " * 300 + "10.1038/171737a0", "- " * 300 + "10.1038/171737a0",
        "\x00 10.1038/171737a0", ".. note::", "#(((((", "[@10.1038/171737a0", "{cite}`10.1038/171737a0",
        "[a [b](https://doi.org/10.1038/171737a0) c](https://doi.org/10.1038/nature14539)", "10." * 2000,
        "[" * 5000 + "10.1038/171737a0", "Smith and " * 3000 + "10.1038/171737a0", "A" * 20000 + " 10.1038/171737a0",
        "*" * 3000 + "10.1038/171737a0", "#figure(" * 400, "<div>" * 2000 + "10.1038/171737a0", "\\href{" * 500,
    ):  # fmt: skip
        given = '{"cells": []}' if kind.name == "notebook" else text
        cited(name, given)
