"""Files of items as the API takes them: announced, put where it says, and registered (Web API 3, "File uploads")."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs

from tests.server.zotero_http import Answer, Asked, ZoteroHttp
from tests.server.zotero_library import Library


class ZoteroFiles(ZoteroHttp):
    """A Zotero that takes files; `quota` is the size of its storage in bytes, `stored` what was put there."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.mine = Library()
        self.groups: dict[int, Library] = {}
        self.stored: dict[str, bytes] = {}
        self.quota = 10**12

    def take_file(self, asked: Asked, library: Library, key: str) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if asked.header("if-none-match") != "*":
            return Answer(428, b"If-Match/If-None-Match header not provided")
        if key not in library.items or library.items[key]["itemType"] != "attachment":
            return Answer(404, b"Not found")
        if "upload" in form:
            data = self.stored.get(form["upload"], b"")
            want = library.items[key]["_upload"]
            if hashlib.md5(data, usedforsecurity=False).hexdigest() != want["md5"]:
                return Answer(400, b"File is not the one that was announced")
            library.items[key] |= {"md5": want["md5"], "file": data}
            return Answer(204)
        if int(form["filesize"]) > self.quota:
            return Answer(413, b"File would exceed quota")
        library.items[key]["_upload"] = form
        prefix = '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
        said = {"url": f"{self.url}/upload", "contentType": "multipart/form-data; boundary=b", "prefix": prefix}
        return Answer.of(said | {"suffix": "\r\n--b--", "uploadKey": f"up{key}"})

    def take_upload(self, asked: Asked) -> Answer:
        _, _, rest = asked.body.partition(b"\r\n\r\n")
        for library in (self.mine, *self.groups.values()):
            for key, item in library.items.items():
                if "_upload" in item and "file" not in item:
                    self.stored[f"up{key}"] = rest.removesuffix(b"\r\n--b--")
        return Answer(201)
