"""Works that documents carry in the fields of reference managers are read back, with and without a DOI."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import pytest

from refkit import readers
from refkit.model import Carried, Document
from tests import word_files as files
from tests.word_files import field, p

ITEM = {
    "id": 7, "type": "book", "title": "A <i>fine</i> book", "author": [{"family": "Doe", "given": "Jane"}],
    "issued": {"date-parts": [[1999]]}, "publisher": "Press", "citation-key": "doe1999",
}  # fmt: skip
CODE = json.dumps({"citationID": "x", "citationItems": [{"id": 7, "uris": ["u"], "itemData": ITEM}]})
ENDNOTE = (
    "<EndNote><Cite><Author>Doe</Author><Year>1999</Year><record><rec-number>1</rec-number>"
    '<ref-type name="Journal Article">17</ref-type>'
    '<contributors><authors><author><style face="normal">Doe, Jane</style></author>'
    "<author>World Health Organization,</author></authors></contributors>"
    "<titles><title>On cells &amp; more</title><secondary-title>Cell</secondary-title></titles>"
    "<pages>1-9</pages><volume>3</volume><number>2</number>"
    "<dates><year>1999</year></dates><isbn>1234-5678</isbn></record></Cite></EndNote>"
)
SOURCES = """<b:Sources xmlns:b="http://schemas.openxmlformats.org/officeDocument/2006/bibliography"><b:Source>
<b:Tag>Doe99</b:Tag><b:SourceType>JournalArticle</b:SourceType><b:Title>On cells</b:Title><b:Year>1999</b:Year>
<b:Month>3</b:Month><b:JournalName>Cell</b:JournalName><b:Volume>3</b:Volume><b:Issue>2</b:Issue><b:Pages>1-9</b:Pages>
<b:Author><b:Author><b:NameList><b:Person><b:Last>Doe</b:Last><b:First>Jane</b:First><b:Middle>Q.</b:Middle></b:Person>
</b:NameList></b:Author><b:Editor><b:Corporate>The Press</b:Corporate></b:Editor></b:Author></b:Source></b:Sources>"""


def carried(data: bytes, name: str = "a.docx") -> tuple[Carried, ...]:
    """The works of a document."""
    (document,) = readers.read(io.BytesIO(data), name)
    assert isinstance(document, Document)
    return document.works


def escaped(text: str) -> str:
    """Characters as XML has them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_zotero_fields() -> None:
    body = p("See ", field(f" ADDIN ZOTERO_ITEM CSL_CITATION {escaped(CODE)} ", "(Doe 1999)"))
    (one,) = carried(files.docx(body, body))
    assert (one.key, one.program, one.place) == ("doe1999", "Zotero field", "paragraph 1")
    assert one.work.csl["title"] == "A <i>fine</i> book"
    assert "citation-key" not in one.work.csl


def test_what_refkit_cited_reads_back() -> None:
    data = files.docx(p("In 10.1038/171737a0"))
    from refkit.manuscripts import docx

    want = files.wanted()
    made = docx.write(docx.read(data, "a.docx", want), data, files.choosing, want).data
    assert made is not None
    (one,) = carried(made)
    assert one.work.csl == files.work("10.1038/171737a0").csl
    assert one.key == "watson1953"


@pytest.mark.parametrize("packed", [False, True])
def test_mendeley_fields_and_controls(packed: bool) -> None:
    if packed:
        tag = "MENDELEY_CITATION_v3_" + base64.b64encode(CODE.encode()).decode()
        body = p(
            f'<w:sdt><w:sdtPr><w:tag w:val="{tag}"/></w:sdtPr><w:sdtContent>{files.r("(Doe)")}</w:sdtContent></w:sdt>'
        )
    else:
        body = p(field(f" ADDIN CSL_CITATION {escaped(CODE)} ", "(Doe)"))
    (one,) = carried(files.docx(body))
    assert one.work.csl["title"] == "A <i>fine</i> book"


