"""Other programs that works are sent to, and read from: one row a program, loaded when it is first used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sink:
    """A program by its `name` in `--to`, the `module` that knows it, and what a help text says of it."""

    name: str
    module: str
    says: str


SINKS: tuple[Sink, ...] = (Sink("zotero", "refkit.sinks.zotero", "your Zotero library: --via, --collection, --attach"),)
"""All sinks that come with refkit."""


def is_sink(name: str) -> bool:
    """Whether `--to NAME` sends to another program, instead of writing a format."""
    return any(sink.name == name for sink in SINKS)
