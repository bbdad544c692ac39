"""Whatever is killed while observations come: each acknowledged one is stored, and only once.

``SEN_KILLS`` says how many times; the suite kills each process a time or two.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection

from sen.domains.telemetry.store.upkeep import Rollups
from sen.domains.telemetry.tests.flowing import (
    Flow,
    Sender,
    make_sender,
    running_flow,
    stored,
    wait,
)
from sen.kernel.access.context import as_system
from sen.kernel.sideline import open_sideline
from sen.kernel.testing.processes import database_of_its_own

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("SEN_KILLS", "3"))
SENDERS = 3
SIZE = 20


@pytest.fixture
def flow(django_db_setup: None, django_db_blocker: Any, tmp_path: Any) -> Iterator[Flow]:
    with (
        django_db_blocker.unblock(),
        database_of_its_own("killing") as variables,
        running_flow(tmp_path, variables) as running,
    ):
        yield running


class Load(threading.Thread):
    """Sends batches one after the other; what was not acknowledged is sent again."""

    def __init__(self, flow: Flow, sender: Sender, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.flow = flow
        self.sender = sender
        self.stop = stop
        self.acknowledged: set[tuple[int, int]] = set()
        self.repeated = 0

    def run(self) -> None:
        at = int(time.time()) * 1_000_000 - 86_400_000_000
        while not self.stop.is_set():
            at += 60_000_000
            stream = self.sender.streams[at // 60_000_000 % len(self.sender.streams)].pk
            times = [at + 1000 * n for n in range(SIZE)]
            body = {"streams": [stream] * SIZE, "times": times, "values": [1.0] * SIZE}
            while not self._send(body):
                self.repeated += 1
                time.sleep(0.05)
            self.acknowledged |= {(stream, moment) for moment in times}

    def _send(self, body: dict[str, Any]) -> bool:
        try:
            return self.flow.post(body, auth=self.sender.basic, timeout_s=8)[0] == 201
        except (OSError, ValueError):
            return False


def test_each_acknowledged_observation_is_stored_once(flow: Flow) -> None:
    senders = [make_sender(f"K{n}", streams=2) for n in range(SENDERS)]
    stop = threading.Event()
    loads = [Load(flow, sender, stop) for sender in senders]
    for load in loads:
        load.start()
    chance = random.Random(597)
    each = [flow.writer, flow.nats, flow.door]
    victims = [*each, *chance.choices(each, k=KILLS)]
    for victim in victims[:KILLS]:
        enough = [len(load.acknowledged) + 5 * SIZE for load in loads]
        wait(partial(_reached, loads, enough), seconds=60)
        victim.kill()
        victim.start()
    enough = [len(load.acknowledged) + 5 * SIZE for load in loads]
    wait(partial(_reached, loads, enough), seconds=60)
    stop.set()
    for load in loads:
        load.join(30)
    assert sum(load.repeated for load in loads) > 0  # the kills were felt
    acknowledged = set().union(*(load.acknowledged for load in loads))
    streams = [stream for sender in senders for stream in sender.streams]
    found = [(row[0], row[1]) for row in stored(*streams)]
    assert set(found) == acknowledged
    assert len(found) == len(acknowledged)
    newest = {pk: max(at for stream, at in found if stream == pk) for pk, _ in found}
    wait(lambda: _newest() == newest)
    with open_sideline() as line:
        wait(lambda: not line.execute("SELECT 1 FROM telemetry_changed LIMIT 1").fetchone())
        Rollups(line).settle()
        counted = line.execute(
            "SELECT step, sum(n) FROM telemetry_rollup GROUP BY step ORDER BY step"
        ).fetchall()
    assert counted == [(step, len(found)) for step in (1, 2, 3)]


def _reached(loads: list[Load], goals: list[int]) -> bool:
    return all(len(load.acknowledged) >= n for load, n in zip(loads, goals, strict=True))


def _newest() -> dict[int, int]:
    with as_system("look at the store"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT datastream_id, (extract(epoch FROM at) * 1000000)::bigint FROM telemetry_latest"
        )
        return dict(cursor.fetchall())
