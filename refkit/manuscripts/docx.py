"""DOCX: DOIs become live Zotero citations, with a bibliography and the preferences by which Zotero takes over.

The view of a document is its body's paragraphs, one a line, then those of its footnotes and endnotes. Edits are made on
the parts' own bytes. Headers, footers and comments are no manuscript and stay.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from refkit.finding.links import in_link
from refkit.manuscripts import Choose, Cited, Manuscript, Wanted, Written, prose
from refkit.manuscripts.docx_citing import Citing
from refkit.manuscripts.docx_flow import Flow
from refkit.manuscripts.docx_package import Parts
from refkit.manuscripts.docx_text import Field, Link, Paragraph
from refkit.manuscripts.layout import Layout, masked
from refkit.manuscripts.layout import Link as Shown
from refkit.manuscripts.packed_citing import hide
from refkit.manuscripts.wording import REFERENCE_HEADING
from refkit.manuscripts.zotero_fields import CitationCode, read_citation
from refkit.model import Note, Span

_HEADING = re.compile(
    r"(?:heading|berschrift|titre|titolo|ttulo|ttulo|rubrik|kop|overskrift|otsikko)\s?\d?|title", re.IGNORECASE
)


@dataclass(slots=True)
class State:
    """What `read` found out for `write`: the package, its flows, its links by their span, and its citations."""

    parts: Parts
    flows: list[Flow]
    links: dict[Span, tuple[Flow, Link]] = field(default_factory=dict)
    codes: list[tuple[Flow, Field, CitationCode | None]] = field(default_factory=list)
    references: list[tuple[Flow, list[Paragraph]]] = field(default_factory=list)
    view: str = ""


def lock_names(name: str) -> tuple[str, ...]:
    """The names of the files that lie beside a document while Word or LibreOffice has it open."""
    stem, dot, suffix = name.rpartition(".")
    # Word leaves out the first two letters of a name of more than eight.
    short = stem[2:] if len(stem) > 7 else stem[1:] if len(stem) == 7 else stem
    return (f"~${name}", f"~${short}{dot}{suffix}", f".~lock.{name}#")


def read(data: bytes, name: str, wanted: Wanted) -> Manuscript:
    """Where citations may come; see `PackedKind`. Raises `LibraryError` for a document that is encrypted, signed,
    protected or damaged."""
    parts = Parts(data, name)
    state = State(parts, _flows(parts))
    layout = Layout()
    offset = 0
    for flow in state.flows:
        state.view += flow.layout(offset)
        offset = len(state.view)
        _lay_out(flow, state, layout, wanted)
    written = [hidden.span for hidden in layout.hidden if not hidden.why]
    clusters, left = prose.find(masked(state.view, written), layout, everything=wanted.everything)
    places = _Places(state.flows)
    return Manuscript(
        "docx",
        state.view,
        tuple(
            replace(cluster, items=tuple(replace(item, place=places(item.span.start)) for item in cluster.items))
            for cluster in clusters
        ),
        cited=tuple(_cited(state, places)),
        left=tuple(replace(one, place=places(one.span.start)) for one in left),
        syntax="zotero",
        notes=tuple(_notes(state)),
        state=state,
    )


def write(manuscript: Manuscript, data: bytes, choose: Choose, wanted: Wanted) -> Written:
    """The document with its citations; see `PackedKind`."""
    return Citing(manuscript, data, wanted).written(choose)


def view(data: bytes, name: str) -> str:
    """The view of a document alone."""
    text = ""
    for flow in _flows(Parts(data, name)):
        text += flow.layout(len(text))
    return text


def _flows(parts: Parts) -> list[Flow]:
    members = (
        (parts.main, "paragraph"),
        (parts.notes("footnotes"), "footnote paragraph"),
        (parts.notes("endnotes"), "endnote paragraph"),
    )
    return [
        Flow(parts.part(member), label, parts.targets(member))
        for member, label in members
        if member and parts.read(member)
    ]


def _lay_out(flow: Flow, state: State, layout: Layout, wanted: Wanted) -> None:
    """Say what is no prose in a part: text that must stay, links that lead to DOIs, reference lists, fields."""
    pieces = (piece for one in flow.paragraphs if not one.twin for piece in one.pieces)
    hide(layout, ((Span(piece.view, piece.view + len(piece.text)), piece.barrier) for piece in pieces))
    for link in flow.links:
        span = link.span
        if span is None or span in state.links or not in_link(link.target):
            continue
        if "\n" in span.of(state.view):
            continue
        fixed = "it stands in a field within a field" if link.nested else ""
        layout.links.append(Shown(span, link.target, span, fixed))
        state.links[span] = (flow, link)
    layout.links.sort(key=lambda one: one.span)
    for found in flow.fields:
        state.codes.append((flow, found, read_citation(found.code)))
    for paragraphs in _lists(flow):
        state.references.append((flow, paragraphs))
        if not wanted.references:
            last = paragraphs[-1]
            layout.references.append(Span(paragraphs[0].view, last.view + len(last.text)))


def _lists(flow: Flow) -> list[list[Paragraph]]:
    """The written reference lists: the paragraphs behind a heading such as "References", up to the next heading."""
    body = sorted((one for one in flow.paragraphs if not one.twin and not one.depth), key=lambda one: one.start)
    found = []
    for number, paragraph in enumerate(body):
        if not REFERENCE_HEADING.fullmatch(paragraph.text.strip()):
            continue
        rest: list[Paragraph] = []
        for one in body[number + 1 :]:
            if _HEADING.match(one.style):
                break
            rest.append(one)
        while rest and not rest[-1].text.strip():
            rest.pop()
        if any(one.text.strip() for one in rest):
            found.append(rest)
    return found


def _cited(state: State, places: _Places) -> list[Cited]:
    cited = []
    for flow, found, code in state.codes:
        if code is None:
            continue
        at = _view_of(flow, found)
        for work in code.works:
            key = str(work.data.get("citation-key") or "")
            cited.append(Cited(key, Span(at, at), places(at), work.work))
    return cited


def _view_of(flow: Flow, found: Field) -> int:
    """Where in the view a field stands: behind the last character before it in its paragraph."""
    paragraph = flow.paragraphs[found.paragraph]
    index = bisect_left(paragraph.pieces, found.first.start, key=lambda piece: piece.start)
    before = paragraph.pieces[index - 1] if index else None
    return before.view + len(before.text) if before else paragraph.view


def _notes(state: State) -> list[Note]:
    notes = []
    if state.parts.name.lower().endswith(".docm"):
        notes.append(Note("macros", "The document holds macros; they are kept as they are."))
    return notes


class _Places:
    """Names the place of an offset of the view."""

    def __init__(self, flows: Sequence[Flow]) -> None:
        self._flows = flows

    def __call__(self, offset: int) -> str:
        ends = 0
        for flow in self._flows:
            ends += len(flow.text)
            if offset < ends or flow is self._flows[-1]:
                return f"{flow.label} {flow.paragraph_at(offset).number + 1}"
        return ""
