"""Runs and paragraphs of a DOCX as source text: fields, formatted text, bibliographies.

Source: ECMA-376 part 1, §17.3.2 (run properties, whose order the schema fixes) and §17.16 (fields).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from refkit.formats.csl_render import Segments, label_width
from refkit.manuscripts.byte_parts import Part
from refkit.manuscripts.docx_text import OWN_BOOKMARK, Run

_ORDER = (
    "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid vanish"
    " webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang"
    " eastAsianLayout specVanish oMath"
).split()
"""The order of run properties (CT_RPr)."""
_AS_PROPERTY = {
    "i": ("i", ""),
    "b": ("b", ""),
    "u": ("u", ' w:val="single"'),
    "sc": ("smallCaps", ""),
    "sup": ("vertAlign", ' w:val="superscript"'),
    "sub": ("vertAlign", ' w:val="subscript"'),
}
_LINK_STYLE = re.compile(r'val="(?:Hyperlink|InternetLink|Internet_20_Link|FollowedHyperlink|Link)\w*"', re.IGNORECASE)
_NEVER = frozenset({"w:rPrChange", "w:ins", "w:del", "w:moveFrom", "w:moveTo", "w:vanish", "w:webHidden"})
_PLACE = {name: number for number, name in enumerate(_ORDER)}


def text(characters: str) -> str:
    """Characters as XML text; what XML cannot hold is left out."""
    return escape(re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", characters), quote=False)


def properties(part: Part, run: Run, *, unlinked: bool = False) -> list[tuple[str, str]]:
    """A run's properties, each by its local name and source; `unlinked` leaves out what makes a link look like one."""
    kept = []
    for name, start, end in run.property_list:
        source = part.raw(start, end)
        looks_linked = name in ("w:color", "w:u") or (name == "w:rStyle" and _LINK_STYLE.search(source))
        if name not in _NEVER and not (unlinked and looks_linked):
            kept.append((name.partition(":")[2], source))
    return kept


class Writer:
    """Writes in the part's own prefix for WordprocessingML.

    Parameters: `prefix`, with its colon ("w:").
    """

    def __init__(self, prefix: str) -> None:
        self.w = prefix

    def run(self, given: Sequence[tuple[str, str]], content: str, formats: frozenset[str] = frozenset()) -> str:
        """One run: properties, further formats of CSL's, content."""
        w = self.w
        named = list(given)
        for one in sorted(formats):
            name, value = _AS_PROPERTY[one]
            named = [pair for pair in named if pair[0] != name]
            named.append((name, f"<{w}{name}{value.replace(' w:', ' ' + w)}/>"))
        named.sort(key=lambda pair: _PLACE.get(pair[0], len(_ORDER)))
        held = "".join(source for _, source in named)
        return f"<{w}r>{f'<{w}rPr>{held}</{w}rPr>' if held else ''}{content}</{w}r>"

    def words(self, given: Sequence[tuple[str, str]], segments: Segments) -> str:
        """Formatted text as runs; a tab is an element of its own."""
        w = self.w
        out = []
        for piece, formats in segments:
            content = f"<{w}tab/>".join(
                f'<{w}t xml:space="preserve">{text(one)}</{w}t>' if one else "" for one in piece.split("\t")
            )
            out.append(self.run(given, content, formats & _AS_PROPERTY.keys()))
        return "".join(out)

    def opening(self, given: Sequence[tuple[str, str]], code: str) -> str:
        """The runs of a field up to where its result begins."""
        w = self.w
        return (
            self.run(given, f'<{w}fldChar {w}fldCharType="begin"/>')
            + self.run(given, f'<{w}instrText xml:space="preserve"> ADDIN {text(code)} </{w}instrText>')
            + self.run(given, f'<{w}fldChar {w}fldCharType="separate"/>')
        )

    def closing(self, given: Sequence[tuple[str, str]]) -> str:
        """The run that ends a field."""
        return self.run(given, f'<{self.w}fldChar {self.w}fldCharType="end"/>')

    def field(self, given: Sequence[tuple[str, str]], code: str, segments: Segments) -> str:
        """A whole field."""
        return self.opening(given, code) + self.words(given, segments) + self.closing(given)

    def bibliography(self, entries: Sequence[Segments], code: str, style: str, *, bookmark: int) -> str:
        """The paragraphs of a bibliography, within one field; without `code` within a bookmark, as plain text.

        Parameters: `style`, the paragraph style's id, "" where the document has none; `bookmark`, a free id.
        """
        w = self.w
        numbered = label_width(entries)
        width = (
            200 + 130 * numbered if numbered else 720
        )  # twentieths of a point; a figure has about half its font's size
        tab = f'<{w}tabs><{w}tab {w}val="left" {w}pos="{width}"/></{w}tabs>' if numbered else ""
        named = f'<{w}pStyle {w}val="{escape(style)}"/>' if style else ""
        held = f'<{w}pPr>{named}{tab}<{w}ind {w}left="{width}" {w}hanging="{width}"/></{w}pPr>'
        before = self.opening([], code) if code else (
            f'<{w}bookmarkStart {w}id="{bookmark}" {w}name="{OWN_BOOKMARK}"/>'
        )  # fmt: skip
        after = self.closing([]) if code else f'<{w}bookmarkEnd {w}id="{bookmark}"/>'
        rows = [self.words([], entry) for entry in entries]
        rows[0] = before + rows[0]
        rows[-1] += after
        return "".join(f"<{w}p>{held}{row}</{w}p>" for row in rows)
