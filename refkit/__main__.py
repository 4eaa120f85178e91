"""Where `refkit` and `python -m refkit` begin."""

from __future__ import annotations

import sys

from refkit import __version__


def main() -> None:
    """Run the command; does not return where there is an error."""
    if sys.argv[1:] == ["--version"]:
        # Scripts ask for the version of everything: answer before the command line's machinery is loaded.
        print(f"refkit {__version__}")
        return
    from refkit.apps.cli import main as run

    run()


if __name__ == "__main__":
    main()
