"""Where data fall, drawn by the server: the outline of the province with points or issues in it."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import shapely
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry as Shape

from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.geo.config import home
from sen.kernel.geo.layers import layers
from sen.kernel.geo.reading import read
from sen.kernel.geo.sql import Sql, quote, row_condition

WIDTH: Final = 320.0
HEIGHT: Final = 220.0
MARGIN: Final = 12.0
#: Beyond so many degrees from the province points are drawn at the edge of the picture.
FAR_DEG: Final = 1.5
DEGREE_KM: Final = 111.32
REUSE_S: Final = 300
_PROVINCE: Final = "basemap_province"
_outline: list[tuple[float, list[Any]]] = []

Box = tuple[float, float, float, float]


def outline() -> list[Any]:
    """The rings of the province, coarse; a box where no domain draws one."""
    now = time.monotonic()
    if not _outline or _outline[0][0] < now:
        _outline[:] = [(now + REUSE_S, _rings())]
    return _outline[0][1]


def land() -> Shape:
    """The province as a shape."""
    rings = [shapely.Polygon(ring) for ring in outline() if len(ring) > 3]
    return shapely.make_valid(shapely.union_all(rings)) if rings else shapely.box(*home().bounds)


def forget_outline() -> None:
    """Ask again; between tests."""
    _outline.clear()


def _rings() -> list[Any]:
    layer = layers.get(_PROVINCE)
    found: list[Any] = []
    if layer is not None:
        access = layer.access(ANONYMOUS)
        where = row_condition(access)
        sql = (  # own names; values are parameters
            "SELECT ST_AsGeoJSON(ST_SimplifyPreserveTopology(geom, 0.004)) "  # noqa: S608
            f"FROM {quote(layer.table)} WHERE {where.text}"
        )
        for (text,) in read(ANONYMOUS, Sql(sql, where.params)):
            shape = shapely.from_geojson(json.dumps(json.loads(text)))
            found += [
                shapely.get_coordinates(ring)
                for ring in shapely.get_rings(shapely.get_parts(shape))
            ]
    if not found:
        west, south, east, north = home().bounds
        found = [np.array([(west, south), (east, south), (east, north), (west, north)])]
    return found


class _Frame:
    """A box of degrees as a picture: equal scales, north up."""

    def __init__(self, box: Box) -> None:
        west, south, east, north = box
        self.squeeze = math.cos(math.radians((south + north) / 2))
        wide = max((east - west) * self.squeeze, 1e-5)
        high = max(north - south, 1e-5)
        self.scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
        self.left = (WIDTH - wide * self.scale) / 2 - west * self.squeeze * self.scale
        self.top = (HEIGHT - high * self.scale) / 2 + north * self.scale

    def place(self, points: Any) -> Any:
        points = np.asarray(points, dtype=float)
        x = points[:, 0] * self.squeeze * self.scale + self.left
        y = self.top - points[:, 1] * self.scale
        return np.column_stack((x, y))

    def path(self, points: Any, *, close: bool = False) -> str:
        placed = np.round(self.place(points), 1)
        steps = "L".join(f"{x:g} {y:g}" for x, y in placed)
        return f"M{steps}{'Z' if close else ''}"


def _around(box: Box, points: Any) -> Box:
    """The box with the points near it, so that both are seen."""
    west, south, east, north = box
    if len(points):
        near = points[
            (points[:, 0] > west - FAR_DEG)
            & (points[:, 0] < east + FAR_DEG)
            & (points[:, 1] > south - FAR_DEG)
            & (points[:, 1] < north + FAR_DEG)
        ]
        if len(near):
            low, high = near.min(axis=0), near.max(axis=0)
            west, south = min(west, low[0]), min(south, low[1])
            east, north = max(east, high[0]), max(north, high[1])
    return float(west), float(south), float(east), float(north)


def picture_of(points: Any, label: str) -> SafeString:
    """The province with points; those far away stand at the edge, as triangles."""
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    rings = outline()
    frame = _Frame(_around(_box_of(rings), points))
    land = "".join(frame.path(ring, close=True) for ring in rings)
    placed = frame.place(points) if len(points) else points
    dots = "".join(_dot(x, y) for x, y in placed)
    return format_html(
        '<svg class="import-picture" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<path d="{}" class="import-land"/>{}</svg>',
        round(WIDTH),
        round(HEIGHT),
        label,
        land,
        mark_safe(dots),  # noqa: S308  numbers only
    )


def _dot(x: float, y: float) -> str:
    inside = 0 <= x <= WIDTH and 0 <= y <= HEIGHT
    x, y = min(max(x, 5.0), WIDTH - 5), min(max(y, 5.0), HEIGHT - 5)
    if inside:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" class="import-dot"/>'
    return f'<path d="M{x - 4:.1f} {y + 4:.1f}h8l-4 -8z" class="import-far"/>'


def _box_of(rings: Sequence[Any]) -> Box:
    every = np.vstack(rings)
    (west, south), (east, north) = every.min(axis=0), every.max(axis=0)
    return float(west), float(south), float(east), float(north)


def distance_text(points: Any) -> str:
    """How far from the province the middle of the points lies, and where; empty when inside."""
    west, south, east, north = home().bounds
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return _("Tọa độ không đổi được sang kinh độ, vĩ độ.")
    lon, lat = (float(value) for value in np.median(points, axis=0))
    x = (max(west - lon, 0) - max(lon - east, 0)) * math.cos(math.radians((south + north) / 2))
    y = max(south - lat, 0) - max(lat - north, 0)
    gap = math.hypot(x, y) * DEGREE_KM
    if gap < 0.05:
        return ""
    ways = [
        _("bắc") if y < 0 else _("nam") if y > 0 else "",
        _("đông") if x < 0 else _("tây") if x > 0 else "",
    ]
    return _("Dữ liệu nằm cách tỉnh %(km)s km về phía %(way)s.") % {
        "km": f"{gap:.0f}" if gap >= 10 else f"{gap:.1f}".replace(".", ","),
        "way": "-".join(way for way in ways if way),
    }


def picture_of_issues(
    shapes: Iterable[Shape], issues: Sequence[tuple[float, float]], label: str
) -> SafeString:
    """Shapes, with a ring around every place where something is wrong."""
    drawn = [shape for shape in shapes if not shapely.is_empty(shape)]
    at = np.asarray(issues, dtype=float).reshape(-1, 2)
    bounds = shapely.total_bounds(np.array(drawn, dtype=object)) if drawn else None
    if bounds is None or not np.isfinite(bounds).all():
        bounds = np.array(_box_of(outline()))
    return _drawing(drawn, at, (*map(float, bounds),), label)  # type: ignore[arg-type]


def close_up(shapes: Sequence[Shape], at: tuple[float, float], metres: float) -> SafeString:
    """The surroundings of one place."""
    reach = metres / (DEGREE_KM * 1000)
    box = (at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach)
    near = [
        clipped
        for shape in shapes
        if not shapely.is_empty(clipped := shapely.clip_by_rect(_lines(shape), *box))
    ]
    return _drawing(near, np.array([at]), box, _("Hình phóng to chỗ cần xem"))


def _lines(shape: Shape) -> Shape:
    """Borders of polygons: they may be invalid, which clipping does not stand."""
    if shapely.get_dimensions(shape) < 2:
        return shape
    return shapely.multilinestrings(shapely.get_rings(shapely.get_parts(shape)))


def _drawing(shapes: Sequence[Shape], at: Any, box: Box, label: str) -> SafeString:
    frame = _Frame(box)
    lines: list[str] = []
    dots: list[str] = []
    for shape in shapes:
        for part in shapely.get_parts(_lines(shape)):
            points = shapely.get_coordinates(part)
            if len(points) > 1:
                lines.append(frame.path(points))
            elif len(points):
                (x, y) = frame.place(points)[0]
                dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" class="import-dot"/>')
    rings = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" class="import-mark"/>'
        for x, y in (frame.place(at) if len(at) else ())
    ]
    return format_html(
        '<svg class="import-picture" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<path d="{}" class="import-line"/>{}</svg>',
        round(WIDTH),
        round(HEIGHT),
        label,
        "".join(lines),
        mark_safe("".join(dots + rings)),  # noqa: S308  numbers only
    )
