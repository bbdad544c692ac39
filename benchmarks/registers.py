"""Register lists over a million assets: time and statements of any page, as people ask for it.

Makes a database of its own on the server of ``DATABASE_SUPERUSER_URL``: migrations, policies, the
demonstration province, and then assets by one INSERT from those of the province (other places,
owners, chainages, conditions, classes). Pages are asked for through the real views in this process
(Django's test client, so with session, middleware, row-level security and templates), warm, one
after the other. Printed for each case: fastest, median, p95 and slowest time in milliseconds, and
the largest number of SQL statements of a request.

    DATABASE_URL=… DATABASE_OWNER_URL=… DATABASE_SUPERUSER_URL=… \
        python benchmarks/registers.py [--rows N] [--rounds N] [--only TEXT] [--drop]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DATABASE = "sen_bench_registers"
for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
    parts = urlsplit(os.environ[name])
    os.environ[name] = f"{parts.scheme}://{parts.netloc}/{DATABASE}"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
os.environ.setdefault("SEN_REQUIRE_MFA", "0")
os.environ.setdefault("SEN_SECRET_KEY", "benchmark-of-the-registers-" + "0" * 40)

import django  # noqa: E402

django.setup()

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import QueryDict  # noqa: E402
from django.test import Client  # noqa: E402
from psycopg.conninfo import conninfo_to_dict, make_conninfo  # noqa: E402

from sen.kernel.access.actors import actor_for  # noqa: E402
from sen.kernel.access.context import acting_as, as_system  # noqa: E402
from sen.kernel.access.models import User  # noqa: E402
from sen.kernel.web.register import listing  # noqa: E402
from sen.kernel.web.register.resource import resources  # noqa: E402

FILL = """
INSERT INTO assets_asset (data_class, version, is_demo, type, code, name, road_id, chainage_m,
    side, located_by, geom, status, condition, condition_at, opened_year, note, attributes,
    location_key, keywords, search, area_id, owner_org_id)
WITH model AS MATERIALIZED (
    SELECT *, row_number() OVER (PARTITION BY type ORDER BY id) AS place,
        count(*) OVER (PARTITION BY type) AS many, sen_fold(code) AS code_f,
        sen_fold(regexp_replace(name || ' ' || keywords, 'Km[0-9+.]+', '', 'g')) AS rest_f
    FROM assets_asset WHERE chainage_m IS NOT NULL
), drawn AS MATERIALIZED (
    SELECT n, random() AS a, random() AS b, random() AS c, random() AS d, random() AS e,
        CASE WHEN random() < 0.4 THEN 'bridge' WHEN random() < 0.6 THEN 'culvert' ELSE 'sign' END
            AS type
    FROM generate_series(1, %(rows)s) AS n
), placed AS (
    SELECT drawn.*, model.code, model.name, model.road_id, model.side, model.geom, model.note,
        model.attributes, model.location_key, model.keywords, model.owner_org_id,
        model.code_f, model.rest_f,
        round((a * 60000)::numeric, 1) AS at_m
    FROM drawn JOIN model ON model.type = drawn.type
        AND model.place = 1 + floor(b * model.many)::bigint
), said AS (
    SELECT *, 'Km' || floor(at_m / 1000) || '+' || to_char(mod(at_m, 1000), 'FM000') AS km
    FROM placed
)
SELECT CASE WHEN c < 0.001 THEN 3 WHEN c < 0.01 THEN 2 WHEN c < 0.06 THEN 1 ELSE 0 END, 1, false,
    type, code || '-' || n, regexp_replace(name, 'Km[0-9+]+', km), road_id, at_m, side, 'CHAINAGE',
    ST_Translate(geom, (d - 0.5) * 0.3, (e - 0.5) * 0.3),
    CASE WHEN d < 0.02 THEN 'CLOSED' WHEN d < 0.03 THEN 'UNDER_CONSTRUCTION' ELSE 'IN_USE' END,
    CASE WHEN e < 0.005 THEN 'BAD' WHEN e < 0.05 THEN 'POOR' WHEN e < 0.4 THEN 'FAIR'
        ELSE 'GOOD' END,
    date '2024-01-01' + (e * 900)::int, 1975 + (d * 50)::int, note,
    CASE type WHEN 'bridge' THEN attributes
        || jsonb_build_object('length_m', round((3 + 500 * e * e * e)::numeric, 1))
        || CASE WHEN a < 0.08 THEN jsonb_build_object('load_limit_t', 5 + floor(d * 25))
            ELSE '{}' END
    ELSE attributes END,
    left(location_key, -8) || to_char(at_m, 'FM000000.0'),
    regexp_replace(keywords, 'Km[0-9+.]+$', km),
    code_f || ' ' || n || ' ' || rest_f || ' ' || replace(lower(km), '+', ' '),
    areas.ids[1 + floor(d * cardinality(areas.ids))::int],
    CASE WHEN c < 0.6 THEN owner_org_id
        ELSE organisations.ids[1 + floor(e * cardinality(organisations.ids))::int] END
