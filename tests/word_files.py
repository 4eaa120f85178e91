"""Makers of DOCX and ODT files for tests: small packages whose every byte the test knows."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from xml.parsers import expat

from refkit.manuscripts import Choose, Chosen, Item, Wanted
from refkit.model import Origin, Work
from refkit.settings import Settings

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
SECTION = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
STYLES = (
    f'<w:styles xmlns:w="{W}">'
    '<w:style w:type="paragraph" w:styleId="Normal" w:default="1"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Bib"><w:name w:val="Bibliography"/></w:style></w:styles>'
)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."


def p(*runs: str, style: str = "") -> str:
    """A paragraph of runs, or of plain text."""
    held = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{held}{''.join(one if one.startswith('<') else r(one) for one in runs)}</w:p>"


def r(text: str, properties: str = "") -> str:
    """A run."""
    held = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{held}<w:t xml:space="preserve">{text}</w:t></w:r>'


def field(code: str, shown: str) -> str:
    """A complex field."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{shown if shown.startswith("<") else r(shown)}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def docx(
    *body: str,
    links: Mapping[str, str] | None = None,
    footnotes: str = "",
    endnotes: str = "",
    settings: str = "",
    custom: str = "",
    members: Mapping[str, bytes] | None = None,
    section: str = SECTION,
) -> bytes:
    """A DOCX package; `links` are external targets by relationship id."""
    rows = [
        ("rId90", f"{R}/styles", "styles.xml", ""),
        ("rId91", f"{R}/settings", "settings.xml", ""),
        *((key, f"{R}/hyperlink", target, ' TargetMode="External"') for key, target in (links or {}).items()),
    ]
    types = [
        ("/word/document.xml", "document.main"),
        ("/word/styles.xml", "styles"),
        ("/word/settings.xml", "settings"),
    ]
    parts = {
        "word/document.xml": f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<w:document {NAMESPACES}>'
        f"<w:body>{''.join(body)}{section}</w:body></w:document>",
        "word/styles.xml": STYLES,
        "word/settings.xml": f'<w:settings xmlns:w="{W}">{settings}<w:compat/></w:settings>',
    }
    for kind, notes in (("footnotes", footnotes), ("endnotes", endnotes)):
        if notes:
            parts[f"word/{kind}.xml"] = f"<w:{kind} {NAMESPACES}>{notes}</w:{kind}>"
            rows.append((f"rId{len(rows) + 70}", f"{R}/{kind}", f"{kind}.xml", ""))
            types.append((f"/word/{kind}.xml", kind))
    package = [("rId1", f"{R}/officeDocument", "word/document.xml", "")]
    if custom:
        parts["docProps/custom.xml"] = custom
        package.append(("rId2", f"{R}/custom-properties", "docProps/custom.xml", ""))
    overrides = "".join(f'<Override PartName="{part}" ContentType="{_WORD}{kind}+xml"/>' for part, kind in types)
    if custom:
        overrides += (
            '<Override PartName="/docProps/custom.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/>'
        )
    out = {
        "[Content_Types].xml": '<?xml version="1.0"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
        f"{overrides}</Types>",
        "_rels/.rels": _relationships(package),
        "word/_rels/document.xml.rels": _relationships(rows),
        **parts,
    }
    return packed({**{name: text.encode() for name, text in out.items()}, **(members or {})})


