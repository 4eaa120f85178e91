"""Packages are written back member by member: what did not change keeps its bytes, headers and place."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refkit.errors import LibraryError, ReadError
from refkit.manuscripts.byte_parts import ByteEdit, Part, apply
from refkit.packages import rewritten

_names = st.text("abcäö/._-", min_size=1, max_size=12).filter(lambda name: not name.startswith("/"))
_members = st.dictionaries(_names, st.tuples(st.binary(max_size=400), st.booleans()), min_size=1, max_size=6)


def packed(
    members: dict[str, tuple[bytes, bool]], comment: bytes = b"", before: bytes = b"", streamed: bool = False
) -> bytes:
    """A container; each member is stored or deflated; streamed ones state their sizes behind the data."""
    stream = io.BytesIO()

    class Unseekable(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]  # bytes are all that zipfile writes
            return stream.write(data)

    with zipfile.ZipFile(Unseekable() if streamed else stream, "w") as package:  # type: ignore[arg-type]  # a raw stream
        package.comment = comment
        for name, (content, deflated) in members.items():
            info = zipfile.ZipInfo(name, (2021, 2, 3, 4, 5, 6))
            info.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
            info.external_attr = 0o644 << 16
            package.writestr(info, content)
    return before + stream.getvalue()


@given(_members, st.binary(max_size=20), st.booleans())
def test_nothing_changed_is_the_same_container(
    members: dict[str, tuple[bytes, bool]], comment: bytes, streamed: bool
) -> None:
    data = packed(members, comment.replace(b"PK", b"pk"), streamed=streamed)
    assert rewritten(data, {}, "x") == data


@given(_members, st.binary(max_size=300), st.booleans(), st.data())
def test_only_what_changed_changes(
    members: dict[str, tuple[bytes, bool]], content: bytes, streamed: bool, data: st.DataObject
) -> None:
    old = packed(members, b"a comment", streamed=streamed)
    name = data.draw(st.sampled_from([*members, "new.xml"]))
    new = rewritten(old, {name: content}, "x")
    with zipfile.ZipFile(io.BytesIO(old)) as before, zipfile.ZipFile(io.BytesIO(new)) as after:
        assert after.testzip() is None
        assert after.comment == before.comment
        assert after.namelist() == [*members, *({name} - set(members))]
        assert after.read(name) == content
        for info in before.infolist():
            same = after.getinfo(info.filename)
            assert (same.date_time, same.external_attr) == (info.date_time, info.external_attr)
            if info.filename != name:
                assert after.read(same) == before.read(info)
                assert _local(new, same) == _local(old, info)


def _local(data: bytes, info: zipfile.ZipInfo) -> bytes:
    return data[info.header_offset : info.header_offset + 30 + len(info.filename.encode()) + info.compress_size]


def test_containers_of_another_kind_are_refused() -> None:
    whole = packed({"a": (b"x" * 100, True)})
    for broken in (b"", b"PK", whole[:-30], whole.replace(b"PK\1\2", b"PK\1\3")):
        with pytest.raises(ReadError):
            rewritten(broken, {"a": b"y"}, "x")


def test_tokens_cover_every_byte() -> None:
    source = '<?xml version="1.0"?>\r\n<!-- c --><a xmlns="urn:x" w="1">x &amp; y\r\n<b/>z<b k="&lt;"></b>'
    source += "<![CDATA[q<]]>ä</a>\n"
    for data in (
        source.encode(),
        b"\xef\xbb\xbf" + source.encode(),
        source.replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16"),
    ):
        part = Part(data, "n", "m", {"urn:x": "x"})
        at = part.tokens[0].start
        assert at in (0, 2, 3)
        for token in part.tokens:
            assert token.start == at
            at = token.end
        assert at == len(data)


def test_parts_that_are_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>'
    for data, words in ((bomb, "document type"), (b"<a>", "cannot be parsed"), (b"", "cannot be parsed")):
        with pytest.raises(LibraryError, match=words):
            Part(data, "paper.docx", "word/document.xml", {})


def test_edits_never_overlap() -> None:
    assert apply(b"abcdef", [ByteEdit(4, 5, b"E"), ByteEdit(1, 2, b""), ByteEdit(6, 6, b"!")]) == b"acdEf!"
    for edits in ([ByteEdit(1, 3, b""), ByteEdit(2, 4, b"")], [ByteEdit(5, 9, b"")], [ByteEdit(3, 2, b"")]):
        with pytest.raises(ValueError, match="overlaps"):
            apply(b"abcdef", edits)


def test_corpus_documents_come_back_the_same(corpus: Path) -> None:
    for path in [*(corpus / "documents").glob("docx/*.docx"), *(corpus / "documents").glob("odt/*.odt")]:
        data = path.read_bytes()
        assert rewritten(data, {}, path.name) == data
