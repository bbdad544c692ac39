"""District, commune and urban roads: a short network within every commune."""

from __future__ import annotations

import math
from typing import Any

from shapely import LineString
from shapely.geometry.base import BaseGeometry

from sen.demo.model import Commune
from sen.demo.plane import Line, Point, densify, smooth, to_plane, warp
from sen.demo.routes import Route, make_route
from sen.demo.source import chance, table
from sen.demo.territory import Locator

PER_COMMUNE = 4
_EDGE_M = 60.0


def _longest(line: list[Point], land: BaseGeometry) -> Line | None:
    """The longest piece of a line on dry land."""
    cut = LineString(line).intersection(land)
    pieces = [g for g in getattr(cut, "geoms", [cut]) if g.length > 350.0]
    if not pieces:
        return None
    return tuple((p[0], p[1]) for p in max(pieces, key=lambda g: g.length).coords)


def _street(centre: Point, turn: float, offset_m: float, half_m: float) -> list[Point]:
    """A nearly straight street of a town, one of two crossing families."""
    ux, uy = math.cos(turn), math.sin(turn)
    x, y = centre[0] - uy * offset_m, centre[1] + ux * offset_m
    return densify([(x - ux * half_m, y - uy * half_m), (x + ux * half_m, y + uy * half_m)], 250.0)


def _lane(centre: Point, turn: float, length_m: float) -> list[Point]:
    """A winding road from the centre of a rural commune outwards."""
    points = [centre]
    for step in range(1, 5):
        bend = turn + 0.5 * math.sin(2.1 * step + turn)
        x, y = points[-1]
        points.append((x + math.cos(bend) * length_m / 4, y + math.sin(bend) * length_m / 4))
    return [warp(p) for p in densify(smooth(points), 150.0)]


def _facts(commune: Commune, number: int, name: str, urban: bool) -> dict[str, Any]:
    """The attributes of one local road."""
    draw = chance(f"road facts/{commune.code}/{number}")
    label = f"{'ĐĐT' if urban else 'ĐX'}.{number:02d}"
    lanes = draw.choice((2, 2, 2, 4)) if urban else draw.choice((1, 1, 2))
    return {
        "code": f"{commune.code}-{label}",
        "number": label,
        "name": name,
        "manager_class": "urban" if urban else "commune",
        "technical_class": "do_thi" if urban else draw.choice(("A", "B", "B", "C")),
        "manager": f"UBND-{commune.code}",
        "lanes": lanes,
        "width_m": {1: 3.5, 2: 7.0, 4: 14.0}[lanes] if urban else {1: 3.5, 2: 5.5}[lanes],
        "surface": "asphalt" if urban else draw.choice(("asphalt", "concrete", "concrete")),
        "opened_year": draw.randint(1996, 2024),
        "status": "open",
        "posts": False,
    }


def _commune_routes(commune: Commune, land: BaseGeometry) -> list[Route]:
    """The short roads of one commune."""
    draw = chance(f"local roads/{commune.code}")
    urban = commune.kind == "phường"
    names = draw.sample(table("names")["streets" if urban else "commune_roads"], PER_COMMUNE + 2)
    centre = warp(to_plane(commune.centre))
    turn = draw.uniform(0.0, math.pi)
    reach = 1000.0 * math.sqrt(commune.area_km2)
    result: list[Route] = []
    for number in range(1, PER_COMMUNE + 1 + (2 if urban else 0)):
        if urban:
            family = turn + (math.pi / 2 if number % 2 else 0.0)
            offset = ((number + 1) // 2 - 2) * 480.0 + draw.uniform(-60.0, 60.0)
            line = _street(centre, family, offset, draw.uniform(500.0, 1100.0))
        else:
            heading = turn + number * 2.0 * math.pi / PER_COMMUNE
            line = _lane(centre, heading, draw.uniform(0.35, 0.6) * reach)
        piece = _longest(line, land)
        if piece is None:
            continue
        prefix = "Đường " if urban else ""
        fact = _facts(commune, number, prefix + names[number - 1], urban)
        result.append(make_route(fact, piece, commune.code))
    return result


def _district_route(
    commune: Commune, other: Commune, number: int, water: BaseGeometry
) -> Route | None:
    """A former district road between two neighbours that share their old district."""
    draw = chance(f"district road/{commune.code}")
    a, b = to_plane(commune.centre), to_plane(other.centre)
    bend = draw.uniform(-0.2, 0.2)
    middle = (
        (a[0] + b[0]) / 2 - bend * (b[1] - a[1]),
        (a[1] + b[1]) / 2 + bend * (b[0] - a[0]),
    )
    line = [warp(p) for p in densify(smooth([a, middle, b], 4), 180.0)]
    cut = LineString(line).difference(water)
    piece = max(getattr(cut, "geoms", [cut]), key=lambda g: g.length)
    if piece.length < 1_500.0:
        return None
    fact = {
        "code": f"{commune.code}-ĐH.{number:02d}",
        "number": f"ĐH.{number:02d}",
        "name": f"Đường huyện {number:02d} cũ ({commune.name} – {other.name})",
        "manager_class": "district",
        "technical_class": draw.choice(("V", "VI")),
        "manager": f"UBND-{commune.code}",
        "lanes": 2,
        "width_m": draw.choice((5.5, 6.0)),
        "surface": "asphalt",
        "opened_year": draw.randint(1998, 2019),
        "status": "open",
        "posts": False,
    }
    return make_route(fact, tuple((p[0], p[1]) for p in piece.coords), commune.code)


def build_local_routes(locator: Locator, water: BaseGeometry) -> tuple[Route, ...]:
    """All roads below the provincial ones."""
    result: list[Route] = []
    counters: dict[str, int] = {}
    linked: set[frozenset[str]] = set()
    for commune, shape in zip(locator.communes, locator.shapes, strict=True):
        land = shape.buffer(-_EDGE_M).difference(water)
        result += _commune_routes(commune, land)
        siblings = [
            c
            for c in locator.communes
            if c.old_district == commune.old_district and c.code != commune.code
        ]
        if not siblings:
            continue
        here = to_plane(commune.centre)
        other = min(siblings, key=lambda c: math.dist(to_plane(c.centre), here))
        pair = frozenset((commune.code, other.code))
        if pair in linked:
            continue
        linked.add(pair)
        number = counters[commune.old_district] = counters.get(commune.old_district, 60) + 1
        route = _district_route(commune, other, number, water)
        if route is not None:
            result.append(route)
    return tuple(result)
