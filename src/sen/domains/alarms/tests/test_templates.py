"""Templates of bridges: levels from the design, what is usual learned, nothing made twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from sen.domains.alarms.choices import RuleKind, RuleStatus
from sen.domains.alarms.engine.nightly import find_shift, lost_neighbour
from sen.domains.alarms.engine.spec import parse
from sen.domains.alarms.engine.templates import Watched, plan, span_at, templates_of
from sen.domains.alarms.models import Alarm, Rule
from sen.domains.alarms.services import apply_templates, judge_past, prepare
from sen.domains.alarms.tests.conftest import Bridge
from sen.domains.alarms.web.curves import levels_and_alarms
from sen.domains.assets import api as assets
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.context import as_system
from sen.kernel.seeds import seeds
from sen.kernel.web.charts import Window

HOUR_US = 3_600_000_000
DAYS = 60
RNG = 20260711


def hours() -> np.ndarray[Any, np.dtype[np.int64]]:
    return 1_780_275_600_000_000 + np.arange(DAYS * 24, dtype=np.int64) * HOUR_US


def heat(n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A warm day and a slow season, with their own chance."""
    slow = np.cumsum(np.random.default_rng(RNG).normal(0, 0.1, n))
    return 28 + 5 * np.sin(2 * np.pi * np.arange(n) / 24) + slow


def sagging(n: int, seed: int = 1) -> np.ndarray[Any, np.dtype[np.float64]]:
    return 10 + 0.8 * heat(n) + np.random.default_rng(seed).normal(0, 0.6, n)


def ask(code: str, case: Any) -> Any:
    known = {"structures.deflection-ratio": 800, "structures.live-load": 33.1}
    return (known[code], "TCVN", False) if code in known else None


def watched(quantity: str, unit: str, span_m: float | None = 40.0) -> Watched:
    return Watched(1, quantity, unit, 3_600, -100.0, 300.0, span_m)


def test_every_template_is_a_rule_that_can_be_read() -> None:
    wanted = {"load", "deflection", "settlement", "tilt", "crack", "strain", "frequency"}
    templates = templates_of("bridge")
    assert {t["code"] for t in templates} == wanted | {"scour", "water", "temperature"}
    streams = [watched(t["quantities"][0], t["unit"]) for t in templates]
    design = {"design_scour_m": 4.0, "design_water_m": 3.0, "design_frequency_hz": 2.5}
    found = plan("bridge", design, streams, lambda code, case: (0.01, "TCVN", False))
    assert not [item.code for item in found if item.lacks]
    kinds = {parse(item.kind, item.definition).kind for item in found}
    sensor = {RuleKind.FLAT, RuleKind.SPIKE, RuleKind.RANGE, RuleKind.MISSING, RuleKind.NEIGHBOUR}
    assert kinds == sensor | {RuleKind.THRESHOLD, RuleKind.PATTERN, RuleKind.CHANGE}
    concerns = {item.kind: item.concern for item in found}
    assert all(concerns[kind.value] == "SENSOR" for kind in sensor)


def test_levels_follow_from_the_design() -> None:
    (limit, *_rest) = plan("bridge", {}, [watched("do_vong", "mm")], ask)
    assert limit.reference == 50.0
    assert [level["raise"] for level in limit.definition["levels"]] == [35.0, 42.5, 50.0]
    own = {"design_deflection_mm": 20.0}
    (limit, *_rest) = plan("bridge", own, [watched("do_vong", "mm")], ask)
    assert [level["raise"] for level in limit.definition["levels"]] == [14.0, 17.0, 20.0]
    (limit, *_rest) = plan("bridge", {}, [watched("do_vong", "mm", None)], ask)
    assert limit.lacks
    (limit, *_rest) = plan("bridge", {}, [watched("do_vong", "cm")], ask)
    assert limit.lacks


@pytest.mark.parametrize(
    ("position", "span"), [("Nhịp 2, giữa nhịp", 90.0), ("Trụ T4", 40.0), ("Nhịp 9", 40.0)]
)
def test_the_span_at_which_an_instrument_sits(position: str, span: float) -> None:
    assert span_at({"spans_m": [40, 90, 40]}, position) == span
    assert span_at({}, position) is None


def test_a_step_is_dated_to_the_hour_and_heat_is_no_step() -> None:
    at, n = hours(), DAYS * 24
    assert find_shift(at, sagging(n), {"t": heat(n)}) is None
    v = sagging(n)
    v[40 * 24 + 7 :] += 3.0
    found = find_shift(at, v, {"t": heat(n)})
    assert found is not None
    assert not found.is_drift
    assert found.size == pytest.approx(3.0, abs=0.3)
    assert abs(found.at - at[40 * 24 + 7]) <= 2 * HOUR_US


