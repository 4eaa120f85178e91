"""Other programs build the sample manuscripts after refkit cited in them: `python -m tests.proofs_manuscripts`.

Needs pandoc (`pypandoc_binary`) and `typst`, both from PyPI, Debian's biber, texlive-latex-base, texlive-bibtex-extra
and texlive-latex-recommended, and a `sphinx-build` on the PATH with sphinxcontrib-bibtex and myst-parser; one that
is absent is skipped with a message. It prints what each program says of each manuscript, and exits with 1 where one
fails or leaves a citation without its entry.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.manuscript_samples import SAMPLES, bibtex, cited

PANDOC_READS = {
    ".md": "markdown",
    ".qmd": "markdown",
    ".org": "org",
    ".tex": "latex+raw_tex",
    ".ipynb": "ipynb+citations",
}


def pandoc() -> str | None:
    """The newest pandoc there is."""
    try:
        import pypandoc

        return str(pypandoc.get_pandoc_path())
    except (ImportError, OSError):
        return shutil.which("pandoc")


def run(folder: Path, *command: str) -> tuple[int, str]:
    """A program's exit code and all that it said."""
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=600)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def samples(*suffixes: str) -> Iterator[tuple[Path, str]]:
    """The samples with these suffixes, and their texts with citations."""
    for path in sorted(SAMPLES.glob("*/*")):
        if path.suffix in suffixes:
            yield path, cited(path, path.read_bytes().decode("utf-8"))[2]


def in_folder(name: str, text: str) -> tempfile.TemporaryDirectory[str]:
    """A folder with the manuscript and its library."""
    folder = tempfile.TemporaryDirectory()
    Path(folder.name, name).write_text(text, encoding="utf-8", newline="")
    dialect = "biblatex" if "biblatex" in name else "bibtex"
    Path(folder.name, "refs.bib").write_text(bibtex(dialect), encoding="utf-8")
    return folder


def by_pandoc(path: Path, text: str) -> str:
    """ "" where pandoc's citeproc resolves every citation of the manuscript, else what is wrong."""
    program = pandoc()
    if program is None:
        return "skipped: pandoc is not here"
    with in_folder(path.name, text) as folder:
        code, said = run(
            Path(folder), program, path.name, "-f", PANDOC_READS[path.suffix], "--citeproc", "--bibliography",
            "refs.bib", "-t", "json",
        )  # fmt: skip
        if code:
            return said.strip()
        wrong = re.findall(r"citation (\S+) not found", said)
        # Other programs' cross-references look like citations to pandoc alone.
        return ", ".join(key for key in wrong if not re.match(r"(?:fig|sec|tbl|eq)-|10\.", key))


def by_tex(path: Path, text: str) -> str:
    """ "" where LaTeX and BibTeX (or biber) build the manuscript without an undefined citation."""
    if shutil.which("pdflatex") is None:
        return "skipped: pdflatex is not here"
    biblatex = "biblatex" in text
    tool = "biber" if biblatex else "bibtex"
    if shutil.which(tool) is None:
        return f"skipped: {tool} is not here"
    # What the samples name but do not bring along.
    packages = "\\usepackage{hyperref,graphicx,verbatim}\\DeclareUrlCommand\\doi{\\urlstyle{rm}}"
    text = text.replace("\\begin{document}", f"{packages}\n\\begin{{document}}", 1)
    text = re.sub(r"\\includegraphics\{[^}]*\}", "", text)
    with in_folder(path.name, text) as folder:
        place = Path(folder)
        latex = ("pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name)
        for command in (latex, (tool, path.stem), latex, latex):
            code, said = run(place, *command)
            if code > (1 if command[0] == "bibtex" else 0):
                return f"{command[0]}: {said.strip()[-400:]}"
        undefined = re.findall(r"Citation [`']([^']+)'[^.]*undefined", said)
        return ", ".join(undefined)


def by_typst(path: Path, text: str) -> str:
    """ "" where Typst compiles the manuscript."""
    try:
        import typst
    except ImportError:
        return "skipped: typst is not here"
    with in_folder(path.name, text) as folder:
        try:
            typst.compile(str(Path(folder, path.name)), output=str(Path(folder, "out.pdf")))
        except Exception as error:  # noqa: BLE001  # its own error types differ from release to release
            return str(error)
    return ""


CONF = """
extensions = ["sphinxcontrib.bibtex", "myst_parser", "sphinx.ext.extlinks"]
bibtex_bibfiles = ["refs.bib"]
myst_enable_extensions = ["colon_fence"]
extlinks = {"doi": ("https://doi.org/%s", "doi:%s")}
"""


def by_sphinx(path: Path, text: str) -> str:
    """ "" where Sphinx builds the manuscript and finds every key."""
    program = shutil.which("sphinx-build")
    if program is None:
        return "skipped: sphinx-build is not here"
    with in_folder(path.name, text) as folder:
        place = Path(folder)
        place.joinpath("conf.py").write_text(CONF, encoding="utf-8")
        listed = "" if "bibliography::" in text else "\n\n.. bibliography::\n"
        if listed and path.suffix == ".md":
            listed = "\n\n```{bibliography}\n```\n"
        place.joinpath(path.name).write_text(text + listed, encoding="utf-8")
        place.joinpath("index.rst").write_text(f"Index\n=====\n\n.. toctree::\n\n   {path.stem}\n", encoding="utf-8")
        code, said = run(place, program, "-q", "-b", "html", ".", "out")
        wrong = [line for line in said.splitlines() if re.search(r"could not find bibtex key|ERROR|CRITICAL", line)]
        html = place.joinpath("out", f"{path.stem}.html")
        shown = html.read_text(encoding="utf-8") if html.exists() else ""
        raw = re.findall(r"(?::cite:[pt]:|\{cite:[pt]\})`[^`]*`", shown)
        return "; ".join([*(["it fails"] if code else []), *wrong, *raw])


PROOFS = (
    (by_pandoc, (".md", ".qmd", ".org", ".tex", ".ipynb")),
    (by_tex, (".tex",)),
    (by_typst, (".typ",)),
    (by_sphinx, (".rst", ".md")),
)


def main() -> int:
    """Run all proofs over all samples that they are for."""
    failed = 0
    for proof, suffixes in PROOFS:
        for path, text in samples(*suffixes):
            if proof is by_sphinx and path.suffix == ".md" and "{cite" not in text:
                continue
            if proof is by_pandoc and path.stem in ("myst", "obsidian", "orgref"):
                continue  # their citations are not pandoc's
            wrong = proof(path, text)
            failed += bool(wrong) and not wrong.startswith("skipped")
            print(f"{proof.__name__:<10} {path.parent.name}/{path.name}: {wrong or 'every citation is found'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
