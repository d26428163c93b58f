"""The corpora by name, whole and in the short form."""

from itertools import islice

from mailhaul_support.corpus import Corpus, by_name

NAMES = ("small", "mix", "big")

# One message in so many. 9 and 19 share no factor with the period of mix' oddities, so each is met.
_SHORT_STEP = {"small": 19, "mix": 9}
_SHORT_BIG = 8


def corpus(name: str, short: bool) -> Corpus:
    whole = by_name(name)
    if not short:
        return whole
    if name == "big":
        return whole.first(_SHORT_BIG)
    step = _SHORT_STEP[name]
    return Corpus(f"{name}/{step}", whole.folders, lambda: islice(whole.messages(), 0, None, step))
