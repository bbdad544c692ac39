"""What row-level security costs: the same queries on the same rows under several policies.

Makes a database of its own on the server of ``DATABASE_SUPERUSER_URL``, fills equal tables
(default 200,000 points), and runs every query on every table in interleaved rounds as an ordinary
role. Printed is the fastest round, in milliseconds as the client sees it, with planning; ``ready``
means a prepared statement. Ratios count; absolute figures are this machine's.

    DATABASE_SUPERUSER_URL=postgres://… python benchmarks/access_rls.py [--rows N] [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
os.environ.setdefault("SEN_CHECKS_ONLY", "1")

import django

django.setup()

import psycopg  # noqa: E402
from psycopg.conninfo import conninfo_to_dict, make_conninfo  # noqa: E402

from sen.kernel.access import rls  # noqa: E402
from sen.kernel.access.context import Acting, settings_for  # noqa: E402
from sen.kernel.access.scope import (  # noqa: E402
    AccessRule,
    Actor,
    ActorKind,
    Entitlement,
)

DATABASE = "sen_bench_access"
ROLE = "sen_bench_reader"
RULE = AccessRule("bench.thing", subject_field="subject_id")
LIB_SQL = Path(rls.__file__).resolve().parents[2] / "lib" / "sql"

#: The form with a fixed number of slots, each a class and two arrays: what the sets replaced.
SLOTS_SQL = """
CREATE FUNCTION slot_class(slot integer, permission text) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
DECLARE content text := coalesce(current_setting('bench.slot' || slot, true), ''); pattern text;
BEGIN
  IF content = '' THEN RETURN -1; END IF;
  FOREACH pattern IN ARRAY string_to_array(split_part(content, '|', 1), ',') LOOP
    IF split_part(pattern, '.', 1) IN ('*', split_part(permission, '.', 1))
      AND split_part(pattern, '.', 2) IN ('*', split_part(permission, '.', 2))
      AND split_part(pattern, '.', 3) IN ('*', split_part(permission, '.', 3))
    THEN RETURN split_part(content, '|', 2)::integer; END IF;
  END LOOP;
  RETURN -1;
END $$;
CREATE FUNCTION slot_ids(slot integer, axis integer) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
  part text := split_part(coalesce(current_setting('bench.slot' || slot, true), ''), '|', axis);
BEGIN
  IF part = '*' THEN RETURN NULL; END IF;
  IF part = '' THEN RETURN '{}'; END IF;
  RETURN part::bigint[];