@pytest.mark.parametrize("packed", [False, True])
def test_endnote_fields(packed: bool) -> None:
    if packed:
        data = base64.b64encode(ENDNOTE.encode()).decode()
        body = (
            f'<w:p><w:r><w:fldChar w:fldCharType="begin"><w:fldData>{data}</w:fldData></w:fldChar></w:r>'
            "<w:r><w:instrText> ADDIN EN.CITE.DATA </w:instrText></w:r>"
            '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
        )
    else:
        body = p(field(f" ADDIN EN.CITE {escaped(ENDNOTE)}", "(Doe, 1999)"))
    (one,) = carried(files.docx(body))
    assert one.work.csl == {
        "type": "article-journal", "title": "On cells & more", "container-title": "Cell", "page": "1-9", "volume": "3",
        "issue": "2", "issued": {"date-parts": [[1999]]}, "ISSN": "1234-5678",
        "author": [{"family": "Doe", "given": "Jane"}, {"literal": "World Health Organization"}],
    }  # fmt: skip


def test_word_s_own_sources() -> None:
    (one,) = carried(files.docx(p("x"), members={"customXml/item1.xml": SOURCES.encode()}))
    assert one.key == "Doe99"
    assert one.work.csl == {
        "type": "article-journal", "title": "On cells", "container-title": "Cell", "volume": "3", "issue": "2",
        "page": "1-9", "issued": {"date-parts": [[1999, 3]]}, "author": [{"family": "Doe", "given": "Jane Q."}],
        "editor": [{"literal": "The Press"}],
    }  # fmt: skip


def test_marks_of_libreoffice_and_zotero() -> None:
    name = escaped(f"ZOTERO_ITEM CSL_CITATION {CODE} RNDabcdefghij").replace('"', "&quot;")
    body = (
        f'<text:p><text:reference-mark-start text:name="{name}"/>(Doe)<text:reference-mark-end text:name="{name}"/>'
        '<text:bibliography-mark text:identifier="Roe01" text:bibliography-type="book" text:author="Roe, Ann; Poe, Ed" '
        'text:title="Other" text:year="2001" text:publisher="House">[Roe01]</text:bibliography-mark></text:p>'
    )
    first, second = carried(files.odt(body), "a.odt")
    assert first.key == "doe1999"
    assert second.key == "Roe01"
    assert second.work.csl == {
        "type": "book", "title": "Other", "publisher": "House", "issued": {"date-parts": [[2001]]},
        "author": [{"family": "Roe", "given": "Ann"}, {"family": "Poe", "given": "Ed"}],
    }  # fmt: skip


def test_broken_codes_carry_nothing() -> None:
    codes = ("ZOTERO_ITEM CSL_CITATION {broken", "EN.CITE &lt;EndNote&gt;&lt;Cite", "CSL_CITATION []", "EN.CITE")
    body = p(*(field(f" ADDIN {code} ", "x") for code in codes))
    data = files.docx(body, members={"customXml/item1.xml": b"<a xmlns='/bibliography'/>"})
    assert carried(data) == ()


def test_enrich_makes_entries_of_works_without_a_doi(tmp_path: Path) -> None:
    from refkit.pipeline import Call, enrich
    from refkit.settings import Settings

    zotero = field(f" ADDIN ZOTERO_ITEM CSL_CITATION {escaped(CODE)} ", "(Doe)")
    body = p(zotero, field(f" ADDIN EN.CITE {escaped(ENDNOTE)}", "x"))
    (tmp_path / "a.docx").write_bytes(files.docx(body))
    result = enrich(Call([str(tmp_path / "a.docx")]), Settings(offline=True, cache=str(tmp_path / "cache")))
    assert [entry.key for entry in result.entries][:1] == ["doe1999"]
    assert len(result.entries) == 2
    assert [row["carried"][0]["title"] for row in result.report.as_json()["documents"]] == ["A <i>fine</i> book"]
    again = enrich(Call([str(tmp_path / "a.docx")]), Settings(offline=True, cache=str(tmp_path / "cache")))
    assert again.text == result.text
