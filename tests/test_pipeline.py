"""Whose DOIs are written, what is an input, and which exit code a report calls for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from refkit import pipeline
from refkit.errors import UsageError
from refkit.model import (
    Answer,
    Doi,
    Failed,
    Findings,
    Found,
    Mention,
    Missing,
    Note,
    Origin,
    Own,
    Reading,
    Reason,
    Role,
    Severity,
    Verdict,
    Work,
)
from refkit.pipeline import asking, inputs, updates
from refkit.report import DocumentRow, Report, WorkRow
from refkit.settings import Settings

OWN, CITED, OTHER = Doi("10.1/own"), Doi("10.1/cited"), Doi("10.1/other")


def mention(doi: Doi, role: Role) -> Mention:
    return Mention(None, doi, (Reading(doi),), role, 0.9, "because")


def findings(own: Own) -> Findings:
    mentions = (mention(OWN, Role.OWN), mention(CITED, Role.CITED), mention(OTHER, Role.MENTIONED))
    return Findings("paper.pdf", "pdf", own, mentions)


SURE = Own(Verdict.SURE, OWN, (OWN,), "XMP says so")
UNSURE = Own(Verdict.UNSURE, None, (OWN, CITED), "two candidates")
NONE = Own(Verdict.NONE, why="it is a list")


@pytest.mark.parametrize(
    ("own", "whose", "wanted", "code"),
    [
        (SURE, "auto", [OWN], "cited-left-out"),
        (SURE, "own", [OWN], None),
        (SURE, "cited", [CITED, OTHER], None),
        (SURE, "all", [OWN, CITED, OTHER], None),
        (UNSURE, "auto", [OWN, CITED, OTHER], "own-unsure"),
        (UNSURE, "own", [], "own-unsure"),
        (NONE, "auto", [OWN, CITED, OTHER], None),
        (NONE, "own", [], "own-none"),
    ],
)
def test_whose_works_are_written(own: Own, whose: pipeline.Whose, wanted: list[Doi], code: str | None) -> None:
    report = Report()
    asked = asking.choose(findings(own), whose, report)
    assert [a.question.readings[0] for a in asked] == wanted
    assert [n.code for n in report.notes] == ([code] if code else [])
    assert report.left_out == (2 if code == "cited-left-out" else 0)


def test_not_sure_with_own_needs_the_user() -> None:
    report = Report()
    asking.choose(findings(UNSURE), "own", report)
    assert report.exit_code == 1


def test_a_publication_whose_doi_stands_only_in_metadata_is_still_asked_for() -> None:
    asked = asking.choose(Findings("p.pdf", "pdf", SURE), "auto", Report())
    assert [a.question.readings for a in asked] == [(OWN,)]


WORK = Work({"type": "article-journal", "DOI": OWN}, {}, Origin("records"))
ANSWERS: list[tuple[Answer, int]] = [
    (Found(OWN, OWN, WORK), 0),
    (Missing(OWN, Reason.UNREGISTERED, "nobody knows it"), 1),
    (Missing(OWN, Reason.NO_METADATA, "registered, but empty"), 1),
    (Failed(OWN, Reason.OFFLINE, "nobody was asked"), 1),
    (Failed(OWN, Reason.NETWORK, "no network"), 4),
    (Failed(OWN, Reason.REFUSED, "403"), 4),
]


@pytest.mark.parametrize(("answer", "code"), ANSWERS, ids=lambda v: getattr(v, "why", str(v)) or "found")
def test_the_exit_code_of_an_answer(answer: Answer, code: int) -> None:
    assert Report(works=[WorkRow(answer)]).exit_code == code


def test_the_highest_exit_code_wins() -> None:
    rows = [WorkRow(answer) for answer, _ in ANSWERS]
    assert Report(works=rows, unusable=True).exit_code == 4
    assert Report(works=rows[:2], unusable=True).exit_code == 2
    assert Report(documents=[DocumentRow("x.pdf", error="encrypted")]).exit_code == 1
    assert Report(notes=[Note("x", "a warning", Severity.WARNING)]).exit_code == 0


def test_every_row_of_the_report_is_json() -> None:
    report = Report(
        documents=[DocumentRow("paper.pdf", findings(SURE)), DocumentRow("x.pdf", error="encrypted")],
        works=[WorkRow(answer) for answer, _ in ANSWERS],
        notes=[Note("code", "message", Severity.ERROR, path="x", place="p. 1")],
    )
    value: dict[str, Any] = json.loads(json.dumps(report.as_json()))
    assert [row["answer"] for row in value["works"]] == ["found", *["missing"] * 2, *["failed"] * 3]
    assert value["documents"][1]["own"]["verdict"] == "none"


UPDATES: list[tuple[list[dict[str, Any]], str | None]] = [
    ([], None),
    ([{"type": "correction", "DOI": "10.1/c"}], None),
    ([{"type": "retraction", "DOI": "10.1/n", "updated": {"date-parts": [[2010, 2, 6]]}}], "on 2010-02-06 by 10.1/n"),
    ([{"type": "retraction", "DOI": "10.1/n"}, {"type": "retraction", "source": "retraction-watch"}], "by 10.1/n"),
    ([{"type": "retraction", "DOI": OWN.upper()}], "was retracted."),
    ([{"type": "expression_of_concern"}, {"type": "retraction"}], "was retracted."),
    ([{"type": "expression-of-concern"}], "is under an expression of concern."),
    ([{"type": "retraction"}, {"type": "reinstatement"}], None),
    ([{"type": None, "updated": {"date-parts": [[None]]}}], None),
    ([{"type": "removal", "updated": {"date-parts": "soon"}}], "was removed."),
]


@pytest.mark.parametrize(("listed", "says"), UPDATES, ids=str)
def test_a_retracted_work_is_said_once(listed: list[dict[str, Any]], says: str | None) -> None:
    found = Found(OWN, OWN, Work({"DOI": OWN}, {"crossref": {"updated-by": listed}}))
    told = list(updates.notices([found]))
    assert len(told) == (says is not None)
    if says is not None:
        assert told[0].message.endswith(says if says.endswith(".") else f"{says}.")
        assert told[0].severity is Severity.WARNING


def expand(*given: str) -> tuple[list[str], Report]:
    report = Report()
    names: list[str] = []
    for item in inputs.expand(pipeline.Call(given), report):
        match item:
            case inputs.DocumentInput():
                names.append(item.name)
            case inputs.DoiInput():
                names.append(item.question.readings[0])
            case DocumentRow():
                report.documents.append(item)
    return names, report


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("10.1038/171737a0", "10.1038/171737a0"),
        ("https://doi.org/10.1016/J.Cell.2012.11.024", "10.1016/j.cell.2012.11.024"),
        ("arXiv:2301.01234", "10.48550/arxiv.2301.01234"),
        ("arXiv:2301.01234v3", "10.48550/arxiv.2301.01234"),
        ("arxiv:hep-th/9901001v2", "10.48550/arxiv.hep-th/9901001"),
    ],
)
def test_a_doi_in_the_call(given: str, wanted: str) -> None:
    assert expand(given) == ([wanted], Report())


def test_a_file_wins_over_a_doi_of_the_same_spelling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "10.1038").mkdir()
    (tmp_path / "10.1038" / "171737a0").write_text("x", encoding="utf-8")
    assert expand("10.1038/171737a0")[0] == ["10.1038/171737a0"]


def test_what_cannot_be_used_is_a_row_and_the_rest_goes_on() -> None:
    names, report = expand("nothing.pdf", "10.1038/171737a0")
    assert names == ["10.1038/171737a0"]
    assert report.unusable
    assert report.documents[0].error is not None
    assert "nothing.pdf" in report.documents[0].error


def test_an_output_that_cannot_work_is_refused_first(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        pipeline.check_output(tmp_path, [])
    with pytest.raises(UsageError, match="no folder"):
        pipeline.check_output(tmp_path / "none" / "refs.bib", [])
    with pytest.raises(UsageError, match="is an input"):
        pipeline.check_output(tmp_path / "refs.bib", [str(tmp_path / "refs.bib")])


def test_an_unknown_suffix_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"\.bib"):
        pipeline.choose_format(Settings(), Path("refs.xyz"))
