"""Every byte comes back, what stands outside an edit stays, and undo restores what was there."""

from __future__ import annotations

import codecs
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from refkit import edits, encodings, files
from refkit.charsets import CHARSETS

ELSE = frozenset("éÄ漢字𠀀—かな")
LETTERS = {
    **dict.fromkeys(("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "iso2022_jp"), ELSE),
    **{charset.name: charset.frequent for charset in CHARSETS},
}
ASCII = "@{},\\\r\n =a\0"
LINES = st.sampled_from(["", "% Encoding: Cp1252\n", "% Encoding: GBK\n", "%!TEX encoding = UTF-8\n", "coding: big5\n"])


@st.composite
def written(draw: st.DrawFn) -> bytes:
    """Texts in all encodings, with and without mark or declaration, whole and broken."""
    name = draw(st.sampled_from(sorted(LETTERS)))
    text = draw(LINES) + draw(st.text(st.sampled_from(sorted(LETTERS[name]) + list(ASCII * 5)), max_size=60))
    data = bytearray(text.encode(name, "ignore"))
    for place, byte in draw(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), max_size=3)):
        data[place:place] = bytes([byte])
    marks = [b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE, b"\x84\x31\x95\x33"]
    return draw(st.sampled_from(marks)) + bytes(data)


@given(st.one_of(st.binary(max_size=200), written()))
@settings(max_examples=600, deadline=None)
def test_every_byte_comes_back(data: bytes) -> None:
    text, how = encodings.decode(data)
    assert how.encode(text) == data


@given(written(), st.text("@{}\\ax\n", max_size=20), st.data())
@settings(max_examples=400, deadline=None)
def test_what_stands_outside_an_edit_stays(data: bytes, added: str, draw: st.DataObject) -> None:
    text, how = encodings.decode(data)
    if how.name == "iso2022_jp":  # whose bytes depend on what stands before them
        return
    start = draw.draw(st.integers(0, len(text)))
    end = draw.draw(st.integers(start, len(text)))
    before, after = how.encode(text[:start]), how.encode(text[end:])
    edited = how.encode(text[:start] + added + text[end:])
    tail = len(how.tail)
    assert edited.startswith(before[: len(before) - tail])
    assert edited.endswith(after[len(how.bom) :])
    assert data.startswith(before[: len(before) - tail])
    assert data.endswith(after[len(how.bom) :])


LINED = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "\n", "d", "}\n"]), max_size=14).map("".join)


@given(LINED, LINED, st.integers(0, 400))
@settings(max_examples=400, deadline=None)
def test_edits_between_two_texts_make_one_of_the_other(old: str, new: str, apart: int) -> None:
    around = "".join(f"line {n}\n" for n in range(apart))
    old, new = old + around + new, new + around + old
    assert edits.apply(old, edits.between(old, new)) == new


@given(st.lists(st.lists(st.one_of(st.none(), st.binary(max_size=30)), min_size=3, max_size=3), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_undo_goes_back_the_way_it_came(runs: list[list[bytes | None]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "m").mkdir()
        paths = [folder / "refs.bib", files.base_path(folder / "refs.bib"), folder / "m" / "paper.docx"]
        states = [tuple(files.read_whole(path) for path in paths)]
        for run in runs:
            changes = [
                files.FileChange(path, files.fingerprint(files.read_whole(path)), data)
                for path, data in zip(paths, run, strict=True)
            ]
            files.commit(changes, command="refkit test")
            now = tuple(files.read_whole(path) for path in paths)
            assert now == tuple(run)
            if now != states[-1]:
                states.append(now)
        for before, after in zip(reversed(states[:-1]), reversed(states[1:]), strict=True):
            touched = next(p for p, old, new in zip(paths, before, after, strict=True) if old != new)
            named = paths[0] if touched == paths[1] else touched
            files.undo(named)
            assert tuple(files.read_whole(path) for path in paths) == before
        assert not list(folder.rglob(".refkit"))
