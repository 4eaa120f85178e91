"""How a LaTeX source cites: with natbib, biblatex or plain `\\cite`, and how each writes what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from refkit.manuscripts import Item
from refkit.manuscripts.composing import Hand, Part

# Classes that load natbib themselves (their own documentation).
_NATBIB_CLASSES = re.compile(
    r"\\documentclass(?:\s*\[[^\]]*\])?\s*\{(?:elsarticle|cas-[ds]c|revtex4(?:-[12])?|acmart|aastex\w*|mnras|copernicus|sn-jnl|agujournal\w*|"
    r"wlscirep|frontiers\w*|emulateapj|svproc|imsart|informs\d*|OUP\w*|oup-authoring-template|ametsocV?\w*"
    r"|WileyNJD\w*|aomart)\}"
)
_PACKAGE = re.compile(r"\\(?:usepackage|RequirePackage)\s*(?:\[([^\]]*)\])?\s*\{([^{}]*)\}")
_NOTES = re.compile(r"style\s*=\s*\{?[^,\]}]*(?:verbose|notes|authortitle|footnote|humanities|jura)", re.IGNORECASE)

_PARENTHETICAL = (
    "citep",
    "parencite",
    "autocite",
    "cite",
    "footcite",
    "supercite",
    "smartcite",
    "footcitep",
    "citealp",
)
_NARRATIVE = ("citet", "textcite")


def style_of(preamble: str, commands: Mapping[str, int], asked: str) -> str:
    """How a source cites, as `family:parenthetical:narrative`.

    Parameters: `preamble`; `commands`, how often each citation command is used already: what is used most wins;
    `asked`, natbib, biblatex or cite where the user says so, else "".
    """
    family = asked if asked in ("natbib", "biblatex", "cite") else _family(preamble, commands)
    usual = {"natbib": ("citep", "citet"), "biblatex": (_biblatex(preamble), "textcite"), "cite": ("cite", "")}[family]
    known: dict[str, int] = {}
    for name, count in commands.items():
        single = re.sub(r"(?<=cite)s$", "", name.rstrip("*").lower())
        known[single] = known.get(single, 0) + count
    mine = [name for name in _PARENTHETICAL if known.get(name) and _fits(name, family)]
    parenthetical = max(mine, key=lambda name: known[name]) if mine else usual[0]
    return f"{family}:{parenthetical}:{usual[1]}"


def _family(preamble: str, commands: Mapping[str, int]) -> str:
    bare = re.sub(r"(?<!\\)%[^\n]*", "", preamble)
    packages = {name.strip() for match in _PACKAGE.finditer(bare) for name in match[2].split(",")}
    if packages & {"biblatex", "biblatex-chicago", "biblatex-apa"}:
        return "biblatex"
    if packages & {"natbib", "apacite", "har2nat"} or _NATBIB_CLASSES.search(bare):
        return "natbib"
    if not packages or "\\documentclass" not in bare:  # a chapter: what it uses tells
        if any(
            name.rstrip("*").lower() in ("parencite", "textcite", "autocite", "footcite", "parencites")
            for name in commands
        ):
            return "biblatex"
        if any(name.rstrip("*").lower() in ("citep", "citet", "citealp", "citealt", "citeauthor") for name in commands):
            return "natbib"
    return "cite"


def _biblatex(preamble: str) -> str:
    """`\\autocite` where the style puts citations into notes; it becomes a footnote there."""
    return "autocite" if _NOTES.search(preamble) or "biblatex-chicago" in preamble else "parencite"


def _fits(name: str, family: str) -> bool:
    """Whether a command gives brackets in every style of its family; plain `\\cite` of natbib and biblatex does not."""
    if family == "natbib":
        return name in ("citep", "footcitep")
    if family == "biblatex":
        return name not in ("cite", "citep", "citealp")
    return name == "cite"


def hand_of(syntax: str) -> Hand:
    """Who writes citations in this style."""
    family, parenthetical, narrative = syntax.split(":")
    return _Latex(family, parenthetical, narrative)


@dataclass(frozen=True, slots=True)
class _Latex:
    """Citations as LaTeX commands."""

    family: str
    command: str
    textual: str
    takes_brackets: bool = True
    joint: str = "~"

    @property
    def takes_words(self) -> bool:
        """Plain `\\cite` has room for a page only."""
        return self.family != "cite"

    @property
    def narrates(self) -> bool:
        """Plain `\\cite` has no form for a citation within the sentence."""
        return bool(self.textual)

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        """`\\citep[see][p.~3]{smith}`, or `\\citep{smith,jones}`; several with words each as the family has it."""
        if len(parts) == 1:
            return f"\\{self.command}{_options(parts[0], self.family)}{{{parts[0].key}}}"
        last = parts[-1]
        first = parts[0]
        inner = any(part.prefix for part in parts[1:]) or any(part.suffix for part in parts[:-1])
        if not inner:
            both = Part("", first.prefix, last.suffix)
            if self.family != "cite" or not last.suffix:
                return f"\\{self.command}{_options(both, self.family)}{{{','.join(part.key for part in parts)}}}"
        if self.family == "biblatex":
            many = "".join(f"{_options(part, 'biblatex')}{{{part.key}}}" for part in parts)
            return f"\\{self.command}s{many}"
        if self.family == "natbib":
            one = "; ".join(_alone(part) for part in parts)
            return f"\\citetext{{{one}}}"
        return ", ".join(f"\\{self.command}{_options(part, 'cite')}{{{part.key}}}" for part in parts)

    def narrative(self, part: Part, before: str, after: str) -> str:
        """`\\citet[p.~3]{smith}`."""
        command = self.textual or self.command
        return f"\\{command}{_options(part, self.family)}{{{part.key}}}"

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        """The key as it is."""
        return key


def _alone(part: Part) -> str:
    options = _options(Part("", "", part.suffix), "natbib")
    return f"{part.prefix + ' ' if part.prefix else ''}\\citealp{options}{{{part.key}}}"


def _options(part: Part, family: str) -> str:
    suffix = f"{{{part.suffix}}}" if "]" in part.suffix or "[" in part.suffix else part.suffix
    if part.prefix and family != "cite":
        return f"[{part.prefix}][{suffix}]"
    return f"[{suffix}]" if suffix else ""
