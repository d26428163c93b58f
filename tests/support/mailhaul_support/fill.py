"""Writes a corpus into an account by IMAP: MULTIAPPEND and LITERAL+ on a bare socket.

    python3 -m mailhaul_support.fill 127.0.0.1:1143 anna pw mix-500
"""

import argparse
import re
import socket
from dataclasses import dataclass, field

from .corpus import Corpus, Message, by_name
from .mailbox_names import INBOX, Layout, parse_namespace, quote

_BATCH_MESSAGES = 100
_BATCH_OCTETS = 8 << 20
_BATCHES_IN_FLIGHT = (
    2  # their short replies always fit the socket's buffer, so that nobody waits for nobody
)


class Refused(Exception):
    """The server said NO or BAD; the text is its own."""


@dataclass
class Filled:
    """What was written, and what the server would not take."""

    messages: int = 0
    octets: int = 0
    folders_left_out: list[tuple[str, ...]] = field(default_factory=list)
    messages_left_out: list[Message] = field(default_factory=list)


class _Session:
    """Just enough IMAP to write: commands in a pipeline, replies in order."""

    def __init__(self, host: str, port: int, user: str, password: str):
        self._socket = socket.create_connection((host, port), timeout=300)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = self._socket.makefile("rb")
        self._tag = 0
        self._lines.readline()
        self.run(f"LOGIN {quote(user)} {quote(password)}")
        self.layout = self._read_layout()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._lines.close()
        self._socket.close()

    def start(self, *parts: bytes) -> None:
        self._tag += 1
        self._socket.sendall(b"".join((b"t%d " % self._tag, *parts, b"\r\n")))

    def finish(self) -> list[str]:
        """The untagged lines of the oldest command in flight; Refused when it failed."""
        untagged = []
        while True:
            line = self._lines.readline().decode(errors="replace")
            if not line:
                raise ConnectionError("the server closed the connection")
            if line.startswith("t"):
                if " OK" not in line[:16]:
                    raise Refused(line.strip())
                return untagged
            untagged.append(line)

    def run(self, command: str) -> list[str]:
        self.start(command.encode())
        return self.finish()

    def _read_layout(self) -> Layout:
        return next(
            parse_namespace(line)
            for line in self.run("NAMESPACE")
            if line.startswith("* NAMESPACE")
        )


def fill(
    port: int, user: str, corpus: Corpus, *, password: str = "pw", host: str = "127.0.0.1"
) -> Filled:
    """Adds the corpus to the account; what the server refuses is in the result, unless it had to
    take it.
    """
    filled = Filled()
    with _Session(host, port, user, password) as session:
        usable = [path for path in corpus.folders if _create(session, path)]
        filled.folders_left_out = [path for path in corpus.folders if path not in usable]
        _append_all(session, (m for m in corpus.messages() if m.folder in usable), filled)
    return filled


def _create(session: _Session, path) -> bool:
    if path == INBOX:
        return True
    if not session.layout.can_hold(path):
        return False
    mailbox = quote(session.layout.mailbox(path))
    try:
        session.run(f"CREATE {mailbox}")
    except Refused as refusal:
        if "exists" not in str(refusal).lower():  # with or without RFC 5530's code
            return False
    session.run(f"SUBSCRIBE {mailbox}")
    return True


def _append_all(session: _Session, messages, filled: Filled) -> None:
    in_flight = 0
    for batch in _batches(messages):
        if batch[0].optional:
            in_flight = _finish(session, in_flight, down_to=0)
            if not _append_optional(session, batch):
                filled.messages_left_out += batch
                continue
        else:
            session.start(*_append_command(session.layout, batch))
            in_flight = _finish(session, in_flight + 1, down_to=_BATCHES_IN_FLIGHT - 1)
        filled.messages += len(batch)
        filled.octets += sum(len(message.octets) for message in batch)
    _finish(session, in_flight, down_to=0)


def _finish(session: _Session, in_flight: int, down_to: int) -> int:
    while in_flight > down_to:
        session.finish()
        in_flight -= 1
    return in_flight


def _append_optional(session: _Session, batch) -> bool:
    session.start(*_append_command(session.layout, batch))
    try:
        session.finish()
    except Refused:
        return False
    return True


def _batches(messages):
    """Runs of messages for one folder; optional ones alone, for one refusal refuses the whole
    batch.
    """
    batch, octets = [], 0
    for message in messages:
        fits = (
            batch
            and not message.optional
            and not batch[0].optional
            and message.folder == batch[0].folder
            and len(batch) < _BATCH_MESSAGES
            and octets + len(message.octets) <= _BATCH_OCTETS
        )
        if batch and not fits:
            yield batch
            batch, octets = [], 0
        batch.append(message)
        octets += len(message.octets)
    if batch:
        yield batch


def _append_command(layout: Layout, batch) -> list[bytes]:
    """APPEND with as many messages as the batch has (RFC 3502), in literals that wait for nothing
    (RFC 7888).
    """
    parts = [f"APPEND {quote(layout.mailbox(batch[0].folder))}".encode()]
    for message in batch:
        head = f' ({" ".join(message.flags)}) "{message.date}" {{{len(message.octets)}+}}\r\n'
        parts += [head.encode(), message.octets]
    return parts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", help="host:port, plain text")
    parser.add_argument("user")
    parser.add_argument("password")
    parser.add_argument("corpus", help="small, mix, big, nasty, or with a count: mix-500")
    options = parser.parse_args()
    host, port = re.fullmatch(r"(.*):(\d+)", options.server).groups()
    filled = fill(
        int(port), options.user, by_name(options.corpus), password=options.password, host=host
    )
    print(
        f"{filled.messages} messages, {filled.octets} octets; left out: "
        f"{len(filled.messages_left_out)} messages, "
        f"{len(filled.folders_left_out)} folders"
    )


if __name__ == "__main__":
    main()
