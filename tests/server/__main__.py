"""Serve records from the loopback services until interrupted, and print their addresses."""

from __future__ import annotations

import argparse
import contextlib
import threading
from pathlib import Path

from tests.server import Services


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.server", description=__doc__)
    parser.add_argument("records", nargs="*", type=Path, help="JSON lines of Crossref or DataCite records, also .gz")
    parser.add_argument("--port", type=int, default=0, help="the first of three ports; 0 for any free ones")
    parser.add_argument("--no-limits", action="store_true", help="do not enforce rates and concurrency")
    options = parser.parse_args()
    services = Services(port=options.port)
    for path in options.records:
        services.add_file(path)
    for service in services.all:
        service.referee.enforced = not options.no_limits
    with services:
        for name, url in services.environment().items():
            print(f"{name}={url}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
