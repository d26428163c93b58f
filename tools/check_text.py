#!/usr/bin/env python3
"""Checks what every text file of the project has in common: its size, its line ends, nothing left to do.

Prints one line per fault, "file:line: why", and exits with 1 if there was any.
"""

import os
import pathlib
import re
import sys

SKIPPED_FOLDERS = {".git", "build", "__pycache__"}
CODE = {".h", ".cc", ".py", ".lua", ".pml", ".proto", ".cmake"}
TEXT = CODE | {".md", ".txt", ".json", ".yaml", ".yml", ".sh", ".supp"}

# Lines of a file. Longer ones are split: a file has one job.
MOST_LINES = {".h": 400, ".cc": 400, ".py": 400, ".lua": 120}
MOST_TEST_LINES = 500
MOST_COLUMNS = {".h": 100, ".cc": 100}

# In two parts, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


def files(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        for name in sorted(names):
            path = pathlib.Path(folder, name)
            if is_text(path) and not path.is_symlink():
                yield path


def is_text(path):
    if path.suffix:
        return path.suffix in TEXT
    with path.open("rb") as file:  # a script without a suffix
        return file.read(2) == b"#!"


def most_lines(relative):
    if relative.parts[0] == "tests" and relative.suffix in (".h", ".cc", ".py"):
        return MOST_TEST_LINES
    return MOST_LINES.get(relative.suffix)


def faults_of(relative, octets):
    """Every fault of one file, as (line, why)."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        yield 1, "is not UTF-8"
        return
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "the last line has no end"
        text += "\n"
    lines = text.split("\n")[:-1]
    most = most_lines(relative)
    if most and len(lines) > most:
        yield most, f"longer than {most} lines: split it"
    columns = MOST_COLUMNS.get(relative.suffix)
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "blanks at the end of the line"
        if columns and len(line) > columns:
            yield number, f"longer than {columns} columns"
        if relative.suffix in CODE and UNFINISHED.search(line):
            yield number, "something is left to do: do it, or open an issue"


def check(root):
    for path in files(root):
        relative = path.relative_to(root)
        for line, why in faults_of(relative, path.read_bytes()):
            yield f"{relative.as_posix()}:{line}: {why}"


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    faults = list(check(root))
    print("\n".join(faults) if faults else "text: no file has a fault")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
