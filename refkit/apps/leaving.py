"""How every command ends: errors as a sentence and an exit code, a closed pipe quietly."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from refkit.errors import RefkitError


@contextmanager
def by_exit_code() -> Iterator[None]:
    """Turn refkit's own errors into a sentence and an exit code, and a closed pipe into a quiet end."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python would complain when it flushes at exit, so there is nothing left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        print("refkit: interrupted; nothing is half-written.", file=sys.stderr)
        raise typer.Exit(130) from None
    except RefkitError as error:
        print(f"refkit: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
