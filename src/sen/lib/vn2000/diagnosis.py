"""Which coordinate system are these numbers in? Drawings and spreadsheets do not say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from sen.lib.vn2000.srids import SRIDS
from sen.lib.vn2000.transform import Floats, to_wgs84_array

BBox: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees of WGS 84."""

VIETNAM: Final[BBox] = (102.0, 7.5, 117.0, 23.5)
"""The mainland with the East Sea islands."""

WGS84_SRID: Final = 4326
WEB_MERCATOR_SRID: Final = 3857
_WEB_MERCATOR_RADIUS_M: Final = 6_378_137.0
_GRID_LIMIT_M: Final = 5_000_000.0
_SAMPLE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One way to read a set of points.

    Units:
        ``share``: 0 to 1, of the points that fall into the box. ``lon``, ``lat``: the middle of
        the points in degrees of WGS 84. ``swapped``: the first column is not x (easting or
        longitude) but y.
    """

    srid: int
    swapped: bool
    share: float
    lon: float
    lat: float


def _from_degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Take the numbers for degrees."""
    return x, y


def _from_web_mercator(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Take the numbers for metres of Web Mercator."""
    lat = 2 * np.arctan(np.exp(y / _WEB_MERCATOR_RADIUS_M)) - np.pi / 2
    return np.degrees(x / _WEB_MERCATOR_RADIUS_M), np.degrees(lat)


def _from_grid(srid: int) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    """Take the numbers for metres of a projection of VN-2000."""

    def read(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        near = (np.abs(x) < _GRID_LIMIT_M) & (np.abs(y) < _GRID_LIMIT_M)
        lon, lat = to_wgs84_array(np.where(near, x, 0.0), np.where(near, y, 0.0), srid)
        return np.where(near, lon, np.nan), np.where(near, lat, np.nan)

    return read


def inside(bbox: BBox, lon: Floats, lat: Floats) -> Floats:
    """Return 1 for every point in the box, else 0."""
    west, south, east, north = bbox
    hits = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
    return hits.astype(np.float64)


def diagnose(
    points: Iterable[tuple[float, float]],
    bbox: BBox,
    *,
    preferred: Sequence[int] = (),
) -> list[Diagnosis]:
    """Rank the coordinate systems and column orders under which points fall into a box.

    Tries WGS 84, Web Mercator and every projection of VN-2000, each with both orders of the
    columns. Best first: the share of points in the box, then the preferred SRIDs in their order,
    then degrees and Web Mercator, then the columns in order, then the nearest central meridian.
    Neighbouring meridians lie 27 km apart, so in a wide box several ways are equally good: show
    the first few on a map and ask. Readings that put no point into the box are left out. Of more
    than 10,000 points an even sample is taken.

    Args:
        points: First and second column of the file.
        bbox: Where the data should lie, for instance the province.
        preferred: SRIDs to put first among equals, for instance those of the province.

    Units:
        Points in degrees or metres, as found. Box in degrees of WGS 84.
    """
    table = np.asarray(list(points), dtype=np.float64).reshape(-1, 2)
    table = table[np.isfinite(table).all(axis=1)]
    if not len(table):
        return []
    table = table[:: -(-len(table) // _SAMPLE)]
    readers = {WGS84_SRID: _from_degrees, WEB_MERCATOR_SRID: _from_web_mercator} | {
        srid: _from_grid(srid) for srid in SRIDS
    }
    found: list[Diagnosis] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for srid, read in readers.items():
            for swapped in (False, True):
                x, y = (table[:, 1], table[:, 0]) if swapped else (table[:, 0], table[:, 1])
                lon, lat = read(x, y)
                hits = inside(bbox, lon, lat)
                if hits.any():
                    at = hits.astype(bool)
                    found.append(
                        Diagnosis(
                            srid,
                            swapped,
                            float(hits.mean()),
                            float(np.median(lon[at])),
                            float(np.median(lat[at])),
                        )
                    )
    return sorted(found, key=lambda one: _rank(one, preferred, (bbox[0] + bbox[2]) / 2))


def _rank(
    one: Diagnosis, preferred: Sequence[int], middle_deg: float
) -> tuple[float, int, bool, float, int]:
    """Return the sort key of a diagnosis; small is good."""
    order = preferred.index(one.srid) if one.srid in preferred else len(preferred)
    if one.srid not in SRIDS:
        return -one.share, order, one.swapped, -1.0, one.srid
    meridian = SRIDS[one.srid].central_meridian_deg
    # A UTM file is rarer than a TM-3 file of the same meridian.
    utm = int(not SRIDS[one.srid].provinces)
    return -one.share, order, one.swapped, abs(meridian - middle_deg) + utm, one.srid
