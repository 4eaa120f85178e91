"""One file at a time: read whole, told apart by its fingerprint, and put in place by one swap."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shlex
import stat
import sys
import tempfile
import time
from pathlib import Path

from refkit.errors import LibraryError

_PATIENCE_S = 2.0
"""How long a swap is tried again on Windows, where a virus scanner or an indexer may hold a file for a moment."""


class Changed(LibraryError):
    """A file is no longer what a change was made for; nothing was written."""


def read_whole(path: Path) -> bytes | None:
    """All bytes of a file, None where there is none.

    Raises `LibraryError` where it cannot be read, or is a folder, a pipe or a device (which might never end).
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise LibraryError(f"{path} is a folder.", "Give the name of a file.")
        if not stat.S_ISREG(mode):
            raise LibraryError(f"{path} is a pipe or a device.", "refkit can only change a regular file.")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        file = next((folder for folder in path.parents if folder.is_file()), path.parent)
        raise LibraryError(f"{path} cannot be read: {file} is no folder.") from error
    except (OSError, ValueError) as error:
        raise LibraryError(f"{path} cannot be read: {reason(error)}.") from error


def fingerprint(data: bytes | None) -> str:
    """What an edit is tied to: the SHA-256 of the bytes, "absent" for a file that is not there."""
    return "absent" if data is None else hashlib.sha256(data).hexdigest()


def save(path: Path, data: bytes, *, expected: str) -> None:
    """Put `data` at `path`: written beside it, flushed, swapped in one step; links and permissions are kept.

    Parameters: `expected`, the fingerprint of what is to be replaced ("absent" for a new file). Raises `Changed`
    where the file changed meanwhile, `LibraryError` where it cannot be written; what was there is then untouched.
    """
    target = real_path(path)
    beside: Path | None = None
    try:
        _, seen = check(target, expected, called=path)
        handle, name = tempfile.mkstemp(prefix=_beside(target), suffix=_SUFFIX, dir=target.parent)
        beside = Path(name)
        write_through(handle, data)
        dress(beside, target)
        unchanged(target, seen, called=path)
        swap(beside, target)
        _sweep(target)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        if beside is not None:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


_SUFFIX = ".refkit"
_LEFT_S = 3600.0
"""After how long the new bytes of a save that was killed are known to be left behind (s)."""


def _beside(target: Path) -> str:
    return f".{target.name[:100]}."


def _sweep(target: Path) -> None:
    """Remove what killed saves of the same file left beside it."""
    with contextlib.suppress(OSError):
        for path in target.parent.iterdir():
            name = path.name.removeprefix(_beside(target)).removesuffix(_SUFFIX)
            ours = path.name == f"{_beside(target)}{name}{_SUFFIX}" and len(name) == _RANDOM
            if ours and path.stat().st_mtime < time.time() - _LEFT_S:
                path.unlink()


_RANDOM = 8
"""Letters that `tempfile.mkstemp` puts into a name."""


