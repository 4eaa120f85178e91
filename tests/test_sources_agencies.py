"""DOIs of other agencies than Crossref: DataCite's service, content negotiation, and what is not believed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from refkit import sources
from refkit.model import Answer, Doi, Failed, Found, Missing, Question, Reason
from refkit.net import Reply
from refkit.settings import Settings
from refkit.sources import negotiation
from tests.server import Faults, Services
from tests.server.samples import csl_item, record, resource

pytest_plugins = ["tests.server.fixtures"]

Asking = Callable[..., Settings]


def ask(settings: Settings, *dois: str) -> list[Answer]:
    return list(sources.ask([Question((Doi(d),)) for d in dois], settings))


def test_datacite_is_asked_in_batches(services: Services, asking: Asking) -> None:
    dois = [f"10.5281/zenodo.{n}" for n in range(60)]
    services.add(map(resource, dois))
    answers = ask(asking(), *dois)
    assert [a.doi for a in answers if isinstance(a, Found)] == dois
    assert all(isinstance(a, Found) and a.work.origin.agency == "DataCite" for a in answers)
    assert [a.work.csl["title"] for a in answers if isinstance(a, Found)] == [f"Data of {d}" for d in dois]
    assert services.datacite.count() == services.datacite.count("list") == 1
    assert services.crossref.count("single") == 0
    assert all("mailto=reader%40example.org" in a.target for a in services.datacite.asked)


def test_datacite_dois_with_a_comma_go_singly(services: Services, asking: Asking) -> None:
    services.add([resource("10.5281/a,b"), resource("10.5281/c")])
    assert all(isinstance(a, Found) for a in ask(asking(), "10.5281/a,b", "10.5281/c"))
    assert services.datacite.count("single") == 1


def test_a_datacite_doi_that_nobody_may_see_has_no_metadata(services: Services, asking: Asking) -> None:
    services.doi.agencies["10.5281/draft"] = "DataCite"
    (answer,) = ask(asking(), "10.5281/draft")
    assert isinstance(answer, Missing)
    assert (answer.reason, answer.agency) == (Reason.NO_METADATA, "DataCite")


@pytest.mark.usefixtures("hasty")
def test_datacite_that_cannot_be_asked_is_a_failure(services: Services, asking: Asking) -> None:
    services.add([resource("10.5281/zenodo.1"), record("10.5555/a")])
    services.datacite.faults = Faults(shares={"reset": 1.0})
    zenodo, plain = ask(asking(), "10.5281/zenodo.1", "10.5555/a")
    assert isinstance(zenodo, Failed)
    assert zenodo.reason is Reason.NETWORK
    assert isinstance(plain, Found)


def test_other_agencies_are_asked_by_content_negotiation(services: Services, asking: Asking) -> None:
    services.doi.agencies["10.1393/ncc"] = "mEDRA"
    services.doi.items["10.1393/ncc"] = csl_item("10.1393/NCC", "Particles")
    (answer,) = ask(asking(), "10.1393/ncc")
    assert isinstance(answer, Found)
    assert (answer.work.csl["title"], answer.work.origin.agency) == ("Particles", "mEDRA")
    assert "reader" not in str([(a.target, a.headers) for a in services.doi.asked])


@pytest.mark.parametrize(
    "target",
    [
        "http://agency.example/data",  # plain http
        "https://192.0.2.7/data",  # a bare address
        "https://agency.example:8443/data",
        "https://user@agency.example/data",
        "ftp://agency.example/data",
        "//",
    ],
)
def test_surprising_redirects_are_not_followed(services: Services, asking: Asking, target: str) -> None:
    services.doi.agencies["10.3760/a"] = "ISTIC"
    services.doi.landing_pages["10.3760/a"] = target
    (answer,) = ask(asking(), "10.3760/a")
    assert isinstance(answer, Missing)
    assert (answer.reason, answer.agency) == (Reason.NO_METADATA, "ISTIC")


def test_after_the_first_hop_a_redirect_stays_within_the_site() -> None:
    trail = negotiation._Trail(Doi("10.1/a"), ("https://doi.org/10.1%2Fa",))
    assert negotiation._may_follow(trail, "https://data.agency.example/a")
    there = negotiation._Trail(Doi("10.1/a"), (*trail.addresses, "https://data.agency.example/a"))
    assert negotiation._may_follow(there, "https://www.agency.example/a")
    assert not negotiation._may_follow(there, "https://elsewhere.example/a")
    assert not negotiation._may_follow(there, "https://data.agency.example/a")
    assert not negotiation._may_follow(there, "http://127.0.0.1/a")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>"),
        ("application/vnd.citationstyles.csl+json", b"<html>"),
        ("application/vnd.citationstyles.csl+json", b'{"type": "article", "DOI": "10.1/b", "title": "x"}'),
        ("application/vnd.citationstyles.csl+json", b'{"type": "article", "title": "no DOI"}'),
        ("application/vnd.citationstyles.csl+json", b'["10.1/a"]'),
        ("application/vnd.citationstyles.csl+json", b""),
    ],
)
def test_what_is_not_the_record_is_not_believed(kind: str, body: bytes) -> None:
    assert negotiation._checked(Reply(200, {"content-type": kind}, body), Doi("10.1/a")) is None


def test_the_doi_of_an_answer_may_stand_in_its_link() -> None:
    body = b'{"type": "article-journal", "title": "x", "id": "https://doi.org/10.1000/A", "issued": {}}'
    reply = Reply(200, {"content-type": "application/vnd.citationstyles.csl+json; charset=utf-8"}, body)
    found = negotiation._checked(reply, Doi("10.1000/a"))
    assert found is not None
    assert found.body["DOI"] == "10.1000/a"


@pytest.mark.usefixtures("hasty")
def test_doi_org_out_of_reach_leaves_open_who_has_a_doi(services: Services, asking: Asking) -> None:
    services.add([record("10.5555/a")])
    services.crossref.left_out.add("10.5555/a")
    services.doi.faults = Faults(shares={"reset": 1.0})
    found, unknown = ask(asking(), "10.5555/a", "10.5555/nowhere")
    assert isinstance(found, Found)
    assert isinstance(unknown, Failed)
    assert "Crossref does not have it" in unknown.why
