"""Other runs of refkit are kept out of a folder for as long as one of them changes files in it.

The lock is a file in `.refkit/undo`, and it covers all that lies there too, so that what a killed run left behind can
be told from what a living one is writing. It is gone as soon as the run is over, and so is a `.refkit` that holds
nothing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from refkit.errors import LibraryError
from refkit.files.saving import real_path, sync_folder

if TYPE_CHECKING:
    from filelock import BaseFileLock

FOLDER = ".refkit"
PATIENCE_S = 60.0
"""How long another run of refkit is waited for."""

_IGNORE = ".gitignore"
_LOCK, _SOFT_LOCK = "lock", "lock.soft"
_NO_LOCKS = frozenset({errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL})
"""How a file system says that it has no flock(2); the presence of a file has to do then."""
_HELD = threading.local()
"""The folders that this thread has locked: identity → how often."""


def home(path: Path) -> Path:
    """The folder whose `.refkit` answers for a file: its own, also for what lies in `.refkit` itself."""
    folder = real_path(path).parent
    return folder.parent if folder.name == FOLDER else folder


def place(folder: Path) -> Path:
    """Where refkit keeps the steps, the journal and the lock of a folder."""
    return folder / FOLDER / "undo"


def make_place(folder: Path) -> Path:
    """The same, made where it is missing, and left out of git. Raises `OSError`."""
    made = _make(folder)
    ignore = made / _IGNORE
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")
    return made


def _make(folder: Path) -> Path:
    wanted = place(folder)
    for part in (wanted.parent, wanted):
        if part.is_symlink():
            raise NotADirectoryError(20, f"{part} is a link, where refkit needs a folder of its own")
        with contextlib.suppress(FileExistsError):
            part.mkdir()
            _dress(part, folder)
            sync_folder(part.parent)
        if not part.is_dir():
            raise NotADirectoryError(20, f"{part} is no folder, which refkit needs there")
    return wanted


def _dress(part: Path, folder: Path) -> None:
    """Let those who may write beside a library write here too, also where the super-user ran refkit for them."""
    if sys.platform == "win32":  # a new folder has the rights of the one it is in
        return
    like = folder.stat()
    with contextlib.suppress(OSError):
        os.chown(part, like.st_uid, like.st_gid)
    part.chmod(stat.S_IMODE(like.st_mode))


@contextmanager
def hold(folders: Iterable[Path], patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Lock these folders for this thread, in an order that all runs share; one that it holds already is not waited for.

    A folder that cannot be written to, or whose file system has no locks, is passed over: what cannot be written needs
    no lock, and else the fingerprints still guard each file. Raises `LibraryError` where another run does not finish.
    """
    held: dict[object, int] = _HELD.__dict__.setdefault("folders", {})
    wanted = {_identity(folder): folder for folder in folders}
    with ExitStack() as stack:
        for identity in sorted(wanted, key=repr):
            if not held.get(identity):
                lock = _acquire(wanted[identity], patience_s)
                if lock is not None:
                    stack.callback(_release, wanted[identity], lock)
            held[identity] = held.get(identity, 0) + 1
            stack.callback(_let_go, held, identity)
        yield


def holds(folders: Iterable[Path]) -> bool:
    """Whether this thread has locked all these folders."""
    held: dict[object, int] = _HELD.__dict__.get("folders", {})
    return all(held.get(_identity(folder)) for folder in folders)


def _let_go(held: dict[object, int], identity: object) -> None:
    held[identity] -= 1
    if not held[identity]:
        del held[identity]


def _identity(folder: Path) -> object:
    """One value for one folder, however its name is spelt (a file system may not tell `A` from `a`)."""
    try:
        seen = folder.stat()
    except OSError:
        return str(folder)
    return (seen.st_dev, seen.st_ino) if seen.st_ino else str(folder)


def _acquire(folder: Path, patience_s: float) -> BaseFileLock | None:
    from filelock import FileLock, SoftFileLock, Timeout

    kind: type[BaseFileLock] = FileLock
    for _ in range(100):
        try:
            name = _LOCK if kind is FileLock else _SOFT_LOCK
            lock = kind(_make(folder) / name, mode=0o666, thread_local=False, fallback_to_soft=False)
            lock.acquire(timeout=patience_s, poll_interval=0.02)
            return lock
        except Timeout:
            raise LibraryError(
                f"Another run of refkit is busy in {folder}.", "Nothing was changed; run refkit again when it is done."
            ) from None
        except (FileNotFoundError, PermissionError):
            # Another run has just removed the empty folder, or there is none, or none that can be written to.
            if not (folder.is_dir() and os.access(folder, os.W_OK)):
                return None
        except NotImplementedError:  # how filelock says that this file system knows no locks (flock: ENOSYS)
            kind = SoftFileLock
        except OSError as error:
            if kind is SoftFileLock or error.errno not in _NO_LOCKS:
                return None  # what is in the way of the lock is in the way of writing, and is said then
            kind = SoftFileLock
    return None


def _release(folder: Path, lock: BaseFileLock) -> None:
    """Let go of a lock and leave nothing behind that says nothing.

    The file is removed while the lock is held (a waiting run notices that its file has lost its name, and makes one).
    """
    there = place(folder)
    with contextlib.suppress(OSError):
        if {name.name for name in there.iterdir()} <= {_IGNORE, _LOCK, _SOFT_LOCK}:
            (there / _IGNORE).unlink(missing_ok=True)
    if os.name == "posix":
        with contextlib.suppress(OSError):
            (there / _LOCK).unlink(missing_ok=True)
    lock.release()
    with contextlib.suppress(OSError):
        there.rmdir()
        there.parent.rmdir()
