"""The judges judged: the comparison sees every kind of difference, the proxy counts, delays and
cuts.
"""

import socket
import time
import unittest
from collections import Counter
from dataclasses import replace

from mailhaul_support.busy_user import Changes
from mailhaul_support.chaos_judge import Refusals, lost_and_doubled
from mailhaul_support.compare import Account, Item
from mailhaul_support.corpus import Corpus, Message
from mailhaul_support.proxy import Proxy, Without
from mailhaul_support.scripted import ScriptedServer

from .harness import EndToEnd

USER = "anna"
FOLDERS = (("INBOX",), ("Sent",))
MESSAGES = (
    Message(("INBOX",), b"Subject: one\r\n\r\nbody\r\n", ("\\Seen", "$Forwarded")),
    Message(("INBOX",), b"Subject: two\r\n\r\nbody\r\n"),
    Message(("Sent",), b"Subject: three\r\n\r\nbody\r\n", (), "01-Jul-1985 10:00:00 +0200"),
)


class ComparisonSees(EndToEnd):
    def differences_after(self, messages, folders=FOLDERS):
        source = self.dovecot("source", [USER])
        destination = self.dovecot("destination", [USER])
        self.fill(source, USER, Corpus("original", FOLDERS, lambda: iter(MESSAGES)))
        self.fill(destination, USER, Corpus("changed", folders, lambda: iter(messages)))
        self.assert_arrived(USER, source, destination)

    def assert_seen(self, messages, **folders):
        with self.assertRaises(AssertionError):
            self.differences_after(messages, **folders)

    def test_nothing_when_all_is_alike(self):
        self.differences_after(MESSAGES)

    def test_the_same_instant_in_another_zone_is_alike(self):
        self.differences_after(
            (*MESSAGES[:2], replace(MESSAGES[2], date="01-Jul-1985 08:00:00 +0000"))
        )

    def test_a_missing_message(self):
        self.assert_seen(MESSAGES[:2])

    def test_a_message_that_is_there_twice(self):
        self.assert_seen((*MESSAGES, MESSAGES[0]))

    def test_one_changed_octet(self):
        self.assert_seen(
            (replace(MESSAGES[0], octets=b"Subject: one\r\n\r\nbodY\r\n"), *MESSAGES[1:])
        )

    def test_a_lost_keyword(self):
        self.assert_seen((replace(MESSAGES[0], flags=("\\Seen",)), *MESSAGES[1:]))

    def test_a_date_one_second_off(self):
        self.assert_seen((*MESSAGES[:2], replace(MESSAGES[2], date="01-Jul-1985 10:00:01 +0200")))

    def test_a_message_in_the_wrong_folder(self):
        self.assert_seen((*MESSAGES[:2], replace(MESSAGES[2], folder=("INBOX",))))

    def test_a_folder_too_many(self):
        self.assert_seen(MESSAGES, folders=(*FOLDERS, ("Extra",)))


class HarnessSees(EndToEnd):
    def assert_seen(self, text: str):
        said = self.folder / "said" / "1-run.log"
        said.write_text(text)
        with self.assertRaises(AssertionError):
            self.look_at_what_was_said()
        said.unlink()

    def test_a_password_in_what_was_said(self):
        self.assert_seen(f"cannot log in with {self.CANARY}")

    def test_a_sanitizers_report(self):
        self.assert_seen("==1==ERROR: AddressSanitizer: heap-use-after-free")


