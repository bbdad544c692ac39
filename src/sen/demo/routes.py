"""The main roads: smooth lines, km posts with drift, chainage by calibration."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Any

from shapely import LineString
from shapely import Point as ShapelyPoint

from sen.demo.model import PUBLIC, KmPost, Road
from sen.demo.plane import (
    Line,
    Point,
    Track,
    densify,
    line_to_lonlat,
    line_to_plane,
    smooth,
    to_lonlat,
    to_plane,
    warp,
)
from sen.demo.source import chance, table

_SNAP_M = 1_300.0
_STEP_M = 120.0


@dataclass(frozen=True)
class Route:
    """A road with everything that is needed to place things on it.

    ``distances`` and ``chainages`` are the calibration: pairs in rising order.
    """

    road: Road
    track: Track
    distances: tuple[float, ...]
    chainages: tuple[float, ...]

    def chainage_at(self, distance_m: float) -> float:
        """The official chainage at a distance from the start."""
        return _between(self.distances, self.chainages, distance_m)

    def distance_at(self, chainage_m: float) -> float:
        """The distance from the start at an official chainage."""
        return _between(self.chainages, self.distances, chainage_m)


def _between(known: tuple[float, ...], wanted: tuple[float, ...], value: float) -> float:
    i = min(max(bisect_right(known, value), 1), len(known) - 1)
    share = (value - known[i - 1]) / (known[i] - known[i - 1])
    return wanted[i - 1] + share * (wanted[i] - wanted[i - 1])


def chainage_text(chainage_m: float) -> str:
    """Write a chainage as officials do: Km32+145."""
    metres = round(chainage_m)
    return f"Km{metres // 1000}+{metres % 1000:03d}"


def _snap(point: Point, earlier: list[LineString]) -> Point:
    """Move the end of a road onto a more important road that it evidently meets."""
    spot = ShapelyPoint(point)
    best = min(earlier, key=lambda line: line.distance(spot), default=None)
    if best is None or best.distance(spot) > _SNAP_M:
        return point
    met = best.interpolate(best.project(spot))
    return (met.x, met.y)


def place_posts(code: str, length_m: float, start_m: float) -> tuple[list[float], list[int]]:
    """Distances and numbers of the km posts of a road.

    Posts stand where they once were measured: a little off everywhere, and after a realignment
    a kilometre may be far too long or too short.
    """
    draw = chance(f"posts/{code}")
    distances: list[float] = []
    numbers: list[int] = []
    number = int(-(-start_m // 1000))
    at = number * 1000.0 - start_m
    while at <= length_m:
        distances.append(round(at, 1))
        numbers.append(number)
        number += 1
        step = 1000.0 + draw.gauss(0.0, 7.0)
        if draw.random() < 0.045:
            step += draw.choice((-160.0, -110.0, 95.0, 140.0, 210.0))
        at += step
    return distances, numbers


def calibrate(
    length_m: float, start_m: float, posts: list[float], numbers: list[int]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Pairs of distance and chainage; beyond the posts a metre is a metre."""
    distances = list(posts)
    chainages = [number * 1000.0 for number in numbers]
    if not distances or distances[0] > 0.0:
        distances.insert(0, 0.0)
        chainages.insert(0, start_m)
    if distances[-1] < length_m:
        chainages.append(chainages[-1] + length_m - distances[-1])
        distances.append(length_m)
    return tuple(distances), tuple(chainages)


def make_route(fact: dict[str, Any], line: Line, commune_code: str = "") -> Route:
    """Build a route from facts and a line on the plane."""
    lonlat = line_to_lonlat(line)
    # What is placed along the road is measured on the rounded line that will be stored.
    track = Track.of([to_plane(p) for p in lonlat])
    start = float(fact.get("start_m", 0))
    posts, numbers = (
        place_posts(fact["code"], track.length_m, start) if fact.get("posts", True) else ([], [])
    )
    distances, chainages = calibrate(track.length_m, start, posts, numbers)
    road = Road(
        code=fact["code"],
        number=fact["number"],
        name=fact["name"],
        manager_class=fact["manager_class"],
        technical_class=fact["technical_class"],
        manager=fact["manager"],
        commune_code=commune_code,
        lanes=fact["lanes"],
        width_m=fact["width_m"],
        surface=fact["surface"],
        opened_year=fact["opened_year"],
        status=fact["status"],
        start_m=start,
        end_m=round(chainages[-1], 1),
        length_m=round(track.length_m, 1),
        data_class=fact.get("data_class", PUBLIC),
        line=lonlat,
    )
    return Route(road, track, distances, chainages)


def build_main_routes() -> tuple[Route, ...]:
    """The roads that are typed as facts, in the order of the file."""
    earlier: list[LineString] = []
    result: list[Route] = []
    for fact in table("roads")["road"]:
        points = list(line_to_plane(fact["points"]))
        points[0], points[-1] = _snap(points[0], earlier), _snap(points[-1], earlier)
        curve = smooth(points, 4)
        earlier.append(LineString(curve))
        result.append(make_route(fact, tuple(warp(p) for p in densify(curve, _STEP_M))))
    return tuple(result)


def build_km_posts(routes: tuple[Route, ...]) -> tuple[KmPost, ...]:
    """The km posts of the main roads."""
    result: list[KmPost] = []
    for route in routes:
        road = route.road
        draw = chance(f"post condition/{road.code}")
        first = bisect_left(route.chainages, road.start_m)
        for distance, chainage in list(zip(route.distances, route.chainages, strict=True))[first:]:
            if chainage % 1000.0 or chainage > road.end_m:
                continue
            km = int(chainage // 1000)
            result.append(
                KmPost(
                    code=f"{road.code}/Km{km}",
                    road_code=road.code,
                    km=km,
                    distance_m=distance,
                    condition=draw.choices(("good", "fair", "poor"), (80, 15, 5))[0],
                    position=to_lonlat(route.track.at(distance)),
                )
            )
    return tuple(result)
