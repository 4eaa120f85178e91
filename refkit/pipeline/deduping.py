"""Libraries merged into one, or one library merged with itself, and the manuscripts that cite what went."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from refkit import edits, files, merging
from refkit.errors import UsageError
from refkit.manuscripts import Wanted
from refkit.match.identifiers import canonical_doi
from refkit.merging import Duplicate
from refkit.model import Edit, Entry, Library, Note, Severity, Span
from refkit.pipeline.committing import committed
from refkit.pipeline.libraries import LibraryFile, open_library
from refkit.pipeline.manuscript_files import ManuscriptFile, expand, is_unchanged
from refkit.pipeline.merging import Prepared, arrived_rows, checked, prepare, prepared, report_on, side_file
from refkit.report import Report
from refkit.settings import Settings

Review = Callable[[Duplicate, Sequence[str]], str]
"""Who is asked about a group of entries: given the group and the entries' texts, answers `same`, `different`, `stop`,
or anything else for later."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: the library as it was planned, the manuscripts with their edits, the duplicates with those that
    were merged marked, and the report; `arrived` is how many entries came from other libraries."""

    prepared: Prepared
    duplicates: tuple[Duplicate, ...]
    rewritten: tuple[tuple[ManuscriptFile, tuple[Edit, ...]], ...]
    report: Report
    arrived: int = 0

    @property
    def is_change(self) -> bool:
        """Whether a library or a manuscript changes."""
        return bool(self.prepared.edits or self.rewritten)

    def diff(self) -> str:
        """What changes, in the library and in the manuscripts, as a unified diff."""
        parts = [edits.diff_of(one.name, one.file.text, made) for one, made in self.rewritten if one.file is not None]
        return "".join((self.prepared.diff(), *parts))


def merge(
    libraries: Sequence[Path],
    settings: Settings,
    *,
    into: Path | None = None,
    review: Review | None = None,
    rewrite: Sequence[Path] = (),
    dry_run: bool = False,
    command: str = "refkit merge",
) -> Merged:
    """Merge libraries into another one, or the duplicates of a single one.

    Parameters: `libraries`; `into`, where they go; without it there is one library, whose entries that bear the same
    identifier become one; `review`, who is asked about the other groups; `rewrite`, manuscripts (or folders of them)
    whose citations follow keys that went; `dry_run`, write nothing; `command`, what the step is called where it can be
    taken back. Raises `UsageError` for a call that makes no sense, `InputError` and `LibraryError` for a library that
    cannot be used.
    """
    others = [path for path in libraries if into is None or path.resolve() != into.resolve()]
    if into is None and len(libraries) > 1:
        raise UsageError("Several libraries are merged into one of them or another.", "Say which: --into LIBRARY.")
    manuscripts = list(expand(rewrite, Wanted(settings))) if rewrite else []
    plan_it: _Deduping | _Bringing
    if into is None or not others:
        target = into or libraries[0]
        plan_it = _Deduping(target, settings, review, manuscripts)
    elif review is not None:
        raise UsageError("--review looks at the duplicates of one library.", "Merge first, then review the result.")
    else:
        target = into
        plan_it = _Bringing(target, others, settings, manuscripts)
    if dry_run:
        return plan_it.run()
    plan_it.ask()

    def plan() -> Merged:
        if not all(is_unchanged(one) for one in plan_it.manuscripts):
            plan_it.manuscripts = list(expand(rewrite, Wanted(settings)))
        return plan_it.run()

    everything = [target, *(one.path for one in manuscripts)]
    merged, said = committed(everything, plan, _changes, settings, command=command)
    merged.report.notes += said
    return merged


def keep_apart(path: Path, pair: tuple[str, str], settings: Settings, *, dry_run: bool = False) -> bool:
    """Remember that two entries of the library at `path` are two works. Returns whether that is new.

    Parameters: `pair`, each a citation key or a DOI; one of them may be of a work that is not in the library yet.
    Raises `UsageError` where the library has neither, or refkit is to remember nothing.
    """
    if not settings.remember:
        raise UsageError("refkit is to remember nothing (remember = false), so it cannot keep them apart.")
    library = open_library(path, settings)
    entries = library.load().entries
    known = {entry.key for entry in entries} | {
        canonical_doi(str(entry.work.csl.get("DOI") or "")) for entry in entries
    }
    names = [canonical_doi(one) or one for one in pair]
    if names[0] == names[1]:
        raise UsageError(f"{pair[0]} and {pair[1]} are one entry.", "Name the two entries that differ.")
    if not known & set(names):
        raise UsageError(f"{path} has neither {pair[0]} nor {pair[1]}.", "Give citation keys or DOIs of its entries.")
    with files.locked([path]):
        side, base = side_file(path, settings)
        new = base.saying_different([(names[0], names[1])])
        if dry_run or new == base:
            return new != base
        change = files.FileChange(side.path, side.fingerprint, side.encode(new.text()))
        files.commit(
            [change], command=f"refkit merge {files.argument(path)} --different {pair[0]} {pair[1]}", keep=True
        )
    return True


def _changes(merged: Merged) -> list[files.FileChange]:
    """The library first, then its side file, then the manuscripts."""
    changes = list(merged.prepared.changes)
    for one, made in merged.rewritten:
        if one.file is not None:
            changes.append(
                files.FileChange(one.path, one.fingerprint, one.file.encode(edits.apply(one.file.text, made)))
            )
    return changes


# --- libraries into another ----------------------------------------------------------------------


class _Bringing:
    """Entries of libraries on their way into another one."""

    def __init__(
        self, target: Path, others: Sequence[Path], settings: Settings, manuscripts: Sequence[ManuscriptFile]
    ) -> None:
        self.target, self.settings, self.manuscripts = target, settings, manuscripts
        self.notes: list[Note] = []
        self.arrivals: list[merging.Arrival] = []
        for path in others:
            library = open_library(path, settings)
            opened: Library = library.load()
            self.notes += [dataclasses.replace(note, path=library.name) for note in opened.notes]
            self.arrivals += [merging.Arrival(entry.work, entry.key, where=library.name) for entry in opened.entries]

    def ask(self) -> None:
        """Nothing: who brings entries is told afterwards what is not sure."""

    def run(self) -> Merged:
        """Plan it, on the library as it is now."""
        prepared = prepare(self.target, self.arrivals, self.settings)
        report = Report(works=arrived_rows(prepared.decisions), notes=list(self.notes))
        report_on(prepared, report)
        rewritten = _rewritten(self.manuscripts, self._renamed(prepared), report)
        duplicates = tuple(Duplicate(row.keys, row.verdict, row.why) for row in prepared.duplicates)
        return Merged(prepared, duplicates, rewritten, report, len(self.arrivals))

    def _renamed(self, prepared: Prepared) -> dict[str, str]:
        """Keys that are other ones in the target; one that two libraries used for two works is left out."""
        found: dict[str, set[str]] = {}
        of = {id(decision.work): decision.key for decision in prepared.decisions}
        for arrival in self.arrivals:
            if arrival.key and (new := of.get(id(arrival.work))):
                found.setdefault(arrival.key, set()).add(new)
        return {old: new.pop() for old, new in found.items() if len(new) == 1 and old not in new}


# --- one library with itself ---------------------------------------------------------------------


class _Deduping:
    """The duplicates of one library on their way into one entry each."""

    def __init__(
        self, target: Path, settings: Settings, review: Review | None, manuscripts: Sequence[ManuscriptFile]
    ) -> None:
        self.target, self.settings, self.review, self.manuscripts = target, settings, review, manuscripts
        self.accepted: set[tuple[str, ...]] = set()
        self.refused: set[tuple[str, str]] = set()

    def ask(self) -> None:
        """Ask about the groups that are not merged by their identifiers, before anything is locked."""
        if self.review is None:
            return
        merged = self.run()
        library = merged.prepared.library
        entries = library.edit(self.settings).library.entries
        for group in merged.duplicates:
            if group.merged:
                continue
            answer = self.review(group, [_shown(entries[place], library) for place in group.members])
            if answer == "stop":
                return
            if answer == "same":
                self.accepted.add(group.keys)
            elif answer == "different":
                first, *rest = group.keys
                self.refused |= {(first, other) for other in rest if other != first}

    def run(self) -> Merged:
        """Plan it, on the library as it is now."""
        library = open_library(self.target, self.settings)
        side, base = side_file(self.target, self.settings)
        base = base.saying_different(self.refused)
        editing = library.edit(self.settings)
        plan = merging.dedupe(editing, base, accepted=self.accepted)
        text, notes = checked(library, editing, plan)
        outcome = prepared(library, self.target, side, plan, text, notes, self.settings)
        report = Report(works=arrived_rows(plan.decisions))
        report_on(outcome, report)
        rewritten = _rewritten(self.manuscripts, dict(plan.renamed), report)
        return Merged(outcome, plan.duplicates, rewritten, report)


def _shown(entry: Entry, library: LibraryFile) -> str:
    return entry.span.of(library.file.text).strip() if entry.span is not None else entry.key


# --- manuscripts ---------------------------------------------------------------------------------


def _rewritten(
    manuscripts: Iterable[ManuscriptFile], renamed: Mapping[str, str], report: Report
) -> tuple[tuple[ManuscriptFile, tuple[Edit, ...]], ...]:
    """The manuscripts in which citations follow keys that went, with their edits."""
    found = []
    for one in manuscripts:
        if one.file is None:
            if any(cited.key in renamed and cited.work is None for cited in one.read.cited):
                message = "Citations in it name keys that went; they cannot be changed there. Change them by hand."
                report.notes.append(Note("keys-left", message, Severity.WARNING, path=one.name))
            continue
        text = one.file.text
        made = {
            cited.span: Edit(cited.span, renamed[cited.key])
            for cited in one.read.cited
            if cited.work is None and cited.key in renamed and cited.span.of(text) == cited.key
        }
        made |= _repeats(text, {cited.span: renamed.get(cited.key, cited.key) for cited in one.read.cited}, made)
        if made:
            found.append((one, tuple(made[span] for span in sorted(made))))
    return tuple(found)


_NEXT_IN_LIST = re.compile(r"\s*,\s*|\s*;\s*@")


def _repeats(text: str, keys: Mapping[Span, str], made: dict[Span, Edit]) -> dict[Span, Edit]:
    """Keys that, renamed, stand in their list right behind themselves and have no locator: they go, with the mark."""
    found: dict[Span, Edit] = {}
    spans, changed = sorted(keys), set(made)
    for first, second in itertools.pairwise(spans):
        between = _NEXT_IN_LIST.fullmatch(text, first.end, second.start)
        after = re.compile(r"\s*[;\]]" if between and "@" in between[0] else r"\s*[,}]").match(text, second.end)
        if keys[first] == keys[second] and {first, second} & changed and between and after:
            made.pop(second, None)
            whole = Span(first.end, second.end)
            found[whole] = Edit(whole, "")
    return found
