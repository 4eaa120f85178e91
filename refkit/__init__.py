"""refkit finds the DOIs in documents, asks Crossref about them, and writes entries that merge into libraries."""

from __future__ import annotations

__version__ = "0.1.0"
