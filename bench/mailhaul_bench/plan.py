"""What is run how often."""

from dataclasses import dataclass

from .clients.client import Client


@dataclass(frozen=True)
class Setting:
    """One block of rows that are compared with each other."""

    corpus: str
    round_trip_ms: int


_ROUNDS = 3
# The peers need up to a minute for one copy over a delayed link, and vary by a few per cent there.
_ROUNDS_OF_PEERS_WITH_DELAY = 1
# The short form measures with delay only what a promise is made of.
_SHORT_WITH_DELAY = ("mix",)


def settings(corpora, round_trips_ms, short: bool) -> list[Setting]:
    """In an order that needs each corpus once."""
    return [Setting(corpus, ms) for corpus in corpora for ms in round_trips_ms
            if ms == 0 or not short or corpus in _SHORT_WITH_DELAY]


def rounds(client: Client, setting: Setting, short: bool) -> int:
    if client.is_peer and setting.round_trip_ms:
        return 0 if short else _ROUNDS_OF_PEERS_WITH_DELAY
    return _ROUNDS
