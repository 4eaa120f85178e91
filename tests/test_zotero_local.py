"""Works go to the Zotero on this machine: through its local API from version 10 on, else through its connector."""

from __future__ import annotations

import json
import logging
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from refkit.errors import TargetError, UsageError
from refkit.formats.zotero_items import item
from refkit.formats.zotero_uri import item_uri
from refkit.merging import Arrival
from refkit.model import Action, Entry, Note, Work
from refkit.pipeline.sending import Sending, send
from refkit.report import Report
from refkit.settings import Settings
from refkit.store import secrets
from tests.server.zotero import Library, ZoteroDesktop
from tests.test_zotero_web import arrivals, article, counts


@pytest.fixture
def ten() -> Iterator[ZoteroDesktop]:
    with ZoteroDesktop("10.0.0") as server:
        yield server


@pytest.fixture
def eight() -> Iterator[ZoteroDesktop]:
    with ZoteroDesktop("8.0.5") as server:
        yield server


def run(server: ZoteroDesktop, works: list[Arrival], documents: Any = None, **more: Any) -> tuple[Any, Report]:
    report = Report()
    dry_run = more.pop("dry_run", False)
    settings = Settings(**({"zotero_url": server.url} | more))
    return send(works, settings, report, Sending(dry_run, documents=documents or {})), report


def codes(report: Report) -> list[str]:
    return [note.code for note in report.notes]


# --- the local API of 10 -------------------------------------------------------------------------


def test_zotero_10_takes_items_through_its_local_api(ten: ZoteroDesktop) -> None:
    _, report = run(ten, arrivals(60))
    assert counts(report) == (60, 0, 0, 0)
    assert report.target is not None
    assert report.target.kind == "local"
    assert len(ten.mine.items) == 60
    relations = {item["relations"]["dc:replaces"][0] for item in ten.mine.items.values()}
    assert relations == {item_uri(article(number)) for number in range(60)}
    assert ten.consent.asked == 1
    ten.forget()
    _, report = run(ten, arrivals(60))
    assert counts(report) == (0, 0, 60, 0)
    assert ten.writes() == []
    assert ten.consent.asked == 1


def test_items_are_sent_without_keys_of_their_own(ten: ZoteroDesktop) -> None:
    run(ten, arrivals(3))
    assert all("key" not in sent for asked in ten.writes() for sent in asked.json)


