"""The demonstration's mailboxes: a small office with threads, attachments and folders."""

import random
from datetime import datetime, timedelta, timezone
from email.header import Header

from .corpus import Corpus, Message
from .filler import Filler

USERS = ("anna", "bernd", "chiara", "david", "elodie")

_FOLDERS = (
    ("INBOX",),
    ("Sent",),
    ("Drafts",),
    ("Archiv", "2022"),
    ("Archiv", "2023"),
    ("Projekte", "Müller"),
    ("Projekte", "Müller", "Angebote"),
    ("Reisen & Spesen",),
    ("Später lesen",),
)
_THREADS = (
    "Offer for the second quarter",
    "Rechnung 2023-0417",
    "Lunch on Thursday?",
    "Minutes of Monday's meeting",
    "Übergabe Projekt Müller",
    "Your train tickets",
    "Re-design of the home page",
    "Bewerbung als Werkstudentin",
    "Password policy",
    "Réunion de mardi",
    "Kaffeekasse",
    "Photos from the summer party",
    "Contract, signed",
    "Server maintenance on Saturday",
    "Fragen zum Angebot",
    "Urlaub im August",
    "Prossimi passi",
    "Invoice overdue",
)
_ATTACHMENTS = (
    ("report.pdf", "application/pdf"),
    ("Fotos.zip", "application/zip"),
    ("budget.xlsx", "application/vnd.ms-excel"),
    ("scan.jpg", "image/jpeg"),
)
_FLAG_SETS = (
    (),
    ("\\Seen",),
    ("\\Seen",),
    ("\\Seen",),
    ("\\Seen", "\\Answered"),
    ("\\Flagged", "\\Seen"),
    ("\\Seen", "$Forwarded"),
    ("\\Seen", "Wichtig"),
)
_FIRST_DAY = datetime(2022, 1, 3, 8, 0, tzinfo=timezone.utc)
_MESSAGES = 600


def _header(number: int, subject: str, sender: str, when: datetime, parent: int | None) -> str:
    reply = (
        f"In-Reply-To: <{parent}@office.example>\r\nReferences: <{parent}@office.example>\r\n"
        if parent
        else ""
    )
    return (
        f"From: {sender}@office.example\r\nTo: team@office.example\r\n"
        f"Subject: {Header(subject, 'utf-8' if not subject.isascii() else 'ascii').encode()}\r\n"
        f"Date: {when:%a, %d %b %Y %H:%M:%S} +0000\r\nMessage-ID: <{number}@office.example>\r\n"
        f"{reply}MIME-Version: 1.0\r\n"
    )


def _with_attachment(header: str, text: bytes, name: str, kind: str, content: bytes) -> bytes:
    return (
        (
            f"{header}Content-Type: multipart/mixed; boundary=part\r\n\r\n--part\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n\r\n"
        ).encode()
        + text
        + (
            f"--part\r\nContent-Type: {kind}; name={name}\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n"
        ).encode()
        + content
        + b"--part--\r\n"
    )


def _messages(user: str):
    chance = random.Random(user)
    filler = Filler(chance)
    when = _FIRST_DAY
    for number in range(1, _MESSAGES + 1):
        when += timedelta(minutes=chance.randint(20, 2400))
        reply_to = chance.randint(1, number - 1) if number > 5 and chance.random() < 0.5 else None
        subject = _THREADS[(reply_to or number) % len(_THREADS)]
        header = _header(
            number, ("Re: " if reply_to else "") + subject, chance.choice(USERS), when, reply_to
        )
        text = filler.text(chance.randint(200, 6000))
        if chance.random() < 0.12:
            name, kind = chance.choice(_ATTACHMENTS)
            octets = _with_attachment(
                header, text, name, kind, filler.attachment(chance.randint(20_000, 900_000))
            )
        else:
            octets = f"{header}Content-Type: text/plain; charset=utf-8\r\n\r\n".encode() + text
        yield Message(
            _FOLDERS[number * len(_FOLDERS) // (_MESSAGES + 1)],
            octets,
            chance.choice(_FLAG_SETS),
            f"{when:%d-%b-%Y %H:%M:%S} +0000",
        )


def demo(user: str) -> Corpus:
    """600 messages, about 35 MB, in 9 folders; another mailbox for each user."""
    return Corpus(f"demo of {user}", _FOLDERS, lambda: _messages(user))
