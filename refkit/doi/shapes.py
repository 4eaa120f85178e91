"""The shapes that publishers give their DOIs: they help to see where one ends, and never exclude one.

Each row says how such a DOI begins and what a whole one looks like. A written DOI that begins so and is not yet whole
goes on in the next line; one that is whole ends there, whatever is glued to it. Rows are facts read off registered
DOIs; a registrant that is not here is judged by the general rules in `written` alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_ISSN = r"\d{4}-\d{3}[\dx]"

# publisher, how it begins, the whole; all in lower case, matched from the start of the DOI
_ROWS: tuple[tuple[str, str, str], ...] = (
    ("Elsevier", r"10\.1016/j\.", r"10\.1016/j\.[a-z0-9-]+\.(?:19|20)\d\d\.(?:\d\d\.\d{3,4}|e\d{5}|\d{6})"),
    ("Elsevier", r"10\.1016/s?\d{4}-", rf"10\.1016/s?{_ISSN}\(\d\d\)\d{{5}}-[\da-z]"),
    ("Elsevier and SciELO",
     r"10\.\d+/(?:[a-z]+\.)?s\d{4}-\d{3}[\dx]",
     rf"10\.\d+/(?:[a-z]+\.)?s{_ISSN}(?:\(\d\d\)\d{{5}}-[\dx]|\d{{13}})"),
    ("Open Journal Systems", r"10\.\d+/[a-z_-]+\.v\d+", r"10\.\d+/[a-z_-]+\.v\d+i\d+\.\d+"),
    ("Elsevier", r"10\.1016/[bc]97", r"10\.1016/[bc]97[89](?:-\d+){3}-[\dx]\.\d{5}-[\dx]"),
    ("PLOS", r"10\.1371/journal", r"10\.1371/journal\.p[a-z]{3}\.\d{7}(?:\.[gst]\d{3})?"),
    ("Blackwell", r"10\.1111/j\.", rf"10\.1111/j\.{_ISSN}\.(?:19|20)\d\d\.[0-9a-z]{{3,7}}\.x"),
    ("Wiley", r"10\.1111/[a-z]{2,5}\.", r"10\.1111/[a-z]{2,5}\.\d{5}"),
    ("Wiley", r"10\.1002/[a-z]{2,8}\.", r"10\.1002/[a-z]{2,8}\.(?:[a-z]\.)?\d{3,10}"),
    ("Cochrane", r"10\.1002/14651858", r"10\.1002/14651858\.[a-z]{2}\d{6}(?:\.pub\d+)?"),
    ("Springer", r"10\.1007/s\d{4}", r"10\.1007/s(?:\d{5}-\d{3}-\d{4,5}-[\da-z]|\d{9,12})"),
    ("Springer", r"10\.1007/978-", r"10\.1007/978(?:-\d+){3}-[\dx](?:_\d+(?:-\d)?)?"),
    ("BioMed Central", r"10\.1186/s\d{4}", r"10\.1186/s\d{5}-\d{3}-\d{4,5}-[\da-z]"),
    ("Nature", r"10\.1038/s\d{4}", r"10\.1038/s\d{5}-\d{3}-\d{4,5}(?:-[\da-z])?"),
    ("Nature", r"10\.1038/(?:nature|ncomms|srep)", r"10\.1038/(?:nature|ncomms|srep)(?:\d{4,5}|\.20\d\d\.\d+)"),
    ("Science",
     r"10\.1126/sci[a-z]+\.",
     r"10\.1126/sci[a-z]+\.(?:[a-z]{2,3}\d{4}|\d{6,7}|\d{2,3}\.\d{4}\.\d+(?:-[a-z])?)"),
    ("PNAS", r"10\.1073/pnas", r"10\.1073/pnas\.(?:\d{6,10}|\d{1,3}\.\d{1,2}\.\d{1,5})"),
    ("eLife", r"10\.7554/e", r"10\.7554/elife\.\d{5,6}(?:\.\d{3})?"),
    ("Frontiers", r"10\.3389/f", r"10\.3389/f[a-z]+\.(?:19|20)\d\d\.\d{5,8}"),
    ("IEEE", r"10\.1109/[a-z0-9-]+\.(?:19|20)", r"10\.1109/[a-z0-9-]+\.(?:19|20)\d\d\.\d{1,8}"),
    ("arXiv", r"10\.48550/arxiv", r"10\.48550/arxiv\.(?:\d{4}\.\d{4,5}|[a-z-]+/\d{7})"),
    ("Zenodo", r"10\.5281/zenodo", r"10\.5281/zenodo\.\d{4,9}"),
    ("bioRxiv", r"10\.1101/20\d\d\.", r"10\.1101/20\d\d\.\d\d\.\d\d\.\d{6,8}"),
    ("Oxford", r"10\.1093/[a-z]+/[a-z]", r"10\.1093/[a-z]+/[a-z]{2,8}\d{2,4}"),
    ("ACS", r"10\.1021/acs\.", r"10\.1021/acs\.[a-z]+\.\d[a-z]\d{5}"),
    ("AMA", r"10\.1001/jama[a-z]*\.20[12]", r"10\.1001/jama[a-z]*\.20[12]\d\.\d{3,6}"),
    ("NEJM", r"10\.1056/nejm", r"10\.1056/nejm[a-z]*\d{6,15}"),
    ("RSC", r"10\.1039/[a-d]\d[a-z]{2}", r"10\.1039/[a-d]\d[a-z]{2}\d{5}[a-z]"),
    ("Society for Neuroscience", r"10\.1523/jneuro", r"10\.1523/jneurosci\.(?:\d{4}-\d\d|\d\d-\d\d-\d{5})\.\d{4}"),
    ("IUCN", r"10\.2305/iucn", r"10\.2305/iucn\.uk\.[\w-]+\.rlts\.t\d+a\d+\.(?:en|es|fr|pt)"),
    ("Cambridge", r"10\.1017/s\d{4}", r"10\.1017/s\d{7}[\dx]\d{7}[\dx]"),
    ("AIP", r"10\.1063/[15]\.\d", r"10\.1063/[15]\.\d{5,7}"),
    ("APS", r"10\.1103/(?:phys|rev)", r"10\.1103/(?:physrev|revmodphys)[a-z-]*\.\d+\.\d+(?:\.\d)?"),
    ("Taylor & Francis", r"10\.1080/\d{8}\.", r"10\.1080/\d{8}\.(?:19|20)\d\d\.\d{5,8}"),
    ("Copernicus", r"10\.5194/[a-z]+-", r"10\.5194/[a-z]+-\d+-\d+-\d{4}(?:-supplement)?"),
    (
        "SICI",
        r"10\.\d+/.*\(\d{4}[^)]*\)\d*:?\d*[^<\[]*[<\[]",
        r"10\.\d+/.*?[<\[][^>\]]*[>\]]\d\.\d\.co;2(?:-[\w#])?(?![\w-])",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """How one publisher's DOIs begin and what a whole one looks like."""

    publisher: str
    begins: re.Pattern[str]
    whole: re.Pattern[str]


