"""The JSON schema of CSL-JSON 1.0.2, from its facts: which variables there are, and of which shape each is.

Written from the CSL 1.0.2 specification (appendix IV) and the published `csl-data.json`; not a copy of the file.
"""

from __future__ import annotations

from typing import Any

TYPES = """article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection
dataset document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview
legal_case legislation manuscript map motion_picture musical_score pamphlet paper-conference patent
performance periodical personal_communication post post-weblog regulation report review review-book
software song speech standard thesis treaty webpage""".split()

NAMES = """author chair collection-editor compiler composer container-author contributor curator director editor
editorial-director executive-producer guest host illustrator interviewer narrator organizer original-author
performer producer recipient reviewed-author script-writer series-creator translator""".split()

DATES = "accessed available-date event-date issued original-date submitted".split()

NUMBERS = """chapter-number citation-number collection-number edition first-reference-note-number issue locator number
number-of-pages number-of-volumes page page-first printing volume""".split()

STRINGS = """citation-key language journalAbbreviation shortTitle abstract annote archive archive_collection
archive_location archive-place authority call-number citation-label collection-title container-title
container-title-short dimensions division DOI event event-title event-place genre ISBN ISSN jurisdiction
keyword medium note original-publisher original-publisher-place original-title part part-title PMCID PMID
publisher publisher-place references reviewed-genre reviewed-title scale section source status title
title-short URL version volume-title volume-title-short year-suffix supplement part-number printing-number
supplement-number""".split()

_TEXT = {"type": "string"}
_TEXT_OR_NUMBER = {"type": ["string", "number"]}
_FLAG = {"type": ["string", "number", "boolean"]}
_NAME = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("family", "given", "dropping-particle", "non-dropping-particle", "suffix", "literal"), _TEXT),
        **dict.fromkeys(("comma-suffix", "static-ordering", "parse-names"), _FLAG),
    },
    "additionalProperties": False,
}
_NAME_LIST = {"type": "array", "items": _NAME}
_PARTS = {"type": "array", "items": _TEXT_OR_NUMBER, "minItems": 1, "maxItems": 3}
_DATE = {
    "type": "object",
    "properties": {
        "date-parts": {"type": "array", "items": _PARTS, "minItems": 1, "maxItems": 2},
        "season": _TEXT_OR_NUMBER,
        "circa": _FLAG,
        "literal": _TEXT,
        "raw": _TEXT,
    },
    "additionalProperties": False,
}

SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": TYPES},
            "id": _TEXT_OR_NUMBER,
            "categories": {"type": "array", "items": _TEXT},
            "custom": {"type": "object"},
            **dict.fromkeys(NAMES, _NAME_LIST),
            **dict.fromkeys(DATES, _DATE),
            **dict.fromkeys(NUMBERS, _TEXT_OR_NUMBER),
            **dict.fromkeys(STRINGS, _TEXT),
        },
        "required": ["type", "id"],
        "additionalProperties": False,
    },
}
