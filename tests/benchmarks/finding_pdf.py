"""Pages a second in PDFs against bare pypdfium2 on the same files: `python tests/benchmarks/finding_pdf.py`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from refkit import finding, readers, workers  # noqa: E402
from refkit.errors import ReadError  # noqa: E402
from refkit.model import Findings  # noqa: E402


def find(path: str) -> Findings:
    """Read one file and find its DOIs; what a worker is handed."""
    with Path(path).open("rb") as stream:
        return finding.scan(readers.read(stream, path))


def _bare(paths: list[str]) -> int:
    import pypdfium2

    pages = 0
    for path in paths:
        document = pypdfium2.PdfDocument(path)
        for page in document:
            page.get_textpage().get_text_range()
            pages += 1
        document.close()
    return pages


def _readable(folder: Path) -> list[str]:
    paths = []
    for path in sorted(folder.glob("*.pdf")):
        try:
            if path.read_bytes()[:1024].find(b"%PDF-") >= 0 and find(str(path)):
                paths.append(str(path))
        except ReadError:
            continue
    return paths


def _seconds(task: Callable[[], object], clock: Callable[[], float]) -> float:
    runs = []
    for _ in range(3):
        started = clock()
        task()
        runs.append(clock() - started)
    return min(runs)


def main() -> None:
    """Print pages a second and the ratios."""
    folder = ROOT.parent / "shared" / "corpus" / "documents" / "pdf"
    if not folder.is_dir():
        sys.exit("needs the corpus in ../shared/corpus, which is not here")
    paths = _readable(folder)
    pages = _bare(paths)
    bare = _seconds(lambda: _bare(paths), time.process_time)
    ours = _seconds(lambda: [find(path) for path in paths], time.process_time)
    print(f"{len(paths)} files, {pages} pages; bare pypdfium2 {pages / bare:.0f} pages/s, refkit {pages / ours:.0f}, ")
    print(f"ratio {bare / ours:.2f} on one core (processor time)")
    many = paths * 2
    one = _seconds(lambda: list(workers.each(_task(), many, processes=1, seconds=60)), time.perf_counter)
    two = _seconds(lambda: list(workers.each(_task(), many, processes=2, seconds=60)), time.perf_counter)
    print(f"{len(many)} files: one worker {one:.1f} s, two workers {two:.1f} s, ratio {one / two:.2f} (wall clock)")


def _task() -> Callable[[str], Findings]:
    # A worker imports its task by name, which a script's own functions do not have.
    sys.path.insert(0, str(Path(__file__).parent))
    import finding_pdf

    return finding_pdf.find


if __name__ == "__main__":
    main()
