"""Text and attachment-like octets of any length, fast enough for gigabytes."""

import base64
import random

LINE_OCTETS = 78  # with CRLF
_WORDS = (
    "the mail moved over night and nobody noticed which is how it should be please find "
    "attached our offerfor the second quarter kind regards from the office we will meet on "
    "thursday at the station unless it rains then call me on my mobile the invoice number is "
    "in the subject line as agreed with purchasing"
).split()
_BLOCK_LINES = 20_000


def _text_block(chance: random.Random) -> bytes:
    lines = []
    for _ in range(_BLOCK_LINES):
        line = " ".join(chance.choices(_WORDS, k=18))[: LINE_OCTETS - 2]
        lines.append(line.ljust(LINE_OCTETS - 2, "."))
    return ("\r\n".join(lines) + "\r\n").encode()


def _base64_block(chance: random.Random) -> bytes:
    octets = base64.b64encode(chance.randbytes(_BLOCK_LINES * 57)).decode()
    return "".join(octets[i : i + 76] + "\r\n" for i in range(0, len(octets), 76)).encode()


class Filler:
    """Slices of the blocks, chosen by the generator that the corpus was seeded with."""

    def __init__(self, chance: random.Random):
        self._chance = chance
        self._text = _text_block(chance)
        self._base64 = _base64_block(chance)

    def text(self, octets: int) -> bytes:
        return self._slice(self._text, octets)

    def attachment(self, octets: int) -> bytes:
        return self._slice(self._base64, octets)

    def _slice(self, block: bytes, octets: int) -> bytes:
        """Whole lines of 78 octets while they fit, then a shorter one; always ends with CRLF, at
        least 2 octets.
        """
        start = self._chance.randrange(_BLOCK_LINES) * LINE_OCTETS
        wanted = max(octets, 2) - 2
        parts, left = [], wanted
        while left > 0:
            part = block[start : start + left]
            parts.append(part)
            left -= len(part)
            start = 0
        body = b"".join(parts)
        if body.endswith(b"\r"):
            body = body[:-1] + b"."
        return body + b"\r\n"
