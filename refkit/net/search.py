"""One search by words, asked through habanero, its many kinds of error mapped to ours."""

from __future__ import annotations

from refkit import __version__
from refkit.net.messages import Reply, Trouble
from refkit.net.trouble import header_text

SECONDS = 60.0


def prepare_search() -> None:
    """Import what a search needs, which takes longer than the pace may slip."""
    import habanero  # noqa: F401


def by_words(base: str, query: str, rows: int, mailto: str) -> Reply | Trouble:
    """Crossref's answer to `query.bibliographic`.

    habanero opens a connection for each call, hides the reply's headers and does not try again; all that is the
    caller's business. Its answer's body is parsed already.
    """
    import habanero
    import httpx2

    crossref = habanero.Crossref(
        base_url=base, mailto=header_text(mailto) or None, ua_string=f"refkit/{__version__}", timeout=SECONDS
    )
    try:
        found = crossref.works(query_bibliographic=query, limit=rows)
    except habanero.RequestError as error:
        return Reply(error.status_code, {}, b"")
    except httpx2.HTTPStatusError as error:
        return Reply(error.response.status_code, {k.lower(): v for k, v in error.response.headers.items()}, b"")
    except (httpx2.HTTPError, RuntimeError):
        return Trouble("connection", "Crossref cannot be reached.")
    except (ValueError, TypeError, KeyError):
        return Trouble("garbled", "Crossref answered with something that is not JSON.")
    return Reply(200, {}, b"", found)
