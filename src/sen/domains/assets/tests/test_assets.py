from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sen.domains.assets import api
from sen.domains.assets.data import AssetInput, InspectionInput
from sen.domains.assets.models import Asset, Inspection
from sen.domains.assets.services import delete_asset, follow_calibration
from sen.domains.assets.services.placing import distance_m
from sen.domains.assets.tests.conftest import Ground
from sen.domains.network import api as network
from sen.domains.network.data import PostInput, RoadInput
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.scope import DataClass
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from sen.kernel.events.models import OutboxEvent
from sen.kernel.events.relay import deliver_pending
from sen.kernel.testing.house import official

pytestmark = pytest.mark.django_db
Make = Callable[..., Asset]


def published() -> list[str]:
    names = OutboxEvent.objects.order_by("id").values_list("type", flat=True)
    return [name.split(".assets.")[1] for name in names if ".assets." in name]


def reread(row: Asset) -> Asset:
    with as_system("what was kept"):
        return Asset.objects.get(pk=row.pk)


def test_an_asset_by_km_gets_its_point_and_commune(ground: Ground, bridge: Make) -> None:
    row = bridge(chainage_m=2145)
    assert row.geom is not None
    assert distance_m((row.geom.x, row.geom.y), ground.at(2145)) < 1
    assert (row.area_id, row.located_by) == (ground.west.pk, "CHAINAGE")
    assert bridge("CAU-02", chainage_m=9000).area_id == ground.east.pk
    assert "Km2+145" in row.keywords
    assert published()[0] == "asset.created.v1"


def test_an_asset_by_point_gets_the_nearest_road_and_its_chainage(
    ground: Ground, bridge: Make
) -> None:
    row = bridge(road=None, chainage_m=None, geom=Point(*ground.at(3210, 12), srid=4326))
    assert row.road_id == ground.road_id
    assert float(row.chainage_m or 0) == pytest.approx(3210, abs=2)
    assert (row.side, row.located_by) == ("LEFT", "SURVEY")
    far = bridge("CAU-02", road=None, chainage_m=None, geom=Point(*ground.at(3210, 90), srid=4326))
    assert (far.road_id, far.chainage_m) == (None, None)


def test_a_point_that_contradicts_its_km_is_refused_with_both_places(
    ground: Ground, bridge: Make
) -> None:
    near = bridge(chainage_m=3000, geom=Point(*ground.at(3030, 10), srid=4326))
    assert near.located_by == "SURVEY"
    with pytest.raises(InvalidInputError) as error:
        bridge("CAU-02", chainage_m=3000, geom=Point(*ground.at(3340), srid=4326))
    text = error.value.fields["chainage_m"][0]
    assert "Km3+000 của ĐT.868" in text
    assert "340 m" in text
    assert "Km3+340" in text


def test_wrong_places_say_how_to_mend_them(ground: Ground, bridge: Make) -> None:
    for values, field, words in (
        ({"chainage_m": 50_000}, "chainage_m", "Km12+000"),
        ({"road": None, "chainage_m": None}, "chainage_m", "Hãy cho biết vị trí"),
        ({"road": None, "chainage_m": None, "geom": Point(107, 12)}, "geom", "3 km"),
        ({"chainage_m": None, "geom": Point(*ground.at(10, 900))}, "geom", "hơn 50 m"),
    ):
        with pytest.raises(InvalidInputError) as error:
            bridge(**values)
        assert words in error.value.fields[field][0]


def test_every_fault_of_a_form_is_told_at_once(ground: Ground, bridge: Make) -> None:
    bridge("CAU-01")
    with pytest.raises(InvalidInputError) as error:
        bridge(
            "CAU-01",
            name=" ",
            opened_year=1492,
            condition="FINE",
            chainage_m=99_999,
            attributes={"length_m": -1, "lanes": 99},
        )
    assert set(error.value.fields) == {
        "code",
        "name",
        "opened_year",
        "condition",
        "chainage_m",
        "attributes__length_m",
        "attributes__lanes",
    }


