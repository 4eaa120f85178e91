"""CSL's small markup → plain text, for formats that have no markup."""

from __future__ import annotations

import re

MARKUP = re.compile(r"</?(?:i|b|sub|sup)>|<span (?:style|class)=\"[\w:; -]+\">|</span>")
"""Every tag that a text of a work can hold."""

OTHERS = {"literal": "others"}
"""What BibTeX's "and others" is among CSL's names: no person, so that only BibTeX can write it."""

_SUPERSCRIPTS = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_SUBSCRIPTS = dict(zip("0123456789+-−=()aeoxhklmnpst", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜ", strict=True))
_RAISED = re.compile(r"<(sup|sub)>([^<>]*)</\1>")


def without_markup(text: str) -> str:
    """`text` without CSL's markup, letters as they are: for keys and comparison."""
    return MARKUP.sub("", text) if "<" in text else text


def readable(text: str) -> str:
    """`text` without CSL's markup, raised and lowered digits and signs as Unicode's own where it has all of them."""
    if "<" not in text:
        return text
    return without_markup(_RAISED.sub(_raise, text))


def _raise(match: re.Match[str]) -> str:
    table = _SUPERSCRIPTS if match[1] == "sup" else _SUBSCRIPTS
    return "".join(table.get(char, "") for char in match[2]) if all(char in table for char in match[2]) else match[2]


def word_set(text: str) -> frozenset[str]:
    """The words of a table that is written as running text."""
    return frozenset(text.split())
