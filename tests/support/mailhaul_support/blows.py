"""What may happen to the processes of a migration, and when: drawn from a seed, so that it can
happen again.
"""

import random
from dataclasses import dataclass

_MOST_BLOWS = 3
# The copy of a round takes some six seconds; what comes later meets its recovery.
_WHILE_COPYING = (0.1, 6.0)
_WHILE_RECOVERING = (6.0, 11.0)
_PAUSE = (0.05, 2.0)
# How often each comes.
_WEIGHTS = {
    ("worker", "kill"): 4,
    ("worker", "stop"): 3,
    ("coordinator", "kill"): 1,
    ("redis", "kill"): 2,
    ("redis", "cut"): 3,
    ("source", "kill"): 2,
    ("destination", "kill"): 3,
}


@dataclass(frozen=True)
class Blow:
    """manner: "kill" is SIGKILL, "cut" is that and a cut of what Redis had written, "stop" is
    SIGSTOP. at and pause: seconds, from the round's begin to the blow, and from there to the new
    start or to SIGCONT. aim: 0 to 1, where it hits: which worker, which octet.
    """

    at: float
    target: str
    manner: str
    pause: float
    aim: float

    def __str__(self):
        return f"{self.manner} {self.target} at {self.at:.2f} s for {self.pause:.2f} s"


def plan(seed, past_lease: float) -> list[Blow]:
    """One to three blows in the order of time. past_lease: seconds after which a stopped worker's
    jobs are somebody else's.
    """
    chance = random.Random(f"blows {seed}")
    blows = [_blow(chance, past_lease) for _ in range(chance.randint(1, _MOST_BLOWS))]
    return sorted(blows, key=lambda blow: blow.at)


def _blow(chance: random.Random, past_lease: float) -> Blow:
    span = _WHILE_COPYING if chance.random() < 0.8 else _WHILE_RECOVERING
    target, manner = chance.choices(list(_WEIGHTS), weights=list(_WEIGHTS.values()))[0]
    pause = chance.uniform(*_PAUSE) + (past_lease if manner == "stop" else 0)
    return Blow(chance.uniform(*span), target, manner, pause, _aim(chance, manner))


def _aim(chance: random.Random, manner: str) -> float:
    """A cut loses the last moments as often as anything."""
    return chance.uniform(0.9, 1) if manner == "cut" and chance.random() < 0.5 else chance.random()
