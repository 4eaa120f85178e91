"""Jupyter notebooks: the source of all cells; outputs are left out (nbformat 4, and 3's worksheets)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from refkit.errors import ReadError
from refkit.model import Document, Link, Meta, Note, Severity
from refkit.readers import Limits, OpenSibling
from refkit.readers.markup import View
from refkit.readers.text import decode


def read(stream: BinaryIO, name: str, limits: Limits, open_sibling: OpenSibling | None) -> Iterator[Document]:
    """Read a notebook as one Document, its cells as breaks; see `refkit.readers.read`."""
    data = stream.read(limits.whole + 1)
    if len(data) > limits.whole:
        raise ReadError(f"{name} is larger than {limits.whole >> 20} MB.", "Clear its outputs, or raise the limit.")
    text, encoding, notes = decode(data)
    try:
        notebook = json.loads(text)
        cells = _cells(notebook)
    except (ValueError, RecursionError) as error:
        said = f"The notebook is no valid JSON ({error}); it was read as plain text."
        yield Document(name, "text", text, encoding=encoding, notes=(*notes, Note("not-json", said, Severity.WARNING)))
        return
    view = View()
    for number, cell in enumerate(cells, 1):
        view.line()
        view.at(f"cell {number}")
        source = cell.get("source", cell.get("input", ""))
        view.add("".join(map(str, source)) if isinstance(source, list) else str(source))
        _citations(cell.get("metadata"), view, f"cell {number}, metadata")
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    _citations(metadata, view, "notebook metadata")
    title = metadata.get("title") if isinstance(metadata, dict) else None
    meta = (Meta("notebook title", title),) if isinstance(title, str) else ()
    yield Document(
        name,
        "notebook",
        view.text,
        encoding=encoding,
        breaks=tuple(view.breaks),
        links=tuple(view.links),
        meta=meta,
        notes=notes,
    )


def _cells(notebook: Any) -> list[dict[str, Any]]:
    if not isinstance(notebook, dict):
        raise ValueError("it is no object")
    sheets = notebook.get("worksheets")
    lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
    lists.append(notebook.get("cells"))
    cells = [cell for cells in lists if isinstance(cells, list) for cell in cells if isinstance(cell, dict)]
    if not cells and "cells" not in notebook and not lists[:-1]:
        raise ValueError("it has no cells")
    return cells


def _citations(value: Any, view: View, place: str) -> None:
    """Zotero plug-ins of Jupyter keep the cited items as CSL-JSON in the metadata."""
    stack = [(value, 0)]
    while stack:
        inner, depth = stack.pop()
        if depth > 20:
            continue
        if isinstance(inner, dict):
            for key, item in inner.items():
                if key in ("DOI", "doi") and isinstance(item, str):
                    view.links.append(Link(item, None, place))
                else:
                    stack.append((item, depth + 1))
        elif isinstance(inner, list):
            stack.extend((item, depth + 1) for item in inner)
