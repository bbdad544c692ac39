from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.permits.data import Vehicle
from sen.domains.permits.rules import RouteTextError, failings, read_route

TONNES = st.floats(0.5, 200, allow_nan=False)


@pytest.mark.parametrize(
    ("text", "legs"),
    [
        ("QL.30 Km0+000 - Km20+500; ĐT.844", [("QL.30", 0.0, 20_500.0), ("ĐT.844", None, None)]),
        ("QL.30 km5 đến km2\n", [("QL.30", 5000.0, 2000.0)]),
        ("Đường Nguyễn Huệ: Km0+100–Km0+900", [("Đường Nguyễn Huệ", 100.0, 900.0)]),
    ],
)
def test_routes_are_read_as_people_write_them(
    text: str, legs: list[tuple[str, float | None, float | None]]
) -> None:
    assert [(leg.road, leg.from_m, leg.to_m) for leg in read_route(text)] == legs


@pytest.mark.parametrize("text", ["QL.30 Km5", "QL.30 Km1+000 - "])
def test_half_a_stretch_is_refused(text: str) -> None:
    with pytest.raises(RouteTextError, match="Km0"):
        read_route(text)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(limit=TONNES, gross=TONNES)
def test_a_vehicle_fails_exactly_where_it_is_heavier(limit: float, gross: float) -> None:
    found = failings(Vehicle(gross_t=gross), {"load_limit_t": limit})
    assert bool(found) == (gross > limit)


def test_the_limit_of_its_own_combination_counts_and_air_must_stay_above() -> None:
    posted = {"load_limit_t": 18, "load_limit_semi_t": 30, "road_clearance_m": 4.5}
    semi = Vehicle(gross_t=25, height_m=4.45, combination="semi")
    assert failings(semi, posted) == ()
    assert [item.unit for item in failings(semi, posted, margin_m=0.1)] == ["m"]
    rigid = Vehicle(gross_t=25, combination="rigid")
    assert failings(rigid, posted)[0].limit == 18
    assert failings(rigid, {}, closed=True)[0].limit is None
