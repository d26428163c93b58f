"""A private Cyrus IMAP 3.6 on a free loopback port; any user and password log in.

Debian's cyrus-imapd cannot be installed beside dovecot-imapd, so tools/setup unpacks it into a
folder of its own.
"""

import os
import pwd
import shutil
from pathlib import Path

from .processes import (
    LOOPBACK,
    Child,
    NotInstalled,
    free_port,
    imap_greets,
    is_root,
    wait_until_ready,
)

PASSWORD = "pw"

_IMAPD_CONF = """
configdirectory: {folder}/conf
partition-default: {folder}/mail
defaultpartition: default
cyrus_user: {user}
admins: cyrus
sasl_pwcheck_method: alwaystrue
sasl_mech_list: PLAIN LOGIN
allowplaintext: yes
autocreate_quota: 0
virtdomains: userid
munge8bit: no
unixhierarchysep: {unix_names}
altnamespace: {unix_names}
"""

_CYRUS_CONF = """
START {{
  recover cmd="{programs}/ctl_cyrusdb -C {folder}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{programs}/imapd -C {folder}/imapd.conf" listen="{address}" proto="tcp4" prefork=2
}}
EVENTS {{
}}
"""

# Debian's maintainer script makes these on installation; master expects them.
_FOLDERS = (
    "conf/db",
    "conf/proc",
    "conf/lock",
    "conf/socket",
    "conf/msg",
    "conf/ptclient",
    "conf/log",
    "conf/user",
    "conf/quota",
    "mail",
)


def unpacked_folder() -> Path:
    """Where tools/setup put Cyrus: the first of the places that holds it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for place in (Path("/var/cache/mailhaul/cyrus"), cache / "mailhaul/cyrus"):
        if (place / "usr/lib/cyrus/bin/master").exists():
            return place
    raise NotInstalled("Cyrus IMAP is not unpacked: run tools/setup")


class CyrusServer:
    """Runs while the `with` block does.

    dotted: names as Cyrus 2 had them, everything under "INBOX." with "." between levels; otherwise
    "/" and no prefix, as Cyrus 3 has them.
    """

    def __init__(self, folder, *, dotted: bool = False):
        self.folder = Path(folder)
        self.port = free_port()
        self._dotted = dotted
        self._child = None

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self) -> None:
        unpacked = unpacked_folder()
        account = pwd.getpwnam("nobody") if is_root() else pwd.getpwuid(os.getuid())
        self._write_files(unpacked / "usr/lib/cyrus/bin", account)
        libraries = next((unpacked / "usr/lib").glob("*/libcyrus.so.0")).parent
        self._child = Child(
            [
                unpacked / "usr/lib/cyrus/bin/master",
                "-D",
                "-C",
                self.folder / "imapd.conf",
                "-M",
                self.folder / "cyrus.conf",
                "-p",
                self.folder / "conf/master.pid",
            ],
            log=self.folder / "start.log",
            death_signal="TERM",
            start_new_session=True,
            user_id=account.pw_uid if is_root() else None,
            env={**os.environ, "LD_LIBRARY_PATH": str(libraries), "CYRUS_VERBOSE": "1"},
        )
        wait_until_ready(self._child, lambda: imap_greets(self.port))

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        """All of its processes at once; start() begins anew on the same port and mailboxes."""
        self._child.kill_group()

    def _write_files(self, programs: Path, account) -> None:
        for name in _FOLDERS:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if is_root():
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, account.pw_uid, account.pw_gid)
        values = {
            "folder": self.folder,
            "user": account.pw_name,
            "programs": programs,
            "address": self.address,
            "unix_names": "no" if self._dotted else "yes",
        }
        (self.folder / "imapd.conf").write_text(_IMAPD_CONF.format(**values))
        (self.folder / "cyrus.conf").write_text(_CYRUS_CONF.format(**values))
