"""The owner of a mailbox who works in it while it is being filled: writes, copies and deletes mail,
and remembers what.
"""

import contextlib
import imaplib
import random
import re
import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

from .compare import Account, item_of, log_in, mailboxes, messages_in, ok
from .mailbox_names import quote

_REST = (0.03, 0.3)  # seconds between two deeds
_DEED_SECONDS = 40  # a server may be away for a while
_ANSWER_SECONDS = 10
_DATE = '"01-Jul-2021 09:00:00 +0000"'


@dataclass
class Changes:
    """What the user did, as multisets of (folder, Item): mail of his own and copies of mail that
    are there because of him, and mail of the migration that he deleted.
    """

    added: Counter = field(default_factory=Counter)
    deleted: Counter = field(default_factory=Counter)

    def __str__(self):
        return f"added {self.added.total()} and deleted {self.deleted.total()}"


class BusyUser:
    """Works from start() until stop(). Every deed is repeated until its outcome is known, however
    often the server dies meanwhile.

    source: what will arrive. settled: gives the folders whose copies are all accounted for; only
    there he deletes mail that came from the source, since whether a message whose arrival nobody
    has recorded was deleted or never sent cannot be told by anyone.
    """

    def __init__(self, port: int, user: str, password: str, source: Account, settled, seed):
        self.name = user
        self.changes = Changes()
        self._fault = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._log_in = lambda: log_in(port, user, password=password, seconds=_ANSWER_SECONDS)
        self._source = source
        self._settled = settled
        self._chance = random.Random(f"busy {seed} {user}")
        self._own = []  # (folder, Item, Message-ID) of what he added
        self._written = 0
        self._stopped = threading.Event()
        self._client = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Waits for the last deed; AssertionError when he could not work."""
        self._stopped.set()
        self._thread.join(_DEED_SECONDS + _ANSWER_SECONDS)
        if self._fault or self._thread.is_alive():
            raise AssertionError(f"the busy user {self.name}: {self._fault or 'hangs'}")

    def _work(self) -> None:
        deeds = (self._write, self._write, self._copy, self._delete_own, self._delete_settled)
        try:
            while not self._stopped.wait(self._chance.uniform(*_REST)):
                self._chance.choice(deeds)()
            self._close()
        except Exception:  # whatever it is, the round must not pass as if he had worked
            self._fault = traceback.format_exc()

    # ---- deeds ----

    def _write(self) -> None:
        path = self._chance.choice(self._insist(self._folders))
        self._written += 1
        identity = f"<own-{self._written}.{self.name}>"
        message = (
            f"From: {self.name}\r\nSubject: my own {self._written}\r\nMessage-ID: {identity}\r\n"
            "\r\nwritten in the middle of it all\r\n"
        ).encode()

        def append():
            mailbox = self._mailbox(path)
            if not self._find(path, identity):
                ok(self._client.append(mailbox, "(\\Flagged)", _DATE, message))
            return self._item(path, self._find(path, identity))

        self._remember(path, self._insist(append), identity)

    def _copy(self) -> None:
        """Into a folder that the source does not have this message in: there it is his own."""
        found = self._insist(self._any_message)
        if not found:
            return
        item, origin, uid, identity = found
        target = self._chance.choice(self._insist(self._folders))
        if not identity or self._comes_from_source(target, item) or target == origin:
            return
        if self._insist(lambda: self._find(target, identity)):
            return

        def copy():
            if not self._find(target, identity):
                self._select(origin)
                ok(self._client.uid("COPY", uid, self._mailbox(target)))
            return self._item(target, self._find(target, identity))

        self._remember(target, self._insist(copy), identity)

    def _delete_own(self) -> None:
        if not self._own:
            return
        path, item, identity = self._own.pop(self._chance.randrange(len(self._own)))
        uid = self._insist(lambda: self._find(path, identity))
        self._delete(path, uid)
        self.changes.added[path, item] -= 1

    def _delete_settled(self) -> None:
        settled = [path for path in self._settled() if self._source.folders[path]]
        if not settled:
            return
        path = self._chance.choice(settled)
        found = self._insist(lambda: self._message_of(path))
        if found and self._comes_from_source(path, found[0]):
            self._delete(path, found[2])
            self.changes.deleted[path, found[0]] += 1

    def _delete(self, path, uid: str) -> None:
        def delete():
            self._select(path)
            ok(self._client.uid("STORE", uid, "+FLAGS.SILENT", "(\\Deleted)"))
            ok(self._client.uid("EXPUNGE", uid))
            return True

        self._insist(delete)

    # ---- looking ----

    def _folders(self):
        return [self._layout.path(name) for name in mailboxes(self._client)]

    def _any_message(self):
        return self._message_of(self._chance.choice(self._folders()))

    def _message_of(self, path):
        """(Item, folder, UID, Message-ID) of one at random, None in an empty folder."""
        self._select(path)
        uids = ok(self._client.uid("SEARCH", "ALL"))[0].split()
        if not uids:
            return None
        uid = self._chance.choice(uids).decode()
        head, body = self._fetch(uid)
        identity = re.search(rb"(?im)^message-id: *(<[^>\r]*>)", body)
        return item_of(head, body), path, uid, identity and identity[1].decode()

    def _find(self, path, identity: str) -> str:
        """The UID of the message with this Message-ID, "" when there is none."""
        self._select(path)
        uids = ok(self._client.uid("SEARCH", "HEADER", "Message-ID", quote(identity)))[0].split()
        return uids[0].decode() if uids else ""

    def _item(self, path, uid: str):
        self._select(path)
        return item_of(*self._fetch(uid))

    def _fetch(self, uid: str):
        answer = ok(self._client.uid("FETCH", uid, "(FLAGS INTERNALDATE BODY.PEEK[])"))
        return next(messages_in(answer))

    def _comes_from_source(self, path, item) -> bool:
        bodies = {other.sha256 for other in self._source.folders.get(path, ())}
        return item.sha256 in bodies

    def _remember(self, path, item, identity: str) -> None:
        self.changes.added[path, item] += 1
        self._own.append((path, item, identity))

    # ---- the connection ----

    def _insist(self, deed):
        """The deed's result, on a new connection as often as it takes."""
        end = time.monotonic() + _DEED_SECONDS
        while True:
            try:
                if self._client is None:
                    self._client, self._layout = self._log_in()
                return deed()
            except (imaplib.IMAP4.error, OSError) as failure:
                self._close()
                if time.monotonic() > end:
                    raise TimeoutError(f"not within {_DEED_SECONDS} s: {failure}") from failure
                self._stopped.wait(0.1)

    def _close(self) -> None:
        if self._client:
            with contextlib.suppress(OSError):
                self._client.shutdown()
        self._client = None

    def _select(self, path) -> None:
        ok(self._client.select(self._mailbox(path)))

    def _mailbox(self, path) -> str:
        return quote(self._layout.mailbox(path))
