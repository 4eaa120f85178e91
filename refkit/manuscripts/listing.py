"""A written reference list gives way to the command that prints the bibliography, where nothing is lost by it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from refkit.manuscripts import Choose, Chosen, Item, Manuscript, Wanted, Written
from refkit.model import Edit, Note, Severity, Span

IN_LIST = "it stands in the written reference list"
"""Why a DOI in a reference list is left alone."""

_ENTRY = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)]|\[\d{1,3}\]|\.\. \[)[ \t]*|\n[ \t]*\r?\n", re.MULTILINE)
_BIBITEM = re.compile(r"\\bibitem\s*(?:\[(?:[^\[\]{}]|\{[^{}]*\})*\])?\s*\{([^{}]*)\}")
_MARKER = re.compile(r"(?<![\w\]!\\])\[\d{1,3}(?:\s*[,;\u2013-]\s*\d{1,3})*\](?![(\[:\w])")


def listed(manuscript: Manuscript) -> list[Item]:
    """The DOIs of the written reference lists."""
    return [
        Item(left.span, left.written, left.readings, why=left.why, place=left.place)
        for left in manuscript.left
        if left.why == IN_LIST
    ]


def with_bibliography(
    manuscript: Manuscript, written: Written, choose: Choose, wanted: Wanted, command: str
) -> Written:
    """What was written, and each reference list replaced by `command` where every entry of it has its own in the
    library; else a note says which has not.

    Parameters: `command`, what prints the bibliography in this kind, "" where the manuscript has it already.
    """
    if not wanted.references:
        return written
    edits, notes = list(written.edits), list(written.notes)
    for span in manuscript.lists:
        found = list(_entries(manuscript, span, choose))
        if not found or re.search(r"\{#refs\}|\\printbibliography|bibliography::", span.of(manuscript.text)):
            continue
        without = [piece for _, piece, chosen in found if chosen is None]
        if without:
            notes.append(
                _kept(manuscript, span, f"{_short(without[0].of(manuscript.text))!r} has no entry in the library")
            )
        elif _has_markers(manuscript, span):
            notes.append(
                _kept(manuscript, span, "the text refers to it by numbers in brackets, which would be left alone")
            )
        else:
            edits.append(_replaced(manuscript, span, command))
            edits += _renamed(manuscript, found)
            notes += _uncited(manuscript, written, found)
    return replace(written, edits=sorted(edits, key=lambda edit: edit.span), notes=notes)


Entries = Sequence[tuple[str, Span, Chosen | None]]


def _entries(manuscript: Manuscript, span: Span, choose: Choose) -> Iterator[tuple[str, Span, Chosen | None]]:
    """The entries of a list: the key that LaTeX gives it or "", where it stands, and what its DOI is."""
    text = span.of(manuscript.text)
    items = [item for item in listed(manuscript) if span.start <= item.span.start < span.end]
    marks = list(_BIBITEM.finditer(text)) or list(_ENTRY.finditer(text))
    latex = bool(marks) and marks[0].re is _BIBITEM
    starts = [mark.start() if latex else mark.end() for mark in marks]
    starts = starts if latex else [0, *starts]
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else len(text)
        piece = Span(span.start + start, span.start + end)
        words = piece.of(manuscript.text)
        if not re.search(r"\w{3}", words) or words.lstrip().startswith((":::", "<!--", "..", "\\end")):
            continue
        inside = [item for item in items if piece.start <= item.span.start < piece.end]
        chosen = next((one for item in inside if (one := choose(item)) is not None), None)
        yield (marks[index][1].strip() if latex else ""), piece, chosen


def _has_markers(manuscript: Manuscript, span: Span) -> bool:
    text = manuscript.text
    return manuscript.kind != "latex" and _MARKER.search(text[: span.start] + text[span.end :]) is not None


def _replaced(manuscript: Manuscript, span: Span, command: str) -> Edit:
    text = manuscript.text
    if manuscript.kind == "latex":
        return Edit(span, command)
    newline = "\r\n" if "\r\n" in text else "\n"
    heading = (
        "" if text[span.start : span.start + 1] in ("\n", "\r") else text[span.start : text.find("\n", span.start)]
    )
    start = span.start + len(heading)
    body = command.replace("\n", newline)
    return Edit(Span(start, span.end), f"{newline}{newline}{body}{newline}" + (newline if span.end < len(text) else ""))


def _renamed(manuscript: Manuscript, found: Entries) -> list[Edit]:
    """Citations of the list's own keys become citations of the library's."""
    keys = {key: chosen.key for key, _, chosen in found if key and chosen}
    return [Edit(one.span, keys[one.key]) for one in manuscript.cited if keys.get(one.key, one.key) != one.key]


def _uncited(manuscript: Manuscript, written: Written, found: Entries) -> list[Note]:
    cited = {one.key for one in manuscript.cited}
    new = "".join(edit.text for edit in written.edits)
    lost = [c.key for key, _, c in found if c and c.key not in cited and key not in cited and c.key not in new]
    if not lost or manuscript.all_cited:
        return []
    said = f"The text does not cite {', '.join(lost)} of the reference list that was replaced."
    return [Note("list-uncited", said, Severity.WARNING)]


def _kept(manuscript: Manuscript, span: Span, why: str) -> Note:
    line = manuscript.text.count("\n", 0, span.start) + 1
    return Note("list-kept", f"The reference list stays: {why}.", Severity.WARNING, place=f"line {line}")


def _short(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= 60 else flat[:59] + "…"
