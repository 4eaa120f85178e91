"""DOIs in manuscripts become citations: read → ask → merge → write, library and manuscripts in one step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from refkit import doi as dois
from refkit import edits, files, merging
from refkit.errors import InputError
from refkit.manuscripts import Chosen, Item, Wanted, Written, listing
from refkit.model import (
    Answer,
    Decision,
    Doi,
    Findings,
    Found,
    Mention,
    Note,
    Own,
    Progress,
    Question,
    Role,
    Verdict,
)
from refkit.pipeline.asking import Asked, Desk
from refkit.pipeline.committing import committed
from refkit.pipeline.entries import Entries, Shelf, entries_of
from refkit.pipeline.manuscript_files import (
    ManuscriptFile,
    expand,
    is_unchanged,
    note,
    refuse_open,
    relative,
    unnamed,
)
from refkit.pipeline.merging import Prepared, prepare
from refkit.pipeline.updates import notices
from refkit.report import CitationRow, DocumentRow, Report, WorkRow
from refkit.settings import Settings


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One manuscript and what becomes of it."""

    manuscript: ManuscriptFile
    written: Written

    @property
    def is_changed(self) -> bool:
        """Whether anything becomes different in it."""
        return bool(self.written.edits) or self.written.data is not None

    def change(self) -> files.FileChange:
        """The manuscript's new bytes."""
        one = self.manuscript
        if one.file is None:
            return files.FileChange(one.path, one.fingerprint, self.written.data)
        return files.FileChange(
            one.path, one.fingerprint, one.file.encode(edits.apply(one.read.text, self.written.edits))
        )

    def diff(self) -> str:
        """What changes, as a unified diff; of a packed manuscript, in the view of its text."""
        one = self.manuscript
        if one.file is None:
            return edits.diff(one.name, one.read.text, self.written.text or one.read.text)
        return edits.diff_of(one.name, one.read.text, self.written.edits)


@dataclass(slots=True)
class Cited:
    """The outcome of a run: the report, the libraries that changed and the manuscripts."""

    report: Report
    prepared: list[Prepared] = field(default_factory=list)
    manuscripts: list[Rewritten] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def diff(self) -> str:
        """All that changes, or would change, as unified diffs, the libraries first."""
        return "".join(
            [one.diff() for one in self.prepared] + [one.diff() for one in self.manuscripts if one.is_changed]
        )

    @property
    def changed(self) -> list[str]:
        """The names of all files that change."""
        names = [one.library.name for one in self.prepared if one.changes]
        return names + [one.manuscript.name for one in self.manuscripts if one.is_changed]


def cite(
    paths: Sequence[Path],
    settings: Settings,
    wanted: Wanted,
    *,
    libraries: Sequence[Path] = (),
    dry_run: bool = False,
    progress: Progress | None = None,
    command: str = "refkit cite",
) -> Cited:
    """Turn the DOIs of manuscripts into citations, and add to their library what it lacks.

    Parameters: `paths`, manuscripts or folders of them; `libraries`, the first of which gets what is new (else those
    that each manuscript names); `dry_run`, write nothing; `command`, what the step is called where it can
    be taken back. Raises `InputError` for what is no manuscript or where no
    library is named, `LibraryError` where a file cannot be read or written: then none is changed.
    """
    report = Report()
    desk = Desk(settings, report, progress)
    opened = list(expand(paths, wanted))
    refuse_without_library(opened, libraries)
    shelf: Shelf = {}
    _ask(opened, libraries, settings, desk, shelf)
    if dry_run:
        outcome = _planned(opened, libraries, settings, desk, report, shelf)
        report.notes += outcome.notes
        return outcome
    everything = {one.path for one in opened} | {path for one in opened for path in libraries_of(one, libraries)[:1]}
    for one in opened:
        refuse_open(one)

    def plan() -> Cited:
        now = opened if all(is_unchanged(one) for one in opened) else list(expand(paths, wanted))
        return _planned(now, libraries, settings, desk, report, shelf)

    outcome, said = committed(everything, plan, _changes, settings, command=command)
    report.notes += [*outcome.notes, *said]
    return outcome


def _changes(outcome: Cited) -> list[files.FileChange]:
    """The libraries first, then the manuscripts."""
    changes = [change for one in outcome.prepared for change in one.changes]
    return changes + [one.change() for one in outcome.manuscripts if one.is_changed]


