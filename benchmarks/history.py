"""What history costs: an UPDATE of 10,000 rows with its triggers and without, and an as-of query.

Makes a database of its own on the server of ``DATABASE_SUPERUSER_URL`` as production makes one,
with the guarded models of the tests. Rounds with and without the triggers alternate; each round
updates other rows and is rolled back, so the table stays as it was. Printed are processor times of
the server process (of the wall clock when the server is elsewhere): the fastest and the mean of the
rounds. Ratios count, absolute figures are this machine's.

    DATABASE_SUPERUSER_URL=… DATABASE_OWNER_URL=… python benchmarks/history.py [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DATABASE = "sen_bench_history"
for key in ("DATABASE_URL", "DATABASE_OWNER_URL"):
    os.environ[key] = f"{os.environ[key].rpartition('/')[0]}/{DATABASE}"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
os.environ.setdefault("PYTEST_VERSION", "benchmark")  # installs the guarded models of the tests

import django  # noqa: E402

django.setup()

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from sen.kernel import dbsync  # noqa: E402
from sen.kernel.access.context import as_system  # noqa: E402
from sen.kernel.access.scope import system  # noqa: E402
from sen.kernel.audit.history import as_of  # noqa: E402
from sen.kernel.audit.models import Seal  # noqa: E402
from sen.kernel.audit.seal import seal_all  # noqa: E402
from sen.kernel.audit.verify import verify_log  # noqa: E402
from sen.kernel.testing.guarded.models import Thing  # noqa: E402
from sen.kernel.testing.house import build_house  # noqa: E402

ROWS = 100_000
CHANGED = 10_000
TRIGGERS = ("sen_touch", "sen_history_u")


def prepare() -> None:
    with psycopg.connect(settings.DATABASE_SUPERUSER_URL, autocommit=True) as server:
        owner = urlsplit(settings.DATABASE_OWNER_URL).username
        server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)".encode())
        server.execute(f'CREATE DATABASE {DATABASE} OWNER "{owner}"'.encode())
    dbsync.prepare_database()
    house = build_house()
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE guarded_thing DISABLE TRIGGER USER")
        cursor.execute(
            """
            INSERT INTO guarded_thing
              (code, name, geom, owner_org_id, area_id, data_class, version, is_demo,
               attributes, phone, length_m, opened_on)
            SELECT 'C' || lpad(n::text, 6, '0'), 'Cầu số ' || n || ' trên tuyến',
              ST_SetSRID(ST_MakePoint(105 + 1.5 * random(), 10 + random()), 4326),
              %s, %s, n %% 3, 1, false,
              jsonb_build_object('nhịp', n %% 9, 'kết cấu', 'bê tông dự ứng lực'),
              '0270 3851 431', n %% 300, DATE '1990-01-01' + n %% 9000
            FROM generate_series(1, %s) n
            """,
            [house.roads.pk, house.east.pk, ROWS],
        )
        cursor.execute("VACUUM ANALYZE guarded_thing")


def clock_of(cursor: Any) -> Callable[[], float]:
    """Processor seconds of the server process where it runs here: other load does not count."""
    cursor.execute("SELECT pg_backend_pid()")
    (pid,) = cursor.fetchone()
    path = Path(f"/proc/{pid}/stat")

    def processor() -> float:
        parts = path.read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    local = path.exists() and "postgres" in path.read_text(encoding="ascii")
    return processor if local else time.perf_counter


def update(first: int, *, history: bool) -> float:
    """Seconds for one UPDATE of ``CHANGED`` rows; the other triggers of the table are off."""
    with connections["owner"].cursor() as cursor, transaction.atomic(using="owner"):
        if history:
            for name in TRIGGERS:
                cursor.execute(f"ALTER TABLE guarded_thing ENABLE TRIGGER {name}")
        clock = clock_of(cursor)
        start = clock()
        cursor.execute(
            "UPDATE guarded_thing SET length_m = length_m + 1 WHERE id > %s AND id <= %s",
            [first, first + CHANGED],
        )
        taken = clock() - start
        transaction.set_rollback(True, using="owner")
    return taken


def ask_for_a_date() -> float:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE guarded_thing ENABLE TRIGGER USER")
    when = timezone.now()
    with as_system("benchmark"):
        Thing.objects.filter(pk__lte=CHANGED).update(name="x")
    start = time.perf_counter()
    states = as_of(Thing, when, system("benchmark"), limit=100)
    assert states[0].image["name"] != "x"
    return time.perf_counter() - start


def seal_and_verify() -> tuple[int, float, float]:
    """Rows sealed, seconds to seal them, seconds to verify them."""
    settings.SEN_SEAL_TARGETS = []
    while not Seal.objects.exists():  # transactions of other databases may hold it back
        start = time.perf_counter()
        seal_all()
        sealed = time.perf_counter() - start
    start = time.perf_counter()
    verdict = verify_log()
    assert verdict.is_whole
    return verdict.rows, sealed, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    prepare()
    taken: dict[bool, list[float]] = {False: [], True: []}
    for number in range(options.rounds):
        for history in (False, True):
            first = (number * CHANGED) % (ROWS - CHANGED)
            taken[history].append(update(first, history=history))
    rows: dict[str, Any] = {"fastest": min, "mean": statistics.mean}
    print(f"UPDATE of {CHANGED} of {ROWS} rows, {options.rounds} rounds")
    print("| | without, ms | with, ms | more |\n|---|---|---|---|")
    for name, choose in rows.items():
        plain, kept = choose(taken[False]) * 1000, choose(taken[True]) * 1000
        print(f"| {name} | {plain:.0f} | {kept:.0f} | {kept / plain - 1:+.0%} |")
    print(
        f"100 rows as on a date, {CHANGED} of them changed since: {ask_for_a_date() * 1000:.1f} ms"
    )
    sealed, seal_s, verify_s = seal_and_verify()
    print(
        f"{sealed} rows sealed in {seal_s * 1e6 / sealed:.0f} µs a row, "
        f"verified in {verify_s * 1e6 / sealed:.0f} µs a row"
    )
    for connection in connections.all():
        connection.close()
    with psycopg.connect(settings.DATABASE_SUPERUSER_URL, autocommit=True) as server:
        server.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)".encode())


if __name__ == "__main__":
    main()
