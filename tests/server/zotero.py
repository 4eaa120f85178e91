"""Loopback Zoteros over real HTTP: the web service, and a desktop with its connector server and local API.

They refuse what the real ones refuse (Zotero's sources of 7.0 to 10.0, Web API 3), and tests look at what they stored.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass, field
from typing import Any

from refkit.formats import zotero_schema as schema
from tests.server.zotero_files import ZoteroFiles
from tests.server.zotero_http import Answer, Asked
from tests.server.zotero_library import Library, strict
from tests.server.zotero_rules import desktop

KEY = "p9Kq2mT7vX4sLz8Rw1Yb6NcD"
"""A key of the web service, for tests; it must never be seen in messages and logs."""


class ZoteroWeb(ZoteroFiles):
    """The web service with one user (475425) and the groups that a test adds."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.user = 475425
        self.bad_keys = 0
        """Of five in five minutes the address is shut out."""
        self.access: dict[str, Any] = {"user": {"library": True, "files": True, "notes": True, "write": True}}

    def is_write(self, asked: Asked) -> bool:
        return not asked.path.startswith("/upload")

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/upload":
            return self.take_upload(asked)
        if asked.header("zotero-api-version") != "3":
            return Answer(400, b"API version 3 expected")
        if self.bad_keys >= 5:
            return Answer(429, b"Too many invalid keys", {"Retry-After": "300"})
        if asked.header("zotero-api-key") != KEY:
            self.bad_keys += 1
            return Answer(403, b"Invalid key")
        answer = self._route(asked)
        answer.headers |= {"Zotero-API-Version": "3", "Zotero-Schema-Version": str(schema.VERSION)}
        return answer

    def _route(self, asked: Asked) -> Answer:
        if asked.path == "/keys/current":
            return Answer.of({"key": KEY, "userID": self.user, "username": "somebody", "access": self.access})
        if asked.path == f"/users/{self.user}/groups":
            return Answer.of(
                [{"id": n, "version": 1, "data": {"id": n, "name": g.name}} for n, g in self.groups.items()]
            )
        kind, number, path = [*asked.path.strip("/").split("/", 2), "", ""][:3]
        library = self.mine if (kind, number) == ("users", str(self.user)) else None
        if kind == "groups" and number.isdigit():
            library = self.groups.get(int(number))
        if library is None:
            return Answer(403, b"Forbidden")
        if asked.method == "GET":
            return library.read(asked, path, 100)
        if path.endswith("/file"):
            return self.take_file(asked, library, path.split("/")[1])
        rights = self.access.get("user") if kind == "users" else self.access.get("groups", {}).get(number)
        if not (rights or {}).get("write"):
            return Answer(403, b"Write access denied")
        return library.write(asked, path, strict)


@dataclass
class Session:
    """What one session of the connector saved, and where it went."""

    items: list[str]
    ids: dict[str, str]
    target: str = ""


@dataclass
class Consent:
    """What the user says when Zotero asks whether refkit may write: `always`, `once` or `deny`."""

    says: str = "always"
    asked: int = 0
    keys: set[str] = field(default_factory=set)
    once: set[str] = field(default_factory=set)
    most: int = 5
    window: float = 60.0
    """Zotero opens so many dialogs in so many seconds, and answers 429 to further requests."""
    moments: list[float] = field(default_factory=list)


