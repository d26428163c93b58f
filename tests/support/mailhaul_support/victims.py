"""The processes of a migration that a blow may hit, and their coming back."""

import signal

from .blows import Blow
from .mailhaul import Cluster

_WORKERS = 2
_JOBS = 2  # of three mailboxes, so that both workers have some


class Victims:
    """A running cluster with two workers, its Redis and both mail servers.

    A blow at what already lies on the ground, and its mending, do nothing.
    """

    def __init__(self, cluster: Cluster, redis, source, destination):
        self._cluster = cluster
        self._servers = {"redis": redis, "source": source, "destination": destination}
        self._workers = [self._start_worker() for _ in range(_WORKERS)]
        self._down = {}  # name -> the blow that it lies under

    def strike(self, blow: Blow) -> str:
        name = self._name(blow)
        if name in self._down:
            return f"{name} is down already"
        self._down[name] = blow
        if blow.manner == "stop":
            self._process(name).send(signal.SIGSTOP)
        else:
            self._process(name).kill()
        told = self._servers["redis"].cut(blow.aim) if blow.manner == "cut" else ""
        return f"{blow.manner} {name} {told}"

    def mend(self, blow: Blow) -> str:
        name = self._name(blow)
        if self._down.get(name) is not blow:
            return f"{name} stays"
        if blow.manner == "stop":
            self._process(name).send(signal.SIGCONT)
        elif blow.target == "worker":
            self._workers[self._slot(blow)] = self._start_worker()
        elif blow.target == "coordinator":
            self._cluster.start_coordinator(wait=False)
        else:
            self._servers[name].start()
        del self._down[name]
        return f"{name} goes on"

    def check_alive(self) -> None:
        """AssertionError when somebody ended who was not killed."""
        for process in (*self._workers, self._cluster.coordinator):
            if process.exit_code is not None:
                raise AssertionError(f"{process.log}: ended with {process.exit_code}")

    def _start_worker(self):
        return self._cluster.start_worker("--worker-jobs", _JOBS)

    def _slot(self, blow: Blow) -> int:
        return int(blow.aim * _WORKERS)

    def _name(self, blow: Blow) -> str:
        return f"worker {self._slot(blow)}" if blow.target == "worker" else blow.target

    def _process(self, name: str):
        if name.startswith("worker"):
            return self._workers[int(name.split()[1])]
        return self._cluster.coordinator if name == "coordinator" else self._servers[name]
