"""Groups that name their entries by key, in comments of a BibTeX library: they follow keys that went.

Source: JabRef 3's `jabref-meta: groups…` (its lines are broken anywhere after 70 characters; since JabRef 4 an entry
names its groups itself); BibDesk's `BibDesk Static Groups`, a property list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from refkit.model import Edit, Span

_BLOCK = re.compile(
    r"^[ \t]*@comment\s*\{\s*(?:jabref-meta:\s*groups|BibDesk Static Groups).*?(?=^[ \t]*@|\Z)", re.I | re.M | re.S
)
_GROUP = re.compile(r"ExplicitGroup:.*?;\s*;|<string>.*?</string>", re.S)


def edits(text: str, renamed: Mapping[str, str]) -> list[Edit]:
    """The edits that put new keys in the place of old ones in the groups of a library's text.

    Parameters: `text`; `renamed`, the keys that went, each with the key that took its place. A group that has the new
    key already loses the old one.
    """
    if not renamed or not _BLOCK.search(text):
        return []
    found: list[Edit] = []
    for block in _BLOCK.finditer(text):
        for group in _GROUP.finditer(block[0]):
            begin = block.start() + group.start()
            for old, new in renamed.items():
                there = re.search(_key(new), group[0])
                for match in re.finditer(_key(old), group[0]):
                    start, end = begin + match.start("key"), begin + match.end("key")
                    found.append(Edit(Span(start, begin + match.end()), "") if there else Edit(Span(start, end), new))
    return sorted(found, key=lambda edit: edit.span)


def _key(key: str) -> str:
    """A key where it stands in a list, however JabRef broke its line, with the mark behind it."""
    broken = r"\r?\n?".join(re.escape(char) for char in key)
    return rf"(?<=[;>,\n])(?P<key>{broken})(?:\r?\n?\\\r?\n?;|,|(?=</))"
