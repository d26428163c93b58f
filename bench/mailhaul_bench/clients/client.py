"""What the benchmark asks of everything that it measures."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..endpoint import Endpoint
from ..measure import Usage, run
from ..streams import Streams


@dataclass(frozen=True)
class Task:
    """One copy of one mailbox into an empty one."""

    source: Endpoint
    destination: Endpoint
    folder: Path  # empty, the client's own
    streams: Streams  # the same mail as rendered commands
    count_at_destination: Callable[[], int]  # messages in the destination's mailbox


class Client:
    """A program run as its users run it: one process, from its start to its end."""

    name: str  # in the table
    family: str  # as --only names it
    is_peer = False
    good_exits = (0,)
    environment = None  # None: our own

    def copy(self, task: Task) -> Usage:
        """measure.Broken when it fails."""
        return run(
            [self.program(), *self.prepare(task)],
            task.folder,
            good_exits=self.good_exits,
            environment=self.environment,
        )

    def program(self) -> Path | str:
        """Its path; NotInstalled when there is none."""
        raise NotImplementedError

    def prepare(self, task: Task) -> list:
        """Writes what the program wants to read into task.folder; returns the arguments."""
        raise NotImplementedError

    def count_messages(self, task: Task) -> int:
        """How many messages arrived."""
        return task.count_at_destination()
