"""What the chaos test moves: the nasty mailbox, with enough small mail around it to be hit in the
middle.
"""

import random

from .corpus import Corpus, Message
from .corpus_nasty import nasty

_LARGE_OCTETS = 300_000  # some of the blows fall into this one message
_SMALL_FOLDERS = (("INBOX",), ("Sent",), ("Archive", "2019"), ("Archive", "2020"))
_SMALL_MESSAGES = 400
_MOST_LINES = 60
_LINE = b"the mail moved over night and nobody noticed which is how it should be\r\n"
_FLAG_SETS = ((), ("\\Seen",), ("\\Seen", "\\Answered"), ("\\Flagged", "$Label1"))


def _small(user: str):
    chance = random.Random(user)
    for number in range(_SMALL_MESSAGES):
        header = (
            f"From: sender{number % 7}@example.org\r\nTo: {user}\r\nSubject: small {number}\r\n"
            f"Date: Mon, 1 Jun 2020 12:00:{number % 60:02d} +0000\r\n"
            f"Message-ID: <{number}.{user}>\r\n\r\n"
        )
        body = _LINE * chance.randrange(_MOST_LINES)
        folder = _SMALL_FOLDERS[number * len(_SMALL_FOLDERS) // _SMALL_MESSAGES]
        yield Message(folder, header.encode() + body, chance.choice(_FLAG_SETS))


def chaos(user: str) -> Corpus:
    """Some 470 messages, 1.5 MB, another mailbox for each user."""
    base = nasty(large_octets=_LARGE_OCTETS)
    folders = tuple(dict.fromkeys((*base.folders, *_SMALL_FOLDERS)))

    def messages():
        yield from base.messages()
        yield from _small(user)

    return Corpus(f"chaos of {user}", folders, messages)
