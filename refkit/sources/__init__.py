"""Where works come from: records on disk first, then the agencies that registered the DOIs.

One row per source of metadata; `agencies` are the names that doi.org gives for them. A row's module has
`look_up(dois, client)`, which yields `(doi, Record | Fault | None)` once for each DOI, and `work(record, origin)`,
which makes a `Work`. A third party adds a row by the entry-point group `refkit.sources`: its value is a `Source`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from refkit.model import Answer, Note, Progress, Question, RequestCount
from refkit.settings import Settings


@dataclass(frozen=True, slots=True)
class Source:
    """One source: its name as `Origin.source` and as users know it, the agencies whose DOIs it has, and its module."""

    name: str
    shown: str
    agencies: tuple[str, ...]
    module: str


SOURCES = (
    Source("crossref", "Crossref", ("Crossref",), "refkit.sources.crossref"),
    Source("datacite", "DataCite", ("DataCite",), "refkit.sources.datacite"),
    # The last one is asked for the DOIs of all agencies that no other source names: mEDRA, JaLC, KISTI, OP, CNKI, …
    Source("doi.org", "the other agencies", (), "refkit.sources.negotiation"),
)


@cache
def all_sources() -> tuple[Source, ...]:
    """All sources: Crossref, those that name their agencies, third parties' among them, last the one for the rest."""
    from importlib.metadata import entry_points

    found = (point.load() for point in entry_points(group="refkit.sources"))
    return (*SOURCES[:-1], *(source for source in found if isinstance(source, Source)), SOURCES[-1])


@dataclass(slots=True)
class Log:
    """What was asked of whom and what the user should know about it, filled while asking."""

    requests: list[RequestCount] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def ask(
    questions: Sequence[Question],
    settings: Settings,
    *,
    progress: Progress | None = None,
    log: Log | None = None,
) -> Iterator[Answer]:
    """Ask for the works of all questions: exactly one answer each, in their order, whatever happens to the others.

    Of several readings of one written DOI the longest that exists wins. Records on disk and the cache are asked first,
    and services only for what these do not settle; with `settings.offline` no service is asked.

    Raises `InputError` for a `--records` path that is not there, before anything is asked.
    """
    from refkit.sources.inquiry import Inquiry

    with Inquiry(questions, settings, progress, log if log is not None else Log()) as inquiry:
        inquiry.settle()
        for question in questions:
            yield inquiry.answer(question)
