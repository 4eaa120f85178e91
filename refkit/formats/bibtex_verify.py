"""Whether an edited BibTeX library holds what it should: nothing else moved, nothing is lost, what is new can be read.

The whole is scanned anew; what was edited, with its neighbours, is read by bibtexparser as well, and must not be read
otherwise than before.
"""

from __future__ import annotations

from collections.abc import Sequence

from refkit.formats import bibtex_check
from refkit.formats.bibtex_scan import Block, scan
from refkit.model import Edit


def verdict(text: str, blocks: Sequence[Block], edited: str, edits: Sequence[Edit]) -> str:
    """ "" where all is well, else a sentence that says what is wrong.

    Parameters: `blocks`, those of `text`; `edited`, the text after `edits`.
    """
    shift, at = 0, 0
    moved: list[tuple[int, int, int]] = []  # start and end of each kept stretch, and how far it moved
    for edit in edits:
        if edit.span.start < at or edit.span.end > len(text):
            return f"The edit at {edit.span.start} overlaps another or lies outside the file."
        moved.append((at, edit.span.start, shift))
        if text[at : edit.span.start] != edited[at + shift : edit.span.start + shift]:
            return f"Something other than the edits changed between {at} and {edit.span.start}."
        new = edit.span.start + shift
        if edited[new : new + len(edit.text)] != edit.text:
            return f"The edit at {edit.span.start} was not carried out."
        at = edit.span.end
        shift += len(edit.text) - (edit.span.end - edit.span.start)
    moved.append((at, len(text), shift))
    if text[at:] != edited[at + shift :]:
        return f"Something other than the edits changed behind {at}."
    return _blocks(text, blocks, edited, edits)


def _blocks(text: str, blocks: Sequence[Block], edited: str, edits: Sequence[Edit]) -> str:
    after = {block.start: block for block in scan(edited) if block.kind != "text"}
    keys = {block.key.lower() for block in blocks if block.kind == "entry"}
    shift, index = 0, 0
    touched: list[Block] = []
    for block in blocks:
        if block.kind == "text":
            continue
        while index < len(edits) and edits[index].span.end <= block.start:
            shift += len(edits[index].text) - (edits[index].span.end - edits[index].span.start)
            index += 1
        inside = index
        grown = 0
        while inside < len(edits) and edits[inside].span.start < block.end:
            grown += len(edits[inside].text) - (edits[inside].span.end - edits[inside].span.start)
            inside += 1
        if inside > index and edits[index].span.start <= block.start and edits[index].span.end >= block.end:
            keys.discard(block.key.lower())
            continue
        found = after.pop(block.start + shift, None)
        if (
            found is None
            or (found.kind, found.key) != (block.kind, block.key)
            or found.end != block.end + shift + grown
        ):
            return f"The block {block.key or '@' + block.type} at {block.start} would not be read as before."
        if inside > index:
            if (complaint := _changed(block, found)) != "":
                return complaint
            if not bibtex_check.check(text[block.start : block.end]):
                touched.append(found)
    return _added(after, keys) or _second_opinion(edited, [*touched, *after.values()])


def _changed(old: Block, new: Block) -> str:
    names = [name for name, _ in new.pairs]
    for name, _ in old.pairs:
        if name not in names:
            return f"The field {name} of the entry {old.key} would be lost."
    if new.problem and not old.problem:
        return f"The entry {old.key} would not be well-formed: {new.problem}."
    return ""


def _added(after: dict[int, Block], keys: set[str]) -> str:
    for block in after.values():
        if block.kind != "entry":
            return f"A block @{block.type} would appear at {block.start}."
        if block.problem:
            return f"The new entry {block.key} would not be well-formed: {block.problem}."
        if block.key.lower() in keys:
            return f"The key {block.key} would be used twice."
        keys.add(block.key.lower())
    return ""


def _second_opinion(edited: str, blocks: Sequence[Block]) -> str:
    """Whether bibtexparser reads the edited entries as refkit does.

    Parameters: `blocks`, those of `edited` that are new or changed and were read alike before.
    """
    for note in bibtex_check.check("\n\n".join(edited[block.start : block.end] for block in blocks)):
        return note.message
    return ""
