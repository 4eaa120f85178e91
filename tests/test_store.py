"""The store: nothing is asked twice, nothing breaks it for good, and it is never in the way."""

from __future__ import annotations

import gzip
import io
import json
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from refkit import sources, store
from refkit.errors import InputError
from refkit.model import Answer, Doi, Failed, Found, Missing, Note, Question, Reason
from refkit.settings import Settings
from refkit.sources import records as sources_records
from refkit.store import Absence, Cache, Harvest, Kept, Packer, cache, collection, database, lenient, recordfiles
from refkit.store.database import Database
from tests.server import Faults, Services
from tests.server.samples import csl_item, record, resource

pytest_plugins = ["tests.server.fixtures"]

Asking = Callable[..., Settings]


def ask(settings: Settings, *dois: str, log: sources.Log | None = None) -> list[Answer]:
    return list(sources.ask([Question((Doi(d),)) for d in dois], settings, log=log))


def kept(value: dict[str, Any], fetched: int | None = None) -> Kept:
    packer = Packer()
    doi = recordfiles.doi_of(value)
    assert doi is not None
    packed = packer.pack(lenient.dumps(value))
    return Kept(doi, packed, packer, "crossref", "Crossref", fetched if fetched is not None else store.now())


def keep(folder: Path, *values: Kept) -> None:
    opened = Cache(folder, [])
    opened.keep(Harvest([(k.doi, k) for k in values]))
    opened.close()


# --- the cache -----------------------------------------------------------------------------------


def test_nothing_is_asked_twice(services: Services, asking: Asking) -> None:
    """Records, aliases, other agencies, and all that is missing: the second run asks nobody."""
    services.add([record("10.5555/a"), record("10.5555/c,d"), resource("10.5281/z")])
    services.crossref.aliases["10.5555/old"] = "10.5555/a"
    services.doi.agencies |= {"10.1393/m": "mEDRA", "10.7687/n": "CNKI", "10.5555/gap": "Crossref"}
    services.doi.items["10.1393/m"] = csl_item("10.1393/m")
    services.doi.short |= {"10/abc": "10.5555/a", "10/xyz": "10.5555/gone"}
    dois = [
        "10/none",
        "10/xyz",
        "10/abc",
        "10.5555/a",
        "10.5555/c,d",
        "10.5281/z",
        "10.5555/old",
        "10.1393/m",
        "10.7687/n",
        "10.5555/gap",
        "10.5555/no",
    ]
    first = ask(asking(), *dois)
    services.forget()
    second = ask(asking(), *dois)
    assert [s.asked for s in services.all] == [[], [], []]
    assert second == first
    assert [type(a) for a in first] == [Missing] * 2 + [Found] * 6 + [Missing] * 3


def test_readings_that_do_not_exist_are_not_asked_for_again(services: Services, asking: Asking) -> None:
    services.add([record("10.5555/abc")])
    questions = [
        Question((Doi("10.5555/abc"), Doi("10.5555/abcdoi"), Doi("10.5555/abcdoilisting"))),
        Question((Doi("10.5555/xyz"), Doi("10.5555/xyzdoi"))),
    ]
    first = list(sources.ask(questions, asking()))
    services.forget()
    assert list(sources.ask(questions, asking())) == first
    assert [s.asked for s in services.all] == [[], [], []]


def test_an_interrupted_run_asks_only_for_the_rest(services: Services, asking: Asking) -> None:
    dois = [f"10.5555/x{n}" for n in range(300)]
    services.add(map(record, dois))

    class Interrupting:
        steps = 0

        def start(self, stage: str, total: int | None) -> None: ...

        def advance(self, steps: int = 1) -> None:
            self.steps += steps
            if self.steps > 170:
                raise KeyboardInterrupt

        def say(self, message: str) -> None: ...

        def stop(self) -> None: ...

    with pytest.raises(KeyboardInterrupt):
        list(sources.ask([Question((Doi(d),)) for d in dois], asking(), progress=Interrupting()))
    services.forget()
    assert all(isinstance(a, Found) for a in ask(asking(), *dois))
    assert services.crossref.count() == 3


