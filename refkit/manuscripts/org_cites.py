"""Citations in Org: org-cite's, and those of org-ref 3 and 2 for manuscripts that have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from refkit.manuscripts import Item
from refkit.manuscripts.composing import Hand, Part


@dataclass(frozen=True, slots=True)
class _OrgCite:
    """`[cite:see @smith2020 p. 3; @jones2021]` and `[cite/t:@smith2020]`."""

    takes_brackets: bool = True
    takes_words: bool = True
    narrates: bool = True
    joint: str = " "

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        """All works in one bracket."""
        return f"[cite:{'; '.join(_words(part, '@') for part in parts)}]"

    def narrative(self, part: Part, before: str, after: str) -> str:
        """The style `t` (text)."""
        return f"[cite/t:{_words(part, '@')}]"

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        """The key as it is; its sign stands before it already."""
        return key


@dataclass(frozen=True, slots=True)
class _OrgRef:
    """`[[citep:see &smith2020 p. 3;&jones2021]]`, of org-ref 3."""

    takes_brackets: bool = True
    takes_words: bool = True
    narrates: bool = True
    joint: str = " "

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        """All works in one link."""
        return f"[[citep:{';'.join(_words(part, '&') for part in parts)}]]"

    def narrative(self, part: Part, before: str, after: str) -> str:
        """`citet`."""
        return f"[[citet:{_words(part, '&')}]]"

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        """The key as it is."""
        return key


@dataclass(frozen=True, slots=True)
class _OldOrgRef:
    """`citep:smith2020,jones2021`, of org-ref 2, which has no words around keys."""

    takes_brackets: bool = True
    takes_words: bool = False
    narrates: bool = True
    joint: str = " "

    def parenthetical(self, parts: Sequence[Part], before: str, after: str) -> str:
        """All keys behind one command; where a page is named, it needs org-ref 3's form."""
        if any(part.prefix or part.suffix for part in parts):
            return _OrgRef().parenthetical(parts, before, after)
        return f"citep:{','.join(part.key for part in parts)}"

    def narrative(self, part: Part, before: str, after: str) -> str:
        """`citet`."""
        return f"citet:{part.key}" if not part.suffix else _OrgRef().narrative(part, before, after)

    def key(self, key: str, item: Item, before: str, after: str) -> str:
        """The key as it is."""
        return key


def _words(part: Part, sign: str) -> str:
    return f"{part.prefix + ' ' if part.prefix else ''}{sign}{part.key}{' ' + part.suffix if part.suffix else ''}"


HANDS: dict[str, Hand] = {"org-cite": _OrgCite(), "org-ref": _OrgRef(), "org-ref-2": _OldOrgRef()}
