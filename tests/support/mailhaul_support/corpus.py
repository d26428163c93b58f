"""What a mailbox holds: the data type that corpora are made of, and all corpora by name.

Every corpus is the same octet for octet each time: its only source of chance is a seeded generator.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice


@dataclass(frozen=True)
class Message:
    """octets are as APPEND sends them; date is an RFC 3501 date-time; folder a path of levels.

    optional: a message some servers refuse to store; filling goes on without it.
    """

    folder: tuple[str, ...]
    octets: bytes
    flags: tuple[str, ...] = ()
    date: str = "01-Jun-2020 12:00:00 +0000"
    optional: bool = False


@dataclass(frozen=True)
class Corpus:
    """folders holds every folder, the empty ones too; messages() makes the messages anew, one at a
    time.
    """

    name: str
    folders: tuple[tuple[str, ...], ...]
    messages: Callable[[], Iterator[Message]]

    def first(self, count: int) -> "Corpus":
        """The same folders with only the first `count` messages."""
        return Corpus(f"{self.name}-{count}", self.folders, lambda: islice(self.messages(), count))


def by_name(name: str) -> Corpus:
    """small, mix, big, nasty, or e.g. mix-500 for the first 500 messages of mix."""
    from . import corpus_bench, corpus_nasty

    makers = {
        "small": corpus_bench.small,
        "mix": corpus_bench.mix,
        "big": corpus_bench.big,
        "nasty": corpus_nasty.nasty,
    }
    base, _, count = name.partition("-")
    if base not in makers:
        raise ValueError(f"no corpus {name!r}; there are {', '.join(makers)}")
    whole = makers[base]()
    return whole.first(int(count)) if count else whole
