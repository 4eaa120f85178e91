"""Works ⇄ items of Zotero's API and connector: fields by type, creators, tags, and lines in Extra for all the rest.

An item that is made here holds no field and no creator that its type lacks, because Zotero's web service refuses those
and its desktop moves them. Source: Zotero schema 42; Web API 3 "Write requests"; what the desktop makes of Extra.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from refkit import doi as dois
from refkit.formats import csljson, zotero_table
from refkit.formats import zotero_schema as schema
from refkit.formats.addresses import licence
from refkit.formats.csljson_zotero import one_field_family
from refkit.formats.plain import OTHERS, readable
from refkit.formats.types import CSL, types_of
from refkit.formats.zotero_dates import date_from, date_text, full_date
from refkit.model import Entry, Origin, Work

Item = dict[str, Any]

LONGEST = 65_535
"""Bytes of a field's value that the web service keeps."""

LONGEST_TAG = 255
"""Characters of a tag that the web service takes."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BARE_DOI = re.compile(r"10\.\d{4,9}/[\w./-]*\w", re.ASCII)
_NO_FIELDS = frozenset(("key", "itemType", "parentItem", "dateAdded", "dateModified"))
_HTML = re.compile(r"<(?:p|div|ul|ol|h[1-6]|blockquote)\b[^<>]*>", re.IGNORECASE)
_LINE = re.compile(r"([A-Za-z][A-Za-z _-]*): *(\S.*)")
_UPPER = {"DOI", "ISBN", "ISSN", "PMID", "PMCID", "URL"}
_ELSEWHERE = frozenset(("type", "note", "annote", "keyword", "categories", "custom", "id", "citation-key"))
_OLD_NAMES = {"journalAbbreviation": "container-title-short", "shortTitle": "title-short", "event": "event-title"}


def item_type(work: Work) -> str:
    """The item type of a work: what its own library called it, else the one that is read back as the same CSL type."""
    own, csl_type = work.extra.get("zotero", {}), work.csl.get("type")
    if (known := own.get("type")) and own.get("csl") == csl_type and schema.fields(str(known)):
        return str(known)
    found = types_of(work).zotero
    if zotero_table.TYPES.get(found) == csl_type:
        return found
    return zotero_table.EXACT.get(str(csl_type)) or found


@dataclass(slots=True)
class Parts:
    """What an item is made of: fields by name, creators, lines of Extra by CSL variable, tags, and notes (HTML)."""

    kind: str
    fields: dict[str, str] = field(default_factory=dict)
    creators: list[dict[str, str]] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    extra: str = ""


def item(entry: Entry, *, version: int = schema.VERSION, kind: str = "") -> Item:
    """The item that an entry makes, valid for its type, without key, collections and relations.

    Parameters: `version`, of the schema that the other side has; `kind`, the item type, "" for the work's own. Notes of
    the work stand under `notes` (HTML), as the connector takes them; the API takes them as items of their own.
    """
    made = parts(entry, version=version, kind=kind)
    out: Item = {"itemType": made.kind, "creators": made.creators, **made.fields}
    if extra := _extra(made.lines, made.extra):
        out["extra"] = extra
    out["tags"] = [{"tag": tag} for tag in made.tags]
    if made.notes:
        out["notes"] = made.notes
    return out


def parts(entry: Entry, *, version: int = schema.VERSION, kind: str = "") -> Parts:
    """What the item of an entry is made of; parameters as in `item`."""
    work = entry.work
    made = Parts(kind or item_type(work))
    valid = schema.fields(made.kind, version)
    if made.kind == item_type(work) and zotero_table.TYPES.get(made.kind) != work.csl.get("type"):
        made.lines.append(("type", str(work.csl.get("type") or "document")))
    fields: dict[str, str] = {}
    for given, value in work.csl.items():
        variable = _OLD_NAMES.get(given, given)
        if variable in csljson.NAMES | _ELSEWHERE or (variable != given and variable in work.csl):
            continue
        text = _stated(variable, value)
        name = zotero_table.own_field(variable, made.kind, version)
        # An article's number is its page too (CSL styles look there), and no field of an article.
        if not text or (variable == "number" and not name and text == work.csl.get("page")):
            continue
        if name in valid and name not in fields and (variable != "accessed" or full_date(text)):
            fields[name] = text
        else:
            made.lines.append((variable, text))
    if entry.key and "citationKey" in valid:
        fields["citationKey"] = entry.key
    elif entry.key:
        made.lines.insert(0, ("citation-key", entry.key))
    _add_own_fields(work, valid, fields)
    made.notes = [_html(text) for text in (_clean(work.csl.get("annote")),) if text]
    _set_long_ones_apart(fields, made.notes)
    made.creators, more = _creators(work.csl, made.kind)
    made.lines += more
    made.fields = {name: fields[name] for name in valid if name in fields}
    made.tags, long = tags(work)
    made.notes += [_html(text) for text in long]
    made.extra = str(work.csl.get("note") or "")
    if _HTML.search(made.extra):  # a note of Zotero's, from one of its files
        made.notes, made.extra = [*made.notes, _html(_clean(made.extra))], ""
    return made


def _stated(variable: str, value: Any) -> str:
    """A variable's value as Zotero's fields hold it."""
    if variable in csljson.DATES:
        return _clean(date_text(value)) if isinstance(value, Mapping) else ""
    text = _clean(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    return readable(text) if variable == "abstract" else _line(text)


def _add_own_fields(work: Work, valid: Mapping[str, str], fields: dict[str, str]) -> None:
    if "rights" in valid and (rights := licence(work)):
        fields.setdefault("rights", rights)
    own = work.extra.get("zotero", {}).get("fields")
    for name, value in own.items() if isinstance(own, Mapping) else ():
        if name in valid and name != "extra" and (text := _clean(value)):
            fields.setdefault(name, text)


def _set_long_ones_apart(fields: dict[str, str], notes: list[str]) -> None:
    """What is too long for a field becomes a note, so that nothing is cut off."""
    for name, text in list(fields.items()):
        if len(text.encode()) > LONGEST:
            notes.append(f"<p><strong>{name}</strong></p>{_html(text)}")
            del fields[name]


def _clean(value: Any) -> str:
    return _CONTROL.sub("", str(value)).strip() if value is not None else ""


def _html(text: str) -> str:
    """A note's text as HTML, which it may be already."""
    if _HTML.search(text):
        return text
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<p>{escaped.replace(chr(10) * 2, '</p><p>').replace(chr(10), '<br/>')}</p>"


