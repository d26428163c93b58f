"""Coordinator, Redis and three workers as processes: the cap holds, and nothing is lost whoever
dies.
"""

import signal
import time
import unittest

from mailhaul_support.corpus_bench import small
from mailhaul_support.mailhaul import Cluster, write_csv
from mailhaul_support.processes import wait_until
from mailhaul_support.proxy import Proxy
from mailhaul_support.redis import RedisServer

from .harness import EndToEnd

USERS = tuple(f"user{number}@old.example" for number in range(6))
MESSAGES = 500  # of 4 KB: 2 MB a mailbox
# A mailbox takes some 8 s at this rate, so that there is a middle to be killed in.
OCTETS_PER_SECOND = 250_000
CAP = 4
TAKE_OVER_SECONDS = 31 + 1  # and one to find out
HAND_BACK_SECONDS = 10


class ClusterTest(EndToEnd):
    """Six mailboxes behind a road that counts connections and slows them; three workers of two jobs
    each.
    """

    def setUp(self):
        super().setUp()
        self.redis = self.enterContext(RedisServer(self.folder / "redis", keep_on_disk=True))
        self.source = self.dovecot("source", USERS)
        self.destination = self.dovecot("destination", USERS)
        for user in USERS:
            self.fill(self.source, user, small().first(MESSAGES))
        self.road = self.enterContext(
            Proxy(self.folder, self.source.port, octets_per_second=OCTETS_PER_SECOND)
        )
        caps = f"src:imap:127.0.0.1:{self.road.port}={CAP}"
        self.cluster = self.enterContext(Cluster(self.mailhaul, self.redis.address, caps=caps))
        for _ in range(3):
            self.cluster.start_worker("--worker-jobs", 2)

    def submit(self) -> str:
        """The batch's name."""
        rows = [self.row(user, self.road.port, self.destination.port) for user in USERS]
        submitted = self.cluster.ask(
            "submit", write_csv(self.folder / "jobs.csv", rows), "-o", "json"
        )
        self.assertEqual(0, submitted.code, submitted.everything())
        return submitted.json()["name"]

    def jobs(self, batch: str):
        report = self.cluster.ask("report", batch, "-o", "json")
        self.assertEqual(0, report.code, report.everything())
        return report.json()["jobs"]

    def wait_for_the_end(self, batch: str):
        wait_until(
            lambda: all(job["state"] == "SUCCEEDED" for job in self.jobs(batch)),
            seconds=120,
            what=f"every job of {batch}",
        )

    def wait_for_the_middle(self, batch: str) -> str:
        """Until as many jobs run as may, each has copied something, and all have most before them.
        Returns the name of a worker that has some of them.
        """

        def in_the_middle():
            running = [job for job in self.jobs(batch) if job["state"] == "RUNNING"]
            return (
                len(running) == CAP
                and all(job["tally"]["copied"] > 0 for job in running)
                and running
            )

        return wait_until(in_the_middle, seconds=60, what="the middle of the copy")[0]["worker"]

    def process_of(self, worker: str):
        return self.cluster.workers[int(worker.removeprefix("worker-")) - 1]

    def jobs_on(self, batch: str, worker: str):
        return {
            job["name"]
            for job in self.jobs(batch)
            if job["state"] == "RUNNING" and job["worker"] == worker
        }

    def arrived(self) -> int:
        return sum(self.read(self.destination, user).message_count() for user in USERS)

    def assert_all_arrived(self, **known):
        for user in USERS:
            self.assert_arrived(user, self.source, self.destination, **known)


class Cap(ClusterTest):
    def test_never_more_connections_to_the_source_than_its_cap(self):
        batch = self.submit()
        self.wait_for_the_end(batch)

        self.assertEqual(CAP, self.road.peak_connections(), "the cap is reached and never passed")
        self.assert_all_arrived()


class Deaths(ClusterTest):
    def test_jobs_of_a_killed_worker_go_on_elsewhere_and_nothing_is_lost(self):
        batch = self.submit()
        victim = self.wait_for_the_middle(batch)
        orphans = self.jobs_on(batch, victim)
        self.assertTrue(orphans)
        self.process_of(victim).kill()

        wait_until(
            lambda: not orphans & self.jobs_on(batch, victim) and self.taken_over(batch, orphans),
            seconds=TAKE_OVER_SECONDS,
            what="somebody else to go on with the dead worker's jobs",
        )
        self.wait_for_the_end(batch)
        self.assert_all_arrived()

    def taken_over(self, batch: str, orphans) -> bool:
        return all(
            job["state"] in ("RUNNING", "SUCCEEDED")
            for job in self.jobs(batch)
            if job["name"] in orphans
        )

    def test_a_worker_that_is_told_to_leave_hands_its_jobs_back_and_nothing_is_doubled(self):
        batch = self.submit()
        leaving = self.wait_for_the_middle(batch)
        began = time.monotonic()
        self.process_of(leaving).send(signal.SIGTERM)

        self.assertEqual(0, self.process_of(leaving).wait(HAND_BACK_SECONDS))
        wait_until(
            lambda: not self.jobs_on(batch, leaving),
            seconds=HAND_BACK_SECONDS - (time.monotonic() - began),
            what="its jobs to be handed back",
        )
        self.wait_for_the_end(batch)
        self.assert_all_arrived()

    def test_a_coordinator_that_is_killed_stops_nobody_and_comes_back_knowing_everything(self):
        batch = self.submit()
        self.wait_for_the_middle(batch)
        self.cluster.coordinator.kill()
        before = self.arrived()
        wait_until(
            lambda: self.arrived() > before,
            seconds=20,
            what="messages while there is no coordinator",
        )
        self.cluster.start_coordinator()

        self.wait_for_the_end(batch)
        self.assert_all_arrived()


if __name__ == "__main__":
    unittest.main()
