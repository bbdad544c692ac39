"""Roads, posts and records through their use cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import MultiLineString, Point
from django.db import IntegrityError, connection

from sen.domains.network import api, services
from sen.domains.network.data import EventInput, LonLat
from sen.domains.network.events import RouteRecalibrated
from sen.domains.network.models import KmPost, Road, RouteEvent, RouteVersion
from sen.domains.network.tests.conftest import posts_on, road_input, wavy
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError
from sen.kernel.events.models import OutboxEvent
from sen.kernel.testing.house import official

pytestmark = pytest.mark.django_db

MakeRoad = Callable[..., Road]
LABELS = {0: 0.0, 10: 1000.0, 20: 2000.0, 30: 3000.0}
DAY = date(2026, 1, 1)


def event(**values: Any) -> EventInput:
    given: dict[str, Any] = {
        "road": "ĐT.848",
        "kind": "iri",
        "from_m": 0,
        "to_m": 1000,
        "number": 3.2,
    }
    return EventInput(**{"valid_from": DAY, **given, **values})


def at(place: LonLat) -> Point:
    return Point(*place, srid=4326)


def stretch() -> MultiLineString:
    """The geometry of the only record."""
    geom = RouteEvent.objects.get().geom
    assert geom is not None
    return geom


def put(actor: Actor, *rows: EventInput) -> Any:
    return api.bulk_put_events(actor=actor, rows=rows)


def test_a_second_import_of_the_same_file_changes_nothing(house: None) -> None:
    line = wavy()
    rows = [road_input(), road_input("QL.30", manager_class="NATIONAL", line=wavy(lat=10.5))]
    posts = posts_on("ĐT.848", line, LABELS)
    with as_system("import twice") as actor:
        first = api.bulk_put_roads(actor=actor, rows=rows, posts=posts)
        before = OutboxEvent.objects.count()
        versions = list(Road.objects.order_by("id").values_list("version", flat=True))
        second = api.bulk_put_roads(actor=actor, rows=rows, posts=posts)
        after = list(Road.objects.order_by("id").values_list("version", flat=True))
        assert RouteVersion.objects.count() == 2
    assert (first.created, first.updated, first.unchanged) == (2, 0, 0)
    assert (second.created, second.updated, second.unchanged) == (0, 0, 2)
    assert versions == after
    assert OutboxEvent.objects.count() == before


def test_an_import_updates_by_code_and_a_new_line_moves_the_chainages(make_road: MakeRoad) -> None:
    road = make_road(labels=LABELS)
    with as_system("import again") as actor:
        put(actor, event())
        geom = stretch()
        moved = [(lon, lat + 0.0005) for lon, lat in wavy()]
        report = api.bulk_put_roads(actor=actor, rows=[road_input(name="Đường 848", line=moved)])
        road.refresh_from_db()
        assert stretch() != geom
    assert (report.created, report.updated) == (0, 1)
    assert (road.name, road.version > 1) == ("Đường 848", True)
    told = OutboxEvent.objects.filter(type=RouteRecalibrated.type)
    assert told.count() == 1


def test_every_fault_of_every_row_is_reported_and_nothing_written(house: None) -> None:
    rows = [
        road_input("ĐT.1"),
        road_input("ĐT.2", number="đường làng", row=12),
        road_input("ĐT.3", owner_org="KHONGCO", lanes=40),
        road_input("ĐT.4", number="QL.4"),
        road_input("ĐT.5", line=[(10.3, 105.5), (10.4, 105.6)]),
        road_input("ĐT.6", line=[(105.5, 10.3), (105.5, 10.3)]),
        road_input("ĐT.6", area="99"),
        road_input("ĐT.7", surface="GOLD", start_m=500, end_m=100),
    ]
    with as_system("bad file") as actor, pytest.raises(api.RowFaultsError) as error:
        api.bulk_put_roads(actor=actor, rows=rows)
    by_row: dict[int, str] = {}
    for row, text in error.value.faults:
        by_row[row] = by_row.get(row, "") + text
    assert sorted(by_row) == [3, 4, 5, 6, 7, 8, 12]
    assert "không phải là số hiệu" in by_row[12]
    assert "KHONGCO" in by_row[3]
    assert "từ 1 đến 12" in by_row[3]
    assert "không thuộc cấp quản lý" in by_row[4]
    assert "thứ tự kinh, vĩ độ" in by_row[5]
    assert "hai điểm khác nhau" in by_row[6]
    assert "lặp lại trong tệp" in by_row[7]
    assert "GOLD" in by_row[8]
    assert "Lý trình cuối" in by_row[8]
    with as_system("nothing was written"):
        assert not Road.objects.exists()


def test_an_import_writes_only_where_the_actor_may(make_road: MakeRoad) -> None:
    make_road("QL.80", manager_class="NATIONAL", owner_org="KQLDB4")
    department = Organisation.objects.get(code="SXD")
    actor = official("network.road.*", "network.event.*", orgs=[department])
    with pytest.raises(api.RowFaultsError) as error:
        api.bulk_put_roads(
            actor=actor,
            rows=[
                road_input("ĐT.1"),
                road_input("ĐT.2", owner_org="KQLDB4"),
                road_input("QL.80", manager_class="NATIONAL"),
            ],
        )
    assert [row for row, _text in error.value.faults] == [2, 3]
    with pytest.raises(api.RowFaultsError, match="không có quyền nhập dữ liệu"):
        put(actor, event(road="QL.80"))
    with pytest.raises(PermissionDeniedError):
        api.bulk_put_roads(actor=official("network.road.view"), rows=[road_input("ĐT.1")])


def test_records_are_found_again_by_code_or_by_their_stretch(
    make_road: MakeRoad, rules: None
) -> None:
    make_road(labels=LABELS)
    with as_system("records") as actor:
        first = put(actor, event(code="IRI-1"), event(from_m=1000, to_m=2000))
        second = put(
            actor, event(code="IRI-1", to_m=900, number=5), event(from_m=1000, to_m=2000, number=7)
        )
        third = put(actor, event(code="IRI-1", to_m=900, number=5))
        rows: list[Any] = list(
            RouteEvent.objects.order_by("from_m").values_list("to_m", "band", "title")
        )
    assert (first.created, second.created, second.updated) == (2, 0, 2)
    assert third.unchanged == 1
    assert rows == [
        (900, 2, "ĐT.848 Km0+000–Km0+900"),
        (2000, 3, "ĐT.848 Km1+000–Km2+000"),
    ]


def test_the_geometry_of_a_record_is_its_stretch(make_road: MakeRoad) -> None:
    road = make_road(labels=LABELS)
    with as_system("records") as actor:
        put(actor, event(from_m=500, to_m=1500))
        wanted = api.line_between(road=road, from_m=500, to_m=1500)
        assert stretch().equals_exact(wanted, 1e-9)


def test_contradictions_name_the_rows_and_what_is_stored(make_road: MakeRoad) -> None:
    make_road(labels=LABELS)
    with as_system("records") as actor:
        put(actor, event(from_m=2000, to_m=3000))
        with pytest.raises(api.RowFaultsError) as error:
            put(
                actor,
                event(row=2),
                event(row=3, from_m=500, to_m=1500, side="LEFT"),
                event(row=4, from_m=2500, to_m=2600),
                event(row=5, kind="traffic_change", text="Cấm xe tải", number=None),
                event(row=6, kind="traffic_change", text="Một chiều", number=None, lane=1),
            )
    faults = dict(error.value.faults)
    assert sorted(faults) == [3, 4]
    assert "dòng 2" in faults[3]
    assert "Km2+000–Km3+000" in faults[4]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "mau"}, "Không có nội dung"),
        ({"number": None}, "giá trị bằng số"),
        ({"number": 99}, "từ 0 đến 30"),
        ({"kind": "surface", "text": "VANG"}, "VANG"),
        ({"from_m": 900, "to_m": 100}, "Lý trình cuối phải lớn hơn"),
        ({"from_m": 0, "to_m": 90_000}, "nằm ngoài tuyến"),
        ({"side": "TOP"}, "Bên đường"),
        ({"lane": 99}, "Làn xe"),
        ({"valid_to": DAY}, "sau ngày bắt đầu"),
        ({"road": "ĐT.999"}, "Không có tuyến"),
    ],
)
def test_a_wrong_record_is_refused_in_words(
    make_road: MakeRoad, values: dict[str, Any], words: str
) -> None:
    make_road(labels=LABELS)
    with as_system("bad record") as actor, pytest.raises(api.RowFaultsError, match=words):
        put(actor, event(**values))


def test_the_database_refuses_an_overlap_that_comes_by_another_way(make_road: MakeRoad) -> None:
    make_road(labels=LABELS)
    with as_system("records") as actor:
        put(actor, event(), event(side="LEFT", kind="width", number=5))
        put(actor, event(side="RIGHT", kind="width", number=5))
    copy = (
        "INSERT INTO network_routeevent (road_id, kind, title, code, from_m, to_m, side, lane,"
        " value_number, value_text, attributes, valid_from, may_overlap, owner_org_id, area_id,"
        " data_class, is_demo, version) SELECT road_id, kind, title, '', from_m, to_m, 'LEFT', 3,"
        " value_number, value_text, attributes, valid_from, may_overlap, owner_org_id, area_id,"
        " data_class, is_demo, 1 FROM network_routeevent WHERE kind = 'iri'"
    )
    with (
        pytest.raises(IntegrityError, match="network_event_overlap"),
        as_system("write past the services"),
        connection.cursor() as cursor,
    ):
        cursor.execute(copy)


def test_a_new_value_follows_the_end_of_the_old_one(make_road: MakeRoad) -> None:
    road = make_road(labels=LABELS)
    given = {"from_m": 0.0, "to_m": 800.0, "valid_from": DAY}
    with as_system("one by one") as actor:
        old = services.create_event(
            actor=actor, road=road, kind="surface", value_text="ASPHALT", **given
        )
        later = given | {"valid_from": date(2026, 6, 1)}
        with pytest.raises(InvalidInputError, match="Trùng đoạn") as error:
            services.create_event(
                actor=actor, road=road, kind="surface", value_text="CONCRETE", **later
            )
        assert "kết thúc bản ghi cũ" in error.value.hint
        services.end_event(actor=actor, row=old, version=old.version, valid_to=date(2026, 6, 1))
        services.create_event(
            actor=actor, road=road, kind="surface", value_text="CONCRETE", **later
        )
        assert RouteEvent.objects.filter(valid_to=None).get().value_text == "CONCRETE"
        with pytest.raises(ConflictError):
            services.update_event(actor=actor, row=old, version=1, to_m=900.0)


def test_moving_a_post_moves_what_lies_by_chainage(make_road: MakeRoad) -> None:
    road = make_road(labels=LABELS)
    line = wavy()
    with as_system("move a post") as actor:
        put(actor, event(from_m=1000, to_m=2000))
        before = stretch().length
        post = KmPost.objects.get(measure_m=2000)
        services.update_kmpost(
            actor=actor, row=post, version=post.version, measure_m=2000.0, geom=at(line[24])
        )
        assert stretch().length == pytest.approx(before * 1.4, rel=0.02)
        assert api.point_at(road=road, chainage_m=2000).coords == pytest.approx(line[24], abs=1e-8)
        wrong = KmPost.objects.get(measure_m=3000)
        with pytest.raises(InvalidInputError, match=r"Km2.*Km3"):
            services.update_kmpost(
                actor=actor, row=wrong, version=wrong.version, measure_m=3000.0, geom=at(line[15])
            )
        told = OutboxEvent.objects.filter(type=RouteRecalibrated.type).count()
    assert told == 1


def test_posts_are_entered_and_taken_away_one_by_one(make_road: MakeRoad) -> None:
    road = make_road()
    line = wavy()
    with as_system("posts") as actor:
        place = at(line[50])
        post = services.create_kmpost(actor=actor, road=road, measure_m=7000.0, geom=place)
        assert (post.label, post.title) == ("Km7", "ĐT.848 Km7")
        found = api.chainage_of(lon=line[50][0], lat=line[50][1], road=road)
        assert found is not None
        assert found.chainage_m == pytest.approx(7000, abs=0.001)
        with pytest.raises(InvalidInputError, match="đã có cọc"):
            services.create_kmpost(actor=actor, road=road, measure_m=7000.0, geom=place)
        services.delete_kmpost(actor=actor, row=post, version=post.version, reason="đặt nhầm chỗ")
        back = api.chainage_of(lon=line[50][0], lat=line[50][1], road=road)
        assert back is not None
        assert back.chainage_m == pytest.approx(5000, abs=100)


def test_earlier_calibrations_stay_and_can_be_asked(make_road: MakeRoad, house: None) -> None:
    with as_system("calibrate from a date on") as actor:
        rows = [road_input()]
        line = wavy()
        api.bulk_put_roads(
            actor=actor,
            rows=rows,
            posts=posts_on("ĐT.848", line, LABELS),
            valid_from=date(2020, 1, 1),
        )
        road = Road.objects.get()
        api.bulk_put_roads(
            actor=actor,
            posts=posts_on("ĐT.848", line, {33: 3500.0}),
            valid_from=date(2025, 7, 1),
        )
        then = api.point_at(road=road, chainage_m=3500, on=date(2022, 2, 2))
        now = api.point_at(road=road, chainage_m=3500)
        assert now.coords == pytest.approx(line[33], abs=1e-8)
        assert then.distance(now) > 0.001
        with pytest.raises(InvalidInputError, match=r"01/07/2025"):
            services.recalibrate(actor=actor, roads=[road], valid_from=date(2024, 1, 1))


def test_a_road_is_entered_changed_and_deleted_by_hand(house: None) -> None:
    given: dict[str, Any] = {
        "code": " ĐT.857 ",
        "number": "tinh lo 857",
        "name": "Đường tỉnh 857",
        "manager_class": "PROVINCIAL",
        "technical_class": "IV",
        "owner_org": Organisation.objects.get(code="SXD"),
        "area": Area.objects.get(code="82"),
        "data_class": 0,
    }
    actor = official("network.road.*")
    road = services.create_road(actor=actor, **given)
    assert (road.code, road.number) == ("ĐT.857", "ĐT.857")
    with pytest.raises(InvalidInputError) as error:
        services.create_road(actor=actor, **given | {"name": " ", "lanes": 99})
    assert sorted(error.value.fields) == ["code", "lanes", "name"]
    services.set_line(actor=actor, road=road, version=road.version, line=wavy(5))
    assert float(road.length_m or 0) == pytest.approx(5000, rel=0.05)
    services.update_road(
        actor=actor, row=road, version=road.version, declared_start_m=2000, number="ĐT.858"
    )
    assert float(road.start_m or 0) == 2000
    with pytest.raises(ConflictError):
        services.update_road(actor=actor, row=road, version=1, name="Khác")
    services.delete_road(actor=actor, row=road, version=road.version, reason="nhập trùng")
    with as_system("it is gone"):
        assert not Road.objects.exists()
        assert not RouteVersion.objects.exists()


def test_what_lies_on_a_road_follows_its_owner_name_and_class(make_road: MakeRoad) -> None:
    road = make_road(labels=LABELS)
    with as_system("hand over") as actor:
        put(actor, event())
        other = Organisation.objects.get(code="KQLDB4")
        services.update_road(
            actor=actor,
            row=road,
            version=road.version,
            owner_org=other,
            number="ĐT.888",
            data_class=1,
        )
        for model in (KmPost, RouteEvent, RouteVersion):
            found = set(model.objects.values_list("owner_org_id", "data_class"))
            assert found == {(other.pk, 1)}
        assert RouteEvent.objects.get().title == "ĐT.888 Km0+000–Km1+000"
        assert KmPost.objects.order_by("measure_m")[1].title == "ĐT.888 Km1"


def test_a_restricted_road_has_no_place_for_those_who_may_not_see_it(make_road: MakeRoad) -> None:
    road = make_road(labels=LABELS, data_class=2)
    line = wavy()
    with acting_as(ANONYMOUS):
        assert api.points_at(places=[(road.pk, 1000.0)]) == [None]
        assert api.chainage_of(lon=line[9][0], lat=line[9][1]) is None
        assert api.find_roads(ANONYMOUS, "ĐT.848") == []
