"""What is known of a DOI in a manuscript beside what it is: what it stands in, and the words around it."""

from __future__ import annotations

from dataclasses import dataclass

from refkit.manuscripts.layout import Key, Link
from refkit.manuscripts.naming import Said
from refkit.model import Span


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
