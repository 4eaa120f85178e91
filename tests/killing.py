"""Killing a process, or failing a call, at any of the points at which it asks something of the file system.

What is written survives a kill without being forced to the disk, so that no fsync is carried out here.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

EVENTS = frozenset(
    "open os.mkdir os.rename os.remove os.rmdir os.chmod os.chown os.listdir os.scandir os.setxattr os.utime".split()
)
"""Audit events of calls that change, or look into, the file system (docs.python.org, "Audit events table")."""

_react: Callable[[str], None] | None = None
_hooked = False


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _react is not None and event in EVENTS:
        _react(event)


@contextmanager
def watched(react: Callable[[str], None]) -> Iterator[None]:
    """Call `react` before each such call, and before each fsync, of this process."""
    global _react, _hooked
    if not _hooked:
        sys.addaudithook(_hook)  # it cannot be taken away again
        _hooked = True
    real = os.fsync

    def fsync(handle: int) -> None:
        react("fsync")

    os.fsync = fsync
    _react = react
    try:
        yield
    finally:
        _react = None
        os.fsync = real


def count(act: Callable[[], object]) -> int:
    """How many such points `act` has."""
    points = 0

    def react(_: str) -> None:
        nonlocal points
        points += 1

    with watched(react):
        act()
    return points


def killed_at(point: int, act: Callable[[], object]) -> bool:
    """Run `act` in a process of its own that is killed (SIGKILL) at this point; whether it came that far."""
    child = os.fork()
    if not child:
        status = 1
        try:
            left = point

            def react(_: str) -> None:
                nonlocal left
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            with watched(react):
                act()
            status = 0
        finally:
            os._exit(status)
    _, how = os.waitpid(child, 0)
    if os.WIFSIGNALED(how):
        assert os.WTERMSIG(how) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(how) == 0
    return False


@contextmanager
def failing_at(point: int, error: Exception) -> Iterator[None]:
    """Let the call at this point fail with `error`."""
    left = point

    def react(_: str) -> None:
        nonlocal left
        left -= 1
        if left == -1:
            raise error

    with watched(react):
        yield
