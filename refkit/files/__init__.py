"""The only file I/O of refkit: finding inputs, reading them, and saving so that a kill leaves the old file or the new.

Nothing here knows what a document or a library is. Inputs are only ever opened for reading (`reading`); whole texts
come from `textfile`; a file is put in place by `saving`, several at once by `journal`; `reversal` takes it back.
"""

from refkit.files.journal import STEPS, FileChange, base_path, commit, locked, recover
from refkit.files.reading import (
    SETTINGS_NAMES,
    head,
    is_readable,
    kind_of_path,
    open_input,
    opener_beside,
    remove,
    settings_files,
    size,
    spool,
    walk,
)
from refkit.files.reversal import EditedSince, Undone, Version, undo
from refkit.files.saving import Changed, argument, fingerprint, read_whole, reason, save, shown
from refkit.files.textfile import TextFile, open_text

__all__ = [
    "SETTINGS_NAMES",
    "STEPS",
    "Changed",
    "EditedSince",
    "FileChange",
    "TextFile",
    "Undone",
    "Version",
    "argument",
    "base_path",
    "commit",
    "fingerprint",
    "head",
    "is_readable",
    "kind_of_path",
    "locked",
    "open_input",
    "open_text",
    "opener_beside",
    "read_whole",
    "reason",
    "recover",
    "remove",
    "save",
    "settings_files",
    "shown",
    "size",
    "spool",
    "undo",
    "walk",
]
