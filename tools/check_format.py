#!/usr/bin/env python3
"""Checks that clang-format would change nothing in the project's C++.

Prints what it would change and exits with 1 if there was anything. `--fix` changes it instead.
"""

import pathlib
import shutil
import subprocess
import sys

FOLDERS = ("common", "worker", "coordinator", "cli", "tests", "bench")
FORMATTER = "clang-format-19"  # other versions break lines elsewhere


def sources(root):
    for folder in FOLDERS:
        yield from sorted(path for path in (root / folder).rglob("*") if path.suffix in (".h", ".cc"))


def main():
    fix = "--fix" in sys.argv[1:]
    root = pathlib.Path(__file__).resolve().parent.parent
    if shutil.which(FORMATTER) is None:
        print(f"format: {FORMATTER} is missing; tools/setup installs it")
        return 1
    command = [FORMATTER] + (["-i"] if fix else ["--dry-run", "--Werror"])
    done = subprocess.run(command + [str(path) for path in sources(root)], cwd=root)
    if done.returncode == 0:
        print("format: formatted" if fix else "format: nothing to change")
    else:
        print("format: tools/check_format.py --fix mends it")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
