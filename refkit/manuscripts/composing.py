"""From clusters and the works that they name to edits: which form each citation takes, and what of the words around it
becomes part of it. How a citation is written is the kind's business (`Hand`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from refkit.manuscripts import Choose, Chosen, Cluster, Done, Item, Manuscript, Wanted, Written
from refkit.manuscripts.naming import is_of
from refkit.manuscripts.spots import Frame, Spot
from refkit.model import Edit, Span


@dataclass(frozen=True, slots=True)
class Part:
    """One work in a citation, with the words before and behind it."""

    key: str
    prefix: str = ""
    suffix: str = ""


class Hand(Protocol):
    """How a kind writes citations. `before` and `after` are the characters that will stand around it."""

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        """`(Smith 2020; Jones 2021)`."""

    def narrative(self, part: Part, before: str, after: str) -> str:
        """`Smith (2020)`."""

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        """What stands for a DOI in a key's place."""

    @property
    def takes_brackets(self) -> bool:
        """Whether a parenthetical citation brings its own brackets, so that those around it go."""

    @property
    def takes_words(self) -> bool:
        """Whether words such as "see" can be part of a citation."""

    @property
    def narrates(self) -> bool:
        """Whether there is a form for a citation within the sentence."""

    @property
    def joint(self) -> str:
        """What stands between kept words and the citation behind them."""


def compose(manuscript: Manuscript, choose: Choose, wanted: Wanted, hand: Hand) -> Written:
    """The edits that put citations in the place of all items that `choose` knows, and what became of each."""
    composer = _Composer(manuscript.text, wanted, hand)
    done: list[Done] = []
    edits: list[Edit] = []
    for cluster in manuscript.clusters:
        chosen = [choose(item) for item in cluster.items]
        said, new = composer.cluster(cluster, chosen)
        done += said
        edits += new
    edits.sort(key=lambda edit: edit.span)
    return Written(done, edits)


