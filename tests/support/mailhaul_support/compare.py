"""The independent check: reads both accounts over IMAP and compares folder by folder what is there.

Shares no code with mailhaul: Python's imaplib, SHA-256. A folder is a multiset of (body, flags,
INTERNALDATE).

    python3 -m mailhaul_support.compare 127.0.0.1:1143 anna pw 127.0.0.1:2143 anna pw
"""

import argparse
import collections
import hashlib
import imaplib
import re
import sys
from dataclasses import dataclass
from datetime import datetime

from .mailbox_names import INBOX, parse_namespace, quote

imaplib._MAXLINE = 100_000_000  # it refuses long UID lists otherwise

_BATCH_OCTETS = 16 << 20
_BATCH_MESSAGES = 1000
_LIST = re.compile(rb'\((?P<attributes>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.*)')


@dataclass(frozen=True)
class Item:
    """One message as far as the comparison goes; `instant` is INTERNALDATE in Unix seconds."""

    sha256: str
    flags: frozenset
    instant: int


@dataclass
class Account:
    """folders: {path: Counter of Items}; describe: {sha256: size and subject}, for the reader of a
    difference.
    """

    folders: dict
    describe: dict

    def message_count(self) -> int:
        return sum(counter.total() for counter in self.folders.values())


def read_account(port: int, user: str, *, password: str = "pw", host: str = "127.0.0.1") -> Account:
    client, layout = log_in(port, user, password=password, host=host)
    try:
        account = Account({}, {})
        for name in mailboxes(client):
            account.folders[layout.path(name)] = _read_folder(client, name, account.describe)
        return account
    finally:
        client.logout()


def log_in(port: int, user: str, *, password: str = "pw", host: str = "127.0.0.1", seconds=300):
    """An imaplib client, and where the account keeps its folders. No answer may take longer than
    `seconds`.
    """
    client = imaplib.IMAP4(host, port, timeout=seconds)
    client.login(user, password)
    return client, parse_namespace("* NAMESPACE " + client.namespace()[1][0].decode())


def mailboxes(client):
    """Names of the folders that hold messages, as on the wire."""
    for entry in ok(client.list()):
        if entry is None or entry == b")":
            continue
        head, name = (entry[0], entry[1]) if isinstance(entry, tuple) else (entry, None)
        match = _LIST.match(head)
        attributes = match["attributes"].lower()
        if b"\\noselect" not in attributes and b"\\nonexistent" not in attributes:
            yield (name or _unquote(match["name"])).decode()


def _unquote(name: bytes) -> bytes:
    if not name.startswith(b'"'):
        return name
    return re.sub(rb"\\(.)", rb"\1", name[1:-1])


def ok(answer):
    """The data of imaplib's answer; its exception when the server said NO."""
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status}: {data}")
    return data


def _read_folder(client, name: str, describe: dict) -> collections.Counter:
    ok(client.select(quote(name), readonly=True))
    items = collections.Counter()
    for uids in _batches(_sizes(client)):
        data = ok(client.uid("FETCH", uids, "(FLAGS INTERNALDATE BODY.PEEK[])"))
        for head, body in messages_in(data):
            item = item_of(head, body)
            items[item] += 1
            describe.setdefault(item.sha256, _description(body))
    return items


def _sizes(client):
    """[(uid, octets)] of the selected folder."""
    rows = ok(client.uid("FETCH", "1:*", "(RFC822.SIZE)"))
    rows = [row for row in rows if row]
    return [
        (int(re.search(rb"UID (\d+)", row)[1]), int(re.search(rb"RFC822.SIZE (\d+)", row)[1]))
        for row in rows
    ]


def _batches(sizes):
    """UID sets that stay below the limits of memory, a larger message alone."""
    batch, octets = [], 0
    for uid, size in sizes:
        if batch and (octets + size > _BATCH_OCTETS or len(batch) == _BATCH_MESSAGES):
            yield ",".join(map(str, batch))
            batch, octets = [], 0
        batch.append(uid)
        octets += size
    if batch:
        yield ",".join(map(str, batch))


def messages_in(data):
    """(attributes, body) of each message: imaplib gives (head, literal) and then the rest of the
    line.
    """
    for entry in data:
        if isinstance(entry, tuple):
            yield entry[0], entry[1]
        elif entry and re.search(rb'BODY\[\] (""|NIL)', entry):
            yield entry, b""


