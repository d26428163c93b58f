"""The table, and under it how it was measured."""

from .results import Results, Row
from .text_table import aligned

_COLUMNS = (
    "what",
    "mail",
    "RTT ms",
    "runs",
    "wall s [min-max]",
    "x floor",
    "msg/s",
    "MB/s",
    "CPU s/GB",
    "peak RSS MiB",
)

METHOD = """\
Two private Dovecots (sdbox in memory, mail_fsync=never), one mailbox, an empty destination for
each run, its messages counted afterwards by Dovecot's own tool. Wall is the whole process from
start to end, medians of interleaved rounds. The floor sends the same octets, rendered beforehand,
on one connection each way that do not wait for each other, its clock started after the logins; "x
floor" is against the better of the two. CPU is user and system of the client and of all it
started; peak RSS is that of its largest process in any run. doveadm backup writes the
destination's files itself and talks to no destination server. With a delay both sides are reached
through a proxy that adds it and limits nothing. MB = 10^6 octets of mail. See bench/README.md."""


def render(results: Results) -> str:
    lines = [_COLUMNS]
    for row in results.rows.values():
        lines.append(_cells(row, results.floor_s(row.setting)))
        if any(run.redis_cpu_s for run in row.runs):
            lines.append(_redis_cells(row))
    return aligned(lines, left=2)


def _cells(row: Row, floor_s: float | None) -> tuple[str, ...]:
    wall = row.wall_s
    return (
        row.client,
        row.setting.mail,
        str(row.setting.round_trip_ms),
        str(len(row.runs)),
        f"{wall:.2f} [{min(row.walls_s):.2f}-{max(row.walls_s):.2f}]",
        f"{wall / floor_s:.2f}" if floor_s else "-",
        f"{row.streams.messages / wall:.0f}",
        f"{row.streams.octets / wall / 1e6:.1f}",
        f"{row.cpu_s_per_gb:.2f}",
        f"{row.peak_rss_mb:.1f}",
    )


def _redis_cells(row: Row) -> tuple[str, ...]:
    return (
        "  of it redis-server",
        row.setting.mail,
        str(row.setting.round_trip_ms),
        "",
        "",
        "",
        "",
        "",
        f"{row.redis_cpu_s_per_gb:.2f}",
        f"{row.redis_peak_rss_mb:.1f}",
    )
