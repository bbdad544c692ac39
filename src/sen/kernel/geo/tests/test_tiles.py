from __future__ import annotations

import gzip

from django.db import connection, transaction

from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.scope import ANONYMOUS, Actor, DataClass
from sen.kernel.geo import tiles
from sen.kernel.geo.layers import Layer
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house, official


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        point = f"ST_Transform(ST_Point({lon}, {lat}, 4326), 3857)"
        cursor.execute(f"SELECT x, y FROM sen_tiles_of({point})")
        x, y = cursor.fetchone()
    return zoom, x >> (14 - zoom), y >> (14 - zoom)


def drawn(layer: Layer, actor: Actor, zoom: int = 14) -> bytes:
    z, x, y = tile_at(105.63, 10.46, zoom)
    body = tiles.tile_of(tiles.TileSet(layer.name, (layer.access(actor),)), z, x, y)
    return gzip.decompress(body) if body else b""


def names(tile: bytes) -> set[str]:
    return {n for n in ("Cầu Công", "Cầu Nội", "Cầu Mật", "Cầu Xa") if n.encode() in tile}


def test_a_tile_holds_what_the_actor_may_see(stored: dict[str, Thing], layer: Layer) -> None:
    clerk = official("guarded.thing.view", clearance=DataClass.INTERNAL)
    chief = official("guarded.thing.view", clearance=DataClass.SECRET)
    assert names(drawn(layer, ANONYMOUS)) == {"Cầu Công"}
    assert names(drawn(layer, clerk)) == {"Cầu Công", "Cầu Nội"}
    assert names(drawn(layer, chief)) == {"Cầu Công", "Cầu Nội", "Cầu Mật"}
    assert names(drawn(layer, ANONYMOUS)) == {"Cầu Công"}, "the cache gave another actor's tile"


def test_an_actor_of_one_organisation_sees_its_rows_only(
    stored: dict[str, Thing], layer: Layer
) -> None:
    house = build_house()
    police = official("guarded.thing.view", clearance=DataClass.SECRET, orgs=[house.police])
    roads = official("guarded.thing.view", clearance=DataClass.SECRET, orgs=[house.roads])
    assert names(drawn(layer, roads)) == {"Cầu Công", "Cầu Nội", "Cầu Mật"}
    assert names(drawn(layer, police)) == {"Cầu Công"}


def test_what_an_unfinished_transaction_drew_is_not_kept(
    stored: dict[str, Thing], layer: Layer
) -> None:
    with transaction.atomic():
        with as_system("change a thing in a test"):
            Thing.objects.filter(code="V-1").update(name="Cầu Xa")
        assert names(drawn(layer, ANONYMOUS)) == {"Cầu Xa"}
        transaction.set_rollback(True)
    assert names(drawn(layer, ANONYMOUS)) == {"Cầu Công"}


def test_a_masked_field_is_not_in_the_tile(stored: dict[str, Thing], layer: Layer) -> None:
    assert b"0277" not in drawn(layer, ANONYMOUS)
    assert b"0277" in drawn(layer, official("guarded.thing.view"))


def test_a_related_value_is_in_the_tile(stored: dict[str, Thing], layer: Layer) -> None:
    assert "Sở Xây dựng".encode() in drawn(layer, ANONYMOUS)


def test_fewer_rows_when_zoomed_out(stored: dict[str, Thing], layer: Layer) -> None:
    clerk = official("guarded.thing.view", clearance=DataClass.INTERNAL)
    assert names(drawn(layer, clerk, zoom=8)) == {"Cầu Công"}
    assert names(drawn(layer, clerk, zoom=9)) == {"Cầu Công", "Cầu Nội"}


def test_the_spatial_index_works_below_row_level_security(
    things: dict[str, Thing], layer: Layer, house: House
) -> None:
    """A policy keeps conditions from the index unless their functions are marked LEAKPROOF."""
    partial = official("guarded.thing.view", orgs=[house.police], areas=[house.west])
    statement = tiles._statement(layer.access(partial), 14)
    with acting_as(partial), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN SELECT {statement.text}", statement.at(14, 12999, 7713))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using guarded_thing_geom_3857" in plan, plan
    assert "Index Cond: (geom_3857 && " in plan, plan
