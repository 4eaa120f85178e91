"""Whatever stands in a record, every format writes an entry that other programs and refkit itself can read.

Records of `examples/` are damaged at random (the seed is fixed): values are missing, of another type, full of markup,
braces, controls, other scripts or tags of the format itself.
"""

from __future__ import annotations

import copy
import json
import random
import re
from typing import Any

import jsonschema
import pytest
import yaml
from bibtexparser.entrypoint import parse_string
from lxml import etree

from refkit import keys
from refkit.formats import FORMATS, by_name
from refkit.model import Entry, Origin, Work
from refkit.settings import Settings
from refkit.sources.crossref_work import work_from_record
from refkit.sources.markup import paragraphs, plain, rich
from tests.csl_schema import SCHEMA
from tests.works import ROOT

WORDS = [
    "", "\x00", "\ud800", "\ue010{", "}", "{", "\\", "a\\", "\\}", "{{{", "$", "$$", "$x", "%", "@article{x,",
    "@comment{",
    "#", "~", "^", "_", "&", "&amp;amp;lt;i&amp;gt;x", "<", "<<i>", "<i>", "</i>", "<i><b>x</i></b>", "<sub>", "a<b>c",
    "<script>alert(1)</script>", "<![CDATA[x]]>", "]]>", "<mml:math><mml:mi>x</mml:mi></mml:math>", "<math>",
    "<mml:math><mml:mfrac><mml:mn>1</mml:mn></mml:mfrac>", "\n", "\r\n", "a\rb", "ER  - ", "TY  - JOUR", "x\nER  - \n",
    "AU  - y", "\u202eabc\u202c", "שלום עולם", "العربية", "e\u0301\u0302\u0303", "👩‍👩‍👧 emoji", "\u200b", "\ufeff",
    "\x85", "\u2028", "Ã©tÃ©", "â€œqâ€\x9d", "x" * 5000, "word " * 500, "{" * 300, "<i>" * 300, "A and B", "and",
    "others", "and others", "Smith, J.; Doe, A.", "et al.", "'", "''", "``", '"', "--", "---", "?`",
    "10.1/{x}", "http://a b",
    "\t\t", "  ", "CAPS LOCK TITLE HERE", "{\\'e}", "\\textit{x}", "$\\alpha$", "\\$5", "100%", "C#", "a_b^c", "null",
    "&NA;", "&#0;", "&#xD800;", "&#x110000;", "&nbsp;", "\u01c5", "\ufb01", "①", "½", "\U0001d54f", "\U000e0001",
    "- a", "a: b",
]  # fmt: skip
THINGS: list[Any] = [
    None, 0, -1, 1.5, 1e300, True, [], {}, [None], [[]], [{}], {"a": 1}, ["x", None, 3], {"date-parts": None},
    {"date-parts": []}, {"date-parts": [[None]]}, {"date-parts": [["2020", "x"]]}, {"date-parts": [["①"]]},
    {"date-parts": [[2020, 13]]}, {"date-parts": [[2020, 34, 99]]}, {"date-parts": [[2020, 2, 31]]},
    {"date-parts": [[99999]]}, {"date-parts": [[-5]]}, {"date-parts": [[2020, 22]]}, {"date-parts": [[2563, 5]]},
    {"date-parts": [[20.5]]}, {"date-parts": 2020}, {"date-parts": [2020]}, 10**400,
]  # fmt: skip


def damaged(value: Any, dice: random.Random) -> Any:
    """`value` with some of what is in it replaced by what should not be there."""
    chance = dice.random()
    if isinstance(value, dict):
        return {
            name: dice.choice(THINGS) if dice.random() < 0.04 else damaged(one, dice)
            for name, one in value.items()
            if dice.random() > 0.02
        }
    if isinstance(value, list):
        return (
            dice.choice(THINGS)
            if chance < 0.04
            else [damaged(one, dice) for one in value * (3 if chance > 0.98 else 1)]
        )
    if isinstance(value, str):
        if chance < 0.12:
            at = dice.randrange(len(value) + 1)
            return value[:at] + dice.choice(WORDS) + value[at:]
        return dice.choice(WORDS) if chance < 0.2 else dice.choice(THINGS) if chance < 0.23 else value
    return dice.choice(THINGS) if chance < 0.1 else value


