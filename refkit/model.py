"""The nouns that every part of refkit speaks in: documents, mentions, works, answers, entries, edits.

They are values: frozen, without behaviour beyond looking at themselves, and they know nothing of
files, networks or formats. `Doi` is made by `refkit.doi` alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType, Protocol

Doi = NewType("Doi", str)
"""A DOI in normal form: ASCII letters lower-cased, decoded, without prefix (DOI Handbook §2)."""

JsonValue = Any
"""What `json` gives and takes; records of foreign services have no narrower type."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points `[start, end)` in a text."""

    start: int
    end: int

    def of(self, text: str, offset: int = 0) -> str:
        """The piece of `text` that this span cuts out, where `text` begins at `offset`."""
        return text[self.start - offset : self.end - offset]


class Severity(StrEnum):
    """How much a note matters: `info` says, `warning` doubts, `error` means that something was not done."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the user should know, as a value; `code` is stable, `message` is a sentence."""

    code: str
    message: str
    severity: Severity = Severity.INFO
    span: Span | None = None
    path: str | None = None
    place: str | None = None


# --- documents -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Break:
    """Where a part of a document begins: `label` ("p. 7", "cell 3") holds from `offset` to the next break."""

    offset: int
    label: str


@dataclass(frozen=True, slots=True)
class Link:
    """A hyperlink: its target and, where it has visible text, the span of that text."""

    target: str
    span: Span | None
    place: str


@dataclass(frozen=True, slots=True)
class Meta:
    """One statement of a document about itself: `name` says where it stands (`xmp prism:doi`, `citation_doi`)."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of text with a meaning of its own.

    Kinds: `references` (a reference list), `ignored` (comments, code that is left out), `field` (the value
    of a field named `name`, such as `doi` or `url` of a BibTeX entry), `header` (a running header or footer).
    """

    kind: str
    span: Span
    name: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What was read from one input, or from one window of a very large one.

    `text` is the decoded text (newlines as they are, BOM left out) or, of a PDF, a zipped or a marked-up document, a
    view of it. `offset` is the position of `text[0]` in the whole; all spans count from the whole's start.
    """

    name: str
    kind: str
    text: str
    offset: int = 0
    encoding: str = ""
    breaks: tuple[Break, ...] = ()
    links: tuple[Link, ...] = ()
    meta: tuple[Meta, ...] = ()
    zones: tuple[Zone, ...] = ()
    notes: tuple[Note, ...] = ()
    works: tuple[Carried, ...] = ()

    def place(self, offset: int) -> str:
        """The label of the part in which `offset` lies, or "" before the first break."""
        index = bisect_right(self.breaks, offset, key=lambda b: b.offset)
        return self.breaks[index - 1].label if index else ""


class Role(StrEnum):
    """Whose DOI a mention is: the document's own, one that it cites, or one that merely occurs."""

    OWN = "own"
    CITED = "cited"
    MENTIONED = "mentioned"


@dataclass(frozen=True, slots=True)
class Reading:
    """One DOI that a written one may mean, and why it was cut where it was cut ("" where nothing was cut)."""

    doi: Doi
    why: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a document where a DOI stands.

    `span` cuts `written` out of the document's text; it is None where the DOI stands only in a link's target or in
    metadata. `readings` are all plausible DOIs, best first. `confidence` is 0 to 1.
    """

    span: Span | None
    written: str
    readings: tuple[Reading, ...]
    role: Role
    confidence: float
    why: str
    place: str = ""
    context: str = ""

    @property
    def doi(self) -> Doi:
        """The best reading."""
        return self.readings[0].doi


class Verdict(StrEnum):
    """How sure a document's own DOI is."""

    SURE = "sure"
    UNSURE = "unsure"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Own:
    """A document's own DOI: `doi` where sure, `candidates` where not, and why."""

    verdict: Verdict
    doi: Doi | None = None
    candidates: tuple[Doi, ...] = ()
    why: str = ""


