"""The fields of a work as a RIS library would write them, and what its own records say already.

A field's name is its tag; where one tag carries several things (`M2  - PMID: 1`, `N1  - doi: 10.1/x`) the label follows
the tag behind a blank: "M2 PMID".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from refkit.formats import ris
from refkit.formats.addresses import is_doi_alone
from refkit.formats.dates import date_rows
from refkit.formats.editing import Field
from refkit.formats.journals import abbreviated
from refkit.formats.ris_habits import DATES, DateForm, Habits, Parsed, stating
from refkit.formats.ris_scan import SEVERAL, one_line
from refkit.formats.ris_table import PERIODICAL, WRITE, read_rules, tags_of, tags_type
from refkit.model import Work
from refkit.settings import Settings

_LABELS = {"PMID": "PMID", "PMCID": "PMCID", "DOI": "doi"}
_LABELLED = ("M2", "N1", "M3", "L3", "C2")
"""Tags in which programs write `PMID: 1` or `doi: 10.1/x`."""

_RANGE = re.compile(r"([^\s,;-]+)-([^\s,;-]+)")
_SP_RANGE = re.compile(r"\w+\s*(-+|[\u2010-\u2015])\s*\w+")
_ALIKE = (frozenset(("CONF", "CPAPER")), frozenset(("ELEC", "WEB")), frozenset(("UNPB", "MANSCPT", "UNPD")))
_REPEATED = SEVERAL | {"AU", "A1", "A2", "A3", "A4", "ED", "AD", "M2", "U1", "U2", "U3", "U4", "U5"}
_DIRECT = {"PY": "issued", "DA": "issued", "Y2": "accessed", "SP": "page", "EP": "page", "KW": "keyword"}


def rows_for(work: Work, settings: Settings) -> tuple[str, dict[str, tuple[str, list[str]]]]:
    """A work's RIS type, and by field name the variable and the values, as the settings' dialect writes them."""
    (_, kind), *rows = ris.fields_of("", _without_own(work), settings)
    out: dict[str, tuple[str, list[str]]] = {}
    for tag, written in rows:
        said = one_line(written)
        label, colon, rest = said.partition(": ")
        if tag == "M2" and colon and re.fullmatch(r"[A-Za-z ]+", label):
            out[f"M2 {label}"] = (label if label in _LABELS else "", [rest])
        else:
            out.setdefault(tag, (_variable(tag, kind, work, settings.ris_dialect), []))[1].append(said)
    return kind, out


def _without_own(work: Work) -> Work:
    own = work.extra.get("ris")
    if not own or "fields" not in own:
        return work
    less = {name: kept for name, kept in own.items() if name != "fields"}
    return replace(work, extra={**work.extra, "ris": less})


def _variable(tag: str, kind: str, work: Work, dialect: str) -> str:
    """The variable that a row of a work comes from, which is written as this RIS type."""
    if tag == "SP" and work.csl.get("number-of-pages") and not work.csl.get("page"):
        return "number-of-pages"
    if tag in _DIRECT:
        return _DIRECT[tag]
    csl_type = str(work.csl.get("type", "document"))
    by_tag = _variables(tag, tags_type(csl_type, kind), dialect) + _variables(tag, csl_type, dialect)
    found = [one for one in by_tag if work.csl.get(one)]
    if tag == "SN" and not found:
        return "ISSN" if work.csl.get("type") in PERIODICAL or not work.csl.get("ISBN") else "ISBN"
    return found[0] if found else ""


@lru_cache(maxsize=4096)
def _variables(tag: str, csl_type: str, dialect: str) -> tuple[str, ...]:
    return tuple(variable for variable in WRITE if tag in tags_of(variable, csl_type, dialect))


def type_in(work: Work, settings: Settings, habits: Habits) -> str:
    """The type of a new record; of names for the same thing, the one that the library uses."""
    kind, _ = rows_for(work, settings)
    same = next((names for names in _ALIKE if kind in names), frozenset((kind,)))
    return max(sorted(same, key=lambda name: name != kind), key=lambda name: habits.types.get(name, 0))


def fields_for(work: Work, settings: Settings, habits: Habits, own: Parsed | None) -> Iterator[Field]:
    """What a library writes for a work, or for its counterpart `own`, in the library's order."""
    kind, rows = rows_for(work, settings)
    csl_type = own.csl_type if own is not None else tags_type(str(work.csl.get("type", "document")), kind)
    by_variable: dict[str, dict[str, list[str]]] = {}
    out: dict[str, Field] = {}
    from_library = work.origin.source == "library"
    for name, (variable, values) in rows.items():
        if variable and " " not in name:
            by_variable.setdefault(variable, {})[name] = values
        elif from_library or habits.keeps(name):
            out[name] = Field(name, "\n".join(values), variable)
    for variable, tags in by_variable.items():
        if not from_library and not habits.writes(variable):
            continue
        if variable in ("issued", "accessed"):
            made = _dates(work.csl[variable], variable, tags, habits, own)
        elif variable == "page":
            made = _pages(str(work.csl["page"]), tags, habits, own)
        else:
            made = _usual(variable, tags, csl_type, work, settings, habits, own)
        for field in made:
            out.setdefault(field.name, field)
    for tag, values in _own_rows(work).items():
        if tag in out and tag in _REPEATED:
            said = out[tag].text.split("\n")
            more = [value for value in values if value not in said]
            out[tag] = replace(out[tag], text="\n".join([*said, *more]))
        elif tag not in out or own is None:
            before = [out[tag].text] if tag in out else []
            out[tag] = Field(tag, "\n".join([*before, *values]), out[tag].variable if tag in out else "")
    yield from sorted(out.values(), key=lambda field: habits.rank(field.name[:2]))


