"""What mailhaul promises about its speed, judged on the rows of one run."""

from collections.abc import Iterator
from dataclasses import dataclass

from .plan import Setting
from .results import Results

_MAILHAUL = "mailhaul"
_PEERS_OVER_IMAP = ("mbsync", "interimap")
_MOST_FLOORS_WITH_DELAY = 4.0
_MOST_PEAK_RSS_MIB = 40.0


@dataclass(frozen=True)
class Verdict:
    promise: str
    found: str
    kept: bool

    def __str__(self) -> str:
        return f"{'ok  ' if self.kept else 'FAIL'}  {self.promise}: {self.found}"


def judge(results: Results) -> list[Verdict]:
    """One verdict for each promise whose rows were measured.

    Time and CPU are judged on whole corpora only: on a part, starting up is most of both.
    """
    return [*_ahead_of_peers(results), *_near_the_floor(results), *_memory(results), *_cpu(results)]


def _ahead_of_peers(results: Results) -> Iterator[Verdict]:
    for (setting, client), ours in results.rows.items():
        if client != _MAILHAUL or setting.round_trip_ms != 0 or ours.setting.is_part:
            continue
        for name in _PEERS_OVER_IMAP:
            if peer := results.row(setting, name):
                yield Verdict(
                    f"{setting.corpus} at 0 ms: ahead of {name}",
                    f"{ours.wall_s:.2f} s, {name} {peer.wall_s:.2f} s",
                    ours.wall_s < peer.wall_s,
                )


def _near_the_floor(results: Results) -> Iterator[Verdict]:
    setting = Setting("mix", 100)
    ours, floor_s = results.row(setting, _MAILHAUL), results.floor_s(setting)
    if ours and floor_s:
        ratio = ours.wall_s / floor_s
        yield Verdict(
            f"mix at 100 ms: at most {_MOST_FLOORS_WITH_DELAY:g} x the floor, log-in included",
            f"{ratio:.2f} x",
            ratio <= _MOST_FLOORS_WITH_DELAY,
        )


def _memory(results: Results) -> Iterator[Verdict]:
    for (setting, client), ours in results.rows.items():
        if client == _MAILHAUL and setting.corpus == "big":
            yield Verdict(
                f"big at {setting.round_trip_ms} ms: peak memory under {_MOST_PEAK_RSS_MIB:g} MiB",
                f"{ours.peak_rss_mb:.1f} MiB",
                ours.peak_rss_mb < _MOST_PEAK_RSS_MIB,
            )


def _cpu(results: Results) -> Iterator[Verdict]:
    setting = Setting("mix", 0)
    ours, mbsync = results.row(setting, _MAILHAUL), results.row(setting, "mbsync")
    if ours and mbsync and not ours.setting.is_part:
        yield Verdict(
            "mix at 0 ms: no more CPU than mbsync",
            f"{ours.cpu_s_per_gb:.2f} s/GB, mbsync {mbsync.cpu_s_per_gb:.2f} s/GB",
            ours.cpu_s_per_gb <= mbsync.cpu_s_per_gb,
        )
