"""DOIs in ODT become live Zotero citations, and nothing else changes."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from refkit.errors import LibraryError
from refkit.manuscripts import Written, odt
from tests import word_files as files
from tests.word_files import member, members, wanted

CRICK = "10.1038/171737a0"
VENTER = "10.1126/science.1058040"
HUANG = "10.1016/S0140-6736(20)30183-5"
LIMMA = "10.1093/nar/gkv007"
NOTE = str(Path(__file__).parent / "samples" / "styles" / "note.csl")


def cite(data: bytes, style: str = "", **given: bool) -> tuple[str, bytes, Written]:
    """The new view, the new document, and what was written; checked, and run twice."""
    want = wanted(style, **given)
    manuscript = odt.read(data, "paper.odt", want)
    out = odt.write(manuscript, data, files.choosing, want)
    if out.data is None:
        return manuscript.text, data, out
    files.is_consistent_odt(out.data)
    again = odt.read(out.data, "paper.odt", want)
    assert odt.write(again, out.data, files.choosing, want).data is None
    assert out.text is not None
    return out.text, out.data, out


def shown(*body: str) -> str:
    """The view of a cited document up to its bibliography."""
    return cite(files.odt(*body, "END"))[0].partition("END")[0].strip("\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"Cells {CRICK}.", "Cells (Watson & Crick, 1953)."),
        (f"Cells (see {CRICK}, pp. 3–5; {VENTER}).", "Cells (see Watson & Crick, 1953, pp. 3–5; Venter et al., 2001)."),
        (
            '<text:p>Cells <text:span text:style-name="T1">https://doi.org/10.1038/</text:span>171737a0.</text:p>',
            "Cells (Watson & Crick, 1953).",
        ),
        (f"<text:h>On {CRICK}</text:h>", "On (Watson & Crick, 1953)"),
        (f'<text:p>A<text:s text:c="3"/>{CRICK}<text:line-break/>B</text:p>', "A   (Watson & Crick, 1953)\nB"),
        ("A &amp; &#228; 10.1038/171737a0 &lt;", "A & ä (Watson & Crick, 1953) <"),
        (
            f"<table:table><table:table-row><table:table-cell><text:p>{VENTER}</text:p></table:table-cell>"
            "</table:table-row></table:table>",
            "(Venter et al., 2001)",
        ),
        (
            f"<text:p>X <draw:frame><draw:text-box><text:p>{VENTER}</text:p></draw:text-box></draw:frame>"
            f" y {CRICK}</text:p>",
            "X  y (Watson & Crick, 1953)\n(Venter et al., 2001)",
        ),
    ],
)
def test_prose(body: str, expected: str) -> None:
    assert shown(body) == expected


def test_links_notes_and_tracked_changes() -> None:
    body = (
        f"<text:tracked-changes><text:changed-region><text:deletion><text:p>{LIMMA}</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        f'<text:p>In <text:a xlink:href="https://doi.org/{CRICK}"><text:span text:style-name="Internet_20_link">'
        f"https://doi.org/{CRICK}</text:span></text:a>"
        '<text:note text:id="ftn1" text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        f"<text:note-body><text:p>Also {VENTER}.</text:p></text:note-body></text:note> end.</text:p>"
    )
    text, made, out = cite(files.odt(body))
    assert text.startswith("In Watson and Crick (1953) end.\nAlso (Venter et al., 2001).\n")
    assert len(out.done) == 2
    new = member(made, "content.xml")
    assert "text:a" not in new
    assert "Internet_20_link" not in new
    assert '"noteIndex":1' in html.unescape(new)
    assert new.count(LIMMA) == 1


def test_text_that_programs_write_stays() -> None:
    body = (
        f"<text:table-of-content><text:index-body><text:p>{CRICK}</text:p></text:index-body></text:table-of-content>"
        f'<text:p><text:reference-mark-start text:name="JABREF_x"/>{CRICK}'
        '<text:reference-mark-end text:name="JABREF_x"/></text:p>'
        f'<text:section text:name="S" text:protected="true"><text:p>{CRICK}</text:p></text:section>'
        f'<text:p><text:sequence text:name="T">{CRICK}</text:sequence></text:p>'
    )
    data = files.odt(body)
    assert cite(data)[1] == data
    assert [left.why for left in odt.read(data, "a.odt", wanted()).left] == [
        "it stands in a protected section",
        "it stands in a field that LibreOffice updates (sequence)",
    ]


def test_code_stays() -> None:
    styles = (
        '<office:automatic-styles><style:style style:name="P1" style:family="paragraph" '
        'style:parent-style-name="Preformatted_20_Text"/></office:automatic-styles>'
    )
    body = (
        f'<text:p text:style-name="P1">get {CRICK}</text:p>'
        f'<text:p>Run <text:span text:style-name="Source_20_Text">{CRICK}</text:span> {VENTER}</text:p>'
    )
    manuscript = odt.read(files.odt(body, automatic=styles), "a.odt", wanted())
    assert [item.readings[0].doi for item in manuscript.items] == [VENTER]
    assert [left.why for left in manuscript.left] == ["it stands in code"] * 2


def test_the_marks_hold_what_zotero_needs() -> None:
    text, made, _ = cite(files.odt(f"In ({CRICK}, p. 737)"))
    name = re.search(r'reference-mark-start text:name="([^"]*)"', member(made, "content.xml"))
    assert name is not None
    code = re.fullmatch(r"ZOTERO_ITEM CSL_CITATION (\{.*\}) RND\w{10}", html.unescape(name[1]))
    assert code is not None
    value = json.loads(code[1])
    assert value["citationItems"][0]["itemData"]["DOI"] == CRICK
    assert value["citationItems"][0]["locator"] == "737"
    section = re.search(r'<text:section text:name="([^"]*)"', member(made, "content.xml"))
    assert section is not None
    assert html.unescape(section[1]).startswith(" ZOTERO_BIBL {")
    meta = member(made, "meta.xml")
    pieces = re.findall(r'<meta:user-defined meta:name="ZOTERO_PREF_\d">(.*?)</meta:user-defined>', meta)
    assert '<pref name="fieldType" value="ReferenceMark"/>' in html.unescape("".join(pieces))
    assert "In (Watson & Crick, 1953, p. 737)\n" in text


def test_everything_else_is_byte_for_byte_the_same() -> None:
    data = files.odt("A", f"Seen {HUANG} end", "Z", members={"Pictures/1.png": b"\x89PNG" * 50})
    _, made, _ = cite(data)
    old, new = members(data), members(made)
    assert list(old) == list(new)
    for name, content in old.items():
        if name not in ("content.xml", "meta.xml"):
            assert new[name] == content
    bare = re.sub(r"<text:reference-mark-start.*?<text:reference-mark-end[^>]*/>", HUANG, new["content.xml"].decode())
    bare = re.sub(r"<text:section .*?</text:section>", "", bare)
    bare = re.sub(r"<office:automatic-styles>.*?</office:automatic-styles>", "<office:automatic-styles/>", bare)
    assert bare == old["content.xml"].decode()


def test_own_numbers_follow_and_the_list_is_brought_up_to_date() -> None:
    _, first, _ = cite(files.odt("Here.", f"There {VENTER}."), "numeric")
    held = members(first)
    body = held["content.xml"].decode().replace("Here.", f"Here {CRICK}.")
    edited = files.packed({**held, "content.xml": body.encode()}, stored=("mimetype",))
    text, _, _ = cite(edited, "numeric")
    assert text.startswith("Here [1].\nThere [2].\n[1]\tJ. Q. Watson")
    assert "[2]\tJ. Q. Venter" in text


def test_the_bibliography_s_mark_a_written_list_and_plain_text() -> None:
    body = (
        f"A {CRICK}", "[[bibliography]]", "<text:h>References</text:h>", f"1. Venter doi:{VENTER}", "2. A book.",
        "<text:h>Appendix</text:h>", "More.",
    )  # fmt: skip
    text, _, _ = cite(files.odt(*body))
    assert text.index("Watson, J. Q.") < text.index("References") < text.index("1. Venter")
    text, _, out = cite(files.odt(body[0], *body[2:]), references=True)
    assert "1. Venter" not in text
    assert "2. A book." in text
    assert text.index("References\n") < text.index("Venter, J. Q.") < text.index("Appendix")
    assert any(note.code == "reference-kept" for note in out.notes)
    text, made, _ = cite(files.odt(f"A {CRICK} and {HUANG}"), plain=True)
    assert "reference-mark" not in member(made, "content.xml")
    assert '<text:span text:style-name="refkit_i">in vivo</text:span>' in member(made, "content.xml")


def test_a_note_style_makes_real_notes() -> None:
    text, made, _ = cite(files.odt(f"One {CRICK}.", f"Two ({VENTER})."), NOTE)
    new = member(made, "content.xml")
    assert text.startswith("One.\nJane Q. Watson")
    assert new.count('text:note-class="footnote"') == 2
    assert "<text:note-citation>2</text:note-citation>" in new


def test_documents_that_are_refused() -> None:
    manifest = b'<manifest:manifest xmlns:manifest="x"><manifest:encryption-data/></manifest:manifest>'
    for data, words in (
        (files.odt(CRICK, members={"META-INF/documentsignatures.xml": b"<a/>"}), "signed"),
        (files.odt(CRICK, members={"META-INF/manifest.xml": manifest}), "encrypted"),
        (files.odt(CRICK)[:-40], "no ZIP"),
        (files.odt("<text:p>x"), "cannot be parsed"),
    ):
        with pytest.raises(LibraryError, match=words):
            odt.read(data, "paper.odt", wanted())
