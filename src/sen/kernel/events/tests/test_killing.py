"""Kill -9 of relay, consumers and broker, and cut connections, lose nothing and repeat nothing."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from sen.kernel.testing.processes import NatsServer, Process, PythonProcess, database_of_its_own

MODULE = "sen.kernel.events.tests.killed_process"
ROUNDS = int(os.environ.get("SEN_KILL_ROUNDS", "8"))
CUT_SHARE = 0.25

TABLES = """
CREATE TABLE counters (
  id int PRIMARY KEY, raised int NOT NULL DEFAULT 0, booked int NOT NULL DEFAULT 0
);
INSERT INTO counters SELECT generate_series(1, 8);
CREATE TABLE booked (id bigserial PRIMARY KEY, counter int NOT NULL, value int NOT NULL);
GRANT ALL ON counters, booked, booked_id_seq TO PUBLIC;
"""


@pytest.fixture
def addresses(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    with django_db_blocker.unblock(), database_of_its_own("killing") as variables:
        yield variables


@pytest.mark.slow
def test_killed_processes_lose_nothing_and_apply_nothing_twice(
    addresses: dict[str, str], tmp_path: Path
) -> None:
    chance = random.Random(597)
    with psycopg.connect(addresses["DATABASE_OWNER_URL"], autocommit=True) as database:
        database.execute(TABLES)
        nats = NatsServer(tmp_path)
        environment = {**addresses, "NATS_URL": nats.url, "SEN_SECRET_KEY": "x" * 50}

        def start(role: str, name: str) -> Process:
            log = tmp_path / f"{name}.log"
            return PythonProcess(MODULE, role, environment=environment, log=log)

        victims: list[Process] = [nats]
        victims += [start(role, f"{role}{n}") for role in ("relay", "consumers") for n in (1, 2)]
        publishers = [start(str(seed), f"publisher{seed}") for seed in (1, 2)]
        victims += publishers
        try:
            _until(lambda: _sum(database, "booked") > 20, "the first events are booked", tmp_path)
            for _round in range(ROUNDS):
                time.sleep(chance.uniform(0.1, 1.2))
                hit = [chance.choice(victims)]
                if chance.random() < CUT_SHARE:
                    _cut_connections(database.info.dbname)
                    hit = publishers  # they do not come back by themselves
                for victim in hit:
                    victim.kill()
                time.sleep(chance.uniform(0, 0.3))
                for victim in hit:
                    victim.start()
            for publisher in publishers:
                publisher.kill()
            raised = _sum(database, "raised")
            _until(lambda: _sum(database, "booked") >= raised, "all events are booked", tmp_path)
            time.sleep(0.5)
        finally:
            for victim in victims:
                victim.kill()
        assert _sum(database, "booked") == raised
        rows = database.execute("SELECT counter, value FROM booked ORDER BY id").fetchall()
        for counter in range(1, 9):
            values = [value for c, value in rows if c == counter]
            assert values == list(range(1, len(values) + 1)), f"counter {counter}"
        assert len(rows) == raised > 200
        assert database.execute("SELECT count(*) FROM kernel_events_delivery").fetchone() == (0,)


def _cut_connections(name: str) -> None:
    """What a restart of the database does to everybody who is connected."""
    with psycopg.connect(settings.DATABASE_SUPERUSER_URL, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND usename = 'sen_app'",
            [name],
        )


def _sum(database: psycopg.Connection[Any], column: str) -> int:
    row = database.execute(f"SELECT sum({column})::int FROM counters").fetchone()
    return int(row[0]) if row else 0


def _until(holds: Callable[[], bool], what: str, logs: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            tails = "\n".join(
                f"--- {log.name}\n{log.read_text()[-3000:]}" for log in sorted(logs.glob("*.log"))
            )
            pytest.fail(f"{what}: not within {seconds} s\n{tails}")
        time.sleep(0.05)
