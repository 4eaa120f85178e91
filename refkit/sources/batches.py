"""DOIs packed into requests, by count and by the bytes that they take in a URL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from refkit import doi as dois
from refkit.model import Doi

Batch = tuple[Doi, ...]


def pack(groups: Iterable[Sequence[Doi]], *, most: int, size: int, separator: str = ",") -> Iterator[Batch]:
    """Batches that keep a group (the readings of one written DOI) together where it fits, each DOI once.

    Parameters: `most`, DOIs in a batch; `size`, bytes of a batch when encoded, with a `separator` for each DOI.
    """
    seen: set[Doi] = set()
    batch: list[Doi] = []
    used = 0
    for group in groups:
        new = [d for d in dict.fromkeys(group) if d not in seen]
        seen.update(new)
        weights = [len(dois.quote(d)) + len(separator) for d in new]
        if batch and (len(batch) + len(new) > most or used + sum(weights) > size):
            yield tuple(batch)
            batch, used = [], 0
        for doi, weight in zip(new, weights, strict=True):
            if batch and (len(batch) == most or used + weight > size):
                yield tuple(batch)
                batch, used = [], 0
            batch.append(doi)
            used += weight
    if batch:
        yield tuple(batch)


def halves(batch: Batch) -> tuple[Batch, Batch]:
    """A batch that was refused as a whole, in two parts."""
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]
