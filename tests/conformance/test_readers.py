"""Over every reader in the table: samples, bad input, and that nothing but `ReadError` comes out of bytes."""

from __future__ import annotations

import contextlib
import io
import json
import random
from pathlib import Path

import pytest

from refkit import finding, readers
from refkit.errors import ReadError
from refkit.model import Findings
from tests import reader_files as made

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "readers"
CASES = sorted(path for path in SAMPLES.glob("*/*") if path.suffix != ".expected")


def find(data: bytes, name: str, siblings: dict[str, bytes] | None = None) -> Findings:
    """What is found in some bytes under a name."""
    return finding.scan(readers.read(io.BytesIO(data), name, open_sibling=(siblings or {}).get))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_samples(path: Path, accept: bool) -> None:
    siblings = {other.name: other.read_bytes() for other in path.parent.iterdir()}
    found = find(path.read_bytes(), path.name, siblings)
    said = {
        "kind": found.kind,
        "own": [found.own.verdict, found.own.doi],
        "mentions": [[m.doi, m.written, m.place, m.role] for m in found.mentions],
        "notes": [note.code for note in found.notes],
    }
    expected = path.with_name(path.name + ".expected")
    if accept:
        expected.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert said == json.loads(expected.read_text(encoding="utf-8"))


def test_every_kind_has_a_sample_or_is_made_here() -> None:
    made_here = {"pdf", "docx", "odt", "epub"}
    named = {path.parent.name for path in CASES}
    assert {kind.name for kind in readers.KINDS} <= named | made_here


CONTAINERS = [
    ("a.docx", made.docx(), made.DOCX_DOIS),
    ("a.odt", made.odt(), made.ODT_DOIS),
    ("a.epub", made.epub(), made.EPUB_DOIS),
]


@pytest.mark.parametrize(
    ("name", "data", "dois"), CONTAINERS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_containers(name: str, data: bytes, dois: set[str]) -> None:
    for called in (name, "without-suffix"):
        assert {mention.doi for mention in find(data, called).mentions} == dois


def test_a_pdf() -> None:
    lines = ["Journal of Samples 12 (2020) 34-45", "doi:10.5555/own.2020.12034", "A title of a paper", "Text " * 10] + [
        "more"
    ] * 20
    data = made.pdf(
        [lines, ["References", "[1] Smith J. A paper. 2001. doi:10.5555/cited.", "2001"]],
        link="https://doi.org/10.5555/link1",
    )
    found = find(data, "a.pdf")
    assert {m.doi: m.role for m in found.mentions}["10.5555/own.2020.12034"] == "own"
    assert found.own.doi == "10.5555/own.2020.12034"
    places = {mention.doi: mention.place for mention in found.mentions}
    assert places["10.5555/own.2020.12034"] == "p. 1, line 2"
    assert places["10.5555/link1"] == "p. 1"


@pytest.mark.parametrize("packed", [False, True])
def test_a_doi_that_stands_only_in_xmp(packed: bool) -> None:
    found = find(made.pdf([["No DOI here"]], xmp="10.5555/xmp1", packed=packed), "a.pdf")
    assert (found.own.verdict, found.own.doi) == ("sure", "10.5555/xmp1")


def test_a_pdf_without_text_says_so() -> None:
    assert [note.code for note in find(made.pdf([[]]), "scan.pdf").notes] == ["no-text"]


BAD = [
    ("broken.pdf", b"%PDF-1.7\n1 0 obj\n<</Type/Catalog", "truncated"),
    ("not.pdf", b"\x00\x01\x02\x03" * 100, "no PDF"),
    ("not.docx", b"hello, I am a text", "ZIP"),
    ("cut.docx", made.docx()[:400], "ZIP"),
    ("empty.docx", made.zipped({"a.txt": "x"}), "no Word document"),
    ("old.docx", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "encrypted, or an old .doc"),
    ("bomb.docx", made.zipped({"word/document.xml": b" " * (300 << 20)}), "bomb"),
    ("not.rtf", b"\x00\x01" * 50, "no RTF"),
    ("data.bin", b"\x00\x01\x02\x03\x04" * 100, "binary"),
]


@pytest.mark.parametrize(("name", "data", "word"), BAD, ids=[name for name, _, _ in BAD])
def test_bad_input_gets_one_clear_sentence(name: str, data: bytes, word: str) -> None:
    with pytest.raises(ReadError) as caught:
        find(data, name)
    assert word in str(caught.value)
    assert name in str(caught.value)


def test_an_empty_file_is_a_note() -> None:
    found = find(b"", "empty.txt")
    assert [(note.code, note.severity) for note in found.notes] == [("empty", "warning")]


def test_entities_are_not_expanded_and_files_not_read() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x "10.5555/boom1 "><!ENTITY y "&x;&x;&x;&x;">]><a>&y; 10.5555/plain1</a>'
    outside = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x; 10.5555/plain1</a>'
    for text in (bomb, outside):
        found = find(text.encode(), "a.xml")
        assert {mention.doi for mention in found.mentions} == {"10.5555/plain1"}
        assert [note.code for note in found.notes] == ["xml-entities"]


