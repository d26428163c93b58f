"""Tells one child's share from that of the process that started it."""

import os
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class ChildWatch:
    """Looks for a descendant by its program's name, and at what it used so far.

    The last look is up to one interval before the child's end: its last milliseconds are missing.
    """

    def __init__(self, program: str):
        self.cpu_s = 0.0
        self.peak_rss_mb = 0.0
        self._program = program
        self._pid = None

    def look(self, ancestor: int) -> None:
        try:
            self._pid = self._pid or self._find(ancestor)
            if self._pid:
                self._read(Path("/proc") / str(self._pid))
        except (OSError, ValueError):
            pass  # it ended while we looked

    def _find(self, ancestor: int):
        for children in Path(f"/proc/{ancestor}/task").glob("*/children"):
            for pid in map(int, children.read_text().split()):
                name = Path(f"/proc/{pid}/comm").read_text().strip()
                found = pid if name == self._program else self._find(pid)
                if found:
                    return found
        return None

    def _read(self, process: Path) -> None:
        after_name = (process / "stat").read_text().rsplit(")", 1)[1].split()
        self.cpu_s = (
            int(after_name[11]) + int(after_name[12])
        ) / _TICKS_PER_SECOND  # utime, stime: proc(5)
        for line in (process / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                self.peak_rss_mb = int(line.split()[1]) / 1024
