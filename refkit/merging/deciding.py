"""Field by field: what of a newcomer goes into the entry that is its counterpart, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refkit.errors import UsageError
from refkit.formats.dates import date_rows
from refkit.formats.editing import Editing, Field
from refkit.match import places
from refkit.match.facts import listed
from refkit.match.profile import KINDS, years_in, years_of
from refkit.merging.base import Written, is_as_written, remembered
from refkit.merging.customs import Customs
from refkit.merging.values import OWN, About, bare, same, words
from refkit.model import Action, Change, Origin, Work


@dataclass(frozen=True, slots=True)
class Preference:
    """Which values of a source are taken where they differ from the user's: none, all, or those of some fields."""

    every: bool = False
    fields: frozenset[str] = frozenset()

    @staticmethod
    def parse(setting: str) -> Preference:
        """The preference that the setting `prefer` states: "", "theirs" or "theirs:year,pages". Raises `UsageError`."""
        who, colon, names = setting.strip().partition(":")
        if who not in {"", "theirs", "mine"} or (colon and who != "theirs"):
            raise UsageError(f"--prefer {setting!r} says nothing.", "Say theirs, or theirs:year,pages for some fields.")
        chosen = frozenset(name.strip().casefold() for name in names.split(",") if name.strip())
        if colon and not chosen:
            raise UsageError(f"--prefer {setting!r} names no field.", "Say theirs:year,pages, for example.")
        return Preference(who == "theirs" and not chosen, chosen)

    def takes(self, *fields: Field | None) -> bool:
        """Whether the source's value is preferred for a field, under its own name or its CSL variable's."""
        if self.every or not self.fields:
            return self.every
        names = {name.casefold() for field in fields if field for name in (field.name, field.variable)}
        return not self.fields.isdisjoint(names | {common for name in names for common in _COMMON.get(name, ())})


_COMMON: Mapping[str, tuple[str, ...]] = {
    "issued": ("year", "date", "month"),
    "page": ("pages",),
    "container-title": ("journal", "booktitle", "journaltitle"),
    "issue": ("number",),
    "number": ("eid",),
    "publisher-place": ("address", "location"),
    "keyword": ("keywords",),
}
"""What people call a CSL variable, whatever the library's format."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided for one entry: the action, the changes in words, the fields to write, and why."""

    action: Action
    changes: tuple[Change, ...]
    write: tuple[Field, ...]
    why: str


def decide(
    editing: Editing,
    position: int,
    work: Work,
    written: Written | None,
    preference: Preference,
    aliases: Mapping[str, str],
    customs: Customs,
) -> Verdict:
    """Compare an entry with a record of the same work, field by field.

    Parameters: `editing` and `position`, the entry; `work`, the record; `written`, what refkit last wrote into the
    entry (the base of the three-way merge), None where it never did; `preference`; `aliases` of DOIs; `customs`, which
    optional fields the library carries.
    """
    case = _Case(editing, position, work, written, preference, aliases, customs)
    case.weigh_all(editing.fields(_as_a_source_says(work), position))
    return case.verdict()


_PERSONAL = frozenset(("note", "annote", "custom", "accessed", "call-number", "categories"))
"""What another library's owner says for himself; it goes into new entries, never into one of yours."""


def _as_a_source_says(work: Work) -> Work:
    """A work without what is another library's own: its habits, unknown fields and remarks are no gaps of yours."""
    if work.origin.source != "library":
        return work
    csl = {name: value for name, value in work.csl.items() if name not in _PERSONAL}
    extra = {space: kept for space, kept in work.extra.items() if space in {"crossref", "datacite", "math"}}
    return Work(csl, extra, Origin("another library", work.origin.fetched))


_PERSONS = frozenset(("library", "another library", "unknown"))
"""Sources whose values are somebody's own, and refresh nothing."""


