"""What is run how often."""

from dataclasses import dataclass, field

from .clients.client import Client


@dataclass(frozen=True)
class Setting:
    """One block of rows that are compared. No two in one run are of the same corpus and delay."""

    corpus: str
    round_trip_ms: int
    is_part: bool = field(default=False, compare=False)  # of the corpus, to save time

    @property
    def mail(self) -> str:
        return f"part of {self.corpus}" if self.is_part else self.corpus


_ROUNDS = 3
# The peers need up to a minute for one copy over a delayed link, and vary by a few per cent there.
_ROUNDS_OF_PEERS_WITH_DELAY = 1
# The short form measures with delay only what a promise is made of, and all of that corpus: on a
# tenth of it logging in, which the floor leaves out, would be most of the time.
_SHORT_WITH_DELAY = ("mix",)


def settings(corpora, round_trips_ms, short: bool) -> list[Setting]:
    """In an order in which settings with the same mail are neighbours."""
    return [
        Setting(corpus, ms, is_part=short and ms == 0)
        for corpus in corpora
        for ms in round_trips_ms
        if ms == 0 or not short or corpus in _SHORT_WITH_DELAY
    ]


def rounds(client: Client, setting: Setting, short: bool) -> int:
    if setting.round_trip_ms == 0:
        return _ROUNDS
    if short:
        return 0 if client.is_peer else 1
    return _ROUNDS_OF_PEERS_WITH_DELAY if client.is_peer else _ROUNDS
