"""What becomes of each place in a packed manuscript: which words go, which works are cited there, and how.

The same for all word processors: the prose says what stands around a DOI, and a style says whether authors are named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from refkit.formats.csl_render import Cite
from refkit.manuscripts import Choose, Chosen, Cluster, Done, Item, Manuscript
from refkit.manuscripts.naming import Said, is_of
from refkit.manuscripts.prose import Frame, Spot
from refkit.manuscripts.zotero_fields import CitedWork, cited_work
from refkit.model import Span

_LABELS = (
    (r"pp?\.|pgs?\.|pages?|S\.|Seiten?", "page"),
    (r"ch(?:ap)?s?\.|chapters?|Kap\.", "chapter"),
    (r"secs?\.|sections?|\u00a7\u00a7?", "section"),
    (r"figs?\.|figures?|Abb\.", "figure"),
    (r"tables?|tab\.", "table"),
    (r"vols?\.|volumes?", "volume"),
    (r"paras?\.|paragraphs?|\u00b6\u00b6?", "paragraph"),
    (r"eqs?\.|equations?", "equation"),
    (r"lines?|ll?\.", "line"),
    (r"notes?|nn?\.", "note"),
    (r"parts?|pt\.", "part"),
    (r"verses?|v\.", "verse"),
    (r"columns?|col\.", "column"),
    (r"folios?|fols?\.", "folio"),
    (r"articles?|art\.", "article-locator"),
    (r"appendix|app\.", "appendix"),
)
"""Terms of locators as people write them, and CSL's labels for them (CSL 1.0.2, "Locators")."""
_LOCATOR = re.compile(
    rf"(?:at |on |in )?(?:{'|'.join(f'(?P<l{n}>{terms})' for n, (terms, _) in enumerate(_LABELS))})\s*(?P<value>.+)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(slots=True)
class Placed:
    """One citation to be: `span` of the view goes (it may be empty), `words` are written before the citation.

    `links` are the spans of hyperlinks that go, `gone` a further span that goes, `cites` how each work is cited (keys
    are the works' identities).
    """

    span: Span
    items: tuple[Item, ...]
    works: tuple[CitedWork, ...]
    cites: tuple[Cite, ...]
    words: str = ""
    links: tuple[Span, ...] = ()
    gone: Span | None = None
    why: str = ""


@dataclass(slots=True)
class Placing:
    """Decides, cluster by cluster.

    Parameters: `text`, the view; `choose`; `known`, the works that the document cites already, by identity;
    `names_authors`, whether the style's citations name authors and year; `narrative`, whether words of the sentence may
    become part of a citation; `is_free`, whether all text of a span may go; `takes_words`, whether a citation's
    brackets hold words as well ("(see …)"): where they hold numbers only, the words and their brackets stay.
    """

    text: str
    choose: Choose
    known: Mapping[str, CitedWork]
    names_authors: bool
    narrative: bool = True
    is_free: Callable[[Span], bool] = lambda span: True
    takes_words: bool = True
    done: list[Done] = field(default_factory=list)
    _made: dict[tuple[str, str], CitedWork] = field(default_factory=dict)

    def placed(self, manuscript: Manuscript) -> list[Placed]:
        """All citations to be, in the view's order."""
        return [one for cluster in manuscript.clusters for one in self._cluster(cluster)]

    def _cluster(self, cluster: Cluster) -> Iterator[Placed]:
        chosen = [(item, self.choose(item)) for item in cluster.items]
        self.done += [Done(item, one is not None, "" if one else "nobody knows the work") for item, one in chosen]
        if all(one is not None for _, one in chosen):
            found = [(item, one) for item, one in chosen if one is not None]
            placed = self._whole(cluster, found)
            if not self.is_free(placed.span) or (placed.gone is not None and not self.is_free(placed.gone)):
                span = Span(cluster.items[0].span.start, cluster.items[-1].span.end)
                placed = self._whole(Cluster(span, cluster.items, Frame()), found)
            yield placed
            return
        group: list[tuple[Item, Chosen]] = []
        for item, one in (*chosen, (None, None)):
            if item is not None and one is not None:
                group.append((item, one))
            elif group:
                span = Span(group[0][0].span.start, group[-1][0].span.end)
                yield self._whole(Cluster(span, tuple(item for item, _ in group), Frame()), group)
                group = []

    def _whole(self, cluster: Cluster, chosen: Sequence[tuple[Item, Chosen]]) -> Placed:
        frame: Frame = cluster.handle if isinstance(cluster.handle, Frame) else Frame()
        works = tuple(self._work(one) for _, one in chosen)
        cites = [self._cite(item, work) for (item, _), work in zip(chosen, works, strict=True)]
        cites, works = _once(cites, works)
        links = tuple(spot.link.span for item, _ in chosen if (spot := _spot(item)).link is not None)
        placed = Placed(cluster.span, cluster.items, works, tuple(cites), links=links)
        spot = _spot(cluster.items[0])
        if spot.text and not (spot.said and is_of(spot.said, chosen[0][1].work)):
            end = cluster.items[0].span.end
            return replace(placed, span=Span(end, end), words=" ", why="the link's words stay")
        if len(chosen) == 1 and spot.said and spot.said.noun and self.narrative and frame.brackets is None:
            return self._named_by_link(placed, spot.said)
        if len(chosen) == 1 and (narrative := self._narrative(placed, frame, chosen[0][1])):
            return narrative
        if frame.brackets is not None and (self.takes_words or not (frame.prefix or frame.suffix)):
            cites[0] = replace(cites[0], prefix=_also(frame.prefix, cites[0].prefix))
            cites[-1] = _with_suffix(cites[-1], frame.suffix)
            return replace(placed, span=frame.brackets, cites=tuple(cites))
        return placed

    def _named_by_link(self, placed: Placed, said: Said) -> Placed:
        """A link whose text is the work's own authors, as a noun of the sentence: they stay."""
        if self.names_authors:
            start = self._after_names(said, placed.items[0].handle.end)
            why = "the authors in the link stay, the year is the citation's"
        else:
            start = placed.items[0].handle.end
            why = "the link's words stay"
        cites = (replace(placed.cites[0], suppress_author=self.names_authors),)
        return replace(placed, span=Span(start, placed.span.end), cites=cites, words=" ", why=why)

    def _narrative(self, placed: Placed, frame: Frame, chosen: Chosen) -> Placed | None:
        """Authors and year in words before the DOI that are the work's own: they become part of the citation."""
        if not self.narrative:
            return None
        alone = replace(placed.cites[0], suppress_author=True)
        if frame.said is not None and is_of(frame.said, chosen.work):
            if not frame.said.noun:
                cite = _with_suffix(placed.cites[0], frame.suffix)
                return replace(placed, span=frame.said.span, cites=(cite,), why="the words before it name the work")
            start = self._after_names(frame.said, placed.span.start)
            if self.names_authors or not frame.said.year:
                cites = (_with_suffix(alone, frame.suffix),)
                why = "the authors before it stay, the year is the citation's"
                return replace(placed, span=Span(start, frame.said.span.end), cites=cites, words=" ", why=why)
        if not self.names_authors:
            return None
        if frame.far is not None and frame.gone is not None and is_of(frame.far, chosen.work):
            start = self._after_names(frame.far, frame.far.span.end)
            why = "the authors and year before it in the sentence are the citation"
            span = Span(start, frame.far.span.end)
            return replace(placed, span=span, cites=(alone,), words=" ", gone=frame.gone, why=why)
        if frame.noun and frame.brackets is None and (names := _names(chosen.work.csl)):
            return replace(placed, cites=(alone,), words=f"{names} ", why="the sentence needs the authors")
        return None

    def _after_names(self, said: Said, limit: int) -> int:
        """Where the authors' names end: before the blanks and the bracket of what follows them."""
        piece = self.text[said.span.start : limit]
        if said.year and (at := piece.rfind(said.year)) >= 0:
            piece = piece[:at]
        return said.span.start + len(piece.rstrip(" \t\u00a0,;:([\n"))

    def _work(self, chosen: Chosen) -> CitedWork:
        made = self._made.get((chosen.doi, chosen.key))
        if made is None:
            fresh = cited_work(chosen.work, chosen.key)
            made = self._made[chosen.doi, chosen.key] = self.known.get(fresh.identity, fresh)
        return made

    @staticmethod
    def _cite(item: Item, work: CitedWork) -> Cite:
        return _with_suffix(Cite(work.identity, prefix=item.prefix), item.suffix)


def _once(cites: list[Cite], works: tuple[CitedWork, ...]) -> tuple[list[Cite], tuple[CitedWork, ...]]:
    """The cites of one citation with their works; a work that stands twice side by side is cited once."""
    kept = [(cites[0], works[0])]
    for cite, work in zip(cites[1:], works[1:], strict=True):
        if cite != kept[-1][0] and cite != Cite(kept[-1][0].key):
            kept.append((cite, work))
    return [cite for cite, _ in kept], tuple(work for _, work in kept)


def _spot(item: Item) -> Spot:
    return item.handle if isinstance(item.handle, Spot) else Spot()


def _also(first: str, second: str) -> str:
    return " ".join(part for part in (first, second) if part)


def _with_suffix(cite: Cite, suffix: str) -> Cite:
    """The cite with words behind it: a locator where they are one, else a suffix."""
    if not suffix:
        return cite
    match = None if cite.locator else _LOCATOR.fullmatch(suffix.strip(" ,"))
    if match is None:
        return replace(cite, suffix=_also(cite.suffix, suffix if suffix[:1] in ",;" else f", {suffix}"))
    label = next(_LABELS[n][1] for n in range(len(_LABELS)) if match[f"l{n}"])
    return replace(cite, locator=match["value"].strip(), label=label)


def _names(csl: Mapping[str, Any]) -> str:
    """A work's authors as a sentence names them."""
    found = [
        str(one.get("literal") or " ".join(filter(None, (one.get("non-dropping-particle"), one.get("family")))))
        for one in csl.get("author") or csl.get("editor") or ()
    ]
    names = [name for name in found if name]
    if len(names) > 2:
        return f"{names[0]} et al."
    return " and ".join(names)