class _Case:
    """One entry and one record while they are compared."""

    def __init__(
        self,
        editing: Editing,
        position: int,
        work: Work,
        written: Written | None,
        preference: Preference,
        aliases: Mapping[str, str],
        customs: Customs,
    ) -> None:
        self.editing, self.position, self.work, self.customs = editing, position, work, customs
        self.written, self.preference = written, preference
        self.yours: Mapping[str, Any] = editing.library.entries[position].work.csl
        self.about = About(self.yours, work, aliases)
        self.changes: list[Change] = []
        self.write: list[Field] = []
        self.deleted: list[str] = []
        self.refreshed: set[str] = set()

    def weigh_all(self, fields: Sequence[Field]) -> None:
        """Weigh all fields of the record: those that the entry has first, since what is taken there decides on gaps."""
        own = [self.editing.present(self.position, field) for field in fields]
        for field, mine in zip(fields, own, strict=True):
            if mine is not None:
                self._present(field, mine)
        for field, mine in zip(fields, own, strict=True):
            if mine is None:
                self._absent(field)
        order = {field.name: place for place, field in enumerate(fields)}
        self.write.sort(key=lambda field: order.get(field.name, len(order)))

    def _present(self, field: Field, own: Field) -> None:
        if self._is_same(own, field) or not self._says_one_thing(own, field):
            return
        said = self.written.wrote(own.name) if self.written else None
        as_written = said is not None and is_as_written(said, own.text)
        if said is not None and as_written and self._is_from(said.source):
            self._take(field, own, "refkit wrote the old value, and the source has a new one")
        elif self.preference.takes(field, own):
            self._take(field, own, "the source's value is preferred (--prefer)")
        elif said is not None and said.text == remembered(field.text):
            return  # the user changed what refkit wrote, and the source says what it said then
        elif field.variable not in OWN and all(field.variable != change.variable for change in self.changes):
            why = "yours stays (--prefer theirs takes the other)"
            if said is not None:
                why = (
                    f"what {said.source} said stays"
                    if as_written
                    else "both you and the source changed it; yours stays"
                )
            self.changes.append(Change(own.name, own.text, field.text, False, why, field.variable))

    def _is_from(self, source: str) -> bool:
        """Whether the record is of the source that said a value before: only then can it have brought it up to date.

        What came from a library was chosen by a person, and two agencies would take turns for ever.
        """
        return source == self.work.origin.source and source not in _PERSONS

    def _says_one_thing(self, own: Field, field: Field) -> bool:
        """Whether two fields that hold different values are about one thing: an editor where an author is expected, or
        an article number in place of pages, is compared and not contradicted."""
        return not own.variable or not field.variable or own.variable == field.variable

    def _is_same(self, own: Field, field: Field) -> bool:
        variable = field.variable
        if own.text == field.text or words(own.text) == words(field.text):
            return True
        # Where your entry states it under another name (editor for author, a link for the DOI), CSL has it there.
        yours = next((self.yours[name] for name in (variable, own.variable) if name in self.yours), bare(own.text))
        return same(variable, yours, self.work.csl.get(variable, bare(field.text)), self.about)

    def _take(self, field: Field, own: Field, why: str) -> None:
        self.changes.append(Change(own.name, own.text, field.text, True, why, field.variable))
        self.write.append(Field(own.name, field.text, field.variable))
        self.refreshed.add(field.variable)

    def _absent(self, field: Field) -> None:
        if self.written is not None and self.written.wrote(field.name) is not None:
            self.deleted.append(field.name)
            return
        kind = str(self.yours.get("type", ""))
        part = field.variable == "issued" and "issued" in self.yours
        customary = self.customs.has("month" if part else field.variable, kind)
        if customary and not self._contradicts(field):
            self.changes.append(Change(field.name, None, field.text, True, "it was missing", field.variable))
            self.write.append(field)

    def _contradicts(self, field: Field) -> bool:
        """Whether a missing field would contradict what the entry says in another way."""
        variable, yours = field.variable, self.yours
        if variable == "issued" and "issued" in yours:
            return variable not in self.refreshed and not self._is_more_of_one_date(yours["issued"])
        if variable and variable in yours:
            return True  # stated in another field, or inherited from a parent entry
        if variable == "collection-title" and "container-title" in yours:
            return words(str(self.work.csl.get(variable))) == words(str(yours["container-title"]))
        if variable in {"page", "page-first", "number"}:
            return self._other_count(variable) or self._is_other_place()
        if variable in _OF_THE_CONTAINER and self._is_other_kind():
            return True
        if variable in {"volume", "issue"}:
            return self._is_other_place()
        return False

    def _is_more_of_one_date(self, yours: Any) -> bool:
        """Whether the record's date adds a month or a day to the very date that the entry has."""
        mine, theirs = date_rows(yours), date_rows(self.work.csl.get("issued"))
        if len(mine) != 1 or len(theirs) != 1 or not isinstance(yours, Mapping) or yours.get("season"):
            return False
        return len(mine[0]) < len(theirs[0]) and theirs[0][: len(mine[0])] == mine[0]

    def _other_count(self, variable: str) -> bool:
        """Pages where the entry has an article number, or the other way round, would be two places for one work."""
        other = "number" if variable != "number" else "page"
        if other not in self.yours:
            return False
        return other == "page" or places.is_article_number(places.pages(str(self.yours[other])))

    def _is_other_kind(self) -> bool:
        """Whether the entry's type and the record's are of different kinds, so that their containers differ too."""
        mine, theirs = (KINDS.get(str(csl.get("type", "")), "") for csl in (self.yours, self.work.csl))
        return bool(mine and theirs) and mine != theirs

    def _is_other_place(self) -> bool:
        """Whether the entry stands in another journal or volume than the record, or is dated years before or after."""
        yours, csl = self.yours, self.work.csl
        mine, theirs = years_of(yours.get("issued")), years_in(self.work)
        if mine and theirs and "issued" not in self.refreshed and all(abs(x - y) > 1 for x in mine for y in theirs):
            return True
        both = [name for name in _PLACES if name in yours and name in csl and name not in self.refreshed]
        return not all(same(name, yours[name], csl[name], self.about) for name in both)

    # --- the outcome -----------------------------------------------------------------------------

    def verdict(self) -> Verdict:
        action = Action.SAME
        if any(not change.taken for change in self.changes):
            action = Action.CONFLICT
        elif self.refreshed:
            action = Action.REFRESH
        elif self.changes:
            action = Action.FILL
        return Verdict(action, tuple(self.changes), tuple(self.write), self._why())

    def _why(self) -> str:
        filled = listed([change.field for change in self.changes if change.taken and change.old is None])
        renewed = listed([change.field for change in self.changes if change.taken and change.old is not None])
        differ = listed([change.field for change in self.changes if not change.taken])
        sentences = [
            f"Missing and filled in: {filled}." if filled else "",
            f"Brought up to date: {renewed}." if renewed else "",
            f"Different, and yours stays: {differ}." if differ else "",
            f"Deleted by you, and left so: {listed(self.deleted)}." if self.deleted else "",
        ]
        return " ".join(one for one in sentences if one) or "All that the record says is there."


_PLACES = ("container-title", "volume")
"""Variables that tell whether pages, an article number or an issue are those of the entry's own place."""

_OF_THE_CONTAINER = frozenset(
    """container-title container-title-short collection-title collection-number volume issue page page-first number
    publisher publisher-place editor ISBN ISSN event-title event-place chapter-number edition number-of-pages
    number-of-volumes""".split()
)
"""Variables that mean another thing in an entry of another kind: a book's title in an article."""