# --- creators ------------------------------------------------------------------------------------


def _creators(csl: Mapping[str, Any], kind: str) -> tuple[list[dict[str, str]], list[tuple[str, str]]]:
    """The creators of an item, and those that its type has no place for as lines of Extra, one a person."""
    creators, lines = [], []
    for variable in (*zotero_table.CREATORS, *sorted(csljson.NAMES - set(zotero_table.CREATORS))):
        people = csl.get(variable)
        creator = zotero_table.creator_of(variable, kind)
        for person in people if isinstance(people, (list, tuple)) else ():
            # BibTeX's "and others" would become a person.
            name = person_of(person) if isinstance(person, Mapping) and person != OTHERS else {}
            if not name:
                continue
            if creator:
                creators.append({"creatorType": creator} | name)
            else:
                written = name.get("name") or f"{name['lastName']} || {name['firstName']}"
                lines.append((variable, written))
    return creators, lines


def person_of(person: Mapping[str, Any]) -> dict[str, str]:
    """A CSL name as Zotero has it: particles before the last name, a suffix behind the first ("John, Jr."), whoever has
    but one name in one field; empty where there is none."""
    family, given = one_field_family(person)
    family, given, literal = _line(family), _line(given), _line(person.get("literal"))
    if family and given:
        return {"firstName": given, "lastName": family}
    return {"name": one} if (one := literal or family or given) else {}


def _line(value: Any) -> str:
    """A value on one line, with its own blanks (thin, no-break) as they are."""
    return re.sub(r"\s*[\t\r\n]+\s*", " ", _clean(value))


def name_of(creator: Mapping[str, Any]) -> dict[str, str]:
    """The CSL name of a creator; empty where it has none."""
    one = str(creator.get("name") or "").strip()
    family, given = str(creator.get("lastName") or "").strip(), str(creator.get("firstName") or "").strip()
    if one or not (family and given):
        one = one or family or given
        return {} if not one else {"literal": one} if " " in one else {"family": one}
    given, _, suffix = given.partition(", ")
    return {"family": family, "given": given} | ({"suffix": suffix} if suffix else {})


# --- Extra ---------------------------------------------------------------------------------------


def label(variable: str) -> str:
    """A variable as Zotero itself writes it in Extra: `original-date` is "Original Date"."""
    return variable if variable in _UPPER else re.sub(r"[-_]", " ", variable).title().replace("Doi", "DOI")


def _extra(lines: Iterable[tuple[str, str]], note: str) -> str:
    written = [f"{label(variable)}: {text}" for variable, text in lines]
    # A note of the user's that looks like a line of Extra would be taken for one, and might even change the type.
    for line in _CONTROL.sub("", note).strip().splitlines():
        said = _LINE.fullmatch(line.strip())
        looks = said is not None and (_variable(said[1]) or said[1].lower() == "type")
        written.append(f"Note: {line}" if looks else line)
    return "\n".join(written)


def _variable(label: str) -> str:
    """The CSL variable that a line of Extra names: by CSL's name, or by a field's; "" for neither."""
    wanted = re.sub(r"[ _]+", "-", label.strip().lower())
    return _labels().get(wanted) or _labels().get(wanted.replace("-", ""), "")


@cache
def _labels() -> dict[str, str]:
    labels = {bases[0].lower(): variable for variable, bases in zotero_table.BASES.items()}
    labels |= {base.lower(): variable for variable, base in zotero_table.DATES.items()}
    return labels | {name.lower().replace("_", "-"): name for name in csljson.KNOWN - {"custom", "categories", "note"}}


