"""RIS: what stands under CONF, whose tags mean other things than those of books."""

from __future__ import annotations

from typing import Any

import pytest

from refkit.formats import by_name
from refkit.model import Entry, Origin, Work
from refkit.settings import Settings

RIS = by_name("ris")


def lines(csl: dict[str, Any], dialect: str = "standard", extra: dict[str, Any] | None = None, source: str = "") -> str:
    work = Work(csl, extra or {}, Origin(source or "test"))
    return RIS.dump([Entry("k", work)], Settings(ris_dialect=dialect)).replace("\r\n", "\n")


@pytest.mark.parametrize("dialect", ["standard", "zotero"])
def test_a_volume_of_proceedings_has_a_papers_tags(dialect: str) -> None:
    csl = {"type": "book", "title": "T", "collection-title": "LNCS", "event-title": "ICWS", "event-place": "Rome"}
    text = lines(csl, dialect, {"crossref": {"type": "proceedings"}})
    assert text.startswith("TY  - CONF\n")
    assert "T2  - ICWS\n" in text
    assert "T3  - LNCS\n" in text
    assert "CY  - Rome\n" in text


def test_both_places_of_a_users_paper_stay() -> None:
    csl = {"type": "paper-conference", "title": "T", "event-place": "Rome", "publisher-place": "New York"}
    text = lines(csl, source="library")
    read = RIS.load(text).entries[0].work.csl
    assert (read["event-place"], read["publisher-place"]) == ("Rome", "New York")
    assert "New York" not in lines(csl)
