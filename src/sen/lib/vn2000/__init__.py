"""VN-2000: the table of its projections, exact transformation, and reading of coordinates.

The seven parameters are pinned to the official ones; see `TOWGS84`.
"""

from __future__ import annotations

from sen.lib.vn2000.diagnosis import VIETNAM, BBox, Diagnosis, diagnose
from sen.lib.vn2000.reading import (
    CoordinateCandidate,
    CoordinateError,
    format_dms,
    parse_coordinate,
)
from sen.lib.vn2000.srids import GEOGRAPHIC_SRID, SRIDS, TOWGS84, Projection, proj4, tm3
from sen.lib.vn2000.transform import (
    from_wgs84,
    from_wgs84_array,
    geographic_to_wgs84,
    to_wgs84,
    to_wgs84_array,
    wgs84_to_geographic,
)

__all__ = [
    "GEOGRAPHIC_SRID",
    "SRIDS",
    "TOWGS84",
    "VIETNAM",
    "BBox",
    "CoordinateCandidate",
    "CoordinateError",
    "Diagnosis",
    "Projection",
    "diagnose",
    "format_dms",
    "from_wgs84",
    "from_wgs84_array",
    "geographic_to_wgs84",
    "parse_coordinate",
    "proj4",
    "tm3",
    "to_wgs84",
    "to_wgs84_array",
    "wgs84_to_geographic",
]