END $$;
"""


def slots_condition(slots: int = 6) -> str:
    def axis(slot: int, number: int, column: str) -> str:
        ids = f"(SELECT slot_ids({slot}, {number}))"
        return f"({ids} IS NULL OR {column} = ANY({ids}::bigint[]))"

    terms = ["(SELECT sen_is_system())", "data_class = 0"]
    terms += ["(data_class <= 2 AND subject_id = (SELECT sen_actor_id()))"]
    terms += [
        f"(data_class <= (SELECT slot_class({n}, 'bench.thing.view'))"
        f" AND {axis(n, 3, 'owner_org_id')} AND {axis(n, 4, 'area_id')})"
        for n in range(1, slots + 1)
    ]
    return " OR ".join(terms)


POLICIES = {"none": "", "true": "true", "sets": rls.policy_condition(RULE), "slots": ""}
QUERIES = {
    "box": "SELECT count(*), sum(ST_X(geom)) FROM {t} "
    "WHERE geom && ST_MakeEnvelope(105.60, 10.40, 105.66, 10.46, 4326)",
    "count": "SELECT count(*) FROM {t}",
    "page": "SELECT id, code, data_class FROM {t} WHERE code > 'C100000' ORDER BY code LIMIT 50",
    "by id": "SELECT code FROM {t} WHERE id = 77777",
}


def partial_actor(clauses: int) -> Actor:
    """An official with rights on some organisations or places, spread over many grants."""
    held = [
        Entitlement(
            role="r",
            permissions=frozenset({"bench.*.view" if n % 2 else "bench.thing.view"}),
            clearance=1 + n % 2,
            orgs=frozenset(range(1 + 7 * n, 7 + 7 * n)) if n % 3 else None,
            areas=frozenset(range(1 + 17 * n, 10 + 17 * n)) if n % 3 != 1 else None,
        )
        for n in range(clauses)
    ]
    return Actor(ActorKind.OFFICIAL, id=5, username="bench", entitlements=tuple(held))


def slots_of(actor: Actor) -> dict[str, str]:
    def ids(found: frozenset[int] | None) -> str:
        return "*" if found is None else "{" + ",".join(map(str, sorted(found))) + "}"

    return {
        f"bench.slot{n}": f"{','.join(e.permissions)}|{e.clearance}|{ids(e.orgs)}|{ids(e.areas)}"
        for n, e in enumerate(actor.entitlements, 1)
    }


def prepare(url: str, rows: int) -> str:
    """Make the database; returns the address for the ordinary role."""
    info: dict[str, Any] = dict(conninfo_to_dict(url))
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {DATABASE}")
        server.execute(
            f"DO $$ BEGIN CREATE ROLE {ROLE} LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
        )
    mine = make_conninfo("", **info | {"dbname": DATABASE})
    POLICIES["slots"] = slots_condition()
    with psycopg.connect(mine, autocommit=True) as db:
        for name in ("postgis", "pg_trgm", "unaccent"):
            db.execute(f"CREATE EXTENSION {name}")
        for path in sorted(LIB_SQL.glob("*.sql")):
            db.execute(path.read_text(encoding="utf-8").encode())
        db.execute(rls.FUNCTIONS_SQL.encode())
        db.execute(SLOTS_SQL.encode())
        db.execute(rls.leakproof_sql().encode())
        for name, condition in POLICIES.items():
            fill(db, f"bench_{name}", rows, condition)
        db.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE}")
    return make_conninfo("", **info | {"dbname": DATABASE, "user": ROLE, "password": ""})


def fill(db: psycopg.Connection[Any], table: str, rows: int, condition: str) -> None:
    db.execute(
        f"""
        SELECT setseed(0.5);
        CREATE TABLE {table} (id bigint PRIMARY KEY, code text UNIQUE,
          geom geometry(Point, 4326), owner_org_id bigint, area_id bigint,
          data_class smallint, subject_id bigint);
        INSERT INTO {table} SELECT n, 'C' || lpad(n::text, 6, '0'),
          ST_SetSRID(ST_MakePoint(105 + 1.5 * random(), 10 + random()), 4326),
          1 + n % 40, 1 + n % 103, (ARRAY[0, 1, 1, 2])[1 + n % 4], n % 1000
        FROM generate_series(1, {rows}) n;
        CREATE INDEX ON {table} USING gist (geom);
        """.encode()
    )
    db.execute(f"VACUUM ANALYZE {table}".encode())
    if condition:
        db.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY".encode())
        db.execute(f"CREATE POLICY p ON {table} USING ({condition})".encode())


def measure(url: str, actor: Actor, rounds: int, *, prepared: bool) -> dict[str, dict[str, float]]:
    taken: dict[str, dict[str, list[float]]] = {q: {p: [] for p in POLICIES} for q in QUERIES}
    settings = settings_for(Acting(actor)) | slots_of(actor)
    with psycopg.connect(url) as db:
        db.prepare_threshold = 0 if prepared else None
        db.execute("SET max_parallel_workers_per_gather = 0")
        db.execute("SET jit = off")
        for name, value in settings.items():
            db.execute("SELECT set_config(%s, %s, true)", (name, value))
        for number in range(rounds + 8):
            for query, text in QUERIES.items():
                for policy in turned(list(POLICIES), number):
                    sql = text.format(t=f"bench_{policy}").encode()
                    ms = timed(lambda sql=sql: db.execute(sql).fetchall())  # type: ignore[misc]
                    if number >= 8:  # the first runs warm the caches and settle the generic plan
                        taken[query][policy].append(ms)
    return {q: {p: min(v) for p, v in found.items()} for q, found in taken.items()}


def turned(names: list[str], by: int) -> list[str]:
    """Another one is the first in every round: the first pays for the others' caches."""
    by %= len(names)
    return names[by:] + names[:by]


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    url = os.environ["DATABASE_SUPERUSER_URL"]
    reader = prepare(url, options.rows)
    print(f"{options.rows} rows, {options.rounds} rounds, fastest, ms")
    print("| clauses | plan | query | " + " | ".join(POLICIES) + " | sets: more | slots: more |")
    print("|---" * (len(POLICIES) + 5) + "|")
    for clauses in (2, 6):
        for prepared in (False, True):
            found = measure(reader, partial_actor(clauses), options.rounds, prepared=prepared)
            for query, by_policy in found.items():
                cells = [f"{value:.2f}" for value in by_policy.values()]
                cells += [f"{by_policy[p] - by_policy['none']:+.2f}" for p in ("sets", "slots")]
                plan = "ready" if prepared else "fresh"
                print(f"| {clauses} | {plan} | {query} | " + " | ".join(cells) + " |")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


if __name__ == "__main__":
    main()
