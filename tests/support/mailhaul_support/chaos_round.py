"""One round of the chaos test: three mailboxes migrate while whatever takes part is killed.

    PYTHONPATH=tests/support python3 -m mailhaul_support.chaos_round plain 17 /tmp/round

Says what happens when, and ends with 1 and every difference when the promise was broken. The same
kind and seed give the same blows at the same instants. The folder is left as it is.
"""

import argparse
import contextlib
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from .blows import plan
from .busy_user import BusyUser, Changes
from .chaos_judge import Refusals, lost_and_doubled, without_refused, wrong_numbers
from .compare import read_account
from .corpus_chaos import chaos
from .corpus_nasty import (
    FOLDERS_REFUSED_BY_CYRUS,
    FOLDERS_REFUSED_BY_MAILDIR,
    MESSAGES_REFUSED_BY_CYRUS,
)
from .cyrus import CyrusServer
from .dovecot import DovecotServer
from .fill import fill
from .mailhaul import CANARY, Cluster, Mailhaul, Row, Side, faults_said, write_csv
from .operator_client import Client, Submission
from .processes import unwind_on_sigterm, wait_until
from .proxy import Proxy, Without
from .redis import RedisServer
from .victims import Victims

USERS = tuple(f"{name}@old.example" for name in ("anna", "bernd", "chiara"))
LEASE_SECONDS = 3
GRACE_SECONDS = LEASE_SECONDS / 2
OCTETS_PER_SECOND = 300_000  # from the source, so that there is a middle
ROUND_TRIPS_MS = (0, 20, 100)  # to the destination, so that there is something on the road
SUBMIT_SECONDS = 60
END_SECONDS = 90
FAULTS_TOLD = 20


@dataclass(frozen=True)
class Kind:
    """What is special about a round. clients: submit the same pairs at the same time."""

    uidplus: bool = True
    busy_user: bool = False
    cyrus: bool = False
    clients: int = 1


KINDS = {
    "plain": Kind(),
    "cyrus": Kind(cyrus=True),
    "two-clients": Kind(clients=2),
    "no-uidplus": Kind(uidplus=False),
    "busy-user": Kind(busy_user=True),
    "busy-user-no-uidplus": Kind(busy_user=True, uidplus=False),
}


