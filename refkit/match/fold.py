"""Words that compare equal however they were written: markup, LaTeX, case, accents, scripts, dashes and quotes
undone.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_TAG = re.compile(
    r"</?(?:i|b|em|strong|sub|sup|scp|sc|u|tt|span|div|p|br|italic|bold|inline-formula|tex-math|alternatives|title|sec|"
    r"(?:jats|mml|m|xhtml|html):[\w-]+|math|m[a-z]{1,10})(?:\s[^<>]{0,400})?/?>",
    re.IGNORECASE,
)
_ACCENT = re.compile(r"\\(?:[\"'`^~=.]\s*|[uvHtcdbkr](?:\s+|(?=\{)))\{?\\?([A-Za-z])\}?")
_LETTERS = {
    "ss": "ss", "ae": "ae", "AE": "AE", "oe": "oe", "OE": "OE", "o": "o", "O": "O", "l": "l", "L": "L", "aa": "a",
    "AA": "A", "i": "i",
    "j": "j", "dh": "d", "DH": "D", "dj": "d", "DJ": "D", "th": "th", "TH": "Th", "ng": "n", "NG": "N",
    "textendash": "-",
    "textemdash": "-", "textquoteright": "'", "textquoteleft": "'", "ldots": " ", "dots": " ", "textregistered": "",
    "texttrademark": "",
    "times": "x", "pm": " ", "sim": " ", "circ": "", "degree": "", "ge": " ", "le": " ", "mathrm": "", "mathbf": "",
    "mathit": "",
    "mathcal": "", "mathbb": "", "text": "", "textit": "", "textbf": "", "emph": "", "textsc": "", "texttt": "",
    "textsuperscript": "",
    "textsubscript": "", "uppercase": "", "lowercase": "", "rm": "", "it": "", "bf": "", "em": "", "sc": "", "tt": "",
    "url": "", "vphantom": "", "hphantom": "", "phantom": "", "mbox": "", "hbox": "", "ensuremath": "", "left": "",
    "right": "", "displaystyle": "", "bm": "", "boldsymbol": "", "operatorname": "", "textsl": "", "textup": "",
    "textnormal": "", "mathsf": "", "underline": "", "overline": "", "protect": "", "relax": "", "textasciimacron": "",
}  # fmt: skip
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*|\\(.)", re.DOTALL)

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa",
    "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi",
    "χ": "chi", "ψ": "psi",
    "ω": "omega", "Α": "alpha", "Β": "beta", "Γ": "gamma", "Ε": "epsilon", "Κ": "kappa", "Δ": "delta", "Θ": "theta",
    "Λ": "lambda", "Σ": "sigma", "Φ": "phi", "Ψ": "psi",
    "Ω": "omega",
    "ϵ": "epsilon", "ϕ": "phi", "µ": "mu",
}  # fmt: skip
# A Greek letter that stands alone is a symbol (TNF-α); within a Greek word it is a letter.
_SYMBOL = re.compile("(?<![\u0370-\u03ff\u1f00-\u1fff])[" + "".join(_GREEK) + "](?![\u0370-\u03ff\u1f00-\u1fff])")
_SIGNS = re.compile("[®™©†‡§¶*\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff¿¡]")

_ASCII = str.maketrans(
    {chr(code): " " for code in range(128) if not chr(code).isalnum()}
    | {"'": "", "`": "", "&": " and ", "*": "", "%": " percent "}
    | {chr(code): chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
)


def plain(text: str) -> str:
    """The text without markup, entities and LaTeX, otherwise as it was written."""
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    if "\\" in text:
        text = _ACCENT.sub(r"\1", text)
        text = _COMMAND.sub(_command, text)
    if "{" in text or "}" in text or "$" in text:
        text = text.replace("{", "").replace("}", "").replace("$", "")
    return text


def _command(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return {"\\": " ", ",": " ", ";": " ", "-": "", "/": ""}.get(match[2], match[2])
    return _LETTERS.get(name, name + " ")


def ascii_words(text: str) -> str:
    """Lower-case ASCII words with single blanks between them, of a text that has no markup."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _SIGNS.sub("", text))
        text = _SYMBOL.sub(lambda match: _GREEK[match[0]], text)
        text = anyascii(text)
    return " ".join(text.translate(_ASCII).split())


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text as it stands in a record."""
    return tuple(ascii_words(plain(text)).split())


@lru_cache(maxsize=65536)
def name_slug(text: str) -> str:
    """A name's letters only; ä, ae and a are one, for records disagree on how to write umlauts without them."""
    slug = "".join(ascii_words(plain(text)).split())
    return slug.replace("ae", "a").replace("oe", "o").replace("ue", "u") if "e" in slug else slug