class _Composer:
    def __init__(self, text: str, wanted: Wanted, hand: Hand) -> None:
        self.text, self.hand = text, hand
        self.narrates = wanted.settings.narrative and hand.narrates

    def cluster(self, cluster: Cluster, chosen: Sequence[Chosen | None]) -> tuple[list[Done], list[Edit]]:
        """What becomes of one cluster."""
        frame: Frame = cluster.handle
        items = cluster.items
        first, work = items[0], chosen[0]
        if first.handle.key is not None:
            return self._key(first, work)
        if len(items) == 1 and work is not None:
            found = self._said(first, work, frame) or self._link_text(first, work, frame)
            if found is not None:
                return found
        if all(chosen) and not any(self._keeps(item, one) for item, one in zip(items, chosen, strict=True)):
            return self._whole(cluster, [one for one in chosen if one], frame)
        return self._runs(items, chosen, frame)

    # --- the forms ---

    def _key(self, item: Item, work: Chosen | None) -> tuple[list[Done], list[Edit]]:
        if work is None:
            return [Done(item, False)], []
        new = self._put(item.span, lambda b, a: self.hand.key(work.key, item, b, a))
        return [Done(item, True, "the DOI in the key's place")], [new]

    def _said(self, item: Item, work: Chosen, frame: Frame) -> tuple[list[Done], list[Edit]] | None:
        """Where the words before the DOI are the work's own authors and year, the citation takes their place too."""
        part = Part(work.key, "", item.suffix or frame.suffix)
        words = frame.said
        if words is not None and is_of(words, work.work):
            if not words.noun and (self.hand.takes_words or not frame.prefix):
                part = Part(work.key, frame.prefix, part.suffix)
                why = "the authors and year in the brackets are the work's own"
                return [Done(item, True, why)], [self._put(words.span, lambda b, a: self._paren([part], b, a))]
            if words.noun and self.narrates:
                why = "narrative: the authors before the DOI are the work's own"
                return [Done(item, True, why)], [self._put(words.span, lambda b, a: self.hand.narrative(part, b, a))]
        if (
            self.narrates
            and frame.far is not None
            and frame.gone is not None
            and frame.far.year
            and is_of(frame.far, work.work)
        ):
            why = "narrative: the sentence names the work's own authors and year"
            put = self._put(frame.far.span, lambda b, a: self.hand.narrative(part, b, a))
            return [Done(item, True, why)], [put, Edit(frame.gone, "")]
        return None

    def _link_text(self, item: Item, work: Chosen, frame: Frame) -> tuple[list[Done], list[Edit]] | None:
        """A link whose text is authors and year becomes a citation; another text stays, and the citation follows."""
        spot: Spot = item.handle
        if not spot.text:
            return None
        part = Part(work.key, frame.prefix, item.suffix or frame.suffix)
        if not self._keeps(item, work):
            if spot.said is not None and self.narrates and frame.brackets is None and (spot.said.noun or frame.noun):
                why = "narrative: the link's text is the work's own authors"
                return [Done(item, True, why)], [self._put(item.span, lambda b, a: self.hand.narrative(part, b, a))]
            return None
        why = "the link's text stays"
        if spot.said is not None and spot.said.year:
            why = "the link's text names other authors or another year, and stays"
        kept = spot.text
        only = Part(work.key, "", item.suffix)
        return [Done(item, True, why)], [
            self._put(item.span, lambda b, a: kept + self.hand.joint + self._paren([only], " ", a))
        ]

    def _keeps(self, item: Item, work: Chosen | None) -> bool:
        """Whether a link's text is to be kept."""
        spot: Spot = item.handle
        if not spot.text or work is None:
            return False
        if spot.said is None:
            return True
        verdict = is_of(spot.said, work.work)
        # Names without a year may be any words with a capital: only the work's own authors are a citation.
        return verdict is False or (verdict is None and not spot.said.year)

    def _whole(self, cluster: Cluster, chosen: Sequence[Chosen], frame: Frame) -> tuple[list[Done], list[Edit]]:
        items = cluster.items
        parts = _parts(items, chosen)
        if self.narrates and frame.noun and frame.brackets is None:
            why = "narrative: the sentence needs a noun here"
            return [Done(item, True, why) for item in items], self._each(items, chosen)
        span = cluster.span
        if frame.brackets is not None and self.hand.takes_brackets:
            words = bool(frame.prefix or frame.suffix)
            if self.hand.takes_words or not words:
                span = frame.brackets
                first = replace(parts[0], prefix=frame.prefix or parts[0].prefix)
                parts = [first, *parts[1:]]
                last = parts[-1]
                suffix = ", ".join(part for part in (last.suffix, frame.suffix) if part)
                parts = [*parts[:-1], replace(last, suffix=suffix)]
        why = "grouped with its neighbours" if len(items) > 1 else ""
        put = self._put(span, lambda b, a: self._paren(parts, b, a), items[0])
        room = items[0].handle.room
        if room is not None and len(put.text.rstrip()) > room:
            return [Done(items[0], False, "its column in the table has no room for the citation")], []
        return [Done(item, True, why) for item in items], [put]

    def _each(self, items: Sequence[Item], chosen: Sequence[Chosen]) -> list[Edit]:
        """Narrative citations one by one; the words between them stay."""
        return [
            self._put(item.span, lambda b, a, p=part: self.hand.narrative(p, b, a))  # type: ignore[misc]  # a default binds
            for item, part in zip(
                items, [Part(c.key, "", i.suffix) for i, c in zip(items, chosen, strict=True)], strict=True
            )
        ]

    def _runs(
        self, items: Sequence[Item], chosen: Sequence[Chosen | None], frame: Frame
    ) -> tuple[list[Done], list[Edit]]:
        """Each run of known items for itself; what is unknown between them stays as it is."""
        done: list[Done] = []
        edits: list[Edit] = []
        run: list[tuple[Item, Chosen]] = []

        def close() -> None:
            if run:
                parts = _parts([item for item, _ in run], [one for _, one in run])
                span = Span(run[0][0].span.start, run[-1][0].span.end)
                edits.append(self._put(span, lambda b, a: self._paren(parts, b, a)))
                run.clear()

        for item, one in zip(items, chosen, strict=True):
            if one is None:
                close()
                done.append(Done(item, False))
            elif self._keeps(item, one):
                close()
                found = self._link_text(item, one, Frame())
                if found is not None:
                    done += found[0]
                    edits += found[1]
            else:
                run.append((item, one))
                done.append(Done(item, True))
        close()
        return done, edits

    # --- putting it down ---

    def _paren(self, parts: Sequence[Part], before: str, after: str) -> str:
        return self.hand.parenthetical(parts, before, after)

    def _put(self, span: Span, make: Callable[[str, str], str], item: Item | None = None) -> Edit:
        """The edit that `make` gives for its surroundings; in a table with fixed columns blanks fill it up."""
        tight = item is not None and item.handle.room is not None and span == item.span
        after = " " if tight else self.text[span.end : span.end + 80]
        text = make(self.text[max(0, span.start - 80) : span.start], after)
        return Edit(span, text.ljust(span.end - span.start) if tight else text)


def _parts(items: Sequence[Item], chosen: Sequence[Chosen]) -> list[Part]:
    """The parts of a citation; a work that stands twice side by side is cited once."""
    parts: list[Part] = []
    for item, one in zip(items, chosen, strict=True):
        part = Part(one.key, item.prefix, item.suffix)
        if (
            parts
            and parts[-1].key == part.key
            and not part.prefix
            and (not part.suffix or part.suffix == parts[-1].suffix)
        ):
            continue
        if part not in parts:
            parts.append(part)
    return parts
