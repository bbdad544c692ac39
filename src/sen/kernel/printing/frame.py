"""The piece of land on a sheet: a rectangle of a VN-2000 projection at a scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sen.kernel.printing.paper import Rect
from sen.lib.vn2000 import SRIDS, from_wgs84, to_wgs84, to_wgs84_array

PT_PER_MM: Final = 72 / 25.4
#: The projections of the province's former halves.
HOME_SRIDS: Final = (5897, 9210)
#: A pixel of the standards of map services; MapLibre counts zooms in tiles of 512 such pixels.
PIXEL_M: Final = 0.00028
ZOOM_0_M: Final = 78_271.517
#: Data reach a little beyond the frame, so that cut edges and half symbols lie outside it.
PAD: Final = 0.04

Box = tuple[float, float, float, float]


def nearest_srid(lon: float) -> int:
    """The projection of the province whose central meridian is nearest: the least distortion."""
    return min(HOME_SRIDS, key=lambda srid: abs(SRIDS[srid].central_meridian_deg - lon))


@dataclass(frozen=True, slots=True)
class Frame:
    """What a sheet shows, and where on the sheet.

    Units:
        ``east`` and ``north``: the middle, metres of the projection. ``room``: millimetres.
    """

    srid: int
    east: float
    north: float
    scale: float
    room: Rect

    @classmethod
    def around(cls, lon: float, lat: float, scale: float, room: Rect, srid: int) -> Frame:
        """The frame around a place in degrees."""
        east, north = from_wgs84(lon, lat, srid)
        return cls(srid, east, north, scale, room)

    @property
    def bounds(self) -> Box:
        """West, south, east, north in metres."""
        wide = self.room.width * self.scale / 2000
        high = self.room.height * self.scale / 2000
        return self.east - wide, self.north - high, self.east + wide, self.north + high

    @property
    def padded(self) -> Box:
        west, south, east, north = self.bounds
        pad = max(east - west, north - south) * PAD
        return west - pad, south - pad, east + pad, north + pad

    @property
    def degrees(self) -> Box:
        """The box in degrees of WGS 84 around the padded frame."""
        west, south, east, north = self.padded
        edge = np.linspace(0, 1, 9)
        xs = np.concatenate([west + (east - west) * edge] * 2 + [[west] * 9, [east] * 9])
        ys = np.concatenate([[south] * 9, [north] * 9] + [south + (north - south) * edge] * 2)
        lon, lat = to_wgs84_array(xs, ys, self.srid)
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())

    @property
    def middle(self) -> tuple[float, float]:
        """The middle in degrees of WGS 84."""
        return to_wgs84(self.east, self.north, self.srid)

    @property
    def zoom(self) -> float:
        """The zoom of the web map that shows things as large as this scale does."""
        squeeze = math.cos(math.radians(self.middle[1]))
        return math.log2(ZOOM_0_M * squeeze / (self.scale * PIXEL_M))

    def on_paper(self, points: Any) -> Any:
        """Metres → points of the PDF page.

        Shapes:
            ``points``: (n, 2).
        """
        west, south, _east, _north = self.bounds
        points = np.asarray(points, dtype=float)
        factor = 1000 / self.scale * PT_PER_MM
        origin = np.array([self.room.x, self.room.y]) * PT_PER_MM
        placed: Any = (points - np.array([west, south])) * factor + origin
        return placed

    @property
    def convergence_deg(self) -> float:
        """The angle from true north to the north of the grid, positive when it lies east."""
        lon, lat = self.middle
        off = lon - SRIDS[self.srid].central_meridian_deg
        return off * math.sin(math.radians(lat))


def fitting_scale(bounds: Box, room: Rect, among: Sequence[int], srid: int) -> int:
    """The largest usual scale at which a box of degrees fits into the room."""
    west, south, east, north = bounds
    a, b = from_wgs84(west, south, srid), from_wgs84(east, north, srid)
    needed = max((b[0] - a[0]) / room.width, (b[1] - a[1]) / room.height) * 1000
    return next((scale for scale in among if scale >= needed), _round_up(needed))


def _round_up(scale: float) -> int:
    """Two digits that a person can read off: 1:730 000."""
    step: int = 10 ** max(0, math.floor(math.log10(scale)) - 1)
    return math.ceil(scale / step) * step