FROM said,
    (SELECT array_agg(id) AS ids FROM kernel_access_area WHERE kind <> 'PROVINCE') AS areas,
    (SELECT array_agg(id) AS ids FROM kernel_access_organisation) AS organisations
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of page: ``at`` is the share of the rows that lie before it."""

    name: str
    path: str
    query: str = ""
    at: float = 0.0

    @property
    def is_list(self) -> bool:
        return self.path.startswith("/ql/")


def superuser(database: str) -> psycopg.Connection[Any]:
    info = conninfo_to_dict(settings.DATABASE_SUPERUSER_URL) | {"dbname": database}
    return psycopg.connect(make_conninfo("", **info), autocommit=True)


def make(rows: int) -> None:
    """The database, unless it stands with as many assets."""
    from sen.demo.load.province import load
    from sen.kernel.dbsync import prepare_database
    from sen.project.roles import seed_roles

    with superuser("postgres") as server:
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if found.fetchone() is None:
            owner = urlsplit(settings.DATABASE_OWNER_URL).username
            server.execute(f'CREATE DATABASE "{DATABASE}" OWNER "{owner}"')
            prepare_database()
            seed_roles()
            folder = Path(tempfile.mkdtemp())
            load(folder / "accounts.json", lambda _text: None)
    with superuser(DATABASE) as server:
        row = server.execute("SELECT count(*) FROM assets_asset").fetchone()
        missing = rows - (row[0] if row else 0)
        if missing <= 0:
            return
        started = time.perf_counter()
        server.execute("SET session_replication_role = replica")
        server.execute("SET maintenance_work_mem = '1GB'")
        server.execute("SELECT setseed(0.597)")
        indexes = server.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = 'assets_asset'::regclass AND NOT indisunique"
        ).fetchall()
        with server.transaction():
            for index, _definition in indexes:
                server.execute(f"DROP INDEX {index}")
            # Folding a million texts takes minutes; here it is put together from folded parts.
            server.execute("ALTER TABLE assets_asset ALTER COLUMN search DROP EXPRESSION IF EXISTS")
            server.execute(FILL.replace("%(rows)s", str(missing)))
            for _index, definition in indexes:
                server.execute(definition)
        server.execute("VACUUM ANALYZE")
        print(f"{missing} assets in {time.perf_counter() - started:.0f} s", file=sys.stderr)


def cases() -> list[Case]:
    bridges, everything, palette = "/ql/assets/bridges/", "/ql/assets/all/", "/tim-kiem/goi-y"
    with as_system("which place and organisation to ask for"), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM kernel_access_area WHERE kind = 'COMMUNE' ORDER BY id")
        commune = cursor.fetchall()[10][0]
        cursor.execute("SELECT id FROM kernel_access_area WHERE kind = 'PROVINCE'")
        province = cursor.fetchall()[0][0]
        cursor.execute("SELECT owner_org_id FROM assets_asset GROUP BY 1 ORDER BY count(*) DESC, 1")
        by_size = [row[0] for row in cursor.fetchall()]
    made = []
    for register in (bridges, everything):
        slug = register.split("/")[-2]
        made += [
            Case(f"{slug}, own order, first", register),
            Case(f"{slug}, own order, middle", register, at=0.5),
            Case(f"{slug}, own order, last", register, at=0.9999),
            Case(f"{slug}, by name, first", register, "sort=name"),
            Case(f"{slug}, by name, middle", register, "sort=name", 0.5),
            Case(f"{slug}, by name backwards, last", register, "sort=-name", 0.9999),
            Case(f"{slug}, by code backwards, middle", register, "sort=-code", 0.5),
            Case(f"{slug}, by year, middle", register, "sort=opened_year", 0.5),
            Case(f"{slug}, rare condition", register, "condition=BAD"),
            Case(f"{slug}, rare condition by name", register, "condition=BAD&sort=name"),
            Case(f"{slug}, rare condition, middle", register, "condition=BAD", 0.5),
            Case(f"{slug}, common condition", register, "condition=GOOD"),
            Case(f"{slug}, two conditions", register, "condition=BAD&condition=POOR&sort=name"),
            Case(f"{slug}, commune", register, f"area={commune}"),
            Case(f"{slug}, commune by name", register, f"area={commune}&sort=name"),
            Case(f"{slug}, province", register, f"area={province}"),
            Case(f"{slug}, commune and condition", register, f"area={commune}&condition=POOR"),
            Case(f"{slug}, large owner by name", register, f"owner_org={by_size[0]}&sort=name"),
            Case(f"{slug}, small owner by name", register, f"owner_org={by_size[-1]}&sort=name"),
            Case(f"{slug}, road", register, "road=QL.30"),
            Case(f"{slug}, road by name", register, "road=ql30&sort=name"),
            Case(f"{slug}, many roads", register, "road=QL"),
            Case(f"{slug}, no such road", register, "road=QL.999"),
            Case(f"{slug}, year", register, "opened_year_min=1975&opened_year_max=1975"),
            Case(f"{slug}, status", register, "status=UNDER_CONSTRUCTION&sort=name"),
            Case(f"{slug}, search of a word", register, "q=kenh"),
            Case(f"{slug}, search of a word by name", register, "q=kenh&sort=name"),
            Case(f"{slug}, search of two words", register, "q=bay+thuoc"),
            Case(f"{slug}, search of a code", register, "q=CT.01-TLMT-002"),
            Case(f"{slug}, search of two letters", register, "q=ca"),
            Case(f"{slug}, search of one letter", register, "q=k"),
            Case(f"{slug}, search without result", register, "q=khong+co+gi"),
            Case(f"{slug}, search, commune, name", register, f"q=kenh&area={commune}&sort=name"),
            Case(f"{slug}, search, rare condition", register, "q=rach&condition=BAD"),
        ]
    made += [
        Case("bridges, by length, first", bridges, "sort=attributes__length_m"),
        Case("bridges, by length, middle", bridges, "sort=-attributes__length_m", 0.5),
        Case("bridges, by load limit, first", bridges, "sort=attributes__load_limit_t"),
        Case("bridges, by load limit, middle", bridges, "sort=attributes__load_limit_t", 0.5),
        Case("bridges, limit up to 8 t", bridges, "load_limit_t_max=8"),
        Case("bridges, limit up to 8 t by name", bridges, "load_limit_t_max=8&sort=name"),
        Case("bridges, length 490 and more", bridges, "length_m_min=490"),
        Case("bridges, length 490 and more by name", bridges, "length_m_min=490&sort=name"),
        Case("bridges, length up to 50", bridges, "length_m_max=50&sort=name"),
        Case("bridges, structure", bridges, "structure=suspension&sort=name"),
        Case("bridges, structure and condition", bridges, "structure=arch&condition=BAD"),
        *(
            Case(f"type-ahead “{text}”", palette, f"q={text}")
            for text in ("ca", "kenh", "cầu kênh", "bay thuoc", "ql30", "khong co gi", "CT.01-TLMT")
        ),
    ]
    return made


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def query_of(case: Case, username: str) -> str:
    """The query with the cursor of the page that begins after the given share of the rows."""
    if not case.at:
        return case.query
    resource = resources[case.path.removeprefix("/ql/").strip("/").replace("/", ".")]
    actor = actor_for(User.objects.get(username=username))
    query = QueryDict(case.query)
    with acting_as(actor):
        rows, _errors = listing.filtered(resource, actor, query)
        order = listing.order_of(resource, query)
        many = rows.count()
        before = max(0, min(int(many * case.at), many - listing.PAGE_SIZE - 1))
        here = listing.in_order(rows, order, backwards=False)[before : before + 1]
        (row,) = listing.read_rows(resource, actor, here)
    return f"{case.query}&after={listing.cursor_of(row, order)}"


def measure(case: Case, username: str, client: Client, rounds: int) -> tuple[list[float], int]:
    query = query_of(case, username)
    times, statements = [], 0
    for turn in range(rounds + 2):
        with counted() as seen:
            started = time.perf_counter()
            answer = client.get(f"{case.path}?{query}")
            took = time.perf_counter() - started
        if answer.status_code != 200 or b"field-error" in answer.content:
            raise SystemExit(f"{case.name}: {answer.status_code}")
        if turn > 1:  # the first two fill the caches and the prepared statements
            times.append(took * 1000)
            statements = max(statements, len(seen))
    return times, statements


def p95_of(times: list[float]) -> float:
    return statistics.quantiles(times * 2, n=20, method="inclusive")[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="")
    parser.add_argument("--drop", action="store_true", help="drop the database at the end")
    asked = parser.parse_args()
    make(asked.rows)
    for username in ("giamdoc", "xa.caolanh"):
        client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.get(username=username))
        lists: list[float] = []
        print(f"{username}: {'case':<34} fast   p50   p95    max  statements")
        for case in cases():
            if asked.only not in case.name:
                continue
            times, statements = measure(case, username, client, asked.rounds)
            p95 = p95_of(times)
            lists += times if case.is_list else []
            print(
                f"{case.name:<48} {min(times):6.0f} {statistics.median(times):6.0f} {p95:6.0f}"
                f" {max(times):6.0f} {statements:4}",
                flush=True,
            )
        if len(lists) > 1:
            p50, p95 = statistics.median(lists), p95_of(lists)
            print(
                f"{'all lists':<48} {min(lists):6.0f} {p50:6.0f} {p95:6.0f} {max(lists):6.0f}",
                flush=True,
            )
    connection.close()
    if asked.drop:
        with superuser("postgres") as server:
            server.execute(f'DROP DATABASE "{DATABASE}" WITH (FORCE)')


if __name__ == "__main__":
    main()
