"""Tells one child's share from that of the process that started it."""

from pathlib import Path


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
        # Nanoseconds on a CPU: proc(5) has it as schedstat. The clock ticks of stat are too coarse.
        spent = (task.read_text().split()[0] for task in process.glob("task/*/schedstat"))
        # Of a process that has ended nothing is left to read.
        self.cpu_s = max(self.cpu_s, sum(map(int, spent)) / 1e9)
        for line in (process / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                self.peak_rss_mb = int(line.split()[1]) / 1024
