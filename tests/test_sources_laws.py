"""Laws of asking, over any DOIs: nothing is lost in packing, in a URL, in the store, or in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refkit import doi as dois
from refkit.model import Doi, Note
from refkit.net import query_string
from refkit.sources import crossref
from refkit.store import Packer, lenient, recordfiles
from tests.server.crossref import _filters

SUFFIX = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=60
).map(str.strip)
DOIS = st.builds(lambda prefix, suffix: dois.fold(f"10.{prefix}/{suffix}"), st.integers(1000, 99999), SUFFIX).filter(
    dois.is_valid
)
GROUPS = st.lists(st.lists(DOIS, min_size=1, max_size=4), max_size=80)


@given(GROUPS)
def test_packing_keeps_every_doi_once_and_every_limit(groups: list[list[Doi]]) -> None:
    batches = list(crossref.pack(groups))
    packed = [doi for batch in batches for doi in batch]
    assert sorted(packed) == sorted({doi for group in groups for doi in group})
    for batch in batches:
        assert 0 < len(batch) <= crossref.BATCH_DOIS
        size = sum(len(dois.quote(doi)) + len(",doi:") for doi in batch)
        assert size <= crossref.BATCH_BYTES or len(batch) == 1


@given(st.lists(DOIS.filter(crossref.can_be_batched), min_size=1, max_size=50))
def test_what_goes_into_a_filter_comes_out_of_it(batch: list[Doi]) -> None:
    call = crossref._list_call(tuple(batch))
    target = f"http://127.0.0.1{call.path}{query_string(call.params)}"
    assert target.isascii()
    query = dict(parse_qsl(urlsplit(target).query, strict_parsing=True))
    assert [value for _, value in _filters(query["filter"])] == batch
    assert int(query["rows"]) >= len(batch)


def test_the_server_swaps_tails_as_the_real_one_does() -> None:
    """Two commas in one filter, by the rule that was read in the server's source of 2019."""
    assert [v for _, v in _filters("doi:A,doi:B,x,doi:C,y")] == ["A,y", "C", "B,x"]
    assert [v for _, v in _filters("doi:A,x")] == ["A,x"]


@given(st.binary(max_size=3000))
def test_packing_a_record_loses_nothing(data: bytes) -> None:
    packer = Packer()
    assert packer.unpack(packer.pack(data)) == data


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=8), VALUES, max_size=4), min_size=1, max_size=6), st.booleans())
def test_records_are_read_as_they_were_written(tmp_path: Path, extra: list[dict[str, Any]], lines: bool) -> None:
    records = [e | {"DOI": f"10.1000/{n}"} for n, e in enumerate(extra)]
    path = tmp_path / ("records.jsonl" if lines else "records.json")
    text = "\n".join(map(lenient_text, records)) if lines else lenient_text({"items": records})
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    notes: list[Note] = []
    found = [raw.value for raw in recordfiles.read(path, notes)]
    assert found == lenient.whole(records)
    assert not notes


def lenient_text(value: Any) -> str:
    return json.dumps(value)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader_of_records(data: bytes) -> None:
    import io

    notes: list[Note] = []
    list(recordfiles._Reader("x", notes).stream(io.BytesIO(data), "x.jsonl"))
    list(recordfiles._Reader("x", notes).stream(io.BytesIO(data), "x.json"))
