"""Golden cases: `record.json` of each folder in `samples/formats`, and beside it what every dialect makes of it.

`--accept` writes the expected files anew; their diff is the review.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from refkit import keys
from refkit.formats import by_name
from refkit.model import Entry, Origin, Work
from refkit.settings import Settings
from refkit.sources import crossref_work, datacite_work

SAMPLES = sorted(path.parent for path in (Path(__file__).parent / "samples" / "formats").glob("*/record.json"))
OUTPUTS = {
    "bibtex.bib": ("bibtex", Settings()),
    "latex.bib": ("bibtex", Settings(letters="latex", leave_out=("abstract",))),
    "biblatex.bib": ("biblatex", Settings()),
    "standard.ris": ("ris", Settings()),
    "zotero.ris": ("ris", Settings(ris_dialect="zotero")),
    "csl.json": ("csljson", Settings()),
}


def work_of(folder: Path) -> Work:
    """The work of a sample's record: DataCite's have attributes."""
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    read = datacite_work.work_from_record if "attributes" in record else crossref_work.work_from_record
    return read(record, origin=Origin("records"))


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda folder: folder.name)
def test_samples(folder: Path, accept: bool) -> None:
    work = work_of(folder)
    entry = Entry(keys.assign([work])[0], work)
    for name, (form, settings) in OUTPUTS.items():
        text = by_name(form).dump([entry], settings).encode("utf-8")
        if accept:
            (folder / name).write_bytes(text)
        assert text.decode("utf-8") == (folder / name).read_bytes().decode("utf-8")
