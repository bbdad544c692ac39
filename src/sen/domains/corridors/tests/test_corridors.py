from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiPolygon, Point, Polygon
from django.test import Client
from django.utils.timezone import localdate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.assets import api as assets
from sen.domains.corridors import api
from sen.domains.corridors.data import Finding
from sen.domains.corridors.models import Corridor
from sen.domains.corridors.selectors import conflicts, drawn_on
from sen.domains.network import api as network
from sen.domains.network.data import RoadInput
from sen.domains.norms import api as norms
from sen.domains.norms.ports import Change, uses_of
from sen.domains.places import api as places
from sen.domains.places.choices import UnitKind
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.services import put_node
from sen.kernel.errors import InvalidInputError
from sen.kernel.events.relay import deliver_pending
from sen.kernel.jobs.testing import run_queued

LAT, WEST = 10.3, 105.50
#: Degrees of a metre at this place on the ellipsoid, east and north.
EAST = 1 / 109_537.0
NORTH = 1 / 110_607.0
TODAY = date(2026, 11, 23)


@pytest.fixture
def ground(db: None) -> dict[str, Any]:
    """A straight road of class III, 3 km to the east and 11 m wide, with the shipped rules."""
    with as_system("test data of corridors") as actor:
        org = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        area = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        commune = put_node(Area, code="30244", name="Hòa Long", kind="COMMUNE", parent=area)
        unit = places.put_unit(
            actor=actor,
            code="30244",
            name="Hòa Long",
            kind=UnitKind.COMMUNE,
            area=commune,
            owner_org=org,
        )
        unit.geom = MultiPolygon(Polygon.from_bbox((105.4, 10.2, 105.7, 10.4)), srid=4326)
        unit.save()
        put_road("ĐT.1", technical_class="III", width_m=11.0)
        road = network.roads(actor).get(code="ĐT.1")
        api.draw_corridors(actor=actor)
        return {"org": org, "area": area, "road": road}


def put_road(code: str, *, aside_m: float = 0, **values: Any) -> None:
    line = [(WEST + i * 100 * EAST, LAT + aside_m * NORTH) for i in range(31)]
    given: dict[str, Any] = {"name": f"Đường {code}", "owner_org": "SXD", "area": "82"}
    with as_system("test data of corridors") as actor:
        row = RoadInput(code=code, line=line, **(given | values))
        network.bulk_put_roads(actor=actor, rows=[row])


def put_asset(kind: str, code: str, east_m: float, north_m: float, **values: Any) -> Any:
    attributes = values.pop("attributes", {})
    with as_system("test data of corridors") as actor:
        return assets.create_asset(
            actor=actor,
            type=kind,
            code=code,
            name=code,
            owner_org=Organisation.objects.get(code="SXD"),
            data_class=0,
            status="IN_USE",
            geom=at(east_m, north_m),
            attributes=attributes,
            **values,
        )


def at(east_m: float, north_m: float) -> Point:
    return Point(WEST + east_m * EAST, LAT + north_m * NORTH, srid=4326)


def found(shape: Any, on: date = TODAY) -> list[Finding]:
    with as_system("ask") as actor:
        return api.findings_at(actor, shape, on)


def one(code: str) -> Corridor:
    with as_system("look"):
        return Corridor.objects.get(code__startswith=code)


def test_a_road_of_class_iii_reaches_half_its_width_the_strip_and_thirteen_metres(
    ground: dict[str, Any],
) -> None:
    row = one("R:ĐT.1")
    assert (row.edge_m, row.strip_m, row.corridor_m, row.reach_m) == (5.5, 2, 13, 20.5)
    assert (row.legal_ref, row.document) == ("Điều 11", "165/2024/NĐ-CP")
    assert row.computed_on == localdate()
    assert row.geom is not None
    assert row.geom.valid


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    along_m=st.floats(50, 2950),
    aside_m=st.floats(0.5, 60),
    side=st.sampled_from((-1, 1)),
)
def test_a_point_nearer_than_the_width_is_inside_and_only_such_a_point(
    ground: dict[str, Any], along_m: float, aside_m: float, side: int
) -> None:
    items = found(at(along_m, side * aside_m))
    if abs(aside_m - 20.5) < 0.15:
        return  # within the difference of grid and ellipsoid
    assert any(item.is_inside for item in items) == (aside_m < 20.5)
    if items and not items[0].is_inside:
        assert items[0].to_m == pytest.approx(aside_m - 20.5, abs=0.15)


