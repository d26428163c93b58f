"""The judges judged: the comparison sees every kind of difference, the proxy counts, delays and
cuts.
"""

import socket
import time
import unittest
from dataclasses import replace

from mailhaul_support.corpus import Corpus, Message
from mailhaul_support.proxy import Proxy
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


if __name__ == "__main__":
    unittest.main()
