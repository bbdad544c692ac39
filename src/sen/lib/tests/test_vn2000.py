from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sen.lib.vn2000 import (
    GEOGRAPHIC_SRID,
    SRIDS,
    TOWGS84,
    CoordinateError,
    Projection,
    diagnose,
    format_dms,
    from_wgs84,
    from_wgs84_array,
    geographic_to_wgs84,
    parse_coordinate,
    proj4,
    tm3,
    to_wgs84,
    to_wgs84_array,
    wgs84_to_geographic,
)

PROVINCE = (105.186424, 10.135172, 106.812184, 10.974078)
MILLIMETRE_DEG = 0.001 / 111_320
LONGITUDES = st.floats(102.5, 109.5)
LATITUDES = st.floats(8.0, 23.4)


def pipeline(projection: Projection) -> pyproj.Transformer:
    """WGS 84 → the projection by PROJ, the official parameters spelled out as in the registry."""
    return pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        "+step +proj=cart +ellps=WGS84 "
        "+step +inv +proj=helmert +x=-191.90441429 +y=-39.30318279 +z=-111.45032835 "
        "+rx=-0.00928836 +ry=0.01975479 +rz=-0.00427372 +s=0.252906278 "
        "+convention=coordinate_frame "
        "+step +inv +proj=cart +ellps=WGS84 "
        f"+step +proj=tmerc +lat_0=0 +lon_0={projection.central_meridian_deg} "
        f"+k={projection.scale} +x_0=500000 +y_0=0 +ellps=WGS84"
    )


@lru_cache
def cached_pipeline(srid: int) -> pyproj.Transformer:
    return pipeline(SRIDS[srid])


@settings(max_examples=200)
@given(LONGITUDES, LATITUDES, st.sampled_from(sorted(SRIDS)))
def test_agrees_with_proj_both_ways(lon: float, lat: float, srid: int) -> None:
    easting, northing = cached_pipeline(srid).transform(lon, lat)
    assert from_wgs84(lon, lat, srid) == pytest.approx((easting, northing), abs=0.000_5)
    back = cached_pipeline(srid).transform(easting, northing, direction="INVERSE")
    assert to_wgs84(easting, northing, srid) == pytest.approx(back, abs=MILLIMETRE_DEG / 2)


@given(LONGITUDES, LATITUDES, st.floats(102, 110))
def test_there_and_back_for_any_meridian(lon: float, lat: float, meridian: float) -> None:
    projection = tm3(meridian)
    again = to_wgs84(*from_wgs84(lon, lat, projection), projection)
    assert again == pytest.approx((lon, lat), abs=2 * MILLIMETRE_DEG)
    assert geographic_to_wgs84(*wgs84_to_geographic(lon, lat)) == pytest.approx(
        (lon, lat), abs=2 * MILLIMETRE_DEG
    )


def test_arrays_keep_their_shape() -> None:
    lon, lat = np.meshgrid(np.linspace(105, 107, 4), np.linspace(10, 11, 3))
    easting, northing = from_wgs84_array(lon, lat, 5897)
    assert easting.shape == lon.shape
    assert (easting[1, 2], northing[1, 2]) == pytest.approx(
        from_wgs84(lon[1, 2], lat[1, 2], 5897), abs=1e-9
    )
    again = to_wgs84_array(easting, northing, 5897)
    assert np.allclose(again, (lon, lat), atol=2 * MILLIMETRE_DEG, rtol=0)


def test_the_pinned_operation_is_not_the_default_one() -> None:
    default = pyproj.Transformer.from_crs(4326, 5897, always_xy=True).transform(105.6, 10.4)
    ours = from_wgs84(105.6, 10.4, 5897)
    assert 0.5 < np.hypot(default[0] - ours[0], default[1] - ours[1]) < 1.2


@pytest.mark.parametrize("srid", sorted(SRIDS))
def test_table_agrees_with_epsg(srid: int) -> None:
    operation = pyproj.CRS.from_epsg(srid).coordinate_operation
    assert operation is not None
    values: dict[str, object] = {param.name: param.value for param in operation.params}
    assert values["Longitude of natural origin"] == SRIDS[srid].central_meridian_deg
    assert values["Scale factor at natural origin"] == SRIDS[srid].scale
    assert values["False easting"] == 500_000
    assert SRIDS[srid].srid == srid


@pytest.mark.parametrize("srid", [*sorted(SRIDS), GEOGRAPHIC_SRID])
def test_proj_text_gives_the_same_point(srid: int) -> None:
    assert f"+towgs84={TOWGS84}" in proj4(srid)
    transformer = pyproj.Transformer.from_crs(
        4326, pyproj.CRS.from_proj4(proj4(srid)), always_xy=True
    )
    ours, close = (
        (wgs84_to_geographic(106.2, 10.4), MILLIMETRE_DEG)
        if srid == GEOGRAPHIC_SRID
        else (from_wgs84(106.2, 10.4, srid), 0.001)
    )
    assert transformer.transform(106.2, 10.4) == pytest.approx(ours, abs=close)


def test_unknown_srid() -> None:
    with pytest.raises(KeyError):
        proj4(4326)
    with pytest.raises(KeyError):
        to_wgs84(500_000, 1_100_000, 32648)


def test_names() -> None:
    assert SRIDS[9210].name == "VN-2000 TM-3, kinh tuyến trục 105°45′"
    assert SRIDS[3405].name == "VN-2000 UTM, múi 48N"
    assert SRIDS[3406].name == "VN-2000 UTM, múi 49N"
    assert "Tiền Giang" in SRIDS[9210].provinces
    assert "Đồng Tháp" in SRIDS[5897].provinces
    assert tm3(105.75).srid == 9210
    assert tm3(105.1).srid is None


