"""mailhaul itself: `mailhaul run jobs.csv`, everything in one process and a private Redis beside it."""

import csv
from dataclasses import replace

from ..child_watch import ChildWatch
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
        jobs = task.folder / "jobs.csv"
        with jobs.open("w", newline="") as out:
            rows = csv.writer(out)
            rows.writerow([f"{side}_{column}" for side in ("source", "destination") for column in _COLUMNS])
            rows.writerow([value for at in (task.source, task.destination)
                           for value in (at.host, at.port, "plaintext", at.user, at.password)])
        return ["run", jobs]


_COLUMNS = ("host", "port", "security", "user", "password")
