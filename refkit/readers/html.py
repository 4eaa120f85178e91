"""HTML: the visible text, links, citation meta tags, JSON-LD and COinS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import parse_qs

from refkit.errors import ReadError
from refkit.model import Document, Link, Meta, Note, Severity
from refkit.readers import Limits, OpenSibling
from refkit.readers.markup import View
from refkit.readers.text import decode

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_HIDDEN = frozenset(
    ["script", "style", "template", "noscript", "head", "svg", "math", "object", "iframe", "textarea", "select"]
)
_META = re.compile(
    r"citation_doi|citation_title|citation_reference|(?:dc|dcterms|prism|bepress|eprints|rft)[._:-].*|doi|og:url|identifier|"
    r"bepress_citation_doi|publication_doi|evt-doipage|title",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read a page as one Document; see `refkit.readers.read`."""
    data = stream.read(limits.whole + 1)
    if len(data) > limits.whole:
        raise ReadError(f"{name} is larger than {limits.whole >> 20} MB.", "Split it, or raise the limit.")
    view = View()
    metas: list[Meta] = []
    encoding, notes = write(data, name, view, metas)
    yield Document(
        name, "html", view.text, encoding=encoding, breaks=tuple(view.breaks), links=tuple(view.links),
        meta=tuple(metas), notes=notes,
    )  # fmt: skip


def write(data: bytes, name: str, view: View, metas: list[Meta]) -> tuple[str, tuple[Note, ...]]:
    """Write a page into the view; its encoding and notes. Raises `ReadError` where it is no HTML."""
    text, encoding, notes = _decode(data)
    root, depth_note = _parse(text, name)
    _walk(root, view, metas)
    return encoding, (*notes, *depth_note)


def _decode(data: bytes) -> tuple[str, str, tuple[Note, ...]]:
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        encoding = declared.group(1).decode("ascii")
        if encoding.lower() not in ("utf-8", "utf8", "utf-16", "iso-8859-1", "latin1"):
            try:
                return data.decode(encoding), encoding, ()
            except (LookupError, UnicodeDecodeError):
                pass
    return decode(data)


def _parse(text: str, name: str) -> tuple[Any, tuple[Note, ...]]:
    from lxml import etree
    from lxml import html as lxml_html

    clean = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\x00", "")
    clean = clean.encode("utf-8", "replace").decode("utf-8")  # lone surrogates
    parser = lxml_html.HTMLParser(
        no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, encoding="utf-8"
    )
    try:
        root = lxml_html.document_fromstring(clean.encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        if not clean.strip():
            raise ReadError(f"{name} holds nothing.") from error
        raise ReadError(f"{name} cannot be parsed as HTML ({error}).") from error
    errors = [entry for entry in parser.error_log if "depth" in entry.message.lower()]
    if errors:
        said = "The page is nested deeper than the parser goes; what lies deeper was left out."
        return root, (Note("limit-depth", said, Severity.WARNING),)
    return root, ()


def _walk(root: Any, view: View, metas: list[Meta]) -> None:
    """Walk the tree without recursion; text of hidden elements is left out, their data is not."""
    stack: list[tuple[Any, str, int]] = [(root, "begin", 0)]
    while stack:
        element, step, start = stack.pop()
        name = element.tag if isinstance(element.tag, str) else ""
        if step == "tail":
            if name in _BLOCKS:
                view.line()
            if name == "a" and element.get("href"):
                view.link(element.get("href"), start)
            view.add(element.tail)
            continue
        if name:
            _data(element, name, view, metas)
        if name in _BLOCKS:
            view.line()
            _place(element, name, view)
        stack.append((element, "tail", view.length))
        if not name or (name in _HIDDEN and name != "head"):
            continue
        if name == "head":
            for child in element.iter():
                if isinstance(child.tag, str) and child is not element:
                    _data(child, child.tag, view, metas)
            continue
        view.add(element.text)
        stack.extend((child, "begin", 0) for child in reversed(element))


_PARAGRAPHS = frozenset("p li dd dt td th blockquote pre figcaption caption h1 h2 h3 h4 h5 h6 div".split())


def _place(element: Any, name: str, view: View) -> None:
    """Name the place of what follows: the paragraph's number under the last heading."""
    if name not in _PARAGRAPHS:
        return
    heading, _, number = view.place().rpartition(" ") if view.breaks else ("paragraph", "", "0")
    if name[0] == "h" and name[1:].isdigit():
        words = " ".join("".join(element.itertext()).split())[:40]
        heading, number = (f"“{words}”, paragraph", "0") if words else (heading, number)
    view.at(f"{heading} {int(number) + 1 if number.isdigit() else 1}")


def _data(element: Any, name: str, view: View, metas: list[Meta]) -> None:
    """What an element says besides its text."""
    if name == "meta":
        key = element.get("name") or element.get("property") or ""
        value = (element.get("content") or "").strip()
        if value and _META.fullmatch(key):
            if key.lower() == "citation_reference":
                view.links.append(Link(value, None, "citation_reference tag"))
            else:
                metas.append(Meta(key, value))
    elif name == "title" and element.text:
        metas.append(Meta("html title", element.text.strip()))
    elif name == "link" and element.get("rel") in ("canonical", "cite-as"):
        metas.append(Meta(f"link {element.get('rel')}", element.get("href") or ""))
    elif name == "script" and "ld+json" in (element.get("type") or ""):
        _json_ld(element.text or "", view, metas)
    if "Z3988" in (element.get("class") or ""):
        _coins(element.get("title") or "", view)
    for attribute in ("data-doi", "doi", "data-citation-doi"):
        if element.get(attribute):
            view.links.append(Link(element.get(attribute), None, f"{attribute} attribute"))


def _coins(title: str, view: View) -> None:
    """A ContextObject in a span (OpenURL 1.0): its `rft_id` may be a DOI."""
    for value in parse_qs(title.replace("&amp;", "&")).get("rft_id", []):
        view.links.append(Link(value, None, "COinS"))
    for value in parse_qs(title.replace("&amp;", "&")).get("rft.doi", []):
        view.links.append(Link(value, None, "COinS"))


_LISTED = frozenset({"citation", "citations", "references", "hasPart", "isPartOf", "mentions", "isBasedOn", "about"})


def _json_ld(text: str, view: View, metas: list[Meta]) -> None:
    """schema.org in JSON-LD: identifiers of the page's own thing are metadata, those of what it cites are links."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    stack: list[tuple[Any, bool, int]] = [(value, True, 0)]
    while stack:
        inner, own, depth = stack.pop()
        if depth > 30:
            continue
        if isinstance(inner, list):
            stack.extend((item, own, depth + 1) for item in reversed(inner))
        elif isinstance(inner, dict):
            for key, item in inner.items():
                if isinstance(item, str) and key in (
                    "@id",
                    "identifier",
                    "sameAs",
                    "url",
                    "doi",
                    "value",
                    "mainEntityOfPage",
                ):
                    if own:
                        metas.append(Meta(f"json-ld {key}", item))
                    else:
                        view.links.append(Link(item, None, "JSON-LD"))
                elif isinstance(item, str) and key in _LISTED:
                    view.links.append(Link(item, None, "JSON-LD"))
                elif isinstance(item, (dict, list)):
                    stack.append((item, own and key not in _LISTED, depth + 1))