def test_the_key_is_kept_where_only_the_user_can_read_it(ten: ZoteroDesktop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    run(ten, arrivals(1))
    [key] = ten.consent.keys
    assert secrets.recall("zotero-local-sErVeR1") == key
    if sys.platform != "win32":
        assert stat.S_IMODE(secrets._path().stat().st_mode) == 0o600
    assert key not in caplog.text


def test_allowed_once_is_asked_again_for_each_request(ten: ZoteroDesktop) -> None:
    ten.consent.says = "once"
    _, report = run(ten, arrivals(60))
    assert counts(report) == (60, 0, 0, 0)
    assert ten.consent.asked == 2
    assert secrets.recall("zotero-local-sErVeR1") == ""


def test_denied_is_said(ten: ZoteroDesktop) -> None:
    ten.consent.says = "deny"
    with pytest.raises(TargetError, match="denied"):
        run(ten, arrivals(1))
    assert ten.mine.items == {}


def test_an_expired_key_is_asked_for_anew(ten: ZoteroDesktop) -> None:
    run(ten, arrivals(1))
    ten.consent.keys.clear()
    _, report = run(ten, arrivals(2))
    assert counts(report) == (1, 0, 1, 0)
    assert ten.consent.asked == 2


def test_another_profile_has_a_key_and_a_memory_of_its_own(ten: ZoteroDesktop) -> None:
    run(ten, arrivals(2))
    ten.server_id, ten.mine = "oThEr", Library()
    ten.consent.keys.clear()
    _, report = run(ten, arrivals(2))
    assert counts(report) == (2, 0, 0, 0)
    assert ten.consent.asked == 2


def test_a_profile_that_changes_during_the_run_is_noticed(ten: ZoteroDesktop, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = ZoteroDesktop._api_write

    def change(self: ZoteroDesktop, asked: Any, library: Any, rest: str) -> Any:
        self.server_id = "oThEr"
        return plain(self, asked, library, rest)

    monkeypatch.setattr(ZoteroDesktop, "_api_write", change)
    _, report = run(ten, arrivals(2))
    assert counts(report) == (2, 0, 0, 0)
    assert len(ten.mine.items) == 2


@pytest.mark.parametrize("fault", ["412", "429", "500", "503", "reset", "lost"])
def test_no_fault_makes_a_double(ten: ZoteroDesktop, hasty: None, fault: str) -> None:
    ten.script = ["", "", "", fault]
    _, report = run(ten, arrivals(60))
    assert counts(report) == (60, 0, 0, 0)
    assert sorted(i["DOI"] for i in ten.mine.items.values()) == sorted(f"10.5555/n{n}" for n in range(60))


def test_notes_follow_when_the_items_key_is_known(ten: ZoteroDesktop) -> None:
    run(ten, [Arrival(article(0, annote="My <thoughts>"), key="a")])
    [note] = [item for item in ten.mine.items.values() if item["itemType"] == "note"]
    assert note["note"] == "<p>My &lt;thoughts&gt;</p>"
    assert ten.mine.items[note["parentItem"]]["DOI"] == "10.5555/n0"


def test_collections_are_made_and_groups_are_reached(ten: ZoteroDesktop) -> None:
    ten.groups[7] = Library("Lab")
    run(ten, arrivals(1), zotero_library="Lab", collection="Thesis/Chapter 2")
    [made] = [c for c in ten.groups[7].collections.values() if c["name"] == "Chapter 2"]
    assert next(iter(ten.groups[7].items.values()))["collections"] == [made["key"]]


def test_a_read_only_group_is_refused(ten: ZoteroDesktop) -> None:
    ten.groups[7] = Library("Lab", writable=False)
    with pytest.raises(TargetError, match=r"Lab.*only read"):
        run(ten, arrivals(1), zotero_library="Lab")


def test_an_old_schema_gets_lines_of_extra(eight: ZoteroDesktop) -> None:
    eight.version = "7.0.30"
    run(eight, [Arrival(Work({"type": "book", "title": "T", "DOI": "10.5555/b", "PMID": "7"}), key="b")])
    [kept] = eight.mine.items.values()
    assert "DOI" not in kept
    assert kept["extra"].splitlines() == ["Citation Key: b", "DOI: 10.5555/b", "PMID: 7"]
    _, report = run(eight, [Arrival(Work({"type": "book", "title": "T", "DOI": "10.5555/b"}))])
    assert counts(report) == (0, 0, 1, 0)


# --- the connector -------------------------------------------------------------------------------


def test_before_10_the_connector_takes_and_the_local_api_shows(eight: ZoteroDesktop) -> None:
    eight.mine.put(item(Entry("", article(0))))
    _, report = run(eight, arrivals(3))
    assert counts(report) == (2, 0, 1, 0)
    assert report.target is not None
    assert report.target.kind == "connector"
    assert "cannot-see" not in codes(report)
    eight.forget()
    _, report = run(eight, arrivals(3))
    assert counts(report) == (0, 0, 3, 0)
    assert eight.writes() == []


def test_through_the_connector_alone_nothing_is_sent_twice(eight: ZoteroDesktop) -> None:
    eight.local_api = False
    _, report = run(eight, arrivals(3))
    assert counts(report) == (3, 0, 0, 0)
    assert "cannot-see" in codes(report)
    eight.forget()
    _, report = run(eight, arrivals(4))
    assert counts(report) == (1, 0, 3, 0)
    assert len(eight.mine.items) == 4
    eight.forget()
    _, report = run(eight, arrivals(4))
    assert eight.writes() == []


def test_tags_are_the_users_own_and_do_not_vanish(eight: ZoteroDesktop) -> None:
    eight.automatic_tags = False
    works = [Arrival(article(0, keyword="a; b")), Arrival(article(1)), Arrival(article(2, keyword="a; b"))]
    run(eight, works)
    kept = {i["DOI"]: i["tags"] for i in eight.mine.items.values()}
    both = [{"tag": "a"}, {"tag": "b"}]
    assert kept == {"10.5555/n0": both, "10.5555/n1": [], "10.5555/n2": both}
    assert len([a for a in eight.asked if a.path.endswith("saveItems")]) == 2


def test_the_wanted_collection_is_the_target(eight: ZoteroDesktop) -> None:
    thesis = eight.mine.put_collection("Thesis")
    chapter = eight.mine.put_collection("Chapter 2", thesis)
    run(eight, arrivals(2), collection="Thesis/Chapter 2")
    assert [i["collections"] for i in eight.mine.items.values()] == [[chapter], [chapter]]
    with pytest.raises(TargetError, match=r"no collection 'None'.*cannot be made this way"):
        run(eight, arrivals(3), collection="None")
    eight.mine.put_collection("Twice")
    eight.mine.put_collection("Twice")
    with pytest.raises(UsageError, match="2 Zotero collections 'Twice'"):
        run(eight, arrivals(3), collection="Twice")


def test_a_selected_group_is_where_items_go(eight: ZoteroDesktop) -> None:
    eight.groups[7] = Library("Lab")
    eight.selected = eight.groups[7]
    run(eight, arrivals(2))
    assert len(eight.groups[7].items) == 2
    _, report = run(eight, arrivals(2))
    assert counts(report) == (0, 0, 2, 0)


def test_a_selected_group_that_is_read_only_is_refused(eight: ZoteroDesktop) -> None:
    eight.groups[7] = Library("Lab", writable=False)
    eight.selected = eight.groups[7]
    with pytest.raises(TargetError, match="Lab, is read-only"):
        run(eight, arrivals(1))
    assert eight.writes() == []


def test_no_editable_library_is_said(eight: ZoteroDesktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ZoteroDesktop, "_save", lambda self, said: zotero_answer({"libraryEditable": False}))
    with pytest.raises(TargetError, match="No library in Zotero can be edited"):
        run(eight, arrivals(1))


def zotero_answer(value: Any) -> Any:
    from tests.server.zotero_http import Answer

    return Answer.of(value, 500)


def test_the_pdfs_go_along(eight: ZoteroDesktop, tmp_path: Path) -> None:
    paper = tmp_path / "Größe.pdf"
    paper.write_bytes(b"%PDF-1.4 \xff\x00")
    _, report = run(eight, arrivals(2), documents={"10.5555/n1": paper}, attach=True)
    [(key, about, data)] = eight.files
    assert eight.mine.items[key]["DOI"] == "10.5555/n1"
    assert about["url"] == "https://doi.org/10.5555/n1"
    assert (about["title"], data) == ("Größe.pdf", b"%PDF-1.4 \xff\x00")
    assert report.exit_code == 0


def test_a_lost_answer_makes_no_double(eight: ZoteroDesktop, hasty: None) -> None:
    eight.script = ["", "", "", "", "lost"]
    _, report = run(eight, arrivals(3))
    assert counts(report) == (3, 0, 0, 0)
    assert len(eight.mine.items) == 3


def test_the_headers_are_those_that_zotero_wants(eight: ZoteroDesktop) -> None:
    run(eight, arrivals(1))
    saved = next(a for a in eight.asked if a.path == "/connector/saveItems")
    assert saved.header("x-zotero-connector-api-version") == "3"
    assert saved.header("content-type") == "application/json"
    assert saved.header("user-agent").startswith("refkit/")
    assert not saved.header("origin")
    assert "chunked" not in saved.header("transfer-encoding")
    sent = saved.json["items"][0]
    assert {"key", "version", "attachments"}.isdisjoint(sent)


def test_a_dry_run_through_the_connector_sends_nothing(eight: ZoteroDesktop) -> None:
    sent, _ = run(eight, arrivals(2), dry_run=True)
    assert eight.writes() == []
    assert [d.action for d in sent.decisions] == [Action.ADD, Action.ADD]


# --- which way, and why not ----------------------------------------------------------------------


def test_not_running_is_said_with_what_to_do() -> None:
    settings = Settings(zotero_url="http://127.0.0.1:9")
    with pytest.raises(TargetError, match=r"not running.*Start Zotero.*settings/keys.*--via file"):
        send(arrivals(1), settings, Report(), Sending())
    for via in ("local", "connector"):
        with pytest.raises(TargetError, match="Zotero is not running"):
            send(arrivals(1), Settings(zotero_url="http://127.0.0.1:9", via=via), Report(), Sending())


def test_the_local_api_that_is_off_is_said(ten: ZoteroDesktop) -> None:
    ten.local_api = False
    with pytest.raises(TargetError, match=r"local API is off.*Allow other applications"):
        run(ten, arrivals(1), via="local")
    _, report = run(ten, arrivals(1))
    assert report.target is not None
    assert report.target.kind == "connector"


def test_before_10_the_local_api_takes_nothing(eight: ZoteroDesktop) -> None:
    with pytest.raises(TargetError, match=r"8.0.5 takes no writes.*--via connector"):
        run(eight, arrivals(1), via="local")


def test_something_else_at_zoteros_address_is_noticed() -> None:
    from tests.server import Services

    with Services() as services, pytest.raises(TargetError, match=r"not Zotero|no local API"):
        send(arrivals(1), Settings(zotero_url=services.doi.url, via="connector"), Report(), Sending())


def test_the_memory_can_be_switched_off(eight: ZoteroDesktop) -> None:
    eight.local_api = False
    _, report = run(eight, arrivals(1), remember=False)
    assert any("may send what is there" in note.message for note in report.notes if isinstance(note, Note))
    run(eight, arrivals(1), remember=False)
    assert len(eight.mine.items) == 2


def test_the_memory_is_readable(ten: ZoteroDesktop) -> None:
    from refkit.store.memory import memory_path

    run(ten, arrivals(1))
    kept = json.loads(memory_path("zotero", "local-sErVeR1-users-0").read_text(encoding="utf-8"))
    assert kept["entries"]["10.5555/n0"]["key"] == "berg0"


def test_what_was_sent_is_remembered_when_the_run_ends_early(eight: ZoteroDesktop, hasty: None) -> None:
    eight.local_api = False
    works = [Arrival(article(number, keyword=f"tag{number}"), key=f"berg{number}") for number in range(3)]
    plain = eight.answer

    def stop_after_one(asked: Any) -> Any:
        if asked.path.endswith("saveItems") and eight.sessions:
            return zotero_answer({"libraryEditable": False})
        return plain(asked)

    eight.answer = stop_after_one  # type: ignore[method-assign]
    with pytest.raises(TargetError):
        run(eight, works)
    eight.answer = plain  # type: ignore[method-assign]
    _, report = run(eight, works)
    assert counts(report) == (2, 0, 1, 0)
    assert len(eight.mine.items) == 3


def test_update_through_the_connector_is_said_to_do_nothing(eight: ZoteroDesktop) -> None:
    eight.mine.put({"itemType": "journalArticle", "title": "Mine", "DOI": "10.5555/n0", "creators": []})
    _, report = run(eight, arrivals(1), update=True)
    assert counts(report) == (0, 0, 1, 0)
    assert "no-update" in codes(report)
    assert eight.writes() == []


def test_a_proxy_of_the_environment_is_not_asked_about_this_machine(
    eight: ZoteroDesktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    _, report = run(eight, arrivals(1))
    assert counts(report) == (1, 0, 0, 0)


def test_items_of_a_later_schema_are_seen(ten: ZoteroDesktop) -> None:
    ten.mine.put({"itemType": "hologram", "title": "Mine", "DOI": "10.5555/n0", "creators": []})
    _, report = run(ten, arrivals(1))
    assert counts(report) == (0, 0, 1, 0)


def test_pages_without_a_total_are_read_to_the_end(ten: ZoteroDesktop, monkeypatch: pytest.MonkeyPatch) -> None:
    from refkit.sinks.zotero.local import Local

    monkeypatch.setattr(Local, "page", 4)
    for number in range(11):
        ten.mine.put(item(Entry("", article(number))))
    plain = ten.answer

    def without(asked: Any) -> Any:
        answer = plain(asked)
        answer.headers.pop("Total-Results", None)
        return answer

    ten.answer = without  # type: ignore[method-assign]
    _, report = run(ten, arrivals(11))
    assert counts(report) == (0, 0, 11, 0)


def test_nobody_is_asked_in_a_dry_run_or_when_there_is_nothing_to_send(ten: ZoteroDesktop) -> None:
    run(ten, arrivals(1), dry_run=True)
    assert ten.consent.asked == 0
    ten.mine.put(item(Entry("", article(0))))
    run(ten, arrivals(1))
    assert ten.consent.asked == 0


def test_a_zotero_that_is_still_starting_is_not_called_absent(eight: ZoteroDesktop, hasty: None) -> None:
    eight.script = ["503"] * 40
    with pytest.raises(TargetError, match=r"does not answer.*still starting"):
        run(eight, arrivals(1), via="connector")


def test_a_quick_look_finds_what_a_full_one_does(ten: ZoteroDesktop) -> None:
    """Whatever names the work: its DOI or PMID in a field or in Extra, its title under whatever name."""
    title = "The 0th observation of things numbered 0"
    for number, said in enumerate(
        [
            {"itemType": "report", "extra": "doi: 10.5555/n0"},
            {"itemType": "book", "extra": "PMID: 4711\nmine", "title": title},
            {"itemType": "journalArticle", "title": title, "date": "5 March 2000", "pages": "0-9", "volume": "0"},
            {"itemType": "statute", "nameOfAct": title, "DOI": "doi:10.5555/n0"},
        ]
    ):
        ten.mine = Library()
        ten.server_id = f"profile{number}"
        ten.mine.put({"title": "Another title", "creators": []} | said)
        works = [Arrival(article(0, PMID="4711"), key="k")]
        _, report = run(ten, works)
        assert counts(report)[0] == 0, said


@pytest.mark.parametrize("shown", [True, False])
def test_a_work_without_a_title_goes_through_the_connector_once(eight: ZoteroDesktop, shown: bool) -> None:
    eight.local_api = shown
    given = [Arrival(Work({"type": "report", "author": [{"family": "Berg", "given": "A"}], "number": "7"}))]
    run(eight, given)
    _, report = run(eight, given)
    assert counts(report) == (0, 0, 1, 0)
    assert len(eight.mine.items) == 1


def test_a_keyring_is_used_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}

    class Ring:
        get_password = staticmethod(lambda service, name: kept.get((service, name)))
        set_password = staticmethod(lambda service, name, key: kept.__setitem__((service, name), key))
        delete_password = staticmethod(lambda service, name: kept.pop((service, name)))

    monkeypatch.setitem(sys.modules, "keyring", Ring())
    assert secrets.keep("zotero-local-x", "s3cret") == "your keyring"
    assert secrets.recall("zotero-local-x") == "s3cret"
    assert not secrets._path().exists()
    secrets.keep("zotero-local-x", "")
    assert secrets.recall("zotero-local-x") == ""


def test_the_local_api_takes_files_too(ten: ZoteroDesktop, tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.4 \xff\x00")
    _, report = run(ten, arrivals(1), documents={"10.5555/n0": paper}, attach=True)
    [attachment] = [kept for kept in ten.mine.items.values() if kept["itemType"] == "attachment"]
    assert attachment["file"] == paper.read_bytes()
    assert ten.mine.items[attachment["parentItem"]]["DOI"] == "10.5555/n0"
    assert report.exit_code == 0
