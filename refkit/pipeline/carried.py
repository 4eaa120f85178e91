"""Works that documents carry in the fields of reference managers, as far as they are wanted beside the DOIs."""

from __future__ import annotations

from collections.abc import Sequence

from refkit import keys
from refkit.model import Carried, Entry, Findings, Verdict
from refkit.pipeline.asking import Whose
from refkit.readers.carried import once
from refkit.settings import Settings


def carried_works(findings: Sequence[Findings], whose: Whose) -> tuple[Carried, ...]:
    """The works without a DOI that these documents carry, each once; those with one are asked for by it.

    Parameters: `whose`, as for DOIs (`asking.choose`): what a publication cites counts only where that is asked for.
    """
    wanted = (
        one
        for found in findings
        if whose in ("all", "cited") or (whose == "auto" and found.own.verdict is not Verdict.SURE)
        for one in found.works
        if not one.work.csl.get("DOI")
    )
    return once(wanted)


def carried_entries(carried: Sequence[Carried], taken: Sequence[str], settings: Settings) -> tuple[Entry, ...]:
    """Entries of these works, under the keys that they have in the document where these are free.

    Parameters: `taken`, keys that others have.
    """
    known = [one.key for one in carried]
    own = [key if key and key not in taken and known.count(key) == 1 else "" for key in known]
    nameless = [one.work for one, key in zip(carried, own, strict=True) if not key]
    made = iter(keys.assign(nameless, [*taken, *filter(None, own)], settings.key_pattern))
    return tuple(Entry(key or next(made), one.work) for one, key in zip(carried, own, strict=True))