@pytest.mark.parametrize(
    "data", [made.docx(), made.odt(), made.epub(), made.pdf([["doi:10.5555/a1"]], xmp="10.5555/b1")]
)
def test_damaged_bytes_give_a_read_error_or_less(data: bytes) -> None:
    chance = random.Random(1)
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 12)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        del damaged[chance.randrange(len(damaged) // 2, len(damaged)) :]
        with contextlib.suppress(ReadError):
            find(bytes(damaged), "damaged")


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_any_part_of_a_sample_is_read_or_refused(path: Path) -> None:
    data = path.read_bytes()
    chance = random.Random(2)
    for _ in range(25):
        start, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
        with contextlib.suppress(ReadError):
            find(data[start:end] + bytes(chance.randrange(256) for _ in range(3)), path.name)


def test_deep_nesting_is_read_or_refused() -> None:
    for name, data in (
        ("a.html", b"<div>" * 100_000 + b"10.5555/deep1"),
        ("a.xml", b"<a>" * 100_000 + b"10.5555/deep1"),
        ("a.ipynb", b'{"cells":' + b"[" * 100_000),
        ("a.json", b"[" * 100_000 + b'"10.5555/deep1"'),
        ("a.rtf", b"{\\rtf1 " + b"{" * 100_000 + b"10.5555/deep1"),
    ):
        with contextlib.suppress(ReadError):
            find(data, name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
def test_encodings(encoding: str) -> None:
    text = "Größe und Maß: siehe doi:10.5555/größe1 und 10.5555/abc12.\n"
    found = find(text.encode(encoding), "a.txt")
    assert [mention.doi for mention in found.mentions] == ["10.5555/größe1", "10.5555/abc12"]
    assert found.mentions[0].place == "line 1"


def test_a_large_text_comes_in_windows_and_loses_nothing() -> None:
    limits = readers.Limits(window=1 << 16)
    text = "".join(f"{'Füllwort ' * 400}doi:10.5555/n{number:04}.\n" for number in range(200))
    windows = list(readers.read(io.BytesIO(text.encode()), "a.txt", limits=limits))
    assert len(windows) > 5
    found = finding.scan(windows)
    assert [mention.doi for mention in found.mentions] == [f"10.5555/n{number:04}" for number in range(200)]
    assert all(mention.span is not None and mention.span.of(text) == mention.written for mention in found.mentions)


def test_what_a_walk_through_a_folder_takes() -> None:
    assert readers.is_document("a.pdf", b"%PDF-1.7")
    assert readers.is_document("notes.md", b"# Notes")
    assert not readers.is_document("a.png", b"\x89PNG")
    assert not readers.is_document("archive.zip", b"PK\x03\x04")
    assert not readers.is_document("Makefile", b"all:")
