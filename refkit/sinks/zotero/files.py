"""Files of items: which may be sent, and how the API takes them (Web API 3, "File uploads")."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from refkit.net import Call, Fault, Upload
from refkit.net.uploads import FileFacts, facts_of, size_of
from refkit.sinks.zotero.api import Api, new_token

LARGEST = 1_000_000_000
"""Bytes of a file that is sent; larger ones are better linked by hand."""

CONTENT = {".pdf": "application/pdf", ".epub": "application/epub+zip", ".html": "text/html", ".htm": "text/html",
           ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}  # fmt: skip


def content_of(path: Path) -> str:
    """The media type of a file that can be attached, "" for one that is no publication's text."""
    return CONTENT.get(path.suffix.lower(), "")


def too_large(path: Path) -> str:
    """A sentence for a file that is too large to be sent, else "". Raises `ReadError`."""
    size = size_of(path)
    return f"{path.name} has {size / 1e9:.1f} GB; add it in Zotero as a linked file." if size > LARGEST else ""


def attach(api: Api, parent: str, path: Path, content: str) -> str:
    """Send a file as a child of an item through the API; "" or why it was not taken. Raises `ReadError`."""
    facts = facts_of(path)
    data = {
        "itemType": "attachment", "parentItem": parent, "linkMode": "imported_file", "title": path.name,
        "filename": path.name, "contentType": content, "tags": [], "relations": {},
    }  # fmt: skip
    reply = api.checked_write(api.write(f"{api.library.path}/items", [data], new_token()))
    made = json.loads(reply.body).get("success", {}).get("0")
    if not made:
        return "Zotero did not make an attachment of it."
    where = f"{api.library.path}/items/{made}/file"
    about = {"md5": facts.md5, "filename": path.name, "filesize": facts.size, "mtime": facts.changed}
    allowed = api.post_form(where, about)
    if isinstance(allowed, Fault):
        return allowed.why
    if allowed.status != 200:
        full = "The storage of this library is full." if allowed.status == 413 else f"Zotero said {allowed.status}."
        return f"{full} The attachment is there without its file."
    said = json.loads(allowed.body)
    return "" if said.get("exists") else _upload(api, where, path, facts, said)


def _upload(api: Api, where: str, path: Path, facts: FileFacts, said: dict[str, str]) -> str:
    """Put the file where Zotero wants it, and say that it is there."""
    url = urlsplit(said["url"])
    body = Upload(path, said.get("prefix", "").encode(), said.get("suffix", "").encode())
    headers = (("Content-Type", said.get("contentType", "application/octet-stream")),)
    service = f"{url.scheme}://{url.netloc}"
    target = url.path + (f"?{url.query}" if url.query else "")
    stored = api.client.get(Call(service, "single", target, accept="*/*", method="POST", body=body, headers=headers))
    if isinstance(stored, Fault):
        return stored.why
    if stored.status not in (200, 201, 204):
        return f"The file was not stored ({stored.status})."
    done = api.post_form(where, {"upload": said["uploadKey"]})
    if isinstance(done, Fault):
        return done.why
    return "" if done.status in (200, 204) else f"Zotero did not register the file ({done.status})."
