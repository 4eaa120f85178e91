"""What a RIS library is used to: its line ends and blanks, which tags state what, their order, dates and pages.

Learned from a sample of the library's own records; where they are silent, the dialect of the settings holds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from refkit.formats.customary import Ranking, are_sorted, customary_order
from refkit.formats.plain import word_set
from refkit.formats.ris_scan import Line, Record, lines, value_of
from refkit.formats.ris_table import PERIODICAL, TYPES, read_rules

SAMPLE = 300
"""So many records at most are looked at for habits."""

DATES = ("PY", "Y1", "DA")
_STANDARD_ORDER = (
    "TY AU A1 ED A2 A3 A4 TI T1 CT ST T2 JF JO BT C3 J2 JA J1 T3 M1 SV VL VO IS CP ET NV C7 PY Y1 DA Y2 SP EP SN PB CY "
    "PP C1 M3 DO L3 UR LA AB N2 DB AN CN DP OP KW M2 CR N1"
).split()
_OF_A_TYPE = word_set(
    """container-title container-title-short event-title editor collection-title collection-number
    collection-editor number issue genre publisher-place event-place"""
)
"""Variables whose tags depend on the type; those of the others are the same in the whole library."""

_SOMETIMES = {
    "abstract": 0.5, "keyword": 0.5, "URL": 0.1, "language": 0.1, "title-short": 0.5, "container-title-short": 0.1,
    "accessed": 0.5, "source": 0.1, "archive": 0.1, "archive_location": 0.1, "call-number": 0.1, "note": 0.1,
    "annote": 0.1, "original-title": 0.1,
}  # fmt: skip
"""Variables that are written only where at least this share of the library's records has them."""

_CUSTOMARY = frozenset(("CR",))
"""Tags without a CSL variable that no record needs."""

_ENOUGH = 3
"""So many records must agree before they count as a habit against a setting."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A record of the sample: its CSL type, its lines, and its values by tag."""

    record: Record
    csl_type: str
    lines: Sequence[Line]
    values: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class DateForm:
    """How a tag writes dates: the `mark` between the parts, `slashes` by the number of parts, and the most parts."""

    mark: str = "/"
    slashes: Mapping[int, int] = field(default_factory=dict)
    depth: int = 3

    def text(self, parts: Sequence[int]) -> str:
        """A date of one to three parts in this form."""
        said = [f"{part:04d}" if index == 0 else f"{part:02d}" for index, part in enumerate(parts[: self.depth])]
        said += [""] * (self._slashes(len(said)) + 1 - len(said))
        return self.mark.join(said)

    def _slashes(self, number: int) -> int:
        """As many as dates of so many parts have; where there are none, as many as all others have."""
        if number in self.slashes:
            return self.slashes[number]
        known = set(self.slashes.values())
        return known.pop() if len(known) == 1 else 0


@dataclass(frozen=True, slots=True)
class Habits:
    """A library's habits; what it has none for is as `refkit.formats.ris` writes it."""

    newline: str = "\r\n"
    gap: str = "\r\n"
    equals: str = "  - "
    end: str = "ER  - "
    numbered: bool = False
    lower: bool = False
    count: int = 0
    records: Mapping[str, int] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)
    used: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    order: Ranking = field(default_factory=lambda: Ranking((), _STANDARD_ORDER))
    alphabetical: bool = False
    dates: Mapping[str, DateForm] = field(default_factory=dict)
    whole_range: bool = False
    dash: str = "-"
    comma: str = ", "
    bare_issn: bool = False
    short_jo: bool = False
    abbreviated: bool = False
    keyed: bool = True
    dialect: str = ""

    def writes(self, variable: str) -> bool:
        """Whether new entries, and gaps, get this variable at all."""
        share = _SOMETIMES.get(variable)
        if share is None or self.count < _ENOUGH:
            return True
        tags = {tag for kind in self.used for tag in stating(variable, kind)}
        having = max((self.total(tag) for tag in tags), default=0)
        return having >= share * self.count

    def keeps(self, tag: str) -> bool:
        """Whether new records, and gaps, get a tag that CSL has no variable for: a licence only where at least half of
        the records have one."""
        return tag not in _CUSTOMARY or 2 * self.total(tag) >= self.count

    def total(self, tag: str) -> int:
        """The number of records that have a tag."""
        return sum(used.get(tag, 0) for used in self.used.values())

    def tags(self, variable: str, csl_type: str, usual: Sequence[str]) -> Sequence[str]:
        """The tags that this library states a variable with in entries of a type; `usual` where it has no habit."""
        able = stating(variable, csl_type)
        if self.short_jo:
            able = able - {"JO"} if variable == "container-title" else able
            able = able | {"JO"} if variable == "container-title-short" else able
        counts = Counter({tag: self.used.get(csl_type, {}).get(tag, 0) for tag in able})
        total = self.records.get(csl_type, 0)
        if not counts.total() and variable not in _OF_A_TYPE:
            counts = Counter({tag: self.total(tag) for tag in able})
            total = self.count
        if not counts.total():
            return usual
        if variable == "container-title":
            found = [tag for tag in self.sorted(able) if counts[tag] * 2 > total]
            if found:
                return found
        best = max(counts.values())
        return [next((tag for tag in (*usual, *sorted(able)) if counts.get(tag) == best), usual[0])]

    def sorted(self, tags: Sequence[str] | frozenset[str]) -> list[str]:
        """Tags in the library's order."""
        return sorted(tags, key=self.rank)

    def rank(self, tag: str) -> tuple[float, str]:
        """The place of a tag in the library's order; one that it does not use goes behind its usual neighbour."""
        if tag in ("TY", "ER"):
            return (-9.0 if tag == "TY" else 1e9), tag
        if self.alphabetical:
            return (1e8 if tag == "ID" else 0.0), tag
        if tag == "ID" and not self.total("ID"):
            return 1e8, tag
        return self.order[tag], tag

    def date(self, tag: str, parts: Sequence[int], usual: str) -> str:
        """A date as this library writes it under `tag`."""
        return self.dates[tag].text(parts) if tag in self.dates else usual


