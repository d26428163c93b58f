"""A TCP proxy in front of a server: delays, counts connections as the server sees them, cuts."""

import sys
from pathlib import Path

from .delay_proxy import OCTETS
from .processes import LOOPBACK, Child, free_port, wait_until

_PROGRAM = Path(__file__).with_name("delay_proxy.py")
_FILTER = Path(__file__).with_name("imap_filter.py")


class Proxy:
    """Runs while the `with` block does; clients connect to `port`.

    round_trip_ms: added to each round trip, half of it each way; connecting itself is not delayed.
    octets_per_second: the most, each way on each connection. cut_after: octets after which a
    connection is closed, for the first `cut_connections` of them, counted in cut_direction ("down"
    from the server, "up" to it). port: where it listens, for one that takes another's place.
    """

    def __init__(
        self,
        folder,
        target_port,
        *,
        port=None,
        target_host=LOOPBACK,
        round_trip_ms=0.0,
        octets_per_second=None,
        cut_after=None,
        cut_connections=1,
        cut_direction="down",
    ):
        self.port = port or free_port()
        self._record = Path(folder) / f"connections-{self.port}.log"
        self._log = Path(folder) / f"proxy-{self.port}.log"
        self._octets = Path(folder) / f"octets-{self.port}"
        self._arguments = [
            *(self.port, target_host, target_port),
            *("--round-trip-ms", round_trip_ms),
            *("--record", self._record, "--octets", self._octets),
        ]
        if octets_per_second is not None:
            self._arguments += ["--octets-per-second", octets_per_second]
        if cut_after is not None:
            self._arguments += [
                "--cut-after",
                cut_after,
                "--cut-connections",
                cut_connections,
                "--cut-direction",
                cut_direction,
            ]
        self._child = None

    def __enter__(self):
        self._record.parent.mkdir(parents=True, exist_ok=True)
        self._child = Child([sys.executable, _PROGRAM, *self._arguments], log=self._log)
        # The record is made just before it listens; connecting to find out would be counted.
        wait_until(lambda: f"{self.port:04X}" in _listening_ports(), seconds=10, what="proxy")
        return self

    def __exit__(self, *_):
        self._child.stop()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def timeline(self):
        """[(monotonic nanoseconds, connections open from that instant on)], every change."""
        lines = self._record.read_text().splitlines() if self._record.exists() else []
        return [tuple(map(int, line.split())) for line in lines if len(line.split()) == 2]

    def peak_connections(self) -> int:
        return max((count for _, count in self.timeline()), default=0)

    def octets_up(self) -> int:
        """Passed on to the server so far, over all connections."""
        return OCTETS.unpack(self._octets.read_bytes())[0]

    def octets_down(self) -> int:
        """Passed on to the clients."""
        return OCTETS.unpack(self._octets.read_bytes())[1]

    def total_connections(self) -> int:
        counts = [0] + [count for _, count in self.timeline()]
        return sum(after > before for before, after in zip(counts, counts[1:]))


class Without:
    """An IMAP server seen as if it did not have some capabilities; UIDPLUS and CONDSTORE take their
    response codes along. Runs while the `with` block does; clients connect to `port`.
    """

    def __init__(self, folder, target_port: int, *hidden: str):
        self.port = free_port()
        self._log = Path(folder) / f"filter-{self.port}.log"
        self._arguments = [self.port, LOOPBACK, target_port]
        for name in hidden:
            self._arguments += ["--hide", name]
        self._child = None

    def __enter__(self):
        self._child = Child([sys.executable, _FILTER, *self._arguments], log=self._log)
        wait_until(lambda: f"{self.port:04X}" in _listening_ports(), seconds=10, what="filter")
        return self

    def __exit__(self, *_):
        self._child.stop()


def _listening_ports():
    """The ports in state LISTEN, as /proc/net/tcp writes them."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[1].split(":")[1] for row in rows if row[3] == "0A"}
