"""What bench/copy concludes from its figures."""

import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests" / "support")]

from mailhaul_bench.clients.interimap import Interimap  # noqa: E402
from mailhaul_bench.clients.mailhaul import Mailhaul  # noqa: E402
from mailhaul_bench.measure import Usage  # noqa: E402  the path had to be set first
from mailhaul_bench.plan import Plan, Setting  # noqa: E402
from mailhaul_bench.results import Results  # noqa: E402
from mailhaul_bench.streams import Streams  # noqa: E402
from mailhaul_bench.table import render  # noqa: E402
from mailhaul_bench.verdicts import judge  # noqa: E402

STREAMS = Streams(drain=Path("drain"), fill={}, messages=10, octets=10**9)


def measured(*runs) -> Results:
    """runs: (corpus, round trip in ms, client, wall s), then CPU s, peak MiB where they matter."""
    results = Results()
    for corpus, round_trip_ms, client, wall_s, *more in runs:
        cpu_s, peak_rss_mb = more or (1.0, 10.0)
        results.add(
            Setting(corpus, round_trip_ms), client, STREAMS, Usage(wall_s, cpu_s, peak_rss_mb, "")
        )
    return results


def kept(*runs) -> list[bool]:
    return [verdict.kept for verdict in judge(measured(*runs))]


class Verdicts(unittest.TestCase):
    def test_a_tie_with_a_peer_is_not_ahead_of_it(self):
        self.assertEqual(
            kept(
                ("small", 0, "mailhaul", 1.0),
                ("small", 0, "mbsync", 1.0),
                ("small", 0, "interimap", 1.1),
            ),
            [False, True],
        )

    def test_the_median_counts_and_not_the_best_run(self):
        self.assertEqual(
            kept(
                ("small", 0, "mailhaul", 1.0),
                ("small", 0, "mailhaul", 3.0),
                ("small", 0, "mailhaul", 4.0),
                ("small", 0, "mbsync", 2.0),
            ),
            [False],
        )

    def test_the_better_floor_is_the_one_that_counts(self):
        floors = ("mix", 100, "floor: append", 2.0), ("mix", 100, "floor: multiappend", 1.0)
        self.assertEqual(kept(*floors, ("mix", 100, "mailhaul", 4.0)), [True])
        self.assertEqual(kept(*floors, ("mix", 100, "mailhaul", 4.1)), [False])

    def test_the_run_with_the_most_memory_counts(self):
        self.assertEqual(
            kept(("big", 0, "mailhaul", 1.0, 1.0, 10.0), ("big", 0, "mailhaul", 1.0, 1.0, 41.0)),
            [False],
        )

    def test_as_much_cpu_as_mbsync_is_allowed_and_more_is_not(self):
        def cpu_verdict(ours):
            return kept(
                ("mix", 0, "mailhaul", 1.0, ours, 10.0), ("mix", 0, "mbsync", 2.0, 1.5, 10.0)
            )[-1]

        self.assertTrue(cpu_verdict(1.5))
        self.assertFalse(cpu_verdict(1.6))

    def test_on_a_part_of_a_corpus_time_is_not_judged(self):
        results = Results()
        for client, wall_s in (("mailhaul", 2.0), ("mbsync", 1.0)):
            usage = Usage(wall_s, 1.0, 10.0, "")
            results.add(Setting("mix", 0, is_part=True), client, STREAMS, usage)
        self.assertEqual(judge(results), [])

    def test_without_its_rows_a_promise_is_not_judged(self):
        self.assertEqual(kept(("mix", 0, "mbsync", 1.0), ("mix", 100, "mailhaul", 1.0)), [])


class Runs(unittest.TestCase):
    PEER, OURS = Interimap(), Mailhaul()

    def plan(self, short: bool) -> Plan:
        return Plan(["small", "mix"], [0, 100], [self.OURS, self.PEER], rounds=2, short=short)

    def test_rounds_are_interleaved(self):
        runs = self.plan(short=False).runs(Setting("mix", 0))
        self.assertEqual(runs, [self.OURS, self.PEER, self.OURS, self.PEER])

    def test_peers_run_once_behind_a_delay_and_in_the_short_form_not_at_all(self):
        delayed = Setting("mix", 100)
        self.assertEqual(self.plan(False).runs(delayed), [self.OURS, self.PEER, self.OURS])
        self.assertEqual(self.plan(True).runs(delayed), [self.OURS])

    def test_the_short_form_takes_parts_except_of_mix_behind_a_delay(self):
        mails = [(s.mail, s.round_trip_ms) for s in self.plan(short=True).settings()]
        self.assertEqual(mails, [("part of small", 0), ("part of mix", 0), ("mix", 100)])


class Table(unittest.TestCase):
    def test_every_row_has_its_ratio_to_the_better_floor_of_its_setting(self):
        table = render(
            measured(
                ("mix", 0, "floor: append", 2.0),
                ("mix", 0, "floor: multiappend", 1.0),
                ("mix", 0, "mbsync", 3.5),
                ("mix", 100, "mbsync", 7.0),
            )
        )
        ratios = [line.split("]")[1].split()[0] for line in table.splitlines()[2:]]
        self.assertEqual(ratios, ["2.00", "1.00", "3.50", "-"])


if __name__ == "__main__":
    unittest.main()