def test_a_bridge_reaches_along_the_river_by_its_length(ground: dict[str, Any]) -> None:
    road = {"road": ground["road"].pk}
    put_asset("bridge", "CAU-DAI", 1000, 0, attributes={"length_m": 250, "width_m": 12}, **road)
    put_asset("bridge", "CAU-NHO", 2500, 0, attributes={"length_m": 15, "width_m": 10}, **road)
    with as_system("draw") as actor:
        api.draw_corridors(actor=actor)
    assert (one("A:CAU-DAI").corridor_m, one("A:CAU-NHO").corridor_m) == (100, 20)
    bridges = {f.title: f for f in found(at(1000, 100)) if f.along == "BRIDGE"}
    assert bridges["CAU-DAI"].is_inside
    assert not [f for f in found(at(1000, 107)) if f.along == "BRIDGE" and f.is_inside]
    # 125 m of bridge, 50 m beyond the abutment, and no further
    assert [f for f in found(at(1170, 60)) if f.along == "BRIDGE" and f.is_inside]
    assert not [f for f in found(at(1180, 60)) if f.along == "BRIDGE" and f.is_inside]


def test_tunnels_reach_around_both_mouths_and_ferries_around_the_landing(
    ground: dict[str, Any],
) -> None:
    put_asset(
        "tunnel",
        "HAM",
        1500,
        0,
        road=ground["road"].pk,
        attributes={"kind": "road", "length_m": 600},
    )
    put_asset("ferry", "PHA", 200, 900, attributes={"crossing": "Sông Tiền"})
    with as_system("draw") as actor:
        api.draw_corridors(actor=actor)
    for east_m, inside in ((1200, True), (1500, False), (1800, True)):
        items = [f for f in found(at(east_m, 90)) if f.along == "TUNNEL"]
        assert any(f.is_inside for f in items) is inside, east_m
    assert [f for f in found(at(200, 1045)) if f.along == "FERRY" and f.is_inside]
    assert not [f for f in found(at(200, 1055)) if f.along == "FERRY" and f.is_inside]


def test_a_fairway_takes_the_larger_width_of_the_law(ground: dict[str, Any]) -> None:
    with as_system("enter") as actor:
        api.create_fairway(
            actor=actor,
            code="L-1",
            name="Luồng thử",
            grade="III",
            width_m=40,
            geom=LineString(at(0, 2000), at(3000, 2000), srid=4326),
            owner_org=ground["org"],
            area=ground["area"],
        )
        deliver_pending()
        run_queued()
    row = one("W:L-1")
    assert (row.corridor_m, row.reach_m, row.legal_ref) == (15, 35, "Điều 33")
    assert "khoảng" in row.remark


def test_an_urban_road_ends_at_its_red_line_and_says_when_none_is_known(
    ground: dict[str, Any],
) -> None:
    put_road("ĐĐT.1", aside_m=1000, technical_class="URBAN", width_m=7.0)
    with as_system("draw") as actor:
        api.draw_corridors(actor=actor)
        assert one("R:ĐĐT.1").geom is None
        (near,) = found(at(500, 1010))
        assert near.is_unknown
        assert "chỉ giới đường đỏ" in near.remark
        road = network.roads(actor).get(code="ĐĐT.1")
        api.create_red_line(
            actor=actor,
            road=road,
            distance_m=Decimal("12.5"),
            decision="QĐ 12/2025",
            valid_from=date(2025, 6, 1),
        )
        deliver_pending()
        run_queued()
        with pytest.raises(InvalidInputError, match="đường đô thị"):
            api.create_red_line(
                actor=actor,
                road=ground["road"],
                distance_m=10,
                decision="QĐ 13/2025",
                valid_from=date(2025, 6, 1),
            )
    (near,) = found(at(500, 1010))
    assert (near.is_inside, near.reach_m, near.legal_ref) == (True, 12.5, "QĐ 12/2025")
    (before,) = found(at(500, 1010), date(2025, 5, 31))
    assert before.is_unknown


def publish_wider(width: int, start: date) -> None:
    with as_system("publish") as actor:
        norm = norms.norm("corridor.road")
        rows = [
            {"when": row.when, "value": width if "III" in row.when["technical_class"] else 4}
            for row in norms.table_on("corridor.road", start).rows
        ]
        norms.put_version(
            actor=actor,
            norm=norm,
            document="nd-241-2026",
            legal_ref="Điều 2",
            effective_from=start,
            effective_to=None,
            rows=rows,
        )


def test_questions_and_exports_ask_the_law_of_their_date(ground: dict[str, Any]) -> None:
    publish_wider(30, date(2030, 1, 1))
    shape = at(1000, 30)
    assert not found(shape)[0].is_inside
    assert found(shape, date(2030, 1, 1))[0].is_inside
    assert found(shape, date(2030, 1, 1))[0].document == "241/2026/NĐ-CP"
    with as_system("export") as actor:
        ((_row, said, text),) = drawn_on(actor, date(2030, 1, 1))
    assert (said.corridor_m, json.loads(text)["type"]) == (30, "Polygon")


