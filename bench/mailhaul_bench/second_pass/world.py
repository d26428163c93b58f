"""The servers of bench/second_pass: one source, one destination, and the roads to them."""

import contextlib
import subprocess
import sys
from pathlib import Path

from mailhaul_support.compare import log_in, ok
from mailhaul_support.corpus import Corpus
from mailhaul_support.corpus_many import INBOX
from mailhaul_support.dovecot import PASSWORD, DovecotServer
from mailhaul_support.fill import fill
from mailhaul_support.mail_client import MailClient
from mailhaul_support.proxy import Proxy, Without

from ..measure import Broken

_UIDS_IN_A_COMMAND = 500
# Dovecot keeps the headers of a million messages in a file of 300 MB, and maps it into memory: its
# usual limit of 256 MB would end the session.
_DOVECOT = {"storage": "mdbox", "extra": "default_vsz_limit = 2 G"}


class Account:
    """A user of one of the servers, as a person with a mail program sees it."""

    def __init__(self, server: DovecotServer, user: str):
        self.user = user
        self._server = server

    @property
    def home(self) -> Path:
        return self._server.folder / "home" / self.user

    def fill(self, corpus: Corpus) -> None:
        say(f"{self.user}: the mail is written ...")
        fill(self._server.port, self.user, corpus)

    def become(self, other: "Account") -> None:
        """Its server's files are copied, with owners: a hundred times faster than by IMAP. Nobody
        may be logged in to either.
        """
        say(f"{self.user}: the mail is copied ...")
        self.home.parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", other.home, self.home], check=True)

    def expect(self, messages: int) -> None:
        with MailClient(self._server.port, self.user, PASSWORD) as client:
            found = client.count(INBOX)
        if found != messages:
            raise Broken(f"{self.user} holds {found:,} messages, not {messages:,}")

    def write(self, subject: str) -> None:
        with MailClient(self._server.port, self.user, PASSWORD) as client:
            client.write(INBOX, subject)

    def delete(self, uids: range) -> None:
        with self._selected() as client:
            _store(client, uids, "\\Deleted")
            ok(client.close())

    def flag(self, uids: range) -> None:
        with self._selected() as client:
            _store(client, uids, "\\Flagged")

    def flagged(self) -> int:
        with self._selected() as client:
            return len(ok(client.uid("SEARCH", "FLAGGED"))[0].split())

    @contextlib.contextmanager
    def _selected(self):
        client, _ = log_in(self._server.port, self.user, password=PASSWORD)
        try:
            ok(client.select("INBOX"))
            yield client
        finally:
            client.logout()


def _store(client, uids: range, flag: str) -> None:
    for first in range(0, len(uids), _UIDS_IN_A_COMMAND):
        some = ",".join(map(str, uids[first : first + _UIDS_IN_A_COMMAND]))
        ok(client.uid("STORE", some, "+FLAGS.SILENT", f"({flag})"))


class Road:
    """The way to a server, on one port all the time: the port is part of what a pair is known by.
    It counts the octets that the server sends.
    """

    def __init__(self, folder: Path, target_port: int):
        self._folder = folder
        self._target_port = target_port
        self._proxy = Proxy(folder, target_port)
        self.port = self._proxy.port

    def __enter__(self):
        self._proxy.__enter__()
        return self

    def __exit__(self, *_):
        self._proxy.__exit__()

    def octets(self) -> int:
        return self._proxy.octets_down()

    @contextlib.contextmanager
    def without(self, *hidden: str):
        """The server is seen as if it did not have these capabilities. Nobody may be on the way."""
        with Without(self._folder, self._target_port, *hidden) as seen:
            self._lead_to(seen.port)
            try:
                yield
            finally:
                self._lead_to(self._target_port)

    def _lead_to(self, port: int) -> None:
        self._proxy.__exit__()
        self._proxy = Proxy(self._folder, port, port=self.port)
        self._proxy.__enter__()


class World:
    """Runs while the `with` block does."""

    def __init__(self, folder: Path):
        self.folder = folder
        # mdbox: several messages in a file. A million files would be what is measured.
        self._source = DovecotServer(folder / "source", **_DOVECOT)
        self._destination = DovecotServer(folder / "destination", **_DOVECOT)
        self._roads = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            for server in (self._source, self._destination):
                stack.enter_context(server)
            self.source_road = stack.enter_context(Road(self.folder, self._source.port))
            self.destination_road = stack.enter_context(Road(self.folder, self._destination.port))
            self._roads = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._roads.close()

    def at_source(self, user: str) -> Account:
        return Account(self._source, user)

    def at_destination(self, user: str) -> Account:
        return Account(self._destination, user)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
