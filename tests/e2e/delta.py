"""The same mailbox once more: what is new comes, nothing comes twice, what users did stays."""

import shutil
import unittest

from mailhaul_support.corpus_chaos import chaos
from mailhaul_support.mail_client import MailClient
from mailhaul_support.mailhaul import Cluster, write_csv
from mailhaul_support.processes import wait_until
from mailhaul_support.proxy import Proxy, Without
from mailhaul_support.redis import RedisServer

from .harness import EndToEnd

USER = "anna@old.example"
SENT = ("Sent",)  # holds "small 100" to "small 199"
INBOX = ("INBOX",)
# 1.5 MB of messages in 35 folders: what a pass says and hears that reads none of them.
MOST_OCTETS_WITHOUT_BODIES = 100_000
OCTETS_PER_SECOND = 300_000


class DeltaTest(EndToEnd):
    """A mailbox behind counting roads, and a cluster with one worker."""

    octets_per_second = None
    hidden_at_source = ()  # capabilities
    hidden_at_destination = ()

    def setUp(self):
        super().setUp()
        self.redis = self.enterContext(RedisServer(self.folder / "redis", keep_on_disk=True))
        self.source = self.dovecot("source", [USER])
        self.destination = self.dovecot("destination", [USER])
        self.corpus = chaos(USER)
        self.fill(self.source, USER, self.corpus)
        self.source_road = self.road(
            self.without(self.hidden_at_source, self.source.port),
            octets_per_second=self.octets_per_second,
        )
        self.destination_road = self.road(
            self.without(self.hidden_at_destination, self.destination.port)
        )
        self.csv = write_csv(
            self.folder / "jobs.csv",
            [self.row(USER, self.source_road.port, self.destination_road.port)],
        )
        self.cluster = self.enterContext(
            Cluster(self.mailhaul, self.redis.address, options=("--lease", "3s"))
        )
        self.worker = self.cluster.start_worker()

    def road(self, port: int, **options) -> Proxy:
        return self.enterContext(Proxy(self.folder, port, **options))

    def without(self, hidden, port: int) -> int:
        """A port where the server is seen without these capabilities."""
        if not hidden:
            return port
        return self.enterContext(Without(self.folder, port, *hidden)).port

    def submit(self) -> str:
        submitted = self.cluster.ask("submit", self.csv, "-o", "json")
        self.assertEqual(0, submitted.code, submitted.everything())
        return submitted.json()["name"]

    def job_of(self, batch: str) -> dict:
        """The only job, once it has ended well."""

        def ended():
            (job,) = self.cluster.ask("report", batch, "-o", "json").json()["jobs"]
            return job if job["state"] not in ("QUEUED", "RUNNING", "WAITING") else None

        job = wait_until(ended, seconds=60, every=0.1, what="the end of the job")
        self.assertEqual("SUCCEEDED", job["state"], job)
        self.assertEqual([], job.get("sum_errors", []))
        return job

    def one_pass(self, *, found: int, copied: int) -> dict:
        """Submits, waits, and looks at the sums."""
        job = self.job_of(self.submit())
        told = {key: job["tally"][key] for key in ("found", "copied", "already_there")}
        self.assertEqual(
            {"found": found, "copied": copied, "already_there": found - copied}, told
        )
        return job

    def first_pass(self) -> int:
        """The number of messages there are."""
        count = self.read(self.source, USER).message_count()
        self.one_pass(found=count, copied=count)
        self.assert_same()
        return count

    def assert_same(self):
        self.assert_arrived(USER, self.source, self.destination)

    def at(self, server) -> MailClient:
        return MailClient(server.port, USER, self.CANARY)

    def octets_of(self, action) -> int:
        """What the source sent meanwhile."""
        before = self.source_road.octets_down()
        action()
        return self.source_road.octets_down() - before


