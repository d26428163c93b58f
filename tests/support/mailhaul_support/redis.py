"""A private Redis on a Unix socket, kept in memory unless asked otherwise."""

import os
import socket
import subprocess
from pathlib import Path

from .processes import LOOPBACK, Child, free_port, require_program, wait_until_ready


# What common/queue/lua/vouch-1.lua does.
_VOUCH = (
    "return redis.call('HSET', KEYS[1], 'run_id', redis.call('INFO', 'server'):match('run_id:(%w+)'),"
    " 'hold_until', 1)"
)


class RedisServer:
    """Runs while the `with` block does.

    with_tcp also opens a loopback port; keep_on_disk writes an append-only file, so that a server
    which was killed and started again still knows what it acknowledged. fsync: "always", or
    "everysec" as most installations have it.
    """

    def __init__(
        self,
        folder,
        *,
        with_tcp: bool = False,
        keep_on_disk: bool = False,
        fsync: str = "always",
    ):
        self.folder = Path(folder)
        self.socket_path = self.folder / "redis.sock"
        self.port = free_port() if with_tcp else 0
        self._keep_on_disk = keep_on_disk
        self._fsync = fsync
        self._child = None
        self._vouched = False

    @property
    def address(self) -> str:
        """As mailhaul's --redis takes it."""
        return f"unix:{self.socket_path}"

    @property
    def tcp_address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        append_only = "yes" if self._keep_on_disk else "no"
        self._child = Child(
            [
                require_program("redis-server"),
                "--port",
                self.port,
                "--bind",
                LOOPBACK,
                "--daemonize",
                "no",
                "--unixsocket",
                self.socket_path,
                "--dir",
                self.folder,
                "--save",
                "",
                "--appendonly",
                append_only,
                "--appendfsync",
                self._fsync,
            ],
            log=self.folder / "redis.log",
        )
        wait_until_ready(self._child, lambda: self.command("PING") == "PONG")
        if not self._vouched:
            self.vouch()

    def vouch(self) -> None:
        """Nobody can hold a lease of a Redis that was never there before: its default queue need
        not wait for them to end, as it does in every later life.
        """
        self.command("EVAL", f'"{_VOUCH}"', "1", "mh:{default}:meta")
        self._vouched = True

    def stop(self) -> None:
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        self._child.kill()

    def cut(self, share: float) -> str:
        """As if the power went, and the disk had only so much of the append-only file's newest
        part: keeps that share of its octets, of a Redis that is not running. Says what it did.

        redis-check-aof then takes away what is left of an unfinished transaction. Redis 7.0 would
        leave its beginning in the file, and half apply it at its next start but one.
        """
        newest = max(self.folder.glob("appendonlydir/*.incr.aof"), key=lambda f: f.stat().st_mtime)
        size = newest.stat().st_size
        os.truncate(newest, int(size * share))
        with open(self.folder / "check-aof.log", "ab") as log:
            subprocess.run(
                [require_program("redis-check-aof"), "--fix", newest],
                input=b"y\n",
                stdout=log,
                stderr=log,
                timeout=30,
                check=True,
            )
        return f"{newest.stat().st_size} of {size} octets kept"

    def command(self, *words: str) -> str:
        """One inline command whose reply is a single line; for readiness and simple questions."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.socket_path))
            connection.sendall(" ".join(words).encode() + b"\r\n")
            return connection.makefile("rb").readline().decode().strip().lstrip("+:")
