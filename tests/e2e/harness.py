"""What the end-to-end tests have in common: servers, the migration, and the judgement of what
arrived.
"""

import os
import unittest

from mailhaul_support.compare import differences, read_account
from mailhaul_support.cyrus import CyrusServer
from mailhaul_support.dovecot import DovecotServer
from mailhaul_support.fill import fill
from mailhaul_support.mailhaul import (
    CANARY,
    TELLING_PART,
    Mailhaul,
    Row,
    Side,
    faults_said,
    write_csv,
)
from mailhaul_support.processes import NotInstalled, temporary_folder

class EndToEnd(unittest.TestCase):
    """Every account's password is one canary, and no test passes when it shows up in anything
    mailhaul said.
    """

    CANARY = CANARY
    TELLING_PART = TELLING_PART
    maxDiff = None

    def setUp(self):
        self.folder = self.enterContext(temporary_folder())
        self.mailhaul = Mailhaul(self.folder / "said")
        self.addCleanup(self.look_at_what_was_said)

    def look_at_what_was_said(self):
        self.assertEqual([], faults_said(self.folder / "said"))

    def dovecot(self, name: str, users, **options) -> DovecotServer:
        passwords = dict.fromkeys(users, self.CANARY)
        return self.enterContext(DovecotServer(self.folder / name, passwords=passwords, **options))

    def cyrus(self, name: str, **options) -> CyrusServer:
        try:
            return self.enterContext(CyrusServer(self.folder / name, **options))
        except NotInstalled as missing:
            if os.environ.get("CI"):
                raise
            self.skipTest(str(missing))

    def fill(self, server, user: str, corpus):
        return fill(server.port, user, corpus, password=self.CANARY)

    def side(self, user: str, port: int, **changes) -> Side:
        return Side(**{"user": user, "password": self.CANARY, "port": port, **changes})

    def row(self, user: str, source_port: int, destination_port: int, **changes) -> Row:
        """One mailbox with the same name on both sides."""
        return Row(self.side(user, source_port), self.side(user, destination_port), **changes)

    def migrate(self, rows, *options, seconds: float = 120):
        jobs = write_csv(self.folder / "jobs.csv", rows)
        return self.mailhaul.run(
            "run",
            jobs,
            "--state-dir",
            self.folder / "state",
            "-o",
            "json",
            *options,
            seconds=seconds,
        )

    def read(self, server, user: str):
        return read_account(server.port, user, password=self.CANARY)

    def assert_arrived(self, user: str, source, destination, **known) -> None:
        """Nothing differs between the two sides, but for what is `known` (see differences())."""
        self.assert_no_difference(self.read(source, user), self.read(destination, user), **known)

    def assert_no_difference(self, before, after, **known) -> None:
        found = differences(before, after, **known)
        self.assertEqual([], found, f"{len(found)} differences")
