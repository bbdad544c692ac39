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

from sen.kernel.errors import InvalidInputError
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
) -> list[bytes | None]:
    """Geometry as WKB in WGS 84, two-dimensional.

    Raises:
        InvalidInputError: the coordinate system is unknown.
    """
    read = shapely.force_2d(shapely.from_wkb(np.array(shapes, dtype=object)))
    if swapped or srid != WGS84:
        project = _transformer(srid).transform if srid != WGS84 else None

        def move(points: Any) -> Any:
            x, y = (points[:, 1], points[:, 0]) if swapped else (points[:, 0], points[:, 1])
            return np.column_stack(project(x, y) if project else (x, y))

        read = shapely.transform(read, move)
    return [None if shape is None else shapely.to_wkb(shape) for shape in read]


def check_system(
    shapes: Sequence[bytes | None], srid: int | None, bounds: BBox, *, swapped: bool = False
) -> None:
    """Stop an import whose coordinate system is missing or puts the data elsewhere.

    Raises:
        InvalidInputError: with the systems under which the data would fall into ``bounds``.
    """
    points = _sample(shapes)
    if not len(points):
        return
    placed = points[:, ::-1] if swapped else points
    if srid is not None and _share_inside(placed, srid, bounds) >= INSIDE:
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


def _sample(shapes: Sequence[bytes | None]) -> Any:
    step = max(1, len(shapes) // 2000)
    some = [shape for shape in shapes[::step] if shape is not None]
    if not some:
        return np.empty((0, 2))
    return shapely.get_coordinates(shapely.centroid(shapely.from_wkb(some)))


def _share_inside(points: Any, srid: int, bounds: BBox) -> float:
    x, y = points[:, 0], points[:, 1]
    if srid != WGS84:
        x, y = _transformer(srid).transform(x, y)
    west, south, east, north = bounds
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return float(np.mean(inside))


def point_from(x: Any, y: Any) -> bytes | None:
    """A point out of two cells; None where either is no number."""
    try:
        values = [float(str(cell).strip().replace(",", ".")) for cell in (x, y)]
    except ValueError:
        return None
    return bytes(shapely.to_wkb(shapely.Point(values)))


def fault_of(shape: bytes | None, accepted: frozenset[str]) -> str:
    """What is wrong with one geometry; empty when nothing is."""
    if shape is None:
        return ""
    read = shapely.from_wkb(shape)
    kind = KINDS.get(read.geom_type, "")
    if kind not in accepted:
        return _("Hình kiểu %(kind)s không dùng được ở đây.") % {"kind": read.geom_type}
    if read.is_empty:
        return _("Hình rỗng.")
    if not read.is_valid:
        return _("Hình không hợp lệ: %(why)s.") % {"why": shapely.is_valid_reason(read)}
    return ""
