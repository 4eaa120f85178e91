"""Works that are read in full only when they are looked at, so that a large library opens quickly."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, overload

from refkit.model import Entry, Origin, Span, Work


class Lazy:
    """What is read when it is first looked at; it can be pickled, which reads it."""

    __slots__ = ("_read", "_value")

    def __init__(self, read: Callable[[], dict[str, dict[str, Any]]]) -> None:
        self._read: Callable[[], dict[str, dict[str, Any]]] | None = read
        self._value: dict[str, dict[str, Any]] = {}

    def get(self) -> dict[str, dict[str, Any]]:
        """The value, read now if it was not before."""
        if self._read is not None:
            self._value, self._read = self._read(), None
        return self._value

    def __reduce__(self) -> tuple[Any, ...]:
        return ready, (self.get(),)


def ready(value: dict[str, dict[str, Any]]) -> Lazy:
    """A value that is there already (for pickling)."""
    return Lazy(lambda: value)


class Part(Mapping[str, Any]):
    """`csl` or `extra` of a lazily read work."""

    __slots__ = ("_lazy", "_name")

    def __init__(self, lazy: Lazy, name: str) -> None:
        self._lazy, self._name = lazy, name

    def __getitem__(self, key: str) -> Any:
        return self._lazy.get()[self._name][key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lazy.get()[self._name])

    def __len__(self) -> int:
        return len(self._lazy.get()[self._name])

    def __repr__(self) -> str:
        return repr(self._lazy.get()[self._name])

    def beside(self, name: str) -> Mapping[str, Any]:
        """What was read with this part and belongs to none: how the entry is written, for its own format alone."""
        return self._lazy.get().get(name, {})


class Source(Lazy, ABC):
    """An entry's place in its library's text, read when it is first looked at; a format says how.

    Of each entry of a large library there are as few objects as can be: they are what opening it costs.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(dict)

    @abstractmethod
    def rows(self) -> Sequence[tuple[str, str]]:
        """The entry's fields, names and values as written."""

    @abstractmethod
    def parts(self) -> dict[str, dict[str, Any]]:
        """The `csl` and `extra` of the entry's work."""

    def get(self) -> dict[str, dict[str, Any]]:
        """The parts, read now if they were not before."""
        if self._read is not None:
            self._value, self._read = self.parts(), None
        return self._value

    def entry(self, key: str, span: Span) -> Entry:
        """The entry that is read from here."""
        return Entry(key, Work(Part(self, "csl"), Part(self, "extra"), _LIBRARY), span, Rows(self))


_LIBRARY = Origin("library")


class Rows(Sequence[tuple[str, str]]):
    """The fields of a lazily read entry; it can be pickled, which reads them."""

    __slots__ = ("_rows", "_source")

    def __init__(self, source: Source) -> None:
        self._source: Source | None = source
        self._rows: tuple[tuple[str, str], ...] = ()

    def _get(self) -> tuple[tuple[str, str], ...]:
        if self._source is not None:
            self._rows, self._source = tuple(self._source.rows()), None
        return self._rows

    @overload
    def __getitem__(self, index: int) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[str, str]]: ...
    def __getitem__(self, index: int | slice) -> tuple[str, str] | Sequence[tuple[str, str]]:
        return self._get()[index]

    def __len__(self) -> int:
        return len(self._get())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._get() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._get())

    def __repr__(self) -> str:
        return repr(self._get())

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (self._get(),)
