"""mailhaul as operators run it, with a worker that is new for each pass, and what a pass cost."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from mailhaul_support.dovecot import PASSWORD
from mailhaul_support.mailhaul import Cluster, Mailhaul, Row, Side, write_csv
from mailhaul_support.processes import wait_until
from mailhaul_support.redis import RedisServer

from ..measure import Broken
from .world import World, say

_LONGEST_SECONDS = 3600
_LOOK_SECONDS = 0.5
_NOT_ENDED = ("QUEUED", "RUNNING", "WAITING")
_LEDGER_OCTETS = (
    "local sum = 0 for _, key in ipairs(redis.call('KEYS', 'mh:{default}:ledger:*')) do"
    " sum = sum + redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0) end return sum"
)


@dataclass(frozen=True)
class Cost:
    what: str
    wall_s: float  # of the job, as reported: from the claim to the end, log-ins included
    worker_cpu_s: float  # user and system
    octets_from_source: int
    octets_from_destination: int
    peak_rss_mib: float  # of the worker
    ledger_octets: int  # in Redis' memory, afterwards
    copied: int
    already_there: int


class Deployment:
    """Redis, a coordinator, and one pair of accounts. Runs while the `with` block does."""

    def __init__(self, world: World, source_user: str, destination_user: str):
        folder = world.folder / f"to-{destination_user}"
        self._world = world
        self._redis = RedisServer(folder / "redis", keep_on_disk=True)
        self._cluster = Cluster(Mailhaul(folder / "said"), self._redis.address)
        self._csv = write_csv(
            folder / "jobs.csv",
            [
                Row(
                    Side(source_user, PASSWORD, world.source_road.port),
                    Side(destination_user, PASSWORD, world.destination_road.port),
                )
            ],
        )
        self._running = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._redis)
            stack.enter_context(self._cluster)
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._running.close()

    def one_pass(self, what: str) -> Cost:
        """Broken when the job does not end well, at its first attempt."""
        say(f"{what} ...")
        roads = (self._world.source_road, self._world.destination_road)
        before = [road.octets() for road in roads]
        worker = self._cluster.start_worker()
        job = self._run_job()
        octets = [road.octets() - start for road, start in zip(roads, before)]
        cpu_s, peak_rss_mib = _usage(worker.pid)
        worker.stop()
        return Cost(
            what,
            job["duration"],
            cpu_s,
            *octets,
            peak_rss_mib,
            self._ledger_octets(),
            job["tally"].get("copied", 0),
            job["tally"].get("already_there", 0),
        )

    def _run_job(self) -> dict:
        submitted = self._cluster.ask("submit", self._csv, "-o", "json")
        if submitted.code:
            raise Broken(f"submit: {submitted.everything()}")
        batch = submitted.json()["name"]
        try:
            job = wait_until(
                lambda: self._ended(batch),
                seconds=_LONGEST_SECONDS,
                every=_LOOK_SECONDS,
                what="the end of the job",
            )
        except TimeoutError as late:
            raise Broken(str(late)) from late
        if job["state"] != "SUCCEEDED":
            raise Broken(f"the job ended {job['state']}: {job}")
        if job["attempt"] != 1:
            raise Broken(f"the job needed {job['attempt']} attempts; the servers' logs may tell why")
        return job

    def _ended(self, batch: str) -> dict | None:
        (job,) = self._cluster.ask("report", batch, "-o", "json").json()["jobs"]
        return None if job["state"] in _NOT_ENDED else job

    def _ledger_octets(self) -> int:
        return int(self._redis.command("EVAL", f'"{_LEDGER_OCTETS}"', "0"))


def _usage(pid: int) -> tuple[float, float]:
    """Seconds of CPU and the peak of resident memory in MiB, of a process so far."""
    process = Path("/proc") / str(pid)
    # After the name in brackets: utime and stime are fields 14 and 15 of proc(5)'s stat.
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    cpu_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    (peak,) = (
        line for line in (process / "status").read_text().splitlines() if line.startswith("VmHWM:")
    )
    return cpu_s, int(peak.split()[1]) / 1024
