"""ODT: DOIs become live Zotero citations between reference marks, with a bibliography in a section of its own.

The view of a document is its paragraphs, one a line, in their order; notes stand where they are anchored. Edits are
made on the bytes of `content.xml`. Headers, footers and comments are no manuscript and stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO

from refkit.errors import LibraryError, ReadError
from refkit.finding.links import in_link
from refkit.manuscripts import Choose, Cited, Manuscript, Wanted, Written, prose
from refkit.manuscripts.byte_parts import Part
from refkit.manuscripts.layout import Layout, masked
from refkit.manuscripts.layout import Link as Shown
from refkit.manuscripts.odt_citing import Citing
from refkit.manuscripts.odt_flow import PREFIXES, Flow, Link, Mark, Paragraph
from refkit.manuscripts.packed_citing import hide
from refkit.manuscripts.wording import REFERENCE_HEADING
from refkit.manuscripts.zotero_fields import CitationCode, read_citation
from refkit.model import Span
from refkit.packages import Package


@dataclass(slots=True)
class State:
    """What `read` found out for `write`."""

    name: str
    flow: Flow
    held: Mapping[str, bytes]
    links: dict[Span, Link] = field(default_factory=dict)
    codes: list[tuple[Mark, CitationCode | None]] = field(default_factory=list)
    references: list[list[Paragraph]] = field(default_factory=list)


def lock_names(name: str) -> tuple[str, ...]:
    """The names of the files that lie beside a document while LibreOffice has it open."""
    return (f".~lock.{name}#",)


def read(data: bytes, name: str, wanted: Wanted) -> Manuscript:
    """Where citations may come; see `PackedKind`. Raises `LibraryError` for a document that is encrypted, signed or
    damaged."""
    held = _members(data, name)
    flow = Flow(Part(held["content.xml"], name, "content.xml", PREFIXES))
    state = State(name, flow, held)
    layout = Layout()
    _lay_out(state, layout, wanted)
    written = [hidden.span for hidden in layout.hidden if not hidden.why]
    clusters, left = prose.find(masked(flow.text, written), layout, everything=wanted.everything)

    def place(span: Span) -> str:
        return f"paragraph {flow.paragraph_at(span.start).number + 1}"

    return Manuscript(
        "odt",
        flow.text,
        tuple(
            replace(cluster, items=tuple(replace(item, place=place(item.span)) for item in cluster.items))
            for cluster in clusters
        ),
        cited=tuple(_cited(state)),
        left=tuple(replace(one, place=place(one.span)) for one in left),
        syntax="zotero",
        state=state,
    )


def write(manuscript: Manuscript, data: bytes, choose: Choose, wanted: Wanted) -> Written:
    """The document with its citations; see `PackedKind`."""
    return Citing(manuscript, data, wanted).written(choose)


def view(data: bytes, name: str) -> str:
    """The view of a document alone."""
    return Flow(Part(_members(data, name)["content.xml"], name, "content.xml", PREFIXES)).text


def _members(data: bytes, name: str) -> dict[str, bytes]:
    try:
        package = Package(BytesIO(data), name)
        if "content.xml" not in package:
            raise LibraryError(f"{name} is a ZIP container, but no OpenDocument text (content.xml is missing).")
        if "META-INF/documentsignatures.xml" in package:
            raise LibraryError(
                f"{name} is signed, and any change would break the signature.",
                "Remove the signature in LibreOffice (File, Digital Signatures), then run refkit again.",
            )
        names = ("content.xml", "meta.xml", "styles.xml", "META-INF/manifest.xml")
        held = {one: package.read(one) for one in names}
    except ReadError as error:
        raise LibraryError(error.message, error.hint) from error
    if b"encryption-data" in held["META-INF/manifest.xml"]:
        raise LibraryError(f"{name} is encrypted and needs a password.", "Save a copy without one, and cite in that.")
    return held


def _lay_out(state: State, layout: Layout, wanted: Wanted) -> None:
    """Say what is no prose: text that must stay, links that lead to DOIs, reference lists, marks."""
    flow = state.flow
    pieces = (piece for one in flow.paragraphs for piece in one.pieces)
    hide(layout, ((Span(piece.view, piece.view + len(piece.text)), piece.barrier) for piece in pieces))
    for link in flow.links:
        span = link.span
        if span is not None and span not in state.links and in_link(link.target) and "\n" not in span.of(flow.text):
            layout.links.append(Shown(span, link.target, span))
            state.links[span] = link
    layout.links.sort(key=lambda one: one.span)
    state.codes = [(mark, read_citation(mark.name)) for mark in flow.marks]
    for paragraphs in _lists(flow):
        state.references.append(paragraphs)
        if not wanted.references:
            last = paragraphs[-1]
            layout.references.append(Span(paragraphs[0].view, last.view + len(last.text)))


def _lists(flow: Flow) -> list[list[Paragraph]]:
    """The written reference lists: the paragraphs behind a heading such as "References", up to the next heading."""
    body = [one for one in flow.paragraphs if not one.depth and not one.note]
    found = []
    for number, paragraph in enumerate(body):
        if not REFERENCE_HEADING.fullmatch(paragraph.text.strip()):
            continue
        rest: list[Paragraph] = []
        for one in body[number + 1 :]:
            if one.heading:
                break
            rest.append(one)
        while rest and not rest[-1].text.strip():
            rest.pop()
        if any(one.text.strip() for one in rest):
            found.append(rest)
    return found


def _cited(state: State) -> list[Cited]:
    cited = []
    for mark, code in state.codes:
        if code is None:
            continue
        paragraph = state.flow.paragraphs[min(mark.paragraph, len(state.flow.paragraphs) - 1)]
        span = Span(paragraph.view, paragraph.view)
        for work in code.works:
            key = str(work.data.get("citation-key") or "")
            cited.append(Cited(key, span, f"paragraph {paragraph.number + 1}", work.work))
    return cited
