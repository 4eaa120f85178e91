"""Manuscripts on disk: which files a call means, what stands beside them, and which libraries they name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refkit import files, manuscripts
from refkit.errors import InputError, LibraryError
from refkit.manuscripts import BESIDE, Choose, Kind, Manuscript, Wanted, Written
from refkit.model import Note, Severity

_DEEPEST = 12
"""Folders above a manuscript in which its project's files are looked for."""


@dataclass(frozen=True, slots=True)
class ManuscriptFile:
    """A manuscript on disk: what the user called it, its bytes or text, and what was read of it."""

    name: str
    path: Path
    kind: Kind
    fingerprint: str
    read: Manuscript
    wanted: Wanted
    file: files.TextFile | None = None
    data: bytes = b""
    project: Path | None = None

    def write(self, choose: Choose) -> Written:
        """The edits or new bytes that make citations of what `choose` knows."""
        module = manuscripts.module(self.kind)
        if self.kind.packed:
            written: Written = module.write(self.read, self.data, choose, self.wanted)
            return written
        edited: Written = module.write(self.read, choose, self.wanted)
        return edited

    @property
    def libraries(self) -> list[Path]:
        """The libraries that the manuscript names: beside it, in its project's folder, or where the call is made."""
        found = []
        for name in self.read.libraries:
            places = [self.path.parent / name, *([self.project / name] if self.project else []), Path(name)]
            here = [place for place in places if files.kind_of_path(place) == "file"]
            chosen = (here or places)[0]
            if chosen not in found:
                found.append(chosen)
        return found


def expand(given: Sequence[Path], wanted: Wanted) -> Iterator[ManuscriptFile]:
    """The manuscripts that a call names, and those that they pull in, each once.

    Parameters: `given`, files, or folders whose manuscripts are meant. Raises `InputError` for what is no manuscript,
    `LibraryError` where one cannot be read.
    """
    seen: set[Path] = set()
    waiting: list[tuple[Path, ManuscriptFile | None]] = []
    for path in given:
        if files.kind_of_path(path) == "folder":
            found = [one for one in files.walk(path) if _is_manuscript(one)]
            if not found:
                raise InputError(f"The folder {path} holds no manuscript.", _kinds())
            waiting += [(one, None) for one in found]
        else:
            waiting.append((path, None))
    if len(waiting) > 1:
        waiting = [(one, None) for one in _whole_first([path for path, _ in waiting], wanted)]
    while waiting:
        path, root = waiting.pop(0)
        if path.resolve() in seen:
            continue
        seen.add(path.resolve())
        opened = open_manuscript(path, wanted if root is None else dataclasses.replace(wanted, root=root.read.text))
        if root is not None and not opened.read.libraries:
            named = tuple(str(library.resolve()) for library in root.libraries)
            opened = dataclasses.replace(opened, read=dataclasses.replace(opened.read, libraries=named))
        yield opened
        for name in opened.read.includes:
            included = path.parent / name
            if files.kind_of_path(included) == "file" and manuscripts.kind_of(included.name) is not None:
                waiting.insert(0, (included, root or opened))


def _whole_first(paths: Sequence[Path], wanted: Wanted) -> list[Path]:
    """The manuscripts that no other one pulls in come first: what is pulled in is read in their manner."""
    opened = [open_manuscript(path, wanted) for path in paths]
    pulled = {(one.path.parent / name).resolve() for one in opened for name in one.read.includes}
    opened.sort(key=lambda one: (one.path.resolve() in pulled, not one.read.libraries))
    return [one.path for one in opened]


def open_manuscript(path: Path, wanted: Wanted) -> ManuscriptFile:
    """Read one manuscript. Raises `InputError` for what is none, `LibraryError` where it cannot be read."""
    state = files.kind_of_path(path)
    if state != "file":
        raise InputError(f"There is no file {path}." if state == "absent" else f"{path} is not a regular file.")
    kind = manuscripts.kind_of(path.name)
    if kind is None:
        raise InputError(f"{path} is no manuscript that refkit can put citations into.", _kinds())
    project, beside = _project(path)
    wanted = dataclasses.replace(wanted, beside=beside)
    module: Any = manuscripts.module(kind)
    if kind.packed:
        data = files.read_whole(path) or b""
        read = module.read(data, path.name, wanted)
        return ManuscriptFile(str(path), path, kind, files.fingerprint(data), read, wanted, data=data, project=project)
    file = files.open_text(path)
    if "\0" in file.text[:4096]:
        raise LibraryError(f"{path} is no text.", "Give the manuscript's source.")
    read = module.read(file.text, path.name, wanted)
    return ManuscriptFile(str(path), path, kind, file.fingerprint, read, wanted, file, project=project)