class ProxyDoes(EndToEnd):
    def greeting_through(self, **options):
        """What a client gets to read until the end, and after how many seconds it began."""
        server = self.enterContext(ScriptedServer(b"* OK hello\r\n", stay=False))
        self.proxy = self.enterContext(Proxy(self.folder, server.port, **options))
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.proxy.port)) as client:
            first = client.recv(1)
            seconds = time.monotonic() - began
            return first + b"".join(iter(lambda: client.recv(100), b"")), seconds

    def test_pass_on_every_octet(self):
        self.assertEqual(b"* OK hello\r\n", self.greeting_through()[0])

    def test_take_half_the_round_trip_one_way(self):
        self.assertGreaterEqual(self.greeting_through(round_trip_ms=200)[1], 0.1)

    def test_cut_after_so_many_octets(self):
        self.assertEqual(b"* OK", self.greeting_through(cut_after=4)[0])

    def test_count_octets_each_way(self):
        self.greeting_through()
        self.assertEqual((0, 12), (self.proxy.octets_up(), self.proxy.octets_down()))

    def test_count_connections_open_at_the_same_instant(self):
        server = self.enterContext(ScriptedServer(b"* OK hello\r\n"))
        proxy = self.enterContext(Proxy(self.folder, server.port))
        for together in (3, 2):
            clients = [socket.create_connection(("127.0.0.1", proxy.port)) for _ in range(together)]
            for client in clients:
                client.recv(100)
            for client in clients:
                client.close()
        self.assertEqual((3, 5), (proxy.peak_connections(), proxy.total_connections()))


class FilterDoes(EndToEnd):
    def seen(self, octets: bytes, *, hide="UIDPLUS") -> bytes:
        """What a client sees of a server that says `octets`."""
        server = self.enterContext(ScriptedServer(octets, stay=False))
        hidden = self.enterContext(Without(self.folder, server.port, hide))
        with socket.create_connection(("127.0.0.1", hidden.port)) as client:
            return b"".join(iter(lambda: client.recv(1000), b""))

    def test_hide_a_capability_wherever_it_is_told(self):
        self.assertEqual(
            b"* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n* CAPABILITY IMAP4rev1\r\n",
            self.seen(
                b"* OK [CAPABILITY IMAP4rev1 UIDPLUS IDLE] hi\r\n"
                b"* CAPABILITY IMAP4rev1 uidplus\r\n"
            ),
        )

    def test_hide_the_codes_that_come_with_it(self):
        self.assertEqual(b"t1 OK done\r\n", self.seen(b"t1 OK [APPENDUID 1 2:3] done\r\n"))
        modseq = b"* OK [HIGHESTMODSEQ 7] Highest\r\n"
        self.assertEqual(b"* OK Highest\r\n", self.seen(modseq, hide="CONDSTORE"))
        self.assertEqual(modseq, self.seen(modseq))

    def test_touch_no_literal(self):
        message = b"t1 OK [APPENDUID 1 2] here {9}\r\n* CAPABILITY UIDPLUS\r\n"
        response = b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s FLAGS ())\r\n" % (len(message), message)
        self.assertEqual(response, self.seen(response))


class UserChangesAreNoDifference(EndToEnd):
    """What chaos_judge makes of a mailbox that its user works in."""

    ITEM = Item("a" * 64, frozenset(), 0)
    INBOX = ("INBOX",)

    def judge(self, arrived: int, *, may_return=False, **changes):
        key = (self.INBOX, self.ITEM)
        changed = Changes(**{what: Counter({key: n}) for what, n in changes.items()})
        accounts = [
            Account({self.INBOX: Counter({self.ITEM: n})}, {self.ITEM.sha256: "it"})
            for n in (2, arrived)
        ]
        return lost_and_doubled(*accounts, changed, Refusals(), may_return=may_return)

    def test_what_he_added_or_deleted_is_expected(self):
        self.assertEqual([], self.judge(3, added=1))
        self.assertEqual([], self.judge(1, deleted=1))

    def test_a_loss_and_a_double_beside_it_are_seen(self):
        self.assertTrue(self.judge(2, added=1))
        self.assertTrue(self.judge(4, added=1))
        self.assertTrue(self.judge(0, deleted=1))
        self.assertTrue(self.judge(2, deleted=1))

    def test_what_he_deleted_may_return_once_after_redis_forgot_it(self):
        self.assertEqual([], self.judge(2, deleted=1, may_return=True))
        self.assertTrue(self.judge(3, deleted=1, may_return=True))


if __name__ == "__main__":
    unittest.main()
