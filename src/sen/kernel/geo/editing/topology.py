"""What is wrong, or probably wrong, with a drawn shape beside its neighbours of the same layer.

Faults stop nothing here: an overlap of two areas may be true. The person is told before saving;
what must not be saved at all, the form and the service refuse.

Units:
    Distances and areas are metres and square metres in a plane around the shape: over the few
    kilometres of an edit it differs from the ellipsoid by less than one in ten thousand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import GeometryKind, Layer
from sen.kernel.geo.reading import read
from sen.kernel.geo.shapes import said_reason
from sen.kernel.geo.sql import Sql, quote, row_condition, value

#: Ends of lines and edges of areas nearer than this were meant to meet.
NEAR_M: Final = 5.0
#: Nearer than this they do meet.
TOUCH_M: Final = 0.02
#: Overlaps and gaps smaller than this come from rounding.
SMALL_M2: Final = 1.0
#: Two points nearer than this are the same thing entered twice.
SAME_POINT_M: Final = 2.0
#: Faults of one kind that are shown.
SHOWN: Final = 10
MOST_NEIGHBOURS: Final = 200


class Fault(StrEnum):
    INVALID = "invalid"
    CROSSES_ITSELF = "crosses-itself"
    OVERLAP = "overlap"
    GAP = "gap"
    LOOSE_END = "loose-end"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in words, with where it is (GeoJSON) and whose neighbour it concerns."""

    fault: Fault
    text: str
    where: dict[str, Any] | None = None
    row_id: int | None = None
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """A row of the same layer nearby, in the plane of the edit."""

    row_id: int
    label: str
    shape: BaseGeometry


class Plane:
    """Metres east and north of a point, and back."""

    def __init__(self, lon: float, lat: float) -> None:
        sine = math.sin(math.radians(lat))
        w = math.sqrt(1 - 0.00669437999014 * sine * sine)
        across = 6378137.0 / w * math.cos(math.radians(lat))
        along = 6378137.0 * (1 - 0.00669437999014) / w**3
        self.origin = np.array([lon, lat])
        self.scale = np.radians(1.0) * np.array([across, along])

    def flat(self, shape: BaseGeometry) -> BaseGeometry:
        found: BaseGeometry = shapely.transform(shape, lambda xy: (xy - self.origin) * self.scale)
        return found

    def back(self, shape: BaseGeometry) -> dict[str, Any]:
        """GeoJSON in degrees."""
        import json

        found = shapely.transform(shape, lambda xy: xy / self.scale + self.origin)
        document: dict[str, Any] = json.loads(shapely.to_geojson(found))
        return document


def findings(
    actor: Actor, layer: Layer | None, shape: BaseGeometry, *, but: int | None = None
) -> list[Finding]:
    """All that is to be said of a shape, the worst first."""
    found = list(own_faults(shape))
    if any(item.stops for item in found) or layer is None:
        return found
    middle = shape.envelope.centroid
    plane = Plane(middle.x, middle.y)
    near = _near(actor, layer, shape, plane, but)
    flat = plane.flat(shape)
    if layer.geometry_kind is GeometryKind.POLYGON:
        return found + overlaps(flat, near, plane) + gaps(flat, near, plane)
    if layer.geometry_kind is GeometryKind.LINE:
        return found + same_lines(flat, near, plane) + loose_ends(flat, near, plane)
    return found + same_points(flat, near, plane)


def own_faults(shape: BaseGeometry) -> list[Finding]:
    """What a shape has wrong by itself."""
    if not shape.is_valid:
        return [Finding(Fault.INVALID, said_reason(shape), _fault_place(shape), stops=True)]
    if shapely.get_dimensions(shape) == 1 and not shape.is_simple:
        return [Finding(Fault.CROSSES_ITSELF, _("Đường tự cắt."), _crossing(shape))]
    return []


def _fault_place(shape: BaseGeometry) -> dict[str, Any] | None:
    _text, _bracket, place = str(shapely.is_valid_reason(shape)).partition("[")
    numbers = place.rstrip("]").split()
    if len(numbers) != 2:
        return None
    return {"type": "Point", "coordinates": [float(number) for number in numbers]}


def _crossing(shape: BaseGeometry) -> dict[str, Any] | None:
    """The first place at which a line meets itself between its ends."""
    for part in shapely.get_parts(shape):
        xy = shapely.get_coordinates(part)
        pieces = [shapely.LineString(xy[i : i + 2]) for i in range(len(xy) - 1)]
        tree = shapely.STRtree(pieces)
        pairs = tree.query(pieces, predicate="intersects").T
        for one, other in pairs:
            if other > one + 1:
                at = pieces[one].intersection(pieces[other]).representative_point()
                return {"type": "Point", "coordinates": [at.x, at.y]}
    return None


