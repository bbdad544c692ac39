"""Figures are kept for a scope, told again, told for the past; failing ones harm no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house, official
from sen.kernel.web import kpi_history
from sen.kernel.web.kpi_history import board_at, read_board, steps_between, trends
from sen.kernel.web.kpis import Goal, Kpi, Standing, kpi, kpis
from sen.kernel.web.models import KpiSpan, KpiWatch

pytestmark = pytest.mark.django_db


class Meter:
    """A figure whose measurements are counted; it can be told to fail."""

    calls = 0
    value: float | None = 7
    fails = False


@pytest.fixture
def meter() -> Iterator[type[Meter]]:
    cache.clear()
    Meter.calls, Meter.value, Meter.fails = 0, 7, False

    @kpi("test.things", title="Vật", rules=(Thing.access,), goal=Goal(5, far=10))
    def things(actor: Actor) -> int:
        return Thing.objects.visible_to(actor).count()

    @kpi("test.meter", title="Số đo", rules=(Thing.access,), goal=Goal(5, far=10))
    def measure(actor: Actor) -> float | None:
        Meter.calls += 1
        if Meter.fails:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return Meter.value

    yield Meter
    for name in ("test.things", "test.meter"):
        kpis.remove(name)
    cache.clear()


@pytest.fixture
def house() -> House:
    return build_house()


def _two() -> list[Kpi]:
    return [kpis["test.things"], kpis["test.meter"]]


def _viewer(house: House, **where: object) -> Actor:
    return official("guarded.thing.view", **where)  # type: ignore[arg-type]


def test_scopes_that_see_the_same_share_one_measurement(house: House, meter: type[Meter]) -> None:
    house.thing("A", data_class=1)
    house.thing("B", data_class=1, area=house.west)
    everywhere = _viewer(house)
    with acting_as(everywhere):
        first = read_board(everywhere, _two())
    assert [r.value for r in first] == [2, 7]
    same = official("guarded.thing.view", "assets.asset.view")
    with acting_as(same), CaptureQueriesContext(connection) as queries:
        assert [r.value for r in read_board(same, _two())] == [2, 7]
        assert sum("kpispan" in q["sql"] for q in queries.captured_queries) == 1
    assert meter.calls == 1
    west = _viewer(house, areas=[house.west])
    with acting_as(west):
        assert [r.value for r in read_board(west, _two())] == [1, 7]
    assert meter.calls == 2


def test_what_does_not_change_writes_no_row_and_a_change_begins_one(
    house: House, meter: type[Meter]
) -> None:
    actor = _viewer(house)
    with acting_as(actor):
        for value in (7, 7, 8):
            meter.value = value
            read_board(actor, [kpis["test.meter"]], reuse=timedelta(seconds=-1))
    spans = KpiSpan.objects.filter(kpi="test.meter").order_by("id")
    assert [span.value for span in spans] == [7, 8]
    assert spans[0].until > spans[0].since


def test_a_figure_that_fails_is_left_out_and_the_others_are_told(
    house: House, meter: type[Meter]
) -> None:
    meter.fails = True
    actor = _viewer(house)
    with acting_as(actor):
        assert [r.kpi.name for r in read_board(actor, _two())] == ["test.things"]


def _span(actor: Actor, since: datetime, until: datetime, value: float) -> None:
    scope = kpis["test.meter"].scope_key(actor)
    KpiSpan.objects.create(kpi="test.meter", scope=scope, since=since, until=until, value=value)


def test_the_past_is_told_minute_by_minute_and_gaps_are_told_as_gaps(
    house: House, meter: type[Meter]
) -> None:
    actor, item = _viewer(house), kpis["test.meter"]
    noon = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=3)
    hour = timedelta(hours=1)
    _span(actor, noon, noon + hour, 4)
    _span(actor, noon + 2 * hour, noon + 3 * hour, 12)
    with acting_as(actor):
        told = [board_at(actor, noon + hour * share, [item])[0] for share in (0.5, 1.1, 1.7, 2.01)]
    assert [reading.value for reading in told] == [4, 4, None, 12]
    assert [reading.standing for reading in told] == [
        Standing.MET, Standing.MET, Standing.NONE, Standing.FAR,
    ]  # fmt: skip
    assert told[1].measured_at == noon + hour
    other = _viewer(house, areas=[house.west])
    assert board_at(other, noon + hour * 0.5, [item])[0].value is None


def test_rollups_weigh_by_time_and_keep_the_extremes(house: House, meter: type[Meter]) -> None:
    actor, item = _viewer(house), kpis["test.meter"]
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    _span(actor, start, start + timedelta(minutes=45), 10)
    _span(actor, start + timedelta(minutes=45), start + timedelta(hours=2), 30)
    steps = steps_between(item, actor, start, start + timedelta(hours=2), 3600)
    assert [(round(mean, 2), low, high) for _at, mean, low, high in steps[:2]] == [
        (15, 10, 30), (30, 30, 30),
    ]  # fmt: skip
    assert set(trends(actor, [item])["test.meter"]) == {30}


def test_what_somebody_looks_at_is_measured_in_the_background(
    make_account: MakeAccount, meter: type[Meter]
) -> None:
    from sen.kernel.access.actors import actor_for

    user = make_account("guarded.thing.view")
    actor = actor_for(user)
    with acting_as(actor):
        read_board(actor)
    assert KpiWatch.objects.get().user_id == user.pk
    before = meter.calls
    assert kpi_history.measure_watched() == 1
    assert meter.calls == before + 1
    user.is_active = False
    user.save()
    assert kpi_history.measure_watched() == 0
    KpiWatch.objects.update(asked_at=timezone.now() - timedelta(days=31))
    assert kpi_history.measure_watched() == 0
    assert not KpiWatch.objects.exists()


def test_a_figure_of_a_higher_class_is_for_those_cleared_to_it(meter: type[Meter]) -> None:
    kpi("test.secret", title="Mật", data_class=DataClass.RESTRICTED)(lambda actor: 1)
    try:
        item = kpis["test.secret"]
        low = official("guarded.thing.view", clearance=DataClass.INTERNAL)
        high = official("guarded.thing.view", clearance=DataClass.RESTRICTED)
        with acting_as(high):
            assert [r.value for r in read_board(high, [item])] == [1]
        with acting_as(low):
            assert read_board(low, [item]) == []
    finally:
        kpis.remove("test.secret")