def test_a_change_tells_what_changed_and_load_limits_apart(ground: Ground, bridge: Make) -> None:
    row = bridge(attributes={"load_limit_t": 18})
    OutboxEvent.objects.all().delete()
    with as_system("change") as actor:
        api.update_asset(
            actor=actor,
            row=reread(row),
            version=1,
            status="CLOSED",
            attributes={"load_limit_t": 8, "lanes": None},
        )
    assert published() == [
        "asset.changed.v1",
        "asset.load_limit_changed.v1",
        "asset.closed.v1",
    ]
    changed, limit = (event.envelope["data"] for event in OutboxEvent.objects.order_by("id")[:2])
    assert changed["fields"] == ["status", "attributes.load_limit_t"]
    assert (limit["before"], limit["now"]) == ({"load_limit_t": 18}, {"load_limit_t": 8})
    assert AuditEntry.objects.filter(act="assets.update_asset").exists()
    assert reread(row).attributes == {"length_m": 40, "load_limit_t": 8}


def test_a_form_sent_back_unchanged_moves_nothing(ground: Ground, bridge: Make) -> None:
    row = bridge(chainage_m=2145)
    point = Point(round(row.geom.x, 6), round(row.geom.y, 6), srid=4326)
    with as_system("change") as actor:
        same: dict[str, Any] = {"road": ground.road_id, "chainage_m": 2145.0, "geom": point}
        kept = api.update_asset(actor=actor, row=reread(row), version=1, name="Cầu Mới", **same)
        assert kept.geom.equals(row.geom)
        assert kept.located_by == "CHAINAGE"
        moved = api.update_asset(
            actor=actor, row=reread(row), version=2, **(same | {"chainage_m": 2500.0})
        )
        assert distance_m((moved.geom.x, moved.geom.y), ground.at(2500)) < 1
        to = Point(*ground.at(4000, 5), srid=4326)
        pulled = api.update_asset(
            actor=actor, row=reread(row), version=3, **(same | {"chainage_m": 2500.0, "geom": to})
        )
    assert float(pulled.chainage_m or 0) == pytest.approx(4000, abs=2)
    assert pulled.located_by == "SURVEY"


def test_two_people_at_once(ground: Ground, bridge: Make) -> None:
    row = bridge()
    with as_system("change") as actor:
        api.update_asset(actor=actor, row=reread(row), version=1, name="Cầu Một")
        with pytest.raises(ConflictError):
            api.update_asset(actor=actor, row=reread(row), version=1, name="Cầu Hai")


def test_rights_are_asked_for_by_organisation_and_place(ground: Ground, bridge: Make) -> None:
    row = bridge()
    west = official("assets.asset.*", areas=[ground.west])
    other = official("assets.asset.*", orgs=[ground.other_org])
    with acting_as(west):
        api.update_asset(actor=west, row=reread(row), version=1, name="Cầu Đông")
        with pytest.raises((PermissionDeniedError, NotFoundError)):
            api.move_asset(
                actor=west, row=reread(row), version=2, reason="dời", geom=Point(*ground.at(9000))
            )
    with acting_as(other), pytest.raises(PermissionDeniedError):
        api.update_asset(actor=other, row=reread(row), version=2, name="Cầu Tây")


def test_what_has_inspections_is_not_deleted_but_dismantled(ground: Ground, bridge: Make) -> None:
    row = bridge()
    with as_system("inspect and delete") as actor:
        inspection = api.record_inspection(
            actor=actor,
            asset_code=row.code,
            inspected_at=date(2025, 6, 1),
            inspector="Trung tâm Kỹ thuật",
            condition="POOR",
            finding="Nứt dầm biên",
        )
        with pytest.raises(ConflictError, match="lần kiểm tra"):
            delete_asset(actor=actor, row=reread(row), version=2, reason="nhập nhầm")
        inspection.delete()
        delete_asset(actor=actor, row=reread(row), version=2, reason="nhập nhầm")
        assert not Asset.objects.filter(pk=row.pk).exists()


