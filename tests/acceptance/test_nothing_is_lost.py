"""Whatever is killed: each acknowledged observation is stored once, each alarm raised once.

Broker, writer, rules, doors (HTTP and SensorThings) and the database, a PostgreSQL of the test's
own that flushes, die by SIGKILL in random order while devices send by HTTP, MQTT (QoS 1) and
SensorThings. In the end the store holds exactly what was acknowledged, and the alarms rose and
cleared exactly as an evaluation by hand of that data says, with one event for each rise.

``SEN_KILLS`` says how often, ``SEN_SEED`` in which order; both are logged.
"""

from __future__ import annotations

import logging
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from django.db import connections

from sen.domains.alarms import api as alarms
from sen.domains.telemetry.tests.flowing import Flow, make_sender, wait
from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import system
from sen.kernel.testing.processes import Process
from tests.acceptance.failing import (
    HttpLoad,
    Load,
    MqttLoad,
    PrivatePostgres,
    StaLoad,
    connected_to,
)

pytestmark = pytest.mark.slow
logger = logging.getLogger(__name__)

KILLS: Final = int(os.environ.get("SEN_KILLS", "5"))
SEED: Final = int(os.environ.get("SEN_SEED", "597"))
RAISE: Final = 30.0
CLEAR: Final = 25.0
#: The second rule fires after this many seconds; observations of a load are a second apart.
FOR_S: Final = 1


