"""One file at a time: read whole, told apart by its fingerprint, and put in place by one swap."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from refkit.errors import LibraryError


class Changed(LibraryError):
    """A file is no longer what a change was made for; nothing was written."""


def read_whole(path: Path) -> bytes | None:
    """All bytes of a file, None where there is none. Raises `LibraryError` where there is one that cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LibraryError(f"{path} cannot be read: {reason(error)}.") from error


def fingerprint(data: bytes | None) -> str:
    """What an edit is tied to: the SHA-256 of the bytes, "absent" for a file that is not there."""
    return "absent" if data is None else hashlib.sha256(data).hexdigest()


def save(path: Path, data: bytes, *, expected: str) -> None:
    """Put `data` at `path`: written beside it, flushed, swapped in one step; links and permissions are kept.

    Parameters: `expected`, the fingerprint of what is to be replaced ("absent" for a new file). Raises `Changed`
    where the file changed meanwhile, `LibraryError` where it cannot be written; what was there is then untouched.
    """
    target = path.resolve() if path.is_symlink() else path
    beside: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".refkit", dir=target.parent or ".")
        beside = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, beside)
        else:
            beside.chmod(0o666 & ~_umask())
        if fingerprint(read_whole(target)) != expected:
            raise Changed(f"{path} changed while refkit was working.", "Nothing was written; run refkit again.")
        beside.replace(target)
    except OSError as error:
        raise LibraryError(f"{path} cannot be written: {reason(error)}.", "Nothing was changed.") from error
    finally:
        if beside is not None:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


def _umask() -> int:
    # The umask can only be read by setting it (umask(2)).
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def reason(error: OSError) -> str:
    """What the system says of a failure, in small letters, to stand within a sentence."""
    return (error.strerror or str(error) or type(error).__name__).lower()
