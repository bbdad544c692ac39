"""Cutting and joining the lines of roads, without moving a vertex that stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import shapely
from django.contrib.gis.geos import GEOSGeometry, LineString
from django.utils.translation import gettext as _
from pyproj import Geod
from shapely.ops import substring

from sen.domains.network.data import LonLat
from sen.domains.network.models import Road
from sen.domains.network.services.bulk_roads import line_wkb
from sen.kernel.errors import InvalidInputError

_GEOD: Final = Geod(ellps="WGS84")
#: Ends of drawn lines nearer to where they belong than this are put there.
SNAP_M: Final = 50.0
#: A vertex this near to the end that is put before it says nothing.
_SAME_M: Final = 0.5


def length_m(line: Sequence[LonLat]) -> float:
    """Geodesic length of a line in WGS 84."""
    if len(line) < 2:
        return 0.0
    lons, lats = zip(*line, strict=True)
    return float(_GEOD.line_length(lons, lats))


def apart_m(one: LonLat, two: LonLat) -> float:
    return length_m([one, two])


def coordinates(road: Road) -> list[LonLat]:
    """The line of a road.

    Raises:
        InvalidInputError: it has none.
    """
    if road.geom is None:
        raise InvalidInputError({"road": _("%(road)s chưa có tim đường.") % {"road": road.label}})
    return [(float(x), float(y)) for x, y in road.geom.coords]


def drawn(line: GEOSGeometry | Sequence[LonLat]) -> list[LonLat]:
    """A line as somebody drew it.

    Raises:
        InvalidInputError: it is no line, or lies outside the country.
    """
    given = bytes(line.wkb) if isinstance(line, GEOSGeometry) else line
    wkb, fault = line_wkb(given)
    if wkb is None:
        raise InvalidInputError({"line": fault or _("Hãy vẽ tim tuyến.")})
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(shapely.from_wkb(wkb))]


def cut_at(line: Sequence[LonLat], at: LonLat) -> tuple[list[LonLat], list[LonLat]]:
    """The two parts of a line before and behind a point on it; both hold the point."""
    shape = shapely.LineString(line)
    along = shape.project(shapely.Point(at))
    if along <= 0:
        return [], list(line)
    if along >= shape.length:
        return list(line), []
    first, second = substring(shape, 0, along), substring(shape, along, shape.length)
    before, behind = list(first.coords), list(second.coords)
    before[-1] = behind[0] = at
    return before, behind


def between(start: LonLat, line: Sequence[LonLat], end: LonLat | None) -> list[LonLat]:
    """A drawn line put between the points where it belongs."""
    inner = [point for point in line if apart_m(point, start) > _SAME_M]
    if end is None:
        return [start, *inner]
    return [start, *(point for point in inner if apart_m(point, end) > _SAME_M), end]


def chain(*lines: Sequence[LonLat]) -> list[LonLat]:
    """Lines one behind the other, the points that they share once."""
    joined: list[LonLat] = []
    for line in lines:
        for point in line:
            if not joined or joined[-1] != point:
                joined.append(point)
    return joined


def put_line(road: Road, line: Sequence[LonLat]) -> None:
    """Give a road its new line; the caller calibrates."""
    road.geom = LineString(list(line), srid=4326)
    road.save()
