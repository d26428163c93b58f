"""Runs spin on docs/model/exactly_once.pml: visits every state, or finds the way to a fault.

    python3 tests/model/spin.py NO_GRACE    # the shortest way to a fault without this rule
    python3 tests/model/spin.py FAULTS=2    # every state, with any two things that break
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MODEL = pathlib.Path(__file__).resolve().parents[2] / "docs" / "model" / "exactly_once.pml"
COMPILER = "clang-19"
DEEPEST = 100_000  # steps of a path; the deepest there is has a few hundred
LONGEST_S = 600


class Verdict:
    """What one search found."""

    def __init__(self, output):
        self.errors = int(_number(r"errors: (\d+)", output))
        self.states = int(_number(r"(\d+) states, stored", output))
        fault = re.search(r"pan:\d+: (.*?) \(at depth", output)
        self.fault = fault.group(1) if fault else ""
        self.whole = "Search not completed" not in output and "max search depth" not in output

    @property
    def double(self):
        return self.fault.startswith("assertion violated (have[i]<=")

    @property
    def loss(self):
        return self.fault.startswith("assertion violated ((have[1]==")

    def __str__(self):
        what = "a double" if self.double else "a loss" if self.loss else self.fault or "no fault"
        return f"{what}, {self.states:,} states"


def _number(pattern, output):
    found = re.search(pattern, output)
    if not found:
        raise RuntimeError(f"pan said neither how many states nor how many errors:\n{output}")
    return found.group(1)


def missing():
    """The programs that are needed and not installed."""
    return [name for name in ("spin", COMPILER) if shutil.which(name) is None]


def search(definitions, *, quick_build=False):
    """The verdict over all states, or up to the first fault. Definitions: NAME or NAME=VALUE.

    With `quick_build` it is built sooner and runs slower: for searches that end soon.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _search(definitions, ["-O0" if quick_build else "-O2", "-DCOLLAPSE"], folder)


def story(definitions):
    """The verdict, and the shortest way to a fault as lines of text: none if there is no fault."""
    # Breadth first finds the shortest, and knows no hidden variables.
    definitions = [*definitions, "hidden="]
    with tempfile.TemporaryDirectory() as folder:
        verdict = _search(definitions, ["-O2", "-DBFS"], folder)
        if not verdict.errors:
            return verdict, []
        told = _spin(definitions, ["-T", "-B", "-t", "-k", f"{MODEL.name}.trail"], folder)
        return verdict, [line for line in told.splitlines() if not line.startswith("spin:")]


def _search(definitions, flags, folder):
    _spin(definitions, ["-a"], folder)
    _run([COMPILER, "-w", "-DSAFETY", *flags, "-o", "pan", "pan.c"], folder)
    return Verdict(_run(["./pan", f"-m{DEEPEST}"], folder))


def _spin(definitions, options, folder):
    given = [f"-D{definition}" for definition in definitions]
    return _run(["spin", f"-P{COMPILER} -E -x c", *given, *options, str(MODEL)], folder)


def _run(command, folder):
    done = subprocess.run(
        command, cwd=folder, timeout=LONGEST_S, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}")
    return done.stdout


def main():
    verdict, lines = story(sys.argv[1:])
    print("\n".join(lines))
    print(verdict)
    return 0


if __name__ == "__main__":
    sys.exit(main())
