"""Formats of bibliographies: text ⇄ Library. One row a format; each module is loaded when it is first used.

A third party adds a format by an entry point in the group `refkit.formats` that names a `Format`.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from refkit.errors import UsageError

if TYPE_CHECKING:
    from refkit.formats.editing import Editing
    from refkit.model import Entry, Library, Note
    from refkit.settings import Settings


_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its `name`, the `suffixes` of its files, the `module` that has `dump` and `load`, and its dialect
    there."""

    name: str
    suffixes: tuple[str, ...]
    module: str
    dialect: str = ""
    says: str = ""

    def dump(self, entries: Sequence[Entry], settings: Settings) -> str:
        """Entries as the text of a new file in this format."""
        if settings.date == "online":
            entries = [_online(entry) for entry in entries]
        text = str(self._module().dump(entries, settings, self.dialect))
        # Bytes of a library that its encoding cannot explain are half surrogates, which no new file can hold.
        return text if text.isascii() else _SURROGATES.sub("\ufffd", text)

    def load(self, text: str) -> Library:
        """The library in a file's text; raises `LibraryError` where the format cannot be read at all."""
        library: Library = self._module().load(text, self.dialect)
        return library

    def check(self, text: str) -> list[Note]:
        """A second opinion on text that `dump` made, where the format has one: what another parser reads otherwise."""
        check = getattr(self._module(), "check", None)
        return list(check(text)) if check else []

    @property
    def is_editable(self) -> bool:
        """Whether libraries in this format can be changed in place."""
        return hasattr(self._module(), "edit")

    def edit(self, text: str, settings: Settings, encodable: Callable[[str], bool] | None = None) -> Editing:
        """Open the library in a file's text for editing.

        Parameters: `encodable`, whether the file's encoding has all letters of a text, None where it has all there are.
        Raises `LibraryError` where it cannot be opened, and `UsageError` for a format that is only written anew.
        """
        module = self._module()
        if not hasattr(module, "edit"):
            raise UsageError(
                f"A library in {self.name} cannot be changed in place.", "Use BibTeX, biblatex, RIS or CSL-JSON."
            )
        editing: Editing = module.edit(text, settings, self.dialect, encodable)
        return editing

    def _module(self) -> Any:
        return importlib.import_module(self.module)


def _online(entry: Entry) -> Entry:
    """The entry with the date of its first appearance online, where its record has one."""
    dates = entry.work.extra.get("crossref", {}).get("dates", {})
    parts = dates.get("published-online") or dates.get("posted")
    if not parts:
        return entry
    csl = {**entry.work.csl, "issued": {"date-parts": [parts]}}
    return replace(entry, work=replace(entry.work, csl=csl))


FORMATS: tuple[Format, ...] = (
    Format("bibtex", (".bib", ".bibtex"), "refkit.formats.bibtex", "bibtex", "BibTeX, for LaTeX with classic styles"),
    Format("biblatex", (".biblatex",), "refkit.formats.bibtex", "biblatex", "biblatex, for LaTeX with biber"),
    Format("ris", (".ris",), "refkit.formats.ris", "", "RIS, for reference managers (--ris-dialect)"),
    Format("csljson", (".json", ".csljson"), "refkit.formats.csljson", "", "CSL-JSON, for pandoc and CSL processors"),
    Format("csl-yaml", (".yaml", ".yml"), "refkit.formats.csl_yaml", "", "CSL-YAML, for pandoc"),
    Format("zotero-rdf", (".rdf",), "refkit.formats.zotero_rdf", "", "Zotero RDF, the lossless way into Zotero"),
    Format("hayagriva", (".hayagriva",), "refkit.formats.hayagriva", "", "hayagriva YAML, for Typst"),
    Format("nbib", (".nbib",), "refkit.formats.nbib", "", "NBIB, PubMed's format"),
    Format("text", (), "refkit.formats.text", "", "a formatted bibliography in a CSL style (--style)"),
)
"""All formats that come with refkit, in the order in which help texts list them."""


def all_formats() -> tuple[Format, ...]:
    """refkit's own formats and those of entry points in the group `refkit.formats`."""
    from importlib.metadata import entry_points

    others = tuple(found for point in entry_points(group="refkit.formats") if isinstance(found := point.load(), Format))
    return FORMATS + others


def by_name(name: str) -> Format:
    """The format of this name. Raises `UsageError` with the known names."""
    for known in FORMATS:
        if known.name == name:
            return known
    formats = all_formats()
    for known in formats:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in formats)
    raise UsageError(f"There is no format {name!r}.", f"The formats are {names}.")


def by_suffix(suffix: str) -> Format | None:
    """The format of files with this suffix (".bib"), or None."""
    wanted = suffix.lower()
    return next((known for known in all_formats() if wanted in known.suffixes), None)