def libraries_of(manuscript: ManuscriptFile, given: Sequence[Path]) -> list[Path]:
    """The libraries of one manuscript: those given, then those that it names."""
    named = [path for path in manuscript.libraries if not any(_same(path, one) for one in given)]
    return [*given, *named]


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def refuse_without_library(opened: Sequence[ManuscriptFile], given: Sequence[Path]) -> None:
    for one in opened:
        if not libraries_of(one, given) and (one.read.clusters or one.read.cited):
            raise InputError(
                f"No library is known for {one.name}: it names none, and --library was not given.",
                "Say --library refs.bib, or name one in the manuscript (docs/cite.md says how for each kind).",
            )


# --- what is known, and asking for the rest ------------------------------------------------------


def _ask(opened: Sequence[ManuscriptFile], given: Sequence[Path], settings: Settings, desk: Desk, shelf: Shelf) -> None:
    """Ask for all DOIs whose best reading no library has, in one go."""
    asked = []
    for one in opened:
        paths = tuple(libraries_of(one, given))
        if not paths:
            continue
        if paths not in shelf:
            shelf[paths] = entries_of(paths, settings)
        known = shelf[paths]
        asked += [
            Asked(Question(tuple(r.doi for r in item.readings), item.context), one.name)
            for item in asked_items(one)
            if not is_key(item, known) and item.readings[0].doi not in known.by_doi
        ]
    desk.ask(asked)


def asked_items(manuscript: ManuscriptFile) -> list[Item]:
    """The DOIs of a manuscript that need an entry: those that may become citations, and those of a reference list that
    is to give way."""
    more = listing.listed(manuscript.read) if manuscript.wanted.references else []
    return [*manuscript.read.items, *more]


def is_key(item: Item, known: Entries) -> bool:
    """Whether what looks like a DOI in a key's place is the key of an entry."""
    key = getattr(item.handle, "key", None)
    return key is not None and key.written in known.keys


# --- planning ------------------------------------------------------------------------------------


def _planned(
    opened: Sequence[ManuscriptFile],
    given: Sequence[Path],
    settings: Settings,
    desk: Desk,
    report: Report,
    shelf: Shelf,
) -> Cited:
    """All that becomes of the manuscripts and their libraries; nothing is written."""
    outcome = Cited(report)
    report.citations, report.works, report.documents = [], [], []
    groups: dict[tuple[Path, ...], list[ManuscriptFile]] = {}
    for one in opened:
        groups.setdefault(tuple(libraries_of(one, given)), []).append(one)
    targets: dict[Path, list[_Group]] = {}
    for paths, members in groups.items():
        if not paths:
            outcome.manuscripts += [Rewritten(one, Written()) for one in members]
            continue
        known = shelf[paths] = entries_of(paths, settings, shelf.get(paths))
        group = _Group(known, members, dict(_answers(members, known, desk)))
        targets.setdefault(known.target.resolve(), []).append(group)
    for sharing in targets.values():
        _rewrite(sharing, settings, outcome)
    outcome.notes += notices(row.answer for row in report.works if isinstance(row.answer, Found))
    return outcome


@dataclass(frozen=True, slots=True)
class _Group:
    """Manuscripts with the same libraries, and the answers on their DOIs."""

    known: Entries
    members: Sequence[ManuscriptFile]
    answers: Mapping[tuple[Doi, ...], Answer]


def _rewrite(sharing: Sequence[_Group], settings: Settings, outcome: Cited) -> None:
    """What becomes of manuscripts that share the library which gets what is new, and of that library."""
    report = outcome.report
    prepared = _prepare(sharing, settings)
    report.works += _work_rows((answer for group in sharing for answer in group.answers.values()), prepared)
    if prepared is not None:
        outcome.prepared.append(prepared)
        report.library, report.duplicates = prepared.counts, list(prepared.duplicates)
        outcome.notes += prepared.notes
    for group in sharing:
        known = group.known
        for member in group.members:
            library = relative(known.target, member.path)
            one = replace(member, wanted=replace(member.wanted, library=library))
            chooser = _Chooser(known, group.answers, prepared)
            rewritten = Rewritten(one, one.write(chooser))
            missing = unnamed(one, known.target) if rewritten.is_changed else None
            outcome.notes += [missing] if missing else []
            outcome.manuscripts.append(rewritten)
            report.citations += _rows(rewritten, chooser, known)
            outcome.notes += [note(one, said) for said in (*one.read.notes, *rewritten.written.notes)]
            report.documents.append(_document(one))


def _answers(members: Sequence[ManuscriptFile], known: Entries, desk: Desk) -> Iterable[tuple[tuple[Doi, ...], Answer]]:
    """The answer to each question of these manuscripts, by its readings."""
    for one in members:
        for item in asked_items(one):
            if is_key(item, known) or item.readings[0].doi in known.by_doi:
                continue
            readings = tuple(r.doi for r in item.readings)
            yield readings, desk.ask([Asked(Question(readings, item.context), one.name)])[0]


