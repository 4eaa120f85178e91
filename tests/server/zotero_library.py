"""One Zotero library as its API keeps it: items with versions, collections, and the rules of writing."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from refkit.formats.zotero_uri import KEY, KEY_CHARACTERS
from tests.server.zotero_http import Answer, Asked, page
from tests.server.zotero_rules import faults_of

MOST = 50


@dataclass
class Library:
    """The items and collections of a library, each with the version at which it last changed."""

    name: str = "My Library"
    writable: bool = True
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    collections: dict[str, dict[str, Any]] = field(default_factory=dict)
    version: int = 1
    tokens: dict[str, int] = field(default_factory=dict)
    seed: int = 3

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def new_key(self) -> str:
        return "".join(self._random.choices(KEY_CHARACTERS, k=8))

    def put(self, data: dict[str, Any], key: str = "") -> str:
        """Put an item in as the user would."""
        key = key or self.new_key()
        self.version += 1
        self.items[key] = {"collections": [], "relations": {}, "tags": [], **data, "key": key, "version": self.version}
        return key

    def put_collection(self, name: str, parent: str = "") -> str:
        key = self.new_key()
        self.version += 1
        self.collections[key] = {
            "key": key, "name": name, "parentCollection": parent or False, "version": self.version
        }  # fmt: skip
        return key

    def change(self, key: str, **data: Any) -> None:
        """Change an item as the user would."""
        self.version += 1
        self.items[key] |= data | {"version": self.version}

    def remove(self, key: str) -> None:
        self.version += 1
        del self.items[key]

    @property
    def top(self) -> list[dict[str, Any]]:
        """Items that are neither children nor in the trash."""
        return [i for i in self.items.values() if not i.get("parentItem") and not i.get("deleted")]

    # --- reading ---------------------------------------------------------------------------------

    def read(self, asked: Asked, path: str, most: int | None) -> Answer:
        """The answer to a GET below the library's path."""
        parts = path.strip("/").split("/")
        match parts:
            case ["collections"]:
                rows = list(self.collections.values())
            case ["items", "top"]:
                rows = self.top
            case ["items"]:
                wanted = asked.params.get("itemKey")
                rows = [i for i in self.items.values() if not wanted or i["key"] in wanted.split(",")]
            case ["collections", key, "items", "top"]:
                if key not in self.collections:
                    return Answer(404, b"Collection not found")
                rows = [i for i in self.top if key in i.get("collections", ())]
            case _:
                return Answer(404, b"Not found")
        since = int(asked.params.get("since", "0"))
        found, total = page((r for r in rows if r["version"] > since), asked, most)
        answer = Answer.of([{"key": r["key"], "version": r["version"], "data": r} for r in found])
        answer.headers |= {"Total-Results": str(total), "Last-Modified-Version": str(self.version)}
        return answer

    # --- writing ---------------------------------------------------------------------------------

    def write(self, asked: Asked, path: str, fit: Callable[[dict[str, Any]], Any]) -> Answer:
        """The answer to a POST of objects. `fit` gives the item to keep, or the fault for which it is refused."""
        if not self.writable:
            return Answer(403, b"Write access denied")
        try:
            objects = json.loads(asked.body)
        except ValueError:
            return Answer(400, b"JSON input is not valid")
        if not isinstance(objects, list) or "application/json" not in asked.header("content-type"):
            return Answer(400, b"Uploaded data must be a JSON array")
        if len(objects) > MOST:
            return Answer(413, b"Cannot add more than 50 items at a time")
        token, unmodified = asked.header("zotero-write-token"), asked.header("if-unmodified-since-version")
        if token and not 5 <= len(token) <= 32:
            return Answer(400, b"Invalid Zotero-Write-Token")
        if token in self.tokens:
            return Answer(412, f"Write token {token} already used".encode())
        if unmodified and int(unmodified) < self.version:
            return Answer(412, b"Library has been modified since specified version")
        self.version += 1
        answer: dict[str, dict[str, Any]] = {"successful": {}, "success": {}, "unchanged": {}, "failed": {}}
        rows = self.collections if path.strip("/") == "collections" else self.items
        for number, data in enumerate(objects):
            self._write_one(rows, str(number), data, fit, unmodified, answer)
        if token:
            self.tokens[token] = self.version
        return Answer.of(answer, Last_Modified_Version=str(self.version))

    def _write_one(
        self, rows: dict[str, Any], place: str, data: dict[str, Any], fit: Any, unmodified: str, answer: dict[str, Any]
    ) -> None:
        def refuse(code: int, message: str) -> None:
            answer["failed"][place] = {"code": code, "message": html.escape(message)}

        key = str(data.get("key") or "")
        if key and not KEY.fullmatch(key):
            return refuse(400, f"'{key}' is not a valid item key")
        if key and "version" not in data and not unmodified:
            return refuse(428, "Item must contain 'version' property or If-Unmodified-Since-Version")
        old = rows.get(key)
        if old is not None and "version" in data and data["version"] != old["version"]:
            return refuse(412, f"Item has been modified since specified version (expected {data['version']})")
        if old is None and key and data.get("version", 0) > 0:
            return refuse(404, f"Item doesn't exist (expected version {data['version']}; use 0 instead)")
        if rows is self.collections:
            new: Any = {"parentCollection": False} | data
            if not str(data.get("name", "")).strip():
                return refuse(400, "Collection name cannot be empty")
        else:
            new = fit({**(old or {}), **data})
            if isinstance(new, str):
                return refuse(400, new)
            if new.get("parentItem") and new["parentItem"] not in self.items:
                return refuse(409, f"Parent item {new['parentItem']} not found")
            if missing := [c for c in new.get("collections", ()) if c not in self.collections]:
                return refuse(409, f"Collection {missing[0]} not found")
        made = key or self.new_key()
        rows[made] = {"collections": [], "relations": {}, "tags": [], **new, "key": made, "version": self.version}
        answer["success"][place] = made
        answer["successful"][place] = {"key": made, "version": self.version, "data": rows[made]}
        return None


def strict(data: dict[str, Any]) -> dict[str, Any] | str:
    """The web service's judgement on an item."""
    found = faults_of(data, notes=False)
    return found[0] if found else data
