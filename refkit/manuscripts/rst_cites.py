"""Citations in reStructuredText: the roles of sphinxcontrib-bibtex 2.7."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from refkit.manuscripts import Item
from refkit.manuscripts.composing import Hand, Part
from refkit.manuscripts.markdown import role_part


def hand_of(syntax: str) -> Hand:
    """Who writes citations with this role."""
    narrative = {"cite:p": "cite:t", "footcite:p": "footcite:t", "cite": "cite:t"}[syntax]
    return _Rst(syntax, narrative)


@dataclass(frozen=True, slots=True)
class _Rst:
    """``:cite:p:`{see}smith2020{p. 3},jones2021` `` and ``:cite:t:`smith2020` ``."""

    role: str
    textual: str
    takes_brackets: bool = True
    takes_words: bool = True
    narrates: bool = True
    joint: str = " "

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        """All works in one role."""
        return _spaced(f":{self.role}:`{','.join(role_part(part) for part in parts)}`", before, after)

    def narrative(self, part: Part, before: str, after: str) -> str:
        """The textual role."""
        return _spaced(f":{self.textual}:`{role_part(part)}`", before, after)

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        """The key as it is."""
        return key


def _spaced(role: str, before: str, after: str) -> str:
    """The role with an escaped blank where inline markup could not begin or end (docutils, "Inline markup")."""
    begins = (
        not before or re.match(r"[\s'\"(\[{<\-/:\u2010-\u2015\u2018\u201c\u00ab\u00bf\u00a1]", before[-1]) is not None
    )
    ends = not after or re.match(r"[\s'\")\]}>\-/\\:.,;!?\u2010-\u2015\u2019\u201d\u00bb]", after[0]) is not None
    return f"{'' if begins else chr(92) + ' '}{role}{'' if ends else chr(92) + ' '}"
