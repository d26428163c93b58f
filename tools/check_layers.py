#!/usr/bin/env python3
"""Checks the includes of all C++ below a root against its tools/layers.txt.

Prints one line per include that is not allowed, "file:line: why", and exits with 1 if there was any.
"""

import fnmatch
import graphlib
import pathlib
import re
import sys

SOURCE_FOLDERS = ("common", "worker", "coordinator", "cli")
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
PROTO = re.compile(r"mailhaul/v1/\w+(\.grpc)?\.pb\.h")


class Rules:
    """The content of layers.txt."""

    def __init__(self, text):
        self.allowed = {}  # folder or file -> what it may include
        self.headers = []  # (pattern of headers, paths that may include them)
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            if not line:
                continue
            subject, _, rest = line.partition(":")
            if subject.startswith("<"):
                self.headers.append((subject.strip("<>"), rest.split()))
            else:
                self.allowed[subject] = rest.split()

    def layer_of(self, path):
        """The longest path of `allowed` that holds `path`; None if there is none."""
        holding = [layer for layer in self.allowed if is_below(path, layer)]
        return max(holding, key=len, default=None)

    def cycle(self):
        """Layers that include each other in a circle; None if there are none."""
        graph = {}
        for layer, targets in self.allowed.items():
            graph[layer] = [
                other for other in self.allowed if other != layer and any(is_below(other, t) for t in targets)
            ]
        try:
            graphlib.TopologicalSorter(graph).prepare()
        except graphlib.CycleError as error:
            return error.args[1]
        return None

    def fault_of(self, path, header):
        """Why `path` may not include `header`; None if it may."""
        for pattern, places in self.headers:
            if fnmatch.fnmatchcase(header, pattern) and not any(matches(path, place) for place in places):
                return f"<{header}> may be included only in {', '.join(places) or 'no file'}"
        layer = self.layer_of(path)
        if layer is None:
            return f"tools/layers.txt has no line for {path}"
        target = "proto" if PROTO.fullmatch(header) else header
        if not target.startswith(SOURCE_FOLDERS + ("proto",)):
            return None  # a library, or generated beside the source
        if self.layer_of(target) == layer or any(is_below(target, folder) for folder in self.allowed[layer]):
            return None
        return f"{layer} may not include {header}"


def is_below(path, folder):
    return path == folder or path.startswith(folder + "/")


def matches(path, place):
    return is_below(path, place) or fnmatch.fnmatchcase(path, place)


def includes_of(text):
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(2)


def sources(root):
    for folder in SOURCE_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cc") and path.is_file():
                yield path


def check(root):
    """Every fault below `root`, as a line of text."""
    rules = Rules((root / "tools/layers.txt").read_text())
    cycle = rules.cycle()
    if cycle:
        yield "tools/layers.txt: these include each other: " + " -> ".join(cycle)
    for path in sources(root):
        relative = path.relative_to(root).as_posix()
        for number, header in includes_of(path.read_text()):
            fault = rules.fault_of(relative, header)
            if fault:
                yield f"{relative}:{number}: {fault}"


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    faults = list(check(root))
    print("\n".join(faults) if faults else "layers: every include is allowed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
