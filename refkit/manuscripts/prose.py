"""From a manuscript's layout to the DOIs in it that may become citations: each with its label or link around it,
neighbours together, and the words of the sentence that belong to the citation."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from refkit.doi import parse
from refkit.doi.reach import Lines as LineEnds
from refkit.doi.written import written
from refkit.finding.links import in_link
from refkit.manuscripts import Cluster, Item, Left
from refkit.manuscripts.clustering import Grouper
from refkit.manuscripts.layout import Column, Layout, Lines, Link, Ranges, masked
from refkit.manuscripts.listing import IN_LIST
from refkit.manuscripts.naming import NAMES, YEAR, Said, said
from refkit.manuscripts.spots import Frame, Spot
from refkit.manuscripts.wording import BLANK, is_data
from refkit.model import Reading, Span

__all__ = ["Frame", "Spot", "find", "within_doi"]


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
    grouped = Grouper(text, joins, brackets).clusters(items)
    return tuple(grouped), tuple(sorted([*finder.left, *finder.in_hidden()], key=lambda one: one.span))


def _without_overlap(items: Sequence[Item]) -> list[Item]:
    kept: list[Item] = []
    for item in items:
        if not kept or item.span.start >= kept[-1].span.end:
            kept.append(item)
    return kept


# --- items ---------------------------------------------------------------------------------------

_LABEL = re.compile(
    r"(?:(?<!\s:)\bdoi\s?(?:[:=]|(?:number|no\.?|link|url)?\s*:)\s*|\burn:doi:|\binfo:doi/|\b(?:digital object "
    r"identifier)(?:\s*\(doi\))?\s*:?\s*"
    r"|(?<!\bthe )(?<!\bThe )(?<!\bthis )(?<!\bits )(?<!\ba )\bdoi\s+)\Z",
    re.IGNORECASE,
)
_REST = r"[^\s<>\"{}|\\^`\ue000]*"
_ADDRESS = re.compile(rf"(?:[A-Za-z][A-Za-z0-9+.-]*:/?/{_REST}|(?:www\.|(?:[A-Za-z0-9-]+\.)+[A-Za-z]{{2,}}/){_REST})\Z")
_TAIL = re.compile(rf"(?:[/?#&=]{_REST}|;jsession{_REST}|\.(?:e?pdf|html?|full|abstract|short|long){_REST})")
_ANOTHER = re.compile(r"[,;|](?=https?:|doi:|10\.\d{4,9}/)")
_MARKERS = re.compile(r"[\\\[(^]*(?:\d{1,3}|\*+|†|‡|§|doi|DOI|↗|🔗|link to doi|crossref)[\\\])^.:]*")


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
            named = list(written(inner)) if "10" in inner else []
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
            end += len(_balanced(_ANOTHER.split(tail.group())[0])) if tail else 0
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
                self._leave(item.span, item.readings, IN_LIST)
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
