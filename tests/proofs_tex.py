"""TeX's own programs over every entry that refkit writes: `python -m tests.proofs_tex`.

Needs Debian's biber, texlive-latex-base, texlive-bibtex-extra, texlive-latex-recommended, texlive-fonts-recommended
and lmodern; what is absent is skipped with a message. The works are those of the examples and, where it is there, of
the corpus. It prints what each program says, counted, and exits with 1 where one fails.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from refkit import keys
from refkit.formats import by_name
from refkit.model import Entry, Origin, Work
from refkit.settings import Settings
from refkit.sources.crossref_work import work_from_record
from tests.works import ROOT, examples

CORPUS = ROOT.parent / "shared" / "corpus" / "crossref" / "works.jsonl.gz"
STYLES = ("plain", "apalike", "unsrtnat")
# What a record does not have, no writer can give.
MISSING = re.compile(
    r"empty (?:author|title|year|journal|booktitle|publisher|school|institution|author and editor|editor)|Missing mand"
)
DOCUMENT = r"""\documentclass{article}
%s
\begin{document}\nocite{*}
%s
\end{document}
"""


def works() -> list[Work]:
    """The works of the examples and of the corpus."""
    found = examples()
    if CORPUS.exists():
        with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
            found += [work_from_record(json.loads(line), origin=Origin("crossref")) for line in lines]
    return found


def run(folder: Path, *command: str) -> tuple[int, str]:
    """A program's exit code and all that it said."""
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=1800)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def said(text: str, pattern: str) -> Counter[str]:
    """The lines that match, counted, without keys and numbers."""
    lines = (line for line in text.splitlines() if re.search(pattern, line))
    return Counter(re.sub(r"'[^']*'|\([^()]*\)| in \w+$|for entry \w+|\d+", "…", line).strip() for line in lines)


def report(name: str, code: int, counts: Counter[str]) -> bool:
    """Print what a program said; whether all of it is what records lack."""
    print(f"{name}: exit {code}")
    for line, count in counts.most_common(12):
        print(f"  {count:5} {line}")
    return code == 0 or not any(not MISSING.search(line) for line in counts)


def main() -> int:
    """Run every program that is there."""
    all_works = works()
    entries = [Entry(key, work) for key, work in zip(keys.assign(all_works), all_works, strict=True)]
    print(f"{len(entries)} entries")
    good = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, form, settings in (
            ("classic.bib", "bibtex", Settings(letters="latex")),
            ("unicode.bib", "bibtex", Settings()),
            ("biblatex.bib", "biblatex", Settings()),
        ):
            chosen = entries
            if file == "classic.bib":  # pdflatex has no letters but those that LaTeX has commands for
                chosen = [entry for entry in entries if by_name(form).dump([entry], settings).isascii()]
                print(f"{len(entries) - len(chosen)} entries have letters that are beyond pdflatex")
            (folder / file).write_text(by_name(form).dump(chosen, settings), encoding="utf-8")
        if shutil.which("biber"):
            code, text = run(
                folder, "biber", "--tool", "--validate-datamodel", "--nolog", "-O", "out.bib", "biblatex.bib"
            )
            good &= report("biber --tool --validate-datamodel", code, said(text, "WARN|ERROR"))
        else:
            print("biber is not here: skipped")
        for style in STYLES if shutil.which("bibtex") else ():
            aux = f"\\relax\n\\citation{{*}}\n\\bibstyle{{{style}}}\n\\bibdata{{unicode}}\n"
            (folder / "a.aux").write_text(aux, encoding="utf-8")
            code, text = run(folder, "bibtex", "-min-crossrefs=1000", "a.aux")
            good &= report(f"bibtex with {style}", code, said(text, "^Warning|error"))
        for engine, bib, packages in (
            (
                "pdflatex",
                "classic",
                "\\usepackage[T1]{fontenc}\n\\usepackage{lmodern,textcomp,amssymb,amsmath,natbib,url}",
            ),
            ("lualatex", "unicode", "\\usepackage{fontspec,amsmath,amssymb,natbib,url}"),
        ):
            if not shutil.which(engine):
                print(f"{engine} is not here: skipped")
                continue
            good &= typeset(folder, engine, bib, packages)
    return 0 if good else 1


def typeset(folder: Path, engine: str, bib: str, packages: str) -> bool:
    """Typeset a bibliography of everything; whether there was no error."""
    body = f"\\bibliographystyle{{plainnat}}\\bibliography{{{bib}}}"
    (folder / "t.tex").write_text(DOCUMENT % (packages, body), encoding="utf-8")
    run(folder, engine, "-interaction=nonstopmode", "t.tex")
    run(folder, "bibtex", "-min-crossrefs=1000", "t")
    code, text = run(folder, engine, "-interaction=nonstopmode", "-file-line-error", "t.tex")
    errors = said(text, r"^\./t\.\w+:\d+: |^! ")
    print(f"{engine}: exit {code}, {sum(errors.values())} errors")
    for line, count in errors.most_common(12):
        print(f"  {count:5} {line}")
    return not errors


if __name__ == "__main__":
    sys.exit(main())
