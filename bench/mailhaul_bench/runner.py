"""Runs every client in every setting, round by round, and checks that all mail arrived."""

import itertools
import shutil
import sys
import time
from pathlib import Path

from mailhaul_support.corpus import by_name

from .clients.client import Client, Task
from .clients.floor import fill
from .corpora import part_of
from .measure import Broken
from .plan import Plan, Setting
from .results import Results
from .servers import Side
from .streams import Streams, render


class Runner:
    def __init__(self, folder: Path, source: Side, destination: Side):
        self._results = Results()
        self._folder = folder
        self._source = source
        self._destination = destination
        self._numbers = itertools.count(1)

    def run_all(self, plan: Plan) -> Results:
        for _, of_mail in itertools.groupby(plan.settings(), key=lambda s: s.mail):
            block = list(of_mail)
            user = f"source{next(self._numbers)}"
            streams = self._fill_source(user, block[0])
            for setting in block:
                for client in plan.runs(setting):
                    self._run_once(client, setting, user, streams)
            shutil.rmtree(self._folder / "streams")
            self._source.remove(user)
        return self._results

    def _fill_source(self, user: str, setting: Setting) -> Streams:
        _say(f"making the mail: {setting.mail}")
        corpus = part_of(setting.corpus) if setting.is_part else by_name(setting.corpus)
        streams = render(corpus, self._folder / "streams")
        work = self._work_folder()
        fill(self._source.endpoint(user), streams, work)
        shutil.rmtree(work)
        arrived = self._source.count_messages(user)
        if arrived != streams.messages:
            raise Broken(
                f"the source holds {arrived} messages of {setting.mail}, not {streams.messages}"
            )
        return streams

    def _run_once(
        self, client: Client, setting: Setting, source_user: str, streams: Streams
    ) -> None:
        user = f"{client.family}{next(self._numbers)}"
        task = Task(
            source=self._source.endpoint(source_user, setting.round_trip_ms),
            destination=self._destination.endpoint(user, setting.round_trip_ms),
            folder=self._work_folder(),
            streams=streams,
            count_at_destination=lambda: self._destination.count_messages(user),
        )
        started = time.monotonic()
        what = f"{setting.mail}, {setting.round_trip_ms} ms, {client.name}"
        try:
            usage = client.copy(task)
            self._check_count(what, client.count_messages(task), streams.messages)
            self._results.add(setting, client.name, streams, usage)
            _say(f"{what}: {usage.wall_s:.2f} s ({time.monotonic() - started:.1f} s)")
        except Broken as failure:
            self._fault(f"{what}: {failure}")
        self._destination.remove(user)
        shutil.rmtree(task.folder)

    def _check_count(self, what: str, arrived: int, expected: int) -> None:
        if arrived != expected:
            self._fault(f"{what}: WRONG COUNT: {arrived} messages arrived, not {expected}")

    def _fault(self, text: str) -> None:
        self._results.faults.append(text)
        _say(f"*** {text}")

    def _work_folder(self) -> Path:
        folder = self._folder / "work"
        folder.mkdir()
        return folder


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