def shown(path: Path) -> str:
    """A path as its user would write it: from the current folder, where it lies in it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def argument(path: str | Path) -> str:
    """A path as it can be put behind a command in a shell, whatever is in its name."""
    text = shown(Path(path))
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


# --- the parts of a save ---------------------------------------------------------------------------


def real_path(path: Path) -> Path:
    """The file that a path leads to, so that a link stays one when its file is replaced.

    What lies in `.refkit` is refkit's own and never a link to something else. Raises `LibraryError`.
    """
    try:
        if path.parent.name == ".refkit":
            return path.parent.parent.resolve() / ".refkit" / path.name
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links; a NUL in the name
        raise LibraryError(f"{path} cannot be followed: {reason(error)}.") from error


Signature = tuple[int, int, int, int] | None
"""What changes with every write to a file: its inode, size and times (ns); None where there is no file."""


def signature(path: Path) -> Signature:
    """The signature of a file, read without opening it."""
    try:
        seen = path.stat(follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns if os.name == "posix" else 0


def check(target: Path, expected: str, *, called: Path) -> tuple[bytes | None, Signature]:
    """Make sure that a file is what it is expected to be and may be replaced; its bytes and its signature.

    Raises `Changed`, or `LibraryError` where it is read-only, or no regular file.
    """
    try:
        before = signature(target)
    except OSError as error:
        raise LibraryError(f"{called} cannot be read: {reason(error)}.") from error
    data = read_whole(target)
    if fingerprint(data) != expected:
        raise _changed(called)
    # Somebody who took away every right to write meant it, also where refkit's user may do everything.
    if before is not None and not target.stat().st_mode & 0o222:
        raise LibraryError(f"{called} is read-only.", "Make it writable first; nothing was changed.")
    unchanged(target, before, called=called)
    return data, before


def unchanged(target: Path, seen: Signature, *, called: Path) -> None:
    """Make sure that nobody has written to a file since it was looked at; raises `Changed`."""
    if signature(target) != seen:
        raise _changed(called)


def _changed(path: Path) -> Changed:
    return Changed(f"{path} changed while refkit was working.", "Nothing was written; run refkit again.")


def unwritable(path: Path, error: OSError) -> LibraryError:
    """The sentence for a file that could not be written, after which it is as it was."""
    if isinstance(error, FileNotFoundError) and not path.parent.exists():
        return LibraryError(f"{path} cannot be written: there is no folder {path.parent}.", "Nothing was changed.")
    folder = Path(os.fsdecode(error.filename)).parent if isinstance(error.filename, (str, bytes)) else path.parent
    if isinstance(error, PermissionError) and not os.access(folder, os.W_OK):
        why = f"nothing may be written into {folder.absolute()}"
        return LibraryError(f"{path} cannot be written: {why}.", "Nothing was changed.")
    return LibraryError(f"{path} cannot be written: {reason(error)}.", "Nothing was changed.")


def write_through(handle: int, data: bytes) -> None:
    """Write all bytes to an open file, down to the disk, and close it."""
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        sync(stream.fileno())


def sync(handle: int) -> None:
    """Force what was written to an open file down to the disk."""
    if sys.platform == "darwin":
        # fsync(2) on macOS leaves the data in the drive's own cache; this does not, where the file system has it.
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


def sync_folder(folder: Path) -> None:
    """Force the names in a folder down to the disk, where the system can (Windows and some shares cannot)."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def dress(fresh: Path, target: Path) -> None:
    """Give a new file the owner, permissions and extended attributes of the one it replaces, as far as allowed.

    A file that is new altogether gets the usual permissions.
    """
    try:
        like = target.stat()
    except FileNotFoundError:
        fresh.chmod(0o666 & ~_umask())
        return
    own = fresh.stat()
    if hasattr(os, "chown") and (own.st_uid, own.st_gid) != (like.st_uid, like.st_gid):
        for owner, group in ((-1, like.st_gid), (like.st_uid, -1)):
            with contextlib.suppress(OSError):
                os.chown(fresh, owner, group)
    if sys.platform == "linux":  # POSIX access lists and SELinux labels are extended attributes too
        with contextlib.suppress(OSError):
            for name in os.listxattr(target):
                with contextlib.suppress(OSError):
                    os.setxattr(fresh, name, os.getxattr(target, name))
    with contextlib.suppress(OSError):  # a file system without permissions
        fresh.chmod(stat.S_IMODE(like.st_mode))


def swap(fresh: Path, target: Path) -> None:
    """Put one file in the place of another in one step, and see it through to the disk. Raises `OSError`."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fresh.replace(target)
            break
        except PermissionError:
            if os.name != "nt" or time.monotonic() > end:
                raise
            time.sleep(0.05)
    sync_folder(target.parent)


def _umask() -> int:
    # The umask can only be read by setting it (umask(2)).
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_PLAIN = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your quota on this disk is used up",
    errno.EROFS: "the disk is read-only",
    errno.ESTALE: "the network share was lost",
    errno.EIO: "the disk or the network share failed",
    errno.EFBIG: "the file is too large for this disk or account",
    errno.EBUSY: "another program, or a mount, holds it",
    errno.ELOOP: "its links go round in a circle",
    errno.ENAMETOOLONG: "its name is too long",
}


def reason(error: OSError | ValueError | RuntimeError) -> str:
    """Why the system refused, in words that can stand within a sentence."""
    if not isinstance(error, OSError):
        return str(error) or type(error).__name__
    plain = _PLAIN.get(error.errno or 0)
    return plain or (error.strerror or str(error) or type(error).__name__).lower()