TOWNS = [(105.632, 10.458), (105.758, 10.292), (106.36, 10.36), (106.67, 10.36)]


@pytest.mark.parametrize("srid", [5897, 9210, 9208])
@pytest.mark.parametrize("swapped", [False, True])
def test_diagnosis_of_a_grid(srid: int, swapped: bool) -> None:
    box = (105.6, 10.28, 106.7, 10.48)
    points = [from_wgs84(lon, lat, srid) for lon, lat in TOWNS]
    best = diagnose([point[::-1] if swapped else point for point in points], box)[0]
    assert (best.srid, best.swapped, best.share) == (srid, swapped, 1)


def test_diagnosis_of_a_wide_box_follows_preference() -> None:
    points = [from_wgs84(lon, lat, 9210) for lon, lat in TOWNS[2:]]
    first = [one.srid for one in diagnose(points, PROVINCE, preferred=(9210, 5897))][:2]
    assert first == [9210, 5897]


def test_diagnosis_of_degrees_and_web_mercator() -> None:
    assert [(one.srid, one.swapped) for one in diagnose(TOWNS, PROVINCE)] == [(4326, False)]
    swapped = [(lat, lon) for lon, lat in TOWNS]
    assert [(one.srid, one.swapped) for one in diagnose(swapped, PROVINCE)] == [(4326, True)]
    mercator = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    best = diagnose([mercator.transform(*town) for town in TOWNS], PROVINCE)[0]
    assert (best.srid, best.swapped) == (3857, False)
    assert (best.lon, best.lat) == pytest.approx((106.059, 10.36), abs=1e-3)


def test_diagnosis_of_nothing() -> None:
    assert diagnose([], PROVINCE) == []
    assert diagnose([(float("nan"), 1.0), (1e12, 1e12), (0, 0)], PROVINCE) == []


@pytest.mark.parametrize(
    "text",
    [
        "10.4571, 105.6324",
        "10.4571,105.6324",
        "105.6324 10.4571",
        "10,4571; 105,6324",
        "10,4571, 105,6324",
        "(10.4571N, 105.6324E)",
        "N10.4571 E105.6324",
        "lat: 10.4571 lng: 105.6324",
        "Vĩ độ 10,4571  Kinh độ 105,6324",
        "10°27'25.56\"N 105°37'56.64\"E",
        "10°27′25,56″B, 105°37′56,64″Đ",
        "105º37’56.64’’ 10º27’25.56’’",
        "10.4571° 105.6324°",
        "10.4571° N, 105.6324° E",
        "Tọa độ: 10.4571, 105.6324",
        "POINT(105.6324 10.4571)",
        "10 27 25.56 N 105 37 56.64 E",
        "10°27′25,56″B - 105°37′56,64″Đ",
        "https://maps.example/place/@10.4571,105.6324,17z",
        "https://maps.example/?q=10.4571,105.6324",
    ],
)
def test_degrees(text: str) -> None:
    best = parse_coordinate(text, bbox=PROVINCE)[0]
    assert (best.lon, best.lat) == pytest.approx((105.6324, 10.4571), abs=1e-6)
    assert best.label == "WGS 84"
    assert best.inside


def test_grid_pairs() -> None:
    easting, northing = from_wgs84(105.6324, 10.4571, 5897)
    vietnamese = f"{northing:,.2f} {easting:,.2f}".replace(",", "_").replace(".", ",")
    for text in (
        f"X={northing:.3f} Y={easting:.3f}",
        f"X: {northing:.3f} m; Y: {easting:.3f} m",
        f"{northing:.3f}, {easting:.3f}",
        f"{easting:.3f} {northing:.3f}",
        f"{easting:.3f} - {northing:.3f}",
        f"X(m) = {northing:.3f}; Y(m) = {easting:.3f}",
        vietnamese.replace("_", "."),
        f"{northing:,.2f} {easting:,.2f}",
    ):
        first, *others = parse_coordinate(text, bbox=PROVINCE)
        assert first.srid == 5897, text
        assert (first.lon, first.lat) == pytest.approx((105.6324, 10.4571), abs=1e-7)
        assert {other.srid for other in others} == {9210, 3405}


def test_candidates_in_the_box_come_first() -> None:
    easting, northing = from_wgs84(106.6, 10.4, 9210)
    found = parse_coordinate(f"{northing} {easting}", bbox=(106.5, 10.3, 106.7, 10.5))
    assert [one.inside for one in found] == [True, False, False]
    assert found[0].srid == 9210


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "không phải là tọa độ"),
        ("10.4571", "không phải là tọa độ"),
        ("chợ Cao Lãnh", "không phải là tọa độ"),
        ("1 2 3", "không phải là tọa độ"),
        ("48.85, 2.35", "nằm ngoài Việt Nam"),
        ("10°61'00\"N 105°37'56\"E", "nhỏ hơn 60"),
        ("X=105.6 Y=10.4", "nằm ngoài Việt Nam"),
    ],
)
def test_unreadable(text: str, reason: str) -> None:
    with pytest.raises(CoordinateError, match=reason):
        parse_coordinate(text)


@given(LONGITUDES, LATITUDES)
def test_dms_comes_back(lon: float, lat: float) -> None:
    text = format_dms(lon, lat, 3)
    best = parse_coordinate(text)[0]
    assert (best.lon, best.lat) == pytest.approx((lon, lat), abs=2e-7)


def test_dms_text() -> None:
    assert format_dms(105.999_999_99, 10.5) == "10°30′00.0″B, 106°00′00.0″Đ"
    assert format_dms(-1.5, -2.25, 0) == "2°15′00″N, 1°30′00″T"
