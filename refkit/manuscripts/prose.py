"""From a manuscript's layout to the DOIs in it that may become citations: each with its label or link around it,
neighbours together, and the words of the sentence that belong to the citation."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from refkit.doi import parse
from refkit.doi.reach import Lines as LineEnds
from refkit.doi.written import written
from refkit.finding.links import in_link
from refkit.manuscripts import Cluster, Item, Left
from refkit.manuscripts.layout import Column, Key, Layout, Lines, Link, Ranges, masked
from refkit.manuscripts.naming import NAMES, YEAR, Said, said
from refkit.manuscripts.wording import (
    BLANK,
    LOCATOR,
    NEEDS_NOUN,
    PREFIX,
    PREFIX_WHOLE,
    SENTENCE_START,
    SUFFIX_WHOLE,
    VERBS,
    is_data,
)
from refkit.model import Reading, Span


@dataclass(frozen=True, slots=True)
class Spot:
    """What is known of an item beside its DOI.

    `link` and `key` say what it stands in; `text` is the visible text of a link that is to be kept where it is not the
    work's own authors and year, which `said` then are; `room` is how many characters its column in a table has for it,
    None where it may be as long as it likes.
    """

    link: Link | None = None
    key: Key | None = None
    text: str = ""
    said: Said | None = None
    room: int | None = None
    end: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """The words around a cluster.

    `brackets` is the span of brackets that hold nothing but the cluster, `prefix` and `suffix`; `said` authors and year
    right before it; `far` such words further ahead in the sentence, `gone` what of the cluster goes when these become
    the citation; `noun` whether the sentence needs a noun in the cluster's place.
    """

    brackets: Span | None = None
    prefix: str = ""
    suffix: str = ""
    said: Said | None = None
    far: Said | None = None
    gone: Span | None = None
    noun: bool = False


def find(
    text: str,
    layout: Layout,
    *,
    everything: bool = False,
    joins: str = r"&|and|und|et|y|e|og|en",
    lines: LineEnds = "source",
    brackets: str = "([",
) -> tuple[tuple[Cluster, ...], tuple[Left, ...]]:
    """The clusters of a text and the DOIs that are left alone, with their reasons, both in the text's order.

    Parameters: `layout`, what is no prose in it; `everything`, whether links to data and code count; `joins`, the words
    that may stand between two DOIs of one citation, as an expression; `lines`, what the text's line ends are;
    `brackets`, those that may stand around a citation (others are the kind's own signs).
    """
    finder = _Finder(text, layout, everything, lines)
    items = sorted([*finder.keys(), *finder.links(), *finder.prose()], key=lambda item: item.span)
    items = finder.outside_lists(_without_overlap(items))
    grouped = _Grouper(text, joins, brackets).clusters(items)
    return tuple(grouped), tuple(sorted([*finder.left, *finder.in_hidden()], key=lambda one: one.span))


def _without_overlap(items: Sequence[Item]) -> list[Item]:
    kept: list[Item] = []
    for item in items:
        if not kept or item.span.start >= kept[-1].span.end:
            kept.append(item)
    return kept


# --- items ---------------------------------------------------------------------------------------

_LABEL = re.compile(
    r"(?:\bdoi\s?(?:[:=]|(?:number|no\.?|link|url)?\s*:)\s*|\burn:doi:|\binfo:doi/|\b(?:digital object identifier)(?:\s*\(doi\))?\s*:?\s*"
    r"|(?<!\bthe )(?<!\bThe )(?<!\bthis )(?<!\bits )(?<!\ba )\bdoi\s+)\Z",
    re.IGNORECASE,
)
_REST = r"[^\s<>\"{}|\\^`\ue000]*"
_ADDRESS = re.compile(rf"(?:[A-Za-z][A-Za-z0-9+.-]*:/?/{_REST}|(?:www\.|(?:[A-Za-z0-9-]+\.)+[A-Za-z]{{2,}}/){_REST})\Z")
_TAIL = re.compile(rf"(?:[/?#&;=]{_REST}|\.(?:e?pdf|html?|full|abstract|short|long){_REST})")
_MARKERS = re.compile(r"[\[(^]*(?:\d{1,3}|\*+|†|‡|§|doi|DOI|↗|🔗|link to doi|crossref)[\])^.:]*")


class _Finder:
    """Finds the items of one text."""

    def __init__(self, text: str, layout: Layout, everything: bool, lines: LineEnds) -> None:
        self.text, self.layout, self.everything, self.line_ends = text, layout, everything, lines
        self.lines = Lines(text)
        spans = [hidden.span for hidden in layout.hidden]
        spans += [link.span for link in layout.links]
        spans += [key.span for key in layout.keys]
        self.mask = masked(text, spans)
        self.left: list[Left] = []
        self.columns = layout.columns
        self._column_starts = [column.start for column in layout.columns]

    def _leave(self, span: Span, readings: tuple[Reading, ...], why: str) -> None:
        self.left.append(Left(span, span.of(self.text), readings, why, self.lines.place(span.start)))

    def _item(self, span: Span, written_: str, readings: tuple[Reading, ...], why: str, spot: Spot) -> Item:
        context = " ".join(self.text[max(0, span.start - 140) : span.end + 60].split())
        spot = replace(spot, end=span.end)
        if self.columns:
            span, spot = self._in_column(span, spot)
        return Item(span, written_, readings, why=why, place=self.lines.place(span.start), context=context, handle=spot)

    def _in_column(self, span: Span, spot: Spot) -> tuple[Span, Spot]:
        """In a table with fixed columns the item takes the blanks behind it too, so that the next column stays."""
        column = self._column(span.start)
        if column is None or column.end is None:
            return span, spot
        end = span.end
        while end < column.end and self.text[end] == " ":
            end += 1
        if end < column.end:  # words follow in the cell: the blanks behind them are not ours
            return span, replace(spot, room=span.end - span.start)
        return Span(span.start, end), replace(spot, room=end - span.start - 1)

    def _column(self, offset: int) -> Column | None:
        index = bisect_right(self._column_starts, offset) - 1
        if index < 0:
            return None
        column = self.columns[index]
        line_end = self.text.find("\n", column.start)
        last = column.end if column.end is not None else line_end if line_end >= 0 else len(self.text)
        return column if offset <= last else None

    def keys(self) -> Iterator[Item]:
        """DOIs in the place of keys."""
        for key in self.layout.keys:
            readings = in_link(key.written) or _whole(key.written)
            if readings:
                yield self._item(key.span, key.written, readings, "a DOI in a citation key's place", Spot(key=key))

    def links(self) -> Iterator[Item]:
        """Links that lead to a DOI."""
        for link in self.layout.links:
            readings = in_link(link.target)
            inner = link.text.of(self.text) if link.text is not None else ""
            named = [one for one in written(inner)] if "10" in inner else []
            if not readings:
                if named:
                    self._leave(link.span, named[0].readings, "it is the text of a link that leads elsewhere")
                continue
            if link.fixed:
                self._leave(link.span, readings, link.fixed)
            elif is_data(link.target) and not self.everything:
                self._leave(link.span, readings, "the link leads to data or code (--all takes it too)")
            elif any(not _agree(one.readings, readings) for one in named):
                self._leave(link.span, readings, "the link's text names another DOI than its address")
            else:
                yield self._link(link, readings, inner, bool(named))

    def _link(self, link: Link, readings: tuple[Reading, ...], inner: str, names_doi: bool) -> Item:
        shown = re.sub(r"\A[*_]+|[*_]+\Z", "", inner.strip())
        address = names_doi or "doi.org/" in shown or re.match(r"(?:https?://|www\.)\S+\Z", shown) is not None
        if not shown or address or _MARKERS.fullmatch(shown):
            span = self._labelled(link.span)
            return self._item(span, span.of(self.text), readings, "a link", Spot(link=link))
        words = _all_said(shown, link.span)
        return self._item(
            link.span,
            link.span.of(self.text),
            readings,
            "a link with a text of its own",
            Spot(link=link, text=inner, said=words),
        )

    def _labelled(self, span: Span) -> Span:
        """The span with the label ("DOI: ") before it."""
        label = _LABEL.search(self.mask[max(0, span.start - 40) : span.start])
        return Span(span.start - len(label.group()), span.end) if label else span

    def prose(self) -> Iterator[Item]:
        """DOIs and addresses with DOIs that stand in the text as they are."""
        floor = 0
        for one in written(self.mask, lines=self.line_ends):
            span, address = self._whole(one.start, one.end, floor)
            floor = span.end
            if address and is_data(address) and not self.everything:
                self._leave(span, one.readings, "the address leads to data or code (--all takes it too)")
                continue
            yield self._item(span, span.of(self.text), one.readings, "an address" if address else "a DOI", Spot())

    def _whole(self, start: int, end: int, floor: int) -> tuple[Span, str]:
        """The span of a DOI with its label or the rest of its address, and that address ("" where it has none).

        Parameters: `floor`, where the DOI before ends.
        """
        mask = self.mask
        before = _ADDRESS.search(mask[max(floor, start - 400) : start])
        address = ""
        if before is not None and not re.search(r"[(\[]", before.group()[-1:]):
            start -= len(before.group())
            tail = _TAIL.match(mask, end)
            end += len(_balanced(tail.group())) if tail else 0
            address = mask[start:end]
        if mask[start - 1 : start] == "@" and not mask[start - 2 : start - 1].isalnum():
            start -= 1
        start = self._labelled(Span(start, end)).start
        if mask[start - 1 : start] == "<" and mask[end : end + 1] == ">":
            start, end = start - 1, end + 1
            start = self._labelled(Span(start, end)).start
        return Span(start, end), address

    def outside_lists(self, items: Sequence[Item]) -> list[Item]:
        """The items that do not stand in a written reference list; the others are left."""
        if not self.layout.references:
            return list(items)
        lists = Ranges(self.layout.references)
        kept = []
        for item in items:
            if item.span.start in lists:
                self._leave(item.span, item.readings, "it stands in the written reference list")
            else:
                kept.append(item)
        return kept

    def in_hidden(self) -> Iterator[Left]:
        """DOIs in code, comments and the like, for the report."""
        reach = 0
        for hidden in sorted(self.layout.hidden, key=lambda one: (one.span.start, -one.span.end)):
            if hidden.span.end <= reach:
                continue
            reach = hidden.span.end
            if not hidden.why or self.text.find("10.", hidden.span.start, hidden.span.end) < 0:
                continue
            piece = hidden.span.of(self.text)
            for one in written(piece):
                span = Span(hidden.span.start + one.start, hidden.span.start + one.end)
                yield Left(span, span.of(self.text), one.readings, hidden.why, self.lines.place(span.start))


def within_doi(text: str, at: int) -> bool:
    """Whether a sign such as `<` stands within a DOI: `10.1002/(SICI)…8:9<683::AID-ASI4>3.0.CO;2-O`."""
    base = max(0, at - 120)
    if re.search(r"10\.\d{4,9}/\S*$", text[base:at]) is None:
        return False
    return any(base + one.start < at < base + one.end for one in written(text[base : at + 120]))


def _whole(given: str) -> tuple[Reading, ...]:
    doi = parse(given)
    return (Reading(doi),) if doi is not None else ()


def _agree(one: Sequence[Reading], other: Sequence[Reading]) -> bool:
    return not {reading.doi for reading in one}.isdisjoint(reading.doi for reading in other)


def _balanced(tail: str) -> str:
    """An address's tail up to a bracket that it did not open, without the sentence's punctuation."""
    depth = 0
    for index, character in enumerate(tail):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
            if depth < 0:
                tail = tail[:index]
                break
    return tail.rstrip(".,;:!?'*_~")


_SAID_WHOLE = re.compile(rf"[\[(]?{NAMES}(?:,?{BLANK}(?P<open>[(\[]?){YEAR}[)\]]?|(?<![\w.]))?[\])]?", re.UNICODE)


def _all_said(shown: str, span: Span) -> Said | None:
    """What a link's text says, where it is nothing but names and perhaps a year."""
    match = _SAID_WHOLE.fullmatch(shown)
    if match is None:
        return None
    return said(match, span.start, span.end, noun=bool(match["open"]) or match["year"] is None)


# --- clusters ------------------------------------------------------------------------------------

_CLOSING = {"(": ")", "[": "]"}
_BEFORE_BRACKET = rf"(?P<gap>,?{BLANK}?)"
_SAID_IN = re.compile(rf"[(\[]{NAMES}(?:,?{BLANK}\(?{YEAR}\)?)(?P<end>[,;:]?{BLANK}?)\Z")
_YEAR_IN = re.compile(rf"{NAMES}{BLANK}[(\[]{YEAR}[,;:]?{BLANK}\Z")
_SAID_NEXT = re.compile(
    rf"{NAMES}(?:,?{BLANK}(?:\({YEAR}\)|\[(?P<year2>(?:1[5-9]|20)\d\d)[a-z]?\]|(?P<year3>(?:1[5-9]|20)\d\d)[a-z]?))?{_BEFORE_BRACKET}\Z"
)
_SAID_FAR = re.compile(rf"(?<![\w.-]){NAMES}{BLANK}\({YEAR}\)(?!['’]s)")
_SENTENCE_END = re.compile(
    r"(?<!\bal)(?<!\bcf)(?<!\be\.g)(?<!\bi\.e)(?<!\b[Ff]ig)(?<!\bvs)(?<!\b[A-Z])[.!?][\"'”’)]?\s+(?=[A-Z\"“(])|\n[ \t]*\r?\n|\ue000"
)
_REACH = 300


class _Grouper:
    """Puts neighbours into one cluster, and looks at the words around it."""

    def __init__(self, text: str, joins: str, brackets: str) -> None:
        self.text = text
        self._opened = re.compile(rf"[{re.escape(brackets)}][^()\[\]]*\Z")
        self._between = re.compile(
            rf"(?:[ \t\u00a0]?[;,](?:[ \t]{{0,2}}(?:\r?\n[ \t>]*)?)?(?:(?:{joins}){BLANK})?|[ \t\u00a0](?:(?:{joins}){BLANK})?)"
            rf"(?:(?P<prefix>see also|see|but see|cf\.|also){BLANK})?"
        )

    def clusters(self, items: Sequence[Item]) -> Iterator[Cluster]:
        """The items as clusters, in order."""
        group: list[Item] = []
        for index, item in enumerate(items):
            limit = items[index + 1].span.start if index + 1 < len(items) else len(self.text)
            prefix = self._joined(group, item)
            if prefix is None:
                if group:
                    yield self._cluster(group, floor_of(items, index - len(group)), item.span.start)
                group = []
            located = self._located(item, limit)
            group.append(replace(located, prefix=prefix or ""))
            if self._stands_alone(item):
                yield self._cluster(group, floor_of(items, index + 1 - len(group)), limit)
                group = []
        if group:
            yield self._cluster(group, floor_of(items, len(items) - len(group)), len(self.text))

    def _stands_alone(self, item: Item) -> bool:
        spot: Spot = item.handle
        return spot.key is not None or (spot.text != "" and (spot.said is None or not spot.said.year))

    def _joined(self, group: Sequence[Item], item: Item) -> str | None:
        """The prefix of an item that joins the group, "" where it has none; None where it does not join."""
        if not group or self._stands_alone(item) or group[-1].handle.room is not None:
            return None
        match = self._between.fullmatch(self.text, group[-1].span.end, item.span.start)
        return None if match is None else (match["prefix"] or "")

    def _located(self, item: Item, limit: int) -> Item:
        """The item with the locator behind it."""
        if item.handle.key is not None or item.handle.room is not None:
            return item
        match = LOCATOR.match(self.text, item.span.end, limit)
        if match is None or (item.handle.text and item.handle.said is None):
            return item
        return replace(item, span=Span(item.span.start, match.end()), suffix=_flat(match[1]))

    def _cluster(self, items: Sequence[Item], floor: int, limit: int) -> Cluster:
        """The cluster of these items; nothing before `floor` or behind `limit` is looked at."""
        span = Span(items[0].span.start, items[-1].span.end)
        if any(item.handle.key is not None or item.handle.room is not None for item in items):
            return Cluster(span, tuple(items), Frame())
        frame = self._frame(span, floor, limit, plain=len(items) == 1 and not items[0].handle.text)
        return Cluster(span, tuple(items), frame)

    def _frame(self, span: Span, floor: int, limit: int, *, plain: bool) -> Frame:
        before = self.text[max(floor, span.start - _REACH) : span.start]
        after = self.text[span.end : min(limit, span.end + 80)]
        base = span.start - len(before)
        opened = self._opened.search(before)
        if opened is not None:
            frame = self._in_brackets(span, before, after, base, opened.start(), plain=plain)
            if frame is not None:
                return frame
        prefix = PREFIX.search(before) if opened is not None else None
        words = self._said_before(before, base, span.end) if plain and opened is None else None
        noun = opened is None and self._needs_noun(before, after)
        far, gone = self._said_far(before, base, span) if plain and words is None and opened is None else (None, None)
        return Frame(None, said=words, far=far, gone=gone, noun=noun and prefix is None)

    def _in_brackets(self, span: Span, before: str, after: str, base: int, at: int, *, plain: bool) -> Frame | None:
        """The frame of a cluster in brackets, None where these hold something else as well."""
        closing = _CLOSING[before[at]]
        close = re.match(rf"([^()\[\]\n]*?){re.escape(closing)}", after)
        if close is None:
            return None
        suffix = SUFFIX_WHOLE.fullmatch(close[1])
        if suffix is None:
            return None
        brackets = Span(base + at, span.end + close.end())
        inside = before[at + 1 :]
        kept = suffix["kept"] or ""
        if plain:
            head = before[:at]
            for year_in in _shrinking(_YEAR_IN, before):
                if words := said(year_in, base + year_in.start(), brackets.end, noun=True):
                    return Frame(said=words, suffix=kept)
            said_in = _SAID_IN.search(before)
            if said_in and said_in.start() == at and (words := said(said_in, brackets.start, brackets.end, noun=False)):
                return Frame(said=words, suffix=kept)
            if not inside.strip() and (words := self._said_before(head, base, brackets.end)):
                return Frame(brackets, suffix=kept, said=words)
        prefix = PREFIX_WHOLE.fullmatch(inside)
        if inside.strip() and prefix is None:
            return None
        kept_before = _flat(prefix["kept"] or "") if prefix else ""
        far, gone = (None, None)
        if plain and not inside.strip() and not kept:
            far, gone = self._said_far(before[:at], base, brackets)
        return Frame(brackets, kept_before, _flat(kept), far=far, gone=gone)

    def _said_before(self, before: str, base: int, end: int) -> Said | None:
        """Authors (and year) that stand right before, as part of the sentence."""
        for match in _shrinking(_SAID_NEXT, before):
            groups = match.groupdict()
            year = groups["year"] or groups["year2"] or groups["year3"]
            if year is None and not match["others"] and not re.search(r"\b(?:and|und|et|&)\b|&", match["names"]):
                return None  # a lone capitalised word is no author
            words = said(match, base + match.start(), end, noun=True)
            if words is not None:
                return replace(words, year=year or "")
        return None

    def _said_far(self, before: str, base: int, gone: Span) -> tuple[Said | None, Span | None]:
        """Authors and year further ahead in the same sentence, and what goes when they become the citation."""
        starts = [match.end() for match in _SENTENCE_END.finditer(before)]
        head = starts[-1] if starts else 0
        found = [match for match in _SAID_FAR.finditer(before, head)]
        if len(found) != 1 or re.search(r"10\.\d{4,9}/|@\w|\\cite|cite:", before[head:]):
            return None, None
        match = found[0]
        words = said(match, base + match.start(), base + match.end(), noun=True)
        if words is None:
            return None, None
        start = gone.start
        while start > base and self.text[start - 1] in " \t\u00a0~,":
            start -= 1
        behind = self.text[gone.end : gone.end + 1]
        if behind and behind not in ".,;:!?\r\n" and start < gone.start and self.text[start] != ",":
            start = gone.start if behind in ")]" else start
        return words, Span(start, gone.end)

    def _needs_noun(self, before: str, after: str) -> bool:
        if NEEDS_NOUN.search(before[-40:]):
            return True
        return SENTENCE_START.search(before) is not None and VERBS.match(after) is not None


def floor_of(items: Sequence[Item], first: int) -> int:
    """Where the item before the cluster that begins with item number `first` ends."""
    return items[first - 1].span.end if first > 0 else 0


def _shrinking(pattern: re.Pattern[str], before: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern that ends at the text's end, the longest first: a sentence's first word may be a name or
    none ("As Smith", "Using Smith")."""
    at = 0
    for _ in range(6):
        match = pattern.search(before, at)
        if match is None:
            return
        yield match
        following = re.compile(r"\W\w").search(before, match.start() + 1)
        if following is None:
            return
        at = following.start() + 1


def _flat(words: str) -> str:
    return " ".join(words.split())
