"""Whether a migration kept its promise for one mailbox: what arrived, and whether the report says
just that.
"""

from collections import Counter
from dataclasses import dataclass

from .busy_user import Changes
from .compare import Account, differences


@dataclass(frozen=True)
class Refusals:
    """What the destination is known to refuse: folders by path, messages by SHA-256."""

    folders: frozenset = frozenset()
    messages: frozenset = frozenset()
    parents_appear: bool = False  # see differences()


def without_refused(source: Account, refusals: Refusals) -> Account:
    """What has to come."""
    folders = {
        path: Counter({i: n for i, n in items.items() if i.sha256 not in refusals.messages})
        for path, items in source.folders.items()
        if path not in refusals.folders
    }
    return Account(folders, source.describe)


def lost_and_doubled(
    coming: Account, arrived: Account, changes: Changes, refusals: Refusals, *, may_return: bool
) -> list[str]:
    """What differs, a line each.

    may_return: Redis lost what it knew, so that mail which the user deleted looks as if it had
    never been sent, and may be there once more.
    """
    wanted = {path: Counter(items) for path, items in coming.folders.items()}
    found = {path: Counter(items) for path, items in arrived.folders.items()}
    for (path, item), count in changes.added.items():
        wanted[path][item] += count
    for (path, item), count in changes.deleted.items():
        wanted[path][item] -= count
        if may_return:
            excess = found[path][item] - wanted[path][item]
            found[path][item] -= max(0, min(excess, count))
    return differences(
        Account(wanted, coming.describe),
        Account(found, arrived.describe),
        parents_appear=refusals.parents_appear,
    )


def wrong_numbers(job: dict, source: Account, coming: Account) -> list[str]:
    """Where the report of a job that ended says something else than the truth."""
    tally = {key: int(value) for key, value in job.get("tally", {}).items()}
    found, came = source.message_count(), coming.message_count()
    state = "SUCCEEDED" if found == came else "SUCCEEDED_WITH_SKIPS"
    truth = {
        "state": (state, job["state"]),
        "found": (found, tally.get("found", 0)),
        "copied + already_there": (
            came,
            tally.get("copied", 0) + tally.get("already_there", 0),
        ),
        "failed + skipped": (found - came, tally.get("failed", 0) + tally.get("skipped", 0)),
        "remaining": (0, tally.get("remaining", 0)),
        "sum errors": ([], job.get("sum_errors", [])),
    }
    return [
        f"{job['name']}: {what} is {said}, should be {right}; {tally}, {job.get('error', '')}"
        for what, (right, said) in truth.items()
        if right != said
    ]
