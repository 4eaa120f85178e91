"""Works and libraries → a library that the user has: planned, checked, and only then written, as one step."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from refkit import doi as dois
from refkit import edits, files, merging
from refkit.errors import LibraryError
from refkit.formats.editing import Editing
from refkit.model import Action, Decision, Doi, Edit, Found, Note, Severity
from refkit.pipeline.committing import committed
from refkit.pipeline.libraries import LibraryFile, open_library, refuse_unencodable
from refkit.report import DuplicateRow, LibraryCounts, Report, WorkRow
from refkit.settings import Settings

NO_ALIASES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A merge that is planned and checked but not written.

    `changes` are the library's new bytes and those of its side file, none where nothing changes; `keys` the citation
    key of every DOI that arrived and has an entry now.
    """

    library: LibraryFile
    decisions: tuple[Decision, ...]
    edits: tuple[Edit, ...]
    text: str
    changes: tuple[files.FileChange, ...]
    keys: Mapping[Doi, str]
    duplicates: tuple[DuplicateRow, ...]
    notes: tuple[Note, ...]

    @property
    def counts(self) -> LibraryCounts:
        """How many entries were added, filled and so on."""
        return counted(self.library.name, self.decisions)

    def diff(self) -> str:
        """What would change in the library, as a unified diff."""
        if self.library.file.fingerprint == files.fingerprint(None):
            return edits.diff(self.library.name, "", self.text, created=True)
        return edits.diff_of(self.library.name, self.library.file.text, self.edits)


def prepare(
    path: Path,
    arrivals: Sequence[merging.Arrival],
    settings: Settings,
    *,
    aliases: Mapping[str, str] = NO_ALIASES,
    taken: Collection[str] = (),
) -> Prepared:
    """Plan what arrives into the library at `path`, which may not be there yet; nothing is written.

    Parameters: `arrivals`, in any order; `aliases`, other DOIs of a DOI as the registry says; `taken`, keys that no new
    entry may get. Raises `InputError` for what is no library, `LibraryError` where it cannot be read or changed.
    """
    library = open_library(path, settings, may_be_new=True)
    side, base = side_file(path, settings)
    plan, text, notes = planned(library, arrivals, base, settings, aliases, taken)
    if unfit := _unencodable(library, plan.decisions):
        # What the file's encoding cannot hold is left out, and said; the rest goes on.
        fit = [arrival for arrival, decision in zip(arrivals, plan.decisions, strict=True) if id(decision) not in unfit]
        plan, text, notes = planned(library, fit, base, settings, aliases, taken)
        notes += tuple(unfit.values())
    return prepared(library, path, side, plan, text, notes, settings, aliases)


def prepared(
    library: LibraryFile,
    path: Path,
    side: files.TextFile,
    plan: merging.Plan,
    text: str,
    notes: Sequence[Note],
    settings: Settings,
    aliases: Mapping[str, str] = NO_ALIASES,
) -> Prepared:
    """A plan with the new bytes that it leads to, of the library at `path` and of its side file.

    Raises `LibraryError` where the library's encoding cannot hold what is to be written.
    """
    changes = []
    if text != library.file.text:
        changes.append(files.FileChange(path, library.file.fingerprint, refuse_unencodable(library, text)))
    if settings.remember and plan.base.text() != side.text:
        changes.append(files.FileChange(side.path, side.fingerprint, side.encode(plan.base.text())))
    return Prepared(
        library,
        plan.decisions,
        plan.edits,
        text,
        tuple(changes),
        _keys(plan.decisions, aliases),
        duplicate_rows(plan),
        tuple(notes),
    )


def _unencodable(library: LibraryFile, decisions: Iterable[Decision]) -> dict[int, Note]:
    """What cannot be written in the library's encoding, by the identity of its decision, with a note that says so."""
    unfit = {}
    for decision in decisions:
        letters = "".join(change.new or "" for change in decision.changes if change.taken)
        if not library.file.encodable(letters):
            csl = decision.work.csl if decision.work is not None else {}
            missing = " ".join(dict.fromkeys(letter for letter in letters if not library.file.encodable(letter)))
            message = (
                f"{csl.get('DOI') or csl.get('title') or decision.key} cannot be written: the library is in"
                f" {library.file.encoding}, which has no {missing[:40]}. Save it as UTF-8 and run refkit again."
            )
            unfit[id(decision)] = Note("encoding", message, Severity.ERROR, path=library.name)
    return unfit


def side_file(path: Path, settings: Settings) -> tuple[files.TextFile, merging.Base]:
    """The side file of the library at `path` and what it says; nothing where refkit is to remember nothing.

    Raises `LibraryError` where it is broken: it is never ignored, since then every deletion would come back.
    """
    side = files.open_text(files.base_path(path))
    return side, merging.Base.parse(side.text if settings.remember else None, str(side.path))


def planned(
    library: LibraryFile,
    arrivals: Sequence[merging.Arrival],
    base: merging.Base,
    settings: Settings,
    aliases: Mapping[str, str] = NO_ALIASES,
    taken: Collection[str] = (),
) -> tuple[merging.Plan, str, tuple[Note, ...]]:
    """The plan for a library's text, the text that it leads to, and what is wrong with the library as it is.

    What is customary in a library may follow from what was filled in. So it is planned again on the text that the plan
    leads to, until nothing more comes: the next run then finds nothing to do. Raises `LibraryError` where the result
    does not hold what it should, which is an error of refkit's own.
    """
    plan, text, notes = _planned_once(library, arrivals, base, settings, aliases, taken)
    for _ in range(_ROUNDS):
        if not _may_lead_on(plan, library):
            break
        now = dataclasses.replace(library, file=dataclasses.replace(library.file, text=text))
        base = plan.base if settings.remember else base
        more, later, _ = _planned_once(now, arrivals, base, settings, aliases, taken)
        if not more.edits:
            break
        plan, text = _both(plan, more, edits.between(library.file.text, later)), later
    return plan, text, notes


