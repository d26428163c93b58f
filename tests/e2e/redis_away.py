"""Redis missing at the start, dying in the middle, and back again: said once, waited for, nothing
lost.
"""

import unittest

from mailhaul_support.corpus_bench import small
from mailhaul_support.mailhaul import Cluster, write_csv
from mailhaul_support.processes import wait_until
from mailhaul_support.proxy import Proxy
from mailhaul_support.redis import RedisServer

from .harness import EndToEnd

USER = "anna@old.example"
OCTETS_PER_SECOND = 250_000
MESSAGES = 500


class RedisAway(EndToEnd):
    def setUp(self):
        super().setUp()
        self.redis = RedisServer(self.folder / "redis", keep_on_disk=True)
        self.addCleanup(self.redis.stop)
        self.cluster = Cluster(self.mailhaul, self.redis.address, options=("--lease", "3s"))
        self.source = self.dovecot("source", [USER])
        self.destination = self.dovecot("destination", [USER])
        self.fill(self.source, USER, small().first(MESSAGES))
        road = self.enterContext(
            Proxy(self.folder, self.source.port, octets_per_second=OCTETS_PER_SECOND)
        )
        self.jobs = write_csv(
            self.folder / "jobs.csv", [self.row(USER, road.port, self.destination.port)]
        )

    def arrived(self) -> int:
        return self.read(self.destination, USER).message_count()

    def submit(self):
        return self.cluster.ask("submit", self.jobs, "-o", "json")

    def wait_for_the_end(self):
        wait_until(lambda: self.arrived() >= MESSAGES, seconds=90, what="all messages")
        wait_until(
            lambda: "SUCCEEDED" in self.cluster.ask("report", "batches/1", "-o", "json").out,
            seconds=60,
            what="the end of the job",
        )

    def test_at_the_start_processes_wait_and_a_submission_says_why_it_is_refused(self):
        self.cluster.start_coordinator(wait=False)
        self.addCleanup(self.cluster.coordinator.kill)
        worker = self.cluster.start_worker()
        self.addCleanup(worker.kill)
        refused = wait_until(lambda: self.said_redis_is_away(), seconds=20, what="a clear refusal")
        self.assertNotEqual(0, refused.code)
        self.assertIsNone(worker.exit_code, "the worker waits")

        self.redis.start()
        wait_until(lambda: self.submit().code == 0, seconds=30, what="the submission")
        self.wait_for_the_end()
        self.assert_arrived(USER, self.source, self.destination)

    def said_redis_is_away(self):
        refused = self.submit()
        return refused if "redis" in refused.err.lower() else None

    def test_in_the_middle_the_copy_waits_and_loses_nothing(self):
        self.redis.start()
        self.enterContext(self.cluster)
        worker = self.cluster.start_worker()
        self.assertEqual(0, self.submit().code)
        wait_until(lambda: self.arrived() > 10, seconds=30, what="the middle of the copy")
        self.redis.kill()
        said = wait_until(self.said_redis_is_away, seconds=20, what="a clear refusal")
        self.assertEqual(1, said.err.strip().count("\n") + 1, said.err)
        self.redis.start()

        self.wait_for_the_end()
        self.assertIsNone(worker.exit_code)
        self.assert_arrived(USER, self.source, self.destination)


if __name__ == "__main__":
    unittest.main()
