"""Manuscripts, where DOIs become citations: one file per kind, which knows its syntax and nothing of the world.

A kind's module has two functions. `read` says where DOIs stand that may become citations, what is cited already and
which libraries the manuscript names; `write` puts citations in the place of those that turned out to have an entry.
The module of a text kind is a `TextKind` and gives edits; that of a packed one is a `PackedKind` and gives new bytes.
A third party adds a kind by the entry-point group `refkit.manuscripts`: its name is the kind, its value the module,
which then has a `SUFFIXES` tuple and a `PACKED` flag too.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Protocol

from refkit.model import Doi, Edit, Note, Reading, Span, Work
from refkit.settings import Settings


class Kind(NamedTuple):
    """One row: the kind's name, its suffixes, its module, and whether it is packed (ZIP) and not a text."""

    name: str
    suffixes: tuple[str, ...]
    module: str
    packed: bool = False


KINDS: tuple[Kind, ...] = (
    Kind(
        "markdown",
        (".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rmd", ".rmarkdown", ".myst", ".txt", ".text"),
        "refkit.manuscripts.markdown",
    ),
    Kind("latex", (".tex", ".ltx", ".latex", ".rnw"), "refkit.manuscripts.latex"),
    Kind("typst", (".typ",), "refkit.manuscripts.typst"),
    Kind("org", (".org",), "refkit.manuscripts.org"),
    Kind("restructuredtext", (".rst", ".rest"), "refkit.manuscripts.rst"),
    Kind("asciidoc", (".adoc", ".asciidoc", ".asc"), "refkit.manuscripts.asciidoc"),
    Kind("notebook", (".ipynb",), "refkit.manuscripts.notebook"),
    Kind("docx", (".docx", ".docm"), "refkit.manuscripts.docx", packed=True),
    Kind("odt", (".odt",), "refkit.manuscripts.odt", packed=True),
)
"""All kinds that come with refkit."""


# --- what a call wants ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a call wants of a manuscript.

    `everything` also takes links to data and code (`--all`); `references` replaces a written reference list by the
    bibliography command; `plain` writes formatted text instead of fields (word processors); `beside` holds the texts
    of files that say how the manuscript is built (`conf.py`, `myst.yml`, `_quarto.yml`), by name; `root` is the text of
    the manuscript that pulls this one in, "" where none does; `library` is the path of the library as this manuscript
    would name it.
    """

    settings: Settings
    everything: bool = False
    references: bool = False
    plain: bool = False
    beside: Mapping[str, str] = field(default_factory=dict)
    root: str = ""
    library: str = ""


BESIDE = (
    *("_quarto.yml", "_quarto.yaml", "_metadata.yml", "_bookdown.yml", "_output.yml"),
    *("myst.yml", "_config.yml", "_toc.yml", "conf.py"),
)
"""Names of the files that `Wanted.beside` may hold: Quarto's, bookdown's, MyST's, Jupyter Book's and Sphinx's."""


