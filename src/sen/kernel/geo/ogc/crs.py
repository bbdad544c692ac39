"""Coordinate systems of the OGC API, with the axis order that each one's register says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_OGC: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/{}"


@dataclass(frozen=True, slots=True)
class Crs:
    """A coordinate system; ``is_flipped``: coordinates are written latitude first.

    Units:
        ``decimals``: digits behind the point, a centimetre or finer.
    """

    uri: str
    srid: int
    is_flipped: bool
    decimals: int

    def xy(self, first: float, second: float) -> tuple[float, float]:
        """East and north of a pair as it is written in this system."""
        return (second, first) if self.is_flipped else (first, second)


#: VN-2000: degrees, UTM zone 48N, TM-3 at 105°00′ and 105°45′ (the pinned parameters).
CRS84: Final = Crs(_OGC, 4326, is_flipped=False, decimals=7)
SYSTEMS: Final = (
    CRS84,
    Crs(_EPSG.format(4326), 4326, is_flipped=True, decimals=7),
    Crs(_EPSG.format(3857), 3857, is_flipped=False, decimals=3),
    Crs(_EPSG.format(3405), 3405, is_flipped=False, decimals=3),
    Crs(_EPSG.format(5897), 5897, is_flipped=False, decimals=3),
    Crs(_EPSG.format(9210), 9210, is_flipped=False, decimals=3),
    Crs(_EPSG.format(4756), 4756, is_flipped=True, decimals=7),
)
BY_URI: Final = {system.uri: system for system in SYSTEMS}
