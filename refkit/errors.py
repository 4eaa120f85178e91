"""The few ways in which refkit gives up; a failed *item* is a value (`Failed`, `Note`), never one of these.

RefkitError                 anything a user can do something about; `exit_code` says which door it leaves by
├── UsageError        2     the call cannot be carried out as it stands
├── InputError        2     an input cannot be used at all
├── ReadError         1     one document cannot be read; the others go on
├── LibraryError      3     a library or manuscript cannot be read, written, or changed meanwhile
├── ServiceError      4     a service was asked and failed for good
└── TargetError       5     another program that works are sent to is not there, or refuses
"""

from __future__ import annotations


class RefkitError(Exception):
    """A failure with a sentence that says what, where and what to do next.

    Parameters: `message`, a sentence; `hint`, what to do next, also a sentence, "" where the message says it.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[type[RefkitError], tuple[str, str]]:
        # Errors cross process borders (workers), and the default pickling would lose the hint.
        return type(self), (self.message, self.hint)


class UsageError(RefkitError):
    """The call cannot be carried out as it stands: an option is wrong, or two contradict each other."""


class InputError(RefkitError):
    """An input cannot be used at all: it is not there, or is nothing that refkit takes."""


class ReadError(RefkitError):
    """One document cannot be read: encrypted, truncated, a bomb, not what it says it is."""

    exit_code = 1


class LibraryError(RefkitError):
    """A library or manuscript cannot be read or written, or changed while refkit worked on it."""

    exit_code = 3


class ServiceError(RefkitError):
    """A service was asked and failed for good: no network, refused, or nonsense for an answer."""

    exit_code = 4


class TargetError(RefkitError):
    """The program that works are sent to is not there, does not let refkit in, or refuses what was sent."""

    exit_code = 5
