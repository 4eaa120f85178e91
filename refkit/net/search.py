"""Crossref asked through habanero: searches by words and the small lists, its many kinds of error mapped to ours.

habanero opens a connection for each call, hides the reply's headers and does not try again: pace and patience are the
client's business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refkit import __version__
from refkit.net.messages import Reply, Trouble
from refkit.net.trouble import header_text

SECONDS = 60.0

Ask = Callable[[Any], Any]
"""What to ask of a `habanero.Crossref`."""


def prepared(base: str, mailto: str) -> Any:
    """A `habanero.Crossref` for the service at `base`; importing it takes longer than the pace may slip."""
    import habanero

    return habanero.Crossref(
        base_url=base, mailto=header_text(mailto) or None, ua_string=f"refkit/{__version__}", timeout=SECONDS
    )


def answer(crossref: Any, ask: Ask) -> Reply | Trouble:
    """What `ask` gets, parsed, as a reply's `json`; a status that is no success as a reply without a body."""
    import habanero
    import httpx2

    try:
        found = ask(crossref)
    except habanero.RequestError as error:
        return Reply(error.status_code, {}, b"")
    except httpx2.HTTPStatusError as error:
        return Reply(error.response.status_code, {k.lower(): v for k, v in error.response.headers.items()}, b"")
    except (httpx2.HTTPError, RuntimeError):
        return Trouble("connection", "Crossref cannot be reached.")
    except (ValueError, TypeError, KeyError):
        return Trouble("garbled", "Crossref answered with something that is not JSON.")
    return Reply(200, {}, b"", found)
