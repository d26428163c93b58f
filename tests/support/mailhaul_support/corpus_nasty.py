"""Every kind of folder and message that has broken a migration tool, in one small mailbox."""

import random

from .corpus import Corpus, Message
from .filler import Filler

MIB = 1 << 20

NASTY = ("Nasty",)
DATES = ("Dates",)
DUPLICATES = ("Projekte", "Müller", "Ünïcode ✓ 日本語")

_FOLDERS = (
    ("INBOX",), NASTY, DATES, ("Projekte",), ("Projekte", "Müller"), DUPLICATES,
    ("A.B",), ("A.B", "c.d"),             # holds the delimiter of servers that separate with "."
    ("A/B",),                             # and of those that separate with "/"
    ("Leer",), ("Projekte", "Leer", "Tief"),
    ("Nur", "das Kind"),                  # the parent is no mailbox of its own where the server allows that
    ("R&D",), ("Tom & Jerry", "&-&"),
    ("quote\"d",), ("100 %",), ("*stern*",), ("back\\slash",),
    (" leading",), ("trailing ",), ("two  spaces",), ("(klammer)",), ("{5}",), ("~tilde",), ("#hash",),
    ("😀 emoji",), ("e\u0301 decomposed",), ("é composed",), ("LOWER",), ("lower",), ("x" * 120,),
)

_FLAG_SETS = (
    (), ("\\Seen",), ("\\Answered", "\\Seen"), ("\\Flagged",), ("\\Draft",), ("\\Deleted", "\\Seen"),
    ("$Forwarded",), ("$MDNSent", "\\Seen"), ("NonJunk", "$Label1"), ("Wichtig-1", "project.x", "\\Flagged"),
)

_DATES = (
    "01-Jan-1970 00:00:01 +0000", " 1-Jul-1985 06:07:08 +0530", "31-Dec-1989 23:59:59 -0930",
    "29-Feb-1988 12:00:00 +1245", "01-Jan-1990 00:00:00 +1400", "29-Feb-2000 00:00:00 -1200",
    "19-Jan-2012 03:14:07 +0345", "17-Jul-1996 02:44:25 -0700", "28-Mar-2021 02:30:00 +0100",
)


def _header(subject: str, message_id: str | None, more: str = "") -> bytes:
    identity = f"Message-ID: <{message_id}@nasty.example>\r\n" if message_id else ""
    return (f"From: Nasty <nasty@example.org>\r\nTo: you@example.com\r\nSubject: {subject}\r\n"
            f"Date: Tue, 2 Jun 2020 08:00:00 +0200\r\n{identity}{more}\r\n").encode()


def _oddly_made():
    """(octets, whether some servers refuse it) of messages odd in their octets."""
    binary = bytes(octet for octet in range(1, 256) if octet not in b"\r\n")
    yield _header("bare line feeds", "lf").replace(b"\r\n", b"\n") + b"one\ntwo\nthree\n", True
    yield _header("8-bit", "8bit") + "Grüße aus Köln\r\n".encode("latin-1"), False
    yield _header("Grüße, roh", "8bit-header") + b"8-bit in the header\r\n", False
    yield _header("binary", "binary") + binary * 40 + b"\r\n", False
    yield _header("100 kB lines", "long-line") + b"x" * 100_000 + b"\r\n" + b"y" * 100_001 + b"\r\n", False
    yield _header("no final newline", "no-newline") + b"the end", False
    yield _header("header only", "header-only"), False
    yield _header("header without the empty line", "no-empty-line")[:-2], True
    yield b"\r\nno header at all\r\n", True
    yield b"no header, no empty line, no newline", True
    yield b"\r\n", True
    yield b"", True
    yield _header("no message-id", None) + b"first\r\n", False
    yield _header("no message-id", None) + b"second, all else alike\r\n", False
    yield _header("folded", "folded", "X-Long: " + "\r\n\tfolded ".join("words") + "\r\n") + b"body\r\n", False
    yield _header("long header", "long-header", "X-Long: " + "h" * 60_000 + "\r\n") + b"body\r\n", False
    yield _header("looks like IMAP", "imap") + b"A1 OK done\r\n)\r\n* 5 FETCH (BODY[] {3}\r\n+ go\r\n", False
    yield _header("dots", "dots") + b".\r\n..\r\nFrom here\r\n>From there\r\n", False
    yield _header("multipart", "mime", "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n") + \
        b"--b\r\n\r\npart\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nner\r\n--b--\r\n", False


def _messages(large_octets: int):
    for octets, optional in _oddly_made():
        yield Message(NASTY, octets, ("\\Seen",), optional=optional)
    for number, flags in enumerate(_FLAG_SETS):
        yield Message(("INBOX",), _header(f"flags {number}", f"flags-{number}") + b"flags\r\n", flags)
    for number, date in enumerate(_DATES):
        yield Message(DATES, _header(f"date {number}", f"date-{number}") + b"date\r\n", (), date)
    for body in (b"one\r\n", b"two\r\n", b"three\r\n"):
        yield Message(DUPLICATES, _header("same Message-ID", "same") + body)
    for _ in range(3):
        yield Message(DUPLICATES, _header("exact duplicate", "duplicate") + b"again\r\n", ("\\Flagged",))
    for folder in _FOLDERS:
        if folder not in (("Leer",), ("Projekte", "Leer", "Tief")):
            yield Message(folder, _header("in " + "/".join(folder), "in-" + str(len(folder))) + b"here\r\n")
    if large_octets:
        filler = Filler(random.Random("nasty"))
        yield Message(("INBOX",), _header("large", "large") + filler.attachment(large_octets), ("\\Seen", "NonJunk"))


def nasty(large_octets: int = 60 * MIB) -> Corpus:
    """Some 80 messages in 31 folders; the largest message has `large_octets` (0: leave it out).

    What the source server cannot hold (a name with its own delimiter, a message it refuses) is left out
    by the filling, so both kinds of delimiter can stand in one list.
    """
    return Corpus("nasty", _FOLDERS, lambda: _messages(large_octets))