def test_a_published_rule_redraws_corridors_in_a_job(ground: dict[str, Any]) -> None:
    start = date(2026, 1, 1)
    publish_wider(20, start)
    with as_system("work"):
        deliver_pending()
        run_queued()
    assert (one("R:ĐT.1").corridor_m, one("R:ĐT.1").legal_ref) == (20, "Điều 2")


def test_a_wider_stretch_of_a_road_is_followed(ground: dict[str, Any]) -> None:
    with as_system("enter") as actor:
        network.create_event(
            actor=actor,
            road=ground["road"],
            kind="width",
            from_m=1000,
            to_m=2000,
            value_number=21,
            valid_from=date(2025, 1, 1),
        )
        deliver_pending()
        run_queued()
    assert found(at(1500, 25))[0].is_inside
    assert not found(at(500, 25))[0].is_inside


def test_a_deleted_work_loses_its_corridor_and_unchanged_rows_are_not_written(
    ground: dict[str, Any],
) -> None:
    put_asset("ferry", "PHA", 200, 900, attributes={"crossing": "Sông Tiền"})
    with as_system("draw") as actor:
        first = api.draw_corridors(actor=actor)
        again = api.draw_corridors(actor=actor)
        assert (first.total, again.changed, again.removed) == (2, 0, 0)
        row = assets.assets(actor).get(code="PHA")
        assets.update_asset(actor=actor, row=row, version=row.version, status="REMOVED")
        gone = api.draw_corridors(actor=actor)
    assert (gone.total, gone.removed) == (1, 1)


def test_a_port_inside_a_corridor_is_a_conflict(ground: dict[str, Any]) -> None:
    put_asset(
        "inland_port", "BEN-1", 700, 12, attributes={"kind": "inland_cargo", "water": "Sông Tiền"}
    )
    with as_system("look") as actor:
        pairs = conflicts(actor)
        port = assets.assets(actor).get(code="BEN-1")
    assert pairs == [(one("R:ĐT.1").pk, port.pk)]


def test_a_draft_sees_how_many_corridors_change(ground: dict[str, Any]) -> None:
    use = next(use for use in uses_of("corridor.road") if use.reckon)
    assert use.reckon is not None
    change = Change("corridor.road", TODAY, lambda _case: 13, lambda _case: 15)
    with as_system("reckon") as actor:
        effect = use.reckon(actor, change)
    assert (effect.total, effect.changed) == (1, 1)
    assert (effect.rows[0].before, effect.rows[0].after) == ("13 m", "15 m")


def outline(north_m: float) -> str:
    corners = [at(700, north_m), at(710, north_m), at(710, north_m + 8), at(700, north_m + 8)]
    return json.dumps({"type": "LineString", "coordinates": [c.coords for c in corners]})


def test_everybody_asks_by_a_point_an_outline_or_a_file(
    ground: dict[str, Any], client: Client
) -> None:
    spot = at(700, 15)
    page = client.post("/hanh-lang/", {"shape": f"{spot.y:.7f}, {spot.x:.7f}"}).content.decode()
    assert "Nằm trong 1 phạm vi bảo vệ" in page
    assert "Điều 11, 165/2024/NĐ-CP" in page
    assert "20,5 m" in page
    page = client.post("/hanh-lang/", {"shape": outline(18), "ve": "ranh"}).content.decode()
    assert "Nằm trong 1 phạm vi bảo vệ" in page
    page = client.post("/hanh-lang/", {"shape": outline(25), "ve": "ranh"}).content.decode()
    assert "Không nằm trong hành lang nào đã biết" in page
    assert "ngoài, cách 4,5 m" in page
    for text, said in (
        ("", "Hãy bấm lên bản đồ"),
        ("đây", "tọa độ"),
        ('{"type": "Point", "coordinates": [500000, 1100000]}', "ngoài Việt Nam"),
        ('{"type": "Dot"}', "Không đọc được GeoJSON"),
    ):
        answer = client.post("/hanh-lang/", {"shape": text})
        assert answer.status_code == 422, text
        assert said in answer.content.decode(), text


def test_the_export_of_a_date_carries_the_reference(ground: dict[str, Any], client: Client) -> None:
    answer = client.get("/tra-cuu/corridors/theo-ngay.geojson?ngay=2026-11-23")
    body = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    (feature,) = body["features"]
    assert feature["properties"]["document"] == "165/2024/NĐ-CP"
    assert feature["properties"]["on"] == "2026-11-23"
    assert client.get("/tra-cuu/corridors/theo-ngay.geojson?ngay=mai").status_code == 422
