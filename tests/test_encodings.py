"""Which encoding a text is in: told by its evidence, and never at the price of a byte."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from refkit import encodings, files
from refkit.errors import LibraryError

ENTRY = "@article{k,\n  author = {%s},\n  title = {%s},\n}\n"

EVIDENT = {
    "gbk": ("王小明 and 李强", "基于深度学习的图像识别方法研究"),
    "gb18030": ("王小明", "𠀀字的研究与分析：中国古代文献"),
    "cp950": ("陳志明", "臺灣地區人口老化與經濟發展之研究"),
    "cp932": ("鈴木 一郎", "ソフトウェア工学の基礎、表示"),
    "euc_jp": ("田中 太郎", "日本における情報教育の研究"),
    "iso2022_jp": ("田中 太郎", "日本における情報教育の研究"),
    "cp949": ("김철수", "한국 대학생의 정보 이용 행태에 관한 연구"),
    "cp1251": ("Иванов, И. И.", "О некоторых вопросах теории"),
    "koi8-r": ("Петров", "О некоторых вопросах теории"),
    "cp866": ("Иванов", "О некоторых вопросах теории"),
    "cp1253": ("Παπαδόπουλος, Γ.", "Η ιστορία της Ελλάδας"),
    "cp1255": ("כהן", "מבוא לפילוסופיה"),
    "cp1256": ("محمد", "مقدمة في الفلسفة العربية"),
    "cp874": ("สมชาย", "การศึกษาไทย"),
    "cp1250": ("Kozłowski and Świątek", "Źródła błędów"),
    "cp1252": ("Müller and O’Sullivan", "L’étude des réseaux – 12 °C"),
    "cp1254": ("Şahin, İbrahim", "Türkiye’de eğitim"),
    "mac-roman": ("Müller", "Résumé über die Möglichkeit"),
    "cp850": ("Müller", "Résumé à côté"),
    "utf-16-le": ("Müller", "Study of 人口"),
    "utf-16-be": ("Müller", "Study"),
    "utf-32-le": ("Müller", "Study"),
    "utf-32-be": ("Müller", "Study"),
    "utf-8": ("Müller", "人口 Ελλάδας"),
}


@pytest.mark.parametrize("name", EVIDENT)
def test_an_encoding_is_told_by_what_it_makes_of_the_bytes(name: str) -> None:
    text = ENTRY % EVIDENT[name]
    found, how = encodings.decode(text.encode(name))
    assert (found, how.name) == (text, name)


MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "gb18030": "\ufeff".encode("gb18030"),
}


@pytest.mark.parametrize("name", MARKS)
def test_a_byte_order_mark_is_kept_out_of_the_text_and_put_back(name: str) -> None:
    data = MARKS[name] + "@a{é漢}\r\n".encode(name)
    text, how = encodings.decode(data)
    assert (text, how.name, how.why) == ("@a{é漢}\r\n", name, "byte order mark")
    assert how.encode(text) == data
    assert how.encode(text + "ø") == data + "ø".encode(name)


DECLARED = {
    "% Encoding: Cp1252\n": "cp1252",
    "% This file was created with JabRef 2.9.\n% Encoding: ISO8859_1\n": "iso8859-1",
    "% Encoding: MacRoman\n": "mac-roman",
    "%% Saved with string encoding Western (Mac OS Roman) \n": "mac-roman",
    "%% Saved with string encoding Unicode (UTF-8) \n": "utf-8",
    "%!TEX encoding = IsoLatin\r\n": "iso8859-1",
    "% !TeX encoding = UTF-8 Unicode\n": "utf-8",
    "\\usepackage[latin9]{inputenc}\n": "iso8859-15",
    "\\usepackage[ansinew]{inputenc}\n": "cp1252",
    "%\\usepackage[latin1]{inputenc}\n": "",
    "% -*- mode: bibtex; coding: latin-2-unix -*-\n": "iso8859-2",
    "% vim: set ts=2 fileencoding=koi8-r :\n": "koi8-r",
    "% Encoding: GB2312\n": "gbk",
    "% Encoding: SJIS\n": "cp932",
    "% Encoding: US-ASCII\n": "",
    "% Encoding: rot13\n": "",
    "% Encoding: nonsense\n": "",
    "title = {Encoding: latin1},\n": "",
}


@pytest.mark.parametrize("line", DECLARED)
def test_a_text_says_how_it_is_written(line: str) -> None:
    assert encodings.declared(line.encode()) == DECLARED[line]


def test_it_may_say_so_at_its_end() -> None:
    text = "x" * 10_000 + "\n%%% Local Variables:\n%%% coding: latin-1\n%%% End:\n"
    assert encodings.declared(text.encode()) == "iso8859-1"


def test_valid_utf8_is_utf8_whatever_it_says_of_itself() -> None:
    data = "% Encoding: Cp1252\n@a{Müller}".encode()
    assert encodings.decode(data)[1].name == "utf-8"


def test_ascii_that_says_latin1_gets_latin1_letters() -> None:
    _, how = encodings.decode(b"% Encoding: ISO8859_1\n@a{b}")
    assert how.encode("ü") == b"\xfc"
    assert how.lacking("Šuü’") == "Š’"


def test_one_broken_byte_does_not_make_utf8_something_else() -> None:
    data = "@a{Müller, Gödel, Erdős, Šahin}".encode() + b" \xfc"
    text, how = encodings.decode(data)
    assert (how.name, how.why, text[-1]) == ("utf-8", "broken", "\udcfc")
    assert how.encode(text) == data


def test_what_says_utf8_and_is_not_quite_stays_utf8() -> None:
    _, how = encodings.decode(b"% Encoding: UTF-8\n@a{Test\xa0I}")
    assert how.encode("ü") == "ü".encode()


def test_c1_codes_in_latin1_are_meant_as_windows() -> None:
    data = b"% Encoding: ISO-8859-1\n@a{O\x92Neil}"
    assert encodings.decode(data)[0].endswith("O’Neil}")
    assert encodings.decode(data.replace(b"\x92", b"\xb4"))[1].name == "iso8859-1"


def test_an_odd_last_byte_of_utf16_is_kept_aside() -> None:
    data = codecs.BOM_UTF16_LE + "@a{}".encode("utf-16-le") + b"\n"
    text, how = encodings.decode(data)
    assert (text, how.tail) == ("@a{}", b"\n")
    assert how.encode(text) == data


def test_a_backslash_within_a_letter_is_no_backslash() -> None:
    """The second byte of 表 in Shift JIS, and of 功 in Big5, is that of a backslash."""
    for name, text in (("cp932", "表示と予定、研究の基礎"), ("cp950", "許功蓋的研究與分析")):
        assert "\\" not in encodings.decode(text.encode(name))[0]


def test_the_corpus_comes_back_byte_for_byte(corpus: Path) -> None:
    count = 0
    for kind in ("bib", "ris", "csljson", "tex", "md", "typ", "ipynb", "html", "txt"):
        for path in sorted((corpus / "documents" / kind).glob("*")):
            file = files.open_text(path)
            assert file.encode(file.text) == path.read_bytes(), path.name
            assert not file.text.startswith("\ufeff")
            count += 1
    assert count > 900


def test_letters_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    path = tmp_path / "refs.bib"
    path.write_bytes("% Encoding: Cp1252\n@a{Müller}".encode("cp1252"))
    file = files.open_text(path)
    assert file.encodable("ü–")
    assert not file.encodable("漢")
    assert not file.is_unicode
    with pytest.raises(LibraryError, match=r"refs\.bib is written in cp1252, which has no 漢 ☃\. Save it as UTF-8"):
        file.encode("漢☃漢")


def test_a_file_that_is_not_there_is_an_empty_text(tmp_path: Path) -> None:
    file = files.open_text(tmp_path / "new.bib")
    assert (file.text, file.fingerprint, file.encode("é")) == ("", files.fingerprint(None), "é".encode())
