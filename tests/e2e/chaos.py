"""Whatever is killed and whenever, every message arrives once, and the report says so.

Real processes: coordinator, two workers, Redis, source, destination; three mailboxes. Each round
kills or stops some of them at instants drawn from its seed, starts them again, and compares.

    tools/check e2e -R chaos                        as CI runs it
    ctest --preset release -L soak -R chaos         the long form: 1,000 rounds of storm
    MAILHAUL_CHAOS_SEED=17 MAILHAUL_CHAOS_ROUNDS=1 \\
        python3 -m unittest -v tests.e2e.chaos.Chaos.test_a_storm      one round once more

Environment: MAILHAUL (the binary), MAILHAUL_CHAOS_SEED (the first round's seed, else drawn and
printed; each round's is one more), MAILHAUL_CHAOS_ROUNDS (of the storm; the other tests take a
part of it), MAILHAUL_CHAOS_WORLDS (rounds at a time). What a failed round left is kept, and its
place printed.
"""

import concurrent.futures
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from mailhaul_support.processes import Child, temporary_folder

SUPPORT = Path(__file__).parents[1] / "support"
ROUNDS = int(os.environ.get("MAILHAUL_CHAOS_ROUNDS", 40))
WORLDS = int(os.environ.get("MAILHAUL_CHAOS_WORLDS", 4))
SEED = int(os.environ.get("MAILHAUL_CHAOS_SEED", 0)) or random.randrange(1, 1_000_000)
ROUND_SECONDS = 240


class Chaos(unittest.TestCase):
    def test_a_storm(self):
        self.play("plain", ROUNDS)

    def test_a_storm_over_cyrus(self):
        self.play("cyrus", ROUNDS // 8)

    def test_a_destination_without_uidplus(self):
        self.play("no-uidplus", ROUNDS // 8)

    def test_a_user_who_works_in_the_mailbox_meanwhile(self):
        self.play("busy-user", ROUNDS // 8)

    def test_a_user_who_works_in_the_mailbox_meanwhile_without_uidplus(self):
        self.play("busy-user-no-uidplus", ROUNDS // 8)

    def test_two_clients_who_submit_the_same_at_the_same_time(self):
        self.play("two-clients", ROUNDS // 8)

    def play(self, kind: str, rounds: int) -> None:
        seeds = range(SEED, SEED + max(1, rounds))
        print(f"{kind}: seeds {seeds[0]} to {seeds[-1]}", file=sys.stderr, flush=True)
        with (
            temporary_folder("mh-") as folder,
            concurrent.futures.ThreadPoolExecutor(WORLDS) as worlds,
        ):
            told = worlds.map(lambda seed: play_round(folder, kind, seed), seeds)
            failures = [text for text in told if text]
        if failures:
            self.fail("\n".join([f"{len(failures)} of {len(seeds)} rounds:", *failures]))


def play_round(parent: Path, kind: str, seed: int) -> str:
    """What the round said when it failed, else an empty string."""
    folder = parent / f"{kind}-{seed}"
    log = parent / f"{kind}-{seed}.log"
    child = Child(
        [sys.executable, "-m", "mailhaul_support.chaos_round", kind, seed, folder],
        log=log,
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
    )
    try:
        code = child.wait(ROUND_SECONDS)
    except subprocess.TimeoutExpired:
        code = f"no end within {ROUND_SECONDS} s"
        child.kill()
    if code == 0:
        shutil.rmtree(folder, ignore_errors=True)
        return ""
    kept = Path(tempfile.mkdtemp(prefix=f"mailhaul-chaos-{kind}-{seed}-"))
    shutil.copytree(folder, kept, dirs_exist_ok=True, ignore=_sockets)
    shutil.rmtree(folder, ignore_errors=True)
    return f"--- {kind} {seed}: {code}; kept in {kept}\n{log.read_text(errors='replace')}"


def _sockets(folder, names):
    """What cannot be copied, and the mail itself."""
    return [n for n in names if n in ("home", "mail") or not _is_plain(Path(folder, n))]


def _is_plain(path: Path) -> bool:
    return path.is_dir() or path.is_file()


if __name__ == "__main__":
    unittest.main()
