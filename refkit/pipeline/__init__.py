"""The whole flow, a page for each verb: `enriching`, `converting`, `merging`, `citing`; and what they share."""

from __future__ import annotations

from refkit.pipeline.asking import Whose, verify
from refkit.pipeline.converting import convert, converted, duplicates_among
from refkit.pipeline.enriching import Target, enrich
from refkit.pipeline.inputs import Call, library_bytes
from refkit.pipeline.merging import Prepared, merge_into, prepare
from refkit.pipeline.output import Result, check_output, choose_format, is_refused, preview, write_new
from refkit.pipeline.reading import find_dois, find_each

__all__ = [
    "Call",
    "Prepared",
    "Result",
    "Target",
    "Whose",
    "check_output",
    "choose_format",
    "convert",
    "converted",
    "duplicates_among",
    "enrich",
    "find_dois",
    "find_each",
    "is_refused",
    "library_bytes",
    "merge_into",
    "prepare",
    "preview",
    "verify",
    "write_new",
]
