"""A folder of 100,000 messages: what a kill in the middle and a second pass cost.

They cost a window and a command, not the folder. Prints what it measured. Environment:
MAILHAUL_LARGE_MESSAGES (another number of messages).
"""

import os
import sys
import unittest

from mailhaul_support.corpus_many import INBOX, many
from mailhaul_support.mail_client import MailClient
from mailhaul_support.mailhaul import Cluster, write_csv
from mailhaul_support.processes import wait_until
from mailhaul_support.proxy import Proxy
from mailhaul_support.redis import RedisServer

from .harness import EndToEnd

USER = "anna@old.example"
MESSAGES = int(os.environ.get("MAILHAUL_LARGE_MESSAGES", 100_000))
# The windows in doubt, the folders' states, and a short reply for each window of the rest.
MOST_OCTETS_AFTER_A_KILL = 1_000_000
MOST_OCTETS_UNCHANGED = 10_000
MOST_SECONDS_UNCHANGED = 2.0
# UID, flags and size of each message, and no header.
MOST_OCTETS_LISTED = 80 * MESSAGES


class LargeMailbox(EndToEnd):
    def setUp(self):
        super().setUp()
        redis = self.enterContext(RedisServer(self.folder / "redis", keep_on_disk=True))
        # mdbox: several messages in a file, half the time for messages as small as these.
        self.source = self.dovecot("source", [USER], storage="mdbox")
        self.destination = self.dovecot("destination", [USER], storage="mdbox")
        self.fill(self.source, USER, many(MESSAGES))
        self.source_road = self.enterContext(Proxy(self.folder, self.source.port))
        self.destination_road = self.enterContext(Proxy(self.folder, self.destination.port))
        self.csv = write_csv(
            self.folder / "jobs.csv",
            [self.row(USER, self.source_road.port, self.destination_road.port)],
        )
        self.cluster = self.enterContext(
            Cluster(self.mailhaul, redis.address, options=("--lease", "3s"))
        )
        self.worker = self.cluster.start_worker()

    def submit(self) -> str:
        submitted = self.cluster.ask("submit", self.csv, "-o", "json")
        self.assertEqual(0, submitted.code, submitted.everything())
        return submitted.json()["name"]

    def job_of(self, batch: str) -> dict:
        def ended():
            (job,) = self.cluster.ask("report", batch, "-o", "json").json()["jobs"]
            return job if job["state"] not in ("QUEUED", "RUNNING", "WAITING") else None

        job = wait_until(ended, seconds=120, every=0.3, what="the end of the job")
        self.assertEqual("SUCCEEDED", job["state"], job)
        return job

    def kill_in_the_middle(self) -> None:
        with self.owner(self.destination) as user:
            middle = MESSAGES * 0.4
            wait_until(
                lambda: user.count(INBOX) > middle, seconds=60, every=0.05, what="the middle"
            )
        self.worker.kill()

    def owner(self, server) -> MailClient:
        return MailClient(server.port, USER, self.CANARY)

    def say(self, what: str) -> None:
        print(what, file=sys.stderr, flush=True)

    def test_a_kill_in_the_middle_costs_a_window_and_a_second_pass_next_to_nothing(self):
        self.assert_a_kill_costs_a_window()
        self.assert_an_unchanged_folder_costs_next_to_nothing()
        self.assert_one_new_message_costs_a_listing()

    def assert_a_kill_costs_a_window(self):
        batch = self.submit()
        self.kill_in_the_middle()
        before = self.destination_road.octets_down()
        self.cluster.start_worker()
        job = self.job_of(batch)
        octets = self.destination_road.octets_down() - before
        self.say(f"after the kill the destination sent {octets} octets; {job['tally']}")
        self.assertEqual(MESSAGES, job["tally"]["copied"] + job["tally"]["already_there"])
        self.assert_arrived(USER, self.source, self.destination)
        self.assertLess(octets, MOST_OCTETS_AFTER_A_KILL)

    def assert_an_unchanged_folder_costs_next_to_nothing(self):
        job, octets = self.second_pass()
        self.assertEqual(MESSAGES, job["tally"]["already_there"], job["tally"])
        self.assertLess(octets, MOST_OCTETS_UNCHANGED)
        self.assertLess(job["duration"], MOST_SECONDS_UNCHANGED)

    def assert_one_new_message_costs_a_listing(self):
        with self.owner(self.source) as owner:
            owner.write(INBOX, "new")
        job, octets = self.second_pass()
        self.assertEqual(1, job["tally"]["copied"], job["tally"])
        self.assertLess(octets, MOST_OCTETS_LISTED)
        with self.owner(self.destination) as user:
            self.assertEqual(MESSAGES + 1, user.count(INBOX))

    def second_pass(self):
        """The job, and what both servers sent for it."""
        roads = (self.source_road, self.destination_road)
        before = sum(road.octets_down() for road in roads)
        job = self.job_of(self.submit())
        octets = sum(road.octets_down() for road in roads) - before
        self.say(f"another pass: {job['duration']} s, log-ins included, {octets} octets")
        return job, octets


if __name__ == "__main__":
    unittest.main()
