"""Whatever a work says, its item is one that Zotero accepts, and a work read from Zotero makes the same item again."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from refkit.formats import csljson
from refkit.formats import zotero_schema as schema
from refkit.formats.types import CSL
from refkit.formats.zotero_items import entry_of, item
from refkit.model import Entry, Work
from tests.server.zotero_rules import desktop, faults_of

TEXT = st.text(max_size=60) | st.sampled_from(
    [
        "Type: book",
        "DOI: 10.5555/other",
        "a: b: c",
        "Editor: Berg || Jan",
        "<i>x</i> & <b",
        "x\ny",
        "Note: z",
        "e123",
        "12",
    ]
)
NAME = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("family", "given", "suffix", "literal", "non-dropping-particle"), TEXT),
)
DATE = st.fixed_dictionaries(
    {},
    optional={
        "date-parts": st.lists(st.lists(st.integers(-50, 2100), max_size=3), max_size=2),
        "literal": TEXT,
        "season": st.integers(0, 25),
        "circa": st.booleans(),
    },
)


def csl_items() -> st.SearchStrategy[dict[str, Any]]:
    some = {
        **dict.fromkeys(sorted(csljson.STRINGS), TEXT),
        **dict.fromkeys(sorted(csljson.NAMES), st.lists(NAME, max_size=3)),
        **dict.fromkeys(sorted(csljson.DATES), DATE),
    }
    return st.builds(
        lambda kind, rest: {"type": kind} | rest,
        st.sampled_from(sorted(CSL)),
        st.fixed_dictionaries({}, optional=some),
    )


@settings(deadline=None, max_examples=50)
@given(csl_items(), TEXT, st.sampled_from([33, schema.VERSION]))
def test_every_item_is_accepted(csl: dict[str, Any], key: str, version: int) -> None:
    made = item(Entry(key, Work(csl)), version=version)
    assert faults_of(made) == []
    assert set(made) - {"itemType", "creators", "tags", "notes"} <= set(schema.fields(made["itemType"], version))


@settings(deadline=None, max_examples=50)
@given(csl_items(), TEXT)
def test_what_is_read_makes_the_same_item_again(csl: dict[str, Any], key: str) -> None:
    once = entry_of(item(Entry(key, Work(csl))))
    made = item(once)
    assert item(entry_of(made)) == made


@settings(deadline=None, max_examples=40)
@given(csl_items())
def test_the_desktop_never_changes_the_type_against_the_works(csl: dict[str, Any]) -> None:
    made = item(Entry("k", Work(csl)))
    kept = desktop(made, schema.VERSION)["itemType"]
    assert kept == made["itemType"] or kept == csl["type"] or f"Type: {csl['type']}" in made["extra"]
