"""From a document to its mentions of DOIs: where each stands, whose it is, how sure, and why."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, pairwise

from refkit.doi import decode, fold, parse
from refkit.doi.reach import Lines, unfinished
from refkit.doi.written import Written, written
from refkit.finding import own
from refkit.finding.links import in_link
from refkit.model import Document, Doi, Findings, Link, Mention, Meta, Note, Own, Reading, Role, Span, Verdict, Zone

CONTEXT = 200
"""Characters of a mention's surroundings that are kept, for comparing it with a record's words."""

OPENING = 3000
"""Characters of a document's beginning that are kept: the title stands there."""

# What the line ends of a kind's text are; of the kinds not named here they are those of a source.
_LINES: dict[str, Lines] = {
    "pdf": "print",
    **dict.fromkeys(("text", "mail"), "text"),
    **dict.fromkeys(("docx", "odt", "epub", "html", "xml", "rtf", "notebook", "table", "json", "csljson"), "blocks"),
}


def scan(windows: Iterable[Document]) -> Findings:
    """Find every DOI of one input, offline.

    Parameters: `windows`, the input's documents in order, usually one; of a very large text they overlap.
    """
    pieces = iter(windows)
    first = next(pieces, None)
    if first is None:
        return Findings("", "", Own(Verdict.NONE, why="nothing was read"))
    second = next(pieces, None)
    if second is None:
        own_doi, mentions = own.judge(first, _mentions(first, _Lines(first)))
        notes, characters = first.notes, len(first.text)
    else:
        mentions, more, characters = _large(chain((first, second), pieces))
        own_doi, notes = Own(Verdict.NONE, why="a text of this size is no publication"), tuple(more)
    return Findings(
        first.name,
        first.kind,
        own_doi,
        tuple(mentions),
        tuple(notes),
        _title(first.meta),
        characters,
        first.text[:OPENING],
        first.works,
    )


def _large(windows: Iterable[Document]) -> tuple[list[Mention], list[Note], int]:
    """The mentions of a text that comes in windows: each is taken from the window that holds its surroundings whole."""
    mentions: list[Mention] = []
    notes: list[Note] = []
    reach, total = 0, 0
    for document, following in pairwise(chain(windows, (None,))):
        assert document is not None
        total = document.offset + len(document.text)
        cut = total if following is None else (following.offset + total + 1) // 2
        found = _mentions(document, _characters)
        mentions.extend(one for one in found if one.span is None or reach <= one.span.start < cut)
        notes.extend(document.notes)
        reach = cut
    return mentions, notes, total


def _characters(start: int) -> str:
    """The place in a text too large for counting its lines."""
    return f"character {start + 1:,}"


def _title(meta: tuple[Meta, ...]) -> str:
    return next((one.value for one in meta if one.name.lower().endswith("title") and len(one.value) > 8), "")


# --- mentions ------------------------------------------------------------------------------------


def _mentions(document: Document, places: Callable[[int], str]) -> list[Mention]:
    """All mentions of one document or window: in the text, in fields, in links, in metadata; roles come later."""
    ignored = _Ranges(zone.span for zone in document.zones if zone.kind == "ignored")
    fields = [zone for zone in document.zones if zone.kind == "field"]
    found: list[Mention] = []
    for zone in fields:
        mention = _field(document, zone, places)
        if mention is not None:
            found.append(mention)
    whole = _Ranges(mention.span for mention in found if mention.span)
    for one in written(document.text, lines=_LINES.get(document.kind, "source")):
        start, end = one.start + document.offset, one.end + document.offset
        if start in ignored or start in whole:
            continue
        found.append(_mention(document, one, Span(start, end), places))
    found.sort(key=lambda mention: mention.span.start if mention.span else 0)
    found = _settle(document, found)
    known = {(mention.doi, _part(mention.place)) for mention in found}
    for link in document.links:
        mention = _link(link)
        if mention is not None and (mention.doi, link.place) not in known:
            known.add((mention.doi, link.place))
            found.append(mention)
    for meta in document.meta:
        found.extend(_meta(meta, known))
    return _without_aliases(document, found)