def _prepare(sharing: Sequence[_Group], settings: Settings) -> Prepared | None:
    """The merge of what the libraries lack, None where they lack nothing."""
    found: dict[Doi, Found] = {}
    taken: set[str] = set()
    for group in sharing:
        for answer in group.answers.values():
            if isinstance(answer, Found) and answer.doi not in group.known.by_doi:
                found.setdefault(answer.doi, answer)
        for one in group.members:
            taken |= ({cited.key for cited in one.read.cited} | set(one.read.defined)) - set(group.known.keys)
    if not found:
        return None
    aliases = {str(a.asked): str(a.doi) for a in found.values() if a.asked != a.doi}
    arrivals = [merging.Arrival(answer.work, named=True) for answer in found.values()]
    return prepare(sharing[0].known.target, arrivals, settings, aliases=aliases, taken=taken)


class _Chooser:
    """Says what an item of a manuscript turned out to be."""

    def __init__(self, known: Entries, answers: Mapping[tuple[Doi, ...], Answer], prepared: Prepared | None) -> None:
        self.known, self.answers = known, answers
        self.keys = prepared.keys if prepared else {}

    def __call__(self, item: Item) -> Chosen | None:
        if is_key(item, self.known):
            return None
        best = item.readings[0].doi
        if best in self.known.by_doi:
            return Chosen(best, *self.known.by_doi[best])
        answer = self.answers.get(tuple(r.doi for r in item.readings))
        if isinstance(answer, Found):
            if answer.doi in self.known.by_doi:
                return Chosen(answer.doi, *self.known.by_doi[answer.doi])
            key = self.keys.get(answer.doi) or self.keys.get(answer.asked)
            return Chosen(answer.doi, key, answer.work) if key else None
        for reading in item.readings[1:]:
            if reading.doi in self.known.by_doi:
                return Chosen(reading.doi, *self.known.by_doi[reading.doi])
        return None

    def why(self, item: Item) -> str:
        """Why an item has no entry."""
        answer = self.answers.get(tuple(r.doi for r in item.readings))
        if isinstance(answer, Found):
            return "it is not sure whether the library has this work already, so nothing was added"
        return answer.why if answer is not None else "nothing is known of it"


def _work_rows(answers: Iterable[Answer], prepared: Prepared | None) -> list[WorkRow]:
    decided: dict[Doi, Decision] = {}
    for decision in prepared.decisions if prepared else ():
        doi = dois.parse(str(decision.work.csl.get("DOI") or "")) if decision.work else None
        if doi:
            decided[doi] = decision
    rows: dict[tuple[type[Answer], Doi], WorkRow] = {}
    for answer in answers:
        made = decided.get(answer.doi) if isinstance(answer, Found) else None
        rows.setdefault((type(answer), answer.asked), WorkRow(answer, decision=made))
    return list(rows.values())


def _rows(rewritten: Rewritten, chooser: _Chooser, known: Entries) -> list[CitationRow]:
    """What was done at every place of one manuscript, in its order."""
    one = rewritten.manuscript
    rows = [
        CitationRow(one.name, cited.span.start, cited.span.end, "same" if cited.key in known.keys else "missing",
                    key=cited.key, place=cited.place)
        for cited in one.read.cited
    ]  # fmt: skip
    rows += [
        CitationRow(
            one.name, left.span.start, left.span.end, "left", left.readings[0].doi, why=left.why, place=left.place
        )
        for left in one.read.left
    ]
    for done in rewritten.written.done:
        item, chosen = done.item, chooser(done.item)
        start, end = item.span.start, item.span.end
        if done.cited and chosen is not None:
            row = CitationRow(one.name, start, end, "cite", chosen.doi, chosen.key, done.why or item.why, item.place)
        elif is_key(item, known):
            row = CitationRow(one.name, start, end, "same", key=item.written, place=item.place)
        elif chosen is not None:
            row = CitationRow(one.name, start, end, "left", chosen.doi, chosen.key, done.why, item.place)
        else:
            row = CitationRow(
                one.name, start, end, "unknown", item.readings[0].doi, None, chooser.why(item), item.place
            )
        rows.append(row)
    return sorted(rows, key=lambda row: (row.start, row.end))


def _document(one: ManuscriptFile) -> DocumentRow:
    """The manuscript as the report lists documents: the DOIs in it that may become citations."""
    mentions = tuple(
        Mention(item.span, item.written, item.readings, Role.CITED, 0.9, item.why, item.place, item.context)
        for item in one.read.items
    )
    why = "a manuscript, whose own DOI does not matter here"
    return DocumentRow(one.name, Findings(one.name, one.kind.name, Own(Verdict.NONE, why=why), mentions))
