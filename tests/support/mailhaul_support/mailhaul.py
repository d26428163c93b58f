"""The mailhaul binary as tests and the demonstration drive it: its CSV, its processes, its answers.
"""

import csv
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .processes import LOOPBACK, Child, NotInstalled, free_port, wait_until

_COLUMNS = (
    "source_user",
    "source_password",
    "source_host",
    "source_port",
    "source_security",
    "destination_user",
    "destination_password",
    "destination_host",
    "destination_port",
    "destination_security",
    "destination_folder",
    "request_type",
)


# The password of every account of an end-to-end test: it holds what CSV, IMAP and shells treat as
# special, and may not show up in anything mailhaul said.
CANARY = "c4nary,\"p\\w;%s'$x"
TELLING_PART = "c4nary"
_SANITIZER_REPORT = re.compile("(Address|Leak|Thread)Sanitizer|runtime error:")


def faults_said(folder) -> list[str]:
    """What no log beneath `folder` may hold, a line each: a password, a sanitizer's report."""
    faults = []
    for path in sorted(Path(folder).rglob("*.log")):
        text = path.read_text(errors="replace")
        if TELLING_PART in text:
            faults.append(f"a password was told in {path.name}")
        if _SANITIZER_REPORT.search(text):
            faults.append(f"a sanitizer's report in {path.name}: {text[:3000]}")
    return faults


@dataclass(frozen=True)
class Side:
    """One end of a row; `host` and `security` are worth changing to see what happens."""

    user: str
    password: str
    port: int
    host: str = LOOPBACK
    security: str = "plaintext"


@dataclass(frozen=True)
class Row:
    source: Side
    destination: Side
    folder: str = ""
    request_type: str = "IMAP-IMAP-IMAP"

    def fields(self):
        sides = [
            (s.user, s.password, s.host, s.port, s.security)
            for s in (self.source, self.destination)
        ]
        return [*sides[0], *sides[1], self.folder, self.request_type]


def write_csv(path, rows) -> Path:
    path = Path(path)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(row.fields() for row in rows)
    return path


@dataclass(frozen=True)
class Finished:
    """How one call of the binary ended."""

    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)

    def everything(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def binary() -> str:
    """The binary under test: the environment's MAILHAUL, else the release build of this clone."""
    built = Path(__file__).parents[3] / "build/release/cli/mailhaul"
    path = os.environ.get("MAILHAUL") or str(built)
    if not os.access(path, os.X_OK):
        raise NotInstalled(
            f"{path} is not there: cmake --preset release && cmake --build --preset release"
        )
    return path


class Mailhaul:
    """Runs the binary with everything it says kept in `folder`, so that a test can look for what
    must not be there.
    """

    def __init__(self, folder):
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._calls = 0

    def run(self, *arguments, seconds: float = 120) -> Finished:
        """One call to its end. When that does not come in time it is killed: an AssertionError."""
        out, err = self._new_log("out"), self._new_log("err")
        with open(out, "wb") as out_file, open(err, "wb") as err_file:
            child = Child(
                [binary(), *arguments], stdin=subprocess.DEVNULL, stdout=out_file, stderr=err_file
            )
            try:
                code = child.wait(seconds)
            except subprocess.TimeoutExpired:
                code = f"none within {seconds} s"
                child.kill()
        finished = Finished(code, *(path.read_text(errors="replace") for path in (out, err)))
        if isinstance(code, str):
            raise AssertionError(f"{arguments} hangs: {finished.everything()}")
        return finished

    def _new_log(self, suffix: str) -> Path:
        self._calls += 1
        return self._folder / f"{self._calls}-{suffix}.log"

    def start(self, *arguments) -> Child:
        """A process that goes on; what it says goes to its log."""
        return Child(
            [binary(), *arguments],
            log=self._new_log(arguments[0]),
            stdin=subprocess.DEVNULL,
        )


class Cluster:
    """A coordinator and workers around one Redis, and the client verbs that talk to it.

    options: for the coordinator and every worker.
    """

    def __init__(self, mailhaul: Mailhaul, redis_address: str, *, caps: str = "", options=()):
        self.mailhaul = mailhaul
        self.address = f"{LOOPBACK}:{free_port()}"
        self.coordinator = None
        self.workers = []
        self._common = ["--redis-address", redis_address, *options]
        self._caps = ["--caps", caps] if caps else []

    def __enter__(self):
        self.start_coordinator()
        return self

    def __exit__(self, *_):
        for child in (*self.workers, self.coordinator):
            child.kill()

    def start_coordinator(self, *, wait: bool = True) -> None:
        self.coordinator = self.mailhaul.start(
            "coordinator",
            *self._common,
            *self._caps,
            "--grpc-listen",
            self.address,
            "--http-listen",
            f"{LOOPBACK}:{free_port()}",
        )
        if wait:
            wait_until(lambda: self.ask("list").code == 0, seconds=20, what="coordinator")

    def start_worker(self, *arguments) -> Child:
        """Named worker-1, worker-2, ... in the order of their starts."""
        worker = self.mailhaul.start(
            "worker",
            *self._common,
            "--coordinator",
            self.address,
            "--http-listen",
            "",
            "--worker-id",
            f"worker-{len(self.workers) + 1}",
            *arguments,
        )
        self.workers.append(worker)
        return worker

    def ask(self, verb, *arguments, seconds: float = 60) -> Finished:
        return self.mailhaul.run(verb, *arguments, "--coordinator", self.address, seconds=seconds)
