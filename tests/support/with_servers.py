#!/usr/bin/env python3
"""Runs a command while private servers run:  with_servers.py redis dovecot cyrus -- command...

Their addresses are in its environment: MAILHAUL_TEST_REDIS=unix:/path, MAILHAUL_TEST_DOVECOT and
MAILHAUL_TEST_CYRUS=127.0.0.1:port (plain text, any user, password "pw"). The exit code is the
command's; a server that is not installed ends it with 77 and the reason, or with 1 where CI is set.
"""

import contextlib
import importlib
import os
import sys

from mailhaul_support.processes import Child, NotInstalled, temporary_folder, unwind_on_sigterm

SERVERS = {
    "redis": ("mailhaul_support.redis", "RedisServer"),
    "dovecot": ("mailhaul_support.dovecot", "DovecotServer"),
    "cyrus": ("mailhaul_support.cyrus", "CyrusServer"),
}
EXIT_SKIPPED = (
    77  # what automake and ctest's SKIP_RETURN_CODE habitually mean by "could not be tried"
)


def split_arguments(arguments):
    if "--" not in arguments:
        raise SystemExit(__doc__)
    at = arguments.index("--")
    names, command = arguments[:at], arguments[at + 1 :]
    unknown = [name for name in names if name not in SERVERS]
    if unknown or not command:
        raise SystemExit(
            f"unknown server {unknown}; known are {list(SERVERS)}" if unknown else __doc__
        )
    return names, command


def start(name, folder):
    module, class_name = SERVERS[name]
    return getattr(importlib.import_module(module), class_name)(folder)


def run(names, command) -> int:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        environment = dict(os.environ)
        for name in names:
            server = stack.enter_context(start(name, folder / name))
            environment[f"MAILHAUL_TEST_{name.upper()}"] = server.address
        child = Child(command, env=environment)
        code = child.wait(None)
        return code if code >= 0 else 128 - code


def main() -> int:
    names, command = split_arguments(sys.argv[1:])
    unwind_on_sigterm()
    try:
        return run(names, command)
    except NotInstalled as missing:
        print(f"with_servers: {missing}", file=sys.stderr)
        return 1 if os.environ.get("CI") else EXIT_SKIPPED


if __name__ == "__main__":
    sys.exit(main())