@lru_cache(maxsize=1024)
def stating(variable: str, csl_type: str) -> frozenset[str]:
    """The tags that state a variable in an entry of a type, by the tables that RIS is read with."""
    if variable == "issued":
        return frozenset(DATES)
    extra: tuple[str, ...] = _ALSO.get(variable, ())
    if variable == "issue" and csl_type in PERIODICAL:
        extra = ("M1",)
    if variable == "container-title" and csl_type == "paper-conference":
        extra = ("T2", "JO", "JF")
    return frozenset((*(tag for tag, read in read_rules(csl_type).items() if read == variable), *extra))


_ALSO = {"keyword": ("KW",), "accessed": ("Y2",), "ISSN": ("SN",), "ISBN": ("SN",), "PMID": ("PMID",)}


def learn(text: str, records: Sequence[Record], parsed: Sequence[Parsed]) -> Habits:
    """The habits of a library.

    Parameters: `text`; `records`, all of them; `parsed`, a sample of them in order.
    """
    newline = _newline(text)
    if not parsed:
        return Habits(newline=newline, gap=newline)
    used: dict[str, Counter[str]] = {}
    for one in parsed:
        used.setdefault(one.csl_type, Counter()).update(one.values.keys())
    order = customary_order([line.tag for line in one.lines] for one in parsed)
    named = [[tag for tag in one.values if tag not in ("TY", "ER", "ID")] for one in parsed]
    gap, numbered = _gap(text, records, newline)
    heads = [text[one.lines[0].start : one.lines[0].value].lstrip("\ufeff \t") for one in parsed if one.record.typed]
    equals = _most([mark[0] for head in heads if (mark := _MARK.search(head))], "  - ")
    whole, dash = _ranges(parsed)
    everything: Counter[str] = Counter()
    for counter in used.values():
        everything.update(counter)
    alphabetical = are_sorted(named)
    return Habits(
        newline=newline,
        gap=gap,
        equals=equals,
        end=_most([end for one in parsed if (end := _end(text, one))], f"ER{equals}"),
        numbered=numbered,
        lower=sum(head[:2].islower() for head in heads) * 2 > len(heads),
        count=len(parsed),
        records=Counter(one.csl_type for one in parsed),
        types=Counter(one.values["TY"][0].upper() for one in parsed if "TY" in one.values),
        used=used,
        order=Ranking(order, _STANDARD_ORDER),
        alphabetical=alphabetical,
        dates={tag: form for tag in (*DATES, "Y2") if (form := _date_form(parsed, tag)) is not None},
        whole_range=whole,
        dash=dash,
        comma="," if _share(_all(parsed, "AU", "A1"), r"[^,]+,\S.*") > 0.6 else ", ",
        bare_issn=_share(_all(parsed, "SN"), r"\d{7}[\dXx]") > 0.6,
        short_jo=_short_jo(parsed),
        abbreviated=_abbreviated(parsed),
        keyed=_keyed(parsed),
        dialect=_dialect(order, everything, len(parsed), alphabetical),
    )


def type_of(values: Mapping[str, list[str]]) -> str:
    """The CSL type that a record's `TY` names."""
    return TYPES.get(values.get("TY", [""])[0].upper(), "document")


def parse(text: str, record: Record) -> Parsed:
    """A record with its lines and values; empty values are left out."""
    found = lines(text, record)
    values: dict[str, list[str]] = {}
    for line in found:
        if said := value_of(text, line):
            values.setdefault(line.tag, []).append(said)
    return Parsed(record, type_of(values), found, values)


