"""Works → another program, on one page: what is there is read, a plan is made, carried out, and remembered."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from refkit import doi as dois
from refkit import files, merging, net
from refkit.errors import ReadError
from refkit.model import Action, Decision, Entry, Library, Note, Progress, Severity
from refkit.pipeline.asking import add_up
from refkit.report import Report, TargetCounts
from refkit.settings import Settings
from refkit.sinks import zotero
from refkit.sinks.zotero.connector import Connector
from refkit.sinks.zotero.files import attach, content_of, too_large
from refkit.store.memory import memory_path

NO_ALIASES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Sending:
    """What a call wants sent: whether it is only shown, who is told of the progress, and the documents by DOI that
    works were found in, for `--attach`."""

    dry_run: bool = False
    progress: Progress | None = None
    documents: Mapping[str, Path] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of works in another program: a decision for each arrival, the counts, and a sentence."""

    decisions: tuple[Decision, ...]
    counts: TargetCounts
    said: str


def send(
    arrivals: Sequence[merging.Arrival],
    settings: Settings,
    report: Report,
    sending: Sending,
    *,
    aliases: Mapping[str, str] = NO_ALIASES,
) -> Sent:
    """Bring works into the user's Zotero, each once.

    Parameters: `arrivals`; `report`, which gets counts, notes and requests; `aliases`, DOIs that the registry says are
    other names of one. Raises `TargetError` where no way in is open or nothing is let in, `UsageError` for a library or
    collection that there is not, `ServiceError` where Zotero stops answering.
    """
    with _client(settings, report, sending.progress) as client:
        way = zotero.find_way(client, settings, sending.progress)
        with _memories(way, settings, sending) as (base, remember):
            delivery = zotero.deliver(
                way,
                arrivals,
                base,
                settings,
                aliases=aliases,
                dry_run=sending.dry_run,
                start=lambda total: _start(sending.progress, total),
                tell=lambda count: _advance(sending.progress, count),
                remember=remember,
            )
        if sending.progress is not None:
            sending.progress.stop()
        if settings.attach and not sending.dry_run:
            report.notes += _attach_all(way, delivery, sending.documents)
    counts = _counted(way.kind, delivery)
    report.target = counts
    report.refused = report.refused or bool(delivery.refused)
    report.notes += _notes(way, delivery, settings)
    gone = sum(1 for d in delivery.decisions if d.action is Action.SAME and d.entry is None)
    verb = "would be added" if sending.dry_run else "added"
    said = (
        f"{way.named}: {counts.added:,} {verb}, {counts.updated:,} updated, {counts.skipped - gone:,} there already,"
        f" {counts.conflicts:,} {'conflict' if counts.conflicts == 1 else 'conflicts'}"
        + (f", {gone:,} left out that you deleted" if gone else "")
        + (f", {counts.asked:,} not sure or refused" if counts.asked else "")
        + ("; dry run, nothing sent" if sending.dry_run else "")
    )
    return Sent(tuple(delivery.decisions), counts, said)


@contextmanager
def _client(settings: Settings, report: Report, progress: Progress | None) -> Iterator[net.Client]:
    notes: list[Note] = []
    client = net.Client(settings, progress=progress, notes=notes)
    try:
        with client:
            yield client
    finally:
        report.requests = add_up([*report.requests, *client.requests])
        report.notes += notes


def _start(progress: Progress | None, total: int) -> None:
    if progress is not None:
        progress.start("sending to Zotero", total)


def _advance(progress: Progress | None, count: int) -> None:
    if progress is not None:
        progress.advance(count)


# --- what was sent before ------------------------------------------------------------------------


@contextmanager
def _memories(
    way: zotero.Way, settings: Settings, sending: Sending
) -> Iterator[tuple[merging.Base, Callable[[merging.Base], None]]]:
    """What refkit sent that way before; what it sends now is remembered for the day when nobody can look, too."""
    with contextlib.ExitStack() as stack:
        base, remember = stack.enter_context(_memory(way.memory, settings, sending))
        if not way.memory_when_blind:
            yield base, remember
            return
        blind, remember_blind = stack.enter_context(_memory(way.memory_when_blind, settings, sending))

        def remember_both(new: merging.Base) -> None:
            remember(new)
            remember_blind(zotero.after(blind, [r for name, r in new.entries.items() if base.entries.get(name) != r]))

        yield base, remember_both


