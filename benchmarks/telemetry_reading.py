"""Reading observations through ``telemetry.api`` as an official with bounded rights.

    .venv/bin/python benchmarks/telemetry_reading.py [--streams 10000] [--rounds 41]

DATABASE_URL and DATABASE_SUPERUSER_URL name a prepared database that may be written to. It gets a
station of its own with so many streams, a newest value for each, and a month of one of them: an
observation every 30 seconds with its rollups. Prints JSON, milliseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Sized
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from sen.kernel.access.scope import Actor

BEGIN = datetime(2026, 9, 30, 17, tzinfo=UTC)
DAYS = 31
INTERVAL_S = 30

_STREAMS = """
INSERT INTO telemetry_datastream ({names})
SELECT {values} FROM telemetry_datastream t, generate_series(2, %(count)s) n WHERE t.id = %(first)s
"""
_FILL = """
INSERT INTO telemetry_observation (datastream_id, at, result)
SELECT %(stream)s, %(begin)s::timestamptz + n * interval '30 seconds', 20 + 5 * sin(n / 600.0)
FROM generate_series(0, %(count)s - 1) n ON CONFLICT DO NOTHING
"""
_ROLL = """
INSERT INTO telemetry_rollup
SELECT datastream_id, %(step)s::smallint, telemetry_bucket(%(step)s::smallint, at), count(*), 0,
  min(result), max(result), avg(result),
  percentile_cont(0.05) WITHIN GROUP (ORDER BY result),
  percentile_cont(0.95) WITHIN GROUP (ORDER BY result), max(result)
FROM telemetry_observation WHERE datastream_id = %(stream)s GROUP BY 1, 3 ON CONFLICT DO NOTHING
"""
_NEWEST = """
INSERT INTO telemetry_latest
SELECT id, now(), id %% 50, 0, now(), NULL FROM telemetry_datastream WHERE thing_id = %(thing)s
ON CONFLICT DO NOTHING
"""


def make(count: int) -> tuple[Actor, int, list[int]]:
    """The reader, the stream with a month, all streams."""
    import psycopg

    from sen.domains.telemetry.models import Datastream
    from sen.domains.telemetry.tests.flowing import make_sender
    from sen.kernel.access.actors import actor_for
    from sen.kernel.access.context import as_system
    from sen.kernel.access.models import Organisation, User
    from sen.kernel.access.services import grant_role, put_node, put_role

    mark = f"R{int(time.time())}"
    with as_system("a benchmark makes what it measures"):
        owner = put_node(Organisation, code=mark, name="Đơn vị", kind="DEPARTMENT")
        sender = make_sender(mark, streams=1, interval_s=INTERVAL_S, owner_org=owner)
        first = sender.streams[0]
        user = User.objects.create_user(mark.lower(), kind="OFFICIAL", organisation=owner)
        role = put_role(
            code=mark.lower(),
            name_vi="Quan trắc",
            name_en="Telemetry",
            permissions=["telemetry.*.*"],
            clearance=2,
        )
        grant_role(user=user, role=role, organisation=owner)
    values = {
        field.column: f't."{field.column}"'
        for field in Datastream._meta.concrete_fields
        if not (field.primary_key or field.generated)
    } | {"code": f"'{mark}-' || n"}
    path = urlsplit(os.environ["DATABASE_URL"]).path
    address = os.environ["DATABASE_SUPERUSER_URL"].rpartition("/")[0] + path
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("SELECT set_config('sen.system', 'on', false)")
        listed = ", ".join(f'"{name}"' for name in values)
        query = _STREAMS.format(names=listed, values=", ".join(values.values()))
        server.execute(query.encode(), {"count": count, "first": first.pk})
        for day in range(-1, DAYS + 2):
            server.execute("SELECT telemetry_make_day((%s::date + %s::int))", [BEGIN.date(), day])
        rows = DAYS * 86_400 // INTERVAL_S
        server.execute(_FILL, {"stream": first.pk, "begin": BEGIN, "count": rows})
        for step in (1, 2, 3):
            server.execute(_ROLL, {"stream": first.pk, "step": step})
        server.execute(_NEWEST, {"thing": first.thing_id})
        for table in ("observation", "rollup", "latest", "datastream"):
            server.execute(f"VACUUM ANALYZE telemetry_{table}".encode())
        found = server.execute(
            "SELECT id FROM telemetry_datastream WHERE thing_id = %s", [first.thing_id]
        )
        return actor_for(user), first.pk, [pk for (pk,) in found.fetchall()]


def clock(read: Callable[[], Sized], rounds: int) -> dict[str, Any]:
    """Milliseconds of the whole call and of this process's own processor."""
    taken, own = [], []
    for _ in range(rounds):
        begin, used = time.perf_counter(), time.process_time()
        found = read()
        taken.append((time.perf_counter() - begin) * 1000)
        own.append((time.process_time() - used) * 1000)
    taken.sort()
    return {
        "rows": len(found),
        "median_ms": round(statistics.median(taken), 2),
        "p95_ms": round(taken[int(0.95 * len(taken))], 2),
        "slowest_ms": round(taken[-1], 2),
        "python_ms": round(statistics.median(own), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=41)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    import django

    django.setup()
    from sen.domains.telemetry import api
    from sen.domains.telemetry.choices import Step
    from sen.kernel.access.context import acting_as

    actor, stream, streams = make(given.streams)
    day = (BEGIN + timedelta(days=10), BEGIN + timedelta(days=11))
    month = (BEGIN, BEGIN + timedelta(days=DAYS))
    cases: dict[str, Callable[[], Sized]] = {
        "day": lambda: api.observations(actor, stream, *day),
        "day_drawn": lambda: api.series(actor, stream, *day).points,
        "month_by_hours": lambda: api.buckets(actor, stream, *month, Step.HOUR),
        "newest": lambda: api.latest(actor, streams),
    }
    report: dict[str, Any] = {"load": os.getloadavg()[0]}
    with acting_as(actor):
        for name, read in cases.items():
            report[name] = clock(read, given.rounds)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