_ENTRIES = frozenset({"bibtex", "ris", "nbib", "endnote", "csljson", "table", "yaml"})
_BETWEEN = re.compile(r"[\s·•|,;.()\[\]-]*(?:doi)?\W{0,3}(?:https?://)?(?:dx\.)?(?:doi\.org/)?\s*", re.IGNORECASE)


def _without_aliases(document: Document, found: list[Mention]) -> list[Mention]:
    """A short DOI that stands right beside a full one, or in its entry, is that one's alias, and no other work."""
    if not any(mention.doi.startswith("10/") for mention in found):
        return found
    full = [mention for mention in found if not mention.doi.startswith("10/")]
    spans = sorted(mention.span for mention in full if mention.span is not None)
    places = {mention.place for mention in full if mention.place}
    kept = []
    for mention in found:
        short = mention.doi.startswith("10/")
        same = mention.place in places and (document.kind in _ENTRIES or mention.span is None)
        if not short or not (same or _beside(document, mention.span, spans)):
            kept.append(mention)
    return kept


def _beside(document: Document, span: Span | None, spans: list[Span]) -> bool:
    """Whether the next DOI before or after stands in the same line with nothing but a label between."""
    if span is None:
        return False
    index = bisect_right(spans, span)
    for other in spans[max(0, index - 1) : index + 1]:
        first, second = sorted((span, other))
        between = document.text[first.end - document.offset : second.start - document.offset]
        if len(between) < 60 and "\n" not in between and _BETWEEN.fullmatch(between):
            return True
    return False


class _Ranges:
    """Spans without overlap, asked whether an offset lies in one."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(spans)

    def __contains__(self, offset: int) -> bool:
        index = bisect_right(self._spans, offset, key=lambda span: span.start)
        return index > 0 and offset < self._spans[index - 1].end


class _Lines:
    """Says where an offset lies: the reader's own label, else the line, counted on from the mention before."""

    def __init__(self, document: Document) -> None:
        self.document, self.line, self.at = document, 1, 0

    def __call__(self, start: int) -> str:
        """The place of the code point at `start`, which counts from the whole input's beginning."""
        here = start - self.document.offset
        if self.document.breaks:
            index = bisect_right(self.document.breaks, start, key=lambda one: one.offset)
            part = self.document.breaks[index - 1] if index else None
            if part is None or not (part.label.endswith("line") or self.document.kind == "pdf"):
                return part.label if part else ""
            number = 1 + self.document.text.count("\n", part.offset - self.document.offset, here)
            return f"{part.label} {number}" if part.label.endswith("line") else f"{part.label}, line {number}"
        if here >= self.at:
            self.line += self.document.text.count("\n", self.at, here)
        else:
            self.line -= self.document.text.count("\n", here, self.at)
        self.at = here
        return f"line {self.line}"


def _part(place: str) -> str:
    """The part of a document that a place lies in: of `p. 3, line 12`, the page."""
    return place.partition(", line ")[0]


def _context(text: str, start: int, end: int) -> str:
    half = CONTEXT // 2
    return " ".join(text[max(0, start - half - 40) : end + half - 40].split())


def _mention(document: Document, one: Written, span: Span, places: Callable[[int], str]) -> Mention:
    piece = document.text[one.start : one.end]
    confidence = _confidence(one)
    if unfinished(one.readings[0].doi):
        first = one.readings[0]
        why = _also(first.why, "the beginning of an old serial number (SICI), whose rest was not found")
        one.readings = (Reading(first.doi, why), *one.readings[1:])
    return Mention(
        span, piece, one.readings, Role.MENTIONED, confidence, one.readings[0].why, places(span.start),
        _context(document.text, one.start, one.end),
    )  # fmt: skip


def _confidence(one: Written) -> float:
    """How sure it is that a DOI stands here and ends here: the signs around it, less for each doubtful cut."""
    sure = 0.97 if one.sign.label or one.sign.resolver else 0.93 if one.sign.link else 0.85
    if one.joined:
        sure -= 0.08
    if "glued" in one.readings[0].why or "end here" in one.readings[0].why:
        sure -= 0.05
    if unfinished(one.readings[0].doi):
        sure = 0.4
    return round(sure, 2)


