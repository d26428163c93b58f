"""bench/copy: the command line, the servers around the runs, and what is printed in the end."""

import argparse
import sys
import time

from mailhaul_support.processes import NotInstalled, temporary_folder, unwind_on_sigterm

from . import corpora, plan, table, verdicts
from .clients import CLIENTS
from .measure import Broken
from .results import Results
from .runner import Runner
from .servers import memory_folder, two_sides

_ROUND_TRIPS_MS = (0, 100)


def main(description: str) -> int:
    options = _parse(description)
    unwind_on_sigterm()
    started = time.monotonic()
    try:
        results = _measure(options)
    except (Broken, NotInstalled) as failure:
        print(f"bench/copy: {failure}", file=sys.stderr)
        return 1
    return _report(results, time.monotonic() - started)


def _parse(description: str) -> argparse.Namespace:
    def names(known):
        def parse(text):
            chosen = text.split(",")
            if unknown := set(chosen) - set(map(str, known)):
                raise argparse.ArgumentTypeError(
                    f"{', '.join(unknown)}: known are {', '.join(map(str, known))}"
                )
            return [one for one in known if str(one) in chosen]

        return parse

    families = list(dict.fromkeys(client.family for client in CLIENTS))
    parser = argparse.ArgumentParser(
        prog="bench/copy",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--short", action="store_true", help="a tenth of the mail: under a minute")
    parser.add_argument(
        "--only",
        type=names(families),
        default=families,
        metavar="WHAT,...",
        help=f"of {', '.join(families)}",
    )
    parser.add_argument(
        "--corpus",
        type=names(corpora.NAMES),
        default=corpora.NAMES,
        metavar="NAME,...",
        help=f"of {', '.join(corpora.NAMES)}",
    )
    parser.add_argument(
        "--rtt",
        type=names(_ROUND_TRIPS_MS),
        default=_ROUND_TRIPS_MS,
        metavar="MS,...",
        help=f"round-trip times, of {', '.join(map(str, _ROUND_TRIPS_MS))}",
    )
    return parser.parse_args()


def _measure(options) -> Results:
    clients = [client for client in CLIENTS if client.family in options.only]
    for client in clients:
        client.program()
    settings = plan.settings(options.corpus, options.rtt, options.short)
    with temporary_folder("mh-", parent=memory_folder()) as folder, two_sides(
        folder, options.rtt
    ) as (source, destination):
        return Runner(folder, source, destination, clients, options.short).run_all(settings)


def _report(results: Results, took_s: float) -> int:
    judged = verdicts.judge(results)
    faults = (f"FAIL  {fault.splitlines()[0]}" for fault in results.faults)
    print(
        table.render(results),
        "",
        *judged,
        *faults,
        "",
        table.METHOD,
        f"Took {took_s:.0f} s.",
        sep="\n",
    )
    return 1 if results.faults or not all(verdict.kept for verdict in judged) else 0
