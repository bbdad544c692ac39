"""Shapes as people and files write them: WKT, GeoJSON, or a list of coordinates.

A list holds one point a line, in WGS 84 or VN-2000; an empty line begins the next part (another
line of a multiple one, the next ring of an area).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any, Final

import shapely
from django.contrib.gis.geos import GEOSGeometry, Point
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry.base import BaseGeometry

from sen.kernel.geo.config import home
from sen.kernel.geo.layers import GeometryKind
from sen.lib.vn2000 import CoordinateError, parse_coordinate

#: A millimetre.
DECIMALS: Final = 8
#: More corners than any plan has: a file is the way for such a shape.
MOST_POINTS: Final = 20_000
_DIMENSIONS: Final = {GeometryKind.POINT: 0, GeometryKind.LINE: 1, GeometryKind.POLYGON: 2}
_WORD: Final = re.compile(r"(SRID=(\d+);)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\b", re.IGNORECASE)


class ShapeError(ValueError):
    """A text is no shape, or none that may stand there; the message is for a person."""


def read_shape(text: str, kinds: Collection[GeometryKind] = tuple(GeometryKind)) -> GEOSGeometry:
    """The shape that a text means.

    Raises:
        ShapeError: it cannot be read, or is of another kind, or contradicts itself.
    """
    text = text.strip()
    try:
        found = _read(text, kinds)
    except (ValueError, KeyError, TypeError, IndexError, shapely.errors.GEOSException) as error:
        if isinstance(error, ShapeError):
            raise
        raise ShapeError(
            _("Không đọc được hình. Hãy vẽ trên bản đồ, dán WKT hoặc GeoJSON, hoặc ghi mỗi dòng "
              "một tọa độ WGS 84 hay VN-2000.")
        ) from error  # fmt: skip
    check_shape(found, kinds)
    return GEOSGeometry(memoryview(shapely.to_wkb(found)), srid=4326)


def checked(shape: GEOSGeometry, kinds: Collection[GeometryKind]) -> GEOSGeometry:
    """A shape that came as one, in WGS 84.

    Raises:
        ShapeError: it is of another kind or contradicts itself.
    """
    check_shape(shapely.force_2d(shapely.from_wkb(bytes(shape.wkb))), kinds)
    return shape


def _read(text: str, kinds: Collection[GeometryKind]) -> BaseGeometry:
    if text.startswith("{"):
        return _flat(shapely.from_geojson(json.dumps(_geometry(json.loads(text)))))
    if (word := _WORD.match(text)) is not None:
        if word[2] not in (None, "4326"):
            raise ShapeError(
                _("Hình phải ở hệ WGS 84 (SRID 4326); tọa độ VN-2000 hãy ghi mỗi dòng một điểm.")
            )
        return _flat(shapely.from_wkt(text.partition(";")[2] if word[1] else text))
    return _from_list(text, kinds)


def _flat(shape: BaseGeometry) -> BaseGeometry:
    """Without heights, and single where it has one part."""
    flat = shapely.force_2d(shape)
    parts = shapely.get_parts(flat)
    return parts[0] if len(parts) == 1 else flat


def _geometry(found: dict[str, Any]) -> dict[str, Any]:
    if found.get("type") == "FeatureCollection":
        found = found["features"][0]
    if found.get("type") == "Feature":
        found = found["geometry"]
    return found


def _from_list(text: str, kinds: Collection[GeometryKind]) -> BaseGeometry:
    parts: list[list[tuple[float, float]]] = [[]]
    for number, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            parts.append([])
            continue
        try:
            best = parse_coordinate(row, bbox=home().bounds)[0]
        except CoordinateError as error:
            raise ShapeError(
                _("Dòng %(number)s “%(text)s”: %(fault)s")
                % {"number": number, "text": row.strip()[:60], "fault": _said(error)}
            ) from error
        parts[-1].append((best.lon, best.lat))
    return _made([part for part in parts if part], kinds)


def _said(error: CoordinateError) -> str:
    return _(error.template) % error.params


def _made(parts: list[list[tuple[float, float]]], kinds: Collection[GeometryKind]) -> BaseGeometry:
    longest = max(map(len, parts))
    if GeometryKind.POINT in kinds and longest == 1:
        return _flat(shapely.MultiPoint([part[0] for part in parts]))
    is_ring = longest > 3 and all(part[0] == part[-1] for part in parts)
    if GeometryKind.LINE in kinds and not (GeometryKind.POLYGON in kinds and is_ring):
        if min(map(len, parts)) < 2:
            raise ShapeError(_("Đường phải có ít nhất hai điểm."))
        return _flat(shapely.MultiLineString(parts))
    if GeometryKind.POLYGON not in kinds:
        raise ShapeError(_("Chỗ này chỉ nhận một điểm."))
    if min(map(len, parts)) < 3:
        raise ShapeError(_("Vùng phải có ít nhất ba điểm."))
    return shapely.Polygon(parts[0], parts[1:])


def check_shape(shape: BaseGeometry, kinds: Collection[GeometryKind]) -> None:
    """What would make a shape useless wherever it is kept.

    Raises:
        ShapeError: says what and where.
    """
    if shape.is_empty or not shapely.get_num_coordinates(shape):
        raise ShapeError(_("Hình trống."))
    dimension = int(shapely.get_dimensions(shape))
    if shape.geom_type == "GeometryCollection" or all(
        _DIMENSIONS[kind] != dimension for kind in kinds
    ):
        raise ShapeError(_("Chỗ này cần %(kinds)s.") % {"kinds": _names(kinds)})
    if shapely.get_num_coordinates(shape) > MOST_POINTS:
        raise ShapeError(_("Hình có hơn %(most)s đỉnh; hãy nhập từ tệp.") % {"most": MOST_POINTS})
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ShapeError(_("Tọa độ phải là kinh độ và vĩ độ WGS 84, tính bằng độ."))
    if not shape.is_valid:
        raise ShapeError(said_reason(shape))


def said_reason(shape: BaseGeometry) -> str:
    """Why a shape is no proper one, with the place."""
    reason, _bracket, place = str(shapely.is_valid_reason(shape)).partition("[")
    text = str(_REASONS.get(reason.strip(), reason.strip()))
    numbers = place.rstrip("]").split()
    if len(numbers) != 2:
        return f"{text}."
    lon, lat = map(float, numbers)
    return f"{text}: {lat:.6f}, {lon:.6f}."


_REASONS: Final = {
    "Self-intersection": gettext_lazy("Đường bao tự cắt tại"),
    "Ring Self-intersection": gettext_lazy("Đường bao tự chạm tại"),
    "Hole lies outside shell": gettext_lazy("Lỗ nằm ngoài đường bao tại"),
    "Nested holes": gettext_lazy("Lỗ nằm trong lỗ tại"),
    "Nested shells": gettext_lazy("Các phần nằm trong nhau tại"),
    "Duplicate Rings": gettext_lazy("Hai đường bao trùng nhau tại"),
    "Interior is disconnected": gettext_lazy("Vùng bị lỗ chia rời tại"),
    "Too few points in geometry component": gettext_lazy("Quá ít điểm tại"),
}


def _names(kinds: Collection[GeometryKind]) -> str:
    names = {
        GeometryKind.POINT: _("một điểm"),
        GeometryKind.LINE: _("một đường"),
        GeometryKind.POLYGON: _("một vùng"),
    }
    return _(" hoặc ").join(names[kind] for kind in GeometryKind if kind in kinds)


def write_shape(shape: GEOSGeometry | None) -> str:
    """The shape as a text that :func:`read_shape` reads: a point as people say it, else WKT."""
    if shape is None:
        return ""
    if isinstance(shape, Point):
        return f"{shape.y:.7f}, {shape.x:.7f}"
    found = shapely.from_wkb(bytes(shape.wkb))
    return str(shapely.to_wkt(_flat(found), rounding_precision=DECIMALS, trim=True))
