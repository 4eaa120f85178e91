"""hayagriva YAML, the bibliography format of Typst: entries by key, containers as `parent`.

Source: hayagriva's file format documentation (0.8): types, `parent`, `serial-number`, persons as "Family, Given".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from refkit.formats.dates import edtf, from_edtf
from refkit.formats.plain import readable
from refkit.formats.types import types_of
from refkit.formats.yaml_tree import pieces
from refkit.model import Entry, Library, Note, Origin, Severity, Work
from refkit.settings import Settings

_PARENTS = {
    "article-journal": "periodical", "article-magazine": "periodical", "article-newspaper": "newspaper",
    "review-book": "periodical", "chapter": "book",
    "paper-conference": "proceedings", "entry": "reference", "entry-encyclopedia": "reference",
    "entry-dictionary": "reference",
    "post-weblog": "blog", "webpage": "web", "post": "web",
}  # fmt: skip
"""CSL type → type of its parent."""

_CSL = {
    "article": "article", "chapter": "chapter", "entry": "entry", "anthos": "chapter", "report": "report",
    "thesis": "thesis", "web": "webpage",
    "proceedings": "book", "artwork": "graphic", "patent": "patent", "case": "legal_case",
    "newspaper": "article-newspaper", "legislation": "legislation",
    "manuscript": "manuscript", "original": "document", "post": "post", "misc": "document",
    "performance": "performance", "periodical": "periodical",
    "repository": "dataset", "book": "book", "blog": "post-weblog", "reference": "book", "conference": "event",
    "anthology": "book", "audio": "song",
    "video": "motion_picture", "exhibition": "document", "scene": "document",
}  # fmt: skip
_OWN = {
    "title": "title", "genre": "genre", "edition": "edition", "URL": "url", "language": "language", "note": "note",
    "abstract": "abstract",
    "page": "page-range", "number-of-pages": "page-total", "number-of-volumes": "volume-total", "archive": "archive",
}  # fmt: skip
_FORMATTABLE = frozenset(("genre", "note", "abstract", "archive"))
_SERIAL = {"DOI": "doi", "PMID": "pmid", "PMCID": "pmcid"}
_PEOPLE = {"author": "author", "editor": "editor"}
_ROLES = {
    "translator": "translator",
    "director": "director",
    "illustrator": "illustrator",
    "collection-editor": "compiler",
}


def _person(name: Mapping[str, str]) -> Any:
    if "family" not in name:
        text = readable(str(name.get("literal") or name.get("given") or ""))
        return {"name": text} if "," in text else text
    if name.get("suffix") or "," in name["family"]:
        return {"name": name["family"], "given-name": name.get("given", ""), "suffix": name.get("suffix", "")}
    return f"{name['family']}, {name['given']}" if name.get("given") else name["family"]


def _date(date: Any) -> str:
    return (
        edtf(date).partition("/")[0].removesuffix("~")
        if isinstance(date, Mapping) and not date.get("season")
        else edtf({**date, "season": ""})
        if date
        else ""
    )


def _formattable(text: str, short: str = "") -> Any:
    """A formattable string, with its short form; in plain ones braces, dollars and backslashes are syntax, so a text
    that has some goes into a map, which is taken as it is."""
    long, brief = ({"value": one} if re.search(r"[{}$\\]", one) else one for one in (readable(text), readable(short)))
    if short:
        return {"value": long, "short": brief}
    return {"value": long} if isinstance(long, dict) else long


def value_of(work: Work) -> dict[str, Any]:
    """One entry's map."""
    csl = work.csl
    kind = str(csl.get("type", "document"))
    own = work.extra.get("hayagriva", {})
    out: dict[str, Any] = {"type": own.get("type") if own.get("csl") == kind else types_of(work).hayagriva}
    parent: dict[str, Any] = {"type": _PARENTS.get(kind, "misc")}
    where = parent if csl.get("container-title") else out
    for variable, name in _PEOPLE.items():
        if csl.get(variable):
            (where if variable == "editor" else out)[name] = [_person(one) for one in csl[variable]]
    if affiliated := [
        {"role": role, "names": [_person(one) for one in csl[name]]} for name, role in _ROLES.items() if csl.get(name)
    ]:
        out["affiliated"] = affiliated
    for variable, name in _OWN.items():
        if variable == "note" and not csl.get("note"):
            variable = "annote"
        if csl.get(variable):
            text = str(csl[variable])
            if variable == "note" and csl.get("annote"):
                text = f"{text}\n\n{csl['annote']}"
            out[name] = _formattable(text) if name in _FORMATTABLE else readable(text)
    if "title" in out:
        out["title"] = _formattable(str(csl["title"]), str(csl.get("title-short") or ""))
    if "url" in out and (accessed := _date(csl.get("accessed"))):
        out["url"] = {"value": out["url"], "date": accessed}
    if text := _date(csl.get("issued")):
        out["date"] = text
    if where is parent:
        where["title"] = _formattable(str(csl["container-title"]), str(csl.get("container-title-short") or ""))
    for name in ("volume", "issue"):
        if csl.get(name):
            where[name] = readable(str(csl[name]))
    serial = {name: str(csl[variable]) for variable, name in _SERIAL.items() if csl.get(variable)}
    if csl.get("number"):
        serial["serial"] = str(csl["number"])
    for variable, name in (("ISBN", "isbn"), ("ISSN", "issn")):
        if csl.get(variable):
            target = where.setdefault("serial-number", {}) if where is parent else serial
            target[name] = str(csl[variable])
    if serial:
        out["serial-number"] = serial
    if csl.get("publisher"):
        publisher: Any = _formattable(str(csl["publisher"]))
        if csl.get("publisher-place"):
            publisher = {"name": publisher, "location": _formattable(str(csl["publisher-place"]))}
        (out if kind in ("article", "thesis", "report", "dataset") else where)["publisher"] = publisher
    elif csl.get("publisher-place"):
        out["location"] = _formattable(str(csl["publisher-place"]))
    if csl.get("collection-title"):
        where.setdefault("parent", {"type": "anthology", "title": _formattable(str(csl["collection-title"]))})
    if where is parent:
        out["parent"] = parent
    event: dict[str, Any] = {"type": "conference"}
    for variable, name in (("event-title", "title"), ("event-place", "location")):
        if csl.get(variable):
            event[name] = _formattable(str(csl[variable]))
    if len(event) > 1:
        out["parent"] = [out["parent"], event] if "parent" in out else event
    return out