def test_old_records_are_asked_for_anew_in_batches(services: Services, asking: Asking) -> None:
    settings = asking()
    folder = store.folder(settings)
    keep(folder, *(kept(record(f"10.5555/x{n}", "Old"), store.now() - 40 * 86_400) for n in range(60)))
    dois = [f"10.5555/x{n}" for n in range(60)]
    services.add(record(d, "New") for d in dois)
    offline = ask(asking(offline=True), *dois)
    assert all(isinstance(a, Found) and a.work.csl["title"] == "Old" for a in offline)
    assert all(isinstance(a, Found) and a.work.csl["title"] == "New" for a in ask(settings, *dois))
    assert services.crossref.count() == 2
    services.forget()
    ask(settings, *dois)
    assert services.crossref.count() == 0
    ask(asking(refresh=0), *dois)
    assert services.crossref.count() == 2


def test_an_old_record_is_used_with_a_word_when_the_service_is_away(services: Services, asking: Asking) -> None:
    keep(store.folder(asking()), kept(record("10.5555/a", "Old"), 1_600_000_000))
    services.crossref.faults = Faults(shares={"503": 1.0}, retry_after="99999")
    log = sources.Log()
    (answer,) = ask(asking(), "10.5555/a", log=log)
    assert isinstance(answer, Found)
    assert [n.code for n in log.notes] == ["stale-used"]
    assert answer.work.origin.fetched == "2020-09-13T12:26:40Z"
    assert "2020-09-13" in answer.why


@pytest.mark.parametrize("fetched", [10**11, -(10**11)])
def test_a_clock_that_jumped_makes_no_record_eternal(services: Services, asking: Asking, fetched: int) -> None:
    keep(store.folder(asking()), kept(record("10.5555/a", "From another time"), fetched))
    services.add([record("10.5555/a", "Now")])
    (answer,) = ask(asking(), "10.5555/a")
    assert isinstance(answer, Found)
    assert answer.work.csl["title"] == "Now"
    store.info(asking())


@pytest.mark.parametrize("damage", ["not a database at all" * 1000, ""])
def test_a_damaged_store_is_set_aside(services: Services, asking: Asking, damage: str) -> None:
    folder = store.folder(asking())
    folder.mkdir()
    path = folder / cache.name()
    path.write_text(damage, encoding="ascii")
    services.add([record("10.5555/a")])
    log = sources.Log()
    (answer,) = ask(asking(), "10.5555/a", log=log)
    assert isinstance(answer, Found)
    if damage:
        assert [n.code for n in log.notes] == ["store-damaged"]
        assert (folder / f"{path.stem}.damaged-1.sqlite").read_text(encoding="ascii") == damage
    services.forget()
    ask(asking(), "10.5555/a")
    assert services.crossref.count() == 0


def test_damage_in_the_middle_is_noticed(services: Services, asking: Asking) -> None:
    folder = store.folder(asking())
    keep(folder, *(kept(record(f"10.5555/x{n}", "word " * 300)) for n in range(400)))
    path = folder / cache.name()
    data = bytearray(path.read_bytes())
    for at in range(16384, len(data) - 100, 1000):
        data[at : at + 100] = b"\xaa" * 100
    path.write_bytes(data)
    dois = [f"10.5555/x{n}" for n in range(400)]
    services.add(map(record, dois))
    assert all(isinstance(a, Found) for a in ask(asking(), *dois))


