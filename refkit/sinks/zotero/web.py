"""Zotero's web service: user and group libraries behind a key that the user makes on zotero.org.

Source: Zotero Web API 3, "Basics" and "Write requests". Items get refkit's own keys there, so that a document that
`refkit cite` wrote finds them, and so that nothing is made twice whatever happens to a request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from refkit.errors import TargetError
from refkit.formats.zotero_uri import item_key, item_uri
from refkit.model import JsonValue, Work
from refkit.net import Client, Reply
from refkit.net.trouble import header_text
from refkit.settings import Settings
from refkit.sinks.zotero.address import LibraryName
from refkit.sinks.zotero.api import Api

KEYS_PAGE = "https://www.zotero.org/settings/keys"


class Web(Api):
    """A library of Zotero's web service."""

    kind = "web"
    service = "zotero-web"
    own_keys = True

    def __init__(self, client: Client, settings: Settings) -> None:
        """Look at the key and choose the user's own library. Raises `TargetError` where the key is wrong or missing."""
        super().__init__(client, LibraryName("users", 0))
        self._key = header_text(settings.zotero_key)
        if not self._key:
            raise TargetError(
                "Zotero's web service needs a key.", f"Make one at {KEYS_PAGE}, and set REFKIT_ZOTERO_KEY."
            )
        said = self._about_key(settings.zotero_library)
        self._access: Mapping[str, Any] | None = said.get("access") if isinstance(said, Mapping) else None
        number = said.get("userID") if isinstance(said, Mapping) else None
        if not isinstance(number, int):
            raise TargetError("Zotero's web service does not say whose key this is.", f"Make a new one at {KEYS_PAGE}.")
        self.own = LibraryName("users", number)
        self.library = self.own

    def _about_key(self, library: str) -> JsonValue:
        """Whose key it is and what it may do; where nobody tells, the library that is named has to do."""
        reply = self.client.get(self.call("/keys/current"))
        named = re.fullmatch(r"(users?|groups?)/(\d+)", library.strip())
        if isinstance(reply, Reply) and reply.status == 404 and named:
            return {"userID": int(named[2]) if named[1].startswith("user") else 0}
        return self.checked(reply, "/keys/current").json

    def headers(self, writing: bool) -> tuple[tuple[str, str], ...]:
        """The API's version and the key."""
        return (("Zotero-API-Version", "3"), ("Zotero-API-Key", self._key))

    def refused(self, reply: Reply) -> TargetError:
        """A key that is wrong, has expired, or may not do this."""
        if self.library.number == 0:
            return TargetError(
                "Zotero's web service does not accept the key: it is wrong, or has been deleted.",
                f"Make a new one at {KEYS_PAGE}, and set REFKIT_ZOTERO_KEY.",
            )
        return TargetError(f"The Zotero key may not do this in {self.named}.", f"Change what it may do at {KEYS_PAGE}.")

    @property
    def named(self) -> str:
        """What to call the library."""
        return f"the Zotero group {self.library.name}" if self.library.kind == "groups" else "your Zotero library"

    @property
    def memory(self) -> str:
        """The name under which refkit remembers what it wrote here."""
        return f"web-{self.library.kind}-{self.library.number}"

    def check_writable(self) -> None:
        """Raises `TargetError` where the key may only read this library."""
        if self._access is None:
            return
        if self.library.kind == "users":
            access = self._access.get("user", {})
        else:
            groups = self._access.get("groups", {})
            access = groups.get(str(self.library.number)) or groups.get("all") or {}
        if not (isinstance(access, Mapping) and access.get("write")):
            raise TargetError(
                f"The Zotero key may not write to {self.named}.", f"Allow it at {KEYS_PAGE}, or use another library."
            )

    def make_ready(self) -> None:
        """A key that may write is all that is needed."""
        self.check_writable()

    def user(self) -> str:
        """The user whose groups are listed."""
        return str(self.own.number)

    def dress(self, data: dict[str, Any], work: Work, taken: Mapping[str, Any]) -> dict[str, Any]:
        """A new item with the key that documents know its work by; in a group, with that as a relation too."""
        key, uri = item_key(work), item_uri(work)
        is_free = key not in taken and key not in self.occupied
        if key and is_free:
            data |= {"key": key, "version": 0}
        if uri and (self.library.kind == "groups" or not is_free):
            data["relations"] = {"dc:replaces": [uri]}
        return data