def test_the_latest_inspection_decides_the_condition(ground: Ground, bridge: Make) -> None:
    row = bridge(condition="GOOD", condition_at=date(2024, 1, 1))
    inspector = official("assets.inspection.add", "assets.inspection.view")
    given: dict[str, Any] = {"asset_code": row.code, "inspector": "Đơn vị kiểm định"}
    with acting_as(inspector):
        api.record_inspection(
            actor=inspector, inspected_at=date(2025, 6, 1), condition="POOR", **given
        )
        api.record_inspection(
            actor=inspector, inspected_at=date(2023, 6, 1), condition="BAD", **given
        )
        with pytest.raises(InvalidInputError):
            api.record_inspection(
                actor=inspector, inspected_at=date(2999, 1, 1), condition="BAD", **given
            )
    kept = reread(row)
    assert (kept.condition, kept.condition_at) == ("POOR", date(2025, 6, 1))
    assert published().count("asset.condition_changed.v1") == 1


def test_findings_are_internal(ground: Ground, bridge: Make) -> None:
    row = bridge()
    with as_system("inspect") as actor:
        api.record_inspection(
            actor=actor,
            asset_code=row.code,
            inspected_at=date(2025, 6, 1),
            inspector="Trung tâm Kỹ thuật",
            condition="POOR",
            data_class=0,
        )
    public = official("assets.asset.view", clearance=DataClass.PUBLIC)
    with acting_as(public):
        found = Inspection.objects.visible_to(public).get()
        assert public.scope(Inspection.access).masked(found) == {"finding"}


def test_a_new_calibration_moves_what_was_placed_by_km(ground: Ground, bridge: Make) -> None:
    by_km = bridge("CAU-01", chainage_m=5500)
    surveyed = bridge("CAU-02", chainage_m=None, geom=Point(*ground.at(5500, 8), srid=4326))
    with as_system("the road was measured anew") as actor:
        # Post Km6 stands 200 m further than was thought.
        lon, lat = ground.at(6200)
        posts = [PostInput(road="ĐT.868", measure_m=6000, lon=lon, lat=lat)]
        network.bulk_put_roads(actor=actor, rows=[], posts=posts)
        moved = follow_calibration(actor=actor, road_id=ground.road_id)
        again = follow_calibration(actor=actor, road_id=ground.road_id)
    assert (moved, again) == (2, 0)
    a, b = reread(by_km), reread(surveyed)
    assert distance_m((a.geom.x, a.geom.y), ground.at(5600)) < 2
    assert float(a.chainage_m or 0) == 5500
    assert distance_m((b.geom.x, b.geom.y), ground.at(5500, 8)) < 0.1
    assert float(b.chainage_m or 0) == pytest.approx(5416.7, abs=2)


def test_the_events_of_a_road_reach_its_assets(ground: Ground, bridge: Make) -> None:
    row = bridge(chainage_m=5500)
    deliver_pending()
    with as_system("measured anew and renumbered") as actor:
        lon, lat = ground.at(6200)
        posts = [PostInput(road="ĐT.868", measure_m=6000, lon=lon, lat=lat)]
        renumbered = RoadInput(
            code="ĐT.868", number="ĐT.879", name="Đường tỉnh 879", owner_org="SXD", area="82"
        )
        network.bulk_put_roads(actor=actor, rows=[renumbered], posts=posts)
    deliver_pending()
    kept = reread(row)
    assert distance_m((kept.geom.x, kept.geom.y), ground.at(5600)) < 2
    assert "ĐT.879" in kept.keywords
    assert "ĐT.868" not in kept.keywords


def rows_of(count: int, **values: Any) -> list[AssetInput]:
    given: dict[str, Any] = {"type": "culvert", "owner_org": "SXD", "road": "ĐT.868"} | values
    return [
        AssetInput(
            code=f"CONG-{i:05d}",
            name=f"Cống số {i}",
            chainage_m=(i * 7) % 12_000,
            attributes={"kind": "pipe", "opening_m": 1 + i % 3},
            row=i + 2,
            **given,
        )
        for i in range(count)
    ]


