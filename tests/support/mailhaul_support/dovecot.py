"""A private Dovecot 2.3 on free loopback ports; any user name logs in."""

import base64
import grp
import os
import pwd
from pathlib import Path

from .processes import (
    LOOPBACK,
    Child,
    free_port,
    imap_greets,
    is_root,
    require_program,
    wait_until_ready,
)

PASSWORD = "pw"

# One way to run for root and for everybody else: all of Dovecot under a single unprivileged user.
_CONFIG = """
protocols = imap
listen = {loopback}
base_dir = {folder}/run
state_dir = {folder}/state
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
default_process_limit = 1000
default_client_limit = 4000
first_valid_uid = 1
log_path = {folder}/dovecot.log
auth_verbose = yes
auth_failure_delay = 0
auth_username_chars =
disable_plaintext_auth = no
ssl = {ssl}
{tls}
mail_location = {storage}:~/mail
mail_fsync = never
mail_max_userip_connections = {max_connections}
passdb {{
  {passdb}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
  # One process for many logins: a fork per connection would be measured in the benchmarks.
  service_count = 0
  process_min_avail = 1
}}
service imap {{
  service_count = 100
  process_min_avail = 2
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
{extra}
"""


class DovecotServer:
    """Runs while the `with` block does; `port` speaks plain text, with a certificate STARTTLS too.

    storage: sdbox, mdbox or maildir. passwords: {user: password}; without it all have PASSWORD.
    certificate: a certificates.Certificate; with it tls_port speaks TLS from the first octet.
    separator and prefix: of the one namespace, e.g. "." and "INBOX.". capability: overrides what is
    advertised, whether or not it is true. extra: more lines for the configuration file.
    """

    def __init__(
        self,
        folder,
        *,
        storage="sdbox",
        passwords=None,
        certificate=None,
        separator="/",
        prefix="",
        capability=None,
        max_connections=1000,
        extra="",
    ):
        self.folder = Path(folder)
        self.port = free_port()
        self.tls_port = free_port() if certificate else 0
        self.log = self.folder / "dovecot.log"
        self._storage = storage
        self._passwords = passwords
        self._certificate = certificate
        self._separator = separator
        self._prefix = prefix
        self._max_connections = max_connections
        self._extra = extra + (f"\nimap_capability = {capability}" if capability else "")
        self._child = None

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        return self._child.pid

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self) -> None:
        account = pwd.getpwnam("nobody") if is_root() else pwd.getpwuid(os.getuid())
        self._write_files(account)
        self._child = Child(
            [require_program("dovecot"), "-F", "-c", self.folder / "dovecot.conf"],
            log=self.folder / "start.log",
            death_signal="TERM",
            start_new_session=True,
            user_id=account.pw_uid if is_root() else None,
        )
        wait_until_ready(self._child, lambda: imap_greets(self.port))

    def stop(self) -> None:
        self.kill()  # asked politely it takes a second

    def kill(self) -> None:
        """All of its processes at once; start() begins anew on the same port and mailboxes.

        Lock files that they left are removed: for an empty one Dovecot waits half a minute.
        """
        self._child.kill_group()
        for lock in (self.folder / "home").rglob("*lock"):
            lock.unlink(missing_ok=True)

    def password_of(self, user: str) -> str:
        return self._passwords[user] if self._passwords else PASSWORD

    def _write_files(self, account) -> None:
        for name in ("", "run", "state", "home"):
            path = self.folder / name
            path.mkdir(parents=True, exist_ok=True)
            if is_root():
                os.chown(path, account.pw_uid, account.pw_gid)
        (self.folder / "dovecot.conf").write_text(self._config(account))

    def _config(self, account) -> str:
        return _CONFIG.format(
            loopback=LOOPBACK,
            folder=self.folder,
            user=account.pw_name,
            group=grp.getgrgid(account.pw_gid).gr_name,
            uid=account.pw_uid,
            gid=account.pw_gid,
            storage=self._storage,
            max_connections=self._max_connections,
            separator=self._separator,
            prefix=self._prefix,
            port=self.port,
            tls_port=self.tls_port,
            passdb=self._passdb(),
            ssl="yes" if self._certificate else "no",
            tls=self._tls(),
            extra=self._extra,
        )

    def _passdb(self) -> str:
        if self._passwords is None:
            return f"driver = static\n  args = password={PASSWORD}"
        # In base64, for a password may hold the file's own separator.
        lines = [
            f"{user}:{{PLAIN.B64}}{base64.b64encode(password.encode()).decode()}"
            for user, password in self._passwords.items()
        ]
        path = self.folder / "passwd"
        path.write_text("\n".join(lines) + "\n")
        return f"driver = passwd-file\n  args = {path}"

    def _tls(self) -> str:
        if not self._certificate:
            return ""
        return f"ssl_cert = <{self._certificate.chain}\nssl_key = <{self._certificate.key}"
