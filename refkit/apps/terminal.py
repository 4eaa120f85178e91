"""How a run looks on a terminal: progress while it goes on, a summary when it is done; all on standard error."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from refkit.model import Action, Failed, Findings, Found, Mention, Missing, Note, Progress, Severity
from refkit.report import DocumentRow, LibraryCounts, Report

if TYPE_CHECKING:
    from rich.progress import TaskID

_LINE_EVERY_S = 10.0


class Bars:
    """Progress bars by rich, one a stage, which vanish when the stage is over."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description:>8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: TaskID | None = None

    def start(self, stage: str, total: int | None) -> None:
        """See `Progress.start`."""
        self._progress.start()
        self._task = self._progress.add_task(stage, total=total)

    def advance(self, steps: int = 1) -> None:
        """See `Progress.advance`."""
        if self._task is not None:
            self._progress.advance(self._task, steps)

    def say(self, message: str) -> None:
        """See `Progress.say`."""
        self._progress.console.print(message, markup=False, highlight=False)

    def stop(self) -> None:
        """See `Progress.stop`."""
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        self._progress.stop()


class Lines:
    """Progress as plain lines, for logs: one now and then where a stage takes long."""

    def __init__(self) -> None:
        self._stage, self._done, self._total, self._said_at = "", 0, 0, 0.0

    def start(self, stage: str, total: int | None) -> None:
        """See `Progress.start`."""
        self._stage, self._done, self._total, self._said_at = stage, 0, total or 0, time.monotonic()

    def advance(self, steps: int = 1) -> None:
        """See `Progress.advance`."""
        self._done += steps
        if time.monotonic() - self._said_at >= _LINE_EVERY_S:
            self._said_at = time.monotonic()
            self.say(f"{self._stage}: {self._done:,} of {self._total:,}" if self._total else self._stage)

    def say(self, message: str) -> None:
        """See `Progress.say`."""
        print(message, file=sys.stderr, flush=True)

    def stop(self) -> None:
        """See `Progress.stop`."""


def progress(quiet: bool) -> Progress | None:
    """Bars on a terminal, plain lines otherwise, None where the user wants none."""
    if quiet:
        return None
    return Bars() if sys.stderr.isatty() else Lines()


def log_requests(wanted: bool) -> None:
    """Show every request on standard error as it is made, where the user wants that; secrets are kept out of it."""
    if wanted:
        import logging

        logging.basicConfig(stream=sys.stderr, format="  %(message)s", level=logging.WARNING)
        logging.getLogger("refkit").setLevel(logging.INFO)


# --- the summary ---------------------------------------------------------------------------------


def summary(report: Report, *, verbose: bool = False) -> Iterator[str]:
    """The lines that say what a run found and what it could not do, most important last."""
    if report.documents or any(row.was_asked for row in report.works):
        yield _counts(report)
    if report.skipped:
        yield f"  skipped    {counted(len(report.skipped), 'file')} that {_is(len(report.skipped))} no document"
        if verbose:
            yield from (f"             {path}" for path in report.skipped)
    if report.left_out:
        yield f"  left out   {counted(report.left_out, 'DOI')} that publications cite (--all or --cited takes them)"
    yield from note_lines(report.notes, verbose=verbose)
    for row in report.documents:
        if row.error:
            yield f"  not used   {row.error}"
    yield from _problems(report, verbose)
    yield from _decisions(report, verbose)
    asked = {frozenset(row.decision.candidates) for row in report.works if row.decision}
    twins = [twin for twin in report.duplicates if frozenset(twin.keys) not in asked]
    for twin in twins if verbose else twins[:_MOST_LISTED]:
        word = "the same" if twin.verdict == "same" else "the same?"
        yield f"  {word:<10} {', '.join(twin.keys)}: {twin.why}"
    if not verbose and len(twins) > _MOST_LISTED:
        yield f"             … and {len(twins) - _MOST_LISTED:,} more (--verbose or --report lists them)"
    if verbose:
        for count in report.requests:
            waited = f"{count.retried} retried, {count.waited_s:.1f} s waited"
            yield f"  asked      {count.host}: {counted(count.count, 'request')}, {waited}"


_NOTE_WORD = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "attention"}
_ALWAYS = frozenset({"own-unsure", "own-none", "no-mailto", "library-unnamed"})
_MOST_ALIKE, _MOST_LISTED = 5, 40
_MOST_SHOWN = 80


def note_lines(notes: Sequence[Note], *, verbose: bool) -> Iterator[str]:
    """The notes; of many with one code only the first few, unless the user wants all."""
    seen: Counter[str] = Counter()
    for note in notes:
        if verbose or note.severity is not Severity.INFO or note.code in _ALWAYS:
            seen[note.code] += 1
            most = _MOST_ALIKE if note.severity is Severity.INFO else _MOST_LISTED
            if verbose or seen[note.code] <= most:
                where = ", ".join(part for part in (note.path, note.place) if part)
                yield f"  {_NOTE_WORD[note.severity]:<10} {where + ': ' if where else ''}{note.message}"
    for code, number in seen.items():
        most = _MOST_ALIKE if all(n.severity is Severity.INFO for n in notes if n.code == code) else _MOST_LISTED
        if not verbose and number > most:
            yield f"             … and {number - most:,} more like that ({code}; --verbose lists them)"


def _counts(report: Report) -> str:
    documents = [row for row in report.documents if row.findings and row.findings.kind != "doi"]
    parts = [counted(len(documents), "document")] if documents else []
    answers = Counter(type(row.answer) for row in report.works if row.was_asked)
    if answers:
        words = {Found: "found", Missing: "not found", Failed: "could not be asked"}
        told = ", ".join(f"{answers[kind]} {word}" for kind, word in words.items() if answers[kind])
        parts.append(f"{counted(answers.total(), 'DOI')}: {told}")
    elif report.seen or not report.citations:
        parts.append(counted(len(report.seen), "DOI") if report.seen else "no DOI found")
    return ", ".join(parts)