class SecondPass(DeltaTest):
    def test_reads_no_message_when_nothing_changed(self):
        count = self.first_pass()
        octets = self.octets_of(lambda: self.one_pass(found=count, copied=0))
        self.assertLess(octets, MOST_OCTETS_WITHOUT_BODIES)
        self.assert_same()

    def test_copies_what_is_new_and_equal_mail_too(self):
        count = self.first_pass()
        with self.at(self.source) as owner:
            owner.write(INBOX, "new")
            owner.duplicate(SENT, "small 150")
            owner.create(("Fresh",))
            owner.write(("Fresh",), "in a new folder")
        octets = self.octets_of(lambda: self.one_pass(found=count + 3, copied=3))
        self.assertLess(octets, MOST_OCTETS_WITHOUT_BODIES)
        self.assert_same()
        self.one_pass(found=count + 3, copied=0)
        self.assert_same()

    def test_brings_flags_changed_at_the_source_and_keeps_those_the_user_changed(self):
        count = self.first_pass()
        with self.at(self.source) as owner, self.at(self.destination) as user:
            for subject in ("small 110", "small 111", "small 112"):
                owner.change_flags(SENT, subject, "-FLAGS", "\\Answered \\Flagged $Label1")
                user.change_flags(SENT, subject, "-FLAGS", "\\Answered \\Flagged $Label1")
                owner.change_flags(SENT, subject, "+FLAGS", "\\Seen")
                user.change_flags(SENT, subject, "+FLAGS", "\\Seen")
        self.one_pass(found=count, copied=0)
        with self.at(self.source) as owner, self.at(self.destination) as user:
            owner.change_flags(SENT, "small 110", "+FLAGS", "\\Flagged $Label1")
            user.change_flags(SENT, "small 111", "+FLAGS", "\\Answered NonJunk")
            owner.change_flags(SENT, "small 112", "-FLAGS", "\\Seen")
            user.change_flags(SENT, "small 112", "+FLAGS", "\\Answered")
        octets = self.octets_of(lambda: self.one_pass(found=count, copied=0))
        self.assertLess(octets, MOST_OCTETS_WITHOUT_BODIES)
        with self.at(self.destination) as user:
            self.assertEqual({"\\seen", "\\flagged", "$label1"}, user.flags(SENT, "small 110"))
            self.assertEqual({"\\seen", "\\answered", "nonjunk"}, user.flags(SENT, "small 111"))
            self.assertEqual({"\\answered"}, user.flags(SENT, "small 112"))

    def test_deletes_nothing_and_brings_nothing_deleted_back(self):
        count = self.first_pass()
        after_first = self.read(self.destination, USER)
        with self.at(self.source) as owner, self.at(self.destination) as user:
            owner.delete(SENT, "small 120")
            user.delete(SENT, "small 121")
            user.write(INBOX, "the user's own")
            wanted = self.read(self.destination, USER)
        self.assertEqual(after_first.message_count(), wanted.message_count())
        self.one_pass(found=count - 1, copied=0)
        self.assert_no_difference(wanted, self.read(self.destination, USER))

    def test_doubles_nothing_after_a_new_uidvalidity_of_the_source(self):
        count = self.first_pass()
        with self.at(self.source) as owner:
            owner.recreate(SENT)
        self.one_pass(found=count, copied=0)
        self.assert_same()

    def test_doubles_nothing_after_a_new_uidvalidity_of_the_destination(self):
        count = self.first_pass()
        with self.at(self.destination) as user:
            user.recreate(SENT)
        self.one_pass(found=count, copied=0)
        self.assert_same()
        self.one_pass(found=count, copied=0)
        self.assert_same()

    def test_doubles_nothing_after_redis_lost_everything(self):
        count = self.first_pass()
        self.redis.kill()
        shutil.rmtree(self.redis.folder / "appendonlydir")
        self.redis.start()
        self.one_pass(found=count, copied=0)
        self.assert_same()

    def test_goes_on_where_another_tool_stopped(self):
        count = self.read(self.source, USER).message_count()
        half = count // 2
        self.fill(self.destination, USER, self.corpus.first(half))
        there = self.read(self.destination, USER).message_count()
        self.one_pass(found=count, copied=count - there)
        self.assert_same()


class SecondPassWithoutUidplus(DeltaTest):
    hidden_at_destination = ("UIDPLUS",)

    def test_reads_no_message_when_nothing_changed_and_brings_flags(self):
        count = self.first_pass()
        with self.at(self.source) as owner, self.at(self.destination) as user:
            owner.change_flags(SENT, "small 110", "+FLAGS", "NonJunk")
            user.delete(SENT, "small 111")
        octets = self.octets_of(lambda: self.one_pass(found=count, copied=0))
        self.assertLess(octets, MOST_OCTETS_WITHOUT_BODIES)
        with self.at(self.destination) as user:
            self.assertIn("nonjunk", user.flags(SENT, "small 110"))
            self.assertEqual(99, user.count(SENT))


class SecondPassWithoutCondstore(DeltaTest):
    hidden_at_source = ("CONDSTORE", "QRESYNC")

    def test_reads_no_message_when_nothing_changed(self):
        count = self.first_pass()
        octets = self.octets_of(lambda: self.one_pass(found=count, copied=0))
        self.assertLess(octets, MOST_OCTETS_WITHOUT_BODIES)
        self.assert_same()


class NewUidValidityInTheMiddle(DeltaTest):
    """The folder that was being copied has become another one when somebody else goes on."""

    octets_per_second = OCTETS_PER_SECOND

    def kill_in_the_middle(self) -> str:
        batch = self.submit()
        with self.at(self.destination) as user:
            wait_until(lambda: user.count(SENT) > 20, seconds=30, every=0.02, what="the middle")
        self.worker.kill()
        return batch

    def finish(self, batch: str) -> None:
        self.cluster.start_worker()
        self.job_of(batch)
        self.assert_same()

    def test_of_the_destination(self):
        batch = self.kill_in_the_middle()
        with self.at(self.destination) as user:
            user.recreate(SENT)
        self.finish(batch)

    def test_of_the_source(self):
        batch = self.kill_in_the_middle()
        with self.at(self.source) as owner:
            owner.recreate(SENT)
        self.finish(batch)


if __name__ == "__main__":
    unittest.main()
