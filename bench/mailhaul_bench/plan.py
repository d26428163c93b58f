"""What is run, in which order, how often."""

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


# The peers need up to a minute for one copy over a delayed link, and vary by a few per cent there.
_ROUNDS_OF_PEERS_WITH_DELAY = 1
# The short form measures with delay only what a promise is made of, and all of that corpus: on a
# tenth of it logging in, which the floor leaves out, would be most of the time.
_SHORT_WITH_DELAY = ("mix",)


@dataclass(frozen=True)
class Plan:
    corpora: list[str]
    round_trips_ms: list[int]
    clients: list[Client]
    rounds: int
    short: bool

    def settings(self) -> list[Setting]:
        """In an order in which settings with the same mail are neighbours."""
        return [
            Setting(corpus, ms, is_part=self.short and ms == 0)
            for corpus in self.corpora
            for ms in self.round_trips_ms
            if ms == 0 or not self.short or corpus in _SHORT_WITH_DELAY
        ]

    def runs(self, setting: Setting) -> list[Client]:
        """Round by round, so that what disturbs the machine disturbs all clients."""
        wanted = {client: self._rounds_of(client, setting) for client in self.clients}
        return [
            client
            for number in range(max(wanted.values()))
            for client, rounds in wanted.items()
            if number < rounds
        ]

    def _rounds_of(self, client: Client, setting: Setting) -> int:
        if setting.round_trip_ms == 0:
            return self.rounds
        if self.short:
            return 0 if client.is_peer else 1
        return _ROUNDS_OF_PEERS_WITH_DELAY if client.is_peer else self.rounds