def _own_rows(work: Work) -> dict[str, list[str]]:
    """What a record of another RIS library has that CSL has no variable for."""
    rows: dict[str, list[str]] = {}
    for tag, said in work.extra.get("ris", {}).get("fields", ()):
        rows.setdefault(str(tag), []).extend(line for written in str(said).split("\n") if (line := one_line(written)))
    return rows


def _usual(
    variable: str,
    tags: Mapping[str, list[str]],
    csl_type: str,
    work: Work,
    settings: Settings,
    habits: Habits,
    own: Parsed | None,
) -> Iterator[Field]:
    values = next(iter(tags.values()))
    if variable in ("author", "editor", "translator") and habits.comma == ",":
        values = [re.sub(r",\s+", ",", said) for said in values]
    if variable == "ISSN" and habits.bare_issn:
        values = [said.replace("-", "") for said in values]
    short = habits.abbreviated or settings.journal == "abbreviated"
    if short and variable == "container-title" and csl_type in PERIODICAL:
        values = [str(work.csl.get("container-title-short") or abbreviated(values[0]))]
    had = own_tags(own, variable, csl_type, habits.short_jo) if own is not None else []
    if variable == "DOI" and own is not None and had and own.values[had[0]][0].lower().startswith("http"):
        values = [f"https://doi.org/{values[0]}"]
    chosen = had or habits.tags(variable, csl_type, list(tags))
    if variable == "container-title" and csl_type == "paper-conference" and not had and work.csl.get("event-title"):
        chosen = [tag for tag in chosen if tag in ("C3", "BT")] or chosen
    for tag in chosen:
        yield Field(tag, "\n".join(values), variable)


def _dates(
    date: Any, variable: str, tags: Mapping[str, list[str]], habits: Habits, own: Parsed | None
) -> Iterator[Field]:
    rows = date_rows(date)
    usual = {tag: values[0] for tag, values in tags.items()}
    if not rows:
        yield from (Field(tag, said, variable) for tag, said in usual.items())
        return
    parts = rows[0]
    chosen = list(usual) if variable == "accessed" else _date_tags(usual, habits, own, parts)
    for tag in chosen:
        plain = usual.get(tag) or next(iter(usual.values()))
        if not (date.get("season") and tag in usual):
            plain = habits.date(tag, parts, plain)
        yield Field(tag, plain, variable)


def _date_tags(usual: Mapping[str, str], habits: Habits, own: Parsed | None, parts: Sequence[int]) -> list[str]:
    """The tags for a date: the record's own; beside its year, `DA` for what it lacks, where the years agree."""
    used = [tag for tag in DATES if tag in habits.dates]
    most = max((habits.total(tag) for tag in used), default=0)
    wanted = [tag for tag in used if habits.total(tag) * 2 > most] or list(usual)
    had = [tag for tag in DATES if own is not None and tag in own.values]
    if not had or own is None:
        return wanted
    finer = [tag for tag in wanted if tag not in had and habits.dates.get(tag, DateForm()).depth > 1 and len(parts) > 1]
    years = {match[0] for tag in had for said in own.values[tag] if (match := re.search(r"\d{4}", said))}
    coarse = all(re.fullmatch(r"\d{4}\W*", said) for tag in had for said in own.values[tag])
    return [*had, *(finer if coarse and years == {f"{parts[0]:04d}"} else ())]


def _pages(page: str, tags: Mapping[str, list[str]], habits: Habits, own: Parsed | None) -> Iterator[Field]:
    """First and last page under their own tags, or the range under `SP`, as the record or the library has it."""
    whole, dash = habits.whole_range, habits.dash
    values = own.values if own is not None else {}
    if "SP" in values:
        written = _SP_RANGE.fullmatch(values["SP"][0])
        whole, dash = written is not None, written[1] if written else dash
    elif "C7" in values and own is not None and own.csl_type in PERIODICAL:
        yield Field("C7", page, "page")
        return
    simple = _RANGE.fullmatch(page)
    if simple and whole:
        yield Field("SP", f"{simple[1]}{dash}{simple[2]}", "page")
        return
    first = simple[1] if simple else page
    yield Field("SP", first, "page")
    if simple and ("SP" not in values or values["SP"][0] == first):
        yield Field("EP", simple[2], "page")


