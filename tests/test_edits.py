"""Edits change what they name and nothing else; a diff is one that patch understands."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refkit import edits
from refkit.model import Edit, Span

texts = st.text(alphabet="ab\n\r\té\ufeff\u2028\f", max_size=60)


@given(texts)
def test_no_edits_are_the_identity(text: str) -> None:
    assert edits.apply(text, []) == text


@given(texts, st.data())
def test_bytes_outside_edits_are_unchanged(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    spans = [Span(cuts[0], cuts[1]), Span(cuts[2], cuts[3])]
    new = edits.apply(text, [Edit(span, "<new>") for span in spans])
    assert new == text[: cuts[0]] + "<new>" + text[cuts[1] : cuts[2]] + "<new>" + text[cuts[3] :]


@pytest.mark.parametrize(
    "spans", [[(0, 3), (2, 4)], [(3, 4), (0, 1)], [(0, 9)], [(3, 2)]], ids=["overlap", "order", "beyond", "backwards"]
)
def test_impossible_edits_are_refused(spans: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="overlaps another or lies outside"):
        edits.apply("abcde", [Edit(Span(*span), "") for span in spans])


def test_a_diff_of_nothing_is_empty() -> None:
    assert edits.diff("a.bib", "x\n", "x\n") == ""


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs the program patch")
@pytest.mark.parametrize("new", ["a\nB\nc\n", "a\r\nb\nc", "a\nb\u2028c\fd\n", "", "a\nb\nc\nd\n"])
def test_patch_applies_the_diff(tmp_path: Path, new: str) -> None:
    old = "a\nb\nc\n"
    (tmp_path / "f.txt").write_bytes(old.encode())
    text = edits.diff("f.txt", old, new)
    subprocess.run(["patch", "--binary", "-s", "-p0"], cwd=tmp_path, input=text.encode(), check=True)
    left = (tmp_path / "f.txt").read_bytes() if (tmp_path / "f.txt").exists() else b""
    assert left == new.encode()


def drawn_edits(text: str, data: st.DataObject) -> list[Edit]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return [Edit(Span(a, b), data.draw(texts)) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]


@given(st.text(alphabet="ab\n", max_size=200), st.data())
def test_the_diff_of_edits_leads_to_the_new_text(text: str, data: st.DataObject) -> None:
    changes = drawn_edits(text, data)
    assert patched(text, edits.diff_of("f", text, changes)) == edits.apply(text, changes)


def patched(old: str, diff: str) -> str:
    """What a unified diff makes of a text; its line numbers and its context must be right."""
    lines, out, at = re.findall(r"[^\n]*\n|[^\n]+", old), [], 0
    body = re.findall(r"[^\n]*\n|[^\n]+", diff)[2:]
    for index, line in enumerate(body):
        bare = line[1:] if body[index + 1 : index + 2] != ["\\ No newline at end of file\n"] else line[1:-1]
        if hunk := re.match(r"@@ -(\d+)(,0)?", line):
            start = int(hunk[1]) - (0 if hunk[2] else 1)
            out += lines[at:start]
            at = start
        elif line[0] == "+":
            out.append(bare)
        elif line[0] in " -":
            assert lines[at] == bare
            out += lines[at : at + 1] if line[0] == " " else []
            at += 1
    return "".join(out + lines[at:])
