"""Records of our own making, as Crossref and DataCite give them."""

from __future__ import annotations

from typing import Any


def record(doi: str, title: str = "", **more: Any) -> dict[str, Any]:
    """A Crossref record."""
    return {
        "DOI": doi,
        "type": "journal-article",
        "title": [title or f"On {doi}"],
        "author": [{"given": "Ada", "family": "Example", "sequence": "first"}],
        "container-title": ["Journal of Examples"],
        "issued": {"date-parts": [[2020, 5]]},
        "publisher": "Example Press",
    } | more


def resource(doi: str, title: str = "", **attributes: Any) -> dict[str, Any]:
    """A DataCite resource (JSON:API)."""
    return {
        "id": doi,
        "type": "dois",
        "attributes": {
            "doi": doi,
            "titles": [{"title": title or f"Data of {doi}"}],
            "creators": [{"name": "Example, Ada", "nameType": "Personal", "givenName": "Ada", "familyName": "Example"}],
            "publisher": "Example Archive",
            "publicationYear": 2021,
            "types": {"resourceTypeGeneral": "Dataset"},
        }
        | attributes,
    }


def csl_item(doi: str, title: str = "") -> dict[str, Any]:
    """A CSL-JSON item, as content negotiation gives it."""
    return {
        "type": "article-journal",
        "DOI": doi,
        "title": title or f"Item {doi}",
        "author": [{"family": "Example", "given": "Ada"}],
        "issued": {"date-parts": [[2019]]},
    }