def item_of(head: bytes, body: bytes) -> Item:
    """From what FETCH (FLAGS INTERNALDATE BODY.PEEK[]) answers."""
    flags = re.search(rb"FLAGS \(([^)]*)\)", head)[1].decode().split()
    date = re.search(rb'INTERNALDATE "([^"]*)"', head)[1].decode().strip()
    kept = frozenset(flag.lower() for flag in flags if flag.lower() != "\\recent")
    return Item(
        hashlib.sha256(body).hexdigest(),
        kept,
        int(datetime.strptime(date, "%d-%b-%Y %H:%M:%S %z").timestamp()),
    )


def _description(body: bytes) -> str:
    subject = re.search(rb"(?im)^subject: *(.*?)\r?$", body[:100_000])
    text = subject[1].decode(errors="replace")[:60] if subject else "no subject"
    return f'{len(body)} octets, "{text}"'


def differences(
    source: Account,
    destination: Account,
    *,
    folder_map=None,
    ignore_flags=frozenset(),
    left_out=lambda folder, sha256: False,
    parents_appear=False,
    copies_appear=False,
) -> list[str]:
    """What differs, a line each; empty when everything arrived exactly.

    folder_map: source path -> expected destination path. ignore_flags: lower-case flags that the
    destination cannot keep. left_out: whether a message of the source is known not to be acceptable
    to the destination. copies_appear: a message that is there more often than it should be is no
    difference. parents_appear: the server makes a folder's parents into (empty) folders, as Cyrus
    does.
    """
    map_folder = folder_map or (lambda path: path)
    lines, expected = [], set()
    for path, items in sorted(source.folders.items()):
        target = map_folder(path)
        expected.add(target)
        if target not in destination.folders:
            lines.append(f"folder {'/'.join(target)}: missing ({items.total()} messages)")
            continue
        wanted = _without(items, ignore_flags, lambda sha256, path=path: left_out(path, sha256))
        found = _without(destination.folders[target], ignore_flags, lambda sha256: False)
        if copies_appear:
            found = collections.Counter(
                {item: min(count, wanted[item] or count) for item, count in found.items()}
            )
        lines += _folder_differences(
            "/".join(target), wanted, found, source.describe | destination.describe
        )
    for path in sorted(set(destination.folders) - expected - {INBOX}):
        if not (parents_appear and _is_empty_parent(path, destination, expected)):
            lines.append(f"folder {'/'.join(path)}: only at the destination")
    return lines


def _is_empty_parent(path, account: Account, expected) -> bool:
    return not account.folders[path] and any(other[: len(path)] == path for other in expected)


def _without(items, ignore_flags, left_out) -> collections.Counter:
    kept = collections.Counter()
    for item, count in items.items():
        if not left_out(item.sha256):
            kept[Item(item.sha256, item.flags - ignore_flags, item.instant)] += count
    return kept


def _folder_differences(folder, wanted, found, describe):
    for item, count in (wanted - found).items():
        yield f"{folder}: {count} missing: {_words(item, describe)}"
    for item, count in (found - wanted).items():
        yield f"{folder}: {count} too many: {_words(item, describe)}"


def _words(item: Item, describe: dict) -> str:
    instant = datetime.fromtimestamp(item.instant).astimezone().isoformat()
    flags = " ".join(sorted(item.flags)) or "no flags"
    return f"{describe[item.sha256]}, {flags}, {instant}, {item.sha256[:12]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for side in ("source", "destination"):
        parser.add_argument(side, help="host:port, plain text")
        parser.add_argument(f"{side}_user")
        parser.add_argument(f"{side}_password")
    options = parser.parse_args()
    accounts = []
    for side in ("source", "destination"):
        host, port = getattr(options, side).rsplit(":", 1)
        accounts.append(
            read_account(
                int(port),
                getattr(options, f"{side}_user"),
                host=host,
                password=getattr(options, f"{side}_password"),
            )
        )
    lines = differences(*accounts)
    print(
        "\n".join(lines[:100])
        if lines
        else f"no difference in {accounts[0].message_count()} messages"
    )
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
