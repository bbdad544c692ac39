"""Repairs of single shapes: pure geometry in degrees, nothing of files or rows."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any, Final

import numpy as np
import shapely
import shapely.errors
from django.utils.translation import gettext as _
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry as Shape

from sen.lib.errors import gettext_noop

DEGREE_M: Final = 111_320.0
_DIMENSIONS: Final = {"point": 0, "line": 1, "polygon": 2}
_REASONS: Final = {
    "Self-intersection": gettext_noop("Hình tự cắt."),
    "Ring Self-intersection": gettext_noop("Đường bao tự chạm."),
    "Hole lies outside shell": gettext_noop("Lỗ nằm ngoài đường bao."),
    "Nested holes": gettext_noop("Lỗ nằm trong lỗ."),
    "Interior is disconnected": gettext_noop("Bên trong bị chia rời."),
    "Duplicate Rings": gettext_noop("Hai đường bao trùng nhau."),
    "Nested shells": gettext_noop("Vùng nằm trong vùng."),
    "Too few points": gettext_noop("Quá ít đỉnh."),
    "Invalid Coordinate": gettext_noop("Tọa độ hỏng."),
}


def said(reason: str) -> str:
    """What GEOS says of an invalid shape, for people."""
    text = reason.partition("[")[0].strip()
    return _(_REASONS[text]) if text in _REASONS else text or _("Hình không hợp lệ.")


def valid(shape: Shape, taken: AbstractSet[str]) -> Shape:
    """A valid shape of the kinds that are taken; what falls off (lines of a spike) is left out."""
    made = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    wanted = {_DIMENSIONS[name] for name in taken if name in _DIMENSIONS}
    parts = [
        part
        for part in shapely.get_parts(made)
        if not wanted or shapely.get_dimensions(part) in wanted
    ]
    if shapely.get_type_id(made) != shapely.GeometryType.GEOMETRYCOLLECTION or not parts:
        return made
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def without_repeats(shape: Shape) -> Shape:
    """The shape without vertices that repeat the one before; a ring of one point stays."""
    try:
        return shapely.remove_repeated_points(shape)
    except shapely.errors.GEOSException:
        return shape


def can_close(shape: Shape) -> bool:
    """Whether a line is a ring, up to a hair."""
    parts = shapely.get_parts(shape)
    return bool(len(parts)) and all(
        shapely.get_num_coordinates(part) >= 4
        and shapely.distance(shapely.get_point(part, 0), shapely.get_point(part, -1))
        <= 0.01 / DEGREE_M
        for part in parts
    )


def closed(shape: Shape) -> Shape:
    """The polygon that a closed line runs around; other shapes as they are."""
    if not isinstance(shape, LineString | MultiLineString) or not can_close(shape):
        return shape
    made = [Polygon([*part.coords[:-1], part.coords[0]]) for part in shapely.get_parts(shape)]
    return made[0] if len(made) == 1 else MultiPolygon(made)


def ends(lines: Any) -> tuple[Any, Any]:
    """First and last points of all parts of lines, with the place of the line of each."""
    parts, owners = shapely.get_parts(lines, return_index=True)
    first = shapely.get_coordinates(shapely.get_point(parts, 0))
    last = shapely.get_coordinates(shapely.get_point(parts, -1))
    return np.concatenate([first, last]), np.concatenate([owners, owners])


def end_moved(shape: Shape, onto: Shape, end: tuple[float, float], within_m: float) -> Shape:
    """The line with one end on another line: at its end where that is near, else at the foot."""
    point = shapely.Point(end)
    tips, _owners = ends(np.array([onto], dtype=object))
    near = tips[np.argmin(((tips - np.array(end)) ** 2).sum(axis=1))]
    if shapely.distance(point, shapely.Point(near)) * DEGREE_M > within_m:
        line = shapely.shortest_line(point, onto)
        near = shapely.get_coordinates(line)[-1]
    parts: list[LineString] = []
    for part in shapely.get_parts(shape):
        points = shapely.get_coordinates(part)
        for place in (0, -1):
            if tuple(points[place]) == end:
                points[place] = near
        parts.append(LineString(points))
    return parts[0] if len(parts) == 1 else MultiLineString(parts)


def _turns_back(points: Any, cosine: float) -> Any:
    """Which inner vertices are tips: the line comes back almost as it went."""
    steps = np.diff(points, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    with np.errstate(invalid="ignore", divide="ignore"):
        turn = (steps[:-1] * steps[1:]).sum(axis=1) / (lengths[:-1] * lengths[1:])
    return np.nan_to_num(turn, nan=1.0) < -cosine


def spike_tips(array: Any, places: Any, cosine: float) -> Iterator[tuple[int, tuple[float, float]]]:
    """Place and tip of the first spike of every shape that has one."""
    points, owners = shapely.get_coordinates(array[places], return_index=True)
    if len(points) < 3:
        return
    tips = _turns_back(points, cosine)
    tips &= (owners[:-2] == owners[1:-1]) & (owners[2:] == owners[1:-1])
    seen: set[int] = set()
    for number in np.flatnonzero(tips) + 1:
        place = int(places[owners[number]])
        # Rings and parts follow each other in one list: only a real one is told.
        if place in seen or not _has_spike(array[place], cosine):
            continue
        seen.add(place)
        yield place, (float(points[number][0]), float(points[number][1]))


def _has_spike(shape: Shape, cosine: float) -> bool:
    return any(
        _turns_back(shapely.get_coordinates(line), cosine).any()
        for line in _strings(shape)
        if shapely.get_num_coordinates(line) > 2
    )


def _strings(shape: Shape) -> list[Any]:
    """The lines of a shape: its parts, or the rings of its polygons."""
    parts = shapely.get_parts(shape)
    if shapely.get_dimensions(shape) == 2:
        return list(shapely.get_rings(parts))
    return list(parts)


def without_spikes(shape: Shape, cosine: float) -> Shape:
    """The shape without the tips of its spikes."""
    if shapely.get_dimensions(shape) == 2:
        made = [
            Polygon(_blunt(part.exterior, cosine), [_blunt(r, cosine) for r in part.interiors])
            for part in shapely.get_parts(shape)
        ]
        return made[0] if len(made) == 1 else MultiPolygon(made)
    lines = [LineString(_blunt(part, cosine)) for part in shapely.get_parts(shape)]
    return lines[0] if len(lines) == 1 else MultiLineString(lines)


def _blunt(line: Any, cosine: float) -> Any:
    points = shapely.get_coordinates(line)
    least = 4 if shapely.get_type_id(line) == shapely.GeometryType.LINEARRING else 2
    while len(points) > max(least, 2):
        tips = np.flatnonzero(_turns_back(points, cosine)) + 1
        if not len(tips):
            break
        points = np.delete(points, tips[0], axis=0)
    return points


def crossing(line: Shape) -> tuple[float, float]:
    """A point at which a line crosses itself."""
    nodes = shapely.get_parts(shapely.node(line))
    counted: dict[tuple[float, float], int] = {}
    for part in nodes:
        for place in (0, -1):
            x, y = shapely.get_coordinates(part)[place]
            counted[float(x), float(y)] = counted.get((float(x), float(y)), 0) + 1
    return max(counted, key=lambda at: counted[at])
