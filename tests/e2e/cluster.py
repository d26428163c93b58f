"""Coordinator, Redis and three workers as processes: the cap holds, and nothing is lost whoever dies."""

import signal
import time
import unittest
from contextlib import ExitStack

from mailhaul_support.corpus_bench import small
from mailhaul_support.mailhaul import Cluster, write_csv
from mailhaul_support.processes import wait_until
from mailhaul_support.proxy import Proxy
from mailhaul_support.redis import RedisServer

from .harness import EndToEnd

USERS = tuple(f"user{number}@old.example" for number in range(6))
MESSAGES = 250  # of 4 KB: about 1 MB a mailbox
# Each mailbox takes some 4 s at this rate, so that there is a middle to be killed in.
OCTETS_PER_SECOND = 250_000
LEASE_SECONDS = 31  # by then somebody else must go on with a dead worker's jobs


class ClusterTest(EndToEnd):
    def setUp(self):
        super().setUp()
        self.redis = self.enterContext(RedisServer(self.folder / "redis", keep_on_disk=True))
        self.source = self.dovecot("source", USERS)
        self.destination = self.dovecot("destination", USERS)
        for user in USERS:
            self.fill(self.source, user, small().first(MESSAGES))
        self.road = self.enterContext(
            Proxy(self.folder, self.source.port, octets_per_second=OCTETS_PER_SECOND))
        self.cluster = self.enterContext(Cluster(self.mailhaul, self.redis.address))

    def submit(self) -> str:
        """All mailboxes, the source behind the road that counts and slows; the batch's id."""
        jobs = write_csv(self.folder / "jobs.csv",
                         [self.row(user, self.road.port, self.destination.port) for user in USERS])
        submitted = self.cluster.ask("submit", jobs, "-o", "json")
        self.assertEqual(0, submitted.code, submitted.everything())
        return submitted.json()["name"]

    def jobs(self, batch: str):
        report = self.cluster.ask("report", batch, "-o", "json")
        self.assertEqual(0, report.code, report.everything())
        return report.json()["jobs"]

    def states(self, batch: str):
        return [job["state"] for job in self.jobs(batch)]

    def wait_for_the_end(self, batch: str, seconds: float = 120):
        wait_until(lambda: all(state == "SUCCEEDED" for state in self.states(batch)),
                   seconds=seconds, what=f"every job of {batch}")

    def wait_for_the_middle(self):
        """Some messages have arrived, and the most are still to come."""
        wait_until(lambda: self.read(self.destination, USERS[0]).message_count() > 10, seconds=30,
                   what="the first messages")

    def running_on(self, batch: str, worker) -> int:
        return sum(str(worker.pid) in job.get("worker", "") for job in self.jobs(batch))

    def assert_all_arrived(self):
        for user in USERS:
            self.assert_arrived(user, self.source, self.destination)


class Cap(ClusterTest):
    def test_never_more_connections_to_the_source_than_its_cap(self):
        ...


class Deaths(ClusterTest):
    ...


if __name__ == "__main__":
    unittest.main()
