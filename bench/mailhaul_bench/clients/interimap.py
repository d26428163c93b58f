"""interimap: its two-way synchronisation with an empty side, which comes to a copy."""

from mailhaul_support.processes import require_program

from .client import Client, Task

_CONFIGURATION = """database = {database}

[local]
{local}
[remote]
{remote}
"""

_SIDE = """type = imap
host = {at.host}
port = {at.port}
username = {at.user}
password = {at.password}
STARTTLS = NO
compress = NO
"""


class Interimap(Client):
    name = "interimap"
    family = "interimap"
    is_peer = True

    def program(self):
        return require_program("interimap")

    def prepare(self, task: Task) -> list:
        configuration = task.folder / "interimap.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                database=task.folder / "state.db",
                local=_SIDE.format(at=task.destination),
                remote=_SIDE.format(at=task.source),
            )
        )
        return ["--quiet", f"--config={configuration}"]
