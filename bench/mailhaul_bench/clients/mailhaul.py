"""mailhaul itself: `mailhaul run jobs.csv`, one process and a private Redis beside it."""

from dataclasses import replace

from mailhaul_support.mailhaul import Row, Side, write_csv

from ..child_watch import ChildWatch
from ..endpoint import Endpoint
from ..measure import Usage, run
from ..programs import require_built
from .client import Client, Task


class Mailhaul(Client):
    name = "mailhaul"
    family = "mailhaul"

    def copy(self, task: Task) -> Usage:
        redis = ChildWatch("redis-server")
        usage = run([self.program(), *self.prepare(task)], task.folder, watch=redis)
        return replace(usage, redis_cpu_s=redis.cpu_s, redis_peak_rss_mb=redis.peak_rss_mb)

    def program(self):
        return require_built("cli/mailhaul")

    def prepare(self, task: Task) -> list:
        jobs = write_csv(
            task.folder / "jobs.csv", [Row(_side(task.source), _side(task.destination))]
        )
        return ["run", "--state-dir", task.folder / "state", jobs]


def _side(at: Endpoint) -> Side:
    return Side(user=at.user, password=at.password, port=at.port, host=at.host)
