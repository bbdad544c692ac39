"""Roads before and after an operation as one drawing that needs no script."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WIDTH: Final = 900.0
HEIGHT: Final = 420.0
MARGIN: Final = 24.0
#: Lengths that a scale bar may have.
BARS_M: Final = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
_DEGREE_M: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class Picture:
    """Two sets of lines in one frame.

    Units:
        Paths in the drawing's own units, ``bar`` too; ``bar_m``: metres that it stands for.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    ends: tuple[tuple[float, float, str], ...]
    width: int
    height: int
    bar: float
    bar_text: str


def picture_of(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Picture | None:
    """The drawing, zoomed to what changed; None without any line."""
    every = [road["line"] for road in (*before, *after) if road["line"]]
    if not every:
        return None
    frame = _Frame(_window(before, after) or every)
    ends = [
        (*frame.at(road["line"][place]), road[name])
        for road in after
        if road["line"]
        for place, name in ((0, "start"), (-1, "end"))
    ]
    bar_m = max((one for one in BARS_M if one * frame.per_m < WIDTH / 3), default=BARS_M[0])
    return Picture(
        tuple(frame.path(road["line"]) for road in before if road["line"]),
        tuple(frame.path(road["line"]) for road in after if road["line"]),
        tuple((x, y, text) for x, y, text in ends if frame.shows(x, y)),
        round(WIDTH),
        round(HEIGHT),
        round(bar_m * frame.per_m, 1),
        f"{bar_m} m" if bar_m < 1000 else f"{bar_m // 1000} km",
    )


def _window(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[list[list[float]]] | None:
    """The vertices that only one of both states has, with their neighbours."""
    old = {tuple(point) for road in before for point in road["line"]}
    new = {tuple(point) for road in after for point in road["line"]}
    changed = [
        list(point)
        for road in (*before, *after)
        for i, point in enumerate(road["line"])
        if any(
            (tuple(near) in old) != (tuple(near) in new)
            for near in road["line"][max(0, i - 1) : i + 2]
        )
    ]
    return [changed] if len(changed) > 1 else None


class _Frame:
    """Degrees to the units of the drawing, north up."""

    def __init__(self, lines: Iterable[Sequence[Sequence[float]]]) -> None:
        points = [point for line in lines for point in line]
        self.west = min(x for x, _y in points)
        self.north = max(y for _x, y in points)
        east, south = max(x for x, _y in points), min(y for _x, y in points)
        self.squeeze = math.cos(math.radians((self.north + south) / 2))
        wide = max((east - self.west) * self.squeeze, 1e-4)
        high = max(self.north - south, 1e-4)
        self.scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
        self.left = (WIDTH - wide * self.scale) / 2
        self.top = (HEIGHT - high * self.scale) / 2
        self.per_m = self.scale / _DEGREE_M

    def at(self, point: Sequence[float]) -> tuple[float, float]:
        return (
            round(self.left + (point[0] - self.west) * self.squeeze * self.scale, 1),
            round(self.top + (self.north - point[1]) * self.scale, 1),
        )

    def path(self, line: Sequence[Sequence[float]]) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in map(self.at, line))

    def shows(self, x: float, y: float) -> bool:
        return 0 <= x <= WIDTH and 0 <= y <= HEIGHT
