"""Child processes that never outlive whoever started them, and what their starting needs."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.01
_FIRST_PORT = 10_000


class NotReady(Exception):
    """A server ended, or did not answer in time; the text carries the end of its log."""


class NotInstalled(Exception):
    """A program that a fixture needs is missing; the text says how to get it."""


def is_root() -> bool:
    return os.geteuid() == 0


def unwind_on_sigterm() -> None:
    """Makes SIGTERM end this program the way an exception does: `with` blocks stop servers and
    remove folders.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def require_program(name: str) -> str:
    """The full path of a program, looked for where Debian keeps servers too."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise NotInstalled(f"{name} is not installed: run tools/setup")
    return path


class Child:
    """A process that the kernel ends when its parent ends (PR_SET_PDEATHSIG, set by setpriv).

    The kernel watches the *thread* that started it: start children from a thread that lives as long
    as they must. With `user_id`, which only root may give, it runs as that user with no other
    rights.
    """

    def __init__(self, argv, *, log=None, user_id=None, death_signal="KILL", **popen_options):
        launcher = ["setpriv", "--pdeathsig", death_signal]
        if user_id is not None:
            launcher += ["--reuid", str(user_id), "--regid", str(user_id), "--clear-groups"]
        self.log = Path(log) if log else None
        if self.log:
            with open(self.log, "ab") as output:
                popen_options.setdefault("stdout", output)
                popen_options.setdefault("stderr", subprocess.STDOUT)
                self._process = subprocess.Popen([*launcher, *map(str, argv)], **popen_options)
        else:
            self._process = subprocess.Popen([*launcher, *map(str, argv)], **popen_options)
        self.name = Path(argv[0]).name

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stdin(self):
        return self._process.stdin

    @property
    def stdout(self):
        return self._process.stdout

    @property
    def exit_code(self):
        """None while it runs; the negative signal number when one ended it."""
        return self._process.poll()

    def send(self, signal_number) -> None:
        self._process.send_signal(signal_number)

    def wait(self, seconds: float) -> int:
        """The exit code; subprocess.TimeoutExpired when it still runs after `seconds`."""
        return self._process.wait(seconds)

    def kill(self) -> None:
        """As if the power went: nothing is flushed, nobody is told."""
        self._process.kill()
        self._process.wait()

    def kill_group(self) -> None:
        """Ends a child that was started with start_new_session=True, and its children with it, at
        once.
        """
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self, grace_seconds: float = 5) -> int:
        """Asks with SIGTERM, insists with SIGKILL after the grace."""
        if self.exit_code is None:
            self.send(signal.SIGTERM)
            try:
                self.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        return self._process.returncode

    def output_tail(self, lines: int = 15) -> str:
        if not self.log or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def wait_until(check, *, seconds: float, what: str, every: float = POLL_SECONDS):
    """Polls `check` until it returns something true, and returns that; TimeoutError after
    `seconds`. every: seconds between two looks, more for a look that costs something.
    """
    end = time.monotonic() + seconds
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(every)


def wait_until_ready(child: Child, answers, *, seconds: float = 20) -> None:
    """Until `answers()` is true without an OSError; NotReady if the child ends first or time runs
    out.
    """

    def check():
        if child.exit_code is not None:
            raise NotReady(f"{child.name} ended with {child.exit_code}:\n{child.output_tail()}")
        with contextlib.suppress(OSError):
            return answers()
        return False

    try:
        wait_until(check, seconds=seconds, what=child.name)
    except TimeoutError as late:
        raise NotReady(
            f"{child.name} did not answer within {seconds} s:\n{child.output_tail()}"
        ) from late


def imap_greets(port: int) -> bool:
    """Whether an IMAP server on this loopback port says hello in plain text."""
    with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
        return connection.recv(64).startswith(b"* OK")


def free_port() -> int:
    """A loopback port nobody listens on now. Somebody else may take it before you do: ask late.

    It lies below those the kernel hands out to outgoing connections, so that none of them takes the
    place of a server that is away for a moment.
    """
    while True:
        port = random.randrange(_FIRST_PORT, _first_outgoing_port())
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


def _first_outgoing_port() -> int:
    return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


@contextlib.contextmanager
def temporary_folder(prefix: str = "mailhaul-", parent=None):
    """A folder with a short path (socket paths end at 107 octets) which is gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    path.chmod(0o755)  # servers that root starts as another user must be able to walk in
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
