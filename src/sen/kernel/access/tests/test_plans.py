"""Row-level security keeps the indexes in use: as the application's role, with a partial right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.gis.geos import Polygon
from django.db import connection, connections

from sen.kernel import dbsync
from sen.kernel.access import rls
from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import DataClass
from sen.kernel.testing.guarded.models import Sealed, Thing
from sen.kernel.testing.house import House, build_house, official

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

POINTS = 200_000
BOX = Polygon.from_bbox((105.60, 10.40, 105.66, 10.46))
BOX.srid = 4326
IN_BOX = (
    "SELECT id FROM guarded_thing WHERE geom && ST_MakeEnvelope(105.60, 10.40, 105.66, 10.46, 4326)"
)


@pytest.fixture(scope="module")
def many(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """200,000 points, made once for the module and taken away at its end."""
    with django_db_blocker.unblock(), connections["owner"].cursor() as owner:
        house = build_house()
        owner.execute("ALTER TABLE guarded_thing DISABLE TRIGGER USER")
        owner.execute(
            """
            INSERT INTO guarded_thing
              (code, name, geom, owner_org_id, area_id, data_class, version, is_demo,
               attributes, phone)
            SELECT 'C' || lpad(n::text, 6, '0'), 'Cầu số ' || n,
              ST_SetSRID(ST_MakePoint(105 + 1.5 * random(), 10 + random()), 4326),
              (ARRAY[%s, %s, %s])[1 + n %% 3], (ARRAY[%s, %s])[1 + n / 3 %% 2], n %% 4, 1, false,
              '{}', ''
            FROM generate_series(1, %s) n
            """,
            [
                *(house.roads.pk, house.division.pk, house.police.pk),
                *(house.east.pk, house.west.pk, POINTS),
            ],
        )
        owner.execute("ALTER TABLE guarded_thing ENABLE TRIGGER USER")
        owner.execute("ANALYZE guarded_thing")
        yield house
        connections["default"].ops.execute_sql_flush([])
        connections["owner"].close()


def plan_of(sql: str, params: Any = ()) -> tuple[set[str], dict[str, Any]]:
    """Names of the indexes that a plan uses, and its top node."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (found,) = cursor.fetchone()
    top = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    indexes: set[str] = set()
    nodes = [top]
    while nodes:
        node = nodes.pop()
        indexes |= {node["Index Name"]} if "Index Name" in node else set()
        assert node.get("Relation Name") != "guarded_thing" or node["Node Type"] != "Seq Scan"
        nodes += node.get("Plans", [])
    return indexes, top


def partial(house: House) -> Any:
    return official("guarded.thing.view", clearance=DataClass.RESTRICTED, orgs=[house.roads])


def test_a_box_on_the_map_uses_the_spatial_index(many: House) -> None:
    actor = partial(many)
    with acting_as(actor):
        indexes, _top = plan_of(IN_BOX)
        assert any(name.startswith("guarded_thing_geom") for name in indexes)
        rows = Thing.objects.visible_to(actor).filter(geom__bboverlaps=BOX)
        sql, params = rows.query.sql_with_params()
        indexes, _top = plan_of(sql, params)
        assert any(name.startswith("guarded_thing_geom") for name in indexes)
        inside = Thing.objects.visible_to(actor).filter(geom__intersects=BOX)
        indexes, _top = plan_of(*inside.query.sql_with_params())
        assert any(name.startswith("guarded_thing_geom") for name in indexes)


def test_search_without_diacritics_uses_the_trigram_index(many: House) -> None:
    actor = partial(many)
    with acting_as(actor):
        rows = Thing.objects.visible_to(actor).filter(search__contains="so 12345")
        indexes, _top = plan_of(*rows.query.sql_with_params())
        assert "guarded_thing_search" in indexes
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # whether it may, not whether it pays
        similar = "SELECT code FROM guarded_thing WHERE search %% 'cau so 12345'"
        assert "guarded_thing_search" in plan_of(similar)[0]


def test_a_page_in_order_of_the_code_reads_the_index_in_that_order(many: House) -> None:
    actor = partial(many)
    with acting_as(actor):
        rows = Thing.objects.visible_to(actor).filter(code__gt="C100000").order_by("code")[:50]
        indexes, top = plan_of(*rows.query.sql_with_params())
        assert any("code" in name for name in indexes)
        assert top["Node Type"] == "Limit"
        assert top["Plans"][-1]["Node Type"] == "Index Scan", "no sort between"


def test_without_the_leakproof_mark_the_spatial_index_is_lost(many: House) -> None:
    """The reason of the marks; also shows that the tests above can fail."""
    mark = "ALTER FUNCTION geometry_overlaps(geometry, geometry) {}LEAKPROOF"
    dbsync.as_superuser(mark.format("NOT "))
    try:
        with acting_as(partial(many)), pytest.raises(AssertionError):
            plan_of(IN_BOX)
        assert any("geometry_overlaps" in text for text in dbsync.problems())
    finally:
        dbsync.as_superuser(mark.format(""))
    assert dbsync.problems() == []


def test_every_function_of_the_list_that_exists_is_marked(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(rls.unmarked_sql())
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT count(*) FROM unnest(%s::text[]) f WHERE to_regprocedure(f) IS NULL",
            [list(rls.LEAKPROOF)],
        )
        assert cursor.fetchone() == (0,), "a name in the list is misspelt"


def test_the_doctor_names_a_table_without_policy(db: None) -> None:
    dbsync.as_superuser("DROP POLICY sen_scope ON guarded_sealed")
    try:
        (problem,) = dbsync.problems()
    finally:
        dbsync.as_superuser(rls.policy_sql(Sealed, Sealed.access))
    assert "guarded_sealed" in problem
    assert dbsync.problems() == []
