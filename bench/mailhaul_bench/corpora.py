"""The corpora by name, whole and in part."""

from itertools import islice

from mailhaul_support.corpus import Corpus, by_name

NAMES = ("small", "mix", "big")

# One message in so many. 9 and 19 share no factor with the period of mix' oddities, so each is met.
_STEP_OF_PART = {"small": 19, "mix": 9}
_FIRST_OF_BIG = 8


def part_of(name: str) -> Corpus:
    whole = by_name(name)
    if name == "big":
        return whole.first(_FIRST_OF_BIG)
    step = _STEP_OF_PART[name]
    return Corpus(f"{name}/{step}", whole.folders, lambda: islice(whole.messages(), 0, None, step))
