"""Which coordinate system is meant: every mistake that files make, explained."""

from __future__ import annotations

import pytest
import shapely

from sen.kernel.imports.crs import Reading, readings
from sen.lib.vn2000 import from_wgs84

BOUNDS = (105.1, 10.0, 106.9, 11.1)
#: A province that fills only part of its box.
LAND = shapely.box(105.2, 10.2, 105.9, 10.8)
PLACES = [(105.3, 10.3), (105.55, 10.5), (105.8, 10.7), (105.7, 10.4)]


def given(srid: int, *, swapped: bool = False) -> list[bytes | None]:
    points = [at if srid == 4326 else from_wgs84(*at, srid) for at in PLACES]
    return [bytes(shapely.to_wkb(shapely.Point(at[::-1] if swapped else at))) for at in points]


def ways(wkb: list[bytes | None], said: int | None, told: str = "") -> list[Reading]:
    return readings(wkb, said, BOUNDS, told=told, land=LAND)


def test_what_the_file_says_comes_first_when_it_is_right() -> None:
    first = ways(given(5897), 5897)[0]
    assert (first.srid, first.is_said, first.percent, first.is_likely) == (5897, True, 100, True)


def test_a_wrong_central_meridian_is_named_with_the_right_one() -> None:
    found = ways(given(5897), 9210)
    assert (found[0].srid, found[0].percent) == (5897, 100)
    assert "Sai kinh tuyến trục: tệp ghi 105°45′, dữ liệu hợp với 105°00′." in found[0].why
    said = next(way for way in found if way.is_said)
    assert not said.is_likely
    assert any("rơi ngoài tỉnh" in text for text in said.why)


def test_swapped_columns_are_found() -> None:
    first = ways(given(9210, swapped=True), None)[0]
    assert first.swapped
    assert any("X và Y đổi chỗ" in text for text in first.why)


def test_degrees_under_a_system_of_metres_and_the_other_way_round() -> None:
    assert "Số là độ, nhưng tệp ghi hệ tính bằng mét (EPSG:5897)." in ways(given(4326), 5897)[0].why
    metres = ways(given(5897), 4326)[0]
    assert metres.srid == 5897
    assert "Số là mét, nhưng tệp ghi hệ tính bằng độ (WGS 84)." in metres.why


def test_a_missing_datum_is_said_with_what_it_costs() -> None:
    found = ways(given(5897), None, told='PROJCS["TM-3 105","UNKNOWN"]')[0]
    assert found.srid == 5897
    assert "TM-3 105" in found.why[0]
    assert any("190 m" in text for text in found.why)


def test_coordinates_that_mean_nothing_have_no_reading() -> None:
    wild: list[bytes | None] = [bytes(shapely.to_wkb(shapely.Point(1e308, -1e308)))]
    assert ways(wild, None) == []
    assert [way.percent for way in ways(wild, 4326)] == [0]


@pytest.mark.parametrize("srid", [5897, 9210, 3405, 4326])
def test_the_right_reading_is_always_among_the_shown_ones(srid: int) -> None:
    assert srid in {way.srid for way in ways(given(srid), None)}
