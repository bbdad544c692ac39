"""What must hold whatever the road: round trips, lengths, identity."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.network import api
from sen.domains.network.choices import Side
from sen.domains.network.data import EventInput, LonLat
from sen.domains.network.models import Decision, Road, RouteEvent, RouteVersion
from sen.domains.network.ports import Piece
from sen.domains.network.services import (
    join_roads,
    realign_road,
    recalibrate,
    renumber_road,
    reverse_road,
    split_road,
)
from sen.domains.network.services.operations.pieces import carry
from sen.domains.network.tests.conftest import DEGREE_M, posts_on, road_input, wavy
from sen.kernel.access.context import as_system

pytestmark = pytest.mark.django_db
MakeRoad = Callable[..., Road]
SINCE, DAY = date(2025, 1, 1), date(2026, 6, 1)
FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=300, deadline=None)


@contextmanager
def undone() -> Iterator[None]:
    """A transaction of which nothing stays: each example begins with an empty house."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def beside(line: list[LonLat], metres: float) -> list[LonLat]:
    """A line shifted to the north: to the left of a road that runs east."""
    return [(lon, lat + metres / DEGREE_M) for lon, lat in line]


drifts = st.lists(st.floats(0.7, 1.4), min_size=3, max_size=8)


def labels_of(drift: list[float]) -> dict[int, float]:
    """Posts at vertices with kilometres of very different lengths."""
    found: dict[int, float] = {}
    vertex, measure = 4, 1000.0
    for share in drift:
        found[vertex] = measure
        vertex += round(10 * share)
        measure += 1000.0
    return found


@given(drift=drifts, later=drifts, share=st.floats(0.01, 0.99))
@FEW
def test_label_and_place_meet_within_a_centimetre_on_every_day_and_carriageway(
    make_road: MakeRoad, drift: list[float], later: list[float], share: float
) -> None:
    with undone(), as_system("round trips") as actor:
        line = wavy()
        road = make_road("CT.35", labels_of(drift), line=line, manager_class="EXPRESSWAY")
        RouteVersion.objects.filter(road=road).update(valid_from=SINCE)
        left = beside(line, 12)
        api.bulk_put_roads(
            actor=actor,
            rows=[
                road_input("CT.35-T", number="CT.35", manager_class="EXPRESSWAY", line=left,
                           part="LEFT", main="CT.35"),
            ],
            posts=posts_on("CT.35-T", left, labels_of(later)),
        )  # fmt: skip
        recalibrate(actor=actor, roads=[road], valid_from=DAY)
        for one, on in ((road, SINCE), (road, None), (Road.objects.get(code="CT.35-T"), None)):
            start, end = RouteVersion.objects.filter(
                road=one, **({"valid_from": SINCE} if on else {"valid_to": None})
            ).values_list("start_m", "end_m").get()  # fmt: skip
            measure = start + share * (end - start)
            place = api.point_at(road=one, chainage_m=measure, on=on)
            found = api.chainage_of(lon=place.x, lat=place.y, road=one, on=on)
            assert found is not None
            assert abs(found.chainage_m - measure) < 0.01
            back = api.point_at(road=one, chainage_m=found.chainage_m, on=on)
            assert math.dist((place.x, place.y), (back.x, back.y)) * DEGREE_M < 0.01


def test_the_side_is_that_of_the_nearest_carriageway(make_road: MakeRoad) -> None:
    line = [(105.5, 10.3), (105.55, 10.3), (105.6, 10.3)]
    road = make_road("CT.35", {}, line=line, manager_class="EXPRESSWAY")
    with as_system("carriageways") as actor:
        for code, part, away in (("CT.35-T", "LEFT", 30), ("CT.35-P", "RIGHT", -10)):
            api.bulk_put_roads(
                actor=actor,
                rows=[
                    road_input(code, number="CT.35", manager_class="EXPRESSWAY", part=part,
                               main="CT.35", line=beside(line, away), start_m=0),
                ],
            )  # fmt: skip
        sides = {}
        for north in (45, 22, 8, -2, -9, -20):
            found = api.chainage_of(lon=105.551, lat=10.3 + north / DEGREE_M, road=road)
            nearest = api.chainage_of(lon=105.551, lat=10.3 + north / DEGREE_M)
            assert found is not None
            assert nearest is not None
            assert (found.road_id, nearest.road_id) == (road.pk, road.pk)
            sides[north] = found.side
        assert sides == {
            45: Side.LEFT,
            22: Side.LEFT,
            # Nearer to the right carriageway than to the left one, though north of the axis.
            8: Side.RIGHT,
            -2: Side.RIGHT,
            -9: Side.RIGHT,
            -20: Side.RIGHT,
        }
        left = Road.objects.get(code="CT.35-T")
        assert api.points_at(places=[(road.pk, 2000)], sides=["LEFT"]) == api.points_at(
            places=[(left.pk, 2000)]
        )
        assert left.counted_m == 0
        named = api.find_roads(actor, "CT.35")
        assert [one.pk for one in named] == [road.pk]


