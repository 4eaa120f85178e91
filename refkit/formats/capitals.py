"""Which words of a title keep their capitals, by evidence: acronyms, mixed case, formulas, proper nouns.

Braces go round words, never round a whole title, and never into other fields (btxdoc §4; `change.case$` keeps the first
letter and what follows a colon by itself).
"""

from __future__ import annotations

import re
from collections.abc import Collection

from refkit.formats.latex import CLOSE, OPEN
from refkit.formats.plain import word_set

PROPER = word_set(
    """Africa African Africans America American Americans Asia Asian Australia Australian Austria Austrian
    Bangladesh Belgium Belgian Brazil Brazilian Britain British Bulgaria Canada Canadian Caribbean Chile
    China Chinese Christian Colombia Croatia Cuba Czech Denmark Danish Dutch Egypt Egyptian England English
    Estonia Ethiopia Europe European Europeans Finland Finnish France French German Germany Ghana Greece
    Greek Hebrew Hispanic Hungary Hungarian Iceland India Indian Indians Indonesia Indonesian Iran Iranian
    Iraq Ireland Irish Islam Islamic Israel Israeli Italian Italy Japan Japanese Jewish Kenya Korea Korean
    Latin London Malaysia Mediterranean Mexican Mexico Morocco Muslim Nepal Netherlands Nigeria Nigerian
    Norway Norwegian Pakistan Paris Peru Philippines Poland Polish Portugal Portuguese Roman Romania Russia
    Russian Scotland Scottish Serbia Singapore Slovenia Spain Spanish Sweden Swedish Swiss Switzerland
    Taiwan Tanzania Thai Thailand Tunisia Turkey Turkish Uganda Ukraine Ukrainian Vietnam Vietnamese Wales
    Welsh Zealand Atlantic Pacific Arctic Antarctic Antarctica Alps Himalaya Himalayan Amazon California
    Texas York Beijing Tokyo Berlin Victorian Elizabethan Alzheimer Alzheimer's Parkinson Parkinson's
    Huntington's Hodgkin Crohn's Bayes Bayesian Markov Gaussian Gauss Poisson Euler Fourier Hilbert Banach
    Riemann Riemannian Lagrange Lagrangian Hamiltonian Boltzmann Maxwell Newton Newtonian Einstein Darwin
    Darwinian Freud Marx Marxist Kant Kantian Hegel Monte Carlo Boolean Cartesian Euclidean Lyapunov Navier
    Stokes Raman Doppler Hubble Higgs Schrödinger Dirac Fermi Bose Laplace Lorentz Brownian Turing
    Shakespeare Escherichia Salmonella Drosophila Arabidopsis Caenorhabditis Saccharomyces Plasmodium
    Mycobacterium Staphylococcus Internet January February March April June July August September October
    November December Monday Tuesday Wednesday Thursday Friday Saturday Sunday God Jesus Bible Quran"""
)
"""Names that stay names in titles that capitalise every word."""

_TAGS = re.compile(r"</?(?:i|b)>|<span [^<>]*>|</span>")
_PARTS = re.compile(r"((?:[:?!]|(?<!\.[A-Z])\.)[\"'”’)]* )")
_PIECE = re.compile(r"</?(?:i|b)>|<span [^<>]*>|</span>|(?:[^\s<>/\-‐‑–—]|</?su[bp]>|<(?!/?(?:i|b|span)\b))+")
_NEW_START = re.compile(r"[—–]| - ")
_SCRIPTS = re.compile(r"</?su[bp]>")
_GLUED = re.compile(r"[a-z]{4}\((?=[A-Z][a-z]{3})")
_EDGES = "()[]{}\"'“”‘’«»„.,;:!?¿¡…*"


def protected(title: str, names: Collection[str] = (), language: str = "") -> str:
    """`title` (with CSL's markup) with marks round the words whose capitals mean something.

    Parameters: `names`, proper nouns known from elsewhere; `language`, the work's (capitals of German nouns stay).
    """
    if not _capitals_after(title):
        return title
    bare = re.sub(r"<[^<>]*>", "", title)
    if bare.isupper() and " " in bare:
        return title  # a title in capitals throughout says nothing of its words
    foreign = bool(language) and not language.lower().startswith("en")  # "en-GB", and "English" in users' libraries
    pieces = _PARTS.split(title)
    marked = "".join(part if index % 2 else _part(part, foreign, names) for index, part in enumerate(pieces))
    return re.sub(rf"(?<=[^{OPEN}]){CLOSE}([-‐–/]){OPEN}", r"\1", marked)  # one pair of braces round {T-S}


def _part(part: str, foreign: bool, names: Collection[str]) -> str:
    """One part of a title: what a colon or a full stop cuts off may follow another habit than the rest."""
    sentence = foreign or is_sentence_case(re.sub(r"<[^<>]*>", "", part))
    out: list[str] = []
    at, inside, start = 0, 0, True
    for match in _PIECE.finditer(part):
        piece, gap = match[0], part[at : match.start()]
        out.append(gap)
        at = match.end()
        if _TAGS.fullmatch(piece):
            inside += -1 if piece.startswith("</") else 1
            out.append(piece)
            continue
        if _NEW_START.search(gap) or piece[0] in '“"‘«„(':
            start = True
        out.append(piece if inside else _word(piece, sentence, start, names))
        start = False
    out.append(part[at:])
    return "".join(out)


def _capitals_after(title: str) -> bool:
    return title[1:].lower() != title[1:]


def _word(piece: str, sentence: bool, start: bool, names: Collection[str]) -> str:
    core = piece.strip(_EDGES)
    if not core:
        return piece
    if glued := _GLUED.search(piece):  # "amazonensis(Rhabditida": the typesetter's blank is missing
        at = glued.start() + 4
        return _word(piece[:at], sentence, start, names) + _word(piece[at:], sentence, False, names)
    if "<" in core and core.count("<sub>") + core.count("<sup>") != core.count("</sub>") + core.count("</sup>"):
        return piece
    bare = _SCRIPTS.sub("", core)
    if not _deserves(bare, core, sentence, start, names):
        return piece
    if "." in core and piece[piece.index(core) + len(core) :].startswith("."):
        core += "."  # {U.S.}: the last full stop is the abbreviation's
    lead = piece.index(core)
    for opening, closing in ("()", "[]"):
        if core.count(opening) > core.count(closing) and piece[lead + len(core) :].startswith(closing):
            core += closing  # {poly(A)}, not {poly(A})
    return f"{piece[:lead]}{OPEN}{core}{CLOSE}{piece[lead + len(core) :]}"


def _deserves(bare: str, core: str, sentence: bool, start: bool, names: Collection[str]) -> bool:
    if bare == bare.lower():
        return False  # also of scripts that have no capitals
    if len(bare) == 1:
        # "vitamin A", "T cells", "E. coli"; but "A" after a colon, or in a title that capitalises all, is an article.
        return bool(bare.isalpha() and (bare != "A" or (sentence and not start)))
    stem = bare.removesuffix("'s").removesuffix("’s")
    if stem[1:] != stem[1:].lower() or re.search(r"\d", stem):
        return True
    if start and stem not in names:
        return False
    return bool(sentence or stem in PROPER or bare in PROPER or stem in names)


def is_sentence_case(bare: str) -> bool:
    """Whether most longer words of a title are small, so that the capitals that it has are names."""
    words = [word for word in re.findall(r"[^\W\d_]{4,}", bare)[1:] if not word.isupper()]
    if not words:
        return False
    return sum(1 for word in words if word[0].isupper()) < 0.5 * len(words)
