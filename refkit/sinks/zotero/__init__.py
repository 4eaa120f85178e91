"""Zotero: works in, each once, and a library or collection out.

`ways` finds a way in (`local`, `connector`, `web`), `planning` decides what becomes of each work as merging into a file
does, `delivery` carries it out and reads every answer; `api` is what local API and web service have in common.
"""

from refkit.sinks.zotero.address import is_address
from refkit.sinks.zotero.delivery import Delivery, deliver
from refkit.sinks.zotero.planning import after
from refkit.sinks.zotero.ways import Way, find_reader, find_way, read_entries

__all__ = ["Delivery", "Way", "after", "deliver", "find_reader", "find_way", "is_address", "read_entries"]