# --- works and answers ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a work came from: the source's name, the time (ISO 8601, UTC) and the registration agency."""

    source: str
    fetched: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """All that refkit knows about a publication.

    `csl` is one CSL-JSON item without `id`, holding only names that the CSL schema knows (csl-data.json 1.0.2);
    `extra[namespace]` keeps what it has no word for; what is absent has no key.
    """

    csl: Mapping[str, JsonValue]
    extra: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=dict)
    origin: Origin = Origin("unknown")


@dataclass(frozen=True, slots=True)
class Carried:
    """A work that a document carries with it, in the field of a reference manager, with or without a DOI.

    `key` is its citation key there, "" where it has none; `program` says whose field it is.
    """

    work: Work
    key: str = ""
    place: str = ""
    program: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the sources: one written DOI as all its readings, best first, and the words around it."""

    readings: tuple[Doi, ...]
    context: str = ""


class Reason(StrEnum):
    """Why a DOI has no work: the first three are *not found*, the last three *could not ask*."""

    UNREGISTERED = "unregistered"
    NO_METADATA = "no-metadata"
    INVALID = "invalid"
    OFFLINE = "offline"
    NETWORK = "network"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Found:
    """The work that a DOI names; `doi` is the registry's, which differs from `asked` for an alias."""

    asked: Doi
    doi: Doi
    work: Work
    why: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A DOI that was asked for and has no work: the services answered, and this is what they said."""

    asked: Doi
    reason: Reason
    why: str
    agency: str | None = None
    suggestions: tuple[Work, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A DOI that could not be asked for, so nothing is known of it; asking again may help."""

    asked: Doi
    reason: Reason
    why: str


Answer = Found | Missing | Failed


# --- libraries and edits -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A work under a citation key; `span` and `fields` (raw, as written) are set where it was read from a library."""

    key: str
    work: Work
    span: Span | None = None
    fields: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """A bibliography file: its text, its format's name, its entries in order, and what is wrong with it."""

    text: str
    format: str
    entries: Sequence[Entry] = ()
    notes: tuple[Note, ...] = ()


class Action(StrEnum):
    """What becomes of a work in a library."""

    ADD = "add"
    FILL = "fill"
    REFRESH = "refresh"
    SAME = "same"
    CONFLICT = "conflict"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an entry and what becomes of it.

    `old` and `new` are as the format writes them, None where there is nothing; `taken` says whether `new` is written
    (a conflict's is not); `variable` is the CSL variable that the field states, "" where CSL has none.
    """

    field: str
    old: str | None
    new: str | None
    taken: bool = True
    why: str = ""
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What merging decided about one work.

    `entry` is its counterpart in the library (None where it is added), `key` the key that it has there, `candidates`
    the keys of those that it may be (ASK), `why` a sentence.
    """

    action: Action
    key: str
    work: Work | None
    entry: Entry | None = None
    changes: tuple[Change, ...] = ()
    why: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in the place of `span`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Patch:
    """Edits to one named text, in order and without overlap, tied to the fingerprint of the text they were made for."""

    name: str
    fingerprint: str
    edits: Sequence[Edit]


@dataclass(frozen=True, slots=True)
class Findings:
    """What finding says of one document: its kind, whose it is, where DOIs stand in it, and what went wrong.

    `title` is its title as far as it is known, and `opening` how its text begins, for comparing it with a record.
    """

    name: str
    kind: str
    own: Own
    mentions: tuple[Mention, ...] = ()
    notes: tuple[Note, ...] = ()
    title: str = ""
    characters: int = 0
    opening: str = ""
    works: tuple[Carried, ...] = ()


class Progress(Protocol):
    """Who is told how far the work has come; a terminal draws bars, a service sends events, a test counts."""

    def start(self, stage: str, total: int | None) -> None:
        """A stage begins; `total` is the number of its steps, None where unknown."""

    def advance(self, steps: int = 1) -> None:
        """So many steps of the current stage are done."""

    def say(self, message: str) -> None:
        """One line for the user, such as "waiting 30 s because Crossref asks for it"."""

    def stop(self) -> None:
        """The current stage is over."""


@dataclass(frozen=True, slots=True)
class RequestCount:
    """How often a host was asked, how many of these were repeats, and how long refkit waited for its sake (s)."""

    host: str
    count: int
    retried: int = 0
    waited_s: float = 0.0
