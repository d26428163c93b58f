"""Folder names as tuples of levels, and as servers write them (RFC 3501 5.1.3, RFC 2342)."""

import base64
import re
from dataclasses import dataclass

INBOX = ("INBOX",)


def encode_utf7(name: str) -> str:
    def shift(match):
        run = match.group(0)
        if run == "&":
            return "&-"
        octets = base64.b64encode(run.encode("utf-16-be")).decode().rstrip("=")
        return "&" + octets.replace("/", ",") + "-"

    return re.sub(r"&|[^\x20-\x7e]+", shift, name)


def decode_utf7(name: str) -> str:
    def unshift(match):
        run = match.group(1).replace(",", "/")
        if not run:
            return "&"
        return base64.b64decode(run + "=" * (-len(run) % 4)).decode("utf-16-be")

    return re.sub(r"&([^-]*)-", unshift, name)


def quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True)
class Layout:
    """Where a server keeps a user's folders: e.g. prefix "INBOX." and delimiter "."."""

    prefix: str
    delimiter: str

    def mailbox(self, path) -> str:
        """The name on the wire, unquoted."""
        if path == INBOX:
            return "INBOX"
        return encode_utf7(self.prefix + self.delimiter.join(path))

    def path(self, mailbox: str):
        name = decode_utf7(mailbox)
        if name.upper() == "INBOX":
            return INBOX
        return tuple(name.removeprefix(self.prefix).split(self.delimiter))

    def can_hold(self, path) -> bool:
        return not any(self.delimiter in level for level in path)


def parse_namespace(line: str) -> Layout:
    """From the untagged NAMESPACE response: its first personal namespace."""
    match = re.search(r'\(\("((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"', line)
    if not match:
        raise ValueError(f"no personal namespace in {line!r}")
    prefix, delimiter = (re.sub(r"\\(.)", r"\1", part) for part in match.groups())
    return Layout(decode_utf7(prefix), delimiter)
