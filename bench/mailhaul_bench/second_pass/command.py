"""bench/second_pass: its command line, and what is printed in the end."""

import argparse
import sys
import time

from mailhaul_support.processes import NotInstalled, temporary_folder, unwind_on_sigterm

from ..measure import Broken
from . import promises, rows, table

_MESSAGES = 1_000_000
_MESSAGES_OF_SHORT = 50_000


def main(description: str) -> int:
    messages = _parse(description)
    unwind_on_sigterm()
    started = time.monotonic()
    measured, fault = [], None
    try:
        with temporary_folder("mh-") as folder:
            for row in rows.measure(folder, messages):
                measured.append(row)
    except (Broken, NotInstalled) as failure:
        fault = f"FAIL  {failure}"
    verdicts = promises.judge(measured, messages)
    took = f"Took {time.monotonic() - started:.0f} s."
    faults = [fault] if fault else []
    print(table.render(measured), "", *verdicts, *faults, "", table.METHOD, took, sep="\n")
    return 1 if fault or not all(verdict.kept for verdict in verdicts) else 0


def _parse(description: str) -> int:
    parser = argparse.ArgumentParser(
        prog="bench/second_pass",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--messages", type=int, metavar="N", help=f"in the folder; default: {_MESSAGES:,}"
    )
    parser.add_argument("--short", action="store_true", help=f"{_MESSAGES_OF_SHORT:,} messages")
    chosen = parser.parse_args()
    return chosen.messages or (_MESSAGES_OF_SHORT if chosen.short else _MESSAGES)