def test_many_at_once_are_entered_found_again_and_changed(ground: Ground) -> None:
    with as_system("import") as actor:
        first = api.bulk_put_assets(actor=actor, rows=rows_of(300))
        second = api.bulk_put_assets(actor=actor, rows=rows_of(300))
        third = api.bulk_put_assets(actor=actor, rows=rows_of(10, condition="BAD"))
    assert (first.created, first.updated, first.unchanged) == (300, 0, 0)
    assert (second.created, second.updated, second.unchanged) == (0, 0, 300)
    assert (third.created, third.updated, third.unchanged) == (0, 10, 0)
    assert published().count("asset.imported.v1") == 2
    assert published().count("asset.condition_changed.v1") == 10
    with as_system("what was kept"):
        row = Asset.objects.get(code="CONG-00003")
    assert (row.version, row.condition, row.attributes["opening_m"]) == (2, "BAD", 1)
    assert row.area_id == ground.west.pk


def test_a_bad_row_keeps_the_whole_import_out(ground: Ground) -> None:
    rows = [
        *rows_of(2),
        AssetInput(type="dragon", code="X-1", name="Rồng", owner_org="SXD", row=9),
        AssetInput(
            type="bridge",
            code="X-2",
            name="Cầu",
            owner_org="KHONG",
            road="ĐT.000",
            attributes={"length_m": -5, "lanes": 2},
            row=10,
        ),
        AssetInput(type="culvert", code="CONG-00001", name="Cống", owner_org="SXD", row=11),
    ]
    with as_system("import") as actor, pytest.raises(InvalidInputError) as error:
        api.bulk_put_assets(actor=actor, rows=rows)
    faults = error.value.fields
    assert list(faults) == ["Dòng 9 (X-1)", "Dòng 10 (X-2)", "Dòng 11 (CONG-00001)"]
    assert "không có loại tài sản “dragon”" in faults["Dòng 9 (X-1)"]
    assert any("Chiều dài: Phải từ 1 m" in text for text in faults["Dòng 10 (X-2)"])
    assert any("ĐT.000" in text for text in faults["Dòng 10 (X-2)"])
    with as_system("nothing was written"):
        assert not Asset.objects.exists()


