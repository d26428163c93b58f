"""Runs one client to its end and says what it cost."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from mailhaul_support.processes import Child

from .child_watch import ChildWatch
from .programs import require_built

_LONGEST_SECONDS = 300
_LOOK_SECONDS = 0.02


class Broken(Exception):
    """A client failed; the text says which, how, and what it said last."""


@dataclass(frozen=True)
class Usage:
    wall_s: float
    cpu_s: float  # user and system, of the client and of every process it started
    peak_rss_mb: float  # of its largest process, in 2^20 octets
    output: str
    redis_cpu_s: float = 0.0  # the part of cpu_s that a private Redis used
    redis_peak_rss_mb: float = 0.0


def run(
    argv, folder: Path, *, good_exits=(0,), environment=None, watch: ChildWatch | None = None
) -> Usage:
    """Runs `argv` in `folder`. Broken: another exit code, no end, or a process left behind."""
    report = folder / "usage.json"
    log = folder / "client.log"
    child = Child(
        [require_built("bench/bench_measure"), report, *argv],
        log=log,
        cwd=folder,
        env=environment,
        death_signal="TERM",
        stdin=subprocess.DEVNULL,
    )
    _wait(child, argv, watch)
    usage = json.loads(report.read_text())
    if usage["exit_code"] not in good_exits:
        raise Broken(f"{argv[0]}: exit code {usage['exit_code']}\n{child.output_tail()}")
    if usage["left_running"]:
        raise Broken(f"{argv[0]}: left a process running\n{child.output_tail()}")
    return Usage(
        wall_s=usage["wall_s"],
        cpu_s=usage["user_s"] + usage["system_s"],
        peak_rss_mb=usage["peak_rss_kib"] / 1024,
        output=log.read_text(errors="replace"),
    )


def _wait(child: Child, argv, watch: ChildWatch | None) -> None:
    end = time.monotonic() + _LONGEST_SECONDS
    while child.exit_code is None:
        if time.monotonic() > end:
            child.stop()
            raise Broken(
                f"{argv[0]}: still running after {_LONGEST_SECONDS} s\n{child.output_tail()}"
            )
        if watch:
            watch.look(child.pid)
        try:
            child.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            continue
