"""An item that Zotero takes without a part of it, and what is remembered of it: nothing is lost without a word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from refkit.errors import TargetError
from refkit.formats.zotero_uri import item_key
from refkit.merging import Arrival
from refkit.model import Work
from refkit.report import Report
from refkit.store.memory import memory_path
from tests.server.zotero import KEY, ZoteroDesktop, ZoteroWeb
from tests.server.zotero_http import Answer
from tests.server.zotero_library import Library
from tests.test_zotero_local import codes, run
from tests.test_zotero_web import arrivals, article, counts

UNTITLED = {"type": "report", "author": [{"family": "Berg", "given": "A"}], "number": "7"}


@pytest.fixture(params=["10.0.0", "web"])
def api(request: pytest.FixtureRequest) -> Iterator[Any]:
    server = ZoteroWeb() if request.param == "web" else ZoteroDesktop(request.param)
    with server:
        yield server


@pytest.fixture
def ten() -> Iterator[ZoteroDesktop]:
    with ZoteroDesktop("10.0.0") as server:
        yield server


@pytest.fixture
def eight() -> Iterator[ZoteroDesktop]:
    with ZoteroDesktop("8.0.5") as server:
        yield server


def to(server: Any, works: list[Arrival], **more: Any) -> Report:
    given = {"via": "web", "zotero_api_url": server.url, "zotero_key": KEY} if isinstance(server, ZoteroWeb) else {}
    _, report = run(server, works, **given | more)
    return report


def kinds(server: Any) -> list[str]:
    return sorted(item["itemType"] for item in server.mine.items.values())


# --- notes ---------------------------------------------------------------------------------------


def test_a_note_that_is_refused_is_said(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Library._write_one

    def no_notes(self: Library, rows: Any, place: str, data: dict[str, Any], *more: Any) -> None:
        if data.get("itemType") == "note":
            more[-1]["failed"][place] = {"code": 413, "message": "Note &#039;x&#039; too long"}
        else:
            plain(self, rows, place, data, *more)

    monkeypatch.setattr(Library, "_write_one", no_notes)
    report = to(api, [Arrival(article(0, annote="Mine"), key="a"), Arrival(article(1), key="b")])
    assert counts(report) == (2, 0, 0, 0)
    [note] = [note for note in report.notes if note.code == "refused"]
    assert "without its note" in note.message
    assert "Note 'x' too long" in note.message
    assert report.exit_code == 5


def test_notes_of_an_item_that_gets_another_key_follow() -> None:
    with ZoteroWeb() as web:
        given = article(0, annote="Mine")
        web.mine.put({"itemType": "book", "title": "In the trash", "creators": [], "deleted": 1}, item_key(given))
        report = to(web, [Arrival(given, key="a")])
        assert counts(report) == (1, 0, 0, 0)
        [note] = [item for item in web.mine.items.values() if item["itemType"] == "note"]
        assert web.mine.items[note["parentItem"]]["DOI"] == "10.5555/n0"


@pytest.mark.parametrize("place", range(2, 5))
def test_a_note_is_there_once_whichever_answer_is_lost(api: Any, hasty: None, place: int) -> None:
    asked_first = isinstance(api, ZoteroDesktop)  # the user is asked by a dialog, once
    api.script = [*[""] * (place + asked_first), "lost"]
    report = to(api, [Arrival(article(0, annote="Mine"), key="a")])
    assert kinds(api) == ["journalArticle", "note"]
    assert report.exit_code == 0


# --- the connector's session ---------------------------------------------------------------------


def test_what_was_saved_is_remembered_though_its_tags_were_not_given(
    eight: ZoteroDesktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    eight.local_api = False
    monkeypatch.setattr(ZoteroDesktop, "_update", lambda self, said: Answer(500, b"{}"))
    report = to(eight, [Arrival(article(0, keyword="a"), key="a")])
    assert counts(report) == (1, 0, 0, 0)
    assert any("has no tags" in note.message for note in report.notes if note.code == "refused")
    assert report.exit_code == 5
    assert counts(to(eight, [Arrival(article(0, keyword="a"), key="a")])) == (0, 0, 1, 0)
    assert len(eight.mine.items) == 1


def test_what_was_saved_is_remembered_though_its_place_was_not_reached(
    eight: ZoteroDesktop, monkeypatch: pytest.MonkeyPatch, hasty: None
) -> None:
    eight.local_api = False
    eight.mine.put_collection("Thesis")
    with monkeypatch.context() as patch:
        patch.setattr(ZoteroDesktop, "_update", lambda self, said: Answer(0, silent=True))
        report = to(eight, arrivals(1), collection="Thesis")
    assert any("not in Thesis" in note.message for note in report.notes if note.code == "refused")
    assert counts(to(eight, arrivals(1))) == (0, 0, 1, 0)
    assert len(eight.mine.items) == 1


def test_a_library_that_takes_no_files_is_said_and_its_item_is_there(eight: ZoteroDesktop, tmp_path: Path) -> None:
    paper = tmp_path / "Gr\u00f6\u00dfe.pdf"
    paper.write_bytes(b"%PDF-1.4")
    eight.files_editable = False
    _, report = run(eight, arrivals(1), documents={"10.5555/n0": paper}, attach=True)
    assert counts(report) == (1, 0, 0, 0)
    [note] = [note for note in report.notes if note.code == "not-attached"]
    assert "may not keep files" in note.message
    assert report.exit_code != 0


def test_a_collection_in_the_trash_is_none(api: Any) -> None:
    gone = api.mine.put_collection("Thesis")
    api.mine.collections[gone]["deleted"] = True
    to(api, arrivals(1), collection="Thesis")
    [kept] = [item["collections"] for item in api.mine.items.values()]
    assert kept
    assert gone not in kept


# --- memory --------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["8.0.5", "10.0.0"])
def test_what_was_sent_while_the_library_could_be_seen_is_not_sent_again_when_it_cannot(version: str) -> None:
    with ZoteroDesktop(version) as server:
        assert counts(to(server, [*arrivals(2), Arrival(Work(UNTITLED))])) == (3, 0, 0, 0)
        server.local_api = False
        server.forget()
        report = to(server, [*arrivals(2), Arrival(Work(UNTITLED))])
        assert "cannot-see" in codes(report)
        assert counts(report) == (0, 0, 3, 0)
        assert server.writes() == []


def test_libraries_in_other_scripts_have_memories_of_their_own() -> None:
    names = [
        "connector-\u041b\u0430\u0431",
        "connector-\u0413\u0440\u0443\u043f\u043f\u0430",
        "connector-A B",
        "connector-A-B",
    ]
    assert len({memory_path("zotero", name) for name in names}) == len(names)
    assert len(memory_path("zotero", "x" * 500).name) < 120


def test_a_work_without_a_title_is_not_called_deleted(api: Any) -> None:
    works = [Arrival(Work(UNTITLED))]
    to(api, works)
    given = {"via": "web", "zotero_api_url": api.url, "zotero_key": KEY} if isinstance(api, ZoteroWeb) else {}
    sent, _ = run(api, works, update=True, collection="Thesis", **given)
    assert "deleted" not in sent.decisions[0].why
    assert next(iter(api.mine.items)) in sent.decisions[0].why
    assert [item["collections"] for item in api.mine.items.values()] == [list(api.mine.collections)]


def test_what_the_user_deleted_is_not_counted_as_there(api: Any) -> None:
    to(api, arrivals(2))
    api.mine.remove(next(iter(api.mine.items)))
    given = {"via": "web", "zotero_api_url": api.url, "zotero_key": KEY} if isinstance(api, ZoteroWeb) else {}
    sent, _ = run(api, arrivals(2), **given)
    assert "1 there already" in sent.said
    assert "1 left out that you deleted" in sent.said


# --- being allowed -------------------------------------------------------------------------------


def test_a_file_goes_along_though_every_request_is_allowed_once(ten: ZoteroDesktop, tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.4")
    ten.consent.says = "once"
    _, report = run(ten, arrivals(1), documents={"10.5555/n0": paper}, attach=True)
    [attachment] = [kept for kept in ten.mine.items.values() if kept["itemType"] == "attachment"]
    assert attachment["file"] == b"%PDF-1.4"
    assert report.exit_code == 0


def test_zotero_is_not_asked_more_often_than_it_lets_itself_be(ten: ZoteroDesktop) -> None:
    ten.consent.says, ten.consent.most, ten.consent.window = "once", 2, 1.0
    assert counts(to(ten, arrivals(130))) == (130, 0, 0, 0)
    assert any(asked.status == 429 for asked in ten.asked)


def test_a_group_is_filled_through_the_local_api(ten: ZoteroDesktop) -> None:
    ten.groups[7] = Library("Lab")
    key = ten.groups[7].put({"itemType": "journalArticle", "title": article(0).csl["title"], "DOI": "10.5555/n0"})
    assert counts(to(ten, arrivals(1), update=True, zotero_library="Lab"))[1] == 1
    assert ten.groups[7].items[key]["volume"] == "0"


def test_offline_is_said_where_a_key_is_there() -> None:
    with pytest.raises(TargetError, match="--offline") as caught:
        to(_Nowhere(), arrivals(1), zotero_key=KEY, offline=True)
    assert "no key" not in str(caught.value)


class _Nowhere:
    url = "http://127.0.0.1:9"
