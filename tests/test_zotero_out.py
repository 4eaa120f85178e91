"""Zotero as an input and as a target of the commands: collections come out, libraries go in, and a watch goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from refkit import formats
from refkit.apps import zotero as door
from refkit.errors import TargetError, UsageError
from refkit.formats.zotero_items import item
from refkit.model import Entry, Library
from refkit.pipeline.sending import zotero_library
from refkit.report import Report
from refkit.settings import Settings
from tests.server.zotero import KEY, ZoteroDesktop, ZoteroWeb
from tests.server.zotero import Library as Shelf
from tests.test_zotero_web import article


@pytest.fixture
def zotero() -> Iterator[ZoteroDesktop]:
    """A Zotero 9 with a collection Thesis/Chapter 2 that holds two of its four items."""
    with ZoteroDesktop("9.0.6") as server:
        thesis = server.mine.put_collection("Thesis")
        chapter = server.mine.put_collection("Chapter 2", thesis)
        for number in range(4):
            collections = {"collections": [chapter]} if number < 2 else {}
            server.mine.put(item(Entry(f"native{number}", article(number))) | collections)
        yield server


def refkit(server: Any, *arguments: object, given: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    environ = dict(os.environ) | {"REFKIT_ZOTERO_URL": server.url} | more
    command = [sys.executable, "-m", "refkit", *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, env=environ, check=False, timeout=120)


def read(server: Any, address: str, **more: Any) -> Library:
    settings = Settings(zotero_url=server.url, **more)
    return zotero_library(address, settings, Report(), None)


# --- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "keys"),
    [
        ("zotero:", {"native0", "native1", "native2", "native3"}),
        ("zotero:My Library", {"native0", "native1", "native2", "native3"}),
        ("zotero:My Library/Thesis/Chapter 2", {"native0", "native1"}),
        ("zotero:Thesis/Chapter 2", {"native0", "native1"}),
        ("ZOTERO:chapter 2", {"native0", "native1"}),
        ("zotero:Thesis", set()),
    ],
)
def test_an_address_names_a_library_or_a_collection(zotero: ZoteroDesktop, address: str, keys: set[str]) -> None:
    assert {entry.key for entry in read(zotero, address).entries} == keys


def test_groups_are_read_by_name_and_number(zotero: ZoteroDesktop) -> None:
    zotero.groups[12] = Shelf("Reading Group")
    zotero.groups[12].put(item(Entry("theirs", article(9))))
    for address in ("zotero:Reading Group", "zotero:groups/12"):
        assert [entry.key for entry in read(zotero, address).entries] == ["theirs"]
    assert [entry.key for entry in read(zotero, "zotero:", zotero_library="groups/12").entries] == ["theirs"]


def test_what_there_is_not_is_said(zotero: ZoteroDesktop) -> None:
    with pytest.raises(TargetError, match=r"no collection 'Nothing' in My Library.*Thesis/Chapter 2"):
        read(zotero, "zotero:Nothing")
    zotero.mine.put_collection("Thesis")
    with pytest.raises(UsageError, match="2 Zotero collections 'Thesis'"):
        read(zotero, "zotero:Thesis")


def test_better_bibtex_keys_come_out(zotero: ZoteroDesktop) -> None:
    zotero.mine.put({"itemType": "book", "title": "Pinned", "extra": "Citation Key: pinned1999", "creators": []})
    assert "pinned1999" in {entry.key for entry in read(zotero, "zotero:").entries}


def test_better_bibtex_is_asked_for_keys_that_no_field_holds(zotero: ZoteroDesktop) -> None:
    mine = zotero.mine.put({"itemType": "book", "title": "Unpinned", "creators": []})
    zotero.groups[12] = Shelf("Lab")
    theirs = zotero.groups[12].put({"itemType": "book", "title": "Theirs", "creators": []})
    zotero.better_bibtex = {mine: "unpinned2001", f"12:{theirs}": "theirs2002"}
    assert "unpinned2001" in {entry.key for entry in read(zotero, "zotero:").entries}
    assert [entry.key for entry in read(zotero, "zotero:Lab").entries] == ["theirs2002"]
    zotero.better_bibtex = None
    assert "" in {entry.key for entry in read(zotero, "zotero:").entries}


def test_the_web_service_is_read_where_zotero_does_not_run() -> None:
    with ZoteroWeb() as web:
        web.mine.put(item(Entry("far", article(1))))
        settings = Settings(zotero_url="http://127.0.0.1:9", zotero_api_url=web.url, zotero_key=KEY)
        library = zotero_library("zotero:", settings, Report(), None)
        assert [entry.key for entry in library.entries] == ["far"]
    with pytest.raises(TargetError, match=r"not running.*settings/keys"):
        zotero_library("zotero:", Settings(zotero_url="http://127.0.0.1:9"), Report(), None)


# --- commands ------------------------------------------------------------------------------------


def test_export_makes_a_file_of_a_collection(zotero: ZoteroDesktop, tmp_path: Path) -> None:
    out = tmp_path / "chapter.bib"
    done = refkit(zotero, "export", "zotero:My Library/Thesis/Chapter 2", "--to", "bibtex", "-o", out)
    assert done.returncode == 0, done.stderr
    library = formats.by_name("bibtex").load(out.read_text(encoding="utf-8"))
    assert {entry.key for entry in library.entries} == {"native0", "native1"}
    done = refkit(zotero, "export", "zotero:My Library/Thesis/Chapter 2", "--to", "bibtex", "-o", out)
    assert b"unchanged" in done.stderr


def test_enrich_merges_a_collection_into_a_library(zotero: ZoteroDesktop, tmp_path: Path) -> None:
    mine = "% mine\n@article{own,\n  title = {The 0th observation of things numbered 0},\n  doi = {10.5555/n0},\n}\n"
    refs = tmp_path / "refs.bib"
    refs.write_text(mine, encoding="utf-8")
    done = refkit(zotero, "enrich", "zotero:Chapter 2", "--into", refs, "--offline")
    text = refs.read_text(encoding="utf-8")
    assert done.returncode in (0, 1), done.stderr
    assert text.startswith("% mine\n@article{own,")
    assert "native1" in text
    assert "native0" not in text
    assert "Journal of Examples" in text
    refkit(zotero, "enrich", "zotero:Chapter 2", "--into", refs, "--offline")
    assert refs.read_text(encoding="utf-8") == text


def test_a_library_goes_to_zotero_and_the_second_time_nothing_does(zotero: ZoteroDesktop, tmp_path: Path) -> None:
    zotero.version = "10.0.1"
    bib, report = tmp_path / "refs.bib", tmp_path / "report.json"
    library = [Entry(f"k{number}", article(number)) for number in range(3, 6)]
    bib.write_text(formats.by_name("bibtex").dump(library, Settings()), encoding="utf-8")
    done = refkit(zotero, "export", bib, "--to", "zotero", "--dry-run")
    assert done.returncode == 0, done.stderr
    lines = sorted(line.split("\t")[:2] for line in done.stdout.decode().splitlines())
    assert lines == [["add", "k4"], ["add", "k5"], ["same", "native3"]]
    assert zotero.writes() == []
    done = refkit(zotero, "export", bib, "--to", "zotero", "--report", report)
    assert done.returncode == 0, done.stderr
    assert b"2 added, 0 updated, 1 there already" in done.stderr
    said = json.loads(report.read_text(encoding="utf-8"))
    assert said["target"] == {"kind": "local", "added": 2, "updated": 0, "skipped": 1, "conflicts": 0}
    assert [row["action"] for row in said["works"]].count("add") == 2
    zotero.forget()
    assert refkit(zotero, "export", bib, "--to", "zotero").returncode == 0
    assert zotero.writes() == []


def test_enrich_sends_what_was_found_with_its_pdf(zotero: ZoteroDesktop, tmp_path: Path) -> None:
    records = tmp_path / "records.json"
    record = {"DOI": "10.5555/abc", "type": "journal-article", "title": ["On sending"], "publisher": "P"}
    records.write_text(json.dumps(record), encoding="utf-8")
    done = refkit(zotero, "enrich", "10.5555/abc", "--to", "zotero", "--records", records, "--offline", "--attach")
    assert done.returncode == 0, done.stderr
    assert any(i.get("DOI") == "10.5555/abc" for i in zotero.mine.items.values())
    zotero.forget()
    done = refkit(zotero, "enrich", "10.5555/abc", "--to", "zotero", "--records", records, "--offline")
    assert b"0 added" in done.stderr
    assert zotero.writes() == []


def test_a_file_for_zotero_keeps_all_and_says_how_to_import_it(zotero: ZoteroDesktop, tmp_path: Path) -> None:
    out = tmp_path / "refs.rdf"
    bib = formats.by_name("bibtex").dump([Entry("k1", article(1))], Settings()).encode()
    source = tmp_path / "refs.bib"
    source.write_bytes(bib)
    done = refkit(zotero, "export", source, "--to", "zotero", "--via", "file", "-o", out)
    assert done.returncode == 0, done.stderr
    assert b"Import" in done.stderr
    [entry] = formats.by_name("zotero-rdf").load(out.read_text(encoding="utf-8")).entries
    assert entry.key == "k1"
    assert refkit(zotero, "export", source, "--to", "zotero", "--via", "file").returncode == 2
    assert refkit(zotero, "export", source, "--to", "zotero", "-o", out).returncode == 2
    assert refkit(zotero, "export", source, "--to", "zotero", "--via", "file", "-o", tmp_path / "x.bib").returncode == 2


def test_zotero_not_running_is_exit_5() -> None:
    class Nowhere:
        url = "http://127.0.0.1:9"

    bib = formats.by_name("bibtex").dump([Entry("k1", article(1))], Settings()).encode()
    done = refkit(Nowhere, "export", "-", "--to", "zotero", given=bib)
    assert done.returncode == 5
    assert b"Start Zotero" in done.stderr


# --- watching ------------------------------------------------------------------------------------


def test_a_watch_runs_again_when_zotero_changes(zotero: ZoteroDesktop, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    sleeps: Iterator[Callable[[], object]] = iter(
        [lambda: None, lambda: zotero.mine.put_collection("New"), lambda: setattr(zotero, "local_api", False),
         lambda: setattr(zotero, "local_api", True)]
    )  # fmt: skip
    monkeypatch.setattr(door.time, "sleep", lambda seconds: next(sleeps)())

    def once(settings: Settings) -> tuple[Any, str]:
        ran.append(len(read(zotero, "zotero:").entries))
        return None, ""

    with pytest.raises(typer.Exit):
        door.watch(["zotero:"], Settings(zotero_url=zotero.url), None, once, looks=5)
    assert ran == [4, 4]


def test_a_watched_file_is_replaced_only_while_it_is_the_runs_own(
    zotero: ZoteroDesktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "refs.bib"
    seen: list[bool] = []

    def change() -> None:
        zotero.mine.put_collection("New")
        if len(seen) == 2:
            out.write_text("somebody else's", encoding="utf-8")

    monkeypatch.setattr(door.time, "sleep", lambda seconds: change())

    def once(settings: Settings) -> tuple[Any, str]:
        seen.append(settings.overwrite)
        out.write_text(f"run {len(seen)}", encoding="utf-8")
        return None, ""

    with pytest.raises(typer.Exit):
        door.watch(["zotero:"], Settings(zotero_url=zotero.url), out, once, looks=3)
    assert seen == [False, True]
    assert out.read_text(encoding="utf-8") == "somebody else's"
    assert "changed by another program" in capsys.readouterr().err


def test_watching_needs_something_to_watch() -> None:
    with pytest.raises(UsageError, match="no input is one"):
        door.watch(["refs.bib"], Settings(), None, lambda settings: (None, ""))


def test_what_is_wrong_at_the_beginning_ends_a_watch() -> None:
    with pytest.raises(TargetError):
        door.watch(["zotero:"], Settings(zotero_url="http://127.0.0.1:9"), None, lambda settings: (None, ""), looks=2)


def test_a_documents_own_work_goes_with_the_document(zotero: ZoteroDesktop, tmp_path: Path) -> None:
    records, page = tmp_path / "records.json", tmp_path / "paper.html"
    record = {"DOI": "10.5555/own", "type": "journal-article", "title": ["On documents that know their DOI"]}
    records.write_text(json.dumps(record), encoding="utf-8")
    page.write_text(
        '<html><head><title>On documents that know their DOI</title><meta name="citation_doi" content="10.5555/own">'
        '<meta name="citation_title" content="On documents that know their DOI"></head><body><h1>On documents that know'
        " their DOI</h1><p>Text.</p></body></html>",
        encoding="utf-8",
    )
    done = refkit(zotero, "enrich", page, "--to", "zotero", "--records", records, "--offline", "--attach")
    assert done.returncode == 0, done.stderr
    [(key, about, data)] = zotero.files
    assert zotero.mine.items[key]["DOI"] == "10.5555/own"
    assert (about["title"], data) == ("paper.html", page.read_bytes())
