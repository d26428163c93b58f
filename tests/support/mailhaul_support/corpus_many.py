"""A folder with very many very small messages, for what must not grow with their number."""

from .corpus import Corpus, Message

INBOX = ("INBOX",)
# As mail has it, and more header than body: a header that is fetched again shows.
_RECEIVED = "".join(
    f"Received: from mx{hop}.example.org by mail.example.com with ESMTPS id {hop:08x};\r\n"
    f"\tMon, 1 Jun 2020 12:00:0{hop} +0000\r\n"
    for hop in range(4)
)


def many(count: int) -> Corpus:
    """`count` messages of about 600 octets in INBOX."""

    def messages():
        for number in range(count):
            yield Message(
                INBOX,
                f"{_RECEIVED}From: sender{number % 97}@example.org\r\nTo: me@example.com\r\n"
                f"Subject: number {number}\r\n"
                f"Date: Mon, 1 Jun 2020 12:00:{number % 60:02d} +0000\r\n"
                f"Message-ID: <{number}@many.example>\r\n\r\nbody {number}\r\n".encode(),
                ("\\Seen",) if number % 3 else (),
            )

    return Corpus(f"many-{count}", (INBOX,), messages)