def is_unchanged(manuscript: ManuscriptFile) -> bool:
    """Whether the file is still as it was read."""
    return files.fingerprint(files.read_whole(manuscript.path)) == manuscript.fingerprint


def refuse_open(manuscript: ManuscriptFile) -> None:
    """Refuse a manuscript that another program has open, as its lock file says. Raises `LibraryError`."""
    names = getattr(manuscripts.module(manuscript.kind), "lock_names", None)
    for name in names(manuscript.path.name) if names else ():
        lock = manuscript.path.parent / name
        if files.kind_of_path(lock) == "file":
            raise LibraryError(
                f"{manuscript.name} is open in another program ({name} says so).",
                "Close it there, and run refkit again.",
            )


def _is_manuscript(path: Path) -> bool:
    return path.suffix.lower() not in (".txt", ".text") and manuscripts.kind_of(path.name) is not None


def _kinds() -> str:
    return f"Manuscripts end in {', '.join(manuscripts.suffixes())}."


def _project(path: Path) -> tuple[Path | None, dict[str, str]]:
    """The nearest folder above with files that say how the manuscript is built, and their texts."""
    folder = path.resolve().parent
    for place in (folder, *folder.parents[:_DEEPEST]):
        found = {name: text for name in BESIDE if (text := _small(place / name)) is not None}
        # `_config.yml` is Jekyll's too, and a `conf.py` anybody's.
        if "_config.yml" in found and "_toc.yml" not in found and "bibtex" not in found["_config.yml"]:
            del found["_config.yml"]
        if "conf.py" in found and "extensions" not in found["conf.py"]:
            del found["conf.py"]
        if found:
            return place, found
        if files.kind_of_path(place / ".git") != "absent":
            break
    return None, {}


def _small(path: Path) -> str | None:
    if files.kind_of_path(path) != "file" or files.size(path) > 1 << 20:
        return None
    return (files.read_whole(path) or b"").decode("utf-8", "replace")


def relative(path: Path, manuscript: Path) -> str:
    """A library's path as a manuscript beside it would name it."""
    here, there = manuscript.resolve().parent, path.resolve()
    for up, folder in enumerate((here, *here.parents)):
        if there.is_relative_to(folder):
            return Path(*[".."] * up, there.relative_to(folder)).as_posix()
    return there.as_posix()


_NAMING = {
    "pandoc": "add `bibliography: {0}` to its front matter (or say pandoc --citeproc --bibliography {0})",
    "role": 'add `bibtex_bibfiles = ["{0}"]` to conf.py, and a bibliography directive',
    "wikilink": "tell Obsidian's citation plug-in where {0} is",
    "natbib": "add \\bibliographystyle{{plainnat}} and \\bibliography{{{1}}}",
    "cite": "add \\bibliographystyle{{plain}} and \\bibliography{{{1}}}",
    "biblatex": "add \\addbibresource{{{0}}} to its preamble, and \\printbibliography",
    "typst": 'add #bibliography("{0}")',
    "org-cite": "add `#+bibliography: {0}` and `#+print_bibliography:`",
    "org-ref": "add bibliography:{0}",
    "org-ref-2": "add bibliography:{0}",
    "cite:p": 'add `bibtex_bibfiles = ["{0}"]` to conf.py, and a bibliography directive',
    "footcite:p": 'add `bibtex_bibfiles = ["{0}"]` to conf.py',
    "asciidoctor-bibtex": "add `:bibtex-file: {0}` to its header, and bibliography::[]",
    "asciidoctor-bibliography": "set `:bibliography-database: {0}`, and add bibliography::[]",
}
"""What a manuscript needs so that its library is found, by its syntax; {1} is the library without its suffix."""


def unnamed(manuscript: ManuscriptFile, library: Path) -> Note | None:
    """What to add to a manuscript that does not name the library that it cites, None where nothing is missing."""
    syntax = manuscript.read.syntax.split(":")[0] if manuscript.kind.name == "latex" else manuscript.read.syntax
    if syntax not in _NAMING or any(one.resolve() == library.resolve() for one in manuscript.libraries):
        return None
    name = relative(library, manuscript.path)
    how = _NAMING[syntax].format(name, name.removesuffix(".bib"))
    said = f"It does not name {name}. So that the citations are found when it is built, {how}."
    return Note("library-unnamed", said, Severity.INFO, path=manuscript.name)


def note(manuscript: ManuscriptFile, given: Note) -> Note:
    """A note with the manuscript's name, and the line where it has none."""
    return dataclasses.replace(given, path=given.path or manuscript.name)
