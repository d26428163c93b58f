"""The floor: rendered commands sent, answers discarded, the clock started after the logins."""

import json
from dataclasses import replace

from ..endpoint import Endpoint
from ..measure import Broken, Usage, run
from ..programs import require_built
from .client import Client, Task


class Floor(Client):
    """One connection drains the source, another fills the destination; neither waits."""

    family = "floor"

    def __init__(self, rendering: str):
        """rendering: of streams.BATCHES."""
        self.name = f"floor: {rendering}"
        self._rendering = rendering

    def program(self):
        return require_built("bench/bench_floor")

    def prepare(self, task: Task) -> list:
        return [
            f"--password={task.source.password}",
            f"--drain={_where(task.source)},{task.streams.drain}",
            f"--fill={_where(task.destination)},{task.streams.fill[self._rendering]}",
        ]

    def copy(self, task: Task) -> Usage:
        usage = super().copy(task)
        result = json.loads(usage.output)
        if result["drained_octets"] < task.streams.octets:
            raise Broken(
                f"{self.name}: the source sent only {result} of {task.streams.octets} octets"
            )
        return replace(usage, wall_s=result["seconds"])


def fill(endpoint: Endpoint, streams, folder) -> None:
    """Brings a corpus into an empty mailbox the fastest way there is."""
    run(
        [
            require_built("bench/bench_floor"),
            f"--password={endpoint.password}",
            f"--fill={_where(endpoint)},{streams.fill['multiappend']}",
        ],
        folder,
    )


def _where(endpoint: Endpoint) -> str:
    return f"{endpoint.host}:{endpoint.port},{endpoint.user}"
