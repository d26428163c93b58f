"""A corpus rendered as the IMAP commands that move it unasked: what bench_floor sends."""

import contextlib
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

from mailhaul_support.corpus import Corpus
from mailhaul_support.mailbox_names import Layout, quote

# The messages in one APPEND command: more than one is MULTIAPPEND (RFC 3502).
BATCHES = {"append": 1, "multiappend": 100}
_LAYOUT = Layout(prefix="", delimiter="/")  # both servers are ours


@dataclass(frozen=True)
class Streams:
    drain: Path
    fill: dict[str, Path]  # by the names of BATCHES
    messages: int
    octets: int  # of the messages alone


def render(corpus: Corpus, folder: Path) -> Streams:
    folder.mkdir()
    drain = folder / "drain"
    _write_drain(drain, corpus)
    fill = {name: folder / name for name in BATCHES}
    messages = octets = 0
    with contextlib.ExitStack() as stack:
        outputs = [
            (stack.enter_context(path.open("wb")), BATCHES[name]) for name, path in fill.items()
        ]
        for out, _ in outputs:
            out.write(
                b"".join(
                    b"f CREATE " + _mailbox(f) + b"\r\n" for f in corpus.folders if f != ("INBOX",)
                )
            )
        for batch in _batches(corpus.messages(), max(BATCHES.values())):
            messages += len(batch)
            octets += sum(len(m.octets) for m in batch)
            for out, size in outputs:
                _write_appends(out, batch, size)
        for out, _ in outputs:
            out.write(b"f LOGOUT\r\n")
    return Streams(drain, fill, messages, octets)


def _write_drain(path: Path, corpus: Corpus) -> None:
    with path.open("wb") as out:
        for folder in corpus.folders:
            out.write(
                b"f SELECT " + _mailbox(folder) + b"\r\n"
                b"f UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])\r\n"
            )
        out.write(b"f LOGOUT\r\n")


def _batches(messages, size):
    """Lists of at most `size` messages of one folder."""
    for _, of_folder in groupby(messages, key=lambda m: m.folder):
        while batch := list(islice(of_folder, size)):
            yield batch


def _write_appends(out, messages, size) -> None:
    for first in range(0, len(messages), size):
        out.write(b"f APPEND " + _mailbox(messages[first].folder))
        for m in messages[first : first + size]:
            out.write(f' ({" ".join(m.flags)}) "{m.date}" {{{len(m.octets)}+}}\r\n'.encode())
            out.write(m.octets)
        out.write(b"\r\n")


def _mailbox(path) -> bytes:
    return quote(_LAYOUT.mailbox(path)).encode()
