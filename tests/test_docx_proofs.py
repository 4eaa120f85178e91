"""Other programs read what refkit writes into DOCX and ODT: pandoc the citations' records, LibreOffice all of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from refkit.manuscripts import docx, odt
from tests import word_files as files
from tests.word_files import p, wanted

CRICK, VENTER, HUANG = "10.1038/171737a0", "10.1126/science.1058040", "10.1016/S0140-6736(20)30183-5"
NOTE = str(Path(__file__).parent / "samples" / "styles" / "note.csl")
REFERENCE = '<w:r><w:footnoteReference w:id="2"/></w:r>'
FOOTNOTES = "".join(
    f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
)
FOOTNOTES += f'<w:footnote w:id="2">{p("<w:r><w:footnoteRef/></w:r>", f" In a note: doi:{VENTER}.")}</w:footnote>'


def made(kind: ModuleType, style: str = "") -> bytes:
    """A cited document with citations in the text and in a note."""
    if kind is docx:
        body = p(f"Cells (see https://doi.org/{CRICK}, pp. 3–5; {VENTER}).", REFERENCE, f" Clinics ({HUANG}).")
        data = files.docx(p("On cells", style="Heading1"), body, footnotes=FOOTNOTES)
    else:
        note = (
            '<text:note text:id="ftn1" text:note-class="footnote"><text:note-citation>1</text:note-citation>'
            f"<text:note-body><text:p>In a note: doi:{VENTER}.</text:p></text:note-body></text:note>"
        )
        data = files.odt(f"Cells (see https://doi.org/{CRICK}, pp. 3–5; {VENTER}).{note} Clinics ({HUANG}).")
    want = wanted(style)
    written = kind.write(kind.read(data, "paper", want), data, files.choosing, want).data
    assert isinstance(written, bytes)
    return written


def test_pandoc_reads_the_fields_with_their_records(tmp_path: Path) -> None:
    pypandoc = pytest.importorskip("pypandoc")
    (tmp_path / "paper.docx").write_bytes(made(docx))
    markdown = pypandoc.convert_file(str(tmp_path / "paper.docx"), "markdown", format="docx+citations")
    assert "[see @watson1953, page 3--5 ; @venter2001]" in " ".join(markdown.split())
    assert "[@huang2020]" in markdown
    records = json.loads(pypandoc.convert_file(str(tmp_path / "paper.docx"), "csljson", format="docx+citations"))
    assert {one["DOI"] for one in records} == {CRICK, VENTER, HUANG.lower()}
    assert {one["title"] for one in records} >= {"Clinical features <i>in vivo</i> & more"}


@pytest.mark.parametrize("kind", [docx, odt], ids=["docx", "odt"])
def test_libreoffice_opens_and_saves_it(kind: ModuleType, tmp_path: Path) -> None:
    if not shutil.which("soffice"):  # no package that pip can install, so a machine may lack it
        pytest.skip("LibreOffice is not installed")
    suffix = kind.__name__.rpartition(".")[2]
    styles = {"author-date": "", "numeric": "numeric", "note": NOTE}
    for name, style in styles.items():
        (tmp_path / f"{name}.{suffix}").write_bytes(made(kind, style))
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to"),
            *("docx:MS Word 2007 XML" if kind is docx else "odt", "--outdir", str(tmp_path / "saved")),
            *(str(tmp_path / f"{name}.{suffix}") for name in styles),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    for name, style in styles.items():
        data, saved = ((tmp_path / part / f"{name}.{suffix}").read_bytes() for part in ("", "saved"))
        before, after = (kind.read(one, f"paper.{suffix}", wanted(style)) for one in (data, saved))
        assert [one.key for one in after.cited] == [one.key for one in before.cited]
        assert sorted(after.text.split()) == sorted(before.text.split())
        assert kind.write(after, saved, files.choosing, wanted(style)).data is None