def sample(number: int) -> list[int]:
    """The positions of the records to learn from: all of a small library, else the last ones and some from all over."""
    if number <= SAMPLE:
        return list(range(number))
    step = 3 * number // (2 * SAMPLE)
    return sorted({*range(0, number, step), *range(number - SAMPLE // 3, number)})


def _newline(text: str) -> str:
    crlf = text.count("\r\n")
    counts = {"\r\n": crlf, "\n": text.count("\n") - crlf, "\r": text.count("\r") - crlf}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else "\r\n"


def _most(found: Sequence[str], otherwise: str) -> str:
    return Counter(found).most_common(1)[0][0] if found else otherwise


def _end(text: str, one: Parsed) -> str:
    """A record's last line, where it is one that is fit to be copied."""
    found = _END.match(text, one.lines[-1].start, one.lines[-1].end)
    return found[0] if found else ""


def _gap(text: str, records: Sequence[Record], newline: str) -> tuple[str, bool]:
    """What stands between two records, and whether each has its number above it."""
    between = [text[a.end : b.start] for a, b in pairwise(records[-SAMPLE:])]
    numbers = [re.fullmatch(r"\s*\d+\.[ \t]*[\r\n]+", gap) for gap in between]
    if len(numbers) > 0 and all(numbers):
        return _most([re.sub(r"\d+", "{}", gap) for gap in between], newline), True
    blank = [gap for gap in between if not gap or (not gap.strip() and gap[-1] in "\r\n")]
    return _most(blank, newline), False


_END = re.compile(r"(?:ER|er)[ \t\u00a0]{1,3}-[ \t\u00a0]*(?=[\r\n]|\Z)")
_MARK = re.compile(r"[ \t\u00a0]{1,3}-[ \t\u00a0]+")
_DATE = re.compile(r"\d{4}(?:([/-])(\d{1,2})?(?:\1(\d{1,2})?(?:\1.*)?)?)?")


def _date_form(parsed: Sequence[Parsed], tag: str) -> DateForm | None:
    said = _all(parsed, tag)
    found = [(match, text) for text in said if (match := _DATE.fullmatch(text))]
    if not found or len(found) * 2 < len(said):
        return None
    marks = Counter(match[1] for match, _ in found if match[1])
    mark = marks.most_common(1)[0][0] if marks else "/"
    depths = [1 + (match[2] is not None) + (match[3] is not None) for match, _ in found]
    depth = 3 if max(depths) > 1 or tag not in ("PY", "Y1") or len(found) < _ENOUGH else 1
    if tag == "PY" and max(depths) == 1:
        depth = 1
    counted = Counter((deep, text.count(mark)) for deep, (_, text) in zip(depths, found, strict=True))
    slashes = {deep: number for (deep, number), _ in reversed(counted.most_common())}
    return DateForm(mark, slashes, depth)


def _all(parsed: Sequence[Parsed], *tags: str) -> list[str]:
    return [said for one in parsed for tag in tags for said in one.values.get(tag, ())]


def _share(said: Sequence[str], pattern: str) -> float:
    return sum(re.fullmatch(pattern, text) is not None for text in said) / len(said) if said else 0.0


def _ranges(parsed: Sequence[Parsed]) -> tuple[bool, str]:
    """Whether `SP` carries the whole range, and the dash in it."""
    whole = [
        match[1] for text in _all(parsed, "SP") if (match := re.fullmatch(r"\w+\s*(-+|[\u2010-\u2015])\s*\w+", text))
    ]
    return len(whole) > len(_all(parsed, "EP")), _most(whole, "-")


def _short_jo(parsed: Sequence[Parsed]) -> bool:
    """Whether `JO` is the abbreviated title, beside a full one."""
    pairs = [
        (one.values["JO"][0], (one.values.get("T2") or one.values.get("JF") or [""])[0])
        for one in parsed
        if "JO" in one.values and ("T2" in one.values or "JF" in one.values)
    ]
    return sum(short != full for short, full in pairs) * 2 > len(pairs) > 0


def _abbreviated(parsed: Sequence[Parsed]) -> bool:
    """Whether journals stand abbreviated where their full titles are expected."""
    titles = []
    for one in parsed:
        if one.csl_type in PERIODICAL:
            titles += [one.values[tag][0] for tag in ("T2", "JF", "JO") if tag in one.values][:1]
    several = [title for title in titles if " " in title.strip() or "." in title]
    dotted = [title for title in several if re.search(r"\w\.(?=\s|\w|$)", title)]
    return len(several) >= _ENOUGH and len(dotted) * 3 > len(several) * 2


def _keyed(parsed: Sequence[Parsed]) -> bool:
    """Whether records bear keys: an `ID` that is more than a number of the program that wrote it."""
    if len(parsed) < _ENOUGH and not any("ID" in one.values for one in parsed):
        return True
    having = [one.values["ID"][0] for one in parsed if "ID" in one.values]
    return sum(not said.isdigit() for said in having) * 2 > len(parsed)


def _dialect(order: Sequence[str], used: Mapping[str, int], count: int, alphabetical: bool) -> str:
    """Whose dialect it is, where that is plain: Zotero's order and marks, EndNote's alphabet."""
    if alphabetical and "JF" not in used and len(used) > 7:
        return "endnote"
    if count < _ENOUGH:
        return ""
    places = {tag: order.index(tag) for tag in ("TI", "AU", "DA", "PY") if tag in order}
    if len(places) == 4 and used.get("DA", 0) * 2 > count:
        return "zotero" if places["TI"] < places["AU"] < places["DA"] < places["PY"] else ""
    return ""
