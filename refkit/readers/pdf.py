"""PDF: the text of each page, link annotations, the document information and XMP (pypdfium2; pypdf for hidden XMP)."""

from __future__ import annotations

import contextlib
import ctypes
import re
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from refkit.errors import ReadError
from refkit.model import Break, Document, Link, Meta, Note, Severity
from refkit.readers import Limits, OpenSibling

SUFFIXES = (".pdf",)


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read a PDF as one Document, its pages as breaks; see `refkit.readers.read`."""
    import pypdfium2

    data = stream.read(limits.whole + 1)
    if len(data) > limits.whole:
        raise ReadError(f"{name} is larger than {limits.whole >> 20} MB.", "Split it, or raise the limit.")
    if b"%PDF-" not in data[:1024]:
        raise ReadError(f"{name} is no PDF: it does not begin with %PDF.")
    _refuse_bombs(data, name)
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _unreadable(name, data, error) from error
    with contextlib.closing(pdf):
        yield _document(pdf, data, name, limits)


_LARGEST_PACKET = 64 << 20


def _refuse_bombs(data: bytes, name: str) -> None:
    """pdfium inflates the metadata stream on opening, without bounds."""
    for match in _STREAM.finditer(data):
        inflater, size, at = zlib.decompressobj(), 0, match.end()
        with contextlib.suppress(zlib.error):
            while not inflater.eof and at < len(data):
                chunk = inflater.unconsumed_tail or data[at : at + (1 << 16)]
                at += 0 if inflater.unconsumed_tail else 1 << 16
                size += len(inflater.decompress(chunk, 1 << 20))
                if size > _LARGEST_PACKET:
                    raise ReadError(f"{name} has metadata that unpack to more than refkit takes; it looks like a bomb.")


def _unreadable(name: str, data: bytes, error: Exception) -> ReadError:
    if "assword" in str(error):
        return ReadError(f"{name} is encrypted and needs a password.", "Save a copy without one, and read that.")
    if b"%%EOF" not in data[-2048:]:
        return ReadError(f"{name} is truncated: its end is missing.", "Fetch it again.")
    return ReadError(f"{name} is a damaged PDF: {error}")


def _document(pdf: Any, data: bytes, name: str, limits: Limits) -> Document:
    import pypdfium2.raw as pdfium

    pieces: list[str] = []
    breaks: list[Break] = []
    links: list[Link] = []
    notes: list[Note] = []
    offset = 0
    count = len(pdf)
    if count > limits.pages:
        notes.append(
            Note("limit-pages", f"Only the first {limits.pages} of {count} pages were read.", Severity.WARNING)
        )
    failed = []
    for number in range(min(count, limits.pages)):
        label = f"p. {number + 1}"
        breaks.append(Break(offset, label))
        page = pdfium.FPDF_LoadPage(pdf.raw, number)
        if not page:
            failed.append(number + 1)
            continue
        try:
            text, whole = _text(pdfium, page, limits)
            if not whole:
                said = f"Only the first {limits.characters:,} characters of page {number + 1} were read."
                notes.append(Note("limit-characters", said, Severity.WARNING, place=label))
            links.extend(Link(target, None, label) for target in _links(pdfium, pdf.raw, page))
        finally:
            pdfium.FPDF_ClosePage(page)
        pieces.append(text)
        pieces.append("\n\f")
        offset += len(text) + 2
    if failed:
        pages = ", ".join(map(str, failed[:10]))
        notes.append(Note("page-unreadable", f"Damaged pages were left out: {pages}.", Severity.WARNING))
    text = "".join(pieces)
    if not text.strip() and count > len(failed):
        notes.append(
            Note(
                "no-text",
                "The PDF has no text layer (a scan?): only its links and metadata were read.",
                Severity.WARNING,
            )
        )
    meta = (*_information(pdf), *_xmp(data))
    return Document(name, "pdf", text, breaks=tuple(breaks), links=tuple(links), meta=meta, notes=tuple(notes))


def _text(pdfium: Any, page: Any, limits: Limits) -> tuple[str, bool]:
    """The page's text, and whether that is all of it."""
    textpage = pdfium.FPDFText_LoadPage(page)
    if not textpage:
        return "", True
    try:
        there = pdfium.FPDFText_CountChars(textpage)
        count = min(there, limits.characters)
        if count <= 0:
            return "", True
        buffer = ctypes.create_string_buffer(2 * (count + 1))
        written = pdfium.FPDFText_GetText(textpage, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)))
        return buffer.raw[: 2 * max(0, written - 1)].decode("utf-16-le", "replace"), count == there
    finally:
        pdfium.FPDFText_ClosePage(textpage)


