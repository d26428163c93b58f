"""What mailhaul promises about a second pass, judged on the rows of one run."""

from collections.abc import Iterator

from ..verdicts import Verdict
from .deployment import Cost
from .rows import UNCHANGED, UNCHANGED_WITHOUT_CONDSTORE

_MOST_PEAK_RSS_MIB = 150.0
_MOST_SECONDS_UNCHANGED = 2.0  # for each 100,000 messages, log-ins included
# The servers' greetings, and the state of the only folder.
_MOST_OCTETS_UNCHANGED = 10_000
# UID, flags and size of each message.
_MOST_OCTETS_LISTED_EACH = 80


def judge(costs: list[Cost], messages: int) -> list[Verdict]:
    """One verdict for each promise of each row that was measured."""
    return [verdict for cost in costs for verdict in _of_row(cost, messages)]


def _of_row(cost: Cost, messages: int) -> Iterator[Verdict]:
    yield Verdict(
        f"{cost.what}: peak memory under {_MOST_PEAK_RSS_MIB:g} MiB",
        f"{cost.peak_rss_mib:.1f} MiB",
        cost.peak_rss_mib < _MOST_PEAK_RSS_MIB,
    )
    if cost.what == UNCHANGED:
        most_s = _MOST_SECONDS_UNCHANGED * max(1.0, messages / 100_000)
        yield Verdict(
            f"{cost.what}: under {_MOST_SECONDS_UNCHANGED:g} s for 100,000 messages",
            f"{cost.wall_s:.2f} s for {messages:,}",
            cost.wall_s < most_s,
        )
        yield _no_body_read(cost, _MOST_OCTETS_UNCHANGED)
    if cost.what == UNCHANGED_WITHOUT_CONDSTORE:
        yield _no_body_read(cost, _MOST_OCTETS_LISTED_EACH * messages)


def _no_body_read(cost: Cost, most_octets: int) -> Verdict:
    return Verdict(
        f"{cost.what}: no message read, the source sends under {most_octets:,} octets",
        f"{cost.octets_from_source:,}",
        cost.octets_from_source < most_octets,
    )
