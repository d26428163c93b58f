"""The command line of bench/copy."""

import argparse

from . import corpora
from .clients import CLIENTS
from .plan import Plan

_ROUND_TRIPS_MS = (0, 100)
_FAMILIES = tuple(dict.fromkeys(client.family for client in CLIENTS))


def parse(description: str) -> Plan:
    parser = argparse.ArgumentParser(
        prog="bench/copy",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--short", action="store_true", help="a tenth of the mail: under a minute")
    parser.add_argument("--rounds", type=_positive, default=3, metavar="N", help="default: 3")
    _add_choice(parser, "--only", _FAMILIES, "WHAT,...")
    _add_choice(parser, "--corpus", corpora.NAMES, "NAME,...")
    _add_choice(parser, "--rtt", _ROUND_TRIPS_MS, "MS,...")
    chosen = parser.parse_args()
    clients = [client for client in CLIENTS if client.family in chosen.only]
    return Plan(chosen.corpus, chosen.rtt, clients, chosen.rounds, chosen.short)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _add_choice(parser, name: str, known, metavar: str) -> None:
    words = ", ".join(map(str, known))

    def chosen(text):
        wanted = text.split(",")
        if not set(wanted) <= set(map(str, known)):
            raise argparse.ArgumentTypeError(f"{text}: not of {words}")
        return [one for one in known if str(one) in wanted]

    parser.add_argument(
        name, type=chosen, default=list(known), metavar=metavar, help=f"of {words}; default: all"
    )