class Round:
    def __init__(self, kind: Kind, seed: int, folder):
        self.kind = kind
        self.seed = seed
        self.folder = Path(folder)
        self.chance = random.Random(f"round {seed}")
        self.mailhaul = Mailhaul(self.folder / "said")
        self.refusals = Refusals()
        self.redis_lost_something = False
        self._began = time.monotonic()

    def say(self, what: str) -> None:
        print(f"{time.monotonic() - self._began:6.2f} {what}", flush=True)

    def run(self) -> list[str]:
        """What went wrong, a line each."""
        with contextlib.ExitStack() as stack:
            self._set_up(stack)
            try:
                self._play()
            except (AssertionError, TimeoutError) as failure:
                return [str(failure)]
            return [*self._judge(), *faults_said(self.folder / "said")]

    # ---- the world ----

    def _set_up(self, stack) -> None:
        self.redis = RedisServer(self.folder / "redis", keep_on_disk=True, fsync="everysec")
        stack.enter_context(self.redis)
        self.source = stack.enter_context(self._dovecot("source"))
        self.destination = stack.enter_context(self._destination())
        for user in USERS:
            fill(self.source.port, user, chaos(user), password=CANARY)
        self.before = {user: self._read(self.source, user) for user in USERS}
        self.coming = {u: without_refused(self.before[u], self.refusals) for u in USERS}
        roads = self._roads(stack)
        self.csv = write_csv(self.folder / "jobs.csv", [self._row(user, *roads) for user in USERS])
        self.cluster = stack.enter_context(
            Cluster(self.mailhaul, self.redis.address, options=("--lease", f"{LEASE_SECONDS}s"))
        )
        self.client = Client(self.folder / "said/operator", self.cluster.address)
        self.victims = Victims(self.cluster, self.redis, self.source, self.destination)
        self.submissions = [
            Submission(self._client(f"client-{number}"), self.csv, f"client-{number}")
            for number in range(self.kind.clients)
        ]
        self.users = [self._busy_user(user) for user in USERS] if self.kind.busy_user else []

    def _dovecot(self, name: str, **options) -> DovecotServer:
        passwords = dict.fromkeys(USERS, CANARY)
        return DovecotServer(self.folder / name, passwords=passwords, **options)

    def _destination(self):
        if self.kind.cyrus:
            self.refusals = Refusals(
                frozenset(FOLDERS_REFUSED_BY_CYRUS), frozenset(MESSAGES_REFUSED_BY_CYRUS), True
            )
            return CyrusServer(self.folder / "destination")
        # A killed Dovecot that keeps sdbox or mdbox may show the mail of an APPEND it was killed in
        # only after the next one, when it rebuilds its index: nobody can know of it in time.
        self.refusals = Refusals(frozenset(FOLDERS_REFUSED_BY_MAILDIR))
        return self._dovecot("destination", storage="maildir")

    def _roads(self, stack):
        """The ports that mailhaul gets to see of the source and of the destination."""
        source = Proxy(self.folder, self.source.port, octets_per_second=OCTETS_PER_SECOND)
        behind = self.destination.port
        if not self.kind.uidplus:
            behind = stack.enter_context(Without(self.folder, behind, "UIDPLUS")).port
        delay = self.chance.choice(ROUND_TRIPS_MS)
        destination = Proxy(self.folder, behind, round_trip_ms=delay)
        return [stack.enter_context(road).port for road in (source, destination)]

    def _row(self, user: str, source_port: int, destination_port: int) -> Row:
        return Row(Side(user, CANARY, source_port), Side(user, CANARY, destination_port))

    def _client(self, name: str) -> Client:
        return Client(self.folder / "said" / name, self.cluster.address)

    def _read(self, server, user: str):
        return read_account(server.port, user, password=CANARY)

    def _busy_user(self, user: str) -> BusyUser:
        client = self._client(f"user-{user}")
        return BusyUser(
            *(self.destination.port, user, CANARY, self.coming[user]),
            settled=lambda: self._settled(client, user),
            seed=self.seed,
        )

    def _settled(self, client: Client, user: str):
        """The folders of which the report says that nothing is left to do."""
        jobs = client.jobs(self.submissions[0].batch) if self.submissions[0].batch else None
        for job in jobs or ():
            if USERS.index(user) + 1 == int(job["name"].rsplit("/", 1)[1]):
                folders = job.get("folder_reports", ())
                names = [f["source_mailbox"] for f in folders if f.get("done")]
                return [path for path in self.coming[user].folders if "/".join(path) in names]
        return []

    # ---- what happens ----

    def _play(self) -> None:
        self.say("begin")
        for submission in self.submissions:
            submission.hand_in()
        for user in self.users:
            user.start()
        self._strike()
        for submission in self.submissions:
            submission.finish(SUBMIT_SECONDS)
        self.say("the end is awaited")
        self._wait_for_the_end()
        for user in self.users:
            user.stop()
            self.say(f"{user.name} {user.changes}")
        self.victims.check_alive()
        self.say("ended")

    def _strike(self) -> None:
        blows = plan(self.seed, LEASE_SECONDS + GRACE_SECONDS)
        events = [(blow.at, number, blow) for number, blow in enumerate(blows)]
        events += [(blow.at + blow.pause, number, blow) for number, blow in enumerate(blows)]
        began, struck = time.monotonic(), set()
        for at, number, blow in sorted(events, key=lambda event: event[:2]):
            time.sleep(max(0, began + at - time.monotonic()))
            if number in struck:
                self.say(self.victims.mend(blow))
                self._hand_in_again(blow)
            else:
                struck.add(number)
                self.say(self.victims.strike(blow))

    def _hand_in_again(self, blow) -> None:
        """As an operator would who reads that Redis came back without its last moments."""
        if blow.manner == "cut":
            self.redis_lost_something = True
            for submission in self.submissions:
                submission.hand_in()

    def _wait_for_the_end(self) -> None:
        try:
            wait_until(self._all_ended, seconds=END_SECONDS, every=0.3, what="the end of every job")
        except TimeoutError as late:
            raise AssertionError(f"{late}: {self.client.ask('list').everything()}") from late

    def _all_ended(self) -> bool:
        batches = self.client.batches() or []
        ended = {batch["name"] for batch in batches if batch["state"] == "ENDED"}
        mine = {submission.batch for submission in self.submissions}
        return mine <= ended and len(ended) == len(batches)

    # ---- the judgement ----

    def _judge(self) -> list[str]:
        changes = {user.name: user.changes for user in self.users}
        faults = []
        for user in USERS:
            lines = lost_and_doubled(
                self.coming[user],
                self._read(self.destination, user),
                changes.get(user, Changes()),
                self.refusals,
                may_return=self.redis_lost_something,
            )
            faults += [f"{user}: {line}" for line in lines]
        for submission in self.submissions:
            for job, user in zip(self.client.jobs(submission.batch), USERS):
                faults += wrong_numbers(job, self.before[user], self.coming[user])
        return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("seed", type=int)
    parser.add_argument("folder", help="for everything; short, since it holds sockets")
    options = parser.parse_args()
    unwind_on_sigterm()
    Path(options.folder).mkdir(parents=True, exist_ok=True)
    chaos_round = Round(KINDS[options.kind], options.seed, options.folder)
    faults = chaos_round.run()
    chaos_round.say(f"{options.kind} {options.seed}: {len(faults)} faults")
    print("\n".join(faults[:FAULTS_TOLD]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
