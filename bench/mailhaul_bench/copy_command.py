"""bench/copy: the servers around the runs, and what is printed in the end."""

import sys
import time

from mailhaul_support.processes import NotInstalled, temporary_folder, unwind_on_sigterm

from . import options, table, verdicts
from .measure import Broken
from .plan import Plan
from .results import Results
from .runner import Runner
from .servers import memory_folder, two_sides


def main(description: str) -> int:
    plan = options.parse(description)
    unwind_on_sigterm()
    started = time.monotonic()
    try:
        results = _measure(plan)
    except (Broken, NotInstalled) as failure:
        print(f"bench/copy: {failure}", file=sys.stderr)
        return 1
    return _report(results, time.monotonic() - started)


def _measure(plan: Plan) -> Results:
    for client in plan.clients:
        client.program()  # what is missing is said before anything starts
    with temporary_folder("mh-", parent=memory_folder()) as folder:
        with two_sides(folder, plan.round_trips_ms) as (source, destination):
            return Runner(folder, source, destination).run_all(plan)


def _report(results: Results, took_s: float) -> int:
    judged = verdicts.judge(results)
    faults = [f"FAIL  {fault.splitlines()[0]}" for fault in results.faults]
    took = f"Took {took_s:.0f} s."
    print(table.render(results), "", *judged, *faults, "", table.METHOD, took, sep="\n")
    return 1 if faults or not all(verdict.kept for verdict in judged) else 0