class ZoteroDesktop(ZoteroFiles):
    """A desktop: connector server always on, local API as switched, writes there from version 10 on."""

    def __init__(self, version: str = "10.0.0", port: int = 0) -> None:
        super().__init__(port)
        self.version = version
        self.local_api = True
        self.server_id = "sErVeR1"
        self.selected: Library = self.mine
        self.selected_collection = ""
        self.automatic_tags = True
        self.files_editable = True
        self.consent = Consent()
        self.sessions: dict[str, Session] = {}
        self.files: list[tuple[str, dict[str, Any], bytes]] = []
        self.knows_own_keys = False
        self.better_bibtex: dict[str, str] | None = None
        """Citation keys by item key (in groups after the library's number), where Better BibTeX is installed."""

    @property
    def schema(self) -> int:
        return schema.schema_of(self.version)

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def is_write(self, asked: Asked) -> bool:
        return not asked.path.startswith(("/connector/ping", "/connector/getSel", "/api/local", "/better-bibtex"))

    def answer(self, asked: Asked) -> Answer:
        if asked.header("host").rpartition(":")[0] not in ("127.0.0.1", "[::1]", "localhost"):
            return Answer(400, b"Invalid host")
        allowed = asked.header("x-zotero-connector-api-version") or asked.header("zotero-allowed-request")
        if (asked.header("user-agent").startswith("Mozilla/") or asked.header("origin")) and not allowed:
            return Answer(0, silent=True)
        if asked.method == "POST" and not asked.header("content-length").isdigit():
            return Answer(400, b"Content-length not provided")
        if asked.path == "/upload":
            answer = self.take_upload(asked)
        elif asked.path == "/better-bibtex/json-rpc":
            answer = self._better_bibtex(asked)
        else:
            answer = self._connector(asked) if asked.path.startswith("/connector/") else self._api(asked)
        answer.headers |= {"X-Zotero-Version": self.version, "X-Zotero-Connector-API-Version": "3"}
        return answer

    def _better_bibtex(self, asked: Asked) -> Answer:
        if self.better_bibtex is None:
            return Answer(404, b"No endpoint found")
        if asked.json["method"] == "user.groups":
            return Answer.of({"result": [{"id": number, "name": g.name} for number, g in self.groups.items()]})
        return Answer.of({"result": {key: self.better_bibtex.get(key) for key in asked.json["params"][0]}})

    # --- connector -------------------------------------------------------------------------------

    def _connector(self, asked: Asked) -> Answer:
        version = asked.header("x-zotero-connector-api-version")
        if version.isdigit() and int(version) < 3:
            return Answer(400, b'"CONNECTOR_VERSION_OUTDATED"')
        what = asked.path.removeprefix("/connector/")
        if what == "saveAttachment":
            return self._save_attachment(asked)
        if asked.method != "POST" or "application/json" not in asked.header("content-type"):
            return Answer(400, b"Endpoint does not support this")
        said = asked.json
        match what:
            case "ping":
                return Answer.of({"prefs": {"automaticSnapshots": True}})
            case "getSelectedCollection":
                return Answer.of(self._selected())
            case "saveItems":
                return self._save(said)
            case "updateSession":
                return self._update(said)
        return Answer(404, b"No endpoint found")

    def _libraries(self) -> list[tuple[str, Library]]:
        return [("L1", self.mine), *((f"L{n}", g) for n, g in self.groups.items())]

    def _targets(self) -> list[dict[str, Any]]:
        rows = []
        for number, library in self._libraries():
            if library.writable:
                rows.append({"id": number, "name": library.name, "level": 0, "filesEditable": True})
                rows += self._below(library, "", 1)
        return rows

    def _below(self, library: Library, parent: str, level: int) -> list[dict[str, Any]]:
        rows = []
        for key, collection in library.collections.items():
            if (collection["parentCollection"] or "") == parent:
                rows.append({"id": f"C{key}", "name": collection["name"], "level": level, "filesEditable": True})
                rows += self._below(library, key, level + 1)
        return rows

    def _selected(self) -> dict[str, Any]:
        number = next(number for number, library in self._libraries() if library is self.selected)
        collection = self.selected.collections.get(self.selected_collection)
        return {
            "libraryID": int(number[1:]), "libraryName": self.selected.name, "libraryEditable": self.selected.writable,
            "editable": self.selected.writable, "filesEditable": self.selected.writable,
            "id": self.selected_collection or None, "name": collection["name"] if collection else self.selected.name,
            "targets": self._targets(), "tags": {},
        }  # fmt: skip

    def _save(self, said: dict[str, Any]) -> Answer:
        if said["sessionID"] in self.sessions:
            return Answer.of({"error": "SESSION_EXISTS"}, 409)
        library = self.selected if self.selected.writable else self.mine
        if not library.writable:
            return Answer.of({"libraryEditable": False}, 500)
        if any(not schema.fields(item.get("itemType", "")) for item in said["items"]):
            return Answer(500, b"Unknown item type")
        session = Session([], {})
        for item in said["items"]:
            kept = desktop({k: v for k, v in item.items() if k not in ("id", "notes", "key", "version")}, self.schema)
            kept["creators"] = [
                c for c in kept.get("creators", ()) if c["creatorType"] in schema.creators(kept["itemType"])
            ]
            tags = [{"tag": t["tag"], "type": 1} for t in kept.pop("tags", ())]
            kept["tags"] = tags if self.automatic_tags else []
            kept["collections"] = [self.selected_collection] if self.selected_collection else []
            key = library.put(kept)
            session.items.append(key)
            session.ids[item["id"]] = key
            for note in item.get("notes", ()):
                library.put({"itemType": "note", "parentItem": key, "note": note})
        self.sessions[said["sessionID"]] = session
        return Answer(201)

    def _update(self, said: dict[str, Any]) -> Answer:
        session = self.sessions.get(said["sessionID"])
        if session is None:
            return Answer.of({"error": "SESSION_NOT_FOUND"}, 400)
        library = next(lib for _, lib in self._libraries() if set(session.items) <= set(lib.items))
        target = said.get("target", "")
        if target and target not in {row["id"] for row in self._targets()}:
            return Answer.of({"error": "TARGET_NOT_FOUND"}, 400)
        place = next((lib for n, lib in self._libraries() if n == target or target[1:] in lib.collections), library)
        for key in session.items:
            item = library.items.pop(key)
            if target:
                item["collections"] = [target[1:]] if target[0] == "C" else []
            item["tags"] = [*item["tags"], *({"tag": tag} for tag in said.get("tags", ()))]
            place.items[key] = item
        return Answer.of({})

    def _save_attachment(self, asked: Asked) -> Answer:
        if not asked.header("x-metadata").isascii():
            return Answer(400, b"X-Metadata must be encoded")
        about = json.loads(asked.header("x-metadata"))
        session = self.sessions.get(about["sessionID"])
        if session is None or about["parentItemID"] not in session.ids:
            return Answer(400, b"Session not found")
        if not asked.header("content-type"):
            return Answer(400, b"No content type")
        if not self.files_editable:
            return Answer(200, b"Library files are not editable.", content_type="text/plain")
        self.files.append((session.ids[about["parentItemID"]], about, asked.body))
        return Answer(201)

    # --- local API -------------------------------------------------------------------------------

    def _api(self, asked: Asked) -> Answer:
        if not asked.path.startswith("/api/"):
            return Answer(404, b"No endpoint found")
        if not self.local_api:
            return Answer(403, b"Local API is not enabled")
        answer = self._api_route(asked)
        answer.headers["Zotero-Schema-Version"] = str(self.schema)
        if self.major >= 10:
            answer.headers["Zotero-Server-ID"] = self.server_id
        return answer

    def _api_route(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix("/api")
        if path == "/":
            return Answer(200, b"Nothing to see here.", content_type="text/plain")
        if path == "/local/authorize":
            return self._authorize(asked)
        kind, number, rest = [*path.strip("/").split("/", 2), "", ""][:3]
        if kind == "users" and rest == "groups":
            return Answer.of([{"id": n, "data": {"id": n, "name": g.name}} for n, g in self.groups.items()])
        library = self.mine if kind == "users" and number in ("0", "475425") else self.groups.get(int(number or 0))
        if library is None:
            return Answer(404, b"Library not found")
        if asked.method == "GET":
            return library.read(asked, rest, None)
        return self._api_write(asked, library, rest)

    def _authorize(self, asked: Asked) -> Answer:
        if self.major < 10 or not asked.json.get("appName"):
            return Answer(404, b"No endpoint found")
        now = time.monotonic()
        recent = [moment for moment in self.consent.moments if moment > now - self.consent.window]
        if len(recent) >= self.consent.most:
            wait = math.ceil(recent[0] + self.consent.window - now)
            return Answer(429, b"Too many authorization requests", {"Retry-After": str(wait)})
        self.consent.moments = [*recent, now]
        self.consent.asked += 1
        if self.consent.says == "deny":
            return Answer(403, b"Denied")
        key = f"LoCaLkEy{self.consent.asked}zzzzzzzz"
        (self.consent.keys if self.consent.says == "always" else self.consent.once).add(key)
        return Answer.of({"key": key, "remember": self.consent.says == "always"})

    def _api_write(self, asked: Asked, library: Library, rest: str) -> Answer:
        if self.major < 10:
            return Answer(400, b"Endpoint does not support method")
        said = asked.header("zotero-server-id")
        if not said:
            return Answer(428, b"Zotero-Server-ID not provided")
        if said != self.server_id:
            return Answer(412, b"Zotero-Server-ID does not match")
        key = asked.header("zotero-api-key")
        if key not in self.consent.keys | self.consent.once:
            return Answer(401, b"Invalid key")
        self.consent.once.discard(key)
        if rest.endswith("/file"):
            return self.take_file(asked, library, rest.split("/")[1])
        return library.write(asked, rest, lambda data: self._kept(data, library))

    def _kept(self, data: dict[str, Any], library: Library) -> dict[str, Any] | str:
        if data.get("key") and data["key"] not in library.items and not self.knows_own_keys:
            return f"'primaryData' not loaded for item (null/1/{data['key']})"
        return data if data["itemType"] in ("note", "attachment") else desktop(data, self.schema)
