"""`python -m refkit` is the command `refkit`."""

from refkit.apps.cli import main

main()