def _read_extra(text: str, csl: dict[str, Any]) -> str:
    """Put the lines of Extra that name a variable into `csl`, unless it has that already; returns all other lines."""
    rest, people = [], dict[str, list[dict[str, str]]]()
    for line in text.splitlines():
        said = _LINE.fullmatch(line.strip())
        variable = _variable(said[1]) if said else ""
        if said is None or not variable:
            rest.append(line.removeprefix("Note: "))
        elif variable in csljson.NAMES:
            family, bars, given = said[2].partition("||")
            parts = {"lastName": family.strip(), "firstName": given.strip()} if bars else {"name": said[2].strip()}
            people.setdefault(variable, []).append(name_of(parts))
        elif variable == "type":
            kind = said[2].strip().lower().replace(" ", "-")
            csl["type"] = kind if kind in CSL else zotero_table.TYPES.get(said[2].strip(), csl["type"])
        elif variable == "citation-key":
            csl.setdefault(variable, said[2].strip())
        elif variable not in csl:
            csl[variable] = date_from(said[2]) if variable in csljson.DATES else _read(variable, said[2].strip())
        else:
            rest.append(line)
    for variable, names in people.items():
        csl.setdefault(variable, names)
    return "\n".join(rest).strip()


# --- reading -------------------------------------------------------------------------------------


def entry_of(data: Mapping[str, Any]) -> Entry:
    """The entry in an item (`data` of the API's answer): its work, and its citation key, native or Better BibTeX's.

    What has no variable stays under `extra["zotero"]`, beside the item's type and key, so that it is written back.
    """
    kind = str(data.get("itemType") or "document")
    csl: dict[str, Any] = {"type": zotero_table.TYPES.get(kind, "document")}
    kept = dict[str, str]()
    # A type of a later schema has fields of which most have the names that they have elsewhere.
    valid = schema.fields(kind) or dict.fromkeys(set(data) - _NO_FIELDS, "")
    by_base = _by_base(kind) if schema.fields(kind) else _by_any_type()
    for name, value in data.items():
        if name not in valid or not isinstance(value, str) or not value.strip() or name in ("extra", "citationKey"):
            continue
        variable = by_base.get(name, "")
        if variable in zotero_table.DATES:
            csl.setdefault(variable, date_from(value))
        elif variable:
            csl.setdefault(variable, _read(variable, value))
        else:
            kept[name] = value
    for creator in data.get("creators") or ():
        if isinstance(creator, Mapping) and (person := name_of(creator)):
            variable = zotero_table.variable_of_creator(str(creator.get("creatorType")), kind)
            csl.setdefault(variable, []).append(person)
    if rest := _read_extra(str(data.get("extra") or ""), csl):
        csl["note"] = rest
    words = [str(tag["tag"]) for tag in data.get("tags") or () if isinstance(tag, Mapping) and tag.get("tag")]
    if words:
        csl["keyword"] = "; ".join(words)
    key = str(data.get("citationKey") or csl.pop("citation-key", "") or "").strip()
    csl.pop("citation-key", None)
    extra: dict[str, Any] = {"type": kind, "csl": csl["type"]}
    if kept:
        extra["fields"] = kept
    if isinstance(data.get("key"), str):
        extra["key"] = data["key"]
    return Entry(key, Work(csl, {"zotero": extra}, Origin("zotero")))


def _read(variable: str, value: str) -> str:
    """A text variable's value; a DOI is often a link in Zotero's field, or has a tail that is no part of it."""
    if variable != "DOI":
        return value
    return value.lower() if _BARE_DOI.fullmatch(value) else dois.parse(value) or value


@cache
def _by_any_type() -> dict[str, str]:
    """Field → variable for items of a type that is not known here."""
    return zotero_table.by_field("journalArticle") | {name: variable for variable, name in zotero_table.DATES.items()}


@cache
def _by_base(kind: str) -> dict[str, str]:
    """Field → variable for items of this type."""
    known = {name: variable for variable in zotero_table.DATES if (name := zotero_table.own_field(variable, kind))}
    for variable, bases in zotero_table.BASES.items():
        for base in bases:
            if name := schema.field_of(base, kind):
                known.setdefault(name, variable)
    return known


def tags(work: Work) -> tuple[list[str], list[str]]:
    """A work's keywords, each once, and those that are too long for a tag of Zotero's, which becomes one line of 255
    characters at most; a long list that only commas part is one of keywords."""
    keyword = work.csl.get("keyword")
    # BibTeX's `keywords` are parted by commas; elsewhere a comma may be part of one ("Smith, J").
    parting = r"\s*[;,]\s*" if "bibtex" in work.extra else r"\s*;\s*"
    words = [_line(part) for part in re.split(parting, keyword)] if isinstance(keyword, str) else []
    pieces = [piece.strip() for word in words for piece in (word.split(",") if len(word) > LONGEST_TAG else (word,))]
    known = list(dict.fromkeys(piece for piece in pieces if piece))
    return [word for word in known if len(word) <= LONGEST_TAG], [word for word in known if len(word) > LONGEST_TAG]
