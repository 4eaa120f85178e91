"""Zotero RDF: the one file format that Zotero reads back without loss.

Written flat: its importer takes every `z:` element for the field of that name. Read: that, and the nested form that
Zotero's own export has. Source: Zotero's translators `RDF.js` and `Zotero RDF.js` (behaviour), Zotero schema 42.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from refkit.formats import zotero_schema, zotero_table
from refkit.formats.addresses import licence
from refkit.formats.plain import OTHERS
from refkit.formats.rdf_tree import Node, parse
from refkit.formats.types import types_of
from refkit.formats.zotero_dates import date_from, date_text
from refkit.model import Entry, Library, Note, Origin, Severity, Work
from refkit.settings import Settings

_SPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "z": "http://www.zotero.org/namespaces/export#",
    "dcterms": "http://purl.org/dc/terms/",
    "bib": "http://purl.org/net/biblio#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
_BIB_CREATORS = frozenset(("author", "editor", "contributor"))
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _text(value: Any) -> str:
    return escape(_CONTROL.sub("", str(value)))


def item_type(work: Work) -> str:
    """Zotero's item type of a work: what its own file called it, else by the tables."""
    own = work.extra.get("zotero", {})
    if (known := own.get("type")) and own.get("csl") == work.csl.get("type"):
        return str(known)
    return types_of(work).zotero


def fields_of(work: Work) -> dict[str, str]:
    """The fields of the Zotero item that a work makes, without creators, tags and notes."""
    csl, kind = work.csl, item_type(work)
    out: dict[str, str] = {}
    for variable in zotero_table.variables():
        value = csl.get(variable)
        if value and (name := zotero_table.field(variable, kind)) and name not in out:
            out[name] = str(value)
    if kind == "conferencePaper" and csl.get("event-place"):
        out["place"] = str(csl["event-place"])  # where the conference was, as Zotero's own Crossref import has it
    for variable, name in (("issued", "date"), ("accessed", "accessDate"), ("original-date", "originalDate")):
        date = csl.get(variable)
        if isinstance(date, Mapping) and (text := date_text(date)):
            out[name] = text
    if rights := licence(work):
        out["rights"] = rights
    own = work.extra.get("zotero", {}).get("fields")
    if isinstance(own, Mapping):
        for name, value in own.items():
            out.setdefault(name, str(value))
    return out


def dump(entries: Sequence[Entry], settings: Settings, dialect: str = "") -> str:
    """Entries as the text of a Zotero RDF file."""
    spaces = "\n".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in _SPACES.items())
    items = "".join(_item(number, entry, settings) for number, entry in enumerate(entries, 1))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF\n{spaces}>\n{items}</rdf:RDF>\n'


def _item(number: int, entry: Entry, settings: Settings) -> str:
    work, csl = entry.work, entry.work.csl
    left_out = set(settings.leave_out)
    lines = [f'  <rdf:Description rdf:about="#item_{number}">', f"    <z:itemType>{item_type(work)}</z:itemType>"]
    if entry.key:
        lines.append(f"    <z:citationKey>{_text(entry.key)}</z:citationKey>")
    lines += _creators(csl, item_type(work))
    for name, value in fields_of(work).items():
        if name in left_out:
            continue
        tag = {"title": "dc:title", "date": "dc:date"}.get(name, f"z:{name}")
        if re.fullmatch(r"\w+", name):
            lines.append(f"    <{tag}>{_text(value)}</{tag}>")
    keyword = csl.get("keyword")
    for word in re.split(r"\s*;\s*", str(keyword)) if keyword else ():
        lines.append(f"    <dc:subject>{_text(word)}</dc:subject>")
    for variable in ("note", "annote"):
        if csl.get(variable):
            memo = f"<bib:Memo><rdf:value>{_text(csl[variable])}</rdf:value></bib:Memo>"
            lines.append(f"    <dcterms:isReferencedBy>{memo}</dcterms:isReferencedBy>")
    lines.append("  </rdf:Description>\n")
    return "\n".join(lines)


# Types that have no editors: its importer would drop them without a word. Reports and standards have them since
# schema 34 only.
_WITHOUT_EDITORS = frozenset(
    ("manuscript", "report", "thesis", "dataset", "standard", "webpage", "blogPost", "computerProgram")
)


def _creators(csl: Mapping[str, Any], kind: str) -> list[str]:
    lines = []
    people: dict[str, list[Mapping[str, str]]] = {}
    for variable, creator in zotero_table.CREATORS.items():
        missing = creator not in zotero_schema.creators(kind) and variable != "author"
        if missing or (creator == "editor" and kind in _WITHOUT_EDITORS):
            creator = "contributor"
        # BibTeX's "and others" would become a person.
        people.setdefault(creator, []).extend(name for name in csl.get(variable) or () if name != OTHERS)
    for creator, names in people.items():
        if not names:
            continue
        tag = f"{'bib' if creator in _BIB_CREATORS else 'z'}:{creator}s"
        persons = "".join(f"<rdf:li><foaf:Person>{_person(name)}</foaf:Person></rdf:li>" for name in names)
        lines.append(f"    <{tag}><rdf:Seq>{persons}</rdf:Seq></{tag}>")
    return lines


def _person(name: Mapping[str, str]) -> str:
    family, given, suffix = name.get("family", ""), name.get("given", ""), name.get("suffix", "")
    if not family:
        return f"<foaf:surname>{_text(name.get('literal') or given)}</foaf:surname>"
    # Zotero's citation processor reads "John, Jr." as a given name and a suffix.
    given = f"{given}, {suffix}" if suffix and given else given or suffix
    surname = f"<foaf:surname>{_text(family)}</foaf:surname>"
    return surname + (f"<foaf:givenName>{_text(given)}</foaf:givenName>" if given else "")


