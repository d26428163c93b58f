"""The passes that are measured, in the order in which one prepares the next."""

from collections.abc import Iterator
from pathlib import Path

from mailhaul_support.corpus_many import many

from ..measure import Broken
from .deployment import Cost, Deployment
from .world import Account, World

ADOPT = "adopt"
ADOPT_HALF = "adopt half"
UNCHANGED = "unchanged"
UNCHANGED_WITHOUT_CONDSTORE = "unchanged, no CONDSTORE"
CHANGED = "1 new, 1 % reflagged"

# Copying more than this would take minutes and tell nothing new.
_MOST_MISSING = 100_000


def measure(folder: Path, messages: int) -> Iterator[Cost]:
    """A row whenever one is done. Broken: a pass failed, or the destination is not what it should
    be afterwards.
    """
    with World(folder) as world:
        source = world.at_source("source")
        source.fill(many(messages))
        source.expect(messages)
        yield _adopt_half(world, source, messages)
        yield from _adopt_and_come_again(world, source, messages)


def _adopt_half(world: World, source: Account, messages: int) -> Cost:
    missing = min(messages // 2, _MOST_MISSING)
    destination = world.at_destination("half")
    destination.become(source)
    # Every second of the last; in a new folder UIDs are counted from 1.
    destination.delete(range(messages - 2 * missing + 1, messages + 1, 2))
    destination.expect(messages - missing)
    with Deployment(world, source.user, destination.user) as mailhaul:
        cost = mailhaul.one_pass(f"{ADOPT_HALF}, {missing:,} missing")
    _expect(cost, copied=missing, already_there=messages - missing)
    destination.expect(messages)
    return cost


def _adopt_and_come_again(world: World, source: Account, messages: int) -> Iterator[Cost]:
    destination = world.at_destination("whole")
    destination.become(source)
    with Deployment(world, source.user, destination.user) as mailhaul:

        def again(what: str, copied: int = 0) -> Cost:
            cost = mailhaul.one_pass(what)
            _expect(cost, copied, already_there=messages)
            destination.expect(messages + copied)
            return cost

        yield again(ADOPT)
        yield again(UNCHANGED)
        with world.source_road.without("CONDSTORE", "QRESYNC"):
            yield again(UNCHANGED_WITHOUT_CONDSTORE)
        # Noted once more, so that the last row differs from "unchanged" by what happened only.
        again("(its HIGHESTMODSEQ is noted again)")
        reflagged = range(100, messages + 1, 100)
        source.write("new")
        source.flag(reflagged)
        yield again(CHANGED, copied=1)
        if destination.flagged() != len(reflagged):
            raise Broken(f"{destination.flagged():,} flags arrived, not {len(reflagged):,}")


def _expect(cost: Cost, copied: int, already_there: int) -> None:
    if (cost.copied, cost.already_there) != (copied, already_there):
        raise Broken(
            f"{cost.what}: {cost.copied:,} copied and {cost.already_there:,} already there, "
            f"not {copied:,} and {already_there:,}"
        )