def _near(
    actor: Actor, layer: Layer, shape: BaseGeometry, plane: Plane, but: int | None
) -> list[Near]:
    """Rows of the layer within reach of the shape, that the actor may see."""
    access = layer.access(actor)
    table = quote(layer.table)
    west, south, east, north = shape.bounds
    wide, high = (NEAR_M * 2 / plane.scale).tolist()
    where = row_condition(access) & Sql(
        f"{table}.geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)",
        [west - wide, south - high, east + wide, north + high],
    )
    if but is not None:
        where &= Sql(f'{table}."id" <> %s', [but])
    label = value(layer.model, _label_path(layer), access.scopes)
    text = (
        f'SELECT {table}."id", ({label.text})::text, ST_AsBinary({table}.geom) '  # noqa: S608
        f"FROM {table} WHERE {where.text} LIMIT {MOST_NEIGHBOURS}"
    )
    rows = read(actor, Sql(text, [*label.params, *where.params]))
    return [
        Near(row_id, name or f"#{row_id}", plane.flat(shapely.force_2d(shapely.from_wkb(wkb))))
        for row_id, name, wkb in rows
    ]


def _label_path(layer: Layer) -> str:
    if layer.style.label_field:
        return layer.style.label_field
    return layer.fields.get("name") or next(iter(layer.fields.values()))


def overlaps(shape: BaseGeometry, near: Sequence[Near], plane: Plane) -> list[Finding]:
    """Where an area covers a neighbour."""
    found: list[tuple[float, Finding]] = []
    for other in near:
        common = _areas(shape.intersection(shapely.make_valid(other.shape)))
        if common.area > SMALL_M2:
            text = _("Chồng lên “%(name)s” %(area)s m².") % {
                "name": other.label,
                "area": _number(common.area),
            }
            found.append(
                (common.area, Finding(Fault.OVERLAP, text, plane.back(common), other.row_id))
            )
    return [item for _area, item in sorted(found, key=lambda pair: -pair[0])[:SHOWN]]


def gaps(shape: BaseGeometry, near: Sequence[Near], plane: Plane) -> list[Finding]:
    """Narrow strips between an area and its neighbours that belong to nobody."""
    others = [other for other in near if other.shape.distance(shape) < NEAR_M]
    if not others:
        return []
    whole = shapely.union_all([shape, *(shapely.make_valid(one.shape) for one in others)])
    # Grown and shrunk again, the whole fills what is narrower than the reach; corners stay sharp.
    closed = whole.buffer(NEAR_M / 2, join_style="mitre").buffer(-NEAR_M / 2, join_style="mitre")
    strips = shapely.get_parts(_areas(closed.difference(whole)))
    found: list[Finding] = []
    for strip in sorted(strips, key=lambda one: -one.area):
        if strip.area <= SMALL_M2 or strip.distance(shape) > TOUCH_M:
            continue
        other = min(others, key=lambda one: one.shape.distance(strip))
        if other.shape.distance(strip) > TOUCH_M:
            continue
        text = _("Khe hở với “%(name)s” %(area)s m².") % {
            "name": other.label,
            "area": _number(strip.area),
        }
        found.append(Finding(Fault.GAP, text, plane.back(strip), other.row_id))
    return found[:SHOWN]


def loose_ends(shape: BaseGeometry, near: Sequence[Near], plane: Plane) -> list[Finding]:
    """Ends of a line that stop short of another line."""
    found: list[Finding] = []
    for part in shapely.get_parts(shape):
        for end in (part.interpolate(0), part.interpolate(part.length)):
            apart = [(other.shape.distance(end), other) for other in near]
            close = [pair for pair in apart if pair[0] < NEAR_M]
            if not close or min(pair[0] for pair in close) < TOUCH_M:
                continue
            distance, other = min(close, key=lambda pair: pair[0])
            text = _("Đầu đường cách “%(name)s” %(distance)s m mà không nối.") % {
                "name": other.label,
                "distance": _number(distance, 2),
            }
            found.append(Finding(Fault.LOOSE_END, text, plane.back(end), other.row_id))
    return found[:SHOWN]


def same_lines(shape: BaseGeometry, near: Sequence[Near], plane: Plane) -> list[Finding]:
    """Lines of the layer that run where this one runs."""
    found: list[Finding] = []
    reach = shape.buffer(NEAR_M / 5)
    for other in near:
        common = _lines(other.shape.intersection(reach))
        if common.length > max(10.0, 0.3 * min(shape.length, other.shape.length)):
            text = _("Trùng với “%(name)s” trên %(length)s m.") % {
                "name": other.label,
                "length": _number(common.length),
            }
            found.append(Finding(Fault.SAME, text, plane.back(common), other.row_id))
    return found[:SHOWN]


def same_points(shape: BaseGeometry, near: Sequence[Near], plane: Plane) -> list[Finding]:
    """Things of the layer that stand where this one stands."""
    found: list[Finding] = []
    for other in near:
        distance = other.shape.distance(shape)
        if distance < SAME_POINT_M:
            text = _("Cách “%(name)s” chỉ %(distance)s m; có thể đã được nhập rồi.") % {
                "name": other.label,
                "distance": _number(distance, 1),
            }
            found.append(Finding(Fault.SAME, text, plane.back(other.shape), other.row_id))
    return found[:SHOWN]


def _areas(shape: BaseGeometry) -> BaseGeometry:
    """The parts of two dimensions."""
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts) if len(parts) != 1 else parts[0]


def _lines(shape: BaseGeometry) -> BaseGeometry:
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "LineString"]
    return shapely.MultiLineString(parts) if len(parts) != 1 else parts[0]


def _number(amount: float, decimals: int = 0) -> str:
    from sen.kernel.numbers import number_text

    return number_text(round(amount, decimals) if decimals else round(amount))
