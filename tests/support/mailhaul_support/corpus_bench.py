"""The benchmark corpora: small (many messages), mix (a grown mailbox), big (attachments)."""

import math
import random
from statistics import NormalDist

from .corpus import Corpus, Message
from .filler import Filler

MIB = 1 << 20

_SMALL_FOLDERS = (("INBOX",), ("Sent",), ("Archive", "2019"), ("Archive", "2020"))
_SMALL_COUNT = 10_000
_SMALL_OCTETS = 4050

_MIX_FOLDERS = (
    ("INBOX",),
    ("Sent",),
    ("Drafts",),
    ("Archive",),
    ("Archive", "2019"),
    ("Archive", "2020", "Q1"),
    ("Projekte", "Müller"),
    ("Projekte", "Müller", "Übergabe ✓"),
    ("日本語",),
    ('Say "hi" (50%)',),
    (" leading space",),
    ("R&D",),
)
_MIX_COUNT = 5_000  # and ten exact duplicates
_MIX_MEDIAN = 7_700
_MIX_SPREAD = (
    2.13  # sigma of the log-normal sizes; with the cap this gives a mean of 74 KB, 50 above 1 MiB
)
_MIX_LARGEST_DRAWN = 15 * MIB

_BIG_COUNT = 20
_BIG_OCTETS = 25 * MIB

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_ZONES = ("+0000", "+0100", "+0200", "-0500", "+0530", "-0800")
_FLAG_SETS = (
    (),
    ("\\Seen",),
    ("\\Seen",),
    ("\\Seen", "\\Answered"),
    ("\\Seen", "$Forwarded"),
    ("\\Flagged",),
    ("\\Seen", "NonJunk"),
    ("\\Seen", "$Label1", "project-x"),
)


def _date(chance: random.Random) -> str:
    return (
        f"{chance.randint(1, 28):2d}-{chance.choice(_MONTHS)}-{chance.randint(1996, 2024)} "
        f"{chance.randint(0, 23):02d}:{chance.randint(0, 59):02d}:{chance.randint(0, 59):02d} "
        f"{chance.choice(_ZONES)}"
    )


def _header(number: int, message_id: str | None, more: str = "") -> bytes:
    identity = f"Message-ID: <{message_id}>\r\n" if message_id else ""
    return (
        f"Return-Path: <sender{number % 97}@example.org>\r\n"
        f"Received: from mx{number % 7}.example.org by mail.example.com with ESMTPS"
        f" id {number:08x};\r\n"
        f"\tMon, 1 Jun 2020 12:00:{number % 60:02d} +0000\r\n"
        f"From: Sender {number % 97} <sender{number % 97}@example.org>\r\n"
        f"To: Someone <someone@example.com>\r\n"
        f"Subject: Message {number} about nothing much\r\n"
        f"Date: Mon, 1 Jun 2020 12:00:{number % 60:02d} +0000\r\n"
        f"{identity}{more}MIME-Version: 1.0\r\n"
    ).encode() + b"Content-Type: text/plain\r\n\r\n"


def _plain(filler: Filler, number: int, octets: int, message_id: str | None) -> bytes:
    header = _header(number, message_id)
    body = filler.text if octets < 20_000 else filler.attachment
    return header + body(octets - len(header))


def small() -> Corpus:
    """10,000 messages of about 4 KB in 4 folders: 40.5 MB."""

    def messages():
        chance = random.Random("small")
        filler = Filler(chance)
        for number in range(_SMALL_COUNT):
            octets = _plain(
                filler, number, _SMALL_OCTETS + chance.randint(-500, 500), f"{number}@small.example"
            )
            folder = _SMALL_FOLDERS[number * len(_SMALL_FOLDERS) // _SMALL_COUNT]
            yield Message(folder, octets, chance.choice(_FLAG_SETS), _date(chance))

    return Corpus("small", _SMALL_FOLDERS, messages)


def big() -> Corpus:
    """20 messages of 25 MiB."""

    def messages():
        chance = random.Random("big")
        filler = Filler(chance)
        for number in range(_BIG_COUNT):
            yield Message(
                ("INBOX",),
                _plain(filler, number, _BIG_OCTETS, f"{number}@big.example"),
                chance.choice(_FLAG_SETS),
                _date(chance),
            )

    return Corpus("big", (("INBOX",),), messages)


def _mix_sizes(chance: random.Random) -> list[int]:
    """Quantiles of the log-normal law in a shuffled order; the largest is one of 25 MiB."""
    law = NormalDist(math.log(_MIX_MEDIAN), _MIX_SPREAD)
    sizes = [
        min(int(math.exp(law.inv_cdf((i + 0.5) / _MIX_COUNT))), _MIX_LARGEST_DRAWN)
        for i in range(_MIX_COUNT)
    ]
    sizes[-1] = 25 * MIB
    chance.shuffle(sizes)
    return sizes


def _mix_octets(filler: Filler, number: int, size: int) -> bytes:
    """Every hundred messages hold each oddity once or twice; the others are plain."""
    oddity = number % 100
    if oddity == 0:
        return _plain(filler, number, size, None)
    if oddity in (1, 2):
        return _plain(filler, number, size, f"reused-{number % 7}@mix.example")
    if oddity == 3:
        return _header(
            number, f"{number}@mix.example", "X-Sender-Note: gr\xfc\xdfe\r\n"
        ) + "Schöne Grüße aus Köln\r\n".encode("latin-1") * max(1, size // 24)
    if oddity == 4:
        return (
            _header(number, f"{number}@mix.example") + b"x" * 30_000 + b"\r\n" + filler.text(size)
        )
    if oddity == 5:
        return _header(number, f"{number}@mix.example")
    if oddity == 6:
        return _plain(filler, number, size, f"{number}@mix.example")[:-2]
    return _plain(filler, number, size, f"{number}@mix.example")


def mix() -> Corpus:
    """5,010 messages, 370 MB, 12 folders with nested, non-ASCII and awkward names.

    Median 7.7 KB, mean 74 KB, 50 above 1 MiB, one of 25 MiB; 1 % without Message-ID, 2 % reusing
    one, 10 exact duplicates, 5 without any header, 8-bit, 30,000-octet lines, empty bodies, no
    final newline.
    """

    def messages():
        chance = random.Random("mix")
        filler = Filler(chance)
        for number, size in enumerate(_mix_sizes(chance)):
            octets = _mix_octets(filler, number, size)
            if number % 1000 == 7:
                octets = b"\r\n" + filler.text(min(size, 5000))
            message = Message(
                _MIX_FOLDERS[number * len(_MIX_FOLDERS) // _MIX_COUNT],
                octets,
                chance.choice(_FLAG_SETS),
                _date(chance),
            )
            yield message
            if number % 500 == 8 and number < 5000:
                yield message

    return Corpus("mix", _MIX_FOLDERS, messages)
