"""The two Dovecots that everything is measured on, and the link that delays both."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from mailhaul_support.dovecot import PASSWORD, DovecotServer
from mailhaul_support.processes import LOOPBACK, require_program
from mailhaul_support.proxy import Proxy

from .endpoint import Endpoint

# Of big: two renderings, the source, the destination, and room to spare.
_MOST_OCTETS_AT_A_TIME = 3 << 30


def memory_folder() -> Path | None:
    """Where files live in memory; None, the usual place, where that is missing or too small."""
    shared = Path("/dev/shm")
    roomy = os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > _MOST_OCTETS_AT_A_TIME
    return shared if roomy else None


class Side:
    """A Dovecot with a link of each round-trip time in front of it."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._server = DovecotServer(folder)
        self._ports = {}  # round trip in ms -> port

    @contextlib.contextmanager
    def running(self, round_trips_ms):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._server)
            for ms in round_trips_ms:
                self._ports[ms] = (
                    self._server.port
                    if ms == 0
                    else stack.enter_context(
                        Proxy(self._folder, self._server.port, round_trip_ms=ms)
                    ).port
                )
            yield self

    def endpoint(self, user: str, round_trip_ms: int = 0) -> Endpoint:
        return Endpoint(LOOPBACK, self._ports[round_trip_ms], user, PASSWORD)

    def count_messages(self, user: str) -> int:
        """As the server's own tool counts them, in all folders."""
        return count_messages(self._folder / "dovecot.conf", "-u", user)

    def remove(self, user: str) -> None:
        shutil.rmtree(self._folder / "home" / user, ignore_errors=True)


def count_messages(configuration: Path, *who, environment=None) -> int:
    argv = [
        require_program("doveadm"),
        "-c",
        configuration,
        "mailbox",
        "status",
        *who,
        "messages",
        "*",
    ]
    listing = subprocess.run(
        argv, env=environment, check=True, capture_output=True, text=True
    ).stdout
    return sum(int(line.rsplit("messages=", 1)[1]) for line in listing.splitlines())


@contextlib.contextmanager
def two_sides(folder: Path, round_trips_ms):
    """Source and destination, running."""
    with contextlib.ExitStack() as stack:
        yield tuple(
            stack.enter_context(Side(folder / name).running({0, *round_trips_ms}))
            for name in ("source", "destination")
        )
