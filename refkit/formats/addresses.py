"""DOIs, addresses and licences of a work, as formats write them.

Source: RFC 3986 (percent codes); Crossref REST API (`license`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from refkit.doi import parse as parse_doi
from refkit.formats.latex import typesettable
from refkit.model import Work


def verbatim(text: str) -> str:
    """A value that is no LaTeX (a DOI, an address), in braces."""
    text = typesettable(text)
    if re.search(r"[{}\\]", text):
        # A brace cannot stand in a verbatim value; in a DOI or URL its percent code means the same.
        text = text.replace("{", "%7b").replace("}", "%7d").replace("\\", "%5c")
    return "{" + " ".join(text.split()) + "}"


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects in what should be a list of them; records and users' files hold other things too."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, (list, tuple)) else []


def licence(work: Work) -> str:
    """The address of a work's licence: the record's first, as Zotero's own Crossref translator takes it."""
    for licence_ in objects(
        work.extra.get("crossref", {}).get("license") or work.extra.get("datacite", {}).get("license")
    ):
        if isinstance(licence_.get("URL"), str):
            return "".join(licence_["URL"].split())
    return ""


def is_doi_url(csl: Mapping[str, Any]) -> bool:
    """Whether the URL of a CSL item says no more than its DOI."""
    url, doi = csl.get("URL"), csl.get("DOI")
    if not isinstance(url, str) or not isinstance(doi, str):
        return False
    match = re.match(r"https?://(?:dx\.)?doi\.org/(.+)", url, re.IGNORECASE)
    if not match:
        return False
    return match[1].lower() == doi.lower() or unquote(match[1]).lower() == doi.lower()


_DOI_ALONE = re.compile(r"\s*(?:https?://(?:dx\.|www\.)?doi\.org/|doi\s*[:=]?\s*)?10\.\d{4,9}", re.IGNORECASE)


def is_doi_alone(text: str) -> bool:
    """Whether a text is a DOI, bare or as a link, and nothing else; a publisher's page with one in its path is more."""
    return _DOI_ALONE.match(text) is not None and parse_doi(text) is not None