def _links(pdfium: Any, document: Any, page: Any) -> Iterator[str]:
    """The targets of the page's link annotations that lead out of the document."""
    position = ctypes.c_int(0)
    link = pdfium.FPDF_LINK()
    before = -1
    while pdfium.FPDFLink_Enumerate(page, position, link) and position.value != before:
        before = position.value
        action = pdfium.FPDFLink_GetAction(link)
        if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
            continue
        size = pdfium.FPDFAction_GetURIPath(document, action, None, 0)
        if 1 < size <= 8192:
            buffer = ctypes.create_string_buffer(size)
            pdfium.FPDFAction_GetURIPath(document, action, buffer, size)
            yield buffer.value.decode("utf-8", "replace")


# Custom keys that publishers write into the document information; pdfium gives a value for any key asked for.
_KEYS = ("Title", "Subject", "Keywords", "doi", "DOI", "WPS-ARTICLEDOI", "crossmark:DOI", "prism:doi", "Identifier")


def _information(pdf: Any) -> Iterator[Meta]:
    for key in _KEYS:
        with contextlib.suppress(ValueError, UnicodeDecodeError):
            value = pdf.get_metadata_value(key).strip()
            if value:
                yield Meta(f"pdf {key}", value)


# --- XMP -----------------------------------------------------------------------------------------

_PACKET = re.compile(rb"<(?:x|xap):x[am]pmeta.*?</(?:x|xap):x[am]pmeta>|<rdf:RDF.*?</rdf:RDF>", re.DOTALL)
_STREAM = re.compile(rb"/Type\s*/Metadata\b[^>]{0,400}>>\s*stream\r?\n", re.DOTALL)


def _xmp(data: bytes) -> Iterator[Meta]:
    """The statements of the XMP packets: raw ones first, then deflated ones, then by pypdf what is left."""
    packets = [match.group() for match in _PACKET.finditer(data)] if b"<rdf:RDF" in data else []
    if not packets and b"/Metadata" in data:
        for match in _STREAM.finditer(data):
            with contextlib.suppress(zlib.error):
                unpacked = zlib.decompressobj().decompress(data[match.end() : match.end() + (1 << 20)], 1 << 22)
                packets.extend(found.group() for found in _PACKET.finditer(unpacked))
        if not packets and b"/Encrypt" in data:
            packets = _by_pypdf(data)
    seen = set()
    for packet in packets[-8:]:
        for meta in _statements(packet):
            if meta not in seen:
                seen.add(meta)
                yield meta


def _by_pypdf(data: bytes) -> list[bytes]:
    """The packet of an encrypted file with an empty password, which only pypdf reaches."""
    import io
    import logging

    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            reader.decrypt("")
        root: Any = reader.trailer["/Root"]
        packet = root["/Metadata"].get_object().get_data()
    except Exception:  # noqa: BLE001  # pypdf raises whatever a damaged file provokes; the packet is an extra
        return []
    return [match.group() for match in _PACKET.finditer(packet)]


_WANTED = re.compile(r"doi|identifier|url|title|source|isVersionOf|relation", re.IGNORECASE)


def _statements(packet: bytes) -> Iterator[Meta]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(packet, parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    if root is None:
        return
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = element.tag.rpartition("}")[2]
        for key, value in element.attrib.items():
            local = str(key).rpartition("}")[2]
            if _WANTED.search(local) and value.strip() and "xmlns" not in local:
                yield Meta(f"xmp {local}", value.strip())
        if name in ("li", "Alt", "Seq", "Bag") or not _WANTED.search(name):
            continue
        value = " ".join("".join(element.itertext()).split())
        if value:
            yield Meta(f"xmp {name}", value[:2000])
