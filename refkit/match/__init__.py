"""Same work or not: two records compared with reasons, duplicates in a library, and the counterpart of a new work.

`compare` judges two works, `clusters` finds all that stand more than once, `Index` finds the counterparts of one work
in a library, and `Screen` tells quickly which works of a large one an index needs for some new works. Everything here
is pure: no file, no network, no clock.
"""

from refkit.match.facts import Evidence, Judgement, Sameness, Stance
from refkit.match.groups import Group, Index, Match, clusters
from refkit.match.identifiers import Identifiers, identifiers_of
from refkit.match.judgement import compare
from refkit.match.screen import Screen

__all__ = [
    "Evidence", "Group", "Identifiers", "Index", "Judgement", "Match", "Sameness", "Screen",
    "Stance", "clusters", "compare", "identifiers_of",
]  # fmt: skip
