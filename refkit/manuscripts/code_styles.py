"""The styles that word processors and converters set code in, by name; DOIs in code stay."""

from __future__ import annotations

import re

CODE = re.compile(
    r"(?:source|program|html)?[ _-]?(?:code|verbatim|listing|preformatted)[ _-]?(?:char|text|block|inline|example)?\d?"
    r"|source[ _-]?text|macro[ _-]?text|teletype",
    re.IGNORECASE,
)
"""Names of styles that code is set in."""

IN_CODE = "it stands in code"
"""The barrier of such text."""
