"""What Zotero makes of an item: the web service's strict rules, and what the desktop does instead of refusing.

Written for the tests alone, so that they do not share the code that they judge; the table of types is shared, as both
sides share the schema.
"""

from __future__ import annotations

import re
from typing import Any

from refkit.formats import zotero_schema as schema
from refkit.formats.csljson import KNOWN, NAMES
from refkit.formats.zotero_table import BASES, DATES, TYPES

ANY_ITEM = {"itemType", "creators", "tags", "collections", "relations", "key", "version", "deleted", "dateAdded",
            "dateModified", "inPublications"}  # fmt: skip
NOTE = {"note", "parentItem"} | ANY_ITEM - {"creators"}
ATTACHMENT = {"linkMode", "title", "accessDate", "url", "note", "contentType", "charset", "filename", "md5", "mtime",
              "parentItem", "path"} | ANY_ITEM - {"creators"}  # fmt: skip
ACCESS = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}:\d{2}Z?)?|CURRENT_TIMESTAMP")
URI = re.compile(r"http://zotero\.org/(?:users|groups)/\d+/items/[23456789A-NP-Z]{8}")
RELATIONS = {"dc:relation", "owl:sameAs", "dc:replaces"}
LONGEST = 65_535


def faults_of(item: dict[str, Any], *, notes: bool = True) -> list[str]:
    """Why the web service would refuse an item; `notes` lets the connector's child notes pass."""
    kind = item.get("itemType", "")
    if kind == "note":
        return [f"Invalid property '{name}'" for name in item if name not in NOTE]
    if kind == "attachment":
        return [f"Invalid property '{name}'" for name in item if name not in ATTACHMENT]
    fields = schema.fields(kind)
    if not fields:
        return [f"'{kind}' is not a valid itemType"]
    found = [
        f"'{name}' is not a valid field for type '{kind}'"
        for name in item
        if name not in fields and name not in ANY_ITEM and not (notes and name == "notes")
    ]
    for name, value in item.items():
        if name in fields and not isinstance(value, str):
            found.append(f"'{name}' must be a string")
        elif name in fields and len(value.encode()) > LONGEST:
            found.append(f"'{name}' field value too long")
    for creator in item.get("creators", ()):
        found += _faults_of_creator(creator, kind)
    for tag in item.get("tags", ()):
        if not isinstance(tag, dict) or set(tag) - {"tag", "type"} or not tag.get("tag"):
            found.append("Tag must be an object with a tag")
        elif len(tag["tag"]) > 255:
            found.append("Tag too long")
    if item.get("accessDate") and not ACCESS.fullmatch(item["accessDate"]):
        found.append("'accessDate' must be in ISO 8601 or SQL format")
    for predicate, values in item.get("relations", {}).items():
        values = values if isinstance(values, list) else [values]
        if predicate not in RELATIONS or not all(URI.fullmatch(value) for value in values):
            found.append(f"Unsupported relation {predicate}")
    return found


def _faults_of_creator(creator: dict[str, str], kind: str) -> list[str]:
    found = []
    if creator.get("creatorType") not in {*schema.creators(kind), "author"}:
        found.append(f"'{creator.get('creatorType')}' is not a valid creator type for item type '{kind}'")
    names = set(creator) - {"creatorType"}
    if names not in ({"name"}, {"firstName", "lastName"}):
        found.append("Creator names must be specified as firstName and lastName, or name")
    elif not any(creator[name].strip() for name in names):
        found.append("Creator names cannot be empty")
    return found


_GREEDY = re.compile(r"(.+): *(.+)")
_IGNORED_TYPES = {"article", "note", "attachment", "annotation"}


def desktop(item: dict[str, Any], version: int) -> dict[str, Any]:
    """An item as Zotero's desktop keeps it: lines of Extra become type and fields, what has no place becomes a line.

    The key of a line reaches to the last colon, so that a value with a colon is no value.
    """
    out = dict(item)
    lines, found = [], dict[str, str]()
    for line in str(out.pop("extra", "")).splitlines():
        said = _GREEDY.fullmatch(line)
        key = re.sub(r"[ _-]", "", said[1]).lower() if said else ""
        if said and key == "type" and (kind := _type_named(said[2])):
            out["itemType"] = kind
        elif said and key not in ("", "type") and key not in found and _is_known(key):
            found[key] = line
        else:
            lines.append(line)
    fields = schema.fields(out["itemType"], version)
    for key, line in found.items():
        value = line.split(":", 1)[1].strip()
        name = _field_named(key, fields)
        if name and name not in out:
            out[name] = value
        else:
            lines.append(line)
    known = {*fields, *ANY_ITEM, "notes", "attachments", "id"}
    for name in [name for name, value in out.items() if name not in known and isinstance(value, str)]:
        label = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
        lines.append(f"{label[0].upper()}{label[1:]}: {out.pop(name)}")
    if lines:
        out["extra"] = "\n".join(lines)
    return out


def _type_named(text: str) -> str:
    if text in schema.types() and text not in _IGNORED_TYPES:
        return text
    by_csl = {csl: kind for kind, csl in reversed(list(TYPES.items()))}
    return by_csl.get(text, "") if text not in _IGNORED_TYPES else ""


def _is_known(key: str) -> bool:
    fields = {name.lower() for kind in schema.types() for name in schema.fields(kind)}
    variables = {re.sub(r"[_-]", "", name).lower() for name in KNOWN - NAMES}
    return key in fields | variables


def _field_named(key: str, fields: dict[str, str]) -> str:
    for variable, bases in (*BASES.items(), *((v, (b,)) for v, b in DATES.items()), ("citation-key", ("citationKey",))):
        if re.sub(r"[_-]", "", variable).lower() == key or key == bases[0].lower():
            return next((name for base in bases for name, of in fields.items() if of == base), "")
    return next((name for name in fields if name.lower() == key), "")