# --- reading ---------------------------------------------------------------------------------------


def load(text: str, dialect: str = "") -> Library:
    """The library in a Zotero RDF file: one entry for each item that is no note, attachment or collection."""
    if not text.strip("\ufeff \t\r\n"):
        return Library(text, "zotero-rdf")
    try:
        root = parse(text)
    except ValueError as error:
        return Library(text, "zotero-rdf", (), (Note("broken-xml", f"This is not RDF: {error}.", Severity.ERROR),))
    by_about = {node.attributes.get("rdf:about", ""): node for node in root.children}
    entries = []
    for node in root.children:
        kind = node.text_of("z:itemType")
        if kind and kind not in ("note", "attachment"):
            entries.append(_entry(node, kind, by_about))
    return Library(text, "zotero-rdf", tuple(entries))


def _entry(node: Node, kind: str, by_about: Mapping[str, Node]) -> Entry:
    csl: dict[str, Any] = {"type": zotero_table.TYPES.get(kind, "document")}
    kept: dict[str, str] = {}
    rows = zotero_table.by_field(kind)
    notes: list[str] = []
    parents = [_resolved(child, by_about) for child in node.all("dcterms:isPartOf")]
    for creator, variable in ((c, v) for v, c in reversed(list(zotero_table.CREATORS.items()))):
        for tag in (f"bib:{creator}s", f"z:{creator}s"):
            for seq in node.all(tag):
                if creator == "contributor" and kind in _WITHOUT_EDITORS:
                    variable = "editor"
                csl[variable] = [_name(person) for person in seq.below("foaf:Person")]
    for child in node.children:
        _child(child, csl, kept, rows, notes, by_about)
    for parent in parents:
        if parent is not None:
            _container(parent, csl, rows)
    if notes:
        csl["note"] = "\n\n".join(notes)
    extra: dict[str, Any] = {"type": kind, "csl": csl["type"]}
    if kept:
        extra["fields"] = kept
    key = node.text_of("z:citationKey")
    return Entry(key, Work(csl, {"zotero": extra}, Origin("library")), node.span)


def _child(
    child: Node,
    csl: dict[str, Any],
    kept: dict[str, str],
    rows: dict[str, str],
    notes: list[str],
    by_about: Mapping[str, Node],
) -> None:
    prefix, _, name = child.tag.partition(":")
    text = child.text.strip()
    if child.tag == "dc:subject":
        word = text or next((value.text.strip() for value in child.below("rdf:value")), "")
        csl["keyword"] = f"{csl['keyword']}; {word}" if "keyword" in csl else word
    elif child.tag == "dcterms:isReferencedBy":
        memo = _resolved(child, by_about)
        notes += [value.text.strip() for value in memo.below("rdf:value")] if memo is not None else []
    elif child.tag == "dc:identifier":
        _identifier(child, csl)
    elif child.tag in ("dc:date", "z:accessDate", "z:originalDate", "dcterms:dateSubmitted"):
        variable = {"dc:date": "issued", "z:originalDate": "original-date"}.get(child.tag, "accessed")
        csl.setdefault(variable, date_from(text))
    elif child.tag == "dc:publisher":
        for organization in child.below("foaf:name"):
            csl.setdefault("publisher", organization.text.strip())
        for place in child.below("vcard:locality"):
            csl.setdefault("publisher-place", place.text.strip())
    elif child.tag == "bib:presentedAt":
        for title in child.below("dc:title"):
            csl.setdefault("event-title", title.text.strip())
    elif known := _PLAIN.get(child.tag) or (rows.get(name) if prefix == "z" and not child.children else None):
        csl.setdefault(known, text)
    elif prefix == "z" and not child.children and name not in ("itemType", "citationKey"):
        kept[name] = text


_PLAIN = {
    "dc:title": "title", "dcterms:abstract": "abstract", "bib:pages": "page", "prism:volume": "volume",
    "prism:number": "issue",
    "prism:edition": "edition", "dc:type": "genre", "dcterms:alternative": "container-title-short",
    "dc:language": "language",
}  # fmt: skip


def _resolved(child: Node, by_about: Mapping[str, Node]) -> Node | None:
    if child.children:
        return child.children[0]
    return by_about.get(child.attributes.get("rdf:resource", ""))


def _container(parent: Node, csl: dict[str, Any], rows: dict[str, str]) -> None:
    series = parent.tag == "bib:Series"
    for child in parent.children:
        if child.tag == "dc:title":
            csl.setdefault("collection-title" if series else "container-title", child.text.strip())
        elif child.tag == "dc:identifier" and not series:
            _identifier(child, csl)
        elif child.tag == "dcterms:isPartOf" and child.children:
            _container(child.children[0], csl, rows)
        elif child.tag in _PLAIN and not series:
            csl.setdefault(_PLAIN[child.tag], child.text.strip())


def _identifier(child: Node, csl: dict[str, Any]) -> None:
    for value in child.below("rdf:value"):
        csl.setdefault("URL", value.text.strip())
    label, _, value_text = child.text.strip().partition(" ")
    if label in ("DOI", "ISBN", "ISSN") and value_text:
        csl.setdefault(label, value_text.lower() if label == "DOI" else value_text)


def _name(person: Node) -> dict[str, str]:
    family = person.text_of("foaf:surname")
    given = person.text_of("foaf:givenName") or person.text_of("foaf:givenname")
    if not given:
        return {"literal": family} if " " in family else {"family": family}
    given, _, suffix = given.partition(", ")
    return {"family": family, "given": given} | ({"suffix": suffix} if suffix else {})
