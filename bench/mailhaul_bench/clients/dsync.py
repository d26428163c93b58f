"""Dovecot's dsync (`doveadm backup`): it pulls over IMAP and writes the destination's files itself.

It speaks to no destination server, so its figures leave out half of what the others do.
"""

import os
import pwd
from typing import ClassVar

from mailhaul_support.processes import is_root, require_program

from ..servers import count_messages
from .client import Client, Task

_CONFIGURATION = """
base_dir = {folder}/run
log_path = /dev/stderr
ssl = no
mail_home = {home}
mail_location = sdbox:{home}/mail
mail_fsync = never
mail_prefetch_count = 20
first_valid_uid = 1
mail_uid = {account.pw_uid}
mail_gid = {account.pw_gid}
imapc_host = {at.host}
imapc_port = {at.port}
imapc_user = {at.user}
imapc_password = {at.password}
imapc_features = rfc822.size fetch-headers
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


class Dsync(Client):
    name = "doveadm backup"
    family = "dsync"
    is_peer = True
    # 2 is its false "rename conflict" on a folder with quotes in its name; every message is copied.
    good_exits = (0, 2)
    # It wants a name, and asks nobody about it.
    environment: ClassVar = {**os.environ, "USER": "bench"}

    def program(self):
        return require_program("doveadm")

    def prepare(self, task: Task) -> list:
        # Dovecot refuses to handle mail as root.
        account = pwd.getpwnam("nobody") if is_root() else pwd.getpwuid(os.getuid())
        home = task.folder / "home"
        home.mkdir()
        os.chown(home, account.pw_uid, account.pw_gid)
        configuration = task.folder / "dsync.conf"
        configuration.write_text(
            _CONFIGURATION.format(folder=task.folder, home=home, at=task.source, account=account)
        )
        return ["-c", configuration, "backup", "-R", "imapc:"]

    def count_messages(self, task: Task) -> int:
        return count_messages(task.folder / "dsync.conf", environment=self.environment)