def test_a_store_of_a_newer_refkit_is_left_alone(services: Services, asking: Asking) -> None:
    folder = store.folder(asking())
    folder.mkdir()
    connection = sqlite3.connect(folder / cache.name())
    connection.execute(f"PRAGMA user_version = {database.FORMAT + 1}")
    connection.close()
    before = (folder / cache.name()).read_bytes()
    services.add([record("10.5555/a")])
    log = sources.Log()
    (answer,) = ask(asking(), "10.5555/a", log=log)
    assert isinstance(answer, Found)
    assert [n.code for n in log.notes] == ["store-newer"]
    assert (folder / cache.name()).read_bytes() == before


def test_a_full_disk_stops_nothing(services: Services, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Database, "replace", full)
    services.add([record("10.5555/a")])
    log = sources.Log()
    (answer,) = ask(asking(), "10.5555/a", log=log)
    assert isinstance(answer, Found)
    assert [n.code for n in log.notes] == ["store-unusable"]
    assert "full" in log.notes[0].message


def test_absences_are_forgotten_after_some_days(tmp_path: Path) -> None:
    notes: list[Note] = []
    opened = Cache(tmp_path, notes)
    day = 86_400
    rows = [
        (Doi("10.1/new"), Absence("unregistered", "", store.now() - day)),
        (Doi("10.1/old"), Absence("unregistered", "", store.now() - 3 * day)),
        (Doi("10.1/elsewhere"), Absence("no-metadata", "CNKI", store.now() - 86_000)),
        (Doi("10.1/odd"), Absence("some new reason", "", store.now())),
    ]
    opened.keep(Harvest(absences=list(rows)))
    assert set(opened.absences(d for d, _ in rows)) == {"10.1/new", "10.1/elsewhere"}
    opened.close()


def test_what_appears_is_no_longer_absent(tmp_path: Path) -> None:
    opened = Cache(tmp_path, [])
    opened.keep(Harvest(absences=[(Doi("10.1/a"), Absence("unregistered", "", store.now()))]))
    opened.keep(Harvest([(Doi("10.1/alias"), kept(record("10.1/a")))]))
    assert not opened.absences([Doi("10.1/a")])
    assert set(opened.records([Doi("10.1/a"), Doi("10.1/alias"), Doi("10.1/b")])) == {"10.1/a", "10.1/alias"}
    opened.keep(Harvest([(Doi("10.1/a"), kept(record("10.1/a", "Again")))]))
    assert store.contents.info(tmp_path).records == 1
    assert opened.records([Doi("10.1/alias")])[Doi("10.1/alias")].value()["title"] == ["Again"]
    opened.close()


WRITER = """
import sys
from pathlib import Path
from refkit.store import Cache, Harvest, Kept, Packer, lenient, now
folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
packer, cache = Packer(), Cache(folder, [])
for n in range(count):
    doi = f"10.5555/{name}.{n}"
    data = packer.pack(lenient.dumps({"DOI": doi, "title": ["x" * 2000]}))
    cache.keep(Harvest([(doi, Kept(doi, data, packer, "crossref", "Crossref", now()))]))
    print(n, flush=True)
"""


def test_several_processes_and_a_kill_lose_nothing_that_was_kept(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, name, "60"], stdout=subprocess.DEVNULL) for name in "ab"]
    victim = subprocess.Popen([*command, "c", "100000"], stdout=subprocess.PIPE, text=True)
    assert victim.stdout is not None
    done = [int(victim.stdout.readline()) for _ in range(20)]
    victim.kill()
    victim.wait()
    victim.stdout.close()
    assert [w.wait(60) for w in writers] == [0, 0]
    notes: list[Note] = []
    opened = Cache(tmp_path, notes)
    wanted = [Doi(f"10.5555/{name}.{n}") for name in "ab" for n in range(60)] + [Doi(f"10.5555/c.{n}") for n in done]
    assert set(opened.records(wanted)) == set(wanted)
    assert not notes
    opened.close()


