"""Citation keys that Better BibTeX keeps to itself, for items whose own fields hold none.

Source: Better BibTeX's JSON-RPC (`item.citationkey`, `user.groups`). With Zotero 8 and later keys are in Zotero's own
field; with 7 only those that the user pinned are, in Extra.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from refkit.model import JsonValue
from refkit.net import Call, Client, Fault
from refkit.sinks.zotero.address import LibraryName

_PATH = "/better-bibtex/json-rpc"


def citation_keys(client: Client, library: LibraryName, items: Sequence[str]) -> dict[str, str]:
    """The citation keys of items by their keys; empty where Better BibTeX is not installed, or knows none."""
    if not items:
        return {}
    prefix = ""
    if library.kind == "groups":
        groups = _ask(client, "user.groups", [])
        rows = groups if isinstance(groups, list) else []
        found = [row.get("id") for row in rows if isinstance(row, dict) and row.get("name") == library.name]
        if len(found) != 1:
            return {}
        prefix = f"{found[0]}:"
    said = _ask(client, "item.citationkey", [[f"{prefix}{key}" for key in items]])
    keys = said if isinstance(said, dict) else {}
    return {str(name).rpartition(":")[2]: key for name, key in keys.items() if isinstance(key, str) and key}


def _ask(client: Client, method: str, params: list[JsonValue]) -> JsonValue:
    body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}).encode()
    headers = (("Content-Type", "application/json"),)
    taken = frozenset((400, 403, 404, 500, 501))
    call = Call("zotero-desktop", "single", _PATH, method="POST", body=body, headers=headers, takes=taken)
    outcome = client.get(call)
    if isinstance(outcome, Fault) or outcome.status != 200 or not isinstance(outcome.json, dict):
        return None
    return outcome.json.get("result")