_ROUNDS = 4
"""How often it is planned again on what a plan leads to; once has been enough for all libraries that we know."""

_SMALL = 2_000_000
"""Characters of a library in which new entries, too, may change what is customary; in a larger one they cannot."""


def _planned_once(
    library: LibraryFile,
    arrivals: Sequence[merging.Arrival],
    base: merging.Base,
    settings: Settings,
    aliases: Mapping[str, str],
    taken: Collection[str],
) -> tuple[merging.Plan, str, tuple[Note, ...]]:
    editing = library.edit(settings)
    plan = merging.plan(editing, arrivals, base, settings, aliases=aliases, taken=taken)
    return plan, *checked(library, editing, plan)


def _may_lead_on(plan: merging.Plan, library: LibraryFile) -> bool:
    """Whether a plan changes what the next one goes by: it fills entries, or adds some to those of a small library."""
    fills = any(change.taken for decision in plan.decisions if decision.entry for change in decision.changes)
    return bool(plan.edits) and (fills or 0 < len(library.file.text.strip()) < _SMALL)


def _both(first: merging.Plan, more: merging.Plan, made: Sequence[Edit]) -> merging.Plan:
    """Two plans as one: the second was made for what the first leads to, and `made` is what they change together."""
    decisions = []
    for one, other in zip(first.decisions, more.decisions, strict=True):
        known = {change.field for change in one.changes if change.taken}
        further = tuple(change for change in other.changes if change.taken and change.field not in known)
        action = other.action if one.action is Action.SAME and further else one.action
        decisions.append(dataclasses.replace(one, action=action, changes=(*one.changes, *further)))
    return dataclasses.replace(more, decisions=tuple(decisions), edits=tuple(made), duplicates=first.duplicates)


def checked(library: LibraryFile, editing: Editing, plan: merging.Plan) -> tuple[str, tuple[Note, ...]]:
    """The text that a plan leads to, and what is wrong with the library as it is.

    Raises `LibraryError` where the text does not hold what it should, which is an error of refkit's own.
    """
    text = edits.apply(library.file.text, plan.edits)
    if wrong := editing.check(text, plan.edits) if plan.edits else "":
        raise LibraryError(
            f"{library.name} was not changed: {wrong}", "This is an error of refkit's; please report it."
        )
    return text, tuple(dataclasses.replace(note, path=library.name) for note in editing.library.notes)


def merge_into(
    path: Path,
    arrivals: Sequence[merging.Arrival],
    settings: Settings,
    *,
    command: str,
    aliases: Mapping[str, str] = NO_ALIASES,
    dry_run: bool = False,
) -> Prepared:
    """Merge what arrives into the library at `path` and write it; plan anew where another program saves it meanwhile.

    Parameters: `command`, what the step is called where it can be taken back. Raises as `prepare` does, and
    `LibraryError` where the file cannot be written.
    """

    def plan() -> Prepared:
        return prepare(path, arrivals, settings, aliases=aliases)

    if dry_run:
        return plan()
    prepared, said = committed([path], plan, lambda planned: planned.changes, settings, command=command)
    return dataclasses.replace(prepared, notes=(*prepared.notes, *said))


def report_on(prepared: Prepared, report: Report) -> None:
    """Tell the report what became of the library."""
    report.library = prepared.counts
    report.duplicates = list(prepared.duplicates)
    report.notes += [note for note in prepared.notes if note not in report.notes]


def duplicate_rows(plan: merging.Plan) -> tuple[DuplicateRow, ...]:
    """The duplicates of a plan as the report has them."""
    return tuple(DuplicateRow(found.keys, found.verdict, found.why) for found in plan.duplicates)


def arrived_rows(decisions: Iterable[Decision]) -> list[WorkRow]:
    """Rows of works that came in a library, so that no service was asked for them."""
    rows = []
    for decision in decisions:
        if decision.work is not None:
            doi = dois.fold(str(decision.work.csl.get("DOI") or ""))
            rows.append(WorkRow(Found(doi, doi, decision.work), decision=decision, was_asked=False))
    return rows


def counted(name: str | None, decisions: Sequence[Decision]) -> LibraryCounts:
    """Decisions as the report counts them, each entry once and by what matters most about it."""
    of: dict[str, Action] = {}
    asked = 0
    for decision in decisions:
        if decision.action is Action.ASK:
            asked += 1
        else:
            known = of.get(decision.key, Action.SAME)
            of[decision.key] = min(known, decision.action, key=_GRAVEST.index)
    number = {action: sum(1 for one in of.values() if one is action) for action in Action}
    return LibraryCounts(
        name,
        number[Action.ADD],
        number[Action.FILL],
        number[Action.REFRESH],
        number[Action.CONFLICT],
        number[Action.SAME],
        asked,
    )


_GRAVEST = (Action.ADD, Action.CONFLICT, Action.REFRESH, Action.FILL, Action.SAME)


def _keys(decisions: Sequence[Decision], aliases: Mapping[str, str]) -> dict[Doi, str]:
    keys: dict[Doi, str] = {}
    for decision in decisions:
        doi = decision.work.csl.get("DOI") if decision.work is not None else None
        if doi and decision.key and decision.action is not Action.ASK:
            keys.setdefault(dois.fold(str(doi)), decision.key)
    for alias, doi in aliases.items():
        if doi in keys:
            keys.setdefault(dois.fold(alias), keys[dois.fold(doi)])
    return keys
