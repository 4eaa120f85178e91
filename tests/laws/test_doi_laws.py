"""What holds of every DOI and of every text."""

from __future__ import annotations

import string
from urllib.parse import quote as percent

from hypothesis import assume, given
from hypothesis import strategies as st

from refkit import finding
from refkit.doi import TAIL, decode, fold, is_valid, parse, quote, url
from refkit.doi.written import written
from refkit.model import Document

# Suffixes with what the lists of real DOIs lack as well: `#`, `?`, commas, letters beyond ASCII.
_BODY = st.text(string.ascii_letters + string.digits + "-._;()/:<>[]#?,+&=@éßΣжδ語", min_size=1, max_size=24)
_DOIS = st.builds(
    lambda registrant, first, body, last: f"10.{registrant}/{first}{body}{last}",
    st.integers(1000, 99_999),
    st.sampled_from(string.ascii_letters + string.digits),
    _BODY,
    st.sampled_from(string.ascii_letters + string.digits),
)
_PARTS = st.lists(st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8), min_size=0, max_size=3)
_PLAIN = st.builds(
    lambda registrant, parts, number: f"10.{registrant}/" + ".".join([*parts, str(number)]),
    st.integers(1000, 99_999),
    _PARTS,
    st.integers(1000, 10**9),
)
_AROUND = st.sampled_from(
    [("see ", " there"), ("(", ")"), ("<https://doi.org/", ">"), ("[a](https://doi.org/", ")"), ("doi:", "."),
     (r"\href{https://doi.org/", "}{x}"), ('"', '",'), ("doi: ", ";"), ("|doi=", "|"), ("[", "], "), ("", "\n")]
)  # fmt: skip
_TEXTS = st.text(
    st.sampled_from("10.0/abc)(<>[]{}%2Fdoi:org \n\r\t-_;,\\&lt#?'\"éΣ\u200b\u00ad１０．\ud800\x00"), max_size=200
)


@given(_DOIS)
def test_folding_and_quoting_into_a_url_and_back(doi: str) -> None:
    folded = fold(doi)
    assert fold(folded) == folded
    assert is_valid(folded)
    assume(not TAIL.search(doi))  # a view of the work is cut off a link
    assert parse("https://doi.org/" + quote(doi)) == folded
    assert decode(percent(doi, safe=""))[0] == doi


@given(_PLAIN)
def test_the_link_of_a_doi_reads_back(doi: str) -> None:
    assert parse(url(doi)) == fold(doi)


@given(_PLAIN, _AROUND)
def test_a_doi_is_found_in_its_surroundings(doi: str, around: tuple[str, str]) -> None:
    text = around[0] + doi + around[1]
    found = [reading.doi for one in written(text) for reading in one.readings]
    assert fold(doi) in found


@given(_TEXTS, st.sampled_from(["text", "pdf", "markdown", "latex", "html"]))
def test_any_text_is_scanned_and_spans_cut_out_what_they_say(text: str, kind: str) -> None:
    document = Document("x", kind, text)
    for mention in finding.scan([document]).mentions:
        assert mention.span is not None
        assert mention.span.of(text) == mention.written
        assert mention.readings
        assert all(is_valid(reading.doi) for reading in mention.readings)
        assert 0 <= mention.confidence <= 1


@given(_TEXTS)
def test_parse_never_raises_and_gives_only_normal_forms(text: str) -> None:
    doi = parse(text)
    assert doi is None or is_valid(doi)


@given(_TEXTS, st.integers(20, 120))
def test_windows_give_what_the_whole_gives(filler: str, size: int) -> None:
    text = "".join(f"{filler.replace('10', 'x').replace('/', '')} doi:10.1000/abc{n:04} and so on. " for n in range(12))
    overlap = 80
    windows = [
        Document("x", "text", text[start : start + size + overlap], offset=start) for start in range(0, len(text), size)
    ]
    whole = [(m.span, m.doi) for m in finding.scan([Document("x", "text", text)]).mentions]
    assert [(m.span, m.doi) for m in finding.scan(windows).mentions] == whole
