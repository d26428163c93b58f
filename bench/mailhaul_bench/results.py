"""All runs of one bench, and what they come to."""

import statistics
from dataclasses import dataclass, field

from .measure import Usage
from .plan import Setting
from .streams import Streams


@dataclass
class Row:
    """The runs of one client in one setting; the figures are medians, of memory the largest."""

    setting: Setting
    client: str
    streams: Streams
    runs: list[Usage] = field(default_factory=list)

    @property
    def walls_s(self) -> list[float]:
        return [run.wall_s for run in self.runs]

    @property
    def wall_s(self) -> float:
        return statistics.median(self.walls_s)

    @property
    def cpu_s_per_gb(self) -> float:
        return statistics.median(run.cpu_s for run in self.runs) * 1e9 / self.streams.octets

    @property
    def peak_rss_mb(self) -> float:
        return max(run.peak_rss_mb for run in self.runs)

    @property
    def redis_cpu_s_per_gb(self) -> float:
        return statistics.median(run.redis_cpu_s for run in self.runs) * 1e9 / self.streams.octets

    @property
    def redis_peak_rss_mb(self) -> float:
        return max(run.redis_peak_rss_mb for run in self.runs)


class Results:
    """Rows in the order in which they were first added."""

    def __init__(self):
        self.rows: dict[tuple[Setting, str], Row] = {}
        self.faults: list[str] = []  # whatever the figures say, these fail the bench

    def add(self, setting: Setting, client: str, streams: Streams, usage: Usage) -> None:
        self.rows.setdefault((setting, client), Row(setting, client, streams)).runs.append(usage)

    def row(self, setting: Setting, client: str) -> Row | None:
        return self.rows.get((setting, client))

    def floor_s(self, setting: Setting) -> float | None:
        """The better floor."""
        walls = [
            row.wall_s
            for row in self.rows.values()
            if row.setting == setting and row.client.startswith("floor")
        ]
        return min(walls, default=None)
