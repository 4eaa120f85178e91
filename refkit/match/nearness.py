"""How near two titles are: the same, misspelt, shortened, translated, reworded or different."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

from refkit.match import words as table
from refkit.match.titles import Title


class Nearness(StrEnum):
    """How two titles stand to each other, from the strongest to the weakest."""

    EQUAL = "the same title"
    NEAR = "the same title but for spelling"
    MISSPELT = "the same title but for a letter or two"
    SHORTENED = "the same title, one without its subtitle"
    TRANSLATED = "the same title, one with a translation"
    SIMILAR = "similar titles"
    DIFFERENT = "different titles"
    UNKNOWN = "no title"


def compare(a: Title, b: Title) -> Nearness:
    """How near two titles are; numbers that contradict each other are the caller's to weigh (`numbers_differ`)."""
    if not a.slug or not b.slug:
        return Nearness.UNKNOWN
    if a.slug == b.slug:
        return Nearness.EQUAL
    if a.slug in b.others or b.slug in a.others or any(s in b.others for s in a.others):
        return Nearness.TRANSLATED
    ratio = fuzz.ratio(a.slug, b.slug)
    if ratio >= 85 and (spelling := _spelling(a, b)):
        return spelling
    if _shortened(a, b) or _shortened(b, a):
        return Nearness.SHORTENED
    if (a.others or b.others) and _near_other(a, b):
        return Nearness.TRANSLATED
    if ratio >= 80:
        return Nearness.SIMILAR
    if not _share_a_word(a, b):
        return Nearness.DIFFERENT
    similar = fuzz.token_set_ratio(_meaning(a.words), _meaning(b.words))
    return Nearness.SIMILAR if similar >= 62 else Nearness.DIFFERENT


def ratio(a: Title, b: Title) -> float:
    """How many of their letters two titles share, in order (0 to 100)."""
    return fuzz.ratio(a.slug, b.slug)


def language(title: Title) -> str:
    """The language of a title by its small words (`de`), its script where that is not Latin, or "" where it is not
    clear.
    """
    letters = [c for c in title.written if c.isalpha()]
    foreign = sum(1 for c in letters if ord(c) > 0x2FF)
    if letters and foreign * 2 > len(letters):
        return unicodedata.name(next(c for c in letters if ord(c) > 0x2FF), "other").split()[0].lower()
    hits = {name: sum(1 for word in title.words if word in small) for name, small in _SMALL_WORDS.items()}
    best = max(hits, key=lambda name: hits[name])
    clear = hits[best] >= 2 and all(hits[best] > count for name, count in hits.items() if name != best)
    return best if clear else ""


_SMALL_WORDS = {name: frozenset(small.split()) for name, small in table.LANGUAGES.items()}


def numbers_differ(a: Title, b: Title) -> bool:
    """Whether each title has a number that the other lacks: part 1 and part 2, phase II and phase III."""
    if a.numbers == b.numbers:
        return False
    return bool(set(a.numbers) - set(b.numbers)) and bool(set(b.numbers) - set(a.numbers))


def parts_differ(a: Title, b: Title) -> bool:
    """Whether one title is of a part and the other of another part or of the whole."""
    return a.parts != b.parts and not (set(a.parts) <= set(b.numbers) and set(b.parts) <= set(a.numbers))


def _meaning(folded: tuple[str, ...]) -> str:
    return " ".join(word for word in folded if word not in table.STOP)


def _share_a_word(a: Title, b: Title) -> bool:
    short, long = (a.words, b.words) if len(a.words) <= len(b.words) else (b.words, a.words)
    rest = set(long)
    return any(len(word) > 3 and word in rest for word in short)


def _near_other(a: Title, b: Title) -> bool:
    left, right = (a.slug, *a.others), (b.slug, *b.others)
    return any(Indel.normalized_similarity(x, y, score_cutoff=0.93) > 0 for x in left for y in right)


def _shortened(short: Title, long: Title) -> bool:
    if len(short.slug) >= len(long.slug):
        return False
    if short.slug in long.heads:
        return True
    if len(short.slug) >= 40 and long.slug.startswith(short.slug):
        return True
    near = len(short.slug)
    return near > 25 and any(
        abs(len(head) - near) <= 3 and Indel.normalized_similarity(head, short.slug, score_cutoff=0.94) > 0
        for head in long.heads
    )