def test_a_slow_settlement_is_a_drift() -> None:
    n = DAYS * 24
    v = sagging(n) + np.clip(np.arange(n) - 20 * 24, 0, None) / n * 12
    found = find_shift(hours(), v, {"t": heat(n)})
    assert found is not None
    assert found.is_drift
    assert found.size > 4


def test_what_stops_following_its_neighbour_is_found() -> None:
    n = DAYS * 24
    v = sagging(n)
    name, before, now = lost_neighbour(hours(), v, {"t": heat(n)}) or ("", 0, 0)
    assert name == "t"
    assert before > 0.9
    assert now > 0.9
    v[-72:] = np.random.default_rng(5).normal(30, 1, 72)
    _name, before, now = lost_neighbour(hours(), v, {"t": heat(n)}) or ("", 0, 0)
    assert before - abs(now) > 0.5


def fill(bridge: Bridge, until: datetime, **series: np.ndarray[Any, Any]) -> None:
    """Values of every hour up to a moment, with the rollups that belong to them."""
    from django.db import connection

    for code, values in series.items():
        last = int(until.timestamp()) * 1_000_000 // HOUR_US * HOUR_US
        times = last - np.arange(len(values), dtype=np.int64)[::-1] * HOUR_US
        batch = telemetry.Batch.of(
            device=0,
            received_us=last,
            streams=[bridge.streams[code].pk] * len(values),
            times_us=times,
            values=values,
        )
        telemetry.put(batch)
    telemetry.Rollups(connection.connection).settle()


def test_applied_once_twice_and_after_a_change(bridge: Bridge) -> None:
    now = datetime.now(UTC)
    n = 30 * 24 - 2
    fill(bridge, now, deflection=sagging(n), temperature=heat(n))
    with as_system("templates are put on a bridge") as house:
        seeds["norms"](house)
        asset = assets.update_asset(
            actor=house, row=bridge.asset, version=None, attributes={"spans_m": [40, 40]}
        )
        assert Rule.objects.count() == 0
        assert {item.step.value for item in prepare(actor=house, asset=asset)} == {"CREATE"}
        assert Rule.objects.count() == 0
        done = apply_templates(actor=house, asset=asset)
        assert done["CREATE"] == Rule.objects.filter(status=RuleStatus.IN_FORCE).count() == 8
        baseline = Rule.objects.get(code__startswith="MAU-deflection-baseline")
        model = baseline.definition["model"]
        assert model["r2"] > 0.9
        (reference,) = model["references"]
        assert (reference["by"], round(reference["weight"], 1)) == ("temperature", 0.8)
        assert apply_templates(actor=house, asset=asset)["KEEP"] == done["CREATE"]
        asset = assets.update_asset(
            actor=house, row=asset, version=None, attributes={"spans_m": [40, 30]}
        )
        again = apply_templates(actor=house, asset=asset)
        limits = list(
            Rule.objects.filter(code__startswith="MAU-deflection-limit").order_by("revision")
        )
        shown = Window(now - timedelta(days=1), now)
        bands, marks = levels_and_alarms(house, bridge.streams["deflection"], shown)
    assert [(band.low, band.high) for band in bands] == [
        (26.25, 31.88),
        (31.88, 37.5),
        (37.5, None),
    ]
    assert not marks
    assert (again["UPDATE"], again["CREATE"]) == (1, 0)
    assert [row.status for row in limits] == ["RETIRED", "IN_FORCE"]
    assert limits[1].definition["levels"][2]["raise"] == 37.5
    assert not limits[1].is_verified


def test_a_step_of_the_past_is_told_once(bridge: Bridge) -> None:
    now = datetime.now(UTC)
    n = DAYS * 24 - 2
    v = sagging(n)
    v[-20 * 24 :] += 5.0
    fill(bridge, now, deflection=v, temperature=heat(n))
    levels = [{"severity": 2, "raise": 3}]
    told = {"direction": "BOTH", "levels": levels, "explained_by": ["temperature"]}
    bridge.rule("DOI", "CHANGE", d=told)
    with as_system("the night") as house:
        assert judge_past(actor=house, until=now)["raised"] == 1
        assert judge_past(actor=house, until=now + timedelta(days=1))["raised"] == 0
        (alarm,) = Alarm.objects.all()
    assert alarm.count == 1
    assert alarm.value == pytest.approx(5.0, abs=0.5)
    assert abs((now - alarm.first_at) - timedelta(days=20)) < timedelta(hours=6)
