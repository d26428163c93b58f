"""The table of bench/second_pass, and under it how it was measured."""

from ..text_table import aligned
from .deployment import Cost

_COLUMNS = (
    "pass",
    "wall s",
    "worker CPU s",
    "MB from source",
    "MB from destination",
    "peak RSS MiB",
    "ledger kB",
    "copied",
    "already there",
)

METHOD = """\
Two private Dovecots (mdbox, mail_fsync=never), a Redis with its append-only file, a coordinator,
and for each row a fresh worker; one folder of messages of 600 octets. Wall is the job's duration in
the report, log-ins included; CPU and peak RSS (VmHWM) are the worker's alone; octets are what came
down the roads to both servers, which are proxies; the ledger is MEMORY USAGE of its key in Redis
after the pass. "adopt": the destination has the same mail, but not from mailhaul, and there is no
ledger. "adopt half": every second message is missing there, of the last 200,000 in a larger folder,
so that copying does not outweigh the match. CONDSTORE is hidden by a filter in Python, which is
slower than what it filters. After every pass IMAP STATUS counts the destination's messages. MB =
10^6 octets. See bench/README.md."""


def render(costs: list[Cost]) -> str:
    return aligned([_COLUMNS, *map(_cells, costs)], left=1)


def _cells(cost: Cost) -> tuple[str, ...]:
    return (
        cost.what,
        f"{cost.wall_s:.2f}",
        f"{cost.worker_cpu_s:.2f}",
        f"{cost.octets_from_source / 1e6:.3f}",
        f"{cost.octets_from_destination / 1e6:.3f}",
        f"{cost.peak_rss_mib:.1f}",
        f"{cost.ledger_octets / 1e3:.1f}",
        f"{cost.copied:,}",
        f"{cost.already_there:,}",
    )
