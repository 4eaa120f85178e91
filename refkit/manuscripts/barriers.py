"""Why text of a word processor's document stays as it is: a program wrote it, or it is code, as its style says."""

from __future__ import annotations

import re

HIDDEN = "hidden"
"""The barrier of text that a program wrote: citations, lists, tables of contents."""

CODE = re.compile(
    r"(?:source|program|html)?[ _-]?(?:code|verbatim|listing|preformatted)[ _-]?(?:char|text|block|inline|example)?\d?"
    r"|source[ _-]?text|macro[ _-]?text|teletype",
    re.IGNORECASE,
)
"""Names of styles that code is set in."""

IN_CODE = "it stands in code"
"""The barrier of such text."""