def _spelling(a: Title, b: Title) -> Nearness | None:
    """NEAR where the titles differ in form only (joined words, plurals, small words), MISSPELT where in a letter or
    two.
    """
    both_a, both_b = set(a.words), set(b.words)
    only_a = [word for word in a.words if word not in both_b]
    only_b = [word for word in b.words if word not in both_a]
    if "".join(only_a) == "".join(only_b):
        return Nearness.NEAR
    rest_a: list[str] = []
    rest_b = list(only_b)
    misspelt = False
    for word in only_a:
        twin = next((other for other in rest_b if _one_word(word, other)), None)
        if twin is None:
            rest_a.append(word)
        else:
            rest_b.remove(twin)
            misspelt = misspelt or _american(word).rstrip("s") != _american(twin).rstrip("s")
    rest_a = [word for word in rest_a if word not in table.STOP]
    rest_b = [word for word in rest_b if word not in table.STOP]
    if not rest_a and not rest_b:
        return Nearness.MISSPELT if misspelt else Nearness.NEAR
    # Words that were torn apart by a lost letter.
    joined_a, joined_b = "".join(rest_a), "".join(rest_b)
    if joined_a == joined_b:
        return Nearness.MISSPELT if misspelt else Nearness.NEAR
    close = Levenshtein.distance(joined_a, joined_b) <= max(1, len(joined_a) // 8)
    torn = (
        bool(joined_a and joined_b) and len(rest_a) != len(rest_b) and not any(c.isdigit() for c in joined_a + joined_b)
    )
    return Nearness.MISSPELT if torn and close else None


def _american(word: str) -> str:
    """One spelling for words that Britain and America spell in two ways."""
    for british, american in _BRITISH:
        word = word.replace(british, american)
    return word


_BRITISH = (
    ("our", "or"), ("isation", "ization"), ("ise", "ize"), ("ising", "izing"), ("yse", "yze"), ("ae", "e"), ("oe", "e"),
    ("centre", "center"), ("metre", "meter"), ("programme", "program"), ("ogue", "og"), ("ence", "ense"), ("ll", "l"),
)  # fmt: skip


def _one_word(a: str, b: str) -> bool:
    """Whether two words are spellings of one: an edit or two in a longer word, never in a number."""
    if any(c.isdigit() for c in a + b):
        return False
    shorter = min(len(a), len(b))
    if shorter < 4:
        return a.rstrip("s") == b.rstrip("s") and shorter > 1
    if (a, b) in _OPPOSED or (b, a) in _OPPOSED or _negated(a, b) or _negated(b, a):
        return False
    allowed = 1 if shorter < 8 else 2 if shorter < 13 else 3
    return Levenshtein.distance(a, b, score_cutoff=allowed) <= allowed


_OPPOSED = frozenset(
    (
        ("female", "male"), ("hyper", "hypo"), ("hypertension", "hypotension"), ("inter", "intra"), ("macro", "micro"),
        ("increase", "decrease"), ("increased", "decreased"), ("increasing", "decreasing"), ("inclusion", "exclusion"),
        ("prenatal", "perinatal"), ("intervention", "prevention"), ("import", "export"), ("imports", "exports"),
        ("systolic", "diastolic"), ("anterior", "posterior"), ("efferent", "afferent"), ("induction", "reduction"),
        ("hyperglycemia", "hypoglycemia"), ("hyperthermia", "hypothermia"), ("hypercalcemia", "hypocalcemia"),
        ("hyperthyroidism", "hypothyroidism"), ("hyperkalemia", "hypokalemia"), ("affect", "effect"),
        ("internal", "external"),
        ("spring", "sprint"), ("winter", "water"), ("north", "south"), ("east", "west"), ("mother", "father"),
        ("brother", "mother"),
        ("daughter", "laughter"), ("causes", "courses"), ("first", "fist"), ("past", "post"), ("input", "output"),
        ("mono", "mini"),
    )
)  # fmt: skip
_NEGATIONS = ("non", "un", "in", "im", "dis", "a", "anti", "de", "pre", "re", "ir", "mis", "sub")


def _negated(a: str, b: str) -> bool:
    """Whether `b` is `a` with a prefix that turns its meaning: stable, unstable."""
    return len(b) > len(a) >= 4 and b.endswith(a) and b[: -len(a)] in _NEGATIONS
