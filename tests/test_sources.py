"""Asking, end to end over real HTTP: what is asked of whom, and which of the ends each DOI comes to."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from refkit import sources
from refkit.errors import InputError
from refkit.model import Answer, Doi, Failed, Found, Missing, Question, Reason
from refkit.settings import Settings
from tests.server import Services
from tests.server import crossref as server
from tests.server.samples import record
from tests.server.service import Answer as ServerAnswer

pytest_plugins = ["tests.server.fixtures"]

Asking = Callable[..., Settings]


def question(*readings: str, context: str = "") -> Question:
    return Question(tuple(Doi(r) for r in readings), context)


def ask(settings: Settings, *questions: Question, log: sources.Log | None = None) -> list[Answer]:
    answers = list(sources.ask(questions, settings, log=log))
    assert len(answers) == len(questions)
    return answers


def existing(services: Services, count: int, start: int = 0) -> list[str]:
    dois = [f"10.5555/example.{n:05}" for n in range(start, start + count)]
    services.add(record(d) for d in dois)
    return dois


def test_many_existing_dois_cost_few_requests(services: Services, asking: Asking) -> None:
    dois = existing(services, 120)
    log = sources.Log()
    answers = ask(asking(), *map(question, dois), log=log)
    assert [a.asked for a in answers] == dois
    assert all(isinstance(a, Found) and a.doi == a.asked and a.work.csl["title"] == f"On {a.doi}" for a in answers)
    assert services.crossref.count() == services.crossref.count("list", 200) == 3
    assert services.doi.count() == 0
    assert [(r.count, r.retried) for r in log.requests] == [(3, 0)]


def test_mailto_goes_in_both_places_and_nowhere_else(services: Services, asking: Asking) -> None:
    existing(services, 1)
    log = sources.Log()
    answers = ask(asking(), question("10.5555/example.00000"), question("10.5555/nowhere"), log=log)
    for asked in services.crossref.asked:
        assert "mailto=reader%40example.org" in asked.target
        assert "mailto:reader@example.org" in asked.headers["user-agent"]
    assert services.doi.asked
    for asked in services.doi.asked:
        assert "reader" not in asked.target + str(asked.headers)
    assert "reader" not in repr(answers) + repr(log)


def test_the_public_pool_works_and_says_once_how_to_be_polite(services: Services, asking: Asking) -> None:
    dois = existing(services, 60)
    log = sources.Log()
    answers = ask(asking(mailto=""), *map(question, dois), log=log)
    assert all(isinstance(a, Found) for a in answers)
    assert services.crossref.count(status=429) == 0
    assert [n.code for n in log.notes] == ["no-mailto"]


def test_an_answer_from_the_public_pool_in_spite_of_the_address_is_said(services: Services, asking: Asking) -> None:
    services.crossref.pool_header = "public"
    dois = existing(services, 110)
    log = sources.Log()
    ask(asking(), *map(question, dois), log=log)
    assert [n.code for n in log.notes] == ["pool-public"]
    assert services.crossref.count(status=429) <= 1


def test_the_four_ends_are_told_apart(services: Services, asking: Asking) -> None:
    existing(services, 1)
    services.doi.agencies["10.5555/medra"] = "mEDRA"
    found, elsewhere, nowhere, invalid = ask(
        asking(),
        question("10.5555/example.00000"),
        question("10.5555/medra"),
        question("10.5555/nowhere"),
        question("not a doi"),
    )
    assert isinstance(found, Found)
    assert isinstance(elsewhere, Missing)
    assert elsewhere.reason is Reason.NO_METADATA
    assert elsewhere.agency == "mEDRA"
    assert isinstance(nowhere, Missing)
    assert nowhere.reason is Reason.UNREGISTERED
    assert isinstance(invalid, Missing)
    assert invalid.reason is Reason.INVALID
    offline = ask(asking(offline=True, cache=""), question("10.5555/nowhere"))[0]
    assert isinstance(offline, Failed)
    assert offline.reason is Reason.OFFLINE


def test_aliases_are_followed_and_named(services: Services, asking: Asking) -> None:
    services.add([record("10.5555/prime")])
    services.crossref.aliases |= {"10.5555/old": "10.5555/older", "10.5555/older": "10.5555/prime"}
    (answer,) = ask(asking(), question("10.5555/old"))
    assert isinstance(answer, Found)
    assert (answer.asked, answer.doi) == ("10.5555/old", "10.5555/prime")
    assert "10.5555/prime" in answer.why


def test_redirects_in_a_circle_are_a_failure(services: Services, asking: Asking) -> None:
    services.crossref.aliases |= {"10.5555/a": "10.5555/b", "10.5555/b": "10.5555/a"}
    (answer,) = ask(asking(), question("10.5555/a"))
    assert isinstance(answer, Failed)
    assert services.crossref.count("single") == 2


def test_commas_go_singly(services: Services, asking: Asking) -> None:
    dois = ["10.1001/jama.251.19.2504,2509", "10.1103/physrevd.72,031101", "10.5555/plain"]
    services.add(map(record, dois))
    answers = ask(asking(), *map(question, dois))
    assert [getattr(a, "doi", None) for a in answers] == dois
    assert all(d == "10.5555/plain" for a in services.crossref.asked if a.kind == "list" for d in a.dois)


def test_what_a_list_leaves_out_is_asked_for_singly_once(services: Services, asking: Asking) -> None:
    dois = existing(services, 10)
    services.crossref.left_out.add(dois[3])
    answers = ask(asking(), *map(question, dois), question("10.5555/nowhere"))
    assert all(isinstance(a, Found) for a in answers[:10])
    assert services.crossref.count("single") == 2
    assert services.doi.count() == 1


def test_awkward_characters_arrive_as_they_are(services: Services, asking: Asking) -> None:
    dois = [
        "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o",
        "10.5555/a#b",
        "10.5555/a?b=c&d",
        "10.5555/a%2fb",
        "10.5555/a+b",
        "10.5555/ä/../ö",
        "10.5555/[x]{y}|z^~`",
    ]
    services.add(map(record, dois))
    answers = ask(asking(), *map(question, dois))
    assert [getattr(a, "doi", a) for a in answers] == dois
    assert services.crossref.count() == 1
    # and singly, when the list leaves them out
    services.crossref.left_out.update(dois)
    answers = ask(asking(cache=""), *map(question, dois))
    assert [getattr(a, "doi", a) for a in answers] == dois


@pytest.mark.parametrize(
    ("readings", "there", "wins"),
    [
        (("10.5555/abc", "10.5555/abcdoi"), ["10.5555/abc"], "10.5555/abc"),
        (("10.5555/abc", "10.5555/abcdoi"), ["10.5555/abc", "10.5555/abcdoi"], "10.5555/abcdoi"),
        (("10.5555/abc)", "10.5555/abc"), ["10.5555/abc"], "10.5555/abc"),
    ],
)
def test_the_longest_reading_that_exists_wins(
    services: Services, asking: Asking, readings: tuple[str, ...], there: list[str], wins: str
) -> None:
    services.add(map(record, there))
    (answer,) = ask(asking(), question(*readings))
    assert isinstance(answer, Found)
    assert answer.asked == wins
    assert services.crossref.count() == 1
    assert services.doi.count() == 0


def test_a_missing_answer_names_the_best_reading(services: Services, asking: Asking) -> None:
    (answer,) = ask(asking(), question("10.5555/abc", "10.5555/abcdoi"))
    assert isinstance(answer, Missing)
    assert answer.asked == "10.5555/abc"


def test_one_malformed_doi_does_not_spoil_the_batch(services: Services, asking: Asking) -> None:
    dois = existing(services, 30)
    answers = ask(asking(), *map(question, dois), question("10.12/too-short-a-prefix"))
    assert sum(isinstance(a, Found) for a in answers) == 30
    assert services.crossref.count(status=400) <= 1


def test_repeated_questions_cost_nothing(services: Services, asking: Asking) -> None:
    existing(services, 1)
    answers = ask(asking(), *[question("10.5555/example.00000")] * 5)
    assert len({id(a) for a in answers}) == 5
    assert services.crossref.count() == 1


def test_records_come_before_the_network(services: Services, asking: Asking, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(json.dumps(record(f"10.5555/Mine.{n}")) for n in range(3)), encoding="utf-8")
    answers = ask(asking(records=(str(path),)), *[question(f"10.5555/mine.{n}") for n in range(3)])
    assert all(isinstance(a, Found) and a.work.origin.source == "records" for a in answers)
    assert services.crossref.count() == 0


def test_a_longer_reading_is_asked_for_though_a_shorter_is_at_hand(
    services: Services, asking: Asking, tmp_path: Path
) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"items": [record("10.5555/abc")]}), encoding="utf-8")
    services.add([record("10.5555/abcd")])
    settings = asking(records=(str(path),))
    both = question("10.5555/abc", "10.5555/abcd")
    assert [a.asked for a in ask(settings, both)] == ["10.5555/abcd"]
    assert services.crossref.asked[0].dois == ("10.5555/abcd",)


def test_offline_any_reading_at_hand_settles_a_question(services: Services, asking: Asking, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(record("10.5555/abc")), encoding="utf-8")
    (answer,) = ask(asking(records=(str(path),), offline=True), question("10.5555/abcd", "10.5555/abc"))
    assert isinstance(answer, Found)
    assert not services.crossref.asked


def test_a_records_path_that_is_not_there_is_said_before_anything_is_asked(services: Services, asking: Asking) -> None:
    with pytest.raises(InputError, match="not there"):
        ask(asking(records=("/no/such/file.jsonl",)), question("10.5555/abc"))
    assert not services.crossref.asked


def test_suggestions_for_what_is_registered_nowhere(services: Services, asking: Asking) -> None:
    services.add([record("10.5555/real", "Neutropenia after natalizumab in adults")])
    context = "Example A. Neutropenia after natalizumab in adults. J Examples 2020. https://doi.org/10.5555/reel"
    (answer,) = ask(asking(), question("10.5555/reel", context=context))
    assert isinstance(answer, Missing)
    assert [w.csl["DOI"] for w in answer.suggestions] == ["10.5555/real"]
    assert services.crossref.count("search") == 1


def test_a_wrong_token_is_told_from_a_missing_doi(services: Services, asking: Asking) -> None:
    existing(services, 3)
    answers = ask(asking(token="secret-token"), question("10.5555/example.00000"), question("10.5555/example.00001"))
    assert all(isinstance(a, Failed) and a.reason is Reason.REFUSED and "token" in a.why for a in answers)
    assert "secret-token" not in repr(answers)
    assert services.crossref.count() == 1


def test_a_block_stops_everything(services: Services, asking: Asking) -> None:
    services.crossref.blocked = True
    answers = ask(asking(), *[question(f"10.5555/x{n}") for n in range(200)])
    assert all(isinstance(a, Failed) and "support@crossref.org" in a.why for a in answers)
    assert services.crossref.count() <= 3


@pytest.mark.usefixtures("hasty")
def test_without_any_network_each_doi_says_so(asking: Asking) -> None:
    settings = asking(
        crossref_url="http://127.0.0.1:9", doi_url="http://127.0.0.1:9", datacite_url="http://127.0.0.1:9"
    )
    answers = ask(settings, *[question(f"10.5555/x{n}") for n in range(120)])
    assert all(isinstance(a, Failed) and a.reason is Reason.NETWORK for a in answers)
    assert "127.0.0.1" in answers[0].why


def test_letters_beyond_ascii_may_come_back_in_lower_case(services: Services, asking: Asking) -> None:
    services.add([record("10.5555/über"), record("10.5555/Ωmega")])
    honest = services.crossref._list

    def lowering(request):  # type: ignore[no-untyped-def]  # stands in for a method
        request.params["filter"] = request.params["filter"].replace("Über".replace("ü", "Ü"), "über")
        return honest(request)

    services.crossref._list = lowering  # type: ignore[method-assign]
    (answer,) = ask(asking(), question("10.5555/Über"))
    assert isinstance(answer, Found)
    assert (answer.asked, answer.doi) == ("10.5555/Über", "10.5555/über")


def test_short_dois_are_what_they_stand_for(services: Services, asking: Asking) -> None:
    existing(services, 1)
    services.doi.short |= {"10/abc": "10.5555/EXAMPLE.00000", "10/gone": "10.5555/gone"}
    found, gone, none = ask(asking(), question("10/abc"), question("10/gone"), question("10/none"))
    assert isinstance(found, Found)
    assert (found.asked, found.doi) == ("10/abc", "10.5555/example.00000")
    assert isinstance(gone, Missing)
    assert isinstance(none, Missing)
    assert (gone.reason, none.reason) == (Reason.UNREGISTERED, Reason.UNREGISTERED)
    assert all(not d.startswith("10/") for a in services.crossref.asked for d in a.dois)


def test_a_batch_that_is_refused_is_halved_until_the_bad_doi_is_alone(services: Services, asking: Asking) -> None:
    """For a service that takes fewer strings for DOIs than refkit does, and does not say which one it minds."""
    dois = existing(services, 20)
    honest = services.crossref._list

    def strict(request):  # type: ignore[no-untyped-def]  # stands in for a method
        if "00013" in request.params["filter"]:
            return ServerAnswer(400, b"<html>Bad request</html>", "text/html")
        return honest(request)

    services.crossref._list = strict  # type: ignore[method-assign]
    assert all(isinstance(a, Found) for a in ask(asking(), *map(question, dois)))
    assert services.crossref.count(status=400) in (5, 6)
    assert services.crossref.count("single") == 1


def test_a_url_that_is_too_long_is_halved(services: Services, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LONGEST_LINE", 600)
    dois = existing(services, 40)
    assert all(isinstance(a, Found) for a in ask(asking(), *map(question, dois)))
    assert services.crossref.count("single") == services.doi.count() == 0


def test_a_token_that_opens_nothing_is_said(services: Services, asking: Asking) -> None:
    services.crossref.tokens.add("plus-token")
    services.crossref.pool_header = "polite"
    honest = services.crossref.answer
    services.crossref.answer = lambda request, kind, pool: honest(request, kind, "plus")  # type: ignore[method-assign]
    dois = existing(services, 200)
    log = sources.Log()
    assert all(isinstance(a, Found) for a in ask(asking(token="plus-token"), *map(question, dois), log=log))
    assert [n.code for n in log.notes] == ["pool-polite"]
    assert services.crossref.count(status=429) == 0


def test_a_plus_token_opens_the_fast_pool(services: Services, asking: Asking) -> None:
    services.crossref.tokens.add("plus-token")
    dois = [f"10.5555/with,comma.{n}" for n in range(60)]
    services.add(map(record, dois))
    began = time.monotonic()
    assert all(isinstance(a, Found) for a in ask(asking(token="plus-token"), *map(question, dois)))
    assert time.monotonic() - began < 4
    assert {a.pool for a in services.crossref.asked} == {"plus"}
    assert "plus-token" not in str([(a.target, a.headers) for a in services.doi.asked])
