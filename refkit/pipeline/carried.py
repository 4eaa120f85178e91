"""Works that documents carry in the fields of reference managers, as far as they are wanted beside the DOIs."""

from __future__ import annotations

from collections.abc import Sequence

from refkit.model import Carried, Findings, Verdict
from refkit.pipeline.asking import Whose
from refkit.readers.carried import once


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
