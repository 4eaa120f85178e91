"""Processes that may die: one item in flight each, killed when it overruns, and replaced.

A worker is a fresh interpreter that talks pickles over its pipes. It does not run the caller's main module again (so a
script needs no `if __name__` guard), and a fork's locks and threads cannot hang it; in exchange a task must be a
function that can be imported by name.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, TypeVar

from refkit.errors import ReadError, RefkitError

T = TypeVar("T")
R = TypeVar("R")

_LENGTH = struct.Struct(">Q")
_START = "import sys; sys.path[:] = {path!r}; from refkit.workers import serve; serve()"


def each(
    task: Callable[[T], R], items: Iterable[T], *, processes: int, seconds: float
) -> Iterator[tuple[int, R | ReadError]]:
    """Run `task` over `items` in worker processes; yields (index of the item, result) as they come, unordered.

    Parameters: `task`, a module-level function; `items`, picklable, taken one by one as workers become free;
    `processes`, how many, 0 for none: the task then runs in this process, where it cannot be killed; `seconds`, after
    which an item is given up and its worker killed.
    A task that raises, crashes its process or overruns gives a `ReadError` for its own item, and the rest goes on.
    """
    if processes <= 0:
        for index, item in enumerate(items):
            yield index, _guarded(task, item)
        return
    source = _Source(items)
    results: queue.Queue[tuple[int, R | ReadError] | BaseException | None] = queue.Queue(maxsize=2 * processes)
    stop = threading.Event()
    payload = pickle.dumps(task)
    slots = [_Slot(payload, source, results, seconds, stop) for _ in range(max(1, processes))]
    for slot in slots:
        slot.start()
    running = len(slots)
    try:
        while running:
            result = results.get()
            if result is None:
                running -= 1
            elif isinstance(result, BaseException):
                raise result
            else:
                yield result
    finally:
        stop.set()
        for slot in slots:
            slot.kill()
        _drain(results, slots)


def _drain(results: queue.Queue[Any], slots: list[_Slot]) -> None:
    """Empty the queue until all threads are gone, so that none of them hangs on a full one."""
    while any(slot.is_alive() for slot in slots):
        try:
            results.get(timeout=0.02)
        except queue.Empty:
            continue


class _Source:
    """The items, handed out to one thread at a time."""

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = enumerate(items)
        self._lock = threading.Lock()

    def take(self) -> tuple[int, Any] | None:
        """The next item with its index, None when there are no more."""
        with self._lock:
            return next(self._items, None)


class _Slot(threading.Thread):
    """A thread that keeps one worker process fed, and replaces it when it dies."""

    def __init__(
        self, payload: bytes, source: _Source, results: queue.Queue[Any], seconds: float, stop: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self._payload, self._source, self._results, self._seconds, self._ended = payload, source, results, seconds, stop
        self._process: subprocess.Popen[bytes] | None = None
        self._overran = False

    def run(self) -> None:
        """Take items until there are none; what goes wrong outside a task goes to the caller."""
        try:
            while not self._ended.is_set() and (taken := self._source.take()) is not None:
                index, item = taken
                self._results.put((index, self._one(item)))
        except BaseException as error:  # noqa: BLE001  # the caller raises it
            self._results.put(error)
        finally:
            self.kill()
            self._results.put(None)

    def _one(self, item: Any) -> Any:
        message = pickle.dumps(item)
        for attempt in (1, 2):  # an idle worker may have died between two items: one more try with a new one
            process = self._worker()
            assert process.stdin is not None
            try:
                _send(process.stdin, message)
                break
            except OSError:
                self.kill()
                if attempt == 2:
                    return ReadError("A worker process could not be started.", "Run again with one process.")
        return self._answer(process)

    def _answer(self, process: subprocess.Popen[bytes]) -> Any:
        assert process.stdout is not None
        self._overran = False
        watch = threading.Timer(self._seconds, self._give_up)
        watch.daemon = True
        watch.start()
        try:
            reply = _receive(process.stdout)
        except OSError:
            reply = None
        finally:
            watch.cancel()
        if reply is None:
            self.kill()
            if self._overran:
                return ReadError(f"It took longer than {self._seconds:g} seconds to read and was given up.")
            return ReadError("The process that read it died (a damaged file, or too little memory).")
        return pickle.loads(reply)

    def _give_up(self) -> None:
        self._overran = True
        if self._process is not None:
            self._process.kill()

    def _worker(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.kill()
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START.format(path=[part for part in sys.path if part is not None])],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            assert self._process.stdin is not None
            _send(self._process.stdin, self._payload)
        return self._process

    def kill(self) -> None:
        """End the worker, if one is running."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # the dead worker's pipe still held unsent bytes
                    continue


def _send(stream: BinaryIO | Any, message: bytes) -> None:
    stream.write(_LENGTH.pack(len(message)))
    stream.write(message)
    stream.flush()


def _receive(stream: BinaryIO | Any) -> bytes | None:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(head)[0]
    body: bytes = stream.read(size)
    return body if len(body) == size else None


def serve() -> None:
    """The worker's side: take the task, then items from standard input until it closes."""
    _limit_memory()
    # Ctrl-C reaches the whole group; the parent handles it and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a library prints must not get between the pickles: standard output becomes standard error.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    payload = _receive(requests)
    if payload is None:
        return
    task = pickle.loads(payload)
    while (message := _receive(requests)) is not None:
        _send(replies, _run(task, message))


MEMORY = 4 << 30
"""Bytes of address space that one worker may take, where the system can bound it: a bomb then only ends its worker."""


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limit, macOS refuses it
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _run(task: Callable[[Any], Any], message: bytes) -> bytes:
    value = _guarded(task, pickle.loads(message))
    try:
        return pickle.dumps(value)
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        return pickle.dumps(ReadError(f"What was read cannot be handed on ({error})."))


def _guarded(task: Callable[[Any], Any], item: Any) -> Any:
    """Run the task; whatever it raises becomes a `ReadError`: one document's failure is its own."""
    try:
        return task(item)
    except ReadError as error:
        return error
    except RefkitError as error:
        return ReadError(error.message, error.hint)
    except MemoryError:
        return ReadError("It needs more memory than there is.")
    except Exception as error:  # noqa: BLE001  # one document's failure is its own, whatever it is
        return ReadError(f"It could not be read ({type(error).__name__}: {error}).")
