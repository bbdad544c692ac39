"""Carriageways with lines of their own follow when their road is split or joined."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.network import api
from sen.domains.network.data import EventInput, LonLat
from sen.domains.network.models import Decision, KmPost, Road, RouteEvent, RouteVersion
from sen.domains.network.services import decide, join_roads, split_road
from sen.domains.network.tests.conftest import DEGREE_M, posts_on, road_input, wavy
from sen.domains.network.tests.test_properties import beside, drifts, labels_of, undone
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError

pytestmark = pytest.mark.django_db
MakeRoad = Callable[..., Road]
SINCE, DAY = date(2025, 1, 1), date(2026, 6, 1)
LABELS = {3: 1000.0, 50: 5500.0, 100: 10_000.0}
FEW = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))


def put_side(
    actor: Actor, code: str, part: str, main: str, line: list[LonLat], labels: dict[int, float]
) -> Road:
    api.bulk_put_roads(
        actor=actor,
        rows=[road_input(code, number="", part=part, main=main, line=line)],
        posts=posts_on(code, line, labels),
    )
    side = Road.objects.get(code=code)
    RouteVersion.objects.filter(road=side).update(valid_from=SINCE)
    return side


def put_works(actor: Actor, road: str, low: float, high: float) -> None:
    rows = [
        EventInput(
            road=road, kind="roadworks", from_m=low, to_m=high, text="Sửa mặt", valid_from=SINCE
        )
    ]
    api.bulk_put_events(actor=actor, rows=rows)


def current(code: str) -> Road:
    return Road.objects.get(code=code)


def ends(road: Road) -> tuple[float, float]:
    return RouteVersion.objects.values_list("start_m", "end_m").get(road=road, valid_to=None)


def length(*roads: Road) -> float:
    rows = RouteVersion.objects.filter(road__in=roads, valid_to=None)
    return sum(rows.values_list("length_m", flat=True))


def recorded(*roads: Road) -> float:
    rows = RouteEvent.objects.filter(road__in=roads, valid_to=None)
    return sum(float(row.to_m - row.from_m) for row in rows)


def spot(road: Road, measure: float) -> LonLat:
    place = api.point_at(road=road, chainage_m=measure)
    return place.x, place.y


def apart(one: LonLat, two: LonLat) -> float:
    return math.dist(one, two) * DEGREE_M


@given(drift=drifts, share=st.floats(0.15, 0.85), restart=st.booleans(), at=st.floats(0.02, 0.98))
@FEW
def test_splitting_and_joining_keeps_lengths_places_and_records_of_every_carriageway(
    make_road: MakeRoad, drift: list[float], share: float, restart: bool, at: float
) -> None:
    with undone(), as_system("carriageways") as actor:
        line = wavy()
        road = make_road("CT.35", LABELS, line=line, manager_class="EXPRESSWAY")
        RouteVersion.objects.filter(road=road).update(valid_from=SINCE)
        left = put_side(actor, "CT.35-T", "LEFT", "CT.35", beside(line, 12), labels_of(drift))
        low, high = ends(left)
        put_works(actor, "CT.35-T", low + 100, high - 100)
        total, noted = length(left), recorded(left)
        cut = low + share * (high - low)
        measure = low + at * (high - low)
        place = spot(left, measure)
        road.refresh_from_db()
        split_road(
            actor=actor, road=road, version=road.version, at_m=cut, code="CT.36", number="CT.36",
            valid_from=DAY, restart=restart,
        )  # fmt: skip
        behind = current("CT.36-T")
        assert (behind.main, behind.part, behind.number) == (current("CT.36"), "LEFT", "CT.36")
        assert length(left, behind) == pytest.approx(total, abs=0.02)
        assert recorded(left, behind) == pytest.approx(noted, abs=0.01)
        for one, new in (
            (left, measure) if measure < cut else (behind, measure - cut * restart),
            (left, cut - 1),
            (behind, cut * (not restart) + 1),
        ):
            there = spot(one, new)
            back = api.chainage_of(lon=there[0], lat=there[1], road=one)
            assert back is not None
            assert abs(back.chainage_m - new) < 0.01
        now = spot(left, measure) if measure < cut else spot(behind, measure - cut * restart)
        assert apart(now, place) < 0.01
        road = current("CT.35")
        join_roads(
            actor=actor, road=road, version=road.version, other=current("CT.36"), valid_from=DAY
        )
        behind.refresh_from_db()
        assert (behind.status, behind.geom) == ("ABOLISHED", None)
        assert length(left) == pytest.approx(total, abs=0.02)
        assert recorded(left) == pytest.approx(noted, abs=0.01)
        assert apart(spot(left, measure), place) < 0.01


@pytest.fixture
def pair(make_road: MakeRoad) -> tuple[Road, Road]:
    """Two roads end to end, some 5 km each, both from Km0."""
    line = wavy(10)
    first = make_road("QL.30", {}, line=line[:51], manager_class="NATIONAL")
    second = make_road("QL.80", {}, line=line[50:], manager_class="NATIONAL")
    with as_system("two roads"):
        RouteVersion.objects.filter(road__in=[first, second]).update(valid_from=SINCE)
    return first, second


def test_divided_stretches_that_do_not_meet_stay_lines_of_their_own(
    pair: tuple[Road, Road],
) -> None:
    road, other = pair
    line = beside(wavy(10), 12)
    with as_system("two divided stretches") as actor:
        one = put_side(actor, "QL.30-T", "LEFT", "QL.30", line[10:21], {0: 1000.0})
        two = put_side(actor, "QL.80-T", "LEFT", "QL.80", line[70:91], {0: 2000.0})
        put_works(actor, "QL.80-T", 2500, 3000)
        there = spot(two, 2700)
        end = ends(road)[1]
        done = join_roads(
            actor=actor, road=road, version=current("QL.30").version, other=other, valid_from=DAY
        )
        two.refresh_from_db()
        assert (two.main, two.number, two.status) == (road, "QL.30", "OPEN")
        assert apart(spot(two, 2700 + end), there) < 0.01
        assert recorded(two) == pytest.approx(500, abs=0.01)
        assert {shown["name"] for shown in done.detail["after"]} >= {str(two)}
        places = [(road.pk, 1500.0), (road.pk, 2700.0 + end), (road.pk, 4000.0)]
        on_side = api.points_at(places=places, sides=["LEFT"] * 3)
        assert on_side == [
            spot(one, 1500), spot(two, 2700 + end), api.points_at(places=places)[2]
        ]  # fmt: skip
        with pytest.raises(InvalidInputError, match="chồng lý trình"):
            put_side(actor, "QL.30-T2", "LEFT", "QL.30", line[15:31], {0: 1600.0})


def test_labels_give_way_at_a_joint_up_to_the_next_post(
    pair: tuple[Road, Road],
) -> None:
    road, other = pair
    line = beside(wavy(10), 12)
    with as_system("labels that disagree") as actor:
        one = put_side(actor, "QL.30-T", "LEFT", "QL.30", line[:51], {10: 1000.0, 40: 4000.0})
        # The left side of the second road is counted from a place 40 m off.
        two = put_side(actor, "QL.80-T", "LEFT", "QL.80", line[50:], {10: 1040.0, 40: 4000.0})
        put_works(actor, "QL.80-T", 200, 4500)
        works_begin, after_post, total = spot(two, 200), spot(two, 1700), length(one, two)
        end, delta = ends(one)[1], ends(road)[1]
        join_roads(
            actor=actor, road=road, version=current("QL.30").version, other=other, valid_from=DAY
        )
        assert length(one) == pytest.approx(total, abs=0.02)
        assert apart(spot(one, 1700 + delta), after_post) < 0.01
        assert apart(spot(one, end), line[50]) < 0.01
        [works] = RouteEvent.objects.filter(road=one, valid_to=None)
        assert float(works.to_m) == pytest.approx(4500 + delta, abs=0.01)
        # Before the post the labels gave way: the works begin where they did, under another label.
        assert abs(float(works.from_m) - 200 - delta) > 5
        assert apart(spot(one, float(works.from_m)), works_begin) < 0.01
        assert not KmPost.objects.filter(road=two).exists()


def test_a_joint_whose_labels_are_far_apart_is_refused(pair: tuple[Road, Road]) -> None:
    road, other = pair
    line = beside(wavy(10), 12)
    with as_system("labels that contradict") as actor:
        put_side(actor, "QL.30-T", "LEFT", "QL.30", line[:51], {10: 1000.0})
        put_side(actor, "QL.80-T", "LEFT", "QL.80", line[50:], {10: 3000.0})
        with pytest.raises(InvalidInputError, match="Ở chỗ nối"):
            join_roads(actor=actor, road=road, version=road.version, other=other, valid_from=DAY)
        other.refresh_from_db()
        assert other.status == "OPEN"


def test_a_label_of_a_carriageway_that_lies_elsewhere_is_asked_about(make_road: MakeRoad) -> None:
    line = wavy()
    with as_system("a carriageway counted from elsewhere") as actor:
        road = make_road("CT.35", LABELS, line=line, manager_class="EXPRESSWAY")
        RouteVersion.objects.filter(road=road).update(valid_from=SINCE)
        shifted = {vertex: measure + 300 for vertex, measure in LABELS.items()}
        left = put_side(actor, "CT.35-T", "LEFT", "CT.35", beside(line, 12), shifted)
        # A right side that ends before the cut is none of the operation's business.
        right = put_side(actor, "CT.35-P", "RIGHT", "CT.35", beside(line, -12)[:20], {3: 1000.0})
        split_road(
            actor=actor, road=road, version=current("CT.35").version, at_m=5000, code="CT.36",
            valid_from=DAY,
        )  # fmt: skip
        [asked] = Decision.objects.filter(subject="network.carriageway")
        assert (asked.subject_id, asked.road) == (left.pk, left)
        assert "m dọc tuyến" in asked.reason
        decide(actor=actor, row=asked, version=asked.version, choice="RIGHT")
        asked.refresh_from_db()
        assert asked.status == "DONE"
        right.refresh_from_db()
        assert right.main == road
        assert ends(left)[1] == pytest.approx(5000, abs=0.01)