def _field(document: Document, zone: Zone, places: Callable[[int], str]) -> Mention | None:
    """A field that holds a DOI and nothing else is taken whole."""
    if zone.name.lower() != "doi":
        return None
    value = zone.span.of(document.text, document.offset)
    doi = parse(value)
    if doi is None:
        return None
    core = value.strip()
    start = zone.span.start + value.index(core)
    span = Span(start, start + len(core))
    place = zone.place or places(start)
    context = _context(document.text, start - document.offset, span.end - document.offset)
    return Mention(span, core, (Reading(doi),), Role.CITED, 0.99, f"the {zone.name} field", place, context)


def _link(link: Link) -> Mention | None:
    """A DOI in a hyperlink's target."""
    readings = in_link(link.target)
    if not readings:
        return None
    return Mention(
        None, link.target, readings, Role.MENTIONED, 0.95, _also("stands only in a link", readings[0].why), link.place
    )


def _meta(meta: Meta, known: set[tuple[Doi, str]]) -> Iterator[Mention]:
    """DOIs in what a document says of itself."""
    for one in written(meta.value):
        mention = Mention(
            None, meta.value, one.readings, Role.MENTIONED, 0.95, f"stands in the metadata ({meta.name})", meta.name
        )
        if (mention.doi, meta.name) not in known:
            known.add((mention.doi, meta.name))
            yield mention


def _settle(document: Document, found: list[Mention]) -> list[Mention]:
    """Let the document's links and its other mentions decide between the readings of a doubtful one."""
    linked: dict[str, set[Doi]] = {}
    for link in document.links:
        if readings := in_link(link.target):
            linked.setdefault(link.place, set()).add(readings[0].doi)
    everywhere = set().union(*linked.values()) if linked else set()
    counts = Counter(mention.doi for mention in found)
    return [
        _settled(document, mention, linked.get(_part(mention.place), set()), everywhere, counts) for mention in found
    ]


def _settled(
    document: Document, mention: Mention, here: set[Doi], everywhere: set[Doi], counts: Counter[Doi]
) -> Mention:
    if mention.doi in everywhere or mention.span is None:
        return mention
    for reading in mention.readings[1:]:
        if reading.doi in everywhere:
            return _prefer(document, mention, reading, "as a link of the document says")
        if counts[reading.doi] and counts[mention.doi] == 1 and "\n" in mention.written:
            return _prefer(document, mention, reading, "as elsewhere in the document")
    for doi in here:
        if mention.doi.startswith(doi) and re.fullmatch(r"\d{1,3}", mention.doi[len(doi) :]):
            why = f"cut before {mention.doi[len(doi) :]!r} (a footnote's number?)"
            return _prefer(document, mention, Reading(doi, why), "as the link there says")
        if doi.startswith(mention.doi) and (end := _reach(document, mention.span, doi[len(mention.doi) :])):
            why = "goes on after the line end, as the link there says"
            text = document.text[mention.span.start - document.offset : end - document.offset]
            readings = (Reading(doi, why), *mention.readings)
            return replace(mention, span=Span(mention.span.start, end), written=text, readings=readings, why=why)
    return mention


def _prefer(document: Document, mention: Mention, reading: Reading, because: str) -> Mention:
    """Put another reading first; where that one is shorter or longer, the span follows."""
    why = _also(reading.why, because)
    rest = tuple(other for other in mention.readings if other.doi != reading.doi)
    changed = replace(mention, readings=(Reading(reading.doi, why), *rest), why=why)
    if mention.span is None:
        return changed
    for end in range(mention.span.end + 40, mention.span.start + 7, -1):
        piece = document.text[mention.span.start - document.offset : end - document.offset]
        if len(piece) == end - mention.span.start and _plain(piece) == reading.doi and not piece[-1:].isspace():
            return replace(changed, span=Span(mention.span.start, end), written=piece)
    return changed


def _reach(document: Document, span: Span, rest: str) -> int | None:
    """Where `rest` ends, if the text after the mention goes on with it, blanks apart."""
    at = span.end - document.offset
    for end in range(at + len(rest), min(len(document.text), at + len(rest) + 12) + 1):
        if _plain(document.text[at:end]) == rest:
            return end + document.offset
    return None


def _plain(piece: str) -> str:
    """A piece of a written DOI as it is compared: decoded, without blanks, folded."""
    return fold("".join(decode(piece)[0].split()))


def _also(first: str, second: str) -> str:
    return "; ".join(part for part in (first, second) if part)


confirm = own.confirm