# --- what is in a manuscript ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """One DOI that stands in a manuscript and may become a citation.

    `span` is all that the citation takes the place of (label, link, DOI) in the manuscript's text or view; `readings`
    are all DOIs that it may mean, best first; `prefix` ("see") and `suffix` (", pp. 3–5") are kept in the citation;
    `why` says what was found ("a link"); `place` where ("line 12"). `handle` is the kind's own.
    """

    span: Span
    written: str
    readings: tuple[Reading, ...]
    prefix: str = ""
    suffix: str = ""
    why: str = ""
    place: str = ""
    context: str = ""
    handle: Any = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Items that become one citation, in order; usually one. `span` covers all of it, brackets around it as well."""

    span: Span
    items: tuple[Item, ...]
    handle: Any = None


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation that is there already: the key, where the key stands, and the place in words.

    `work` is set where the citation carries its work itself (fields of word processors).
    """

    key: str
    span: Span
    place: str = ""
    work: Work | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A DOI that is left as it is, and why: it stands in a reference list, a link to data, an unclear place."""

    span: Span
    written: str
    readings: tuple[Reading, ...]
    why: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Manuscript:
    """What was read: its text (of a packed one, a view), where citations may come, and what it says of itself.

    `lists` are written reference lists; `libraries` are the bibliographies that it names, relative to itself;
    `includes` are the manuscripts that it pulls in; `syntax` is how it writes citations; `defined` are keys that it
    defines itself (`\\bibitem`, `references:`), which a new key must not clash with; `all_cited` says that it cites
    the whole library (`\\nocite{*}`); `state` is the kind's own.
    """

    kind: str
    text: str
    clusters: tuple[Cluster, ...] = ()
    cited: tuple[Cited, ...] = ()
    left: tuple[Left, ...] = ()
    lists: tuple[Span, ...] = ()
    libraries: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    all_cited: bool = False
    defined: frozenset[str] = frozenset()
    syntax: str = ""
    notes: tuple[Note, ...] = ()
    state: Any = None

    @property
    def items(self) -> tuple[Item, ...]:
        """All items of all clusters, in order."""
        return tuple(item for cluster in self.clusters for item in cluster.items)


# --- what becomes of it --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an item turned out to be: the DOI that the registry has, the key of its entry in the library, and the work
    as the library states it (as the sources do, where the entry is new)."""

    doi: Doi
    key: str
    work: Work


Choose = Callable[[Item], Chosen | None]
"""Gives what an item turned out to be; None where nobody knows, and it stays as it is."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one item: whether it is a citation now, and how that was decided."""

    item: Item
    cited: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome of writing: `edits` for a text, `data` for a packed manuscript (whose `text` is then the new view,
    for showing the difference), and what became of each item."""

    done: Sequence[Done] = ()
    edits: Sequence[Edit] = ()
    data: bytes | None = None
    text: str | None = None
    notes: Sequence[Note] = ()


class TextKind(Protocol):
    """The module of a kind whose manuscripts are texts."""

    def read(self, text: str, name: str, wanted: Wanted) -> Manuscript:
        """Where citations may come in a text without byte order mark, its line ends as they are; `name`, the file's."""

    def write(self, manuscript: Manuscript, choose: Choose, wanted: Wanted) -> Written:
        """The edits that make citations of all items that `choose` knows, and touch no other character."""


class PackedKind(Protocol):
    """The module of a kind whose manuscripts are packages."""

    def read(self, data: bytes, name: str, wanted: Wanted) -> Manuscript:
        """Where citations may come. Raises `LibraryError` for one that is damaged, protected or signed."""

    def write(self, manuscript: Manuscript, data: bytes, choose: Choose, wanted: Wanted) -> Written:
        """The new package, all else in it byte for byte as it was; `data` is None where nothing changes."""


# --- the table in use ----------------------------------------------------------------------------


def kind_of(name: str) -> Kind | None:
    """The kind of manuscript that a file of this name is, None where it is none."""
    stem, dot, suffix = name.rpartition(".")
    return _by_suffix().get((dot + suffix).lower()) if stem else None


def module(kind: Kind) -> Any:
    """The module of a kind, loaded when it is first needed: a `TextKind` or a `PackedKind`."""
    return importlib.import_module(kind.module)


def suffixes() -> tuple[str, ...]:
    """All suffixes that manuscripts may have."""
    return tuple(_by_suffix())


@cache
def _by_suffix() -> dict[str, Kind]:
    from importlib.metadata import entry_points

    table = {suffix: kind for kind in KINDS for suffix in kind.suffixes}
    for point in entry_points(group="refkit.manuscripts"):
        given = importlib.import_module(point.value)
        kind = Kind(point.name, tuple(given.SUFFIXES), point.value, bool(getattr(given, "PACKED", False)))
        table.update(dict.fromkeys(kind.suffixes, kind))
    return table