def dump(entries: Sequence[Entry], settings: Settings, dialect: str = "") -> str:
    """Entries as the text of a hayagriva file."""
    blocks = []
    for entry in entries:
        lines = [f"{json.dumps(entry.key, ensure_ascii=False)}:"]
        for name, value in value_of(entry.work).items():
            if name not in settings.leave_out:
                lines.append(f"  {name}: {json.dumps(value, ensure_ascii=False)}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


# --- reading ---------------------------------------------------------------------------------------


def load(text: str, dialect: str = "") -> Library:
    """The library in a hayagriva file, with spans; the first parent with a title is the container."""
    try:
        found = pieces(text)
    except ValueError as error:
        return Library(text, "hayagriva", (), (Note("broken-yaml", f"This is not YAML: {error}.", Severity.ERROR),))
    entries = [Entry(key, _work(value), span) for key, value, span in found if key and isinstance(value, dict)]
    return Library(text, "hayagriva", tuple(entries))


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("value") or value.get("name") or ""
        if isinstance(value, dict):
            return str(value.get("value") or "")
    elif isinstance(value, str):
        value = re.sub(r"\\([\\{}$])|[{}]", lambda m: m[1] or "", value)  # braces keep capitals, and are no text
    return str(value) if isinstance(value, (str, int, float)) else ""


def _plain(value: Any) -> str:
    return _text(value) if isinstance(value, dict) else str(value) if isinstance(value, (str, int, float)) else ""


def _short(value: Any) -> str:
    return _text(value.get("short")) if isinstance(value, dict) else ""


def _names(value: Any) -> list[dict[str, str]]:
    names = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            given = str(one.get("given-name") or "")
            family = " ".join(part for part in (str(one.get("prefix") or ""), str(one.get("name") or "")) if part)
            name = (
                {"family": family, "given": given, "suffix": str(one.get("suffix") or "")}
                if given
                else {"literal": family}
            )
        else:
            family, _, given = str(one).partition(", ")
            name = {"family": family, "given": given} if given or " " not in family else {"literal": family}
        names.append({part: text for part, text in name.items() if text})
    return [name for name in names if name]


def _work(value: dict[str, Any]) -> Work:
    kind = str(value.get("type", "misc")).lower()
    parents = value.get("parent")
    parents = parents if isinstance(parents, list) else [parents]
    csl: dict[str, Any] = {"type": _CSL.get(kind, "document")}
    for variable, name in _OWN.items():
        if text := _text(value.get(name)) if name in _FORMATTABLE or name == "title" else _plain(value.get(name)):
            csl[variable] = text
    if short := _short(value.get("title")):
        csl["title-short"] = short
    if isinstance(url := value.get("url"), dict) and url.get("date"):
        csl["accessed"] = from_edtf(str(url["date"]))
    if text := _text(value.get("location")):
        csl["publisher-place"] = text
    for variable, name in _PEOPLE.items():
        if value.get(name):
            csl[variable] = _names(value[name])
    for group in value.get("affiliated") or ():
        variable = next((v for v, role in _ROLES.items() if isinstance(group, dict) and role == group.get("role")), "")
        if variable:
            csl[variable] = _names(group.get("names"))
    if value.get("date"):
        csl["issued"] = from_edtf(str(value["date"]))
    _serial(value.get("serial-number"), csl)
    for parent in parents:
        if isinstance(parent, dict):
            _parent(kind, parent, csl)
    for name in ("volume", "issue"):
        if text := _text(value.get(name)):
            csl.setdefault(name, text)
    _publisher(value.get("publisher"), csl)
    return Work(csl, {"hayagriva": {"type": kind, "csl": csl["type"]}}, Origin("library"))


def _serial(value: Any, csl: dict[str, Any]) -> None:
    if isinstance(value, dict):
        for variable, name in (*_SERIAL.items(), ("ISBN", "isbn"), ("ISSN", "issn"), ("number", "serial")):
            if value.get(name):
                csl.setdefault(variable, str(value[name]))
    elif value:
        csl.setdefault("DOI" if re.match(r"10\.\d", str(value)) else "number", str(value))


def _parent(kind: str, parent: dict[str, Any], csl: dict[str, Any]) -> None:
    parent_kind = str(parent.get("type", "")).lower()
    if parent_kind == "conference":
        for variable, name in (("event-title", "title"), ("event-place", "location")):
            if text := _text(parent.get(name)):
                csl[variable] = text
        return
    if parent_kind == "anthology" and kind in ("book", "report", "thesis", "proceedings", "reference", "anthology"):
        csl["collection-title"] = _text(parent.get("title"))
        return
    if kind == "article":
        csl["type"] = {
            "periodical": "article-journal",
            "newspaper": "article-newspaper",
            "proceedings": "paper-conference",
            "conference": "paper-conference",
        }.get(parent_kind, csl["type"])
    if text := _text(parent.get("title")):
        csl.setdefault("container-title", text)
    if short := _short(parent.get("title")):
        csl.setdefault("container-title-short", short)
    for name in ("volume", "issue"):
        if text := _text(parent.get(name)):
            csl.setdefault(name, text)
    if parent.get("editor"):
        csl.setdefault("editor", _names(parent["editor"]))
    _serial(parent.get("serial-number"), csl)
    _publisher(parent.get("publisher"), csl)
    if isinstance(parent.get("parent"), dict):
        csl["collection-title"] = _text(parent["parent"].get("title"))


def _publisher(value: Any, csl: dict[str, Any]) -> None:
    if isinstance(value, dict) and "name" in value:
        csl.setdefault("publisher", _text(value.get("name")))
        if value.get("location"):
            csl.setdefault("publisher-place", _text(value["location"]))
    elif text := _text(value):
        csl.setdefault("publisher", text)
