"""The API of Zotero's desktop under `/api`: read-only from 7 to 9, with writes from 10 on.

Source: Zotero's sources of 7.0 to 10.0 (behaviour). Off until the user switches it on; writes want a key that the user
allows in a dialog of Zotero's, and the `Zotero-Server-ID` of the running profile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from refkit.errors import TargetError
from refkit.formats import zotero_schema
from refkit.formats.zotero_uri import item_uri
from refkit.model import Progress, Work
from refkit.net import Call, Client, Fault, Reply
from refkit.sinks.zotero.address import LibraryName
from refkit.sinks.zotero.api import Api
from refkit.store import secrets

HOW_TO_SWITCH_ON = (
    'In Zotero: Settings → Advanced → "Allow other applications on this computer to communicate with Zotero".'
)
FIRST_WITH_WRITES = 10


class NotRunning(TargetError):
    """Nothing answers where Zotero should be."""


def silent(fault: Fault) -> TargetError:
    """What it means that Zotero gave no answer: it is not running, or is busy with itself."""
    if fault.kind == "absent":
        return NotRunning("Zotero is not running.", "Start Zotero, and run the same command again.")
    return TargetError("Zotero runs, but does not answer.", "Is it still starting? Try again in a moment.")


class Local(Api):
    """A library of the Zotero that runs on this machine."""

    kind = "local"
    service = "zotero-desktop"
    root = "/api"
    page = 500

    def __init__(self, client: Client, progress: Progress | None = None) -> None:
        """Look whether Zotero runs and lets itself be read. Raises `NotRunning`, and `TargetError` where the API is
        off."""
        super().__init__(client, LibraryName("users", 0))
        self.own = self.library
        self.progress = progress
        self._key = ""
        self._single_use = False
        outcome = self._probe("/api/")
        if isinstance(outcome, Reply) and outcome.status == 404:
            outcome = self._probe("/api/users/0/collections", (("limit", "1"),))
        if isinstance(outcome, Fault):
            raise silent(outcome)
        self.zotero = outcome.headers.get("x-zotero-version", "")
        self.server = outcome.headers.get("zotero-server-id", "")
        if outcome.status == 403:
            raise TargetError("Zotero runs, but its local API is off.", HOW_TO_SWITCH_ON)
        if outcome.status != 200:
            raise TargetError(
                "What runs at Zotero's address has no local API.", "refkit works with Zotero 7 and later."
            )
        said = outcome.headers.get("zotero-schema-version", "")
        self.schema = int(said) if said.isdigit() else zotero_schema.schema_of(self.zotero)

    def _probe(self, path: str, params: tuple[tuple[str, str], ...] = ()) -> Reply | Fault:
        taken = frozenset((403, 404, 501))
        return self.client.get(Call(self.service, "single", path, params, accept="*/*", takes=taken))

    @property
    def can_write(self) -> bool:
        """Whether this version of Zotero takes writes here."""
        major = self.zotero.partition(".")[0]
        return bool(self.server) or (major.isdigit() and int(major) >= FIRST_WITH_WRITES)

    def headers(self, writing: bool) -> tuple[tuple[str, str], ...]:
        """The API's version; for writes the key and the profile that gave it."""
        rows = (("Zotero-API-Version", "3"),)
        if not writing:
            return rows
        return (*rows, ("Zotero-API-Key", self._key), ("Zotero-Server-ID", self.server))

    def refused(self, reply: Reply) -> TargetError:
        """A library that cannot be edited, or a key that Zotero does not know."""
        if reply.status == 401:
            return TargetError("Zotero does not accept refkit's key.", "Run the command again and allow it in Zotero.")
        return TargetError(f"Zotero lets nobody write to {self.named}.", "Is it a group in which you may only read?")

    @property
    def named(self) -> str:
        """What to call the library."""
        return f"the Zotero group {self.library.name}" if self.library.kind == "groups" else "My Library in Zotero"

    @property
    def memory(self) -> str:
        """The name under which refkit remembers what it wrote here."""
        profile = f"-{self.server}" if self.server else ""
        return f"local{profile}-{self.library.kind}-{self.library.number}"

    def user(self) -> str:
        """The user at this machine."""
        return "0"

    def dress(self, data: dict[str, Any], work: Work, taken: Mapping[str, Any]) -> dict[str, Any]:
        """A new item without a key of its own, on which Zotero 10 fails; the URI of documents is a relation."""
        if uri := item_uri(work):
            data["relations"] = {"dc:replaces": [uri]}
        return data

    # --- the key ---------------------------------------------------------------------------------

    def make_ready(self) -> None:
        """See that there is a key, asking the user in Zotero if need be. Raises `TargetError` where it is denied."""
        self._key = secrets.recall(self._secret)
        if self._key:
            self.client.keep_secret(self._key)
        else:
            self._authorize()

    @property
    def _secret(self) -> str:
        return f"zotero-local-{self.server or 'any'}"

    def _authorize(self) -> None:
        if self.progress is not None:
            self.progress.say('Zotero asks whether refkit may write to it; "Always Allow" asks only once.')
        body = json.dumps({"appName": "refkit"}).encode()
        headers = (("Content-Type", "application/json"),)
        outcome = self.client.get(
            Call(
                self.service, "single", "/api/local/authorize", method="POST", body=body, headers=headers,
                takes=frozenset((403,)), seconds=300.0, again=False,
            )
        )  # fmt: skip
        if isinstance(outcome, Fault):
            raise TargetError(f"Zotero did not let refkit in: {outcome.why}", "Answer the question in Zotero's window.")
        said = json.loads(outcome.body) if outcome.status == 200 and outcome.body else {}
        if not isinstance(said, Mapping) or not said.get("key"):
            raise TargetError("In Zotero it was denied that refkit writes to it.", "Run it again and say Allow there.")
        self._key = str(said["key"])
        self.client.keep_secret(self._key)
        self._single_use = not said.get("remember")
        if not self._single_use:
            secrets.keep(self._secret, self._key)

    def write(self, path: str, objects: Any, token: str) -> Reply | Fault:
        """A write request's answer; a key that has expired, or was for one request, is asked for anew once."""
        return self._allowed(lambda: super(Local, self).write(path, objects, token))

    def post_form(self, path: str, form: Mapping[str, Any]) -> Reply | Fault:
        """A step of a file's upload; the key is asked for anew as when writing."""
        return self._allowed(lambda: super(Local, self).post_form(path, form))

    def _allowed(self, ask: Callable[[], Reply | Fault]) -> Reply | Fault:
        reply = ask()
        if isinstance(reply, Reply) and reply.status in (412, 428) and self._is_other_profile(reply):
            secrets.keep(self._secret, "")
            self.server = reply.headers.get("zotero-server-id", "")
            self.make_ready()
            return ask()
        if isinstance(reply, Reply) and reply.status == 401:
            secrets.keep(self._secret, "")
            self._authorize()
            reply = ask()
        return reply

    def _is_other_profile(self, reply: Reply) -> bool:
        now = reply.headers.get("zotero-server-id", "")
        return bool(now) and now != self.server
