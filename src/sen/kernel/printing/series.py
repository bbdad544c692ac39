"""A series of sheets along a line: as many as it needs, each as long as fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry as Shape
from shapely.ops import substring

from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, NotFoundError
from sen.kernel.printing.frame import Frame
from sen.kernel.printing.paper import Rect
from sen.kernel.registry import Store
from sen.lib.vn2000 import from_wgs84_array, to_wgs84

MOST_SHEETS: Final = 120
#: The line keeps clear of the edges, and neighbouring sheets share a piece of it.
FILLED: Final = 0.88
SHARED: Final = 0.04

LonLat = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Course:
    """A line that may be printed sheet by sheet.

    ``labels`` names places on it as people do (“Km4+200”).

    Units:
        ``line``: degrees of WGS 84.
    """

    title: str
    line: Shape
    labels: Callable[[Sequence[LonLat]], list[str]]


#: By layer: the course of a row, or None when the actor may not see it.
courses: Final[Store[Callable[[Actor, int], Course | None]]] = Store("course for series of maps")


@dataclass(frozen=True, slots=True)
class Strip:
    """One sheet of a series."""

    number: int
    frame: Frame
    start: str
    end: str


def course_of(actor: Actor, name: str) -> Course:
    """The line that ``layer/id`` names.

    Raises:
        InvalidInputError: the name is malformed, or rows of that layer are no lines.
        NotFoundError: there is no such row, or the actor may not see it.
    """
    layer, _slash, number = name.partition("/")
    provider = courses.get(layer)
    if provider is None or not number.isdigit():
        raise InvalidInputError(
            {"doctheo": _("Bộ tờ dọc tuyến ghi dạng roads/123, với mã số của tuyến đường.")}
        )
    found = provider(actor, int(number))
    if found is None:
        raise NotFoundError(message=_("Không có tuyến này."))
    return found


def strips(course: Course, *, srid: int, scale: int, room: Rect) -> list[Strip]:
    """The sheets along a course.

    Raises:
        InvalidInputError: more sheets than a series may have.
    """
    wide = room.width * scale / 1000 * FILLED
    high = room.height * scale / 1000 * FILLED
    pieces: list[Shape] = []
    for line in _lines(course.line, srid):
        pieces += _cut(line, wide, high)
        if len(pieces) > MOST_SHEETS:
            raise InvalidInputError(
                {"tyle": _("Cần hơn %(n)s tờ; hãy chọn tỷ lệ nhỏ hơn hoặc khổ giấy lớn hơn.")
                 % {"n": MOST_SHEETS}}
            )  # fmt: skip
    ends = [
        to_wgs84(piece.coords[side][0], piece.coords[side][1], srid)
        for piece in pieces
        for side in (0, -1)
    ]
    names = course.labels(ends)
    return [
        Strip(
            number + 1, _frame(piece, srid, scale, room), names[2 * number], names[2 * number + 1]
        )
        for number, piece in enumerate(pieces)
    ]


def _lines(shape: Shape, srid: int) -> list[Shape]:
    def move(points: Any) -> Any:
        import numpy as np

        return np.column_stack(from_wgs84_array(points[:, 0], points[:, 1], srid))

    moved = shapely.transform(shape, move)
    merged = shapely.line_merge(moved) if moved.geom_type == "MultiLineString" else moved
    return [part for part in shapely.get_parts(merged) if part.length > 0]


def _cut(line: Shape, wide: float, high: float) -> list[Shape]:
    """Pieces whose boxes fit into ``wide`` × ``high``, each as long as possible."""
    found: list[Shape] = []
    start = 0.0
    while start < line.length:
        low, end = start, line.length
        if not _fits(substring(line, start, end), wide, high):
            while end - low > max(1.0, line.length * 1e-5):
                middle = (low + end) / 2
                if _fits(substring(line, start, middle), wide, high):
                    low = middle
                else:
                    end = middle
            end = low
        found.append(substring(line, start, end))
        if end >= line.length - 1 or len(found) > MOST_SHEETS:
            break
        start = end - (end - start) * SHARED
    return found


def _fits(piece: Shape, wide: float, high: float) -> bool:
    west, south, east, north = piece.bounds
    return bool(east - west <= wide and north - south <= high)


def _frame(piece: Shape, srid: int, scale: int, room: Rect) -> Frame:
    west, south, east, north = piece.bounds
    return Frame(srid, (west + east) / 2, (south + north) / 2, scale, room)