def _relationships(rows: list[tuple[str, str, str, str]]) -> str:
    held = "".join(
        f'<Relationship Id="{key}" Type="{kind}" Target="{target}"{mode}/>' for key, kind, target, mode in rows
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{RELS}">{held}</Relationships>'


def packed(members: Mapping[str, bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    """A ZIP container of these members, in order."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2020, 1, 1, 12, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            package.writestr(info, content)
    return stream.getvalue()


def member(data: bytes, name: str) -> str:
    """A member of a package, as text."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name).decode()


def members(data: bytes) -> dict[str, bytes]:
    """All members of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        return {info.filename: package.read(info) for info in package.infolist()}


ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("text", "text"), ("style", "style"), ("table", "table"), ("draw", "drawing"),
        ("meta", "meta"), ("fo", "xsl-fo-compatible"), ("manifest", "manifest"),
    )
) + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'  # fmt: skip


def odt(*body: str, meta: str = "", members: Mapping[str, bytes] | None = None, automatic: str = "<x/>") -> bytes:
    """An ODT package of these paragraphs (source text; plain text becomes a paragraph)."""
    held = "".join(one if one.startswith("<") else f"<text:p>{one}</text:p>" for one in body)
    styles = "<office:automatic-styles/>" if automatic == "<x/>" else automatic
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    kinds = (("/", "application/vnd.oasis.opendocument.text"), *((f"{one}.xml", "text/xml") for one in _ODT_PARTS))
    rows = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>' for path, kind in kinds
    )
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f'{head}<office:document-content {ODF} office:version="1.3">{styles}<office:body><office:text>'
        f"{held}</office:text></office:body></office:document-content>",
        "styles.xml": f'{head}<office:document-styles {ODF} office:version="1.3"><office:styles><style:style '
        'style:name="Standard" style:family="paragraph"/></office:styles></office:document-styles>',
        "meta.xml": f'{head}<office:document-meta {ODF} office:version="1.3"><office:meta>{meta}'
        "<meta:generator>test</meta:generator></office:meta></office:document-meta>",
        "META-INF/manifest.xml": f'{head}<manifest:manifest {ODF} manifest:version="1.3">{rows}</manifest:manifest>',
    }
    given = {**{name: text.encode() for name, text in parts.items()}, **(members or {})}
    return packed(given, stored=("mimetype",))


_ODT_PARTS = ("content", "styles", "meta")


# --- works ---------------------------------------------------------------------------------------

PEOPLE = {
    "10.1038/171737a0": (("Watson", "Crick"), 1953, "Molecular Structure of Nucleic Acids"),
    "10.1016/s0140-6736(20)30183-5": (("Huang", "Wang", "Li"), 2020, "Clinical features <i>in vivo</i> & more"),
    "10.1126/science.1058040": (("Venter", "Adams", "Myers"), 2001, "The Sequence of the Human Genome"),
    "10.1093/nar/gkv007": (("Ritchie", "Phipson"), 2015, "limma powers differential expression analyses"),
}


def work(doi: str) -> Work:
    """A work for a DOI, always the same one."""
    given = PEOPLE.get(doi)
    number = sum(doi.encode()) % 900 + 100
    names, year, title = given or ((f"Author{number}", "Other"), 1900 + number % 120, f"On {doi}")
    return Work(
        {
            "type": "article-journal", "DOI": doi, "title": title, "container-title": "Journal of Samples",
            "author": [{"family": name, "given": "Jane Q."} for name in names],
            "issued": {"date-parts": [[year]]}, "volume": "12", "issue": "3", "page": "45–67",
        },
        origin=Origin("test"),
    )  # fmt: skip


def choose(item: Item) -> Chosen | None:
    """Every DOI is known but those of the prefix 10.9999."""
    doi = item.readings[0].doi
    if doi.startswith("10.9999/"):
        return None
    found = work(doi)
    return Chosen(doi, f"{found.csl['author'][0]['family'].lower()}{found.csl['issued']['date-parts'][0][0]}", found)


choosing: Choose = choose


def wanted(style: str = "", **given: bool) -> Wanted:
    """What a call wants."""
    narrative = given.pop("narrative", True)
    return Wanted(Settings(style=style, narrative=narrative), **given)


# --- checks --------------------------------------------------------------------------------------


def is_consistent(data: bytes) -> None:
    """A DOCX holds together: every XML part is well formed, every relationship leads to a part, every part has a type,
    fields are nested and closed within their part, and ids of notes are defined."""
    held = members(data)
    for name, content in held.items():
        if name.endswith((".xml", ".rels")):
            parser = expat.ParserCreate(namespace_separator="}")
            parser.Parse(content, True)
    types = held["[Content_Types].xml"].decode()
    defaults = set(re.findall(r'Extension="([^"]+)"', types))
    for name in held:
        assert f'"/{name}"' in types or name.rpartition(".")[2] in defaults or name == "[Content_Types].xml", name
    for override in re.findall(r'PartName="/([^"]+)"', types):
        assert override in held, override
    for name in (one for one in held if one.endswith(".rels")):
        folder = name.partition("_rels/")[0]
        ids = re.findall(r'\bId="([^"]+)"', held[name].decode())
        assert len(ids) == len(set(ids))
        for row in re.findall(r"<Relationship\b[^>]*>", held[name].decode()):
            if "External" not in row:
                target = re.search(r'Target="([^"]+)"', row)
                assert target is not None
                path = target[1].lstrip("/") if target[1].startswith("/") else posixpath.normpath(folder + target[1])
                assert path in held or "#" in target[1] or target[1] == "NULL", row
    for name in ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml"):
        depth = 0
        for kind in re.findall(r'fldCharType="(\w+)"', held.get(name, b"").decode()):
            depth += {"begin": 1, "separate": 0, "end": -1}[kind]
            assert depth >= 0
        assert depth == 0
    for kind in ("footnote", "endnote"):
        used = re.findall(rf'<w:{kind}Reference\b[^>]*w:id="(\d+)"', held["word/document.xml"].decode())
        notes = held.get(f"word/{kind}s.xml", b"").decode()
        defined = re.findall(rf'<w:{kind}\b[^>]*w:id="(-?\d+)"', notes)
        assert set(used) <= set(defined)
        assert len(defined) == len(set(defined))


def is_consistent_odt(data: bytes) -> None:
    """An ODT holds together: `mimetype` first and stored, parts well formed, marks in pairs, styles there."""
    held = members(data)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        first = package.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    for name in ("content.xml", "meta.xml", "styles.xml", "META-INF/manifest.xml"):
        expat.ParserCreate(namespace_separator="}").Parse(held[name], True)
    content = held["content.xml"].decode()
    begun = re.findall(r'<text:reference-mark-start text:name="([^"]*)"', content)
    assert begun == re.findall(r'<text:reference-mark-end text:name="([^"]*)"', content)
    assert len(begun) == len(set(begun))
    for used in set(re.findall(r'text:style-name="(refkit_\w+)"', content)):
        assert f'style:name="{used}"' in content
