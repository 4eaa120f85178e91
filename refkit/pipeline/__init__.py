"""The whole flow, a page for each verb: `enriching`, `converting`, `merging`, `citing`; and what they share.

What doors use most can be had from here; each page is loaded when it is first used, so that a verb waits for no other.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refkit.pipeline.asking import Whose as Whose
    from refkit.pipeline.asking import verify as verify
    from refkit.pipeline.converting import convert as convert
    from refkit.pipeline.converting import converted as converted
    from refkit.pipeline.converting import duplicates_among as duplicates_among
    from refkit.pipeline.enriching import Target as Target
    from refkit.pipeline.enriching import enrich as enrich
    from refkit.pipeline.inputs import Call as Call
    from refkit.pipeline.inputs import library_bytes as library_bytes
    from refkit.pipeline.merging import Prepared as Prepared
    from refkit.pipeline.merging import merge_into as merge_into
    from refkit.pipeline.merging import prepare as prepare
    from refkit.pipeline.output import Result as Result
    from refkit.pipeline.output import check_output as check_output
    from refkit.pipeline.output import choose_format as choose_format
    from refkit.pipeline.output import is_refused as is_refused
    from refkit.pipeline.output import preview as preview
    from refkit.pipeline.output import write_new as write_new
    from refkit.pipeline.reading import find_dois as find_dois
    from refkit.pipeline.reading import find_each as find_each

_HOME = {
    "asking": ("Whose", "verify"),
    "converting": ("convert", "converted", "duplicates_among"),
    "enriching": ("Target", "enrich"),
    "inputs": ("Call", "library_bytes"),
    "merging": ("Prepared", "merge_into", "prepare"),
    "output": ("Result", "check_output", "choose_format", "is_refused", "preview", "write_new"),
    "reading": ("find_dois", "find_each"),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _MODULE:
        return getattr(import_module(f"refkit.pipeline.{_MODULE[name]}"), name)
    raise AttributeError(f"module 'refkit.pipeline' has no attribute {name!r}")
