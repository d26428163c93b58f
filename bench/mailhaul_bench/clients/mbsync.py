"""isync's mbsync, IMAP to IMAP, pipelining as much as it wants to."""

from mailhaul_support.processes import require_program

from .client import Client, Task

_STORE = """
IMAPAccount {name}
Host {at.host}
Port {at.port}
User {at.user}
Pass {at.password}
SSLType None
AuthMechs LOGIN

IMAPStore {name}
Account {name}
"""

_CHANNEL = """
Channel all
Far :source:
Near :destination:
Patterns *
Sync Pull
Create Near
CopyArrivalDate yes
SyncState {state}/
"""


class Mbsync(Client):
    name = "mbsync"
    family = "mbsync"
    is_peer = True

    def program(self):
        return require_program("mbsync")

    def prepare(self, task: Task) -> list:
        state = task.folder / "state"
        state.mkdir()
        configuration = task.folder / "mbsyncrc"
        configuration.write_text(
            _STORE.format(name="source", at=task.source)
            + _STORE.format(name="destination", at=task.destination)
            + _CHANNEL.format(state=state)
        )
        return ["-q", "-c", configuration, "-a"]
