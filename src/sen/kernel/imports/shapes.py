"""Geometry of an import: coordinate system checked or asked for, brought to WGS 84.

VN-2000 goes through the pinned official parameters, never through PROJ's default operation,
which is 0.81 m off. Where a file does not say its system, or says one under which the data fall
outside the province, the import stops and shows under which systems they would fall inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import shapely
from django.utils.translation import gettext as _
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry as Shape

from sen.kernel.errors import InvalidInputError
from sen.lib.errors import gettext_noop
from sen.lib.units import parse_number
from sen.lib.vn2000 import SRIDS, diagnose, proj4

WGS84: Final = 4326
#: Share of the points that must fall into the expected box.
INSIDE: Final = 0.95
KINDS: Final = {
    "Point": "point",
    "MultiPoint": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
}
_TYPES: Final = {name: int(shapely.GeometryType[name.upper()].value) for name in KINDS}
WORDS: Final = {
    "point": gettext_noop("điểm"),
    "line": gettext_noop("đường"),
    "polygon": gettext_noop("vùng"),
}

BBox = tuple[float, float, float, float]


@cache
def _transformer(srid: int) -> Transformer:
    try:
        crs = CRS.from_proj4(proj4(srid)) if srid in SRIDS else CRS.from_epsg(srid)
    except CRSError as error:
        raise InvalidInputError(
            {"crs": _("Không có hệ tọa độ EPSG:%(srid)s.") % {"srid": srid}}
        ) from error
    return Transformer.from_crs(crs, CRS.from_epsg(WGS84), always_xy=True)


def to_wgs84(
    shapes: Sequence[bytes | None], srid: int, *, swapped: bool = False
) -> list[Shape | None]:
    """Geometry in WGS 84, two-dimensional; None where there is none or it cannot be read.

    Raises:
        InvalidInputError: the coordinate system is unknown.
    """
    read = shapely.force_2d(_read(shapes))
    if swapped or srid != WGS84:
        project = _transformer(srid).transform if srid != WGS84 else None

        def move(points: Any) -> Any:
            x, y = (points[:, 1], points[:, 0]) if swapped else (points[:, 0], points[:, 1])
            return np.column_stack(project(x, y) if project else (x, y))

        read = shapely.transform(read, move)
    return list(read)


def to_wkb(shapes: Sequence[Shape | None]) -> list[bytes | None]:
    return list(shapely.to_wkb(np.array(shapes, dtype=object)))


def _read(shapes: Sequence[bytes | None]) -> Any:
    return shapely.from_wkb(np.array(shapes, dtype=object), on_invalid="ignore")


def need_system(shapes: Sequence[bytes | None], srid: int | None) -> None:
    """Stop where nobody says the coordinate system of a file that may lie anywhere.

    Raises:
        InvalidInputError: ``srid`` is missing or unknown.
    """
    if srid is not None:
        _transformer(srid)
    elif any(shape is not None for shape in shapes):
        raise InvalidInputError(
            {"crs": _("Tệp không cho biết hệ tọa độ. Hãy chọn hệ tọa độ của tệp.")}
        )


def check_system(
    shapes: Sequence[bytes | None], srid: int | None, bounds: BBox, *, swapped: bool = False
) -> None:
    """Stop an import whose coordinate system is missing or puts the data elsewhere.

    Raises:
        InvalidInputError: with the systems under which the data would fall into ``bounds``.
    """
    points = sample(shapes)
    if not len(points):
        return
    if srid is not None:
        _transformer(srid)
    if srid is not None and share_inside(place(points, srid, swapped=swapped), bounds) >= INSIDE:
        return
    ways = [
        _("EPSG:%(srid)s%(swap)s: %(share)s%% số điểm rơi vào địa bàn (tâm %(lat).4f, %(lon).4f)")
        % {
            "srid": way.srid,
            "swap": _(" với X và Y đổi chỗ") if way.swapped else "",
            "share": round(way.share * 100),
            "lat": way.lat,
            "lon": way.lon,
        }
        for way in diagnose(map(tuple, points), bounds, preferred=(WGS84, 5897, 9210, 3405))[:4]
    ]
    said = (
        _("Tệp không cho biết hệ tọa độ.")
        if srid is None
        else _("Theo EPSG:%(srid)s thì dữ liệu nằm ngoài địa bàn của tỉnh.") % {"srid": srid}
    )
    if ways:
        advice = _("Hãy chọn hệ tọa độ. Các cách hiểu hợp lý: ") + "; ".join(ways) + "."
    else:
        advice = _("Không hệ tọa độ nào đưa dữ liệu vào địa bàn; hãy kiểm tra lại tệp.")
    raise InvalidInputError({"crs": f"{said} {advice}"})


def sample(shapes: Sequence[bytes | None]) -> Any:
    """Up to two thousand points of a file, as the file writes them."""
    some = [shape for shape in shapes if shape is not None]
    some = some[:: max(1, len(some) // 2000)]
    if not some:
        return np.empty((0, 2))
    points = shapely.get_coordinates(shapely.centroid(_read(some)))
    return points[np.isfinite(points).all(axis=1)]


def place(points: Any, srid: int, *, swapped: bool = False) -> Any:
    """Points of a file in degrees of WGS 84.

    Raises:
        InvalidInputError: the coordinate system is unknown.
    """
    x, y = (points[:, 1], points[:, 0]) if swapped else (points[:, 0], points[:, 1])
    if srid != WGS84:
        x, y = _transformer(srid).transform(x, y)
    return np.column_stack((x, y))


def share_inside(points: Any, bounds: BBox) -> float:
    """The share of points in degrees that lie in the box, 0 to 1."""
    x, y = points[:, 0], points[:, 1]
    west, south, east, north = bounds
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return float(np.mean(inside))


def point_from(x: Any, y: Any) -> bytes | None:
    """A point out of two cells.

    Raises:
        ValueError: one of them is no number.
    """
    values = [_coordinate(cell) for cell in (x, y)]
    return bytes(shapely.to_wkb(shapely.Point(values)))


def _coordinate(cell: Any) -> float:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        value = float(cell)
    else:
        text = str(cell).strip()
        try:
            value = float(text)
        except ValueError:
            value = float(parse_number(text))
    if not np.isfinite(value):
        raise ValueError(cell)
    return value


def faults_of(
    given: Sequence[bytes | None], shapes: Sequence[Shape | None], accepted: frozenset[str]
) -> dict[int, str]:
    """What is wrong with each geometry, by its place; what is good or missing is left out."""
    array = np.array(shapes, dtype=object)
    wrong: dict[int, str] = {}
    names = np.array(list(_TYPES))
    kinds = shapely.get_type_id(array)
    good = np.isin(kinds, [_TYPES[name] for name in names if KINDS.get(name) in accepted])
    good &= ~shapely.is_empty(array) & _is_finite(array)
    good[good] = shapely.is_valid(array[good])
    for place in np.flatnonzero(~good):
        text = _fault(given[int(place)], shapes[int(place)], accepted)
        if text:
            wrong[int(place)] = text
    return wrong


def _is_finite(array: Any) -> Any:
    return np.isfinite(shapely.bounds(array)).all(axis=1)


def _fault(given: bytes | None, shape: Shape | None, accepted: frozenset[str]) -> str:
    if shape is None:
        return "" if given is None else _("Không đọc được hình; hãy vẽ lại hoặc xuất lại.")
    if KINDS.get(shape.geom_type, "") not in accepted:
        return _("Hình kiểu %(kind)s không dùng được ở đây; cần %(wanted)s.") % {
            "kind": shape.geom_type,
            "wanted": ", ".join(str(_(WORDS[kind])) for kind in sorted(accepted)),
        }
    if shape.is_empty:
        return _("Hình rỗng.")
    if not np.isfinite(shape.bounds).all():
        return _("Tọa độ không đổi được sang WGS 84; hãy kiểm tra hệ tọa độ.")
    return _("Hình không hợp lệ: %(why)s.") % {"why": shapely.is_valid_reason(shape)}