@pytest.fixture
def postgres(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock():
        server = PrivatePostgres()
        try:
            yield server
        finally:
            server.remove()


def test_nothing_is_lost_and_nothing_doubled_whatever_is_killed(
    postgres: PrivatePostgres, tmp_path: Path
) -> None:
    variables = postgres.bring_copy()
    variables["SEN_SECRET_KEY"] = "k" * 50
    flow = Flow(tmp_path, variables)
    with connected_to(variables["DATABASE_URL"]):
        rules: Process | None = None
        try:
            flow.start()
            loads = _begin(flow)
            rules = flow.python("rules")
            _wait_for_rules(postgres)
            for load in loads:
                load.start()
            for each in connections.all():
                each.close()
            _kill([flow.nats, flow.writer, rules, flow.door, postgres], loads)
            _end(loads)
            _settle(variables["DATABASE_URL"], loads)
            for process in (flow.nats, flow.writer, rules, flow.door, postgres):
                assert process.is_running, process.argv  # nobody died but by us
        finally:
            if rules is not None:
                rules.end()
            flow.stop()
    _check_store(postgres.dsn("sen"), loads)
    _check_alarms(postgres.dsn("sen"), loads)


def _begin(flow: Flow) -> list[Load]:
    kinds = {"H1": HttpLoad, "H2": HttpLoad, "M1": MqttLoad, "M2": MqttLoad, "S1": StaLoad}
    actor = system("set up a test")
    loads: list[Load] = []
    for number, (code, kind) in enumerate(kinds.items()):
        sender = make_sender(code, streams=2)
        size = 1 if kind is StaLoad else 10
        pause_s = 0.1 if kind is MqttLoad else 0.01  # it waits for no commit
        loads.append(kind(flow, sender, SEED + number, size, pause_s))
    first = loads[0].sender.streams[0]
    given: dict[str, Any] = {
        "kind": "THRESHOLD",
        "observed_property": first.observed_property,
        "owner_org": first.owner_org,
        "area": first.area,
    }
    level = {"severity": 3, "raise": RAISE, "clear": CLEAR}
    with acting_as(actor):
        for code, more in (("NGAY", {}), ("LAU", {"for_s": FOR_S, "clear_for_s": FOR_S})):
            rule = alarms.create_rule(
                actor=actor, code=code, name=code, definition={"levels": [level], **more}, **given
            )
            alarms.enforce_rule(actor=actor, row=rule)
    return loads


def _wait_for_rules(postgres: PrivatePostgres) -> None:
    with psycopg.connect(postgres.dsn("sen"), autocommit=True) as line:
        question = "SELECT 1 FROM telemetry_offset WHERE consumer = 'rules'"
        wait(lambda: line.execute(question).fetchone(), seconds=60)


def _kill(each: list[Process], loads: list[Load]) -> None:
    chance = random.Random(SEED)
    order = chance.sample(each, len(each))
    order += [chance.choice(each) for _ in range(KILLS - len(each))]
    began = time.monotonic()
    for victim in order[:KILLS]:
        if chance.random() < 0.7:
            _progress(loads)
        time.sleep(chance.uniform(0, 0.4))
        victim.kill()
        time.sleep(chance.uniform(0, 0.3))
        victim.start()
    _progress(loads)
    took = time.monotonic() - began
    logger.warning("seed %d: %d kills in %.0f s", SEED, min(KILLS, len(order)), took)


def _progress(loads: list[Load]) -> None:
    goals = [load.acknowledged + 3 * load.size for load in loads]

    def reached() -> bool:
        errors = [load.error for load in loads if load.error]
        assert not errors, errors
        return all(load.acknowledged >= goal for load, goal in zip(loads, goals, strict=True))

    wait(reached, seconds=90)


def _end(loads: list[Load]) -> None:
    for load in loads:
        load.halt()
    for load in loads:
        load.join(60)
        assert not load.is_alive()
        assert load.error is None, load.error
    counts = {load.sender.device.code: (load.acknowledged, load.repeated) for load in loads}
    logger.warning("acknowledged and sent again by device: %s", counts)


def _settle(url: str, loads: list[Load]) -> None:
    """Wait until everything that was acknowledged is stored, and the rules have read it too."""
    total = sum(load.acknowledged for load in loads)
    with psycopg.connect(url, autocommit=True) as line:
        line.execute("SELECT set_config('sen.system', 'on', false)")

        def stored() -> bool:
            row = line.execute("SELECT count(*) FROM telemetry_observation").fetchone()
            return row is not None and row[0] >= total

        def judged() -> bool:
            row = line.execute(
                "SELECT (SELECT seq FROM telemetry_offset WHERE consumer = 'rules')"
                " >= (SELECT seq FROM telemetry_offset WHERE consumer = 'writer')"
            ).fetchone()
            return bool(row and row[0])

        try:
            wait(stored, seconds=60)
            wait(judged, seconds=120)
        except TimeoutError:
            logger.warning("%s", line.execute("SELECT * FROM telemetry_offset").fetchall())


def _check_store(dsn: str, loads: list[Load]) -> None:
    with psycopg.connect(dsn) as line:
        rows = line.execute(
            "SELECT datastream_id, (extract(epoch FROM at) * 1000000)::bigint, result"
            " FROM telemetry_observation"
        ).fetchall()
    expected = {(pk, *row) for load in loads for pk, sent in load.sent.items() for row in sent}
    assert expected - set(rows) == set()
    assert set(rows) - expected == set()
    assert len(rows) == len(expected)


def _check_alarms(dsn: str, loads: list[Load]) -> None:
    with psycopg.connect(dsn) as line:
        rows = line.execute(
            "SELECT r.code, a.datastream_id, e.act, e.value FROM alarms_alarmentry e"
            " JOIN alarms_alarm a ON a.id = e.alarm_id JOIN alarms_rule r ON r.id = a.rule_id"
            " WHERE e.act IN ('RAISE', 'CLEAR') ORDER BY e.id"
        ).fetchall()
        [alarms_made, rises] = line.execute(
            "SELECT count(*), sum(count) FROM alarms_alarm"
        ).fetchone() or (0, 0)
        [events] = line.execute(
            "SELECT count(*) FROM kernel_events_outboxevent WHERE type LIKE '%alarm.raised%'"
        ).fetchone() or (0,)
    found: dict[tuple[str, int], list[tuple[str, float]]] = {}
    for code, stream, act, value in rows:
        found.setdefault((code, stream), []).append((act, value))
    expected = {}
    for load in loads:
        for pk, sent in load.sent.items():
            for code, held_s in (("NGAY", 0), ("LAU", FOR_S)):
                if turns := _by_hand(sent, held_s):
                    expected[code, pk] = turns
    for key in sorted(expected.keys() | found.keys()):
        assert found.get(key) == expected.get(key), key
    raised = sum(act == "RAISE" for turns in expected.values() for act, _value in turns)
    assert raised > 0
    assert rises == raised
    assert events == raised
    assert alarms_made == len(expected)
    logger.warning("%d rises of %d alarms", raised, alarms_made)


def _by_hand(rows: list[tuple[int, float]], held_s: int) -> list[tuple[str, float]]:
    """Rises and clearings of one stream, by the words of the rule and nothing of the engine."""
    turns: list[tuple[str, float]] = []
    bad_since = good_since = None
    firing = False
    for at, value in rows:
        bad_since = None if value < RAISE else bad_since or at
        good_since = None if value >= CLEAR else good_since or at
        since = good_since if firing else bad_since
        if since is not None and at - since >= held_s * 1_000_000:
            firing = not firing
            turns.append(("RAISE" if firing else "CLEAR", value))
    return turns