def own_tags(own: Parsed, variable: str, csl_type: str, short_jo: bool = False) -> list[str]:
    """The tags under which a record states a variable, in its own order."""
    able = stating(variable, csl_type)
    if variable == "container-title" and "JO" in able and _is_short_jo(own, short_jo):
        able -= {"JO"}
    if variable == "container-title-short" and _is_short_jo(own, short_jo):
        able |= {"JO"}
    if variable == "container-title" and csl_type == "paper-conference" and _names_meeting(own.values):
        able = frozenset(("C3", "BT"))
    return [tag for tag in own.values if tag in able]


def _names_meeting(values: Mapping[str, list[str]]) -> bool:
    """Whether `T2` is the meeting's name, which it is beside other proceedings in `C3` or `BT`."""
    return any(tag in values and values[tag] != values.get("T2") for tag in ("C3", "BT"))


def _is_short_jo(own: Parsed, usual: bool) -> bool:
    full = own.values.get("T2") or own.values.get("JF")
    return own.values.get("JO", full) != full if full else usual


def own_field(own: Parsed, field: Field, short_jo: bool = False) -> Field | None:
    """The record's own field that states what `field` states, under whatever tag; None where it has none."""
    tag, _, label = field.name.partition(" ")
    variable = field.variable or means(tag, own)
    if not label and tag in own.values:
        return Field(tag, "\n".join(own.values[tag]), variable)
    if label or variable in _LABELS:
        found = _labelled(own, label or _LABELS[variable], variable)
        if found is not None or label:
            return found
    if not variable or (variable == "issued" and tag == "DA" and not _is_full(own)):
        return None
    if variable == "page":
        return _own_page(own, tag)
    tags = own_tags(own, variable, own.csl_type, short_jo)
    if variable == "issued":
        tags.sort(key=DATES.index)
    return Field(tags[0], "\n".join(own.values[tags[0]]), variable) if tags else None


def means(tag: str, own: Parsed) -> str:
    """The variable that a tag states in a record's type, "" where CSL has none."""
    if tag in _DIRECT or tag == "Y1":
        return _DIRECT.get(tag, "issued")
    if tag == "SN":
        return "ISSN" if own.csl_type in PERIODICAL else "ISBN"
    return read_rules(own.csl_type).get(tag, "")


def _is_full(own: Parsed) -> bool:
    """Whether a record's date has more than a year."""
    return any(re.search(r"\d{4}[/-]\d|[A-Za-z]", said) for tag in DATES for said in own.values.get(tag, ()))


def _own_page(own: Parsed, tag: str) -> Field | None:
    if tag == "EP":
        first = own.values.get("SP", [""])[0]
        return Field("SP", first, "page") if re.search(r"\w\s*(?:-|[\u2010-\u2015])\s*\w", first) else None
    return Field("C7", own.values["C7"][0], "page") if "C7" in own.values and own.csl_type in PERIODICAL else None


def _labelled(own: Parsed, label: str, variable: str) -> Field | None:
    """An identifier in a tag of its own, behind a label, or as a link that is nothing but the DOI."""
    if label in own.values:
        return Field(label, own.values[label][0], variable)
    for tag in _LABELLED:
        for said in own.values.get(tag, ()):
            found, _, rest = said.partition(":")
            if found.strip().lower() == label.lower() and rest.strip():
                return Field(f"{tag} {found.strip()}", rest.strip(), variable)
    for tag in ("DO", "L3", "M3", "N1", "UR", "LK") if variable == "DOI" else ():
        for said in own.values.get(tag, ()):
            if is_doi_alone(said):
                return Field(tag, said, variable)
    return None


def carries(said: str, field: Field) -> bool:
    """Whether a value under a field's tag is the one that the field speaks of."""
    tag, _, label = field.name.partition(" ")
    if label:
        return said.partition(":")[0].strip().lower() == label.lower()
    return field.variable != "DOI" or tag == "DO" or is_doi_alone(said)


def worded(said: str, field: Field, before: str) -> str:
    """A new value in the words of the one before it: behind its label, or as a link where that was one."""
    _, _, label = field.name.partition(" ")
    if label:
        head = re.match(r"[^:]*:\s*", before)
        return (head[0] if head else f"{label}: ") + said
    if field.variable == "DOI" and before.lower().startswith("http") and said.startswith("10."):
        return f"https://doi.org/{said}"
    return said