SHAPES = tuple(Shape(name, re.compile(begins), re.compile(whole)) for name, begins, whole in _ROWS)


def _by_registrant() -> tuple[dict[str, tuple[Shape, ...]], tuple[Shape, ...]]:
    """The rows by the registrant code that they name, and those for all registrants."""
    named: dict[str, list[Shape]] = {}
    general = []
    for shape in SHAPES:
        if match := re.match(r"10\\\.(\d+)/", shape.begins.pattern):
            named.setdefault(match.group(1), []).append(shape)
        else:
            general.append(shape)
    return {code: tuple(rows) for code, rows in named.items()}, tuple(general)


_NAMED, _GENERAL = _by_registrant()


@lru_cache(maxsize=2048)
def shape_of(doi: str) -> Shape | None:
    """The shape that a lower-cased DOI, or the beginning of one, belongs to."""
    rows = _NAMED.get(doi[3 : doi.find("/")], ())
    return next((shape for shape in (*rows, *_GENERAL) if shape.begins.match(doi)), None)


def completeness(doi: str) -> Literal["whole", "partial", "unknown"]:
    """Whether what stands written (lower case, without final punctuation) is a whole DOI of a known shape."""
    shape = shape_of(doi)
    if shape is None:
        return "unknown"
    return "whole" if shape.whole.fullmatch(doi) else "partial"
