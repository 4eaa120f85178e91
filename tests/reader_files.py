"""Small documents of every container kind, made by the tests: what stands in each is listed beside it."""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from collections.abc import Mapping

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP container with these members, in this order; `mimetype` is stored."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in members.items():
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            container.writestr(name, data, compress_type=method)
    return stream.getvalue()


def _field(code: str, shown: str) -> str:
    code = code.replace("&", "&amp;").replace("<", "&lt;")
    half = len(code) // 2
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{code[:half]}</w:instrText></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{code[half:]}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{shown}</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def docx() -> bytes:
    """Text over two runs, a table, a hyperlink, fields of three programs, a tracked change, a footnote, a comment."""
    zotero = json.dumps({"citationItems": [{"id": 1, "itemData": {"DOI": "10.5555/zotero1", "title": "A"}}]})
    number = "<electronic-resource-num>10.5555/endnote1</electronic-resource-num>"
    endnote = f"<EndNote><Cite><record>{number}</record></Cite></EndNote>"
    mendeley = base64.b64encode(json.dumps({"citationItems": [{"itemData": {"DOI": "10.5555/mendeley1"}}]}).encode())
    body = (
        '<w:p><w:r><w:t>See doi:10.5555/spl</w:t></w:r><w:r><w:t xml:space="preserve">it1 for more.</w:t></w:r></w:p>'
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>10.5555/cell1</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        '<w:p><w:hyperlink r:id="rId1"><w:r><w:t>a paper</w:t></w:r></w:hyperlink></w:p>'
        f"<w:p>{_field(' ADDIN ZOTERO_ITEM CSL_CITATION ' + zotero + ' ', '(A, 2020)')}</w:p>"
        f"<w:p>{_field(' ADDIN EN.CITE ' + endnote, '(B, 2021)')}</w:p>"
        f'<w:sdt><w:sdtPr><w:tag w:val="MENDELEY_CITATION_v3_{mendeley.decode()}"/></w:sdtPr><w:sdtContent>'
        "<w:p><w:r><w:t>(C, 2022)</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p><w:del><w:r><w:delText>10.5555/deleted1</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>10.5555/inserted1</w:t></w:r></w:ins></w:p>"
    )
    target = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"<w:document {W} {R}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": f'<Relationships><Relationship Id="rId1" Type="{target}" '
            'Target="https://doi.org/10.5555/link1" TargetMode="External"/></Relationships>',
            "word/footnotes.xml": f"<w:footnotes {W}><w:footnote><w:p><w:r><w:t>10.5555/note1</w:t></w:r></w:p>"
            "</w:footnote></w:footnotes>",
            "word/comments.xml": f"<w:comments {W}><w:comment><w:p><w:r><w:t>10.5555/comment1</w:t></w:r></w:p>"
            "</w:comment></w:comments>",
        }
    )


DOCX_DOIS = {f"10.5555/{name}1" for name in
             ("split", "cell", "link", "zotero", "endnote", "mendeley", "inserted", "note", "comment")}  # fmt: skip


def odt() -> bytes:
    """A paragraph with a soft break of spans, a link, a note and Zotero's reference mark."""
    mark = json.dumps({"citationItems": [{"itemData": {"DOI": "10.5555/zotero1"}}]}).replace('"', "&quot;")
    names = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    body = (
        "<text:tracked-changes><text:changed-region><text:p>10.5555/deleted1</text:p></text:changed-region>"
        "</text:tracked-changes><text:p>See 10.5555/<text:span>split1</text:span>.</text:p>"
        '<text:p><text:a xlink:href="https://doi.org/10.5555/link1">a paper</text:a></text:p>'
        f'<text:p><text:reference-mark-start text:name="ZOTERO_ITEM CSL_CITATION {mark} RND1"/>(A)'
        "<text:note><text:note-body><text:p>10.5555/note1</text:p></text:note-body></text:note></text:p>"
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {names}><office:body><office:text>{body}</office:text>"
            "</office:body></office:document-content>",
        }
    )


ODT_DOIS = {f"10.5555/{name}1" for name in ("split", "link", "zotero", "note")}


def epub() -> bytes:
    """Two chapters in the order of the spine."""
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfile full-path="OPS/book.opf"/></container>',
            "OPS/book.opf": '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:identifier>'
            "urn:doi:10.5555/own1</dc:identifier><dc:title>A book</dc:title></metadata><manifest>"
            '<item id="a" href="a%20b.xhtml"/><item id="b" href="c.xhtml"/></manifest>'
            '<spine><itemref idref="b"/><itemref idref="a"/></spine></package>',
            "OPS/a b.xhtml": "<html><body><p>doi:10.5555/second1</p></body></html>",
            "OPS/c.xhtml": "<html><body><p>doi:10.5555/first1</p></body></html>",
        }
    )


EPUB_DOIS = {f"10.5555/{name}1" for name in ("own", "first", "second")}


def pdf(pages: list[list[str]], *, link: str = "", xmp: str = "", packed: bool = False) -> bytes:
    """A PDF with lines of text on each page, a link on the first, and XMP, deflated where `packed`."""
    objects: list[bytes] = [b"", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for number, lines in enumerate(pages):
        shown = " T* ".join(
            "(" + line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") + ") Tj" for line in lines
        )
        content = f"BT /F1 10 Tf 12 TL 40 780 Td {shown} ET".encode("latin-1")
        objects.append(b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content))
        annotation = ""
        if link and number == 0:
            annotation = f"/Annots[<</Type/Annot/Subtype/Link/Rect[40 700 200 720]/A<</S/URI/URI({link})>>>>]"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {len(objects)} 0 R"
            f"/Resources<</Font<</F1 3 0 R>>>>{annotation}>>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    metadata = ""
    if xmp:
        packet = (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">'
            f"<prism:doi>{xmp}</prism:doi></rdf:Description></rdf:RDF></x:xmpmeta>"
        ).encode()
        data, how = (zlib.compress(packet), b"/Filter/FlateDecode") if packed else (packet, b"")
        objects.append(b"<</Type/Metadata/Subtype/XML/Length %d%s>>\nstream\n%s\nendstream" % (len(data), how, data))
        metadata = f"/Metadata {len(objects)} 0 R"
    objects[0] = f"<</Type/Catalog/Pages 2 0 R{metadata}>>".encode()
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>".encode()
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