def _problems(report: Report, verbose: bool) -> Iterator[str]:
    """Every DOI without a work on a line of its own, under the reason that it shares with others."""
    places: dict[str, str] = {}
    for row, mention in _mentions(report):
        for reading in mention.readings:
            places.setdefault(reading.doi, _where(row, mention))
    groups: dict[tuple[str, str], list[Missing | Failed]] = {}
    for answer in (row.answer for row in report.works):
        if not isinstance(answer, Found):
            word = "not found" if isinstance(answer, Missing) else "not asked"
            groups.setdefault((word, answer.why), []).append(answer)
    for (word, why), answers in groups.items():
        yield f"  {word:<10} {why}"
        for answer in answers if verbose else answers[:_MOST_LISTED]:
            yield f"             {answer.asked}{_in_brackets(places.get(answer.asked, ''))}"
            for work in answer.suggestions if isinstance(answer, Missing) else ():
                yield f"               perhaps {work.csl.get('DOI', '')}: {work.csl.get('title', '')}"
        if not verbose and len(answers) > _MOST_LISTED:
            yield f"             … and {len(answers) - _MOST_LISTED:,} more (--verbose or --report lists them)"


def merge_counts(counts: LibraryCounts) -> str:
    """`3 added, 1 filled, 40 the same`: what is not zero."""
    words = {
        "added": counts.added,
        "filled": counts.filled,
        "refreshed": counts.refreshed,
        "in conflict": counts.conflicts,
        "not sure": counts.asked,
        "the same": counts.same,
    }
    return ", ".join(f"{number:,} {word}" for word, number in words.items() if number) or "nothing to merge"


def _decisions(report: Report, verbose: bool) -> Iterator[str]:
    """What merging leaves to the user: values that contradict each other, and works that may be there already."""
    decided = [row.decision for row in report.works if row.decision is not None]
    conflicts = [d for d in decided if d.action is Action.CONFLICT]
    for decision in conflicts if verbose else conflicts[:_MOST_LISTED]:
        for change in decision.changes:
            if not change.taken:
                values = f"{change.field} is {_short(change.old)}; the source says {_short(change.new)}"
                yield f"  conflict   {decision.key}: {values}"
    if not verbose and len(conflicts) > _MOST_LISTED:
        yield f"             … and {len(conflicts) - _MOST_LISTED:,} more (--verbose or --report lists them)"
    for decision in decided:
        if decision.action is Action.ASK:
            yield f"  not sure   {', '.join(decision.candidates)}: {decision.why}"


def _short(text: str | None) -> str:
    plain = _one_line(text or "")
    return plain if len(plain) <= _MOST_SHOWN else plain[: _MOST_SHOWN - 1] + "…"


def _in_brackets(text: str) -> str:
    return f"  ({text})" if text else ""


def _mentions(report: Report) -> Iterator[tuple[DocumentRow, Mention]]:
    for row in report.documents:
        if row.findings:
            yield from ((row, mention) for mention in row.findings.mentions)


def _where(row: DocumentRow, mention: Mention) -> str:
    if row.findings and row.findings.kind == "doi":
        return ""
    return f"{row.path}, {mention.place}" if mention.place else row.path


def counted(number: int, noun: str) -> str:
    """`1 file`, `2,000 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


# --- the table of `find` -------------------------------------------------------------------------


def print_lines(rows: Iterable[DocumentRow]) -> None:
    """The DOIs of all documents as tab-separated lines, each document's as soon as it was read."""
    print("path", "doi", "place", "role", "confidence", "why", sep="\t")
    for row in rows:
        for m in row.findings.mentions if row.findings else ():
            cells = (row.path, m.doi, m.place, m.role, f"{m.confidence:.2f}", m.why)
            print(*map(_one_line, cells), sep="\t")


def print_json(rows: Iterable[DocumentRow]) -> None:
    """The part `documents` of the report, each row as soon as it is there."""
    import json

    separator = "["
    for row in rows:
        print(separator, json.dumps(row.as_json(), ensure_ascii=False, indent=1), sep="\n", end="")
        separator = ","
    print("[]" if separator == "[" else "\n]")


def print_table(rows: Iterable[DocumentRow]) -> None:
    """The DOIs of all documents as tables, for a person at a terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for row in list(rows):
        if row.findings is None:
            continue
        console.print(Text(f"{row.path}  ({row.findings.kind})", style="bold"))
        console.print(Text(f"  {_own_sentence(row.findings)}"))
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for name in ("  DOI", "place", "role", "sure", "why"):
            table.add_column(name, overflow="fold")
        for m in row.findings.mentions:
            cells = (f"  {m.doi}", m.place, str(m.role), f"{m.confidence:.0%}", _one_line(m.why))
            table.add_row(*(Text(c) for c in cells))
        if row.findings.mentions:
            console.print(table)
        if nameless := [one for one in row.findings.works if not one.work.csl.get("DOI")]:
            console.print(Text(f"  works without a DOI in fields of reference managers: {len(nameless)}"))
            for one in nameless:
                console.print(Text(f"    {_one_line(str(one.work.csl.get('title') or 'untitled'))}  ({one.place})"))


def _own_sentence(findings: Findings) -> str:
    own = findings.own
    if own.doi:
        return f"its own DOI: {own.doi} ({own.why})"
    if own.candidates:
        return f"its own DOI: not sure, perhaps {', '.join(own.candidates)} ({own.why})"
    return f"no DOI of its own ({own.why})" if own.why else "no DOI of its own"


def _one_line(text: str) -> str:
    return " ".join(text.split())
