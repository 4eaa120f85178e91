"""The command as a user meets it: exit codes, what goes where, and that a second run changes nothing.

All of it offline, from the examples; what a service adds is in tests/test_cli_online.py.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RECORDS = ROOT / "examples" / "records.jsonl"
SEED = "10.1016/j.msard.2023.105400"
WATSON = "10.1038/171737a0"
Done = subprocess.CompletedProcess[bytes]


def refkit(*arguments: str | Path, stdin: bytes = b"", cwd: Path = ROOT) -> Done:
    command = [sys.executable, "-m", "refkit", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def offline(*arguments: str | Path, stdin: bytes = b"", cwd: Path = ROOT) -> Done:
    return refkit("enrich", *arguments, "--records", RECORDS, "--offline", stdin=stdin, cwd=cwd)


def report_of(path: Path) -> dict[str, list[dict[str, object]]]:
    value: dict[str, list[dict[str, object]]] = json.loads(path.read_text(encoding="utf-8"))
    return value


def test_the_seed_gives_its_one_article(tmp_path: Path) -> None:
    out = tmp_path / "refs.bib"
    done = offline("seeds/", "-o", out)
    assert done.returncode == 0, done.stderr.decode()
    text = out.read_text(encoding="utf-8")
    assert text.count("@") == 1
    assert text.startswith("@article{")
    assert SEED in text
    assert "2024" in text
    assert done.stdout == b""


def test_the_second_run_changes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "refs.bib"
    offline("seeds/", "-o", out)
    before = (out.read_bytes(), out.stat().st_mtime_ns, out.stat().st_ino)
    done = offline("seeds/", "-o", out)
    assert done.returncode == 0
    assert b"unchanged" in done.stderr
    assert (out.read_bytes(), out.stat().st_mtime_ns, out.stat().st_ino) == before


def test_another_file_is_not_replaced_unasked(tmp_path: Path) -> None:
    out = tmp_path / "refs.bib"
    out.write_bytes(b"my own")
    done = offline("seeds/", "-o", out)
    assert done.returncode == 2
    assert out.read_bytes() == b"my own"
    assert b"--overwrite" in done.stderr
    assert b"--into" in done.stderr
    assert offline("seeds/", "-o", out, "--overwrite").returncode == 0
    assert SEED.encode() in out.read_bytes()


def test_find_says_why_the_glued_doi_was_cut() -> None:
    done = refkit("find", "seeds/", "--json")
    (document,) = [d for d in json.loads(done.stdout) if d["mentions"]]
    (mention,) = document["mentions"]
    assert mention["doi"] == SEED
    assert "DOI" in mention["why"]
    text = (ROOT / document["path"]).read_text(encoding="utf-8")
    assert text[mention["start"] : mention["end"]] == mention["written"]
    assert set(document) == {"path", "kind", "error", "own", "mentions", "carried"}
    assert set(document["own"]) == {"doi", "verdict", "candidates", "why"}


def test_find_in_a_pipe_is_tab_separated() -> None:
    done = refkit("find", "seeds/")
    header, row = done.stdout.decode().splitlines()
    assert header.split("\t") == ["path", "doi", "place", "role", "confidence", "why"]
    assert row.split("\t")[1] == SEED


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        ([], b"@"),
        (["--format", "biblatex"], b"@"),
        (["--format", "ris"], b"TY  - JOUR\r\n"),
        (["--format", "csljson"], b"["),
    ],
)
def test_dois_named_in_the_call_go_to_standard_output(arguments: list[str], begins: bytes) -> None:
    done = offline(WATSON, *arguments)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(begins)
    assert b"171737a0" in done.stdout


@pytest.mark.parametrize(
    "written", [f"https://doi.org/{WATSON}", f"doi:{WATSON}", f"http://dx.doi.org/{WATSON.upper()}", f"DOI {WATSON}"]
)
def test_a_doi_may_be_named_in_many_ways(written: str) -> None:
    assert b"171737a0" in offline(written).stdout


def test_standard_input_is_a_document() -> None:
    done = offline("-", "--format", "csljson", stdin=f"see {WATSON}.".encode())
    (item,) = json.loads(done.stdout)
    assert item["DOI"] == WATSON
    assert item["id"]


def test_the_suffix_of_the_output_chooses_the_format(tmp_path: Path) -> None:
    for suffix, begins in ((".bib", b"@"), (".ris", b"TY  - "), (".json", b"[")):
        out = tmp_path / f"refs{suffix}"
        assert offline(WATSON, "-o", out).returncode == 0
        assert out.read_bytes().startswith(begins)
    done = offline(WATSON, "-o", tmp_path / "refs.xyz")
    assert done.returncode == 2
    assert b".ris" in done.stderr
    assert not (tmp_path / "refs.xyz").exists()


def test_a_manuscript_gives_every_doi_in_it() -> None:
    done = offline("examples/manuscript.md", "--format", "csljson")
    assert done.returncode == 0, done.stderr.decode()
    found = {item["DOI"].lower() for item in json.loads(done.stdout)}
    assert {SEED, "10.1002/(sici)1097-4571(199009)41:6<391::aid-asi1>3.0.co;2-9", "10.1109/mcse.2011.37"} <= found
    assert len(found) == 10


def test_offline_and_not_at_hand_is_could_not_ask(tmp_path: Path) -> None:
    done = offline("10.5555/not-at-hand", WATSON, "--report", tmp_path / "report.json")
    assert done.returncode == 1
    assert b"171737a0" in done.stdout
    rows = {row["asked"]: row for row in report_of(tmp_path / "report.json")["works"]}
    assert (rows["10.5555/not-at-hand"]["answer"], rows["10.5555/not-at-hand"]["reason"]) == ("failed", "offline")
    assert (rows[WATSON]["answer"], rows[WATSON]["reason"], rows[WATSON]["action"]) == ("found", None, "add")
    assert report_of(tmp_path / "report.json")["requests"] == []


def test_the_report_has_the_fields_of_the_contract(tmp_path: Path) -> None:
    offline("examples/manuscript.md", "--report", tmp_path / "r.json")
    report = report_of(tmp_path / "r.json")
    assert list(report) == [
        *("documents", "works", "library", "duplicates", "citations", "target", "requests", "skipped", "notes")
    ]
    work = report["works"][0]
    assert list(work) == [
        *("asked", "doi", "answer", "reason", "agency", "source", "fetched", "key", "action", "changes", "why")
    ]
    assert set(report["library"]) == {"path", "added", "filled", "refreshed", "conflicts", "same", "asked"}
    mention = report["documents"][0]["mentions"][0]  # type: ignore[index]
    assert list(mention) == [*("doi", "written", "readings", "start", "end", "place", "role", "confidence", "why")]


def test_one_bad_input_never_stops_the_rest(tmp_path: Path) -> None:
    bad = tmp_path / "paper.pdf"
    bad.write_bytes(b"%PDF-1.7\nnothing else")
    good = tmp_path / "notes.md"
    good.write_text(f"see doi:{WATSON}", encoding="utf-8")
    done = offline(bad, good, "--report", tmp_path / "r.json")
    assert done.returncode == 1
    assert b"171737a0" in done.stdout
    errors = {Path(str(d["path"])).name: d["error"] for d in report_of(tmp_path / "r.json")["documents"]}
    assert errors["notes.md"] is None
    assert "paper.pdf" in str(errors["paper.pdf"])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("no-such-file.pdf", b"no file no-such-file.pdf"),
        ("https://example.org/landing", b"no DOI in the address"),
        ("zotero:My Library", b"zotero"),
        ("10.1038/", b"not a DOI"),
    ],
)
def test_an_unusable_input_is_exit_2_and_the_rest_goes_on(given: str, says: bytes) -> None:
    done = offline(given, WATSON)
    assert done.returncode == 2
    assert says.lower() in done.stderr.lower()
    assert b"171737a0" in done.stdout


LIBRARY = (
    b"% mine\r\n@article{Watson1953,\r\n\tauthor = {J. D. Watson and F. H. C. Crick},\r\n"
    b"\tdoi = {10.1038/171737A0}\r\n}\r\n"
)


def test_into_fills_what_is_there_and_the_second_run_changes_nothing(tmp_path: Path) -> None:
    library = tmp_path / "lib.bib"
    library.write_bytes(LIBRARY)
    shown = offline(WATSON, "--into", library, "--dry-run")
    assert shown.stdout.startswith(b"--- ")
    assert library.read_bytes() == LIBRARY
    done = offline(WATSON, "--into", library, "--report", tmp_path / "r.json")
    assert done.returncode == 0, done.stderr.decode()
    filled = library.read_bytes()
    assert [line for line in filled.splitlines() if line in LIBRARY.splitlines()] == LIBRARY.splitlines()
    assert b"\tjournal = {Nature}" in filled
    assert b"\n" not in filled.replace(b"\r\n", b"")
    work = report_of(tmp_path / "r.json")["works"][0]
    assert (work["key"], work["action"]) == ("Watson1953", "fill")
    assert b"unchanged" in offline(WATSON, "--into", library).stderr
    assert library.read_bytes() == filled


def test_a_library_as_input_stays_a_library(tmp_path: Path) -> None:
    library = tmp_path / "lib.bib"
    library.write_bytes(LIBRARY + b"@misc{mine, note = {no DOI}, shelfmark = {K 12}}\r\n")
    done = offline(library)
    assert done.returncode == 0, done.stderr.decode()
    assert [line for line in done.stdout.splitlines() if line in LIBRARY.splitlines()] == LIBRARY.splitlines()
    assert b"@misc{mine, note = {no DOI}, shelfmark = {K 12}}" in done.stdout
    assert b"Nature" in done.stdout
    assert library.read_bytes().endswith(b"{K 12}}\r\n")


@pytest.mark.parametrize("field", [b"url = {https://doi.org/10.1038/171737a0}", b"note = {doi:10.1038/171737A0}"])
def test_an_entry_whose_doi_is_only_a_link_or_a_note_is_filled(tmp_path: Path, field: bytes) -> None:
    library = tmp_path / "lib.bib"
    library.write_bytes(b"@article{w,\n  author = {Watson, J. D. and Crick, F. H. C.},\n  " + field + b"\n}\n")
    assert offline(library, "--into", library).returncode == 0
    assert b"{Nature}" in library.read_bytes()
    assert library.read_bytes().count(b"@") == 1


def test_what_was_overwritten_can_be_had_back(tmp_path: Path) -> None:
    out = tmp_path / "refs.bib"
    out.write_bytes(b"mine\n")
    assert offline(WATSON, "-o", out, "--overwrite").returncode == 0
    assert b"@article" in out.read_bytes()
    assert refkit("undo", out).returncode == 0
    assert out.read_bytes() == b"mine\n"


def test_nothing_is_promised_where_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "refkit.toml").write_text("remember = false\n", encoding="utf-8")
    done = offline(WATSON, "--into", "new.bib", cwd=tmp_path)
    assert b"new.bib: 1 added\n" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.bib", "refkit.toml"]


def test_a_broken_library_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_bytes(b'[{"id": "a", "issued": }]')
    done = offline(WATSON, "--into", tmp_path / "broken.json")
    assert done.returncode == 3
    assert b"broken.json: " in done.stderr
    assert b"line 1, column 24" in done.stderr


def test_what_is_no_text_is_no_library(tmp_path: Path) -> None:
    library = tmp_path / "lib.bib"
    library.write_bytes(bytes(range(256)) * 40)
    done = offline(WATSON, "--into", library)
    assert done.returncode == 2
    assert b"is no text" in done.stderr
    assert library.read_bytes() == bytes(range(256)) * 40


@pytest.mark.skipif(sys.platform == "win32", reason="no such name there")
def test_what_is_said_can_be_put_into_a_shell(tmp_path: Path) -> None:
    library = tmp_path / "-we ird 'n\"ame.bib"
    library.write_bytes(LIBRARY)
    done = offline(WATSON, "--into", f"./{library.name}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    command = re.search(r"\((refkit undo .*) takes it back\)", done.stderr.decode())
    assert command is not None
    assert shlex.split(command[1]) == ["refkit", "undo", f"./{library.name}"]


def test_a_new_file_and_a_library_exclude_each_other(tmp_path: Path) -> None:
    assert offline(WATSON, "--into", tmp_path / "a.bib", "-o", tmp_path / "b.bib").returncode == 2


def test_dry_run_is_a_diff_and_writes_nothing(tmp_path: Path) -> None:
    done = offline(WATSON, "-o", "new.bib", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(b"--- /dev/null\n+++ new.bib\n@@")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.txt", b"", 0),
        ("plain.txt", b"nothing here, version 10.2/3 and 10.1.2", 0),
        ("nul.txt", b"\0\0\0 10.1038/171737a0 \0", None),
        ("surrogate.txt", "10.1038/171737a0 \ud800".encode("utf-8", "surrogatepass"), 0),
        ("not-a-zip.docx", b"PK\x03\x04 broken", 1),
        ("text.docx", b"see 10.1038/171737a0", None),
        ("truncated.pdf", b"%PDF-1.4\n1 0 obj\n<<", 1),
        ("binary.bin", bytes(range(256)) * 40, None),
        ("gz.txt", gzip.compress(b"10.1038/171737a0"), None),
    ],
)
def test_odd_files_get_a_sentence_and_no_traceback(tmp_path: Path, name: str, data: bytes, code: int | None) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    done = offline(path)
    assert done.returncode in ({0, 1, 2} if code is None else {code}), done.stderr.decode()
    assert done.stderr
    assert path.read_bytes() == data


def test_a_folder_without_documents_is_said(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    done = offline(tmp_path)
    assert done.returncode == 0
    assert b"1 file" in done.stderr
    assert b"no document" in done.stderr


def test_the_output_in_the_folder_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(f"doi:{WATSON}", encoding="utf-8")
    first = offline(tmp_path, "-o", tmp_path / "refs.bib", "--report", tmp_path / "r.json")
    second = offline(tmp_path, "-o", tmp_path / "refs.bib", "--report", tmp_path / "r.json")
    assert (first.returncode, second.returncode) == (0, 0)
    assert b"unchanged" in second.stderr
    assert [Path(str(d["path"])).name for d in report_of(tmp_path / "r.json")["documents"]] == ["notes.md"]


def test_an_input_cannot_be_the_output(tmp_path: Path) -> None:
    path = tmp_path / "refs.bib"
    path.write_text(f"@misc{{a, doi={{{WATSON}}}}}", encoding="utf-8")
    done = offline(path, "-o", path, "--overwrite")
    assert done.returncode == 2
    assert path.read_text(encoding="utf-8").startswith("@misc{a")


def test_missing_records_are_an_error_before_anything_is_asked(tmp_path: Path) -> None:
    done = refkit("enrich", WATSON, "--records", tmp_path / "none.jsonl", "--offline")
    assert done.returncode == 2
    assert b"none.jsonl" in done.stderr


def test_a_broken_line_of_records_costs_only_itself(tmp_path: Path) -> None:
    lines = RECORDS.read_bytes().splitlines()
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"\n".join([b'{"DOI": "10.1/x", ', *lines]) + b"\n")
    done = refkit("enrich", WATSON, "--records", path, "--offline")
    assert b"171737a0" in done.stdout
    assert b"line 1" in done.stderr


def test_own_cited_and_all_exclude_each_other() -> None:
    assert offline(WATSON, "--own", "--all").returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_a_closed_pipe_is_quiet() -> None:
    command = f"{sys.executable} -m refkit find --json examples/ | head -c 1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "refkit", "enrich", "-", "-o", str(tmp_path / "refs.bib"), "--offline"]
    with subprocess.Popen(command, stdin=reader, stderr=subprocess.PIPE, cwd=ROOT) as process:
        os.write(writer, b" " * (1 << 20))  # more than a pipe holds: it is reading standard input, which never ends
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    os.close(reader)
    os.close(writer)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("to", ["ris", "csljson", "biblatex"])
def test_export_there_and_back_keeps_every_key(tmp_path: Path, to: str) -> None:
    library = ROOT / "examples" / "library.bib"
    there = tmp_path / "there.ris" if to == "ris" else tmp_path / ("there.json" if to == "csljson" else "there.bib")
    assert refkit("export", library, "--to", to, "-o", there).returncode == 0
    assert refkit("export", library, "--to", to, "-o", there).stderr.endswith(b"already\n")
    back = refkit("export", there, "--to", "csljson")
    direct = refkit("export", library, "--to", "csljson")
    assert [item["id"] for item in json.loads(back.stdout)] == [item["id"] for item in json.loads(direct.stdout)]


def test_a_retraction_is_said() -> None:
    done = offline("10.1016/s0140-6736(97)11096-0")
    assert done.returncode == 0
    assert b"was retracted on 2010-02-06 by 10.1016/s0140-6736(10)60175-4" in done.stderr


def test_a_dry_run_says_what_the_real_one_would_do(tmp_path: Path) -> None:
    out = tmp_path / "refs.bib"
    out.write_bytes(b"mine\n")
    done = offline(WATSON, "-o", out, "--dry-run")
    assert done.stdout.startswith(b"--- ")
    assert b"would be refused" in done.stderr
    assert out.read_bytes() == b"mine\n"


def test_export_refuses_what_is_no_library(tmp_path: Path) -> None:
    assert refkit("export", tmp_path / "none.bib", "--to", "ris").returncode == 2
    assert refkit("export", tmp_path, "--to", "ris").returncode == 2
    assert refkit("export", ROOT / "examples" / "library.bib", "--to", "klingon").returncode == 2


def test_the_cache_can_be_shown_filled_and_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFKIT_CACHE", str(tmp_path))
    assert refkit("cache").returncode == 0
    assert b"60 records" in refkit("cache", "load", RECORDS).stdout
    assert b"loaded already" in refkit("cache", "load", RECORDS).stdout
    assert b"60 records" in refkit("cache", "info").stdout
    assert refkit("cache", "export").stdout == b""
    assert refkit("cache", "clear", "--collections").returncode == 0
    assert b"collection" not in refkit("cache").stdout
    assert refkit("cache", "load", tmp_path / "none").returncode == 2


def test_python_m_and_version() -> None:
    done = refkit("--version")
    assert done.returncode == 0
    assert done.stdout.startswith(b"refkit 0.")


def test_quiet_says_nothing_and_verbose_says_more() -> None:
    assert offline(WATSON, "--quiet").stderr == b""
    assert len(offline("examples/", "--verbose").stderr) > len(offline("examples/").stderr)


def test_entries_that_may_be_one_work_are_listed_and_all_written(tmp_path: Path) -> None:
    library = tmp_path / "library.bib"
    common = "author = {Ada Example and Ben Sample}, title = {Moss on the northern walls of old towns}, year = {2019}"
    article = f"@article{{one, {common}, journal = {{Journal of Moss}}, volume = {{3}}, pages = {{1--9}}}}\n"
    preprint = f"@online{{two, {common}, eprint = {{1901.00001}}, eprinttype = {{arxiv}}}}\n"
    library.write_text(article + preprint, encoding="utf-8")
    done = refkit("export", library, "--to", "csljson", "--report", tmp_path / "r.json")
    assert len(json.loads(done.stdout)) == 2
    (twin,) = report_of(tmp_path / "r.json")["duplicates"]
    assert (twin["keys"], twin["verdict"]) == (["one", "two"], "unsure")
    assert b"the same?  one, two" in done.stderr
