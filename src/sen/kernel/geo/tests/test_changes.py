"""A cached tile dies exactly when something in it changed, whatever the order of commits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from sen.kernel.access.context import as_system
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.geo import cache, tiles, versions
from sen.kernel.geo.cache import TileKey
from sen.kernel.geo.changes import KEPT, History, Snapshot, changes
from sen.kernel.geo.layers import Layer
from sen.kernel.geo.tests.conftest import superuser_url
from sen.kernel.geo.tests.test_tiles import drawn, names, tile_at
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import build_house

NEAR = (105.63, 10.46)
FAR = (106.36, 10.36)


def key(layer: Layer, place: tuple[float, float], zoom: int = 14) -> TileKey:
    z, x, y = tile_at(*place, zoom)
    return TileKey(changes.identity, f"{layer.name}-{layer.digest}", "p", z, x, y)


def is_stale(layer: Layer, place: tuple[float, float], zoom: int = 14) -> bool:
    where = key(layer, place, zoom)
    kept = cache.read(where)
    assert kept is not None, "the tile was never cached"
    changes.refresh()
    return not changes.saw_all(kept.snapshot, [layer.table], where.z, where.x, where.y)


def warm(layer: Layer) -> None:
    for place in (NEAR, FAR):
        for zoom in (10, 14, 16):
            z, x, y = tile_at(*place, 14)
            z, x, y = (
                (zoom, x >> (14 - zoom), y >> (14 - zoom)) if zoom <= 14 else (zoom, x * 4, y * 4)
            )
            tiles.tile_of(tiles.TileSet(layer.name, (layer.access(ANONYMOUS),)), z, x, y)


@pytest.fixture
def stored(committed: None, layer: Layer) -> dict[str, Thing]:
    house = build_house()
    near = house.thing(
        "V-1", name="Cầu Công", geom=f"SRID=4326;POINT({NEAR[0]} {NEAR[1]})", length_m=150
    )
    far = house.thing(
        "V-4", name="Cầu Xa", geom=f"SRID=4326;POINT({FAR[0]} {FAR[1]})", length_m=150
    )
    changes.refresh()
    warm(layer)
    return {"near": near, "far": far}


def change(thing: Thing, **values: Any) -> None:
    with as_system("change a thing in a test"):
        Thing.objects.filter(pk=thing.pk).update(**values)


def test_only_the_changed_tile_and_its_parents_are_stale(
    stored: dict[str, Thing], layer: Layer
) -> None:
    change(stored["near"], name="Cầu Nội")
    assert is_stale(layer, NEAR)
    assert is_stale(layer, NEAR, 10)
    assert not is_stale(layer, FAR)
    assert not is_stale(layer, FAR, 10)
    assert names(drawn(layer, ANONYMOUS)) == {"Cầu Nội"}
    assert not is_stale(layer, NEAR), "a tile drawn after the change is fresh"


def test_a_moved_row_makes_the_old_and_the_new_place_stale(
    stored: dict[str, Thing], layer: Layer
) -> None:
    change(stored["near"], geom=f"SRID=4326;POINT({FAR[0]} {FAR[1]})")
    assert is_stale(layer, NEAR)
    assert is_stale(layer, FAR)


def test_a_deleted_row_makes_its_tile_stale(stored: dict[str, Thing], layer: Layer) -> None:
    with as_system("delete a thing in a test"):
        Thing.objects.filter(pk=stored["far"].pk).delete()
    assert is_stale(layer, FAR)
    assert not is_stale(layer, NEAR)


def test_a_tile_drawn_before_a_commit_is_stale_after_it(
    stored: dict[str, Thing], layer: Layer
) -> None:
    """The slow writer began first and commits last; numbers from a counter would hide it."""
    with psycopg.connect(superuser_url()) as slow:
        slow.execute("UPDATE guarded_thing SET name = 'Cầu Nội' WHERE id = %s", [stored["near"].pk])
        change(stored["far"], name="Cầu Mật")
        before = changes.version([layer.table], at_least=10**9)
        assert names(drawn(layer, ANONYMOUS)) == {"Cầu Công"}
        slow.commit()
    assert is_stale(layer, NEAR)
    assert changes.version([layer.table]) == before + 1
    assert names(drawn(layer, ANONYMOUS)) == {"Cầu Nội"}


def test_merging_the_log_changes_no_version_and_no_verdict(
    stored: dict[str, Thing], layer: Layer
) -> None:
    for name in ("a", "b", "c"):
        change(stored["near"], name=name)
    changes.refresh()
    version = changes.version([layer.table])
    with connection.cursor() as cursor:
        # Other databases of the server may have slow transactions, which hold the default back.
        cursor.execute(
            "SELECT sen_merge_tile_changes(pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"
        )
        cursor.execute("SELECT count(*) FROM kernel_geo_tilechange WHERE source = 'guarded_thing'")
        assert cursor.fetchone()[0] == 2
    changes.reset()
    assert changes.version([layer.table]) == version
    assert is_stale(layer, NEAR)
    assert not is_stale(layer, FAR)


def test_a_merged_change_is_doubted_by_whoever_saw_only_its_newest_part() -> None:
    """91 was running when the tile was drawn, 95 had ended; merged into 95 they hide 91."""
    drawn_at = Snapshot.parse("90:100:91")
    single, merged = History(), History()
    single.note(95, 1, 90)
    merged.note(95, 2, 90)
    assert single.is_seen_by(drawn_at)
    assert not merged.is_seen_by(drawn_at)
    assert merged.is_seen_by(Snapshot.parse("96:100:97"))


def test_a_tile_changed_very_often_keeps_few_transactions() -> None:
    history = History()
    for xid in range(1, 1000):
        history.note(xid, 1, finished_below=xid)
    assert len(history.single) <= KEPT + 1
    assert not history.is_seen_by(Snapshot.parse("990:1000:990"))
    assert history.is_seen_by(Snapshot.parse("1001:1001:"))


def test_a_change_of_a_quoted_row_makes_the_whole_layer_stale(
    stored: dict[str, Thing], layer: Layer
) -> None:
    table = "kernel_access_organisation"
    with connections["owner"].cursor() as owner:
        owner.execute(versions._related_sql(table, ["guarded_thing"]))
    try:
        with as_system("rename an organisation in a test"), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE kernel_access_organisation SET name = 'Sở mới' WHERE code = 'T-SXD'"
            )
        assert is_stale(layer, NEAR)
        assert is_stale(layer, FAR)
        assert "Sở mới".encode() in drawn(layer, ANONYMOUS)
    finally:
        with connections["owner"].cursor() as owner:
            owner.execute(f"DROP TRIGGER sen_tiles_r ON {table}")


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        ("POINT(0 0)", 1),
        ("LINESTRING(100 100, 10000 100)", 5),
        ("LINESTRING(100 200, 10000 10100)", 9),
        ("POLYGON((100 100, 100 5000, 5000 5000, 5000 100, 100 100))", 9),
        ("LINESTRING(0 0, 900000 900000)", 1),
    ],
)
@pytest.mark.django_db
def test_a_shape_marks_the_tiles_that_it_crosses(shape: str, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(x) FROM sen_tiles_of(ST_GeomFromText(%s, 3857))", [shape]
        )
        found, lowest = cursor.fetchone()
    assert found == count
    assert (lowest == -1) == ("900000" in shape)


def test_a_damaged_file_is_drawn_again(stored: dict[str, Thing], layer: Layer) -> None:
    path = Path(key(layer, NEAR).path(str(cache.root())))
    path.write_bytes(path.read_bytes()[:40])
    assert names(drawn(layer, ANONYMOUS)) == {"Cầu Công"}