def records(count: int) -> list[dict[str, Any]]:
    dice = random.Random(20)
    lines = (ROOT / "examples" / "records.jsonl").read_text(encoding="utf-8").splitlines()
    originals = [json.loads(line) for line in lines if line.strip()]
    return [damaged(copy.deepcopy(dice.choice(originals)), dice) for _ in range(count)]


WORKS: list[Work] = [work_from_record(record, origin=Origin("test")) for record in records(250)]
ENTRIES = [Entry(key, work) for key, work in zip(keys.assign(WORKS), WORKS, strict=True)]
SETTINGS = [
    Settings(),
    Settings(
        letters="latex", ris_dialect="zotero", csl_dialect="zotero", add=("keywords", "orcid", "urldate", "abstract")
    ),
    Settings(quotes="quotes", ris_dialect="endnote", journal="abbreviated", date="online"),
]
RISPY: Any = pytest.importorskip("rispy", reason="needs rispy")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def test_keys_are_ascii_and_short() -> None:
    assert all(re.fullmatch(r"[a-z][a-z0-9]{0,90}", entry.key) for entry in ENTRIES)


@pytest.mark.parametrize("settings", SETTINGS, ids=["default", "latex-zotero", "quotes-endnote"])
@pytest.mark.parametrize("name", [form.name for form in FORMATS if form.name != "text"])
def test_every_format_reads_what_it_wrote(name: str, settings: Settings) -> None:
    form = by_name(name)
    for entry in ENTRIES:
        text = form.dump([entry], settings)
        assert not _CONTROL.search(text)
        text.encode("utf-8")  # no half of a surrogate pair
        library = form.load(text)
        assert [one.key for one in library.entries] == [entry.key], (text, library.notes)
        assert not library.notes
        _read_by_others(name, text, library.entries[0])


def _read_by_others(name: str, text: str, entry: Entry) -> None:
    if name in ("bibtex", "biblatex"):
        library = parse_string(text, parse_stack=[])
        assert not library.failed_blocks, text
        assert [field.key for field in library.entries[0].fields] == [field for field, _ in entry.fields], text
    elif name == "ris":
        assert all(re.match(r"[A-Z][A-Z0-9] {2}- |$", line) for line in text.split("\r\n")), text
        assert "\n" not in text.replace("\r\n", "")
        assert len(RISPY.loads(text)) == 1
    elif name == "csljson":
        jsonschema.Draft7Validator(SCHEMA).validate(json.loads(text))
    elif name == "zotero-rdf":
        etree.fromstring(text.encode("utf-8"))
    elif name in ("hayagriva", "csl-yaml"):
        yaml.safe_load(text)


@pytest.mark.parametrize(
    "piece",
    [
        "<i>",
        "<i><b>",
        "<",
        "<math>",
        "&amp;",
        "$x",
        "`a",
        "<sub>x<i>",
        "<sup>a</sub>",
        "{",
        "\\",
        " -- ",
        "A: ",
        "Ã©",
        "<tex-math>",
    ],
)
def test_a_text_of_nothing_but_markup_is_read_in_time(piece: str) -> None:
    """Quadratic patterns take minutes for this; the limit that pytest sets to a test is the judge."""
    for read in (rich, plain, paragraphs):
        read(piece * 5000)


@pytest.mark.parametrize(
    "text",
    [
        "<mml:math>" + "<mml:mrow>" * 3000 + "x" + "</mml:mrow>" * 3000 + "</mml:math>",
        "$" + "\\frac{" * 3000 + "$",
        "$" + "^" * 300 + "$",
    ],
)
def test_what_is_nested_a_thousand_deep_is_no_error(text: str) -> None:
    assert isinstance(rich(text), str)


@pytest.mark.parametrize("value", ["{" * 5000 + "}" * 5000, "\\textit" * 3000, "\\'" * 3000, "\\frac" * 3000])
def test_a_field_nested_a_thousand_deep_is_no_error(value: str) -> None:
    library = by_name("bibtex").load("@misc{a,\n  title = {" + value + "}\n}\n")
    assert len(library.entries) == 1
    assert library.entries[0].work.csl["type"] == "document"
