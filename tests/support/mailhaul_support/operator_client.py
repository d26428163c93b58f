"""What an operator does around a migration: hands the CSV in until somebody takes it, looks at the
report.
"""

import threading

from .mailhaul import Finished, Mailhaul

_UNREACHABLE = 3  # the exit code for a coordinator or a Redis that is away
_AGAIN_AFTER = 0.3


class Client:
    """The client verbs with a log folder of their own, so that each thread may have one."""

    def __init__(self, folder, address: str):
        self._mailhaul = Mailhaul(folder)
        self._address = address

    def ask(self, verb, *arguments) -> Finished:
        return self._mailhaul.run(verb, *arguments, "-o", "json", "--coordinator", self._address)

    def jobs(self, batch: str):
        """The batch's jobs by the report, None while it cannot be had."""
        finished = self.ask("report", batch)
        return finished.json()["jobs"] if finished.code in (0, 1) else None

    def batches(self):
        """Every batch by the list, None while it cannot be had."""
        finished = self.ask("list")
        return finished.json().get("batches", []) if finished.code == 0 else None


class Submission:
    """One request id, handed in by a thread of its own, again whenever asked: after a loss of Redis
    it finds its batch again or makes it anew.
    """

    def __init__(self, client: Client, csv, request_id: str):
        self.request_id = request_id
        self.batch = None  # its name, once somebody took it
        self._client = client
        self._csv = csv
        self._threads = []
        self._given_up = threading.Event()
        self._refusal = None

    def hand_in(self) -> None:
        """Returns at once; finish() waits."""
        self._threads.append(threading.Thread(target=self._try_until_taken, daemon=True))
        self._threads[-1].start()

    def _try_until_taken(self) -> None:
        while not self._given_up.wait(_AGAIN_AFTER):
            finished = self._client.ask("submit", self._csv, "--request-id", self.request_id)
            if finished.code == 0:
                self.batch = finished.json()["name"]
                return
            if finished.code != _UNREACHABLE:
                self._refusal = finished.everything()
                return

    def finish(self, seconds: float) -> None:
        """AssertionError when it was refused, or nobody took it in time."""
        for thread in self._threads:
            thread.join(seconds)
        late = any(thread.is_alive() for thread in self._threads)
        self._given_up.set()
        if late or self._refusal:
            raise AssertionError(f"{self.request_id} not taken: {self._refusal or 'too late'}")
