"""The ways into Zotero, and which one is taken: its local API, its connector server, its web service."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace

from refkit.errors import TargetError
from refkit.formats.zotero_items import entry_of
from refkit.model import Entry, Progress
from refkit.net import Client
from refkit.settings import Settings
from refkit.sinks.zotero.address import MINE, Collection, LibraryName, choose, library_of, split
from refkit.sinks.zotero.api import Api, Contents
from refkit.sinks.zotero.better_bibtex import citation_keys
from refkit.sinks.zotero.connector import Connector
from refkit.sinks.zotero.local import HOW_TO_SWITCH_ON, Local, NotRunning
from refkit.sinks.zotero.web import KEYS_PAGE, Web

Reader = Local | Web


@dataclass(slots=True)
class Way:
    """A way into Zotero: who takes items, who shows what is there (None: nobody can), and the wanted collection.

    `collection` is None where none is wanted; its key is "" where it has yet to be made.
    """

    writer: Local | Web | Connector
    reader: Reader | None
    collection: Collection | None = None

    @property
    def kind(self) -> str:
        """`local`, `connector` or `web`."""
        return self.writer.kind

    @property
    def named(self) -> str:
        """What to call the place that works go to."""
        where = self.writer.named
        return f"{where}, collection {self.collection.path}" if self.collection else where

    @property
    def memory(self) -> str:
        """The name under which refkit remembers what went there."""
        return (self.reader or self.writer).memory

    @property
    def memory_when_blind(self) -> str:
        """The name under which it is looked up when the local API is off one day, "" where that cannot be."""
        if self.reader is None or isinstance(self.writer, Web):
            return ""
        place = self.writer.place.library if isinstance(self.writer, Connector) else self.writer.library.name
        return f"connector-{place}"

    def contents(self) -> Contents | None:
        """What is in the library; None where nobody can see it. A collection of it would not do: nothing that is
        anywhere in the library is made twice."""
        return self.reader.contents() if self.reader is not None else None

    def make_ready(self) -> None:
        """Do what has to be done before items are sent, and only then: ask the user, make a missing collection."""
        if isinstance(self.writer, Local | Web):
            self.writer.make_ready()
        if self.collection is not None and not self.collection.key and isinstance(self.writer, Api):
            self.collection = self.writer.make_collection(self.collection.path)


def find_way(client: Client, settings: Settings, progress: Progress | None) -> Way:
    """The way that the setting `via` names, or the first that is open.

    Raises `TargetError` where none is, saying of each why and what to do; `UsageError` for a library or collection that
    there is not, or that two bear the name of.
    """
    match settings.via:
        case "local":
            local = Local(client, progress)
            if not local.can_write:
                raise TargetError(
                    f"Zotero {local.zotero or 'before 10'} takes no writes through its local API.",
                    "Say --via connector, or update to Zotero 10.",
                )
            return _ready(local, settings, progress)
        case "connector":
            return _connector(client, settings, progress)
        case "web":
            return _ready(_web(client, settings), settings, progress)
    try:
        local = Local(client, progress)
    except NotRunning as error:
        if settings.zotero_key and not settings.offline:
            return _ready(Web(client, settings), settings, progress)
        if settings.zotero_key:
            raise TargetError(
                "No way into Zotero is open: it is not running, and --offline asks no web service.",
                "Start Zotero; or leave --offline out; or write a file that Zotero imports: --via file -o refs.rdf",
            ) from error
        raise TargetError(
            "No way into Zotero is open: it is not running, and there is no key for its web service.",
            f"Start Zotero; or make a key at {KEYS_PAGE} and set REFKIT_ZOTERO_KEY; or write a file that Zotero"
            " imports: --via file -o refs.rdf",
        ) from error
    except TargetError:
        return _connector(client, settings, progress)
    return _ready(local, settings, progress) if local.can_write else _connector(client, settings, progress)


def _web(client: Client, settings: Settings) -> Web:
    if settings.offline:
        raise TargetError("--offline asks no service, so Zotero's web service cannot be used.", "Leave --offline out.")
    return Web(client, settings)


def _ready(api: Reader, settings: Settings, progress: Progress | None) -> Way:
    """The way through an API, its library and collection chosen."""
    api.progress = progress
    api.library = _library(api, settings.zotero_library)
    if isinstance(api, Web):
        api.check_writable()  # known at once, without asking the user
    if not settings.collection:
        return Way(api, api)
    found = choose(settings.collection, api.collections())
    return Way(api, api, found or Collection("", settings.collection.strip().strip("/")))


def _library(api: Reader, wanted: str) -> LibraryName:
    said = wanted.strip().strip("/")
    if numbered := re.fullmatch(r"groups?/(\d+)", said):
        return LibraryName("groups", int(numbered[1]), said)
    simple = not said or said.casefold() == MINE.casefold() or said.startswith("user")
    return library_of(wanted, api.own, () if simple else api.groups(api.user()))


def _connector(client: Client, settings: Settings, progress: Progress | None) -> Way:
    """The way through the connector, with the local API to look into the library where it is on."""
    connector = Connector(client)
    reader: Local | None = None
    with contextlib.suppress(TargetError):
        reader = Local(client, progress)
    library = settings.zotero_library
    if reader is not None and library:
        library = library_of(library, reader.own, reader.groups("0")).name
    connector.look(library, settings.collection)
    if reader is not None and connector.place.library.casefold() != MINE.casefold():
        groups = [group for group in reader.groups("0") if group.name == connector.place.library]
        if len(groups) == 1:
            reader.library = groups[0]
        else:
            reader = None
    return Way(connector, reader)


def find_reader(client: Client, settings: Settings, address: str) -> tuple[Reader, Collection | None]:
    """Who shows what a `zotero:` address names: the local API, else the web service; and the collection, None for the
    whole library.

    Raises `TargetError` where neither does, `UsageError` where there is no such library or collection.
    """
    reader = _reader(client, settings)
    groups = reader.groups(reader.user()) if _may_name_group(address, settings) else []
    reader.library, path = split(address, settings.zotero_library, reader.own, groups)
    if not path:
        return reader, None
    collections = reader.collections()
    found = choose(path, collections)
    if found is None:
        some = ", ".join(c.path for c in collections[:8])
        more = " and others" if len(collections) > 8 else ""
        raise TargetError(f"There is no collection {path!r} in {reader.named}.", f"It has {some or 'none'}{more}.")
    return reader, found


def read_entries(client: Client, settings: Settings, address: str) -> list[Entry]:
    """The entries that a `zotero:` address names, with their citation keys, native or Better BibTeX's.

    Raises as `find_reader` does.
    """
    reader, collection = find_reader(client, settings, address)
    entries = [entry_of(data) for data in reader.contents(collection.key if collection else "").items.values()]
    if not isinstance(reader, Local):
        return entries
    without = {str(entry.work.extra["zotero"]["key"]) for entry in entries if not entry.key}
    keys = citation_keys(client, reader.library, sorted(without))
    return [
        entry if entry.key else replace(entry, key=keys.get(entry.work.extra["zotero"]["key"], "")) for entry in entries
    ]


def _may_name_group(address: str, settings: Settings) -> bool:
    said = address[7:].strip().strip("/").partition("/")[0].casefold()
    return bool(settings.zotero_library) or said not in ("", MINE.casefold())


def _reader(client: Client, settings: Settings) -> Reader:
    if settings.via == "web":
        return _web(client, settings)
    if settings.via in ("connector", "file"):
        raise TargetError("Nothing can be read from Zotero that way.", "Use --via local or --via web.")
    try:
        return Local(client)
    except TargetError as error:
        if settings.via == "auto" and settings.zotero_key and not settings.offline:
            return Web(client, settings)
        hint = error.hint or HOW_TO_SWITCH_ON
        if settings.via == "auto" and isinstance(error, NotRunning):
            hint += f" Or make a key at {KEYS_PAGE}, and set REFKIT_ZOTERO_KEY."
        raise TargetError(error.message, hint) from error
