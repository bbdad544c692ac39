"""SQL, the library and PROJ with the pinned parameters put every place at the same point."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection
from pyproj import Transformer

from sen.kernel.geo.srids import srids_sql
from sen.lib.vn2000 import GEOGRAPHIC_SRID, SRIDS, from_wgs84, proj4, wgs84_to_geographic

#: Corners, middle and edges of the province.
PLACES = [(105.17, 10.12), (106.81, 10.97), (105.63, 10.46), (106.36, 10.36), (105.2, 10.95)]
TOLERANCE_M = 0.01
TOLERANCE_DEG = 1e-7


def in_sql(lon: float, lat: float, srid: int) -> tuple[float, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform(ST_Point(%s, %s, 4326), %s) p) q",
            [lon, lat, srid],
        )
        x, y = cursor.fetchone()
    return x, y


@pytest.mark.django_db
@pytest.mark.parametrize("srid", sorted(SRIDS))
def test_sql_library_and_proj_agree_to_a_centimetre(srid: int) -> None:
    to_grid = Transformer.from_crs("EPSG:4326", proj4(srid), always_xy=True)
    for lon, lat in PLACES:
        sql = in_sql(lon, lat, srid)
        assert sql == pytest.approx(from_wgs84(lon, lat, srid), abs=TOLERANCE_M)
        assert sql == pytest.approx(to_grid.transform(lon, lat), abs=TOLERANCE_M)


@pytest.mark.django_db
def test_degrees_of_vn2000_agree_too() -> None:
    for lon, lat in PLACES:
        sql = in_sql(lon, lat, GEOGRAPHIC_SRID)
        assert sql == pytest.approx(wgs84_to_geographic(lon, lat), abs=TOLERANCE_DEG)


@pytest.mark.django_db
def test_there_and_back_is_the_same_place() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Distance(p::geography, back::geography) FROM (SELECT p, "
            "ST_Transform(ST_Transform(p, 9210), 4326) back "
            "FROM (SELECT ST_Point(105.63, 10.46, 4326) p) one) both_ways"
        )
        assert cursor.fetchone()[0] < 0.001


@pytest.mark.django_db
def test_a_role_without_rights_is_told_what_to_ask_for() -> None:
    """On a managed server the rows may be right already; only a difference needs the right."""
    with connection.cursor() as cursor:
        cursor.execute(srids_sql())
        with pytest.raises(ProgrammingError, match="GRANT SELECT, INSERT, UPDATE, DELETE"):
            cursor.execute(srids_sql().replace("-191.90441429", "-191.9"))
