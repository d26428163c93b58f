"""Every kind of folder and message that has broken a migration tool, in one small mailbox."""

import hashlib
import random

from .corpus import Corpus, Message
from .filler import Filler

MIB = 1 << 20

NASTY = ("Nasty",)
DATES = ("Dates",)
DUPLICATES = ("Projekte", "Müller", "Ünïcode ✓ 日本語")
_EMPTY_FOLDERS = (("Leer",), ("Projekte", "Leer", "Tief"))

_FOLDERS = (
    *_EMPTY_FOLDERS,
    ("INBOX",),
    NASTY,
    DATES,
    ("Projekte",),
    ("Projekte", "Müller"),
    DUPLICATES,
    ("A.B",),
    ("A.B", "c.d"),  # holds the delimiter of servers that separate with "."
    ("A/B",),  # and of those that separate with "/"
    ("Nur", "das Kind"),  # the parent is no mailbox of its own where the server allows that
    ("R&D",),
    ("Tom & Jerry", "&-&"),
    ('quote"d',),
    ("100 %",),
    ("*stern*",),
    ("back\\slash",),
    (" leading",),
    ("trailing ",),
    ("two  spaces",),
    ("(klammer)",),
    ("{5}",),
    ("~tilde",),
    ("#hash",),
    ("😀 emoji",),
    ("e\u0301 decomposed",),
    ("é composed",),
    ("LOWER",),
    ("lower",),
    ("x" * 120,),
)

_FLAG_SETS = (
    (),
    ("\\Seen",),
    ("\\Answered", "\\Seen"),
    ("\\Flagged",),
    ("\\Draft",),
    ("\\Deleted", "\\Seen"),
    ("$Forwarded",),
    ("$MDNSent", "\\Seen"),
    ("NonJunk", "$Label1"),
    ("Wichtig-1", "project.x", "\\Flagged"),
)

_DATES = (
    "01-Jan-1970 00:00:01 +0000",
    " 1-Jul-1985 06:07:08 +0530",
    "31-Dec-1989 23:59:59 -0930",
    "29-Feb-1988 12:00:00 +1245",
    "01-Jan-1990 00:00:00 +1400",
    "29-Feb-2000 00:00:00 -1200",
    "19-Jan-2012 03:14:07 +0345",
    "17-Jul-1996 02:44:25 -0700",
    "28-Mar-2021 02:30:00 +0100",
)

_NESTED = (
    b"--b\r\n\r\npart\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Subject: inner\r\n\r\nbody\r\n--b--\r\n"
)

_HEADERLESS = b"no header, no empty line, no newline"

# What Dovecot cannot have in a maildir: there a name's "." separates levels.
FOLDERS_REFUSED_BY_MAILDIR = {("A.B",), ("A.B", "c.d")}
# What Cyrus refuses: these names, and messages (by SHA-256) without a line like a header.
FOLDERS_REFUSED_BY_CYRUS = {('quote"d',), ("100 %",), ("back\\slash",), ("{5}",)}
MESSAGES_REFUSED_BY_CYRUS = {hashlib.sha256(_HEADERLESS).hexdigest()}


def _header(subject: str, message_id: str | None, more: str = "") -> bytes:
    identity = f"Message-ID: <{message_id}@nasty.example>\r\n" if message_id else ""
    return (
        f"From: Nasty <nasty@example.org>\r\nTo: you@example.com\r\nSubject: {subject}\r\n"
        f"Date: Tue, 2 Jun 2020 08:00:00 +0200\r\n{identity}{more}\r\n"
    ).encode()


def _message(subject: str, message_id: str | None, body: bytes, more: str = "") -> bytes:
    return _header(subject, message_id, more) + body


def _odd_bodies():
    binary = bytes(octet for octet in range(1, 256) if octet not in b"\r\n")
    yield _message("8-bit", "8bit", "Grüße aus Köln\r\n".encode("latin-1"))
    yield _message("binary", "binary", binary * 40 + b"\r\n")
    yield _message("100 kB lines", "lines", b"x" * 100_000 + b"\r\n" + b"y" * 100_001 + b"\r\n")
    yield _message("no final newline", "no-newline", b"the end")
    yield _message(
        "looks like IMAP", "imap", b"A1 OK done\r\n)\r\n* 5 FETCH (BODY[] {3}\r\n+ go\r\n"
    )
    yield _message("dots", "dots", b".\r\n..\r\nFrom here\r\n>From there\r\n")
    yield _message("multipart", "mime", _NESTED, "Content-Type: multipart/mixed; boundary=b\r\n")


def _odd_headers():
    yield _message("Grüße, roh", "8bit-header", b"8-bit in the header\r\n")
    yield _message("header only", "header-only", b"")
    yield _message("no message-id", None, b"first\r\n")
    yield _message("no message-id", None, b"second, all else alike\r\n")
    yield _message("folded", "folded", b"body\r\n", "X-Long: " + "a\r\n\tfolded " * 5 + "\r\n")
    yield _message("long header", "long-header", b"body\r\n", "X-Long: " + "h" * 60_000 + "\r\n")


def _refused_by_some():
    yield _message("bare line feeds", "lf", b"one\r\ntwo\r\n").replace(b"\r\n", b"\n")
    yield _header("header without the empty line", "no-empty-line")[:-2]
    yield b"\r\nno header at all\r\n"
    yield _HEADERLESS
    yield b"\r\n"
    yield b""


def _metadata():
    for number, flags in enumerate(_FLAG_SETS):
        yield Message(
            ("INBOX",), _message(f"flags {number}", f"flags-{number}", b"flags\r\n"), flags
        )
    for number, date in enumerate(_DATES):
        yield Message(DATES, _message(f"date {number}", f"date-{number}", b"date\r\n"), (), date)


def _look_alikes():
    for body in (b"one\r\n", b"two\r\n", b"three\r\n"):
        yield Message(DUPLICATES, _message("same Message-ID", "same", body))
    for _ in range(3):
        octets = _message("exact duplicate", "duplicate", b"again\r\n")
        yield Message(DUPLICATES, octets, ("\\Flagged",))


def _one_in_each_folder():
    for number, folder in enumerate(_FOLDERS):
        if folder not in _EMPTY_FOLDERS:
            yield Message(folder, _message("in " + "/".join(folder), f"in-{number}", b"here\r\n"))


def _messages(large_octets: int):
    for octets in (*_odd_bodies(), *_odd_headers()):
        yield Message(NASTY, octets, ("\\Seen",))
    for octets in _refused_by_some():
        yield Message(NASTY, octets, ("\\Seen",), optional=True)
    yield from _metadata()
    yield from _look_alikes()
    yield from _one_in_each_folder()
    if large_octets:
        body = Filler(random.Random("nasty")).attachment(large_octets)
        yield Message(("INBOX",), _message("large", "large", body), ("\\Seen", "NonJunk"))


def nasty(large_octets: int = 60 * MIB) -> Corpus:
    """Some 80 messages in 31 folders; the largest message has `large_octets` (0: leave it out).

    What the source server cannot hold (a name with its own delimiter, a message it refuses) is left
    out by the filling, so both kinds of delimiter can stand in one list.
    """
    return Corpus("nasty", _FOLDERS, lambda: _messages(large_octets))