cuts = st.lists(st.integers(1, 99), min_size=0, max_size=5, unique=True).map(sorted)


@given(
    cuts=cuts,
    shifts=st.lists(st.floats(-500, 500), min_size=6, max_size=6),
    moved=st.lists(st.booleans(), min_size=6, max_size=6),
    ends=st.tuples(st.floats(0, 9_990), st.floats(10, 10_000)),
)
@MANY
def test_a_stretch_keeps_its_length_in_its_parts(
    cuts: list[int], shifts: list[float], moved: list[bool], ends: tuple[float, float]
) -> None:
    borders = [0.0, *(cut * 100.0 for cut in cuts), 10_000.0]
    pieces = [
        Piece(
            from_m=low, to_m=high, road_id=i % 2 + 1, new_from=low + shifts[i],
            new_to=high + shifts[i], settled=moved[i],
        )
        for i, (low, high) in enumerate(pairwise(borders))
    ]  # fmt: skip
    low, high = min(ends), max(ends) + 1
    parts = carry(pieces, low, high)
    assert sum(part.to_m - part.from_m for part in parts) == pytest.approx(high - low, abs=0.02)
    assert all(part.to_m > part.from_m for part in parts)


def _total(*roads: Road) -> float:
    """Labels over which records hold now, and those of questions that are open."""
    rows = RouteEvent.objects.filter(road__in=roads, valid_to=None)
    listed = Decision.objects.filter(subject="network.event", status="OPEN")
    return sum(float(row.to_m - row.from_m) for row in rows) + sum(
        float(one.payload["to_m"] - one.payload["from_m"]) for one in listed
    )


@given(
    stretches=st.lists(st.tuples(st.integers(10, 95), st.integers(1, 30)), min_size=1, max_size=5),
    cut=st.integers(30, 70),
)
@FEW
def test_operations_keep_the_length_of_records_or_list_it(
    make_road: MakeRoad, stretches: list[tuple[int, int]], cut: int
) -> None:
    with undone(), as_system("operations") as actor:
        road = make_road("ĐT.848", {3: 1000.0, 50: 5500.0, 100: 10_000.0})
        RouteVersion.objects.filter(road=road).update(valid_from=SINCE)
        api.bulk_put_events(
            actor=actor,
            rows=[
                EventInput(
                    road="ĐT.848", kind="roadworks", from_m=a * 100.0,
                    to_m=min(a * 100.0 + b * 100.0, 10_500.0), text=f"Việc {i}", valid_from=SINCE,
                )
                for i, (a, b) in enumerate(stretches)
            ],
        )  # fmt: skip
        before = _total(road)
        line = road.geom
        renumber_road(
            actor=actor, road=road, version=_version(road), valid_from=DAY, number="ĐT.848C"
        )
        road.refresh_from_db()
        assert road.geom == line
        assert _total(road) == before
        at = cut * 100.0
        split_road(
            actor=actor, road=road, version=_version(road), at_m=at, code="ĐT.848B", valid_from=DAY,
            restart=True,
        )  # fmt: skip
        other = Road.objects.get(code="ĐT.848B")
        assert _total(road, other) == pytest.approx(before, abs=0.01)
        road.refresh_from_db()
        join_roads(actor=actor, road=road, version=_version(road), other=other, valid_from=DAY)
        assert _total(road) == pytest.approx(before, abs=0.01)
        road.refresh_from_db()
        reverse_road(actor=actor, road=road, version=_version(road), valid_from=DAY)
        assert _total(road) == pytest.approx(before, abs=0.02)
        road.refresh_from_db()
        first, last = (api.point_at(road=road, chainage_m=m) for m in (3000, 6000))
        realign_road(
            actor=actor, road=road, version=_version(road), valid_from=DAY,
            line=[(first.x, first.y), (first.x, first.y + 0.01), (last.x, last.y)],
        )  # fmt: skip
        assert _total(road) == pytest.approx(before, abs=0.03)


def _version(road: Road) -> int:
    version: int = Road.objects.values_list("version", flat=True).get(pk=road.pk)
    road.refresh_from_db()
    return version


def test_the_old_label_of_a_year_is_found_again(make_road: MakeRoad) -> None:
    road = make_road(labels={3: 1000.0, 50: 5500.0, 100: 10_000.0})
    with as_system("two calibrations") as actor:
        RouteVersion.objects.filter(road=road).update(valid_from=SINCE)
        spot = api.point_at(road=road, chainage_m=4000)
        reverse_road(actor=actor, road=road, version=_version(road), valid_from=DAY)
        then = api.old_place(road=road, old_m=4000, on=DAY - timedelta(days=1))
        assert (then.lon, then.lat) == pytest.approx((spot.x, spot.y), abs=1e-8)
        assert api.old_place(road=road, old_m=4000).new_m == pytest.approx(then.new_m, abs=0.1)
        found = api.chainage_of(lon=spot.x, lat=spot.y, road=road, on=SINCE)
        assert found is not None
        assert found.chainage_m == pytest.approx(4000, abs=0.01)
