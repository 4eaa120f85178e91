"""Neighbouring DOIs become one cluster, with the words of the sentence that belong to the citation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from refkit.manuscripts import Cluster, Item
from refkit.manuscripts.naming import NAMES, YEAR, Said, said
from refkit.manuscripts.spots import Frame, Spot
from refkit.manuscripts.wording import (
    BLANK,
    LOCATOR,
    NEEDS_NOUN,
    PREFIX,
    PREFIX_WHOLE,
    SENTENCE_START,
    SUFFIX_WHOLE,
    VERBS,
)
from refkit.model import Span

_CLOSING = {"(": ")", "[": "]"}
_BEFORE_BRACKET = rf"(?P<gap>,?{BLANK}?)"
_INTRODUCED = r"(?:see also|see,? e\.\s?g\.,?|but see|see|cf\.|e\.\s?g\.,?|compare)"
_SAID_IN = re.compile(
    rf"[(\[](?:(?P<prefix>{_INTRODUCED}){BLANK})?{NAMES}(?:,?{BLANK}\(?{YEAR}\)?)(?P<end>[,;:]?{BLANK}?)\Z"
)
_YEAR_IN = re.compile(rf"{NAMES}{BLANK}[(\[]{YEAR}[,;:]?{BLANK}\Z")
_SAID_NEXT = re.compile(
    rf"{NAMES}(?:,?{BLANK}(?:\({YEAR}\)|\[(?P<year2>(?:1[5-9]|20)\d\d)[a-z]?\]|(?P<year3>(?:1[5-9]"
    rf"|20)\d\d)[a-z]?))?{_BEFORE_BRACKET}\Z"
)
_SAID_FAR = re.compile(rf"(?<![\w.-]){NAMES}{BLANK}\({YEAR}\)(?!['’]s)")
_SENTENCE_END = re.compile(
    r"(?<!\bal)(?<!\bcf)(?<!\be\.g)(?<!\bi\.e)(?<!\b[Ff]ig)(?<!\bvs)(?<!\b[A-Z])[.!?][\"'”’)]?\s+(?=[A-Z\"“(])"
    r"|\n[ \t]*\r?\n|\ue000"
)
_REACH = 300


class Grouper:
    """Puts neighbours into one cluster, and looks at the words around it."""

    def __init__(self, text: str, joins: str, brackets: str) -> None:
        self.text = text
        self._opened = re.compile(rf"[{re.escape(brackets)}][^()\[\]]*\Z")
        self._between = re.compile(
            rf"(?:[ \t\u00a0]?[;,](?:[ \t]{{0,2}}(?:\r?\n[ \t>]*)?)?(?:(?:{joins}){BLANK})?"
            rf"|[ \t\u00a0](?:(?:{joins}){BLANK})?)"
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
        if (_is_noun(item) or _is_noun(group[-1])) and not self._in_open(group[0].span.start):
            return None  # "… and Smith (2020) showed"
        match = self._between.fullmatch(self.text, group[-1].span.end, item.span.start)
        return None if match is None else (match["prefix"] or "")

    def _in_open(self, at: int) -> bool:
        return self._opened.search(self.text, max(0, at - _REACH), at) is not None

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
        if before[at] == "[" and self.text[brackets.end : brackets.end + 1] == "{":
            return None  # a span with attributes: its brackets are markup
        inside = before[at + 1 :]
        kept = suffix["kept"] or ""
        if plain:
            head = before[:at]
            for year_in in _shrinking(_YEAR_IN, before):
                if words := said(year_in, base + year_in.start(), brackets.end, noun=True):
                    return Frame(said=words, suffix=kept)
            said_in = _SAID_IN.search(before)
            if said_in and said_in.start() == at and (words := said(said_in, brackets.start, brackets.end, noun=False)):
                return Frame(said=words, prefix=said_in["prefix"] or "", suffix=kept)
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
        found = list(_SAID_FAR.finditer(before, head))
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


def _is_noun(item: Item) -> bool:
    """Whether it is a link whose text is a noun of the sentence: authors, and a year in brackets."""
    words: Said | None = item.handle.said
    return words is not None and words.noun and words.year != ""


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
