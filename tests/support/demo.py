#!/usr/bin/env python3
"""The demonstration that tools/demo runs once mailhaul is built."""

import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from mailhaul_support.compare import differences, read_account
from mailhaul_support.corpus_demo import USERS, demo
from mailhaul_support.dovecot import DovecotServer
from mailhaul_support.fill import fill
from mailhaul_support.mailhaul import Row, Side, binary, write_csv
from mailhaul_support.processes import unwind_on_sigterm

OLD, NEW = "old.example", "new.example"


def say(text: str) -> None:
    print(f"demo: {text}", flush=True)


def password(user: str) -> str:
    """Like people's: with the letters that files and protocols stumble over."""
    return f'{user[:3]},"{len(user)}\\;%'


def start_servers(stack: ExitStack, folder: Path):
    """An office's old server and its new one, which names and nests its folders in another way."""

    def passwords(domain):
        return {f"{user}@{domain}": password(user) for user in USERS}

    old = stack.enter_context(DovecotServer(folder / "old", passwords=passwords(OLD)))
    new = stack.enter_context(
        DovecotServer(folder / "new", passwords=passwords(NEW), separator=".", prefix="INBOX.")
    )
    return old, new


def fill_source(old: DovecotServer) -> None:
    messages = octets = 0
    for user in USERS:
        filled = fill(old.port, f"{user}@{OLD}", demo(user), password=password(user))
        messages += filled.messages
        octets += filled.octets
    say(
        f"{len(USERS)} mailboxes with {messages} messages, {octets / 1e6:.0f} MB, on the old server"
    )


def write_jobs(folder: Path, old: DovecotServer, new: DovecotServer) -> Path:
    rows = [
        Row(
            Side(f"{user}@{OLD}", password(user), old.port),
            Side(f"{user}@{NEW}", password(user), new.port),
        )
        for user in USERS
    ]
    return write_csv(folder / "jobs.csv", rows)


def migrate(folder: Path, jobs: Path) -> bool:
    say("mailhaul run jobs.csv")
    print(flush=True)
    ended = subprocess.run([binary(), "run", jobs, "--state-dir", folder / "state"])
    print(flush=True)
    return ended.returncode == 0


def check(old: DovecotServer, new: DovecotServer) -> bool:
    """Reads both servers over IMAP, with code that is not mailhaul's."""
    say(
        "independent check of every message on both servers: folder, SHA-256 of the body, flags, "
        "INTERNALDATE"
    )
    total, wrong = 0, []
    for user in USERS:
        before = read_account(old.port, f"{user}@{OLD}", password=password(user))
        after = read_account(new.port, f"{user}@{NEW}", password=password(user))
        total += before.message_count()
        wrong += [f"{user}: {line}" for line in differences(before, after)]
    print(*wrong[:20], sep="\n", end="\n" if wrong else "")
    say(f"{len(wrong)} differences" if wrong else f"no difference in {total} messages")
    return not wrong


def run(folder: Path) -> bool:
    with ExitStack() as stack:
        say("starting two private mail servers")
        old, new = start_servers(stack, folder)
        fill_source(old)
        jobs = write_jobs(folder, old, new)
        return migrate(folder, jobs) and check(old, new)


def main() -> int:
    unwind_on_sigterm()
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="mailhaul-demo-"))
    folder.chmod(0o755)
    good = False
    try:
        good = run(folder)
    finally:
        if good:
            shutil.rmtree(folder, ignore_errors=True)
            say(f"done in {time.monotonic() - began:.0f} s; nothing is left running")
        else:
            shutil.rmtree(folder / "old/home", ignore_errors=True)
            shutil.rmtree(folder / "new/home", ignore_errors=True)
            say(f"FAILED; the logs are in {folder}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
