"""Approximate commune boundaries, derived from centres and published areas.

A power diagram (Voronoi cells with weights) is fitted inside a coarse outline until every cell has
about the published area of its commune. Large rivers are natural borders: the outline is cut along
them first. The result is a coverage: neighbours share their edge vertex by vertex.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from shapely import LineString as ShapelyLine
from shapely import Point as ShapelyPoint
from shapely import Polygon, STRtree, union_all
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, split

from sen.demo.plane import Line, Point, densify, line_to_plane, to_lonlat, to_plane, warp

EDGE_STEP_M = 320.0
_ROUNDS = 40
_NEIGHBOURS = 22


@dataclass(frozen=True)
class Site:
    """A commune before it has a boundary.

    Units: degrees for the centre, square kilometres for the land area.
    """

    code: str
    centre: Point
    land_km2: float


def _clip(ring: list[Point], a: float, b: float, c: float) -> list[Point]:
    """Keep the part of a convex ring where ``a·x + b·y <= c``."""
    result: list[Point] = []
    for (px, py), (qx, qy) in zip(ring, ring[1:] + ring[:1], strict=True):
        p_side, q_side = a * px + b * py - c, a * qx + b * qy - c
        if p_side <= 0.0:
            result.append((px, py))
        if (p_side < 0.0 < q_side) or (q_side < 0.0 < p_side):
            share = p_side / (p_side - q_side)
            result.append((px + (qx - px) * share, py + (qy - py) * share))
    return result


def _cell(i: int, seeds: Sequence[Point], weights: Sequence[float]) -> list[Point]:
    """The power cell of one seed within a frame around the province."""
    far = 200_000.0
    ring: list[Point] = [(-far, -far), (far, -far), (far, far), (-far, far)]
    x, y = seeds[i]
    order = sorted(
        (j for j in range(len(seeds)) if j != i), key=lambda j: math.dist(seeds[j], (x, y))
    )
    for j in order[:_NEIGHBOURS]:
        u, v = seeds[j]
        limit = (u * u + v * v - weights[j]) - (x * x + y * y - weights[i])
        ring = _clip(ring, 2.0 * (u - x), 2.0 * (v - y), limit)
        if len(ring) < 3:
            return []
    return ring


def _power_cells(region: Polygon, sites: Sequence[Site]) -> list[BaseGeometry]:
    """Fit the weights of one region and return its cells in the order of the sites."""
    if len(sites) == 1:
        return [region]
    seeds = [to_plane(site.centre) for site in sites]
    total = sum(site.land_km2 for site in sites)
    targets = [region.area * site.land_km2 / total for site in sites]
    weights = [0.0] * len(sites)
    cells: list[BaseGeometry] = []
    for turn in range(_ROUNDS):
        rings = [_cell(i, seeds, weights) for i in range(len(sites))]
        cells = [region.intersection(Polygon(r)) if len(r) > 2 else Polygon() for r in rings]
        if turn == _ROUNDS - 1:
            break
        for i, cell in enumerate(cells):
            nearest = min(math.dist(seeds[i], s) for j, s in enumerate(seeds) if j != i)
            change = 0.35 * (targets[i] - cell.area) / math.pi
            # A seed must stay inside its own cell: the weight may not outgrow its neighbourhood.
            limit = 0.8 * nearest * nearest
            weights[i] = max(-limit, min(limit, weights[i] + change))
    return cells


def cut_regions(outline: Sequence[Point], cuts: Sequence[Sequence[Point]]) -> list[Polygon]:
    """Cut the outline along rivers; degrees in, plane out."""
    pieces: list[Polygon] = [Polygon(line_to_plane(outline))]
    for cut in cuts:
        blade = ShapelyLine(line_to_plane(cut))
        pieces = [part for piece in pieces for part in split(piece, blade).geoms]
    return pieces


def _home(pieces: Sequence[Polygon], point: Point) -> int:
    """The index of the piece that holds a point, or the nearest one."""
    spot = ShapelyPoint(point)
    return min(range(len(pieces)), key=lambda i: pieces[i].distance(spot))


def _polish(face: Polygon) -> Polygon:
    """Give a face its natural edges."""

    def ring(points: Sequence[Point]) -> list[Point]:
        return [to_lonlat(warp(p)) for p in densify([(p[0], p[1]) for p in points], EDGE_STEP_M)]

    return Polygon(ring(face.exterior.coords), [ring(hole.coords) for hole in face.interiors])


def draw_communes(
    outline: Sequence[Point], cuts: Sequence[Sequence[Point]], sites: Sequence[Site]
) -> dict[str, tuple[tuple[Line, ...], ...]]:
    """Derive an approximate boundary for every commune.

    Shapes:
        A commune is a tuple of polygons, a polygon a tuple of closed rings in degrees.
    """
    pieces = cut_regions(outline, cuts)
    owners: list[list[Site]] = [[] for _ in pieces]
    for site in sites:
        owners[_home(pieces, to_plane(site.centre))].append(site)
    codes: list[str] = []
    cells: list[BaseGeometry] = []
    empty: list[Polygon] = []
    for piece, members in zip(pieces, owners, strict=True):
        if not members:
            empty.append(piece)
            continue
        codes += [site.code for site in members]
        cells += _power_cells(piece, members)
    faces = list(polygonize(union_all([cell.boundary for cell in [*cells, *empty]])))
    tree = STRtree(cells)
    parts: dict[str, list[Polygon]] = {code: [] for code in codes}
    for face in faces:
        index = int(tree.nearest(face.representative_point()))
        parts[codes[index]].append(face)
    return {code: plain(union_all([_polish(f) for f in parts[code]])) for code in codes}


def plain(shape: BaseGeometry) -> tuple[tuple[Line, ...], ...]:
    """Plain tuples of a polygon or a collection of them."""
    polygons = getattr(shape, "geoms", [shape])
    return tuple(
        tuple(
            tuple((float(x), float(y)) for x, y in ring.coords)
            for ring in (polygon.exterior, *polygon.interiors)
        )
        for polygon in polygons
        if isinstance(polygon, Polygon)
    )
