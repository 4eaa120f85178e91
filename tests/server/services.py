"""All loopback services together, started and stopped as one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from refkit.settings import Settings
from tests.server.crossref import Crossref
from tests.server.datacite import DataCite
from tests.server.doiorg import DoiOrg


class Services:
    """Crossref, DataCite and doi.org on ports of their own; a context manager.

    Parameters: `records`, Crossref records or DataCite resources, told apart by their shape; `port`, the first of
    three, 0 for any free ones.
    """

    def __init__(self, records: Iterable[Mapping[str, Any]] = (), *, port: int = 0) -> None:
        self.crossref = Crossref(port)
        self.datacite = DataCite(port and port + 1)
        self.doi = DoiOrg(port and port + 2)
        self.doi.services = self
        self.add(records)

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Serve more records."""
        for record in records:
            (self.datacite if "attributes" in record else self.crossref).add([record])

    def add_file(self, path: Path) -> None:
        """Serve the records of a file of JSON lines, packed or not."""
        data = path.read_bytes()
        lines = (gzip.decompress(data) if path.suffix == ".gz" else data).split(b"\n")
        self.add(json.loads(line) for line in lines if line.strip())

    def settings(self, **more: Any) -> Settings:
        """Settings that send every question here."""
        urls = {"crossref_url": self.crossref.url, "datacite_url": self.datacite.url, "doi_url": self.doi.url}
        return Settings(**urls | more)

    def environment(self) -> dict[str, str]:
        """The same as environment variables."""
        return {
            "REFKIT_CROSSREF_URL": self.crossref.url,
            "REFKIT_DATACITE_URL": self.datacite.url,
            "REFKIT_DOI_URL": self.doi.url,
        }

    @property
    def all(self) -> tuple[Crossref, DataCite, DoiOrg]:
        return self.crossref, self.datacite, self.doi

    def forget(self) -> None:
        """Empty all logs."""
        for service in self.all:
            service.forget()

    def start(self) -> Services:
        for service in self.all:
            service.start()
        return self

    def stop(self) -> None:
        for service in self.all:
            service.stop()

    def __enter__(self) -> Services:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
