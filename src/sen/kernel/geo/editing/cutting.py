"""Cutting a shape by a drawn line, and uniting neighbours, without moving a corner that stays."""

from __future__ import annotations

from typing import Final

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _
from pyproj import Geod
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from sen.kernel.errors import InvalidInputError

_GEOD: Final = Geod(ellps="WGS84")
#: Pieces smaller than this come from rounding (metres, square metres).
LEAST: Final = 0.05
#: Ends of lines nearer than this are one point: a centimetre in degrees.
JOIN_DEG: Final = 1e-7


def amount(shape: GEOSGeometry | None) -> float:
    """Length of a line or area of an area on the ellipsoid; 1 for points.

    Units:
        Metres, square metres.
    """
    return _amount(_shapely(shape)) if shape is not None else 0.0


def cut(shape: GEOSGeometry, line: GEOSGeometry) -> list[GEOSGeometry]:
    """The pieces of a line (in its direction) or an area (the largest first).

    Raises:
        InvalidInputError: the line does not cut it.
    """
    whole, knife = _shapely(shape), _shapely(line)
    if whole.geom_type not in ("LineString", "Polygon"):
        raise InvalidInputError({"cut": _("Chỉ tách được một đường hoặc một vùng liền phần.")})
    pieces = [piece for piece in split(whole, knife).geoms if _amount(piece) > LEAST]
    if len(pieces) < 2:
        raise InvalidInputError(
            {"cut": _("Đường tách phải cắt ngang đối tượng; hãy vẽ vượt ra ngoài hai bên.")}
        )
    if whole.geom_type == "LineString":
        pieces.sort(key=lambda piece: whole.project(piece.interpolate(0.5, normalized=True)))
    else:
        pieces.sort(key=_amount, reverse=True)
    return [_geos(piece, shape) for piece in pieces]


def unite(one: GEOSGeometry, other: GEOSGeometry) -> GEOSGeometry:
    """One shape of two neighbours.

    Raises:
        InvalidInputError: they do not touch, or are not of one kind.
    """
    first, second = _shapely(one), _shapely(other)
    if shapely.get_dimensions(first) != shapely.get_dimensions(second):
        raise InvalidInputError({"other": _("Hai đối tượng không cùng loại hình.")})
    if shapely.get_dimensions(first) == 1:
        return _geos(_joined(first, second), one)
    united = first.union(second)
    if united.geom_type != "Polygon":
        raise InvalidInputError(
            {"other": _("Hai vùng không giáp nhau; hãy sửa ranh giới cho khít trước khi gộp.")}
        )
    return _geos(united, one)


def _joined(first: BaseGeometry, second: BaseGeometry) -> BaseGeometry:
    """Two lines with a common end, in the direction of the first."""
    if {first.geom_type, second.geom_type} != {"LineString"}:
        raise InvalidInputError({"other": _("Chỉ gộp được hai đường hoặc hai vùng liền phần.")})
    ahead, behind = list(first.coords), list(second.coords)
    for turned in (behind, behind[::-1]):
        if _meets(ahead[-1], turned[0]):
            return shapely.LineString([*ahead, *turned[1:]])
        if _meets(turned[-1], ahead[0]):
            return shapely.LineString([*turned, *ahead[1:]])
    raise InvalidInputError(
        {"other": _("Hai đường không nối đầu với nhau; hãy bắt điểm hai đầu trước khi gộp.")}
    )


def _meets(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return abs(one[0] - other[0]) < JOIN_DEG and abs(one[1] - other[1]) < JOIN_DEG


def _amount(shape: BaseGeometry) -> float:
    dimension = int(shapely.get_dimensions(shape))
    if dimension == 1:
        return float(_GEOD.geometry_length(shape))
    return abs(float(_GEOD.geometry_area_perimeter(shape)[0])) if dimension == 2 else 1.0


def _shapely(shape: GEOSGeometry) -> BaseGeometry:
    found = shapely.force_2d(shapely.from_wkb(bytes(shape.wkb)))
    parts = shapely.get_parts(found)
    single: BaseGeometry = parts[0] if len(parts) == 1 else found
    return single


def _geos(shape: BaseGeometry, like: GEOSGeometry) -> GEOSGeometry:
    """The shape in the type of the column from which its whole came."""
    made = shape
    if like.geom_type.startswith("Multi"):
        maker = shapely.multipolygons if shape.geom_type == "Polygon" else shapely.multilinestrings
        made = maker([shape])
    return GEOSGeometry(memoryview(shapely.to_wkb(made)), srid=4326)