def test_the_store_can_be_shown_exported_and_cleared(services: Services, asking: Asking, tmp_path: Path) -> None:
    settings = asking()
    assert store.info(settings).records == 0
    assert store.export(settings, io.BytesIO()) == 0
    services.add([record("10.5555/a"), resource("10.5281/z")])
    services.doi.agencies["10.1393/m"] = "mEDRA"
    services.doi.items["10.1393/m"] = csl_item("10.1393/m", "Item")
    dois = ["10.5555/a", "10.5281/z", "10.1393/m"]
    answers = ask(settings, *dois)
    info = store.info(settings)
    assert info.records == 3
    assert info.sources == {"crossref (Crossref)": 1, "datacite (DataCite)": 1, "doi.org (mEDRA)": 1}
    assert info.bytes > 0
    with (tmp_path / "out.jsonl").open("wb") as stream:
        assert store.export(settings, stream) == 3
    again = ask(asking(offline=True, cache=str(tmp_path / "new"), records=(str(tmp_path / "out.jsonl"),)), *dois)
    assert [a.work.csl for a in again if isinstance(a, Found)] == [a.work.csl for a in answers if isinstance(a, Found)]
    assert store.clear(settings) > 0
    assert store.info(settings).records == 0


KILLED = """
import os, signal, sys
from pathlib import Path
from refkit.store.database import Database
database = Database(Path(sys.argv[1]))
database._sql.execute("PRAGMA cache_size = 2")
database._sql.execute("BEGIN IMMEDIATE")
for n in range(3000):
    database._sql.execute("UPDATE record SET blob = randomblob(3000)")
    if n == 3:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_what_a_killed_process_left_unfinished_is_taken_back(asking: Asking, tmp_path: Path) -> None:
    settings = asking()
    folder = store.folder(settings)
    keep(folder, *(kept(record(f"10.5555/x{n}", f"Title {n} " * 50)) for n in range(200)))
    subprocess.run([sys.executable, "-c", KILLED, str(folder / cache.name())], check=False)
    assert (folder / f"{cache.name()}-journal").stat().st_size > 0
    assert store.info(settings).records == 200
    with (tmp_path / "out.jsonl").open("wb") as stream:
        assert store.export(settings, stream) == 200


# --- files of records ----------------------------------------------------------------------------

RECORDS = [record(f"10.5555/r{n}", f"Über {n}") for n in range(5)]
LINES = b"".join(json.dumps(r).encode() + b"\n" for r in RECORDS)
SHAPES = {
    "lines.jsonl": LINES,
    "lines-with-bom.jsonl": b"\xef\xbb\xbf" + LINES.replace(b"\n", b"\r\n"),
    "lines.json": LINES,
    "items.json": json.dumps({"items": RECORDS}).encode(),
    "pretty.json": json.dumps({"items": RECORDS}, indent=2, ensure_ascii=False).encode(),
    "answer.json": json.dumps({"status": "ok", "message": {"total-results": 5, "items": RECORDS}}).encode(),
    "list.json": json.dumps(RECORDS).encode(),
    "singles.jsonl": b"".join(json.dumps({"status": "ok", "message": r}).encode() + b"\n" for r in RECORDS),
    "utf-8.jsonl": b"".join(json.dumps(r, ensure_ascii=False).encode() + b"\n" for r in RECORDS),
    "list-in-lines.json": b"[\n" + LINES.replace(b"}\n", b"},\n").rstrip(b",\n") + b"\n]\n",
    "packed.jsonl.gz": gzip.compress(LINES),
    "packed-twice": gzip.compress(gzip.compress(LINES)),
    "in-parts.gz": gzip.compress(LINES[:700]) + gzip.compress(LINES[700:]),
}


def tar(mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]  # "w" or "w:gz"
        for number, line in enumerate(LINES.splitlines()):
            data = gzip.compress(line)
            member = tarfile.TarInfo(f"data/{number}.json.gz")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


SHAPES |= {"all.tar": tar("w"), "all.tar.gz": tar("w:gz")}


def read(path: Path, notes: list[Note] | None = None) -> list[recordfiles.Raw]:
    return list(recordfiles.read(path, notes if notes is not None else []))


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("whole", [recordfiles.WHOLE, 100])
def test_records_are_read_in_every_shape(
    tmp_path: Path, name: str, whole: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordfiles, "WHOLE", whole)
    path = tmp_path / name
    path.write_bytes(SHAPES[name])
    notes: list[Note] = []
    found = read(path, notes)
    assert [r.value for r in found] == RECORDS
    assert [json.loads(r.data) for r in found] == RECORDS
    assert not notes


@pytest.mark.parametrize("name", ["packed.jsonl.gz", "packed-twice", "in-parts.gz"])
def test_gzip_is_read_without_isal_too(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "isal.igzip", None)
    path = tmp_path / name
    path.write_bytes(SHAPES[name])
    assert [r.value for r in read(path)] == RECORDS
    path.write_bytes(SHAPES[name][:-9])
    notes: list[Note] = []
    read(path, notes)
    assert len(notes) == 1


def test_datacite_records_are_understood_too(tmp_path: Path) -> None:
    path = tmp_path / "datacite.json"
    path.write_text(json.dumps({"data": [resource("10.5281/A"), resource("10.5281/b")]}), encoding="utf-8")
    assert [recordfiles.doi_of(r.value) for r in read(path)] == ["10.5281/a", "10.5281/b"]


@pytest.mark.parametrize(
    ("data", "good", "said"),
    [
        (LINES[:-100] + b"\n" + LINES, 9, "line 5"),
        (b'{"broken": \n' + LINES, 5, "line 1"),
        (LINES + b"\x00\x01\x02 binary\n", 5, "line 6"),
        (LINES + b'{"title": ["no DOI"]}\n', 5, "line 6"),
        (LINES + b"[1, 2, 3]\n", 5, "line 6"),
        (json.dumps({"items": RECORDS}).encode()[:-100], 4, "record 5"),
        (gzip.compress(LINES * 1000)[:-200], 4000, "ends in the middle"),
        (b"", 0, ""),
        (b"   \n\n", 0, ""),
        (b"%PDF-1.7 and so on", 0, "no JSON"),
        (b"<html></html>", 0, "no JSON"),
        (b'{"hello": "world"}', 0, "no DOI"),
        (b"[" * 100_000, 0, ""),
    ],
)
def test_what_is_broken_is_said_and_the_rest_is_used(tmp_path: Path, data: bytes, good: int, said: str) -> None:
    path = tmp_path / "records.jsonl" if data.startswith(b'{"broken') else tmp_path / "records.json"
    path.write_bytes(data)
    notes: list[Note] = []
    assert len(read(path, notes)) >= good
    assert any(said in n.message for n in notes) if said else True
    assert all(str(path) in n.message for n in notes)


def test_invalid_utf8_and_half_characters_are_mended(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b'{"DOI": "10.5555/a", "title": ["\xdcber"]}\n{"DOI": "10.5555/b", "title": ["\\ud83d x"]}\n')
    first, second = read(path)
    assert first.value["title"] == ["�ber"]
    assert second.value["title"] == ["� x"]


def test_hundreds_of_broken_lines_are_not_all_listed(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b"nonsense\n" * 5000)
    notes: list[Note] = []
    assert read(path, notes) == []
    assert len(notes) == 100


def test_a_folder_of_records_is_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden.json").write_text("{", encoding="utf-8")
    for name in ("2.jsonl", "b/1.json.gz", "notes.txt", "all-dois.csv.gz"):
        (tmp_path / name).write_bytes(b"")
    assert [p.name for p in recordfiles.files(tmp_path)] == ["2.jsonl", "1.json.gz"]


def test_a_word_about_loading_when_much_is_read_through(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "works.jsonl.gz"
    many(path, 300)
    monkeypatch.setattr(sources_records, "LARGE", 1000)
    log = sources.Log()
    offline = Settings(cache=settings.cache, offline=True, records=(str(path),))
    ask(offline, "10.5555/many.7", log=log)
    assert [n.code for n in log.notes] == ["records-large"]
    store.load(path, settings)
    log = sources.Log()
    ask(offline, "10.5555/many.7", log=log)
    assert not log.notes


# --- collections ---------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache=str(tmp_path / "cache"), offline=True)


def many(path: Path, count: int) -> list[str]:
    dois = [f"10.5555/many.{n}" for n in range(count)]
    with gzip.open(path, "wb") as lines:
        for doi in dois:
            lines.write(json.dumps(record(doi, f"On {doi} and more {hash(doi)}")).encode() + b"\n")
    return dois


def test_a_collection_is_loaded_once_and_found_again(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "works.jsonl.gz"
    dois = many(path, 3000)
    loaded = store.load(path, settings)
    assert (loaded.records, loaded.already) == (3000, False)
    assert store.load(path, settings).already
    (known,) = store.info(settings).collections
    assert (known.records, known.whole, known.path) == (3000, True, str(path.resolve()))
    with_records = Settings(cache=settings.cache, offline=True, records=(str(path),))
    began = time.monotonic()
    answers = ask(with_records, *dois[::10], "10.5555/not-there")
    assert time.monotonic() - began < 10
    assert all(isinstance(a, Found) for a in answers[:-1])
    assert isinstance(answers[-1], Failed)
    assert answers[-1].reason is Reason.OFFLINE


def test_a_collection_whose_files_changed_is_loaded_anew(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "works.jsonl.gz"
    many(path, 300)
    store.load(path, settings)
    many(path, 400)
    assert collection.find(path, store.folder(settings)) is None
    found = ask(Settings(cache=settings.cache, offline=True, records=(str(path),)), "10.5555/many.399")
    assert isinstance(found[0], Found)
    assert store.load(path, settings).records == 400


def test_an_interrupted_load_goes_on(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "works"
    folder.mkdir()
    for number in range(3):
        dois = [f"10.5555/{number}.{n}" for n in range(500)]
        lines = "".join(json.dumps(record(d)) + "\n" for d in dois)
        (folder / f"{number}.jsonl").write_text(lines, encoding="utf-8")
    monkeypatch.setattr(collection, "RUN", 100)
    add, calls = Database.add, []

    def interrupted(self: Database, *arguments: Any, **options: Any) -> int:
        calls.append(1)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return add(self, *arguments, **options)

    monkeypatch.setattr(Database, "add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.load(folder, settings)
    (known,) = store.info(settings).collections
    assert (known.whole, known.records) == (False, 700)
    assert store.load(folder, settings).records == 1500
    assert len(calls) == 8 + 8


def test_a_collection_itself_may_be_given_as_records(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "works.jsonl.gz"
    many(path, 300)
    store.load(path, settings)
    file = collection.file_for(path, store.folder(settings))
    moved = file.rename(tmp_path / "works.sqlite")
    elsewhere = Settings(cache=str(tmp_path / "other"), offline=True, records=(str(moved),))
    assert isinstance(ask(elsewhere, "10.5555/many.7")[0], Found)
    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).execute("CREATE TABLE x (y)").connection.close()
    with pytest.raises(InputError, match="no collection"):
        ask(Settings(cache=settings.cache, offline=True, records=(str(other),)), "10.5555/many.7")


def test_a_damaged_collection_is_made_anew(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "works.jsonl.gz"
    many(path, 300)
    store.load(path, settings)
    file = collection.file_for(path, store.folder(settings))
    file.write_bytes(b"damaged" * 10_000)
    found = ask(Settings(cache=settings.cache, offline=True, records=(str(path),)), "10.5555/many.7")
    assert isinstance(found[0], Found)
    assert store.load(path, settings).records == 300


def test_nothing_to_load_is_said(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(InputError, match="not there"):
        store.load(tmp_path / "nowhere", settings)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no files of records"):
        store.load(tmp_path / "empty", settings)
