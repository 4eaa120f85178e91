"""New footnotes of a DOCX: the reference in the text, the note in its part, and the part where there is none yet.

Source: ECMA-376 part 1, §17.11 (footnotes and endnotes; the separators that every such part has).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from refkit.manuscripts.byte_parts import ByteEdit, apply
from refkit.manuscripts.docx_edits import PartEdits
from refkit.manuscripts.docx_flow import Flow
from refkit.manuscripts.docx_runs import Writer

if TYPE_CHECKING:
    from refkit.manuscripts.docx import State

_SEPARATORS = (
    '<{w}footnote {w}type="separator" {w}id="-1"><{w}p><{w}r><{w}separator/></{w}r></{w}p></{w}footnote>'
    '<{w}footnote {w}type="continuationSeparator" {w}id="0"><{w}p><{w}r><{w}continuationSeparator/></{w}r></{w}p>'
    "</{w}footnote>"
)
# What may follow `footnotePr` in the settings; it goes before the first of these (CT_Settings).
_AFTER = (
    "endnotePr compat docVars rsids mathPr attachedSchema themeFontLang clrSchemeMapping doNotIncludeSubdocsInStats"
    " doNotAutoCompressPictures forceUpgrade captions readModeInkLockDown smartTagType schemaLibrary shapeDefaults"
    " doNotEmbedSmartTags decimalSymbol listSeparator"
).split()


class Footnotes:
    """Collects new footnotes; `finish` writes them into their part.

    All notes have ids in the order of their references afterwards: LibreOffice takes notes by that order, whatever the
    references say.
    """

    def __init__(self, state: State, writer: Writer, edits: Mapping[int, PartEdits]) -> None:
        self.state, self.writer, self.edits = state, writer, edits
        self.flow = next((flow for flow in state.flows if flow.label.startswith("footnote")), None)
        self._new: list[tuple[int, str]] = []
        self.body = state.flows[0]
        special = self.flow.special_notes if self.flow else ()
        self._base = max([0, *(int(one) for one in special if one.lstrip("-").isdecimal())])
        self._shown = sorted(at for kind, _, at in self.body.notes if kind == "footnote")
        self._all = sorted((at, number) for kind, number, at in self.body.references if kind == "footnote")
        styles = state.parts.read(state.parts.styles())
        self._text_style = _style(styles, "footnote text")
        self._mark_style = _style(styles, "footnote reference")

    def add(self, byte: int, given: Sequence[tuple[str, str]], content: Callable[[int], str]) -> str:
        """A new footnote whose reference stands at `byte`; the source of the reference.

        Notes are added in the order of their references. Parameters: `given`, the run properties there; `content`, the
        note's runs, given its number.
        """
        number = sum(at < byte for at in self._shown) + len(self._new) + 1
        key = self._base + sum(at < byte for at, _ in self._all) + len(self._new) + 1
        w = self.writer.w
        mark = [("rStyle", f'<{w}rStyle {w}val="{self._mark_style}"/>')] if self._mark_style else []
        raised = frozenset() if self._mark_style else frozenset({"sup"})
        style = f'<{w}pPr><{w}pStyle {w}val="{self._text_style}"/></{w}pPr>' if self._text_style else ""
        source = (
            f'<{w}footnote {w}id="{key}"><{w}p>{style}{self.writer.run(mark, f"<{w}footnoteRef/>", raised)}'
            f'{self.writer.run([], f"""<{w}t xml:space="preserve"> </{w}t>""")}{content(number)}</{w}p></{w}footnote>'
        )
        self._new.append((byte, source))
        kept = [pair for pair in given if pair[0] not in ("rStyle", "vertAlign")]
        return self.writer.run([*kept, *mark], f'<{w}footnoteReference {w}id="{key}"/>', raised)

    def finish(self) -> None:
        """Write the new notes into their part, which is made where there is none."""
        if not self._new:
            return
        new, self._new = self._new, []
        if self.flow is not None:
            self._number_anew([byte for byte, _ in new])
            for byte, source in new:
                at = self._before(byte)
                self.edits[id(self.flow)].at(at, at, source)
            return
        source = "".join(source for _, source in new)
        parts, w = self.state.parts, self.writer.w
        body = self.body.part
        namespace = next(uri for uri in _declared(body.data) if uri.endswith(("wordprocessingml/2006/main", "ml/main")))
        content = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
            f'<{w}footnotes xmlns:{w[:-1]}="{namespace}">{_SEPARATORS.format(w=w)}{source}</{w}footnotes>'
        )
        folder = parts.main.rpartition("/")[0]
        member = f"{folder}/footnotes.xml".removeprefix("/")
        parts.add(member, content.encode(), "footnotes", parts.main, "footnotes")
        self._tell_settings()

    def _before(self, byte: int) -> int:
        """Where in the part a note belongs whose reference stands at `byte` of the body."""
        assert self.flow is not None
        later = (number for at, number in self._all if at > byte)
        return next((at for one in later if (at := self.flow.note_starts.get(one)) is not None), self.flow.closing)

    def _number_anew(self, new: Sequence[int]) -> None:
        """Give the notes that are there ids in the order of their references, the new ones counted in."""
        assert self.flow is not None
        ids = {
            number: str(self._base + place + 1 + sum(byte < at for byte in new))
            for place, (at, number) in enumerate(self._all)
        }
        free = self._base + len(self._all) + len(new) + 1
        for number in self.flow.note_starts:
            if number not in ids and number not in self.flow.special_notes:
                ids[number], free = str(free), free + 1
        for at, number in self._all:
            self._set_id(self.body, at, number, ids[number])
        for number, at in self.flow.note_starts.items():
            if number in ids:
                self._set_id(self.flow, at, number, ids[number])

    def _set_id(self, flow: Flow, at: int, old: str, new: str) -> None:
        if old == new:
            return
        end = flow.part.data.index(flow.part.encoded(">"), at)
        found = re.search(rf"""{self.writer.w}id\s*=\s*["']({re.escape(old)})["']""", flow.part.raw(at, end))
        if found is not None:
            start = at + len(flow.part.encoded(flow.part.raw(at, end)[: found.start(1)]))
            self.edits[id(flow)].at(start, start + len(flow.part.encoded(old)), new)

    def _tell_settings(self) -> None:
        """The settings name the separators, as Word has it; without a place for that they stay."""
        parts = self.state.parts
        member = parts.settings()
        if not member or not parts.read(member):
            return
        part = parts.part(member)
        own = part.own_prefixes.get("w")
        if not own or f"<{own}:footnotePr".encode() in part.data:
            return
        first = next((t for t in part.tokens if t.kind == 0 and t.name.rpartition(":")[2] in _AFTER), None)
        at = first.start if first is not None else part.data.rfind(b"</")
        w = f"{own}:"
        source = f'<{w}footnotePr><{w}footnote {w}id="-1"/><{w}footnote {w}id="0"/></{w}footnotePr>'
        parts.changed[member] = apply(part.data, [ByteEdit(at, at, part.encoded(source))])


def _declared(data: bytes) -> list[str]:
    return [uri.decode() for uri in re.findall(rb'xmlns(?::\w+)?="([^"]*)"', data[:20_000])]


def _style(styles: bytes, name: str) -> str:
    """The id of the style that Word calls `name`, "" where the document has none."""
    pattern = rb'<\w+:style\b[^>]*\b\w+:styleId="([^"]+)"[^>]*>\s*<\w+:name \w+:val="' + name.encode() + b'"'
    found = re.search(pattern, styles, re.IGNORECASE)
    return found[1].decode() if found else ""
