"""Chainage to place and back, on calibrated lines in the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.network import api
from sen.domains.network.choices import Side
from sen.domains.network.models import Road, RouteVersion
from sen.domains.network.selectors.history import former_labels
from sen.domains.network.tests.conftest import posts_on, road_input, wavy
from sen.kernel.access.context import as_system
from sen.kernel.errors import InvalidInputError

pytestmark = pytest.mark.django_db

MakeRoad = Callable[..., Road]
#: Posts that do not stand 1,000 m apart: a short and a long kilometre.
DRIFTING = {3: 1000.0, 11: 2000.0, 24: 3000.0, 33: 4000.0, 100: 10_000.0}


@pytest.fixture
def acting() -> Iterator[None]:
    with as_system("look at roads"):
        yield


def test_posts_lie_exactly_at_their_labels(make_road: MakeRoad, acting: None) -> None:
    road = make_road(labels=DRIFTING)
    line = wavy()
    for vertex, measure in DRIFTING.items():
        at = api.point_at(road=road, chainage_m=measure)
        assert at.coords == pytest.approx(line[vertex], abs=1e-8)
        found = api.chainage_of(lon=line[vertex][0], lat=line[vertex][1], road=road)
        assert found is not None
        assert found.chainage_m == pytest.approx(measure, abs=0.001)


def test_between_posts_the_label_runs_linearly_and_beyond_them_as_the_line_does(
    make_road: MakeRoad, acting: None
) -> None:
    road = make_road(labels=DRIFTING)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Length(network_line_between(%s, 1000, 1500)::geography),"
            " ST_Length(network_line_between(%s, 1500, 2000)::geography),"
            " ST_Length(network_line_between(%s, 10000, 10500)::geography)",
            [road.pk] * 3,
        )
        first, second, beyond = cursor.fetchone()
    assert first == pytest.approx(second, abs=0.05)
    assert first < 450
    assert beyond == pytest.approx(500, abs=0.1)


@pytest.fixture
def three_roads(make_road: MakeRoad) -> list[Road]:
    return [
        make_road("ĐT.848", DRIFTING),
        make_road("ĐT.849", {}, line=wavy(7, lat=10.4)),
        make_road("QL.30", {5: 41_000.0}, line=wavy(9, lat=10.5), manager_class="NATIONAL"),
    ]


def test_there_and_back_is_the_same_place(three_roads: list[Road], acting: None) -> None:
    ends = {
        pk: (start, end)
        for pk, start, end in RouteVersion.objects.values_list("road_id", "start_m", "end_m")
    }

    @given(st.integers(0, 2), st.floats(0, 1))
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(which: int, share: float) -> None:
        road = three_roads[which]
        start, end = ends[road.pk]
        measure = start + share * (end - start)
        at = api.point_at(road=road, chainage_m=measure)
        named = api.chainage_of(lon=at.x, lat=at.y, road=road)
        nearest = api.chainage_of(lon=at.x, lat=at.y)
        assert named is not None
        assert abs(named.chainage_m - measure) < 0.01
        assert nearest == named

    holds()


def test_ten_thousand_at_once_are_one_statement(three_roads: list[Road], acting: None) -> None:
    places = [
        (three_roads[i % 3].pk, 41_000.0 if i % 3 == 2 else 1000 + i / 2) for i in range(10_000)
    ]
    begun = time.perf_counter()
    with CaptureQueriesContext(connection) as asked:
        points = api.points_at(places=places)
        found = [point for point in points if point is not None]
        back = api.chainages_of(points=found, road_ids=[road for road, _m in places])
        lines = api.lines_between(stretches=[(road, m, m + 20) for road, m in places])
    # A tenth of a millisecond each on an idle machine; the bound leaves room for a busy one.
    assert time.perf_counter() - begun < 15
    assert len(asked) == 3
    assert len(found) == len(places)
    assert all(line is not None for line in lines)
    worst = max(
        abs(place.chainage_m - measure)
        for place, (_road, measure) in zip(back, places, strict=True)
        if place is not None
    )
    assert worst < 0.01


def test_a_label_beyond_the_road_is_refused_with_its_ends(
    make_road: MakeRoad, acting: None
) -> None:
    road = make_road(labels=DRIFTING)
    with pytest.raises(api.NotOnRouteError, match=r"Km99\+000 nằm ngoài tuyến: .* từ Km0\+\d+"):
        api.point_at(road=road, chainage_m=99_000)
    assert api.points_at(places=[(road.pk, 99_000), (road.pk, 1000)])[0] is None


def test_a_point_off_the_road_has_a_side_and_a_distance(make_road: MakeRoad, acting: None) -> None:
    road = make_road(line=[(105.5, 10.3), (105.6, 10.3)], labels={})
    north = api.chainage_of(lon=105.55, lat=10.3003, road=road)
    south = api.chainage_of(lon=105.55, lat=10.2997)
    assert north is not None
    assert south is not None
    assert (north.side, south.side) == (Side.LEFT, Side.RIGHT)
    assert north.offset_m == pytest.approx(33.2, abs=0.5)
    assert api.chainage_of(lon=105.55, lat=10.31) is None


def test_declared_ends_stretch_a_road_without_posts(make_road: MakeRoad, acting: None) -> None:
    road = make_road(start_m=2000.0, end_m=15_000.0)
    assert (float(road.start_m or 0), float(road.end_m or 0)) == (2000.0, 15_000.0)
    assert api.point_at(road=road, chainage_m=2000).coords == pytest.approx(wavy()[0], abs=1e-8)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({3: 1000.0, 30: 2000.0, 20: 3000.0}, ["Km2", "Km3", "không theo thứ tự"]),
        ({3: 3000.0, 20: 2000.0, 30: 1000.0}, ["giảm dần", "đảo chiều"]),
    ],
)
def test_posts_out_of_order_are_refused_by_name(
    house: None, labels: dict[int, float], words: list[str]
) -> None:
    line = wavy()
    with as_system("bad posts") as actor, pytest.raises(InvalidInputError) as error:
        api.bulk_put_roads(
            actor=actor, rows=[road_input(row=7)], posts=posts_on("ĐT.848", line, labels)
        )
    text = str(error.value)
    assert all(word in text for word in words)
    assert list(error.value.fields) == ["Dòng 7 (ĐT.848)"]
    with as_system("nothing was written"):
        assert not Road.objects.exists()


def test_a_post_far_from_the_road_is_refused(house: None) -> None:
    line = wavy()
    away = [(lon, lat + 0.01) for lon, lat in line]
    with (
        as_system("bad posts") as actor,
        pytest.raises(InvalidInputError, match="quá xa tim đường"),
    ):
        api.bulk_put_roads(
            actor=actor, rows=[road_input()], posts=posts_on("ĐT.848", away, {20: 2000.0})
        )


def test_old_labels_are_found_by_the_posts_that_bear_both(
    make_road: MakeRoad, acting: None
) -> None:
    road = make_road(labels=DRIFTING)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE network_kmpost SET old_measure_m = measure_m + 54000 WHERE road_id = %s",
            [road.pk],
        )
    assert api.new_chainage(road=road, old_m=56_500) == pytest.approx(2500)
    other = make_road("ĐT.850", {}, line=wavy(3, lat=10.6))
    with pytest.raises(api.NotOnRouteError, match="không có cọc nào ghi lý trình cũ"):
        api.new_chainage(road=other, old_m=1)


def test_former_labels_are_those_of_the_calibration_before(make_road: Callable[..., Road]) -> None:
    turned = make_road("ĐT.848", {3: 1000.0, 100: 10_000.0})
    fresh = make_road("ĐT.849", {}, line=wavy(lat=10.6))
    with as_system("a road is turned") as actor:
        RouteVersion.objects.filter(road=turned).update(valid_from=date(2025, 1, 1))
        spots = [api.point_at(road=turned, chainage_m=m) for m in (1500.0, 7777.0)]
        turned.refresh_from_db()
        api.reverse_road(
            actor=actor, road=turned, version=turned.version, valid_from=date(2026, 6, 1)
        )
        places = [api.chainage_of(lon=spot.x, lat=spot.y, road=turned) for spot in spots]
        now = [(turned.pk, place.chainage_m) for place in places if place is not None]
        found = former_labels([*now, (fresh.pk, 500.0)])
    assert found[:2] == [pytest.approx(1500, abs=0.01), pytest.approx(7777, abs=0.01)]
    assert found[2] is None
