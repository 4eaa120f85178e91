"""What a format offers that can be edited in place: a library's fields and habits, and edits that touch nothing else.

`Format.edit(text, settings)` opens a library for editing. Merging decides at the level of fields; how a field or an
entry is written here, and where it goes, is the format's business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from refkit.model import Edit, Entry, Library, Work
from refkit.settings import Settings


@dataclass(frozen=True, slots=True)
class Field:
    """One field as a library would write it.

    `name` is the field's (`journal`, RIS tag `JO`, CSL variable); `text` its raw value as the file has it (with
    delimiters in BibTeX, one value a line in RIS, JSON in CSL-JSON); `variable` the CSL variable that it states, ""
    where CSL has none.
    """

    name: str
    text: str
    variable: str = ""


class Editing(Protocol):
    """A library open for editing."""

    @property
    def library(self) -> Library:
        """The library as it stands, with its text; entries are known by their position in `library.entries`."""

    @property
    def settings(self) -> Settings:
        """The caller's settings, bent to the library's own habits (letters, case, quotes, indent, key pattern …)."""

    def glance(self, position: int) -> Mapping[str, Any]:
        """The identifiers, title, date and pages of an entry as a CSL item, read quickly (for `match.Screen`)."""

    def fields(self, work: Work, position: int | None = None) -> tuple[Field, ...]:
        """What this library would write for a work, in its habits and in order; `position` names the entry that it is
        the counterpart of, whose type and dialect then decide the names of the fields."""

    def present(self, position: int, field: Field) -> Field | None:
        """The entry's own field that states what `field` states, under whatever name (`year` for `date`, a `url` that
        is only the DOI for `doi`); None where it has none, or an empty one."""

    def edits(
        self,
        *,
        add: Sequence[Entry] = (),
        change: Mapping[int, Sequence[Field]] | None = None,
        remove: Collection[int] = (),
        aliases: Mapping[int, Sequence[str]] | None = None,
    ) -> list[Edit]:
        """The edits, in order and without overlap, that do all this and touch no other character.

        Parameters: `add`, new entries, put at their sorted place or at the end; `change`, fields to set by entry (one
        that is there has its value replaced, else it is inserted); `remove`, entries that go; `aliases`, other keys to
        record in an entry (`ids` in biblatex).

        Raises `LibraryError` where the library's own text does not allow it (JSON that is broken).
        """

    def check(self, edited: str, edits: Sequence[Edit]) -> str:
        """ "" where `edited`, the text after `edits`, holds what it should: the slices between the edits are the same,
        the edited entries and their neighbours read back, no entry or key is lost; else a sentence that says what is
        wrong."""
