"""DOIs in DOCX become live Zotero citations, and nothing else changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from refkit.errors import LibraryError
from refkit.manuscripts import docx
from tests import word_files as files
from tests.word_files import field, member, members, p, r, wanted

CRICK = "10.1038/171737a0"
VENTER = "10.1126/science.1058040"
HUANG = "10.1016/S0140-6736(20)30183-5"
LIMMA = "10.1093/nar/gkv007"


def cite(data: bytes, style: str = "", **given: bool) -> tuple[str, bytes, docx.Written]:
    """The new view, the new document, and what was written; checked, and run twice."""
    want = wanted(style, **given)
    manuscript = docx.read(data, "paper.docx", want)
    out = docx.write(manuscript, data, files.choosing, want)
    if out.data is None:
        return manuscript.text, data, out
    files.is_consistent(out.data)
    again = docx.read(out.data, "paper.docx", want)
    assert docx.write(again, out.data, files.choosing, want).data is None
    assert out.text is not None
    return out.text, out.data, out


def shown(*body: str, **given: object) -> str:
    """The view of a cited document up to its bibliography."""
    text, _, _ = cite(files.docx(*body, p("END"), **given))  # type: ignore[arg-type]  # passed on
    return text.partition("END")[0].strip("\n")


# --- where DOIs stand ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ((f"Cells {CRICK}.",), "Cells (Watson & Crick, 1953)."),
        ((f"Cells (https://doi.org/{CRICK}).",), "Cells (Watson & Crick, 1953)."),
        ((f"Cells [doi: {CRICK}].",), "Cells (Watson & Crick, 1953)."),
        ((f"Cells ({CRICK}; {VENTER}).",), "Cells (Watson & Crick, 1953; Venter et al., 2001)."),
        ((f"Cells (see {CRICK}, pp. 3–5).",), "Cells (see Watson & Crick, 1953, pp. 3–5)."),
        ((f"What Watson and Crick (1953) {CRICK} say.",), "What Watson and Crick (1953) say."),
        ((f"(Watson and Crick, 1953, https://doi.org/{CRICK})",), "(Watson & Crick, 1953)"),
        ((f"Smith (1999) {CRICK} says.",), "Smith (1999) (Watson & Crick, 1953) says."),
        (("Cells https://doi.org/10.10", "38/1717", "37a0."), "Cells (Watson & Crick, 1953)."),
        ((f"Clinics {HUANG}, then.",), "Clinics (Huang et al., 2020), then."),
        (("Nobody knows 10.9999/x.y here.",), "Nobody knows 10.9999/x.y here."),
        ((f"({CRICK}; 10.9999/x.y)",), "((Watson & Crick, 1953); 10.9999/x.y)"),
    ],
)
def test_prose(runs: tuple[str, ...], expected: str) -> None:
    assert shown(p(*runs)) == expected


def test_footnotes_tables_and_headings() -> None:
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    cell = f"<w:tc><w:tcPr/>{p(f'{VENTER}')}</w:tc>"
    table = f"<w:tbl><w:tblPr/><w:tr>{cell}</w:tr></w:tbl>"
    notes = f'<w:footnote w:id="2">{p(f"See {LIMMA}.")}</w:footnote>'
    text, data, _ = cite(files.docx(p(f"On {CRICK}", style="Heading1"), p("A", reference, "b"), table, footnotes=notes))
    assert text.startswith("On (Watson & Crick, 1953)\nAb\n(Venter et al., 2001)\n")
    assert "(2015)" in text or "(Ritchie & Phipson, 2015)" in text
    assert "ZOTERO_ITEM" in member(data, "word/footnotes.xml")


def test_numbers_follow_the_place_of_the_footnote_s_reference() -> None:
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    notes = f'<w:footnote w:id="2">{p(f"In {LIMMA}")}</w:footnote>'
    text, _, _ = cite(files.docx(p(f"A {CRICK}", reference, f" b {VENTER}"), footnotes=notes), "numeric")
    assert text.startswith("A [1] b [3]\n")
    assert text.rstrip().endswith("In [2]")


def test_a_text_box_and_its_copy_for_old_programs() -> None:
    inner = p(f"Box {CRICK}")
    box = (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent>'
        f"{inner}</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>"
        f"{inner}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    text, data, out = cite(files.docx(p(f"Before {VENTER} ", box, f" then {LIMMA}")))
    body = member(data, "word/document.xml")
    assert text.startswith("Before (Venter et al., 2001)  then (Ritchie & Phipson, 2015)\nBox (Watson & Crick, 1953)\n")
    assert CRICK not in re.sub(r"<w:instrText.*?</w:instrText>", "", body.partition("ZOTERO_BIBL")[0])
    assert len(out.done) == 3


def test_tracked_changes() -> None:
    body = p(
        "A ",
        f'<w:ins w:id="1" w:author="x">{r(f"see {CRICK}")}</w:ins>',
        f'<w:del w:id="2" w:author="x"><w:r><w:delText>{VENTER}</w:delText></w:r></w:del>',
        f'<w:moveFrom w:id="3" w:author="x">{r(VENTER)}</w:moveFrom>',
        " end",
    )
    data = files.docx(body)
    text, made, out = cite(data)
    assert text.startswith("A see Watson and Crick (1953) end\n")
    assert len(out.done) == 1
    new = member(made, "word/document.xml")
    assert re.search(r'<w:ins w:id="1"[^>]*>.*ZOTERO_ITEM.*?</w:ins>', new)
    assert new.count(f"<w:delText>{VENTER}</w:delText>") == 1


def test_hyperlinks_lose_their_dress() -> None:
    blue = '<w:rStyle w:val="Hyperlink"/><w:b/><w:color w:val="0000FF"/><w:u w:val="single"/>'
    link = f'<w:hyperlink r:id="rId5">{r(f"https://doi.org/{CRICK}", blue)}</w:hyperlink>'
    data = files.docx(p("In ", link, "."), links={"rId5": f"https://doi.org/{CRICK}"})
    text, made, _ = cite(data)
    new = member(made, "word/document.xml")
    assert text.startswith("In Watson and Crick (1953).\n")
    assert "w:hyperlink" not in new
    assert "Hyperlink" not in new
    assert "<w:rPr><w:b/></w:rPr><w:fldChar" in new


def test_a_link_s_own_words_stay() -> None:
    link = f'<w:hyperlink r:id="rId5">{r("a study of genes", "<w:u w:val=&quot;single&quot;/>")}</w:hyperlink>'
    data = files.docx(p("In ", link.replace("&quot;", '"'), "."), links={"rId5": f"https://doi.org/{CRICK}"})
    text, made, _ = cite(data)
    assert text.startswith("In a study of genes (Watson & Crick, 1953).\n")
    assert "w:hyperlink" not in member(made, "word/document.xml")


def test_a_link_elsewhere_stays() -> None:
    link = f'<w:hyperlink r:id="rId5">{r("the journal")}</w:hyperlink>'
    data = files.docx(p(f"{CRICK} in ", link, "."), links={"rId5": "https://example.org/"})
    _, made, _ = cite(data)
    assert link in member(made, "word/document.xml")


def test_hyperlink_fields() -> None:
    one = field(f' HYPERLINK "https://doi.org/{CRICK}" ', f"https://doi.org/{CRICK}")
    text, made, _ = cite(files.docx(p("In ", one, " too")))
    assert text.startswith("In Watson and Crick (1953) too\n")
    assert "HYPERLINK" not in member(made, "word/document.xml")
    simple = f'<w:fldSimple w:instr=" HYPERLINK &quot;https://doi.org/{CRICK}&quot; ">{r("doi:" + CRICK)}</w:fldSimple>'
    text, made, _ = cite(files.docx(p("At ", simple, ".")))
    assert text.startswith("At (Watson & Crick, 1953).\n")
    assert "fldSimple" not in member(made, "word/document.xml")


def test_nested_fields_stay() -> None:
    inner = field(f' HYPERLINK "https://doi.org/{CRICK}" ', CRICK)
    outer = field(" IF 1 = 1 ", inner)
    _, made, out = cite(files.docx(p("A ", outer, f" b {VENTER}")))
    assert [done.item.readings[0].doi for done in out.done] == [VENTER]
    assert inner in member(made, "word/document.xml")


def test_text_that_programs_write_stays() -> None:
    contents = field(' TOC \\o "1-3" ', f"On {CRICK}")
    managed = field(" ADDIN EN.CITE &lt;EndNote&gt;&lt;/EndNote&gt;", f"(Watson {CRICK})")
    locked = (
        f'<w:sdt><w:sdtPr><w:lock w:val="sdtContentLocked"/></w:sdtPr><w:sdtContent>{p(CRICK)}</w:sdtContent></w:sdt>'
    )
    data = files.docx(p(contents), p(managed), locked)
    _, made, out = cite(data)
    assert made == data
    manuscript = docx.read(data, "a.docx", wanted())
    assert [left.why for left in manuscript.left] == ["it stands in a content control that is locked or bound to data"]
    assert not out.done


def test_code_stays() -> None:
    code = r(CRICK, '<w:rStyle w:val="VerbatimChar"/>')
    manuscript = docx.read(
        files.docx(p(f"get {CRICK}", style="SourceCode"), p("Run ", code, f" {VENTER}")), "a", wanted()
    )
    assert [item.readings[0].doi for item in manuscript.items] == [VENTER]
    assert [left.why for left in manuscript.left] == ["it stands in code"] * 2


def test_a_field_that_is_never_closed() -> None:
    data = files.docx(p(f"{VENTER} "), p('<w:r><w:fldChar w:fldCharType="begin"/></w:r>', CRICK), p(LIMMA))
    want = wanted()
    manuscript = docx.read(data, "a.docx", want)
    assert [item.readings[0].doi for item in manuscript.items] == [VENTER]
    assert {left.why for left in manuscript.left} == {"it stands in a field that is never closed"}
    assert len(manuscript.left) == 2


def test_bookmarks_and_comments_stay_balanced() -> None:
    marks = (
        '<w:bookmarkStart w:id="7" w:name="here"/>', "10.1038/", '<w:commentRangeStart w:id="1"/>', "17173",
        '<w:bookmarkEnd w:id="7"/>', "7a0", '<w:commentRangeEnd w:id="1"/>', '<w:proofErr w:type="spellEnd"/>',
    )  # fmt: skip
    _, made, _ = cite(files.docx(p("In ", *marks, " end")))
    new = member(made, "word/document.xml")
    for mark in (one for one in marks if one.startswith("<")):
        assert new.count(mark) == 1


def test_run_formatting_and_other_children_stay() -> None:
    run = (
        '<w:r w:rsidR="00AA"><w:rPr><w:i/></w:rPr><w:lastRenderedPageBreak/><w:t>See </w:t><w:tab/>'
        f"<w:t>doi:{CRICK} and</w:t><w:br/><w:t>more</w:t></w:r>"
    )
    _, made, _ = cite(files.docx(p(run)))
    new = member(made, "word/document.xml")
    assert '<w:r w:rsidR="00AA"><w:rPr><w:i/></w:rPr><w:lastRenderedPageBreak/><w:t>See </w:t><w:tab/></w:r>' in new
    assert "<w:rPr><w:i/></w:rPr><w:instrText" in new
    assert (
        '<w:r w:rsidR="00AA"><w:rPr><w:i/></w:rPr><w:t xml:space="preserve"> and</w:t><w:br/><w:t>more</w:t></w:r>'
        in new
    )


def test_entities_and_signs_keep_their_bytes() -> None:
    _, made, _ = cite(files.docx(p(f"A &amp; b &lt;c&gt; &#228; {CRICK} d &amp;&#xe4;")))
    new = member(made, "word/document.xml")
    assert '<w:t xml:space="preserve">A &amp; b &lt;c&gt; &#228; </w:t>' in new
    assert '<w:t xml:space="preserve"> d &amp;&#xe4;</w:t>' in new


def test_everything_else_is_byte_for_byte_the_same() -> None:
    data = files.docx(
        p("Start"), p(f"In {CRICK} end"), p("Stop"), members={"word/media/image1.png": b"\x89PNG\x00" * 99}
    )
    _, made, _ = cite(data)
    old, new = members(data), members(made)
    for name, content in old.items():
        if name not in ("word/document.xml", "[Content_Types].xml", "_rels/.rels"):
            assert new[name] == content
    before, after = old["word/document.xml"].decode(), new["word/document.xml"].decode()
    head = before.index(f"In {CRICK}")
    assert after.startswith(before[: before.rindex("<w:r>", 0, head)])
    assert p("Stop") in after
    assert after.endswith(f"{files.SECTION}</w:body></w:document>")


# --- what Zotero needs ---------------------------------------------------------------------------


def test_the_field_holds_what_zotero_needs() -> None:
    _, made, _ = cite(files.docx(p(f"In ({CRICK}, p. 737)")))
    code = re.search(r"<w:instrText[^>]*>(.*?)</w:instrText>", member(made, "word/document.xml"))
    assert code is not None
    text = code[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert text.startswith(" ADDIN ZOTERO_ITEM CSL_CITATION {")
    value = json.loads(text[text.index("{") :])
    (item,) = value["citationItems"]
    assert re.fullmatch(r"http://zotero\.org/users/0/items/[2-9A-NP-Z]{8}", item["uris"][0])
    assert item["itemData"]["DOI"] == CRICK
    assert (item["locator"], item["label"]) == ("737", "page")
    assert value["properties"]["plainCitation"] == "(Watson & Crick, 1953, p. 737)"
    assert value["citationID"]


def test_preferences_make_zotero_take_over() -> None:
    _, made, _ = cite(files.docx(p(f"In {CRICK}")))
    custom = member(made, "docProps/custom.xml")
    names = re.findall(r'name="(ZOTERO_PREF_\d)"><vt:lpwstr>(.*?)</vt:lpwstr>', custom)
    text = "".join(piece.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for _, piece in names)
    assert all(len(piece.replace("&lt;", "<").replace("&gt;", ">")) <= 255 for _, piece in names)
    assert '<style id="http://www.zotero.org/styles/apa"' in text
    assert '<pref name="fieldType" value="Field"/>' in text


def test_custom_properties_that_are_there_stay() -> None:
    custom = (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="4" name="Mine"><vt:i4>3</vt:i4></property>'
        "</Properties>"
    )
    _, made, _ = cite(files.docx(p(f"In {CRICK}"), custom=custom))
    new = member(made, "docProps/custom.xml")
    assert new.startswith(custom.removesuffix("</Properties>"))
    assert 'pid="5" name="ZOTERO_PREF_1"' in new


def test_works_that_are_cited_already_keep_their_identity() -> None:
    value = {
        "citationID": "abc", "properties": {"plainCitation": "[1]", "formattedCitation": "[1]", "noteIndex": 0},
        "citationItems": [{
            "id": 17, "uris": ["http://zotero.org/users/99/items/AAAA2222"],
            "itemData": {"id": 17, "type": "article-journal", "title": "X", "DOI": VENTER,
                         "author": [{"family": "Venter", "given": "J."}], "issued": {"date-parts": [["2001"]]}},
        }],
    }  # fmt: skip
    theirs = field(f" ADDIN ZOTERO_ITEM CSL_CITATION {json.dumps(value)} ", "[1]")
    text, made, _ = cite(files.docx(p("A ", theirs), p(f"B {VENTER} and {CRICK}")), "numeric")
    new = member(made, "word/document.xml")
    assert theirs in new
    assert text.startswith("A [1]\nB [1] and [2]\n") or text.startswith("A [1]\nB [1], [2]\n")
    assert new.count("http://zotero.org/users/99/items/AAAA2222") == 2


def test_addresses_of_mendeley_are_not_carried_on() -> None:
    record = {"id": "a", "type": "book", "title": "X", "DOI": VENTER}
    item = {"id": "a", "uris": ["http://www.mendeley.com/documents/?uuid=1"], "itemData": record}
    theirs = field(f" ADDIN CSL_CITATION {json.dumps({'citationItems': [item]})} ", "(X)")
    _, made, _ = cite(files.docx(p("A ", theirs), p(f"B {VENTER}")))
    assert member(made, "word/document.xml").count("mendeley.com") == 1


def test_own_numbers_follow_when_citations_are_added() -> None:
    data = files.docx(p("Here."), p(f"There {VENTER}."))
    _, first, _ = cite(data, "numeric")
    held = members(first)
    body = held["word/document.xml"].decode().replace("Here.", f"Here {CRICK}.")
    edited = files.packed({**held, "word/document.xml": body.encode()})
    text, _, _ = cite(edited, "numeric")
    assert text.startswith("Here [1].\nThere [2].\n[1]\tJ. Q. Watson")


def test_a_document_s_style_that_is_not_at_hand_changes_nothing() -> None:
    _, first, _ = cite(files.docx(p(f"There {VENTER}.")), NOTE)
    manuscript = docx.read(first, "paper.docx", wanted())
    out = docx.write(manuscript, first, files.choosing, wanted())
    assert out.data is None
    assert [note.code for note in out.notes] == ["style-missing"]


def test_text_that_the_user_changed_in_a_field_stays() -> None:
    _, first, _ = cite(files.docx(p("Here."), p(f"There {VENTER}.")), "numeric")
    held = members(first)
    body = held["word/document.xml"].decode().replace(">[1]<", ">[my own]<", 1).replace("Here.", f"Here {CRICK}.")
    text, _, _ = cite(files.packed({**held, "word/document.xml": body.encode()}), "numeric")
    assert text.startswith("Here [1].\nThere [my own].\n")


# --- the bibliography ----------------------------------------------------------------------------


def test_the_bibliography_goes_to_its_mark_or_to_the_end() -> None:
    _, made, _ = cite(files.docx(p(f"A {CRICK}"), p("[[bibliography]]"), p("After")))
    new = member(made, "word/document.xml")
    assert new.index("ZOTERO_BIBL") < new.index("After")
    assert "[[bibliography]]" not in new
    assert '<w:pStyle w:val="Bib"/>' in new
    _, made, _ = cite(files.docx(p(f"A {CRICK}"), p("After")))
    new = member(made, "word/document.xml")
    assert new.index("After") < new.index("ZOTERO_BIBL") < new.index("<w:sectPr>")


def test_a_written_reference_list_is_left_alone_or_replaced() -> None:
    body = (
        p(f"A {CRICK}"), p("References", style="Heading1"), p(f"1. Venter et al. doi:{VENTER}"),
        p("2. A book without any number."), p("Appendix", style="Heading1"), p("More."),
    )  # fmt: skip
    manuscript = docx.read(files.docx(*body), "a.docx", wanted())
    assert [left.why for left in manuscript.left] == ["it stands in the written reference list"]
    text, _, _ = cite(files.docx(*body))
    assert f"1. Venter et al. doi:{VENTER}\n2. A book" in text
    text, _, out = cite(files.docx(*body), references=True)
    assert "1. Venter" not in text
    assert "2. A book without any number." in text
    assert "Venter, J. Q., Adams" in text
    assert any(note.code == "reference-kept" for note in out.notes)
    assert text.index("References\n") < text.index("Venter, J. Q.") < text.index("Appendix")


def test_plain_writes_text_without_fields() -> None:
    text, made, _ = cite(files.docx(p(f"A ({CRICK})."), p(f"B {HUANG}.")), plain=True)
    new = member(made, "word/document.xml")
    assert "fldChar" not in new
    assert "docProps/custom.xml" not in members(made)
    assert '<w:rPr><w:i/></w:rPr><w:t xml:space="preserve">in vivo</w:t>' in new
    assert "A (Watson & Crick, 1953).\n" in text


# --- note styles ----------------------------------------------------------------------------------

NOTE = str(Path(__file__).parent / "samples" / "styles" / "note.csl")


def test_a_note_style_puts_fields_into_real_footnotes() -> None:
    text, made, _ = cite(files.docx(p(f"One {CRICK}."), p(f"Two ({VENTER}, p. 3).")), NOTE)
    assert text.startswith("One.\nTwo.\n")
    notes = member(made, "word/footnotes.xml")
    assert notes.count("ZOTERO_ITEM") == 2
    assert '"noteIndex":2' in notes
    assert 'w:type="separator"' in notes
    assert '<w:footnotePr><w:footnote w:id="-1"/>' in member(made, "word/settings.xml")
    assert "footnotes.xml" in member(made, "word/_rels/document.xml.rels")
    assert 'name="noteType" value="1"' in member(made, "docProps/custom.xml").replace("&quot;", '"')


def test_notes_that_are_there_hold_citations_themselves() -> None:
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    notes = f'<w:footnote w:id="2">{p(f"See {LIMMA}.")}</w:footnote>'
    text, made, _ = cite(files.docx(p("A", reference, f" b {CRICK}."), footnotes=notes), NOTE)
    new = member(made, "word/footnotes.xml")
    assert new.count("<w:footnote ") == 2
    assert new.index("Ritchie") < new.index("Watson")
    assert re.findall(r'<w:footnote w:id="(\d)"', new) == ["1", "2"]
    assert re.findall(r'Reference w:id="(\d)"', member(made, "word/document.xml")) == ["1", "2"]
    assert (
        text.count("See Jane Q. Ritchie and Jane Q. Phipson, limma powers differential expression analyses, 2015.\n")
        == 1
    )


def test_notes_are_numbered_in_the_order_of_their_references() -> None:
    notes = "".join(f'<w:footnote w:id="{number}">{p(f"Note {number}")}</w:footnote>' for number in (1, 2, 3))

    def reference(number: int) -> str:
        return f'<w:r><w:footnoteReference w:id="{number}"/></w:r>'

    body = p(f"One {CRICK}", reference(1), " two ", reference(2), f" three {VENTER} four ", reference(3), f" {LIMMA}")
    _, made, _ = cite(files.docx(body, footnotes=notes), NOTE)
    new = member(made, "word/footnotes.xml")
    order = re.findall(r'Reference w:id="(\d)"', member(made, "word/document.xml"))
    assert order == ["1", "2", "3", "4", "5", "6"]
    assert re.findall(r'<w:footnote w:id="(\d)"', new) == order
    said = re.findall(
        r"Watson|Note 1|Note 2|Venter, Jane|Note 3|Ritchie", re.sub(r"<w:instrText.*?</w:instrText>", "", new)
    )
    assert [one[:6] for one in dict.fromkeys(said)] == ["Watson", "Note 1", "Note 2", "Venter", "Note 3", "Ritchi"]


# --- documents that cannot be, and odd ones --------------------------------------------------------


def test_documents_that_are_refused() -> None:
    protected = '<w:documentProtection w:edit="readOnly" w:enforcement="1"/>'
    for data, words in (
        (files.docx(p(CRICK), members={"_xmlsignatures/sig1.xml": b"<a/>"}), "signed"),
        (files.docx(p(CRICK), settings=protected), "protected"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "encrypted"),
        (b"PK\x03\x04 nonsense", "no ZIP"),
        (files.packed({"a.txt": b"x"}), "no Word document"),
        (files.docx(p(CRICK)[:-3]), "cannot be parsed"),
    ):
        with pytest.raises(LibraryError, match=words):
            docx.read(data, "paper.docx", wanted())


def test_a_document_without_dois_is_not_touched() -> None:
    data = files.docx(p("Nothing here."))
    assert cite(data)[1] == data


def test_lock_files() -> None:
    assert docx.lock_names("dissertation.docx") == (
        "~$dissertation.docx",
        "~$ssertation.docx",
        ".~lock.dissertation.docx#",
    )


def test_other_prefixes_and_utf16() -> None:
    data = files.docx(p(f"A {CRICK}"))
    held = members(data)
    body = held["word/document.xml"].decode()
    other = re.sub(r"(</?)w:", r"\1ns0:", body).replace("xmlns:w=", "xmlns:ns0=").replace(" w:", " ns0:")
    held["word/document.xml"] = other.encode()
    text, made, _ = cite(files.packed(held))
    assert text.startswith("A (Watson & Crick, 1953)\n")
    assert "<w:" not in member(made, "word/document.xml")
    held["word/document.xml"] = body.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    text, _, _ = cite_quietly(files.packed(held))
    assert text.startswith("A (Watson & Crick, 1953)\n")


def cite_quietly(data: bytes) -> tuple[str, bytes, docx.Written]:
    """Without the checks that read parts as UTF-8."""
    want = wanted()
    manuscript = docx.read(data, "paper.docx", want)
    out = docx.write(manuscript, data, files.choosing, want)
    assert out.data is not None
    assert out.text is not None
    assert docx.write(docx.read(out.data, "p.docx", want), out.data, files.choosing, want).data is None
    return out.text, out.data, out