@contextmanager
def _memory(
    name: str, settings: Settings, sending: Sending
) -> Iterator[tuple[merging.Base, Callable[[merging.Base], None]]]:
    """What refkit sent there before, and how to remember more; other runs wait meanwhile.

    It is written as soon as it is known, also when the run ends early. Raises `LibraryError` where it is broken.
    """
    if not settings.remember:
        yield merging.Base(), lambda base: None
        return
    path = memory_path("zotero", name)
    with contextlib.ExitStack() as stack:
        if not sending.dry_run:
            stack.enter_context(files.locked([path]))
        side = files.open_text(path)
        base = merging.Base.parse(side.text, str(path))

        def remember(new: merging.Base) -> None:
            text = new.text()
            if text != side.text and not sending.dry_run:
                files.save(path, text.encode("utf-8"), expected=side.fingerprint)

        yield base, remember


# --- files ---------------------------------------------------------------------------------------


def _attach_all(way: zotero.Way, delivery: zotero.Delivery, documents: Mapping[str, Path]) -> list[Note]:
    """Send the documents of the works that were added; what cannot be sent is a note."""
    notes = []
    for decision in {d.key: d for d in delivery.decisions if d.action is Action.ADD}.values():
        doi = dois.fold(str(decision.work.csl.get("DOI") or "")) if decision.work is not None else ""
        path = documents.get(doi)
        if path is None or not (content := content_of(path)):
            continue
        try:
            said = too_large(path) or _attach(
                way, decision.key, delivery.made.get(decision.key, ""), path, content, dois.url(doi)
            )
        except ReadError as error:
            said = str(error)
        if said:
            message = f"The file of {decision.key} was not attached: {said}"
            notes.append(Note("not-attached", message, Severity.ERROR, path=str(path)))
    return notes


def _attach(way: zotero.Way, name: str, item_key: str, path: Path, content: str, url: str) -> str:
    if isinstance(way.writer, Connector):
        return way.writer.attach(name, path, path.name, content, url)
    return attach(way.writer, item_key, path, content) if item_key else "its item's key is not known."


# --- words ---------------------------------------------------------------------------------------


def _counted(kind: str, delivery: zotero.Delivery) -> TargetCounts:
    """Decisions as the report counts them; two arrivals of one new work count once."""
    added = {d.key for d in delivery.decisions if d.action is Action.ADD}
    of = {action: [d for d in delivery.decisions if d.action is action] for action in Action}
    return TargetCounts(
        kind, len(added), len(of[Action.FILL]), len(of[Action.SAME]), len(of[Action.CONFLICT]), len(of[Action.ASK])
    )


def _notes(way: zotero.Way, delivery: zotero.Delivery, settings: Settings) -> list[Note]:
    notes = []
    if delivery.blind:
        known = "What it sent earlier is not sent again." if settings.remember else "It may send what is there already."
        message = (
            f"refkit cannot see what is in {way.named} through the connector. {known} With the local API switched on it"
            " can look (docs/zotero.md)."
        )
        notes.append(Note("cannot-see", message, Severity.WARNING))
    if settings.update and way.kind == "connector":
        notes.append(Note("no-update", "The connector cannot change items; --update did nothing.", Severity.WARNING))
    for name, why in delivery.refused.items():
        notes.append(Note("refused", f"{name}: {why}", Severity.ERROR))
    if way.collection is not None and not settings.update and way.collection.key:
        there = sum(1 for d in delivery.decisions if d.action is Action.SAME and d.entry is not None)
        if there:
            message = f"{there} were in the library already and stay in their collections; --update puts them here too."
            notes.append(Note("other-collections", message))
    return notes


# --- out -----------------------------------------------------------------------------------------


def zotero_library(address: str, settings: Settings, report: Report, progress: Progress | None) -> Library:
    """The library or collection that a `zotero:` address names, as a library.

    Raises `TargetError` where Zotero shows nothing, `UsageError` where there is no such library or collection.
    """
    with _client(settings, report, progress) as client:
        return Library("", "zotero", tuple(zotero.read_entries(client, settings, address)))


def zotero_state(address: str, settings: Settings) -> str:
    """What changes when the library that an address names does, by small requests. Raises as `zotero_library` does."""
    with net.Client(settings) as client:
        reader, _ = zotero.find_reader(client, settings, address)
        return reader.state()


def arrivals_of(entries: Sequence[Entry], where: str) -> list[merging.Arrival]:
    """The entries of a library as arrivals. Parameters: `where`, what the user called the library."""
    return [merging.Arrival(entry.work, entry.key, where=where) for entry in entries]
