"""A test authority and the certificates it signs, made with openssl when needed."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .processes import require_program

_VALID_FROM_LONG_AGO = "20200101000000Z"
_EXPIRED_SINCE = "20210101000000Z"
_VALID_FOR_LONG = "20490101000000Z"
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

_CA_CONFIG = """
[ca]
default_ca = test
[test]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


@dataclass(frozen=True)
class Certificate:
    """Paths of PEM files; `chain` is what a server presents."""

    chain: Path
    key: Path


class Authority:
    """A certificate authority in a folder; `ca_file` is what a client must trust."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self.ca_file = self._folder / "ca.pem"
        (self._folder / "index.txt").touch()
        (self._folder / "ca.conf").write_text(_CA_CONFIG.format(folder=self._folder))
        self._openssl(
            "req",
            "-x509",
            *_NEW_KEY,
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "3650",
            "-subj",
            "/CN=mailhaul test authority",
        )

    def valid(self) -> Certificate:
        """For localhost and 127.0.0.1."""
        return self._issue("valid", "DNS:localhost,IP:127.0.0.1", _VALID_FOR_LONG)

    def expired(self) -> Certificate:
        return self._issue("expired", "DNS:localhost,IP:127.0.0.1", _EXPIRED_SINCE)

    def wrong_host(self) -> Certificate:
        return self._issue("wrong-host", "DNS:imap.elsewhere.example", _VALID_FOR_LONG)

    def _issue(self, name: str, alternative_names: str, valid_until: str) -> Certificate:
        self._openssl(
            "req",
            *_NEW_KEY,
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.csr",
            "-subj",
            f"/CN={name}",
            "-addext",
            f"subjectAltName={alternative_names}",
        )
        self._openssl(
            "ca",
            "-batch",
            "-config",
            "ca.conf",
            "-cert",
            "ca.pem",
            "-keyfile",
            "ca.key",
            "-startdate",
            _VALID_FROM_LONG_AGO,
            "-enddate",
            valid_until,
            "-notext",
            "-in",
            f"{name}.csr",
            "-out",
            f"{name}.pem",
        )
        key = self._folder / f"{name}.key"
        key.chmod(0o644)  # servers that root starts run as somebody else; it guards nothing
        return Certificate(self._folder / f"{name}.pem", key)

    def _openssl(self, *arguments: str) -> None:
        done = subprocess.run(
            [require_program("openssl"), *arguments],
            cwd=self._folder,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"openssl {arguments[0]}: {done.stderr}")
