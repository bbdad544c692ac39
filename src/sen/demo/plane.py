"""Plane geometry of the demonstration: a local metric plane, smoothing, natural wiggle.

Everything that is generated is drawn in metres on one flat plane and turned into WGS 84 at the
end. The plane is a plain equirectangular one: over the province its scale is wrong by at most
0.15 %, which is far below the accuracy of the typed facts.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
Line = tuple[Point, ...]

ORIGIN_LON, ORIGIN_LAT = 105.9, 10.5
_METRES_PER_DEGREE_LAT = 110_574.0 + 1_120.0 * math.sin(math.radians(ORIGIN_LAT)) ** 2
_METRES_PER_DEGREE_LON = 111_320.0 * math.cos(math.radians(ORIGIN_LAT))
_DECIMALS = 6

# Wave length (m), amplitude (m), direction (rad), phase of the waves that make edges natural.
_WAVES = (
    (5_100.0, 190.0, 0.4, 1.3),
    (3_300.0, 120.0, 1.9, 0.2),
    (2_100.0, 70.0, 2.8, 2.1),
    (1_300.0, 40.0, 0.9, 4.4),
)


def to_plane(point: Sequence[float]) -> Point:
    """Turn degrees into metres on the plane.

    Units: degrees (longitude, latitude) in; metres east and north of the origin out.
    """
    return (
        (point[0] - ORIGIN_LON) * _METRES_PER_DEGREE_LON,
        (point[1] - ORIGIN_LAT) * _METRES_PER_DEGREE_LAT,
    )


def to_lonlat(point: Sequence[float]) -> Point:
    """Turn metres on the plane into degrees, rounded to about 0.1 m."""
    return (
        round(point[0] / _METRES_PER_DEGREE_LON + ORIGIN_LON, _DECIMALS),
        round(point[1] / _METRES_PER_DEGREE_LAT + ORIGIN_LAT, _DECIMALS),
    )


def line_to_plane(points: Iterable[Sequence[float]]) -> Line:
    """Turn a line of degrees into a line on the plane."""
    return tuple(to_plane(point) for point in points)


def line_to_lonlat(points: Iterable[Sequence[float]]) -> Line:
    """Turn a line on the plane into degrees."""
    return tuple(to_lonlat(point) for point in points)


def warp(point: Sequence[float]) -> Point:
    """Shift a point by a smooth field, so that straight edges look like grown ones.

    The field is the same for every layer and bends space by less than a fifth, so neighbours
    stay neighbours: a coverage without gaps stays one.
    """
    x, y = point[0], point[1]
    dx = dy = 0.0
    for length, amplitude, direction, phase in _WAVES:
        k = 2.0 * math.pi / length
        along = k * (x * math.cos(direction) + y * math.sin(direction)) + phase
        across = k * (y * math.cos(direction) - x * math.sin(direction)) + 2.0 * phase
        dx += 0.5 * amplitude * math.sin(across)
        dy += 0.5 * amplitude * math.sin(along)
    return (x + dx, y + dy)


def densify(points: Sequence[Point], step_m: float) -> list[Point]:
    """Add vertices so that none are further apart than the step.

    An edge gets the same new vertices whichever way it runs: two neighbours that share it keep
    sharing it.
    """
    result: list[Point] = [points[0]]
    for start, end in pairwise(points):
        low, high = (start, end) if start <= end else (end, start)
        count = max(1, math.ceil(math.dist(low, high) / step_m))
        inner = [
            (low[0] + (high[0] - low[0]) * i / count, low[1] + (high[1] - low[1]) * i / count)
            for i in range(1, count)
        ]
        result += inner if start <= end else inner[::-1]
        result.append(end)
    return result


def smooth(points: Sequence[Point], rounds: int = 3) -> list[Point]:
    """Cut the corners of a line (Chaikin); its ends stay."""
    line = list(points)
    for _ in range(rounds):
        if len(line) < 3:
            return line
        cut: list[Point] = [line[0]]
        for (ax, ay), (bx, by) in pairwise(line):
            cut.append((0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by))
            cut.append((0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by))
        cut.append(line[-1])
        del cut[1], cut[-2]
        line = cut
    return line


@dataclass(frozen=True)
class Track:
    """A line with the distance of each vertex from its start.

    Units: metres.
    """

    points: Line
    distances: tuple[float, ...]

    @classmethod
    def of(cls, points: Sequence[Point]) -> Track:
        """Measure a line."""
        distances = [0.0]
        for start, end in pairwise(points):
            distances.append(distances[-1] + math.dist(start, end))
        return cls(tuple(points), tuple(distances))

    @property
    def length_m(self) -> float:
        """The length of the whole line."""
        return self.distances[-1]

    def at(self, distance_m: float) -> Point:
        """The point at a distance from the start."""
        distance_m = min(max(distance_m, 0.0), self.length_m)
        i = min(bisect_right(self.distances, distance_m), len(self.points) - 1)
        start, end = self.points[i - 1], self.points[i]
        span = self.distances[i] - self.distances[i - 1]
        share = (distance_m - self.distances[i - 1]) / span if span else 0.0
        return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)

    def heading(self, distance_m: float) -> float:
        """The direction of the line at a distance, in radians from east, anticlockwise."""
        before, after = self.at(distance_m - 5.0), self.at(distance_m + 5.0)
        return math.atan2(after[1] - before[1], after[0] - before[0])

    def beside(self, distance_m: float, offset_m: float) -> Point:
        """The point at a distance along and an offset to the right of the line."""
        x, y = self.at(distance_m)
        angle = self.heading(distance_m)
        return (x + offset_m * math.sin(angle), y - offset_m * math.cos(angle))

    def part(self, from_m: float, to_m: float) -> Line:
        """The piece of the line between two distances."""
        inner = [
            point
            for point, distance in zip(self.points, self.distances, strict=True)
            if from_m < distance < to_m
        ]
        return (self.at(from_m), *inner, self.at(to_m))