def test_a_file_is_one_whatever_the_parts_in_which_it_is_worked_off(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sen.domains.assets.services.bulk.CHUNK", 2)
    rows = rows_of(7)
    rows[0] = replace(rows[0], road="ĐT.000")
    rows[6] = replace(rows[6], code="CONG-00001")
    with as_system("import") as actor:
        with pytest.raises(InvalidInputError) as error:
            api.bulk_put_assets(actor=actor, rows=rows)
        assert not Asset.objects.exists()
        done = api.bulk_put_assets(actor=actor, rows=rows_of(7))
        again = api.bulk_put_assets(actor=actor, rows=[*rows_of(6), *rows_of(9)[6:]])
        kept = dict(Asset.objects.values_list("code", "pk"))
    assert list(error.value.fields) == ["Dòng 2 (CONG-00000)", "Dòng 8 (CONG-00001)"]
    assert (done.created, again.created, again.unchanged) == (7, 2, 7)
    assert again.ids == kept


def test_the_place_of_a_surveyed_asset_is_found_anew_only_when_it_moved(ground: Ground) -> None:
    def signs(chainage: float, year: int) -> list[AssetInput]:
        attributes = {"sign_code": "P.127"}
        return [
            AssetInput(
                type="sign", code="BB-1", name="Biển", owner_org="SXD", opened_year=year,
                position=ground.at(chainage), attributes=attributes,
            )
        ]  # fmt: skip

    def statements(rows: list[AssetInput]) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            api.bulk_put_assets(actor=actor, rows=rows)
        return [query["sql"] for query in asked.captured_queries]

    with as_system("import") as actor:
        api.bulk_put_assets(actor=actor, rows=signs(4000, 2019))
        placed = Asset.objects.get(code="BB-1")
        still = statements(signs(4000, 2020))
        kept = Asset.objects.get(code="BB-1")
        moved = statements(signs(4500, 2020))
        found = Asset.objects.get(code="BB-1")
    assert not any("ST_LineLocatePoint" in sql for sql in still)
    assert (kept.opened_year, kept.version) == (2020, 2)
    assert (kept.road_id, kept.chainage_m) == (placed.road_id, placed.chainage_m)
    assert (kept.area_id, kept.located_by) == (placed.area_id, placed.located_by)
    assert kept.location_key == placed.location_key
    assert any("ST_LineLocatePoint" in sql for sql in moved)
    assert 400 < float(found.chainage_m or 0) - float(placed.chainage_m or 0) < 600


def test_without_a_code_an_asset_is_found_by_its_place(ground: Ground) -> None:
    given: dict[str, Any] = {"type": "sign", "owner_org": "SXD", "road": "ĐT.868"}
    attributes = {"sign_code": "P.127"}
    with as_system("import") as actor:
        for chainage, side in ((4000, "LEFT"), (4000, "RIGHT"), (4030, "LEFT")):
            api.bulk_put_assets(
                actor=actor,
                rows=[
                    AssetInput(
                        name="Biển", chainage_m=chainage, side=side, attributes=attributes, **given
                    )
                ],
            )
        again = api.bulk_put_assets(
            actor=actor,
            rows=[
                AssetInput(
                    name="Biển tốc độ",
                    chainage_m=4006,
                    side="LEFT",
                    attributes={"text": "60 km/h"},
                    **given,
                )
            ],
        )
        kept = Asset.objects.get(name="Biển tốc độ")
        assert Asset.objects.count() == 3
    assert (again.created, again.updated) == (0, 1)
    assert kept.attributes == {"sign_code": "P.127", "text": "60 km/h"}


def test_an_import_stays_within_the_rights_of_the_importer(ground: Ground) -> None:
    west = official(
        "assets.asset.import",
        "assets.asset.add",
        "assets.asset.change",
        "assets.asset.view",
        areas=[ground.west],
    )
    with acting_as(west):
        api.bulk_put_assets(actor=west, rows=rows_of(3))
        with pytest.raises(InvalidInputError) as error:
            api.bulk_put_assets(
                actor=west,
                rows=[
                    AssetInput(
                        type="culvert",
                        code="C-E",
                        name="Cống",
                        owner_org="SXD",
                        road="ĐT.868",
                        chainage_m=9000,
                        attributes={"kind": "box"},
                    )
                ],
            )
    assert "không có quyền" in error.value.fields["Dòng 1 (C-E)"][0]


def test_a_point_on_the_map_suggests_road_km_and_commune(ground: Ground) -> None:
    with as_system("look") as actor:
        near = api.propose_place(actor, ground.at(2145, 12))
        far = api.propose_place(actor, ground.at(2145, 300))
    assert (near.road, near.side, near.area) == ("ĐT.868", "LEFT", "Xã Sa Đéc")
    assert near.chainage_m == pytest.approx(2145, abs=2)
    assert (far.road_id, far.area_id) == (None, ground.west.pk)


def test_inspections_come_in_bulk_and_are_found_again(ground: Ground, bridge: Make) -> None:
    row = bridge()
    given = InspectionInput(
        code="KT-1", asset=row.code, date=date(2025, 5, 1), inspector="DN", condition="FAIR"
    )
    with as_system("import") as actor:
        first = api.bulk_put_inspections(actor=actor, rows=[given])
        again = api.bulk_put_inspections(actor=actor, rows=[given])
        with pytest.raises(InvalidInputError, match="không có tài sản"):
            api.bulk_put_inspections(
                actor=actor,
                rows=[
                    InspectionInput(
                        code="KT-2",
                        asset="KHONG",
                        date=date(2025, 5, 1),
                        inspector="DN",
                        condition="FAIR",
                    )
                ],
            )
    assert (first.created, again.unchanged) == (1, 1)
    assert reread(row).condition == "FAIR"
