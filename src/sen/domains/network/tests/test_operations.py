"""Operations on whole roads: everything on them is carried over right, or asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from sen.domains.network import api
from sen.domains.network.choices import PostNature
from sen.domains.network.data import EventInput, LonLat
from sen.domains.network.models import (
    Concurrency,
    Decision,
    KmPost,
    Road,
    RoadOperation,
    RouteEvent,
    RouteVersion,
)
from sen.domains.network.services import (
    close_road,
    decide,
    declare_concurrency,
    extend_road,
    join_roads,
    preview,
    realign_road,
    renumber_road,
    reverse_road,
    split_road,
)
from sen.domains.network.tests.conftest import wavy
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError

pytestmark = pytest.mark.django_db

MakeRoad = Callable[..., Road]
SINCE = date(2025, 1, 1)
DAY = date(2026, 6, 1)
LABELS = {3: 1000.0, 24: 3000.0, 60: 6500.0, 100: 10_000.0}


@pytest.fixture
def acting() -> Iterator[Actor]:
    with as_system("operate on roads") as actor:
        yield actor


def put(
    actor: Actor, *rows: tuple[str, float, float, dict[str, Any]], road: str = "ĐT.848"
) -> None:
    api.bulk_put_events(
        actor=actor,
        rows=[
            EventInput(road=road, kind=kind, from_m=a, to_m=b, valid_from=SINCE, **more)
            for kind, a, b, more in rows
        ],
    )


def coords(road: Road) -> list[LonLat]:
    assert road.geom is not None
    return [(x, y) for x, y in road.geom.coords]


def at(lon: float, lat: float, road: Road) -> float:
    found = api.chainage_of(lon=lon, lat=lat, road=road)
    assert found is not None
    return found.chainage_m


def spot(road: Road, measure: float) -> LonLat:
    at = api.point_at(road=road, chainage_m=measure)
    return at.x, at.y


def bypass(road: Road, low: float, high: float) -> list[LonLat]:
    """A new line to the north between two labels."""
    first, last = spot(road, low), spot(road, high)
    middle = ((first[0] + last[0]) / 2, max(first[1], last[1]) + 0.004)
    return [first, middle, last]


def current(road: Road, kind: str) -> list[Any]:
    rows = RouteEvent.objects.filter(road=road, kind=kind, valid_to=None).order_by("from_m")
    return [(float(row.from_m), float(row.to_m)) for row in rows]


@pytest.fixture
def road(make_road: MakeRoad, acting: Actor) -> Road:
    made = make_road(labels=LABELS)
    RouteVersion.objects.filter(road=made).update(valid_from=SINCE)
    put(
        acting,
        ("surface", 1000, 5000, {"text": "ASPHALT", "code": "MD-1"}),
        ("surface", 5000, 9000, {"text": "CONCRETE"}),
        ("iri", 2000, 2500, {"number": 3, "side": "LEFT", "lane": 1}),
        ("speed_limit", 8000, 9500, {"number": 60}),
    )
    made.refresh_from_db()
    return made


def test_a_realigned_stretch_keeps_labels_at_its_ends_and_asks_about_the_rest(
    road: Road, acting: Actor
) -> None:
    outside = [1500.0, 3999.0, 6001.0, 9900.0]
    before = {m: spot(road, m) for m in outside}
    done = realign_road(
        actor=acting, road=road, version=road.version, line=bypass(road, 4000, 6000), valid_from=DAY
    )
    for measure, place in before.items():
        assert spot(road, measure) == pytest.approx(place, abs=1e-7)
    assert current(road, "surface") == [(1000, 4000), (6000, 9000)]
    assert current(road, "speed_limit") == [(8000, 9500)]
    questions = list(Decision.objects.order_by("id"))
    assert [(q.subject, q.status) for q in questions] == [
        ("network.event", "OPEN"),
        ("network.event", "OPEN"),
    ]
    assert "Km4+000–Km5+000" in questions[0].title
    # Yesterday's state is told as it was.
    old = RouteEvent.objects.get(code=f"MD-1@{DAY}")
    assert (float(old.from_m), float(old.to_m), old.valid_to) == (1000, 5000, DAY)
    assert RouteEvent.objects.get(code="MD-1").carried_from_id == old.pk
    yesterday = DAY - timedelta(days=1)
    middle = api.point_at(road=road, chainage_m=5000, on=yesterday)
    now = api.point_at(road=road, chainage_m=5000)
    assert middle.distance(now) > 0.002
    assert done.detail["questions"][0]["title"] == questions[0].title


def test_a_decision_takes_the_value_over_or_lets_it_end(road: Road, acting: Actor) -> None:
    realign_road(
        actor=acting, road=road, version=road.version, line=bypass(road, 4000, 6000), valid_from=DAY
    )
    first, second = Decision.objects.order_by("id")
    decide(actor=acting, row=first, version=first.version, choice="KEEP")
    decide(actor=acting, row=second, version=second.version, choice="END")
    assert current(road, "surface") == [(1000, 4000), (4000, 5000), (6000, 9000)]
    kept = RouteEvent.objects.get(road=road, kind="surface", from_m=4000, valid_to=None)
    assert (kept.value_text, kept.valid_from) == ("ASPHALT", DAY)
    assert kept.geom is not None
    first.refresh_from_db()
    with pytest.raises(InvalidInputError, match="đã được quyết định"):
        decide(actor=acting, row=first, version=first.version, choice="END")


def test_shifted_labels_move_posts_and_records_behind_the_stretch(
    road: Road, acting: Actor
) -> None:
    old_end = float(road.end_m or 0)
    place = spot(road, 8500)
    realign_road(
        actor=acting,
        road=road,
        version=road.version,
        line=bypass(road, 4000, 6000),
        valid_from=DAY,
        shift=True,
    )
    road.refresh_from_db()
    delta = float(road.end_m or 0) - old_end
    assert delta > 50
    assert at(*place, road) == pytest.approx(8500 + delta, abs=0.01)
    assert current(road, "speed_limit") == [
        (pytest.approx(8000 + delta, abs=0.01), pytest.approx(9500 + delta, abs=0.01))
    ]
    post = KmPost.objects.get(road=road, old_measure_m=10_000)
    assert float(post.measure_m) == pytest.approx(10_000 + delta, abs=0.01)
    table = api.correspondence(road=road, on=DAY - timedelta(days=1))
    by_old = {row.old_m: row.new_m for row in table}
    assert by_old[9000.0] == pytest.approx(9000 + delta, abs=0.01)
    assert by_old[3000.0] == pytest.approx(3000, abs=0.01)
    assert by_old[5000.0] is None


def test_a_preview_tells_everything_and_writes_nothing(road: Road, acting: Actor) -> None:
    counts = [m.objects.count() for m in (Decision, RouteEvent, RouteVersion, RoadOperation)]
    seen = preview(
        realign_road,
        {
            "actor": acting,
            "road": road,
            "version": road.version,
            "line": bypass(road, 4000, 6000),
            "valid_from": DAY,
        },
    )
    assert len(seen.detail["questions"]) == 2
    assert seen.detail["before"][0]["line"] != seen.detail["after"][0]["line"]
    assert counts == [
        m.objects.count() for m in (Decision, RouteEvent, RouteVersion, RoadOperation)
    ]
    fresh = Road.objects.get(pk=road.pk)
    assert fresh.version == Road.objects.values_list("version", flat=True).get(pk=road.pk)
    assert coords(fresh) == wavy()


def test_a_split_road_hands_over_what_lies_behind_the_cut(road: Road, acting: Actor) -> None:
    split_road(
        actor=acting,
        road=road,
        version=road.version,
        at_m=4200,
        code="ĐT.848B",
        number="ĐT.848B",
        valid_from=DAY,
        restart=True,
    )
    other = Road.objects.get(code="ĐT.848B")
    road.refresh_from_db()
    assert current(road, "surface") == [(1000, 4200)]
    assert current(other, "surface") == [(0, 800), (800, 4800)]
    assert current(other, "speed_limit") == [(3800, 5300)]
    assert float(road.end_m or 0) == pytest.approx(4200, abs=0.01)
    assert float(road.length_m or 0) + float(other.length_m or 0) == pytest.approx(
        float(RouteVersion.objects.get(road=road, valid_to=DAY).length_m), abs=0.2
    )
    assert set(
        KmPost.objects.filter(road=other, nature="POST").values_list("measure_m", "old_measure_m")
    ) == {(Decimal(2300), Decimal(6500)), (Decimal(5800), Decimal(10_000))}
    assert not Decision.objects.exists()
    found = api.old_place(road=road, old_m=9000, on=DAY - timedelta(days=1))
    assert (found.new_road_id, round(found.new_m or 0)) == (other.pk, 4800)


def test_joined_roads_are_one_and_the_other_is_kept_as_abolished(
    make_road: MakeRoad, road: Road, acting: Actor
) -> None:
    end = wavy()[-1]
    other = make_road("ĐT.849", {}, line=[end, (end[0] + 0.02, end[1])])
    RouteVersion.objects.filter(road=other).update(valid_from=SINCE)
    put(acting, ("surface", 500, 1500, {"text": "ASPHALT"}), road="ĐT.849")
    tail = float(road.end_m or 0)
    join_roads(actor=acting, road=road, version=road.version, other=other, valid_from=DAY)
    other.refresh_from_db()
    road.refresh_from_db()
    assert (other.status, other.geom, other.length_m) == ("ABOLISHED", None, None)
    assert current(road, "surface")[-1] == (
        pytest.approx(tail + 500, abs=0.01),
        pytest.approx(tail + 1500, abs=0.01),
    )
    assert "ĐT.849" in road.former_numbers
    assert api.find_roads(acting, "ĐT.849")[0].pk == other.pk or road in api.find_roads(
        acting, "ĐT.849"
    )
    far = make_road("ĐT.851", {}, line=wavy(3, lat=10.9))
    with pytest.raises(InvalidInputError, match="bắt đầu cách điểm cuối"):
        join_roads(
            actor=acting,
            road=road,
            version=Road.objects.get(pk=road.pk).version,
            other=far,
            valid_from=timezone.localdate(),
        )


def test_a_turned_road_swaps_its_sides(road: Road, acting: Actor) -> None:
    start, end = float(road.start_m or 0), float(road.end_m or 0)
    total = sum(RouteVersion.objects.filter(road=road).values_list("start_m", "end_m").get())
    place = spot(road, 2250)
    reverse_road(actor=acting, road=road, version=road.version, valid_from=DAY)
    found = api.chainage_of(lon=place[0], lat=place[1], road=road)
    assert found is not None
    assert found.chainage_m == pytest.approx(total - 2250, abs=0.01)
    iri = RouteEvent.objects.get(road=road, kind="iri", valid_to=None)
    assert iri.side == "RIGHT"
    assert current(road, "iri") == [
        (pytest.approx(total - 2500, abs=0.01), pytest.approx(total - 2000, abs=0.01))
    ]
    assert start < end


def test_an_extended_road_goes_on_by_the_metre(road: Road, acting: Actor) -> None:
    end = wavy()[-1]
    old_end = float(RouteVersion.objects.get(road=road).end_m)
    before = spot(road, old_end - 100)
    extend_road(
        actor=acting,
        road=road,
        version=road.version,
        line=[(end[0] + 0.01, end[1]), (end[0] + 0.00005, end[1])],
        valid_from=DAY,
    )
    road.refresh_from_db()
    assert float(road.end_m or 0) - old_end == pytest.approx(1096, abs=10)
    assert spot(road, old_end - 100) == pytest.approx(before, abs=1e-7)
    assert current(road, "surface") == [(1000, 5000), (5000, 9000)]


def test_a_renumbered_road_stays_where_it_is(road: Road, acting: Actor) -> None:
    line, labels = coords(road), [spot(road, m) for m in (1500, 5000, 9000)]
    records = list(RouteEvent.objects.filter(road=road).order_by("id").values("id", "from_m"))
    owner = Organisation.objects.get(code="KQLDB4")
    renumber_road(
        actor=acting,
        road=road,
        version=road.version,
        valid_from=DAY,
        number="QL.91C",
        manager_class="NATIONAL",
        owner_org=owner,
    )
    road.refresh_from_db()
    assert coords(road) == line
    assert [spot(road, m) for m in (1500, 5000, 9000)] == labels
    assert (
        list(RouteEvent.objects.filter(road=road).order_by("id").values("id", "from_m")) == records
    )
    assert RouteEvent.objects.filter(road=road).exclude(owner_org=owner).count() == 0
    assert [found.pk for found in api.find_roads(acting, "ĐT.848")] == [road.pk]
    with pytest.raises(InvalidInputError, match="Chưa có gì thay đổi"):
        renumber_road(
            actor=acting, road=road, version=road.version, valid_from=DAY, number="QL.91C"
        )


def test_an_abolished_road_ends_its_records_and_counts_no_length(road: Road, acting: Actor) -> None:
    close_road(actor=acting, road=road, version=road.version, status="ABOLISHED", valid_from=DAY)
    road.refresh_from_db()
    assert not RouteEvent.objects.filter(road=road, valid_to=None).exists()
    assert (road.status, float(road.counted_m or 0)) == ("ABOLISHED", 0.0)
    assert api.point_at(road=road, chainage_m=3000) is not None


def test_concurrent_roads_are_counted_once_and_follow_a_split(
    make_road: MakeRoad, road: Road, acting: Actor
) -> None:
    other = make_road("ĐT.844", {}, line=wavy()[20:61], start_m=0)
    begin = at(*wavy()[20], road)
    finish = at(*wavy()[60], road)
    with pytest.raises(InvalidInputError, match="cách nhau"):
        declare_concurrency(
            actor=acting, bearing=road, borne=other, from_m=begin, to_m=finish,
            borne_from_m=4000, borne_to_m=0, valid_from=SINCE,
        )  # fmt: skip
    end = float(other.end_m or 0)
    declare_concurrency(
        actor=acting, bearing=road, borne=other, from_m=round(begin, 3), to_m=round(finish, 3),
        borne_from_m=0, borne_to_m=end, valid_from=SINCE,
    )  # fmt: skip
    other.refresh_from_db()
    assert float(other.counted_m or 0) == pytest.approx(0, abs=1)
    near = api.chainage_of(lon=wavy()[40][0], lat=wavy()[40][1])
    named = api.chainage_of(lon=wavy()[40][0], lat=wavy()[40][1], road=other)
    assert near is not None
    assert named is not None
    assert (near.road_id, named.road_id) == (road.pk, other.pk)
    shared = api.shared_stretches([other.pk])[0]
    assert shared.to_bearing(named.chainage_m) == pytest.approx(near.chainage_m, abs=60)
    split_road(
        actor=acting, road=road, version=Road.objects.get(pk=road.pk).version, at_m=8000,
        code="ĐT.848B", valid_from=DAY, restart=True,
    )  # fmt: skip
    assert Concurrency.objects.get(valid_to=None).bearing_id == road.pk


def test_labels_agreed_by_an_operation_are_no_posts(road: Road, acting: Actor) -> None:
    realign_road(
        actor=acting, road=road, version=road.version, line=bypass(road, 6000, 7000), valid_from=DAY
    )
    agreed = KmPost.objects.filter(road=road, nature=PostNature.REFERENCE)
    assert {float(post.measure_m) for post in agreed} >= {6000.0, 7000.0}
    left_over = KmPost.objects.get(road=road, measure_m=6500)
    assert not left_over.is_calibrating
    assert Decision.objects.filter(subject="network.kmpost", subject_id=left_over.pk).exists()


def test_an_operation_in_the_future_or_before_the_last_one_is_refused(
    road: Road, acting: Actor
) -> None:
    for day, words in (
        (timezone.localdate() + timedelta(days=1), "chưa đến"),
        (SINCE - timedelta(days=1), "không sớm hơn"),
    ):
        with pytest.raises(InvalidInputError, match=words):
            reverse_road(actor=acting, road=road, version=road.version, valid_from=day)


def test_what_must_cover_a_road_covers_it_after_every_operation(
    make_road: MakeRoad, road: Road, acting: Actor
) -> None:
    version = RouteVersion.objects.get(road=road, valid_to=None)
    put(
        acting,
        ("technical_class", max(0, version.start_m), 6000, {"text": "III"}),
        ("technical_class", 6000, version.end_m, {"text": "IV"}),
    )
    split_road(
        actor=acting, road=road, version=Road.objects.get(pk=road.pk).version, at_m=4200,
        code="ĐT.848B", valid_from=DAY,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    reach = api.gaps_and_overlaps(on=DAY, kinds=["technical_class"])
    assert [(one.gaps, one.overlaps) for one in reach] == [((), ()), ((), ())]
    make_road("ĐT.855", {}, line=wavy(6, lat=10.7))
    with pytest.raises(InvalidInputError, match="phủ kín"):
        put(acting, ("technical_class", 1000, 2500, {"text": "V"}), road="ĐT.855")
