"""Works go to Zotero's web service, each once, whatever happens to the requests."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from refkit.errors import TargetError, UsageError
from refkit.formats.zotero_items import item
from refkit.formats.zotero_uri import item_key, item_uri
from refkit.merging import Arrival
from refkit.model import Action, Entry, Work
from refkit.net.pace import PUBLISHED, Limit
from refkit.pipeline.sending import Sending, send
from refkit.report import Report
from refkit.settings import Settings
from tests.server import zotero_library
from tests.server.zotero import KEY, ZoteroDesktop, ZoteroWeb
from tests.server.zotero_library import Library
from tests.server.zotero_rules import faults_of


def article(number: int, **more: Any) -> Work:
    csl = {
        "type": "article-journal", "title": f"The {number}th observation of things numbered {number * 7919}",
        "DOI": f"10.5555/n{number}", "author": [{"family": f"Berg{number}", "given": "Jan"}],
        "container-title": "Journal of Examples", "issued": {"date-parts": [[2000 + number % 20, 3, 5]]},
        "volume": str(number), "page": f"{number}-{number + 9}",
    }  # fmt: skip
    return Work(csl | more)


def arrivals(count: int) -> list[Arrival]:
    return [Arrival(article(number), key=f"berg{number}") for number in range(count)]


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoteroWeb]:
    """A web service that is asked as fast as it goes: its pace is no matter of these tests."""
    for kind in ("single", "list"):
        monkeypatch.setitem(PUBLISHED, ("zotero-web", "public", kind), Limit(1000, 1, 2))
    with ZoteroWeb() as server:
        yield server


@pytest.fixture
def settings(web: ZoteroWeb, tmp_path: Path) -> Any:
    def make(**more: Any) -> Settings:
        given = {"via": "web", "zotero_api_url": web.url, "zotero_key": KEY, "cache": str(tmp_path / "cache")}
        return Settings(**given | more)

    return make


def run(settings: Settings, works: list[Arrival], **more: Any) -> tuple[Any, Report]:
    report = Report()
    return send(works, settings, report, Sending(**more)), report


def counts(report: Report) -> tuple[int, int, int, int]:
    assert report.target is not None
    t = report.target
    return t.added, t.updated, t.skipped, t.conflicts


def test_works_are_in_the_library_valid_and_once(web: ZoteroWeb, settings: Any) -> None:
    sent, report = run(settings(), arrivals(120))
    assert counts(report) == (120, 0, 0, 0)
    assert report.exit_code == 0
    assert len(web.mine.items) == 120
    assert all(faults_of(i) == [] for i in web.mine.items.values())
    assert [len(a.json) for a in web.writes()] == [50, 50, 20]
    assert len(web.asked) == 5
    web.forget()
    sent, report = run(settings(), arrivals(120))
    assert counts(report) == (0, 0, 120, 0)
    assert web.writes() == []
    assert all(d.action is Action.SAME and "is in Zotero as item" in d.why for d in sent.decisions)


def test_items_bear_the_key_that_documents_know_them_by(web: ZoteroWeb, settings: Any) -> None:
    run(settings(), arrivals(3))
    assert set(web.mine.items) == {item_key(article(number)) for number in range(3)}
    assert all(item["relations"] == {} for item in web.mine.items.values())
    assert {item["citationKey"] for item in web.mine.items.values()} == {"berg0", "berg1", "berg2"}


def test_what_the_user_has_is_neither_added_nor_touched(web: ZoteroWeb, settings: Any) -> None:
    web.mine.put({"itemType": "journalArticle", "title": "Mine", "DOI": "https://doi.org/10.5555/N0", "creators": []})
    web.mine.put(
        {"itemType": "book", "title": "Mine too", "extra": "DOI: 10.5555/n1\nlast read in May", "creators": []}
    )
    before = {key: dict(item) for key, item in web.mine.items.items()}
    _, report = run(settings(), arrivals(3))
    assert counts(report) == (1, 0, 2, 0)
    assert {key: web.mine.items[key] for key in before} == before


def test_two_arrivals_of_one_work_are_one_item(web: ZoteroWeb, settings: Any) -> None:
    _, report = run(settings(), [Arrival(article(1), key="a"), Arrival(article(1, publisher="X"), key="b")])
    assert counts(report) == (1, 0, 0, 0)
    assert len(web.mine.items) == 1


def test_a_dry_run_sends_nothing_and_says_what_would_be_sent(web: ZoteroWeb, settings: Any) -> None:
    web.mine.put({"itemType": "journalArticle", "title": "Mine", "DOI": "10.5555/n0", "creators": []})
    sent, report = run(settings(update=True, collection="New"), arrivals(2), dry_run=True)
    assert web.writes() == []
    assert [d.action for d in sent.decisions] == [Action.CONFLICT, Action.ADD]
    assert "title" in [c.field for c in sent.decisions[0].changes if not c.taken]
    assert "volume" in [c.field for c in sent.decisions[0].changes if c.taken]
    assert "dry run, nothing sent" in sent.said
    assert report.target is not None
    assert report.target.kind == "web"


# --- updates -------------------------------------------------------------------------------------


def test_update_fills_empty_fields_and_no_others(web: ZoteroWeb, settings: Any) -> None:
    mine = {
        "itemType": "journalArticle", "title": "The 0th observation of things numbered 0", "DOI": "10.5555/n0",
        "date": "2000", "extra": "my own words", "tags": [{"tag": "mine"}],
        "creators": [{"creatorType": "author", "lastName": "Berg0", "firstName": "J."}],
    }  # fmt: skip
    key = web.mine.put(mine)
    _, report = run(settings(update=True), arrivals(1))
    assert counts(report) == (0, 1, 0, 0)
    now = web.mine.items[key]
    assert (now["volume"], now["pages"], now["publicationTitle"]) == ("0", "0-9", "Journal of Examples")
    assert {name: now[name] for name in mine} == mine
    web.forget()
    _, report = run(settings(update=True), arrivals(1))
    assert counts(report) == (0, 0, 1, 0)
    assert web.writes() == []


def test_what_the_user_changed_or_deleted_stays_so(web: ZoteroWeb, settings: Any) -> None:
    run(settings(), arrivals(1))
    key = item_key(article(0))
    web.mine.change(key, volume="", publicationTitle="My own journal")
    _, report = run(settings(update=True), arrivals(1))
    now = web.mine.items[key]
    assert (now["volume"], now["publicationTitle"]) == ("", "My own journal")
    assert counts(report) == (0, 0, 1, 0)


def test_both_changed_is_a_conflict_and_the_users_stays(web: ZoteroWeb, settings: Any) -> None:
    run(settings(), arrivals(1))
    key = item_key(article(0))
    web.mine.change(key, publicationTitle="My own journal")
    changed = Arrival(article(0, **{"container-title": "Annals of Otherness"}), key="berg0")
    sent, report = run(settings(update=True), [changed])
    assert counts(report) == (0, 0, 0, 1)
    assert report.exit_code in (0, 1)
    [change] = sent.decisions[0].changes
    assert (change.field, change.old, change.taken) == ("publicationTitle", "My own journal", False)
    assert web.mine.items[key]["publicationTitle"] == "My own journal"


def test_a_value_of_refkits_own_that_the_source_changed_is_no_conflict(web: ZoteroWeb, settings: Any) -> None:
    run(settings(), arrivals(1))
    changed = Arrival(article(0, **{"container-title": "Annals of Otherness"}), key="berg0")
    _, report = run(settings(update=True), [changed])
    assert counts(report) == (0, 0, 1, 0)
    assert web.mine.items[item_key(article(0))]["publicationTitle"] == "Journal of Examples"


def test_what_the_user_deleted_is_not_added_again_unless_named(web: ZoteroWeb, settings: Any) -> None:
    run(settings(), arrivals(2))
    web.mine.remove(item_key(article(0)))
    sent, report = run(settings(), arrivals(2))
    assert counts(report) == (0, 0, 2, 0)
    assert "deleted by you" in sent.decisions[0].why
    _, report = run(settings(), [Arrival(article(0), named=True)])
    assert counts(report) == (1, 0, 0, 0)


def test_an_item_in_the_trash_keeps_its_key_and_the_new_one_gets_another(web: ZoteroWeb, settings: Any) -> None:
    key = item_key(article(0))
    web.mine.put({"itemType": "journalArticle", "title": "x", "DOI": "10.5555/n0", "deleted": 1, "creators": []}, key)
    _, report = run(settings(), [Arrival(article(0), key="berg0", named=True)])
    assert counts(report) == (1, 0, 0, 0)
    new = next(item for item in web.mine.top)
    assert new["key"] != key
    assert new["relations"] == {"dc:replaces": [item_uri(article(0))]}


# --- libraries and collections -------------------------------------------------------------------


def test_collections_are_made_where_they_are_missing(web: ZoteroWeb, settings: Any) -> None:
    thesis = web.mine.put_collection("Thesis")
    run(settings(collection="Thesis/Chapter 2"), arrivals(1))
    [made] = [c for c in web.mine.collections.values() if c["name"] == "Chapter 2"]
    assert made["parentCollection"] == thesis
    assert next(iter(web.mine.items.values()))["collections"] == [made["key"]]
    run(settings(collection="Thesis/Chapter 2"), arrivals(2))
    assert len(web.mine.collections) == 2


def test_a_collection_name_that_occurs_twice_is_asked_about(web: ZoteroWeb, settings: Any) -> None:
    first, second = web.mine.put_collection("Same"), web.mine.put_collection("Same")
    with pytest.raises(UsageError, match=f"2 Zotero collections 'Same'.*{first}"):
        run(settings(collection="Same"), arrivals(1))
    assert web.writes() == []
    run(settings(collection=second), arrivals(1))
    assert next(iter(web.mine.items.values()))["collections"] == [second]


def test_what_is_there_joins_the_collection_only_with_update(web: ZoteroWeb, settings: Any) -> None:
    old, new = web.mine.put_collection("Old"), web.mine.put_collection("New")
    run(settings(collection="Old"), arrivals(1))
    _, report = run(settings(collection="New"), arrivals(1))
    [item] = web.mine.items.values()
    assert item["collections"] == [old]
    assert "other-collections" in [note.code for note in report.notes]
    _, report = run(settings(collection="New", update=True), arrivals(1))
    [item] = web.mine.items.values()
    assert item["collections"] == [old, new]
    assert counts(report) == (0, 1, 0, 0)


def test_a_group_is_named_by_name_or_number(web: ZoteroWeb, settings: Any) -> None:
    web.groups[5] = Library("Our Group")
    web.access["groups"] = {"5": {"library": True, "write": True}}
    run(settings(zotero_library="our group"), arrivals(1))
    [item] = web.groups[5].items.values()
    assert item["relations"] == {"dc:replaces": [item_uri(article(0))]}
    _, report = run(settings(zotero_library="groups/5"), arrivals(1))
    assert counts(report) == (0, 0, 1, 0)
    with pytest.raises(UsageError, match=r"no Zotero library 'nothing'.*Our Group"):
        run(settings(zotero_library="nothing"), arrivals(1))


def test_a_group_that_may_only_be_read_is_refused_before_anything_is_sent(web: ZoteroWeb, settings: Any) -> None:
    web.groups[5] = Library("Our Group")
    with pytest.raises(TargetError, match="may not write to the Zotero group Our Group"):
        run(settings(zotero_library="Our Group"), arrivals(1))
    assert web.writes() == []


# --- keys ----------------------------------------------------------------------------------------


def test_a_wrong_key_is_said_and_never_shown(web: ZoteroWeb, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(TargetError, match="does not accept the key") as caught:
        run(settings(zotero_key="wr0ngwr0ngwr0ng"), arrivals(1))
    run(settings(), arrivals(1))
    for secret in ("wr0ngwr0ngwr0ng", KEY):
        assert secret not in caplog.text + str(caught.value) + repr(settings())


def test_without_a_key_there_is_a_sentence(settings: Any) -> None:
    with pytest.raises(TargetError, match=r"needs a key.*REFKIT_ZOTERO_KEY"):
        run(settings(zotero_key=""), arrivals(1))
    with pytest.raises(TargetError, match="--offline"):
        run(settings(offline=True), arrivals(1))


def test_a_key_that_may_not_write_is_said(web: ZoteroWeb, settings: Any) -> None:
    web.access["user"]["write"] = False
    with pytest.raises(TargetError, match="may not write to your Zotero library"):
        run(settings(), arrivals(1))


# --- trouble -------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["412", "429", "500", "503", "reset", "lost"])
def test_any_single_fault_makes_no_double_and_loses_nothing(
    web: ZoteroWeb, settings: Any, fault: str, hasty: None
) -> None:
    web.script = ["", "", fault]
    _, report = run(settings(), arrivals(60))
    assert counts(report) == (60, 0, 0, 0)
    assert set(web.mine.items) == {item_key(article(number)) for number in range(60)}
    web.forget()
    run(settings(update=True), arrivals(60))
    assert web.writes() == []


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_pause_that_is_asked_for_holds_for_reading_and_writing(web: ZoteroWeb, settings: Any, place: int) -> None:
    """`Backoff` comes with answers that are fine (to the key, a page, a batch); nothing may come before its end."""
    web.backoff = "0.4"
    web.script = [*[""] * place, "backoff"]
    _, report = run(settings(), arrivals(60))
    assert counts(report) == (60, 0, 0, 0)
    assert [asked.fault for asked in web.asked].count("backoff") == 1
    assert web.too_early == []


def test_under_constant_trouble_the_library_is_the_same(web: ZoteroWeb, settings: Any, hasty: None) -> None:
    web.shares = {"412": 0.1, "429": 0.1, "500": 0.1, "reset": 0.1, "lost": 0.1}
    _, report = run(settings(), arrivals(200))
    assert counts(report) == (200, 0, 0, 0)
    web.shares = {}
    assert sorted(i["DOI"] for i in web.mine.items.values()) == sorted(f"10.5555/n{n}" for n in range(200))


def test_a_failure_inside_a_200_is_a_failure(web: ZoteroWeb, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.server import zotero

    def moody(data: dict[str, Any]) -> Any:
        return "'volume' is <not> to be" if data.get("volume") == "1" else zotero_library.strict(data)

    monkeypatch.setattr(zotero, "strict", moody)
    _, report = run(settings(), arrivals(3))
    assert counts(report) == (2, 0, 0, 0)
    assert report.exit_code == 5
    [note] = [note for note in report.notes if note.code == "refused"]
    assert "berg1" in note.message
    assert "'volume' is <not> to be" in note.message
    monkeypatch.setattr(zotero, "strict", zotero_library.strict)
    _, report = run(settings(), arrivals(3))
    assert counts(report) == (1, 0, 2, 0)


def test_an_item_deleted_in_between_is_not_made_anew(
    web: ZoteroWeb, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = web.mine.put({"itemType": "journalArticle", "title": "Mine", "DOI": "10.5555/n0", "creators": []})
    plain = ZoteroWeb._route

    def route(self: ZoteroWeb, asked: Any) -> Any:
        if asked.method == "POST" and key in self.mine.items:
            self.mine.remove(key)
        return plain(self, asked)

    monkeypatch.setattr(ZoteroWeb, "_route", route)
    given = [Arrival(article(0, title="Mine"), key="berg0")]
    _, report = run(settings(update=True), given)
    assert len(web.mine.items) <= 1
    assert report.target is not None


def test_an_item_changed_in_between_is_looked_at_again(
    web: ZoteroWeb, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"itemType": "journalArticle", "title": "The 0th observation of things numbered 0", "DOI": "10.5555/n0"}
    key = web.mine.put(given | {"creators": []})
    plain = ZoteroWeb._route

    def route(self: ZoteroWeb, asked: Any) -> Any:
        if asked.method == "POST" and "volume" not in self.mine.items[key]:
            self.mine.change(key, volume="mine, 0")
        return plain(self, asked)

    monkeypatch.setattr(ZoteroWeb, "_route", route)
    run(settings(update=True), arrivals(1))
    assert web.mine.items[key]["volume"] == "mine, 0"
    assert web.mine.items[key]["pages"] == "0-9"


def test_batches_that_are_too_large_are_halved(web: ZoteroWeb, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zotero_library, "MOST", 7)
    _, report = run(settings(), arrivals(20))
    assert counts(report) == (20, 0, 0, 0)
    assert len(web.mine.items) == 20


def test_long_abstracts_become_notes_of_their_items(web: ZoteroWeb, settings: Any) -> None:
    run(settings(), [Arrival(article(0, abstract="word " * 20000, annote="My thoughts"), key="a")])
    notes = [item for item in web.mine.items.values() if item["itemType"] == "note"]
    assert len(notes) == 2
    assert {note["parentItem"] for note in notes} == {item_key(article(0))}


@pytest.mark.parametrize(
    "csl",
    [{"author": [{"family": "Berg", "given": "A"}], "issued": {"date-parts": [[2020]]}}, {"publisher": "P: Q"}],
    ids=["author", "publisher"],
)
def test_a_work_without_a_title_is_sent_once(web: ZoteroWeb, settings: Any, csl: dict[str, Any]) -> None:
    given = [Arrival(Work({"type": "article-journal"} | csl))]
    _, report = run(settings(), given)
    assert counts(report) == (1, 0, 0, 0)
    _, report = run(settings(), given)
    assert counts(report) == (0, 0, 1, 0)
    assert len(web.mine.items) == 1


def test_a_work_that_says_nothing_makes_no_doubles(web: ZoteroWeb, settings: Any) -> None:
    given = [Arrival(Work({"type": "article-journal"}))]
    run(settings(), given)
    before = len(web.mine.items)
    run(settings(), given)
    assert len(web.mine.items) == before <= 1


def test_pdfs_are_attached(web: ZoteroWeb, settings: Any, tmp_path: Path) -> None:
    paper = tmp_path / "Größe & Maß.pdf"
    paper.write_bytes(b"%PDF-1.4 \xff\x00 text")
    _, report = run(settings(attach=True), arrivals(1), documents={"10.5555/n0": paper})
    [attachment] = [item for item in web.mine.items.values() if item["itemType"] == "attachment"]
    assert attachment["parentItem"] == item_key(article(0))
    assert (attachment["title"], attachment["file"]) == ("Größe & Maß.pdf", paper.read_bytes())
    assert report.exit_code == 0


def test_a_full_storage_and_a_huge_file_are_said(
    web: ZoteroWeb, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = tmp_path / "a.pdf"
    paper.write_bytes(b"%PDF-1.4")
    huge = tmp_path / "huge.pdf"
    with huge.open("wb") as stream:
        stream.truncate(2_000_000_000)
    web.quota = 3
    documents = {"10.5555/n0": paper, "10.5555/n1": huge, "10.5555/n2": tmp_path / "gone.pdf"}
    _, report = run(settings(attach=True), arrivals(3), documents=documents)
    assert counts(report)[0] == 3
    said = " ".join(note.message for note in report.notes if note.code == "not-attached")
    assert "storage of this library is full" in said
    assert "huge.pdf has 2.0 GB" in said
    assert "gone.pdf cannot be read" in said
    assert report.exit_code == 1


# --- large libraries -----------------------------------------------------------------------------


def test_a_library_of_many_pages_is_read_whole(web: ZoteroWeb, settings: Any) -> None:
    for number in range(350):
        web.mine.put(item(Entry("", article(number))))
    web.mine.put({"itemType": "note", "note": "alone"})
    _, report = run(settings(), arrivals(350))
    assert counts(report) == (0, 0, 350, 0)
    assert web.writes() == []


def test_a_library_that_changes_while_it_is_read_is_read_to_its_end(
    web: ZoteroWeb, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(150):
        web.mine.put(item(Entry("", article(number))))
    plain, added = ZoteroWeb._route, [article(500)]

    def route(self: ZoteroWeb, asked: Any) -> Any:
        answer = plain(self, asked)
        if added and asked.params.get("start") == "0":
            self.mine.put(item(Entry("", added.pop())))
        return answer

    monkeypatch.setattr(ZoteroWeb, "_route", route)
    _, report = run(settings(), [*arrivals(150), Arrival(article(500))])
    assert counts(report) == (0, 0, 151, 0)


def test_a_server_that_tells_less_will_do(web: ZoteroWeb, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.server.zotero_http import Answer

    plain = ZoteroWeb._route

    def route(self: ZoteroWeb, asked: Any) -> Any:
        if asked.path in ("/keys/current", f"/users/{self.user}/items/top", f"/users/{self.user}/groups"):
            return Answer(404, b"Not found")
        return plain(self, asked)

    monkeypatch.setattr(ZoteroWeb, "_route", route)
    for library in ("users/475425", "groups/5"):
        web.groups[5] = web.groups.get(5) or Library("Lab")
        web.access["groups"] = {"5": {"write": True}}
        _, report = run(settings(zotero_library=library), arrivals(2))
        assert counts(report) == (2, 0, 0, 0)
        _, report = run(settings(zotero_library=library), arrivals(2))
        assert counts(report) == (0, 0, 2, 0)


# --- documents -----------------------------------------------------------------------------------


def linked(library: Library, uri: str, *, personal: bool = True) -> str:
    """The DOI of the item that Zotero finds for the URI of a citation: by its key, else as what was replaced."""
    key = uri.rpartition("/")[2]
    if personal and key in library.items:
        return str(library.items[key]["DOI"])
    return next(str(i["DOI"]) for i in library.items.values() if uri in i["relations"].get("dc:replaces", ()))


def test_citations_in_documents_find_the_items(web: ZoteroWeb, settings: Any) -> None:
    from refkit.manuscripts.zotero_fields import cited_work

    [uri] = cited_work(article(1), "berg1").uris
    run(settings(), arrivals(3))
    assert linked(web.mine, uri) == "10.5555/n1"
    web.groups[5] = Library("Lab")
    web.access["groups"] = {"5": {"write": True}}
    run(settings(zotero_library="Lab"), arrivals(3))
    assert linked(web.groups[5], uri, personal=False) == "10.5555/n1"
    with ZoteroDesktop("10.0.0") as desktop:
        run(Settings(zotero_url=desktop.url), arrivals(3))
        assert linked(desktop.mine, uri) == "10.5555/n1"
    with ZoteroDesktop("7.0.32") as desktop:
        run(Settings(zotero_url=desktop.url), arrivals(3))
        assert linked(desktop.mine, uri) == "10.5555/n1"
