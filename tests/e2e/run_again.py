"""`mailhaul run` stopped or killed in the middle: the same command goes on and nothing is lost."""

import os
import signal
import unittest
from pathlib import Path

from mailhaul_support.corpus_bench import small
from mailhaul_support.mailhaul import write_csv
from mailhaul_support.processes import wait_until
from mailhaul_support.proxy import Proxy

from .harness import EndToEnd

USER = "anna@old.example"
MESSAGES = 500
OCTETS_PER_SECOND = 250_000


def redis_of(state: Path):
    """Process ids of redis-servers that work in `state`."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / "cwd") == str(state):
                found.append(int(entry.name))
        except OSError:
            continue  # it ended, or it is someone else's
    return found


class RunAgain(EndToEnd):
    def setUp(self):
        super().setUp()
        self.state = (self.folder / "state").resolve()
        self.source = self.dovecot("source", [USER])
        self.destination = self.dovecot("destination", [USER])
        self.fill(self.source, USER, small().first(MESSAGES))
        self.road = self.enterContext(
            Proxy(self.folder, self.source.port, octets_per_second=OCTETS_PER_SECOND)
        )
        self.jobs = write_csv(
            self.folder / "jobs.csv", [self.row(USER, self.road.port, self.destination.port)]
        )

    def arguments(self):
        return ["run", self.jobs, "--state-dir", self.state, "--lease", "3s", "-o", "json"]

    def start_and_wait_for_the_middle(self):
        run = self.mailhaul.start(*self.arguments())
        self.addCleanup(run.kill)
        wait_until(lambda: self.arrived() > 10, seconds=30, what="the middle of the copy")
        return run

    def arrived(self) -> int:
        return self.read(self.destination, USER).message_count()

    def finish(self, *, after_a_kill: bool = False):
        finished = self.mailhaul.run(*self.arguments())
        self.assertEqual(0, finished.code, finished.everything())
        self.assertEqual(after_a_kill, "was killed" in finished.err, finished.err)
        return finished.json()

    def test_interrupted_it_says_so_leaves_nothing_running_and_goes_on_without_doubles(self):
        run = self.start_and_wait_for_the_middle()
        run.send(signal.SIGINT)
        self.assertEqual(130, run.wait(12))
        self.assertEqual([], redis_of(self.state))
        self.assertLess(self.arrived(), MESSAGES)

        report = self.finish()
        self.assertEqual("batches/1", report["batch"]["name"], "the same batch goes on")
        self.assertEqual(MESSAGES, report["tally"]["found"])
        self.assert_arrived(USER, self.source, self.destination)

    def test_killed_its_redis_ends_too_and_the_next_run_loses_nothing(self):
        run = self.start_and_wait_for_the_middle()
        run.kill()
        report = self.finish(after_a_kill=True)
        self.assertEqual("batches/1", report["batch"]["name"], "the same batch goes on")
        self.assert_arrived(USER, self.source, self.destination)
        wait_until(lambda: redis_of(self.state) == [], seconds=10, what="the end of every redis")

    def test_once_ended_the_same_file_makes_a_new_batch(self):
        self.assertEqual("batches/1", self.finish()["batch"]["name"])
        self.assertEqual("batches/2", self.finish()["batch"]["name"])

    def test_two_at_a_time_do_not_share_a_state_folder(self):
        run = self.start_and_wait_for_the_middle()
        run.send(signal.SIGSTOP)
        second = self.mailhaul.run(*self.arguments(), seconds=30)
        self.assertNotEqual(0, second.code)
        self.assertIn("another", second.err)
        self.assertIsNone(run.exit_code)

    def test_the_state_folder_is_ours_alone(self):
        self.start_and_wait_for_the_middle()
        self.assertEqual(0o700, self.state.stat().st_mode & 0o777)


if __name__ == "__main__":
    unittest.main()
